//! Padding: within a batch the number of sealed leaves is a multiple of [`GROUP`], so that it tells
//! little of how much is done about objects marked RED.
//!
//! Padding stands before the first sealed entry and behind the last one, so that the place of a
//! single act in its group says nothing. It is not mixed in between all of them: a position is part of
//! what an entry is known by (whom a withdrawal names, when an object was added) from the moment it is
//! decided.

use std::borrow::Cow;

use super::Batch;
use crate::act::Error;
use crate::batch::fill;
use crate::entry::{Act, Actor, Seal};
use crate::policy::OPERATOR;

/// Sealed leaves come in groups of so many.
pub(crate) const GROUP: usize = 8;
/// Octets of a padding's body: those of small and middling objects.
const BODY: std::ops::Range<usize> = 200..1500;

impl Batch<'_> {
    /// Puts a random number of paddings before the first sealed entry of a batch.
    pub(super) fn lead_sealed(&mut self, act: &Act<'_>) -> Result<(), Error> {
        if self.sealed == 0 && !matches!(act, Act::Padding(_)) {
            let lead = usize::from(random() % 8);
            (0..lead).try_for_each(|_| self.padding())?;
        }
        Ok(())
    }

    /// Fills the last group.
    pub(super) fn pad(&mut self) -> Result<(), Error> {
        while !self.sealed.is_multiple_of(GROUP) {
            self.padding()?;
        }
        Ok(())
    }

    fn padding(&mut self) -> Result<(), Error> {
        let room = BODY.end - BODY.start;
        let length = BODY.start + usize::from(random()) % room;
        let mut bytes = vec![0; length];
        fill(&mut bytes);
        let actor = Actor {
            party: Cow::Borrowed(OPERATOR),
            account: Cow::Borrowed(OPERATOR),
        };
        // No view follows from it.
        self.encode(actor, Act::Padding(bytes), Seal::Sealed, |_, _| Ok(()))?;
        Ok(())
    }
}

fn random() -> u16 {
    let mut bytes = [0; 2];
    fill(&mut bytes);
    u16::from_le_bytes(bytes)
}
