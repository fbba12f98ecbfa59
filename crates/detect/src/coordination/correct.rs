//! The rate of false discoveries (Benjamini and Hochberg, 1995).

use super::null::Pair;

/// Keeps the pairs that are discoveries at the rate `fdr` among `tests` tests, those that are not
/// among `pairs` counting as tests without a result, and sets the q of each.
pub(super) fn keep_discoveries(pairs: &mut Vec<Pair>, tests: f64, fdr: f64) {
    pairs.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (mut least, mut rank) = (1.0_f64, pairs.len() as f64);
    for pair in pairs.iter_mut().rev() {
        least = least.min(pair.p * tests / rank);
        pair.q = least;
        rank -= 1.0;
    }
    pairs.retain(|pair| pair.q <= fdr);
}
