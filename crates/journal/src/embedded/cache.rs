//! A small bounded cache in shards, each behind its own lock; what was not used lately goes first
//! (CLOCK, also called second chance).

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use foldhash::fast::RandomState;

use super::region::Region;

/// The id of an open segment file, and an offset in it.
pub(super) type Key = (u64, u64);

/// What the journal keeps, by where it starts. Frames start where no block does, so the keys of the
/// two kinds differ.
#[derive(Clone)]
pub(super) enum Kept {
    /// Decoded tables.
    Region(Arc<Region>),
    /// A decompressed block.
    Block(Bytes),
}

const SHARDS: usize = 8;
/// What an entry costs besides its weight, in bytes.
const OVERHEAD: usize = 256;

/// At most a fixed number of bytes of values that are cheap to clone.
pub(super) struct Cache<V> {
    shards: [Mutex<Shard<V>>; SHARDS],
    /// Bytes of one shard.
    capacity: usize,
}

struct Shard<V> {
    entries: HashMap<Key, Entry<V>, RandomState>,
    /// All keys of `entries`, next to be evicted first.
    order: VecDeque<Key>,
    weight: usize,
}

struct Entry<V> {
    value: V,
    weight: usize,
    used: bool,
}

impl<V: Clone> Cache<V> {
    /// `capacity`: bytes; 0 keeps nothing.
    pub(super) fn new(capacity: usize) -> Self {
        let shard = |_| {
            let (entries, order) = (HashMap::default(), VecDeque::new());
            Mutex::new(Shard {
                entries,
                order,
                weight: 0,
            })
        };
        let shards = std::array::from_fn(shard);
        Self {
            shards,
            capacity: capacity / SHARDS,
        }
    }

    pub(super) fn get(&self, key: Key) -> Option<V> {
        let mut shard = self
            .shard(key)?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let entry = shard.entries.get_mut(&key)?;
        entry.used = true;
        Some(entry.value.clone())
    }

    /// Keeps a value for a while. One that would take half a shard is not kept.
    pub(super) fn put(&self, key: Key, value: V, bytes: usize) {
        let weight = bytes + OVERHEAD;
        if weight > self.capacity / 2 {
            return;
        }
        let Some(shard) = self.shard(key) else { return };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.put(
            key,
            Entry {
                value,
                weight,
                used: false,
            },
        );
        while shard.weight > self.capacity {
            shard.evict();
        }
    }

    /// Drops what starts in the file of this id.
    pub(super) fn forget(&self, id: u64) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.order.retain(|key| key.0 != id);
            let mut freed = 0;
            shard.entries.retain(|key, entry| {
                let stays = key.0 != id;
                freed += if stays { 0 } else { entry.weight };
                stays
            });
            shard.weight -= freed;
        }
    }

    fn shard(&self, key: Key) -> Option<&Mutex<Shard<V>>> {
        // Frames are of like sizes, so the low bits of their offsets are as good as a hash.
        self.shards
            .get(usize::try_from(key.1 % SHARDS as u64).ok()?)
    }
}

impl<V> Shard<V> {
    fn put(&mut self, key: Key, entry: Entry<V>) {
        self.weight += entry.weight;
        match self.entries.insert(key, entry) {
            Some(old) => self.weight -= old.weight,
            None => self.order.push_back(key),
        }
    }

    /// Takes away the first entry that was not used since it was last looked at.
    fn evict(&mut self) {
        while let Some(key) = self.order.pop_front() {
            match self.entries.get_mut(&key) {
                Some(entry) if entry.used => {
                    entry.used = false;
                    self.order.push_back(key);
                }
                _ => {
                    self.weight -= self.entries.remove(&key).map_or(0, |entry| entry.weight);
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_within_its_capacity_and_keeps_what_is_used() {
        let cache = Cache::new(SHARDS * 10 * (1000 + OVERHEAD));
        cache.put((0, 0), 0, 1000);
        for offset in 1..1000 {
            assert_eq!(
                cache.get((0, 0)),
                Some(0),
                "used all the time, yet gone at {offset}"
            );
            cache.put((0, offset), offset, 1000);
        }
        let kept = (0..1000)
            .filter(|offset| cache.get((0, *offset)).is_some())
            .count();
        assert!((SHARDS * 9..=SHARDS * 10).contains(&kept), "{kept} entries");
    }

    #[test]
    fn what_starts_in_one_file_can_be_forgotten() {
        let cache = Cache::new(1 << 20);
        for offset in 0..100 {
            cache.put((1, offset), 'a', 10);
            cache.put((2, offset), 'b', 10);
        }
        cache.forget(1);
        assert!((0..100).all(|offset| cache.get((1, offset)).is_none()));
        assert!((0..100).all(|offset| cache.get((2, offset)) == Some('b')));
        let weight = |shard: &Mutex<Shard<char>>| shard.lock().unwrap().weight;
        let sum: usize = cache.shards.iter().map(weight).sum();
        assert_eq!(sum, 100 * (10 + OVERHEAD));
    }

    #[test]
    fn a_new_value_replaces_the_old() {
        let cache = Cache::new(1 << 20);
        cache.put((0, 7), 'a', 10);
        cache.put((0, 7), 'b', 10);
        assert_eq!(cache.get((0, 7)), Some('b'));
    }
}
