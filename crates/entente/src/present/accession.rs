//! How parties come to the pledge: invitations, talks, terms.

use jiff::civil::Date;
use node::accession::{
    Agreed, Answered, InvitationRecord, Reservation, Shown, Side, StepRecord, Terms as Kept,
    TermsRecord,
};
use node::act::accession::{NewAnswer, NewEnd, NewInvitation, NewStep};
use node::entry::Recorded;
use node::pledge::Stance;
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

use super::time;

/// Where and when something was recorded here: `/log/receipt/{position}` proves it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// RFC 3339.
    pub(crate) recorded: String,
    /// The position of its entry in the journal.
    pub(crate) position: u64,
}

/// An invitation that the caller sees.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) id: String,
    pub(crate) party: String,
    pub(crate) date: Date,
    pub(crate) words: String,
    /// What the party is asked to become.
    pub(crate) join_as: Stance,
    /// Whether anybody may see it before it is accepted.
    pub(crate) public: bool,
    /// `open`, `accepted`, `declined` or `withdrawn`.
    pub(crate) state: String,
    #[serde(flatten)]
    pub(crate) record: Record,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Answer>,
    /// Whether it is the viewer's to answer, for its page.
    #[serde(skip)]
    pub(crate) may_answer: bool,
}

/// The answer to an invitation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) date: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Where it is known from, when the steward recorded it for the party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `GET /api/v1/invitations`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invitations {
    pub(crate) invitations: Vec<Invitation>,
}

/// `POST /api/v1/invitations`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invite {
    pub(crate) party: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
    pub(crate) words: String,
    pub(crate) join_as: Stance,
    #[serde(default)]
    pub(crate) public: bool,
}

/// `POST /api/v1/invitations/{id}/answer`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveAnswer {
    /// `accepted`, `declined` or `withdrawn`.
    pub(crate) answer: AnswerWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// How an invitation ends.
#[derive(Copy, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AnswerWord {
    Accepted,
    Declined,
    Withdrawn,
}

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

/// Terms of a partner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) party: String,
    /// Whether they reach every collection that its stance may.
    pub(crate) all_collections: bool,
    /// Short names of those that they reach and the caller may know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) collections: Vec<String>,
    /// The most restrictive marking they let it see there.
    pub(crate) up_to: String,
    pub(crate) publish: bool,
    pub(crate) from: Date,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Date>,
    pub(crate) source: String,
    /// Whether anybody may see them.
    pub(crate) public: bool,
    /// Today: `in-force`, `to-come` or `over`.
    pub(crate) state: String,
    /// When they were ended before their last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<TermsEnd>,
    /// How often they were set.
    pub(crate) versions: usize,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// The end of terms.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TermsEnd {
    /// The first day on which they hold no more.
    pub(crate) on: Date,
    pub(crate) reason: String,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `GET /api/v1/terms`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AllTerms {
    pub(crate) terms: Vec<Terms>,
}

/// Terms to be set: `POST /api/v1/terms`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTerms {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// Known already where talks end in them.
    #[serde(default)]
    pub(crate) party: String,
    /// Ids or short names; empty means all that its stance may.
    #[serde(default)]
    pub(crate) collections: Vec<String>,
    pub(crate) up_to: String,
    #[serde(default)]
    pub(crate) publish: bool,
    /// Today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Date>,
    /// That of the end of talks when absent there.
    #[serde(default)]
    pub(crate) source: String,
    #[serde(default = "yes")]
    pub(crate) public: bool,
}

/// `POST /api/v1/terms/{id}/end`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndTerms {
    /// The first day on which they hold no more; today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) on: Option<Date>,
    pub(crate) reason: String,
}

fn yes() -> bool {
    true
}

impl From<Recorded> for Record {
    fn from(recorded: Recorded) -> Self {
        Record {
            recorded: time(recorded.at.0),
            position: recorded.position,
        }
    }
}

impl From<&InvitationRecord> for Invitation {
    fn from(record: &InvitationRecord) -> Self {
        let InvitationRecord {
            invitation,
            recorded,
            answer,
        } = record;
        Invitation {
            id: invitation.id.clone(),
            party: invitation.party.clone(),
            date: invitation.date,
            words: invitation.words.clone(),
            join_as: invitation.join_as,
            public: invitation.public,
            state: record.answered().map_or("open", Answered::as_str).into(),
            record: (*recorded).into(),
            answer: answer.as_ref().map(|(answer, recorded)| Answer {
                date: answer.date,
                reason: answer.reason.clone(),
                source: answer.source.clone(),
                record: (*recorded).into(),
            }),
            may_answer: false,
        }
    }
}

impl Invite {
    /// As the node takes it.
    pub(crate) fn wanted(self) -> NewInvitation {
        NewInvitation {
            party: self.party,
            date: self.date,
            words: self.words,
            join_as: self.join_as,
            public: self.public,
        }
    }
}

impl GiveAnswer {
    /// As the node takes it.
    pub(crate) fn wanted(self) -> NewAnswer {
        NewAnswer {
            answered: match self.answer {
                AnswerWord::Accepted => Answered::Accepted,
                AnswerWord::Declined => Answered::Declined,
                AnswerWord::Withdrawn => Answered::Withdrawn,
            },
            date: self.date,
            reason: self.reason,
            source: self.source,
        }
    }
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

impl NewTerms {
    /// As the node takes it.
    ///
    /// # Errors
    /// When they name no marking.
    pub(crate) fn wanted(self, node: &Node) -> Result<Kept, node::Error> {
        Ok(Kept {
            title: self.title.unwrap_or_else(|| self.id.replace('-', " ")),
            id: self.id,
            party: self.party,
            collections: self.collections,
            up_to: self.up_to.parse().map_err(node::Error::Invalid)?,
            publish: self.publish,
            from: self.from.unwrap_or_else(|| node.now().day()),
            until: self.until,
            source: self.source,
            public: self.public,
        })
    }
}

/// The invitations that a caller sees; of one party when it is named.
pub(crate) fn invitations(node: &Node, caller: &Caller, party: Option<&str>) -> Invitations {
    let (directory, viewer) = (node.directory(), node.viewer(caller));
    let seen = node.invitations(caller);
    let seen = seen.iter().map(|record| {
        let side = viewer.speaks(&directory, &record.invitation.party);
        Invitation {
            may_answer: side == Ok(Side::Party) && record.answer.is_none(),
            ..Invitation::from(record)
        }
    });
    Invitations {
        invitations: seen
            .filter(|one| party.is_none_or(|party| one.party == party))
            .collect(),
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

/// The terms that a caller sees; of one party when it is named.
pub(crate) fn all_terms(node: &Node, caller: &Caller, party: Option<&str>) -> AllTerms {
    let seen = node.terms(caller);
    let terms = seen.iter().filter_map(|record| terms(node, caller, record));
    AllTerms {
        terms: terms
            .filter(|one| party.is_none_or(|party| one.party == party))
            .collect(),
    }
}

/// Terms by their id, as a caller sees them.
pub(crate) fn one_terms(node: &Node, caller: &Caller, id: &str) -> Option<Terms> {
    let all = all_terms(node, caller, None).terms;
    all.into_iter().find(|terms| terms.id == id)
}

fn terms(node: &Node, caller: &Caller, record: &TermsRecord) -> Option<Terms> {
    let (directory, viewer) = (node.directory(), node.viewer(caller));
    let (terms, recorded) = record.newest()?;
    let today = node.now().day();
    let known = terms.collections.iter().filter_map(|id| {
        let (_, settings) = directory.collection(id)?;
        let known = viewer.access(settings).known;
        known.then(|| settings.alias.clone())
    });
    let state = if record.in_force(today).is_some() {
        "in-force"
    } else if terms.from > today && record.ended().is_none() {
        "to-come"
    } else {
        "over"
    };
    Some(Terms {
        id: terms.id.clone(),
        title: terms.title.clone(),
        party: terms.party.clone(),
        all_collections: terms.collections.is_empty(),
        collections: known.collect(),
        up_to: terms.up_to.to_string(),
        publish: terms.publish,
        from: terms.from,
        until: terms.until,
        source: terms.source.clone(),
        public: terms.public,
        state: state.into(),
        ended: record.ended().map(|ended| TermsEnd {
            on: ended.on,
            reason: ended.reason.clone(),
            record: ended.recorded.into(),
        }),
        versions: record.versions.len(),
        record: (*recorded).into(),
    })
}
