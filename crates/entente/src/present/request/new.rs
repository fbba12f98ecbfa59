//! What is sent: requests and steps.

use node::act::request as act;
use node::clock::Instant;
use node::directory::Directory;
use node::model::Marking;
use node::request::deadline;
use node::request::{self, Preset};
use node::{Error, Node};
use serde::{Deserialize, Serialize};

use super::case::{Case, Contact, Ground};
use super::{instant, word};

/// A request to be sent or drafted: `POST /api/v1/requests`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCase {
    /// The party that is asked, by its id.
    pub(crate) to: String,
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<String>,
    pub(crate) title: String,
    pub(crate) words: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) signals: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) principle: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ground: Option<Ground>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<Contact>,
    #[serde(default)]
    pub(crate) good_faith: bool,
    /// Attachments that were kept before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<NewEvidence>,
    /// AMBER when absent: who asks whom for what kind of thing is public, what is said is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) marking: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) follows: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<Wanted>,
    #[serde(default)]
    pub(crate) draft: bool,
}

/// By when it is to be answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// `standard` when absent, and `custom` when hours are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preset: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hours: Option<u32>,
    /// Working days, in the place of hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) days: Option<u32>,
    /// An IANA time zone whose working hours count; clock time when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
    /// When it is to be done, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) done_by: Option<String>,
}

/// An attachment that was kept before, as the answer to keeping it named it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEvidence {
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) media_type: String,
    pub(crate) name: String,
    /// As the request's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) marking: Option<String>,
}

/// A step to be taken: `POST /api/v1/requests/{id}/steps`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStep {
    pub(crate) step: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) words: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<NewEvidence>,
    /// Of `send` and `answer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<Wanted>,
    /// Of `accept`, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) done_by: Option<String>,
    /// The number of the newest entry about it that the caller saw: a newer one is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<u64>,
}

/// What a step led to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stepped {
    /// The number of the step's entry.
    pub(crate) position: u64,
    pub(crate) receipt: String,
    /// The link by which the affected can contest: shown once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contest: Option<ContestLink>,
    pub(crate) request: Case,
}

/// A link by which the affected can contest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ContestLink {
    pub(crate) token: String,
    pub(crate) path: String,
    /// Where a browser finds it; absent where no node serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

impl NewCase {
    /// As the node wants it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field.
    pub(crate) fn wanted(self) -> Result<act::NewRequest, Error> {
        let marking = match &self.marking {
            Some(text) => word("marking", text)?,
            None => Marking::Amber,
        };
        let category = match &self.category {
            Some(text) => word("category", text)?,
            None => request::Category::Other,
        };
        Ok(act::NewRequest {
            to: self.to,
            kind: word("kind", &self.kind)?,
            category,
            title: self.title,
            words: self.words,
            targets: self.targets,
            signals: self.signals,
            principle: self.principle,
            ground: self.ground.map(Ground::wanted).transpose()?,
            country: self.country,
            contact: self.contact.map(Contact::wanted),
            good_faith: self.good_faith,
            evidence: all_evidence(self.evidence, marking)?,
            marking,
            reference: self.reference,
            follows: self.follows,
            deadline: self.deadline.unwrap_or_default().wanted()?,
            draft: self.draft,
        })
    }
}

impl Ground {
    fn wanted(self) -> Result<request::Ground, Error> {
        Ok(request::Ground {
            kind: word("ground/kind", &self.kind)?,
            reference: self.reference,
            url: self.url,
            explanation: self.explanation,
        })
    }
}

impl Contact {
    pub(super) fn wanted(self) -> request::Contact {
        request::Contact {
            name: self.name,
            email: self.email,
        }
    }
}

impl Wanted {
    fn wanted(self) -> Result<deadline::Wanted, Error> {
        let preset = match (&self.preset, self.hours.or(self.days)) {
            (Some(text), _) => word("deadline/preset", text)?,
            (None, Some(_)) => Preset::Custom,
            (None, None) => Preset::Standard,
        };
        let done_by = self
            .done_by
            .map(|text| instant("deadline/done_by", &text))
            .transpose()?;
        Ok(deadline::Wanted {
            preset,
            hours: self.hours,
            days: self.days,
            zone: self.zone,
            done_by,
        })
    }
}

impl NewEvidence {
    fn wanted(self, marking: Marking) -> Result<request::Evidence, Error> {
        let wrong = || Error::Invalid("evidence/sha256: 64 hexadecimal digits".into());
        Ok(request::Evidence {
            sha256: digest(&self.sha256).ok_or_else(wrong)?,
            bytes: self.bytes,
            media_type: self.media_type,
            name: self.name,
            marking: match &self.marking {
                Some(text) => word("evidence/marking", text)?,
                None => marking,
            },
        })
    }
}

fn all_evidence(all: Vec<NewEvidence>, marking: Marking) -> Result<Vec<request::Evidence>, Error> {
    all.into_iter().map(|one| one.wanted(marking)).collect()
}

/// A SHA-256 from its hexadecimal digits.
pub(crate) fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (octet, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        // A sign is no digit.
        if !pair.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        *octet = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(digest)
}

impl NewStep {
    /// A step of this kind, with words if any.
    pub(crate) fn new(step: &str, words: Option<String>) -> Self {
        NewStep {
            step: step.to_owned(),
            words,
            ..NewStep::default()
        }
    }

    /// As the node wants it; attachments without a marking of their own get the request's.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field.
    pub(crate) fn wanted(self, marking: Marking) -> Result<act::NewStep, Error> {
        let done_by: Option<Instant> = self
            .done_by
            .map(|text| instant("done_by", &text))
            .transpose()?;
        Ok(act::NewStep {
            verb: word("step", &self.step)?,
            words: self.words,
            evidence: all_evidence(self.evidence, marking)?,
            deadline: self.deadline.map(Wanted::wanted).transpose()?,
            done_by,
            after: self.after,
        })
    }
}

impl Stepped {
    /// What the node tells of a step, under the URL at which browsers reach it.
    pub(crate) fn new(node: &Node, stepped: act::Stepped, url: Option<&str>) -> Self {
        let directory: &Directory = &node.directory();
        let contest = stepped.link.map(|token| {
            let path = format!("/contest/{token}");
            ContestLink {
                url: url.map(|url| format!("{url}{path}")),
                path,
                token,
            }
        });
        Stepped {
            position: stepped.position,
            receipt: format!("/log/receipt/{}", stepped.position),
            contest,
            request: Case::new(directory, &stepped.case, node.now()),
        }
    }
}
