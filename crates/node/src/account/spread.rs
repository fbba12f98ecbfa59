//! How long answers took: how many took how long, to three digits of minutes.

use std::collections::BTreeMap;

/// Answers by the minutes that they took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread(BTreeMap<u32, u64>);

impl Spread {
    /// Seconds as whole minutes, to the nearest of three significant digits: what is kept of an answer
    /// time.
    pub fn minutes(seconds: i64) -> u32 {
        let minutes = u32::try_from((seconds.max(0) + 30) / 60).unwrap_or(u32::MAX);
        let mut unit = 1;
        while minutes / unit >= 1000 {
            unit *= 10;
        }
        (minutes / unit + u32::from(minutes % unit * 2 >= unit && unit > 1)) * unit
    }

    /// Counts so many answers that took these minutes.
    pub fn add(&mut self, minutes: u32, answers: u64) {
        *self.0.entry(minutes).or_default() += answers;
    }

    /// How many answers there are.
    pub fn answers(&self) -> u64 {
        self.0.values().sum()
    }

    /// The minutes within which this share of answers, in hundredths, came (nearest rank); none without
    /// an answer.
    pub fn percentile(&self, hundredths: u64) -> Option<u32> {
        let rank = (self.answers() * hundredths).div_ceil(100).max(1);
        let mut so_far = 0;
        for (minutes, answers) in &self.0 {
            so_far += answers;
            if so_far >= rank {
                return Some(*minutes);
            }
        }
        None
    }

    /// The minutes within which half of them came.
    pub fn median(&self) -> Option<u32> {
        self.percentile(50)
    }

    /// The minutes within which nine of ten came.
    pub fn p90(&self) -> Option<u32> {
        self.percentile(90)
    }

    /// Minutes and answers, the quickest first.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        self.0.iter().map(|(minutes, answers)| (*minutes, *answers))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn minutes_have_three_digits() {
        let all = [0, 29, 30, 90, 999 * 60, 1_004 * 60, 1_005 * 60, 99_950 * 60];
        assert_eq!(
            all.map(Spread::minutes),
            [0, 0, 1, 2, 999, 1_000, 1_010, 100_000]
        );
        assert_eq!(Spread::minutes(i64::MAX / 2), 4_290_000_000);
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(Spread::default().median(), None);
    }

    proptest! {
        #[test]
        fn a_percentile_is_that_of_the_sorted_list(
            mut all in prop::collection::vec(0u32..2000, 1..60),
            hundredths in 0u64..=100,
        ) {
            let mut spread = Spread::default();
            for minutes in &all {
                spread.add(*minutes, 1);
            }
            all.sort_unstable();
            // The first of the sorted list by which so many hundredths of all have come.
            let come = |at: &usize| (*at as u64 + 1) * 100 >= all.len() as u64 * hundredths;
            let exact = (0..all.len()).find(come);
            prop_assert_eq!(spread.percentile(hundredths), Some(all[exact.unwrap()]));
        }
    }
}
