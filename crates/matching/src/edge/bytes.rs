//! Numbers as bytes, little-endian, read within bounds.

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'b>(pub(super) &'b [u8]);

impl<'b> Cursor<'b> {
    /// The next `len` bytes; none when there are not as many.
    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    #[inline]
    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    #[inline]
    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    /// An offset below 2⁴⁰, in five bytes.
    #[inline]
    pub(super) fn u40(&mut self) -> Option<u64> {
        let low = self.u32()?;
        let high = self.u8()?;
        Some(u64::from(high) << 32 | u64::from(low))
    }
}

/// The five bytes of an offset below 2⁴⁰.
pub(super) fn u40(offset: u64) -> [u8; 5] {
    offset
        .to_le_bytes()
        .first_chunk()
        .copied()
        .unwrap_or_default()
}
