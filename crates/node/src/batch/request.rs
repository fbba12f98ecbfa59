//! Requests: each step is decided against the case as the batch stands.

use std::borrow::Cow;

use super::{Batch, actor, seal_of};
use crate::act::Error;
use crate::act::accession::new_id;
use crate::act::request::{DecideStep, Scene, bounds};
use crate::clock::Instant;
use crate::entry::{Act, Actor, Seal};
use crate::policy::{Caller, CaseSight, OPERATOR, Viewer, speaks_for_itself};
use crate::request::case::{AFFECTED, CLOCK};
use crate::request::deadline::Wanted;
use crate::request::{Case, Deadline, Evidence, Request, Role, Step, Verb};

/// Who takes a step.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// A party.
    Caller(Caller),
    /// Whoever holds the link to contest.
    Affected,
}

/// A request as it is asked for: its id and its deadline are decided here.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) request: Request,
    pub(crate) wanted: Wanted,
    pub(crate) draft: bool,
}

/// What a step was sent with, so that the same is found again.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    pub(crate) digest: [u8; 16],
    pub(crate) verb: Verb,
    pub(crate) words: Option<String>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) deadline: Option<Wanted>,
    pub(crate) done_by: Option<Instant>,
}

impl Keyed {
    /// Whether it is what led to a step, before which this deadline ran.
    fn led_to(&self, step: &Step, ran: Option<&Deadline>) -> bool {
        let (done_by, timed) = match step {
            Step::Accept { done_by, .. } => (*done_by, self.deadline.is_none()),
            Step::Send { deadline } => {
                let wanted = self.deadline.clone().unwrap_or_default();
                let same = wanted.led_to(deadline) && wanted.done_by == deadline.done_by;
                (None, same)
            }
            Step::Answer { deadline, .. } => {
                let wanted = self.deadline.as_ref();
                let same = match (wanted, ran) {
                    (Some(wanted), _) => wanted.led_to(deadline),
                    (None, Some(ran)) => ran.is_as_long_as(deadline),
                    (None, None) => true,
                };
                let asked = wanted.and_then(|wanted| wanted.done_by);
                let done_by = asked.or(ran.and_then(|ran| ran.done_by));
                let done_by = done_by.map(|by| by.max(deadline.answer_by));
                (None, same && done_by == deadline.done_by)
            }
            _ => (None, self.deadline.is_none()),
        };
        // Words are of no use to these: they are not kept.
        let is_wordless = matches!(self.verb, Verb::Send | Verb::Discard | Verb::Link);
        timed
            && done_by == self.done_by
            && step.verb() == self.verb
            && (is_wordless || step.words() == self.words.as_deref())
            && step.evidence() == self.evidence
    }
}

impl Batch<'_> {
    /// Writes a request, or finds the one that was sent with the same key; gives its position.
    pub(super) fn request(&mut self, caller: &Caller, asking: Asking) -> Result<Vec<u64>, Error> {
        self.apply_pending()?;
        // What it may attach and follow up is what its party may know.
        let viewer = self.viewer(caller)?.reading();
        viewer.may_request()?;
        if let Some(key) = &asking.request.key
            && let Some(known) = self.views.requests.sent_with(key)?
        {
            if asking.made(&known) {
                return Ok(vec![known.position]);
            }
            let words = "this idempotency key was used for another request";
            return Err(Error::Conflict(words.into()));
        }
        let Asking {
            mut request,
            wanted,
            draft,
        } = asking;
        self.may_ask(&viewer, &request, draft)?;
        // Decided for drafts too, so that a wrong one is told at once.
        let place = self.directory.place(&request.to);
        let deadline = wanted.decide(self.time(), &place);
        let deadline = deadline.map_err(|words| Error::Invalid(format!("deadline: {words}")))?;
        request.deadline = (!draft).then_some(deadline);
        self.claim(caller, &request.evidence)?;
        request.id = new_id();
        while self.views.requests.case(&request.id)?.is_some() {
            request.id = new_id();
        }
        let seal = if draft {
            Seal::Sealed
        } else {
            seal_of(request.marking)
        };
        self.push(&actor(caller), Act::Request(Box::new(request)), seal)?;
        Ok(vec![self.next_position() - 1])
    }

    /// Whether this party may ask that one now.
    fn may_ask(&self, viewer: &Viewer, request: &Request, draft: bool) -> Result<(), Error> {
        self.may_be_asked(&request.to)?;
        if let Some(follows) = &request.follows {
            let missing = Error::NotFound("request");
            let case = self.views.requests.case(follows)?.ok_or(missing.clone())?;
            if viewer.sees_case(&self.directory, &case) == CaseSight::Nothing {
                return Err(missing);
            }
        }
        let number = |party: &str| self.directory.party_number(party).unwrap_or(u32::MAX);
        let (from, to) = (number(&request.from), number(&request.to));
        bounds::made(self.views.requests.made_on(from, self.time())?)?;
        if draft {
            return bounds::drafts(self.views.requests.open_between(from, None)?);
        }
        bounds::open(self.views.requests.open_between(from, Some(to))?)
    }

    /// Whether somebody would hear a request to this party.
    fn may_be_asked(&self, party: &str) -> Result<(), Error> {
        let day = self.time().day();
        if let Some(heir) = self.directory.history().successor(party, day) {
            let words = format!("this party became '{heir}': ask that one");
            return Err(Error::Conflict(words));
        }
        if !speaks_for_itself(&self.directory, party, self.now) {
            let words = "this party has no account here that could answer: invite it first";
            return Err(Error::Conflict(words.into()));
        }
        Ok(())
    }

    /// Keeps attachments that this caller's party sent.
    fn claim(&self, caller: &Caller, evidence: &[Evidence]) -> Result<(), Error> {
        let party = caller.party().unwrap_or_default();
        for (i, one) in evidence.iter().enumerate() {
            let kept = &self.shared.evidence;
            if !kept.claim(party, &one.sha256, one.bytes) {
                return Err(Error::Invalid(format!(
                    "evidence/{i}: this party sent no such file within the last day: send its bytes first"
                )));
            }
        }
        Ok(())
    }

    /// Takes a step about a request; gives its position, or the one of the step that was sent with
    /// the same key. Nothing when there is nothing to do.
    pub(super) fn step(
        &mut self,
        by: &By,
        id: &str,
        key: Option<Keyed>,
        decide: DecideStep,
    ) -> Result<Vec<u64>, Error> {
        self.apply_pending()?;
        let viewer = match by {
            By::Caller(caller) => self.viewer(caller)?.reading(),
            By::Affected => Viewer::new(&self.directory, &Caller::Anonymous, self.now),
        };
        let missing = Error::NotFound("request");
        let case = self.views.requests.case(id)?.ok_or(missing.clone())?;
        let known = !matches!(by, By::Caller(_))
            || viewer.sees_case(&self.directory, &case) > CaseSight::Nothing;
        if !known {
            return Err(missing);
        }
        if let Some(key) = &key
            && let Some(position) = self.views.requests.by_key(&case, &key.digest)?
        {
            let taken = self.views.requests.step_at(&case, position)?;
            let ran = self.views.requests.deadline_at(&case, position)?;
            let same = taken.is_some_and(|taken| key.led_to(&taken.step, ran.as_ref()));
            let words = "this idempotency key was used for another step";
            let conflict = Err(Error::Conflict(words.into()));
            return if same { Ok(vec![position]) } else { conflict };
        }
        let scene = Scene {
            directory: &self.directory,
            viewer: &viewer,
            case: &case,
            now: self.time(),
        };
        let Some((role, step)) = decide(&scene)? else {
            return Ok(Vec::new());
        };
        case.check(step.verb(), role).map_err(Error::Conflict)?;
        bounds::steps(&case, step.verb())?;
        if step.verb() == Verb::Send {
            let request = &case.request;
            self.may_be_asked(&request.to)?;
            let number = |party: &str| self.directory.party_number(party).unwrap_or(u32::MAX);
            let (from, to) = (number(&request.from), number(&request.to));
            bounds::open(self.views.requests.open_between(from, Some(to))?)?;
        }
        let actor = match by {
            By::Caller(caller) => {
                self.claim(caller, step.evidence())?;
                actor(caller)
            }
            By::Affected => outsider(AFFECTED, Role::Affected.as_str()),
        };
        let digest = key.map(|key| key.digest);
        self.push_step(&actor, &case, (role, step), digest)?;
        Ok(vec![self.next_position() - 1])
    }

    /// Takes the steps whose dates have come, the earliest first, at most so many.
    pub(super) fn advance(&mut self, most: usize) -> Result<Vec<u64>, Error> {
        self.apply_pending()?;
        let mut taken = Vec::new();
        while taken.len() < most {
            // By the clock, not by the newest entry: when it went back, nothing is due.
            let Some(case) = self.views.requests.first_due(self.now)? else {
                break;
            };
            let step = case.due(self.now);
            let Some(step) = step.filter(|step| case.check(step.verb(), Role::Clock).is_ok())
            else {
                // It would come first again and again: the table has every step of the clock.
                tracing::error!(
                    "request {}: nothing can be done about its date",
                    case.request.id
                );
                break;
            };
            let actor = outsider(OPERATOR, CLOCK);
            self.push_step(&actor, &case, (Role::Clock, step), None)?;
            taken.push(self.next_position() - 1);
        }
        Ok(taken)
    }

    fn push_step(
        &mut self,
        actor: &Actor<'_>,
        case: &Case,
        (role, step): (Role, Step),
        key: Option<[u8; 16]>,
    ) -> Result<(), Error> {
        // A draft, and that it was thrown away, is its sender's alone.
        let seal = if case.is_sent() || step.verb() == Verb::Send {
            seal_of(case.request.marking)
        } else {
            Seal::Sealed
        };
        let step = case.step(role, step, key);
        self.push(actor, Act::RequestStep(Box::new(step)), seal)?;
        Ok(())
    }

    /// The time of the entry that is written next, or a little before: never before that of the last one.
    fn time(&self) -> Instant {
        Instant(self.now.0.max(self.last.0 + 1))
    }
}

impl Asking {
    /// Whether it is what made this case: the same but for what is decided when it is written.
    fn made(&self, case: &Case) -> bool {
        let mut known = case.request.clone();
        known.id.clone_from(&self.request.id);
        known.contact.clone_from(&self.request.contact);
        known.contact_mark = self.request.contact_mark;
        let deadline = known.deadline.take();
        let same = deadline.as_ref().is_none_or(|deadline| {
            self.wanted.led_to(deadline) && self.wanted.done_by == deadline.done_by
        });
        known == self.request && deadline.is_none() == self.draft && same
    }
}

fn outsider(party: &'static str, account: &'static str) -> Actor<'static> {
    Actor {
        party: Cow::Borrowed(party),
        account: Cow::Borrowed(account),
    }
}
