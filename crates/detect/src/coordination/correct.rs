//! The rate of false discoveries (Benjamini and Hochberg, 1995), where two explanations have to fail.

use super::null::{Pair, Told};

/// Keeps the pairs that are discoveries at the rate `fdr`, and sets the q of each.
///
/// p of chance meeting is one of `tests`, p of common taste one of those that `met`. A pair is among
/// r discoveries when its p are at most fdr·r/tests and fdr·r/met: the usual procedure on the larger
/// of both, each times its number of tests. So neither of the two kinds of pairs that are explained
/// is more than that share of the discoveries.
pub(super) fn keep_discoveries(pairs: &mut Vec<Pair>, told: &Told, fdr: f64) {
    let expected = |pair: &Pair| (pair.p_chance * told.tests).max(pair.p_taste * told.met as f64);
    pairs.sort_by(|a, b| expected(a).total_cmp(&expected(b)));
    let (mut least, mut rank) = (1.0_f64, pairs.len() as f64);
    for pair in pairs.iter_mut().rev() {
        least = least.min(expected(pair) / rank);
        pair.q = least;
        rank -= 1.0;
    }
    pairs.retain(|pair| pair.q <= fdr);
}

/// The largest of these p that is a discovery at the rate `fdr` among `tests` tests; 0 where none is.
pub(super) fn threshold(chances: &mut [f64], tests: f64, fdr: f64) -> f64 {
    chances.sort_unstable_by(f64::total_cmp);
    let mut rank = 0.0;
    let ranked = chances.iter().filter(|p| {
        rank += 1.0;
        **p * tests <= fdr * rank
    });
    ranked.last().copied().unwrap_or_default()
}
