use std::fmt;

/// Characters shown before and after the place of an error.
const SHOWN_BEFORE: usize = 60;
const SHOWN_AFTER: usize = 20;

/// What is wrong with a pattern, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What could stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// The part of the line around the place, for the caret.
    excerpt: String,
    /// Characters of the excerpt before the place.
    caret: usize,
}

impl PatternError {
    pub(super) fn new(source: &str, start: usize, end: usize, expected: impl Into<String>) -> Self {
        let before = source.get(..start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        let column = in_line.chars().count() + 1;
        let after = source
            .get(start..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        let shown_before = column.min(SHOWN_BEFORE + 1) - 1;
        let excerpt = in_line
            .chars()
            .skip(column - 1 - shown_before)
            .chain(after.chars().take(SHOWN_AFTER))
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        PatternError {
            line: before.matches('\n').count() + 1,
            column,
            expected: expected.into(),
            found: found(source.get(start..end).unwrap_or_default()),
            excerpt,
            caret: shown_before,
        }
    }

    /// The error on three lines: what is wrong, the place in the pattern, and a caret below it.
    pub fn rendering(&self) -> String {
        format!(
            "{self}\n  {}\n  {:>width$}",
            self.excerpt,
            "^",
            width = self.caret + 1
        )
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PatternError {
            line,
            column,
            expected,
            found,
            ..
        } = self;
        write!(
            f,
            "line {line} column {column}: expected {expected}, found {found}"
        )
    }
}

impl std::error::Error for PatternError {}

fn found(token: &str) -> String {
    if token.is_empty() {
        return "the end of the pattern".to_owned();
    }
    let mut shown: String = token.chars().take(40).collect();
    if shown.len() < token.len() {
        shown.push('…');
    }
    format!("`{}`", shown.replace(char::is_control, " "))
}
