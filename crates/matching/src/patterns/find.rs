//! Which expressions of an index hold in an observation.

use stix::pattern::{Budget, Observation, PathId, Value, WalkScratch};

use super::PatternIndex;

/// Steps of walking over one observation.
const WALK: u64 = 20_000_000;
/// Steps of evaluating one expression on one observation, as without an index.
const EXPRESSION: u64 = 1_000_000;
/// Steps of evaluating all expressions on one observation.
const ALL: u64 = 50_000_000;

/// What matching needs besides the index; the same may be used for many observations.
#[derive(Debug, Default)]
pub struct Scratch {
    walk: WalkScratch,
    /// For each expression, in which round it last became a candidate.
    rounds: Vec<u32>,
    round: u32,
    candidates: Vec<u32>,
    /// Expressions that hold, those of one pattern together.
    pub(super) held: Vec<Held>,
}

/// An expression that holds.
#[derive(Copy, Clone, Debug)]
pub(super) struct Held {
    pub(super) pattern: u32,
    pub(super) index: u32,
    /// The first object that it holds for.
    pub(super) object: usize,
}

/// A pattern that one observation matches by itself.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The pattern's number.
    pub id: u64,
    /// The place of the object that it holds for.
    pub object: usize,
}

/// What was left undecided of one observation, because it would have taken too long.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// Whether the observation could not be walked over: it may match anything.
    pub observation: bool,
    /// Expressions that could not be evaluated.
    pub expressions: u64,
}

impl Unfinished {
    /// Whether all was decided.
    pub const fn is_none(self) -> bool {
        !self.observation && self.expressions == 0
    }
}

impl PatternIndex {
    /// Hands over every pattern that an observation matches by itself. Those that ask for more
    /// than one observation are for [`super::Stream`].
    pub fn matches(
        &self,
        observation: &Observation<'_>,
        scratch: &mut Scratch,
        on_hit: &mut dyn FnMut(Hit),
    ) -> Unfinished {
        let unfinished = self.hold(observation, scratch);
        let mut last = None;
        for held in &scratch.held {
            if last == Some(held.pattern) {
                continue;
            }
            last = Some(held.pattern);
            if let Some(entry) = self.patterns.get(held.pattern)
                && entry.compiled.is_single()
            {
                on_hit(Hit {
                    id: entry.id,
                    object: held.object,
                });
            }
        }
        unfinished
    }

    /// How many expressions are evaluated for an observation.
    pub fn candidates(&self, observation: &Observation<'_>, scratch: &mut Scratch) -> usize {
        self.gather(observation, scratch);
        scratch.candidates.len()
    }

    /// Finds the expressions that hold; of a pattern that one observation matches one is enough.
    pub(super) fn hold(&self, observation: &Observation<'_>, scratch: &mut Scratch) -> Unfinished {
        let mut unfinished = Unfinished {
            observation: !self.gather(observation, scratch),
            expressions: 0,
        };
        scratch.held.clear();
        let Scratch {
            candidates, held, ..
        } = scratch;
        let place = |number: &u32| {
            let expression = self.expressions.get(*number);
            expression.map(|one| (one.pattern, one.index))
        };
        candidates.sort_unstable_by_key(place);
        let mut left = ALL;
        for (pattern, index) in candidates.iter().filter_map(place) {
            let Some(entry) = self.patterns.get(pattern) else {
                continue;
            };
            let is_decided = held.last().is_some_and(|last| last.pattern == pattern);
            if is_decided && entry.compiled.is_single() {
                continue;
            }
            let share = left.min(EXPRESSION);
            let mut budget = Budget::new(share);
            match entry
                .compiled
                .holds(index as usize, observation, &mut budget)
            {
                Ok(Some(object)) => held.push(Held {
                    pattern,
                    index,
                    object,
                }),
                Ok(None) => {}
                Err(_) => unfinished.expressions += 1,
            }
            left -= share - budget.left();
        }
        unfinished
    }

    /// Collects the expressions that an atom was seen of; false when not all of the observation
    /// was looked at.
    fn gather(&self, observation: &Observation<'_>, scratch: &mut Scratch) -> bool {
        let Scratch {
            walk,
            rounds,
            round,
            candidates,
            ..
        } = scratch;
        candidates.clear();
        rounds.resize(self.expressions.end().max(rounds.len()), 0);
        *round = round.wrapping_add(1);
        if *round == 0 {
            rounds.fill(0);
            *round = 1;
        }
        let mut budget = Budget::new(WALK);
        let mut add = |expression: u32| {
            if let Some(last) = rounds.get_mut(expression as usize)
                && *last != *round
            {
                *last = *round;
                candidates.push(expression);
            }
        };
        let mut each = |path: PathId, value: &Value<'_>| self.table.find(path, value, &mut add);
        self.paths
            .walk(observation, walk, &mut budget, &mut each)
            .is_ok()
    }
}
