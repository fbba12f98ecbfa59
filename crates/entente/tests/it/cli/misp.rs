//! `import` of MISP events and of feeds in a folder.

use serde_json::{Value, json};

use super::{Place, each};

const EVENT: &str = "d2a1d9f5-0a65-4d5a-9f6a-0d8f1a3e0001";

fn attribute(number: u8, misp: &str, value: &str, to_ids: bool) -> Value {
    json!({
        "uuid": format!("d2a1d9f5-0a65-4d5a-9f6a-0d8f1a3e10{number:02}"),
        "type": misp, "category": "Network activity", "value": value, "to_ids": to_ids,
        "timestamp": "1770200000", "comment": "seen in May", "deleted": false,
    })
}

fn event(attributes: &[Value]) -> Value {
    json!({"Event": {
        "uuid": EVENT, "info": "A phishing wave", "date": "2026-02-03", "published": true,
        "timestamp": "1770200000", "analysis": "2", "threat_level_id": "4",
        "Orgc": {"name": "Example CERT", "uuid": "8c6af861-7b20-41ef-9b59-6344fd872a8f"},
        "Tag": [{"name": "tlp:green"}, {"name": "PAP:AMBER"}, {"name": "spring"}],
        "Attribute": attributes,
    }})
}

fn exported(place: &Place) -> Vec<Value> {
    place
        .d("export --collection misp --format ndjson")
        .ok()
        .lines()
}

#[test]
fn an_event_becomes_signals_under_its_markings_once() {
    let place = Place::small();
    let mut own = attribute(2, "url", "https://evil.example/", true);
    own["Tag"] = json!([{"name": "tlp:red"}]);
    let mut gone = attribute(3, "domain", "gone.example", true);
    gone["deleted"] = json!("1");
    let all = [
        attribute(1, "ip-src", "198.51.100.7", true),
        own,
        gone,
        attribute(4, "domain", "context.example", false),
    ];
    place.write("event.json", event(&all).to_string().as_bytes());
    place
        .d("import event.json --collection misp")
        .ok()
        .says("5 objects taken into 'misp'");
    place
        .d("import event.json --collection misp")
        .ok()
        .says("0 objects taken into 'misp', 5 already here");
    let objects = exported(&place);
    let of = |name: &str| {
        let found = objects.iter().filter(|object| object["type"] == name);
        found.cloned().collect::<Vec<Value>>()
    };
    let indicators = of("indicator");
    assert_eq!(
        each(&indicators, "pattern"),
        [
            "[ipv4-addr:value = '198.51.100.7']",
            "[url:value = 'https://evil.example/']"
        ]
    );
    assert_eq!(indicators[0]["name"], "seen in May");
    assert_eq!(indicators[0]["labels"], json!(["misp:type=\"ip-src\""]));
    let marked = |object: &Value, tlp: stix_ids::Level| {
        assert_eq!(object["object_marking_refs"][0], tlp);
    };
    marked(&indicators[0], stix_ids::GREEN);
    marked(&indicators[1], stix_ids::RED);
    assert_eq!(of("domain-name")[0]["value"], "context.example");
    assert_eq!(of("identity")[0]["name"], "Example CERT");
    let report = &of("report")[0];
    assert_eq!(report["id"], format!("report--{EVENT}"));
    assert_eq!(report["object_refs"].as_array().unwrap().len(), 3);
    assert_eq!(report["labels"], json!(["spring"]));
    // A later timestamp is a new version.
    let mut later = event(&all[..1]);
    later["Event"]["Attribute"][0]["timestamp"] = json!("1770300000");
    later["Event"]["Attribute"][0]["comment"] = json!("seen again");
    place.write(
        "later.json",
        json!({"response": [later]}).to_string().as_bytes(),
    );
    place.d("import later.json --collection misp").code(3);
    let newest = exported(&place);
    let newest = newest
        .iter()
        .find(|object| object["id"] == indicators[0]["id"]);
    assert_eq!(newest.unwrap()["name"], "seen again");
}

/// Identifiers of the predefined TLP 2.0 markings.
mod stix_ids {
    pub(super) type Level = &'static str;
    pub(super) const GREEN: Level = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
    pub(super) const RED: Level = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
}

#[test]
fn what_is_not_taken_is_told_with_its_uuid_and_line() {
    let place = Place::small();
    let mut no_uuid = attribute(4, "domain", "a.example", true);
    no_uuid["uuid"] = json!("not-a-uuid");
    let all = [
        attribute(1, "btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", true),
        attribute(2, "md5", "not a digest", true),
        attribute(3, "ip-dst|port", "198.51.100.7|many", true),
        no_uuid,
        json!("no attribute"),
        attribute(6, "domain", "taken.example", true),
    ];
    let pretty = serde_json::to_string_pretty(&event(&all)).unwrap();
    place.write("event.json", pretty.as_bytes());
    let done = place
        .d("import event.json --collection misp --json")
        .code(3);
    assert_eq!(done.json()["refused"], 5);
    for words in [
        "1001 (btc): STIX has nothing for MISP's type 'btc'",
        "1002 (md5): its value is none of its type",
        "1003 (ip-dst|port): its port is no number",
        "not-a-uuid (domain): 'not-a-uuid' is no UUID",
        "an attribute: ",
    ] {
        assert!(done.err.contains(words), "{words}: {}", done.err);
    }
    let line = pretty
        .lines()
        .position(|line| line.contains("no attribute"))
        .unwrap()
        + 1;
    assert!(
        done.err
            .contains(&format!("event.json:{line}: an attribute")),
        "{}",
        done.err
    );
    place
        .d("import event.json --collection misp --keep-going")
        .ok();
}

#[test]
fn documents_that_hold_no_event_are_refused_whole() {
    let place = Place::small();
    for (name, text) in [
        ("cut.json", r#"{"Event": {"uuid": "#),
        ("other.json", r#"{"response": {"errors": 1}}"#),
    ] {
        place.write(name, text.as_bytes());
        place
            .d(&format!("import {name} --collection misp"))
            .code(3)
            .says(name);
    }
    place.write("bare.json", br#"{"Event": {"info": "x"}}"#);
    place
        .d("import bare.json --collection misp")
        .code(3)
        .says("neither a date nor a timestamp");
}

#[test]
fn a_folder_with_a_manifest_is_a_feed() {
    let place = Place::small();
    std::fs::create_dir(place.path("feed")).unwrap();
    let whole = event(&[attribute(1, "domain", "evil.example", true)]);
    place.write(&format!("feed/{EVENT}.json"), whole.to_string().as_bytes());
    let manifest = json!({EVENT: {"info": "x"}, "../d/run": {}});
    place.write("feed/manifest.json", manifest.to_string().as_bytes());
    place
        .d("import feed --collection misp")
        .code(3)
        .says("3 objects taken")
        .says("something else than a UUID");
    place
        .d("import feed --collection misp --keep-going")
        .ok()
        .says("0 objects taken");
    place.write("feed/manifest.json", b"[]");
    place
        .d("import feed --collection misp")
        .code(3)
        .says("is no manifest of a MISP feed");
    place
        .d("import d --collection misp")
        .code(3)
        .says("is a directory");
    place
        .d("import ftp://feed.example/ --collection misp")
        .code(2);
}
