//! Talks: their steps, as far as the caller sees them, and how they end.

use jiff::civil::Date;
use node::accession::{Agreed, Reservation, Shown, StepRecord};
use node::act::accession::{NewEnd, NewStep};
use node::pledge::Stance;
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

use super::{NewTerms, Record};

/// A step of talks, as far as the caller sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) party: String,
    pub(crate) date: Date,
    /// Absent when they are not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topics: Option<Vec<String>>,
    /// Absent when they are not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) words: Option<String>,
    /// What anybody sees: `nothing`, or some of `date,topics,words`.
    pub(crate) shown: String,
    /// What its side is willing to show; for the two sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) offered: Option<String>,
    /// Which side put it, `party` or `steward`; for the two sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// Whether the steward recorded the party's agreement, from a source outside this node.
    #[serde(default)]
    pub(crate) agreed_elsewhere: bool,
    /// Where that agreement is known from; for the two sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// The step that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaces: Option<String>,
    /// The steps that correct it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) replaced_by: Vec<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
    /// Whether it is the viewer's to agree to, for its page.
    #[serde(skip)]
    pub(crate) may_agree: bool,
}

/// The talks with one party.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Talk {
    pub(crate) party: String,
    pub(crate) name: String,
    /// Its stance today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stance: Option<Stance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// Oldest first.
    pub(crate) steps: Vec<Step>,
}

/// `GET /api/v1/talks`: who is in talks, and all of whose talks there is something to see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Talks {
    pub(crate) talks: Vec<Talk>,
}

/// `POST /api/v1/talks`: puts a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutStep {
    pub(crate) party: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
    #[serde(default)]
    pub(crate) topics: Vec<String>,
    pub(crate) words: String,
    /// `nothing`, or some of `date,topics,words`.
    pub(crate) show: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaces: Option<String>,
}

/// `POST /api/v1/talks/{id}/agreement`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agree {
    /// Some of `date,topics,words`.
    pub(crate) show: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// A reservation about a principle.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reserved {
    pub(crate) principle: u16,
    pub(crate) words: String,
}

/// `POST /api/v1/parties/{id}/talks/end`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    /// `signed`, `partner` or `sitting-out`.
    pub(crate) stance: Stance,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Date>,
    pub(crate) source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) reservations: Vec<Reserved>,
    /// Of a partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) terms: Option<NewTerms>,
}

impl PutStep {
    /// As the node takes it.
    ///
    /// # Errors
    /// When `show` names something else.
    pub(crate) fn wanted(self) -> Result<NewStep, node::Error> {
        Ok(NewStep {
            party: self.party,
            date: self.date,
            topics: self.topics,
            words: self.words,
            show: shown(&self.show)?,
            replaces: self.replaces,
        })
    }
}

/// What a step shows.
///
/// # Errors
/// When the text names something else.
pub(crate) fn shown(text: &str) -> Result<Shown, node::Error> {
    text.parse().map_err(node::Error::Invalid)
}

impl End {
    /// As the node takes it.
    ///
    /// # Errors
    /// When the terms name no marking.
    pub(crate) fn wanted(self, node: &Node, party: &str) -> Result<NewEnd, node::Error> {
        let since = self.since.unwrap_or_else(|| node.now().day());
        let terms = self.terms.map(|mut terms| {
            if terms.source.is_empty() {
                terms.source.clone_from(&self.source);
            }
            terms.from.get_or_insert(since);
            party.clone_into(&mut terms.party);
            terms.wanted(node)
        });
        let reserved = |one: Reserved| Reservation {
            principle: one.principle,
            words: one.words,
        };
        Ok(NewEnd {
            party: party.to_owned(),
            stance: self.stance,
            since: Some(since),
            source: self.source,
            note: self.note,
            reservations: self.reservations.into_iter().map(reserved).collect(),
            terms: terms.transpose()?,
        })
    }
}

/// The steps of all talks that a caller sees, oldest first; of one party when it is named.
pub(crate) fn steps(node: &Node, caller: &Caller, party: Option<&str>) -> Vec<Step> {
    let (directory, viewer) = (node.directory(), node.viewer(caller));
    let seen = node.steps(caller);
    let ids: Vec<&str> = seen
        .iter()
        .map(|(record, _)| record.step.id.as_str())
        .collect();
    let of_party = seen
        .iter()
        .filter(|(record, _)| party.is_none_or(|party| record.step.party == party));
    of_party
        .map(|(record, fields)| {
            let whole = viewer.is_side(&directory, &record.step.party);
            let side = viewer.speaks(&directory, &record.step.party);
            let agrees = side.is_ok_and(|side| side != record.step.by);
            Step {
                may_agree: agrees && record.public() != record.step.show,
                ..step(record, *fields, whole, &ids)
            }
        })
        .collect()
}

/// A step by its id, as a caller sees it.
pub(crate) fn one_step(node: &Node, caller: &Caller, id: &str) -> Option<Step> {
    steps(node, caller, None)
        .into_iter()
        .find(|step| step.id == id)
}

fn step(record: &StepRecord, fields: Shown, whole: bool, seen: &[&str]) -> Step {
    let StepRecord { step, agreed, .. } = record;
    let recorded = if whole {
        record.recorded
    } else {
        record.public_since().unwrap_or(record.recorded)
    };
    let is_seen = |id: &&String| seen.contains(&id.as_str());
    let mut elsewhere = agreed
        .iter()
        .filter_map(|agreed: &Agreed| agreed.source.as_ref());
    let source = elsewhere.next_back();
    Step {
        id: step.id.clone(),
        party: step.party.clone(),
        date: step.date,
        topics: fields.topics.then(|| step.topics.clone()),
        words: fields.words.then(|| step.words.clone()),
        shown: record.public().to_string(),
        offered: whole.then(|| step.show.to_string()),
        by: whole.then(|| step.by.as_str().to_owned()),
        agreed_elsewhere: source.is_some(),
        source: source.filter(|_| whole).cloned(),
        replaces: step.replaces.as_ref().filter(is_seen).cloned(),
        replaced_by: record.replaced_by.iter().filter(is_seen).cloned().collect(),
        record: recorded.into(),
        may_agree: false,
    }
}

/// Who is in talks on a day, and all of whose talks a caller sees something.
pub(crate) fn talks(node: &Node, caller: &Caller, day: Option<Date>) -> Talks {
    let directory = node.directory();
    let day = day.unwrap_or_else(|| node.now().day());
    let mut steps = steps(node, caller, None);
    steps.retain(|step| step.date <= day);
    let mut talks = Vec::new();
    for at in directory.register().as_of(day) {
        let of_party = |step: &&Step| step.party == at.party.id;
        let steps: Vec<Step> = steps.iter().filter(of_party).cloned().collect();
        let talking = at.stance.is_some_and(|at| at.stance == Stance::InTalks);
        if !talking && steps.is_empty() {
            continue;
        }
        let first = at.stance.map(|stance| stance.first);
        talks.push(Talk {
            party: at.party.id.clone(),
            name: at.party.name.clone(),
            stance: at.stance.map(|stance| stance.stance),
            since: first.map(|change| change.since),
            note: first.and_then(|change| change.note.clone()),
            source: first.and_then(|change| change.source.clone()),
            steps,
        });
    }
    // Those whose talks go on first, and by name.
    talks.sort_by_key(|talk| {
        let over = talk.stance != Some(Stance::InTalks);
        (over, node::pledge::fold(&talk.name))
    });
    Talks { talks }
}
