//! Requests that a party signed with its key: checked before anything else looks at them.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::Body as _;
use node::Caller;

use super::App;
use super::error::Refused;
use crate::signed::{Digested, Message, Wrong, verify};

/// Who signed a request, or why that does not hold. It stands in the request's extensions.
#[derive(Clone, Debug)]
pub(super) struct SignedBy(pub(super) Result<Caller, Refused>);

/// Checks the signature of a request that has one. Who asks for the caller hears what came of it, in
/// the words of its surface; the body of a request that holds breaks off if it is another than the
/// one that was signed.
pub(super) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !headers.contains_key("signature-input") && !headers.contains_key("signature") {
        return next.run(request).await;
    }
    let (mut parts, mut body) = request.into_parts();
    let signed = match caller(&app, &parts, !body.is_end_stream()) {
        Ok((caller, None)) => Ok(caller),
        Ok((caller, Some(wanted))) => {
            body = Body::new(Digested::new(body, wanted));
            Ok(caller)
        }
        Err(refused) => Err(refused),
    };
    parts.extensions.insert(SignedBy(signed));
    next.run(Request::from_parts(parts, body)).await
}

type Signer = (Caller, Option<crate::signed::Wanted>);

fn caller(app: &App, parts: &Parts, has_body: bool) -> Result<Signer, Refused> {
    if parts.headers.contains_key(header::AUTHORIZATION) {
        let words = "send either a signature or an Authorization header, not both";
        return Err(Refused::new(StatusCode::UNAUTHORIZED, words));
    }
    let (scheme, authority) = address(app, &parts.headers)?;
    let message = Message {
        method: &parts.method,
        target: &parts.uri,
        scheme: &scheme,
        authority: &authority,
        headers: &parts.headers,
    };
    let (directory, now) = (app.node.directory(), app.node.now());
    let find = |name: &str| {
        let identities = directory.identities();
        let key = identities.live_key(name, identities.now(now))?;
        Some(key.verifier.clone())
    };
    let verified = verify(&message, has_body, &app.replays, now.0 / 1_000_000, find);
    let verified = verified.map_err(|wrong| match wrong {
        Wrong::Full => Refused::from(node::Error::Busy),
        Wrong::Signature(words) => Refused::new(
            StatusCode::UNAUTHORIZED,
            format!("the request's signature: {words}"),
        ),
    })?;
    let caller = directory.caller_by_key(&verified.key, now);
    let caller = caller.ok_or(Refused::from(node::Error::Unauthenticated))?;
    Ok((caller, verified.body))
}

/// Scheme and host under which clients know this node. With a public URL these are its own, so that
/// what was signed for another node is not taken here.
fn address(app: &App, headers: &HeaderMap) -> Result<(String, String), Refused> {
    let url = app.public_url(headers);
    let uri: Uri = url
        .parse()
        .map_err(|_| Refused::bad("the header Host is no host"))?;
    let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
    let scheme = uri.scheme_str().unwrap_or("http").to_owned();
    Ok((scheme, authority))
}
