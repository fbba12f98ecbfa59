//! Wherever something is told, the address beside it leads to a page: the inbox, news, calendars.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use node::clock::{Clock, Instant};
use serde_json::Value;

use crate::cli::Place;
use crate::cli::serving::Serving;
use crate::pages::{FORM, ask};

/// The demo's node, with its members and what they do; its parties promise something besides.
fn furnished(place: &Place) -> (Serving, Vec<(String, String)>) {
    let mut child = place
        .command(&["demo", "--json", "--listen", "127.0.0.1:0"])
        .env("TMPDIR", place.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.as_mut().unwrap());
    out.read_line(&mut line).unwrap();
    let demo: Value = serde_json::from_str(&line).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (url, data) = (text(&demo["url"]), text(&demo["data"]));
    let members = demo["members"].as_array().unwrap().iter();
    let members = members.map(|one| (text(&one["party"]), text(&one["token"])));
    let (node, members) = (Serving::of(child, url), members.collect::<Vec<_>>());
    let soon = Instant(Clock::System.now().0 + 3 * 86_400_000_000);
    let soon = soon.day().to_string();
    let (party, token) = &members[0];
    let make = [
        ["commit", "make", party, "1", "--due", &soon],
        [
            "--indicator",
            "answered-in-time",
            "--words",
            "We answer.",
            "--server",
            &node.url,
        ],
    ];
    let made = place.run(&[&make.concat()[..], &["--token", token]].concat());
    let id = made.ok().out.trim().to_owned();
    let delist = [
        "commit", "delist", &id, "--reason", "Nothing", "--data", &data,
    ];
    place.run(&delist).ok();
    (node, members)
}

/// The values that stand between two texts.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    let parts = text.split(before).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(after)?.0))
        .collect()
}

#[test]
fn what_the_inbox_news_and_calendars_point_to_is_there() {
    let place = Place::bare();
    let (node, members) = furnished(&place);
    let mut kinds = BTreeSet::new();
    let leads = |found: &str, cookie: &str, told: &str| {
        let path = found.trim().trim_start_matches(&node.url);
        let page = ask(&node, "GET", path, &[("Cookie", cookie)], "");
        assert_eq!(page.status, 200, "{told}: {path}");
    };
    for (party, token) in &members {
        let signed_in = ask(
            &node,
            "POST",
            "/sign-in",
            &[FORM],
            &format!("token={token}"),
        );
        let cookie = signed_in.headers["set-cookie"].split(';').next().unwrap();
        let own = [("Cookie", cookie)];
        let get = |path: &str| ask(&node, "GET", path, &own, "").body;
        let inbox: Value = serde_json::from_str(&get("/api/v1/inbox")).unwrap();
        for item in inbox["items"].as_array().unwrap() {
            leads(item["page"].as_str().unwrap(), cookie, party);
            kinds.insert(item["kind"].as_str().unwrap().to_owned());
        }
        let feed = get("/news.atom");
        for page in between(&feed, "type=\"text/html\" href=\"", "\"") {
            leads(page, cookie, "news");
        }
        assert!(feed.contains("/commitment/"), "{feed}");
        let bearer = format!("Bearer {token}");
        let bearer = [("Authorization", bearer.as_str())];
        let made = ask(&node, "POST", "/api/v1/calendars", &bearer, "").body;
        let made: Value = serde_json::from_str(&made).unwrap();
        let private = made["url"].as_str().unwrap().trim_start_matches(&node.url);
        for calendar in [private, "/calendar.ics"] {
            // Long lines are folded (RFC 5545, section 3.1).
            let dates = get(calendar).replace("\r\n ", "");
            for page in between(&dates, "\r\nURL:", "\r\n") {
                leads(page, cookie, calendar);
            }
        }
    }
    for kind in ["acknowledge", "report", "letter"] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
}
