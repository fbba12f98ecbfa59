//! Signing a request (RFC 9421 §3.1).

use axum::http::{HeaderMap, Method, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use node::identity::{SigningKey, key_name};
use sfv::{Dictionary, ListEntry, Parser};

use super::{LONGEST, Message, content_digest};

/// The headers that a signed request carries.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) input: String,
    pub(crate) signature: String,
    /// Of a request with a body.
    pub(crate) digest: Option<String>,
}

/// Signs a request: method, host, path and query, and its body if it has one. Host, path and query
/// by themselves, as a proxy may change the scheme, which the whole URI has.
///
/// # Errors
/// That the address names no host.
pub(crate) fn sign(
    key: &SigningKey,
    method: &Method,
    uri: &Uri,
    body: Option<&[u8]>,
    (created, nonce): (i64, &str),
) -> Result<Signed, String> {
    let mut headers = HeaderMap::new();
    let digest = body.map(content_digest);
    let mut covered = String::from("\"@method\" \"@authority\" \"@path\" \"@query\"");
    if let Some(digest) = &digest {
        let value = digest.parse().map_err(|_| "the digest is no header")?;
        headers.insert("content-digest", value);
        covered.push_str(" \"content-digest\"");
    }
    let expires = created + LONGEST;
    let input = format!(
        "sig1=({covered});created={created};expires={expires};nonce=\"{nonce}\";keyid=\"{}\";\
         alg=\"ed25519\"",
        key_name(key.verifier())
    );
    let message = Message {
        method,
        target: uri,
        scheme: uri.scheme_str().unwrap_or("http"),
        authority: uri
            .authority()
            .map(axum::http::uri::Authority::as_str)
            .ok_or("no host")?,
        headers: &headers,
    };
    let read: Dictionary = Parser::new(&input)
        .parse()
        .map_err(|error| error.to_string())?;
    let Some(ListEntry::InnerList(list)) = read.get("sig1") else {
        return Err("the parameters are no list".into());
    };
    let signature = key.sign(&message.base(list)?);
    Ok(Signed {
        input,
        signature: format!("sig1=:{}:", BASE64.encode(signature.octets())),
        digest,
    })
}
