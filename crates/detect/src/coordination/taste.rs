//! Common taste: how many of the objects that two accounts both share they share within a window,
//! if each of them was as fast as others were.
//!
//! What is given here is that both shared the object at all, so that accounts with the same
//! interests are no finding. Under the null model the accounts that shared an object could have
//! changed places: the chance that two of them are within the window is the share `c_o` of all pairs
//! of its rows that are. On what both share, an account may be quick, or there when it is crowded,
//! by a factor f of its own: what it meets there, of anyone, by what the objects' shares give. So
//! `q_o = c_o·f_a·f_b`.
//!
//! A group that makes up most of an object's audience would explain itself that way. So suspects
//! ([`super::suspects`]) count for nothing in `c_o` and in f, and an object that nobody else shares
//! has the mean of all.

use hashbrown::HashMap;

use super::habits::{Habit, at_own_pace, timetable};
use super::meeting::{Candidate, Field, Window};
use super::null::Settings;
use super::rows::neighbours;
use super::sets::Sets;
use super::suspects;

/// Pairs that the mean of all objects weighs as much as, in an object's own share.
const PRIOR_PAIRS: f64 = 2.0;
/// Meetings that a factor of 1 weighs as much as, in an account's own factor.
const PRIOR_MEETINGS: f64 = 2.0;

/// Milliseconds of an occasion: an hour of the clock.
const OCCASION: i64 = 3_600_000;

/// What is expected in a window.
#[derive(Debug, Default)]
struct Expected {
    /// For each object: pairs of rows within the window, and all pairs, without suspects.
    near: Vec<u64>,
    pairs: Vec<u64>,
    /// The mean share of pairs that are within the window.
    mean: f64,
    /// Of rows: how many rows of suspects are within the window of it, and how many there are.
    left_out: HashMap<u32, (u32, u32)>,
}

/// The expectations of all windows.
#[derive(Debug)]
pub(super) struct Taste<'f> {
    field: &'f Field<'f>,
    /// Sets whose accounts count for nothing among themselves.
    suspects: Sets,
    windows: Vec<Expected>,
}

/// What an account met on the objects of a pair, and what was to be expected.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    met: f64,
    expected: f64,
}

impl Pace {
    /// How much more it met, never below one.
    fn factor(self) -> f64 {
        ((self.met + PRIOR_MEETINGS) / (self.expected + PRIOR_MEETINGS)).max(1.0)
    }
}

impl<'f> Taste<'f> {
    /// `candidates` are sorted.
    pub(super) fn new(field: &'f Field<'f>, candidates: &[Candidate], settings: &Settings) -> Self {
        let suspects = suspects::suspects(field, candidates, settings);
        let windows = (0..field.windows.len())
            .map(|at| expect(field, at, &suspects))
            .collect();
        Self {
            field,
            suspects,
            windows,
        }
    }

    fn are_suspects(&self, one: u32, other: u32) -> bool {
        let set = self.suspects.of(one);
        set.is_some() && set == self.suspects.of(other)
    }

    fn timetable(&self, account: u32) -> Option<i64> {
        let places = self.field.by_account.of(account).iter();
        timetable(&places.map(|at| self.field.row(*at).time))
    }

    /// What two accounts share, and what is expected of it if they only have their taste in common.
    pub(super) fn judge(&self, one: u32, other: u32, window: usize) -> Option<Judged> {
        let (expected, counted) = (self.windows.get(window)?, self.field.windows.get(window)?);
        let is_left_out = self.are_suspects(one, other);
        let step = self.timetable(one).zip(self.timetable(other));
        let step = step.map(|(one, other)| one.min(other));
        let (mut pace_one, mut pace_other) = (Pace::default(), Pace::default());
        let (mut shared, mut habits) = (Vec::new(), Vec::new());
        self.field.common(one, other, |object, ones, others| {
            let ways = ones.len() as u64 * others.len() as u64;
            let met = self.field.near(ones, others, counted.length);
            // nor may the pair explain itself
            let own = if is_left_out { (0, 0) } else { (met, ways) };
            let share = expected.share(object, own);
            let facts = self
                .field
                .objects
                .get(object as usize)
                .copied()
                .unwrap_or_default();
            let time = |rows: &[u32]| rows.first().map_or(0, |at| self.field.row(*at).time);
            let habit = Habit::new(
                self.field.row(facts.start).time,
                time(ones),
                time(others),
                step,
            );
            habits.push(habit);
            shared.push(Common {
                hour: time(ones).min(time(others)).div_euclid(OCCASION),
                chance: share * ways as f64,
                met: met > 0,
            });
            for (pace, rows) in [(&mut pace_one, ones), (&mut pace_other, others)] {
                let (met, possible) = around(expected, counted, facts.rows, rows);
                pace.met += (met - own.0 as f64).max(0.0);
                pace.expected += share * (possible - own.1 as f64).max(0.0);
            }
        });
        let factors = pace_one.factor() * pace_other.factor();
        let least = if is_left_out && step.is_none() {
            0.0
        } else {
            at_own_pace(&mut habits, counted.length)
        };
        let sum: f64 = shared
            .iter()
            .map(|common| (common.chance * factors).min(1.0))
            .sum();
        let is_habit = least * shared.len() as f64 > sum;
        for common in &mut shared {
            common.chance = if is_habit {
                least
            } else {
                (common.chance * factors).min(1.0)
            };
        }
        Some(Judged::of(shared))
    }
}

/// An object that two accounts both share.
#[derive(Debug, Clone, Copy)]
struct Common {
    /// The hour of the clock when the first of them did.
    hour: i64,
    /// The chance that they were within the window.
    chance: f64,
    /// Whether they were.
    met: bool,
}

/// What two accounts share.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Judged {
    /// Objects that both share.
    pub(super) both: u32,
    /// Hours in which both share something.
    pub(super) hours: u32,
    /// Hours in which they did so within the window.
    pub(super) met: u32,
    /// How many of those a common taste gives.
    pub(super) expected: f64,
}

impl Judged {
    /// Objects of one hour count once: who reads the same page at the same time shares several
    /// things of it within the window, and has met once.
    fn of(mut shared: Vec<Common>) -> Self {
        shared.sort_by(|a, b| a.hour.cmp(&b.hour).then(a.chance.total_cmp(&b.chance)));
        let mut judged = Judged {
            both: u32::try_from(shared.len()).unwrap_or(u32::MAX),
            ..Judged::default()
        };
        for hour in shared.chunk_by(|a, b| a.hour == b.hour) {
            judged.hours += 1;
            judged.met += u32::from(hour.iter().any(|common| common.met));
            judged.expected += 1.0
                - hour
                    .iter()
                    .map(|common| 1.0 - common.chance)
                    .product::<f64>();
        }
        judged
    }
}

/// What rows of an account met on an object that has `all` rows, and could have met, without
/// suspects.
fn around(expected: &Expected, counted: &Window, all: u32, rows: &[u32]) -> (f64, f64) {
    let (mut met, mut possible) = (0.0, 0.0);
    for at in rows {
        let near = counted.near.get(*at as usize).copied().unwrap_or_default();
        let (out, ways) = expected.left_out.get(at).copied().unwrap_or_default();
        met += f64::from(near.saturating_sub(out));
        let others = f64::from(all) - rows.len() as f64 - f64::from(ways);
        possible += others.max(0.0);
    }
    (met, possible)
}

impl Expected {
    /// The share of an object's pairs that are within the window, without (near, all) of its own.
    fn share(&self, object: u32, own: (u64, u64)) -> f64 {
        let of = |counts: &[u64]| counts.get(object as usize).copied().unwrap_or_default();
        let near = of(&self.near).saturating_sub(own.0) as f64;
        let pairs = of(&self.pairs).saturating_sub(own.1) as f64;
        (near + PRIOR_PAIRS * self.mean) / (pairs + PRIOR_PAIRS)
    }
}

/// Counts what is expected in a window, without suspects.
fn expect(field: &Field<'_>, at: usize, suspects: &Sets) -> Expected {
    let Some(window) = field.windows.get(at) else {
        return Expected::default();
    };
    let mut expected = Expected {
        near: vec![0; field.objects.len()],
        pairs: field.objects.iter().map(|object| object.pairs).collect(),
        ..Expected::default()
    };
    for (row, near) in field.rows.iter().zip(&window.near) {
        if let Some(sum) = expected.near.get_mut(row.object as usize) {
            *sum += u64::from(*near);
        }
    }
    leave_out(field, suspects, window.length, &mut expected);
    // each pair was counted from both of its ends
    expected.near.iter_mut().for_each(|near| *near /= 2);
    expected.mean = mean_share(field, &expected);
    expected
}

/// Takes what suspects of one set have in common out of what is expected.
fn leave_out(field: &Field<'_>, suspects: &Sets, length: i64, expected: &mut Expected) {
    let Expected {
        near,
        pairs,
        left_out,
        ..
    } = expected;
    // rows of a set on an object, and the squares of those of each account
    let mut sizes: HashMap<(u32, u32), (u64, u64)> = HashMap::new();
    let members = || {
        suspects
            .members()
            .filter_map(|one| Some((one, suspects.of(one)?)))
    };
    let object = |piece: &[u32]| piece.first().map_or(u32::MAX, |at| field.row(*at).object);
    for (member, set) in members() {
        for piece in field.pieces(member) {
            let (rows, squares) = sizes.entry((object(piece), set)).or_default();
            *rows += piece.len() as u64;
            *squares += (piece.len() * piece.len()) as u64;
        }
    }
    for (member, set) in members() {
        for piece in field.pieces(member) {
            let (rows, _) = sizes
                .get(&(object(piece), set))
                .copied()
                .unwrap_or_default();
            let ways = rows.saturating_sub(piece.len() as u64);
            for at in piece.iter().filter(|_| ways > 0) {
                let mut met = 0;
                neighbours(field.rows, *at as usize, length, |other, _| {
                    met += u32::from(
                        other.account != member && suspects.of(other.account) == Some(set),
                    );
                });
                left_out.insert(*at, (met, u32::try_from(ways).unwrap_or(u32::MAX)));
                if let Some(sum) = near.get_mut(object(piece) as usize) {
                    *sum = sum.saturating_sub(u64::from(met));
                }
            }
        }
    }
    for ((object, _), (rows, squares)) in sizes {
        if let Some(sum) = pairs.get_mut(object as usize) {
            *sum = sum.saturating_sub((rows * rows - squares) / 2);
        }
    }
}

/// The mean share of pairs within the window, each object weighing as much as it has rows.
fn mean_share(field: &Field<'_>, expected: &Expected) -> f64 {
    let (mut sum, mut rows) = (0.0, 0.0);
    let counts = expected.near.iter().zip(&expected.pairs);
    for ((near, pairs), object) in counts.zip(&field.objects) {
        if *pairs > 0 {
            let weight = f64::from(object.rows);
            sum += weight * *near as f64 / *pairs as f64;
            rows += weight;
        }
    }
    if rows > 0.0 { sum / rows } else { 0.0 }
}
