//! `entente log export`: writes a log as static files that any web server can carry.
//!
//! Files of tiles are whole or absent, and durable before the checkpoint that needs them takes the
//! place of the one before: whoever reads meanwhile, or after a crash, has a whole log.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Context as _;
use clap::Args;
use indicatif::ProgressBar;
use node::log::checkpoint::Checkpoint;
use node::log::directory::Directory;
use node::log::fsck::check;
use node::log::note::{Note, VerifierKey};
use node::log::policy::Policy;
use node::log::proof::{prove_consistency, verify_consistency};
use node::log::tile::{Level, Tile, TileError, Tiles};
use serde::Serialize;

use super::fsck::{failure, parse};
use super::source::Source;
use super::trust::{accept, parse_key};
use crate::cli::output::{Out, counted, tell};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, Failure, input};

/// Write the log as static files, for any web server to carry; again, and only what is new is
/// written
///
/// The directory then holds 'checkpoint', 'key' and 'tile/', as C2SP tlog-tiles has them. It is
/// never without a whole log, also while this runs: the checkpoint is replaced last.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente log export --data d --out /var/www/log
  entente log export --server https://node.example --out mirror")]
pub(crate) struct Export {
    #[command(flatten)]
    place: Where,
    /// The directory to write, made if need be
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Written {
    origin: String,
    entries: u64,
    /// Entries of the log that was there before.
    before: u64,
    files: u64,
}

impl Export {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let written = match self.place.open()? {
            Target::Local(local) => {
                let log = local.node.log();
                let job = Job {
                    tiles: log,
                    note: log.signed().note.clone(),
                    key: Some(log.key().verifier().clone()),
                    threads: thread::available_parallelism().map_or(1, Into::into),
                    check: None,
                };
                job.run(&self.out)?
            }
            Target::Remote(client) => {
                let source = Source::open(client.url())?;
                let job = Job {
                    tiles: &source,
                    note: source.checkpoint()?,
                    key: source.served_key(),
                    threads: source.threads(),
                    check: Some(&source),
                };
                job.run(&self.out)?
            }
        };
        if self.json {
            let mut out = Out::new();
            out.json(&written)?;
            out.flush()?;
        }
        let entries = counted(written.entries, "entry", "entries");
        let files = counted(written.files, "file", "files");
        let out = self.out.display();
        tell(&format!("{entries} in {out}; {files} written"));
        Ok(Exit::Done)
    }
}

struct Job<'j> {
    tiles: &'j dyn Tiles,
    note: Note,
    key: Option<VerifierKey>,
    threads: usize,
    /// Where the tiles come from somebody else: everything is checked before it is published.
    check: Option<&'j Source>,
}

impl Job<'_> {
    fn run(&self, out: &Path) -> anyhow::Result<Written> {
        fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
        let _lock = lock(out)?;
        let checkpoint = parse(self.note.text())?;
        self.signed(out)?;
        let before = self.before(out, &checkpoint)?;
        let size = checkpoint.size();
        let tiles: Vec<Tile> = Tile::grown(before, size).collect();
        let bar = input::bar_of_elements(tiles.len() as u64);
        let written = self.write_all(out, &tiles, &bar);
        bar.finish_and_clear();
        written?;
        if let Some(source) = self.check {
            let checked = check(
                &Directory::new(out),
                &checkpoint,
                self.threads.min(4),
                &|_| {},
            );
            checked.map_err(|error| failure(source, &error))?;
        }
        let io = |error: io::Error| anyhow::anyhow!(error).context(out.display().to_string());
        if let Some(key) = &self.key {
            write(&out.join("key"), format!("{key}\n").as_bytes()).map_err(io)?;
        }
        write(&out.join("checkpoint"), self.note.to_string().as_bytes()).map_err(io)?;
        sync(out).map_err(io)?;
        drop_partials(out, &tiles);
        Ok(Written {
            origin: checkpoint.origin().to_owned(),
            entries: size,
            before,
            files: tiles.len() as u64 + 1 + u64::from(self.key.is_some()),
        })
    }

    /// The checkpoint is signed by the key that lies in the directory, or the one that will.
    fn signed(&self, out: &Path) -> anyhow::Result<()> {
        let path = out.join("key");
        let there = match fs::read_to_string(&path) {
            Ok(text) => Some(parse_key(&text).with_context(|| path.display().to_string())?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).context(path.display().to_string()),
        };
        let Some(key) = there.or_else(|| self.key.clone()) else {
            return Ok(());
        };
        Ok(accept(&Policy::of_log(key), &self.note).map(drop)?)
    }

    /// The size of the log in the directory, which this one grew from.
    fn before(&self, out: &Path, new: &Checkpoint) -> anyhow::Result<u64> {
        let octets = match Directory::new(out).checkpoint() {
            Ok(octets) => octets,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error).context(format!("{}/checkpoint", out.display())),
        };
        let place = out.display();
        let old = Note::parse(&octets).map_err(anyhow::Error::from);
        let old = old.and_then(|note| Ok(parse(note.text())?));
        let old = old.with_context(|| format!("{place}/checkpoint: remove it to start anew"))?;
        if old.origin() != new.origin() {
            let (there, here) = (old.origin(), new.origin());
            let words = format!("{place} holds the log '{there}', not '{here}'");
            return Err(Failure::new(Exit::Local, words).into());
        }
        let (size, root) = (new.size(), new.root());
        let proof = prove_consistency(self.tiles, old.size(), size, root);
        if let Err(node::log::proof::ProofError::Tile(error @ TileError::Unreadable { .. })) = proof
        {
            let exit = if self.check.is_some() {
                Exit::Remote
            } else {
                Exit::Local
            };
            return Err(Failure::new(exit, error.to_string()).into());
        }
        let held =
            proof.and_then(|proof| verify_consistency(old.size(), old.root(), size, root, &proof));
        held.map_err(|error| {
            let words = format!(
                "the log of {size} entries did not grow from the one of {} in {place}: {error}. \
                 Nothing was changed; keep both checkpoints, they are evidence",
                old.size(),
            );
            Failure::new(Exit::Proof, words)
        })?;
        Ok(old.size())
    }

    /// Writes tiles with several threads; all are durable when it returns.
    fn write_all(&self, out: &Path, tiles: &[Tile], bar: &ProgressBar) -> anyhow::Result<()> {
        let next = Mutex::new(tiles.iter());
        let folders = Mutex::new(BTreeSet::new());
        let work = || -> anyhow::Result<()> {
            loop {
                let tile = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(tile) = tile else {
                    return Ok(());
                };
                let path = out.join(tile.to_string());
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
                    let above = folder
                        .ancestors()
                        .take_while(|above| above.starts_with(out));
                    let above = above.map(Path::to_owned);
                    folders
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(above);
                }
                write(&path, &self.read(*tile)?).with_context(|| path.display().to_string())?;
                bar.inc(1);
            }
        };
        let threads = self.threads.clamp(1, tiles.len().max(1));
        thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            running.into_iter().try_for_each(|thread| {
                let ended = thread.join();
                ended.unwrap_or_else(|_| Err(anyhow::anyhow!("a thread failed")))
            })
        })?;
        for folder in folders.into_inner().unwrap_or_else(PoisonError::into_inner) {
            sync(&folder).with_context(|| folder.display().to_string())?;
        }
        Ok(())
    }

    /// The octets of a tile, as many as it has to have.
    fn read(&self, tile: Tile) -> anyhow::Result<Vec<u8>> {
        let read = self.tiles.read(tile).and_then(|octets| {
            match tile.level() {
                Level::Entries => drop(tile.entries(&octets)?),
                Level::Hashes(_) => drop(tile.hashes(&octets)?),
            }
            Ok(octets)
        });
        Ok(read.map_err(|error| {
            let exit = match error {
                TileError::Unreadable { .. } if self.check.is_some() => Exit::Remote,
                TileError::Unreadable { .. } => Exit::Local,
                _ => Exit::Proof,
            };
            Failure::new(exit, error.to_string())
        })?)
    }
}

/// One export at a time.
fn lock(out: &Path) -> anyhow::Result<File> {
    let path = out.join(".lock");
    let file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let words = format!("another export writes {}", out.display());
            Err(Failure::new(Exit::Local, words).into())
        }
        Err(TryLockError::Error(error)) => Err(error).context(path.display().to_string()),
    }
}

/// A whole file, durable, or what was there before.
fn write(path: &Path, octets: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let unfinished = PathBuf::from(name);
    let mut file = File::create(&unfinished)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes partial tiles that full ones have taken the place of. What stays harms nobody.
fn drop_partials(out: &Path, tiles: &[Tile]) {
    for tile in tiles.iter().filter(|tile| tile.is_full()) {
        drop(fs::remove_dir_all(out.join(format!("{tile}.p"))));
    }
}
