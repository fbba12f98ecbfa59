//! The pace of two accounts: how long after an object came up each of them shared it.
//!
//! Two people who are both quick, each for themselves, are often within the window of each other. If
//! that is all, it makes no difference which object of one is held against which of the other: the
//! delay of one on an object is compared with those of the other on all *other* objects that came up
//! at that time of the day (a permutation test within the pair).

//!
//! Accounts whose posts go out by timetable, at the same minutes, meet to the second without knowing
//! of each other. Of two such accounts the steps of the timetable are compared, not the seconds.

use super::meeting::part_of_day;

/// Steps of timetables in milliseconds, the longest first: an hour to five minutes.
const STEPS: [i64; 5] = [3_600_000, 1_800_000, 900_000, 600_000, 300_000];
/// How long after a step posts go out by it.
const AFTER: i64 = 10_000;
/// Posts that a timetable is told by at least.
const LEAST: usize = 4;

/// The step of the timetable by which at least half of an account's posts go out.
pub(super) fn timetable(times: &(impl Iterator<Item = i64> + Clone)) -> Option<i64> {
    let all = times.clone().count();
    let on = |step: &i64| {
        times
            .clone()
            .filter(|time| time.rem_euclid(*step) < AFTER)
            .count()
    };
    STEPS
        .into_iter()
        .find(|step| all >= LEAST && on(step) * 2 >= all)
}

/// How long two accounts took to share an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habit {
    /// The part of the day when it came up.
    part: usize,
    one: i64,
    other: i64,
}

impl Habit {
    /// `origin` is when the object came up, the others when each account shared it; in steps of a
    /// timetable, where both have one.
    pub(super) fn new(origin: i64, one: i64, other: i64, step: Option<i64>) -> Self {
        let whole = |time: i64| step.map_or(time, |step| time - time.rem_euclid(step));
        let since = |time: i64| whole(time).saturating_sub(whole(origin));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timetable_is_told_by_half_of_the_posts() {
        let step = |times: &[i64]| timetable(&times.iter().map(|time| time * 1000));
        assert_eq!(step(&[900, 1805, 77, 2702, 99]), Some(900_000));
        assert_eq!(step(&[3600, 7201, 10_809, 14_400]), Some(3_600_000));
        assert_eq!(step(&[3600, 7201, 10_809]), None, "too few");
        assert_eq!(step(&[900, 1850, 77, 2799, 99]), None);
    }

    #[test]
    fn two_who_are_quick_are_near_whichever_objects_are_held_together() {
        let hour = 3_600_000;
        let quick = |object: i64| {
            Habit::new(
                object * hour,
                object * hour + 20_000,
                object * hour + 25_000,
                None,
            )
        };
        let mut habits: Vec<Habit> = (0..24).map(quick).collect();
        assert!((at_own_pace(&mut habits, 10_000) - 1.0).abs() < 1e-9);
        // together, but each time at another moment
        let moved = |object: i64| {
            let time = object * hour + object * 97_000;
            Habit::new(object * hour, time, time + 2_000, None)
        };
        let mut habits: Vec<Habit> = (0..24).map(moved).collect();
        assert!(at_own_pace(&mut habits, 10_000) < 0.05);
        assert!(at_own_pace(&mut [], 10_000).abs() < 1e-9);
    }
}
