//! `/inbox`: what waits for who is signed in.

use askama::Template;

use super::asset;
use super::site::{Here, Site};
use crate::present::inbox::{Inbox, Waits};

/// The page.
#[derive(Template)]
#[template(path = "inbox.html")]
pub(crate) struct InboxPage<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) inbox: Inbox,
    /// Now, in microseconds.
    pub(crate) now: i64,
}

impl InboxPage<'_> {
    /// When something is due, in words: `in 3 hours`, `2 days late`.
    pub(crate) fn left(&self, item: &Waits) -> Option<String> {
        let due = item.due.as_deref()?;
        let due = stix::Timestamp::parse(due).ok()?.micros();
        Some(left(due - self.now))
    }

    /// `2026-11-28 12:00 UTC`.
    pub(crate) fn minute(text: &str) -> String {
        format!("{} UTC", text.get(..16).unwrap_or(text).replace('T', " "))
    }
}

/// How long it is until then, or since then, in microseconds.
pub(crate) fn left(micros: i64) -> String {
    let minutes = micros.unsigned_abs() / 60_000_000;
    let (number, unit) = match minutes {
        0..=119 => (minutes, "minute"),
        120..=2879 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    let s = if number == 1 { "" } else { "s" };
    if micros < 0 {
        format!("{number} {unit}{s} late")
    } else {
        format!("in {number} {unit}{s}")
    }
}

#[cfg(test)]
mod tests {
    use super::left;

    #[test]
    fn time_left_in_words() {
        let hour = 3_600_000_000;
        assert_eq!(left(0), "in 0 minutes");
        assert_eq!(left(3 * hour), "in 3 hours");
        assert_eq!(left(-hour), "60 minutes late");
        assert_eq!(left(-49 * hour), "2 days late");
        assert_eq!(left(72 * hour), "in 3 days");
    }
}
