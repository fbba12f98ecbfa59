//! Reports, reviews, counter-evidence, and answers to them.

use jiff::civil::Date;
use node::Node;
use node::commitment::indicator::Reading as Read;
use node::commitment::{self as kept, CommitmentRecord, Completion, Said};
use node::identity::Held;
use node::pledge::Kind;
use serde::{Deserialize, Serialize};

use super::{Number, name_of};
use crate::present::accession::Record;

/// A link to evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evidence {
    /// An `https` URL.
    pub(crate) url: String,
    /// SHA-256 of what was there, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
}

/// A party's own report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) id: String,
    pub(crate) date: Date,
    /// The version of the commitment that it is about.
    pub(crate) version: u32,
    pub(crate) completion: Completion,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Number>,
    /// The indicator as the node computed it, where it is computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reading: Option<Reading>,
    /// Whether the target of that version is met; absent without a target, or without a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target_met: Option<bool>,
    pub(crate) words: String,
    pub(crate) evidence: Vec<Evidence>,
    /// The day up to which it answers all reports that were due; none when it came between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answers: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// An independent review.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Review {
    pub(crate) id: String,
    pub(crate) completion: Completion,
    #[serde(flatten)]
    pub(crate) said: Judgement,
}

/// Counter-evidence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) said: Judgement,
}

/// What somebody else says of a commitment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Judgement {
    /// The report that it is about; absent when it is about the commitment as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<String>,
    pub(crate) by: String,
    /// The name of the party that says it.
    pub(crate) by_name: String,
    /// What sort of organisation that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by_kind: Option<Kind>,
    /// Whether it speaks as the pledge's steward.
    pub(crate) steward: bool,
    pub(crate) date: Date,
    pub(crate) words: String,
    pub(crate) evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reply: Option<Reply>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// The answer of the party that a statement or a letter is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) date: Date,
    pub(crate) words: String,
    pub(crate) evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// The value of a computed indicator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reading {
    pub(crate) indicator: String,
    pub(crate) label: String,
    pub(crate) unit: String,
    pub(crate) from: Date,
    pub(crate) to: Date,
    /// Absent where too little was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Number>,
    pub(crate) numerator: u64,
    /// What the numerator was divided by, or how many were measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) denominator: Option<u64>,
    /// How many the denominator has to be at least.
    pub(crate) needed: u64,
    /// How it is computed.
    pub(crate) method: String,
}

impl Reading {
    /// The value in words: `95 percent (19 of 20)`, or that there is too little.
    pub(crate) fn in_words(&self) -> String {
        let of = self
            .denominator
            .map_or(String::new(), |of| format!(" ({} of {of})", self.numerator));
        match (self.value, self.denominator) {
            (Some(value), _) => format!("{value} {}{of}", self.unit),
            (None, Some(counted)) => {
                format!(
                    "too little to say: {counted} counted, {} needed",
                    self.needed
                )
            }
            (None, None) => "too little to say".into(),
        }
    }
}

impl From<&kept::Evidence> for Evidence {
    fn from(one: &kept::Evidence) -> Self {
        Evidence {
            url: one.url.clone(),
            sha256: one.sha256.clone(),
        }
    }
}

impl From<Evidence> for kept::Evidence {
    fn from(one: Evidence) -> Self {
        kept::Evidence {
            url: one.url,
            sha256: one.sha256,
        }
    }
}

fn evidence(all: &[kept::Evidence]) -> Vec<Evidence> {
    all.iter().map(Evidence::from).collect()
}

impl From<&Read> for Reading {
    fn from(read: &Read) -> Self {
        Reading {
            indicator: read.indicator.as_str().into(),
            label: read.indicator.label().into(),
            unit: read.indicator.unit().as_str().into(),
            from: read.from,
            to: read.to,
            value: read.value.map(Number),
            numerator: read.numerator,
            denominator: read.denominator,
            needed: read.needed,
            method: read.indicator.method().into(),
        }
    }
}

impl Report {
    /// A report on a commitment.
    pub(super) fn of(record: &CommitmentRecord, held: &Held<kept::Report>) -> Self {
        let what = &held.what;
        let mut versions = record.versions().map(|version| &version.what);
        let version = versions.find(|version| version.version == what.version);
        let target = version.and_then(|version| version.target);
        let value = what
            .value
            .or(what.reading.as_ref().and_then(|read| read.value));
        Report {
            target_met: target
                .zip(value)
                .map(|(target, value)| target.is_met(value)),
            id: what.id.clone(),
            date: what.date,
            version: what.version,
            completion: what.completion,
            value: what.value.map(Number),
            reading: what.reading.as_ref().map(Reading::from),
            words: what.words.clone(),
            evidence: evidence(&what.evidence),
            answers: what.answers,
            source: what.source.clone(),
            record: held.into(),
        }
    }
}

impl From<&Held<kept::Reply>> for Reply {
    fn from(held: &Held<kept::Reply>) -> Self {
        Reply {
            date: held.what.date,
            words: held.what.words.clone(),
            evidence: evidence(&held.what.evidence),
            source: held.what.source.clone(),
            record: held.into(),
        }
    }
}

/// What sort of organisation a party is.
fn kind_of(node: &Node, id: &str) -> Option<Kind> {
    let directory = node.directory();
    directory.register().party(id).map(|party| party.kind)
}

pub(super) fn review(node: &Node, said: &Said<kept::Review>) -> Review {
    let what = &said.held.what;
    Review {
        id: what.id.clone(),
        completion: what.completion,
        said: Judgement {
            report: what.report.clone(),
            by: what.by.clone(),
            by_name: name_of(node, &what.by),
            by_kind: kind_of(node, &what.by),
            steward: what.steward,
            date: what.date,
            words: what.words.clone(),
            evidence: evidence(&what.evidence),
            reply: said.reply.as_ref().map(Reply::from),
            record: (&said.held).into(),
        },
    }
}

pub(super) fn counter(node: &Node, said: &Said<kept::Counter>) -> Counter {
    let what = &said.held.what;
    Counter {
        id: what.id.clone(),
        said: Judgement {
            report: what.report.clone(),
            by: what.by.clone(),
            by_name: name_of(node, &what.by),
            by_kind: kind_of(node, &what.by),
            steward: what.steward,
            date: what.date,
            words: what.words.clone(),
            evidence: evidence(&what.evidence),
            reply: said.reply.as_ref().map(Reply::from),
            record: (&said.held).into(),
        },
    }
}
