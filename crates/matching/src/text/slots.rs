//! The texts of an index: numbers of their own, dense, for what its users call them.

use hashbrown::HashTable;

/// Texts by slot and by id.
#[derive(Debug, Default)]
pub(super) struct Slots {
    texts: Vec<Slot>,
    free: Vec<u32>,
    by_id: HashTable<u32>,
}

/// A text: its id, and how many hashes of it are in the index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) id: u64,
    pub(super) hashes: u32,
}

impl Slots {
    /// How many texts there are.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// One more than the highest slot.
    pub(super) fn end(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn get(&self, slot: u32) -> Option<Slot> {
        self.texts.get(slot as usize).copied()
    }

    pub(super) fn find(&self, id: u64) -> Option<u32> {
        let same = |&slot: &u32| self.get(slot).is_some_and(|slot| slot.id == id);
        self.by_id.find(place(id), same).copied()
    }

    /// A slot for a new text; none when the id is taken, or the slots are.
    pub(super) fn add(&mut self, id: u64) -> Option<u32> {
        if self.find(id).is_some() || self.texts.len() > i32::MAX as usize {
            return None;
        }
        let new = Slot { id, hashes: 0 };
        let slot = if let Some(slot) = self.free.pop() {
            *self.texts.get_mut(slot as usize)? = new;
            slot
        } else {
            self.texts.push(new);
            u32::try_from(self.texts.len() - 1).ok()?
        };
        let texts = &self.texts;
        self.by_id.insert_unique(place(id), slot, |&slot| {
            place(texts.get(slot as usize).map_or(0, |slot| slot.id))
        });
        Some(slot)
    }

    /// Sets how many hashes a text has; with none it is gone.
    pub(super) fn set(&mut self, slot: u32, hashes: u32) {
        let Some(known) = self.texts.get_mut(slot as usize) else {
            return;
        };
        known.hashes = hashes;
        let id = known.id;
        if hashes == 0
            && let Ok(found) = self.by_id.find_entry(place(id), |&at| at == slot)
        {
            found.remove();
            self.free.push(slot);
        }
    }

    /// Bytes of memory taken, as allocated.
    pub(super) fn resident(&self) -> usize {
        self.by_id.allocation_size()
            + self.texts.capacity() * size_of::<Slot>()
            + self.free.capacity() * size_of::<u32>()
    }
}

fn place(id: u64) -> u64 {
    let mixed = (id ^ id >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ mixed >> 29
}
