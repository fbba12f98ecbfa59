//! Archives: ZIP, with the office documents that are such, and tar.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::guard::guarded;
use super::office::Office;
use super::{Event, Reading};

/// Octets of the largest directory of a ZIP archive: some hundred thousand members.
const LARGEST_DIRECTORY: u64 = 64 << 20;
/// Octets of a member's name that are shown.
const LONGEST_NAME: usize = 512;

impl Reading<'_> {
    pub(super) fn zip<R: Read + Seek>(&mut self, name: &str, mut file: R, depth: u32) {
        // before the directory is read into memory
        match directory(&mut file) {
            Ok(octets) if octets > LARGEST_DIRECTORY => {
                let why = format!(
                    "its directory takes {} MiB, more than an archive that is read",
                    octets >> 20
                );
                return self.unread(name, &why);
            }
            Ok(_) => {}
            Err(error) => return self.unread(name, &error.to_string()),
        }
        match guarded(|| ZipArchive::new(file)) {
            Ok(Ok(mut archive)) => {
                let kind = Office::of(&archive);
                if let Some(kind) = kind {
                    self.office(name, &mut archive, kind);
                }
                self.members(name, &mut archive, kind.is_some(), depth);
            }
            Ok(Err(error)) => self.unread(name, &error.to_string()),
            Err(why) => self.unread(name, &why),
        }
    }

    /// The members of an archive; of an office document, what others were put into it.
    fn members<R: Read + Seek>(
        &mut self,
        name: &str,
        archive: &mut ZipArchive<R>,
        is_office: bool,
        depth: u32,
    ) {
        for at in 0..archive.len() {
            let member = match guarded(|| archive.by_index(at)) {
                Ok(Ok(member)) => member,
                Ok(Err(error)) if is_office => {
                    let _ = error;
                    continue;
                }
                Ok(Err(error)) => {
                    self.unread(&format!("{name}!{at}"), &error.to_string());
                    continue;
                }
                Err(why) => return self.unread(name, &why),
            };
            if member.is_dir() {
                continue;
            }
            let inner = member
                .name()
                .map_or_else(|_| at.to_string(), |name| short(&name));
            if is_office && !inner.contains("/embeddings/") {
                continue;
            }
            let inner = format!("{name}!{inner}");
            if !self.may_go_on(&inner) {
                return;
            }
            if member.encrypted() {
                self.unread(&inner, "it is encrypted");
                continue;
            }
            let mut metered = self.meter.read(BufReader::new(member));
            self.stream(&inner, &mut metered, depth + 1);
        }
    }

    pub(super) fn tar(&mut self, name: &str, stream: &mut dyn Read, depth: u32) {
        let mut archive = tar::Archive::new(stream);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.unread(name, &error.to_string()),
        };
        for entry in entries {
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.unread(name, &error.to_string()),
            };
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let inner = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let inner = format!("{name}!{}", short(&inner));
            if !self.may_go_on(&inner) {
                return;
            }
            self.stream(&inner, &mut entry, depth + 1);
        }
    }

    /// Counts a member; false, and told, when there are too many or too much was unpacked.
    pub(super) fn may_go_on(&mut self, name: &str) -> bool {
        self.members += 1;
        let why = if self.members > self.limits.members {
            format!("the file has more than {} members", self.limits.members)
        } else if self.meter.is_spent() {
            "the file unpacks to more than is read of one (--max-unpacked)".to_owned()
        } else {
            return true;
        };
        (self.sink)(Event::Unread {
            name,
            why: &format!("{why}: it and what follows is left out"),
        });
        false
    }
}

/// How many octets the directory of a ZIP archive takes: all from where it begins to the end, by the
/// record at the end (APPNOTE 4.3.16); 0 where none is found, which the library tells of.
fn directory(file: &mut (impl Read + Seek)) -> io::Result<u64> {
    const RECORD: usize = 22;
    const LONGEST: u64 = 65_535 + RECORD as u64;
    let end = file.seek(SeekFrom::End(0))?;
    let from = end.saturating_sub(LONGEST + 20 + 56);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    Read::take(&mut *file, LONGEST + 20 + 56).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    let number = |at: usize, length: usize| {
        let bytes = tail.get(at..at + length)?;
        Some(
            bytes
                .iter()
                .rev()
                .fold(0_u64, |all, byte| all << 8 | u64::from(*byte)),
        )
    };
    let Some(at) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else {
        return Ok(0);
    };
    let size = number(at + 12, 4).unwrap_or_default();
    if size < u64::from(u32::MAX) {
        return Ok(size);
    }
    // Zip64 (4.3.14): the size stands in a record of its own before this one
    let large = memchr::memmem::rfind(tail.get(..at).unwrap_or_default(), b"PK\x06\x06");
    Ok(large.and_then(|at| number(at + 40, 8)).unwrap_or(u64::MAX))
}

pub(super) fn short(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}
