//! What parties promise, what they report, and what others say of it, on the command line and over
//! HTTP.

use super::serving::Serving;
use super::{Ended, Place, each};
use crate::pages::{Answer, FORM, ask, get};

fn id(ended: Ended) -> String {
    ended.ok().out.trim_end().to_owned()
}

/// A node that is served, and the tokens of alpha and beta.
struct Served {
    place: Place,
    node: Serving,
    alpha: String,
    beta: String,
}

impl Served {
    fn start() -> Self {
        let place = Place::small();
        let token = |party: &str| {
            id(place.d(&format!(
                "token create --party {party} --scope read,publish"
            )))
        };
        let (alpha, beta) = (token("alpha"), token("beta"));
        let node = Serving::start(&place);
        Served {
            place,
            node,
            alpha,
            beta,
        }
    }

    fn by(&self, token: &str, line: &str, words: &str) -> Ended {
        let there = ["--server", &self.node.url, "--token", token];
        let said = ["--words", words];
        let said = if words.is_empty() { &[][..] } else { &said };
        let line: Vec<&str> = line.split(' ').collect();
        self.place.run(&[&line, said, &there].concat())
    }
}

const MAKE: &str =
    "commit make alpha 1 --due 2035-11-12 --indicator answered-in-time --baseline 70 --target 92.5";
const LINK: &str = "--evidence https://alpha.example/desk.pdf";

#[test]
fn a_promise_is_reported_reviewed_contradicted_and_answered_and_nothing_replaces_anything() {
    let served = Served::start();
    let (alpha, beta) = (&served.alpha, &served.beta);
    let made = served.by(alpha, MAKE, "We answer in time.").ok();
    let commitment = id(made.says("the next report is due on"));
    served.by(beta, MAKE, "We answer in time.").code(4);
    let about = |verb: &str, rest: &str| format!("commit {verb} {commitment} {rest}");
    let report = about("report", &format!("--completion complete {LINK}"));
    let report = id(served
        .by(alpha, &report, "All desks are staffed.")
        .says("too little to say"));
    let review = about("review", &format!("--completion limited --report {report}"));
    let review = id(served.by(beta, &review, "One desk is."));
    let bare = about("counter", "");
    served
        .by(beta, bare.trim(), "We called.")
        .code(2)
        .says("--evidence");
    let counter = about("counter", "--evidence https://beta.example/calls.csv");
    let counter = id(served.by(beta, &counter, "Nobody answered."));
    for statement in [&review, &counter] {
        let answer = format!("commit answer {statement}");
        served.by(alpha, &answer, "You called at night.").ok();
        served.by(alpha, &answer, "Again.").code(5).says("once");
        served.by(beta, &answer, "No.").code(4);
    }
    let own = about("review", "--completion complete");
    served
        .by(alpha, &own, "Well done.")
        .code(4)
        .says("does not judge");
    let amend = about("amend", "--target 95 --reason Sooner");
    served.by(alpha, &amend, "").ok().says("version 2");
    // Anybody reads all of it, and each statement has its receipt.
    let shown = get(&served.node, &format!("/api/v1/commitments/{commitment}"));
    let shown: serde_json::Value = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(shown["target"]["amount"], 95);
    assert_eq!(shown["history"]["versions"][0]["target"]["amount"], 92.5);
    assert_eq!(shown["completion"], "complete");
    assert_eq!(shown["reviewed"], "limited");
    let counter = &shown["history"]["counter_evidence"][0];
    assert_eq!(
        (&counter["by"], &counter["by_kind"]),
        (&"beta".into(), &"civil-society".into())
    );
    assert_eq!(counter["reply"]["words"], "You called at night.");
    let receipt = get(
        &served.node,
        &format!("/log/receipt/{}", counter["position"]),
    );
    assert_eq!(receipt.status, 200);
    let text = served.place.d(about("show", "").trim_end()).ok().out;
    for part in [
        "All desks are staffed.",
        "One desk is.",
        "Nobody answered.",
        "version 2: Sooner",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let listed = served
        .place
        .d("commit list --keeping kept --json")
        .ok()
        .lines();
    assert_eq!(each(&listed, "id"), [commitment.as_str()]);
    let values = served
        .place
        .d("commit indicators alpha --json")
        .ok()
        .lines();
    assert_eq!(values.len(), 8);
}

#[test]
fn the_steward_sets_the_calendar_and_delists_with_a_letter() {
    let served = Served::start();
    let (alpha, place) = (&served.alpha, &served.place);
    let commitment = id(served.by(alpha, MAKE, "We answer in time."));
    let set = "commit calendar --due 06-30 --due 12-31 --notice 20 --reason Twice";
    served.by(alpha, set, "").code(4);
    place
        .d("commit calendar --late 100 --silent 101 --reason x")
        .code(5)
        .says("each comes at least");
    let calendar = place.d(set).ok().says("set by the steward: Twice").out;
    assert!(calendar.contains("due on 06-30, 12-31"), "{calendar}");
    let delist = format!("commit delist {commitment} --reason Nothing");
    served.by(alpha, &delist, "").code(4);
    let letter = id(place.d(&delist).says("will be delisted on"));
    let letters = place.d("commit letters --text").ok().out;
    assert!(letters.contains("To Alpha, "), "{letters}");
    assert!(letters.contains("for this reason: Nothing"), "{letters}");
    let page = format!("/commitment/{commitment}");
    assert_eq!(get(&served.node, &page).status, 200);
    let waits = served.by(alpha, "inbox --json", "").ok().lines();
    assert_eq!(each(&waits, "page"), [page.as_str()]);
    let news = get(&served.node, "/news/commitments.atom").body;
    assert!(news.contains(&format!("{page}\"")), "{news}");
    let answer = format!("commit answer {letter}");
    served.by(alpha, &answer, "Here it is.").ok();
    place
        .d(&format!("commit revoke-letter {letter} --reason Shown"))
        .ok();
    let letters = place.d("commit letters --json").ok().lines();
    assert_eq!(each(&letters, "outcome"), ["revoked"]);
    place.d("commit advance").code(3).says("by itself");
    let gone = format!("commit withdraw {commitment} --reason Over");
    served.by(alpha, &gone, "").ok();
    let listed = place.d("commit list --json").ok().lines();
    assert_eq!(each(&listed, "keeping"), ["withdrawn"]);
}

#[test]
fn what_is_sent_again_over_http_with_its_key_is_done_once_and_what_does_not_fit_is_told() {
    let served = Served::start();
    let bearer = format!("Bearer {}", served.alpha);
    let send = |key: &str, body: &str| {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", key),
        ];
        ask(&served.node, "POST", "/api/v1/commitments", &headers, body)
    };
    let body = |rest: &str| {
        format!(
            r#"{{"party":"alpha","principle":1,"words":"We do.","indicator":"signals-shared","due":"2035-01-01"{rest}}}"#
        )
    };
    let first = send("\"one\"", &body(""));
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(send("\"one\"", &body("")).body, first.body);
    let other = send("\"one\"", &body(r#","every":3"#));
    assert_eq!(other.status, 409, "{}", other.body);
    for (rest, expected) in [
        (r#","every":5"#, "every"),
        (r#","dew":5"#, "dew"),
        (r#","unit":"desks""#, "self-reported"),
        (r#","target":{"amount":1.0001}"#, "three decimals"),
        (r#","date":"2020-01-01""#, "leave the date out"),
    ] {
        let wrong = send("\"two\"", &body(rest));
        assert_eq!(wrong.status, 400, "{rest}");
        assert!(wrong.body.contains(expected), "{rest}: {}", wrong.body);
    }
    for path in [
        "/api/v1/commitments/none",
        "/api/v1/parties/none/indicators",
    ] {
        assert_eq!(get(&served.node, path).status, 404, "{path}");
    }
    let wrong = get(&served.node, "/api/v1/commitments?keeping=well");
    assert_eq!(wrong.status, 400);
    let listed = served.place.d("commit list --json").ok().lines();
    assert_eq!(listed.len(), 1);
}

/// The key that stands in a form.
fn key_of(page: &Answer) -> String {
    let (_, behind) = page.body.split_once(r#"name="key" value=""#).unwrap();
    behind.split('"').next().unwrap().to_owned()
}

#[test]
fn a_form_that_is_sent_twice_is_done_once_and_what_is_not_taken_keeps_what_was_typed() {
    let served = Served::start();
    let bearer = format!("Bearer {}", served.alpha);
    let own = ("Authorization", bearer.as_str());
    let post = |path: &str, form: &str| ask(&served.node, "POST", path, &[own, FORM], form);
    let key = key_of(&ask(&served.node, "GET", "/commit", &[own], ""));
    let form = format!("key={key}&principle=1&words=We+answer.&indicator=answered-in-time");
    let wrong = post("/commit", &format!("{form}&due=2035-01-01&target=much"));
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    for kept in [r#"role="alert""#, "We answer.", "2035-01-01", "much"] {
        assert!(wrong.body.contains(kept), "{kept}: {}", wrong.body);
    }
    let made = post("/commit", &format!("{form}&due=2035-01-01"));
    assert_eq!(made.status, 303, "{}", made.body);
    let again = post("/commit", &format!("{form}&due=2035-01-01"));
    assert_eq!(again.headers["location"], made.headers["location"]);
    let page = &made.headers["location"];
    let key = key_of(&ask(&served.node, "GET", page, &[own], ""));
    let form = format!("key={key}&completion=limited&words=Half.");
    let report = format!("{page}/report");
    let wrong = post(&report, &format!("{form}&evidence=ftp://alpha.example/"));
    assert_eq!(wrong.status, 400, "{}", wrong.body);
    for kept in [r#"role="alert""#, "Half.", "ftp://alpha.example/"] {
        assert!(wrong.body.contains(kept), "{kept}: {}", wrong.body);
    }
    let first = post(&report, &form);
    assert_eq!(first.status, 303, "{}", first.body);
    assert_eq!(
        post(&report, &form).headers["location"],
        first.headers["location"]
    );
    let shown = get(
        &served.node,
        &format!("/api/v1{}", page.replace("commitment", "commitments")),
    );
    let shown: serde_json::Value = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(shown["history"]["reports"].as_array().unwrap().len(), 1);
    let stranger = ask(&served.node, "POST", &report, &[FORM], &form);
    assert_eq!(stranger.status, 401);
}
