//! Text documents, presentations and workbooks: OOXML (ECMA-376) and `OpenDocument`.

use std::io::{BufReader, Read, Seek};

use zip::ZipArchive;

use super::guard::guarded;
use super::xml::{self, Piece};
use super::{Place, Reading};

/// What kind of office document an archive is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Office {
    Text,
    Slides,
    Sheets,
    OpenDocument,
}

impl Office {
    /// By the parts that each has.
    pub(super) fn of<R: Read + Seek>(archive: &ZipArchive<R>) -> Option<Self> {
        let has = |name: &str| archive.index_for_name(name).is_some();
        if has("word/document.xml") {
            Some(Office::Text)
        } else if has("ppt/presentation.xml") {
            Some(Office::Slides)
        } else if has("xl/workbook.xml") {
            Some(Office::Sheets)
        } else if has("content.xml") && has("mimetype") {
            Some(Office::OpenDocument)
        } else {
            None
        }
    }
}

impl Reading<'_> {
    pub(super) fn office<R: Read + Seek>(
        &mut self,
        name: &str,
        archive: &mut ZipArchive<R>,
        kind: Office,
    ) {
        self.begin(name);
        match kind {
            Office::Text => {
                let prefixes = [
                    "word/document",
                    "word/footnotes",
                    "word/endnotes",
                    "word/comments",
                    "word/header",
                    "word/footer",
                ];
                for prefix in prefixes {
                    for part in parts(archive, prefix) {
                        self.paragraphs(name, archive, &part);
                    }
                }
            }
            Office::Slides => {
                for prefix in [
                    "ppt/slides/slide",
                    "ppt/notesSlides/notesSlide",
                    "ppt/comments/",
                ] {
                    for (at, part) in (1..).zip(parts(archive, prefix)) {
                        self.runs(name, archive, &part, Place::Slide(at));
                    }
                }
            }
            Office::Sheets => self.sheets(name, archive),
            Office::OpenDocument => self.paragraphs(name, archive, "content.xml"),
        }
        self.end();
    }

    /// Text by paragraphs.
    fn paragraphs<R: Read + Seek>(&mut self, name: &str, archive: &mut ZipArchive<R>, part: &str) {
        let mut paragraph = 1;
        self.part(name, archive, part, &mut |reading, piece| match piece {
            Piece::Text(text) => reading.text(Place::Paragraph(paragraph), text.as_bytes()),
            Piece::Start("tab" | "br" | "cr" | "s" | "line-break", _) => {
                reading.text(Place::Paragraph(paragraph), b" ");
            }
            Piece::End("p" | "h") => {
                reading.text(Place::Paragraph(paragraph), b"\n");
                paragraph += 1;
            }
            _ => {}
        });
    }

    /// Text that all stands in one place.
    fn runs<R: Read + Seek>(
        &mut self,
        name: &str,
        archive: &mut ZipArchive<R>,
        part: &str,
        place: Place,
    ) {
        self.part(name, archive, part, &mut |reading, piece| match piece {
            Piece::Text(text) => reading.text(place, text.as_bytes()),
            Piece::End("p" | "br") => reading.text(place, b"\n"),
            _ => {}
        });
    }

    /// Reads a part, within what may be unpacked; what is wrong with it is told.
    pub(super) fn part<R: Read + Seek>(
        &mut self,
        name: &str,
        archive: &mut ZipArchive<R>,
        part: &str,
        each: &mut dyn FnMut(&mut Self, Piece<'_, '_>),
    ) {
        let meter = self.meter.clone();
        let done = guarded(|| {
            let member = archive.by_name(part).map_err(|error| error.to_string())?;
            let limited = meter.read(member.take(super::WHOLE));
            xml::read(BufReader::new(limited), &mut |piece| each(self, piece))
        });
        if let Ok(Err(why)) | Err(why) = done {
            self.unread(&format!("{name}!{part}"), &why);
        }
    }
}

/// The XML parts that begin so, in the order of their numbers.
pub(super) fn parts<R: Read + Seek>(archive: &ZipArchive<R>, prefix: &str) -> Vec<String> {
    let mut found: Vec<(u32, String)> = archive
        .file_names()
        .flatten()
        .filter_map(|name| {
            let rest = name.strip_prefix(prefix)?.strip_suffix(".xml")?;
            let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
            (!rest.contains('/')).then(|| (digits.parse().unwrap_or(0), name.to_string()))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}
