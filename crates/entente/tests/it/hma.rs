//! Images, hashed and looked up over the surface of the Hasher-Matcher-Actioner.

use serde_json::{Value, json};

use crate::cli::Place;
use crate::cli::pdq::{lying_png, png};
use crate::cli::serving::Serving;
use crate::pages::{Answer, ask, send};

pub(crate) const HASH: &str = "f162eb9daab170c0567fe3632d9a5548c5612982dd5e374a7424ebbc8a835c95";
/// Ten bits away.
pub(crate) const NEAR: &str = "f29deb9daab170c0567fe3632d9a5548c5612982dd5e374a7424ebbc8a835c95";
const FORM: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=\"a b\"");
const PNG: (&str, &str) = ("Content-Type", "image/png");

type Case<'a> = (&'a str, (&'a str, &'a str), &'a [u8], u16, &'a str);

/// A node with a collection for members, and tokens of two members and of one in talks.
pub(crate) struct Setting {
    _place: Place,
    pub(crate) node: Serving,
    collection: String,
    alpha: String,
    pub(crate) beta: String,
    outsider: String,
}

impl Setting {
    pub(crate) fn new() -> Self {
        let place = Place::small();
        place.d("party stance beta signed --since 2021-01-01").ok();
        place.d("party add Gamma --kind state").ok();
        place.d("collection create photos --marking amber").ok();
        let token = |party: &str, scope: &str| {
            let line = format!("token create --party {party} --scope {scope}");
            format!("Bearer {}", place.d(&line).ok().out.trim())
        };
        let alpha = token("alpha", "read,publish");
        let (beta, outsider) = (token("beta", "read"), token("gamma", "read"));
        let collection = place.d("collection show photos --json").ok().json();
        let collection = collection["id"].as_str().unwrap().to_owned();
        let node = Serving::start(&place);
        Setting {
            _place: place,
            node,
            collection,
            alpha,
            beta,
            outsider,
        }
    }

    pub(crate) fn publish(&self, number: u32, pattern: &str, more: &Value) -> String {
        let id = format!("indicator--{number:08x}-0000-4000-8000-000000000000");
        let mut object = json!({
            "type": "indicator", "spec_version": "2.1", "id": id,
            "created": "2025-01-01T00:00:00.000Z", "modified": "2025-01-01T00:00:00.000Z",
            "valid_from": "2025-01-01T00:00:00Z",
            "pattern": pattern, "pattern_type": "stix", "indicator_types": ["malicious-activity"],
        });
        for (name, value) in more.as_object().unwrap() {
            object[name] = value.clone();
        }
        let path = format!("/taxii2/signals/collections/{}/objects/", self.collection);
        let taxii = ("Content-Type", "application/taxii+json;version=2.1");
        let headers = [taxii, ("Authorization", self.alpha.as_str())];
        let body = json!({ "objects": [object] }).to_string();
        let sent = ask(&self.node, "POST", &path, &headers, &body);
        assert!(sent.body.contains(r#""success_count":1"#), "{}", sent.body);
        id
    }

    fn get(&self, token: &str, path: &str) -> Answer {
        ask(&self.node, "GET", path, &[("Authorization", token)], "")
    }

    fn json(&self, token: &str, path: &str) -> Value {
        ok(&self.get(token, path))
    }

    pub(crate) fn post(&self, path: &str, kind: (&str, &str), body: &[u8]) -> Answer {
        let headers = [kind, ("Authorization", self.beta.as_str())];
        send(&self.node, "POST", path, &headers, body)
    }
}

pub(crate) fn ok(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn lookup(hash: &str) -> String {
    format!("/m/lookup?signal={hash}&signal_type=pdq")
}

pub(crate) fn pattern(hash: &str) -> String {
    format!("[file:hashes.PDQ = '{hash}']")
}

/// A form with one file.
fn form(name: &str, file: &[u8]) -> Vec<u8> {
    let head = format!(
        "--a b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\n"
    );
    [head.as_bytes(), file, b"\r\n--a b--\r\n"].concat()
}

#[test]
fn a_published_hash_is_found_ten_bits_away_by_those_who_see_it_until_it_is_revoked() {
    let it = Setting::new();
    let id = it.publish(1, &pattern(HASH), &json!({}));
    let other = HASH.replace("f162eb9daab170c0", "0e9d1462554e8f3f");
    it.publish(2, &pattern(&other), &json!({}));
    let found = it.json(&it.beta, &lookup(NEAR));
    let [hit] = found["photos"].as_array().unwrap().as_slice() else {
        panic!("{found}")
    };
    assert_eq!(hit["distance"], "10");
    assert_eq!(hit["signal"], id);
    assert_eq!(hit["marking"], "TLP:AMBER");
    let number = hit["bank_content_id"].as_u64().unwrap();
    let raw = format!("/m/raw_lookup?signal={NEAR}&signal_type=pdq");
    assert_eq!(it.json(&it.beta, &raw), json!({ "matches": [number] }));
    let raw = it.json(&it.beta, &format!("{raw}&include_distance=true"));
    assert_eq!(raw["matches"][0]["distance"], "10");
    let elsewhere = format!("{}&banks=a,b", lookup(NEAR));
    assert_eq!(it.json(&it.beta, &elsewhere), json!({}));
    let here = format!("{}&banks=a,photos", lookup(NEAR));
    assert_eq!(it.json(&it.beta, &here), found);

    assert_eq!(it.json(&it.outsider, &lookup(NEAR)), json!({}));
    let anonymous = ask(&it.node, "GET", &lookup(NEAR), &[], "");
    assert_eq!(ok(&anonymous), json!({}));
    let wrong = it.get("Bearer ent_no_such", &lookup(NEAR));
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.starts_with(r#"{"message":"#), "{}", wrong.body);

    let revoked = json!({"revoked": true, "modified": "2025-01-02T00:00:00.000Z"});
    it.publish(1, &pattern(HASH), &revoked);
    assert_eq!(it.json(&it.beta, &lookup(NEAR)), json!({}));
}

#[test]
fn one_signal_with_several_hashes_is_told_once_with_the_nearest() {
    let it = Setting::new();
    let both = format!(
        "[file:hashes.'PDQ' IN ('{NEAR}', '{}')]",
        HASH.to_uppercase()
    );
    it.publish(1, &both, &json!({}));
    let past = json!({"valid_until": "2025-06-01T00:00:00Z"});
    it.publish(2, &pattern(HASH), &past);
    let found = it.json(&it.beta, &lookup(HASH));
    assert_eq!(found["photos"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["photos"][0]["distance"], "0");
}

#[test]
fn an_image_is_hashed_and_looked_up_as_a_file_of_a_form_or_as_it_is() {
    let it = Setting::new();
    let file = png(1);
    let hashed = it.post("/h/hash", PNG, &file);
    let quality: u8 = hashed.headers["x-pdq-quality"].parse().unwrap();
    assert!(quality >= 50);
    let hashed = ok(&hashed);
    let hash = hashed["pdq"].as_str().unwrap();
    let form = form("photo", &file);
    assert_eq!(ok(&it.post("/h/hash?types=pdq", FORM, &form)), hashed);
    it.publish(1, &pattern(hash), &json!({}));
    for (kind, body) in [(FORM, &form), (PNG, &file)] {
        let found = ok(&it.post("/m/lookup", kind, body));
        assert_eq!(found["pdq"]["photos"][0]["distance"], "0", "{found}");
    }
    assert_eq!(ok(&it.post("/m/lookup", PNG, &png(2))), json!({"pdq": {}}));
}

#[test]
fn what_cannot_be_hashed_or_looked_up_is_told() {
    let it = Setting::new();
    let long = format!("{HASH}0");
    for (path, status, words) in [
        (lookup(&HASH[1..]), 400, "64 hexadecimal digits"),
        (lookup(&long), 400, "64 hexadecimal digits"),
        (lookup(&HASH.replace('f', "g")), 400, "64 hexadecimal"),
        (lookup(HASH).replace("pdq", "video_md5"), 400, "'video_md5'"),
        (
            "/m/lookup?signal_type=pdq".into(),
            400,
            "signal is required",
        ),
        (format!("/m/lookup?signal={HASH}"), 400, "signal_type is"),
        (
            "/m/lookup?url=http://a.example/".into(),
            403,
            "fetches no URL",
        ),
        (lookup(HASH) + "&signal=0", 400, "duplicate"),
        (
            "/h/hash?url=http://a.example/a.png".into(),
            403,
            "fetches no",
        ),
        ("/h/hash".into(), 400, "url is required"),
        ("/m/compare".into(), 405, "method"),
    ] {
        let answer = it.get(&it.beta, &path);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        let told = told["message"].as_str().unwrap();
        assert!(told.contains(words), "{path}: {told}");
    }
}

#[test]
fn what_is_no_image_or_more_than_one_is_told() {
    let it = Setting::new();
    let bomb = lying_png(60_000, 60_000);
    let twice = [&form("photo", b"x")[..], &form("photo", b"x")].concat();
    let twice = String::from_utf8(twice)
        .unwrap()
        .replacen("--a b--\r\n", "", 1);
    let cases: [Case<'_>; 9] = [
        ("/h/hash", PNG, &bomb, 400, "60000 × 60000 pixels"),
        ("/m/lookup", PNG, &bomb, 400, "60000 × 60000 pixels"),
        ("/h/hash", PNG, b"hello", 400, "is no image"),
        ("/h/hash", PNG, &png(1)[..1000], 400, "the image is"),
        ("/h/hash", FORM, b"hello", 400, "not well-formed"),
        (
            "/h/hash",
            FORM,
            &form("video", b"x"),
            400,
            "no such content_type",
        ),
        ("/h/hash", FORM, twice.as_bytes(), 400, "Only one file"),
        (
            "/h/hash",
            ("Content-Type", "text/plain"),
            b"x",
            415,
            "photo",
        ),
        (
            "/h/hash?types=pdq,tmk",
            PNG,
            b"x",
            400,
            "No such SignalType 'tmk'",
        ),
    ];
    for (path, kind, body, status, words) in cases {
        let answer = it.post(path, kind, body);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains(words), "{path}: {}", answer.body);
    }
    let nobody = send(&it.node, "POST", "/h/hash", &[PNG], &png(1));
    assert_eq!(nobody.status, 401, "{}", nobody.body);
}

#[test]
fn hashes_are_compared_and_the_node_says_that_it_is_up() {
    let it = Setting::new();
    let json_type = ("Content-Type", "application/json");
    let compare = |body: Value| it.post("/m/compare", json_type, body.to_string().as_bytes());
    let near = ok(&compare(json!({ "pdq": [HASH, NEAR] })));
    assert_eq!(near, json!({"pdq": [true, {"distance": 10}]}));
    let far = ok(&compare(json!({ "pdq": [HASH, "0".repeat(64)] })));
    assert_eq!(far["pdq"][0], false);
    for wrong in [
        json!({ "pdq": [HASH] }),
        json!({ "tmk": [HASH, HASH] }),
        json!({ "pdq": [HASH, "0"] }),
        json!([HASH, HASH]),
    ] {
        assert_eq!(compare(wrong).status, 400);
    }
    let status = ask(&it.node, "GET", "/status", &[], "");
    assert_eq!((status.status, status.body.as_str()), (200, "I-AM-ALIVE"));
}

#[test]
fn content_goes_into_a_bank_as_its_hash_by_those_who_may_publish() {
    let it = Setting::new();
    let post = |token: &str, path: &str, kind, body: &[u8]| {
        send(
            &it.node,
            "POST",
            path,
            &[kind, ("Authorization", token)],
            body,
        )
    };
    let told = json!({"name": "photos", "matching_enabled_ratio": 1.0});
    assert_eq!(it.json(&it.beta, "/c/banks"), json!([told]));
    assert_eq!(it.json(&it.beta, "/c/bank/photos"), told);
    assert_eq!(it.get(&it.beta, "/c/bank/none").status, 404);
    let content = "/c/bank/photos/content?content_type=photo";
    let added = ok(&post(&it.alpha, content, FORM, &form("photo", &png(1))));
    let hash = added["signals"]["pdq"].as_str().unwrap().to_owned();
    let found = it.json(&it.beta, &lookup(&hash));
    assert_eq!(found["photos"][0]["bank_content_id"], added["id"]);
    // Again changes nothing; a hash by itself is the same content.
    let plain = ("Content-Type", "application/json");
    let signal = json!({ "pdq": hash }).to_string();
    let again = ok(&post(
        &it.alpha,
        "/c/bank/photos/signal",
        plain,
        signal.as_bytes(),
    ));
    assert_eq!(again, added);
    assert_eq!(it.json(&it.beta, &lookup(&hash)), found);
    // Who may only read adds nothing, and an outsider does not know the bank.
    assert_eq!(post(&it.beta, content, PNG, &png(2)).status, 403);
    assert_eq!(it.json(&it.outsider, "/c/banks"), json!([]));
    let refused = post(
        &it.outsider,
        "/c/bank/photos/signal",
        plain,
        signal.as_bytes(),
    );
    assert!(matches!(refused.status, 403 | 404), "{}", refused.body);
    for wrong in ["{}", "x", r#"{"pdq":"x"}"#, r#"{"tlsh":"x"}"#] {
        let refused = post(&it.alpha, "/c/bank/photos/signal", plain, wrong.as_bytes());
        assert_eq!(refused.status, 400, "{wrong}");
    }
}
