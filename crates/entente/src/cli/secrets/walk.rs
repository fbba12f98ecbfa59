//! The files that a command line names, and those in its directories.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::output::{plain, tell};

/// Directories within each other that are gone into.
const DEEPEST: usize = 200;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// Its path within the directory that was named, which comes first; the file's name alone when
    /// it was named itself.
    pub(super) name: String,
    /// Octets.
    pub(super) size: u64,
}

/// All files, in the order of their names; links to directories are not followed. `-` stands for
/// itself.
///
/// # Errors
/// When a path that was named is not there. Directories below that cannot be read are told.
pub(super) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Found {
                path: path.clone(),
                name: "stdin".into(),
                size: 0,
            });
            continue;
        }
        let facts =
            fs::metadata(path).with_context(|| format!("cannot open {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if facts.is_dir() {
            descend(path, &name, &mut found, 0);
        } else {
            found.push(Found {
                path: path.clone(),
                name: name.into_owned(),
                size: facts.len(),
            });
        }
    }
    Ok(found)
}

fn descend(directory: &Path, name: &str, found: &mut Vec<Found>, depth: usize) {
    let told = |error: &dyn std::fmt::Display| {
        tell(&format!(
            "{}: {error}",
            plain(&directory.display().to_string())
        ));
    };
    if depth > DEEPEST {
        return told(&"too deep, not gone into");
    }
    let mut entries = match fs::read_dir(directory) {
        Ok(entries) => entries.flatten().collect::<Vec<_>>(),
        Err(error) => return told(&error),
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if name.is_empty() {
            own
        } else {
            format!("{name}/{own}")
        };
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => descend(&path, &name, found, depth + 1),
            Ok(_) => {
                // of a link, what it leads to
                let Ok(facts) = fs::metadata(&path) else {
                    continue;
                };
                if facts.is_file() {
                    found.push(Found {
                        path,
                        name,
                        size: facts.len(),
                    });
                }
            }
            Err(error) => told(&error),
        }
    }
}
