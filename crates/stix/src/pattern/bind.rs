//! Which observations make a match.
//!
//! Two things make that hard: every part of a match needs a different observation, and parts are
//! tied in time. A tie in time goes away once a point in time is chosen for it: where a `WITHIN`
//! begins, where a `FOLLOWEDBY` cuts. Then every part asks something of an observation by itself,
//! and handing observations out is a maximum flow, which is quick. So the points are searched, and
//! the branch of each `OR`; only ends and beginnings of observations need to be tried, and no
//! search goes deeper where the flow does not exist even without the ties that are still to come.

use std::ops::Range;
use std::rc::Rc;

use super::budget::Budget;
use super::evaluate::{Kept, TooMuch};
use super::flow::{Need, hand_out};
use super::plan::{Plan, Slot};

/// Slots and ties of a match at most, once repetitions are written out.
pub(super) const MAX_PARTS: usize = 500;
/// Observations looked at while searching, at most.
pub(super) const WORK: u64 = 20_000_000;

/// The observations of a match, as places among the kept, rising; none when there is no match.
pub(super) fn bind(
    plan: &Plan,
    kept: &[Kept],
    holding: &[Vec<usize>],
    budget: &mut Budget,
) -> Result<Option<Vec<usize>>, TooMuch> {
    let all = |sum: u64, kept: &Kept| sum.saturating_add(kept.times);
    let all = kept.iter().fold(0, all);
    if plan.least() > all {
        return Ok(None);
    }
    let times = Times::of(kept);
    let mut problem = Problem {
        times: &times,
        holding,
        all,
        slots: Vec::new(),
        ties: Vec::new(),
    };
    problem.add(plan)?;
    let mut search = Search {
        problem: &problem,
        budget,
        chosen: Vec::with_capacity(problem.ties.len()),
    };
    let bound = search.deepen(&problem.unbound())?;
    Ok(bound.map(|bound| {
        let places = bound.into_iter().filter_map(|rank| times.places.get(rank));
        let mut places: Vec<usize> = places.copied().collect();
        places.sort_unstable();
        places
    }))
}

/// When the observations were, in the order in which they began. A place in that order is a rank.
struct Times {
    first: Vec<i64>,
    last: Vec<i64>,
    /// The latest end among the observations up to each rank: it rises.
    latest: Vec<i64>,
    capacity: Vec<u64>,
    /// From ranks to places among the kept, and back.
    places: Vec<usize>,
    ranks: Vec<usize>,
}

impl Times {
    fn of(kept: &[Kept]) -> Self {
        let mut ordered: Vec<(usize, &Kept)> = kept.iter().enumerate().collect();
        ordered.sort_by_key(|(_, kept)| kept.first);
        let mut ranks = vec![0; kept.len()];
        for (rank, (place, _)) in ordered.iter().enumerate() {
            if let Some(entry) = ranks.get_mut(*place) {
                *entry = rank;
            }
        }
        let latest = ordered.iter().scan(i64::MIN, |latest, (_, kept)| {
            *latest = kept.last.max(*latest);
            Some(*latest)
        });
        Times {
            latest: latest.collect(),
            first: ordered.iter().map(|(_, kept)| kept.first).collect(),
            last: ordered.iter().map(|(_, kept)| kept.last).collect(),
            capacity: ordered.iter().map(|(_, kept)| kept.times).collect(),
            places: ordered.iter().map(|(place, _)| *place).collect(),
            ranks,
        }
    }
}

/// A time of a list, by rank.
fn at(times: &[i64], rank: usize) -> i64 {
    times.get(rank).copied().unwrap_or(i64::MIN)
}

/// A match with its repetitions written out.
struct Problem<'k> {
    times: &'k Times,
    holding: &'k [Vec<usize>],
    /// How many observations there are, counted as often as they were observed.
    all: u64,
    slots: Vec<Wanted>,
    /// Outer ones before inner ones.
    ties: Vec<Tie>,
}

/// What a slot wants: a number of the observations of these ranks, which rise.
#[derive(Clone)]
struct Wanted {
    times: u64,
    ranks: Rc<[usize]>,
}

/// Something to choose, and the slots that it binds.
#[derive(Clone)]
struct Tie {
    kind: Kind,
    /// What can be chosen, rising.
    candidates: Rc<[i64]>,
    /// An earlier tie that has chosen as much or less: repetitions are alike, so that it is enough
    /// to try them in one order.
    not_below: Option<usize>,
}

#[derive(Clone)]
enum Kind {
    /// The earliest end in a window of so many microseconds.
    Window(Range<usize>, i64),
    /// A time that no slot of the first range begins after, and none of the second ends before.
    Cut(Range<usize>, Range<usize>),
    /// Which of these ranges is taken.
    Choice(Vec<Range<usize>>),
}

impl Problem<'_> {
    fn add(&mut self, plan: &Plan) -> Result<(), TooMuch> {
        if self.slots.len() + self.ties.len() >= MAX_PARTS {
            return Err(TooMuch::Parts);
        }
        match plan {
            Plan::Slot(slot) => self.add_slot(slot),
            Plan::All(parts) => parts.iter().try_for_each(|part| self.add(part))?,
            Plan::Any(parts) => self.add_choice(parts)?,
            Plan::Sequence(parts) => self.add_sequence(parts)?,
            Plan::Within(inner, micros) => {
                let tie = self.reserve();
                let from = self.slots.len();
                self.add(inner)?;
                let slots = from..self.slots.len();
                let candidates = self.moments(&slots, &self.times.last);
                self.settle(tie, Kind::Window(slots, *micros), candidates, None);
            }
            Plan::Repeated(inner, times) => self.add_repeated(inner, *times)?,
        }
        Ok(())
    }

    fn add_slot(&mut self, slot: &Slot) {
        let places = slot
            .expressions
            .iter()
            .filter_map(|index| self.holding.get(*index));
        let ranks = places
            .flatten()
            .filter_map(|place| self.times.ranks.get(*place).copied());
        let mut ranks: Vec<usize> = ranks.collect();
        ranks.sort_unstable();
        ranks.dedup();
        self.slots.push(Wanted {
            times: slot.times,
            ranks: ranks.into(),
        });
    }

    fn add_choice(&mut self, parts: &[Plan]) -> Result<(), TooMuch> {
        let tie = self.reserve();
        let mut ranges = Vec::new();
        for part in parts {
            if part.least() <= self.all {
                let from = self.slots.len();
                self.add(part)?;
                ranges.push(from..self.slots.len());
            }
        }
        let candidates = (0..).take(ranges.len()).collect();
        self.settle(tie, Kind::Choice(ranges), candidates, None);
        Ok(())
    }

    fn add_sequence(&mut self, parts: &[Plan]) -> Result<(), TooMuch> {
        let ties: Vec<usize> = parts.iter().skip(1).map(|_| self.reserve()).collect();
        let begin = self.slots.len();
        let mut from = begin;
        let mut earlier = None;
        let ties = std::iter::once(None).chain(ties.into_iter().map(Some));
        for (part, tie) in parts.iter().zip(ties) {
            self.add(part)?;
            if let Some(tie) = tie {
                let candidates = self.moments(&(begin..from), &self.times.first);
                let kind = Kind::Cut(begin..from, from..self.slots.len());
                self.settle(tie, kind, candidates, earlier);
                earlier = Some(tie);
            }
            from = self.slots.len();
        }
        Ok(())
    }

    fn add_repeated(&mut self, inner: &Plan, times: u64) -> Result<(), TooMuch> {
        let (slot, tie) = (self.slots.len(), self.ties.len());
        self.add(inner)?;
        let slots: Vec<Wanted> = self.slots.iter().skip(slot).cloned().collect();
        let ties: Vec<Tie> = self.ties.iter().skip(tie).cloned().collect();
        let room = MAX_PARTS / (slots.len() + ties.len()).max(1);
        let times = usize::try_from(times).ok().filter(|times| *times <= room);
        for _ in 1..times.ok_or(TooMuch::Parts)? {
            let by = self.slots.len() - slot;
            let tie_by = self.ties.len() - tie;
            let like = self.ties.len().checked_sub(ties.len());
            self.slots.extend(slots.iter().cloned());
            self.ties
                .extend(ties.iter().enumerate().map(|(index, tie)| Tie {
                    kind: tie.kind.moved(by),
                    candidates: Rc::clone(&tie.candidates),
                    not_below: match index {
                        0 => like,
                        _ => tie.not_below.map(|other| other + tie_by),
                    },
                }));
        }
        Ok(())
    }

    /// Makes room for a tie before those inside it.
    fn reserve(&mut self) -> usize {
        self.ties.push(Tie {
            kind: Kind::Choice(Vec::new()),
            candidates: Rc::new([]),
            not_below: None,
        });
        self.ties.len() - 1
    }

    fn settle(&mut self, tie: usize, kind: Kind, candidates: Rc<[i64]>, not_below: Option<usize>) {
        if let Some(entry) = self.ties.get_mut(tie) {
            *entry = Tie {
                kind,
                candidates,
                not_below,
            };
        }
    }

    /// The times at which observations of these slots begin or end.
    fn moments(&self, slots: &Range<usize>, times: &[i64]) -> Rc<[i64]> {
        let slots = self.slots.get(slots.clone()).unwrap_or_default();
        let ranks = slots.iter().flat_map(|slot| slot.ranks.iter());
        let mut moments: Vec<i64> = ranks.map(|rank| at(times, *rank)).collect();
        moments.sort_unstable();
        moments.dedup();
        moments.into()
    }

    /// Bounds before anything is chosen.
    fn unbound(&self) -> Vec<Bounds> {
        let mut bounds = vec![Bounds::FREE; self.slots.len()];
        for tie in &self.ties {
            if let Kind::Choice(ranges) = &tie.kind {
                for range in ranges {
                    each(&mut bounds, range, |bounds| bounds.open += 1);
                }
            }
        }
        bounds
    }
}

impl Kind {
    fn moved(&self, by: usize) -> Self {
        let moved = |range: &Range<usize>| range.start + by..range.end + by;
        match self {
            Kind::Window(slots, micros) => Kind::Window(moved(slots), *micros),
            Kind::Cut(before, after) => Kind::Cut(moved(before), moved(after)),
            Kind::Choice(ranges) => Kind::Choice(ranges.iter().map(moved).collect()),
        }
    }

    /// The slots it binds.
    fn slots(&self) -> Range<usize> {
        match self {
            Kind::Window(slots, _) => slots.clone(),
            Kind::Cut(before, after) => before.start..after.end,
            Kind::Choice(ranges) => {
                let end = ranges.last().map_or(0, |range| range.end);
                ranges.first().map_or(0, |range| range.start)..end
            }
        }
    }

    /// Bounds the beginnings of observations: the later the choice, the more may do.
    fn bind_beginnings(&self, choice: i64, bounds: &mut [Bounds]) {
        let (slots, until) = match self {
            Kind::Window(slots, micros) => (slots, choice.saturating_add(*micros)),
            Kind::Cut(before, _) => (before, choice),
            Kind::Choice(_) => return,
        };
        each(bounds, slots, |bounds| {
            bounds.begins_until = bounds.begins_until.min(until);
        });
    }

    /// Bounds the ends of observations: the later the choice, the fewer may do.
    fn bind_ends(&self, choice: i64, bounds: &mut [Bounds]) {
        let (Kind::Window(slots, _) | Kind::Cut(_, slots)) = self else {
            return;
        };
        each(bounds, slots, |bounds| {
            bounds.ends_from = bounds.ends_from.max(choice);
        });
    }
}

/// What the choices so far ask of a slot's observations.
#[derive(Copy, Clone, Debug)]
struct Bounds {
    ends_from: i64,
    begins_until: i64,
    /// Whether a choice left the slot out.
    is_out: bool,
    /// How many choices that take the slot or leave it are still open.
    open: u32,
}

impl Bounds {
    const FREE: Bounds = Bounds {
        ends_from: i64::MIN,
        begins_until: i64::MAX,
        is_out: false,
        open: 0,
    };
}

fn each(bounds: &mut [Bounds], slots: &Range<usize>, change: impl FnMut(&mut Bounds)) {
    bounds
        .get_mut(slots.clone())
        .unwrap_or_default()
        .iter_mut()
        .for_each(change);
}

struct Search<'p> {
    problem: &'p Problem<'p>,
    budget: &'p mut Budget,
    /// What the first ties have chosen; none for one that binds nothing any more.
    chosen: Vec<Option<i64>>,
}

impl Search<'_> {
    /// Chooses for the ties that are left; gives the ranks of a match.
    fn deepen(&mut self, bounds: &[Bounds]) -> Result<Option<Vec<usize>>, TooMuch> {
        let Some(ranks) = self.flow(bounds)? else {
            return Ok(None);
        };
        let problem = self.problem;
        let Some(tie) = problem.ties.get(self.chosen.len()) else {
            return Ok(Some(ranks));
        };
        let bound = bounds.get(tie.kind.slots()).unwrap_or_default();
        if bound.iter().all(|slot| slot.is_out) {
            return self.choose(None, bounds);
        }
        let floor = tie
            .not_below
            .and_then(|other| self.chosen.get(other).copied().flatten());
        let from = floor.map_or(0, |floor| {
            tie.candidates.partition_point(|one| *one < floor)
        });
        let candidates = tie.candidates.get(from..).unwrap_or_default();
        for choice in self.promising(&tie.kind, candidates, bounds)? {
            let mut narrowed = bounds.to_vec();
            if let Kind::Choice(ranges) = &tie.kind {
                for (index, range) in (0..).zip(ranges) {
                    each(&mut narrowed, range, |slot| {
                        slot.open -= 1;
                        slot.is_out |= index != *choice;
                    });
                }
            }
            tie.kind.bind_beginnings(*choice, &mut narrowed);
            tie.kind.bind_ends(*choice, &mut narrowed);
            if let Some(found) = self.choose(Some(*choice), &narrowed)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn choose(
        &mut self,
        choice: Option<i64>,
        bounds: &[Bounds],
    ) -> Result<Option<Vec<usize>>, TooMuch> {
        self.chosen.push(choice);
        let found = self.deepen(bounds);
        self.chosen.pop();
        found
    }

    /// The candidates that are neither too early for the beginnings nor too late for the ends.
    /// Each of the two alone is monotone, so that halving finds where it turns.
    fn promising<'c>(
        &mut self,
        kind: &Kind,
        candidates: &'c [i64],
        bounds: &[Bounds],
    ) -> Result<&'c [i64], TooMuch> {
        if matches!(kind, Kind::Choice(_)) {
            return Ok(candidates);
        }
        let first = self.turn(
            candidates,
            bounds,
            |choice, bounds| {
                kind.bind_beginnings(choice, bounds);
            },
            false,
        )?;
        let candidates = candidates.get(first..).unwrap_or_default();
        let end = self.turn(
            candidates,
            bounds,
            |choice, bounds| {
                kind.bind_ends(choice, bounds);
            },
            true,
        )?;
        Ok(candidates.get(..end).unwrap_or_default())
    }

    /// How many candidates come before the flow begins to exist, or while it exists.
    fn turn(
        &mut self,
        candidates: &[i64],
        bounds: &[Bounds],
        bind: impl Fn(i64, &mut [Bounds]),
        exists: bool,
    ) -> Result<usize, TooMuch> {
        let (mut low, mut high) = (0, candidates.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let mut narrowed = bounds.to_vec();
            if let Some(choice) = candidates.get(middle) {
                bind(*choice, &mut narrowed);
            }
            if self.flow(&narrowed)?.is_some() == exists {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Whether the slots that are surely taken can have what they want within their bounds.
    fn flow(&mut self, bounds: &[Bounds]) -> Result<Option<Vec<usize>>, TooMuch> {
        let problem = self.problem;
        let mut needs = Vec::with_capacity(problem.slots.len());
        for (slot, bounds) in problem.slots.iter().zip(bounds) {
            self.budget.spend(1)?;
            if !bounds.is_out && bounds.open == 0 {
                needs.push(self.need(slot, *bounds)?);
            }
        }
        hand_out(&problem.times.capacity, &needs, self.budget)
    }

    fn need(&mut self, slot: &Wanted, bounds: Bounds) -> Result<Need, TooMuch> {
        let times = self.problem.times;
        let early = |rank: &usize| at(&times.latest, *rank) < bounds.ends_from;
        let begun = |rank: &usize| at(&times.first, *rank) <= bounds.begins_until;
        let from = slot.ranks.partition_point(early);
        let until = slot.ranks.partition_point(begun);
        let ranks = slot.ranks.get(from..until).unwrap_or_default();
        self.budget.spend(ranks.len())?;
        let admitted = ranks
            .iter()
            .copied()
            .filter(|rank| at(&times.last, *rank) >= bounds.ends_from);
        Ok(Need {
            times: slot.times,
            admitted: admitted.collect(),
        })
    }
}
