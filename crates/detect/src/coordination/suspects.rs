//! Suspects: pairs that count for nothing when it is estimated what is usual.
//!
//! An account is suspect where, over all whom it does not meet by chance, it is within the window on
//! more of what they both share than two people are who are alerted at the same moment
//! ([`alerted()`]). Two suspect accounts that are so with each other are suspects.

use hashbrown::HashMap;

use super::meeting::{Candidate, Field};
use super::null::Settings;

/// Suspects of any window, sorted. `candidates` are sorted.
pub(super) fn suspects(
    field: &Field<'_>,
    candidates: &[Candidate],
    settings: &Settings,
) -> Vec<(u32, u32)> {
    let mut both: Vec<u32> = Vec::with_capacity(candidates.len());
    for Candidate { one, other, .. } in candidates {
        let mut count = 0;
        field.common(*one, *other, |_, _, _| count += 1);
        both.push(count);
    }
    let mut suspects = Vec::new();
    for (at, window) in settings.windows.iter().enumerate() {
        let alerted = alerted(*window);
        let shared = |candidate: &Candidate| candidate.shared.get(at).copied().unwrap_or_default();
        // (objects within the window, objects)
        let mut accounts: HashMap<u32, (u64, u64)> = HashMap::new();
        for (candidate, both) in candidates.iter().zip(&both) {
            for account in [candidate.one, candidate.other] {
                let (within, all) = accounts.entry(account).or_default();
                *within += u64::from(shared(candidate));
                *all += u64::from(*both);
            }
        }
        let is_suspect = |account: u32| {
            let counts = accounts.get(&account);
            counts.is_some_and(|(within, all)| *within as f64 > alerted * *all as f64)
        };
        for (candidate, both) in candidates.iter().zip(&both) {
            let Candidate { one, other, .. } = *candidate;
            let together = f64::from(shared(candidate)) > alerted * f64::from(*both);
            if together && is_suspect(one) && is_suspect(other) {
                suspects.push((one, other));
            }
        }
    }
    suspects.sort_unstable();
    suspects.dedup();
    suspects
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
