//! `entente secrets canary`: a mark in each recipient's copy, and whose copy a text comes from.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use detect::secrets::canary::{Finder, Form, Marker, Serial};
use indicatif::ProgressBar;
use matching::text::Key;
use serde::Serialize;

use super::mark::{self, Style};
use super::print::{MarkRow, form, mark_line};
use super::texts::Marked;
use super::walk::{Found, files};
use crate::cli::input::{Head, once, open};
use crate::cli::key::KeyFile;
use crate::cli::output::{FOUND, Out, PLACE, counted, plain, tell};
use crate::cli::{Exit, Failure};
use crate::document::{Event, Limits, read_file, read_stream};

/// Recipients of one command at most.
const MOST: usize = 1_000_000;

/// Mark each recipient's copy of a document, and find whose copy a text comes from
///
/// Each recipient has a serial that follows from the key and the recipient's name: 16 letters that
/// nobody else can make. It is put into that recipient's copy as a line, within an address or a URL
/// where you give one, and as invisible characters between the words. With --find, files are
/// searched for the marks of these recipients. What is found names the copy, not who passed it on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente secrets canary plan.docx --for anna@example.org otto --out-dir copies --key-file secrets.key
  entente secrets canary plan.txt --for-file recipients.txt --out-dir copies --key-file secrets.key \\
      --address 'desk+{}@example.org' --url 'https://example.org/d/{}'
  entente secrets canary --for anna@example.org --key-file secrets.key      print the serial alone
  entente secrets canary --find leak.pdf --for-file recipients.txt --key-file secrets.key")]
pub(crate) struct Canary {
    /// The document: text, HTML or DOCX; without one the serials are printed
    #[arg(value_name = "FILE", conflicts_with = "find")]
    file: Option<PathBuf>,
    /// Who gets a copy
    #[arg(long = "for", value_name = "RECIPIENT", num_args = 1..)]
    recipients: Vec<String>,
    #[command(flatten)]
    copies: Copies,
    /// Where the copies go
    #[arg(long, value_name = "DIR", requires = "file")]
    out_dir: Option<PathBuf>,
    /// The line that bears the serial, with {} in its place; empty for none
    #[arg(long, value_name = "TEXT", default_value = "Copy reference: {}")]
    line: String,
    /// An e-mail address that bears it, with {} in its place
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// A URL that bears it, with {} in its place
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Put no invisible characters between the words
    #[arg(long)]
    no_invisible: bool,
    /// Files and directories to search for the marks ('-' is stdin)
    #[arg(long, value_name = "LEAK", num_args = 1..)]
    find: Vec<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Exit with 1 when a mark was found
    #[arg(long)]
    fail_on_match: bool,
    #[command(flatten)]
    key: KeyFile,
}

/// Whose copies bear marks.
#[derive(Debug, Args)]
pub(super) struct Copies {
    /// File with recipients of marked copies, one a line; their marks are looked for
    #[arg(long, value_name = "FILE")]
    for_file: Option<PathBuf>,
    /// What the copies were marked for: another label gives other serials
    #[arg(long, value_name = "TEXT", default_value = "")]
    label: String,
}

/// Recipients and their serials.
#[derive(Default)]
pub(super) struct Recipients {
    names: Vec<String>,
    serials: Vec<Serial>,
}

impl Recipients {
    pub(super) fn name(&self, at: usize) -> &str {
        self.names.get(at).map_or("", String::as_str)
    }

    /// What finds their marks; none where there are no recipients.
    pub(super) fn finder(&self) -> Option<Finder> {
        (!self.serials.is_empty()).then(|| Finder::new(&self.serials))
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, Serial)> {
        let names = self.names.iter().map(String::as_str);
        names.zip(self.serials.iter().copied())
    }
}

impl Copies {
    /// The recipients of the file, where one is named.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(&self, key: &Key) -> anyhow::Result<Recipients> {
        self.with(key, &[])
    }

    fn with(&self, key: &Key, more: &[String]) -> anyhow::Result<Recipients> {
        let mut names = more.to_vec();
        if let Some(path) = &self.for_file {
            let input = open(path, &ProgressBar::hidden(), Head::Whole)?;
            for line in BufReader::new(input.stream).lines() {
                let line = line.with_context(|| format!("cannot read {}", input.name))?;
                let name = line.trim_start_matches('\u{feff}').trim();
                if !name.is_empty() {
                    names.push(name.to_owned());
                }
                if names.len() > MOST {
                    bail!("{}: more than a million recipients", input.name);
                }
            }
        }
        let marker = Marker::new(key, &self.label);
        let serials: Vec<Serial> = names.iter().map(|name| marker.serial(name)).collect();
        let mut seen = BTreeMap::new();
        for (name, serial) in names.iter().zip(&serials) {
            if let Some(other) = seen.insert(*serial, name) {
                let words = format!(
                    "'{}' is named twice, as '{}' too",
                    plain(other),
                    plain(name)
                );
                return Err(Failure::usage(words).into());
            }
        }
        Ok(Recipients { names, serials })
    }
}

/// A line of JSON output for a copy.
#[derive(Serialize)]
struct CopyRow<'r> {
    recipient: &'r str,
    serial: String,
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl Canary {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let key = self.key.require()?;
        let recipients = self.copies.with(&key, &self.recipients)?;
        if recipients.names.is_empty() {
            let words =
                "whose copies? Name recipients with --for, or a file of them with --for-file";
            return Err(Failure::usage(words).into());
        }
        match (&self.file, self.find.is_empty()) {
            (_, false) => self.find(&recipients),
            (Some(file), true) => self.mark(file, &recipients),
            (None, true) => self.list(&recipients, &BTreeMap::new()),
        }
    }

    fn list(
        &self,
        recipients: &Recipients,
        files: &BTreeMap<&str, PathBuf>,
    ) -> anyhow::Result<Exit> {
        let mut out = Out::new();
        let mut rows = Vec::new();
        for (name, serial) in recipients.pairs() {
            let file = files.get(name).map(|path| path.display().to_string());
            if self.json {
                out.json(&CopyRow {
                    recipient: name,
                    serial: serial.to_string(),
                    token: serial.token(),
                    file,
                })?;
            } else {
                let mut row = vec![name.to_owned(), serial.to_string()];
                row.extend(file);
                rows.push(row);
            }
        }
        out.table(&["recipient", "serial", "copy"], &rows)?;
        out.flush()?;
        Ok(Exit::Done)
    }

    fn mark(&self, file: &Path, recipients: &Recipients) -> anyhow::Result<Exit> {
        let Some(folder) = &self.out_dir else {
            let words = "where do the copies go? Say so with --out-dir DIR";
            return Err(Failure::usage(words).into());
        };
        for template in [Some(&self.line), self.address.as_ref(), self.url.as_ref()] {
            if template.is_some_and(|text| !text.is_empty() && !text.contains("{}")) {
                let words = "--line, --address and --url need {} where the serial goes";
                return Err(Failure::usage(words).into());
            }
        }
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut written = BTreeMap::new();
        for (name, serial) in recipients.pairs() {
            let style = Style {
                lines: self.lines(serial),
                url: self
                    .url
                    .as_ref()
                    .map(|url| url.replace("{}", &serial.token())),
                invisible: !self.no_invisible,
                serial,
            };
            let copy = mark::copy(&bytes, file, &style)
                .with_context(|| format!("cannot mark {}", file.display()))?;
            let path = folder.join(copy_name(file, name, serial));
            fs::write(&path, copy).with_context(|| format!("cannot write {}", path.display()))?;
            written.insert(name, path);
        }
        let exit = self.list(recipients, &written)?;
        tell(&format!(
            "{} written; keep the key and the list of recipients: marks are found with both",
            counted(written.len() as u64, "copy", "copies")
        ));
        Ok(exit)
    }

    fn lines(&self, serial: Serial) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.line.is_empty() {
            lines.push(self.line.replace("{}", &serial.to_string()));
        }
        let address = self.address.as_ref();
        lines.extend(address.map(|address| address.replace("{}", &serial.token())));
        lines
    }

    fn find(&self, recipients: &Recipients) -> anyhow::Result<Exit> {
        once(self.find.iter().map(PathBuf::as_path))?;
        let mut out = Out::new();
        let (mut texts, mut unread, mut marks) = (0, 0, 0);
        for file in files(&self.find)? {
            let (found, read, told) = search(&file, recipients);
            texts += read;
            unread += told.len() as u64;
            for words in told {
                tell(&words);
            }
            for (name, mark) in found {
                marks += 1;
                let copy = recipients.name(mark.recipient);
                if self.json {
                    out.json(&MarkRow {
                        file: &name,
                        copy,
                        form: form(mark.form),
                        times: mark.times,
                        place: mark.place.to_string(),
                    })?;
                } else {
                    let place = out.paint(PLACE, &format!("{}:", plain(&name)));
                    let copy = out.paint(FOUND, &plain(copy));
                    out.line(&format!("{place} {}", mark_line(&mark, &copy)))?;
                }
            }
        }
        out.flush()?;
        tell(&format!(
            "{} searched for the marks of {}: {} found, {unread} could not be read",
            counted(texts, "text", "texts"),
            counted(recipients.names.len() as u64, "copy", "copies"),
            counted(marks, "mark", "marks"),
        ));
        if marks > 0 {
            tell("a mark tells which copy a text comes from, not who passed it on");
        }
        Ok(if self.fail_on_match && marks > 0 {
            Exit::Found
        } else {
            Exit::Done
        })
    }
}

type Search = (Vec<(String, Marked)>, u64, Vec<String>);

/// The marks in a file's texts.
fn search(file: &Found, recipients: &Recipients) -> Search {
    let mut finder = recipients.finder().unwrap_or_else(|| Finder::new(&[]));
    let (mut name, mut texts) = (String::new(), 0);
    let mut marks: BTreeMap<(usize, bool), Marked> = BTreeMap::new();
    let (mut found, mut told) = (Vec::new(), Vec::new());
    let mut sink = |event: Event<'_>| match event {
        Event::Begin { name: own, .. } => {
            texts += 1;
            own.clone_into(&mut name);
        }
        Event::Text(place, bytes) => finder.feed(bytes, &mut |recipient, form, _| {
            let mark = marks
                .entry((recipient, form == Form::Invisible))
                .or_insert(Marked {
                    recipient,
                    form,
                    times: 0,
                    place,
                });
            mark.times += 1;
        }),
        Event::End => {
            finder.finish();
            let marks = std::mem::take(&mut marks).into_values();
            found.extend(marks.map(|mark| (name.clone(), mark)));
        }
        Event::Unread { name, why } => told.push(format!("{}: {}", plain(name), plain(why))),
    };
    if file.path.as_os_str() == "-" {
        read_stream("stdin", &mut std::io::stdin(), Limits::default(), &mut sink);
    } else {
        read_file(&file.path, Limits::default(), &mut sink);
    }
    (found, texts, told)
}

/// `plan.anna-example.org.K7QD.docx`: the recipient as far as names of files allow, and enough of
/// the serial to keep two apart.
fn copy_name(file: &Path, recipient: &str, serial: Serial) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let safe: String = recipient
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    let serial = serial.to_string();
    let part = serial.get(..4).unwrap_or_default();
    let ending = file
        .extension()
        .map(|ending| format!(".{}", ending.to_string_lossy()));
    let safe = safe.trim_matches('.');
    format!("{stem}.{safe}.{part}{}", ending.unwrap_or_default())
}
