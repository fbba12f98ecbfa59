//! Suspects: sets of accounts that count for nothing when it is estimated what is usual.
//!
//! An account is suspect where, over all whom it does not meet by chance, it is within the window on
//! more of what they both share than two people are who are alerted at the same moment
//! ([`alerted()`]). Suspect accounts that are so with each other are of one set.

use hashbrown::HashMap;

use super::correct::threshold;
use super::meeting::{Candidate, Field};
use super::null::Settings;
use super::sets::Sets;
use super::tail;

/// Objects that two suspects share within a window at least.
const LEAST: u32 = 3;

/// The sets that suspects are of, in any window. `candidates` are sorted.
pub(super) fn suspects(field: &Field<'_>, candidates: &[Candidate], settings: &Settings) -> Sets {
    let mut sets = Sets::default();
    let meetings = meetings(field, candidates, settings);
    for (at, window) in settings.windows.iter().enumerate() {
        let alerted = alerted(*window);
        let often = |shared: u64, both: u64| shared as f64 > alerted * both as f64;
        let shared = |candidate: &Candidate| candidate.shared.get(at).copied().unwrap_or_default();
        // (objects within the window, objects), of all whom an account does not meet by chance in
        // any window: those of this one alone would be chosen for being close
        let mut accounts: HashMap<u32, (u64, u64)> = HashMap::new();
        for (candidate, both) in &meetings {
            for account in [candidate.one, candidate.other] {
                let sums = accounts.entry(account).or_default();
                sums.0 += u64::from(shared(candidate));
                sums.1 += u64::from(*both);
            }
        }
        let is_suspect = |account: u32| accounts.get(&account).is_some_and(|(s, b)| often(*s, *b));
        for (candidate, both) in &meetings {
            let Candidate { one, other, .. } = **candidate;
            let shared = shared(candidate);
            let together = shared >= LEAST && often(u64::from(shared), u64::from(*both));
            if together && is_suspect(one) && is_suspect(other) {
                sets.join(one, other);
            }
        }
    }
    sets
}

/// Those who do not meet by chance, were there no other explanation, with how many objects both
/// share.
fn meetings<'c>(
    field: &Field<'_>,
    candidates: &'c [Candidate],
    settings: &Settings,
) -> Vec<(&'c Candidate, u32)> {
    let chances = |candidate: &Candidate| {
        let Candidate { one, other, shared } = *candidate;
        let windows = shared.into_iter().enumerate().take(settings.windows.len());
        windows.map(move |(at, w)| tail::poisson(w, field.chance_meetings(one, other, at)))
    };
    let mut all: Vec<f64> = candidates.iter().flat_map(chances).collect();
    let tests = field.pairs() * settings.windows.len() as f64;
    let limit = threshold(&mut all, tests, settings.fdr);
    let unlikely = |candidate: &&Candidate| chances(candidate).any(|p| p <= limit);
    let both = |candidate: &'c Candidate| {
        let mut both = 0;
        field.common(candidate.one, candidate.other, |_, _, _| both += 1);
        (candidate, both)
    };
    candidates.iter().filter(unlikely).map(both).collect()
}

/// The chance that two people who are alerted at the same moment act within `window` milliseconds
/// of each other, if half of them act within a minute: times are log-logistic with median 60 s and
/// shape 1.8. About .12, .55 and .93 for 10, 60 and 300 s.
pub(super) fn alerted(window: i64) -> f64 {
    const MEDIAN: f64 = 60.0;
    const SHAPE: f64 = 1.8;
    const STEPS: u32 = 2000;
    let window = window as f64 / 1000.0;
    let below = |time: f64| {
        if time > 0.0 {
            1.0 / (1.0 + (time / MEDIAN).powf(-SHAPE))
        } else {
            0.0
        }
    };
    let sum: f64 = (0..STEPS)
        .map(|step| {
            let part = (f64::from(step) + 0.5) / f64::from(STEPS);
            let time = MEDIAN * (part / (1.0 - part)).powf(1.0 / SHAPE);
            below(time + window) - below(time - window)
        })
        .sum();
    sum / f64::from(STEPS)
}
