//! Names and addresses by where they end: found by a carry through the bitmaps, without a look at
//! a byte.
//!
//! Adding 1 at the first bit of a run of ones moves the run's end out of it: so all labels that
//! follow a dot are ended in one addition, those that begin with a digit apart from the others. No
//! top-level name begins with a digit, so that most versions and sizes are passed over.

use super::{View, behind};
use crate::address;
use crate::reader::Sink;
use crate::refang;
use crate::sieve::{NameEnd, NameHash};
use crate::simd::Block;

/// What the sink is to be asked about, each with its place in the chunk. A chunk's questions are
/// answered together, so that the memory of the sieve is waited for once and not for each.
#[derive(Debug, Default)]
pub(in crate::reader) struct Asked {
    names: Vec<(u16, NameHash)>,
    addresses: Vec<(u16, u32)>,
}

impl Asked {
    /// Sets the bits of what the sink wants, and forgets all.
    #[inline]
    pub(super) fn answer<S: Sink>(&mut self, sink: &S, worth: &mut [u64]) {
        let mut set = |place: u16, is: bool| {
            if is && let Some(bits) = worth.get_mut(usize::from(place / 64)) {
                *bits |= 1 << (place % 64);
            }
        };
        for &(place, hash) in &self.names {
            set(place, sink.wants_name(hash));
        }
        for &(place, address) in &self.addresses {
            set(place, sink.wants_v4(address));
        }
        self.names.clear();
        self.addresses.clear();
    }
}

/// What a name or address needs for an answer.
enum Answer {
    No,
    Yes,
    Name(NameHash),
    Address(u32),
}

impl View<'_> {
    /// Asks about the hosts that end in this block, the chunk's `number`th; tells where something
    /// has to be looked at without asking.
    #[inline]
    pub(super) fn hosts(&self, number: usize, asked: &mut Asked) -> u64 {
        let ends = self.ends();
        let mut worth = ends.unclear;
        let base = u16::try_from(number * 64).unwrap_or(u16::MAX);
        let mut keep = |bit: u32, answer: Answer| {
            // below 64
            let place = base + u16::try_from(bit).unwrap_or(0);
            match answer {
                Answer::No => {}
                Answer::Yes => worth |= 1 << bit,
                Answer::Name(hash) => asked.names.push((place, hash)),
                Answer::Address(address) => asked.addresses.push((place, address)),
            }
        };
        let mut left = ends.names;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            keep(bit, self.name_before(bit));
        }
        left = ends.addresses;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            keep(bit, self.address_before(bit));
        }
        worth
    }

    /// Where runs of name bytes end that hold a dot.
    #[inline]
    fn ends(&self) -> Ends {
        let join =
            |of: fn(&Block) -> u64| u128::from(of(self.before)) | u128::from(of(self.here)) << 64;
        let plain = join(|block| block.name & !block.dot);
        let after = u128::from(self.after.name & !self.after.dot & 1) << 127;
        let between = join(|block| block.dot) & plain << 1 & (plain >> 1 | after);
        let starts = between << 1 & plain;
        let digit = join(|block| block.digit);
        let ended = |starts: u128| plain.wrapping_add(starts) & !plain & !between;
        let soon = |dots: u128| dots << 2 | dots << 3 | dots << 4;
        let third = between & soon(between & soon(between));
        let numbers = ended(starts & digit);
        let hyphens = join(|block| block.escaped) << 1;
        Ends {
            names: high(ended(starts & !digit)),
            addresses: high(numbers & (soon(third) | hyphens)),
            // A label that fills the block before cannot be looked back through.
            unclear: u64::from((self.before.name & !self.before.dot) | 1 == u64::MAX),
        }
    }

    #[inline]
    fn name_before(&self, bit: u32) -> Answer {
        let Some(run) = self.run_before(bit) else {
            return self.read_run(bit);
        };
        // From the top bit down, which is the run's last byte.
        let first = run.dots.leading_zeros();
        let dots = run.dots & !(1_u64 << 63).checked_shr(first).unwrap_or(0);
        let second = dots.leading_zeros().min(run.len);
        let dots = dots & !(1_u64 << 63).checked_shr(second).unwrap_or(0);
        let third = dots.leading_zeros().min(run.len);
        let from = |back: u32| run.end - back as usize;
        Answer::Name(NameHash::of(
            self.text,
            &NameEnd {
                third: (second < run.len).then(|| from(third)),
                second: from(second),
                last: from(first),
                end: run.end,
            },
        ))
    }

    #[inline]
    fn address_before(&self, bit: u32) -> Answer {
        let Some(run) = self.run_before(bit) else {
            return self.read_run(bit);
        };
        let digits = behind(self.here.digit, self.before.digit, bit) | run.dots;
        if run.dots.count_ones() != 3 || digits.leading_ones() < run.len {
            return self.read_run(bit);
        }
        let mut dots = run.dots;
        let (mut end, mut back, mut address) = (run.end, 0, 0);
        for place in 0..4 {
            let dot = dots.leading_zeros().min(run.len);
            dots &= !(1_u64 << 63).checked_shr(dot).unwrap_or(0);
            let Some(octet) = octet(self.text, end, dot - back) else {
                return self.read_run(bit);
            };
            address |= octet << (8 * place);
            back = dot + 1;
            end = run.end.saturating_sub(back as usize);
        }
        Answer::Address(address)
    }

    /// The run that ends before `bit`, where nothing about it is out of the ordinary.
    #[inline]
    fn run_before(&self, bit: u32) -> Option<Run> {
        let end = self.at + bit as usize;
        let len = behind(self.here.name, self.before.name, bit).leading_ones();
        let mask = u64::MAX.checked_shl(64 - len).unwrap_or(0);
        let dots = behind(self.here.dot, self.before.dot, bit) & mask;
        let start = end - len as usize;
        let is_trimmed = |at: usize| matches!(self.text.get(at), Some(b'.' | b'-'));
        let is_odd = len >= 64
            || dots & dots >> 1 != 0
            || is_trimmed(start)
            || self.text.get(end - 1) == Some(&b'-')
            || start > 0 && self.text.get(start - 1) == Some(&b'%');
        (!is_odd).then_some(Run { end, len, dots })
    }

    /// Reads the bytes of a run that ends before `bit`.
    #[cold]
    fn read_run(&self, bit: u32) -> Answer {
        let mut end = self.at + bit as usize;
        let len = behind(self.here.name, self.before.name, bit).leading_ones();
        if len >= 64 {
            return Answer::Yes;
        }
        let mut start = end - len as usize;
        if start > 0 && refang::is_escape(self.text, start - 1) {
            start = (start + 2).min(end);
        }
        let is_trimmed = |at: usize| matches!(self.text.get(at), Some(b'.' | b'-'));
        while start < end && is_trimmed(start) {
            start += 1;
        }
        while start < end && is_trimmed(end - 1) {
            end -= 1;
        }
        let run = self.text.get(start..end).unwrap_or_default();
        if run.windows(2).any(|pair| pair == b"..") {
            return Answer::Yes;
        }
        let mut dots = (start..end)
            .rev()
            .filter(|&at| self.text.get(at) == Some(&b'.'));
        let mut label = || dots.next().map(|at| at + 1);
        let Some(last) = label() else {
            return Answer::No;
        };
        let digits = self.text.get(last..end).unwrap_or_default();
        if digits.iter().all(u8::is_ascii_digit) {
            return match address::parse_v4(run) {
                Some(address) => Answer::Address(address),
                // It may be a range of addresses.
                None if run.contains(&b'-') => Answer::Yes,
                None => Answer::No,
            };
        }
        let second = label();
        let name = NameEnd {
            third: second.map(|_| label().unwrap_or(start)),
            second: second.unwrap_or(start),
            last,
            end,
        };
        Answer::Name(NameHash::of(self.text, &name))
    }
}

/// Where hosts end in a block.
struct Ends {
    names: u64,
    addresses: u64,
    /// Where it cannot be told.
    unclear: u64,
}

/// A run of less than 64 name bytes.
struct Run {
    end: usize,
    len: u32,
    /// Its dots; the top bit is about its last byte.
    dots: u64,
}

#[inline]
fn high(bits: u128) -> u64 {
    (bits >> 64) as u64
}

/// The number that ends at `end` in `len` digits, one to three. One of more than 255 gives what is
/// no address, and does no harm.
#[inline]
fn octet(text: &[u8], end: usize, len: u32) -> Option<u32> {
    let digits = u32::from_le_bytes(*text.get(..end)?.last_chunk()?);
    let kept = digits & u32::MAX.checked_shl(32_u32.checked_sub(8 * len)?)? & 0x0f0f_0f0f;
    let number = (kept >> 24) + 10 * (kept >> 16 & 15) + 100 * (kept >> 8 & 15);
    Some(number & 0xff)
}
