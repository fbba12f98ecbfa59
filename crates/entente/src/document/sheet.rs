//! Workbooks: the cells of each sheet, row by row.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::office::parts;
use super::xml::{Piece, attribute};
use super::{Place, Reading};

/// The texts that cells refer to, in one piece.
#[derive(Default)]
struct Shared {
    text: String,
    ends: Vec<usize>,
}

impl Shared {
    fn get(&self, at: usize) -> Option<&str> {
        let start = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(at)?)
    }
}

impl Reading<'_> {
    pub(super) fn sheets<R: Read + Seek>(&mut self, name: &str, archive: &mut ZipArchive<R>) {
        let shared = self.shared_strings(name, archive);
        for (sheet, part) in (1..).zip(parts(archive, "xl/worksheets/sheet")) {
            self.sheet(name, archive, &part, sheet, &shared);
        }
        for part in parts(archive, "xl/comments") {
            self.part(name, archive, &part, &mut |reading, piece| {
                if let Piece::Text(text) = piece {
                    reading.text(Place::Row { sheet: 0, row: 0 }, text.as_bytes());
                }
            });
        }
    }

    fn shared_strings<R: Read + Seek>(
        &mut self,
        name: &str,
        archive: &mut ZipArchive<R>,
    ) -> Shared {
        let mut shared = Shared::default();
        if archive.index_for_name("xl/sharedStrings.xml").is_none() {
            return shared;
        }
        let mut phonetic = false;
        self.part(
            name,
            archive,
            "xl/sharedStrings.xml",
            &mut |_, piece| match piece {
                Piece::Start("rPh", _) => phonetic = true,
                Piece::End("rPh") => phonetic = false,
                Piece::Text(text) if !phonetic => shared.text.push_str(text),
                Piece::End("si") => shared.ends.push(shared.text.len()),
                _ => {}
            },
        );
        shared
    }

    fn sheet<R: Read + Seek>(
        &mut self,
        name: &str,
        archive: &mut ZipArchive<R>,
        part: &str,
        sheet: u32,
        shared: &Shared,
    ) {
        let (mut row, mut is_shared, mut in_value) = (0, false, false);
        let mut value = String::new();
        self.part(name, archive, part, &mut |reading, piece| match piece {
            Piece::Start("row", tag) => {
                let number = attribute(tag, "r").and_then(|number| number.parse().ok());
                row = number.unwrap_or(row + 1);
            }
            Piece::Start("c", tag) => {
                is_shared = attribute(tag, "t").as_deref() == Some("s");
                value.clear();
            }
            Piece::Start("v" | "t", _) => in_value = true,
            Piece::End("v" | "t") => in_value = false,
            Piece::Text(text) if in_value => value.push_str(text),
            Piece::End("c") => {
                let place = Place::Row { sheet, row };
                let at = is_shared.then(|| value.trim().parse().ok()).flatten();
                let text = at.and_then(|at| shared.get(at)).unwrap_or(&value);
                reading.text(place, text.as_bytes());
                reading.text(place, b"\t");
            }
            Piece::End("row") => reading.text(Place::Row { sheet, row }, b"\n"),
            _ => {}
        });
    }
}
