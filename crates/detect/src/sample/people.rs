//! Accounts: how active, when awake, of which region.

use super::random::{Random, Weighted};
use super::{DAY, HOUR};

/// Hours east of UTC, the region, and how many of the people live there.
const ZONES: [(f64, u32, f64); 8] = [
    (-8.0, 0, 1.5),
    (-5.0, 0, 2.5),
    (0.0, 0, 1.5),
    (1.0, 1, 3.0),
    (2.0, 1, 1.5),
    (3.0, 2, 2.0),
    (5.5, 3, 2.0),
    (8.0, 3, 1.5),
];
/// Regions: languages, roughly.
pub(super) const REGIONS: u32 = 4;

/// An account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) zone: f64,
    pub(super) region: u32,
    /// How much it posts, in the mean of all.
    pub(super) activity: f64,
    /// Whether it is among those who share the news.
    pub(super) follows_news: bool,
    /// Whether its posts go out by schedule, at the quarters of an hour.
    pub(super) schedules: bool,
}

impl Person {
    /// How likely it is to be awake at a time, between 0 and 1.
    pub(super) fn awake(&self, time: f64) -> f64 {
        let hour = ((time / HOUR) + self.zone).rem_euclid(24.0);
        match hour {
            0.0..6.5 => 0.05,
            6.5..9.0 => 0.7,
            9.0..17.0 => 0.5,
            17.0..22.5 => 1.0,
            _ => 0.4,
        }
    }

    /// The next time that it gets up.
    pub(super) fn wakes(&self, time: f64) -> f64 {
        let local = time + self.zone * HOUR;
        let today = local - local.rem_euclid(DAY) + 7.0 * HOUR;
        let next = if today < local { today + DAY } else { today };
        next - self.zone * HOUR
    }

    /// When a post goes out that is written at a time.
    pub(super) fn sends(&self, time: f64, random: &mut Random) -> f64 {
        if self.schedules {
            (time / (HOUR / 4.0)).ceil() * (HOUR / 4.0) + random.between(0.0, 4_000.0)
        } else {
            time
        }
    }
}

/// All accounts.
#[derive(Debug)]
pub(super) struct People {
    all: Vec<Person>,
    by_activity: Weighted,
    readers: Vec<u32>,
}

impl People {
    pub(super) fn draw(count: u32, random: &mut Random) -> Self {
        let zones = Weighted::new(ZONES.iter().map(|(_, _, weight)| *weight));
        let mut person = || {
            let zone = zones.draw(random) as usize;
            let (zone, region, _) = ZONES.get(zone).copied().unwrap_or_default();
            Person {
                zone,
                region,
                activity: random.spread(1.2),
                follows_news: random.chance(0.05),
                schedules: random.chance(0.03),
            }
        };
        let all: Vec<Person> = (0..count.max(500)).map(|_| person()).collect();
        let mut people = Self {
            all,
            by_activity: Weighted::new(std::iter::empty()),
            readers: Vec::new(),
        };
        people.weigh();
        people
    }

    /// Weighs everyone by activity.
    pub(super) fn weigh(&mut self) {
        self.by_activity = Weighted::new(self.all.iter().map(|person| person.activity));
        let reads = |(at, person): (u32, &Person)| person.follows_news.then_some(at);
        self.readers = (0_u32..).zip(&self.all).filter_map(reads).collect();
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.all.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn get(&self, account: u32) -> Person {
        const NOBODY: Person = Person {
            zone: 0.0,
            region: 0,
            activity: 0.0,
            follows_news: false,
            schedules: false,
        };
        self.all.get(account as usize).copied().unwrap_or(NOBODY)
    }

    pub(super) fn get_mut(&mut self, account: u32) -> Option<&mut Person> {
        self.all.get_mut(account as usize)
    }

    /// Anyone, by activity, who is awake at a time and of a region, where one is asked for.
    pub(super) fn awake(&self, time: f64, region: Option<u32>, random: &mut Random) -> u32 {
        let mut last = 0;
        for _ in 0..60 {
            last = self.by_activity.draw(random);
            let person = self.get(last);
            let fits = region.is_none_or(|region| region == person.region) || random.chance(0.1);
            if fits && random.chance(person.awake(time)) {
                break;
            }
        }
        last
    }

    /// One of those who share the news, awake at a time.
    pub(super) fn reader(&self, time: f64, region: u32, random: &mut Random) -> u32 {
        let mut last = 0;
        for _ in 0..60 {
            let at = random.below(u32::try_from(self.readers.len()).unwrap_or_default());
            last = self.readers.get(at as usize).copied().unwrap_or_default();
            let person = self.get(last);
            if person.region == region && random.chance(person.awake(time)) {
                break;
            }
        }
        last
    }
}
