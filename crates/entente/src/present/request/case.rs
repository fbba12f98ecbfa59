//! A case as JSON shows it.

use node::act::request::CaseView;
use node::clock::Instant;
use node::directory::Directory;
use node::policy::CaseSight;
use node::request::case::AFFECTED;
use node::request::{self, StepRecord};
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

use crate::present::lookup::Publisher;
use crate::present::time;

/// A request and what became of it: `GET /api/v1/requests/{id}`. What the caller does not see is left
/// out; `sight` says how much that is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) from: Publisher,
    pub(crate) to: Publisher,
    pub(crate) kind: String,
    pub(crate) category: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) words: Option<String>,
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
    pub(crate) good_faith: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<Evidence>,
    /// `TLP:AMBER` and so on.
    pub(crate) marking: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) follows: Option<String>,
    pub(crate) state: String,
    pub(crate) outcome: String,
    pub(crate) opened: String,
    pub(crate) changed: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acknowledged: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answered: Option<String>,
    /// Whether the answer came in time; absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) in_time: Option<bool>,
    /// Seconds from sending to the answer, without the time it waited for the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer_seconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<Deadline>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) done_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) done: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contested: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) review: Option<Review>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) escalated: Option<String>,
    /// Whether somebody is late now.
    pub(crate) overdue: bool,
    /// Whose turn it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waits_for: Option<Waits>,
    /// Until when a link to contest works, if one was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contestable_until: Option<String>,
    /// `facts`, `words` or `whole`.
    pub(crate) sight: String,
    /// The parts that the caller has in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roles: Vec<String>,
    /// The steps that the caller may take now; of one case alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) open: Vec<Open>,
    /// The number of the entry that opened it.
    pub(crate) position: u64,
    pub(crate) receipt: String,
    /// The number of the newest entry about it: what `If-Match` and `after` name.
    pub(crate) last: u64,
    /// What was done, oldest first; of one case alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<Step>,
}

/// Why something is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ground {
    /// `law` or `policy`.
    pub(crate) kind: String,
    /// Which law and article, or which rule.
    pub(crate) reference: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Why what is named falls under it.
    pub(crate) explanation: String,
}

/// A person to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Evidence {
    /// SHA-256 in hexadecimal digits.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) media_type: String,
    pub(crate) name: String,
    pub(crate) marking: String,
}

/// By when it is to be answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deadline {
    pub(crate) preset: String,
    pub(crate) from: String,
    pub(crate) answer_by: String,
    /// When the recipient is to have said that it received it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) acknowledge_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) done_by: Option<String>,
    /// The time zone whose working hours were counted; absent for clock time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
}

/// How a contest ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Review {
    pub(crate) upheld: bool,
    pub(crate) at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) restored: Option<String>,
}

/// Whose turn it is, and by when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Waits {
    pub(crate) role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// Seconds until then; less than nothing when it is late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seconds_left: Option<i64>,
}

/// A step that the caller may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) role: String,
    pub(crate) step: String,
}

/// A step that was taken.
#[expect(clippy::struct_field_names, reason = "the names are the API's")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) position: u64,
    pub(crate) receipt: String,
    pub(crate) at: String,
    pub(crate) step: String,
    pub(crate) role: String,
    /// The party; for whom it affects, and for dates, what stands there instead.
    pub(crate) by: Publisher,
    /// The account, for the two sides and who reviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// Where it led.
    pub(crate) state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) words: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<Deadline>,
    /// By when it will be done, or the date that a reminder is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by_when: Option<String>,
    /// Until when a link works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    /// Who contests, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<Contact>,
}

/// The case with this id, with its steps, as far as the caller sees it.
///
/// # Errors
/// [`node::Error::NotFound`] when it sees nothing of it.
pub(crate) fn one(node: &Node, caller: &Caller, id: &str) -> Result<Case, node::Error> {
    let view = node.request_case(caller, id)?;
    Ok(Case::new(&node.directory(), &view, node.now()))
}

fn at(instant: Option<Instant>) -> Option<String> {
    instant.map(|at| time(at.0))
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn receipt(position: u64) -> String {
    format!("/log/receipt/{position}")
}

/// A party with its name; one that the register does not know by what it is.
fn party(directory: &Directory, id: &str) -> Publisher {
    let name = match (id, directory.register().party(id)) {
        (_, Some(party)) => party.name.clone(),
        (AFFECTED, None) => "Whoever it affects".to_owned(),
        (id, None) => id.to_owned(),
    };
    Publisher {
        id: id.to_owned(),
        name,
    }
}

impl Case {
    /// What a view shows, now.
    pub(crate) fn new(directory: &Directory, view: &CaseView, now: Instant) -> Self {
        let (case, request) = (&view.case, &view.case.request);
        let answered = case.answered;
        let waits = case.waits_for().map(|(role, by)| Waits {
            role: role.to_string(),
            by: at(by),
            seconds_left: by.map(|by| (by.0 - now.0).div_euclid(1_000_000)),
        });
        Case {
            id: request.id.clone(),
            from: party(directory, &request.from),
            to: party(directory, &request.to),
            kind: request.kind.to_string(),
            category: request.category.to_string(),
            title: some(&request.title),
            words: some(&request.words),
            targets: request.targets.clone(),
            signals: request.signals.clone(),
            principle: request.principle,
            ground: request.ground.as_ref().map(Ground::from),
            country: request.country.clone(),
            contact: request.contact.as_ref().map(Contact::from),
            good_faith: request.good_faith,
            evidence: request.evidence.iter().map(Evidence::from).collect(),
            marking: request.marking.to_string(),
            reference: request.reference.clone(),
            follows: request.follows.clone(),
            state: case.state.to_string(),
            outcome: case.outcome.to_string(),
            opened: time(case.opened.0),
            changed: time(case.changed.0),
            sent: at(case.sent),
            acknowledged: at(case.acknowledged),
            answered: at(answered),
            in_time: answered.map(|_| case.in_time),
            answer_seconds: case.answer_time().map(|micros| micros / 1_000_000),
            deadline: case.deadline.as_ref().map(Deadline::from),
            done_by: at(case.done_by),
            done: at(case.done),
            contested: at(case.contested),
            review: case.reviewed.map(|review| Review {
                upheld: review.upheld,
                at: time(review.at.0),
                restored: at(review.restored),
            }),
            escalated: at(case.escalated),
            overdue: case.is_overdue(now),
            waits_for: waits,
            contestable_until: case.link.as_ref().map(|link| time(link.expires.0)),
            sight: sight(view.sight).to_owned(),
            roles: view.roles.iter().map(ToString::to_string).collect(),
            open: Open::all(view),
            position: case.position,
            receipt: receipt(case.position),
            last: case.last,
            steps: view
                .steps
                .iter()
                .map(|step| Step::new(directory, step))
                .collect(),
        }
    }
}

fn sight(sight: CaseSight) -> &'static str {
    match sight {
        CaseSight::Nothing | CaseSight::Facts => "facts",
        CaseSight::Words => "words",
        CaseSight::Whole => "whole",
    }
}

impl Open {
    /// The steps that are open, each once: as the nearest role that may take it.
    fn all(view: &CaseView) -> Vec<Open> {
        let mut open: Vec<Open> = Vec::new();
        for (role, verb) in &view.open {
            if !open.iter().any(|one| one.step == verb.as_str()) {
                open.push(Open {
                    role: role.to_string(),
                    step: verb.to_string(),
                });
            }
        }
        open
    }
}

impl Step {
    fn new(directory: &Directory, record: &StepRecord) -> Self {
        let step = &record.step;
        let (deadline, by_when, expires, contact) = match step {
            request::Step::Send { deadline } | request::Step::Answer { deadline, .. } => {
                (Some(deadline), None, None, None)
            }
            request::Step::Accept { done_by, .. } => (None, at(*done_by), None, None),
            request::Step::Remind { due } => (None, at(Some(*due)), None, None),
            request::Step::Link { expires, .. } => (None, None, at(Some(*expires)), None),
            request::Step::Contest { contact, .. } => (None, None, None, contact.as_ref()),
            _ => (None, None, None, None),
        };
        Step {
            position: record.position,
            receipt: receipt(record.position),
            at: time(record.at.0),
            step: step.verb().to_string(),
            role: record.role.to_string(),
            by: party(directory, &record.party),
            account: some(&record.account),
            state: record.state.to_string(),
            words: step.words().and_then(some),
            evidence: step.evidence().iter().map(Evidence::from).collect(),
            deadline: deadline.map(Deadline::from),
            by_when,
            expires,
            contact: contact.map(Contact::from),
        }
    }
}

impl From<&request::Ground> for Ground {
    fn from(ground: &request::Ground) -> Self {
        Ground {
            kind: ground.kind.to_string(),
            reference: ground.reference.clone(),
            url: ground.url.clone(),
            explanation: ground.explanation.clone(),
        }
    }
}

impl From<&request::Contact> for Contact {
    fn from(contact: &request::Contact) -> Self {
        Contact {
            name: contact.name.clone(),
            email: contact.email.clone(),
        }
    }
}

impl From<&request::Evidence> for Evidence {
    fn from(evidence: &request::Evidence) -> Self {
        Evidence {
            sha256: evidence.digest(),
            bytes: evidence.bytes,
            media_type: evidence.media_type.clone(),
            name: evidence.name.clone(),
            marking: evidence.marking.to_string(),
        }
    }
}

impl From<&request::Deadline> for Deadline {
    fn from(deadline: &request::Deadline) -> Self {
        Deadline {
            preset: deadline.preset.to_string(),
            from: time(deadline.from.0),
            answer_by: time(deadline.answer_by.0),
            acknowledge_by: at(deadline.acknowledge_by),
            done_by: at(deadline.done_by),
            zone: deadline.zone.clone(),
        }
    }
}
