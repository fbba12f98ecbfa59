//! How often one source may ask for mail, in memory alone: nothing is kept of who asked.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use node::clock::Instant;

use crate::http::pace::network;

const HOUR: i64 = 3600 * 1_000_000;
/// Wishes of one source within an hour at most.
const MOST: usize = 10;
/// Sources remembered at most; beyond them all wait.
const SOURCES: usize = 50_000;

/// When each source asked.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<IpAddr, Vec<i64>>>);

impl Throttle {
    /// Whether a source may ask once more; counts it.
    pub(super) fn lets(&self, source: IpAddr, now: Instant) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: &i64| *at > now.0 - HOUR;
        if known.len() >= SOURCES {
            known.retain(|_, times| times.iter().any(recent));
            if known.len() >= SOURCES {
                return false;
            }
        }
        let times = known.entry(network(source)).or_default();
        times.retain(recent);
        if times.len() >= MOST {
            return false;
        }
        times.push(now.0);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_waits_for_an_hour_and_others_do_not() {
        let throttle = Throttle::default();
        let source: IpAddr = "2001:db8::1".parse().unwrap();
        let same: IpAddr = "2001:db8::ffff".parse().unwrap();
        for _ in 0..MOST {
            assert!(throttle.lets(source, Instant(HOUR)));
        }
        assert!(!throttle.lets(same, Instant(HOUR + 1)));
        assert!(throttle.lets("192.0.2.1".parse().unwrap(), Instant(HOUR + 1)));
        assert!(throttle.lets(source, Instant(2 * HOUR + 1)));
    }
}
