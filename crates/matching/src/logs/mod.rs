//! Lines of common log formats as observations: what was seen, as STIX observables, and when.
//!
//! A [`Mapper`] reads the lines of one file in their order and fills a [`Record`] from each, which
//! gives the observation. Which field becomes which property stands in docs/patterns.md. Everything
//! is told by which fields there are, not by the name of the log, so that logs of unknown kinds
//! give what they share with the known ones.

mod combined;
mod csv;
mod eve;
mod fields;
mod record;
mod time;
mod zeek;

pub use csv::{Column, WrongColumn};
pub use record::Record;

/// A format of input.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// STIX objects: bundles, or one a line.
    Stix,
    /// Zeek: columns under a `#fields` line, or JSON.
    Zeek,
    /// Suricata's EVE JSON.
    Eve,
    /// The combined or common log format of web servers.
    Combined,
    /// Comma, semicolon or tab separated columns under a header.
    Csv,
}

/// What became of a line.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The record holds what was seen.
    Seen,
    /// A header, a comment, an empty line, or nothing that can be matched.
    Nothing,
    /// Not a line of the format.
    Wrong(Wrong),
}

/// What is wrong with a line.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Wrong {
    /// JSON was expected.
    #[error("is not a JSON object")]
    Json,
    /// The time is missing or unreadable.
    #[error("has no time that can be read")]
    Time,
    /// Zeek's columns have no names.
    #[error("stands before a #fields line, which names Zeek's columns")]
    Fields,
    /// Not as many columns as there are names.
    #[error("has another number of columns than its header")]
    Columns,
    /// Not the format of web servers.
    #[error("is not in the combined or common log format")]
    Combined,
    /// A quoted field does not end in the line.
    #[error("has a quoted field that does not end; fields over several lines are not read")]
    Quote,
}

/// Reads the lines of one file.
#[derive(Debug)]
pub struct Mapper(State);

#[derive(Debug)]
enum State {
    Zeek(zeek::Header),
    Eve,
    Combined,
    Csv(csv::Reader),
}

impl Mapper {
    /// For a format; none for STIX, which is no log. The columns are those of CSV.
    pub fn new(format: Format, columns: &[Column]) -> Option<Self> {
        Some(Mapper(match format {
            Format::Stix => return None,
            Format::Zeek => State::Zeek(zeek::Header::default()),
            Format::Eve => State::Eve,
            Format::Combined => State::Combined,
            Format::Csv => State::Csv(csv::Reader::new(columns)),
        }))
    }

    /// Reads a line without its end; what is not UTF-8 is replaced.
    pub fn line(&mut self, line: &[u8], record: &mut Record) -> Line {
        record.clear();
        let text = String::from_utf8_lossy(line);
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Line::Nothing;
        }
        let read = match &mut self.0 {
            State::Zeek(header) => zeek::read(header, text, record),
            State::Eve => eve::read(text, record),
            State::Combined => combined::read(text, record),
            State::Csv(reader) => reader.read(text, record),
        };
        match read {
            Err(wrong) => Line::Wrong(wrong),
            Ok(()) if record.is_empty() => Line::Nothing,
            Ok(()) => Line::Seen,
        }
    }

    /// The columns of CSV that the header does not have, once it was read.
    pub fn missing_columns(&self) -> Vec<&str> {
        match &self.0 {
            State::Csv(reader) => reader.missing(),
            _ => Vec::new(),
        }
    }

    /// Whether lines have no time of their own: all are then at 1970-01-01.
    pub fn is_timeless(&self) -> bool {
        matches!(&self.0, State::Csv(reader) if reader.is_timeless())
    }
}

/// The format that a file begins like; none when it is none of these. CSV is never told: it has
/// columns of any name.
pub fn guess(head: &[u8]) -> Option<Format> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let line = text.lines().next().unwrap_or_default();
    if line.starts_with("#separator") || line.starts_with("#fields") {
        return Some(Format::Zeek);
    }
    if line.starts_with('{') {
        let mut is_eve = false;
        let mut is_zeek = false;
        let mut is_stix = false;
        let parsed = stix::json::each_member(line, |name, _| match name.as_ref() {
            "event_type" | "src_ip" => is_eve = true,
            "ts" | "_path" => is_zeek = true,
            "type" | "objects" => is_stix = true,
            _ => {}
        });
        return match (is_eve, is_zeek, is_stix) {
            (true, ..) => Some(Format::Eve),
            (_, true, _) => Some(Format::Zeek),
            (_, _, true) => Some(Format::Stix),
            // an object over many lines
            _ => parsed.is_err().then_some(Format::Stix),
        };
    }
    let mut record = Record::default();
    (combined::read(line, &mut record).is_ok()).then_some(Format::Combined)
}
