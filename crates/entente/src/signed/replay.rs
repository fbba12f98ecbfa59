//! Signatures that were seen, for as long as they hold: each is taken once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Signatures remembered at most: about 20 MB. When that many hold at a time, more are refused
/// rather than taken twice.
const MOST: usize = 100_000;

/// What was seen. In memory: what was made before a start is refused, as nobody knows any more
/// whether it was seen.
#[derive(Debug)]
pub(crate) struct Replays {
    started: AtomicI64,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// When each ends, by key and nonce.
    ends: HashMap<(String, String), i64>,
    /// Before so many nothing is thrown out.
    full: usize,
}

/// Why a signature is not taken.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It was made before this process started.
    Before,
    /// It was taken before.
    Again,
    /// Too many hold at a time.
    Full,
}

impl Replays {
    /// From `started` on, in seconds since 1970.
    pub(crate) fn new(started: i64) -> Self {
        Replays {
            started: AtomicI64::new(started),
            seen: Mutex::default(),
        }
    }

    /// Takes nothing any more that was made up to `now`: another process may have taken it.
    pub(crate) fn begin(&self, now: i64) {
        self.started.fetch_max(now, Ordering::Relaxed);
    }

    /// Takes a signature that holds until `ends`.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub(crate) fn take(
        &self,
        key: &str,
        nonce: &str,
        (created, ends): (i64, i64),
        now: i64,
    ) -> Result<(), NotTaken> {
        // Times are whole seconds: of the second of the start nobody knows what was taken.
        if created <= self.started.load(Ordering::Relaxed) {
            return Err(NotTaken::Before);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.ends.len() >= seen.full {
            seen.ends.retain(|_, ends| *ends >= now);
            seen.full = (seen.ends.len() * 2).clamp(1024, MOST);
        }
        let place = (key.to_owned(), nonce.to_owned());
        if seen.ends.contains_key(&place) {
            return Err(NotTaken::Again);
        }
        if seen.ends.len() >= MOST {
            return Err(NotTaken::Full);
        }
        seen.ends.insert(place, ends);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_taken_once_and_memory_has_an_end() {
        let replays = Replays::new(100);
        assert_eq!(
            replays.take("a", "1", (100, 400), 100),
            Err(NotTaken::Before)
        );
        assert_eq!(replays.take("a", "1", (101, 401), 101), Ok(()));
        assert_eq!(
            replays.take("a", "1", (101, 401), 101),
            Err(NotTaken::Again)
        );
        assert_eq!(replays.take("b", "1", (101, 401), 101), Ok(()));
        for n in 0..MOST - 2 {
            assert_eq!(replays.take("c", &n.to_string(), (101, 401), 101), Ok(()));
        }
        assert_eq!(replays.take("d", "x", (101, 401), 101), Err(NotTaken::Full));
        assert_eq!(replays.take("d", "x", (402, 700), 402), Ok(()));
        assert_eq!(
            replays.take("d", "x", (402, 700), 402),
            Err(NotTaken::Again)
        );
    }
}
