//! The bytes of the published values, in blocks that never move.

/// Larger than any value; small enough that the last, half-empty block costs little.
const BLOCK: usize = 256 * 1024;

/// Append-only bytes, addressed by offset. What is dropped is only counted: see
/// [`Arena::is_mostly_waste`].
#[derive(Debug, Default)]
pub(crate) struct Arena {
    blocks: Vec<Vec<u8>>,
    live: usize,
    waste: usize,
}

impl Arena {
    /// Keeps a value of at most [`BLOCK`] bytes; returns its offset.
    pub(crate) fn push(&mut self, value: &[u8]) -> u64 {
        let fits = self
            .blocks
            .last()
            .is_some_and(|block| block.len() + value.len() <= BLOCK);
        if !fits {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        self.live += value.len();
        let index = self.blocks.len().saturating_sub(1);
        let Some(block) = self.blocks.last_mut() else {
            return 0;
        };
        let offset = index * BLOCK + block.len();
        block.extend_from_slice(value);
        offset as u64
    }

    /// The value at an offset that [`Arena::push`] gave.
    #[inline]
    pub(crate) fn get(&self, offset: u64, len: usize) -> &[u8] {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let within = offset % BLOCK;
        let block = self.blocks.get(offset / BLOCK);
        block
            .and_then(|block| block.get(within..within + len))
            .unwrap_or_default()
    }

    /// Counts a value of `len` bytes as no longer needed.
    pub(crate) fn forget(&mut self, len: usize) {
        self.live -= len.min(self.live);
        self.waste += len;
    }

    /// Whether copying the live values to a new arena is worth it.
    pub(crate) fn is_mostly_waste(&self) -> bool {
        self.waste > 4 * BLOCK && self.waste > self.live
    }

    /// Bytes held.
    pub(crate) fn resident(&self) -> usize {
        self.blocks.iter().map(Vec::capacity).sum()
    }
}
