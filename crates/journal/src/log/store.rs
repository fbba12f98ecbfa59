//! The log of a running node: follows its journal, signs checkpoints, serves tiles.
//!
//! # One step with the journal
//!
//! The journal's one writer calls [`Log::extend`] after each append that became durable, before
//! anybody is answered. In this order:
//!
//! 1. the leaves' hashes, and those of the subtrees they complete, go to the level files;
//! 2. the checkpoint of the new size is signed;
//! 3. it goes to the records of what was signed: one beside the log, and one elsewhere (the guard);
//! 4. readers see it.
//!
//! A checkpoint says nothing that does not follow from the journal, and is signed only for entries
//! that are durable. So whatever step fails or is the last before a crash, signing again gives the
//! same checkpoint, or one of a larger tree that this one is a part of.
//!
//! | what fails | what goes on, what was signed |
//! |---|---|
//! | a level file cannot be written | appends go on; nothing is signed, and the next step makes up for it from the journal |
//! | a record cannot be written | appends go on; what was signed is shown to nobody until a record holds it |
//! | crash of the process, at any step | the next start adds what is missing from the journal |
//! | the machine stops, and level files lose their ends | the same, from the last size that was made durable |
//! | a hash in a level file is damaged | found when a tile is read, and mended from the journal |
//! | the journal is older than a checkpoint that was signed (a restore), or another | [`LogError::Behind`], [`LogError::Forked`] at the start: nothing is signed |
//! | two processes with one key | the second gets [`LogError::Guarded`] where they share a guard |
//! | a witness knows a larger tree | [`Log::halt`]: nothing is signed from then on |

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::checkpoint::{Checkpoint, CheckpointError};
pub use super::error::LogError;
use super::guard::Guard;
use super::hash::Hash;
use super::levels::{Levels, WIDTH};
use super::medium::Folder;
use super::note::{Note, SigningKey};
use super::proof;
use super::slots::Slots;
use crate::cluster::Cluster;
use crate::{Journal, Position};

mod serve;

/// Leaf hashes that are read from the journal at once.
const AT_ONCE: usize = 65_536;
/// Leaves after which the level files are made durable: what a start after a power loss adds anew.
const DURABLE: u64 = 65_536;
/// How long a start waits for entries that others signed already.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the files are called.
const SIGNED: &str = "signed";
const SIZE: &str = "durable";
const WITNESSED: &str = "witnessed";
/// What the record of a cluster is called.
const OTHERS: &str = "the record of the nodes that share the journal";

/// The newest tree that was signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Origin, size and root.
    pub checkpoint: Checkpoint,
    /// The checkpoint and the log's signature.
    pub note: Note,
}

/// A log that follows a journal.
pub struct Log {
    journal: Arc<dyn Journal>,
    /// The others, where a journal is shared.
    cluster: Option<Arc<dyn Cluster>>,
    key: SigningKey,
    tree: RwLock<Levels>,
    files: Mutex<Files>,
    signed: RwLock<Arc<Signed>>,
    /// The newest checkpoint that enough witnesses have seen, where that is asked for.
    witnessed: RwLock<Option<Arc<Signed>>>,
    halted: RwLock<Option<String>>,
}

/// What only the writer touches.
struct Files {
    signed: Slots,
    guard: Option<Guard>,
    witnessed: Slots,
    /// The size up to which level files are durable, with its root.
    size: Slots,
    durable: u64,
}

impl Log {
    /// Opens the log of `journal` in `folder`, adds what it missed, and signs the journal as it
    /// stands. `guard` names a file outside the data directory that outlives a restore of it.
    ///
    /// # Errors
    /// [`LogError`]; nothing was signed then.
    pub fn open(
        journal: Arc<dyn Journal>,
        folder: &Arc<dyn Folder>,
        key: SigningKey,
        guard: Option<PathBuf>,
    ) -> Result<Self, LogError> {
        Self::open_among(journal, folder, key, guard, None)
    }

    /// As [`Log::open`], among others that share the journal: what was signed last is shown, and nothing
    /// is signed yet.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn open_among(
        journal: Arc<dyn Journal>,
        folder: &Arc<dyn Folder>,
        key: SigningKey,
        guard: Option<PathBuf>,
        cluster: Option<Arc<dyn Cluster>>,
    ) -> Result<Self, LogError> {
        let slots = |name: &'static str| {
            let opened = folder.open(name).and_then(Slots::open);
            opened.map_err(|error| LogError::Io(name, error))
        };
        let (signed, last) = slots(SIGNED)?;
        let (size, marker) = slots(SIZE)?;
        let (witnessed, _) = slots(WITNESSED)?;
        let (guard, guarded) = guard.map(Guard::open).transpose()?.unzip();
        let own = last.map(|note| ("the log's own record".to_owned(), note));
        let outside = guard.as_ref().zip(guarded.flatten());
        let outside = outside.map(|(guard, note)| (guard.name(), note));
        let shared = cluster.as_ref().and_then(|cluster| cluster.signed());
        if let Some(note) = &shared {
            wait_for(
                journal.as_ref(),
                signed_before(&key, OTHERS, note)?.checkpoint.size(),
            );
        }
        let among = shared.clone().map(|note| (OTHERS.to_owned(), note));
        let records: Vec<_> = own.into_iter().chain(outside).chain(among).collect();
        let agrees = |tree: &Levels| {
            let mut records = records.iter();
            records.try_for_each(|(record, note)| agree(tree, &key, record, note))
        };
        let mut tree = load(journal.as_ref(), folder, marker.as_deref())?;
        let mut durable = tree.size();
        catch_up(journal.as_ref(), &mut tree)?;
        let mut agreed = agrees(&tree);
        if durable > 0 && matches!(agreed, Err(LogError::Forked { .. })) {
            // A damaged file looks the same: the journal decides.
            (tree, durable) = (Levels::empty(Arc::clone(folder)), 0);
            catch_up(journal.as_ref(), &mut tree)?;
            agreed = agrees(&tree);
        }
        agreed?;
        let first = match shared {
            Some(note) => signed_before(&key, OTHERS, &note)?,
            None => sign(&key, &tree)?,
        };
        let log = Log {
            journal,
            cluster,
            key,
            tree: RwLock::new(tree),
            files: Mutex::new(Files {
                signed,
                guard,
                witnessed,
                size,
                durable,
            }),
            signed: RwLock::new(Arc::new(first.clone())),
            witnessed: RwLock::new(None),
            halted: RwLock::new(None),
        };
        log.show(&mut log.files(), first)?;
        Ok(log)
    }

    /// Takes leaves that are durable in the journal from `from` on, and signs the tree with them; where
    /// another node leads it shows what that one signed. To be called by the journal's one writer; after
    /// an error the next call makes up for it.
    ///
    /// # Errors
    /// [`LogError`]: nobody saw a new checkpoint.
    pub fn extend(&self, from: Position, leaves: &[Hash]) -> Result<(), LogError> {
        if let Some(reason) = self.halted() {
            return Err(LogError::Halted(reason));
        }
        let mut files = self.files();
        {
            let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
            if tree.size() == from.0 {
                tree.add(leaves)
                    .map_err(|error| LogError::Io("level", error))?;
            } else {
                catch_up(self.journal.as_ref(), &mut tree)?;
            }
        }
        self.publish(&mut files)
    }

    /// Makes durable what can be lost without harm, now and then.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn tick(&self) -> Result<(), LogError> {
        self.settle(DURABLE)
    }

    /// Stops signing for good, for a reason that is told with every refusal.
    pub fn halt(&self, reason: String) {
        let mut halted = self.halted.write().unwrap_or_else(PoisonError::into_inner);
        halted.get_or_insert(reason);
        if let Some(cluster) = &self.cluster {
            cluster.resign();
        }
    }

    /// Why nothing is signed any more, if so.
    pub fn halted(&self) -> Option<String> {
        let halted = self.halted.read().unwrap_or_else(PoisonError::into_inner);
        halted.clone()
    }

    /// The key that signs.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The newest checkpoint.
    pub fn signed(&self) -> Arc<Signed> {
        let signed = self.signed.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&signed)
    }

    /// The checkpoint to show: the newest that witnesses have seen, where one was given to
    /// [`Log::set_witnessed`], and otherwise the newest.
    pub fn shown(&self) -> Arc<Signed> {
        let witnessed = self
            .witnessed
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        witnessed.clone().unwrap_or_else(|| self.signed())
    }

    /// Takes a checkpoint of this log with the cosignatures of enough witnesses, and keeps it.
    ///
    /// # Errors
    /// [`LogError::Foreign`] when it is of another log, or was never signed; [`LogError::Io`].
    pub fn set_witnessed(&self, note: Note) -> Result<(), LogError> {
        let keys = std::slice::from_ref(self.key.verifier());
        let checkpoint = Checkpoint::open(&note, keys)?;
        if self.root_at(checkpoint.size())? != Some(*checkpoint.root()) {
            return Err(LogError::Foreign);
        }
        let mut files = self.files();
        let text = note.to_string();
        let written = files.witnessed.write(text.as_bytes());
        written.map_err(|error| LogError::Io(WITNESSED, error))?;
        let mut witnessed = self
            .witnessed
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *witnessed = Some(Arc::new(Signed { checkpoint, note }));
        Ok(())
    }

    /// The note that an earlier run gave to [`Log::set_witnessed`].
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn witnessed_before(&self) -> Result<Option<Note>, LogError> {
        let read = self.files().witnessed.read();
        let read = read.map_err(|error| LogError::Io(WITNESSED, error))?;
        Ok(read.and_then(|text| Note::parse(&text).ok()))
    }

    /// Signs the tree as it stands, records it, and shows it.
    fn publish(&self, files: &mut Files) -> Result<(), LogError> {
        if let Some(cluster) = &self.cluster {
            let last = cluster.signed();
            let size = last.map_or(Ok(0), |last| self.adopt(files, &last))?;
            let size_now = self
                .tree
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .size();
            if !cluster.leads() || size >= size_now {
                return Ok(());
            }
        }
        let next = {
            let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
            sign(&self.key, &tree)?
        };
        if let Some(cluster) = &self.cluster {
            let recorded = cluster.sign(next.note.to_string().as_bytes());
            recorded.map_err(|error| LogError::Io(OTHERS, error))?;
        }
        self.show(files, next)
    }

    /// Records what was signed, and shows it.
    fn show(&self, files: &mut Files, next: Signed) -> Result<(), LogError> {
        let text = next.note.to_string();
        let written = files.signed.write(text.as_bytes());
        written.map_err(|error| LogError::Io(SIGNED, error))?;
        if let Some(guard) = &mut files.guard {
            guard.write(text.as_bytes())?;
        }
        *self.signed.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }

    /// Shows what another node signed, as far as this one's tree goes; stops the log for good when it is
    /// of another tree. Gives its size.
    fn adopt(&self, files: &mut Files, note: &[u8]) -> Result<u64, LogError> {
        let signed = signed_before(&self.key, OTHERS, note)?;
        let size = signed.checkpoint.size();
        {
            let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
            if size > tree.size() {
                return Ok(size);
            }
            if proof::root(&*tree, size)? != *signed.checkpoint.root() {
                drop(tree);
                let record = OTHERS.to_owned();
                let forked = LogError::Forked {
                    record,
                    signed: size,
                };
                self.halt(forked.to_string());
                return Err(forked);
            }
        }
        if size > self.signed().checkpoint.size() {
            self.show(files, signed)?;
        }
        Ok(size)
    }

    /// Makes the level files durable when at least `since` leaves are not.
    fn settle(&self, since: u64) -> Result<(), LogError> {
        let mut files = self.files();
        let io = |name| move |error| LogError::Io(name, error);
        files.signed.sync().map_err(io(SIGNED))?;
        if let Some(guard) = &files.guard {
            guard.sync()?;
        }
        let (size, root) = {
            let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
            if tree.size() < files.durable.saturating_add(since.max(1)) {
                return Ok(());
            }
            tree.sync().map_err(io("level"))?;
            (tree.size(), tree.root())
        };
        let mut marker = size.to_le_bytes().to_vec();
        marker.extend_from_slice(&root);
        files.size.write(&marker).map_err(io(SIZE))?;
        files.size.sync().map_err(io(SIZE))?;
        files.durable = size;
        Ok(())
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Log {
    /// A failure costs the next start some work, and nothing else.
    fn drop(&mut self) {
        drop(self.settle(1));
    }
}

/// The checkpoint that was signed last under `key`, as the log's own record and the guard have it;
/// for whoever closes a log that cannot go on.
///
/// # Errors
/// [`LogError::Guarded`] while a node signs; [`LogError::Io`].
pub fn last_signed(
    folder: &Arc<dyn Folder>,
    key: &SigningKey,
    guard: Option<PathBuf>,
) -> Result<Option<Checkpoint>, LogError> {
    let own = folder.open(SIGNED).and_then(Slots::open);
    let (_, own) = own.map_err(|error| LogError::Io(SIGNED, error))?;
    let guarded = guard
        .map(Guard::open)
        .transpose()?
        .and_then(|(_, note)| note);
    let keys = std::slice::from_ref(key.verifier());
    let known = own.into_iter().chain(guarded).filter_map(|note| {
        let note = Note::parse(&note).ok()?;
        Checkpoint::open(&note, keys).ok()
    });
    Ok(known.max_by_key(Checkpoint::size))
}

/// Whether a tree ends as the journal does at its size: leaves are salted, so that no other journal
/// has the same ones there.
fn follows(journal: &dyn Journal, tree: &Levels) -> Result<bool, LogError> {
    let Some(last) = tree.size().checked_sub(1) else {
        return Ok(true);
    };
    let (tile, width) = (last / WIDTH, last % WIDTH + 1);
    let held = tree.tile(0, tile, width);
    let held = held.map_err(|error| LogError::Io("level", error))?;
    let count = usize::try_from(width).unwrap_or_default();
    let leaves = journal.leaf_hashes(Position(tile * WIDTH), count)?;
    Ok(held.is_some_and(|held| held == leaves))
}

/// Adds what the journal holds beyond the tree.
fn catch_up(journal: &dyn Journal, tree: &mut Levels) -> Result<(), LogError> {
    while tree.size() < journal.next().0 {
        let hashes = journal.leaf_hashes(Position(tree.size()), AT_ONCE)?;
        tree.add(&hashes)
            .map_err(|error| LogError::Io("level", error))?;
    }
    Ok(())
}

/// The tree of the size that was made durable last, as the files hold it; one without leaves where
/// they do not, or are of another journal.
fn load(
    journal: &dyn Journal,
    folder: &Arc<dyn Folder>,
    marker: Option<&[u8]>,
) -> Result<Levels, LogError> {
    let (size, root) = marker.and_then(read_marker).unwrap_or_default();
    let known = size <= journal.next().0;
    let loaded = known.then(|| Levels::load(Arc::clone(folder), size, &root));
    match loaded.transpose().ok().flatten().flatten() {
        Some(tree) if follows(journal, &tree)? => Ok(tree),
        _ => Ok(Levels::empty(Arc::clone(folder))),
    }
}

/// Refuses a tree that does not continue what was signed.
fn agree(tree: &Levels, key: &SigningKey, record: &str, note: &[u8]) -> Result<(), LogError> {
    let last = signed_before(key, record, note)?.checkpoint;
    let (signed, found) = (last.size(), tree.size());
    if signed > found {
        return Err(LogError::Behind {
            record: record.to_owned(),
            signed,
            found,
        });
    }
    if proof::root(tree, signed)? == *last.root() {
        Ok(())
    } else {
        let record = record.to_owned();
        Err(LogError::Forked { record, signed })
    }
}

fn sign(key: &SigningKey, tree: &Levels) -> Result<Signed, LogError> {
    let checkpoint = Checkpoint::new(key.name(), tree.size(), tree.root())?;
    let note = checkpoint.sign(key)?;
    Ok(Signed { checkpoint, note })
}

/// Waits a while until a journal that others write has as many entries as were signed: its copy follows.
fn wait_for(journal: &dyn Journal, size: u64) {
    let until = Instant::now() + PATIENCE;
    while journal.next().0 < size && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What a record says was signed, under this key.
fn signed_before(key: &SigningKey, record: &str, note: &[u8]) -> Result<Signed, LogError> {
    let wrong = |error: CheckpointError| LogError::Record(record.to_owned(), error.to_string());
    let note = Note::parse(note).map_err(|error| wrong(error.into()))?;
    let checkpoint =
        Checkpoint::open(&note, std::slice::from_ref(key.verifier())).map_err(wrong)?;
    Ok(Signed { checkpoint, note })
}

fn read_marker(bytes: &[u8]) -> Option<(u64, Hash)> {
    let (size, root) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*size), root.try_into().ok()?))
}
