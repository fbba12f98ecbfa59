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

/// How many an address may ask at once.
const BURST: u32 = 30;
/// How often it may ask after that.
const EVERY: Duration = Duration::from_secs(2);
/// Addresses that are remembered; with more of them all are forgotten and counted anew.
const ADDRESSES: usize = 50_000;

/// The address that a connection comes from.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What addresses asked lately: for each when it will have made up for it.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    until: Mutex<HashMap<IpAddr, Instant>>,
}

impl Pace {
    /// Whether an address may ask now; counts that it did.
    fn takes(&self, address: IpAddr, now: Instant) -> bool {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= ADDRESSES {
            until.retain(|_, until| *until > now);
            if until.len() >= ADDRESSES {
                until.clear();
            }
        }
        let made_up = until.entry(network(address)).or_insert(now);
        let next = (*made_up).max(now) + EVERY;
        if next > now + EVERY * BURST {
            return false;
        }
        *made_up = next;
        true
    }
}

/// Of IPv6 the network that one subscriber has at least (RFC 6177).
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(long) => match long.to_ipv4_mapped() {
            Some(short) => IpAddr::V4(short),
            None => IpAddr::V6((u128::from(long) >> 64 << 64).into()),
        },
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
    fn a_subscriber_has_one_pace() {
        let network = |text: &str| super::network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::2:3"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
