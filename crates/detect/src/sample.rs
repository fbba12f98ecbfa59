//! Generated posts with planted groups, the same for the same seed: for tests, benches and the
//! figures in the documents. Everything is fictional.
//!
//! What is not planted is made to look as bad as honest people do: links of all sizes that live
//! hours or days, accounts that sleep by their time zone and post by schedule, news that hundreds
//! share within a minute (the same few percent of the accounts each time), and fans who share
//! nearly everything of their idol, a third of them within minutes because they are alerted, and
//! people who read the same page at the same time and share several things of it.

mod background;
mod clubs;
mod news;
mod people;
mod planted;
mod random;
mod sittings;

use people::People;
use random::Random;

/// An hour, a day, and how long a sample is, in milliseconds.
const HOUR: f64 = 3_600_000.0;
const DAY: f64 = 24.0 * HOUR;
const SPAN: f64 = 30.0 * DAY;
/// When a sample begins: 2018-10-13, a month before the Paris Call.
const START: i64 = 1_539_388_800_000;

/// What a sample is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// Where all draws come from.
    pub seed: u64,
    /// How many rows there are, about.
    pub rows: u32,
}

/// One account sharing one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The object.
    pub object: u32,
    /// The account.
    pub account: u32,
    /// Milliseconds since 1970.
    pub time: i64,
}

/// Rows, and the truth about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The rows, in the order of time.
    pub shares: Vec<Share>,
    /// The accounts of each planted group.
    pub groups: Vec<Vec<u32>>,
    /// The accounts of each club of fans, who are no group.
    pub fans: Vec<Vec<u32>>,
    /// How many accounts there are.
    pub accounts: u32,
}

impl Recipe {
    /// Draws the sample.
    pub fn draw(self) -> Sample {
        let mut random = Random::new(self.seed);
        let mut making = Making {
            shares: Vec::new(),
            objects: 0,
        };
        let mut people = People::draw(self.rows / 15, &mut random);
        let groups = planted::groups(self.rows, &mut people, &mut random);
        let events = news::events(self.rows, &people, &mut making, &mut random);
        let (clubs, fans) = clubs::clubs(self.rows, &people, &mut making, &mut random);
        sittings::sittings(self.rows, &people, &mut making, &mut random);
        let background = background::Links::draw(self.rows, &mut making, &mut random);
        let targets = planted::Targets {
            events,
            clubs,
            background: &background,
        };
        planted::act(&groups, &targets, &mut making, &mut random);
        background.fill(self.rows, &people, &mut making, &mut random);
        let mut shares = making.shares;
        shares.sort_by_key(|share| (share.time, share.account, share.object));
        let groups = groups.into_iter().map(|group| group.members).collect();
        Sample {
            shares,
            groups,
            fans,
            accounts: people.len(),
        }
    }
}

/// Rows so far.
#[derive(Debug)]
struct Making {
    shares: Vec<Share>,
    objects: u32,
}

impl Making {
    /// A new object.
    fn object(&mut self) -> u32 {
        self.objects += 1;
        self.objects - 1
    }

    /// Adds a row at a time in milliseconds from the start, where it is within the span.
    #[expect(clippy::cast_possible_truncation, reason = "it is within the span")]
    fn share(&mut self, object: u32, account: u32, time: f64) {
        if (0.0..SPAN).contains(&time) {
            let time = START + time as i64;
            self.shares.push(Share {
                object,
                account,
                time,
            });
        }
    }
}
