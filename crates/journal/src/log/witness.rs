//! A witness: sees to it that a log only grows, and says so (C2SP tlog-witness, `add-checkpoint`).
//!
//! What is cosigned is on disk before anybody gets the cosignature. A crash leaves the record as
//! it was before or after, and at worst a cosignature that nobody got. A witness whose records are
//! restored from an old backup may cosign another history of the log from there on: keep them.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::str;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::checkpoint::Checkpoint;
use super::hash::{EMPTY_ROOT, Hash};
use super::note::{self, CosigningKey, Kind, Note, Signature, VerifierKey};
use super::proof::{self, ProofError};
use super::{decimal, hash_of_base64};

/// The most hashes of a request's proof.
pub const LONGEST_PROOF: usize = 63;
/// The largest request taken, in octets.
pub const SIZE_LIMIT: usize = note::SIZE_LIMIT + 4096;

/// The body of `POST <prefix>/add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The size that the witness cosigned last, as far as the log knows.
    pub old: u64,
    /// From there to the checkpoint.
    pub proof: Vec<Hash>,
    /// The log's checkpoint.
    pub checkpoint: Note,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: seen, and recorded.
    Cosigned(Signature),
    /// 400: not of the form of a request, or the log shrinks.
    Malformed(String),
    /// 403: no signature by a key that is trusted for this log holds.
    Untrusted(String),
    /// 404: nobody asked this witness to follow that log.
    UnknownLog,
    /// 409: the witness cosigned another size last, which this is; or another root of this size.
    Conflict(u64),
    /// 422: the log did not grow from what was cosigned last.
    Inconsistent(String),
}

/// Why a witness does not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// Another process witnesses in that directory.
    #[error("{} is in use by another witness", .0.display())]
    Locked(PathBuf),
    /// A record cannot be read or written. Nothing was cosigned.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A record is none. Nothing is cosigned for that log: another history could be.
    #[error("{}: is not what was cosigned last for '{origin}': restore it from a backup", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The log.
        origin: String,
    },
    /// A key that is no log's.
    #[error("'{0}' is not the key of a log: it is of type 0x04")]
    NoLog(String),
}

/// A witness with its records.
pub struct Witness {
    directory: PathBuf,
    key: CosigningKey,
    logs: HashMap<String, Log>,
    _lock: File,
}

struct Log {
    keys: Vec<VerifierKey>,
    /// What was cosigned last. Whoever decides holds it until the answer is on disk.
    latest: Mutex<Option<Note>>,
}

impl Request {
    /// Reads a request's body.
    ///
    /// # Errors
    /// What is wrong, with the line.
    pub fn parse(octets: &[u8]) -> Result<Self, String> {
        if octets.len() > SIZE_LIMIT {
            return Err(format!("a request has at most {SIZE_LIMIT} octets"));
        }
        let mut rest = octets;
        let mut next = |number: usize| {
            let end = rest.iter().position(|octet| *octet == b'\n');
            let (line, after) = end.and_then(|end| rest.split_at_checked(end)).unzip();
            rest = after.and_then(|after| after.get(1..)).unwrap_or_default();
            let line = line.and_then(|line| str::from_utf8(line).ok());
            line.ok_or_else(|| format!("line {number} is missing, or no text"))
        };
        let old = next(1)?.strip_prefix("old ").and_then(decimal);
        let old = old.ok_or("line 1 is not 'old', a space and decimal digits")?;
        let mut proof = Vec::new();
        loop {
            let number = proof.len() + 2;
            let line = next(number)?;
            if line.is_empty() {
                break;
            }
            if proof.len() == LONGEST_PROOF {
                return Err(format!("line {number} is a hash too many"));
            }
            let hash = hash_of_base64(line);
            proof.push(hash.ok_or_else(|| format!("line {number} is no hash in base64"))?);
        }
        let checkpoint = Note::parse(rest).map_err(|error| format!("the checkpoint: {error}"))?;
        Ok(Self {
            old,
            proof,
            checkpoint,
        })
    }
}

impl fmt::Display for Request {
    /// The body that [`Request::parse`] reads.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(out, "{}", STANDARD.encode(hash))?;
        }
        write!(out, "\n{}", self.checkpoint)
    }
}

/// Decides on a request: the checkpoint to record and to cosign, or why not.
///
/// `keys` are those trusted for the checkpoint's origin, none when nobody is; `latest` is the
/// checkpoint that was cosigned last for it.
///
/// # Errors
/// The [`Answer`], which is not [`Answer::Cosigned`].
pub fn decide(
    request: &Request,
    keys: Option<&[VerifierKey]>,
    latest: Option<&Checkpoint>,
) -> Result<Checkpoint, Answer> {
    let keys = keys.ok_or(Answer::UnknownLog)?;
    let malformed = |error: String| Answer::Malformed(error);
    let verified = request.checkpoint.verify(keys);
    verified.map_err(|error| Answer::Untrusted(error.to_string()))?;
    let new = Checkpoint::parse(request.checkpoint.text());
    let new = new.map_err(|error| malformed(error.to_string()))?;
    if request.old > new.size() {
        let words = "the old size is larger than the checkpoint's";
        return Err(malformed(words.to_owned()));
    }
    let size = latest.map_or(0, Checkpoint::size);
    if request.old != size {
        return Err(Answer::Conflict(size));
    }
    let root = latest.map_or(&EMPTY_ROOT, Checkpoint::root);
    match proof::verify_consistency(size, root, new.size(), new.root(), &request.proof) {
        Ok(()) => Ok(new),
        Err(ProofError::Root { .. }) if size == new.size() => Err(Answer::Conflict(size)),
        Err(error) => Err(Answer::Inconsistent(error.to_string())),
    }
}

impl Answer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Answer::Cosigned(_) => 200,
            Answer::Malformed(_) => 400,
            Answer::Untrusted(_) => 403,
            Answer::UnknownLog => 404,
            Answer::Conflict(_) => 409,
            Answer::Inconsistent(_) => 422,
        }
    }

    /// The media type of the body.
    pub fn content_type(&self) -> &'static str {
        match self {
            Answer::Conflict(_) => "text/x.tlog.size",
            _ => "text/plain; charset=utf-8",
        }
    }

    /// The body: signature lines, a size, or words for people.
    pub fn body(&self) -> String {
        match self {
            Answer::Cosigned(signature) => signature.to_string(),
            Answer::Conflict(size) => format!("{size}\n"),
            Answer::UnknownLog => "this witness does not follow that log\n".to_owned(),
            Answer::Malformed(words) | Answer::Untrusted(words) | Answer::Inconsistent(words) => {
                format!("{words}\n")
            }
        }
    }
}

impl Witness {
    /// Opens the records in `directory`, which is made if need be, to witness the logs of these
    /// keys; a log may have several keys of one name, its origin.
    ///
    /// # Errors
    /// Any [`WitnessError`].
    pub fn open(
        directory: impl Into<PathBuf>,
        key: CosigningKey,
        keys: impl IntoIterator<Item = VerifierKey>,
    ) -> Result<Self, WitnessError> {
        let directory = directory.into();
        fs::create_dir_all(&directory).map_err(|error| io("make", &directory, error))?;
        let path = directory.join("LOCK");
        let lock = File::create(&path).map_err(|error| io("make", &path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(WitnessError::Locked(directory)),
            Err(TryLockError::Error(error)) => return Err(io("lock", &path, error)),
        }
        let mut logs: HashMap<String, Log> = HashMap::new();
        for key in keys {
            if key.kind() != Kind::Note {
                return Err(WitnessError::NoLog(key.to_string()));
            }
            let origin = key.name().to_owned();
            if let Some(log) = logs.get_mut(&origin) {
                log.keys.push(key);
                continue;
            }
            let latest = Mutex::new(read(&record_of(&directory, &origin), &origin)?);
            let keys = vec![key];
            logs.insert(origin, Log { keys, latest });
        }
        Ok(Self {
            directory,
            key,
            logs,
            _lock: lock,
        })
    }

    /// The key that it cosigns with.
    pub fn key(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The origins of the logs that it follows.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// What it cosigned last for a log, with the cosignature.
    pub fn latest(&self, origin: &str) -> Option<Note> {
        let log = self.logs.get(origin)?;
        let latest = log.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.clone()
    }

    /// Answers `add-checkpoint` at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// [`WitnessError::Io`] when the record could not be made durable: nothing is cosigned then,
    /// and the record is as it was, or is the new one.
    pub fn add_checkpoint(&self, body: &[u8], now: u64) -> Result<Answer, WitnessError> {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(words) => return Ok(Answer::Malformed(words)),
        };
        let text = request.checkpoint.text();
        // The origin decides who may sign; the rest of the text is read when someone did.
        let origin = text.split('\n').next().unwrap_or_default();
        let Some(log) = self.logs.get(origin) else {
            return Ok(decide(&request, None, None)
                .err()
                .unwrap_or(Answer::UnknownLog));
        };
        let mut latest = log.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let before = latest.as_ref().map(|note| Checkpoint::parse(note.text()));
        let path = record_of(&self.directory, origin);
        let before = before.transpose().map_err(|_| damaged(&path, origin))?;
        if let Err(answer) = decide(&request, Some(&log.keys), before.as_ref()) {
            return Ok(answer);
        }
        let signature = self.key.cosign(text, now);
        let own = request.checkpoint.signatures().iter();
        let mut own = own.filter(|line| log.keys.iter().any(|key| key.is_named_by(line)));
        // Whatever else a log sends along is not kept.
        let kept = own.next().cloned().unwrap_or_else(|| signature.clone());
        let record = Note::new(text, kept).and_then(|mut note| {
            note.add(signature.clone())?;
            Ok(note)
        });
        let record = match record {
            Ok(record) => record,
            Err(error) => return Ok(Answer::Malformed(error.to_string())),
        };
        write(&path, &record.to_string())?;
        *latest = Some(record);
        Ok(Answer::Cosigned(signature))
    }
}

fn io(action: &'static str, path: &Path, source: io::Error) -> WitnessError {
    let path = path.to_owned();
    WitnessError::Io {
        action,
        path,
        source,
    }
}

fn damaged(path: &Path, origin: &str) -> WitnessError {
    WitnessError::Damaged {
        path: path.to_owned(),
        origin: origin.to_owned(),
    }
}

/// Origins are any text; files are named after their hashes.
fn record_of(directory: &Path, origin: &str) -> PathBuf {
    let mut name = String::with_capacity(64);
    for octet in Sha256::digest(origin) {
        // Writing to a string does not fail.
        let _ = write!(name, "{octet:02x}");
    }
    directory.join(name)
}

fn read(path: &Path, origin: &str) -> Result<Option<Note>, WitnessError> {
    let mut octets = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io("open", path, error)),
        Ok(file) => {
            let limit = note::SIZE_LIMIT as u64 + 1;
            let read = file.take(limit).read_to_end(&mut octets);
            read.map_err(|error| io("read", path, error))?;
        }
    }
    let note = Note::parse(&octets).map_err(|_| damaged(path, origin))?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|_| damaged(path, origin))?;
    if checkpoint.origin() != origin {
        return Err(damaged(path, origin));
    }
    Ok(Some(note))
}

/// The whole file, durable before this returns; after a crash it is the old one or the new one.
fn write(path: &Path, text: &str) -> Result<(), WitnessError> {
    let unfinished = path.with_extension("new");
    let mut file = File::create(&unfinished).map_err(|error| io("make", &unfinished, error))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| io("write", &unfinished, error))?;
    fs::rename(&unfinished, path).map_err(|error| io("replace", path, error))?;
    let directory = path.parent().unwrap_or(Path::new("."));
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(|error| io("sync", directory, error))
}
