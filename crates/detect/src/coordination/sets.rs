//! Accounts that hang together: connected components by union and find.

use hashbrown::HashMap;

/// Sets of accounts. Which account stands for its set depends on no order: it is the lowest.
#[derive(Debug, Default)]
pub(super) struct Sets(HashMap<u32, u32>);

impl Sets {
    /// Puts two accounts, and all that hang together with them, into one set.
    pub(super) fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        let (low, high) = (one.min(other), one.max(other));
        self.0.insert(low, low);
        self.0.insert(high, low);
    }

    /// The lowest account of the set that an account is of; nothing where it is of none.
    pub(super) fn of(&self, account: u32) -> Option<u32> {
        self.0.get(&account)?;
        let mut at = account;
        while let Some(next) = self.0.get(&at).filter(|next| **next != at) {
            at = *next;
        }
        Some(at)
    }

    /// The accounts that are of a set.
    pub(super) fn members(&self) -> impl Iterator<Item = u32> {
        self.0.keys().copied()
    }

    fn root(&mut self, account: u32) -> u32 {
        let root = self.of(account).unwrap_or(account);
        let mut at = account;
        while at != root {
            at = self.0.insert(at, root).unwrap_or(root);
        }
        root
    }
}
