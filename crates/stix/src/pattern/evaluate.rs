//! Evaluation over observations that come one by one.
//!
//! What is kept of an observation is when it was, how often, and which expressions hold in it.
//! Whether some of them make a match is decided by [`super::bind`].

use super::bind;
use super::budget::Budget;
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
    seen: Seen,
    fed: u64,
}

/// What was seen of one pattern: the observations in which some expression of it holds. Of each is
/// kept when it was, how often, and which expressions those are.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    kept: Vec<Kept>,
    /// Expressions that hold, all observations together.
    holding: usize,
}

/// What is kept of an observation in which some expression holds.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// What names it.
    pub(super) place: u64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) times: u64,
    holding: Box<[usize]>,
}

impl Seen {
    /// How many observations are kept.
    pub const fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether none is kept.
    pub const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Keeps an observation under a number; these expressions hold in it, from 0 in the order
    /// written.
    ///
    /// # Errors
    /// [`TooMuch::Observations`]; it was not kept.
    pub fn keep(
        &mut self,
        place: u64,
        observation: &Observation<'_>,
        holding: &[usize],
    ) -> Result<(), TooMuch> {
        if self.kept.len() >= MAX_OBSERVATIONS || self.holding + holding.len() > MAX_HOLDING {
            return Err(TooMuch::Observations);
        }
        self.holding += holding.len();
        self.kept.push(Kept {
            place,
            first: observation.first().micros(),
            last: observation.last().micros(),
            times: observation.times(),
            holding: holding.into(),
        });
        Ok(())
    }

    /// Lets go of the observations under these numbers.
    pub fn release(&mut self, gone: impl Fn(u64) -> bool) {
        self.kept.retain(|kept| !gone(kept.place));
        self.holding = self.kept.iter().map(|kept| kept.holding.len()).sum();
    }
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
            seen: Seen::default(),
            fed: 0,
        }
    }

    /// The numbers of the observations that make a match, rising; none while there is no match.
    ///
    /// # Errors
    /// [`TooMuch`] where the budget, or a bound of its own, was spent first.
    pub fn match_among(
        &self,
        seen: &Seen,
        budget: &mut Budget,
    ) -> Result<Option<Vec<u64>>, TooMuch> {
        let mut holding = vec![Vec::new(); self.parts.len()];
        for (index, kept) in seen.kept.iter().enumerate() {
            for expression in &kept.holding {
                if let Some(places) = holding.get_mut(*expression) {
                    places.push(index);
                }
            }
        }
        budget.spend(seen.holding + self.parts.len())?;
        if !self.plan.may_be_met(&|expression| {
            let places = holding.get(expression).map_or(&[][..], Vec::as_slice);
            places.iter().fold(0, |sum: u64, index| {
                sum.saturating_add(seen.kept.get(*index).map_or(0, |kept| kept.times))
            })
        }) {
            return Ok(None);
        }
        let bound = bind::bind(&self.plan, &seen.kept, &holding, budget)?;
        Ok(bound.map(|bound| {
            let kept = bound.into_iter().filter_map(|index| seen.kept.get(index));
            let mut places: Vec<u64> = kept.map(|kept| kept.place).collect();
            places.sort_unstable();
            places
        }))
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
        self.seen.keep(place, observation, &holding)?;
        Ok(true)
    }

    /// The places, from 0, of the observations that make a match, rising; none while there is no
    /// match.
    ///
    /// # Errors
    /// [`TooMuch`] where a bound on work was reached first.
    pub fn matched(&self) -> Result<Option<Vec<usize>>, TooMuch> {
        let mut budget = Budget::new(bind::WORK);
        let found = self.pattern.match_among(&self.seen, &mut budget)?;
        Ok(found.map(|places| {
            let places = places.into_iter().map(usize::try_from);
            places.filter_map(Result::ok).collect()
        }))
    }
}
