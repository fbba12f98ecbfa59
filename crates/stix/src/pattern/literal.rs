//! Texts that a value must hold to pass `LIKE` or `MATCHES`, so that an index can look for them
//! before the whole expression is run.

use std::borrow::Cow;

use regex_syntax::hir::{Class, Hir, HirKind};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::ast::Condition;
use super::regular;

/// Texts that one expression gives at most.
const MOST: usize = 64;

/// A text in the form in which literals are looked for: normal form C, its letters lower case as
/// far as ASCII goes, and what is the same as an ASCII letter in any case as that letter.
pub fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Owned(text.chars().map(fold).collect()),
        _ => Cow::Owned(text.nfc().map(fold).collect()),
    }
}

fn fold(character: char) -> char {
    match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => character.to_ascii_lowercase(),
    }
}

impl Condition<'_> {
    /// For `LIKE` and `MATCHES`: texts, [`folded`], of which the folded form of every text that
    /// passes holds at least one. None where there are no such texts, and for other conditions.
    pub fn literals(&self) -> Option<Vec<String>> {
        match self {
            Condition::Like(pattern) => {
                let pattern = folded(pattern);
                let longest = pattern.split(['%', '_']).max_by_key(|text| text.len())?;
                (!longest.is_empty()).then(|| vec![longest.to_owned()])
            }
            Condition::Matches(pattern) => {
                let pattern: String = pattern.nfc().collect();
                required(&regular::structure(&pattern)?)
            }
            _ => None,
        }
    }
}

fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(_) => exact(hir)
            .filter(|text| !text.is_empty())
            .map(|text| vec![text]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(required(part)?);
                if all.len() > MOST {
                    return None;
                }
            }
            Some(all)
        }
        HirKind::Concat(parts) => of_sequence(parts),
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// The best texts of parts that follow each other: whole parts that are one text each are joined.
fn of_sequence(parts: &[Hir]) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut take = |texts: Vec<String>| {
        let shortest = |texts: &[String]| texts.iter().map(String::len).min().unwrap_or(0);
        let is_better = best
            .as_ref()
            .is_none_or(|best| shortest(&texts) > shortest(best));
        if shortest(&texts) > 0 && is_better {
            best = Some(texts);
        }
    };
    let mut run = String::new();
    for part in parts {
        if let Some(text) = exact(part) {
            run.push_str(&text);
            continue;
        }
        take(vec![std::mem::take(&mut run)]);
        if let Some(texts) = required(part) {
            take(texts);
        }
    }
    take(vec![run]);
    best
}

/// The one text, folded, that a part stands for.
fn exact(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(String::new()),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(text.chars().map(fold).collect())
        }
        HirKind::Class(Class::Unicode(class)) => {
            let mut characters = class
                .iter()
                .take(4)
                .flat_map(|range| (range.start()..=range.end()).take(4))
                .map(fold);
            let first = characters.next()?;
            let few = class.iter().all(|range| range.len() <= 3) && class.ranges().len() <= 3;
            (few && characters.all(|other| other == first)).then(|| first.to_string())
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(exact).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(condition: &Condition<'_>) -> Vec<String> {
        condition.literals().unwrap_or_default()
    }

    #[test]
    fn what_must_be_there_is_found() {
        for (pattern, expected) in [
            ("^powershell.*-enc", &["powershell"][..]),
            (r"(?i)\.Evil\.example$", &[".evil.example"]),
            ("a+(bcd|efg)h", &["bcd", "efg"]),
            ("(ab){2}", &["ab"]),
            ("[0-9]+", &[]),
            ("x?", &[]),
            ("abc|", &[]),
            ("(foo|.*)bar", &["bar"]),
            (r"(?i)task", &["task"]),
        ] {
            assert_eq!(
                of(&Condition::Matches(pattern.into())),
                expected,
                "{pattern}"
            );
        }
        for (pattern, expected) in [
            ("%.evil.example", &[".evil.example"][..]),
            ("a_bc%d", &["bc"]),
            ("%_%", &[]),
            ("", &[]),
            ("ABC", &["abc"]),
        ] {
            assert_eq!(of(&Condition::Like(pattern.into())), expected, "{pattern}");
        }
    }

    #[test]
    fn what_equals_in_any_case_folds_to_one() {
        assert_eq!(folded("\u{212a}eyS\u{17f}"), "keyss");
        assert_eq!(folded("zoe\u{308}"), "zo\u{eb}");
        assert_eq!(folded("same"), "same");
    }
}
