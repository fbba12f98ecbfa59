//! How the observations of a match hang together: what is left of a pattern when each part between
//! brackets is a number.

/// What a match needs.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// A number of different observations of one sort.
    Slot(Slot),
    /// All of them, on different observations.
    All(Vec<Plan>),
    /// One of them.
    Any(Vec<Plan>),
    /// All of them on different observations, each after those before it.
    Sequence(Vec<Plan>),
    /// All within so many microseconds.
    Within(Box<Plan>, i64),
    /// So many times over, on different observations.
    Repeated(Box<Plan>, u64),
}

/// So many different observations in which one of the expressions holds.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) expressions: Vec<usize>,
    pub(super) times: u64,
}

impl Plan {
    pub(super) fn one(expression: usize) -> Self {
        Plan::Slot(Slot {
            expressions: vec![expression],
            times: 1,
        })
    }

    /// One of the parts. Parts that are one observation each become one slot, because which of
    /// them an observation stands for makes no difference.
    pub(super) fn any(parts: Vec<Plan>) -> Self {
        let mut expressions = Vec::new();
        let mut others = Vec::new();
        for part in parts {
            match part {
                Plan::Slot(slot) if slot.times == 1 => expressions.extend(slot.expressions),
                other => others.push(other),
            }
        }
        let slot = (!expressions.is_empty()).then_some(Plan::Slot(Slot {
            expressions,
            times: 1,
        }));
        match (slot, others.is_empty()) {
            (Some(slot), true) => slot,
            (slot, _) => Plan::Any(slot.into_iter().chain(others).collect()),
        }
    }

    /// The plan, all of it within a window.
    pub(super) fn within(self, micros: i64) -> Self {
        match self {
            // one observation is always within any window
            Plan::Slot(slot) if slot.times == 1 => Plan::Slot(slot),
            plan => Plan::Within(Box::new(plan), micros),
        }
    }

    /// The plan so many times over. Where nothing but the number matters, only the number grows.
    pub(super) fn repeated(self, times: u64) -> Self {
        match self {
            plan if times == 1 => plan,
            Plan::Slot(slot) => Plan::Slot(Slot {
                times: slot.times.saturating_mul(times),
                ..slot
            }),
            Plan::All(parts) if parts.iter().all(Plan::is_loose) => {
                Plan::All(parts.into_iter().map(|part| part.repeated(times)).collect())
            }
            plan => Plan::Repeated(Box::new(plan), times),
        }
    }

    /// Whether all of it are numbers of observations that nothing ties together.
    fn is_loose(&self) -> bool {
        match self {
            Plan::Slot(_) => true,
            Plan::All(parts) => parts.iter().all(Plan::is_loose),
            _ => false,
        }
    }

    /// Whether one observation is enough, whichever branch is taken.
    pub(super) fn is_single(&self) -> bool {
        match self {
            Plan::Slot(slot) => slot.times == 1,
            Plan::Any(parts) => parts.iter().all(Plan::is_single),
            Plan::Within(inner, _) => inner.is_single(),
            Plan::All(_) | Plan::Sequence(_) | Plan::Repeated(..) => false,
        }
    }

    /// How many observations a match has at least.
    pub(super) fn least(&self) -> u64 {
        match self {
            Plan::Slot(slot) => slot.times,
            Plan::All(parts) | Plan::Sequence(parts) => parts
                .iter()
                .fold(0, |sum, part| sum.saturating_add(part.least())),
            Plan::Any(parts) => parts.iter().map(Plan::least).min().unwrap_or(0),
            Plan::Within(inner, _) => inner.least(),
            Plan::Repeated(inner, times) => inner.least().saturating_mul(*times),
        }
    }

    /// Whether there are observations enough, whatever they are tied by: `count` says how often an
    /// expression was seen to hold. False only where there is no match.
    pub(super) fn may_be_met(&self, count: &dyn Fn(usize) -> u64) -> bool {
        match self {
            Plan::Slot(slot) => {
                let each = slot.expressions.iter();
                each.fold(0, |sum: u64, one| sum.saturating_add(count(*one))) >= slot.times
            }
            Plan::All(parts) | Plan::Sequence(parts) => {
                parts.iter().all(|part| part.may_be_met(count))
            }
            Plan::Any(parts) => parts.iter().any(|part| part.may_be_met(count)),
            Plan::Within(inner, _) | Plan::Repeated(inner, _) => inner.may_be_met(count),
        }
    }

    /// How many microseconds at most lie between the end of one observation of a match and the
    /// beginning of another; none where nothing bounds it.
    pub(super) fn window(&self) -> Option<i64> {
        match self {
            Plan::Slot(slot) => (slot.times == 1).then_some(0),
            Plan::All(_) | Plan::Sequence(_) | Plan::Repeated(..) => None,
            Plan::Any(parts) => {
                let windows = parts.iter().map(Plan::window);
                windows.collect::<Option<Vec<_>>>()?.into_iter().max()
            }
            Plan::Within(inner, micros) => {
                Some(inner.window().map_or(*micros, |inner| inner.min(*micros)))
            }
        }
    }
}
