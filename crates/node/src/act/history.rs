//! Versions of the pledge, who adopts them, and parties that become others: the history that a reader can
//! compare between any two days.

use jiff::civil::Date;

use crate::accession::Side;
use crate::act::Error;
use crate::act::accession::{deciding, may_record_for};
use crate::act::manage::reasoned;
use crate::act::wording::check_words;
use crate::directory::Directory;
use crate::entry::Act;
use crate::history::{Adoption, Amendment, Becomes, PledgeVersion, Reassignment};
use crate::node::Node;
use crate::pledge::{Basis, Party, Pledge, Precision, Stance, StanceChange};
use crate::policy::Caller;

/// An adoption to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAdoption {
    /// The party, by its id or name.
    pub party: String,
    /// The version's number; the newest when absent.
    pub version: Option<u32>,
    /// The day; today when absent.
    pub date: Option<Date>,
    /// Where it is known from, when it is recorded for the party.
    pub source: Option<String>,
}

/// A reassignment to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReassignment {
    /// The party, by its id or name.
    pub party: String,
    /// What becomes of it; a party that follows by its id or name. Of a new name the old one is filled
    /// in.
    pub becomes: Becomes,
    /// The first day; today when absent.
    pub since: Option<Date>,
    /// Why.
    pub reason: String,
    /// Where it is known from.
    pub source: String,
    /// Whether the party that follows takes over the stance, and the one before is withdrawn.
    pub carry: bool,
}

impl Node {
    /// Records a new version of the pledge. Its principles and its table hold on this node from then on;
    /// each party stays with the version it adopted until it adopts another.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Invalid`] for another pledge, or a day before the last version's;
    /// [`Error::Conflict`] when nothing differs.
    pub async fn amend(
        &self,
        caller: &Caller,
        pledge: Pledge,
        date: Option<Date>,
        (changes, source): (String, String),
    ) -> Result<PledgeVersion, Error> {
        check_words("what changes", &changes)?;
        check_words("the source", &source)?;
        let amendment = Amendment {
            date: self.day(date)?,
            changes,
            source,
            pledge,
        };
        let decide = deciding(caller, move |directory, viewer, _| {
            viewer.administers()?;
            check_amendment(directory, &amendment)?;
            Ok(vec![Act::Amend(Box::new(amendment))])
        });
        self.record(caller, decide).await?;
        let directory = self.directory();
        let newest = directory.history().versions().last();
        newest.cloned().ok_or(Error::NotFound("version"))
    }

    /// A party adopts a version of the pledge: by its own account or, when it has none, as whoever
    /// administers or the steward records it with a source.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Refused`], [`Error::Invalid`]; [`Error::Conflict`] when the party
    /// neither signed nor is a partner on that day, or holds itself to that version already.
    pub async fn adopt(&self, caller: &Caller, new: NewAdoption) -> Result<Adoption, Error> {
        new.source
            .as_deref()
            .map_or(Ok(()), |words| check_words("the source", words))?;
        let party = self.party_id(&new.party)?;
        let date = self.day(new.date)?;
        let newest = self
            .directory()
            .history()
            .versions()
            .last()
            .map(|v| v.number);
        let version = new.version.or(newest).ok_or(Error::NotFound("version"))?;
        let mut adoption = Adoption {
            party,
            version,
            date,
            source: new.source,
        };
        let adopted = adoption.clone();
        let decide = deciding(caller, move |directory, viewer, now| {
            match viewer.speaks(directory, &adoption.party)? {
                Side::Party => adoption.source = None,
                Side::Steward => {
                    let source = adoption.source.as_deref();
                    may_record_for(directory, &adoption.party, now, source)?;
                }
            }
            check_adoption(directory, &adoption)?;
            Ok(vec![Act::Adopt(adoption)])
        });
        self.record(caller, decide).await?;
        Ok(adopted)
    }

    /// Records that a party is renamed, succeeded or merged. What it published stays attributed as it
    /// was, and its tokens stay its own. Renamed, its facts change with it; to carry a stance over is
    /// asked for.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`] for an unknown party; [`Error::Invalid`];
    /// [`Error::Conflict`] for a party that would follow itself.
    pub async fn reassign(
        &self,
        caller: &Caller,
        new: NewReassignment,
    ) -> Result<Reassignment, Error> {
        check_words("the reason", &new.reason)?;
        check_words("the source", &new.source)?;
        let party = self.party_id(&new.party)?;
        let directory = self.directory();
        let facts = directory.party(&party).ok_or(Error::NotFound("party"))?;
        let becomes = match new.becomes {
            Becomes::Renamed { to, .. } => Becomes::Renamed {
                from: facts.name.clone(),
                to,
            },
            Becomes::Succeeded(into) => Becomes::Succeeded(self.party_id(&into)?),
            Becomes::Merged(into) => Becomes::Merged(self.party_id(&into)?),
        };
        let reassignment = Reassignment {
            party,
            becomes,
            since: self.day(new.since)?,
            reason: new.reason,
            source: new.source,
        };
        let (made, carry) = (reassignment.clone(), new.carry);
        let decide = deciding(caller, move |directory, viewer, _| {
            viewer.administers()?;
            reassign_acts(directory, &reassignment, carry)
        });
        self.record(caller, decide).await?;
        Ok(made)
    }
}

fn check_amendment(directory: &Directory, amendment: &Amendment) -> Result<(), Error> {
    let versions = directory.history().versions();
    let last = versions.last().ok_or(Error::NotFound("pledge"))?;
    let (old, new) = (&last.pledge, &amendment.pledge);
    if old.id != new.id || old.adopted != new.adopted {
        return Err(Error::Invalid(format!(
            "an amendment is of the same pledge: '{}' of {}",
            old.id, old.adopted
        )));
    }
    if amendment.date < last.date {
        let words = format!("version {} is of {} already", last.number, last.date);
        return Err(Error::Invalid(words));
    }
    if **old == *new {
        return Err(Error::Conflict(
            "nothing differs from the last version".into(),
        ));
    }
    Ok(())
}

fn check_adoption(directory: &Directory, adoption: &Adoption) -> Result<(), Error> {
    let history = directory.history();
    let version = history.version(adoption.version);
    let version = version.ok_or(Error::NotFound("version"))?;
    if adoption.date < version.date {
        let words = format!("version {} is of {}", version.number, version.date);
        return Err(Error::Invalid(words));
    }
    let at = directory
        .register()
        .party_at(&adoption.party, adoption.date);
    let stance = at.and_then(|at| at.stance);
    let takes_part = |stance: Stance| matches!(stance, Stance::Signed | Stance::Partner);
    let Some(stance) = stance.filter(|at| takes_part(at.stance)) else {
        let words = "who adopts a version has signed or is a partner on that day";
        return Err(Error::Conflict(words.into()));
    };
    let signed = (stance.stance == Stance::Signed).then_some(stance.first.since);
    let held = history.adopted(&adoption.party, signed, adoption.date);
    if held == Some(adoption.version) {
        let words = format!(
            "this party holds itself to version {} already",
            version.number
        );
        return Err(Error::Conflict(words));
    }
    Ok(())
}

fn reassign_acts(
    directory: &Directory,
    new: &Reassignment,
    carry: bool,
) -> Result<Vec<Act<'static>>, Error> {
    let mut acts = vec![Act::Reassign(new.clone())];
    let facts = directory
        .party(&new.party)
        .ok_or(Error::NotFound("party"))?;
    let Some(into) = new.becomes.successor() else {
        if carry {
            let words = "a party that is renamed keeps its stance: nothing is carried over";
            return Err(Error::Invalid(words.into()));
        }
        if let Becomes::Renamed { to, .. } = &new.becomes {
            let renamed = Party {
                name: to.clone(),
                ..facts.clone()
            };
            let checked = renamed.check();
            checked.map_err(|error| Error::Invalid(error.to_string()))?;
            if renamed == *facts {
                return Err(Error::Conflict("it has this name already".into()));
            }
            acts.push(Act::Party(renamed));
        }
        return Ok(acts);
    };
    let end = directory.history().successor(into, Date::MAX);
    if into == new.party || end == Some(&new.party) {
        return Err(Error::Conflict("this party would follow itself".into()));
    }
    let successor = directory.party(into).ok_or(Error::NotFound("party"))?;
    if carry {
        let stance = directory.stance(&new.party, new.since);
        let stance = stance.filter(|stance| *stance != Stance::Withdrawn);
        let stance = stance.ok_or_else(|| {
            Error::Conflict(format!("{} has no stance to carry over", facts.name))
        })?;
        let has_terms = directory.accession().terms_of(&new.party).next().is_some();
        if stance == Stance::Partner && has_terms {
            let words = "terms do not move by themselves: record the partner that follows with terms \
                         of its own";
            return Err(Error::Conflict(words.into()));
        }
        let change = |party: &str, stance, note| StanceChange {
            party: party.to_owned(),
            stance,
            since: new.since,
            basis: Basis::Recorded,
            precision: Precision::Day,
            source: Some(new.source.clone()),
            note: Some(note),
        };
        let over = change(
            into,
            stance,
            format!("Follows {}: {}", facts.name, new.reason),
        );
        let note = format!("Followed by {}: {}", successor.name, new.reason);
        reasoned(directory, &over)?;
        acts.push(Act::Stance(over));
        acts.push(Act::Stance(change(&new.party, Stance::Withdrawn, note)));
    }
    Ok(acts)
}
