//! Sittings: people who read the same page at the same time, and share several things of it.

use super::people::{People, REGIONS};
use super::random::Random;
use super::{DAY, HOUR, Making, SPAN};

/// Newsletters that come at a full hour, and talk shows that are watched together.
pub(super) fn sittings(rows: u32, people: &People, making: &mut Making, random: &mut Random) {
    for _ in 0..(rows / 4_000).max(3) {
        let day = (random.between(0.0, SPAN) / DAY).floor() * DAY;
        let time = day + f64::from(random.below(24)) * HOUR;
        let region = random.below(REGIONS);
        let links: Vec<u32> = (0..random.whole(4.0, 13.0))
            .map(|_| making.object())
            .collect();
        for _ in 0..random.whole(2.0, 12.0) {
            let reader = people.awake(time, Some(region), random);
            let mut at = time + random.reaction(60_000.0, 1.5);
            let (shares, pace) = (random.between(0.3, 0.9), random.scale(5_000.0, 60_000.0));
            for link in &links {
                at += random.reaction(pace, 2.0);
                if random.chance(shares) {
                    making.share(*link, reader, at);
                }
            }
        }
    }
}
