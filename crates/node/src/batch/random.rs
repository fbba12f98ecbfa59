//! Randomness from the system.

use crate::entry::SALT;

/// Random salts, drawn from the system a page at a time.
#[derive(Debug, Default)]
pub(crate) struct Salts {
    pool: std::sync::Mutex<Vec<[u8; SALT]>>,
}

impl Salts {
    /// A salt that was never given before.
    pub(crate) fn next(&self) -> [u8; SALT] {
        let mut pool = self
            .pool
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if pool.is_empty() {
            let mut page = [0; SALT * 256];
            fill(&mut page);
            pool.extend(
                page.chunks_exact(SALT)
                    .filter_map(|salt| <[u8; SALT]>::try_from(salt).ok()),
            );
        }
        pool.pop().unwrap_or_default()
    }
}

/// Fills from the system's randomness, without which nothing here can go on.
#[expect(
    clippy::panic,
    reason = "a system without randomness can make neither salts nor tokens"
)]
pub(crate) fn fill(bytes: &mut [u8]) {
    if let Err(error) = getrandom::fill(bytes) {
        panic!("the system gives no randomness: {error}");
    }
}
