//! How a party comes to the pledge: the steward invites, the party answers, both keep a record of their
//! talks and agree what of it is shown, and the talks end.

use jiff::civil::Date;

use crate::accession::{
    Agreement, Answer, Answered, Invitation, InvitationRecord, MOST_TOPICS, Reservation,
    Reservations, Shown, Side, Step, StepRecord, Terms,
};
use crate::act::Error;
use crate::act::manage::reasoned;
use crate::act::terms;
use crate::act::wording::check_words;
use crate::batch::fill;
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::Act;
use crate::node::Node;
use crate::pledge::{Basis, Precision, Stance, StanceChange, is_slug};
use crate::policy::{Caller, Refusal, Viewer, speaks_for_itself};
use crate::writer::Decide;

/// Steps of a party that wait for the other side.
const MOST_WAITING: usize = 1000;

/// An invitation to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// The party, by its id or name.
    pub party: String,
    /// The day; today when absent.
    pub date: Option<Date>,
    /// What it says.
    pub words: String,
    /// What the party is asked to become: `signed` or `partner`.
    pub join_as: Stance,
    /// Whether anybody may see it before it is accepted.
    pub public: bool,
}

/// An answer to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAnswer {
    /// How the invitation ends.
    pub answered: Answered,
    /// The day; today when absent.
    pub date: Option<Date>,
    /// Why; not optional for who declines.
    pub reason: Option<String>,
    /// Where the party's answer is known from, when the steward records it.
    pub source: Option<String>,
}

/// A step to be put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    /// The party, by its id or name.
    pub party: String,
    /// The day; today when absent.
    pub date: Option<Date>,
    /// Slugs.
    pub topics: Vec<String>,
    /// What was done.
    pub words: String,
    /// What may be shown, if the other side agrees.
    pub show: Shown,
    /// The id of the step it corrects.
    pub replaces: Option<String>,
}

/// How talks end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEnd {
    /// The party, by its id or name.
    pub party: String,
    /// `signed`, `partner` or `sitting-out`.
    pub stance: Stance,
    /// The first day; today when absent.
    pub since: Option<Date>,
    /// Where it is known from.
    pub source: String,
    /// What a reader should know besides.
    pub note: Option<String>,
    /// What it reserves, when it signs.
    pub reservations: Vec<Reservation>,
    /// The terms of a partner.
    pub terms: Option<Terms>,
}

impl Node {
    /// Invites a party: for the steward, or an administrator acting for it.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`] for an unknown party; [`Error::Invalid`];
    /// [`Error::Conflict`] when an invitation is open already, or the party is what it would be asked to
    /// become, or suspended.
    pub async fn invite(&self, caller: &Caller, new: NewInvitation) -> Result<Invitation, Error> {
        check_words("the invitation", &new.words)?;
        if !matches!(new.join_as, Stance::Signed | Stance::Partner) {
            let words = "a party is invited to be 'signed' or 'partner'";
            return Err(Error::Invalid(words.into()));
        }
        let party = self.party_id(&new.party)?;
        let invitation = Invitation {
            id: new_id(),
            party,
            date: self.day(new.date)?,
            words: new.words,
            join_as: new.join_as,
            public: new.public,
        };
        let made = invitation.clone();
        let decide = deciding(caller, move |directory, viewer, now| {
            let party = &invitation.party;
            if viewer.speaks(directory, party)? == Side::Party {
                let words = "the steward invites: a party does not invite itself";
                return Err(Error::Invalid(words.into()));
            }
            let steward = directory.steward();
            if steward == Some(party) {
                let words = "the steward convenes the pledge: it is not invited";
                return Err(Error::Conflict(words.into()));
            }
            match directory.stance(party, now.day()) {
                Some(Stance::Suspended) => {
                    let words = "this party is suspended: lift that first";
                    return Err(Error::Conflict(words.into()));
                }
                Some(stance) if stance == Stance::Signed || stance == invitation.join_as => {
                    let words = format!("this party is '{stance}' already");
                    return Err(Error::Conflict(words));
                }
                _ => {}
            }
            let mut known = directory.accession().invitations().iter();
            if known.any(|r| r.invitation.party == *party && r.answer.is_none()) {
                let words = "an invitation of this party is open: withdraw it first";
                return Err(Error::Conflict(words.into()));
            }
            Ok(vec![Act::Invite(invitation)])
        });
        self.record(caller, decide).await?;
        Ok(made)
    }

    /// The invitations that a caller sees, in the order they were recorded.
    pub fn invitations(&self, caller: &Caller) -> Vec<InvitationRecord> {
        let (directory, viewer) = (self.directory(), self.viewer(caller));
        let all = directory.accession().invitations().iter();
        all.filter(|record| viewer.sees_invitation(&directory, record))
            .cloned()
            .collect()
    }

    /// Answers an invitation: the party accepts or declines, by its own account or, when it has none,
    /// by the steward who names a source; the steward withdraws. Who accepts is in talks from that day
    /// on, unless it is a partner.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Refused`], [`Error::Invalid`]; [`Error::Conflict`] when it was
    /// answered already.
    pub async fn answer_invitation(
        &self,
        caller: &Caller,
        id: &str,
        new: NewAnswer,
    ) -> Result<InvitationRecord, Error> {
        for (what, words) in [("the reason", &new.reason), ("the source", &new.source)] {
            words.as_deref().map_or(Ok(()), |w| check_words(what, w))?;
        }
        if new.answered == Answered::Declined && new.reason.is_none() {
            return Err(Error::Invalid(
                "who declines says why: give a reason".into(),
            ));
        }
        let answer = Answer {
            invitation: id.to_owned(),
            answered: new.answered,
            date: self.day(new.date)?,
            reason: new.reason,
            source: new.source,
        };
        let decide = deciding(caller, move |directory, viewer, now| {
            answer_acts(directory, viewer, now, answer)
        });
        self.record(caller, decide).await?;
        let directory = self.directory();
        let record = directory.accession().invitation(id);
        record.cloned().ok_or(Error::NotFound("invitation"))
    }

    /// Puts a step of talks, for one of the two sides. Nobody else sees it until the other agrees.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`] for an unknown party or step; [`Error::Invalid`];
    /// [`Error::Conflict`] when too many steps wait.
    pub async fn put_step(&self, caller: &Caller, new: NewStep) -> Result<Step, Error> {
        check_words("the step", &new.words)?;
        check_topics(&new.topics)?;
        let party = self.party_id(&new.party)?;
        let mut step = Step {
            id: new_id(),
            party,
            by: Side::Steward,
            date: self.day(new.date)?,
            topics: new.topics,
            words: new.words,
            show: new.show,
            replaces: new.replaces,
        };
        // On which side the caller is does not change while its ask waits, but for its rights.
        let directory = self.directory();
        step.by = self.viewer(caller).speaks(&directory, &step.party)?;
        let put = step.clone();
        let decide = deciding(caller, move |directory, viewer, _| {
            step.by = viewer.speaks(directory, &step.party)?;
            let accession = directory.accession();
            if let Some(old) = &step.replaces {
                let old = accession.step(old).filter(|r| r.step.party == step.party);
                old.ok_or(Error::NotFound("step"))?;
            }
            let of_party = accession.steps().iter();
            let waiting = of_party.filter(|r| r.step.party == step.party && r.agreed.is_empty());
            if waiting.count() >= MOST_WAITING {
                let words = format!("{MOST_WAITING} steps of this party wait for the other side");
                return Err(Error::Conflict(words));
            }
            Ok(vec![Act::Step(step)])
        });
        self.record(caller, decide).await?;
        Ok(put)
    }

    /// The steps that a caller sees with what it sees of each, oldest day first.
    pub fn steps(&self, caller: &Caller) -> Vec<(StepRecord, Shown)> {
        let (directory, viewer) = (self.directory(), self.viewer(caller));
        let all = directory.accession().steps().iter();
        let seen = all.filter_map(|record| {
            let shown = viewer.sees_step(&directory, record)?;
            Some((record.clone(), shown))
        });
        let mut seen: Vec<_> = seen.collect();
        seen.sort_by_key(|(record, _)| (record.step.date, record.recorded.position));
        seen
    }

    /// Agrees to show a step that the other side put; exactly what both agreed to is public then.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a step that the caller does not see; [`Error::Refused`];
    /// [`Error::Invalid`] when nothing would be shown.
    pub async fn agree_step(
        &self,
        caller: &Caller,
        id: &str,
        shown: Shown,
        source: Option<String>,
    ) -> Result<StepRecord, Error> {
        source
            .as_deref()
            .map_or(Ok(()), |words| check_words("the source", words))?;
        let wanted = id.to_owned();
        let decide = deciding(caller, move |directory, viewer, now| {
            let missing = Error::NotFound("step");
            let record = directory.accession().step(&wanted).ok_or(missing.clone())?;
            let party = &record.step.party;
            viewer.sees_step(directory, record).ok_or(missing)?;
            let side = viewer.speaks(directory, party)?;
            let is_recorded_for_party = side == Side::Steward && record.step.by == Side::Steward;
            if is_recorded_for_party {
                may_record_for(directory, party, now, source.as_deref())?;
            } else if side == record.step.by {
                return Err(Refusal::OwnStep.into());
            }
            if !record.step.show.and(shown).is_any() {
                let words = format!(
                    "nothing would be shown: its side is willing to show {}",
                    record.step.show
                );
                return Err(Error::Invalid(words));
            }
            let source = source.filter(|_| is_recorded_for_party);
            Ok(vec![Act::AgreeStep(Agreement {
                step: wanted,
                shown,
                source,
            })])
        });
        self.record(caller, decide).await?;
        let directory = self.directory();
        let record = directory.accession().step(id);
        record.cloned().ok_or(Error::NotFound("step"))
    }

    /// Ends talks: the party signed, with reservations if it made any; is a partner, under terms; or sits
    /// out. Recorded by who administers, with a source.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`], [`Error::Invalid`], and [`Error::Conflict`] when the
    /// party is not in talks then.
    pub async fn end_talks(&self, caller: &Caller, new: NewEnd) -> Result<String, Error> {
        check_words("the source", &new.source)?;
        check_end(&new)?;
        let party = self.party_id(&new.party)?;
        let since = self.day(new.since)?;
        let ended = party.clone();
        let decide = deciding(caller, move |directory, viewer, _| {
            viewer.administers()?;
            end_acts(directory, new, party, since)
        });
        self.record(caller, decide).await?;
        Ok(ended)
    }

    /// A day that is not ahead; today when absent.
    pub(crate) fn day(&self, day: Option<Date>) -> Result<Date, Error> {
        let today = self.now().day();
        match day {
            Some(day) if day > today => Err(Error::Invalid(format!(
                "{day} lies ahead: record it on that day"
            ))),
            day => Ok(day.unwrap_or(today)),
        }
    }

    /// The id of a party, by its id or name.
    pub(crate) fn party_id(&self, name: &str) -> Result<String, Error> {
        let directory = self.directory();
        let party = directory.party(name).ok_or(Error::NotFound("party"))?;
        Ok(party.id.clone())
    }
}

fn answer_acts(
    directory: &Directory,
    viewer: &Viewer,
    now: Instant,
    mut answer: Answer,
) -> Result<Vec<Act<'static>>, Error> {
    let missing = || Error::NotFound("invitation");
    let record = directory.accession().invitation(&answer.invitation);
    let record = record.ok_or_else(missing)?;
    if !viewer.sees_invitation(directory, record)
        && viewer.side(directory, &record.invitation.party).is_none()
    {
        return Err(missing());
    }
    let invitation = &record.invitation;
    let side = viewer.speaks(directory, &invitation.party)?;
    if record.answer.is_some() {
        return Err(Error::Conflict(
            "this invitation was answered already".into(),
        ));
    }
    match (answer.answered, side) {
        (Answered::Withdrawn, Side::Party) => {
            let words = "the steward takes its invitation back: decline it";
            return Err(Error::Invalid(words.into()));
        }
        (Answered::Withdrawn, Side::Steward) | (_, Side::Party) => answer.source = None,
        (_, Side::Steward) => {
            may_record_for(directory, &invitation.party, now, answer.source.as_deref())?;
        }
    }
    if answer.date < invitation.date {
        let words = format!("the invitation is of {}", invitation.date);
        return Err(Error::Invalid(words));
    }
    let stance = directory.stance(&invitation.party, answer.date);
    let comes = !matches!(
        stance,
        Some(Stance::InTalks | Stance::Signed | Stance::Partner | Stance::Suspended)
    );
    let change = StanceChange {
        party: invitation.party.clone(),
        stance: Stance::InTalks,
        since: answer.date,
        basis: Basis::Announced,
        precision: Precision::Day,
        source: Some(match &answer.source {
            Some(source) => source.clone(),
            None => format!("its answer to the invitation of {}", invitation.date),
        }),
        note: Some("Accepted an invitation of the steward.".into()),
    };
    let accepts = answer.answered == Answered::Accepted;
    let mut acts = vec![Act::AnswerInvitation(answer)];
    acts.extend((accepts && comes).then_some(Act::Stance(change)));
    Ok(acts)
}

fn check_end(new: &NewEnd) -> Result<(), Error> {
    let wrong = |words: &str| Err(Error::Invalid(words.into()));
    let is_partner = new.stance == Stance::Partner;
    match new.stance {
        Stance::Signed | Stance::Partner | Stance::SittingOut => {}
        _ => return wrong("talks end in 'signed', 'partner' or 'sitting-out'"),
    }
    if is_partner && new.terms.is_none() {
        return wrong("a partner is involved under terms: name them");
    }
    if !is_partner && new.terms.is_some() {
        return wrong("terms are a partner's: leave them out");
    }
    if new.stance != Stance::Signed && !new.reservations.is_empty() {
        return wrong("reservations go with a signature: leave them out");
    }
    let mut reserved = new.reservations.iter();
    reserved.try_for_each(|one| check_words("the reservation", &one.words))
}

fn end_acts(
    directory: &Directory,
    new: NewEnd,
    party: String,
    since: Date,
) -> Result<Vec<Act<'static>>, Error> {
    let before = directory.stance(&party, since);
    let is_talking =
        matches!(before, Some(Stance::InTalks | Stance::Partner)) && before != Some(new.stance);
    if !is_talking {
        let is = before.map_or("without a stance", Stance::as_str);
        return Err(Error::Conflict(format!(
            "this party is {is} on {since}, not in talks: record a stance instead"
        )));
    }
    let change = StanceChange {
        party: party.clone(),
        stance: new.stance,
        since,
        basis: Basis::Recorded,
        precision: Precision::Day,
        source: Some(new.source.clone()),
        note: new.note,
    };
    reasoned(directory, &change)?;
    let mut acts = vec![Act::Stance(change)];
    if let Some(terms) = new.terms {
        let terms = terms::checked(
            directory,
            Terms {
                party: party.clone(),
                ..terms
            },
        )?;
        acts.push(Act::Terms(terms));
    }
    for one in &new.reservations {
        let pledge = directory.pledge();
        let principle = pledge.and_then(|pledge| pledge.principle(one.principle));
        principle.ok_or(Error::NotFound("principle"))?;
    }
    if !new.reservations.is_empty() {
        acts.push(Act::Reserve(Reservations {
            party,
            since,
            source: new.source,
            reservations: new.reservations,
        }));
    }
    Ok(acts)
}

/// Whether the steward may record for a party what that said elsewhere.
pub(crate) fn may_record_for(
    directory: &Directory,
    party: &str,
    now: Instant,
    source: Option<&str>,
) -> Result<(), Error> {
    if speaks_for_itself(directory, party, now) {
        return Err(Refusal::SpeaksForItself.into());
    }
    let words = "it is the party's word: say where it is known from, as a source";
    source.map(drop).ok_or_else(|| Error::Invalid(words.into()))
}

/// A decision with the rights that the caller has when it is taken.
pub(crate) fn deciding(
    caller: &Caller,
    decide: impl FnOnce(&Directory, &Viewer, Instant) -> Result<Vec<Act<'static>>, Error>
    + Send
    + 'static,
) -> Decide {
    let caller = caller.clone();
    Box::new(move |directory, now| decide(directory, &Viewer::new(directory, &caller, now), now))
}

fn check_topics(topics: &[String]) -> Result<(), Error> {
    if topics.len() > MOST_TOPICS {
        let words = format!("a step has at most {MOST_TOPICS} topics");
        return Err(Error::Invalid(words));
    }
    match topics.iter().find(|topic| !is_slug(topic)) {
        None => Ok(()),
        Some(wrong) => Err(Error::Invalid(format!(
            "'{wrong}' is no topic: use the number of a principle, or a-z, 0-9 and single hyphens"
        ))),
    }
}

/// Twelve random hexadecimal digits.
pub(crate) fn new_id() -> String {
    let mut random = [0; 8];
    fill(&mut random);
    format!("{:012x}", u64::from_le_bytes(random) >> 16)
}
