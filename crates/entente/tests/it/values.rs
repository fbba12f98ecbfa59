//! Single values, looked up over the API.

use serde_json::{Value, json};

use crate::hma::{HASH, NEAR, Setting, ok, pattern};
use crate::pages::{Answer, ask};

const PATH: &str = "/api/v1/lookup";
const NDJSON: (&str, &str) = ("Content-Type", "application/x-ndjson");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const LINES: (&str, &str) = ("Accept", "application/x-ndjson");

/// A node that knows a domain and an image.
fn setting() -> Setting {
    let it = Setting::new();
    it.publish(1, "[domain-name:value = 'evil.example']", &json!({}));
    it.publish(2, &pattern(HASH), &json!({}));
    it
}

/// The lines of an answer that is sent in pieces.
fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let lines = answer.body.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn as_lines(it: &Setting, kind: (&str, &str), body: &str) -> Vec<Value> {
    let token = it.beta.as_str();
    let headers = [kind, LINES, ("Authorization", token)];
    lines(&ask(&it.node, "POST", PATH, &headers, body))
}

#[test]
fn a_list_is_answered_whole_or_line_by_line_and_images_are_near() {
    let it = setting();
    let values = ["www.evil.example", "fine.example", &format!("pdq:{NEAR}")];
    let body = json!({ "values": values }).to_string();
    let whole = ok(&it.post(PATH, JSON, body.as_bytes()));
    assert_eq!(whole["lines"], 3);
    let matches = whole["matches"].as_array().unwrap();
    assert_eq!(matches.len(), 2, "{whole}");
    let [name, image] = [&matches[0], &matches[1]];
    assert_eq!(
        (&name["line"], &name["relation"]),
        (&json!(1), &json!("subdomain"))
    );
    assert_eq!(name.get("distance"), None);
    assert_eq!((&image["line"], &image["kind"]), (&json!(3), &json!("pdq")));
    assert_eq!(
        (&image["distance"], &image["relation"]),
        (&json!(10), &json!("near"))
    );
    assert_eq!(
        (&image["value"], &image["found"]),
        (&json!(HASH), &json!(values[2]))
    );
    assert_eq!(&as_lines(&it, JSON, &body), matches);
    let unseen = ask(&it.node, "POST", PATH, &[JSON], &body);
    assert_eq!(ok(&unseen)["matches"], json!([]));
}

#[test]
fn values_that_come_line_by_line_are_looked_up_as_a_list_is() {
    let it = setting();
    let image = json!(format!("pdq:{HASH}"));
    let many = "\"fine.example\"\n".repeat(5000);
    let body =
        format!("\"evil.example\"\n\n{many}{{\"value\": \"a.evil\\u002eexample\"}}\r\n{image}");
    let found = as_lines(&it, NDJSON, &body);
    let told: Vec<_> = found
        .iter()
        .map(|hit| (&hit["line"], &hit["found"]))
        .collect();
    let (first, last) = (json!(1), json!(5004));
    let wanted = [
        (&first, &json!("evil.example")),
        (&json!(5003), &json!("a.evil.example")),
        (&last, &image),
    ];
    assert_eq!(told, wanted);
    let whole = ok(&it.post(PATH, NDJSON, body.as_bytes()));
    assert_eq!(whole["matches"], json!(found));
    assert_eq!(
        (&whole["lines"], &whole["bytes"]),
        (&last, &json!(body.len()))
    );
}

#[test]
fn what_is_no_value_is_told_by_line_and_the_others_are_looked_up() {
    let it = setting();
    let body = "\"no value\"\n{\"values\": []}\nplain\n\"pdq:12\"\n\"evil.example\"\n";
    let found = as_lines(&it, NDJSON, body);
    let errors = found.iter().map(|told| told.get("error").is_some());
    assert_eq!(errors.collect::<Vec<_>>(), [true, true, true, true, false]);
    let told = found[3]["error"].as_str().unwrap();
    assert!(
        told.starts_with("line 4: ") && told.contains("64 hexadecimal"),
        "{told}"
    );
    assert_eq!(
        (&found[3]["line"], &found[4]["line"]),
        (&json!(4), &json!(5))
    );
    let refused = it.post(PATH, NDJSON, body.as_bytes());
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("line 1: "), "{}", refused.body);
    let list = json!({ "values": ["evil.example", "no value"] }).to_string();
    let refused = it.post(PATH, JSON, list.as_bytes());
    assert!(refused.body.contains("values/1: "), "{}", refused.body);

    let long = format!("\"evil.example\"\n\"{}\"\n", "a".repeat(1 << 20));
    let found = as_lines(&it, NDJSON, &long);
    assert_eq!(found.len(), 2);
    assert!(found[1]["error"].as_str().unwrap().contains("65536 octets"));
    let token = ("Authorization", "Bearer ent_no_such");
    let refused = ask(&it.node, "POST", PATH, &[NDJSON, token], body);
    assert_eq!(refused.status, 401);
}
