//! Requests: each step is decided against the case as the batch stands.

use std::borrow::Cow;

use super::{Batch, actor, seal_of};
use crate::act::Error;
use crate::act::request::{DecideStep, Scene};
use crate::entry::{Act, Actor, Seal};
use crate::policy::{Caller, CaseSight, OPERATOR, Viewer};
use crate::request::case::{AFFECTED, CLOCK};
use crate::request::{Request, Role};

/// Who takes a step.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// A party.
    Caller(Caller),
    /// Whoever holds the link to contest.
    Affected,
    /// The node, since a date has come.
    Clock,
}

impl Batch<'_> {
    /// Writes a request, or finds the one that was sent with the same key; gives its position.
    pub(super) fn request(&mut self, caller: &Caller, request: Request) -> Result<Vec<u64>, Error> {
        self.apply_pending()?;
        let viewer = self.viewer(caller)?;
        viewer.may_request()?;
        if let Some(known) = self.views.requests.case(&request.id)? {
            let mut same = known.request.clone();
            same.deadline.clone_from(&request.deadline);
            if same == request && viewer.caller().party() == Some(known.request.from.as_str()) {
                return Ok(vec![known.position]);
            }
            let words = "this idempotency key was used for another request";
            return Err(Error::Conflict(words.into()));
        }
        let is_draft = request.deadline.is_none();
        let seal = if is_draft {
            Seal::Sealed
        } else {
            seal_of(request.marking)
        };
        self.push(&actor(caller), Act::Request(Box::new(request)), seal)?;
        Ok(vec![self.next_position() - 1])
    }

    /// Takes a step about a request; gives its position, or the one of the step that was sent with
    /// the same key. Nothing when there is nothing to do.
    pub(super) fn step(
        &mut self,
        by: &By,
        id: &str,
        key: Option<[u8; 16]>,
        decide: DecideStep,
    ) -> Result<Vec<u64>, Error> {
        self.apply_pending()?;
        let viewer = match by {
            By::Caller(caller) => self.viewer(caller)?,
            By::Affected | By::Clock => Viewer::new(&self.directory, &Caller::Anonymous, self.now),
        };
        let missing = Error::NotFound("request");
        let case = self.views.requests.case(id)?.ok_or(missing.clone())?;
        let known = !matches!(by, By::Caller(_))
            || viewer.sees_case(&self.directory, &case) > CaseSight::Nothing;
        if !known {
            return Err(missing);
        }
        if let Some(key) = &key
            && let Some(position) = self.views.requests.by_key(&case, key)?
        {
            return Ok(vec![position]);
        }
        let scene = Scene {
            directory: &self.directory,
            viewer: &viewer,
            case: &case,
            now: self.now,
        };
        let Some((role, step)) = decide(&scene)? else {
            return Ok(Vec::new());
        };
        case.check(step.verb(), role).map_err(Error::Conflict)?;
        let step = case.step(role, step, key);
        let seal = if case.is_sent() || step.step.verb() == crate::request::Verb::Send {
            seal_of(case.request.marking)
        } else {
            Seal::Sealed
        };
        let actor = match by {
            By::Caller(caller) => actor(caller),
            By::Affected => outsider(AFFECTED, Role::Affected.as_str()),
            By::Clock => outsider(OPERATOR, CLOCK),
        };
        self.push(&actor, Act::RequestStep(Box::new(step)), seal)?;
        Ok(vec![self.next_position() - 1])
    }
}

fn outsider(party: &'static str, account: &'static str) -> Actor<'static> {
    Actor {
        party: Cow::Borrowed(party),
        account: Cow::Borrowed(account),
    }
}
