//! How much one party may ask of another, so that nobody is flooded.

use crate::act::Error;
use crate::request::{Case, Verb};

/// Requests of one party to another that are open.
pub(crate) const MOST_OPEN: u32 = 200;
/// Requests and drafts that a party makes on one day (UTC).
pub(crate) const MOST_A_DAY: u32 = 1000;
/// Drafts of a party.
pub(crate) const MOST_DRAFTS: u32 = 100;
/// Steps of a case, after which nothing is added or asked back any more.
pub(crate) const MOST_STEPS: u32 = 500;

fn limit(words: String) -> Result<(), Error> {
    Err(Error::Limit(words))
}

pub(crate) fn open(known: u32) -> Result<(), Error> {
    if known < MOST_OPEN {
        return Ok(());
    }
    limit(format!(
        "{known} requests of this party to that one are open: wait for answers, or withdraw some"
    ))
}

pub(crate) fn made(known: u32) -> Result<(), Error> {
    if known < MOST_A_DAY {
        return Ok(());
    }
    limit(format!(
        "this party made {known} requests today (UTC): make more tomorrow"
    ))
}

pub(crate) fn drafts(known: u32) -> Result<(), Error> {
    if known < MOST_DRAFTS {
        return Ok(());
    }
    limit(format!(
        "this party has {known} drafts: send or discard some"
    ))
}

/// What leads a case on is always taken.
pub(crate) fn steps(case: &Case, verb: Verb) -> Result<(), Error> {
    let adds = matches!(verb, Verb::Note | Verb::Ask | Verb::Link);
    if !adds || case.steps < MOST_STEPS {
        return Ok(());
    }
    limit(format!(
        "this case has {} steps: decide it, or follow it up with a new request",
        case.steps
    ))
}
