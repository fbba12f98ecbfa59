//! Where patterns come from: files of them, indicators, the node.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use indicatif::ProgressBar;
use matching::patterns::PatternIndex;
use node::model::Harm;
use node::{Caller, Query};
use serde::Deserialize;
use stix::Timestamp;

use crate::cli::client::Client;
use crate::cli::input::{self, Head, Input, Line, read_line, without_mark};
use crate::cli::output::{counted, plain, tell};
use crate::cli::target::{Local, Target};
use crate::present::collection::Collection;

/// Octets of the largest document that is read whole.
pub(super) const LARGEST: u64 = 1 << 30;
/// Octets of the longest line.
pub(super) const LONGEST: usize = 16 << 20;
/// Patterns that are told when they cannot be taken.
const TOLD: u64 = 20;
/// Objects of one page of a node.
const PAGE: usize = 1000;

/// Patterns, and what is known of each.
#[derive(Default)]
pub(super) struct Library {
    pub(super) index: PatternIndex,
    /// By the numbers that the index has.
    known: Vec<Known>,
    /// Patterns that could not be taken.
    pub(super) wrong: u64,
    /// Indicators by the other language that they are in.
    others: BTreeMap<String, u64>,
}

/// What is known of a pattern.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The indicator's id, the id before the pattern, or where it stands.
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) pattern: String,
    pub(super) collection: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) harm: Option<String>,
    pub(super) marking: Option<String>,
    revoked: bool,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
}

impl Known {
    /// Why a match at these times is no cause for alarm.
    pub(super) fn why(&self, first: Timestamp, last: Timestamp) -> Vec<&'static str> {
        let mut why = Vec::new();
        if self.revoked {
            why.push("revoked");
        }
        if self.valid_from.is_some_and(|from| last < from) {
            why.push("not-yet-valid");
        }
        if self.valid_until.is_some_and(|until| first >= until) {
            why.push("expired");
        }
        why
    }
}

/// What an indicator says.
#[derive(Deserialize)]
struct Indicator {
    #[serde(rename = "type")]
    type_name: String,
    id: Option<String>,
    name: Option<String>,
    pattern: Option<String>,
    pattern_type: Option<String>,
    #[serde(default)]
    revoked: bool,
    valid_from: Option<String>,
    valid_until: Option<String>,
}

impl Library {
    /// What is known of the pattern under a number of the index.
    pub(super) fn known(&self, id: u64) -> Option<&Known> {
        self.known.get(usize::try_from(id).ok()?)
    }

    /// Tells what was left out.
    pub(super) fn tell(&self) {
        if self.wrong > 0 {
            let patterns = counted(self.wrong, "pattern", "patterns");
            tell(&format!("{patterns} could not be taken"));
        }
        for (language, number) in &self.others {
            let indicators = counted(*number, "indicator", "indicators");
            tell(&format!(
                "{indicators} in the language '{}' left out",
                plain(language)
            ));
        }
    }

    fn take(&mut self, known: Known) {
        match self.index.insert(self.known.len() as u64, &known.pattern) {
            Ok(()) => self.known.push(known),
            Err(error) => {
                let error = error.rendering();
                let lines: Vec<_> = error.lines().map(plain).collect();
                self.refuse(&known.id, &lines.join("\n"));
            }
        }
    }

    fn refuse(&mut self, place: &str, why: &str) {
        self.wrong += 1;
        if self.wrong <= TOLD {
            tell(&format!("{}: {why}", plain(place)));
        } else if self.wrong == TOLD + 1 {
            tell("more patterns could not be taken; see each with 'entente stix pattern --file'");
        }
    }

    /// Takes the patterns of a file.
    pub(super) fn take_file(&mut self, path: &Path) -> anyhow::Result<()> {
        input::tell_if_waiting(&[path]);
        let mut input = input::open(path, &ProgressBar::hidden(), Head::Whole)?;
        let name = input.name.clone();
        if is_one_document(&input.head) {
            let bytes = read_whole(&mut input)?;
            self.take_objects(&name, &bytes);
            return Ok(());
        }
        let mut buffer = Vec::new();
        for number in 1_u64.. {
            let place = format!("{name} line {number}");
            match read_line(&mut input.stream, &mut buffer, LONGEST)
                .with_context(|| format!("cannot read {name}"))?
            {
                Line::End => break,
                Line::TooLong => self.refuse(&place, "is longer than 16 MiB: split it"),
                Line::Whole => self.take_line(&place, without_mark(&buffer).trim_ascii()),
            }
        }
        Ok(())
    }

    fn take_line(&mut self, place: &str, line: &[u8]) {
        let Ok(text) = std::str::from_utf8(line) else {
            return self.refuse(place, "is not UTF-8 text");
        };
        match text.chars().next() {
            None | Some('#') => {}
            Some('{') => self.take_objects(place, line),
            Some('"') => match serde_json::from_str(text) {
                Ok(pattern) => self.take_text(place.to_owned(), pattern),
                Err(error) => self.refuse(place, &format!("is no JSON string: {error}")),
            },
            Some('[' | '(') => self.take_text(place.to_owned(), text.to_owned()),
            Some(_) => match text.split_once(char::is_whitespace) {
                Some((id, pattern)) => {
                    self.take_text(id.to_owned(), pattern.trim_start().to_owned());
                }
                None => self.take_text(place.to_owned(), text.to_owned()),
            },
        }
    }

    fn take_text(&mut self, id: String, pattern: String) {
        self.take(Known {
            id,
            pattern,
            ..Known::default()
        });
    }

    fn take_objects(&mut self, place: &str, bytes: &[u8]) {
        let bytes = without_mark(bytes);
        match stix::split(bytes) {
            Ok(container) => {
                for object in container.objects {
                    self.take_object(place, object, &|_| {});
                }
            }
            Err(_) => self.take_object(place, bytes, &|_| {}),
        }
    }

    /// Takes an indicator; `complete` adds what is known of it besides.
    fn take_object(&mut self, place: &str, raw: &[u8], complete: &dyn Fn(&mut Known)) {
        let Ok(object) = serde_json::from_slice::<Indicator>(raw) else {
            return self.refuse(place, "has something that is no STIX object");
        };
        if object.type_name != "indicator" {
            return;
        }
        if let Some(language) = object.pattern_type.filter(|language| language != "stix") {
            *self.others.entry(language).or_default() += 1;
            return;
        }
        let time = |text: Option<String>| text.and_then(|text| Timestamp::parse(&text).ok());
        let mut known = Known {
            id: object.id.unwrap_or_else(|| place.to_owned()),
            name: object.name,
            pattern: object.pattern.unwrap_or_default(),
            revoked: object.revoked,
            valid_from: time(object.valid_from),
            valid_until: time(object.valid_until),
            ..Known::default()
        };
        complete(&mut known);
        self.take(known);
    }

    /// Takes the indicators of a node that the caller may read.
    pub(super) fn take_node(
        &mut self,
        target: &Target,
        collection: Option<&str>,
        harm: Option<Harm>,
    ) -> anyhow::Result<()> {
        let collections = match collection {
            Some(name) => vec![target.collection(name)?],
            None => target.collections()?,
        };
        for collection in collections.iter().filter(|collection| collection.can_read) {
            match target {
                Target::Local(local) => self.take_here(local, collection, harm)?,
                Target::Remote(client) => {
                    if harm.is_some() {
                        bail!("--harm needs --data: a node elsewhere does not tell it of patterns");
                    }
                    self.take_there(client, collection)?;
                }
            }
        }
        Ok(())
    }

    fn take_here(
        &mut self,
        local: &Local,
        collection: &Collection,
        harm: Option<Harm>,
    ) -> anyhow::Result<()> {
        let directory = local.node.directory();
        let mut query = Query {
            types: vec!["indicator".into()],
            limit: PAGE,
            ..Query::default()
        };
        loop {
            let page = local
                .node
                .objects(&Caller::Operator, &collection.id, &query)?;
            for found in &page.objects {
                query.added_after = Some(found.added);
                let about = found.row.harm().map(|harm| harm.to_string());
                let about = about.or_else(|| collection.harm.clone());
                if harm.is_some_and(|harm| about.as_deref() != Some(&harm.to_string())) {
                    continue;
                }
                let party = directory.register().party(found.publisher(&directory));
                let complete = |known: &mut Known| {
                    known.collection = Some(collection.alias.clone());
                    known.publisher = party.map(|party| party.name.clone());
                    known.harm.clone_from(&about);
                    known.marking = Some(found.row.marking.to_string());
                };
                self.take_object(&collection.alias, &found.bytes, &complete);
            }
            if !page.more || page.objects.is_empty() {
                return Ok(());
            }
        }
    }

    fn take_there(&mut self, client: &Client, collection: &Collection) -> anyhow::Result<()> {
        let mut query = vec![
            ("limit".to_owned(), PAGE.to_string()),
            ("match[type]".to_owned(), "indicator".to_owned()),
        ];
        loop {
            let body = client.objects(&collection.id, &query)?;
            let envelope = stix::split(&body)
                .map_err(|malformed| anyhow::anyhow!("{}: {malformed}", client.url()))?;
            for raw in &envelope.objects {
                let complete =
                    |known: &mut Known| known.collection = Some(collection.alias.clone());
                self.take_object(&collection.alias, raw, &complete);
            }
            let Some(next) = envelope.next.filter(|_| envelope.more) else {
                return Ok(());
            };
            query.retain(|(name, _)| name != "next");
            query.push(("next".to_owned(), next.into_owned()));
        }
    }
}

/// Whether a file is one JSON document over many lines.
pub(super) fn is_one_document(head: &[u8]) -> bool {
    let head = without_mark(head).trim_ascii_start();
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_whole = serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok();
    head.starts_with(b"{") && !is_whole && head.len() > first.len()
}

pub(super) fn read_whole(input: &mut Input) -> anyhow::Result<Vec<u8>> {
    let name = &input.name;
    let mut bytes = Vec::new();
    let stream = input.stream.by_ref();
    stream
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))?;
    if bytes.len() as u64 > LARGEST {
        bail!("{name} is one document of more than 1 GiB: send its objects one a line (NDJSON)");
    }
    Ok(bytes)
}
