//! How parties come to a pledge, and what a reader finds of it later, on the command line.

use super::serving::Serving;
use super::{Place, each};
use crate::pages::{FORM, ask, get};

fn id(out: &str) -> String {
    out.trim_end().to_owned()
}

/// A small pledge with a party that has not signed, and a collection.
fn with_gamma() -> Place {
    let place = Place::small();
    place.d("party add Gámma --kind civil-society").ok();
    place.d("collection create feed").ok();
    place
}

#[test]
fn a_party_is_invited_and_talks_are_shown_as_both_sides_agree() {
    let place = with_gamma();
    let sent = place.d("invite Gámma --words Welcome").ok();
    let sent = id(&sent.says("the two sides alone see it").out);
    let accept = format!("invitation accept {sent}");
    place.d(&accept).code(3).says("as a source");
    let accepted = place.d(&format!("{accept} --source letter")).ok();
    accepted.says("anybody sees it");
    let listed = place.d("invitation list --json").ok().lines();
    assert_eq!(each(&listed, "state"), ["accepted"]);
    let step = "talks step gamma --topic 1 --show date,topics --words Meeting";
    let put = id(&place.d(step).ok().out);
    let agree = format!("talks agree {put} --show date,words --source letter");
    place.d(&agree).ok().says("anybody sees of this step: date");
    let talks = place.d("talks list").ok().out;
    assert!(talks.contains("Meeting"), "{talks}");
    assert!(talks.contains("shown: date;"), "{talks}");
    let wrong = place.d("talks step gamma --words x --show everything");
    wrong.code(3).says("date, topics, words");
}

#[test]
fn talks_end_in_terms_that_decide_or_in_a_signature_with_reservations() {
    let place = with_gamma();
    place
        .d("party stance gamma in-talks --since 2024-01-01")
        .ok();
    let end = "talks end gamma partner --source letters";
    place.d(end).code(3).says("terms: name them");
    let under = "--terms forms --collection feed --up-to amber --publish";
    place.d(&format!("{end} {under}")).ok();
    let terms = place.d("terms list --party gamma --json").ok().lines();
    assert_eq!(terms[0]["state"], "in-force");
    assert_eq!(terms[0]["collections"][0], "feed");
    let token = place.d("token create --party gamma --scope read").ok();
    token.says("partner under terms");
    place.d("terms end forms --reason over").ok();
    let terms = place.d("terms list --json").ok().lines();
    assert_eq!(each(&terms, "state"), ["over"]);
    let sign = "talks end gamma signed --source x --reserve";
    place.d(&format!("{sign} one")).code(2).says("NUMBER=TEXT");
    place
        .d(&format!("{sign} 7=Nothing"))
        .code(3)
        .says("principle");
    place.d(&format!("{sign} 1=Within-our-law")).ok();
    let shown = place.d("party show gamma").ok().out;
    assert!(
        shown.contains("Reserves principle 1: Within-our-law"),
        "{shown}"
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
    let issued = place.d("token create --party beta --scope read,publish");
    let issued = id(&issued.ok().out);
    let node = Serving::start(&place);
    let remote = |line: &str| {
        place.run(
            &line
                .split(' ')
                .chain(["--server", &node.url, "--token", &issued])
                .collect::<Vec<_>>(),
        )
    };
    let secret = "We-spoke-of-principle-one";
    let step = format!("talks step beta --words {secret} --topic 1 --show date,topics");
    let put = id(&remote(&step).ok().out);
    let public = ["/talks", "/party/beta", "/api/v1/talks"];
    let diffs = ["/diff", "/api/v1/pledge/diff?from=2020-01-01"];
    for path in public.into_iter().chain(diffs) {
        let page = get(&node, path);
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.body.contains(&put) && !page.body.contains(secret),
            "{path}"
        );
    }
    let own = remote(&format!("talks agree {put} --show date"));
    own.code(4).says("other side");
    // Through the node that serves the directory, the operator speaks for the steward.
    place
        .d(&format!("talks agree {put} --show topics,words"))
        .ok();
    for path in public {
        let body = get(&node, path).body;
        assert!(body.contains(&put) && !body.contains(secret), "{path}");
    }
    let bearer = format!("Bearer {issued}");
    let whole = ask(
        &node,
        "GET",
        "/api/v1/talks",
        &[("Authorization", &bearer)],
        "",
    );
    assert!(whole.body.contains(secret));
}

#[test]
fn a_running_node_says_what_does_not_fit() {
    let place = Place::small();
    let admin = id(&place
        .d("token create --party alpha --scope administer")
        .ok()
        .out);
    let node = Serving::start(&place);
    for (path, status) in [
        ("/pledge/versions", 200),
        ("/pledge/versions/1", 200),
        ("/pledge/versions/9", 404),
        ("/diff?from=2020-01-01&known=2021-01-01", 200),
        ("/diff?from=soon", 400),
        ("/api/v1/pledge/diff?from=2025-01-01&to=2020-01-01", 400),
        ("/api/v1/pledge/versions/none", 404),
    ] {
        assert_eq!(get(&node, path).status, status, "{path}");
    }
    let bearer = format!("Bearer {admin}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    let stance = r#"{"stance":"suspended","since":"2024-01-01"}"#;
    let refused = ask(
        &node,
        "POST",
        "/api/v1/parties/beta/stances",
        &headers,
        stance,
    );
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(refused.body.contains("reason"), "{}", refused.body);
}

#[test]
fn a_party_answers_and_agrees_on_its_page() {
    let place = with_gamma();
    let token = id(&place
        .d("token create --party gamma --scope read,publish")
        .ok()
        .out);
    let sent = id(&place.d("invite gamma --words Welcome").ok().out);
    let put = id(&place
        .d("talks step gamma --words Meeting --show date,words")
        .ok()
        .out);
    let node = Serving::start(&place);
    let signed_in = ask(
        &node,
        "POST",
        "/sign-in",
        &[FORM],
        &format!("token={token}"),
    );
    let cookie = signed_in.headers["set-cookie"]
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let page = |cookie: &str| ask(&node, "GET", "/party/gamma", &[("Cookie", cookie)], "").body;
    let forms = ["/invitation/", "/talks/"].map(|to| format!("action=\"{to}"));
    for form in &forms {
        assert!(
            page(&cookie).contains(form) && !page("").contains(form),
            "{form}"
        );
    }
    let post =
        |path: &str, body: &str| ask(&node, "POST", path, &[("Cookie", &cookie), FORM], body);
    let answer = format!("/invitation/{sent}/answer");
    assert_eq!(post(&answer, "answer=declined&reason=").status, 400);
    assert_eq!(post(&answer, "answer=accepted&reason=Gladly").status, 303);
    let agreement = format!("/talks/{put}/agreement");
    assert_eq!(post(&agreement, "").status, 400);
    assert_eq!(post(&agreement, "show=date&show=words").status, 303);
    assert_eq!(
        post(&agreement.replace(&put, "nowhere"), "show=date").status,
        404
    );
    let stranger = ask(&node, "POST", &agreement, &[FORM], "show=date");
    assert_ne!(stranger.status, 303);
    let public = page("");
    assert!(
        public.contains("Meeting") && public.contains("Gladly"),
        "{public}"
    );
    assert!(!forms.iter().any(|form| page(&cookie).contains(form)));
}
