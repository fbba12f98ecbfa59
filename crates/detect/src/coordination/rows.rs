//! Rows by their account, and by their neighbours in time.

use super::posts::Row;

/// The positions of the rows of each account, in their order.
#[derive(Debug)]
pub(super) struct ByAccount {
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl ByAccount {
    pub(super) fn new(rows: &[Row], accounts: usize) -> Self {
        let mut starts = vec![0_u32; accounts + 1];
        for row in rows {
            if let Some(count) = starts.get_mut(row.account as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut places = vec![0; rows.len()];
        for (at, row) in (0_u32..).zip(rows) {
            if let Some(free) = next.get_mut(row.account as usize) {
                if let Some(place) = places.get_mut(*free as usize) {
                    *place = at;
                }
                *free += 1;
            }
        }
        Self { starts, places }
    }

    /// The positions of an account's rows: sorted by object, then time.
    pub(super) fn of(&self, account: u32) -> &[u32] {
        let bound = |at: usize| self.starts.get(at).map(|start| *start as usize);
        let ends = bound(account as usize).zip(bound(account as usize + 1));
        let places = ends.and_then(|(start, end)| self.places.get(start..end));
        places.unwrap_or_default()
    }
}

/// Hands over the rows of the same object within `window` milliseconds of the row at a position,
/// each with how far away it is. The row itself is left out, others of its account are not.
#[inline]
pub(super) fn neighbours<'r>(
    rows: &'r [Row],
    at: usize,
    window: i64,
    mut on_neighbour: impl FnMut(&'r Row, i64),
) {
    let (before, from) = rows.split_at_checked(at).unwrap_or((&[], &[]));
    let Some((row, after)) = from.split_first() else {
        return;
    };
    for other in before.iter().rev() {
        let away = row.time.saturating_sub(other.time);
        if other.object != row.object || away > window {
            break;
        }
        on_neighbour(other, away);
    }
    for other in after {
        let away = other.time.saturating_sub(row.time);
        if other.object != row.object || away > window {
            break;
        }
        on_neighbour(other, away);
    }
}

/// How many other rows of the same object are within `window` of each row, its own account's too.
pub(super) fn crowds(rows: &[Row], window: i64) -> Vec<u32> {
    let mut crowds = Vec::with_capacity(rows.len());
    let (mut low, mut high) = (0_usize, 0_usize);
    for row in rows {
        let near = |other: &Row| {
            let away = row.time.saturating_sub(other.time).saturating_abs();
            other.object == row.object && away <= window
        };
        while rows.get(low).is_some_and(|other| !near(other)) {
            low += 1;
        }
        high = high.max(low);
        while rows.get(high).is_some_and(near) {
            high += 1;
        }
        crowds.push(u32::try_from(high - low - 1).unwrap_or(u32::MAX));
    }
    crowds
}
