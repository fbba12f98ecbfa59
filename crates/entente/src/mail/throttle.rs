//! How often one source may ask for mail, and how much of it may wait for a confirmation; in memory
//! alone: nothing is kept of who asked.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use node::clock::Instant;

use super::store::PENDING;
use crate::networks::{forget_oldest, network, site};

const HOUR: i64 = 3600 * 1_000_000;
/// Sources remembered at most; beyond them those are forgotten that asked the longest ago.
const SOURCES: usize = 50_000;

/// Wishes that are settled and remembered nevertheless.
const SETTLED: usize = 1000;

/// What a source may.
#[derive(Copy, Clone)]
struct Allowance {
    /// Wishes within an hour.
    asked: usize,
    /// Wishes that wait for a confirmation.
    pending: usize,
}

/// Of an address, and of what one subscriber of IPv6 has at least.
const NARROW: Allowance = Allowance {
    asked: 10,
    pending: 20,
};
/// Of a site, which has 65,536 of those.
const WIDE: Allowance = Allowance {
    asked: 40,
    pending: 100,
};

/// When each source asked, and what of it waits.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// By network and the length of its prefix: a site and the first network in it are two sources.
    sources: HashMap<(IpAddr, u8), Source>,
    /// Wishes that wait, by subscription.
    waiting: HashMap<String, [Option<(IpAddr, u8)>; 2]>,
    /// The same, oldest first; what was confirmed since is still among them.
    order: VecDeque<(i64, String)>,
}

#[derive(Debug, Default)]
struct Source {
    /// Within the last hour.
    asked: VecDeque<i64>,
    last: i64,
    pending: usize,
}

impl Throttle {
    /// Whether a source may ask once more; counts it, as a wish that waits for its confirmation.
    pub(super) fn lets(&self, id: &str, source: IpAddr, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.expire(now.0 - PENDING);
        let narrow = (network(source), 0);
        let wide = site(source).map(|site| (site, 48));
        let of = [(Some(narrow), NARROW), (wide, WIDE)];
        let fits = of.iter().all(|(source, allowance)| {
            source.is_none_or(|source| state.fits(source, *allowance, now.0))
        });
        if !fits {
            return false;
        }
        for source in of.iter().filter_map(|(source, _)| *source) {
            let known = state.sources.entry(source).or_default();
            known.asked.push_back(now.0);
            known.last = now.0;
            known.pending += 1;
        }
        let networks = of.map(|(source, _)| source);
        state.waiting.insert(id.to_owned(), networks);
        state.order.push_back((now.0, id.to_owned()));
        forget_oldest(&mut state.sources, SOURCES, |known| known.last);
        true
    }

    /// A wish does not wait any more: it was confirmed, taken back, or not taken at all.
    pub(super) fn settled(&self, id: &str) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.settle(id);
    }
}

impl State {
    fn fits(&mut self, source: (IpAddr, u8), allowance: Allowance, now: i64) -> bool {
        let Some(known) = self.sources.get_mut(&source) else {
            return true;
        };
        while known.asked.front().is_some_and(|at| *at <= now - HOUR) {
            known.asked.pop_front();
        }
        known.asked.len() < allowance.asked && known.pending < allowance.pending
    }

    /// Forgets a wish; the memory of many that were settled is given back now and then.
    fn settle(&mut self, id: &str) {
        let networks = self.waiting.remove(id).into_iter().flatten().flatten();
        for source in networks {
            if let Some(known) = self.sources.get_mut(&source) {
                known.pending = known.pending.saturating_sub(1);
            }
        }
        if self.order.len() > 2 * self.waiting.len() + SETTLED {
            let waiting = &self.waiting;
            self.order.retain(|(_, id)| waiting.contains_key(id));
        }
    }

    /// What nobody confirmed up to then is forgotten, as the subscription is.
    fn expire(&mut self, until: i64) {
        while self.order.front().is_some_and(|(at, _)| *at <= until) {
            if let Some((_, id)) = self.order.pop_front() {
                self.settle(&id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Asks once for each source, and confirms at once; how many were let.
    fn confirmed(throttle: &Throttle, sources: impl Iterator<Item = String>, now: i64) -> usize {
        let lets = |source: String| {
            let lets = throttle.lets(&source, at(&source), Instant(now));
            throttle.settled(&source);
            lets
        };
        sources.map(lets).filter(|lets| *lets).count()
    }

    #[test]
    fn a_source_waits_for_an_hour_and_others_do_not() {
        let throttle = Throttle::default();
        let same = |_| "2001:db8::1".to_owned();
        assert_eq!(confirmed(&throttle, (0..20).map(same), HOUR), NARROW.asked);
        assert!(!throttle.lets("a", at("2001:db8::ffff"), Instant(HOUR + 1)));
        assert!(throttle.lets("b", at("192.0.2.1"), Instant(HOUR + 1)));
        assert!(throttle.lets("c", at("2001:db8::1"), Instant(2 * HOUR + 1)));
    }

    #[test]
    fn a_site_with_many_networks_waits_too() {
        let throttle = Throttle::default();
        let networks = |low| format!("2001:db8:7:{low:x}::1");
        let let_in = confirmed(&throttle, (0..60_000).map(networks), HOUR);
        assert_eq!(let_in, WIDE.asked);
        assert!(throttle.lets("a", at("2001:db8:8::1"), Instant(HOUR)));
        assert!(throttle.lets("b", at("2001:db8:7::1"), Instant(2 * HOUR)));
    }

    #[test]
    fn only_so_much_waits_for_a_confirmation() {
        let throttle = Throttle::default();
        let ask = |number: usize, hour: i64| {
            let id = format!("{number}");
            throttle.lets(&id, at("192.0.2.1"), Instant(hour * HOUR))
        };
        assert!((0..NARROW.asked).all(|number| ask(number, 1)));
        assert!((NARROW.asked..NARROW.pending).all(|number| ask(number, 3)));
        assert!(!ask(99, 5));
        throttle.settled("3");
        assert!(ask(100, 5));
        assert!(!ask(101, 5));
        // What nobody confirmed is forgotten after two days.
        assert!(ask(102, 50));
    }

    #[test]
    fn of_too_many_sources_the_oldest_is_forgotten_and_nobody_is_refused() {
        let throttle = Throttle::default();
        let source = |number: u32| IpAddr::from(number.to_be_bytes()).to_string();
        let first = |_| source(1);
        assert_eq!(confirmed(&throttle, (0..20).map(first), HOUR), NARROW.asked);
        let most = u32::try_from(SOURCES).unwrap() + 2;
        // One after the other: of those that came at once any may be the oldest.
        for number in 2..most {
            let one = std::iter::once(source(number));
            assert_eq!(confirmed(&throttle, one, HOUR + i64::from(number)), 1);
        }
        let state = throttle.0.lock().unwrap();
        assert!(state.sources.len() <= SOURCES);
        assert!(state.waiting.is_empty() && state.order.len() <= SETTLED);
        assert!(!state.sources.contains_key(&(at(&source(1)), 0)));
        assert!(state.sources.contains_key(&(at(&source(most - 1)), 0)));
    }
}
