//! The pace of two accounts: how long after an object came up each of them shared it.
//!
//! Two people who are both quick, each for themselves, are often within the window of each other. If
//! that is all, it makes no difference which object of one is held against which of the other: the
//! delay of one on an object is compared with those of the other on all *other* objects that came up
//! at that time of the day (a permutation test within the pair).

use super::meeting::part_of_day;

/// How long two accounts took to share an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habit {
    /// The part of the day when it came up.
    part: usize,
    one: i64,
    other: i64,
}

impl Habit {
    /// `origin` is when the object came up, the others when each account shared it.
    pub(super) fn new(origin: i64, one: i64, other: i64) -> Self {
        let since = |time: i64| time.saturating_sub(origin);
        Self {
            part: part_of_day(origin),
            one: since(one),
            other: since(other),
        }
    }
}

/// The share of pairs of different objects on which one account's delay and the other's are within
/// `window` of each other; 0 where there are no such pairs.
pub(super) fn at_own_pace(habits: &mut [Habit], window: i64) -> f64 {
    let (mut near, mut all) = (0_usize, 0_usize);
    habits.sort_unstable_by_key(|habit| (habit.part, habit.other));
    for same in habits.chunk_by(|a, b| a.part == b.part) {
        all += same.len() * (same.len() - 1);
        for habit in same {
            let low = habit.one.saturating_sub(window);
            let high = habit.one.saturating_add(window);
            let within = same.partition_point(|other| other.other <= high)
                - same.partition_point(|other| other.other < low);
            let own = usize::from((low..=high).contains(&habit.other));
            near += within - own;
        }
    }
    if all > 0 {
        near as f64 / all as f64
    } else {
        0.0
    }
}
