//! `entente export`: signals out of collections, byte for byte.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use node::model::Marking;
use node::{Caller, Query, Versions};
use stix::{Object, Timestamp};

use super::client::Client;
use super::output::{Out, counted, tell};
use super::target::{Local, Target, Where};
use super::{Exit, words};
use crate::present::collection::Collection;
use crate::present::value::{self, harmless};

/// Write signals out of collections
///
/// Objects are written byte for byte as they were published. Without --collection all that may be
/// read are written, one collection after the other. Without --all-versions it is the newest
/// version of each object.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente export --data d --collection library -o library.json
  entente export --data d --format list > blocklist.txt
  entente export --data d --format ndjson --type indicator --added-after 2026-01-01 | head
  entente export --server https://node.example --token T --collection feed --format csv")]
pub(crate) struct Export {
    #[command(flatten)]
    place: Where,
    /// Only this collection; repeat for more
    #[arg(long = "collection", value_name = "NAME")]
    collections: Vec<String>,
    /// Only objects of this type, such as indicator; repeat for more
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Only what was added after this: a day or a time in UTC
    #[arg(long, value_name = "WHEN", value_parser = words::time)]
    added_after: Option<Timestamp>,
    /// Every version of each object
    #[arg(long)]
    all_versions: bool,
    /// What is written
    #[arg(long, value_enum, default_value_t = Format::Bundle)]
    format: Format,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One STIX bundle
    Bundle,
    /// STIX objects, one a line
    Ndjson,
    /// Values that can be matched, one a line
    List,
    /// Values that can be matched, with what is said of them
    Csv,
}

/// Objects of one page.
const PAGE: usize = 1000;

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let collections = target.readable(&self.collections)?;
        let reading = Reading {
            types: self.types.clone(),
            added_after: self.added_after,
            all_versions: self.all_versions,
        };
        let sink: Box<dyn Write> = match &self.output {
            Some(path) if path.as_os_str() != "-" => {
                let file = File::create(path);
                let file = file.with_context(|| format!("cannot write {}", path.display()))?;
                Box::new(BufWriter::new(file))
            }
            _ => Box::new(Out::new()),
        };
        let mut writer = Writer {
            sink,
            format: self.format,
            objects: 0,
            values: 0,
        };
        writer.begin()?;
        for collection in &collections {
            reading.read(&target, collection, &mut |raw| {
                Ok(writer.object(collection, raw)?)
            })?;
        }
        let (objects, values) = writer.end()?;
        let collections = counted(collections.len() as u64, "collection", "collections");
        let what = match self.format {
            Format::Bundle | Format::Ndjson => counted(objects, "object", "objects"),
            Format::List | Format::Csv => counted(values, "value", "values"),
        };
        tell(&format!("{what} from {collections}"));
        Ok(Exit::Done)
    }
}

/// Which objects of a collection are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    types: Vec<String>,
    added_after: Option<Timestamp>,
    all_versions: bool,
}

type Each<'e> = &'e mut dyn FnMut(&[u8]) -> anyhow::Result<()>;

impl Reading {
    /// The newest version of every object.
    pub(crate) fn newest() -> Self {
        Self::default()
    }

    /// The newest version of every object of a type.
    pub(crate) fn of_type(name: &str) -> Self {
        Reading {
            types: vec![name.to_owned()],
            ..Self::default()
        }
    }

    /// Hands each object to `each`, byte for byte, in the order they were added.
    ///
    /// # Errors
    /// The node's, and what `each` fails with.
    pub(crate) fn read(
        &self,
        target: &Target,
        collection: &Collection,
        each: Each<'_>,
    ) -> anyhow::Result<()> {
        match target {
            Target::Local(local) => self.read_here(local, collection, each),
            Target::Remote(client) => self.read_there(client, collection, each),
        }
    }

    fn read_here(
        &self,
        local: &Local,
        collection: &Collection,
        each: Each<'_>,
    ) -> anyhow::Result<()> {
        let versions = if self.all_versions {
            Versions::All
        } else {
            Versions::default()
        };
        let mut query = Query {
            types: self.types.clone(),
            versions,
            added_after: self.added_after.map(Timestamp::micros),
            limit: PAGE,
            ..Query::default()
        };
        loop {
            let page = local
                .node
                .objects(&Caller::Operator, &collection.id, &query)?;
            for found in &page.objects {
                each(&found.bytes)?;
                query.added_after = Some(found.added);
            }
            if !page.more || page.objects.is_empty() {
                return Ok(());
            }
        }
    }

    fn read_there(
        &self,
        client: &Client,
        collection: &Collection,
        each: Each<'_>,
    ) -> anyhow::Result<()> {
        let mut query = vec![("limit".to_owned(), PAGE.to_string())];
        if !self.types.is_empty() {
            query.push(("match[type]".to_owned(), self.types.join(",")));
        }
        if let Some(after) = self.added_after {
            query.push(("added_after".to_owned(), after.to_string()));
        }
        if self.all_versions {
            query.push(("match[version]".to_owned(), "all".to_owned()));
        }
        loop {
            let body = client.objects(&collection.id, &query)?;
            let envelope = stix::split(&body)
                .map_err(|malformed| anyhow::anyhow!("{}: {malformed}", client.url()))?;
            for raw in &envelope.objects {
                each(raw)?;
            }
            let Some(next) = envelope.next.filter(|_| envelope.more) else {
                return Ok(());
            };
            query.retain(|(name, _)| name != "next");
            query.push(("next".to_owned(), next.into_owned()));
        }
    }
}

/// Writes objects in one format.
struct Writer {
    sink: Box<dyn Write>,
    format: Format,
    objects: u64,
    values: u64,
}

impl Writer {
    fn begin(&mut self) -> io::Result<()> {
        match self.format {
            Format::Bundle => {
                let id = uuid::Uuid::new_v4();
                write!(self.sink, "{{\"type\":\"bundle\",\"id\":\"bundle--{id}\"")
            }
            Format::Csv => writeln!(
                self.sink,
                "value,kind,name,description,labels,marking,valid_from,valid_until,collection,id"
            ),
            Format::Ndjson | Format::List => Ok(()),
        }
    }

    fn object(&mut self, collection: &Collection, raw: &[u8]) -> io::Result<()> {
        let first = self.objects == 0;
        self.objects += 1;
        match self.format {
            Format::Bundle => {
                self.sink
                    .write_all(if first { b",\"objects\":[\n" } else { b",\n" })?;
                self.sink.write_all(raw)
            }
            Format::Ndjson => {
                write_on_one_line(&mut self.sink, raw)?;
                self.sink.write_all(b"\n")
            }
            Format::List | Format::Csv => self.values_of(collection, raw),
        }
    }

    fn values_of(&mut self, collection: &Collection, raw: &[u8]) -> io::Result<()> {
        let Ok(object) = Object::parse(raw) else {
            return Ok(());
        };
        if object.revoked() {
            return Ok(());
        }
        for said in stix::signal::observables(&object) {
            let Some((kind, value)) = value::readable(&said) else {
                continue;
            };
            self.values += 1;
            if self.format == Format::List {
                writeln!(self.sink, "{value}")?;
                continue;
            }
            let marking = object
                .markings()
                .tlp
                .map(|tlp| Marking::from(tlp).to_string());
            let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
            let labels: Vec<String> = object.labels().iter().map(ToString::to_string).collect();
            let name = object.name().unwrap_or_default();
            let cells = [
                value,
                kind.to_string(),
                harmless(&name),
                harmless(&description(raw)),
                harmless(&labels.join(";")),
                marking.unwrap_or_else(|| collection.default_marking.clone()),
                time(object.valid_from()),
                time(object.valid_until()),
                collection.alias.clone(),
                object.id().as_str().to_owned(),
            ];
            let mut row = csv::Writer::from_writer(Vec::new());
            row.write_record(&cells)?;
            let row = row
                .into_inner()
                .map_err(|error| io::Error::other(error.to_string()))?;
            self.sink.write_all(&row)?;
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<(u64, u64)> {
        if self.format == Format::Bundle {
            self.sink
                .write_all(if self.objects == 0 { b"}\n" } else { b"\n]}\n" })?;
        }
        self.sink.flush()?;
        Ok((self.objects, self.values))
    }
}

/// An object's bytes on one line: line feeds between its tokens become spaces. Within a string JSON
/// has none.
fn write_on_one_line(sink: &mut dyn Write, raw: &[u8]) -> io::Result<()> {
    let mut lines = raw.split(|byte| matches!(byte, b'\n' | b'\r'));
    if let Some(first) = lines.next() {
        sink.write_all(first)?;
    }
    for line in lines {
        sink.write_all(b" ")?;
        sink.write_all(line)?;
    }
    Ok(())
}

fn description(raw: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct OnlyDescription {
        #[serde(default)]
        description: String,
    }
    serde_json::from_slice::<OnlyDescription>(raw)
        .map(|only| only.description)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pretty_object_becomes_one_line() {
        let mut line = Vec::new();
        write_on_one_line(&mut line, b"{\n  \"a\": \"b\\n\"\r\n}").unwrap();
        assert_eq!(line, b"{   \"a\": \"b\\n\"  }");
    }
}
