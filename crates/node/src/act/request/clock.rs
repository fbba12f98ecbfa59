//! Dates of requests: reminders, what is brought before the steward, and what expires. Decided once, by
//! the writer, and written down; a clock that goes back does nothing.

use super::Scene;
use super::step::BY_CLOCK;
use crate::act::Error;
use crate::batch::By;
use crate::clock::Instant;
use crate::node::Node;
use crate::view::requests::Cases;

/// Cases that are seen to at once.
const AT_ONCE: usize = 500;

impl Node {
    /// Takes the steps whose dates have come; gives how many.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::Busy`].
    pub async fn advance_requests(&self) -> Result<usize, Error> {
        let mut taken = 0;
        loop {
            let due = Cases::open(&self.shared.store.read()?)?.due(self.now(), AT_ONCE)?;
            let before = taken;
            for id in due {
                let decide = Box::new(move |scene: &Scene<'_>| {
                    Ok(scene.case.due(scene.now).map(|step| (BY_CLOCK, step)))
                });
                taken += self.step(By::Clock, &id, None, decide).await?.len();
            }
            if taken == before {
                return Ok(taken);
            }
        }
    }

    /// When the next date of a request comes.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn next_request_date(&self) -> Result<Option<Instant>, Error> {
        Ok(Cases::open(&self.shared.store.read()?)?.next_due()?)
    }
}
