//! Matches over observations that come one after the other.
//!
//! A pattern has a state only while something of it was seen and may still become a match. Time is
//! that of the observations: what a `WITHIN` around the whole pattern bounds is let go of once an
//! observation begins later than that, and later than [`Bounds::late`] allows. An observation that
//! was part of a match is part of no other match of that pattern. As long as nothing is lost
//! ([`Stream::lost`]) a pattern has a match here exactly when it has one over all observations at
//! once.

use std::collections::{BTreeSet, VecDeque};

use hashbrown::HashMap;
use stix::pattern::{Budget, Observation, Seen};

use super::find::{Held, Scratch, Unfinished};
use super::{Entry, PatternIndex};

/// Steps of looking for matches among what was seen of one pattern, after one observation, and of
/// all patterns.
const PATTERN: u64 = 2_000_000;
const ALL: u64 = 50_000_000;

/// What is kept at most.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Observations for one pattern; the oldest goes first.
    pub each: usize,
    /// Observations for all patterns; the one that ends first goes first.
    pub all: usize,
    /// Microseconds that an observation may begin before one that came earlier.
    pub late: i64,
}

impl Default for Bounds {
    /// A thousand for each pattern, a million for all, an hour.
    fn default() -> Self {
        Bounds {
            each: 1000,
            all: 1_000_000,
            late: 3_600_000_000,
        }
    }
}

/// What was lost to bounds: matches may have been missed.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Observations let go of before their time, counted once a pattern.
    pub dropped: u64,
    /// Observations that began more than [`Bounds::late`] before one that came earlier,
    /// where some pattern asks for several.
    pub late: u64,
    /// Times that a pattern's state was let go of because a match took too long to rule out.
    pub gave_up: u64,
    /// Expressions that could not be evaluated on an observation.
    pub undecided: u64,
    /// Observations that could not be walked over.
    pub unread: u64,
}

/// A match: the pattern's number, and what was said of each observation in it, in the order they
/// came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<L> {
    /// The pattern's number.
    pub id: u64,
    /// What names the observations.
    pub seen: Vec<L>,
}

/// Patterns that are partly seen. `L` is what names an observation.
#[derive(Debug)]
pub struct Stream<L> {
    bounds: Bounds,
    states: HashMap<u32, State<L>>,
    /// Everything kept: until when, its number, its pattern.
    until: BTreeSet<(i64, u64, u32)>,
    number: u64,
    newest: i64,
    lost: Lost,
}

#[derive(Debug)]
struct State<L> {
    serial: u64,
    seen: Seen,
    kept: VecDeque<Kept<L>>,
}

#[derive(Debug)]
struct Kept<L> {
    number: u64,
    until: i64,
    label: L,
}

impl<L: Clone> Stream<L> {
    /// A stream that has seen nothing.
    pub fn new(bounds: Bounds) -> Self {
        Stream {
            bounds,
            states: HashMap::new(),
            until: BTreeSet::new(),
            number: 0,
            newest: i64::MIN,
            lost: Lost::default(),
        }
    }

    /// Takes an observation and hands over the matches that it completes. `label` names it, given
    /// the place of the object that an expression holds for.
    pub fn feed(
        &mut self,
        index: &PatternIndex,
        observation: &Observation<'_>,
        scratch: &mut Scratch,
        label: &mut dyn FnMut(usize) -> L,
        on_match: &mut dyn FnMut(Match<L>),
    ) {
        let first = observation.first().micros();
        let is_late = first < self.newest.saturating_sub(self.bounds.late);
        self.lost.late += u64::from(is_late && index.several > 0);
        if first > self.newest {
            self.newest = first;
            self.expire();
        }
        let Unfinished {
            observation: unread,
            expressions,
        } = index.hold(observation, scratch);
        self.lost.unread += u64::from(unread);
        self.lost.undecided += expressions;
        let mut left = ALL;
        for held in scratch
            .held
            .chunk_by(|one, other| one.pattern == other.pattern)
        {
            let Some((first, entry)) = held
                .first()
                .and_then(|first| Some((first, index.patterns.get(first.pattern)?)))
            else {
                continue;
            };
            if entry.compiled.is_single() {
                on_match(Match {
                    id: entry.id,
                    seen: vec![label(first.object)],
                });
                continue;
            }
            let mut budget = Budget::new(left.min(PATTERN));
            let share = budget.left();
            self.keep(entry, observation, held, label(first.object));
            self.complete(entry, first.pattern, &mut budget, on_match);
            left -= share - budget.left();
        }
    }

    /// Observations kept, counted once a pattern.
    pub fn kept(&self) -> usize {
        self.until.len()
    }

    /// What was lost so far.
    pub const fn lost(&self) -> Lost {
        self.lost
    }

    fn keep(&mut self, entry: &Entry, observation: &Observation<'_>, held: &[Held], label: L) {
        let Some(slot) = held.first().map(|held| held.pattern) else {
            return;
        };
        if self
            .states
            .get(&slot)
            .is_some_and(|state| state.serial != entry.serial)
        {
            self.forget(slot);
        }
        let kept = self.states.get(&slot).map_or(0, |state| state.kept.len());
        if kept >= self.bounds.each {
            let oldest = self.states.get(&slot).and_then(|state| state.kept.front());
            if let Some((until, number)) = oldest.map(|oldest| (oldest.until, oldest.number)) {
                self.drop(until, number, slot);
                self.lost.dropped += 1;
            }
        }
        if self.until.len() >= self.bounds.all
            && let Some((until, number, other)) = self.until.first().copied()
        {
            self.drop(until, number, other);
            self.lost.dropped += 1;
        }
        let number = self.number;
        self.number += 1;
        let last = observation.last().micros();
        let window = entry.compiled.window();
        let until = window.map_or(i64::MAX, |window| last.saturating_add(window));
        let state = self.states.entry(slot).or_insert_with(|| State {
            serial: entry.serial,
            seen: Seen::default(),
            kept: VecDeque::new(),
        });
        let expressions: Vec<usize> = held.iter().map(|held| held.index as usize).collect();
        if state.seen.keep(number, observation, &expressions).is_err() {
            self.lost.dropped += 1;
            return;
        }
        state.kept.push_back(Kept {
            number,
            until,
            label,
        });
        self.until.insert((until, number, slot));
    }

    /// Hands over the matches of a pattern, and lets go of what they are made of.
    fn complete(
        &mut self,
        entry: &Entry,
        slot: u32,
        budget: &mut Budget,
        on_match: &mut dyn FnMut(Match<L>),
    ) {
        while let Some(state) = self.states.get_mut(&slot) {
            let found = match entry.compiled.match_among(&state.seen, budget) {
                Ok(None) => return,
                Ok(Some(found)) => found,
                Err(_) => {
                    self.lost.gave_up += 1;
                    self.forget(slot);
                    return;
                }
            };
            let is_in = |number: u64| found.binary_search(&number).is_ok();
            let mut seen = Vec::with_capacity(found.len());
            for kept in state.kept.iter().filter(|kept| is_in(kept.number)) {
                seen.push(kept.label.clone());
                self.until.remove(&(kept.until, kept.number, slot));
            }
            state.kept.retain(|kept| !is_in(kept.number));
            state.seen.release(is_in);
            let is_empty = state.kept.is_empty();
            on_match(Match { id: entry.id, seen });
            if is_empty {
                self.states.remove(&slot);
            }
        }
    }

    /// Lets go of what nothing that comes in time can complete.
    fn expire(&mut self) {
        while let Some((until, number, slot)) = self.until.first().copied() {
            if until.saturating_add(self.bounds.late) >= self.newest {
                return;
            }
            self.drop(until, number, slot);
        }
    }

    fn drop(&mut self, until: i64, number: u64, slot: u32) {
        self.until.remove(&(until, number, slot));
        let Some(state) = self.states.get_mut(&slot) else {
            return;
        };
        state.kept.retain(|kept| kept.number != number);
        if state.kept.is_empty() {
            self.states.remove(&slot);
        } else {
            state.seen.release(|one| one == number);
        }
    }

    fn forget(&mut self, slot: u32) {
        for kept in self.states.remove(&slot).into_iter().flat_map(|s| s.kept) {
            self.until.remove(&(kept.until, kept.number, slot));
        }
    }
}
