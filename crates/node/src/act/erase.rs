//! Erasing: bodies of entries go for good, from the journal, from what views keep of them, and from
//! their files; leaves, positions and proofs stay.
//!
//! The erasure is an entry itself, durable before anything is erased. From then on views have
//! forgotten what it names. A crash before the bodies are gone is made up for by the next start.
//!
//! What can be erased decides nothing else: objects, what parties say of them, and withdrawals of
//! what is erased. Tokens, parties, stances, collections, keys and erasures are what the state of a
//! node is folded from, and stay.

use std::sync::Arc;

use journal::Position;
use tokio::sync::oneshot;

use crate::act::Error;
use crate::clock::Instant;
use crate::entry::Act;
use crate::erasure::{Account, ErasureProposal, What};
use crate::model::Marking;
use crate::node::Node;
use crate::policy::{Caller, Refusal, Viewer};
use crate::writer::Ask;

/// Characters of a reason.
const LONGEST_REASON: usize = 500;

/// Erasures whose pages are written anew when one more is done.
const RECENT: usize = 10_000;

/// What is asked to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which entries.
    pub what: What,
    /// Why, in a few words; kept, so it should say nothing of what is erased.
    pub reason: String,
    /// Whether those who could see what is gone may read why.
    pub public: bool,
    /// Whether what parties said of the object goes too.
    pub with_feedback: bool,
    /// Whether the object's id goes too. Then nobody who holds a copy is told.
    pub forget_id: bool,
}

impl Asked {
    /// What a proposal asks.
    pub fn of(proposal: &ErasureProposal) -> Self {
        Asked {
            what: proposal.what.clone(),
            reason: proposal.reason.clone(),
            public: proposal.public,
            with_feedback: proposal.with_feedback,
            forget_id: proposal.forget_id,
        }
    }
}

/// How far to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Say what would go.
    Look,
    /// Erase it.
    Erase,
    /// Propose it, for another to confirm.
    Propose,
    /// Erase what the proposal with this id names, as things stand now.
    Confirm(String),
}

/// What goes, and what stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Versions of objects, by collection and by whom they are for.
    pub objects: Vec<PlannedObject>,
    /// Positions of entries in which parties say something of signals.
    pub feedback: Vec<u64>,
    /// How many of these, on the same objects, stay.
    pub feedback_kept: u64,
    /// Positions of withdrawals of what is erased.
    pub withdrawals: Vec<u64>,
    /// Positions that were asked for and are erased already.
    pub already: Vec<u64>,
}

impl Plan {
    /// The positions of all bodies that go, in rising order.
    pub fn positions(&self) -> Vec<u64> {
        let versions = self.objects.iter().flat_map(|object| &object.versions);
        let mut all: Vec<u64> = versions.map(|version| version.position).collect();
        all.extend(&self.feedback);
        all.extend(&self.withdrawals);
        all.sort_unstable();
        all
    }
}

/// Versions of an object that go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedObject {
    /// The STIX id; empty where today's parser does not find one.
    pub id: String,
    /// The collection's alias.
    pub collection: String,
    /// The marking by which they are seen.
    pub marking: Marking,
    /// The parties that published them.
    pub publishers: Vec<String>,
    /// The versions, in the order they were added.
    pub versions: Vec<PlannedVersion>,
}

/// A version that goes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct PlannedVersion {
    /// The position of its entry.
    pub position: u64,
    /// When it was added.
    pub added: Instant,
    /// The version in microseconds since 1970.
    pub version: i64,
    /// Whether it is shown until then; others were withdrawn before.
    pub shown: bool,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasing {
    /// What goes, and what stays.
    pub plan: Plan,
    /// The id of the proposal that was made.
    pub proposal: Option<String>,
    /// Whether it is erased.
    pub erased: bool,
}

/// What is left of an object that was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// When.
    pub at: Instant,
    /// Why, where that may be told.
    pub reason: Option<String>,
}

impl Node {
    /// Erases, proposes to, or says what would go. When this returns an erasure the bodies are gone
    /// from the files of the data directory.
    ///
    /// # Errors
    /// [`Error::Refused`] for who may not, and while it takes two persons; [`Error::NotFound`] for
    /// what the caller does not see; [`Error::Invalid`] for entries that cannot be erased;
    /// [`Error::Conflict`] when all of it is erased already. [`Error::Storage`] after the erasure was
    /// recorded means that the next start finishes it.
    pub async fn erase(
        &self,
        caller: &Caller,
        asked: Option<Asked>,
        step: Step,
    ) -> Result<Erasing, Error> {
        if let Some(asked) = &asked
            && step != Step::Look
        {
            check_reason(&asked.reason)?;
        }
        let caller = caller.clone();
        let erasing = self
            .ask(|reply| Ask::Erase {
                caller,
                asked,
                step,
                reply,
            })
            .await?;
        if erasing.erased {
            self.erase_bodies(&erasing.plan.positions()).await?;
        }
        Ok(erasing)
    }

    /// Empties the bodies, and overwrites what the views' file still holds of them.
    async fn erase_bodies(&self, positions: &[u64]) -> Result<(), Error> {
        let positions: Vec<Position> = positions.iter().copied().map(Position).collect();
        let shared = Arc::clone(&self.shared);
        let (done, answer) = oneshot::channel();
        // It reads and writes much: not on a thread that answers requests.
        let work = move || {
            let erased = shared.journal.erase(&positions).map_err(Error::from);
            let directory = shared.directory();
            let all = directory.erasures().done();
            // The last ones: what was erased earlier was overwritten then.
            let last = all.get(all.len().saturating_sub(RECENT)..);
            let scrubbed = erased.and_then(|_| {
                shared
                    .store
                    .scrub(last.unwrap_or_default())
                    .map_err(Error::from)
            });
            drop(done.send(scrubbed));
        };
        let unfinished = |what: &dyn std::fmt::Display| {
            Error::Storage(format!(
                "the erasure is recorded and nothing of it is shown any more, but its bodies are not \
                 gone yet; the next start finishes it: {what}"
            ))
        };
        std::thread::Builder::new()
            .name("erasure".into())
            .spawn(work)
            .map_err(|error| unfinished(&error))?;
        match answer.await {
            Ok(done) => done.map_err(|error| unfinished(&error)),
            Err(_) => Err(unfinished(&"its thread ended")),
        }
    }

    /// Takes a proposal back, or declines it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when none waits with this id that the caller may know; [`Error::Refused`].
    pub async fn decline_erasure(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let (who, id) = (caller.clone(), id.to_owned());
        let decide = move |directory: &_, now| {
            let viewer = Viewer::new(directory, &who, now);
            let proposed = directory.erasures().proposal(&id);
            let mine = |by: &Account| Some(by) == account(&who).as_ref();
            let may = |by: &Account| mine(by) || viewer.administers().is_ok();
            match proposed.filter(|proposed| may(&proposed.by)) {
                Some(_) => Ok(vec![Act::ErasureDeclined(id)]),
                None => Err(Error::NotFound("proposal")),
            }
        };
        self.record(caller, Box::new(decide)).await
    }

    /// Says whether it takes two persons to erase. Back to one it takes two to say so: the first
    /// asks for it, the second does the same. Gives whether the rule is as asked now.
    ///
    /// # Errors
    /// [`Error::Refused`], also when the same person asks twice.
    pub async fn set_erasure_rule(
        &self,
        caller: &Caller,
        two_persons: bool,
    ) -> Result<bool, Error> {
        let who = caller.clone();
        let decide = move |directory: &crate::directory::Directory, now| {
            Viewer::new(directory, &who, now).administers()?;
            let erasures = directory.erasures();
            let relaxing = erasures.relaxing();
            if erasures.two_persons() == two_persons && relaxing.is_none() {
                return Ok(Vec::new());
            }
            if !two_persons && relaxing.is_some() && relaxing == account(&who).as_ref() {
                return Err(Refusal::SamePerson.into());
            }
            Ok(vec![Act::ErasureRule { two_persons }])
        };
        self.record(caller, Box::new(decide)).await?;
        Ok(self.directory().erasures().two_persons() == two_persons)
    }

    /// What is left of an object that was erased, for who could see it: when that last happened, and
    /// why, where that may be told. None for everybody else, and while versions of it are there.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn erased(&self, caller: &Caller, id: &str) -> Result<Option<Trace>, Error> {
        if self.find(caller, id).is_ok() {
            return Ok(None);
        }
        let directory = self.directory();
        let viewer = self.viewer(caller);
        let seen = |done: &&crate::erasure::Done| {
            let object = done.erasure.object.as_ref();
            object.is_some_and(|object| {
                let settings = directory.collection_number(object.collection);
                settings
                    .is_some_and(|settings| viewer.sees(viewer.access(settings), object.audience()))
            })
        };
        let last = directory.erasures().of_object(id).filter(seen).last();
        Ok(last.map(|done| Trace {
            at: done.at,
            reason: (done.erasure.public || viewer.administers().is_ok())
                .then(|| done.erasure.reason.clone()),
        }))
    }
}

/// The account that a caller acts through.
pub(crate) fn account(caller: &Caller) -> Option<Account> {
    Some(Account {
        party: caller.party()?.to_owned(),
        account: caller.account()?.to_owned(),
    })
}

fn check_reason(reason: &str) -> Result<(), Error> {
    let length = reason.chars().count();
    if reason.trim().is_empty() || length > LONGEST_REASON || reason.chars().any(char::is_control) {
        return Err(Error::Invalid(format!(
            "reason: a few words on one line, at most {LONGEST_REASON} characters"
        )));
    }
    Ok(())
}
