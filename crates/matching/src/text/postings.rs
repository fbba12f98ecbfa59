//! Which texts have which 64-bit hashes: an exact, compact multimap.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// Set in what an entry holds when it is a place in `lists`.
const MANY: u32 = 1 << 31;
/// Marks the end of a list.
const NONE: u32 = u32::MAX;

/// A multimap from hashes to slots, which are numbers below 2³¹.
///
/// A hash that one slot has costs 13 to 26 bytes; each further one 8, and a list 8.
#[derive(Debug)]
pub(super) struct Postings {
    table: HashTable<Entry>,
    lists: Vec<List>,
    free_list: u32,
    nodes: Vec<Node>,
    free_node: u32,
    pairs: usize,
    /// Drawn for each, so that nobody can send hashes that all meet in one bucket.
    seed: u64,
}

/// A hash in two halves, which need no padding, and the slot that has it, or those that have.
#[derive(Debug, Clone, Copy)]
struct Entry {
    high: u32,
    low: u32,
    holder: u32,
}

#[derive(Debug, Clone, Copy)]
struct List {
    /// The first node; of a free list, the next free one.
    first: u32,
    count: u32,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    slot: u32,
    next: u32,
}

impl Entry {
    fn hash(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

impl Default for Postings {
    fn default() -> Self {
        Self {
            table: HashTable::new(),
            lists: Vec::new(),
            free_list: NONE,
            nodes: Vec::new(),
            free_node: NONE,
            pairs: 0,
            seed: RandomState::new().hash_one(0_u8),
        }
    }
}

impl Postings {
    /// How many pairs of hash and slot there are.
    pub(super) fn pairs(&self) -> usize {
        self.pairs
    }

    /// Bytes of memory taken, as allocated.
    pub(super) fn resident(&self) -> usize {
        self.table.allocation_size()
            + self.lists.capacity() * size_of::<List>()
            + self.nodes.capacity() * size_of::<Node>()
    }

    /// Adds a pair. A slot's hashes are added before those of the next, so that a pair that is there
    /// already is seen in constant time; for one, or when there is no room for more, false.
    pub(super) fn insert(&mut self, hash: u64, slot: u32) -> bool {
        if self.nodes.len() >= MANY as usize || slot >= MANY {
            return false;
        }
        let seed = self.seed;
        let Some(entry) = self
            .table
            .find_mut(spread(seed, hash), |e| e.hash() == hash)
        else {
            let entry = Entry {
                high: u32::try_from(hash >> 32).unwrap_or_default(),
                low: u32::try_from(hash & 0xffff_ffff).unwrap_or_default(),
                holder: slot,
            };
            self.table
                .insert_unique(spread(seed, hash), entry, |e| spread(seed, e.hash()));
            self.pairs += 1;
            return true;
        };
        if entry.holder & MANY == 0 {
            let known = entry.holder;
            if known == slot {
                return false;
            }
            let last = node(&mut self.nodes, &mut self.free_node, known, NONE);
            let first = node(&mut self.nodes, &mut self.free_node, slot, last);
            entry.holder = MANY | list(&mut self.lists, &mut self.free_list, first);
        } else {
            let Some(list) = self.lists.get_mut((entry.holder & !MANY) as usize) else {
                return false;
            };
            let newest = self.nodes.get(list.first as usize);
            if newest.is_some_and(|node| node.slot == slot) {
                return false;
            }
            list.first = node(&mut self.nodes, &mut self.free_node, slot, list.first);
            list.count += 1;
        }
        self.pairs += 1;
        true
    }

    /// Takes a pair away; false if it is not there. The time is that of reading the hash's slots.
    pub(super) fn remove(&mut self, hash: u64, slot: u32) -> bool {
        let spread = spread(self.seed, hash);
        let Ok(mut found) = self.table.find_entry(spread, |e| e.hash() == hash) else {
            return false;
        };
        let holder = found.get().holder;
        if holder & MANY == 0 {
            if holder != slot {
                return false;
            }
            found.remove();
            self.pairs -= 1;
            return true;
        }
        let at = (holder & !MANY) as usize;
        let Some(list) = self.lists.get_mut(at) else {
            return false;
        };
        if !unlink(&mut self.nodes, &mut self.free_node, &mut list.first, slot) {
            return false;
        }
        list.count -= 1;
        self.pairs -= 1;
        if list.count == 1
            && let Some(&last) = self.nodes.get(list.first as usize)
        {
            found.get_mut().holder = last.slot;
            free(&mut self.nodes, &mut self.free_node, list.first);
            list.first = self.free_list;
            list.count = 0;
            self.free_list = holder & !MANY;
        }
        true
    }

    /// How many slots have a hash, and which.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> (u32, impl Iterator<Item = u32>) {
        let found = self
            .table
            .find(spread(self.seed, hash), |e| e.hash() == hash)
            .map(|entry| entry.holder);
        let (count, one, next) = match found {
            None => (0, None, NONE),
            Some(slot) if slot & MANY == 0 => (1, Some(slot), NONE),
            Some(holder) => match self.lists.get((holder & !MANY) as usize) {
                Some(list) => (list.count, None, list.first),
                None => (0, None, NONE),
            },
        };
        let nodes = &self.nodes;
        (count, one.into_iter().chain(Slots { nodes, next }))
    }
}

/// The slots of a list.
struct Slots<'p> {
    nodes: &'p [Node],
    next: u32,
}

impl Iterator for Slots<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let node = self.nodes.get(self.next as usize)?;
        self.next = node.next;
        Some(node.slot)
    }
}

/// The place of a hash in the table.
#[inline]
fn spread(seed: u64, hash: u64) -> u64 {
    let product = u128::from(hash ^ seed) * 0x9e37_79b9_7f4a_7c15;
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let (high, low) = ((product >> 64) as u64, product as u64);
    high ^ low
}

fn node(nodes: &mut Vec<Node>, free: &mut u32, slot: u32, next: u32) -> u32 {
    let node = Node { slot, next };
    if let Some(place) = nodes.get_mut(*free as usize) {
        let at = *free;
        *free = place.next;
        *place = node;
        return at;
    }
    let at = u32::try_from(nodes.len()).unwrap_or(NONE);
    nodes.push(node);
    at
}

fn list(lists: &mut Vec<List>, free: &mut u32, first: u32) -> u32 {
    let list = List { first, count: 2 };
    if let Some(place) = lists.get_mut(*free as usize) {
        let at = *free;
        *free = place.first;
        *place = list;
        return at;
    }
    let at = u32::try_from(lists.len()).unwrap_or(NONE);
    lists.push(list);
    at
}

/// Takes the node of a slot out of a list.
fn unlink(nodes: &mut [Node], free_node: &mut u32, first: &mut u32, slot: u32) -> bool {
    let (mut before, mut at) = (NONE, *first);
    while let Some(&node) = nodes.get(at as usize) {
        if node.slot == slot {
            match nodes.get_mut(before as usize) {
                Some(before) => before.next = node.next,
                None => *first = node.next,
            }
            free(nodes, free_node, at);
            return true;
        }
        (before, at) = (at, node.next);
    }
    false
}

fn free(nodes: &mut [Node], free_node: &mut u32, at: u32) {
    if let Some(node) = nodes.get_mut(at as usize) {
        node.next = *free_node;
        *free_node = at;
    }
}
