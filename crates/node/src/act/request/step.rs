//! Steps of a case by the two sides, and by who reviews.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Scene;
use super::check::{self, invalid};
use super::read::CaseView;
use crate::act::Error;
use crate::batch::{By, fill};
use crate::clock::Instant;
use crate::directory::hash_secret;
use crate::node::Node;
use crate::policy::Caller;
use crate::request::case::CONTEST_DAYS;
use crate::request::deadline::Wanted;
use crate::request::{Evidence, Role, Step, Verb};

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
    /// By when: of `send` and `answer`; what the request was sent with when absent.
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
    /// The token of a link to contest, when one was made: shown once.
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
        let digest = key.map(|key| check::keyed(party, key)).transpose()?;
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
            let step = made(scene, new, hash)?;
            Ok(Some((role, step)))
        });
        let positions = self
            .step(By::Caller(caller.clone()), id, digest, decide)
            .await?;
        let case = match self.request_case(caller, id) {
            // What is discarded stays its sender's to see; nothing else goes out of sight.
            Ok(case) => case,
            Err(error) => return Err(error),
        };
        let position = positions.first().copied().unwrap_or(case.case.last);
        // Of a link that was made before with the same key the secret is not known any more.
        let made = case.case.link.as_ref().map(|link| link.hash);
        let link = secret
            .filter(|secret| made == Some(hash_secret(secret)))
            .map(|secret| format!("{id}_{secret}"));
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
    let runs = || {
        let wanted = deadline.clone().unwrap_or_else(|| again(scene));
        let made = wanted.from(scene.now);
        made.map_err(|words| Error::Invalid(format!("deadline: {words}")))
    };
    Ok(match verb {
        Verb::Send => Step::Send { deadline: runs()? },
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
            deadline: runs()?,
        },
        Verb::Done => Step::Done {
            words: said("what was done")?,
            evidence,
        },
        Verb::Link => Step::Link {
            hash: hash.unwrap_or_default(),
            expires: Instant(scene.now.0.saturating_add(LINK_DAYS * 86_400_000_000)),
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
        Verb::Contest => {
            return invalid("a contest comes by the link that the recipient gives to the affected");
        }
        Verb::Remind | Verb::Expire => {
            return invalid(format!("'{verb}' is for dates, not for parties"));
        }
    })
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

/// The deadline that it was sent with, once more.
fn again(scene: &Scene<'_>) -> Wanted {
    let Some(deadline) = &scene.case.deadline else {
        return Wanted::default();
    };
    let hours = (deadline.answer_by.0 - deadline.from.0) / 3_600_000_000;
    let custom = deadline.preset == crate::request::Preset::Custom;
    Wanted {
        preset: deadline.preset,
        hours: custom.then(|| u32::try_from(hours.max(1)).unwrap_or(1)),
        zone: deadline.zone.clone(),
        done_by: deadline.done_by.filter(|by| *by > scene.now),
    }
}

fn new_secret() -> String {
    let mut random = [0; 24];
    fill(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}

/// As whom the affected and the clock take their steps.
pub(super) const AFFECTED: Role = Role::Affected;
/// As [`AFFECTED`].
pub(super) const BY_CLOCK: Role = Role::Clock;
