//! A collection as a MISP feed, as CSV, as a plain list and as Atom.

use serde_json::Value;

use crate::cli::Place;
use crate::cli::serving::Serving;
use crate::pages::{Answer, ask};

/// A node with a public collection: a CLEAR and an AMBER signal, one revoked, one over; and the
/// tokens of alpha, who sees AMBER, and of beta, who does not.
fn furnished() -> (Place, [String; 2]) {
    let place = Place::small();
    place
        .d("party stance beta in-talks --since 2021-01-01")
        .ok();
    place
        .d("collection create open --public --marking clear")
        .ok();
    place.write("clear.txt", b"clear.example\nhttps://clear.example/a,b\n");
    place.write("amber.txt", b"amber.example\n=1+1@amber.example\n");
    place
        .d("import clear.txt --collection open --marking clear --harm cybercrime")
        .ok();
    place
        .d("import amber.txt --collection open --marking amber --label =formula")
        .ok();
    let object = |number: u8, value: &str, rest: &str| {
        format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--0000000{number}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","pattern":"[domain-name:value = '{value}']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z"{rest}}}"#
        )
    };
    let lines = [
        object(1, "revoked.example", r#","revoked":true"#),
        object(
            2,
            "over.example",
            r#","valid_until":"2025-02-01T00:00:00Z""#,
        ),
    ];
    place.write("more.ndjson", lines.join("\n").as_bytes());
    place.d("import more.ndjson --collection open").ok();
    let token = |party: &str| {
        let made = place
            .d(&format!("token create --party {party} --scope read"))
            .ok();
        format!("Bearer {}", made.out.trim())
    };
    let tokens = [token("alpha"), token("beta")];
    (place, tokens)
}

fn get(node: &Serving, path: &str, token: Option<&str>) -> Answer {
    let header: Vec<(&str, &str)> = token
        .map(|value| ("Authorization", value))
        .into_iter()
        .collect();
    ask(node, "GET", path, &header, "")
}

/// The body of a chunked answer in one piece.
fn text(answer: &Answer) -> String {
    if !answer.headers.contains_key("transfer-encoding") {
        return answer.body.clone();
    }
    let (mut whole, mut rest) = (String::new(), answer.body.as_str());
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        whole.push_str(&after[..length]);
        rest = after[length..].trim_start_matches("\r\n");
        if length == 0 {
            break;
        }
    }
    whole
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&text(answer)).unwrap()
}

/// Values of the attributes that a caller finds in the feed.
fn feed_values(node: &Serving, token: Option<&str>) -> Vec<String> {
    let manifest = json(&get(node, "/misp/open/manifest.json", token));
    let mut values = Vec::new();
    for uuid in manifest.as_object().unwrap().keys() {
        let event = json(&get(node, &format!("/misp/open/{uuid}.json"), token));
        for attribute in event["Event"]["Attribute"].as_array().unwrap() {
            values.push(attribute["value"].as_str().unwrap().to_owned());
        }
    }
    values.sort();
    values
}

#[test]
fn a_misp_feed_shows_each_caller_its_own() {
    let (place, [alpha, beta]) = furnished();
    let node = Serving::start(&place);
    let public = [
        "clear.example",
        "https://clear.example/a,b",
        "over.example",
        "revoked.example",
    ];
    assert_eq!(feed_values(&node, None), public);
    assert_eq!(feed_values(&node, Some(&beta)), public);
    let all = feed_values(&node, Some(&alpha));
    assert_eq!(all.len(), 6, "{all:?}");
    let manifest = json(&get(&node, "/misp/open/manifest.json", Some(&alpha)));
    let (uuid, line) = manifest.as_object().unwrap().iter().next().unwrap();
    assert_eq!(line["Tag"][0]["name"], "tlp:amber");
    assert_eq!(line["Orgc"]["name"], "Node operator");
    // The same event for who sees less: another marking, and no trace of the rest.
    let seen = json(&get(&node, &format!("/misp/open/{uuid}.json"), None));
    assert_eq!(seen["Event"]["Tag"][0]["name"], "tlp:clear");
    assert!(!seen.to_string().contains("amber"));
    let attribute = |value: &str| {
        let all = seen["Event"]["Attribute"].as_array().unwrap();
        all.iter()
            .find(|one| one["value"] == value)
            .unwrap()
            .clone()
    };
    assert_eq!(attribute("clear.example")["to_ids"], true);
    assert_eq!(attribute("over.example")["to_ids"], false);
    assert_eq!(attribute("revoked.example")["deleted"], true);
    let hashes = text(&get(&node, "/misp/open/hashes.csv", None));
    assert_eq!(hashes.lines().count(), 3, "{hashes}");
    assert!(hashes.lines().all(|line| line.ends_with(uuid.as_str())));
}

#[test]
fn a_feed_says_when_nothing_is_new_and_why_nothing_is_given() {
    let (place, [alpha, _]) = furnished();
    place.d("collection create closed").ok();
    let node = Serving::start(&place);
    // MISP puts a slash behind whatever address it was given.
    assert_eq!(get(&node, "/misp/open//manifest.json", None).status, 200);
    for (path, token, status) in [
        ("/misp/closed/manifest.json", None, 401),
        ("/misp/nowhere/manifest.json", None, 401),
        ("/misp/nowhere/manifest.json", Some(alpha.as_str()), 404),
        (
            "/misp/open/manifest.json",
            Some("Bearer ent_wrong_token"),
            401,
        ),
        (
            "/misp/open/00000000-0000-4000-8000-000000000000.json",
            Some(&alpha),
            404,
        ),
        ("/feeds/closed.csv", None, 401),
        ("/feeds/open.txt?type=hash", None, 400),
        ("/feeds/open", None, 404),
    ] {
        let answer = get(&node, path, token);
        assert_eq!(answer.status, status, "{path}");
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["status"], status, "{path}");
    }
    assert_eq!(
        ask(&node, "POST", "/misp/open/manifest.json", &[], "").status,
        405
    );
    std::thread::sleep(std::time::Duration::from_millis(5200));
    let first = get(&node, "/misp/open/manifest.json", None);
    let known = [("If-None-Match", first.headers["etag"].as_str())];
    let again = ask(&node, "GET", "/misp/open/manifest.json", &known, "");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[test]
fn tables_and_lists_hold_what_is_in_force_and_may_be_seen() {
    let (place, [alpha, beta]) = furnished();
    let node = Serving::start(&place);
    let list = |path: &str, token| text(&get(&node, path, token));
    let public = "clear.example\nhttps://clear.example/a,b\n";
    assert_eq!(list("/feeds/open.txt", None), public);
    assert_eq!(list("/feeds/open.txt", Some(beta.as_str())), public);
    assert_eq!(
        list("/feeds/open.txt?type=url", None),
        "https://clear.example/a,b\n"
    );
    assert_eq!(list("/feeds/open.txt?type=md5,sha256", None), "");
    let table = list("/feeds/open.csv", Some(alpha.as_str()));
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let columns = "value,type,id,valid_from,valid_until,marking,harm,publisher,labels,pap";
    assert_eq!(
        reader
            .headers()
            .unwrap()
            .iter()
            .collect::<Vec<_>>()
            .join(","),
        columns
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(&rows[1][0], "https://clear.example/a,b");
    assert_eq!((&rows[0][5], &rows[0][6]), ("TLP:CLEAR", "cybercrime"));
    // A spreadsheet runs neither a value nor a label.
    assert_eq!(
        (&rows[3][0], &rows[3][8]),
        ("'=1+1@amber.example", "'=formula")
    );
}

#[test]
fn atom_and_the_page_of_a_collection_lead_to_each_other() {
    let (place, _) = furnished();
    let node = Serving::start(&place);
    let atom = get(&node, "/feeds/open.atom", None);
    assert!(atom.headers["content-type"].starts_with("application/atom+xml"));
    assert_eq!(atom.body.matches("<entry>").count(), 4, "{}", atom.body);
    assert!(atom.body.contains("/collections/open\"") && !atom.body.contains("amber"));
    let page = get(&node, "/collections/open", None).body;
    for link in [
        "/feeds/open.csv",
        "/feeds/open.txt",
        "/feeds/open.atom",
        "/misp/open<",
    ] {
        assert!(page.contains(link), "{link}");
    }
}
