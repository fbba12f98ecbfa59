//! The classes of 64 bytes at a time, as bitmaps: bit n is about byte n. And work of others, compiled
//! for the processor at hand.
//!
//! The one module that holds `unsafe`: AVX-512 or AVX2, where the processor has it. The portable twin
//! is the definition, and tests hold the others to it bit for bit.

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
    if avx512::is_available() {
        // SAFETY: the processor has what it is compiled for.
        unsafe { avx512::classify(text, blocks) };
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        unsafe { avx2::classify(text, blocks) };
        return;
    }
    portable(text, blocks);
}

/// Arithmetic in plain loops.
pub(crate) trait Work {
    /// Does it. This, and all that it calls, has to be inlined always, to be compiled for more than
    /// the plainest processor.
    fn done(self);
}

/// Does work compiled for AVX2 where the processor has it: twice as many numbers at once. Results are
/// the same bit for bit, since nothing is fused or put into another order.
pub(crate) fn widened(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        unsafe { avx2::widened(work) };
        return;
    }
    work.done();
}

/// How many rows are put side by side.
pub(crate) const ROWS: usize = 16;

/// Rows, and the same as columns.
pub(crate) type Rows = [Vec<f32>; ROWS];

/// Puts rows side by side. Of rows that are shorter, what is there already stays.
pub(crate) fn side_by_side(rows: &Rows, columns: &mut [[f32; ROWS]]) {
    let done = {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            unsafe { avx2::side_by_side(rows, columns) }
        } else {
            0
        }
        #[cfg(not(target_arch = "x86_64"))]
        0
    };
    for (at, column) in columns.iter_mut().enumerate().skip(done) {
        for (value, row) in column.iter_mut().zip(rows) {
            *value = row.get(at).copied().unwrap_or(*value);
        }
    }
}

/// Puts what stands side by side into rows, which are as long.
pub(crate) fn one_by_one(columns: &[[f32; ROWS]], rows: &mut Rows) {
    let done = {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            unsafe { avx2::one_by_one(columns, rows) }
        } else {
            0
        }
        #[cfg(not(target_arch = "x86_64"))]
        0
    };
    for (at, column) in columns.iter().enumerate().skip(done) {
        for (row, value) in rows.iter_mut().zip(column) {
            if let Some(place) = row.get_mut(at) {
                *place = *value;
            }
        }
    }
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
            let parts = parts_of(byte);
            let set = |bits: &mut u64, is: bool| *bits |= u64::from(is) << at;
            set(&mut block.ends, parts & ENDS != 0);
            set(&mut block.name, parts & NAME != 0 || byte >= 0x80);
            set(&mut block.digit, parts & DIGIT != 0);
            set(&mut block.hex, parts & HEX != 0);
            set(&mut block.dot, byte == b'.');
            set(&mut block.colon, byte == b':');
            set(&mut block.open, parts & OPEN != 0);
            set(&mut block.close, parts & CLOSE != 0);
            set(&mut block.backslash, byte == b'\\');
            set(&mut block.escaped, parts & ESCAPED != 0);
            set(&mut block.escape, parts & ESCAPE != 0);
            set(&mut block.high, byte >= 0x80);
        }
        block
    });
}

const ENDS: u8 = 1;
const NAME: u8 = 2;
const DIGIT: u8 = 4;
const HEX: u8 = 8;
const OPEN: u8 = 16;
const CLOSE: u8 = 32;
const ESCAPED: u8 = 64;
const ESCAPE: u8 = 128;

/// What an ASCII byte is; nothing of this holds of others.
const fn parts_of(byte: u8) -> u8 {
    let mut parts = 0;
    if matches!(byte, 0..=b' ' | 0x7f | b'"' | b'<' | b'>' | b'`') {
        parts |= ENDS;
    }
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
        parts |= NAME;
    }
    if byte.is_ascii_digit() {
        parts |= DIGIT;
    }
    if byte.is_ascii_hexdigit() {
        parts |= HEX;
    }
    match byte {
        b'[' | b'(' | b'{' => parts |= OPEN,
        b']' | b')' | b'}' => parts |= CLOSE,
        b'n' | b'r' | b't' | b'u' | b'x' | b'@' | b'-' => parts |= ESCAPED,
        b'&' | b'%' => parts |= ESCAPE,
        _ => {}
    }
    parts
}

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

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
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            unsafe { avx2::classify(text, &mut fast) };
            assert_eq!(fast, slow, "AVX2: {text:?}");
        }
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

    #[test]
    fn rows_and_columns_change_places() {
        for width in [0, 1, 7, 8, 9, 64, 77] {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let rows: Rows =
                std::array::from_fn(|row| (0..width).map(|at| (row * 1000 + at) as f32).collect());
            let mut columns = vec![[0.0; ROWS]; width];
            side_by_side(&rows, &mut columns);
            for (at, column) in columns.iter().enumerate() {
                let expected: Vec<f32> = rows.iter().map(|row| row[at]).collect();
                assert_eq!(column.as_slice(), expected);
            }
            let mut back: Rows = std::array::from_fn(|_| vec![0.0; width]);
            one_by_one(&columns, &mut back);
            assert_eq!(back, rows);
        }
    }

    proptest! {
        #[test]
        fn the_fast_way_is_the_portable_way(text in prop::collection::vec(any::<u8>(), 0..400)) {
            both(&text);
        }
    }
}
