//! How often strangers may ask: what takes no account is bounded by the address that asks.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use super::App;
use super::error::{Problem, Refused};
use crate::networks::{forget_oldest, network, site};

/// How many an address may ask at once.
const BURST: u32 = 30;
/// How often it may ask after that.
const EVERY: Duration = Duration::from_secs(2);
/// How many addresses' worth a site of IPv6 has, which has 65,536 networks of its own.
const SITE: u32 = 4;
/// Addresses that are remembered; beyond them those are forgotten that have made up for it, or will first.
const ADDRESSES: usize = 50_000;

/// The address that a connection comes from.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What addresses asked lately: for each when it will have made up for it.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// By network and the length of its prefix, if it is a site's.
    until: Mutex<HashMap<(IpAddr, u8), Instant>>,
}

impl Pace {
    /// Whether an address may ask now; counts that it did.
    fn takes(&self, address: IpAddr, now: Instant) -> bool {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= ADDRESSES {
            until.retain(|_, until| *until > now);
            forget_oldest(&mut until, ADDRESSES - 2, |until| *until);
        }
        let narrow = ((network(address), 0), EVERY);
        let wide = site(address).map(|site| ((site, 48), EVERY / SITE));
        let of = || std::iter::once(narrow).chain(wide);
        let next = |until: &HashMap<_, Instant>, source, every| {
            until.get(&source).map_or(now, |until| now.max(*until)) + every
        };
        if of().any(|(source, every)| next(&until, source, every) > now + EVERY * BURST) {
            return false;
        }
        for (source, every) in of() {
            let made_up = next(&until, source, every);
            until.insert(source, made_up);
        }
        true
    }
}

/// A caller of whom nothing is asked but patience.
pub(crate) struct Stranger;

impl Stranger {
    /// Counts one more.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub(crate) fn new(app: &App, peer: Option<Peer>, headers: &HeaderMap) -> Result<Self, Refused> {
        let Source(address) = Source::of(peer, headers);
        let address = address.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        if app.pace.takes(address, Instant::now()) {
            return Ok(Stranger);
        }
        let words = "too many were asked from this address: try again in a minute";
        Err(Refused::new(StatusCode::TOO_MANY_REQUESTS, words))
    }
}

impl FromRequestParts<App> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let peer = parts.extensions.get().copied();
        Ok(Stranger::new(app, peer, &parts.headers)?)
    }
}

/// Where a request comes from: behind a proxy on this machine, what that proxy says.
pub(crate) struct Source(pub(crate) Option<IpAddr>);

impl Source {
    /// Where a request with these headers comes from, on a connection of this peer.
    pub(crate) fn of(peer: Option<Peer>, headers: &HeaderMap) -> Self {
        let peer = peer.map(|peer| peer.0);
        let told = peer.and_then(|peer| behind_proxy(peer, headers));
        Source(told.or(peer))
    }
}

impl FromRequestParts<App> for Source {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get().copied();
        Ok(Source::of(peer, &parts.headers))
    }
}

/// The address that a proxy on this machine says it was asked from: the last one, which it wrote itself.
fn behind_proxy(peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    if !peer.is_loopback() {
        return None;
    }
    let told = headers.get_all("x-forwarded-for").iter().next_back()?;
    told.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_too_much_waits_and_others_do_not() {
        let (pace, start) = (Pace::default(), Instant::now());
        let [one, other]: [IpAddr; 2] =
            ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        assert!((0..BURST).all(|_| pace.takes(one, start)));
        assert!(!pace.takes(one, start));
        assert!(pace.takes(other, start));
        assert!(pace.takes(one, start + EVERY));
        assert!(!pace.takes(one, start + EVERY));
    }

    #[test]
    fn of_too_many_addresses_the_oldest_are_forgotten_alone() {
        let (pace, start) = (Pace::default(), Instant::now());
        let address = |number: u32| IpAddr::from(number.to_be_bytes());
        assert!((0..BURST).all(|_| pace.takes(address(0), start)));
        for number in 1..=u32::try_from(ADDRESSES).unwrap() {
            assert!(pace.takes(address(number), start));
        }
        assert!(
            !pace.takes(address(0), start),
            "who asked too much still waits"
        );
        assert!(pace.until.lock().unwrap().len() <= ADDRESSES);
    }

    #[test]
    fn a_site_with_many_networks_waits_too() {
        let (pace, start) = (Pace::default(), Instant::now());
        let network = |low: u32| format!("2001:db8:7:{low:x}::1").parse().unwrap();
        let taken = (0..1000).filter(|low| pace.takes(network(*low), start));
        assert_eq!(taken.count(), usize::try_from(BURST * SITE).unwrap());
        assert!(pace.takes("2001:db8:8::1".parse().unwrap(), start));
        assert!(pace.takes(network(0), start + EVERY));
    }
}
