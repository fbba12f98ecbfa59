//! What changed between two days.
//!
//! Everything in a register has two days: the one it **holds** from, which its source gives, and the one
//! on which it was **recorded** here, which the journal gives. A history that somebody rewrites quietly
//! is one where something was recorded late about a day that lay before; a diff shows both days of every
//! line, and compares what is known today with what was known on a day ([`Ask::known`]).

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::Date;

use super::{Adoption, PledgeVersion, Reassignment};
use crate::accession::{Answer, Ended, Invitation, Reservations, Shown, StepRecord, Terms};
use crate::directory::Directory;
use crate::entry::Recorded;
use crate::model::Collection;
use crate::pledge::{Party, Stance, StanceChange};
use crate::policy::Viewer;

/// Which of its two days decides whether something lies between the days asked about.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Notion {
    /// The day it holds from.
    #[default]
    Held,
    /// The day it was recorded here.
    Recorded,
}

/// What is asked: everything after the end of `from` up to the end of `to`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The earlier day.
    pub from: Date,
    /// The later day.
    pub to: Date,
    /// By which of the two days.
    pub by: Notion,
    /// A day to compare with: what was recorded by its end.
    pub known: Option<Date>,
}

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff<'a> {
    /// Parties whose stance differs between the two days, or is known otherwise today than on
    /// [`Ask::known`]; by their id.
    pub changed: Vec<Changed<'a>>,
    /// What happened, by the day that was asked about, then in journal order.
    pub lines: Vec<Line<'a>>,
}

/// The stance of a party on the two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed<'a> {
    /// The party.
    pub party: &'a Party,
    /// At the end of the earlier day.
    pub before: Option<Stance>,
    /// At the end of the later day.
    pub after: Option<Stance>,
    /// The same two as they were known on [`Ask::known`], when they differ from what is known today.
    pub then: Option<(Option<Stance>, Option<Stance>)>,
}

/// One entry of the journal about the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The day from which it holds.
    pub day: Date,
    /// Where and when it was recorded.
    pub recorded: Recorded,
    /// The party it is about; none for the pledge and for collections.
    pub party: Option<&'a Party>,
    /// What happened.
    pub event: Event<'a>,
    /// Whether it was recorded by the end of [`Ask::known`]; true when that is not asked.
    pub known: bool,
    /// Whether it came with the pledge file, when this node began.
    pub loaded: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A stance, or more evidence for it.
    Stance {
        /// The change.
        change: &'a StanceChange,
        /// The stance before it.
        before: Option<Stance>,
    },
    /// A party was listed here, or its facts changed; with what they were before.
    Party(&'a Party, Option<&'a Party>),
    /// An invitation.
    Invitation(&'a Invitation),
    /// The answer to an invitation.
    Answer(&'a Answer),
    /// A step of talks, as far as it is shown; whole for the two sides.
    Step(&'a StepRecord, Shown),
    /// What was reserved with a signature.
    Reservations(&'a Reservations),
    /// Terms of a partner, with what they were before.
    Terms(&'a Terms, Option<&'a Terms>),
    /// The end of terms.
    TermsEnd(&'a Terms, &'a Ended),
    /// The last day of terms passed.
    TermsOver(&'a Terms),
    /// A version of the pledge.
    Version(&'a PledgeVersion),
    /// A party adopted a version.
    Adoption(&'a Adoption),
    /// A party was renamed, succeeded or merged.
    Reassignment(&'a Reassignment),
    /// A collection was made, or its settings changed; with what they were before.
    Collection(&'a Collection, Option<&'a Collection>),
}

impl FromStr for Notion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "held" => Ok(Notion::Held),
            "recorded" => Ok(Notion::Recorded),
            other => Err(format!(
                "'{other}' is no notion of a day: use held or recorded"
            )),
        }
    }
}

impl Ask {
    fn holds(&self, day: Date, recorded: Recorded) -> bool {
        let at = match self.by {
            Notion::Held => day,
            Notion::Recorded => recorded.day(),
        };
        self.from < at && at <= self.to
    }
}

impl Directory {
    /// What changed between two days, as far as `viewer` sees it.
    pub fn diff<'a>(&'a self, viewer: &Viewer, ask: &Ask) -> Diff<'a> {
        let mut lines = Gathered {
            directory: self,
            viewer,
            ask,
            lines: Vec::new(),
        };
        lines.stances();
        lines.parties();
        lines.invitations();
        lines.steps();
        lines.terms();
        lines.versions();
        lines.collections();
        let mut lines = lines.lines;
        lines.sort_by_key(|line| {
            let by = match ask.by {
                Notion::Held => line.day,
                Notion::Recorded => line.recorded.day(),
            };
            (by, line.recorded.position)
        });
        Diff {
            changed: self.changed(ask),
            lines,
        }
    }

    fn changed(&self, ask: &Ask) -> Vec<Changed<'_>> {
        let register = self.register();
        let at =
            |party: &Party, day: Date, known: Date| register.stance_known(&party.id, day, known);
        let ids: BTreeSet<&str> = register.parties().map(|party| party.id.as_str()).collect();
        let parties = ids.into_iter().filter_map(|id| register.party(id));
        let changed = parties.map(|party| {
            let sides = |known: Date| match ask.by {
                Notion::Held => (at(party, ask.from, known), at(party, ask.to, known)),
                // What was known on either day of the later one.
                Notion::Recorded => (
                    at(party, ask.to, known.min(ask.from)),
                    at(party, ask.to, known.min(ask.to)),
                ),
            };
            let (before, after) = sides(Date::MAX);
            let then = ask.known.map(sides).filter(|then| *then != (before, after));
            Changed {
                party,
                before,
                after,
                then,
            }
        });
        changed
            .filter(|changed| changed.before != changed.after || changed.then.is_some())
            .collect()
    }
}

/// Lines as they are gathered.
struct Gathered<'a, 'v> {
    directory: &'a Directory,
    viewer: &'v Viewer,
    ask: &'v Ask,
    lines: Vec<Line<'a>>,
}

impl<'a> Gathered<'a, '_> {
    fn add(&mut self, day: Date, recorded: Recorded, party: Option<&str>, event: Event<'a>) {
        if !self.ask.holds(day, recorded) {
            return;
        }
        let known = self.ask.known.is_none_or(|known| recorded.day() <= known);
        self.lines.push(Line {
            day,
            recorded,
            party: party.and_then(|id| self.directory.register().party(id)),
            event,
            known,
            loaded: self.directory.history().is_loaded(recorded),
        });
    }

    fn stances(&mut self) {
        let register = self.directory.register();
        for party in register.parties() {
            let mut before = None;
            for (change, recorded) in register.recorded(&party.id) {
                let event = Event::Stance { change, before };
                self.add(change.since, recorded, Some(&party.id), event);
                before = Some(change.stance);
            }
        }
    }

    fn parties(&mut self) {
        let register = self.directory.register();
        for party in register.parties() {
            let mut before = None;
            for (facts, recorded) in register.facts(&party.id) {
                // That a party is listed at all is told by its first stance, when it has one.
                let is_told = before.is_none() && !register.history(&party.id).is_empty();
                if !is_told {
                    let event = Event::Party(facts, before);
                    self.add(recorded.day(), *recorded, Some(&party.id), event);
                }
                before = Some(facts);
            }
        }
    }

    fn invitations(&mut self) {
        for record in self.directory.accession().invitations() {
            if !self.viewer.sees_invitation(self.directory, record) {
                continue;
            }
            let invitation = &record.invitation;
            let party = Some(invitation.party.as_str());
            let event = Event::Invitation(invitation);
            self.add(invitation.date, record.recorded, party, event);
            if let Some((answer, recorded)) = &record.answer {
                self.add(answer.date, *recorded, party, Event::Answer(answer));
            }
        }
        for (reservations, recorded) in self.directory.accession().reservations() {
            let party = Some(reservations.party.as_str());
            let event = Event::Reservations(reservations);
            self.add(reservations.since, *recorded, party, event);
        }
    }

    fn steps(&mut self) {
        for record in self.directory.accession().steps() {
            let Some(shown) = self.viewer.sees_step(self.directory, record) else {
                continue;
            };
            // For others than the two sides it is there since it was agreed to.
            let is_side = self.viewer.is_side(self.directory, &record.step.party);
            let recorded = if is_side {
                Some(record.recorded)
            } else {
                record.public_since()
            };
            if let Some(recorded) = recorded {
                let party = Some(record.step.party.as_str());
                let event = Event::Step(record, shown);
                self.add(record.step.date, recorded, party, event);
            }
        }
    }

    fn terms(&mut self) {
        for record in self.directory.accession().all_terms() {
            let mut before = None;
            for (terms, recorded) in &record.versions {
                if self.viewer.sees_terms(self.directory, terms) {
                    let event = Event::Terms(terms, before);
                    self.add(terms.from, *recorded, Some(&terms.party), event);
                    before = Some(terms);
                }
            }
            let Some((terms, recorded)) = record.newest() else {
                continue;
            };
            if !self.viewer.sees_terms(self.directory, terms) {
                continue;
            }
            if let Some(ended) = record.ended() {
                let event = Event::TermsEnd(terms, ended);
                self.add(ended.on, ended.recorded, Some(&terms.party), event);
            } else if let Some(over) = terms.until.and_then(|last| last.tomorrow().ok()) {
                // No entry of its own: it follows from the one that set the last day.
                if self.ask.by == Notion::Held {
                    self.add(over, *recorded, Some(&terms.party), Event::TermsOver(terms));
                }
            }
        }
    }

    fn versions(&mut self) {
        let history = self.directory.history();
        for version in history.versions() {
            self.add(
                version.date,
                version.recorded,
                None,
                Event::Version(version),
            );
        }
        for record in history.adoptions() {
            let adoption = &record.adoption;
            let party = Some(adoption.party.as_str());
            let event = Event::Adoption(adoption);
            self.add(adoption.date, record.recorded, party, event);
        }
        for record in history.reassignments() {
            let known = &record.reassignment;
            let party = Some(known.party.as_str());
            let event = Event::Reassignment(known);
            self.add(known.since, record.recorded, party, event);
        }
    }

    fn collections(&mut self) {
        for settings in self.directory.history().collections().values() {
            let mut before = None;
            for (collection, recorded) in settings {
                // As it was then, and as it is now: what was closed says nothing of itself later.
                let now = self.directory.collection(&collection.id);
                let is_known = self.viewer.access(collection).known
                    && now.is_some_and(|(_, now)| self.viewer.access(now).known);
                if is_known {
                    let event = Event::Collection(collection, before);
                    self.add(recorded.day(), *recorded, None, event);
                    before = Some(collection);
                }
            }
        }
    }
}
