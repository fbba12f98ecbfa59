//! Requests: a party asks another to act, the other answers, the affected contests, and dates come.

pub(crate) mod bounds;
mod calendar;
mod check;
mod clock;
mod contest;
mod evidence;
mod read;
mod send;
mod step;

pub use contest::Contestable;
pub use evidence::{Attachment, NewEvidence};
pub use read::{CaseView, Page, Query};
pub use send::NewRequest;
pub use step::{NewStep, Stepped};

use crate::act::Error;
use crate::batch::{By, Keyed};
use crate::clock::Instant;
use crate::directory::Directory;
use crate::node::Node;
use crate::policy::Viewer;
use crate::request::{Case, Role, Step};
use crate::writer::Written;

/// What a step is decided against.
pub(crate) struct Scene<'s> {
    pub(crate) directory: &'s Directory,
    pub(crate) viewer: &'s Viewer,
    pub(crate) case: &'s Case,
    pub(crate) now: Instant,
}

/// Decides on a step, on the writer's thread; nothing when there is nothing to do.
pub(crate) type DecideStep =
    Box<dyn FnOnce(&Scene<'_>) -> Result<Option<(Role, Step)>, Error> + Send>;

impl Node {
    async fn step(
        &self,
        by: By,
        request: &str,
        key: Option<Keyed>,
        decide: DecideStep,
    ) -> Result<Vec<u64>, Error> {
        let request = request.to_owned();
        self.write(Written::Step {
            by,
            request,
            key,
            decide,
        })
        .await
    }
}
