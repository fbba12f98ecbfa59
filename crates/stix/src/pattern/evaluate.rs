//! Evaluation over observations that come one by one.
//!
//! What is kept of an observation is when it was, how often, and which expressions hold in it.
//! Whether some of them make a match is decided by [`super::bind`].

use super::bind;
use super::compile::Compiled;
use super::observation::Observation;

/// Observations that an evaluation keeps at most.
pub const MAX_OBSERVATIONS: usize = 10_000;
/// Expressions that hold in observations, all of them together, at most.
const MAX_HOLDING: usize = 1_000_000;

/// Why an evaluation gave up: a match may exist, but it was not looked for any longer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// More observations matter to the pattern than are kept.
    #[error(
        "more than {MAX_OBSERVATIONS} observations matter to the pattern: narrow it, or evaluate \
         fewer observations at a time"
    )]
    Observations,
    /// The pattern repeats or joins more than is looked at.
    #[error("the pattern joins more than {limit} observations or choices", limit = bind::MAX_PARTS)]
    Parts,
    /// There are too many ways in which observations could make a match, or an observation refers
    /// to itself in too many ways.
    #[error(
        "a match takes too long to find or to rule out: narrow the pattern, or evaluate fewer \
         observations at a time"
    )]
    Work,
}

/// One pattern and what it has seen.
#[derive(Clone, Debug)]
pub struct Evaluation<'p> {
    pattern: &'p Compiled,
    kept: Vec<Kept>,
    /// For each expression, which of the kept observations it holds in.
    holding: Vec<Vec<usize>>,
    fed: usize,
}

/// What is kept of an observation in which some expression holds.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// Its place among all that were fed.
    pub(super) place: usize,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) times: u64,
}

impl Compiled {
    /// Evaluates the pattern over observations: the places of those that make a match, rising;
    /// none when there is no match. There may be other matches.
    ///
    /// # Errors
    /// [`TooMuch`] where a bound on memory or work was reached before a match was found or ruled
    /// out.
    pub fn evaluate<'o, 'a: 'o>(
        &self,
        observations: impl IntoIterator<Item = &'o Observation<'a>>,
    ) -> Result<Option<Vec<usize>>, TooMuch> {
        let mut evaluation = self.evaluation();
        for observation in observations {
            if evaluation.feed(observation)? && self.is_single() {
                break;
            }
        }
        evaluation.matched()
    }

    /// An evaluation that has seen nothing yet.
    pub fn evaluation(&self) -> Evaluation<'_> {
        Evaluation {
            pattern: self,
            kept: Vec::new(),
            holding: vec![Vec::new(); self.parts.len()],
            fed: 0,
        }
    }
}

impl Evaluation<'_> {
    /// Takes an observation; whether it matters to the pattern. The order does not matter.
    ///
    /// # Errors
    /// [`TooMuch`]; the observation was not taken.
    pub fn feed(&mut self, observation: &Observation<'_>) -> Result<bool, TooMuch> {
        let place = self.fed;
        self.fed += 1;
        let holding = self.pattern.holding(observation)?;
        if holding.is_empty() {
            return Ok(false);
        }
        let held: usize = self.holding.iter().map(Vec::len).sum();
        if self.kept.len() == MAX_OBSERVATIONS || held + holding.len() > MAX_HOLDING {
            return Err(TooMuch::Observations);
        }
        for expression in holding {
            if let Some(kept) = self.holding.get_mut(expression) {
                kept.push(self.kept.len());
            }
        }
        self.kept.push(Kept {
            place,
            first: observation.first().micros(),
            last: observation.last().micros(),
            times: observation.times(),
        });
        Ok(true)
    }

    /// The places, from 0, of the observations that make a match, rising; none while there is no
    /// match.
    ///
    /// # Errors
    /// [`TooMuch`] where a bound on work was reached first.
    pub fn matched(&self) -> Result<Option<Vec<usize>>, TooMuch> {
        let bound = bind::bind(&self.pattern.plan, &self.kept, &self.holding)?;
        Ok(bound.map(|kept| {
            let places = kept.into_iter().filter_map(|index| self.kept.get(index));
            places.map(|kept| kept.place).collect()
        }))
    }
}
