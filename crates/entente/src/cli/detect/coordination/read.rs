//! Posts out of CSV and NDJSON.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use detect::coordination::{Layer, Posts, objects_of};
use indicatif::ProgressBar;
use serde_json::Value;

use super::columns::{Columns, Field, Source, sources};
use super::time::millis;
use crate::cli::Failure;
use crate::cli::input::{self, Head, Input, Line, read_line, without_mark};
use crate::cli::output::{plain, tell, tell_error};
use crate::cli::table;

/// Octets of the longest line of NDJSON.
const LONGEST: usize = 64 << 20;
/// Octets of the longest name of an object or account.
const LONGEST_NAME: usize = 4096;
/// Messages of one file about rows that are left out.
const TOLD: u64 = 10;

/// What was read.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Totals {
    /// Rows that are posts.
    pub(super) posts: u64,
    /// Rows that were left out.
    pub(super) without: u64,
    /// Files that could not be read, or not to their end.
    pub(super) unread: u64,
}

/// Reads files into posts.
pub(super) struct Reading<'r> {
    pub(super) columns: &'r Columns,
    pub(super) layers: &'r [Layer],
    pub(super) bar: &'r ProgressBar,
}

impl Reading<'_> {
    /// Reads all files. One that cannot be read is told and counted.
    ///
    /// # Errors
    /// When a column that the command line names is missing, a layer cannot be had, or there are too
    /// many names.
    pub(super) fn read(&self, files: &[PathBuf], posts: &mut Posts) -> anyhow::Result<Totals> {
        input::tell_if_waiting(files);
        let mut totals = Totals::default();
        for path in files {
            let told = totals.without;
            let mut taking = Taking {
                posts,
                totals: &mut totals,
                told,
                bar: self.bar,
            };
            if let Err(error) = self.file(path, &mut taking) {
                if error.is::<Failure>() || error.is::<detect::coordination::Full>() {
                    self.bar.finish_and_clear();
                    return Err(error);
                }
                totals.unread += 1;
                self.bar.suspend(|| tell_error(&error));
            }
        }
        Ok(totals)
    }

    fn file(&self, path: &Path, taking: &mut Taking<'_>) -> anyhow::Result<()> {
        let input = input::open(path, self.bar, Head::Whole)?;
        if without_mark(&input.head)
            .trim_ascii_start()
            .starts_with(b"{")
        {
            self.lines(input, taking)
        } else {
            self.csv(input, taking)
        }
    }

    fn csv(&self, input: Input, taking: &mut Taking<'_>) -> anyhow::Result<()> {
        let header = |header: &[&str]| {
            let positions = self.columns.find(header)?;
            let sources = sources(self.layers, &|field| positions.of(field).is_some())?;
            Ok((positions, sources))
        };
        let are_named = self.columns.are_given() || !self.layers.is_empty();
        table::read(input, are_named, &header, &mut |read, record| {
            let table::Read { file, line, header } = read;
            let (positions, sources) = &*header;
            let cell = |field| {
                let cell = positions.of(field).and_then(|at| record.get(at));
                Cow::Borrowed(cell.unwrap_or_default().trim_ascii())
            };
            taking.row(file, line, sources, &cell)
        })?;
        Ok(())
    }

    fn lines(&self, mut input: Input, taking: &mut Taking<'_>) -> anyhow::Result<()> {
        let (mut buffer, mut number) = (Vec::new(), 0);
        loop {
            number += 1;
            let line = read_line(&mut input.stream, &mut buffer, LONGEST)
                .with_context(|| format!("{}:{number}: the file cannot be read on", input.name))?;
            let bytes = match line {
                Line::End => return Ok(()),
                Line::TooLong => {
                    taking.without(&input.name, number, "the line is longer than 64 MiB");
                    continue;
                }
                Line::Whole => without_mark(&buffer).trim_ascii(),
            };
            if bytes.is_empty() {
                continue;
            }
            let Ok(Value::Object(object)) = serde_json::from_slice::<Value>(bytes) else {
                taking.without(&input.name, number, "it is no JSON object");
                continue;
            };
            let object = Value::Object(object);
            let member = |field| self.member(&object, field);
            // an object has what it has: layers differ from line to line
            match sources(self.layers, &|field| member(field).is_some()) {
                Ok(sources) => {
                    let cell = |field| Cow::Owned(member(field).map(written).unwrap_or_default());
                    taking.row(&input.name, number, &sources, &cell)?;
                }
                Err(_) => taking.without(&input.name, number, "it shares nothing"),
            }
        }
    }

    /// A member of an object, found by its name or, with dots, its path.
    fn member<'v>(&self, object: &'v Value, field: Field) -> Option<&'v Value> {
        // an object is no value: what is wanted may be within it
        let is_there =
            |value: &&Value| !value.is_null() && !value.is_object() && value.as_str() != Some("");
        let headers = self.columns.headers(field);
        headers.iter().find_map(|header| {
            let whole = object.get(header);
            let path = || header.split('.').try_fold(object, |at, step| at.get(step));
            whole.or_else(path).filter(is_there)
        })
    }
}

/// A value as a cell would hold it: lists with spaces between.
fn written(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.trim().as_bytes().to_vec(),
        Value::Array(items) => {
            let items: Vec<Vec<u8>> = items.iter().map(written).collect();
            items.join(b" ".as_slice())
        }
        Value::Object(members) => {
            // as platforms say links and hashtags
            let names = ["expanded_url", "url", "uri", "name", "tag", "text"];
            names
                .iter()
                .find_map(|name| members.get(*name))
                .map(written)
                .unwrap_or_default()
        }
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string().into_bytes(),
    }
}

/// Takes rows, and tells of those that are left out.
struct Taking<'t> {
    posts: &'t mut Posts,
    totals: &'t mut Totals,
    /// Rows without before this file.
    told: u64,
    bar: &'t ProgressBar,
}

impl Taking<'_> {
    fn row<'c>(
        &mut self,
        file: &str,
        line: u64,
        sources: &[(Layer, Source)],
        cell: &dyn Fn(Field) -> Cow<'c, [u8]>,
    ) -> anyhow::Result<()> {
        let account = cell(Field::Account);
        if account.is_empty() || account.len() > LONGEST_NAME {
            self.without(file, line, "it names no account");
            return Ok(());
        }
        let written = cell(Field::Time);
        let Some(time) = std::str::from_utf8(&written).ok().and_then(millis) else {
            let shown: String = String::from_utf8_lossy(&written).chars().take(40).collect();
            self.without(file, line, &format!("'{shown}' is no time"));
            return Ok(());
        };
        self.totals.posts += 1;
        let mut content = cell(Field::Content);
        if content.is_empty() && self.posts.has_contents() {
            content = Cow::Owned(format!("{file}:{line}").into_bytes());
        }
        let is_repost = !cell(Field::Repost).is_empty();
        let posts = &mut *self.posts;
        let mut failed = None;
        for (layer, source) in sources {
            let mut add = |object: &[u8]| {
                if !object.is_empty() && object.len() <= LONGEST_NAME {
                    failed = failed.or(posts.add(*layer, object, &account, &content, time).err());
                }
            };
            match source {
                Source::Whole(field) => add(&cell(*field)),
                // what a repost holds is the original's
                Source::List(_) | Source::Text if is_repost => {}
                Source::List(field) => {
                    for item in items(&cell(*field), *layer) {
                        add(&item);
                    }
                }
                Source::Text => {
                    let mut seen: Vec<Vec<u8>> = Vec::new();
                    objects_of(*layer, &cell(Field::Text), &mut |object| {
                        if !seen.iter().any(|known| known == object) {
                            seen.push(object.to_vec());
                            add(object);
                        }
                    });
                }
            }
        }
        match failed {
            Some(full) => Err(full.into()),
            None => Ok(()),
        }
    }

    fn without(&mut self, file: &str, line: u64, why: &str) {
        self.totals.without += 1;
        if self.totals.without - self.told <= TOLD {
            let words = format!("{}:{line}: left out: {}", plain(file), plain(why));
            self.bar.suspend(|| tell(&words));
        }
    }
}

/// The items of a cell: between spaces or bars, without the marks of a list; hashtags without case.
fn items(cell: &[u8], layer: Layer) -> Vec<Vec<u8>> {
    let is_between = |byte: &u8| {
        byte.is_ascii_whitespace()
            || *byte == b'|'
            || layer == Layer::Hashtag && matches!(byte, b',' | b';')
    };
    let is_mark = |byte: &u8| matches!(byte, b'[' | b']' | b'\'' | b'"' | b',');
    let mut items: Vec<Vec<u8>> = Vec::new();
    for item in cell.split(is_between) {
        let start = item
            .iter()
            .position(|byte| !is_mark(byte))
            .unwrap_or(item.len());
        let end = item
            .iter()
            .rposition(|byte| !is_mark(byte))
            .map_or(start, |at| at + 1);
        let bare = item.get(start..end).unwrap_or_default();
        let item = match layer {
            Layer::Hashtag => hashtag(bare),
            _ => bare.to_vec(),
        };
        if !item.is_empty() && !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

fn hashtag(bare: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bare);
    let tag = text.trim_start_matches('#');
    if tag.is_empty() {
        Vec::new()
    } else {
        format!("#{}", tag.to_lowercase()).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_however_they_are_written() {
        let of = |cell: &str, layer| -> Vec<String> {
            let items = items(cell.as_bytes(), layer);
            items
                .into_iter()
                .map(|item| String::from_utf8(item).unwrap())
                .collect()
        };
        assert_eq!(of("['Vote', '#Vote']", Layer::Hashtag), ["#vote"]);
        assert_eq!(of("a,b;c", Layer::Hashtag), ["#a", "#b", "#c"]);
        assert_eq!(
            of("https://a.example/?x=1,2 https://b.example", Layer::Url),
            ["https://a.example/?x=1,2", "https://b.example"]
        );
        assert!(of("[]", Layer::Url).is_empty());
    }
}
