//! Who is calling: the one place where HTTP credentials become a caller.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use node::Caller;

use super::App;
use super::error::Refused;
use super::signed::SignedBy;

/// The caller, from the signature of the request (RFC 9421), from `Authorization: Bearer TOKEN` or `Token TOKEN`, from Basic with a token as the password, or
/// from the session of a page. Without any of these the caller is anonymous; wrong ones are
/// refused, never taken for none.
pub(crate) struct Auth(pub(crate) Caller);

impl Auth {
    /// The caller behind a request.
    fn of_request(app: &App, parts: &Parts) -> Result<Caller, Refused> {
        match parts.extensions.get::<SignedBy>() {
            Some(SignedBy(signed)) => signed.clone(),
            None => Auth::of(app, &parts.headers),
        }
    }

    /// The caller behind the headers of a request that is not signed.
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Ok(app
                .sessions
                .caller(app, headers)
                .unwrap_or(Caller::Anonymous));
        };
        let token = value
            .to_str()
            .ok()
            .and_then(credentials)
            .ok_or_else(unusable)?;
        if app.is_local_operator(&token) {
            return Ok(Caller::Operator);
        }
        Ok(app.node.authenticate(&token)?)
    }
}

/// The token in the value of an `Authorization` header.
fn credentials(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    // `Token` is what taxii2-client calls it, and OpenCTI and XSOAR with it.
    if ["bearer", "token"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return Some(rest.to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(BASE64.decode(rest).ok()?).ok()?;
        // Any user will do: the token names party and account. Some clients leave it empty.
        let (user, password) = decoded.split_once(':')?;
        return Some(if password.is_empty() { user } else { password }.to_owned());
    }
    None
}

fn unusable() -> Refused {
    let words = "the Authorization header is neither 'Bearer TOKEN' nor Basic with a token as \
                 password";
    Refused::new(axum::http::StatusCode::UNAUTHORIZED, words)
}

impl FromRequestParts<App> for Auth {
    type Rejection = super::error::Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Auth(Auth::of_request(app, parts)?))
    }
}

/// [`Auth`] that refuses in TAXII's words.
pub(crate) struct TaxiiAuth(pub(crate) Caller);

impl FromRequestParts<App> for TaxiiAuth {
    type Rejection = super::error::TaxiiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(TaxiiAuth(Auth::of_request(app, parts)?))
    }
}

/// [`Auth`] that refuses in the words of HMA.
pub(crate) struct HmaAuth(pub(crate) Caller);

impl FromRequestParts<App> for HmaAuth {
    type Rejection = super::error::HmaError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(HmaAuth(Auth::of_request(app, parts)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemes_carry_a_token() {
        assert_eq!(credentials("Bearer ent_a_b").as_deref(), Some("ent_a_b"));
        assert_eq!(credentials("bearer  ent_a_b ").as_deref(), Some("ent_a_b"));
        assert_eq!(credentials("Token ent_a_b").as_deref(), Some("ent_a_b"));
        let basic = |text: &str| credentials(&format!("Basic {}", BASE64.encode(text)));
        assert_eq!(basic("anyone:ent_a_b").as_deref(), Some("ent_a_b"));
        assert_eq!(basic("ent_a_b:").as_deref(), Some("ent_a_b"));
        assert_eq!(credentials("Digest x"), None);
        assert_eq!(credentials("Basic %%%"), None);
    }
}
