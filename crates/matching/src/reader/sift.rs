//! Which tokens are worth reading: nearly all text is passed over here, 64 bytes at a time, by
//! bitmaps of where its dots, colons, brackets ... stand.
//!
//! It may let a token through that holds nothing; never may it pass over one that holds what the
//! sink wants. So all that could be an observable is looked at where it shows:
//!
//! - a dot between the bytes of a name: the sink is asked about the end of that name, or about the
//!   address; no top-level name begins with a digit, so most versions and sizes are passed over;
//! - `::`, or six colons a few bytes apart: an IPv6 address has as many at least;
//! - sixteen hexadecimal digits: part of a digest;
//! - what is not ASCII, marks of defanging, escapes: the token is read. `\/`, `%2F` and a few more
//!   are common in logs and stand for bytes that part names, so they can stay as they are.

use std::ops::Range;

use crate::address;
use crate::classes::{Token, class};
use crate::reader::{SHORTEST_DIGEST, Sink};
use crate::refang;
use crate::sieve::NameEnd;
use crate::simd::{self, Block};

/// Blocks that are sifted between two calls of the classifier; one more is kept on both sides.
const FRESH: usize = 30;
const CHUNK: usize = FRESH * simd::LEN;
/// Colons of an IPv6 address that is not shortened and ends in an IPv4 address.
const FEWEST_COLONS: u32 = 6;
const LONGEST_DIGEST: usize = 128;

/// Calls `read` with each token that may hold what `sink` wants, in order.
pub(super) fn sift<S: Sink>(text: &[u8], sink: &mut S, read: &mut impl FnMut(&mut S, Token)) {
    let mut blocks = [Block::OUTSIDE; FRESH + 2];
    let mut done = 0;
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        if let Some(fresh) = blocks.get_mut(1..) {
            simd::classify(rest, fresh);
        }
        let mut at = start;
        for window in blocks.windows(3) {
            let [before, here, after] = window else { break };
            let view = View {
                text,
                at,
                before,
                here,
                after,
            };
            done = view.sift(done, sink, read);
            at += simd::LEN;
        }
        blocks[0] = blocks[FRESH];
        start += CHUNK;
    }
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
    /// Goes through a block; `done` is where the last token read ends. Returns where it ends now.
    #[inline]
    fn sift<S: Sink>(
        &self,
        mut done: usize,
        sink: &mut S,
        read: &mut impl FnMut(&mut S, Token),
    ) -> usize {
        let mut left = self.places(sink) & from(done.saturating_sub(self.at));
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            let place = self.at + bit as usize;
            let worth = match self.text.get(place) {
                Some(b'.') => {
                    let run = self.run_around(bit);
                    left &= !(self.here.dot & !from((run.end - self.at).min(64)));
                    self.is_host_wanted(bit, run, sink)
                }
                Some(b'\\' | b'&') => refang::is_mark(self.text, place),
                Some(b'%') => self.is_escape_of_names(place),
                Some(byte) if byte.is_ascii_hexdigit() => self.is_digest_wanted(bit, sink),
                _ => true,
            };
            if worth && let Some(token) = self.token_around(place, done) {
                read(sink, token);
                done = token.end;
                left &= from(done.saturating_sub(self.at));
            }
        }
        done
    }

    /// Where something shows that has to be looked at.
    #[inline]
    fn places<S: Sink>(&self, sink: &S) -> u64 {
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
        let mut colons = 0;
        if here.colon != 0 && sink.wants_ipv6() {
            colons = here.colon & later(here.colon, after.colon, 1);
            if here.colon.count_ones() + after.colon.count_ones() >= FEWEST_COLONS {
                colons |= self.rows_of_colons();
            }
        }
        self.dots()
            | opened
            | closed
            | colons
            | self.digits()
            | self.backslashes()
            | here.escape
            | here.high
    }

    /// Dots between name bytes: before a label that could be the last of a name, which begins with
    /// no digit, and before the last three numbers of an address.
    #[inline]
    fn dots(&self) -> u64 {
        let Self {
            before,
            here,
            after,
            ..
        } = self;
        let plain = |block: &Block| block.name & !block.dot;
        let between = here.dot & earlier(plain(here), plain(before));
        let of_name = |block: &Block| plain(block) & !block.digit;
        let names = between & later(of_name(here), of_name(after), 1);
        let number = between & later(here.digit, after.digit, 1);
        if number == 0 {
            return names;
        }
        let soon = |here: u64, after: u64| {
            later(here, after, 2) | later(here, after, 3) | later(here, after, 4)
        };
        let second = here.dot & soon(here.dot, after.dot);
        let second_after = after.dot & soon(after.dot, 0);
        names | number & second & soon(second, second_after)
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

    /// The run of name bytes around a dot; no more than 64 bytes to both sides are looked at.
    #[inline]
    fn run_around(&self, bit: u32) -> Range<usize> {
        let place = self.at + bit as usize;
        let after = ahead(self.here.name, self.after.name, bit).trailing_ones() as usize;
        let before = behind(self.here.name, self.before.name, bit).leading_ones() as usize;
        place - before.min(place)..place + after
    }

    /// Whether the sink wants the name or address that has a dot between name bytes at `bit`.
    #[inline]
    fn is_host_wanted<S: Sink>(&self, bit: u32, run: Range<usize>, sink: &S) -> bool {
        let place = self.at + bit as usize;
        if run.end - place >= 64 || place - run.start >= 64 {
            return true;
        }
        // Bit 64 is at `place`.
        let dots = u128::from(ahead(self.here.dot, self.after.dot, bit)) << 64
            | u128::from(behind(self.here.dot, self.before.dot, bit));
        let origin = |at: usize| at + 64 - place;
        let mut start = run.start;
        if start > 0 && refang::is_escape(self.text, start - 1) {
            start += 2;
        }
        let trimmed = |at: usize| matches!(self.text.get(at), Some(b'.' | b'-'));
        let mut end = run.end;
        while start < end && trimmed(start) {
            start += 1;
        }
        while start < end && trimmed(end - 1) {
            end -= 1;
        }
        let within = u128::MAX << origin(start) & !(u128::MAX << (origin(end).min(127)));
        let mut dots = dots & within;
        if dots & dots >> 1 != 0 {
            return true;
        }
        let count = dots.count_ones();
        let mut label = || {
            let bit = 127_u32.checked_sub(dots.leading_zeros())?;
            dots &= !(1 << bit);
            Some(place + bit as usize + 1 - 64)
        };
        let Some(last) = label() else { return false };
        let digits = self.text.get(last..end).unwrap_or_default();
        if digits.iter().all(u8::is_ascii_digit) {
            return count >= 3 && self.is_address_wanted(start..end, sink);
        }
        let second = label();
        let name = NameEnd {
            third: second.map(|_| label().unwrap_or(start)),
            second: second.unwrap_or(start),
            last,
            end,
        };
        sink.wants_name(self.text, &name)
    }

    fn is_address_wanted<S: Sink>(&self, run: Range<usize>, sink: &S) -> bool {
        let bytes = self.text.get(run).unwrap_or_default();
        match address::parse_v4(bytes) {
            Some(address) => sink.wants_v4(address),
            // It may be a range of addresses.
            None => bytes.contains(&b'-'),
        }
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

    /// The token around `place`, which begins at `done` at the earliest.
    fn token_around(&self, place: usize, done: usize) -> Option<Token> {
        let before = self.text.get(done..place).unwrap_or_default();
        let len = before
            .iter()
            .rev()
            .take_while(|&&byte| class(byte) != 0)
            .count();
        Token::after(self.text, place - len)
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

/// The bits from `bit` on.
#[inline]
fn from(bit: usize) -> u64 {
    u32::try_from(bit).map_or(0, |bit| u64::MAX.checked_shl(bit).unwrap_or(0))
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
