//! Steps of a case by the two sides, and by who reviews.

use super::Scene;
use super::check::{self, invalid};
use super::read::CaseView;
use crate::act::Error;
use crate::act::idempotency;
use crate::batch::{By, Keyed, fill};
use crate::clock::{DAY, Instant};
use crate::directory::hash_secret;
use crate::evidence::hex;
use crate::node::Node;
use crate::policy::Caller;
use crate::request::case::CONTEST_DAYS;
use crate::request::deadline::Wanted;
use crate::request::{Deadline, Evidence, Role, Step, Verb};
use crate::view::requests::Cases;

/// Days for which a link to contest works after it was made.
const LINK_DAYS: i64 = CONTEST_DAYS;

/// A step to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    /// Which; those of the affected and of the clock are not among them.
    pub verb: Verb,
    /// Why, or what was done; optional for `acknowledge`, `accept`, `close` and `escalate`, and of no
    /// use for `send`, `discard` and `link`.
    pub words: Option<String>,
    /// Attachments: of `answer`, `done` and `note`.
    pub evidence: Vec<Evidence>,
    /// By when. Of `send`: the standard one when absent. Of `answer`: the time that was left when the
    /// recipient asked, and never less.
    pub deadline: Option<Wanted>,
    /// By when it will be done: of `accept`.
    pub done_by: Option<Instant>,
    /// The position of the newest entry of the case that whoever takes the step saw: with a newer one the
    /// step is not taken, so that two do not answer at once.
    pub after: Option<u64>,
}

impl NewStep {
    /// A step of this kind, with these words if any.
    pub fn new(verb: Verb, words: Option<&str>) -> Self {
        NewStep {
            verb,
            words: words.map(str::to_owned),
            evidence: Vec::new(),
            deadline: None,
            done_by: None,
            after: None,
        }
    }
}

/// What a step led to.
#[derive(Clone, Debug)]
pub struct Stepped {
    /// The case now.
    pub case: CaseView,
    /// The position of the step's entry.
    pub position: u64,
    /// The token of a link to contest, when one was made: shown once, not again for what is sent twice.
    pub link: Option<String>,
}

impl Node {
    /// Takes a step about a request. With an idempotency key what is sent twice is done once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller sees no such request; [`Error::Refused`];
    /// [`Error::Invalid`]; [`Error::Conflict`] when the table has no such step in this state.
    pub async fn step_request(
        &self,
        caller: &Caller,
        id: &str,
        new: NewStep,
        key: Option<&str>,
    ) -> Result<Stepped, Error> {
        let party = caller.party().unwrap_or_default();
        let digest = key.map(|key| idempotency::digest("request-step", party, key));
        let key = digest.transpose()?.map(|digest| Keyed {
            digest,
            verb: new.verb,
            words: new.words.clone(),
            evidence: new.evidence.clone(),
            deadline: new.deadline.clone(),
            done_by: new.done_by,
        });
        check::evidence(&new.evidence)?;
        let secret = (new.verb == Verb::Link).then(new_secret);
        let hash = secret.as_deref().map(hash_secret);
        let decide = Box::new(move |scene: &Scene<'_>| {
            let (directory, case) = (scene.directory, scene.case);
            let role = scene.viewer.role_for(directory, case, new.verb)?;
            if new.after.is_some_and(|after| after != case.last) {
                let words =
                    "something was done about this request since you looked at it: look again";
                return Err(Error::Conflict(words.into()));
            }
            case.check(new.verb, role).map_err(Error::Conflict)?;
            case.check_time(new.verb, scene.now)
                .map_err(Error::Conflict)?;
            if new.verb == Verb::Send {
                scene.viewer.may_request()?;
            }
            let step = made(scene, new, hash)?;
            Ok(Some((role, step)))
        });
        let positions = self
            .step(By::Caller(caller.clone()), id, key, decide)
            .await?;
        let case = self.stepped_case(caller, id)?;
        // Sent twice with one key the secret is another: it was shown once, and cannot be again.
        let written = Cases::open(&self.shared.store.read()?)?.case(id)?;
        let made = written.and_then(|case| case.link).map(|link| link.hash);
        let link = secret.filter(|_| made == hash);
        let link = link.map(|secret| format!("{id}_{secret}"));
        let position = positions.first().copied().unwrap_or(case.case.last);
        Ok(Stepped {
            case,
            position,
            link,
        })
    }
}

/// The step as it is written.
fn made(scene: &Scene<'_>, new: NewStep, hash: Option<[u8; 32]>) -> Result<Step, Error> {
    check_step(scene, &new)?;
    let NewStep {
        verb,
        words,
        evidence,
        deadline,
        done_by,
        after: _,
    } = new;
    let said = |what: &str| match &words {
        Some(words) => Ok(words.clone()),
        None => invalid(format!("words: '{verb}' says {what}")),
    };
    Ok(match verb {
        Verb::Send => Step::Send {
            deadline: decided(scene, &deadline.unwrap_or_default())?,
        },
        Verb::Discard => Step::Discard,
        Verb::Acknowledge => Step::Acknowledge { words },
        Verb::Accept => Step::Accept { words, done_by },
        Verb::Decline => Step::Decline {
            reason: said("why")?,
        },
        Verb::Ask => Step::Ask {
            question: said("what is to be known")?,
        },
        Verb::Answer => Step::Answer {
            words: said("the answer")?,
            evidence,
            deadline: resumed(scene, deadline.as_ref())?,
        },
        Verb::Done => Step::Done {
            words: said("what was done")?,
            evidence,
        },
        Verb::Link => Step::Link {
            hash: hash.unwrap_or_default(),
            expires: Instant(scene.now.0.saturating_add(LINK_DAYS * DAY)),
        },
        Verb::Uphold => Step::Uphold {
            reason: said("why it stands")?,
        },
        Verb::Reverse => Step::Reverse {
            reason: said("why it does not stand")?,
        },
        Verb::Restore => Step::Restore {
            words: said("what was undone")?,
        },
        Verb::Withdraw => Step::Withdraw {
            reason: said("why")?,
        },
        Verb::Close => Step::Close { words },
        Verb::Note => Step::Note {
            words: said("what is added")?,
            evidence,
        },
        Verb::Escalate => Step::Escalate { words },
        Verb::Contest | Verb::Forget | Verb::Remind | Verb::Expire => {
            return invalid(match verb {
                Verb::Contest => {
                    "a contest comes by the link that the recipient gives to the affected"
                }
                Verb::Forget => "ask for the contacts to be forgotten: that is no step of a case",
                _ => "this step is for dates, not for parties",
            });
        }
    })
}

/// The deadline of what is sent now.
fn decided(scene: &Scene<'_>, wanted: &Wanted) -> Result<Deadline, Error> {
    let place = scene.directory.place(&scene.case.request.to);
    let made = wanted.decide(scene.now, &place);
    made.map_err(|words| Error::Invalid(format!("deadline: {words}")))
}

/// The deadline that runs, later by what the recipient waited for the sender.
fn resumed(scene: &Scene<'_>, wanted: Option<&Wanted>) -> Result<Deadline, Error> {
    let given = wanted.map(|wanted| decided(scene, wanted)).transpose()?;
    let since = scene.case.waiting.unwrap_or(scene.now);
    let place = scene.directory.place(&scene.case.request.to);
    let running = scene.case.deadline.as_ref();
    let resumed = running.map(|running| running.resumed(scene.now.0 - since.0, given, &place));
    resumed.ok_or_else(|| Error::Conflict("no deadline runs".into()))
}

/// Whether what comes with a step belongs to it.
fn check_step(scene: &Scene<'_>, new: &NewStep) -> Result<(), Error> {
    check::optional("words", new.words.as_deref())?;
    let takes_evidence = matches!(new.verb, Verb::Answer | Verb::Done | Verb::Note);
    if !new.evidence.is_empty() && !takes_evidence {
        return invalid("evidence: is for 'answer', 'done' and 'note'");
    }
    if new.deadline.is_some() && !matches!(new.verb, Verb::Send | Verb::Answer) {
        return invalid("deadline: is for 'send' and 'answer'");
    }
    if new.done_by.is_some() && new.verb != Verb::Accept {
        return invalid("done_by: is for 'accept'");
    }
    if new.done_by.is_some_and(|by| by <= scene.now) {
        return invalid("done_by: lies in the past");
    }
    Ok(())
}

fn new_secret() -> String {
    let mut random = [0; 24];
    fill(&mut random);
    // No sign in it that links are cut at when they are copied.
    hex(&random)
}

/// As whom the affected take their step.
pub(super) const AFFECTED: Role = Role::Affected;
