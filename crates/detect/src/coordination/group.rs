//! Groups: accounts that unexplained pairs tie together, and what they did.

use hashbrown::{HashMap, HashSet};

use super::null::{Found, Pair};
use super::posts::{Layer, Shares, Sorted};
use super::sets::Sets;

/// Accounts that unexplained pairs tie together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its accounts, by number.
    pub accounts: Vec<u32>,
    /// The pairs that tie them, sorted by layer, accounts and window.
    pub pairs: Vec<Pair>,
    /// When they acted together: by time.
    pub moments: Vec<Moment>,
}

/// Accounts of a group sharing an object, each within the group's widest window of the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// What they have in common.
    pub layer: Layer,
    /// The object.
    pub object: u32,
    /// The first share, in milliseconds since 1970.
    pub start: i64,
    /// The last.
    pub end: i64,
    /// The accounts, in the order of their first shares, with when each was.
    pub accounts: Vec<(u32, i64)>,
    /// How many accounts share the object in all.
    pub audience: u32,
}

impl Group {
    /// The widest window of its pairs, in milliseconds.
    pub fn window(&self) -> i64 {
        self.pairs
            .iter()
            .map(|pair| pair.window)
            .max()
            .unwrap_or_default()
    }

    /// The layers of its pairs.
    pub fn layers(&self) -> Vec<Layer> {
        let mut layers: Vec<Layer> = self.pairs.iter().map(|pair| pair.layer).collect();
        layers.sort_unstable();
        layers.dedup();
        layers
    }

    /// The first and the last time it acted, in milliseconds since 1970.
    pub fn span(&self) -> Option<(i64, i64)> {
        let first = self.moments.iter().map(|moment| moment.start).min();
        first.zip(self.moments.iter().map(|moment| moment.end).max())
    }

    /// Different objects that its accounts shared together.
    pub fn objects(&self) -> usize {
        let all: HashSet<_> = self
            .moments
            .iter()
            .map(|moment| (moment.layer, moment.object))
            .collect();
        all.len()
    }

    /// The pair that is the least explained.
    pub fn strongest(&self) -> Option<&Pair> {
        let unlikely = |pair: &&Pair| (pair.q, pair.p_taste.max(pair.p_chance));
        let order = |a: &&Pair, b: &&Pair| {
            let ((a, c), (b, d)) = (unlikely(a), unlikely(b));
            a.total_cmp(&b).then(c.total_cmp(&d))
        };
        self.pairs.iter().min_by(order)
    }

    /// The rate of false discoveries at which all of its pairs are among those found.
    pub fn q(&self) -> f64 {
        self.pairs.iter().map(|pair| pair.q).fold(0.0, f64::max)
    }

    /// The middle of how long after the first of a moment the others shared, in milliseconds.
    pub fn delay(&self) -> i64 {
        let after = |moment: &Moment| {
            let times = moment
                .accounts
                .iter()
                .skip(1)
                .map(|(_, at)| at - moment.start);
            times.collect::<Vec<i64>>()
        };
        let mut delays: Vec<i64> = self.moments.iter().flat_map(after).collect();
        delays.sort_unstable();
        delays.get(delays.len() / 2).copied().unwrap_or_default()
    }
}

/// The groups of at least `min_accounts`, the largest first.
pub fn groups(sorted: &Sorted, found: &Found, min_accounts: usize) -> Vec<Group> {
    let mut sets = Sets::default();
    for pair in &found.pairs {
        sets.join(pair.one, pair.other);
    }
    let mut groups: HashMap<u32, Group> = HashMap::new();
    for account in sets.members() {
        if let Some(set) = sets.of(account) {
            let group = groups.entry(set).or_insert_with(|| Group {
                accounts: Vec::new(),
                pairs: Vec::new(),
                moments: Vec::new(),
            });
            group.accounts.push(account);
        }
    }
    for pair in &found.pairs {
        if let Some(group) = sets.of(pair.one).and_then(|set| groups.get_mut(&set)) {
            group.pairs.push(*pair);
        }
    }
    groups.retain(|_, group| group.accounts.len() >= min_accounts);
    for shares in &sorted.layers {
        add_moments(shares, &sets, &mut groups);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        group.accounts.sort_unstable();
        group
            .moments
            .sort_by_key(|moment| (moment.start, moment.layer, moment.object));
    }
    let size = |group: &Group| (group.accounts.len(), group.pairs.len());
    groups.sort_by(|a, b| size(b).cmp(&size(a)).then(a.accounts.cmp(&b.accounts)));
    groups
}

/// Adds the moments of a layer to the groups that it ties.
fn add_moments(shares: &Shares, sets: &Sets, groups: &mut HashMap<u32, Group>) {
    let windows: HashMap<u32, i64> = groups
        .iter()
        .filter(|(_, group)| group.pairs.iter().any(|pair| pair.layer == shares.layer))
        .map(|(set, group)| (*set, group.window()))
        .collect();
    for rows in shares.rows.chunk_by(|a, b| a.object == b.object) {
        let mut open: HashMap<u32, Moment> = HashMap::new();
        let mut done: Vec<(u32, Moment)> = Vec::new();
        for row in rows {
            let known = sets
                .of(row.account)
                .and_then(|set| Some((set, *windows.get(&set)?)));
            let Some((set, window)) = known else { continue };
            let moment = open
                .entry(set)
                .or_insert_with(|| moment(shares.layer, row.object, row.time));
            if row.time.saturating_sub(moment.end) > window {
                let next = self::moment(shares.layer, row.object, row.time);
                done.push((set, std::mem::replace(moment, next)));
            }
            moment.end = row.time;
            if moment
                .accounts
                .iter()
                .all(|(account, _)| *account != row.account)
            {
                moment.accounts.push((row.account, row.time));
            }
        }
        done.extend(open);
        done.retain(|(_, moment)| moment.accounts.len() > 1);
        if done.is_empty() {
            continue;
        }
        let audience: HashSet<u32> = rows.iter().map(|row| row.account).collect();
        let audience = u32::try_from(audience.len()).unwrap_or(u32::MAX);
        for (set, moment) in done {
            if let Some(group) = groups.get_mut(&set) {
                group.moments.push(Moment { audience, ..moment });
            }
        }
    }
}

fn moment(layer: Layer, object: u32, start: i64) -> Moment {
    Moment {
        layer,
        object,
        start,
        end: start,
        accounts: Vec::new(),
        audience: 0,
    }
}
