//! Which files hold texts, images or videos.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::video::begins_as_video;
use crate::picture::begins_as_image;

/// Octets that tell.
const HEAD: u64 = 64;

/// Files by what they hold.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// And directories, of which images are read.
    pub(super) images: Vec<PathBuf>,
    pub(super) videos: Vec<PathBuf>,
    /// All others, and stdin.
    pub(super) texts: Vec<PathBuf>,
}

/// Sorts files by their first octets.
///
/// # Errors
/// When one cannot be read.
pub(super) fn sort(paths: &[PathBuf]) -> anyhow::Result<Sorted> {
    let mut sorted = Sorted::default();
    for path in paths {
        let place = if path.as_os_str() == "-" {
            &mut sorted.texts
        } else if path.is_dir() {
            &mut sorted.images
        } else {
            let head = head(path).with_context(|| format!("cannot read {}", path.display()))?;
            match head {
                head if begins_as_image(&head) => &mut sorted.images,
                head if begins_as_video(&head) => &mut sorted.videos,
                _ => &mut sorted.texts,
            }
        };
        place.push(path.clone());
    }
    Ok(sorted)
}

fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}
