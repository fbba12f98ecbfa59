//! Plain lists: one indicator a line.

use anyhow::Context as _;

use super::indicator::{Row, Template};
use super::taking::Taking;
use crate::cli::input::{Input, Line, read_line};

/// Octets of the longest line; no observable comes near.
const LONGEST: usize = 64 * 1024;

/// Takes a list. `#` starts a comment: a line of its own is skipped, one behind an indicator
/// becomes its description. Lines of a hosts file name what they block.
///
/// # Errors
/// When the stream breaks, or the node cannot be written.
pub(crate) fn read(
    mut input: Input,
    template: &Template,
    taking: &mut Taking<'_>,
) -> anyhow::Result<()> {
    let mut buffer = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let line = read_line(&mut input.stream, &mut buffer, LONGEST)
            .with_context(|| format!("{}:{number}: the file cannot be read on", input.name))?;
        match line {
            Line::End => return Ok(()),
            Line::TooLong => {
                taking.refuse(&input.name, number, "the line is longer than any indicator");
            }
            Line::Whole => {
                let text = String::from_utf8_lossy(&buffer);
                let Some(row) = row(&text) else { continue };
                taking.take_row(&input.name, number, template, &row)?;
            }
        }
    }
}

fn row(line: &str) -> Option<Row> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (value, comment) = match line.split_once(" #").or_else(|| line.split_once("\t#")) {
        Some((value, comment)) => (value.trim(), comment.trim()),
        None => (line, ""),
    };
    let blocked = value
        .split_once(char::is_whitespace)
        .and_then(|(address, name)| {
            matches!(address, "0.0.0.0" | "127.0.0.1" | "::" | "::1").then_some(name.trim())
        });
    let value = blocked.unwrap_or(value).to_owned();
    Some(Row {
        value,
        description: comment.to_owned(),
        ..Row::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_hosts_files_are_understood() {
        let read = |line| row(line).map(|row| (row.value, row.description));
        let some = |value: &str, text: &str| Some((value.to_owned(), text.to_owned()));
        assert_eq!(read("  a.example  "), some("a.example", ""));
        assert_eq!(
            read("a.example # seen in May"),
            some("a.example", "seen in May")
        );
        assert_eq!(
            read("http://a.example/#top"),
            some("http://a.example/#top", "")
        );
        assert_eq!(read("0.0.0.0 a.example"), some("a.example", ""));
        assert_eq!(read("# all of them"), None);
        assert_eq!(read("\u{feff}"), None);
    }
}
