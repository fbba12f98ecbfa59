//! Where the formats of a case come from: the node, or a bundle of it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use node::Caller;

use crate::case::{self, CaseFile};
use crate::cli::client::encoded;
use crate::cli::output::{Out, tell};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, Failure, verify};

impl Target {
    /// The bundle of a case, signed by the node's log.
    pub(super) fn bundle(&self, id: &str) -> anyhow::Result<Vec<u8>> {
        match self {
            Target::Local(local) => {
                let made = case::bundle(&local.node, &Caller::Operator, id);
                made.map_err(|error| match error {
                    case::BundleError::Node(node::Error::NotFound(_)) => {
                        Failure::new(Exit::Local, format!("there is no request '{id}'")).into()
                    }
                    other => other.into(),
                })
            }
            Target::Remote(client) => {
                client.octets(&format!("/api/v1/requests/{}/bundle", encoded(id)))
            }
        }
    }
}

/// The case that is meant: the request's id, or the file of a bundle.
pub(super) fn case_of(place: &Where, named: &str) -> anyhow::Result<CaseFile> {
    let path = Path::new(named);
    let octets = if path.extension().is_some_and(|ending| ending == "zip") {
        std::fs::read(path).with_context(|| format!("cannot read {named}"))?
    } else {
        place.open()?.bundle(named)?
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
