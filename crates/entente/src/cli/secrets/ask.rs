//! `entente secrets ask`: which of one's own elements another party has, without showing them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use matching::oprf::{Blinds, Content, ELEMENT, Element, Error, OfferedSet, Output};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::elements::{Elements, Seen};
use super::offer::path_of;
use super::walk::files;
use crate::cli::client::Client;
use crate::cli::input::{self, once, tell_if_waiting};
use crate::cli::output::{FOUND, Out, PLACE, count, counted, plain, tell};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, Failure};
use crate::present::private::{Set, hexadecimal};
use crate::private::{BATCH, MOST_ELEMENTS, spread};

/// Questions are filled up to a multiple of this, so that their size says little.
const MULTIPLE: usize = 64;
/// Places that are shown of a text.
const SHOWN: usize = 5;

/// Find which of your values or documents another party has too, without showing them
///
/// The other node evaluates blinded elements: it learns how many you ask about, and nothing of which.
/// You learn which of them are in its set, and nothing else of it. It records that your party asked
/// about so many, and limits how many that may be in a day. What the elements are, the set says:
/// addresses, domains and other values in your files, or passages of your documents.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente secrets ask access.log --set indicators --server https://node.example --token TOKEN
  entente secrets ask plans/ --set plans --server https://node.example --fail-on-match
  cat hosts.txt | entente secrets ask - --set indicators --server https://node.example --json")]
pub(crate) struct Ask {
    /// Files and directories ('-' is stdin)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The set to ask about, as 'entente secrets offered' lists it
    #[arg(long, value_name = "NAME")]
    set: String,
    /// Keep the downloaded set in this file, and take it from there while it is the same
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Of passages: only texts that share at least so many
    #[arg(long, value_name = "M", default_value_t = 3)]
    #[arg(value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
    min_shared: u64,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Exit with 1 when something matched
    #[arg(long)]
    fail_on_match: bool,
    #[command(flatten)]
    place: Where,
}

/// A line of JSON output for a value.
#[derive(Serialize)]
struct ValueRow<'r> {
    file: &'r str,
    place: String,
    kind: &'r str,
    value: &'r str,
}

/// A line of JSON output for a text.
#[derive(Serialize)]
struct TextRow<'r> {
    file: &'r str,
    /// Passages that are in the set.
    shared: u64,
    /// Passages that were asked about.
    of_text: u64,
    places: Vec<String>,
}

impl Ask {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        once(self.paths.iter().map(PathBuf::as_path))?;
        let Target::Remote(client) = self.place.open()? else {
            let words =
                "a set is asked of a node that runs: say which with --server URL --token TOKEN";
            return Err(Failure::usage(words).into());
        };
        let told: Set = client.get(&path_of(&self.set), &[])?;
        let set = self.offered(&client, &told)?;
        let found = files(&self.paths)?;
        tell_if_waiting(&self.paths);
        let bar = input::bar_of(Some(found.iter().map(|one| one.size).sum()));
        let elements = Elements::read(&found, set.content(), true, &bar);
        bar.finish_and_clear();
        if elements.all.is_empty() {
            tell("nothing in these files can be asked about");
            return Ok(Exit::Done);
        }
        let number = elements.all.len().next_multiple_of(MULTIPLE) as u64;
        if number > told.daily {
            let words = format!(
                "{} are more than a party may ask '{}' about in a day ({}): ask about fewer files",
                counted(number, "element", "elements"),
                self.set,
                count(told.daily)
            );
            return Err(Failure::new(Exit::Remote, words).into());
        }
        let held = self.ask(&client, &set, &elements.all)?;
        let hits = match set.content() {
            Content::Values => self.print_values(&elements, &held)?,
            Content::Passages(_) => self.print_texts(&elements, &held)?,
        };
        tell(&format!(
            "{} of {} asked about: {}, {} could not be read",
            counted(elements.all.len() as u64, "element", "elements"),
            counted(elements.texts.len() as u64, "text", "texts"),
            counted(hits, "match", "matches"),
            count(elements.unread),
        ));
        Ok(if self.fail_on_match && hits > 0 {
            Exit::Found
        } else {
            Exit::Done
        })
    }

    /// The published set: the one that was kept, where it is still the same.
    fn offered(&self, client: &Client, told: &Set) -> anyhow::Result<OfferedSet> {
        let is_told = |bytes: &[u8]| hexadecimal(&Sha256::digest(bytes)) == told.digest;
        let kept = self.keep.as_ref().and_then(|path| fs::read(path).ok());
        let bytes = if let Some(bytes) = kept.filter(|bytes| is_told(bytes)) {
            bytes
        } else {
            let bytes = client.octets(&format!("{}/outputs", path_of(&self.set)))?;
            if !is_told(&bytes) {
                let words = "the set is not the one that the node tells of: try again";
                return Err(Failure::new(Exit::Remote, words).into());
            }
            if let Some(path) = &self.keep {
                fs::write(path, &bytes)
                    .with_context(|| format!("cannot write {}", path.display()))?;
            }
            bytes
        };
        OfferedSet::from_bytes(&bytes)
            .map_err(|error| Failure::new(Exit::Remote, error.to_string()).into())
    }

    /// Which elements are in the set.
    fn ask(
        &self,
        client: &Client,
        set: &OfferedSet,
        elements: &[String],
    ) -> anyhow::Result<Vec<bool>> {
        let content = set.content();
        let inputs = elements.iter().map(|element| content.input(element));
        let mut inputs: Vec<Vec<u8>> = inputs.collect();
        // what fills up is asked about like all else
        while !inputs.len().is_multiple_of(MULTIPLE) {
            let mut random = vec![0; 32];
            fill(&mut random);
            inputs.push(random);
        }
        let bar = input::bar_of_elements(inputs.len() as u64);
        let path = format!("{}/evaluate", path_of(&self.set));
        let query = [("key".to_owned(), hexadecimal(&set.key_id()))];
        let mut held = Vec::with_capacity(inputs.len());
        for question in inputs.chunks(MOST_ELEMENTS) {
            let send = |octets: &[u8]| client.exchange_octets(&path, &query, octets);
            let outputs = evaluated(question, &send)?;
            held.extend(outputs.iter().map(|output| set.holds(output)));
            bar.inc(question.len() as u64);
        }
        bar.finish_and_clear();
        held.truncate(elements.len());
        Ok(held)
    }

    fn print_values(&self, elements: &Elements, held: &[bool]) -> anyhow::Result<u64> {
        let mut out = Out::new();
        let mut hits = 0;
        for (seen, file, element) in found(elements, held) {
            hits += 1;
            let (kind, value) = element.split_once(':').unwrap_or(("", element));
            if self.json {
                out.json(&ValueRow {
                    file,
                    place: seen.place.to_string(),
                    kind,
                    value,
                })?;
            } else {
                let place = out.paint(PLACE, &format!("{}: {}:", plain(file), seen.place));
                let value = out.paint(FOUND, &plain(value));
                out.line(&format!("{place} {kind} {value}"))?;
            }
        }
        out.flush()?;
        Ok(hits)
    }

    fn print_texts(&self, elements: &Elements, held: &[bool]) -> anyhow::Result<u64> {
        let mut out = Out::new();
        let mut shared: BTreeMap<usize, Vec<&Seen>> = BTreeMap::new();
        let mut asked: BTreeMap<usize, u64> = BTreeMap::new();
        for seen in &elements.seen {
            *asked.entry(seen.text).or_default() += 1;
        }
        for (seen, ..) in found(elements, held) {
            shared.entry(seen.text).or_default().push(seen);
        }
        let mut hits = 0;
        for (text, seen) in shared {
            let number = seen.len() as u64;
            if number < self.min_shared {
                continue;
            }
            hits += 1;
            let file = elements.texts.get(text).map_or("", String::as_str);
            let of_text = asked.get(&text).copied().unwrap_or_default();
            let mut places: Vec<String> = seen.iter().map(|one| one.place.to_string()).collect();
            places.dedup();
            if self.json {
                out.json(&TextRow {
                    file,
                    shared: number,
                    of_text,
                    places,
                })?;
                continue;
            }
            places.truncate(SHOWN);
            out.line(&format!(
                "{} {} of {} passages are in the set, at {}",
                out.paint(PLACE, &format!("{}:", plain(file))),
                out.paint(FOUND, &count(number)),
                count(of_text),
                places.join("; "),
            ))?;
        }
        out.flush()?;
        Ok(hits)
    }
}

/// What was seen and is in the set: where, in which text, and the element.
fn found<'e>(
    elements: &'e Elements,
    held: &'e [bool],
) -> impl Iterator<Item = (&'e Seen, &'e str, &'e str)> {
    let is_held = |seen: &&Seen| held.get(seen.element).copied().unwrap_or_default();
    elements.seen.iter().filter(is_held).map(|seen| {
        let file = elements.texts.get(seen.text).map_or("", String::as_str);
        let element = elements.all.get(seen.element).map_or("", String::as_str);
        (seen, file, element)
    })
}

/// Blinds, has evaluated and unblinds, on all processors.
fn evaluated(
    inputs: &[Vec<u8>],
    send: &dyn Fn(&[u8]) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Vec<Output>> {
    let blinded = spread(inputs, &|_, part| Ok(vec![Blinds::blind(part, &mut fill)?]))?;
    let question: Vec<u8> = blinded
        .iter()
        .flat_map(|(_, elements)| elements.iter().flatten().copied())
        .collect();
    let answer = send(&question)?;
    let (answer, rest) = answer.as_chunks::<ELEMENT>();
    if !rest.is_empty() || answer.len() != inputs.len() {
        let error = Error::Count {
            asked: inputs.len(),
            found: answer.len(),
        };
        return Err(Failure::new(Exit::Remote, error.to_string()).into());
    }
    let answer: Vec<Element> = answer.to_vec();
    let outputs = spread(inputs, &|at, part| {
        let blinds = blinded.get(at / BATCH).ok_or(Error::NoKey)?;
        let answer = answer.get(at..at + part.len()).unwrap_or_default();
        blinds.0.finalize(part, answer)
    });
    outputs.map_err(|error| Failure::new(Exit::Remote, error.to_string()).into())
}

/// Octets that nobody can predict.
///
/// # Panics
/// When the system has none: nothing may be blinded then.
#[expect(
    clippy::panic,
    reason = "blinding with what can be predicted would show the elements"
)]
fn fill(to: &mut [u8]) {
    if let Err(error) = getrandom::fill(to) {
        panic!("the system has no random numbers: {error}");
    }
}
