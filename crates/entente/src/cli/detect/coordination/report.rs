//! A report for people.
use super::Findings;
pub(super) fn html(_: &Findings) -> anyhow::Result<String> {
    Ok(String::new())
}
