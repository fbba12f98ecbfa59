//! 32 bytes at a time, by shuffles of their halves; rows of floats as columns.

use std::arch::x86_64::{
    __m256, __m256i, _mm_set_epi64x, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_loadu_ps, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
    _mm256_or_si256, _mm256_permute2f128_ps, _mm256_set1_epi8, _mm256_setzero_ps,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_shuffle_ps, _mm256_srli_epi16,
    _mm256_storeu_ps, _mm256_unpackhi_ps, _mm256_unpacklo_ps,
};

use super::{Block, LEN, ROWS, Rows, Work, each_block};

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
pub(super) fn widened(work: impl Work) {
    work.done();
}

/// Puts blocks of 8 by 8 side by side; tells how many columns are done.
#[target_feature(enable = "avx2")]
pub(super) fn side_by_side(rows: &Rows, columns: &mut [[f32; ROWS]]) -> usize {
    let (blocks, _) = columns.as_chunks_mut::<8>();
    for (number, block) in blocks.iter_mut().enumerate() {
        let at = number * 8;
        for (half, rows) in rows.as_chunks::<8>().0.iter().enumerate() {
            let mut lines = [_mm256_setzero_ps(); 8];
            for (line, row) in lines.iter_mut().zip(rows) {
                let Some(eight) = row.get(at..).and_then(|row| row.first_chunk()) else {
                    return at;
                };
                *line = load_floats(eight);
            }
            for (line, column) in turned(lines).into_iter().zip(&mut *block) {
                if let Some(eight) = column.as_chunks_mut::<8>().0.get_mut(half) {
                    store_floats(eight, line);
                }
            }
        }
    }
    blocks.len() * 8
}

/// Puts blocks of 8 by 8 into rows; tells how many columns are done.
#[target_feature(enable = "avx2")]
pub(super) fn one_by_one(columns: &[[f32; ROWS]], rows: &mut Rows) -> usize {
    let (blocks, _) = columns.as_chunks::<8>();
    for (number, block) in blocks.iter().enumerate() {
        let at = number * 8;
        for (half, rows) in rows.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            let mut lines = [_mm256_setzero_ps(); 8];
            for (line, column) in lines.iter_mut().zip(block) {
                if let Some(eight) = column.as_chunks::<8>().0.get(half) {
                    *line = load_floats(eight);
                }
            }
            for (line, row) in turned(lines).into_iter().zip(rows) {
                let Some(eight) = row.get_mut(at..).and_then(|row| row.first_chunk_mut()) else {
                    return at;
                };
                store_floats(eight, line);
            }
        }
    }
    blocks.len() * 8
}

/// Rows as columns.
#[expect(clippy::many_single_char_names, reason = "eight of a kind")]
#[inline]
#[target_feature(enable = "avx2")]
fn turned([a, b, c, d, e, f, g, h]: [__m256; 8]) -> [__m256; 8] {
    let pairs = |a, b| (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    let ((ab, ab_), (cd, cd_)) = (pairs(a, b), pairs(c, d));
    let ((ef, ef_), (gh, gh_)) = (pairs(e, f), pairs(g, h));
    let low = |a, b| _mm256_shuffle_ps::<0x44>(a, b);
    let high = |a, b| _mm256_shuffle_ps::<0xee>(a, b);
    let upper = [low(ab, cd), high(ab, cd), low(ab_, cd_), high(ab_, cd_)];
    let lower = [low(ef, gh), high(ef, gh), low(ef_, gh_), high(ef_, gh_)];
    let [a, b, c, d] = upper;
    let [e, f, g, h] = lower;
    let first = |a, b| _mm256_permute2f128_ps::<0x20>(a, b);
    let second = |a, b| _mm256_permute2f128_ps::<0x31>(a, b);
    [
        first(a, e),
        first(b, f),
        first(c, g),
        first(d, h),
        second(a, e),
        second(b, f),
        second(c, g),
        second(d, h),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_floats(floats: &[f32; 8]) -> __m256 {
    // SAFETY: there are as many floats as are loaded; the load needs no alignment.
    unsafe { _mm256_loadu_ps(floats.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_floats(floats: &mut [f32; 8], values: __m256) {
    // SAFETY: there is room for as many floats as are stored; the store needs no alignment.
    unsafe { _mm256_storeu_ps(floats.as_mut_ptr(), values) }
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
