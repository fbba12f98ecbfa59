//! Which tokens are worth reading: nearly all text is passed over here, 64 bytes at a time, by
//! bitmaps of where its dots, colons, brackets ... stand.
//!
//! It may let a token through that holds nothing; never may it pass over one that holds what the
//! sink wants. So all that could be an observable is looked at where it shows:
//!
//! - the end of a name or of an address: the sink is asked about it (see [`hosts`]);
//! - `::`, or six colons a few bytes apart: an IPv6 address has as many at least;
//! - sixteen hexadecimal digits: part of a digest;
//! - what is not ASCII, marks of defanging, escapes: the token is read. `\/`, `%2F` and a few more
//!   are common in logs and stand for bytes that part names, so they can stay as they are.

mod hosts;

use crate::classes::{Token, class};
use crate::reader::{SHORTEST_DIGEST, Sink};
use crate::refang;
use crate::simd::{self, Block};

pub(super) use hosts::Asked;

/// Blocks that are sifted between two calls of the classifier; one more is kept on both sides.
const FRESH: usize = 30;
const CHUNK: usize = FRESH * simd::LEN;
/// Colons of an IPv6 address that is not shortened and ends in an IPv4 address.
const FEWEST_COLONS: u32 = 6;
const LONGEST_DIGEST: usize = 128;

/// Calls `read` with each token that may hold what `sink` wants, in order.
pub(super) fn sift<S: Sink>(
    text: &[u8],
    asked: &mut Asked,
    sink: &mut S,
    read: &mut impl FnMut(&mut S, Token),
) {
    let mut blocks = [Block::OUTSIDE; FRESH + 2];
    let mut worth = [0; FRESH];
    let mut start = 0;
    // Tokens before it are done with.
    let mut next = 0;
    // Once more at the end of the text: what ends there is seen in the block after it.
    while let Some(rest) = text.get(start..) {
        if let Some(fresh) = blocks.get_mut(1..) {
            simd::classify(rest, fresh);
        }
        let mut at = start;
        for (number, (window, worth)) in blocks.windows(3).zip(&mut worth).enumerate() {
            let [before, here, after] = window else { break };
            if at > text.len() {
                *worth = 0;
                continue;
            }
            let view = View {
                text,
                at,
                before,
                here,
                after,
            };
            *worth = view.marks(sink) | view.hosts(number, asked);
            at += simd::LEN;
        }
        asked.answer(sink, &mut worth);
        let mut at = start;
        for worth in worth {
            let mut left = worth;
            while left != 0 {
                let place = at + left.trailing_zeros() as usize;
                left &= left - 1;
                if place >= next
                    && let Some(token) = token_around(text, place, next)
                {
                    read(sink, token);
                    next = token.end + 1;
                }
            }
            at += simd::LEN;
        }
        blocks[0] = blocks[FRESH];
        start += CHUNK;
    }
}

/// The token that ends at `place` or goes on there; it begins at `from` at the earliest.
fn token_around(text: &[u8], place: usize, from: usize) -> Option<Token> {
    let before = text.get(from..place).unwrap_or_default();
    let len = before
        .iter()
        .rev()
        .take_while(|&&byte| class(byte) != 0)
        .count();
    Token::after(text, place - len)
}

/// A block in its surroundings.
struct View<'v> {
    text: &'v [u8],
    /// Where the block begins.
    at: usize,
    before: &'v Block,
    here: &'v Block,
    after: &'v Block,
}

impl View<'_> {
    /// Where all but hosts shows.
    #[inline]
    fn marks<S: Sink>(&self, sink: &S) -> u64 {
        let Self {
            before,
            here,
            after,
            ..
        } = self;
        let opened = here.open
            & (later(here.dot, after.dot, 1)
                | later(here.close, after.close, 2)
                | later(here.close, after.close, 3)
                | later(here.close, after.close, 4));
        let closed = here.close & earlier(here.dot, before.dot);
        let mut worth = opened | closed | here.high;
        if here.colon != 0 && sink.wants_ipv6() {
            worth |= here.colon & later(here.colon, after.colon, 1);
            if here.colon.count_ones() + after.colon.count_ones() >= FEWEST_COLONS {
                worth |= self.rows_of_colons();
            }
        }
        let escapes = self.backslashes() | here.escape;
        if escapes != 0 {
            worth |= only(escapes, |bit| self.is_escape_wanted(bit));
        }
        let digits = self.digits();
        if digits != 0 {
            worth |= only(digits, |bit| self.is_digest_wanted(bit, sink));
        }
        worth
    }

    fn is_escape_wanted(&self, bit: u32) -> bool {
        let place = self.at + bit as usize;
        match self.text.get(place) {
            Some(b'%') => self.is_escape_of_names(place),
            _ => refang::is_mark(self.text, place),
        }
    }

    /// Backslashes that can be marks which change names. `\/` stands for a byte that no name holds. Of
    /// a pair, as JSON has them in paths, the second is looked at for itself; three are rare.
    #[inline]
    fn backslashes(&self) -> u64 {
        let Self { here, after, .. } = self;
        let part = |block: &Block| block.escaped | block.dot | block.colon;
        let next = |by| later(here.backslash, after.backslash, by);
        here.backslash & (later(part(here), part(after), 1) | next(1) & next(2))
    }

    /// The first of 16 hexadecimal digits and more.
    #[inline]
    fn digits(&self) -> u64 {
        let (mut here, mut after) = (self.here.hex, self.after.hex);
        for by in [1, 2, 4, 8] {
            here &= later(here, after, by);
            after &= after >> by;
        }
        here & !earlier(self.here.hex, self.before.hex)
    }

    /// Colons that begin rows of as many as an address has, two to five bytes apart.
    fn rows_of_colons(&self) -> u64 {
        let soon = |here: u64, after: u64| {
            later(here, after, 2)
                | later(here, after, 3)
                | later(here, after, 4)
                | later(here, after, 5)
        };
        let (here, after) = (self.here.colon, self.after.colon);
        let mut row = (here, after);
        for _ in 1..FEWEST_COLONS {
            row = (here & soon(row.0, row.1), after & soon(row.1, 0));
        }
        row.0
    }

    /// Whether an escape is there that can change names, or make up a mark.
    fn is_escape_of_names(&self, place: usize) -> bool {
        let Some(&[b'%', high, low]) = self.text.get(place..place + 3) else {
            return false;
        };
        if !(high.is_ascii_hexdigit() && low.is_ascii_hexdigit()) {
            return false;
        }
        match refang::hex_pair(high, low) {
            b'/' | b'?' | b'=' | b' ' | b',' | b'+' | b'"' | b'\'' | b'@' | b'|' | b'<' | b'>'
            | b'\t' | b'\r' | b'\n' => false,
            // The colon of a scheme.
            b':' => !matches!(
                self.text.get(place + 3..place + 6),
                Some([b'/', ..] | [b'%', b'2', b'f' | b'F'])
            ),
            _ => true,
        }
    }

    /// Whether the sink wants the digest that begins at `bit`, or after the escape there.
    #[inline]
    fn is_digest_wanted<S: Sink>(&self, bit: u32, sink: &S) -> bool {
        let len = ahead(self.here.hex, self.after.hex, bit).trailing_ones() as usize;
        len >= SHORTEST_DIGEST && self.is_long_number_wanted(self.at + bit as usize, len, sink)
    }

    /// As [`Self::is_digest_wanted`], of `len` digits or more.
    fn is_long_number_wanted<S: Sink>(&self, place: usize, len: usize, sink: &S) -> bool {
        let mut word = place..place + len;
        if len == simd::LEN {
            let rest = self.text.get(word.end..).unwrap_or_default();
            let longest = LONGEST_DIGEST + 3 - len;
            let digits = rest.iter().take(longest);
            word.end += digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
        }
        let before = place.checked_sub(1);
        if before.is_some_and(|percent| refang::is_escape(self.text, percent)) {
            word.start += 2;
        }
        let of_word = |at: usize| self.text.get(at).is_some_and(u8::is_ascii_alphanumeric);
        crate::Kind::of_digest(word.len()).is_some()
            && !of_word(word.end)
            && !before.is_some_and(of_word)
            && sink.wants_digest(self.text.get(word).unwrap_or_default())
    }
}

/// Bit n is about the byte before it.
#[inline]
fn earlier(here: u64, before: u64) -> u64 {
    here << 1 | before >> 63
}

/// Bit n is about the byte `by` bytes after it; `by` is between 1 and 63.
#[inline]
fn later(here: u64, after: u64, by: u32) -> u64 {
    here >> by | after << (64 - by)
}

/// Those of `bits` of which `is` holds.
#[inline]
fn only(mut bits: u64, is: impl Fn(u32) -> bool) -> u64 {
    let mut kept = 0;
    while bits != 0 {
        let bit = bits.trailing_zeros();
        bits &= bits - 1;
        kept |= u64::from(is(bit)) << bit;
    }
    kept
}

/// The 64 bits from `bit` on.
#[inline]
fn ahead(here: u64, after: u64, bit: u32) -> u64 {
    here >> bit | after.checked_shl(64 - bit).unwrap_or(0)
}

/// The 64 bits before `bit`.
#[inline]
fn behind(here: u64, before: u64, bit: u32) -> u64 {
    here.checked_shl(64 - bit).unwrap_or(0) | before >> bit
}

#[cfg(test)]
mod tests;
