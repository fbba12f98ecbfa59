//! Tables of the account: one for each thing that is told, the same on pages, as CSV and as JSON.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// A table with what has to be known to read it.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The name in addresses.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What is counted, and from which entries.
    pub(crate) about: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// In CSV and JSON.
    pub(crate) key: String,
    /// On pages.
    pub(crate) label: String,
    /// Whether it holds numbers.
    pub(crate) number: bool,
    /// Whether it holds an id or code whose name stands in the next column: pages leave it out.
    pub(crate) code: bool,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// A word.
    Text(String),
    /// A word of a closed set, and what people read.
    Word(&'static str, &'static str),
    /// Something with a page: its id or value, what people read, and where it is.
    Linked(String, String, String),
    /// A number.
    Number(i64),
    /// A number, and where the entries behind it are listed.
    Behind(i64, String),
    /// Minutes.
    Minutes(u32),
    /// Nothing is known.
    Nothing,
}

impl Column {
    pub(crate) fn text(key: &str, label: &str) -> Self {
        Column {
            key: key.to_owned(),
            label: label.to_owned(),
            number: false,
            code: false,
        }
    }

    pub(crate) fn code(key: &str, label: &str) -> Self {
        Column {
            code: true,
            ..Self::text(key, label)
        }
    }

    pub(crate) fn number(key: &str, label: &str) -> Self {
        Column {
            number: true,
            ..Self::text(key, label)
        }
    }
}

impl Cell {
    /// What people read.
    pub(crate) fn words(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Linked(_, text, _) => text.clone(),
            Cell::Word(_, label) => (*label).to_owned(),
            Cell::Number(number) | Cell::Behind(number, _) => {
                crate::http::pages::text::thousands(number)
            }
            Cell::Minutes(minutes) => super::duration::words(*minutes),
            Cell::Nothing => "–".to_owned(),
        }
    }

    /// Where it leads; zeros lead nowhere.
    pub(crate) fn href(&self) -> Option<&str> {
        match self {
            Cell::Linked(_, _, href) => Some(href),
            Cell::Behind(number, href) if *number != 0 => Some(href),
            _ => None,
        }
    }

    /// As it stands in a CSV file. What a spreadsheet would take for a formula is kept from it by an
    /// apostrophe (OWASP, CSV Injection).
    fn csv(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Linked(text, _, _) => harmless(text),
            Cell::Word(word, _) => (*word).to_owned(),
            Cell::Number(number) | Cell::Behind(number, _) => number.to_string(),
            Cell::Minutes(minutes) => minutes.to_string(),
            Cell::Nothing => String::new(),
        }
    }
}

fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Text(text) | Cell::Linked(text, _, _) => to.serialize_str(text),
            Cell::Word(word, _) => to.serialize_str(word),
            Cell::Number(number) | Cell::Behind(number, _) => to.serialize_i64(*number),
            Cell::Minutes(minutes) => to.serialize_u32(*minutes),
            Cell::Nothing => to.serialize_none(),
        }
    }
}

/// A row as an object.
struct Row<'t>(&'t [Column], &'t [Cell]);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.1.len()))?;
        for (column, cell) in self.0.iter().zip(self.1) {
            map.serialize_entry(&column.key, cell)?;
        }
        map.end()
    }
}

impl Table {
    /// Rows as a page shows them: without codes, and of months the newest dozen, the newest first.
    pub(crate) fn shown(&self) -> Vec<Vec<(&Column, &Cell)>> {
        let row = |row| {
            let cells = self.columns.iter().zip::<&Vec<Cell>>(row);
            cells.filter(|(column, _)| !column.code).collect()
        };
        let months = self
            .columns
            .first()
            .is_some_and(|column| column.key == "month");
        if months {
            return self.rows.iter().rev().take(12).map(row).collect();
        }
        self.rows.iter().map(row).collect()
    }

    /// RFC 4180, with a header.
    pub(crate) fn csv(&self) -> String {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        // Writing to memory cannot fail.
        let _ = csv.write_record(self.columns.iter().map(|column| &column.key));
        for row in &self.rows {
            let _ = csv.write_record(row.iter().map(Cell::csv));
        }
        let bytes = csv.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// Rows as objects, beside what has to be known to read them.
    pub(crate) fn json(&self, through: node::account::Month, is_final: bool) -> serde_json::Value {
        let rows: Vec<Row<'_>> = self
            .rows
            .iter()
            .map(|row| Row(&self.columns, row))
            .collect();
        serde_json::json!({
            "table": self.name,
            "title": self.title,
            "about": self.about,
            "through": through,
            "is_final": is_final,
            "rows": rows,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_a_csv_file_is_a_formula() {
        let table = Table {
            name: "t",
            title: "",
            about: "",
            columns: vec![Column::text("name", "Name"), Column::number("n", "N")],
            rows: vec![
                vec![Cell::Text("=HYPERLINK(\"x\")".into()), Cell::Number(-1)],
                vec![Cell::Text("@a, \"b\"".into()), Cell::Nothing],
                vec![Cell::Text("plain".into()), Cell::Minutes(3)],
            ],
        };
        let wanted =
            "name,n\r\n\"'=HYPERLINK(\"\"x\"\")\",-1\r\n\"'@a, \"\"b\"\"\",\r\nplain,3\r\n";
        assert_eq!(table.csv(), wanted);
        let json = table.json("2026-10".parse().unwrap(), true);
        assert_eq!(json["rows"][0]["name"], "=HYPERLINK(\"x\")");
        assert_eq!(json["rows"][1]["n"], serde_json::Value::Null);
    }
}
