//! MISP feeds: `manifest.json` and a file for each event, in a folder or on the web.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use ureq::Agent;
use ureq::http::{Request, StatusCode, Uri, header};

use super::indicator::Template;
use super::misp;
use super::taking::Taking;
use crate::cli::output::{counted, tell};
use crate::cli::{Exit, Failure};

/// Octets of the largest manifest.
const LARGEST_MANIFEST: u64 = 64 << 20;
/// Octets of the largest event.
const LARGEST_EVENT: u64 = 256 << 20;
/// Redirects that are followed, all of them on the host that was named.
const MOST_REDIRECTS: usize = 4;

/// A feed.
pub(crate) enum Feed {
    Folder(PathBuf),
    Web(Web),
}

/// A feed on the web.
pub(crate) struct Web {
    agent: Agent,
    /// Without a slash at its end.
    url: String,
    /// The value of `Authorization`, when one is sent.
    authorization: Option<String>,
}

/// The feed that a name on the command line means; none when it means a file.
///
/// # Errors
/// When it looks like a URL and is none.
pub(crate) fn find(path: &Path, authorization: Option<&str>) -> anyhow::Result<Option<Feed>> {
    if let Some(text) = path.to_str().filter(|text| text.contains("://")) {
        return Web::new(text, authorization).map(|web| Some(Feed::Web(web)));
    }
    let is_feed = path.join("manifest.json").is_file();
    Ok(is_feed.then(|| Feed::Folder(path.to_owned())))
}

impl Feed {
    /// Takes the events that the manifest names, in its order. An event that cannot be had is told
    /// and does not stop the others.
    ///
    /// # Errors
    /// When the manifest cannot be had or read, or the node cannot be written.
    pub(crate) fn read(&self, template: &Template, taking: &mut Taking<'_>) -> anyhow::Result<()> {
        let name = self.name("manifest.json");
        let bytes = self.get("manifest.json", LARGEST_MANIFEST)?;
        let manifest: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&bytes)
            .with_context(|| format!("{name} is no manifest of a MISP feed"))?;
        let count = manifest.len() as u64;
        tell(&format!("{name}: {}", counted(count, "event", "events")));
        for uuid in manifest.keys() {
            let file = format!("{uuid}.json");
            let name = self.name(&file);
            // What becomes part of a path or an address is a UUID and nothing else.
            if uuid::Uuid::try_parse(uuid).is_err() {
                taking.refuse(
                    &name,
                    1,
                    "the manifest names an event by something else than a UUID",
                );
                continue;
            }
            match self.get(&file, LARGEST_EVENT) {
                Err(error) => taking.refuse(&name, 1, &format!("{error:#}")),
                Ok(bytes) => {
                    if let Err(error) = misp::take(&name, &bytes, template, taking) {
                        if !super::is_about_the_file(&error) {
                            return Err(error);
                        }
                        taking.refuse(&name, 1, &format!("{error:#}"));
                    }
                    taking.flush()?;
                }
            }
        }
        Ok(())
    }

    fn name(&self, file: &str) -> String {
        match self {
            Feed::Folder(folder) => folder.join(file).display().to_string(),
            Feed::Web(web) => format!("{}/{file}", web.url),
        }
    }

    fn get(&self, file: &str, limit: u64) -> anyhow::Result<Vec<u8>> {
        match self {
            Feed::Web(web) => web.get(file, limit),
            Feed::Folder(folder) => {
                let path = folder.join(file);
                let cannot = || format!("cannot read {}", path.display());
                let mut bytes = Vec::new();
                let file = File::open(&path).with_context(cannot)?;
                file.take(limit + 1)
                    .read_to_end(&mut bytes)
                    .with_context(cannot)?;
                if bytes.len() as u64 > limit {
                    anyhow::bail!("it is larger than {} MiB", limit >> 20);
                }
                Ok(bytes)
            }
        }
    }
}

impl Web {
    fn new(text: &str, authorization: Option<&str>) -> anyhow::Result<Self> {
        let wrong = || {
            Failure::usage(format!(
                "'{text}' is no address of a MISP feed: use https://HOST/PATH, where manifest.json is"
            ))
        };
        let url = text.trim_end_matches("manifest.json").trim_end_matches('/');
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        if !is_web || uri.host().is_none() || uri.query().is_some() {
            return Err(wrong().into());
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_mins(10)))
            .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Web {
            agent: config.into(),
            url: url.to_owned(),
            authorization: authorization.map(str::to_owned),
        })
    }

    fn get(&self, file: &str, limit: u64) -> anyhow::Result<Vec<u8>> {
        let mut address = format!("{}/{file}", self.url);
        for _ in 0..=MOST_REDIRECTS {
            let remote = |words: String| Failure::new(Exit::Remote, format!("{address}: {words}"));
            let mut request = Request::builder()
                .uri(&address)
                .header(header::ACCEPT, "application/json");
            if let Some(value) = &self.authorization {
                request = request.header(header::AUTHORIZATION, value);
            }
            let answer = self.agent.run(request.body(())?);
            let answer = answer.map_err(|error| remote(error.to_string()))?;
            let status = answer.status();
            if status.is_redirection() {
                let to = answer.headers().get(header::LOCATION);
                let to = to.and_then(|to| to.to_str().ok()).unwrap_or_default();
                address = same_host(&address, to).ok_or_else(|| {
                    remote(format!(
                        "it sends on to '{to}', which is another host: name that one instead"
                    ))
                })?;
                continue;
            }
            if !status.is_success() {
                let exit = match status {
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::Authentication,
                    _ => Exit::Remote,
                };
                return Err(Failure::new(exit, format!("{address}: {status}")).into());
            }
            let mut body = answer.into_body();
            let bytes = body.with_config().limit(limit).read_to_vec();
            return Ok(bytes.map_err(|error| remote(error.to_string()))?);
        }
        let words = format!("{address}: it sends on again and again");
        Err(Failure::new(Exit::Remote, words).into())
    }
}

/// Where a redirect leads, if that is on the same host and no less safe.
fn same_host(from: &str, to: &str) -> Option<String> {
    let base: Uri = from.parse().ok()?;
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    if to.starts_with('/') && !to.starts_with("//") {
        return Some(format!("{scheme}://{authority}{to}"));
    }
    let target: Uri = to.parse().ok()?;
    let safe = target.scheme_str() == Some("https") || target.scheme_str() == Some(scheme);
    let same = target.host()?.eq_ignore_ascii_case(base.host()?);
    let same_port = target.port_u16() == base.port_u16() || target.scheme_str() != Some(scheme);
    (safe && same && same_port).then(|| to.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_host() {
        let from = "http://feed.example/a/manifest.json";
        let allowed = |to: &str| same_host(from, to).is_some();
        assert!(allowed("/b/manifest.json"));
        assert!(allowed("https://feed.example/a/manifest.json"));
        assert!(!allowed("http://feed.example:8080/a/manifest.json"));
        assert!(!allowed("//other.example/"));
        assert!(!allowed("http://127.0.0.1/"));
        assert!(same_host("https://feed.example/", "http://feed.example/").is_none());
    }

    #[test]
    fn only_web_addresses_are_feeds_on_the_web() {
        assert!(Web::new("https://feed.example/misp/manifest.json", None).is_ok());
        for wrong in [
            "ftp://feed.example/",
            "https://",
            "https://feed.example/?a=b",
        ] {
            assert!(Web::new(wrong, None).is_err(), "{wrong}");
        }
    }
}
