//! The report for people.

use super::print::Result;

/// The page.
///
/// # Errors
/// When it cannot be written.
pub(super) fn page(_: &Result<'_>) -> anyhow::Result<String> {
    Ok(String::new())
}
