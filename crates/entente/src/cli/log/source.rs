//! Where a log is read: a directory of its files, or a URL under which they are served.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use node::log::directory::Directory;
use node::log::note::{Note, SIZE_LIMIT, VerifierKey};
use node::log::tile::{Tile, TileError, Tiles};
use ureq::Agent;
use ureq::http::{Response, StatusCode, Uri, header};

use super::trust::parse_key;
use crate::cli::{Exit, Failure};

/// Requests under way at once.
const AT_ONCE: usize = 16;
/// How often a server that fails is asked.
const ATTEMPTS: u32 = 4;

/// A log's files.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Directory(Directory),
    Remote(Remote),
}

/// A log's files over HTTP.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    agent: Agent,
    prefix: String,
}

/// Why a server gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("{0}")]
    Transport(#[from] ureq::Error),
    #[error("it answers {0}")]
    Status(StatusCode),
    #[error("it answers more than {0} octets")]
    TooLarge(usize),
    #[error("its answer breaks off: {0}")]
    Broken(io::Error),
}

impl Source {
    /// The log at a URL or in a directory. A node's own address stands for the log under it.
    ///
    /// # Errors
    /// When it is neither, or there is no checkpoint.
    pub(super) fn open(place: &str) -> anyhow::Result<Self> {
        if !place.contains("://") {
            let directory = Directory::new(place);
            if !Path::new(place).is_dir() {
                let words =
                    format!("'{place}' is neither a directory nor a URL with http:// or https://");
                return Err(Failure::new(Exit::Local, words).into());
            }
            return Ok(Source::Directory(directory));
        }
        let mut remote = Remote::new(place)?;
        if remote
            .get("checkpoint", SIZE_LIMIT)
            .is_ok_and(|found| found.is_none())
        {
            let below = Remote::new(&format!("{}/log", remote.prefix))?;
            if below
                .get("checkpoint", SIZE_LIMIT)
                .is_ok_and(|found| found.is_some())
            {
                remote = below;
            }
        }
        Ok(Source::Remote(remote))
    }

    /// The checkpoint as it stands, unchecked.
    ///
    /// # Errors
    /// When there is none, it is no note, or nobody answers.
    pub(super) fn checkpoint(&self) -> anyhow::Result<Note> {
        let octets = match self {
            Source::Directory(directory) => directory.checkpoint().map_err(|error| {
                Failure::new(
                    Exit::Local,
                    format!("{self}: cannot read 'checkpoint': {error}"),
                )
            })?,
            Source::Remote(remote) => {
                let found = remote.get("checkpoint", SIZE_LIMIT);
                let found = found.map_err(|error| self.unreachable(&error))?;
                found.ok_or_else(|| {
                    Failure::new(Exit::Remote, format!("{self}: there is no checkpoint"))
                })?
            }
        };
        let note = Note::parse(&octets);
        Ok(note.map_err(|error| {
            Failure::new(Exit::Proof, format!("{self}: the checkpoint: {error}"))
        })?)
    }

    /// The key that stands beside the checkpoint, if one does. It proves nothing by itself.
    pub(super) fn served_key(&self) -> Option<VerifierKey> {
        let octets = match self {
            Source::Directory(directory) => std::fs::read(directory.path().join("key")).ok()?,
            Source::Remote(remote) => remote.get("key", 4096).ok()??,
        };
        parse_key(str::from_utf8(&octets).ok()?).ok()
    }

    /// How many reads are worth doing at once.
    pub(super) fn threads(&self) -> usize {
        match self {
            Source::Directory(_) => thread::available_parallelism().map_or(1, Into::into),
            Source::Remote(_) => AT_ONCE,
        }
    }

    fn unreachable(&self, error: &Unreachable) -> Failure {
        Failure::new(Exit::Remote, format!("{self}: {error}"))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Directory(directory) => write!(out, "{}", directory.path().display()),
            Source::Remote(remote) => out.write_str(&remote.prefix),
        }
    }
}

impl Tiles for Source {
    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError> {
        match self {
            Source::Directory(directory) => directory.read(tile),
            Source::Remote(remote) => remote.read(tile),
        }
    }
}

impl Remote {
    /// A log under a URL.
    ///
    /// # Errors
    /// When it is no HTTP URL.
    pub(super) fn new(url: &str) -> anyhow::Result<Self> {
        let uri: Option<Uri> = url.parse().ok();
        let usable = uri.is_some_and(|uri| {
            uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https"))
        });
        if !usable {
            return Err(Failure::usage(format!("'{url}' is no http:// or https:// URL")).into());
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_mins(2)))
            .max_idle_connections_per_host(AT_ONCE)
            .max_idle_connections(AT_ONCE)
            .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Remote {
            agent: config.into(),
            prefix: url.trim_end_matches('/').to_owned(),
        })
    }

    /// What is served at a path, unpacked; none when there is nothing. Asks again when the server
    /// stumbles.
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, Unreachable> {
        let mut wait = Duration::from_millis(200);
        for _ in 1..ATTEMPTS {
            match self.once(path, limit) {
                Err(Unreachable::Status(status))
                    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {}
                Err(Unreachable::Broken(_)) => {}
                answer => return answer,
            }
            thread::sleep(wait);
            wait *= 3;
        }
        self.once(path, limit)
    }

    fn once(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, Unreachable> {
        let request = self.agent.get(format!("{}/{path}", self.prefix));
        let response = request
            .header(header::ACCEPT_ENCODING, "gzip, identity")
            .call()?;
        match response.status() {
            StatusCode::OK => {}
            // Static servers answer 403 where a folder may not be listed.
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN => return Ok(None),
            status => return Err(Unreachable::Status(status)),
        }
        body(response, limit).map(Some)
    }
}

impl Tiles for Remote {
    /// A partial tile that is gone is taken from the full one.
    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError> {
        let get = |tile: Tile| {
            let found = self.get(&tile.to_string(), tile.limit());
            found.map_err(|source| TileError::Unreadable {
                tile,
                source: source.into(),
            })
        };
        if let Some(octets) = get(tile)? {
            return Ok(octets);
        }
        match get(tile.full())? {
            Some(octets) => Ok(tile.prefix(&octets)?.to_vec()),
            None => Err(TileError::Absent { tile }),
        }
    }
}

fn body(response: Response<ureq::Body>, limit: usize) -> Result<Vec<u8>, Unreachable> {
    let packed = response.headers().get(header::CONTENT_ENCODING);
    let packed = packed.is_some_and(|coding| coding == "gzip");
    let reader = response.into_body().into_reader();
    let mut reader: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(reader))
    } else {
        Box::new(reader)
    };
    let mut octets = Vec::new();
    let most = limit as u64 + 1;
    reader
        .by_ref()
        .take(most)
        .read_to_end(&mut octets)
        .map_err(Unreachable::Broken)?;
    if octets.len() > limit {
        return Err(Unreachable::TooLarge(limit));
    }
    Ok(octets)
}
