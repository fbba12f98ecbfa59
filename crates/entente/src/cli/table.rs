//! CSV as all verbs read it: a header and rows, the separator told by the header, rows bounded; and
//! what the command line says of columns.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use anyhow::Context as _;
use csv::{ByteRecord, ReaderBuilder};

use super::input::Input;
use super::{Exit, Failure};

/// A row's surroundings.
pub(crate) struct Read<'r, H> {
    pub(crate) file: &'r str,
    /// Its line; the first is 1.
    pub(crate) line: u64,
    /// What was made of the header.
    pub(crate) header: &'r mut H,
}

/// Reads a table: the header goes to `header`, each row that holds anything to `on_row`. Gives back
/// what was made of the header; none of an empty file.
///
/// # Errors
/// When `header` finds no columns (a fault of the command line when it names some: `are_named`), the
/// stream breaks, or `on_row` fails.
pub(crate) fn read<H>(
    input: Input,
    are_named: bool,
    header: &dyn Fn(&[&str]) -> Result<H, String>,
    on_row: &mut dyn FnMut(Read<'_, H>, &ByteRecord) -> anyhow::Result<()>,
) -> anyhow::Result<Option<H>> {
    let Input { name, head, stream } = input;
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let (bounded, since_row) = Bounded::new(stream);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(first))
        .from_reader(bounded);
    let mut record = ByteRecord::new();
    let mut found: Option<H> = None;
    loop {
        let line = reader.position().line();
        let more = reader.read_byte_record(&mut record);
        if !more.with_context(|| format!("{name}:{line}: the file cannot be read on"))? {
            return Ok(found);
        }
        since_row.set(0);
        let line = record.position().map_or(line, csv::Position::line);
        if let Some(header) = &mut found {
            if record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                let file = name.as_str();
                on_row(Read { file, line, header }, &record)?;
            }
            continue;
        }
        let cells = cells(&record);
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        found = Some(header(&cells).map_err(|missing| {
            let headers: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
            let words = format!("{name}: {missing}; its columns are {}", headers.join(", "));
            Failure::new(if are_named { Exit::Usage } else { Exit::Local }, words)
        })?);
    }
}

/// The cells of a row, as text.
pub(crate) fn cells(record: &ByteRecord) -> Vec<String> {
    let cells = record.iter();
    cells
        .map(|cell| String::from_utf8_lossy(cell).into_owned())
        .collect()
}

/// Reads `FIELD=HEADER,...`, of which `example` is one.
///
/// # Errors
/// What is no such pair, or no field.
pub(crate) fn named<F: Copy>(
    words: &str,
    fields: &[(F, &str)],
    example: &str,
) -> Result<Vec<(F, String)>, String> {
    let mut columns = Vec::new();
    for pair in words.split(',').filter(|pair| !pair.is_empty()) {
        let (name, header) = pair
            .split_once('=')
            .ok_or_else(|| format!("'{pair}' is not FIELD=HEADER, such as {example}"))?;
        let known = fields.iter().find(|(_, field)| *field == name.trim());
        let (field, _) = known.ok_or_else(|| {
            let all: Vec<&str> = fields.iter().map(|(_, name)| *name).collect();
            format!("'{name}' is no field: use one of {}", all.join(", "))
        })?;
        columns.push((*field, header.trim().to_owned()));
    }
    Ok(columns)
}

/// A header as it is compared: lower case, words between underscores.
pub(crate) fn normal(header: &str) -> String {
    let bare = header.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '"');
    bare.to_lowercase()
        .split([' ', '-', '.', '_'])
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

/// What separates the cells of a header.
pub(crate) fn delimiter(header: &[u8]) -> u8 {
    let count = |delimiter: u8| memchr::memchr_iter(delimiter, header).count();
    [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(b',')
}

/// Octets of the longest row.
const LONGEST_ROW: u64 = 8 << 20;

/// A stream that breaks off a row without end, as a quote that is never closed makes one.
struct Bounded<R> {
    stream: R,
    /// Octets read since the last row.
    read: Rc<Cell<u64>>,
}

impl<R> Bounded<R> {
    /// The stream, and the count that starts anew with each row.
    fn new(stream: R) -> (Self, Rc<Cell<u64>>) {
        let read = Rc::new(Cell::new(0));
        let since_row = Rc::clone(&read);
        (Bounded { stream, read }, since_row)
    }
}

impl<R: io::Read> io::Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read.get() > LONGEST_ROW {
            return Err(io::Error::other(
                "a row is longer than 8 MiB: is a quote never closed?",
            ));
        }
        let octets = self.stream.read(buffer)?;
        self.read.set(self.read.get() + octets as u64);
        Ok(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_commonest() {
        assert_eq!(delimiter(b"a,b,c"), b',');
        assert_eq!(delimiter(b"a;b;c"), b';');
        assert_eq!(delimiter(b"a\tb"), b'\t');
        assert_eq!(delimiter(b"a"), b',');
    }
}
