//! What is signed is taken once and as it was; anything else is refused.

use axum::http::{HeaderMap, Method, Uri};
use base64::Engine as _;
use node::identity::SigningKey;

use super::*;

const NOW: i64 = 1_800_000_000;

fn key() -> SigningKey {
    SigningKey::generate([7; 32], "alpha").unwrap()
}

struct Request {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    has_body: bool,
}

fn signed(uri: &str, body: Option<&[u8]>, created: i64, nonce: &str) -> Request {
    let (method, uri) = (Method::POST, uri.parse::<Uri>().unwrap());
    let made = sign(&key(), &method, &uri, body, (created, nonce)).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("signature-input", made.input.parse().unwrap());
    headers.insert("signature", made.signature.parse().unwrap());
    if let Some(digest) = made.digest {
        headers.insert("content-digest", digest.parse().unwrap());
    }
    Request {
        method,
        uri,
        headers,
        has_body: body.is_some(),
    }
}

fn check(request: &Request, replays: &Replays, now: i64) -> Result<String, Wrong> {
    let message = Message {
        method: &request.method,
        target: &request.uri,
        scheme: "http",
        authority: "node.example",
        headers: &request.headers,
    };
    let name = node::identity::key_name(key().verifier());
    let find = |asked: &str| (asked == name).then(|| key().verifier().clone());
    verify(&message, request.has_body, replays, now, find).map(|verified| verified.key)
}

const URI: &str = "http://Node.example:80/taxii2/x/?a=b&c=%20";

#[test]
fn a_signed_request_is_taken_once() {
    let replays = Replays::new(NOW - 1000);
    let request = signed(URI, Some(b"{}"), NOW, "nonce-001");
    assert_eq!(
        check(&request, &replays, NOW + 5),
        Ok("alpha+".to_owned() + &key().verifier().id().to_string())
    );
    assert!(
        matches!(check(&request, &replays, NOW + 6), Err(Wrong::Signature(words)) if words.contains("before"))
    );
    let other = signed(URI, Some(b"{}"), NOW, "nonce-002");
    assert!(check(&other, &replays, NOW + 5).is_ok());
}

#[test]
fn whatever_is_changed_on_the_way_is_noticed() {
    let replays = Replays::new(0);
    let fresh = || signed(URI, Some(b"{}"), NOW, "nonce-001");
    let mut request = fresh();
    request.method = Method::PUT;
    assert!(check(&request, &replays, NOW).is_err());
    for uri in [
        "http://node.example/taxii2/y/?a=b&c=%20",
        "http://node.example/taxii2/x/?a=b",
        "http://node.example/taxii2/x/",
    ] {
        let mut request = fresh();
        request.uri = uri.parse().unwrap();
        assert!(check(&request, &replays, NOW).is_err(), "{uri}");
    }
    let mut request = fresh();
    request
        .headers
        .insert("content-digest", content_digest(b"{ }").parse().unwrap());
    assert!(check(&request, &replays, NOW).is_err());
    let mut request = fresh();
    request.headers.remove("content-digest");
    assert!(check(&request, &replays, NOW).is_err());
    for (from, to) in [
        ("created", "expires"),
        ("\"@path\" ", ""),
        ("nonce-001", "nonce-009"),
        ("sig1=", "sig2="),
        ("ed25519", "hmac-sha256"),
    ] {
        let mut request = fresh();
        let input = request.headers["signature-input"]
            .to_str()
            .unwrap()
            .replacen(from, to, 1);
        request
            .headers
            .insert("signature-input", input.parse().unwrap());
        assert!(check(&request, &replays, NOW).is_err(), "{from}");
    }
    // and unchanged it holds, though so many tried
    assert!(check(&fresh(), &replays, NOW).is_ok());
}

#[test]
fn signatures_hold_for_minutes_and_not_before_they_are_made() {
    let at = |now: i64| check(&signed(URI, None, NOW, "nonce-001"), &Replays::new(0), now);
    assert!(at(NOW - SKEW - 1).is_err());
    assert!(at(NOW - SKEW).is_ok() && at(NOW + LONGEST).is_ok());
    assert!(at(NOW + LONGEST + 1).is_err());
    assert!(
        check(
            &signed(URI, None, NOW, "nonce-001"),
            &Replays::new(NOW + 1),
            NOW + 1
        )
        .is_err()
    );
}

/// `h0` to `h39`.
fn many_headers() -> HeaderMap {
    let name = |n: u32| axum::http::HeaderName::try_from(format!("h{n}")).unwrap();
    (0..40).map(|n| (name(n), "x".parse().unwrap())).collect()
}

#[test]
fn what_makes_a_request_has_to_be_covered() {
    let key = key();
    let name = node::identity::key_name(key.verifier());
    let with = |covered: &str, has_body: bool| {
        let uri: Uri = URI.parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("content-digest", content_digest(b"{}").parse().unwrap());
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.extend(many_headers());
        let input = format!(
            "s=({covered});nonce=\"12345678\";keyid=\"{name}\";created={NOW};expires={};x=?1",
            NOW + 60
        );
        let read: sfv::Dictionary = sfv::Parser::new(&input).parse().unwrap();
        let sfv::ListEntry::InnerList(list) = &read["s"] else {
            unreachable!()
        };
        let method = Method::POST;
        let message = Message {
            method: &method,
            target: &uri,
            scheme: "http",
            authority: "node.example",
            headers: &headers,
        };
        let Ok(base) = message.base(list) else {
            return false;
        };
        let octets = base64::engine::general_purpose::STANDARD.encode(key.sign(&base).octets());
        headers.insert("signature", format!("s=:{octets}:").parse().unwrap());
        headers.insert("signature-input", input.parse().unwrap());
        let request = Request {
            method: Method::POST,
            uri,
            headers,
            has_body,
        };
        check(&request, &Replays::new(0), NOW).is_ok()
    };
    // parameters in another order, and one that is unknown, are what was signed
    assert!(with(
        "\"@method\" \"@target-uri\" \"content-digest\" \"content-type\"",
        true
    ));
    assert!(with(
        "\"@query\" \"@method\" \"@path\" \"@authority\"",
        false
    ));
    assert!(with(
        "\"@method\" \"@request-target\" \"@authority\"",
        false
    ));
    for (covered, has_body) in [
        ("\"@method\" \"@target-uri\"", true),
        ("\"@target-uri\"", false),
        ("\"@method\" \"@path\" \"@authority\"", false),
        ("\"@method\" \"@path\" \"@query\"", false),
        ("\"@method\" \"@target-uri\" \"@method\"", false),
        ("\"@method\" \"@target-uri\" \"content-type\";sf", false),
        ("\"@method\" \"@target-uri\" \"date\"", false),
        ("\"@method\" \"@target-uri\" \"@status\"", false),
        ("", false),
    ] {
        assert!(!with(covered, has_body), "{covered}");
    }
    // no more than a request needs: they are looked at before anybody is known
    let many = |count| {
        let more = (0..count).map(|n| format!(" \"h{n}\""));
        format!("\"@method\" \"@target-uri\"{}", more.collect::<String>())
    };
    assert!(with(&many(30), false));
    assert!(!with(&many(31), false));
}
