//! News: events that hundreds share within minutes, many of them the same people each time.

use super::people::{People, REGIONS};
use super::random::Random;
use super::{Making, SPAN};

/// A link about an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) object: u32,
    pub(super) time: f64,
}

pub(super) fn events(
    rows: u32,
    people: &People,
    making: &mut Making,
    random: &mut Random,
) -> Vec<Event> {
    let mut events = Vec::new();
    for _ in 0..(rows / 16_000).max(3) {
        let (time, region) = (random.between(0.0, SPAN), random.below(REGIONS));
        let links = [making.object(), making.object()];
        events.extend(links.map(|object| Event { object, time }));
        let median = random.scale(15_000.0, 300_000.0);
        for _ in 0..random.whole(150.0, 3000.0) {
            let at = time + random.reaction(median, 1.5);
            let account = if random.chance(0.6) {
                people.reader(at, region, random)
            } else {
                people.awake(at, Some(region), random)
            };
            let first = random.below(2) as usize;
            for (link, object) in links.iter().enumerate() {
                // some share what both of the papers write, one right after the other
                if link == first {
                    making.share(*object, account, at);
                } else if random.chance(0.3) {
                    making.share(*object, account, at + random.reaction(20_000.0, 1.5));
                }
            }
        }
    }
    events
}
