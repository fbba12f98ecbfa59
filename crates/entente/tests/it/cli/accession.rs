//! How parties come to a pledge, and what a reader finds of it later, on the command line.

use super::serving::Serving;
use super::{Place, each};
use crate::pages::{ask, get};

fn id(out: &str) -> String {
    out.trim_end().to_owned()
}

#[test]
fn a_party_is_invited_talks_and_becomes_a_partner_under_terms() {
    let place = Place::small();
    place.d("party add Gámma --kind civil-society").ok();
    let invite = ["invite", "Gámma", "--words", "Join us."];
    let sent = id(&place
        .on_d(&invite)
        .ok()
        .says("the two sides alone see it")
        .out);
    let accept = ["invitation", "accept", &sent];
    place.on_d(&accept).code(3).says("as a source");
    let accept = [&accept[..], &["--source", "a letter"]].concat();
    place.on_d(&accept).ok().says("anybody sees it");
    let listed = place.d("invitation list --json").ok().lines();
    assert_eq!(each(&listed, "state"), ["accepted"]);
    let step = [
        "talks",
        "step",
        "gamma",
        "--topic",
        "1",
        "--show",
        "date,topics",
    ];
    let put = id(&place
        .on_d(&[&step[..], &["--words", "We met."]].concat())
        .ok()
        .out);
    let agree = [
        "talks",
        "agree",
        &put,
        "--show",
        "date,words",
        "--source",
        "a letter",
    ];
    place
        .on_d(&agree)
        .ok()
        .says("anybody sees of this step: date");
    let talks = place.d("talks list").ok();
    assert!(
        talks.out.contains("We met.") && talks.out.contains("shown: date;"),
        "{}",
        talks.out
    );
    place.d("collection create feed").ok();
    let end = ["talks", "end", "gamma", "partner", "--source", "letters"];
    place.on_d(&end).code(3).says("terms: name them");
    let under = [
        "--terms",
        "forms",
        "--collection",
        "feed",
        "--up-to",
        "amber",
        "--publish",
    ];
    place.on_d(&[&end[..], &under[..]].concat()).ok();
    let terms = place.d("terms list --party gamma --json").ok().lines();
    assert_eq!(
        (&terms[0]["state"], &terms[0]["collections"][0]),
        (&"in-force".into(), &"feed".into())
    );
    place
        .d("token create --party gamma --scope read")
        .ok()
        .says("partner under terms");
    place
        .on_d(&["terms", "end", "forms", "--reason", "It is over."])
        .ok();
    assert_eq!(
        each(&place.d("terms list --json").ok().lines(), "state"),
        ["over"]
    );
    place
        .d("talks step gamma --words x --show everything")
        .code(3)
        .says("date, topics, words");
    place
        .d("talks end gamma signed --source x --reserve one")
        .code(2)
        .says("NUMBER=TEXT");
    place
        .on_d(&[
            "talks",
            "end",
            "gamma",
            "signed",
            "--source",
            "x",
            "--reserve",
            "1=As far as we may.",
        ])
        .ok();
    assert!(
        place
            .d("party show gamma")
            .ok()
            .out
            .contains("Reserves principle 1: As far as we may.")
    );
}

#[test]
fn who_withdraws_or_suspends_says_why() {
    let place = Place::small();
    let suspend = "party stance alpha suspended --since 2024-01-01";
    place.d(suspend).code(3).says("reason");
    place.d(&format!("{suspend} --reason audit")).ok();
    place
        .d("party stance alpha signed --since 2025-01-01")
        .code(3)
        .says("lift");
    place
        .d("party stance alpha signed --since 2025-01-01 --reason mended")
        .ok();
    let found = place
        .d("pledge diff --from 2023-12-31 --to 2025-12-31 --json")
        .ok()
        .json();
    assert_eq!(
        each(found["lines"].as_array().unwrap(), "reason"),
        ["audit", "mended"]
    );
    assert_eq!(found["lines"][0]["later"], true);
    assert!(
        found["changed"].as_array().unwrap().is_empty(),
        "signed on both days"
    );
    // As known before, nothing had happened; what the pledge file brought was not known either.
    let known = "pledge diff --from 2023-12-31 --to 2024-12-31 --known 2020-01-01";
    let known = place.d(known).ok();
    assert!(
        known.out.contains("not known on 2020-01-01"),
        "{}",
        known.out
    );
    place
        .d("pledge diff --from 2025-01-01 --to 2024-01-01")
        .code(3)
        .says("lies after");
}

#[test]
fn a_pledge_has_versions_that_parties_adopt() {
    let place = Place::small();
    let second = super::SMALL_PLEDGE.replace("Share what you see.", "Share what you see, soon.");
    place.write("second.toml", second.as_bytes());
    let amend = [
        "pledge",
        "amend",
        "second.toml",
        "--changes",
        "Sooner.",
        "--source",
        "assembly",
    ];
    place.on_d(&amend).ok().says("are left out");
    place.on_d(&amend).code(3).says("nothing differs");
    let versions = place.d("pledge versions --json").ok().lines();
    assert_eq!(versions[1]["differences"][0], "principle 1 reads otherwise");
    assert_eq!(
        (&versions[0]["held_by"], &versions[1]["held_by"]),
        (&2.into(), &0.into())
    );
    place
        .on_d(&["pledge", "adopt", "alpha", "--source", "a note"])
        .ok();
    let shown = place.d("pledge versions 2 --json").ok().json();
    assert_eq!(
        (&shown["held_by"], &shown["adoptions"][0]["party"]),
        (&1.into(), &"alpha".into())
    );
    let first = place.d("pledge versions 1 --json").ok().json();
    assert_eq!(
        first["pledge"]["principles"][0]["summary"],
        "Share what you see."
    );
    place.d("pledge versions 3").code(3);
    place
        .d("pledge adopt beta --version 1 --source x")
        .code(3)
        .says("already");
}

#[test]
fn a_party_that_becomes_another_is_found_under_both_names() {
    let place = Place::small();
    let why = ["--reason", "a merger", "--source", "a notice"];
    place
        .on_d(&[&["party", "reassign", "alpha"][..], &why].concat())
        .code(2);
    place
        .on_d(
            &[
                &["party", "reassign", "alpha", "--renamed", "Alpha Two"][..],
                &why,
            ]
            .concat(),
        )
        .ok();
    let merged = [
        "party",
        "reassign",
        "alpha",
        "--merged-into",
        "beta",
        "--carry",
    ];
    place.on_d(&[&merged[..], &why].concat()).ok();
    let shown = place.d("party show alpha --json").ok().json();
    assert_eq!(
        (&shown["name"], &shown["stance"]),
        (&"Alpha Two".into(), &"withdrawn".into())
    );
    assert_eq!(shown["reassignments"].as_array().unwrap().len(), 2);
    assert!(shown["history"][0]["position"].is_u64());
}

#[test]
fn a_running_node_shows_the_public_what_both_sides_agreed_to_and_no_more() {
    let place = Place::small();
    place
        .d("token create --party alpha --scope read,publish --json")
        .ok();
    let issued = place
        .d("token create --party beta --scope read,publish")
        .ok()
        .out;
    let node = Serving::start(&place);
    let remote = |line: &[&str]| {
        place.run(&[line, &["--server", &node.url, "--token", issued.trim_end()]].concat())
    };
    let secret = "We-spoke-of-principle-one";
    let put = remote(&[
        "talks",
        "step",
        "beta",
        "--words",
        secret,
        "--topic",
        "1",
        "--show",
        "date,topics",
    ]);
    let put = id(&put.ok().out);
    for path in [
        "/talks",
        "/party/beta",
        "/diff",
        "/api/v1/talks",
        "/api/v1/pledge/diff?from=2020-01-01",
    ] {
        let page = get(&node, path);
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains(&put), "{path}");
    }
    remote(&["talks", "agree", &put, "--show", "date"])
        .code(4)
        .says("other side");
    // Through the node that serves the directory, the operator speaks for the steward.
    place
        .on_d(&["talks", "agree", &put, "--show", "topics,words"])
        .ok();
    for path in ["/talks", "/party/beta", "/api/v1/talks"] {
        let page = get(&node, path);
        assert!(
            page.body.contains(&put) && !page.body.contains(secret),
            "{path}"
        );
    }
    let bearer = format!("Bearer {}", issued.trim_end());
    let whole = ask(
        &node,
        "GET",
        "/api/v1/talks",
        &[("Authorization", &bearer)],
        "",
    );
    assert!(whole.body.contains(secret));
    for path in [
        "/pledge/versions",
        "/pledge/versions/1",
        "/diff?from=2020-01-01&known=2021-01-01",
    ] {
        assert_eq!(get(&node, path).status, 200, "{path}");
    }
    assert_eq!(get(&node, "/pledge/versions/9").status, 404);
    assert_eq!(get(&node, "/diff?from=soon").status, 400);
    let turned = get(&node, "/api/v1/pledge/diff?from=2025-01-01&to=2020-01-01");
    assert_eq!(turned.status, 400);
    let stance = r#"{"stance":"suspended","since":"2024-01-01"}"#;
    let admin = place
        .d("token create --party alpha --scope administer")
        .ok()
        .out;
    let headers = [
        ("Authorization", &*format!("Bearer {}", admin.trim_end())),
        ("Content-Type", "application/json"),
    ];
    let refused = ask(
        &node,
        "POST",
        "/api/v1/parties/beta/stances",
        &headers,
        stance,
    );
    assert_eq!(refused.status, 400, "{}", refused.body);
}
