//! Edges as the `coordination-network-toolkit` counts them (Graham, Bruns and others, 2020), for
//! comparison.

use super::posts::{Row, Sorted};
use super::rows::{ByAccount, neighbours};

/// How many posts of one account share what another shares within the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Directed {
    /// Whose posts are counted.
    pub from: u32,
    /// The account that shared the same things.
    pub to: u32,
    /// Different posts.
    pub weight: u32,
}

/// Its co-link and co-retweet networks, without the loops of accounts with themselves, sorted, on
/// the first layer. `window` is in milliseconds. Posts must have been collected by
/// [`super::Posts::with_contents`].
pub fn toolkit(sorted: &Sorted, window: i64, min_weight: u32) -> Vec<Directed> {
    let Some(shares) = sorted.layers.first() else {
        return Vec::new();
    };
    let rows = once_a_post(&shares.rows);
    let by_account = ByAccount::new(&rows, sorted.accounts());
    let accounts = u32::try_from(sorted.accounts()).unwrap_or(u32::MAX);
    let mut met = vec![Met::default(); sorted.accounts()];
    let (mut touched, mut places) = (Vec::new(), Vec::new());
    let mut edges = Vec::new();
    for from in 0..accounts {
        places.clear();
        places.extend_from_slice(by_account.of(from));
        places.sort_unstable_by_key(|at| rows.get(*at as usize).map(|row| row.content));
        for at in &places {
            let Some(row) = rows.get(*at as usize) else {
                continue;
            };
            neighbours(&rows, *at as usize, window, |other, _| {
                let Some(met) = met.get_mut(other.account as usize) else {
                    return;
                };
                if met.weight == 0 {
                    touched.push(other.account);
                }
                if met.weight == 0 || met.content != row.content {
                    met.content = row.content;
                    met.weight += 1;
                }
            });
        }
        touched.sort_unstable();
        for to in touched.drain(..) {
            let Some(met) = met.get_mut(to as usize) else {
                continue;
            };
            let weight = std::mem::take(met).weight;
            if to != from && weight >= min_weight {
                edges.push(Directed { from, to, weight });
            }
        }
    }
    edges
}

/// What an account shared with the one looked at.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    content: u32,
    weight: u32,
}

/// The toolkit keeps one row for each object of a post.
fn once_a_post(rows: &[Row]) -> Vec<Row> {
    let mut order: Vec<u32> = (0..u32::try_from(rows.len()).unwrap_or(u32::MAX)).collect();
    let key = |at: u32| {
        rows.get(at as usize)
            .map(|row| (row.object, row.content, row.time))
    };
    order.sort_unstable_by_key(|at| (key(*at), *at));
    order.dedup_by_key(|at| key(*at).map(|(object, content, _)| (object, content)));
    order.sort_unstable();
    order
        .iter()
        .filter_map(|at| rows.get(*at as usize))
        .copied()
        .collect()
}
