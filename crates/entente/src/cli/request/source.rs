//! Where the formats of a case come from: the node, or a bundle of it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::near::{Near, path};
use crate::case::{self, CaseFile};
use crate::cli::output::{Out, tell};
use crate::cli::target::{Target, Where};
use crate::cli::verify;
use anyhow::Context as _;

impl Near {
    /// The bundle of a case, signed by the node's log.
    pub(super) fn bundle(&self, id: &str) -> anyhow::Result<Vec<u8>> {
        match &self.target {
            Target::Local(local) => {
                let made = case::bundle(&local.node, &self.caller, id);
                made.map_err(|error| match error {
                    case::BundleError::Node(error) => error.into(),
                    other => other.into(),
                })
            }
            Target::Remote(client) => client.octets(&format!("{}/bundle", path(id))),
        }
    }
}

/// The case that is meant: the request's id, or the file of a bundle.
pub(super) fn case_of(place: &Where, named: &str) -> anyhow::Result<CaseFile> {
    let path = Path::new(named);
    let octets = if path.extension().is_some_and(|ending| ending == "zip") {
        std::fs::read(path).with_context(|| format!("cannot read {named}"))?
    } else {
        Near::open(place)?.bundle(named)?
    };
    verify::case::read(&octets).with_context(|| named.to_owned())
}

/// Writes what was made to a file, or to stdout.
pub(super) fn put(out: Option<&PathBuf>, octets: &[u8]) -> anyhow::Result<()> {
    let Some(path) = out.filter(|path| path.as_os_str() != "-") else {
        let mut out = Out::new();
        out.write_all(octets)?;
        out.flush()?;
        return Ok(());
    };
    std::fs::write(path, octets).with_context(|| format!("cannot write {}", path.display()))?;
    tell(&format!("{} written", path.display()));
    Ok(())
}
