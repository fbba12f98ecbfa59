//! The signals of an entry: one alone stands in it, several are a list.

use super::{Entry, Index, NONE, SEVERAL, push};

/// One of several signals.
#[derive(Debug, Clone, Copy)]
pub(super) struct More {
    signal: u64,
    next: u32,
}

impl Index {
    /// Adds a signal to an entry; false if it is there, or there is no room.
    pub(super) fn add_signal(&mut self, at: u32, signal: u64) -> bool {
        if self.signals(at).any(|known| known == signal) {
            return false;
        }
        let Some(mut entry) = self.entry(at).copied() else {
            return false;
        };
        let first = if entry.len & SEVERAL != 0 {
            let [first, _] = entry.signal;
            Some(first)
        } else {
            self.add_more(entry.only_signal(), NONE)
        };
        let Some(first) = first else { return false };
        entry.len |= SEVERAL;
        let new = self.add_more(signal, first);
        // Without room for another, a list of one is as good as the entry before.
        entry.signal = [new.unwrap_or(first), 0];
        self.set_entry(at, entry);
        new.is_some()
    }

    /// Takes a signal off an entry. An entry without signals has no kind any more.
    pub(super) fn take_signal(&mut self, at: u32, signal: u64) -> bool {
        let Some(mut entry) = self.entry(at).copied() else {
            return false;
        };
        if entry.len & SEVERAL == 0 {
            let holds = entry.only_signal() == signal;
            if holds {
                entry.kind = None;
                self.set_entry(at, entry);
            }
            return holds;
        }
        let [first, _] = entry.signal;
        let (mut before, mut here) = (NONE, first);
        while let Some(more) = self.more.get(here as usize).copied() {
            if more.signal != signal {
                (before, here) = (here, more.next);
                continue;
            }
            match self.more.get_mut(before as usize) {
                Some(previous) => previous.next = more.next,
                None => entry.signal = [more.next, 0],
            }
            self.free_more(here);
            self.keep_one(&mut entry);
            self.set_entry(at, entry);
            return true;
        }
        false
    }

    /// Takes the last of an entry's several signals into the entry.
    fn keep_one(&mut self, entry: &mut Entry) {
        let [first, _] = entry.signal;
        let last = self
            .more
            .get(first as usize)
            .filter(|more| more.next == NONE);
        if let Some(&More { signal, .. }) = last {
            entry.signal = halves(signal);
            entry.len &= !SEVERAL;
            self.free_more(first);
        }
    }

    fn set_entry(&mut self, at: u32, entry: Entry) {
        if let Some(here) = self.entries.get_mut(at as usize) {
            *here = entry;
        }
    }

    /// Keeps a signal before `next`; gives its place, if there is one left.
    fn add_more(&mut self, signal: u64, next: u32) -> Option<u32> {
        let new = More { signal, next };
        let at = match self.free_more {
            Some(at) => at,
            None => u32::try_from(self.more.len())
                .ok()
                .filter(|&at| at != NONE)?,
        };
        match self.more.get_mut(at as usize) {
            Some(free) => {
                self.free_more = Some(free.next).filter(|&next| next != NONE);
                *free = new;
            }
            None => push(&mut self.more, new),
        }
        Some(at)
    }

    fn free_more(&mut self, at: u32) {
        if let Some(more) = self.more.get_mut(at as usize) {
            more.next = self.free_more.unwrap_or(NONE);
            self.free_more = Some(at);
        }
    }

    fn signals(&self, at: u32) -> impl Iterator<Item = u64> {
        self.entry(at)
            .into_iter()
            .flat_map(|entry| self.signals_of(entry))
    }

    /// All signals of an entry.
    pub(super) fn signals_of(&self, entry: &Entry) -> impl Iterator<Item = u64> + use<'_> {
        let [first, _] = entry.signal;
        let several = entry.len & SEVERAL != 0;
        let only = (!several).then(|| entry.only_signal());
        let more = |at: u32| self.more.get(at as usize);
        let first = more(if several { first } else { NONE });
        let all = std::iter::successors(first, move |here| more(here.next));
        only.into_iter().chain(all.map(|more| more.signal))
    }
}

impl Entry {
    /// Its signal, when it has one alone.
    fn only_signal(&self) -> u64 {
        let [low, high] = self.signal;
        u64::from(high) << 32 | u64::from(low)
    }
}

/// The halves of a signal, the low one first.
#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
pub(super) const fn halves(signal: u64) -> [u32; 2] {
    [signal as u32, (signal >> 32) as u32]
}
