//! Archives: ZIP, with the office documents that are such, and tar.

use std::io::{BufReader, Read, Seek};

use zip::ZipArchive;

use super::guard::guarded;
use super::office::Office;
use super::{Event, Reading};

/// Octets of a member's name that are shown.
const LONGEST_NAME: usize = 512;

impl Reading<'_> {
    pub(super) fn zip<R: Read + Seek>(&mut self, name: &str, file: R, depth: u32) {
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

pub(super) fn short(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}
