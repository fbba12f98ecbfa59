//! Planted groups: accounts that share what they are told to, within seconds or a minute.

use super::background::Links;
use super::news::Event;
use super::people::People;
use super::random::Random;
use super::{DAY, HOUR, Making, SPAN};

/// A group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) members: Vec<u32>,
    /// How many things it shares.
    tasks: u32,
    /// How likely a member takes part.
    participation: f64,
    /// Within how long all of them share, in milliseconds.
    within: f64,
    /// How much of what it shares is its own, and shared by hardly anyone else.
    own: f64,
    /// When it works, in hours of the day.
    shift: f64,
}

/// What groups can join in with.
pub(super) struct Targets<'b> {
    pub(super) events: Vec<Event>,
    pub(super) clubs: Vec<Event>,
    pub(super) background: &'b Links,
}

/// Draws groups among the people. Their members post like others besides, a third to twice as much
/// as for the group.
pub(super) fn groups(rows: u32, people: &mut People, random: &mut Random) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut taken = std::collections::BTreeSet::new();
    for number in 0..(rows / 40_000).max(6) {
        let (size, tasks) = (random.whole(3.0, 41.0), random.whole(10.0, 61.0));
        let participation = random.between(0.5, 0.95);
        let mut members = Vec::new();
        while members.len() < size as usize {
            let account = random.below(people.len());
            if !taken.insert(account) {
                continue;
            }
            let besides = f64::from(tasks) * participation * random.between(0.33, 2.0);
            if let Some(person) = people.get_mut(account) {
                // 15 rows is the mean of all; exp(σ²/2) the mean of their activity
                person.activity = besides / 15.0 * 2.05;
                person.schedules = false;
            }
            members.push(account);
        }
        groups.push(Group {
            members,
            tasks,
            participation,
            within: random.scale(4_000.0, 60_000.0),
            own: [0.0, 0.5, 1.0]
                .get(number as usize % 3)
                .copied()
                .unwrap_or_default(),
            shift: random.between(0.0, 24.0),
        });
    }
    people.weigh();
    groups
}

/// Lets the groups act.
pub(super) fn act(
    groups: &[Group],
    targets: &Targets<'_>,
    making: &mut Making,
    random: &mut Random,
) {
    for group in groups {
        for _ in 0..group.tasks {
            let (object, time) = target(group, targets, making, random);
            for member in &group.members {
                if !random.chance(group.participation) {
                    continue;
                }
                let mut at = time + random.between(0.0, group.within);
                if random.chance(0.1) {
                    at += random.between(0.0, 600_000.0);
                }
                making.share(object, *member, at);
            }
        }
    }
}

/// What is shared next, and when.
fn target(
    group: &Group,
    targets: &Targets<'_>,
    making: &mut Making,
    random: &mut Random,
) -> (u32, f64) {
    if random.chance(group.own) {
        let day = (random.between(0.0, SPAN) / DAY).floor() * DAY;
        let time = day + (group.shift + random.between(0.0, 8.0)).rem_euclid(24.0) * HOUR;
        let object = making.object();
        for _ in 0..random.below(4) {
            // somebody who came across it
            let at = time + random.reaction(2.0 * HOUR, 1.2);
            making.share(object, random.below(200), at);
        }
        return (object, time);
    }
    let one_of = |events: &[Event], random: &mut Random| {
        let at = random.below(u32::try_from(events.len()).unwrap_or_default());
        events.get(at as usize).copied()
    };
    let event = match random.unit() {
        0.0..0.15 => one_of(&targets.events, random),
        0.15..0.3 => one_of(&targets.clubs, random),
        _ => None,
    };
    if let Some(event) = event {
        return (event.object, event.time + random.reaction(300_000.0, 1.2));
    }
    let (object, _, time) = targets.background.moment(random);
    (object, time + random.between(0.0, HOUR))
}
