//! Where a request comes from, for who asks too often.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;

use super::App;

/// The other end of a connection.
#[derive(Copy, Clone, Debug)]
struct Peer(IpAddr);

/// A service that tells each request where it comes from.
#[derive(Clone, Debug)]
pub(super) struct FromPeer<S> {
    service: S,
    peer: Peer,
}

impl<S> FromPeer<S> {
    pub(super) fn new(service: S, peer: SocketAddr) -> Self {
        FromPeer {
            service,
            peer: Peer(peer.ip()),
        }
    }
}

impl<S: Service<Request<Incoming>>> Service<Request<Incoming>> for FromPeer<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.service.call(request)
    }
}

/// Where a request comes from: behind a proxy on this machine, what that proxy says.
pub(super) struct Source(pub(super) Option<IpAddr>);

impl FromRequestParts<App> for Source {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        let behind_proxy =
            app.settings.public_url.is_some() && peer.is_some_and(|peer| peer.is_loopback());
        let told = parts.headers.get_all("x-forwarded-for").iter().next_back();
        // The last is the one that the proxy itself saw.
        let told = told
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
            .and_then(|address| address.trim().parse().ok());
        Ok(Source(told.filter(|_| behind_proxy).or(peer)))
    }
}
