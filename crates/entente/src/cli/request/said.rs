//! Words and times that are given on the command line.

use std::path::Path;

use anyhow::Context as _;
use indicatif::ProgressBar;
use node::request::deadline::Preset;

use crate::cli::input::{self, Head, without_mark};

/// Octets of words; the node takes fewer.
const MOST: u64 = 1 << 20;

/// The words that an argument stands for: itself, stdin for `-`, the contents of FILE for `@FILE`.
///
/// # Errors
/// When the file cannot be read, or is no text.
pub(super) fn words(argument: &str) -> anyhow::Result<String> {
    let path = match argument.strip_prefix('@') {
        Some(path) => path,
        None if argument == "-" => "-",
        None => return Ok(argument.to_owned()),
    };
    let read = input::open(Path::new(path), &ProgressBar::hidden(), Head::Whole)?;
    let (name, bytes) = read.whole(MOST, "say it in fewer words")?;
    let text = std::str::from_utf8(without_mark(&bytes));
    let text = text.with_context(|| format!("{name} is no UTF-8 text"))?;
    Ok(text.replace("\r\n", "\n").trim_end().to_owned())
}

/// A preset of deadlines.
pub(super) fn preset() -> impl clap::builder::TypedValueParser<Value = String> {
    clap::builder::PossibleValuesParser::new(Preset::ALL.iter().map(|word| word.as_str()))
}

/// Takes a time in any zone, or a day, which stands for its end in UTC: `by` a day includes it.
///
/// # Errors
/// Says what would be right.
pub(super) fn by(text: &str) -> Result<String, String> {
    if let Ok(day) = crate::cli::words::day(text) {
        return Ok(format!("{day}T23:59:59Z"));
    }
    let time: Result<jiff::Timestamp, _> = text.parse();
    time.map(|time| time.to_string()).map_err(|_| {
        "a time is written 2026-01-31T12:00:00Z, also with a zone such as +01:00, or as a day"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_includes_itself_and_a_time_may_have_a_zone() {
        assert_eq!(by("2026-12-01").unwrap(), "2026-12-01T23:59:59Z");
        assert_eq!(
            by("2026-12-01T01:00:00+01:00").unwrap(),
            "2026-12-01T00:00:00Z"
        );
        assert!(by("tomorrow").is_err());
    }
}
