//! The classes of 64 bytes at a time, as bitmaps: bit n is about byte n.
//!
//! The one module that holds `unsafe`: AVX2, where the processor has it. The portable twin is the
//! definition, and tests hold the other to it bit for bit.

/// What 64 bytes of text are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// What ends a token: see [`crate::classes`].
    pub(crate) ends: u64,
    /// Letters, digits, `-`, `_`, `.` and bytes that are not ASCII: what names are made of.
    pub(crate) name: u64,
    pub(crate) digit: u64,
    pub(crate) hex: u64,
    pub(crate) dot: u64,
    pub(crate) colon: u64,
    /// `[` `(` `{`
    pub(crate) open: u64,
    /// `]` `)` `}`
    pub(crate) close: u64,
    pub(crate) backslash: u64,
    /// `n` `r` `t` `u` `x` `@` `-`: with a dot and a colon, what a backslash makes a mark of.
    pub(crate) escaped: u64,
    /// `&` `%`
    pub(crate) escape: u64,
    /// Not ASCII.
    pub(crate) high: u64,
}

impl Block {
    /// What stands before and after a text: as if it were 64 NULs.
    pub(crate) const OUTSIDE: Self = Self {
        ends: u64::MAX,
        name: 0,
        digit: 0,
        hex: 0,
        dot: 0,
        colon: 0,
        open: 0,
        close: 0,
        backslash: 0,
        escaped: 0,
        escape: 0,
        high: 0,
    };
}

/// The bytes in one block.
pub(crate) const LEN: usize = 64;

/// Fills `blocks` with the classes of `text` from its start; what it is too short for is outside.
pub(crate) fn classify(text: &[u8], blocks: &mut [Block]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        unsafe { avx2::classify(text, blocks) };
        return;
    }
    portable(text, blocks);
}

/// Calls `one` with each 64 bytes of `text`, the last of them filled up with NULs.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "`one` is compiled for the features of the caller"
)]
fn each_block(text: &[u8], blocks: &mut [Block], one: impl Fn(&[u8; LEN]) -> Block) {
    let (whole, rest) = text.as_chunks::<LEN>();
    let mut blocks = blocks.iter_mut();
    // In this order: the first to end must be the bytes, or a block would be lost.
    for (bytes, block) in whole.iter().zip(blocks.by_ref()) {
        *block = one(bytes);
    }
    let Some(last) = blocks.next() else { return };
    let taken = rest.len();
    *last = if taken == 0 {
        Block::OUTSIDE
    } else {
        let mut bytes = [0; LEN];
        for (to, from) in bytes.iter_mut().zip(rest) {
            *to = *from;
        }
        one(&bytes)
    };
    for block in blocks {
        *block = Block::OUTSIDE;
    }
}

/// The definition, byte by byte.
pub(crate) fn portable(text: &[u8], blocks: &mut [Block]) {
    each_block(text, blocks, |bytes| {
        let mut block = Block::default();
        for (at, &byte) in bytes.iter().enumerate() {
            let set = |bits: &mut u64, is: bool| *bits |= u64::from(is) << at;
            set(
                &mut block.ends,
                matches!(byte, 0..=b' ' | 0x7f | b'"' | b'<' | b'>' | b'`'),
            );
            set(
                &mut block.name,
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | 0x80..),
            );
            set(&mut block.digit, byte.is_ascii_digit());
            set(&mut block.hex, byte.is_ascii_hexdigit());
            set(&mut block.dot, byte == b'.');
            set(&mut block.colon, byte == b':');
            set(&mut block.open, matches!(byte, b'[' | b'(' | b'{'));
            set(&mut block.close, matches!(byte, b']' | b')' | b'}'));
            set(&mut block.backslash, byte == b'\\');
            set(
                &mut block.escaped,
                matches!(byte, b'n' | b'r' | b't' | b'u' | b'x' | b'@' | b'-'),
            );
            set(&mut block.escape, matches!(byte, b'&' | b'%'));
            set(&mut block.high, byte >= 0x80);
        }
        block
    });
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_set_epi64x, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use super::{Block, LEN, each_block};

    /// The parts of a class: a byte belongs to a part if the entries of both its halves say so.
    const DIGIT: u8 = 1;
    const A_TO_F: u8 = 2;
    const G_TO_O: u8 = 4;
    const P_TO_Z: u8 = 8;
    const HYPHEN_DOT: u8 = 16;
    const UNDERSCORE: u8 = 32;

    const LOW: [u8; 16] = {
        let mut table = [0; 16];
        let mut low = 0;
        while low < 16 {
            let mut parts = 0;
            if low <= 9 {
                parts |= DIGIT;
            }
            if 1 <= low && low <= 6 {
                parts |= A_TO_F;
            }
            if low >= 7 {
                parts |= G_TO_O;
            }
            if low <= 10 {
                parts |= P_TO_Z;
            }
            if low == 13 || low == 14 {
                parts |= HYPHEN_DOT;
            }
            if low == 15 {
                parts |= UNDERSCORE;
            }
            set(&mut table, low, parts);
            low += 1;
        }
        table
    };
    const HIGH: [u8; 16] = {
        let mut table = [0; 16];
        set(&mut table, 2, HYPHEN_DOT);
        set(&mut table, 3, DIGIT);
        set(&mut table, 4, A_TO_F | G_TO_O);
        set(&mut table, 5, P_TO_Z | UNDERSCORE);
        set(&mut table, 6, A_TO_F | G_TO_O);
        set(&mut table, 7, P_TO_Z);
        table
    };
    /// Bytes with different low halves, each at the place of its own; other places hold what no
    /// byte with that low half equals.
    const ENDS: [u8; 16] = only(b"\"<>`\x7f");
    const ESCAPES: [u8; 16] = only(b"&%");
    const ESCAPED: [u8; 16] = only(b"nrtux@-");
    /// With bit 5 set, `[` is `{`, and `]` is `}`.
    const OPEN: [u8; 16] = only(b"({");
    const CLOSE: [u8; 16] = only(b")}");

    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn set(table: &mut [u8; 16], at: usize, value: u8) {
        table[at] = value;
    }

    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn only(bytes: &[u8]) -> [u8; 16] {
        let mut table = [0xff; 16];
        table[15] = 0x7e;
        let mut at = 0;
        while at < bytes.len() {
            table[(bytes[at] & 15) as usize] = bytes[at];
            at += 1;
        }
        table
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn classify(text: &[u8], blocks: &mut [Block]) {
        each_block(text, blocks, |bytes| {
            let ([low, high], _) = bytes.as_chunks::<{ LEN / 2 }>() else {
                return Block::default();
            };
            let (low, high) = (half(load(low)), half(load(high)));
            let join = |pick: fn(&Half) -> i32| {
                u64::from(pick(&low).cast_unsigned()) | u64::from(pick(&high).cast_unsigned()) << 32
            };
            Block {
                ends: join(|half| half.ends),
                name: join(|half| half.name),
                digit: join(|half| half.digit),
                hex: join(|half| half.hex),
                dot: join(|half| half.dot),
                colon: join(|half| half.colon),
                open: join(|half| half.open),
                close: join(|half| half.close),
                backslash: join(|half| half.backslash),
                escaped: join(|half| half.escaped),
                escape: join(|half| half.escape),
                high: join(|half| half.high),
            }
        });
    }

    struct Half {
        ends: i32,
        name: i32,
        digit: i32,
        hex: i32,
        dot: i32,
        colon: i32,
        open: i32,
        close: i32,
        backslash: i32,
        escaped: i32,
        escape: i32,
        high: i32,
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; LEN / 2]) -> __m256i {
        // SAFETY: there are as many bytes as are loaded; the load needs no alignment.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(bytes: __m256i) -> Half {
        let is = |byte: u8| _mm256_cmpeq_epi8(bytes, all(byte));
        let is_among = |bytes, table| _mm256_cmpeq_epi8(bytes, look_up(table, bytes));
        let folded = _mm256_or_si256(bytes, all(0x20));
        let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), all(15));
        // The shuffle gives 0 for what is not ASCII.
        let parts = _mm256_and_si256(look_up(&LOW, bytes), look_up(&HIGH, upper));
        let lacks = |of: u8| {
            let part = _mm256_and_si256(parts, all(of));
            _mm256_movemask_epi8(_mm256_cmpeq_epi8(part, _mm256_setzero_si256()))
        };
        let high = _mm256_movemask_epi8(bytes);
        let control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, all(b' ')), bytes);
        Half {
            ends: _mm256_movemask_epi8(_mm256_or_si256(control, is_among(bytes, &ENDS))),
            name: !lacks(u8::MAX) | high,
            digit: !lacks(DIGIT),
            hex: !lacks(DIGIT | A_TO_F),
            dot: _mm256_movemask_epi8(is(b'.')),
            colon: _mm256_movemask_epi8(is(b':')),
            // Bit 5 makes `(` and `)` of two controls.
            open: _mm256_movemask_epi8(is_among(folded, &OPEN)) & !_mm256_movemask_epi8(control),
            close: _mm256_movemask_epi8(is_among(folded, &CLOSE)) & !_mm256_movemask_epi8(control),
            backslash: _mm256_movemask_epi8(is(b'\\')),
            escaped: _mm256_movemask_epi8(is_among(bytes, &ESCAPED)),
            escape: _mm256_movemask_epi8(is_among(bytes, &ESCAPES)),
            high,
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn all(byte: u8) -> __m256i {
        _mm256_set1_epi8(byte.cast_signed())
    }

    /// The entry at each byte's low half; 0 for bytes that are not ASCII.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn look_up(table: &[u8; 16], at: __m256i) -> __m256i {
        let bits = u128::from_le_bytes(*table);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
        let (high, low) = ((bits >> 64) as i64, bits as i64);
        let table = _mm256_broadcastsi128_si256(_mm_set_epi64x(high, low));
        _mm256_shuffle_epi8(table, at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(block: &Block) -> [u64; 12] {
        let Block {
            ends,
            name,
            digit,
            hex,
            dot,
            colon,
            open,
            close,
            backslash,
            escaped,
            escape,
            high,
        } = *block;
        [
            ends, name, digit, hex, dot, colon, open, close, backslash, escaped, escape, high,
        ]
    }

    fn both(text: &[u8]) -> Vec<Block> {
        let mut fast = vec![Block::default(); text.len() / LEN + 3];
        let mut slow = fast.clone();
        classify(text, &mut fast);
        portable(text, &mut slow);
        assert_eq!(fast, slow, "{text:?}");
        fast
    }

    #[test]
    fn every_byte_at_every_place_has_its_class() {
        for byte in 0..=u8::MAX {
            for len in 1..=2 * LEN + 1 {
                let mut text = vec![b'a'; len];
                text[len - 1] = byte;
                let blocks = both(&text);
                let mut alone = [Block::default()];
                portable(&[byte], &mut alone);
                let bit = |block: &Block, at: usize| fields(block).map(|bits| bits >> at & 1);
                let at = len - 1;
                assert_eq!(
                    bit(&blocks[at / LEN], at % LEN),
                    bit(&alone[0], 0),
                    "{byte}"
                );
            }
        }
    }

    #[test]
    fn classes_are_those_of_tokens() {
        use crate::classes::{DOT, HIGH, WORD, class};
        for byte in 0..=u8::MAX {
            let mut block = [Block::default()];
            portable(&[byte], &mut block);
            let [Block { ends, name, .. }] = block;
            assert_eq!(ends & 1 != 0, class(byte) == 0, "{byte}");
            let is_name = class(byte) & (WORD | DOT | HIGH) != 0;
            assert_eq!(name & 1 != 0, is_name, "{byte}");
        }
    }

    proptest! {
        #[test]
        fn the_fast_way_is_the_portable_way(text in prop::collection::vec(any::<u8>(), 0..400)) {
            both(&text);
        }
    }
}
