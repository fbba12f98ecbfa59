//! The files that a command line names: directories stand for the measurements in them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::cli::output::{counted, tell};

/// How the names of files with measurements end.
const ENDINGS: [&str; 9] = [
    "json", "jsonl", "ndjson", "post", "gz", "zst", "tar", "tgz", "pretty",
];
/// Directories in directories.
const DEEPEST: usize = 64;

/// The files, those of a directory in the order of their names. Links to directories are not
/// followed.
///
/// # Errors
/// When a directory cannot be read, or none of its files has the name of measurements.
pub(super) fn expand(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let (before, mut others) = (files.len(), 0);
        walk(path, &mut files, &mut others, 0)
            .with_context(|| format!("cannot read {}", path.display()))?;
        if files.len() == before {
            bail!(
                "{}: no file in it ends in .{}",
                path.display(),
                ENDINGS.join(", .")
            );
        }
        if others > 0 {
            let others = counted(others, "file is", "files are");
            tell(&format!(
                "{}: {others} left out: not named as measurements are",
                path.display()
            ));
        }
    }
    Ok(files)
}

fn walk(
    path: &Path,
    files: &mut Vec<PathBuf>,
    others: &mut u64,
    deep: usize,
) -> std::io::Result<()> {
    let mut entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if is_hidden {
            continue;
        }
        if kind.is_dir() {
            if deep < DEEPEST {
                walk(&path, files, others, deep + 1)?;
            }
        } else if path.is_file() {
            let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
            if ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) {
                files.push(path);
            } else {
                *others += 1;
            }
        }
    }
    Ok(())
}
