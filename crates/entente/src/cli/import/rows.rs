//! CSV: columns with a header, among them one of indicators.

use std::str::FromStr;

use csv::ByteRecord;

use super::indicator::{Row, Template};
use super::operations::{self, Operation};
use super::taking::Taking;
use crate::cli::input::Input;
use crate::cli::table::{self, normal};

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
        let names = FIELDS.map(|(field, name, _)| (field, name));
        table::named(text, &names, "value=Indicator").map(Columns)
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
    let name = input.name.clone();
    let header = |header: &[&str]| {
        let found = columns.find(header)?;
        let operation = operations::Columns::find(header)
            .map(|columns| Operation::new(&name, columns, template));
        Ok((found, operation))
    };
    let read = table::read(input, columns.are_given(), &header, &mut |read, record| {
        let table::Read {
            line,
            header: (found, operation),
            ..
        } = read;
        let row = found.row(record);
        match operation {
            Some(operation) => operation.row((&name, line), &table::cells(record), &row, taking),
            None => taking.take_row(&name, line, template, &row),
        }
    })?;
    match read {
        Some((_, Some(operation))) => operation.end(&name, taking),
        _ => Ok(()),
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
}
