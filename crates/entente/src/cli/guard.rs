//! Where guards are kept: what logs signed, outside their data directories.

use std::path::PathBuf;

use node::Options;

/// The variable that names the folder; empty for none.
const VARIABLE: &str = "ENTENTE_GUARDS";

/// How nodes are opened on this machine.
pub(crate) fn options(matching: bool) -> Options {
    Options {
        matching,
        guards: folder(),
        ..Options::default()
    }
}

/// The folder of guards: the variable, or the user's folder for state (XDG base directories).
fn folder() -> Option<PathBuf> {
    if let Some(told) = std::env::var_os(VARIABLE) {
        return (!told.is_empty()).then(|| PathBuf::from(told));
    }
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| Some(set("HOME")?.join(".local/state")));
    state.map(|state| state.join("entente"))
}
