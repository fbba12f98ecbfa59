//! Fans: accounts that share nearly everything of one idol, each at a pace of its own.

use super::people::{People, REGIONS};
use super::random::Random;
use super::{HOUR, Making, SPAN};
use crate::sample::news::Event;

/// A fan.
struct Fan {
    account: u32,
    /// How much of what comes it shares.
    share: f64,
    median: f64,
    shape: f64,
}

/// What fans share, and the fans of each club.
pub(super) fn clubs(
    rows: u32,
    people: &People,
    making: &mut Making,
    random: &mut Random,
) -> (Vec<Event>, Vec<Vec<u32>>) {
    let (mut shared, mut fans) = (Vec::new(), Vec::new());
    for _ in 0..(rows / 66_000).max(2) {
        let region = random.below(REGIONS);
        let club = club(region, people, random);
        for _ in 0..random.whole(40.0, 150.0) {
            let mut time = random.between(0.0, SPAN);
            if random.chance(0.5) {
                time -= time.rem_euclid(HOUR);
            }
            let object = making.object();
            shared.push(Event { object, time });
            for fan in &club {
                if !random.chance(fan.share) {
                    continue;
                }
                let person = people.get(fan.account);
                let at = time + random.reaction(fan.median, fan.shape);
                let asleep = random.chance(1.0 - person.awake(at).min(0.5) * 2.0);
                let at = if asleep {
                    person.wakes(at) + random.reaction(0.5 * HOUR, 1.5)
                } else {
                    at
                };
                making.share(object, fan.account, person.sends(at, random));
            }
            // others see it too
            for _ in 0..random.below(u32::try_from(club.len()).unwrap_or_default() / 2 + 1) {
                let at = time + random.reaction(2.0 * HOUR, 1.2);
                making.share(object, people.awake(at, Some(region), random), at);
            }
        }
        fans.push(club.into_iter().map(|fan| fan.account).collect());
    }
    (shared, fans)
}

fn club(region: u32, people: &People, random: &mut Random) -> Vec<Fan> {
    let size = random.whole(30.0, 150.0);
    let mut club: Vec<Fan> = Vec::new();
    for _ in 0..size {
        let account = people.awake(random.between(0.0, SPAN), Some(region), random);
        if club.iter().any(|fan| fan.account == account) {
            continue;
        }
        let is_alerted = random.chance(0.35);
        let (median, shape) = if is_alerted {
            (random.scale(40_000.0, 300_000.0), 1.8)
        } else {
            (random.scale(600_000.0, 2.0 * HOUR), 1.3)
        };
        club.push(Fan {
            account,
            share: random.between(0.3, 0.9),
            median,
            shape,
        });
    }
    club
}
