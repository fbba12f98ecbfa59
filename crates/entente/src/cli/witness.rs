//! What `entente serve` needs to ask witnesses, and to be one.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use node::Node;
use node::log::policy::Policy;
use node::log::witness::Witness;

/// The folder of what was cosigned last, in a data directory.
const FOLDER: &str = "witness";

/// Reads a policy file.
pub(super) fn policy(path: &Path) -> anyhow::Result<Policy> {
    let octets = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Policy::parse(&octets).with_context(|| path.display().to_string())
}

/// Opens the witness of a data directory for the logs of a policy file; makes its key when there is
/// none.
pub(super) fn open(
    data: &Path,
    logs: &Path,
    name: Option<String>,
    node: &Node,
) -> anyhow::Result<Witness> {
    let logs = policy(logs)?;
    let name = name.unwrap_or_else(|| format!("{}/witness", node.log().key().name()));
    let folder = data.join(FOLDER);
    let key = node::log::cosigning_key(&folder, &name)?;
    let keys = logs.logs().iter().map(|log| log.key.clone());
    Ok(Witness::open(folder, key, keys)?)
}
