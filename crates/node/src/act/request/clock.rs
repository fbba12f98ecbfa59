//! Dates of requests: reminders, what is brought before the steward, what expires, ends and is forgotten.
//! Decided once, by the writer, and written down; a clock that goes back does nothing.

use crate::act::Error;
use crate::clock::Instant;
use crate::node::Node;
use crate::view::requests::Cases;
use crate::writer::Written;

/// Steps that are taken in one batch.
const AT_ONCE: usize = 500;

impl Node {
    /// Takes the steps whose dates have come, the earliest first; gives how many.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::Busy`].
    pub async fn advance_requests(&self) -> Result<usize, Error> {
        let mut taken = 0;
        loop {
            let now = self.now();
            if self.next_request_date()?.is_none_or(|next| next > now) {
                return Ok(taken);
            }
            let some = self.write(Written::Advance { most: AT_ONCE }).await?.len();
            if some == 0 {
                return Ok(taken);
            }
            taken += some;
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
