//! The null model: pairs of accounts that no innocent explanation covers.
//!
//! For accounts a and b, w is the number of different objects that both shared within the window τ
//! of each other, objects of one hour of the clock counting once. Two explanations are tried on each pair, and it is given only when both fail:
//!
//! 1. **Chance meeting** ([`super::meeting`]): both share at times and on objects where many do.
//! 2. **Common taste** ([`super::taste`]): both share the same objects, each as fast as others do.
//!
//! Each gives a chance of seeing w or more. Benjamini and Hochberg's correction (1995) holds the rate
//! of false discoveries: chance meeting is tested for all pairs × windows × layers, common taste for
//! those of them that met often enough to be asked: see [`super::correct`].

use thiserror::Error;

use super::correct;
use super::meeting::{self, Candidate, Field};
use super::posts::{Layer, Row, Shares, Sorted};
use super::rows::crowds;
use super::tail;
use super::taste::Taste;

/// Windows that are looked at together at most.
pub const MOST_WINDOWS: usize = 4;
/// A window that is looked at beside narrower ones, in milliseconds.
const COMPANION: i64 = 300_000;
/// No pair whose p is above this is given, whatever the correction allows.
pub(super) const LARGEST_P: f64 = 1e-4;

/// How it is looked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Windows in milliseconds, at most [`MOST_WINDOWS`].
    pub windows: Vec<i64>,
    /// The rate of false discoveries among the pairs given, between 0 and 1.
    pub fdr: f64,
    /// Different objects that a pair shares within a window at least.
    pub min_shared: u32,
    /// Rows with more others of the same object than this within the widest window are left out: two
    /// accounts in such a crowd say nothing of each other.
    pub dense: u32,
    /// Threads that count.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            windows: vec![10_000, 60_000, 300_000],
            fdr: 0.01,
            min_shared: 2,
            dense: 20_000,
            threads: 1,
        }
    }
}

/// Settings out of their range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unusable {
    /// No window, too many, or one that is negative or given twice.
    #[error("1 to {MOST_WINDOWS} different windows are needed, none of them negative")]
    Windows,
    /// The rate is not between 0 and 1.
    #[error("the rate of false discoveries is above 0 and below 1")]
    Rate,
}

/// Two accounts that shared the same objects within a window, more often than is explained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// What they have in common.
    pub layer: Layer,
    /// The window in milliseconds.
    pub window: i64,
    /// The account of the lower number.
    pub one: u32,
    /// The other.
    pub other: u32,
    /// Different objects that both shared within the window: w.
    pub shared: u32,
    /// Different objects that both shared at all.
    pub both: u32,
    /// Different hours in which they were within the window of each other: objects of one hour of
    /// the clock count once, so that reading the same page at the same time is one meeting.
    pub met: u32,
    /// Different hours in which both shared the same object at all.
    pub hours: u32,
    /// How many meetings chance gives: λ.
    pub by_chance: f64,
    /// How many a common taste gives.
    pub by_taste: f64,
    /// The chance of so many meetings if they meet by chance.
    pub p_chance: f64,
    /// The chance of so many if they have their taste in common.
    pub p_taste: f64,
    /// The rate of false discoveries at which the pair is among those given.
    pub q: f64,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Told {
    /// Pairs × windows × layers that the correction is for.
    pub tests: f64,
    /// Pairs × windows × layers that share enough objects within a window.
    pub met: u64,
    /// Rows left out because they are in a crowd: see [`Settings::dense`].
    pub dense: u64,
}

/// Pairs that are not explained.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The pairs, sorted by layer, accounts and window.
    pub pairs: Vec<Pair>,
    /// What was looked at.
    pub told: Told,
}

/// Finds pairs that the null model does not explain, in all layers and windows.
///
/// # Errors
/// When the settings are out of their range.
pub fn null(sorted: &Sorted, settings: &Settings) -> Result<Found, Unusable> {
    let mut windows = settings.windows.clone();
    windows.sort_unstable();
    windows.dedup();
    let many = windows.is_empty() || windows.len() > MOST_WINDOWS;
    if many || windows.len() != settings.windows.len() || windows.first().is_some_and(|w| *w < 0) {
        return Err(Unusable::Windows);
    }
    if !(settings.fdr > 0.0 && settings.fdr < 1.0) {
        return Err(Unusable::Rate);
    }
    let asked = windows.len();
    // whom an account meets is seen by a wide window, also where narrow ones are asked for
    if asked < MOST_WINDOWS && windows.last().is_some_and(|widest| *widest < COMPANION) {
        windows.push(COMPANION);
    }
    let settings = Settings {
        windows,
        ..settings.clone()
    };
    let mut found = Found::default();
    for shares in &sorted.layers {
        layer(shares, sorted.accounts(), &settings, asked, &mut found);
    }
    correct::keep_discoveries(&mut found.pairs, &found.told, settings.fdr);
    found
        .pairs
        .sort_by_key(|pair| (pair.layer, pair.one, pair.other, pair.window));
    Ok(found)
}

/// Adds the pairs of a layer that may be discoveries.
fn layer(shares: &Shares, accounts: usize, settings: &Settings, asked: usize, found: &mut Found) {
    let sparse = without_crowds(&shares.rows, settings);
    let rows = sparse.as_deref().unwrap_or(&shares.rows);
    found.told.dense += (shares.rows.len() - rows.len()) as u64;
    let field = Field::new(rows, shares.objects.len(), accounts, &settings.windows);
    let meetings = meeting::candidates(&field, settings, asked);
    found.told.tests += field.pairs() * asked as f64;
    found.told.met += meetings.met;
    let taste = Taste::new(&field, &meetings.candidates, settings);
    let judge = Judge {
        layer: shares.layer,
        field: &field,
        taste: &taste,
        windows: settings.windows.get(..asked).unwrap_or_default(),
        min_shared: settings.min_shared,
    };
    for candidate in &meetings.candidates {
        judge.judge(candidate, &mut found.pairs);
    }
}

/// Tries both explanations.
struct Judge<'j> {
    layer: Layer,
    field: &'j Field<'j>,
    taste: &'j Taste<'j>,
    windows: &'j [i64],
    min_shared: u32,
}

impl Judge<'_> {
    /// Adds the windows in which a candidate may be a discovery.
    fn judge(&self, candidate: &Candidate, pairs: &mut Vec<Pair>) {
        let Self { field, taste, .. } = *self;
        let Candidate { one, other, .. } = *candidate;
        for (at, window) in self.windows.iter().enumerate() {
            let shared = candidate.shared.get(at).copied().unwrap_or_default();
            if shared < self.min_shared {
                continue;
            }
            let by_chance = field.chance_meetings(one, other, at);
            if tail::poisson(shared, by_chance) > LARGEST_P {
                continue;
            }
            let Some(judged) = taste.judge(one, other, at) else {
                continue;
            };
            let p_chance = tail::poisson(judged.met, by_chance);
            let mean = judged.expected / f64::from(judged.hours.max(1));
            let p_taste = tail::binomial(judged.met, judged.hours, mean);
            if p_chance.max(p_taste) <= LARGEST_P {
                pairs.push(Pair {
                    layer: self.layer,
                    window: *window,
                    one,
                    other,
                    shared,
                    both: judged.both,
                    met: judged.met,
                    hours: judged.hours,
                    by_chance,
                    by_taste: judged.expected,
                    p_chance,
                    p_taste,
                    q: 1.0,
                });
            }
        }
    }
}

/// The rows that are in no crowd, where some are.
fn without_crowds(rows: &[Row], settings: &Settings) -> Option<Vec<Row>> {
    let widest = settings.windows.last().copied().unwrap_or_default();
    let crowds = crowds(rows, widest);
    if crowds.iter().all(|crowd| *crowd <= settings.dense) {
        return None;
    }
    let sparse = rows
        .iter()
        .zip(crowds)
        .filter(|(_, crowd)| *crowd <= settings.dense);
    Some(sparse.map(|(row, _)| *row).collect())
}
