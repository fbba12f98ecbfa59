//! What changed between two days.

use jiff::civil::Date;
use node::accession::{Shown, Terms};
use node::history::{self, Becomes, Event, Line, Notion, PledgeVersion};
use node::model::Collection;
use node::pledge::{Party, Stance};
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

use super::accession::Record;

/// The query of `GET /api/v1/pledge/diff`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub(crate) from: Date,
    /// Today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Date>,
    /// `held` or `recorded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) known: Option<Date>,
}

/// What changed between two days: after the end of `from` up to the end of `to`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Diff {
    pub(crate) from: Date,
    pub(crate) to: Date,
    /// Whether the day from which something holds decided, or the day it was recorded here.
    pub(crate) by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) known: Option<Date>,
    /// Parties whose stance differs between the days, or is known otherwise today than on `known`.
    pub(crate) changed: Vec<Changed>,
    pub(crate) lines: Vec<DiffLine>,
}

/// The stance of a party on the two days.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Changed {
    pub(crate) party: String,
    pub(crate) name: String,
    pub(crate) before: Option<Stance>,
    pub(crate) after: Option<Stance>,
    /// What was known of the two days on `known`, where that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) then: Option<Then>,
}

/// The stance on the two days as it was known before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Then {
    pub(crate) before: Option<Stance>,
    pub(crate) after: Option<Stance>,
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DiffLine {
    /// `stance`, `party`, `invitation`, `answer`, `step`, `reservations`, `terms`, `terms-end`,
    /// `version`, `adoption`, `reassignment` or `collection`.
    pub(crate) what: String,
    /// The day from which it holds.
    pub(crate) day: Date,
    /// Whether it was recorded on a later day than that, after the pledge file was loaded.
    pub(crate) later: bool,
    /// Whether it came with the pledge file, when this node began.
    #[serde(default)]
    pub(crate) loaded: bool,
    /// Whether it was recorded by the end of `known`.
    pub(crate) known: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) party: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Of a stance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stance: Option<Stance>,
    /// What happened, in a few words.
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The title of one of the pledge's sources, or a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

impl Ask {
    /// What `node` answers to `caller`.
    ///
    /// # Errors
    /// When the days are turned round, or `by` is no notion of a day.
    pub(crate) fn answer(&self, node: &Node, caller: &Caller) -> Result<Diff, node::Error> {
        let invalid = node::Error::Invalid;
        let by = self.by.as_deref().unwrap_or("held");
        let notion: Notion = by.parse().map_err(invalid)?;
        let to = self.to.unwrap_or_else(|| node.now().day());
        if to < self.from {
            let words = format!("'from' ({}) lies after 'to' ({to})", self.from);
            return Err(node::Error::Invalid(words));
        }
        let directory = node.directory();
        let ask = history::Ask {
            from: self.from,
            to,
            by: notion,
            known: self.known,
        };
        let viewer = node.viewer(caller);
        let found = directory.diff(&viewer, &ask);
        let source = |key: Option<&str>| {
            let key = key?;
            let known = directory.pledge().and_then(|pledge| pledge.source(key));
            Some(known.map_or(key, |source| &source.title).to_owned())
        };
        let changed = found.changed.iter().map(|changed| Changed {
            party: changed.party.id.clone(),
            name: changed.party.name.clone(),
            before: changed.before,
            after: changed.after,
            then: changed.then.map(|(before, after)| Then { before, after }),
        });
        Ok(Diff {
            from: self.from,
            to,
            by: by.into(),
            known: self.known,
            changed: changed.collect(),
            lines: found.lines.iter().map(|one| line(one, &source)).collect(),
        })
    }
}

fn line(one: &Line<'_>, source: &dyn Fn(Option<&str>) -> Option<String>) -> DiffLine {
    let Told {
        what,
        text,
        reason,
        source: known_from,
    } = told(&one.event);
    let stance = match &one.event {
        Event::Stance { change, .. } => Some(change.stance),
        _ => None,
    };
    DiffLine {
        what: what.into(),
        day: one.day,
        later: one.recorded.day() > one.day && !one.loaded,
        loaded: one.loaded,
        known: one.known,
        party: one.party.map(|party| party.id.clone()),
        name: one.party.map(|party| party.name.clone()),
        stance,
        text,
        reason: reason.map(str::to_owned),
        source: source(known_from),
        record: one.recorded.into(),
    }
}

/// An event in words.
struct Told<'a> {
    what: &'static str,
    text: String,
    reason: Option<&'a str>,
    source: Option<&'a str>,
}

/// Kind, words, reason, source.
type Parts<'a> = (&'static str, String, Option<&'a str>, Option<&'a str>);

fn told<'a>(event: &Event<'a>) -> Told<'a> {
    let (what, text, reason, source) = match event {
        Event::Stance { change, before } => {
            let text = match before {
                Some(before) if *before == change.stance => {
                    format!("{}, confirmed", change.stance.label())
                }
                Some(before) => format!("{}, was {}", change.stance.label(), before),
                None => change.stance.label().to_owned(),
            };
            let (reason, source) = (change.note.as_deref(), change.source.as_deref());
            ("stance", text, reason, source)
        }
        Event::Party(party, before) => ("party", facts(party, *before), None, None),
        Event::Invitation(invitation) => {
            let text = format!("invited to be {}: {}", invitation.join_as, invitation.words);
            ("invitation", text, None, None)
        }
        Event::Answer(answer) => {
            let text = format!("invitation {}", answer.answered.as_str());
            let (reason, source) = (answer.reason.as_deref(), answer.source.as_deref());
            ("answer", text, reason, source)
        }
        Event::Step(record, shown) => ("step", step(&record.step, *shown), None, None),
        Event::Reservations(made) => {
            let of_each = made.reservations.iter();
            let of_each = of_each.map(|one| format!("principle {}: {}", one.principle, one.words));
            let text = format!("reserves {}", of_each.collect::<Vec<_>>().join("; "));
            ("reservations", text, None, Some(made.source.as_str()))
        }
        Event::Terms(terms, before) => {
            let again = if before.is_some() { ", set anew" } else { "" };
            let text = format!("terms '{}'{again}: {}", terms.title, reach(terms));
            ("terms", text, None, Some(terms.source.as_str()))
        }
        Event::TermsEnd(terms, ended) => {
            let text = format!("terms '{}' ended", terms.title);
            ("terms-end", text, Some(ended.reason.as_str()), None)
        }
        Event::TermsOver(terms) => {
            let text = format!("terms '{}' are over", terms.title);
            ("terms-end", text, None, Some(terms.source.as_str()))
        }
        Event::Version(version) => of_version(version),
        Event::Adoption(adoption) => {
            let text = format!("adopted version {}", adoption.version);
            ("adoption", text, None, adoption.source.as_deref())
        }
        Event::Reassignment(kept) => of_reassignment(kept),
        Event::Collection(collection, before) => {
            ("collection", settings(collection, *before), None, None)
        }
    };
    Told {
        what,
        text,
        reason,
        source,
    }
}

fn facts(party: &Party, before: Option<&Party>) -> String {
    match before {
        None => format!("listed as {}", party.name),
        Some(before) if before.name == party.name => "facts changed".into(),
        Some(before) => format!("named {}, was {}", party.name, before.name),
    }
}

fn of_version(version: &PledgeVersion) -> Parts<'_> {
    let mut text = format!("version {} of the pledge", version.number);
    if !version.changes.is_empty() {
        text = format!("{text}: {}", version.changes);
    }
    ("version", text, None, version.source.as_deref())
}

fn of_reassignment(kept: &history::Reassignment) -> Parts<'_> {
    let text = match &kept.becomes {
        Becomes::Renamed { from, to } => format!("renamed {to}, was {from}"),
        Becomes::Succeeded(into) => format!("succeeded by {into}"),
        Becomes::Merged(into) => format!("merged into {into}"),
    };
    let (reason, source) = (Some(kept.reason.as_str()), Some(kept.source.as_str()));
    ("reassignment", text, reason, source)
}

/// A step, as far as it is shown.
fn step(step: &node::accession::Step, shown: Shown) -> String {
    let mut text = "step of talks".to_owned();
    if shown.topics && !step.topics.is_empty() {
        text = format!("{text} about {}", step.topics.join(", "));
    }
    if shown.words {
        text = format!("{text}: {}", step.words);
    }
    text
}

/// How far terms reach. Which collections they name is for those who may know these.
fn reach(terms: &Terms) -> String {
    let collections = if terms.collections.is_empty() {
        "every collection that its stance may"
    } else {
        "collections that they name"
    };
    let publish = if terms.publish { ", may publish" } else { "" };
    let until = terms
        .until
        .map_or(String::new(), |until| format!(", until {until}"));
    format!("{collections} up to {}{publish}{until}", terms.up_to)
}

/// What changed of a collection; who its recipients are is not told.
fn settings(now: &Collection, before: Option<&Collection>) -> String {
    let name = format!("collection {}", now.alias);
    let Some(before) = before else {
        let open = if now.public { "public" } else { "for members" };
        return format!("{name} made, {open}, {} unless marked", now.default_marking);
    };
    let mut changes = Vec::new();
    if now.alias != before.alias {
        changes.push(format!("was {}", before.alias));
    }
    if now.title != before.title || now.description != before.description {
        changes.push("is described otherwise".into());
    }
    if now.public != before.public {
        let words = if now.public {
            "is public"
        } else {
            "is no longer public"
        };
        changes.push(words.into());
    }
    if now.default_marking != before.default_marking {
        changes.push(format!("is {} unless marked", now.default_marking));
    }
    if changes.is_empty() {
        changes.push("has other settings".into());
    }
    format!("{name} {}", changes.join(", "))
}
