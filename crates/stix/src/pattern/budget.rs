//! A bound on work.

use super::evaluate::TooMuch;

/// What is left of a bound on work. A step is a value or a reference looked at, or some 64 octets
/// walked over.
#[derive(Debug)]
pub struct Budget(u64);

impl Budget {
    /// So many steps.
    pub const fn new(steps: u64) -> Self {
        Budget(steps)
    }

    /// What is left.
    pub const fn left(&self) -> u64 {
        self.0
    }

    /// Takes so many steps.
    ///
    /// # Errors
    /// [`TooMuch::Work`] when there are not as many left; then none is left.
    pub fn spend(&mut self, steps: usize) -> Result<(), TooMuch> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.map(|_| ()).ok_or(TooMuch::Work)
    }
}
