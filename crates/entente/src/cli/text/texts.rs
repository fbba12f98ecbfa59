//! Texts out of files: lines, columns of CSV, members of JSON objects.

use std::fmt;
use std::io::Cursor;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use matching::text::{LONGEST_SKELETON, SHORTEST_SKELETON};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::input::{self, Head, Input, Line, read_line, without_mark};
use crate::cli::output::{counted, plain, tell, tell_error};
use crate::cli::table::{self, normal};
use crate::cli::{Exit, Failure};

/// Octets of the longest line.
const LONGEST: usize = 64 << 20;
/// Messages of one file about rows that hold no text.
const TOLD: u64 = 10;

/// What texts are usually called, best first.
const TEXTS: [&str; 10] = [
    "text",
    "full_text",
    "post",
    "message",
    "content",
    "body",
    "tweet",
    "test_case",
    "comment",
    "description",
];
/// What their names are usually called.
const NAMES: [&str; 8] = [
    "id",
    "name",
    "post_id",
    "object_id",
    "content_id",
    "case_id",
    "uri",
    "url",
];
/// What published hashes of a text are called.
const HASHES: &str = "hashes";

/// How files hold texts.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Reading {
    /// How texts stand in files
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Which column or member holds what, such as text=Message,id=Number
    #[arg(
        long,
        value_name = "FIELD=HEADER,...",
        default_value = "",
        hide_default_value = true
    )]
    columns: Columns,
}

/// What a file is.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Told by its content
    #[default]
    Auto,
    /// A text a line
    Lines,
    /// Columns with a header
    Csv,
    /// JSON objects, or strings, one a line
    Ndjson,
}

/// The headers that the command line names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    text: Option<String>,
    id: Option<String>,
}

impl FromStr for Columns {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let mut columns = Columns::default();
        let fields = [(false, "text"), (true, "id")];
        for (is_id, header) in table::named(words, &fields, "text=Message")? {
            let place = if is_id {
                &mut columns.id
            } else {
                &mut columns.text
            };
            *place = Some(header);
        }
        Ok(columns)
    }
}

impl Columns {
    fn are_given(&self) -> bool {
        self.text.is_some() || self.id.is_some()
    }

    /// The position of the text among these headers, and of its name.
    fn find(&self, headers: &[&str]) -> Result<(usize, Option<usize>), String> {
        let names: Vec<String> = headers.iter().map(|header| normal(header)).collect();
        let find = |asked: &Option<String>, known: &[&str]| match asked {
            Some(asked) => {
                let at = names.iter().position(|name| *name == normal(asked));
                at.map(Some)
                    .ok_or_else(|| format!("there is no column '{asked}'"))
            }
            None => Ok(known
                .iter()
                .find_map(|known| names.iter().position(|name| name == known))),
        };
        let text = find(&self.text, &TEXTS)?;
        let id = find(&self.id, &NAMES)?;
        let text = text.ok_or("no column looks like texts: name it with --columns text=HEADER")?;
        Ok((text, id))
    }
}

/// A text of a file.
#[derive(Debug)]
pub(crate) struct Text<'r> {
    pub(crate) file: &'r str,
    /// Its line; the first is 1.
    pub(crate) line: u64,
    /// What its row calls it.
    pub(crate) id: Option<String>,
    pub(crate) what: What<'r>,
}

/// A text, or what was published of it.
#[derive(Debug)]
pub(crate) enum What<'r> {
    Text(&'r [u8]),
    Hashes(Vec<u64>),
}

/// What was read.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) texts: u64,
    /// Rows without a text.
    pub(crate) without: u64,
    /// Files that could not be read, or not to their end.
    pub(crate) unread: u64,
}

impl Totals {
    /// The exit code when nothing else decides it.
    pub(crate) fn exit(self) -> Exit {
        if self.unread > 0 {
            Exit::Local
        } else {
            Exit::Done
        }
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.texts += other.texts;
        self.without += other.without;
        self.unread += other.unread;
    }
}

/// Where known texts stand.
#[derive(Debug, Default)]
pub(crate) struct Bank {
    files: Vec<String>,
    texts: Vec<(usize, u64, Option<Box<str>>)>,
}

/// A known text.
#[derive(Copy, Clone, Debug, Serialize)]
pub(crate) struct Known<'b> {
    pub(crate) file: &'b str,
    pub(crate) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'b str>,
}

impl Bank {
    /// Adds a text; gives its number.
    pub(crate) fn add(&mut self, text: &Text<'_>) -> u64 {
        if self.files.last().is_none_or(|last| last != text.file) {
            self.files.push(text.file.to_owned());
        }
        let file = self.files.len() - 1;
        self.texts
            .push((file, text.line, text.id.as_deref().map(Into::into)));
        self.texts.len() as u64 - 1
    }

    /// The text of a number.
    pub(crate) fn get(&self, number: u64) -> Option<Known<'_>> {
        let (file, line, id) = self.texts.get(usize::try_from(number).ok()?)?;
        Some(Known {
            file: self.files.get(*file)?,
            line: *line,
            id: id.as_deref(),
        })
    }
}

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", plain(self.file), self.line)?;
        match self.id {
            Some(id) => write!(f, " ({})", plain(id)),
            None => Ok(()),
        }
    }
}

type OnText<'t> = dyn FnMut(Text<'_>) -> anyhow::Result<()> + 't;

impl Reading {
    /// Hands over the texts of files in order. A file that cannot be read is told and counted.
    ///
    /// # Errors
    /// What `on_text` fails with, and a column that the command line names and a file lacks.
    pub(crate) fn read(
        &self,
        files: &[PathBuf],
        bar: &ProgressBar,
        on_text: &mut OnText<'_>,
    ) -> anyhow::Result<Totals> {
        input::tell_if_waiting(files);
        let mut totals = Totals::default();
        for path in files {
            let mut failed = None;
            let mut take = |text: Text<'_>| {
                on_text(text).map_err(|error| {
                    failed = Some(error);
                    anyhow::anyhow!("stopped")
                })
            };
            let mut rows = Rows {
                totals: &mut totals,
                told: 0,
                bar,
                on_text: &mut take,
            };
            let read = self.file(path, bar, &mut rows);
            if let Some(error) = failed {
                bar.finish_and_clear();
                return Err(error);
            }
            if let Err(error) = read {
                if self.columns.are_given() && error.is::<Failure>() {
                    bar.finish_and_clear();
                    return Err(error);
                }
                totals.unread += 1;
                bar.suspend(|| tell_error(&error));
            }
        }
        Ok(totals)
    }

    fn file(&self, path: &Path, bar: &ProgressBar, rows: &mut Rows<'_>) -> anyhow::Result<()> {
        let input = input::open(path, bar, Head::Whole)?;
        let format = match self.format {
            Format::Auto => tell_format(&input, &self.columns),
            asked => asked,
        };
        match format {
            Format::Csv => self.csv(input, rows),
            Format::Ndjson => self.lines(input, true, rows),
            Format::Auto | Format::Lines => self.lines(input, false, rows),
        }
    }

    fn csv(&self, input: Input, rows: &mut Rows<'_>) -> anyhow::Result<()> {
        let header = |header: &[&str]| self.columns.find(header);
        table::read(input, true, &header, &mut |read, record| {
            let table::Read { file, line, header } = read;
            let (text, id) = *header;
            let id = id.and_then(|at| record.get(at)).map(<[u8]>::trim_ascii);
            let id = id
                .filter(|id| !id.is_empty())
                .map(|id| String::from_utf8_lossy(id).into_owned());
            if let Some(text) = record.get(text) {
                return rows.text(file, line, id, What::Text(text));
            }
            rows.without(file, line, "the row has no such column");
            Ok(())
        })?;
        Ok(())
    }

    fn lines(&self, mut input: Input, json: bool, rows: &mut Rows<'_>) -> anyhow::Result<()> {
        let (mut buffer, mut number) = (Vec::new(), 0);
        loop {
            number += 1;
            let line = read_line(&mut input.stream, &mut buffer, LONGEST)
                .with_context(|| format!("{}:{number}: the file cannot be read on", input.name))?;
            let bytes = match line {
                Line::End => return Ok(()),
                Line::TooLong => {
                    rows.without(&input.name, number, "the line is longer than 64 MiB");
                    continue;
                }
                Line::Whole => without_mark(&buffer),
            };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            if !json {
                rows.text(&input.name, number, None, What::Text(bytes))?;
                continue;
            }
            match serde_json::from_slice::<Value>(bytes) {
                Ok(Value::String(text)) => {
                    rows.text(&input.name, number, None, What::Text(text.as_bytes()))?;
                }
                Ok(Value::Object(members)) => match self.object(&members) {
                    Ok((id, what)) => rows.text(&input.name, number, id, what)?,
                    Err(why) => rows.without(&input.name, number, &why),
                },
                Ok(_) => rows.without(&input.name, number, "it is no JSON object or string"),
                Err(_) => rows.without(&input.name, number, "it is not JSON"),
            }
        }
    }

    /// The text of an object, or the hashes that were published of one, and its name.
    fn object<'m>(
        &self,
        members: &'m Map<String, Value>,
    ) -> Result<(Option<String>, What<'m>), String> {
        let find = |asked: &Option<String>, known: &[&str]| match asked {
            Some(asked) => members.get(asked),
            None => known.iter().find_map(|known| members.get(*known)),
        };
        let id = match find(&self.columns.id, &NAMES) {
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => None,
        };
        if let Some(Value::Array(hashes)) = members.get(HASHES) {
            let hash = |value: &Value| {
                let text = value.as_str().filter(|text| text.len() == 16)?;
                u64::from_str_radix(text, 16).ok()
            };
            let hashes: Option<Vec<u64>> = hashes.iter().map(hash).collect();
            let hashes = hashes.ok_or("its hashes are not of 16 hexadecimal digits")?;
            return Ok((id, What::Hashes(hashes)));
        }
        match find(&self.columns.text, &TEXTS) {
            Some(Value::String(text)) => Ok((id, What::Text(text.as_bytes()))),
            Some(_) => Err("its text is no string".into()),
            None => Err("it has no text: name the member with --columns text=MEMBER".into()),
        }
    }
}

/// Takes rows, and tells of those without a text.
struct Rows<'r> {
    totals: &'r mut Totals,
    /// How many rows of this file were told of.
    told: u64,
    bar: &'r ProgressBar,
    on_text: &'r mut OnText<'r>,
}

impl Rows<'_> {
    fn text(
        &mut self,
        file: &str,
        line: u64,
        id: Option<String>,
        what: What<'_>,
    ) -> anyhow::Result<()> {
        self.totals.texts += 1;
        (self.on_text)(Text {
            file,
            line,
            id,
            what,
        })
    }

    fn without(&mut self, file: &str, line: u64, why: &str) {
        self.totals.without += 1;
        self.told += 1;
        if self.told <= TOLD {
            let words = format!("{}:{line}: left out: {why}", plain(file));
            self.bar.suspend(|| tell(&words));
        }
    }
}

/// What a file is, by its first octets and its name.
fn tell_format(input: &Input, columns: &Columns) -> Format {
    let first = without_mark(&input.head).trim_ascii_start();
    let line = first
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    if first.starts_with(b"{") {
        let mut values =
            serde_json::Deserializer::from_reader(Cursor::new(first)).into_iter::<Value>();
        if matches!(values.next(), Some(Ok(Value::Object(_)))) || !first.contains(&b'\n') {
            return Format::Ndjson;
        }
    }
    if first.starts_with(b"\"") && serde_json::from_slice::<String>(line).is_ok() {
        return Format::Ndjson;
    }
    let bare = input
        .name
        .strip_suffix(".gz")
        .or_else(|| input.name.strip_suffix(".zst"));
    let ending = Path::new(bare.unwrap_or(&input.name))
        .extension()
        .unwrap_or_default();
    let ending = ending.to_ascii_lowercase();
    if ending == "csv" || ending == "tsv" || columns.are_given() {
        return Format::Csv;
    }
    Format::Lines
}

/// Tells how many texts have no skeleton.
pub(crate) fn tell_unfit(count: u64) {
    let words =
        format!("they have fewer than {SHORTEST_SKELETON} letters or more than {LONGEST_SKELETON}");
    tell_left_out(count, &words);
}

/// Tells how many texts were left out, and of what reason.
pub(crate) fn tell_left_out(count: u64, why: &str) {
    if count > 0 {
        tell(&format!(
            "{} left out: {why}",
            counted(count, "text", "texts")
        ));
    }
}
