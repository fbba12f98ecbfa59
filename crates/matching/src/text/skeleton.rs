//! The letters of a short text.

use thiserror::Error;

use super::normal::Normaliser;

/// Letters of the shortest skeleton: shorter ones are an edit away from half the dictionary.
pub const SHORTEST_SKELETON: usize = 6;
/// Letters of the longest: longer texts are for [`super::Winnower`].
pub const LONGEST_SKELETON: usize = 512;

/// The letters of a text, of any script, in the form that [`super::normal()`] gives them; digits
/// that stand for no letter are left out, and of letters in a row that are the same one is left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Skeleton(String);

/// Why a text has no skeleton.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    /// It has fewer than [`SHORTEST_SKELETON`] letters.
    #[error("it has {letters} letters, at least {SHORTEST_SKELETON} are needed")]
    TooShort {
        /// How many it has.
        letters: usize,
    },
    /// It has more than [`LONGEST_SKELETON`] letters.
    #[error("it has more than {LONGEST_SKELETON} letters: compare it by fingerprints")]
    TooLong,
}

impl Skeleton {
    /// The skeleton of a text, which need not be UTF-8.
    ///
    /// # Errors
    /// When it has too few letters, or too many.
    pub fn of(text: &[u8]) -> Result<Self, Unfit> {
        let (mut skeleton, mut letters, mut last) = (String::new(), 0_usize, None);
        let mut normaliser = Normaliser::new();
        for piece in text.chunks(4096) {
            normaliser.feed(piece, &mut |letter| {
                let fits = letter.char.is_alphabetic() && last != Some(letter.char);
                if fits && letters <= LONGEST_SKELETON {
                    last = Some(letter.char);
                    letters += 1;
                    skeleton.push(letter.char);
                }
            });
            if letters > LONGEST_SKELETON {
                return Err(Unfit::TooLong);
            }
        }
        if letters < SHORTEST_SKELETON {
            return Err(Unfit::TooShort { letters });
        }
        Ok(Self(skeleton))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_alone_are_left() {
        let of = |text: &str| Skeleton::of(text.as_bytes()).map(|s| s.as_str().to_owned());
        assert_eq!(of("They're sooo 2 b2ad!"), Ok("theyresobad".into()));
        assert_eq!(of("a22aé cd e-f-g"), Ok("aecdefg".into()));
        assert_eq!(of("hello"), Err(Unfit::TooShort { letters: 4 }));
        assert_eq!(of(&"ab".repeat(256)).map(|s| s.len()), Ok(512));
        assert_eq!(of(&"ab".repeat(257)), Err(Unfit::TooLong));
        assert_eq!(of("Привет, мир").map(|s| s.chars().count()), Ok(9));
    }
}
