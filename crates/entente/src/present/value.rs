//! Single values out of signals, as lists and tables show them.

use matching::{Kind, Observable};
use node::matchable;
use stix::signal::Said;

/// A value that can be matched, in the form in which others read it: canonical, but for a URL, whose
/// canonical form leaves the scheme out. None for what is no observable.
pub(crate) fn readable(said: &Said<'_>) -> Option<(Kind, String)> {
    let kind = matchable(said.kind)?;
    let observable = Observable::parse(kind, &said.value).ok()?;
    let value = if kind == Kind::Url {
        said.value.trim()
    } else {
        observable.as_str()
    };
    // One value is one line, whatever its URL holds.
    let whole = !value.contains(char::is_control);
    whole.then(|| (observable.kind(), value.to_owned()))
}

/// A cell of a table: text of others that a spreadsheet would take for a formula gets an apostrophe.
pub(crate) fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_nothing() {
        assert_eq!(harmless("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(harmless("a=b"), "a=b");
    }
}
