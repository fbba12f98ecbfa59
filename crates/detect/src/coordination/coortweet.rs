//! Pairs as the R package `CooRTweet` counts them (Righetti and Balluff, 2023), for comparison.

use hashbrown::{HashMap, HashSet};

use super::posts::{Row, Shares, Sorted};
use super::rows::neighbours;

/// Rows that an account takes part with at least.
const PARTICIPATION: u32 = 2;

/// Two accounts, and how often they shared within the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeightedEdge {
    /// The account of the lower number.
    pub one: u32,
    /// The other.
    pub other: u32,
    /// Pairs of posts.
    pub weight: u32,
    /// Whether the weight is above the quantile.
    pub is_strong: bool,
}

/// What `CooRTweet` finds in a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Coortweet {
    /// Pairs of posts: the rows of `detect_groups`.
    pub pairs: u64,
    /// Accounts in them.
    pub accounts: u64,
    /// Pairs of accounts, sorted: the edges of `generate_coordinated_network`.
    pub edges: Vec<WeightedEdge>,
    /// The quantile of the weights.
    pub threshold: f64,
}

/// `detect_groups` and `generate_coordinated_network` on the first layer. `window` is in
/// milliseconds; edges above the `quantile` of the weights are strong. Posts must have been
/// collected by [`super::Posts::with_contents`].
pub fn coortweet(sorted: &Sorted, window: i64, quantile: f64) -> Coortweet {
    let Some(shares) = sorted.layers.first() else {
        return Coortweet {
            pairs: 0,
            accounts: 0,
            edges: Vec::new(),
            threshold: 0.0,
        };
    };
    let rows = taking_part(shares, sorted.accounts());
    let kept = contents_of_participants(&rows, window);
    let (mut pairs, mut accounts) = (0, HashSet::new());
    let mut weights: HashMap<(u32, u32), u32> = HashMap::new();
    each_pair(&rows, window, |one, other| {
        if kept.contains(&one.content) || kept.contains(&other.content) {
            pairs += 1;
            let (a, b) = (one.account, other.account);
            accounts.extend([a, b]);
            *weights.entry((a.min(b), a.max(b))).or_default() += 1;
        }
    });
    let mut sizes: Vec<u32> = weights.values().copied().collect();
    sizes.sort_unstable();
    let threshold = quantile_of(&sizes, quantile);
    let mut edges: Vec<WeightedEdge> = weights
        .into_iter()
        .map(|((one, other), weight)| WeightedEdge {
            one,
            other,
            weight,
            is_strong: f64::from(weight) > threshold,
        })
        .collect();
    edges.sort_unstable();
    Coortweet {
        pairs,
        accounts: accounts.len() as u64,
        edges,
        threshold,
    }
}

/// Rows of accounts with at least two.
fn taking_part(shares: &Shares, accounts: usize) -> Vec<Row> {
    let mut counts = vec![0_u32; accounts];
    for row in &shares.rows {
        if let Some(count) = counts.get_mut(row.account as usize) {
            *count += 1;
        }
    }
    let enough = |row: &&Row| {
        counts
            .get(row.account as usize)
            .is_some_and(|n| *n >= PARTICIPATION)
    };
    shares.rows.iter().filter(enough).copied().collect()
}

/// Hands over pairs of different accounts and posts, neither of which is what is shared.
fn each_pair(rows: &[Row], window: i64, mut on_pair: impl FnMut(&Row, &Row)) {
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_itself) {
        // each pair once: with those before it in the order of rows
        neighbours(
            rows.get(..=at).unwrap_or_default(),
            at,
            window,
            |other, _| {
                if other.account != row.account && other.content != row.content && !other.is_itself
                {
                    on_pair(other, row);
                }
            },
        );
    }
}

/// The posts among those paired that are of accounts with at least two rows among them. A pair
/// counts if one of its posts is among these.
fn contents_of_participants(rows: &[Row], window: i64) -> HashSet<u32> {
    let mut paired: HashSet<u32> = HashSet::new();
    each_pair(rows, window, |one, other| {
        paired.extend([one.content, other.content]);
    });
    let among = || rows.iter().filter(|row| paired.contains(&row.content));
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for row in among() {
        *counts.entry(row.account).or_default() += 1;
    }
    let enough = |row: &&Row| {
        counts
            .get(&row.account)
            .is_some_and(|n| *n >= PARTICIPATION)
    };
    among().filter(enough).map(|row| row.content).collect()
}

/// A quantile of sorted numbers as R gives it (type 7).
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position among numbers that are in memory"
)]
fn quantile_of(sorted: &[u32], quantile: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = last as f64 * quantile.clamp(0.0, 1.0);
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let at = |place: usize| sorted.get(place).map_or(0.0, |weight| f64::from(*weight));
    at(below) + (at(above) - at(below)) * (place - place.floor())
}
