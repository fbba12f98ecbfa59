//! How parties come to the pledge: invitations, talks, terms.

mod invitation;
mod talks;
mod terms;

use node::entry::Recorded;
use serde::{Deserialize, Serialize};

pub(crate) use invitation::*;
pub(crate) use talks::*;
pub(crate) use terms::*;

use super::time;

/// Where and when something was recorded here: `/log/receipt/{position}` proves it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// RFC 3339.
    pub(crate) recorded: String,
    /// The position of its entry in the journal.
    pub(crate) position: u64,
}

impl From<Recorded> for Record {
    fn from(recorded: Recorded) -> Self {
        Record {
            recorded: time(recorded.at.0),
            position: recorded.position,
        }
    }
}
