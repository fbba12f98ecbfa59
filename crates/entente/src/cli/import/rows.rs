//! CSV: columns with a header, among them one of indicators.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;
use std::str::FromStr;

use anyhow::Context as _;
use csv::{ByteRecord, ReaderBuilder};

use super::indicator::{Row, Template};
use super::operations::{self, Operation};
use super::taking::Taking;
use crate::cli::input::Input;
use crate::cli::{Exit, Failure};

/// What a column can hold.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Field {
    Value,
    Kind,
    Name,
    Description,
    Labels,
    Date,
}

/// A field, its name on the command line, and the headers it is known by, best first.
const FIELDS: [(Field, &str, &[&str]); 6] = [
    (
        Field::Value,
        "value",
        &[
            "indicator_value",
            "indicator",
            "value",
            "ioc_value",
            "ioc",
            "observable",
            "artifact",
        ],
    ),
    (
        Field::Kind,
        "kind",
        &["indicator_type", "ioc_type", "type", "kind"],
    ),
    (
        Field::Name,
        "name",
        &["name", "title", "procedure", "threat", "malware"],
    ),
    (
        Field::Description,
        "description",
        &[
            "description",
            "comment",
            "comments",
            "note",
            "notes",
            "context",
        ],
    ),
    (Field::Labels, "labels", &["labels", "label", "tags", "tag"]),
    (
        Field::Date,
        "date",
        &["ds", "date", "first_seen", "valid_from", "created", "added"],
    ),
];

/// Which columns hold what, where the command line says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns(Vec<(Field, String)>);

/// Which columns hold what, by number.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found([Option<usize>; FIELDS.len()]);

impl FromStr for Columns {
    type Err = String;

    /// Reads `value=Indicator,name=Title`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut columns = Vec::new();
        for pair in text.split(',').filter(|pair| !pair.is_empty()) {
            let (name, header) = pair
                .split_once('=')
                .ok_or_else(|| format!("'{pair}' is not FIELD=HEADER, such as value=Indicator"))?;
            let known = FIELDS.iter().find(|(_, field, _)| *field == name.trim());
            let (field, _, _) = known.ok_or_else(|| {
                let all: Vec<&str> = FIELDS.iter().map(|(_, name, _)| *name).collect();
                format!("'{name}' is no field: use one of {}", all.join(", "))
            })?;
            columns.push((*field, header.trim().to_owned()));
        }
        Ok(Columns(columns))
    }
}

impl Columns {
    /// Whether the command line says anything.
    pub(crate) fn are_given(&self) -> bool {
        !self.0.is_empty()
    }

    /// Finds the columns in a header: those that were named, and others by what they are usually
    /// called.
    ///
    /// # Errors
    /// Which column is missing.
    pub(crate) fn find(&self, header: &[&str]) -> Result<Found, String> {
        let names: Vec<String> = header.iter().map(|cell| normal(cell)).collect();
        let mut found = Found::default();
        for ((field, _, known), place) in FIELDS.iter().zip(&mut found.0) {
            let asked = self
                .0
                .iter()
                .find(|(asked, _)| asked == field)
                .map(|(_, name)| name);
            *place = match asked {
                Some(asked) => {
                    let at = names.iter().position(|name| *name == normal(asked));
                    Some(at.ok_or_else(|| format!("there is no column '{asked}'"))?)
                }
                None => known
                    .iter()
                    .find_map(|known| names.iter().position(|name| name == known)),
            };
        }
        if found.at(Field::Description).is_none() && !self.are_given() {
            // Headers are typed by people: "Commernts".
            let like = |name: &String| name.starts_with("comm") || name.starts_with("note");
            if let Some(place) = found.0.get_mut(Field::Description as usize) {
                *place = names.iter().position(like);
            }
        }
        if found.at(Field::Value).is_none() {
            return Err(
                "no column looks like indicators: name it with --columns value=HEADER".into(),
            );
        }
        Ok(found)
    }
}

impl Found {
    fn at(&self, field: Field) -> Option<usize> {
        self.0.get(field as usize).copied().flatten()
    }

    fn row(&self, record: &ByteRecord) -> Row {
        let cell = |field| {
            let bytes = self
                .at(field)
                .and_then(|at| record.get(at))
                .unwrap_or_default();
            String::from_utf8_lossy(bytes.trim_ascii()).into_owned()
        };
        let labels = cell(Field::Labels);
        let labels = labels
            .split([',', ';', '|'])
            .map(str::trim)
            .filter(|label| !label.is_empty());
        Row {
            value: cell(Field::Value),
            kind: cell(Field::Kind),
            name: cell(Field::Name),
            description: cell(Field::Description),
            labels: labels.map(str::to_owned).collect(),
            date: cell(Field::Date),
        }
    }
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
pub(crate) struct Bounded<R> {
    stream: R,
    /// Octets read since the last row.
    read: Rc<Cell<u64>>,
}

impl<R> Bounded<R> {
    /// The stream, and the count that starts anew with each row.
    pub(crate) fn new(stream: R) -> (Self, Rc<Cell<u64>>) {
        let read = Rc::new(Cell::new(0));
        let since_row = Rc::clone(&read);
        (Bounded { stream, read }, since_row)
    }
}

impl<R: Read> Read for Bounded<R> {
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

/// Takes the rows of a CSV file.
///
/// # Errors
/// When no column holds indicators, the stream breaks, or the node cannot be written.
pub(crate) fn read(
    input: Input,
    columns: &Columns,
    template: &Template,
    taking: &mut Taking<'_>,
) -> anyhow::Result<()> {
    let Input { name, head, stream } = input;
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let (bounded, since_row) = Bounded::new(stream);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(first))
        .from_reader(bounded);
    let mut record = ByteRecord::new();
    let mut found: Option<Found> = None;
    let mut operation: Option<Operation<'_>> = None;
    loop {
        let line = reader.position().line();
        let more = reader.read_byte_record(&mut record);
        if !more.with_context(|| format!("{name}:{line}: the file cannot be read on"))? {
            return match operation {
                Some(operation) => operation.end(&name, taking),
                None => Ok(()),
            };
        }
        since_row.set(0);
        let line = record.position().map_or(line, csv::Position::line);
        let cells = || -> Vec<String> {
            let cells = record.iter();
            cells
                .map(|cell| String::from_utf8_lossy(cell).into_owned())
                .collect()
        };
        if let Some(found) = &found {
            if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            let row = found.row(&record);
            match &mut operation {
                Some(operation) => operation.row((&name, line), &cells(), &row, taking)?,
                None => taking.take_row(&name, line, template, &row)?,
            }
            continue;
        }
        let cells = cells();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        operation = operations::Columns::find(&cells)
            .map(|columns| Operation::new(&name, columns, template));
        found = Some(columns.find(&cells).map_err(|missing| {
            let headers: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
            let words = format!("{name}: {missing}; its columns are {}", headers.join(", "));
            Failure::new(
                if columns.are_given() {
                    Exit::Usage
                } else {
                    Exit::Local
                },
                words,
            )
        })?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: &str, header: &str) -> Result<Vec<Option<usize>>, String> {
        let cells: Vec<&str> = header.split(',').collect();
        columns
            .parse::<Columns>()?
            .find(&cells)
            .map(|found| found.0.to_vec())
    }

    #[test]
    fn columns_are_found_by_what_they_are_usually_called() {
        let value_and = |name, description| Ok(vec![Some(3), None, name, description, None, None]);
        assert_eq!(
            found("", "Tactic ,Technique,Procedure,Indicator"),
            value_and(Some(2), None)
        );
        let typo = "Tactic,Technique,Procedure,Indicator,Commernts";
        assert_eq!(found("", typo), value_and(Some(2), Some(4)));
        assert_eq!(
            found("", "\u{feff}indicator_type,indicator_value,comment,ds"),
            Ok(vec![Some(1), Some(0), None, Some(2), None, Some(3)])
        );
        assert!(found("", "a,b,c").is_err());
    }

    #[test]
    fn columns_can_be_named() {
        assert_eq!(found("value=b", "a,B,c").unwrap()[0], Some(1));
        assert_eq!(
            found("value=x", "a,b"),
            Err("there is no column 'x'".into())
        );
        assert!("colour=a".parse::<Columns>().is_err());
        assert!("value".parse::<Columns>().is_err());
    }

    #[test]
    fn the_delimiter_is_the_commonest() {
        assert_eq!(delimiter(b"a,b,c"), b',');
        assert_eq!(delimiter(b"a;b;c"), b';');
        assert_eq!(delimiter(b"a\tb"), b'\t');
        assert_eq!(delimiter(b"a"), b',');
    }
}
