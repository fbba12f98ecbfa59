//! How much may be unpacked.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Octets that may still be unpacked of one file, whatever is nested in it.
#[derive(Clone, Debug)]
pub(super) struct Meter(Rc<Cell<u64>>);

impl Meter {
    pub(super) fn of(octets: u64) -> Self {
        Meter(Rc::new(Cell::new(octets)))
    }

    /// A stream that counts; it fails when more comes than may be unpacked.
    pub(super) fn read<R: Read>(&self, inner: R) -> Metered<R> {
        Metered {
            inner,
            left: Rc::clone(&self.0),
        }
    }

    /// Whether nothing more may be unpacked.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

pub(super) struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(read as u64);
        self.left.set(left.unwrap_or_default());
        if left.is_none() {
            return Err(io::Error::other(
                "it unpacks to more than is read of one file (--max-unpacked)",
            ));
        }
        Ok(read)
    }
}
