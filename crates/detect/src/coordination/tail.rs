//! Chances far out: how likely a count at least as large is.

use std::f64::consts::PI;

/// The natural logarithm of n!.
fn ln_factorial(n: u32) -> f64 {
    if n < 16 {
        return (2..=n).map(|factor| f64::from(factor).ln()).sum();
    }
    let n = f64::from(n);
    // Stirling's series; the error is below 1e-11 from 16 on
    let inverse = 1.0 / n;
    let correction = inverse / 12.0 - inverse.powi(3) / 360.0 + inverse.powi(5) / 1260.0;
    n * n.ln() - n + 0.5 * (2.0 * PI * n).ln() + correction
}

/// The chance that a Poisson variable of mean `mean` is at least `count`; 1 where the count is no
/// larger than the mean.
pub(super) fn poisson(count: u32, mean: f64) -> f64 {
    let k = f64::from(count);
    if count == 0 || k <= mean {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    let first = (k * mean.ln() - mean - ln_factorial(count)).exp();
    sum_of(first, |step| mean / (k + step))
}

/// The chance that of `trials` at least `count` succeed, each with the chance `chance`; 1 where the
/// count is no larger than the mean.
///
/// Where chances differ this holds with their mean for any count above the mean by one or more
/// (Hoeffding, 1956, theorem 4).
pub(super) fn binomial(count: u32, trials: u32, chance: f64) -> f64 {
    let (k, n) = (f64::from(count), f64::from(trials));
    if count == 0 || k <= n * chance || chance >= 1.0 {
        return 1.0;
    }
    if count > trials || chance <= 0.0 {
        return 0.0;
    }
    let ways = ln_factorial(trials) - ln_factorial(count) - ln_factorial(trials - count);
    let first = (ways + k * chance.ln() + (n - k) * (-chance).ln_1p()).exp();
    let odds = chance / (1.0 - chance);
    sum_of(first, |step| (n - k - step + 1.0) / (k + step) * odds)
}

/// A sum of terms that shrink, each of them the one before it times its ratio.
fn sum_of(first: f64, ratio: impl Fn(f64) -> f64) -> f64 {
    let (mut term, mut sum, mut step) = (first, first, 0.0);
    loop {
        step += 1.0;
        term *= ratio(step).max(0.0);
        let before = sum;
        sum += term;
        if sum <= before || step > 1e6 {
            return sum.min(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, expected: f64) {
        assert!(
            (got / expected - 1.0).abs() < 1e-9,
            "{got:e} is not {expected:e}"
        );
    }

    #[test]
    fn tails_are_those_of_the_tables() {
        // scipy.stats.poisson.sf(k - 1, mean), binom.sf(k - 1, n, p)
        near(poisson(3, 0.5), 0.014_387_677_966_970_687);
        near(poisson(40, 2.0), 1.917_158_341_594_273_6e-37);
        near(binomial(7, 7, 0.5), 0.007_812_5);
        near(binomial(3, 10, 0.1), 0.070_190_826_4);
        near(poisson(2, 1e-6), 4.999_996_666_668e-13);
        assert!((poisson(1, 3.0) - 1.0).abs() < f64::EPSILON);
        assert!(binomial(3, 2, 0.1).abs() < f64::EPSILON);
    }
}
