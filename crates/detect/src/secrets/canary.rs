//! Marks in copies: each recipient's copy bears a serial that follows from a key and the recipient,
//! so that a text that turns up tells which copy it comes from. It does not tell who passed it on.
//!
//! Three forms, for as many ways a text may take:
//!
//! | form | survives | is destroyed by |
//! |---|---|---|
//! | serial, as 16 letters | printing, scanning, retyping, any conversion | cutting that line out |
//! | the same within an address (e-mail alias, URL) | as the serial; tells when it is used, too | cutting it out |
//! | invisible characters between words | copying a part, conversion between formats | retyping, printing, ASCII, cleaning |
//!
//! Serials are 80 bits of HMAC-SHA256 in Crockford's base 32: no one finds another recipient's
//! without the key, and none is found by chance.

use std::collections::HashMap;
use std::fmt;

use matching::text::Key;

/// Crockford's digits: no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits of a serial.
const LENGTH: usize = 16;
/// Bits of the invisible form.
const INVISIBLE: u32 = 48;
/// Zero width space and zero width non-joiner: 0 and 1.
const BITS: [char; 2] = ['\u{200b}', '\u{200c}'];
/// Characters of text from one invisible mark to the next.
const APART: usize = 400;

/// Makes serials: for one document or for many, as its label says.
#[derive(Debug, Clone)]
pub struct Marker {
    key: Key,
    label: String,
}

/// A recipient's serial: 80 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(u128);

impl Marker {
    /// A maker of serials under a key. Another label gives the same recipients other serials.
    pub fn new(key: &Key, label: &str) -> Self {
        Self {
            key: key.derived("entente/secrets/canary/v1"),
            label: label.to_owned(),
        }
    }

    /// The serial of a recipient; white space around the name and its case make no difference.
    pub fn serial(&self, recipient: &str) -> Serial {
        let name = recipient.trim().to_lowercase();
        let message = format!("{}\n{name}", self.label);
        let digest = self.key.authenticate(message.as_bytes());
        let first = digest.iter().take(LENGTH * 5 / 8);
        Serial(first.fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
    }
}

impl fmt::Display for Serial {
    /// Four groups of four, as in `7Q3K-0M2X-9TRB-4HJC`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, digit) in self.digits().enumerate() {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl Serial {
    fn digits(self) -> impl Iterator<Item = char> {
        (0..LENGTH).rev().map(move |at| {
            let digit = (self.0 >> (at * 5)) as usize & 31;
            char::from(DIGITS.get(digit).copied().unwrap_or(b'0'))
        })
    }

    /// The serial in small letters without hyphens, for addresses.
    pub fn token(self) -> String {
        self.digits()
            .map(|digit| digit.to_ascii_lowercase())
            .collect()
    }

    /// The invisible form: 48 characters that show nothing.
    pub fn invisible(self) -> String {
        (0..INVISIBLE)
            .rev()
            .map(|at| {
                if self.short() >> at & 1 == 0 {
                    BITS[0]
                } else {
                    BITS[1]
                }
            })
            .collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low 48 bits are meant")]
    fn short(self) -> u64 {
        self.0 as u64 & ((1 << INVISIBLE) - 1)
    }
}

/// Puts a serial's invisible form into a text: after a space in about each 400 characters.
#[derive(Debug)]
pub struct Weaver {
    mark: String,
    since: usize,
}

impl Weaver {
    /// A weaver of this serial.
    pub fn new(serial: Serial) -> Self {
        Self {
            mark: serial.invisible(),
            // the first mark comes early: a short text gets one too
            since: APART - 20,
        }
    }

    /// Text with marks in it, appended to `to`.
    pub fn weave(&mut self, text: &str, to: &mut String) {
        for char in text.chars() {
            to.push(char);
            self.since += 1;
            if char == ' ' && self.since >= APART {
                to.push_str(&self.mark);
                self.since = 0;
            }
        }
    }
}

/// How a serial was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// As letters, alone or within an address.
    Letters,
    /// As invisible characters.
    Invisible,
}

/// Finds the serials of recipients in texts that stream by, in whatever grouping and case; O is
/// taken for 0, I and L for 1.
#[derive(Debug)]
pub struct Finder {
    letters: HashMap<u128, usize>,
    invisible: HashMap<u64, usize>,
    /// Which last 16 bits any serial has: 8 KiB.
    gate: Box<[u64]>,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    digits: u128,
    have: usize,
    bits: u64,
    have_bits: u32,
    /// The last two bytes.
    before: [u8; 2],
    at: u64,
}

impl Finder {
    /// A finder of these serials; found ones are told by their place in this list.
    pub fn new(serials: &[Serial]) -> Self {
        let mut gate = vec![0_u64; 1 << 10];
        for serial in serials {
            let (word, bit) = gate_of(serial.0);
            if let Some(word) = gate.get_mut(word) {
                *word |= bit;
            }
        }
        let places = || serials.iter().enumerate();
        Self {
            letters: places().map(|(at, serial)| (serial.0, at)).collect(),
            invisible: places().map(|(at, serial)| (serial.short(), at)).collect(),
            gate: gate.into(),
            state: State::default(),
        }
    }

    /// Takes the next bytes of a text, of any cut: whose serial, in which form, and the byte after
    /// its last.
    pub fn feed(&mut self, bytes: &[u8], on_found: &mut impl FnMut(usize, Form, u64)) {
        let Self {
            letters,
            invisible,
            gate,
            state,
        } = self;
        for &byte in bytes {
            state.at += 1;
            if let Some(digit) = digit(byte) {
                state.digits = (state.digits << 5 | u128::from(digit)) & ((1 << 80) - 1);
                state.have += 1;
                state.have_bits = 0;
                let (word, bit) = gate_of(state.digits);
                if state.have >= LENGTH
                    && gate.get(word).is_some_and(|word| word & bit != 0)
                    && let Some(&whose) = letters.get(&state.digits)
                {
                    on_found(whose, Form::Letters, state.at);
                }
            } else if byte.is_ascii_alphabetic() {
                (state.have, state.have_bits) = (0, 0);
            } else if state.before == [0xe2, 0x80] && (byte == 0x8b || byte == 0x8c) {
                let mask = (1 << INVISIBLE) - 1;
                state.bits = (state.bits << 1 | u64::from(byte == 0x8c)) & mask;
                state.have_bits += 1;
                if state.have_bits >= INVISIBLE
                    && let Some(&whose) = invisible.get(&state.bits)
                {
                    on_found(whose, Form::Invisible, state.at);
                }
            }
            state.before = [state.before[1], byte];
        }
    }

    /// Ends the text.
    pub fn finish(&mut self) {
        self.state = State::default();
    }
}

fn digit(byte: u8) -> Option<u8> {
    let upper = match byte.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    let at = DIGITS.iter().position(|digit| *digit == upper)?;
    u8::try_from(at).ok()
}

fn gate_of(digits: u128) -> (usize, u64) {
    let low = digits as usize & 0xffff;
    (low >> 6, 1 << (low & 63))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marker() -> Marker {
        Marker::new(&Key::new(b"sixteen octets..").unwrap(), "plan")
    }

    fn found(names: &[&str], text: &str) -> Vec<(usize, Form)> {
        let serials: Vec<Serial> = names.iter().map(|name| marker().serial(name)).collect();
        let mut found = Vec::new();
        Finder::new(&serials).feed(text.as_bytes(), &mut |whose, form, _| {
            found.push((whose, form));
        });
        found
    }

    #[test]
    fn a_serial_is_the_recipients_alone() {
        let serial = marker().serial("anna@example.org");
        assert_eq!(serial, marker().serial(" Anna@Example.org\n"));
        assert_ne!(serial, marker().serial("otto@example.org"));
        let other = Marker::new(&Key::new(b"sixteen octets..").unwrap(), "budget");
        assert_ne!(serial, other.serial("anna@example.org"));
        let text = serial.to_string();
        assert_eq!(
            (text.len(), text.replace('-', "").to_lowercase()),
            (19, serial.token())
        );
    }

    #[test]
    fn a_serial_is_found_however_it_is_written() {
        let serial = marker().serial("b");
        let names = ["a", "b", "c"];
        let text = serial.to_string();
        for written in [
            text.clone(),
            text.to_lowercase().replace('-', " "),
            text.replace('0', "O").replace('1', "l"),
            text.chars().flat_map(|c| [c, '\n']).collect(),
            format!("mailto:reports+{}@example.org", serial.token()),
            format!("https://example.org/d/{}?x=1", serial.token()),
        ] {
            assert_eq!(found(&names, &written), [(1, Form::Letters)], "{written}");
        }
        assert!(found(&names, &text[..text.len() - 1]).is_empty());
        assert!(found(&["a"], &text).is_empty());
    }

    #[test]
    fn invisible_marks_show_nothing_and_are_in_each_part() {
        let text = "a word and another ".repeat(100);
        let mut woven = String::new();
        Weaver::new(marker().serial("c")).weave(&text, &mut woven);
        let seen: String = woven.chars().filter(|c| !BITS.contains(c)).collect();
        assert_eq!(seen, text);
        let part: String = woven.chars().skip(600).take(500).collect();
        assert_eq!(found(&["a", "b", "c"], &part), [(2, Form::Invisible)]);
        assert!(found(&["a", "b"], &woven).is_empty());
        let mut short = String::new();
        Weaver::new(marker().serial("c")).weave("a note of one line, short\n", &mut short);
        assert_eq!(found(&["c"], &short), [(0, Form::Invisible)]);
    }

    proptest! {
        #[test]
        fn whatever_is_around_and_however_it_is_cut(
            before in "[ -~é\u{200b}]{0,40}",
            after in "[ -~é\u{200c}]{0,40}",
            cut in 1_usize..9,
        ) {
            let serial = marker().serial("x");
            let text = format!("{before} {serial} {after}");
            let mut finder = Finder::new(&[serial]);
            let mut count = 0;
            for piece in text.as_bytes().chunks(cut) {
                finder.feed(piece, &mut |_, form, _| count += usize::from(form == Form::Letters));
            }
            prop_assert_eq!(count, 1);
        }
    }
}
