//! A node as a browser and an API client meet it, over plain HTTP.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::cli::Place;
use crate::cli::serving::Serving;

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

/// Sends one request and reads the answer to its end.
pub(crate) fn ask(
    node: &Serving,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    send(node, method, path, headers, body.as_bytes())
}

/// [`ask`] with a body that is no text.
pub(crate) fn send(
    node: &Serving,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let host = node.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let told: String = headers
        .iter()
        .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
        .collect();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{told}Content-Length: \
         {length}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let headers = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "));
    let headers = headers
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Answer {
        status,
        headers,
        body: body.to_owned(),
    }
}

pub(crate) fn get(node: &Serving, path: &str) -> Answer {
    ask(node, "GET", path, &[], "")
}

pub(crate) const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A small node with a public and a private collection of one indicator each, and alpha's token.
fn furnished() -> (Place, String) {
    let place = Place::small();
    place.write("clear.txt", b"clear.example\n");
    place.write("amber.txt", b"amber.example\n");
    place
        .on_d(&[
            "collection",
            "create",
            "open",
            "--public",
            "--marking",
            "clear",
        ])
        .ok();
    place
        .on_d(&["collection", "create", "closed", "--marking", "amber"])
        .ok();
    place
        .on_d(&["import", "clear.txt", "--collection", "open"])
        .ok();
    place
        .on_d(&["import", "amber.txt", "--collection", "closed"])
        .ok();
    let token = place
        .on_d(&["token", "create", "--party", "alpha", "--scope", "read"])
        .ok();
    (place, token.out.trim().to_owned())
}

#[test]
fn every_page_answers_with_a_strict_policy_and_no_script() {
    let (place, _) = furnished();
    let node = Serving::start(&place);
    let signal = get(&node, "/collections/open");
    let signal = signal.body.split("/signal/").nth(1).unwrap();
    let signal = format!("/signal/{}", signal.split('"').next().unwrap());
    for path in [
        "/",
        "/?as-of=2020-01-02",
        "/register",
        "/register?kind=state&stance=signed&q=a&as-of=2020-03-01",
        "/party/alpha",
        "/pledge",
        "/principle/1",
        "/collections",
        "/collections/open",
        "/match",
        "/sign-in",
        &signal,
    ] {
        let page = get(&node, path);
        assert_eq!(page.status, 200, "{path}");
        let policy = &page.headers["content-security-policy"];
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(
            !page.body.contains("<script") && !page.body.contains(" style=\""),
            "{path}"
        );
        assert!(page.body.contains("<main id=\"main\""), "{path}");
    }
    let style = get(&node, "/assets/entente.css");
    assert_eq!(
        (style.status, style.headers["content-type"].as_str()),
        (200, "text/css; charset=utf-8")
    );
}

#[test]
fn what_is_nowhere_or_wrong_is_said_on_a_page() {
    let (place, _) = furnished();
    let node = Serving::start(&place);
    for (path, status) in [
        ("/no-such-page", 404),
        ("/party/nobody", 404),
        ("/principle/9", 404),
        ("/principle/x", 404),
        (
            "/signal/indicator--00000000-0000-4000-8000-000000000000",
            404,
        ),
        ("/signal/x", 404),
        ("/register?as-of=yesterday", 400),
        ("/register?kind=planet", 400),
        ("/collections/open?before=x", 400),
        ("/admin?link=adm_wrong_link", 404),
    ] {
        let page = get(&node, path);
        assert_eq!(page.status, status, "{path}");
        assert!(page.body.contains("<h1"), "{path}");
    }
    // What may not be known is answered like what does not exist.
    let (hidden, missing) = (
        get(&node, "/collections/closed"),
        get(&node, "/collections/closes"),
    );
    assert_eq!((hidden.status, hidden.body), (missing.status, missing.body));
    let api = get(&node, "/api/v1/nothing");
    assert_eq!(api.headers["content-type"], "application/problem+json");
}

#[test]
fn a_session_sees_what_its_token_sees_until_it_ends() {
    let (place, token) = furnished();
    let node = Serving::start(&place);
    let wrong = ask(
        &node,
        "POST",
        "/sign-in",
        &[FORM],
        "token=ent_no_no&next=%2F",
    );
    assert_eq!(wrong.status, 401);
    let form = format!("token={token}&next=%2Fcollections");
    let signed_in = ask(&node, "POST", "/sign-in", &[FORM], &form);
    assert_eq!(
        (signed_in.status, signed_in.headers["location"].as_str()),
        (303, "/collections")
    );
    let cookie = &signed_in.headers["set-cookie"];
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.contains(&token));
    let session = cookie.split(';').next().unwrap();
    let with = |path: &str| ask(&node, "GET", path, &[("Cookie", session)], "");
    assert!(with("/collections").body.contains("/collections/closed"));
    assert!(with("/").body.contains("amber.example"));
    assert!(!get(&node, "/").body.contains("amber.example"));
    assert!(!get(&node, "/collections").body.contains("closed"));
    // A place to go to afterwards is on this node.
    let elsewhere = format!("token={token}&next=%2F%2Fevil.example%2F");
    assert_eq!(
        ask(&node, "POST", "/sign-in", &[FORM], &elsewhere).headers["location"],
        "/"
    );
    ask(&node, "POST", "/sign-out", &[("Cookie", session)], "");
    assert!(!with("/collections").body.contains("/collections/closed"));
}

#[test]
fn the_administrator_link_is_a_button_that_works_once() {
    let place = Place::small();
    let mut child = place
        .command(&["serve", "--data", "d", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let line = told.find(|line| {
        line.as_ref()
            .is_ok_and(|line| line.contains("/admin?link="))
    });
    let line = line.unwrap().unwrap();
    let (before, link) = line.split_once("/admin?link=").unwrap();
    let url = before.rsplit(' ').next().unwrap().to_owned();
    let node = Serving::of(child, url);
    let path = format!("/admin?link={link}");
    // Looking at it, as mail scanners do, uses nothing up.
    for _ in 0..2 {
        assert!(get(&node, &path).body.contains("<form"));
    }
    let form = format!("link={link}");
    let made = ask(&node, "POST", "/admin", &[FORM], &form);
    assert_eq!(
        (made.status, made.headers["cache-control"].as_str()),
        (200, "no-store")
    );
    let token = made
        .body
        .split("<code>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let bearer = format!("Bearer {token}");
    let tokens = ask(
        &node,
        "GET",
        "/api/v1/tokens",
        &[("Authorization", &bearer)],
        "",
    );
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(ask(&node, "POST", "/admin", &[FORM], &form).status, 404);
    assert_eq!(get(&node, &path).status, 404);
}

#[test]
fn the_match_box_and_the_api_say_the_same() {
    let (place, token) = furnished();
    let node = Serving::start(&place);
    let text = "GET hxxp://www.clear[.]example/x\nfrom amber.example\n";
    let form = form_of(text);
    let page = ask(&node, "POST", "/match", &[FORM], &form);
    assert_eq!(page.status, 200);
    assert!(page.body.contains("1 match") && page.body.contains("clear.example"));
    let bearer = format!("Bearer {token}");
    let plain = [
        ("Content-Type", "text/plain"),
        ("Authorization", bearer.as_str()),
    ];
    let hits = |headers: &[(&str, &str)], body: &str| {
        let answer = ask(&node, "POST", "/api/v1/lookup", headers, body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    let found = hits(&plain, text);
    let values: Vec<&str> = found["matches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["value"].as_str().unwrap())
        .collect();
    assert_eq!(values, ["clear.example", "amber.example"]);
    assert_eq!(
        (&found["lines"], &found["bytes"]),
        (&2.into(), &text.len().into())
    );
    // Without the token the amber one is not there.
    assert_eq!(
        hits(&plain[..1], text)["matches"].as_array().unwrap().len(),
        1
    );
    let json = [("Content-Type", "application/json")];
    let ask_values = r#"{"values":["clear.example","sub.clear.example","other.example"]}"#;
    let found = hits(&json, ask_values);
    let lines: Vec<&Value> = found["matches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| &hit["line"])
        .collect();
    assert_eq!(lines, [1, 2]);
    for (media_type, body, status) in [
        ("application/json", r#"{"values":["13 accounts"]}"#, 400),
        ("application/json", "{\"text\":", 400),
        ("application/json", r#"{"texts":"x"}"#, 400),
        ("image/png", "x", 415),
    ] {
        let headers = [("Content-Type", media_type)];
        let answer = ask(&node, "POST", "/api/v1/lookup", &headers, body);
        assert_eq!(
            answer.status, status,
            "{media_type} {body}: {}",
            answer.body
        );
    }
}

/// `text=` with everything but letters and digits escaped.
fn form_of(text: &str) -> String {
    text.bytes()
        .fold("text=".to_owned(), |form, byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => form + &char::from(byte).to_string(),
            other => form + &format!("%{other:02X}"),
        })
}
