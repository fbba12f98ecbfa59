//! What letters a character stands for.
//!
//! A character is decomposed (NFKD, Unicode Standard Annex 15), its marks are dropped, its case is
//! folded, and what looks like a Latin letter becomes that letter (confusables of Unicode Technical
//! Standard 39). The last step goes by the lower-case letter alone, so that a word in capitals and
//! the same word in small letters fold alike in every script.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};
use unicode_security::skeleton;

/// Characters that a folding of up to three is remembered for.
const REMEMBERED: usize = 1024;

/// Folds characters, and remembers what the last different ones became.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    remembered: Box<[Folded]>,
}

/// What a character became; one that is never looked for stands for none.
#[derive(Debug, Clone, Copy)]
struct Folded {
    from: char,
    length: u8,
    to: [char; 3],
}

/// What an ASCII character stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ascii {
    /// A letter or digit, as it is folded.
    Letter(u8),
    /// That letter, between letters or digits.
    Inside(u8),
    /// Nothing.
    Nothing,
}

impl Folder {
    pub(super) fn new() -> Self {
        let none = Folded {
            from: '\0',
            length: 0,
            to: ['\0'; 3],
        };
        Self {
            remembered: vec![none; REMEMBERED].into(),
        }
    }

    /// Gives the letters and digits that a character beyond ASCII stands for, in lower case.
    pub(super) fn fold(&mut self, from: char, emit: &mut impl FnMut(char)) {
        let place = (from as usize ^ from as usize >> 10) % REMEMBERED;
        if let Some(known) = self.remembered.get(place)
            && known.from == from
        {
            known
                .to
                .iter()
                .take(known.length.into())
                .for_each(|&to| emit(to));
            return;
        }
        let mut folded = Folded {
            from,
            length: 0,
            to: ['\0'; 3],
        };
        let mut count = 0_usize;
        decompose(from, &mut |to| {
            if let Some(slot) = folded.to.get_mut(count) {
                *slot = to;
            }
            count += 1;
            emit(to);
        });
        if let (Ok(length), Some(slot)) = (u8::try_from(count), self.remembered.get_mut(place))
            && count <= folded.to.len()
        {
            folded.length = length;
            *slot = folded;
        }
    }
}

/// What an ASCII character stands for, leet included.
pub(super) const fn ascii(byte: u8) -> Ascii {
    let letter = match byte {
        b'a'..=b'z' | b'2' | b'6' => byte,
        b'A'..=b'Z' => byte + (b'a' - b'A'),
        b'0' => b'o',
        b'1' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        b'8' => b'b',
        b'9' => b'g',
        b'!' | b'|' => return Ascii::Inside(b'i'),
        _ => return Ascii::Nothing,
    };
    Ascii::Letter(letter)
}

fn decompose(from: char, emit: &mut impl FnMut(char)) {
    decompose_compatible(squared(from), |part| {
        // Down, up and down again is case folding: of ẞ, ſ and ς too.
        let upper = part.to_lowercase().flat_map(char::to_uppercase);
        for lower in upper.flat_map(char::to_lowercase) {
            decompose_compatible(lower, |bare| {
                if !is_combining_mark(bare) && !is_filler(bare) {
                    latin(bare, emit);
                }
            });
        }
    });
}

/// The letters that emoji are made of, which no decomposition knows: regional indicators, and
/// letters in black circles and squares.
fn squared(from: char) -> char {
    let start = match from {
        '\u{1f1e6}'..='\u{1f1ff}' => '\u{1f1e6}',
        '\u{1f150}'..='\u{1f169}' => '\u{1f150}',
        '\u{1f170}'..='\u{1f189}' => '\u{1f170}',
        _ => return from,
    };
    let letter = (from as u32 - start as u32).wrapping_add(u32::from(b'a'));
    char::from_u32(letter).unwrap_or(from)
}

/// Letters that show nothing.
fn is_filler(char: char) -> bool {
    matches!(char, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Gives the Latin letters that a lower-case character, or its capital, looks like; else itself,
/// when it is a letter or digit.
fn latin(lower: char, emit: &mut impl FnMut(char)) {
    if lower.is_ascii() {
        if let Ok(Ascii::Letter(letter) | Ascii::Inside(letter)) = u8::try_from(lower).map(ascii) {
            emit(letter.into());
        }
        return;
    }
    if let Some(like) = alike(lower) {
        emit(like);
        return;
    }
    let mut upper = lower.to_uppercase();
    if let (Some(capital), None) = (upper.next(), upper.next())
        && capital != lower
        && let Some(like) = alike(capital)
    {
        // UTS 39 takes I and l for one and calls it l.
        emit(if like == 'l' { 'i' } else { like });
        return;
    }
    if lower.is_alphanumeric() {
        emit(lower);
    }
}

/// The Latin letter, in lower case, that a character looks like.
fn alike(char: char) -> Option<char> {
    let mut bytes = [0; 4];
    let mut looks = skeleton(char.encode_utf8(&mut bytes));
    match (looks.next(), looks.next()) {
        (Some(like), None) if like.is_ascii_alphabetic() => Some(like.to_ascii_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let (mut folder, mut folded) = (Folder::new(), String::new());
        for _ in 0..2 {
            folded.clear();
            for char in text.chars() {
                folder.fold(char, &mut |letter| folded.push(letter));
            }
        }
        folded
    }

    #[test]
    fn case_marks_and_compatibility_forms_are_gone() {
        assert_eq!(folded("ÉÈÊËē"), "eeeee");
        assert_eq!(folded("ßẞſﬃ"), "sssssffi");
        assert_eq!(folded("Ａｂ１𝐇𝒶𝕥ⓔ"), "abihate");
        assert_eq!(folded("İıĀ"), "iia");
        assert_eq!(folded("🇭🅰🅣"), "hat");
        assert_eq!(
            folded("\u{301}\u{200b}\u{202e}\u{3164}\u{e0041}\u{fe0f}😀—"),
            ""
        );
    }

    #[test]
    fn what_looks_latin_is_latin() {
        // Cyrillic and Greek
        assert_eq!(folded("НАТЕ"), "hate");
        assert_eq!(folded("һате"), "hate");
        assert_eq!(folded("ΗΑΤΕ"), "hate");
        assert_eq!(folded("ѕсаmІі".replace('m', "м").as_str()), "scamii");
    }

    #[test]
    fn capitals_and_small_letters_fold_alike() {
        for char in '\u{80}'..'\u{2ffff}' {
            let (upper, lower) = (
                char.to_uppercase().to_string(),
                char.to_lowercase().to_string(),
            );
            assert_eq!(folded(&upper), folded(&lower), "{char:?} {upper} {lower}");
        }
    }

    #[test]
    fn other_scripts_stay() {
        assert_eq!(folded("日本語"), "日本語");
        assert_eq!(folded("دول").chars().count(), 3);
    }
}
