//! The public account: pages, files and the command line say the same, and anybody may keep, frame and
//! recount it.

use serde_json::Value;

use crate::pages::{ask, get};
use crate::requests::Setting;

/// A node on which beta answered one request and has another to answer, and one marked RED.
fn told() -> Setting {
    let it = Setting::new();
    let done = it.send("amber");
    it.step(&it.beta, &done, "accept", "");
    it.step(&it.beta, &done, "done", "The page is gone.");
    it.send("clear");
    it
}

#[test]
fn pages_files_and_the_command_line_say_the_same() {
    let it = told();
    let page = get(&it.node, "/account");
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("100 %") || page.body.contains("1 of 1"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script") && !page.body.contains(" style=\""));
    let account: Value = serde_json::from_str(&get(&it.node, "/api/v1/account").body).unwrap();
    assert_eq!(account["named"]["events"]["sent"], 2);
    assert_eq!(account["named"]["answers"]["in-time"], 1);
    assert_eq!(account["named"]["answers"]["waiting"], 1);
    assert_eq!(account["is_final"], false);
    let said = it.place.d("account --json").ok();
    assert_eq!(serde_json::from_str::<Value>(&said.out).unwrap(), account);
    let party: Value =
        serde_json::from_str(&get(&it.node, "/api/v1/account/parties/beta").body).unwrap();
    assert_eq!(party["received"]["events"]["sent"], 2);
    let said = it.place.d("account --party beta --json").ok();
    assert_eq!(serde_json::from_str::<Value>(&said.out).unwrap(), party);
    let csv = get(&it.node, "/account/asked.csv").body;
    assert!(csv.contains("\r\nalpha,"), "{csv}");
    assert_eq!(it.place.d("account --csv asked").ok().out, csv);
    let json: Value = serde_json::from_str(&get(&it.node, "/account/asked.json").body).unwrap();
    let api = get(&it.node, "/api/v1/account/tables/asked").body;
    assert_eq!(json, serde_json::from_str::<Value>(&api).unwrap());
    assert_eq!(json["rows"][0]["sent"], 2);
    let shown = it.place.d("account").ok().out;
    assert!(
        shown.contains("Requests sent: 2\n") && shown.contains("in time: 1 "),
        "{shown}"
    );
    let party = get(&it.node, "/party/beta").body;
    assert!(party.contains("Requests received"), "{party}");
}

#[test]
fn every_figure_leads_to_its_entries_and_these_to_their_receipts() {
    let it = told();
    let page = get(&it.node, "/account").body;
    let links = page.split("href=\"/account/entries?").skip(1);
    let mut seen = 0;
    for link in links {
        let link = link.split('"').next().unwrap().replace("&amp;", "&");
        let listed = get(&it.node, &format!("/account/entries?{link}"));
        assert_eq!(listed.status, 200, "{link}");
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
    let listed = get(&it.node, "/account/entries?figure=in-time").body;
    let position = listed.split("/log/receipt/").nth(1).unwrap();
    let position = position.split('"').next().unwrap();
    let receipt = get(&it.node, &format!("/log/receipt/{position}"));
    assert_eq!(receipt.status, 200);
    // What is asked is hidden as its marking says.
    assert!(!listed.contains("Incitement"));
    for (query, status) in [
        ("", 400),
        ("?figure=loud", 400),
        ("?figure=sent&through=2999-01", 400),
        ("?figure=sent&before=x", 400),
        ("?figure=sent&party=nobody", 200),
    ] {
        assert_eq!(
            get(&it.node, &format!("/account/entries{query}")).status,
            status,
            "{query}"
        );
    }
}

#[test]
fn how_a_promise_is_kept_leads_to_the_promise() {
    let it = told();
    let made = "commit make beta 1 --due 2035-11-12 --indicator answered-in-time --target 92 --words Soon.";
    let there = ["--server", &it.node.url, "--token", &it.beta];
    let line: Vec<&str> = made.split(' ').collect();
    it.place.run(&[&line[..], &there].concat()).ok();
    let page = get(&it.node, "/account").body;
    assert!(page.contains("<a href=\"/party/beta#commitments\"><span class=\"kept\">"));
    assert!(!page.contains("/party/alpha#commitments"));
    let party = get(&it.node, "/party/beta").body;
    assert!(party.contains("id=\"commitments\"") && party.contains("href=\"/commitment/"));
}

#[test]
fn what_is_over_may_be_kept_for_good_and_charts_may_be_framed() {
    let it = told();
    let over = get(&it.node, "/account/requests.csv?through=2020-01");
    assert_eq!(
        over.headers["cache-control"],
        "public, max-age=31536000, immutable"
    );
    let now = get(&it.node, "/account/requests.csv");
    assert_eq!(now.headers["cache-control"], "public, no-cache");
    let known = [("If-None-Match", now.headers["etag"].as_str())];
    let again = ask(&it.node, "GET", "/account/requests.csv", &known, "");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    it.send("green");
    let changed = ask(&it.node, "GET", "/account/requests.csv", &known, "");
    assert_eq!(changed.status, 200);
    for path in [
        "/account/2999-01",
        "/account/2020-13",
        "/account/x.csv",
        "/account/asked.svg",
    ] {
        assert_eq!(get(&it.node, path).status, 404, "{path}");
    }
    assert_eq!(get(&it.node, "/account/2020-01").status, 200);
    for chart in ["growth", "map", "answer-times", "requests"] {
        let framed = get(&it.node, &format!("/embed/{chart}"));
        assert_eq!(framed.status, 200, "{chart}");
        assert!(framed.headers["content-security-policy"].ends_with("frame-ancestors *"));
        assert!(!framed.headers.contains_key("set-cookie"));
        let drawing = get(&it.node, &format!("/account/{chart}.svg"));
        assert_eq!(drawing.headers["content-type"], "image/svg+xml");
        assert!(drawing.body.starts_with("<svg") && drawing.body.contains("<style>"));
    }
    let page = get(&it.node, "/account");
    assert!(page.headers["content-security-policy"].ends_with("frame-ancestors 'none'"));
}
