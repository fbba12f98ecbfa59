//! Chance meeting: how often two accounts share within a window because both share where and when
//! many do.
//!
//! The strength of an account is how many rows of others are within the window of its own rows, by
//! hour of the day. Under the null model who meets whom is a matter of strengths alone (Chung and
//! Lu's graph, 2002), within each part of the day: `λ = Σ S_a(h)·S_b(h) / Σ S(h)`. An account that is
//! in the midst of every burst of news has a large strength, and so meets many by chance; time
//! zones, which make people awake together, are in the parts of the day.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use super::null::{LARGEST_P, MOST_WINDOWS, Settings};
use super::posts::Row;
use super::rows::{ByAccount, crowds, neighbours};
use super::tail;

/// Parts of the day that meetings are counted in.
const PARTS: usize = 8;
const DAY: i64 = 86_400_000;
/// Accounts that a thread takes at a time.
const TAKEN: u32 = 256;

/// Who shared an object, without a window.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Object {
    /// Where its rows begin.
    pub(super) start: u32,
    /// Its rows.
    pub(super) rows: u32,
    /// Pairs of its rows that are of different accounts.
    pub(super) pairs: u64,
}

/// What is known of a window.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// In milliseconds.
    pub(super) length: i64,
    /// For each row: rows of others of the same object that are within the window.
    pub(super) near: Vec<u32>,
    /// For each account: rows of others within the window of its own, by part of the day.
    pub(super) strengths: Vec<[u32; PARTS]>,
    /// The sum of all strengths.
    totals: [u64; PARTS],
}

/// The rows of a layer, counted.
#[derive(Debug)]
pub(super) struct Field<'r> {
    pub(super) rows: &'r [Row],
    pub(super) by_account: ByAccount,
    pub(super) objects: Vec<Object>,
    pub(super) windows: Vec<Window>,
    pub(super) accounts: u32,
    /// Accounts that share two objects at least: no others can meet twice.
    eligible: u64,
}

impl<'r> Field<'r> {
    pub(super) fn new(rows: &'r [Row], objects: usize, accounts: usize, windows: &[i64]) -> Self {
        let mut field = Self {
            rows,
            by_account: ByAccount::new(rows, accounts),
            objects: vec![Object::default(); objects],
            windows: Vec::with_capacity(windows.len()),
            accounts: u32::try_from(accounts).unwrap_or(u32::MAX),
            eligible: 0,
        };
        field.count_objects();
        for window in windows {
            let counted = field.count_window(*window, accounts);
            field.windows.push(counted);
        }
        field
    }

    /// Pairs of accounts that can meet twice.
    pub(super) fn pairs(&self) -> f64 {
        let eligible = self.eligible as f64;
        eligible * (eligible - 1.0).max(0.0) / 2.0
    }

    /// An account's rows, a piece for each object.
    pub(super) fn pieces(&self, account: u32) -> impl Iterator<Item = &[u32]> {
        let object = |at: u32| self.row(at).object;
        self.by_account
            .of(account)
            .chunk_by(move |a, b| object(*a) == object(*b))
    }

    #[inline]
    pub(super) fn row(&self, at: u32) -> Row {
        const NONE: Row = Row {
            object: u32::MAX,
            account: 0,
            time: 0,
            content: 0,
            is_itself: false,
        };
        self.rows.get(at as usize).copied().unwrap_or(NONE)
    }

    /// Hands over each object that both accounts share, with the positions of the rows of each.
    pub(super) fn common(
        &self,
        one: u32,
        other: u32,
        mut on_object: impl FnMut(u32, &[u32], &[u32]),
    ) {
        let object = |piece: &[u32]| piece.first().map(|at| self.row(*at).object);
        let mut ones = self.pieces(one).peekable();
        for others in self.pieces(other) {
            let wanted = object(others);
            while ones.next_if(|piece| object(piece) < wanted).is_some() {}
            if let Some(ones) = ones.next_if(|piece| object(piece) == wanted)
                && let Some(object) = wanted
            {
                on_object(object, ones, others);
            }
        }
    }

    /// Hands over each of `ones` with how many of `others` are within a window of it. Both are rows
    /// of one account on one object, and so sorted by time.
    pub(super) fn near_each(
        &self,
        ones: &[u32],
        others: &[u32],
        length: i64,
        mut on_row: impl FnMut(u32, u32),
    ) {
        let (mut low, mut high) = (0_usize, 0_usize);
        let time = |at: &u32| self.row(*at).time;
        for at in ones {
            let (from, to) = (
                time(at).saturating_sub(length),
                time(at).saturating_add(length),
            );
            while others.get(low).is_some_and(|other| time(other) < from) {
                low += 1;
            }
            high = high.max(low);
            while others.get(high).is_some_and(|other| time(other) <= to) {
                high += 1;
            }
            on_row(*at, u32::try_from(high - low).unwrap_or(u32::MAX));
        }
    }

    /// Pairs of these rows that are within a window.
    pub(super) fn near(&self, ones: &[u32], others: &[u32], length: i64) -> u64 {
        let mut pairs = 0;
        self.near_each(ones, others, length, |_, near| pairs += u64::from(near));
        pairs
    }

    fn count_objects(&mut self) {
        for (at, row) in (0_u32..).zip(self.rows) {
            if let Some(object) = self.objects.get_mut(row.object as usize) {
                if object.rows == 0 {
                    object.start = at;
                }
                object.rows += 1;
            }
        }
        // Σr², twice what is no pair of different accounts (and each row with itself)
        let mut squares = vec![0_u64; self.objects.len()];
        for account in 0..self.accounts {
            let mut pieces = 0;
            for piece in self.pieces(account) {
                pieces += 1;
                let object = piece.first().map_or(u32::MAX, |at| self.row(*at).object);
                if let Some(square) = squares.get_mut(object as usize) {
                    *square += (piece.len() * piece.len()) as u64;
                }
            }
            self.eligible += u64::from(pieces > 1);
        }
        for (object, square) in self.objects.iter_mut().zip(squares) {
            object.pairs = (u64::from(object.rows) * u64::from(object.rows) - square) / 2;
        }
    }

    fn count_window(&self, length: i64, accounts: usize) -> Window {
        let mut window = Window {
            length,
            near: crowds(self.rows, length),
            strengths: vec![[0; PARTS]; accounts],
            totals: [0; PARTS],
        };
        let Window {
            near,
            strengths,
            totals,
            ..
        } = &mut window;
        for (account, strength) in (0_u32..).zip(strengths) {
            for piece in self.pieces(account) {
                self.near_each(piece, piece, length, |at, own| {
                    let Some(others) = near.get_mut(at as usize) else {
                        return;
                    };
                    // a crowd is without the row itself
                    *others = others.saturating_sub(own - own.min(1));
                    let part = part_of_day(self.row(at).time);
                    if let Some(sum) = strength.get_mut(part) {
                        *sum = sum.saturating_add(*others);
                    }
                    if let Some(total) = totals.get_mut(part) {
                        *total += u64::from(*others);
                    }
                });
            }
        }
        window
    }

    /// How many objects two accounts share within a window by chance: λ.
    #[inline]
    pub(super) fn chance_meetings(&self, one: u32, other: u32, window: usize) -> f64 {
        let Some(window) = self.windows.get(window) else {
            return f64::INFINITY;
        };
        let strength = |account: u32| window.strengths.get(account as usize);
        let Some((a, b)) = strength(one).zip(strength(other)) else {
            return f64::INFINITY;
        };
        let parts = a.iter().zip(b).zip(&window.totals);
        let parts = parts.filter(|(_, total)| **total > 0);
        parts
            .map(|((a, b), total)| f64::from(*a) * f64::from(*b) / *total as f64)
            .sum()
    }
}

pub(super) fn part_of_day(time: i64) -> usize {
    const PART: i64 = DAY / 8;
    usize::try_from(time.rem_euclid(DAY) / PART).unwrap_or_default()
}

/// Two accounts that meet more often than by chance, in one window at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) one: u32,
    pub(super) other: u32,
    /// For each window: different objects that both shared within it.
    pub(super) shared: [u32; MOST_WINDOWS],
}

/// Pairs that met.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    /// Sorted by accounts.
    pub(super) candidates: Vec<Candidate>,
    /// How many pairs × windows share enough objects.
    pub(super) met: u64,
}

/// Counts every pair within the windows; keeps those that do not meet by chance. Memory is a row
/// for each account and thread, and what is kept. Of the windows the first `asked` count as met.
pub(super) fn candidates(field: &Field<'_>, settings: &Settings, asked: usize) -> Meetings {
    let next = AtomicU32::new(0);
    let threads = settings.threads.max(1);
    let mut all = thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| Counter::new(field, settings, asked).count(&next)))
            .collect();
        let mut all = Meetings::default();
        for thread in running {
            if let Ok(meetings) = thread.join() {
                all.candidates.extend(meetings.candidates);
                all.met += meetings.met;
            }
        }
        all
    });
    all.candidates.sort_unstable();
    all
}

/// What an account has in common with the one being counted.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    /// The last object, plus one.
    object: u32,
    /// The narrowest window for it so far.
    window: u32,
    shared: [u32; MOST_WINDOWS],
}

struct Counter<'f> {
    /// The windows that were asked for are the first.
    asked: usize,
    field: &'f Field<'f>,
    settings: &'f Settings,
    met: Vec<Met>,
    touched: Vec<u32>,
    meetings: Meetings,
}

impl<'f> Counter<'f> {
    fn new(field: &'f Field<'f>, settings: &'f Settings, asked: usize) -> Self {
        Self {
            asked,
            field,
            settings,
            met: vec![Met::default(); field.accounts as usize],
            touched: Vec::new(),
            meetings: Meetings::default(),
        }
    }

    fn count(mut self, next: &AtomicU32) -> Meetings {
        loop {
            let from = next.fetch_add(TAKEN, Ordering::Relaxed);
            if from >= self.field.accounts || from > u32::MAX - TAKEN {
                return self.meetings;
            }
            for account in from..(from + TAKEN).min(self.field.accounts) {
                self.account(account);
            }
        }
    }

    /// Counts the pairs of an account with those of higher numbers.
    fn account(&mut self, account: u32) {
        let Self {
            field,
            settings,
            met,
            touched,
            ..
        } = self;
        // no account that shares one object alone can meet another twice
        if field.pieces(account).nth(1).is_none() {
            return;
        }
        let widest = settings.windows.last().copied().unwrap_or_default();
        for at in field.by_account.of(account) {
            neighbours(field.rows, *at as usize, widest, |other, away| {
                if other.account <= account {
                    return;
                }
                let Some(met) = met.get_mut(other.account as usize) else {
                    return;
                };
                let fits = settings
                    .windows
                    .iter()
                    .take_while(|window| **window < away)
                    .count();
                if met.object == 0 {
                    touched.push(other.account);
                }
                let until = if met.object == other.object + 1 {
                    met.window as usize
                } else {
                    met.object = other.object + 1;
                    settings.windows.len()
                };
                if fits < until {
                    met.window = u32::try_from(fits).unwrap_or_default();
                    let wider = met.shared.get_mut(fits..until);
                    wider.into_iter().flatten().for_each(|shared| *shared += 1);
                }
            });
        }
        self.keep(account);
    }

    fn keep(&mut self, one: u32) {
        let mut touched = std::mem::take(&mut self.touched);
        for other in touched.drain(..) {
            let Some(met) = self.met.get_mut(other as usize) else {
                continue;
            };
            let shared = std::mem::take(met).shared;
            let mut is_candidate = false;
            for (window, shared) in shared.iter().enumerate().take(self.settings.windows.len()) {
                if *shared >= self.settings.min_shared.max(2) {
                    self.meetings.met += u64::from(window < self.asked);
                    let mean = self.field.chance_meetings(one, other, window);
                    is_candidate |= tail::poisson(*shared, mean) <= LARGEST_P;
                }
            }
            if is_candidate {
                self.meetings
                    .candidates
                    .push(Candidate { one, other, shared });
            }
        }
        self.touched = touched;
    }
}
