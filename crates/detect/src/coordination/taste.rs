//! Common taste: how many of the objects that two accounts both share they share within a window,
//! if each of them was as fast as others were.
//!
//! What is given here is that both shared the object at all, so that accounts with the same
//! interests are no finding. Under the null model the accounts that shared an object could have
//! changed places: the chance that two of them are within the window is the share of all pairs of
//! its rows that are, c_o. Accounts that are quick everywhere, or always there when it is crowded,
//! are so by a factor f of their own: q_o = c_o·f_a·f_b.
//!
//! A group that makes up most of an object's audience would explain itself that way. So pairs that
//! are together more often than two people are who are alerted at the same moment
//! ([`alerted()`]) count for nothing in c_o and f, and an object that nobody else shares has the
//! mean of all.

use super::meeting::{Candidate, Field};
use super::tail;

/// How sure it has to be that a pair is together more often than alerted people are.
const SURE: f64 = 0.01;
/// Pairs that the mean of all objects weighs as much as, in an object's own share.
const PRIOR_PAIRS: f64 = 2.0;
/// Meetings that a factor of 1 weighs as much as, in an account's own factor.
const PRIOR_MEETINGS: f64 = 5.0;
/// Sums are kept in this part of one, so that they do not depend on their order.
const UNIT: f64 = 1_048_576.0;

/// What is expected in a window.
#[derive(Debug, Default)]
struct Expected {
    length: i64,
    /// For each object: pairs of rows within the window, and all pairs, without suspects.
    near: Vec<u64>,
    pairs: Vec<u64>,
    /// The mean share of pairs that are within the window.
    mean: f64,
    /// For each account: how much more often it is near others than the objects' shares say.
    factors: Vec<f64>,
    /// Pairs that count for nothing, sorted.
    suspects: Vec<(u32, u32)>,
}

/// The expectations of all windows.
#[derive(Debug)]
pub(super) struct Taste<'f> {
    field: &'f Field<'f>,
    windows: Vec<Expected>,
}

impl<'f> Taste<'f> {
    /// `candidates` are sorted.
    pub(super) fn new(field: &'f Field<'f>, candidates: &[Candidate]) -> Self {
        let mut taste = Self { field, windows: Vec::new() };
        for at in 0..field.windows.len() {
            let expected = taste.window(at, candidates);
            taste.windows.push(expected);
        }
        taste
    }

    /// How many objects two accounts both share, and how many of them within a window if they only
    /// have their taste in common.
    pub(super) fn expected(&self, one: u32, other: u32, window: usize) -> (u32, f64) {
        let Some(expected) = self.windows.get(window) else { return (0, f64::INFINITY) };
        let factor = |account: u32| expected.factors.get(account as usize).copied().unwrap_or(1.0);
        let factors = factor(one) * factor(other);
        let is_left_out = expected.suspects.binary_search(&(one, other)).is_ok();
        let (mut both, mut sum) = (0, 0.0);
        self.common(one, other, |object, ones, others| {
            both += 1;
            let ways = (ones.len() * others.len()) as u64;
            let own = if is_left_out { 0 } else { ways };
            let near = if is_left_out { 0 } else { self.near(ones, others, expected.length) };
            let of = |counts: &[u64]| counts.get(object as usize).copied().unwrap_or_default();
            let near = of(&expected.near).saturating_sub(near) as f64;
            let pairs = of(&expected.pairs).saturating_sub(own) as f64;
            let share = (near + PRIOR_PAIRS * expected.mean) / (pairs + PRIOR_PAIRS);
            sum += (share * factors * ways as f64).min(1.0);
        });
        (both, sum)
    }

    /// Hands over each object that both accounts share, with the rows of each.
    fn common(&self, one: u32, other: u32, mut on_object: impl FnMut(u32, &[u32], &[u32])) {
        let object = |piece: &[u32]| piece.first().map(|at| self.field.row(*at).object);
        let mut ones = self.field.pieces(one).peekable();
        for others in self.field.pieces(other) {
            let wanted = object(others);
            while ones.next_if(|piece| object(piece) < wanted).is_some() {}
            if let Some(ones) = ones.next_if(|piece| object(piece) == wanted)
                && let Some(object) = wanted
            {
                on_object(object, ones, others);
            }
        }
    }

    /// Pairs of rows within a window.
    fn near(&self, ones: &[u32], others: &[u32], length: i64) -> u64 {
        let time = |at: &u32| self.field.row(*at).time;
        let near = |a: i64, b: i64| a.saturating_sub(b).saturating_abs() <= length;
        let ones = ones.iter().map(time);
        ones.map(|a| others.iter().filter(|b| near(a, time(b))).count() as u64).sum()
    }

    fn window(&self, at: usize, candidates: &[Candidate]) -> Expected {
        let Some(window) = self.field.windows.get(at) else { return Expected::default() };
        let mut expected = Expected {
            length: window.length,
            near: window.near.clone(),
            pairs: self.field.objects.iter().map(|object| object.pairs).collect(),
            ..Expected::default()
        };
        let mut meetings: Vec<u64> = window
            .strengths
            .iter()
            .map(|parts| parts.iter().map(|part| u64::from(*part)).sum())
            .collect();
        let alerted = alerted(window.length);
        for candidate in candidates {
            let shared = candidate.shared.get(at).copied().unwrap_or_default();
            // the least of p is that of all that they share
            if tail::binomial(shared, shared, alerted) >= SURE {
                continue;
            }
            let Candidate { one, other, .. } = *candidate;
            let mut both = 0;
            self.common(one, other, |_, _, _| both += 1);
            if tail::binomial(shared, both, alerted) < SURE {
                self.leave_out(one, other, &mut expected, &mut meetings);
            }
        }
        expected.mean = self.mean_share(&expected);
        expected.factors = self.factors(&expected, &meetings);
        expected
    }

    /// Takes what two suspects have in common out of what is expected.
    fn leave_out(&self, one: u32, other: u32, expected: &mut Expected, meetings: &mut [u64]) {
        expected.suspects.push((one, other));
        let mut met = 0;
        self.common(one, other, |object, ones, others| {
            let near = self.near(ones, others, expected.length);
            met += near;
            if let Some(sum) = expected.near.get_mut(object as usize) {
                *sum = sum.saturating_sub(near);
            }
            if let Some(sum) = expected.pairs.get_mut(object as usize) {
                *sum = sum.saturating_sub((ones.len() * others.len()) as u64);
            }
        });
        for account in [one, other] {
            if let Some(sum) = meetings.get_mut(account as usize) {
                *sum = sum.saturating_sub(met);
            }
        }
    }

    /// The mean share of pairs within the window, each object weighing as much as it has rows.
    fn mean_share(&self, expected: &Expected) -> f64 {
        let (mut sum, mut rows) = (0.0, 0.0);
        let counts = expected.near.iter().zip(&expected.pairs);
        for ((near, pairs), object) in counts.zip(&self.field.objects) {
            if *pairs > 0 {
                let weight = f64::from(object.rows);
                sum += weight * *near as f64 / *pairs as f64;
                rows += weight;
            }
        }
        if rows > 0.0 { sum / rows } else { 0.0 }
    }

    /// The factor of each account: its meetings by those that its objects' shares give, never below
    /// one.
    fn factors(&self, expected: &Expected, meetings: &[u64]) -> Vec<f64> {
        let share = |object: u32| {
            let of = |counts: &[u64]| counts.get(object as usize).copied().unwrap_or_default();
            let pairs = of(&expected.pairs) as f64;
            if pairs > 0.0 { of(&expected.near) as f64 / pairs } else { 0.0 }
        };
        let mut sums: Vec<i64> = vec![0; self.field.accounts as usize];
        for (account, sum) in (0_u32..).zip(&mut sums) {
            for piece in self.field.pieces(account) {
                let object = piece.first().map_or(u32::MAX, |at| self.field.row(*at).object);
                let rows = self.field.objects.get(object as usize).map_or(0, |facts| facts.rows);
                let others = f64::from(rows) - piece.len() as f64;
                *sum = sum.saturating_add(units(share(object) * piece.len() as f64 * others));
            }
        }
        for (one, other) in &expected.suspects {
            let mut without = 0_i64;
            self.common(*one, *other, |object, ones, others| {
                let ways = (ones.len() * others.len()) as f64;
                without = without.saturating_add(units(share(object) * ways));
            });
            for account in [one, other] {
                if let Some(sum) = sums.get_mut(*account as usize) {
                    *sum = sum.saturating_sub(without);
                }
            }
        }
        let factor = |(sum, met): (i64, &u64)| {
            let sum = (sum as f64 / UNIT).max(0.0);
            ((*met as f64 + PRIOR_MEETINGS) / (sum + PRIOR_MEETINGS)).max(1.0)
        };
        sums.into_iter().zip(meetings).map(factor).collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a sum that is too large stays the largest")]
fn units(value: f64) -> i64 {
    (value * UNIT).round() as i64
}

/// The chance that two people who are alerted at the same moment act within `window` milliseconds
/// of each other, if half of them act within a minute: times are log-logistic with median 60 s and
/// shape 1.8. About .12, .55 and .93 for 10, 60 and 300 s.
pub(super) fn alerted(window: i64) -> f64 {
    const MEDIAN: f64 = 60.0;
    const SHAPE: f64 = 1.8;
    const STEPS: u32 = 2000;
    let window = window as f64 / 1000.0;
    let below = |time: f64| if time > 0.0 { 1.0 / (1.0 + (time / MEDIAN).powf(-SHAPE)) } else { 0.0 };
    let sum: f64 = (0..STEPS)
        .map(|step| {
            let part = (f64::from(step) + 0.5) / f64::from(STEPS);
            let time = MEDIAN * (part / (1.0 - part)).powf(1.0 / SHAPE);
            below(time + window) - below(time - window)
        })
        .sum();
    sum / f64::from(STEPS)
}
