//! Known content as a bank keeps it: an indicator over hashes that do not give it back.

use stix::build::Draft;
use stix::{StixId, Timestamp};

/// The indicator of known content. Its id follows from creator and pattern, as that of every other
/// indicator made here: the same content of the same party is one signal.
pub(crate) fn known_content(creator: StixId<'_>, pattern: &str, now: Timestamp) -> Draft {
    Draft::named("indicator", &format!("{creator}\n{pattern}"), now)
        .set(
            "description",
            "Known content, as hashes that do not give it back",
        )
        .set("pattern", pattern)
        .set("pattern_type", "stix")
        .set("valid_from", now.to_string())
        .said_by(Some(creator), None)
}
