//! `LIKE` (9.6.1): `%` stands for any text, `_` for one character, and the whole value must match.

use regex::Regex;

use super::regular;

/// A pattern of `LIKE`. Most have no `_` and need no automaton, so that very many cost little.
#[derive(Debug)]
pub(super) enum Like {
    /// Texts with anything between them.
    Texts {
        first: Box<str>,
        /// In this order.
        middle: Box<[Box<str>]>,
        /// None when nothing may stand behind the first.
        last: Option<Box<str>>,
    },
    Regex(Regex),
}

impl Like {
    /// Reads a pattern; says why when it is too large.
    pub(super) fn read(pattern: &str) -> Result<Self, String> {
        if pattern.contains('_') {
            return regular::like(pattern).map(Like::Regex);
        }
        let mut parts = pattern.split('%');
        let first = parts.next().unwrap_or_default().into();
        let last = parts.next_back().map(Box::from);
        let middle = parts.filter(|part| !part.is_empty());
        Ok(Like::Texts {
            first,
            middle: middle.map(Box::from).collect(),
            last,
        })
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        let (first, middle, last) = match self {
            Like::Regex(regex) => return regex.is_match(text),
            Like::Texts {
                first,
                middle,
                last,
            } => (first, middle, last),
        };
        let Some(last) = last else {
            return text == first.as_ref();
        };
        let inner = text
            .strip_prefix(first.as_ref())
            .and_then(|rest| rest.strip_suffix(last.as_ref()));
        // the first place that a text can have leaves the most to those behind it
        let rest = middle.iter().try_fold(inner, |rest, part| {
            let (_, behind) = rest?.split_once(part.as_ref())?;
            Some(Some(behind))
        });
        rest.flatten().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_value() {
        for (pattern, matching, other) in [
            ("%", "", None),
            ("a%", "a\nb", Some("ba")),
            ("%a", "ba", Some("ab")),
            ("a%a", "aa", Some("a")),
            ("%b%b%", "abb", Some("ab")),
            ("a%b%c", "a-b-b-c", Some("a-c-b")),
            ("ab%bc", "abbc", Some("abc")),
            ("", "", Some("x")),
            ("a.b", "a.b", Some("axb")),
            ("_b%", "\u{e9}bc", Some("b")),
            (r"C:\%", r"C:\x", Some("C:x")),
        ] {
            let like = Like::read(pattern).unwrap();
            assert!(like.is_match(matching), "{pattern} {matching:?}");
            if let Some(other) = other {
                assert!(!like.is_match(other), "{pattern} {other:?}");
            }
        }
    }
}
