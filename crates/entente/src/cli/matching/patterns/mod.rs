//! `entente match --patterns`: which STIX patterns observed data and logs match.

mod print;
mod read;
mod source;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use matching::logs::{Column, Format};
use matching::patterns::{Bounds, Scratch, Stream};
use node::model::Harm;

use super::super::output::{counted, tell};
use super::super::target::Where;
use super::super::{Exit, Failure, input};
use print::Printer;
use read::Reader;
use source::Library;

/// What is asked of patterns.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Patterns")]
pub(crate) struct Asked {
    /// Match STIX patterns instead: a file of them, one a line, with or without an id before it; a
    /// bundle with indicators; or 'node', for the indicators of the node
    #[arg(long, value_name = "PATTERNS", conflicts_with = "edge")]
    patterns: Option<PathBuf>,
    /// How the files are written; told by how they begin when absent
    #[arg(long, value_enum, value_name = "FORMAT", requires = "patterns")]
    format: Option<Written>,
    /// CSV: which column is which property, such as src=network-traffic:src_ref.value or
    /// time=observed-data:first_observed; repeat for more
    #[arg(long = "map", value_name = "COLUMN=TYPE:PATH", requires = "patterns")]
    columns: Vec<String>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Written {
    /// Observed data: bundles, or STIX objects one a line
    Stix,
    /// Zeek's logs, in columns or as JSON
    Zeek,
    /// Suricata's EVE JSON
    Eve,
    /// Access logs of web servers, combined or common
    Combined,
    /// Columns under a header; needs --map
    Csv,
}

/// What else the command line says.
pub(super) struct Rest<'m> {
    pub(super) files: &'m [PathBuf],
    pub(super) place: &'m Where,
    pub(super) collection: Option<&'m str>,
    pub(super) harm: Option<Harm>,
    pub(super) json: bool,
    pub(super) explain: bool,
    pub(super) fail_on_match: bool,
}

impl Asked {
    /// Whether patterns are to be matched.
    pub(super) fn is_asked(&self) -> bool {
        self.patterns.is_some()
    }

    /// Matches files against patterns.
    ///
    /// # Errors
    /// When the patterns cannot be read at all, the node fails, or stdout takes no more. A file
    /// that cannot be read is told and counted.
    pub(super) fn run(&self, rest: &Rest<'_>) -> anyhow::Result<Exit> {
        let path = self.patterns.as_deref().unwrap_or(Path::new("node"));
        let columns = self.columns()?;
        let format = self.format(&columns)?;
        let named = rest.files.iter().map(PathBuf::as_path).chain([path]);
        input::once(named)?;
        let library = load(path, rest)?;
        let facts = library.index.facts();
        if facts.broad > 0 {
            let broad = counted(facts.broad as u64, "expression names", "expressions name");
            let words = "no value that could be looked up: evaluated wherever the path is seen";
            tell(&format!("{broad} {words}"));
        }
        let bar = input::bar(rest.files);
        input::tell_if_waiting(rest.files);
        let started = Instant::now();
        let mut printer = Printer::new(&library, rest, bar.clone());
        let mut stream = Stream::new(Bounds::default());
        let mut scratch = Scratch::default();
        let mut reader = Reader::new(format, &columns, &bar);
        for file in rest.files {
            reader.file(file, &mut |seen| {
                let mut wrong = None;
                let label = &mut |object| seen.label(object);
                stream.feed(
                    &library.index,
                    seen.observation,
                    &mut scratch,
                    label,
                    &mut |found| {
                        if wrong.is_none() {
                            wrong = printer.print(&found).err();
                        }
                    },
                );
                wrong.map_or(Ok(()), Err)
            })?;
        }
        bar.finish_and_clear();
        let totals = reader.finish();
        let hits = printer.finish()?;
        print::summarise(&hits, &totals, &library, started.elapsed());
        print::tell_lost(stream.lost());
        Ok(if rest.fail_on_match && hits.fired > 0 {
            Exit::Found
        } else if totals.unread > 0 || library.wrong > 0 {
            Exit::Local
        } else {
            Exit::Done
        })
    }

    fn columns(&self) -> anyhow::Result<Vec<Column>> {
        let read = self.columns.iter().map(|text| Column::parse(text));
        let read: Result<Vec<Column>, _> = read.collect();
        Ok(read.map_err(|wrong| Failure::usage(format!("--map {wrong}")))?)
    }

    /// The format, when it need not be told file by file.
    fn format(&self, columns: &[Column]) -> anyhow::Result<Option<Format>> {
        let format = match self.format {
            None if !columns.is_empty() => Some(Format::Csv),
            None => None,
            Some(Written::Stix) => Some(Format::Stix),
            Some(Written::Zeek) => Some(Format::Zeek),
            Some(Written::Eve) => Some(Format::Eve),
            Some(Written::Combined) => Some(Format::Combined),
            Some(Written::Csv) => Some(Format::Csv),
        };
        if (format == Some(Format::Csv)) == columns.is_empty() {
            let words = "--format csv and --map COLUMN=TYPE:PATH go together";
            return Err(Failure::usage(words).into());
        }
        Ok(format)
    }
}

fn load(path: &Path, rest: &Rest<'_>) -> anyhow::Result<Library> {
    let mut library = Library::default();
    if path.as_os_str() == "node" {
        library.take_node(&rest.place.open()?, rest.collection, rest.harm)?;
    } else {
        if rest.collection.is_some() || rest.harm.is_some() {
            let words = "--collection and --harm go with --patterns node: a file has neither";
            return Err(Failure::usage(words).into());
        }
        library.take_file(path)?;
    }
    library.tell();
    if library.index.is_empty() {
        return Err(Failure::new(Exit::Local, "there is no pattern to match").into());
    }
    Ok(library)
}
