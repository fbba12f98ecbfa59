//! 64 bytes at a time: one look-up says eight things about each.

use std::arch::x86_64::{
    __m512i, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_maskz_permutex2var_epi8,
    _mm512_movepi8_mask, _mm512_set1_epi8, _mm512_test_epi8_mask,
};

use super::{
    Block, CLOSE, DIGIT, ENDS, ESCAPE, ESCAPED, HEX, LEN, NAME, OPEN, each_block, parts_of,
};

/// What each ASCII byte is.
const PARTS: [[u8; LEN]; 2] = {
    let mut table = [[0; LEN]; 2];
    let mut byte = 0;
    while byte < 2 * LEN {
        #[expect(clippy::cast_possible_truncation, reason = "below 128")]
        let parts = parts_of(byte as u8);
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            table[byte / LEN][byte % LEN] = parts;
        }
        byte += 1;
    }
    table
};

/// Whether the processor has what [`classify`] is compiled for.
#[inline]
pub(super) fn is_available() -> bool {
    std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vbmi")
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(super) fn classify(text: &[u8], blocks: &mut [Block]) {
    let [low, high] = &PARTS;
    let (low, high) = (load(low), load(high));
    each_block(text, blocks, |bytes| {
        let bytes = load(bytes);
        let beyond = _mm512_movepi8_mask(bytes);
        let parts = _mm512_maskz_permutex2var_epi8(!beyond, low, bytes, high);
        let has = |part: u8| _mm512_test_epi8_mask(parts, all(part));
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, all(byte));
        Block {
            ends: has(ENDS),
            name: has(NAME) | beyond,
            digit: has(DIGIT),
            hex: has(HEX),
            dot: is(b'.'),
            colon: is(b':'),
            open: has(OPEN),
            close: has(CLOSE),
            backslash: is(b'\\'),
            escaped: has(ESCAPED),
            escape: has(ESCAPE),
            high: beyond,
        }
    });
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn load(bytes: &[u8; LEN]) -> __m512i {
    // SAFETY: there are as many bytes as are loaded; the load needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn all(byte: u8) -> __m512i {
    _mm512_set1_epi8(byte.cast_signed())
}
