//! Lists of hashes: one a line, or a column of CSV.

use std::path::Path;

use anyhow::{Context as _, bail};
use indicatif::ProgressBar;
use matching::pdq::{Index, Pdq};

use crate::cli::input::{self, Head, Line, read_line};
use crate::cli::table::{delimiter, normal};

/// Octets of the longest line.
const LONGEST: usize = 1 << 20;

/// Names of a column of hashes, in any case.
const COLUMNS: [&str; 4] = ["pdq", "pdq_hash", "hash", "value"];

/// Hashes with their labels; a signal of the index is a place in the list.
pub(super) struct List {
    pub(super) index: Index,
    entries: Vec<Entry>,
}

/// Where a hash stands in the list, and what stands beside it.
pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) label: Option<Box<str>>,
}

impl List {
    /// Reads a list, packed with gzip or zstd or not; '-' is stdin.
    ///
    /// # Errors
    /// When it cannot be read, or a line holds no hash: half a list would match half as much.
    pub(super) fn read(path: &Path, column: Option<&str>) -> anyhow::Result<Self> {
        let mut input = input::open(path, &ProgressBar::hidden(), Head::Whole)?;
        let mut list = List {
            index: Index::new(),
            entries: Vec::new(),
        };
        let mut reader = Reader {
            column,
            header: None,
        };
        let mut buffer = Vec::new();
        for line in 1.. {
            let read = read_line(&mut *input.stream, &mut buffer, LONGEST)
                .with_context(|| format!("cannot read {}", input.name))?;
            let place = || format!("{} line {line}", input.name);
            match read {
                Line::End => break,
                Line::TooLong => bail!("{}: longer than {LONGEST} octets", place()),
                Line::Whole => {}
            }
            let text = std::str::from_utf8(&buffer)
                .ok()
                .with_context(|| format!("{}: is not UTF-8 text", place()))?;
            let text = text.trim_start_matches('\u{feff}').trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if let Some((hash, label)) = reader.line(text).with_context(place)? {
                list.index.insert(hash, list.entries.len() as u64);
                let label = label.map(String::into_boxed_str);
                list.entries.push(Entry { line, label });
            }
        }
        // All at once: an index in one piece is searched fastest.
        list.index.merge();
        Ok(list)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn entry(&self, signal: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(signal).ok()?)
    }
}

/// Reads lines; knows the columns once a header has told them.
struct Reader<'r> {
    column: Option<&'r str>,
    header: Option<Header>,
}

/// Of CSV: what parts its fields, and the places of the hash and of the label.
#[derive(Copy, Clone)]
struct Header {
    delimiter: u8,
    hash: usize,
    label: Option<usize>,
}

impl Reader<'_> {
    /// A hash and its label; none for a header.
    fn line(&mut self, text: &str) -> anyhow::Result<Option<(Pdq, Option<String>)>> {
        if let Some(header) = self.header {
            let fields = fields(text, header.delimiter)?;
            let field = fields.get(header.hash).context("has no such column")?;
            let hash = field.trim().parse()?;
            let label = header.label.and_then(|label| fields.into_iter().nth(label));
            return Ok(Some((hash, label)));
        }
        let end = text.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
        let (first, rest) = text.split_at(end.unwrap_or(text.len()));
        let parsed = first.trim_matches('"').parse();
        if self.column.is_none()
            && let Ok(hash) = parsed
        {
            let label =
                rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
            return Ok(Some((hash, (!label.is_empty()).then(|| label.to_owned()))));
        }
        self.header = Some(self.header(text)?);
        Ok(None)
    }

    fn header(&self, text: &str) -> anyhow::Result<Header> {
        let delimiter = delimiter(text.as_bytes());
        let names = fields(text, delimiter)?;
        let place = |wanted: &str| {
            let wanted = normal(wanted);
            names.iter().position(|name| normal(name) == wanted)
        };
        let found = match self.column {
            Some(column) => place(column),
            None => COLUMNS.iter().find_map(|column| place(column)),
        };
        let Some(hash) = found else {
            bail!(
                "is neither a hash nor a header of CSV with a column {}: name it with --column",
                self.column.unwrap_or("'pdq' or 'hash'")
            );
        };
        let label = (0..names.len()).find(|place| *place != hash);
        Ok(Header {
            delimiter,
            hash,
            label,
        })
    }
}

/// The fields of a line of CSV.
fn fields(text: &str, delimiter: u8) -> anyhow::Result<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record)?;
    Ok(record.iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "f162eb9daab170c0567fe3632d9a5548c5612982dd5e374a7424ebbc8a835c95";

    fn read(text: &str, column: Option<&str>) -> anyhow::Result<Vec<(u64, Option<String>)>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        std::fs::write(&path, text.replace("HASH", HASH)).unwrap();
        let list = List::read(&path, column)?;
        let entries = list.entries.into_iter();
        Ok(entries
            .map(|e| (e.line, e.label.map(String::from)))
            .collect())
    }

    #[test]
    fn lists_of_every_form_are_read() {
        let labelled = |line, label: &str| (line, Some(label.to_owned()));
        assert_eq!(
            read("# ours\n\nHASH\nHASH a b\r\nHASH,c\nHASH\td", None).unwrap(),
            [
                (3, None),
                labelled(4, "a b"),
                labelled(5, "c"),
                labelled(6, "d")
            ]
        );
        let csv = "Name,Hash\n\"a, b\",HASH\nc,HASH\n";
        assert_eq!(
            read(csv, None).unwrap(),
            [labelled(2, "a, b"), labelled(3, "c")]
        );
        let csv = "Name;PDQ Hash\na, b;HASH\n";
        assert_eq!(read(csv, None).unwrap(), [labelled(2, "a, b")]);
        let csv = "pdq,perceptual\nx,HASH\n";
        assert_eq!(read(csv, Some("perceptual")).unwrap(), [labelled(2, "x")]);
    }

    #[test]
    fn a_line_without_a_hash_is_named() {
        for (text, column, words) in [
            ("HASH\nHASH\nf162\n", None, "line 3"),
            ("a,b\n1,2\n", None, "--column"),
            ("a,b\n1,2\n", Some("c"), "column c"),
            ("hash,b\n1,2\n", None, "64 hexadecimal"),
            ("a,hash\n1\n", None, "line 2"),
        ] {
            let error = format!("{:#}", read(text, column).err().unwrap());
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
