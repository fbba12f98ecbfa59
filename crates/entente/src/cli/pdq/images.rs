//! Images named on the command line, hashed on all cores and handed over in order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use matching::pdq::{Dihedral, Hashed, Hasher, LOW_QUALITY};

use crate::cli::output::{counted, plain, tell, tell_error};
use crate::picture::{LARGEST, Picture, begins_as_image};

/// Octets that tell whether a file is an image.
const HEAD: u64 = 64;

/// An image and its hashes.
pub(in crate::cli) struct Image {
    pub(in crate::cli) name: String,
    /// The image as it is, or all its turns in the order of [`Dihedral::ALL`].
    pub(in crate::cli) hashes: Vec<(Dihedral, Hashed)>,
}

/// What became of the images.
#[derive(Debug, Default)]
pub(in crate::cli) struct Totals {
    pub(in crate::cli) hashed: u64,
    /// Those of too low a quality to act on.
    low: u64,
    /// Those that could not be read.
    pub(in crate::cli) unread: u64,
}

impl Totals {
    fn count(&mut self, image: &Image) {
        self.hashed += 1;
        let low = |(_, hashed): &(Dihedral, Hashed)| hashed.quality < LOW_QUALITY;
        self.low += u64::from(image.hashes.iter().any(low));
    }

    /// Tells on stderr what deserves it.
    pub(in crate::cli) fn tell(&self) {
        let images = |count| counted(count, "image", "images");
        if self.low > 0 {
            tell(&format!(
                "{} below quality {LOW_QUALITY}: such hashes match by chance",
                images(self.low)
            ));
        }
        if self.unread > 0 {
            tell(&format!("{} could not be hashed", images(self.unread)));
        }
    }
}

/// Hashes images; each goes to `on_image` in the order of its name. One that cannot be hashed is told
/// and counted.
///
/// # Errors
/// When a directory cannot be read, or `on_image` fails.
pub(in crate::cli) fn hash_all(
    named: &[PathBuf],
    dihedral: bool,
    on_image: &mut dyn FnMut(Image) -> anyhow::Result<()>,
) -> anyhow::Result<Totals> {
    let paths = files(named)?;
    let bar = ProgressBar::new(paths.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {per_sec} {eta}") {
        bar.set_style(style);
    }
    let threads = thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let threads = threads.min(paths.len().max(1));
    let next = AtomicUsize::new(0);
    let (done, results) = sync_channel(threads * 4);
    let mut totals = Totals::default();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (paths, next, done) = (&paths, &next, done.clone());
            scope.spawn(move || work(paths, next, dihedral, &done));
        }
        drop(done);
        let mut early = BTreeMap::new();
        let mut expected = 0;
        // Leaving the loop closes the channel, and with it the threads' work ends.
        for (number, image) in results {
            early.insert(number, image);
            while let Some(image) = early.remove(&expected) {
                expected += 1;
                bar.inc(1);
                match image {
                    Ok(image) => {
                        totals.count(&image);
                        on_image(image)?;
                    }
                    Err(error) => {
                        totals.unread += 1;
                        bar.suspend(|| tell_error(&error));
                    }
                }
            }
        }
        anyhow::Ok(())
    })?;
    bar.finish_and_clear();
    Ok(totals)
}

type Outcome = (usize, anyhow::Result<Image>);

/// Hashes images until there are no more, or nobody wants them.
fn work(paths: &[PathBuf], next: &AtomicUsize, dihedral: bool, done: &SyncSender<Outcome>) {
    let mut hasher = Hasher::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(path) = paths.get(number) else {
            return;
        };
        let image = hash(path, dihedral, &mut hasher);
        if done.send((number, image)).is_err() {
            return;
        }
    }
}

fn hash(path: &Path, dihedral: bool, hasher: &mut Hasher) -> anyhow::Result<Image> {
    let name = name(path);
    let file = read(path, LARGEST).with_context(|| name.clone())?;
    let picture = Picture::decode(&file).with_context(|| name.clone())?;
    drop(file);
    let pixels = picture.pixels().with_context(|| name.clone())?;
    let hashes = if dihedral {
        let (hashes, quality) = hasher.dihedral(&pixels).with_context(|| name.clone())?;
        let hashed = hashes.map(|hash| Hashed { hash, quality });
        Dihedral::ALL.into_iter().zip(hashed).collect()
    } else {
        let hashed = hasher.hash(&pixels).with_context(|| name.clone())?;
        vec![(Dihedral::Original, hashed)]
    };
    Ok(Image { name, hashes })
}

fn name(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "stdin".to_owned();
    }
    path.display().to_string()
}

/// A whole file, or stdin, of at most `most` octets.
fn read(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let mut content = Vec::new();
    let stream: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).context("cannot be opened")?)
    };
    let read = stream.take(most + 1).read_to_end(&mut content);
    read.context("cannot be read")?;
    if content.len() as u64 > most {
        bail!("is larger than {most} octets, the most that is read of an image");
    }
    Ok(content)
}

/// The files named, and the images in the directories named and below. What is no image is left out
/// of a directory, and is an error when it was named itself.
fn files(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left_out = 0;
    for path in named {
        if path.is_dir() {
            walk(path, &mut found, &mut left_out)?;
        } else {
            found.push(path.clone());
        }
    }
    if left_out > 0 {
        let files = counted(left_out, "file", "files");
        tell(&format!("{files} in directories left out: no image"));
    }
    Ok(found)
}

/// Links to directories are not followed: they may lead in a circle.
fn walk(folder: &Path, found: &mut Vec<PathBuf>, left_out: &mut u64) -> anyhow::Result<()> {
    let cannot = || {
        format!(
            "cannot read the directory {}",
            plain(&folder.display().to_string())
        )
    };
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).with_context(cannot)?;
        let entries: io::Result<Vec<_>> = entries.collect();
        let mut entries = entries.with_context(cannot)?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        let mut below = Vec::new();
        for entry in entries {
            let kind = entry.file_type().with_context(cannot)?;
            if kind.is_dir() {
                below.push(entry.path());
            } else if entry.path().is_file() {
                if is_image(&entry.path()) {
                    found.push(entry.path());
                } else {
                    *left_out += 1;
                }
            }
        }
        folders.extend(below.into_iter().rev());
    }
    Ok(())
}

/// A file that cannot be read counts as an image, so that it is told.
fn is_image(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_err() || begins_as_image(&head)
}
