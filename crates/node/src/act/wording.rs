//! What words that people send have to be, wherever they send them.

use crate::accession::MOST_WORDS;
use crate::act::Error;

/// Whether words are some, not too many and printable.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn check_words(what: &str, words: &str) -> Result<(), Error> {
    text(what, words, MOST_WORDS)
}

/// Whether a text is some, of at most so many octets, and printable.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn text(what: &str, words: &str, most: usize) -> Result<(), Error> {
    let unfit = |c: char| (c.is_control() && c != '\n' && c != '\t') || reorders(c);
    if words.trim().is_empty() || words.len() > most || words.chars().any(unfit) {
        let words = format!("{what}: 1 to {most} octets of printable text");
        return Err(Error::Invalid(words));
    }
    Ok(())
}

/// As [`text`], and one line.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn one_line(what: &str, words: &str, most: usize) -> Result<(), Error> {
    let unfit = |c: char| c.is_control() || reorders(c) || matches!(c, '\u{2028}' | '\u{2029}');
    if words.trim().is_empty() || words.len() > most || words.chars().any(unfit) {
        let words = format!("{what}: one line of 1 to {most} octets of printable text");
        return Err(Error::Invalid(words));
    }
    Ok(())
}

/// Whether it makes text read in another order than it is written (Unicode Standard Annex 9, sections
/// 2.1, 2.2 and 2.4): embeddings, overrides and isolates. Marks alone are part of ordinary texts.
fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_in_another_order_than_it_is_written_is_refused() {
        for c in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            let words = format!("We pay {c}001 a year.");
            assert!(check_words("words", &words).is_err(), "{c:?}");
            assert!(one_line("unit", &words, 300).is_err(), "{c:?}");
        }
        // Marks, and other scripts, are part of ordinary texts.
        let words = "\u{200f}\u{5e9}\u{5dc}\u{5d5}\u{5dd}";
        assert_eq!(check_words("words", words), Ok(()));
    }

    #[test]
    fn a_line_is_one_and_a_text_may_be_several() {
        let two = "one\n\ttwo";
        assert_eq!(check_words("words", two), Ok(()));
        assert!(one_line("unit", two, 300).is_err());
        assert!(check_words("words", " ").is_err());
        assert!(text("words", "four", 3).is_err());
    }
}
