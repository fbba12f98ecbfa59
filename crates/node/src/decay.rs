//! How a signal loses weight with time, where its producer does not say when it ends.
//!
//! The polynomial of MISP's decaying models: `score = 100 · (1 − (t/τ)^(1/δ))`, with `t` since the
//! signal was added or last seen. An address passes to others within months, a name stays longer, a
//! digest names the same file for ever.

use matching::Kind;

use crate::clock::DAY;

/// δ: above 1, the score falls fast at first.
const SPEED: f64 = 2.0;
/// What a signal starts with, and keeps where nothing decays.
pub const WHOLE: u8 = 100;

/// τ in days: after how many a signal about this kind says nothing any more; none when it never
/// does.
pub const fn lifetime(kind: Kind) -> Option<u32> {
    match kind {
        Kind::Ipv4 | Kind::Ipv6 => Some(90),
        Kind::Url => Some(180),
        Kind::Domain | Kind::Email => Some(365),
        Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 => None,
    }
}

/// The score, 0 to 100, of what was added or last seen this many microseconds ago. It is 0 from the
/// end of the lifetime on, and not before.
pub fn score(kind: Kind, elapsed: i64) -> u8 {
    let Some(days) = lifetime(kind) else {
        return WHOLE;
    };
    let whole = i64::from(days) * DAY;
    if elapsed >= whole {
        return 0;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "a score for people, of whole percents"
    )]
    let part = elapsed.max(0) as f64 / whole as f64;
    let score = 100.0 * (1.0 - part.powf(1.0 / SPEED));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 100"
    )]
    let score = score.ceil().clamp(1.0, 100.0) as u8;
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_falls_to_nought_at_the_end_of_the_lifetime_and_not_before() {
        assert_eq!(score(Kind::Ipv4, 0), 100);
        assert_eq!(score(Kind::Ipv4, -DAY), 100, "a clock that went back");
        // 100 · (1 − √(22.5/90)) = 50
        assert_eq!(score(Kind::Ipv4, DAY * 45 / 2), 50);
        assert_eq!(score(Kind::Ipv4, 90 * DAY - 1), 1);
        assert_eq!(score(Kind::Ipv4, 90 * DAY), 0);
        assert_eq!(score(Kind::Url, 179 * DAY), 1);
        assert_eq!(score(Kind::Url, 180 * DAY), 0);
        assert_eq!(score(Kind::Domain, 364 * DAY), 1);
        assert_eq!(score(Kind::Email, i64::MAX), 0);
        assert_eq!(score(Kind::Sha256, i64::MAX), 100);
    }

    #[test]
    fn more_time_never_means_more_weight() {
        for kind in Kind::ALL {
            let scores: Vec<u8> = (0..400).map(|day| score(kind, day * DAY)).collect();
            assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{kind}");
        }
    }
}
