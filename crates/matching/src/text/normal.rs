//! The normal form: folded letters and digits, with the places they came from.

use super::decode::{Decoded, decode};
use super::fold::{Ascii, Folder, ascii};

/// A letter or digit of the normal form, and the bytes that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) char: char,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// Turns a stream of bytes into the letters of its normal form.
///
/// Keeps a few bytes whatever comes: marks are dropped one by one, never gathered.
#[derive(Debug, Clone)]
pub(super) struct Normaliser {
    folder: Folder,
    /// Bytes taken so far.
    at: u64,
    /// The letter given last; the same again is a repeat.
    last: Option<char>,
    /// Whether the character before was a letter or digit.
    touches: bool,
    /// What stands for a letter if one follows.
    held: Option<Letter>,
    /// The first bytes of a character that the last piece broke off in.
    part: [u8; 4],
    parts: usize,
}

impl Normaliser {
    pub(super) fn new() -> Self {
        Self {
            folder: Folder::new(),
            at: 0,
            last: None,
            touches: false,
            held: None,
            part: [0; 4],
            parts: 0,
        }
    }

    /// Forgets the text so far; what was remembered of characters stays.
    pub(super) fn reset(&mut self) {
        self.at = 0;
        self.last = None;
        self.touches = false;
        self.held = None;
        self.parts = 0;
    }

    /// Takes the next bytes, of any cut. Bytes that are not UTF-8 stand for nothing.
    pub(super) fn feed(&mut self, mut bytes: &[u8], emit: &mut impl FnMut(Letter)) {
        while self.parts > 0 {
            let Some((&next, rest)) = bytes.split_first() else {
                return;
            };
            if let Some(slot) = self.part.get_mut(self.parts) {
                *slot = next;
            }
            let part = self.part;
            match decode(part.get(..=self.parts).unwrap_or_default()) {
                Decoded::Part => self.parts += 1,
                Decoded::Char(char, length) => {
                    self.parts = 0;
                    self.take(char, length, emit);
                }
                Decoded::Invalid => {
                    // The bytes before `next` are no character; `next` may begin one.
                    let broken = std::mem::take(&mut self.parts);
                    self.skip(broken);
                    continue;
                }
            }
            bytes = rest;
        }
        while let Some(&first) = bytes.first() {
            if first.is_ascii() {
                self.take_ascii(first, emit);
                bytes = bytes.get(1..).unwrap_or_default();
                continue;
            }
            let taken = match decode(bytes) {
                Decoded::Char(char, length) => {
                    self.take(char, length, emit);
                    length
                }
                Decoded::Invalid => {
                    self.skip(1);
                    1
                }
                Decoded::Part => {
                    for (slot, &byte) in self.part.iter_mut().zip(bytes) {
                        *slot = byte;
                    }
                    self.parts = bytes.len();
                    return;
                }
            };
            bytes = bytes.get(taken..).unwrap_or_default();
        }
    }

    #[inline]
    fn take_ascii(&mut self, byte: u8, emit: &mut impl FnMut(Letter)) {
        let start = self.at;
        self.at += 1;
        match ascii(byte) {
            Ascii::Letter(letter) => self.give(letter.into(), start, emit),
            Ascii::Inside(letter) if self.touches => {
                self.held = Some(Letter {
                    char: letter.into(),
                    start,
                    end: self.at,
                });
                self.touches = false;
            }
            Ascii::Inside(_) | Ascii::Nothing => {
                self.touches = false;
                self.held = None;
            }
        }
    }

    fn take(&mut self, char: char, length: usize, emit: &mut impl FnMut(Letter)) {
        if let (true, Ok(byte)) = (char.is_ascii(), u8::try_from(char)) {
            return self.take_ascii(byte, emit);
        }
        let start = self.at;
        self.at += length as u64;
        let end = self.at;
        let (held, mut last) = (self.held, self.last);
        let mut any = false;
        self.folder.fold(char, &mut |letter| {
            if let (false, Some(held)) = (any, held)
                && last != Some(held.char)
            {
                emit(held);
                last = Some(held.char);
            }
            any = true;
            if last != Some(letter) {
                last = Some(letter);
                emit(Letter {
                    char: letter,
                    start,
                    end,
                });
            }
        });
        self.last = last;
        // What shows nothing (marks, joiners) leaves what is around it together.
        if any {
            self.touches = true;
            self.held = None;
        }
    }

    #[inline]
    fn give(&mut self, char: char, start: u64, emit: &mut impl FnMut(Letter)) {
        if let Some(held) = self.held.take()
            && self.last != Some(held.char)
        {
            self.last = Some(held.char);
            emit(held);
        }
        self.touches = true;
        if self.last != Some(char) {
            self.last = Some(char);
            emit(Letter {
                char,
                start,
                end: self.at,
            });
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes as u64;
        self.touches = false;
        self.held = None;
    }
}

/// A text in its normal form: lower-case letters of any script and digits, without what case,
/// marks, homoglyphs, leet, invisible characters, spaces, punctuation and repeats can change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normal {
    /// The letters and digits.
    pub text: String,
    /// For each of its characters, the first byte of the original that it came from, and the byte
    /// after the last.
    pub places: Vec<(u64, u64)>,
}

/// The normal form of a text, whole. [`super::Winnower`] takes texts of any size instead.
pub fn normal(text: &[u8]) -> Normal {
    let mut normal = Normal::default();
    Normaliser::new().feed(text, &mut |letter| {
        normal.text.push(letter.char);
        normal.places.push((letter.start, letter.end));
    });
    normal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(of: &str) -> String {
        normal(of.as_bytes()).text
    }

    #[test]
    fn what_people_hide_words_behind_is_gone() {
        for written in [
            "I hate you",
            "i h4te y0u!!!",
            "I  H-A-T-E  Y.O.U",
            "ｉ ｈａｔｅ ｙｏｕ",
            "І һаtе уоu",
            "I ha\u{200b}te\u{2060} yo\u{301}\u{302}u",
            "\u{202e}I haaaate yooou",
            "! h@te you |",
            "𝕀 𝔥𝔞𝔱𝔢 𝓎ou",
        ] {
            assert_eq!(
                text(written).trim_start_matches('i'),
                "hateyou",
                "{written}"
            );
        }
    }

    #[test]
    fn exclamation_marks_are_letters_only_inside_words() {
        assert_eq!(text("sh!t"), "shit");
        assert_eq!(text("s|l\u{200d}!\u{301}y"), "siliy");
        assert_eq!(text("oh! you !no"), "ohyouno");
        assert_eq!(text("oh!!no"), "ohno");
    }

    #[test]
    fn places_lead_back_to_the_original() {
        let written = "Ça, c'est ﬃ 1é!";
        let normal = normal(written.as_bytes());
        assert_eq!(normal.text, "cacestfie");
        let last = normal.places.last().unwrap();
        let (start, end) = (
            usize::try_from(last.0).unwrap(),
            usize::try_from(last.1).unwrap(),
        );
        assert_eq!(&written[start..end], "é");
        assert_eq!(normal.places.len(), normal.text.chars().count());
    }

    proptest! {
        #[test]
        fn however_it_is_cut_it_is_the_same(
            text in prop::collection::vec(any::<u8>(), 0..60),
            plain in "[ -~é\u{200b}аß😀ﬃ]{0,40}",
            cuts in prop::collection::vec(1_usize..5, 1..40),
        ) {
            for text in [text.as_slice(), plain.as_bytes()] {
                let mut normaliser = Normaliser::new();
                let mut letters = Vec::new();
                let (mut rest, mut cuts) = (text, cuts.iter().cycle());
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                    normaliser.feed(piece, &mut |letter| letters.push(letter));
                    rest = after;
                }
                let whole = normal(text);
                prop_assert_eq!(letters.iter().map(|l| l.char).collect::<String>(), whole.text);
                let places: Vec<_> = letters.iter().map(|l| (l.start, l.end)).collect();
                prop_assert_eq!(places, whole.places);
            }
        }

        #[test]
        fn a_normal_form_is_its_own(text in any::<String>()) {
            let once = self::text(&text);
            prop_assert_eq!(self::text(&once), once);
        }
    }
}
