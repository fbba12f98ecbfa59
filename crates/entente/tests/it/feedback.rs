//! Feedback and warning lists over HTTP, as a client and a browser meet them.

use serde_json::{Value, json};

use crate::cli::Place;
use crate::cli::serving::Serving;
use crate::pages::{Answer, FORM, ask, get};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A node with a GREEN and a RED signal of alpha, and tokens of alpha, beta and an administrator.
struct Setting {
    _place: Place,
    node: Serving,
    alpha: String,
    beta: String,
    admin: String,
    green: String,
    red: String,
}

impl Setting {
    fn new() -> Self {
        let place = Place::small();
        place.d("party stance beta signed --since 2021-01-01").ok();
        place
            .d("collection create feed --public --marking green")
            .ok();
        let token = |party: &str, scope: &str| {
            let line = format!("token create --party {party} --scope {scope}");
            format!("Bearer {}", place.d(&line).ok().out.trim())
        };
        let (alpha, beta) = (
            token("alpha", "read,publish"),
            token("beta", "read,publish"),
        );
        let admin = token("operator", "read,publish,administer");
        let collection = place.d("collection show feed --json").ok().json();
        let collection = collection["id"].as_str().unwrap().to_owned();
        let node = Serving::start(&place);
        let (green, red) = (signal(1), signal(2));
        let marking = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
        let objects = json!({"objects": [
            indicator(&green, "evil.example", &json!(null)),
            indicator(&red, "red.example", &json!([marking])),
        ]});
        let path = format!("/taxii2/signals/collections/{collection}/objects/");
        let taxii = ("Content-Type", "application/taxii+json;version=2.1");
        let headers = [taxii, ("Authorization", alpha.as_str())];
        let sent = ask(&node, "POST", &path, &headers, &objects.to_string());
        assert_eq!(sent.status, 202, "{}", sent.body);
        assert!(sent.body.contains(r#""success_count":2"#), "{}", sent.body);
        Setting {
            _place: place,
            node,
            alpha,
            beta,
            admin,
            green,
            red,
        }
    }

    fn get(&self, token: &str, path: &str) -> Answer {
        ask(&self.node, "GET", path, &[("Authorization", token)], "")
    }

    fn json(&self, token: &str, path: &str) -> Value {
        let answer = self.get(token, path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The cookie of a browser that signs in with a token.
    fn sign_in(&self, bearer: &str) -> String {
        let form = format!("token={}", bearer.trim_start_matches("Bearer "));
        let answer = ask(&self.node, "POST", "/sign-in", &[FORM], &form);
        let cookie = answer.headers["set-cookie"].split(';').next().unwrap();
        cookie.to_owned()
    }

    fn give(&self, token: &str, signal: &str, body: &Value) -> Answer {
        let headers = [JSON, ("Authorization", token)];
        ask(&self.node, "POST", &on(signal), &headers, &body.to_string())
    }
}

fn signal(number: u32) -> String {
    format!("indicator--{number:08x}-0000-4000-8000-000000000000")
}

fn on(signal: &str) -> String {
    format!("/api/v1/signals/{signal}/feedback")
}

fn indicator(id: &str, value: &str, markings: &Value) -> Value {
    let time = "2026-01-01T00:00:00.000Z";
    let mut object = json!({
        "type": "indicator", "spec_version": "2.1", "id": id, "created": time, "modified": time,
        "pattern": format!("[domain-name:value = '{value}']"), "pattern_type": "stix",
        "valid_from": time,
    });
    if !markings.is_null() {
        object["object_marking_refs"] = markings.clone();
    }
    object
}

#[test]
fn the_api_takes_feedback_and_tells_the_producer() {
    let it = Setting::new();
    let seen = json!({"kind": "seen", "count": 3, "explanation": "In <b>our</b> mail"});
    let given = it.give(&it.beta, &it.green, &seen);
    assert_eq!(given.status, 201, "{}", given.body);
    let inbox = it.json(&it.alpha, "/api/v1/feedback");
    assert_eq!(inbox["feedback"].as_array().unwrap().len(), 1);
    assert_eq!(inbox["feedback"][0]["by"]["id"], "beta");
    assert_eq!(
        (&inbox["more"], &inbox["next"]),
        (&false.into(), &inbox["feedback"][0]["cursor"])
    );
    let said = it.json(&it.alpha, &on(&it.green));
    assert_eq!(
        (&said["counts"]["seen"], &said["counts"]["sightings"]),
        (&1.into(), &3.into())
    );
    it.give(&it.beta, &it.green, &json!({"kind": "agree"}));
    let page = it.get(&it.alpha, "/api/v1/feedback?limit=1");
    assert!(
        page.headers["link"].contains("rel=\"next\""),
        "{:?}",
        page.headers
    );
    let headers = [
        ("Authorization", it.alpha.as_str()),
        ("Accept", "application/x-ndjson"),
    ];
    let lines = ask(&it.node, "GET", "/api/v1/feedback", &headers, "");
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    assert_eq!(lines.body.lines().count(), 2);
    let stix = it.get(&it.alpha, "/api/v1/feedback?format=stix");
    assert_eq!(
        stix.headers["content-type"],
        "application/stix+json;version=2.1"
    );
    let bundle: Value = serde_json::from_str(&stix.body).unwrap();
    let types: Vec<&Value> = bundle["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["type"])
        .collect();
    assert_eq!(types, ["identity", "sighting", "opinion"]);
    let again = it.get(&it.alpha, "/api/v1/feedback?format=stix");
    let again: Value = serde_json::from_str(&again.body).unwrap();
    assert_eq!(
        bundle["objects"], again["objects"],
        "ids do not depend on when it is asked"
    );
    for (path, status) in [
        ("/api/v1/feedback?limit=0", 400),
        ("/api/v1/feedback?after=x", 400),
        ("/api/v1/feedback?format=csv", 400),
    ] {
        assert_eq!(it.get(&it.alpha, path).status, status, "{path}");
    }
    let wrong = it.give(&it.beta, &it.green, &json!({"kind": "lovely"}));
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("not-malicious"), "{}", wrong.body);
}

#[test]
fn over_http_an_invisible_signal_is_answered_like_none() {
    let it = Setting::new();
    it.give(&it.alpha, &it.red, &json!({"kind": "agree"}));
    let absent = signal(99);
    for body in [
        json!({"kind": "seen"}),
        json!({"kind": "seen", "count": 0}),
        json!({}),
    ] {
        let answers = [&it.red, &absent].map(|signal| it.give(&it.beta, signal, &body));
        let [one, other] = answers.map(|answer| (answer.status, answer.body));
        assert_eq!(one, other);
    }
    for token in [Some(&it.beta), None] {
        let headers: Vec<(&str, &str)> = token
            .iter()
            .map(|t| ("Authorization", t.as_str()))
            .collect();
        for format in ["", "?format=stix"] {
            let answers = [&it.red, &absent].map(|signal| {
                ask(
                    &it.node,
                    "GET",
                    &format!("{}{format}", on(signal)),
                    &headers,
                    "",
                )
            });
            let [one, other] = answers.map(|answer| (answer.status, answer.body));
            assert_eq!(one, other);
            assert_eq!(one.0, if token.is_some() { 404 } else { 401 });
        }
        let pages = [&it.red, &absent].map(|signal| {
            let path = format!("/signal/{signal}/feedback");
            let headers = [&headers[..], &[FORM]].concat();
            ask(&it.node, "POST", &path, &headers, "kind=seen").status
        });
        assert_eq!(pages[0], pages[1]);
    }
    // What may be seen without signing in says nothing of what is for others.
    assert_eq!(get(&it.node, "/api/v1/feedback").status, 401);
    assert_eq!(it.json(&it.beta, "/api/v1/feedback")["feedback"], json!([]));
    let lookup = json!({"values": ["red.example"], "explain": true}).to_string();
    let headers = [JSON, ("Authorization", it.beta.as_str())];
    let found = ask(&it.node, "POST", "/api/v1/lookup", &headers, &lookup);
    assert_eq!(found.body, r#"{"matches":[],"lines":1,"bytes":11}"#);
}

#[test]
fn a_signals_page_shows_feedback_to_whom_it_is_told_and_offers_a_form_to_members() {
    let it = Setting::new();
    let sign_in = |bearer: &str| it.sign_in(bearer);
    let (alpha, beta) = (sign_in(&it.alpha), sign_in(&it.beta));
    let path = format!("/signal/{}", it.green);
    let page = |cookie: &str| ask(&it.node, "GET", &path, &[("Cookie", cookie)], "").body;
    assert!(page(&beta).contains("name=\"kind\""));
    let form = "kind=not-malicious&count=1&explanation=%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let headers = [FORM, ("Cookie", beta.as_str())];
    let sent = ask(
        &it.node,
        "POST",
        &format!("{path}/feedback"),
        &headers,
        form,
    );
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert_eq!(sent.headers["location"], format!("{path}#feedback"));
    let shown = page(&alpha);
    assert!(
        shown.contains("Béta Org</a> says that it is not malicious"),
        "{shown}"
    );
    assert!(!shown.contains("<script"), "{shown}");
    let operator = sign_in(&it.admin);
    let other = page(&operator);
    assert!(!other.contains("not malicious<") && !other.contains("Béta Org</a> says"));
    let wrong = ask(
        &it.node,
        "POST",
        &format!("{path}/feedback"),
        &headers,
        "kind=seen&count=x",
    );
    assert_eq!(wrong.status, 400);
    let nobody = ask(
        &it.node,
        "POST",
        &format!("{path}/feedback"),
        &[FORM],
        "kind=seen",
    );
    assert_eq!(nobody.status, 401);
}

#[test]
fn a_signals_page_tells_its_publisher_alone_who_sees_and_fetched_it() {
    let it = Setting::new();
    let page = |bearer: &str, signal: &str| {
        let cookie = it.sign_in(bearer);
        let path = format!("/signal/{signal}");
        ask(&it.node, "GET", &path, &[("Cookie", &cookie)], "").body
    };
    let fetched = "callers without an account</th>";
    assert!(page(&it.alpha, &it.green).contains("Nobody else has fetched it yet"));
    let objects = it.json(&it.beta, "/api/v1/changes");
    assert!(objects.to_string().contains(&it.green), "{objects}");
    let own = page(&it.alpha, &it.green);
    assert!(own.contains("Who sees it"), "{own}");
    let row = "Béta Org</a></th><td>its stance sees this marking";
    assert!(own.contains(row), "{own}");
    let (_, fetches) = own.split_once("Who fetched it").unwrap();
    assert!(fetches.contains("Béta Org</a></th>"), "{fetches}");
    assert!(!fetches.contains(fetched), "{fetches}");
    // What is for named recipients alone.
    let red = page(&it.alpha, &it.red);
    assert!(red.contains("named recipients"), "{red}");
    assert!(!red.contains("Béta Org"), "{red}");
    for other in [
        page(&it.beta, &it.green),
        get(&it.node, &format!("/signal/{}", it.green)).body,
    ] {
        assert!(
            !other.contains("Who sees it") && !other.contains("fetched"),
            "{other}"
        );
    }
}

#[test]
fn lists_are_managed_over_the_api_and_the_match_box_says_why() {
    let it = Setting::new();
    let headers = [JSON, ("Authorization", it.admin.as_str())];
    let list =
        json!({"name": "ours / all", "type": "hostname", "list": ["evil.example"]}).to_string();
    let path = "/api/v1/warninglists";
    let refused = ask(
        &it.node,
        "POST",
        path,
        &[JSON, ("Authorization", it.alpha.as_str())],
        &list,
    );
    assert_eq!(refused.status, 403);
    assert_eq!(ask(&it.node, "POST", path, &headers, &list).status, 201);
    let holding = it.json(&it.admin, "/api/v1/warninglists?value=x.evil.example");
    assert_eq!(holding["lists"][0]["name"], "ours / all");
    let lookup = |explain: bool| {
        let body = json!({"text": "evil.example", "explain": explain}).to_string();
        let headers = [JSON, ("Authorization", it.alpha.as_str())];
        let found = ask(&it.node, "POST", "/api/v1/lookup", &headers, &body);
        serde_json::from_str::<Value>(&found.body).unwrap()
    };
    let found = lookup(false);
    assert_eq!(found["matches"], json!([]));
    assert_eq!(
        found["suppressed"],
        json!({"hits": 1, "why": {"warning-list": 1}})
    );
    let found = lookup(true);
    assert_eq!(found["matches"][0]["fires"], false);
    let why = json!([{"reason": "warning-list", "list": "ours / all"}]);
    assert_eq!(found["matches"][0]["why"], why);
    let plain = [
        ("Content-Type", "text/plain"),
        ("Authorization", it.alpha.as_str()),
    ];
    let found = ask(
        &it.node,
        "POST",
        "/api/v1/lookup?explain=true",
        &plain,
        "evil.example",
    );
    assert!(found.body.contains(r#""fires":false"#), "{}", found.body);
    let form = [FORM, ("Authorization", it.alpha.as_str())];
    let page = ask(&it.node, "POST", "/match", &form, "text=evil.example").body;
    assert!(page.contains("no match; 1 more does not fire."), "{page}");
    assert!(page.contains("on the warning list"), "{page}");
    let gone = "/api/v1/warninglists/ours%20%2F%20all";
    assert_eq!(ask(&it.node, "DELETE", gone, &headers, "").status, 204);
    assert_eq!(ask(&it.node, "DELETE", gone, &headers, "").status, 404);
    assert_eq!(lookup(false)["matches"][0]["fires"], true);
}
