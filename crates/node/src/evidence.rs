//! What lies beside the journal: attachments of requests, and whom to ask about them.
//!
//! An attachment is a file of its digest's name, kept once however often it is sent; entries name it by
//! digest. Who sent what is a small file of its own, so that a party can only attach what it has sent
//! itself, and nothing tells whether a digest is here already. A contact is a file of its own under a
//! salted commitment, which is all that the entry holds: when the file is gone nobody learns from the
//! entry who it was.
//!
//! ```text
//! evidence/<sha256>                  the bytes
//! evidence/uploads/<party>/<sha256>  when it was sent, and its size
//! evidence/contacts/<commitment>     16 octets of salt, name and address in postcard's format
//! ```
//!
//! Files are written under another name, fsynced and renamed: each is whole or absent. A crash before the
//! rename leaves what the next start sweeps up; one between two files leaves bytes that nobody named,
//! swept up a day later. A missing or damaged file is told when it is read; its case goes on.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::act::Error;
use crate::batch::fill;
use crate::clock::{DAY, Instant};
use crate::entry::SALT;
use crate::request::Contact;

/// SHA-256 of a file, or the commitment to a contact.
pub(crate) type Digest = [u8; 32];

/// Whether an entry of a party, or of any, names a digest.
pub(crate) type Named<'n> = dyn Fn(Option<&str>, &Digest) -> Result<bool, Error> + 'n;

/// How long what was sent may wait to be attached, in microseconds.
const WAITS: i64 = DAY;
/// How long after that it is swept up: an entry that names it may be on its way.
const GRACE: i64 = 3600 * 1_000_000;
/// Octets that a file counts at least: what it takes on a disk, however small it is.
const LEAST: u64 = 4096;
const UPLOADS: &str = "uploads";
const CONTACTS: &str = "contacts";
/// What the name of a file ends in that is not whole.
const PART: &str = ".part";

/// How much may be kept.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of one attachment.
    pub file: u64,
    /// Octets of all attachments of a party; each counts 4 KiB at least.
    pub party: u64,
}

impl Default for Limits {
    /// 25 MiB, and 2 GiB.
    fn default() -> Self {
        Limits {
            file: 25 << 20,
            party: 2 << 30,
        }
    }
}

/// What a party sent.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Upload {
    at: i64,
    bytes: u64,
}

/// The files of one node.
pub(crate) struct Evidences {
    place: Place,
    pub(crate) limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    uploads: BTreeMap<(String, Digest), Upload>,
    /// How many parties sent each.
    senders: HashMap<Digest, u32>,
    /// Octets by party.
    totals: HashMap<String, u64>,
    /// What entries were decided with since this node was opened: kept whatever the views say yet.
    claimed: HashSet<Digest>,
}

enum Place {
    Memory(Mutex<BTreeMap<PathBuf, Bytes>>),
    Folder(PathBuf),
}

impl Evidences {
    /// Opens the folder, made when something is first kept; in memory when there is none.
    ///
    /// # Errors
    /// What could not be read.
    pub(crate) fn open(folder: Option<PathBuf>, limits: Limits) -> std::io::Result<Self> {
        let place = match folder {
            Some(folder) => Place::Folder(folder),
            None => Place::Memory(Mutex::default()),
        };
        place.sweep_parts()?;
        let mut state = State::default();
        for party in place.folders(UPLOADS)? {
            for digest in place.list(&Path::new(UPLOADS).join(&party))? {
                let path = upload_path(&party, &digest);
                let upload = place.read(&path).ok();
                match upload.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
                    Some(upload) => state.add((party.clone(), digest), upload),
                    None => place.remove(&path)?,
                }
            }
        }
        Ok(Evidences {
            place,
            limits,
            state: Mutex::new(state),
        })
    }

    /// Keeps what a party sent; gives its digest. The answer, and the work, are the same whether it was
    /// here or not.
    pub(crate) fn keep(&self, party: &str, bytes: &[u8], now: Instant) -> Result<Digest, Error> {
        let size = bytes.len() as u64;
        let digest: Digest = Sha256::digest(bytes).into();
        let key = (party.to_owned(), digest);
        let upload = Upload {
            at: now.0,
            bytes: size,
        };
        {
            let mut state = self.state();
            let known = state.uploads.contains_key(&key);
            let total = state.totals.get(party).copied().unwrap_or(0);
            if !known && total.saturating_add(upload.counts()) > self.limits.party {
                let words = format!(
                    "this party keeps {total} octets of attachments here, and may keep {}; each counts {LEAST} at least",
                    self.limits.party
                );
                return Err(Error::Limit(words));
            }
            // Counted before it is written, so that two at once do not go past the limit.
            state.add(key.clone(), upload);
        }
        let note = serde_json::to_vec(&upload).map_err(|e| Error::Storage(e.to_string()))?;
        let kept = self.place.write(&blob_path(&digest), bytes);
        let kept = kept.and_then(|()| self.place.write(&upload_path(party, &digest), &note));
        if let Err(error) = kept {
            self.state().let_go(&key);
            return Err(failed(&error));
        }
        Ok(digest)
    }

    /// Whether a party sent these bytes, and so may attach them; they are kept from here on.
    pub(crate) fn claim(&self, party: &str, digest: &Digest, bytes: u64) -> bool {
        let mut state = self.state();
        let sent = state.uploads.get(&(party.to_owned(), *digest));
        let fits = sent.is_some_and(|upload| upload.bytes == bytes);
        if fits {
            state.claimed.insert(*digest);
        }
        fits
    }

    /// The bytes of an attachment, whole and as they were sent.
    pub(crate) fn read(&self, digest: &Digest, bytes: u64) -> Result<Bytes, Error> {
        let gone = |why: &str| {
            let words = format!("this attachment {why}: ask whoever sent it to send it anew");
            Err(Error::Lost(words))
        };
        match self.place.read(&blob_path(digest)) {
            Ok(found) => {
                let whole = found.len() as u64 == bytes && Sha256::digest(&found)[..] == digest[..];
                if whole {
                    return Ok(found);
                }
                tracing::error!("attachment {} is damaged on disk", hex(digest));
                gone("is damaged")
            }
            Err(error) if error.kind() == ErrorKind::NotFound => gone("is missing"),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Keeps whom to ask; gives the commitment that the entry holds.
    pub(crate) fn keep_contact(&self, contact: &Contact) -> Result<Digest, Error> {
        let mut kept = vec![0; SALT];
        fill(&mut kept);
        let kept = postcard::to_extend(contact, kept).map_err(|e| Error::Storage(e.to_string()))?;
        let mark = commitment(&kept);
        let path = contact_path(&mark);
        let written = self.place.write(&path, &kept);
        written.map_err(|error| failed(&error))?;
        self.state().claimed.insert(mark);
        Ok(mark)
    }

    /// Whom a commitment stands for; none once it is forgotten.
    pub(crate) fn contact(&self, mark: &Digest) -> Option<Contact> {
        let kept = self.place.read(&contact_path(mark)).ok()?;
        if commitment(&kept) != *mark {
            return None;
        }
        postcard::from_bytes(kept.get(SALT..)?).ok()
    }

    /// Forgets whom a commitment stands for.
    pub(crate) fn forget_contact(&self, mark: &Digest) -> Result<(), Error> {
        let gone = self.place.remove(&contact_path(mark));
        gone.map_err(|error| failed(&error))
    }

    /// What was kept and never written down, because the entry was refused.
    pub(crate) fn unclaim_contact(&self, mark: &Digest) {
        self.state().claimed.remove(mark);
        // What stays is swept up later.
        drop(self.place.remove(&contact_path(mark)));
    }

    /// Sweeps up what nobody named in time, and contacts that are forgotten; gives how many files went.
    /// `named` says of a party's digest whether an entry of that party names it; with no party,
    /// whether any does; `remembered` of a commitment whether a case still holds it.
    pub(crate) fn sweep(
        &self,
        now: Instant,
        named: &Named<'_>,
        remembered: &dyn Fn(&Digest) -> Result<bool, Error>,
    ) -> Result<usize, Error> {
        let tell = |error: std::io::Error| failed(&error);
        let mut gone = 0;
        let is_past = |at: i64| now.0.saturating_sub(at) > WAITS + GRACE;
        let is_old = |upload: &Upload| is_past(upload.at);
        let old: Vec<(String, Digest)> = {
            let state = self.state();
            let old = state.uploads.iter().filter(|(_, upload)| is_old(upload));
            old.map(|(key, _)| key.clone()).collect()
        };
        for key in old {
            let (party, digest) = &key;
            if named(Some(party), digest)? {
                continue;
            }
            // Under the lock that claims take, so that none comes between; and it may have been sent
            // again meanwhile.
            let mut state = self.state();
            let still = state.uploads.get(&key).is_some_and(is_old);
            if still && !state.claimed.contains(digest) {
                let path = upload_path(party, digest);
                self.place.remove(&path).map_err(tell)?;
                state.let_go(&key);
                gone += 1;
            }
        }
        for digest in self.place.list(Path::new("")).map_err(tell)? {
            if named(None, &digest)? {
                continue;
            }
            let state = self.state();
            if state.senders.contains_key(&digest) || state.claimed.contains(&digest) {
                continue;
            }
            // Another node on these files may have taken it, and no view here says so yet.
            let written = self.place.written(&blob_path(&digest)).map_err(tell)?;
            if written.is_none_or(is_past) {
                self.place.remove(&blob_path(&digest)).map_err(tell)?;
                gone += 1;
            }
        }
        for mark in self.place.list(Path::new(CONTACTS)).map_err(tell)? {
            // What a case let go of is gone at once; what none holds yet may be on its way.
            let claimed = self.state().claimed.contains(&mark);
            if !claimed && !remembered(&mark)? {
                self.place.remove(&contact_path(&mark)).map_err(tell)?;
                gone += 1;
            }
        }
        Ok(gone)
    }

    /// Digests and commitments whose entries are written: from here on the views say what is kept.
    pub(crate) fn settle(&self, marks: &[Digest]) {
        let mut state = self.state();
        for mark in marks {
            state.claimed.remove(mark);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    /// Octets that it counts.
    fn counts(&self) -> u64 {
        self.bytes.max(LEAST)
    }
}

impl State {
    fn add(&mut self, key: (String, Digest), upload: Upload) {
        let (party, digest) = (key.0.clone(), key.1);
        if self.uploads.insert(key, upload).is_none() {
            *self.totals.entry(party).or_default() += upload.counts();
            *self.senders.entry(digest).or_default() += 1;
        }
    }

    fn let_go(&mut self, key: &(String, Digest)) {
        let Some(upload) = self.uploads.remove(key) else {
            return;
        };
        if let Some(total) = self.totals.get_mut(&key.0) {
            *total = total.saturating_sub(upload.counts());
        }
        if let Some(senders) = self.senders.get_mut(&key.1) {
            *senders = senders.saturating_sub(1);
            if *senders == 0 {
                self.senders.remove(&key.1);
            }
        }
    }
}

impl Place {
    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Place::Memory(files) => {
                let bytes = Bytes::copy_from_slice(bytes);
                lock(files).insert(path.to_owned(), bytes);
                Ok(())
            }
            Place::Folder(root) => {
                let path = root.join(path);
                let folder = path.parent().unwrap_or(root);
                fs::create_dir_all(folder)?;
                let mut random = [0; 8];
                fill(&mut random);
                let part = folder.join(format!("{}{PART}", hex(&random)));
                let written = File::create_new(&part).and_then(|mut file| {
                    file.write_all(bytes)?;
                    file.sync_all()
                });
                let written = written.and_then(|()| fs::rename(&part, &path));
                if let Err(error) = written {
                    drop(fs::remove_file(&part));
                    return Err(error);
                }
                // The new names, up to the folder that is there anyway.
                File::open(folder)?.sync_all()?;
                folder
                    .parent()
                    .map_or(Ok(()), |up| File::open(up)?.sync_all())
            }
        }
    }

    fn read(&self, path: &Path) -> std::io::Result<Bytes> {
        match self {
            Place::Memory(files) => {
                let found = lock(files).get(path).cloned();
                found.ok_or_else(|| ErrorKind::NotFound.into())
            }
            Place::Folder(root) => fs::read(root.join(path)).map(Bytes::from),
        }
    }

    fn remove(&self, path: &Path) -> std::io::Result<()> {
        match self {
            Place::Memory(files) => {
                lock(files).remove(path);
                Ok(())
            }
            Place::Folder(root) => match fs::remove_file(root.join(path)) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }

    /// When a file was written, in microseconds; none where that is not known.
    fn written(&self, path: &Path) -> std::io::Result<Option<i64>> {
        let Place::Folder(root) = self else {
            return Ok(None);
        };
        let metadata = match fs::metadata(root.join(path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        let since = metadata.modified()?.duration_since(UNIX_EPOCH).ok();
        Ok(since.and_then(|since| i64::try_from(since.as_micros()).ok()))
    }

    /// The files of a folder whose names are digests.
    fn list(&self, folder: &Path) -> std::io::Result<Vec<Digest>> {
        let names = match self {
            Place::Memory(files) => {
                let files = lock(files);
                let inside = files.keys().filter(|path| path.parent() == Some(folder));
                inside.filter_map(|path| name_of(path)).collect()
            }
            Place::Folder(root) => names(&root.join(folder))?,
        };
        Ok(names.iter().filter_map(|name| digest_of(name)).collect())
    }

    /// The folders in a folder.
    fn folders(&self, folder: &str) -> std::io::Result<Vec<String>> {
        match self {
            Place::Memory(_) => Ok(Vec::new()),
            Place::Folder(root) => names(&root.join(folder)),
        }
    }

    /// Removes what a crash left unfinished.
    fn sweep_parts(&self) -> std::io::Result<()> {
        let Place::Folder(root) = self else {
            return Ok(());
        };
        let uploads = root.join(UPLOADS);
        let parties = names(&uploads)?;
        let parties = parties.iter().map(|party| uploads.join(party));
        for folder in [root.clone(), root.join(CONTACTS)]
            .into_iter()
            .chain(parties)
        {
            for name in names(&folder)? {
                if name.ends_with(PART) {
                    fs::remove_file(folder.join(name))?;
                }
            }
        }
        Ok(())
    }
}

/// Names in a folder; none when it is not there.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        found.extend(entry?.file_name().into_string().ok());
    }
    found.sort();
    Ok(found)
}

fn name_of(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn blob_path(digest: &Digest) -> PathBuf {
    PathBuf::from(hex(digest))
}

fn upload_path(party: &str, digest: &Digest) -> PathBuf {
    Path::new(UPLOADS).join(party).join(hex(digest))
}

fn contact_path(mark: &Digest) -> PathBuf {
    Path::new(CONTACTS).join(hex(mark))
}

fn commitment(kept: &[u8]) -> Digest {
    let hash = Sha256::new_with_prefix(b"entente/contact/v1\n");
    hash.chain_update(kept).finalize().into()
}

fn failed(error: &std::io::Error) -> Error {
    Error::Storage(format!("attachments: {error}"))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter();
    digits.fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A digest back from its hexadecimal digits.
pub(crate) fn digest_of(name: &str) -> Option<Digest> {
    let digits = name.as_bytes();
    if digits.len() != 64 || digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut digest = [0; 32];
    for (to, pair) in digest.iter_mut().zip(digits.chunks(2)) {
        *to = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}
