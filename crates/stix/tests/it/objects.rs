use stix::{Category, Object, SpecVersion, Tlp};

const INDICATOR: &str = r#"{"type":"indicator","spec_version":"2.1",
  "id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
  "created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff",
  "created":"2016-04-06T20:03:48.000000123Z","modified":"2017-04-06T20:03:48.000Z",
  "labels":["a","\u0062"],"revoked":true,
  "object_marking_refs":["marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab",
    "marking-definition--4a0042fe-8b88-40fe-9600-dfa128ce6fbd"],
  "name":"Poison \"Ivy\"","pattern":"[url:value = 'x']","pattern_type":"stix",
  "valid_from":"2016-01-01T00:00:00Z","valid_until":"2017-01-01T00:00:00Z",
  "x_number":1234567890.12345678901234567890}"#;

fn reasons(object: &str) -> Vec<String> {
    match Object::parse(object.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(reasons) => reasons.iter().map(ToString::to_string).collect(),
    }
}

/// A right object, with one text replaced.
fn with(from: &str, to: &str) -> String {
    assert!(INDICATOR.contains(from), "{from}");
    INDICATOR.replacen(from, to, 1)
}

#[test]
fn an_object_tells_its_facts_and_keeps_its_bytes() {
    let object = Object::parse(INDICATOR.as_bytes()).unwrap();
    assert_eq!(object.raw(), INDICATOR.as_bytes());
    assert_eq!(
        object.id().as_str(),
        "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
    );
    assert_eq!(object.category(), Category::Domain);
    assert_eq!(object.spec_version(), SpecVersion::V21);
    assert_eq!(
        object.created().unwrap().to_string(),
        "2016-04-06T20:03:48.000000Z"
    );
    assert_eq!(object.version(), object.modified());
    assert_eq!(object.created_by_ref().unwrap().type_name(), "identity");
    assert!(object.revoked());
    assert_eq!(object.labels(), ["a", "b"]);
    assert_eq!(object.markings().tlp, Some(Tlp::AmberStrict));
    assert_eq!(object.markings().pap, Some(stix::Pap::Amber));
    assert_eq!(object.markings().others, 1);
    assert_eq!(object.name().as_deref(), Some("Poison \"Ivy\""));
    assert_eq!(object.pattern_type().as_deref(), Some("stix"));
    assert!(object.valid_from() < object.valid_until());
    assert_eq!(
        object.member("x_number"),
        Some("1234567890.12345678901234567890")
    );
    assert_eq!(object.member("x_none"), None);
    assert_eq!(object.members().count(), 15);
}

/// What to replace by what in the right object, and the one reason that follows.
const WRONG: &[(&str, &str, &str)] = &[
    (
        r#""spec_version":"2.1""#,
        r#""spec_version":"3""#,
        "/spec_version: must be \"2.1\" (or \"2.0\") (STIX 2.1 section 3.2)",
    ),
    (
        "indicator--8e2e2d2b",
        "tool--8e2e2d2b",
        "/id: must begin with the object's type, indicator-- (STIX 2.1 section 2.9)",
    ),
    (
        "-938f-",
        "-738f-",
        "/id: does not end in a UUID of RFC 4122 (STIX 2.1 section 2.9)",
    ),
    (
        "2016-04-06T20:03:48.000000123Z",
        "2016-04-06T20:03:48Z",
        "/created: must have three digits after the second or more (STIX 2.1 section 3.2)",
    ),
    (
        "2016-04-06T20:03:48.000000123Z",
        "2018-04-06T20:03:48.000Z",
        "/modified: must not be earlier than `created` (STIX 2.1 section 3.6.1)",
    ),
    (
        "2017-01-01T00:00:00Z",
        "2016-01-01T00:00:00Z",
        "/valid_until: must be later than `valid_from` (STIX 2.1 section 4.7.1)",
    ),
    (
        "2017-01-01T00:00:00Z",
        "2017-02-30T00:00:00Z",
        "/valid_until: names a day that the calendar does not have (STIX 2.1 section 2.16.1)",
    ),
    (
        r#"["a","\u0062"]"#,
        "[]",
        "/labels: is an empty list; a property without a value is left out (STIX 2.1 section 2.12)",
    ),
    (
        r#"["a","\u0062"]"#,
        r#"["a",1]"#,
        "/labels/1: must be a string, found a number (STIX 2.1 section 2.15)",
    ),
    (
        r#"["a","\u0062"]"#,
        r#""a""#,
        "/labels: must be a list, found a string (STIX 2.1 section 2.12)",
    ),
    (
        r#""revoked":true"#,
        r#""revoked":"true""#,
        "/revoked: must be a boolean, found a string (STIX 2.1 section 2.2)",
    ),
    (
        r#""revoked":true"#,
        r#""confidence":101"#,
        "/confidence: must be from 0 to 100 (STIX 2.1 section 2.10)",
    ),
    (
        r#""revoked":true"#,
        r#""confidence":1.5"#,
        "/confidence: must be an integer of at most 54 bits (STIX 2.1 section 2.10)",
    ),
    (
        r#""revoked":true"#,
        r#""revoked":true,"revoked":false"#,
        "/revoked: stands here twice",
    ),
    (
        r#""revoked":true"#,
        r#""x_a/b":null"#,
        "/x_a~1b: is null; a property without a value is left out (STIX 2.1 section 2)",
    ),
    (
        r#""revoked":true"#,
        r#""Revoked":true"#,
        "/Revoked: is no name for a property: 3 to 250 lower-case letters, digits and underscores, a letter first (STIX 2.1 section 3.1)",
    ),
    (
        r#""revoked":true"#,
        r#""extensions":{"x":{}}"#,
        "/extensions/x: must be named by the id of an extension-definition or end in -ext (STIX 2.1 section 7.3)",
    ),
    (
        r#""revoked":true"#,
        r#""external_references":[{"source_name":"x"}]"#,
        "/external_references/0: needs at least one of description, url, external_id (STIX 2.1 section 2.5.1)",
    ),
    (
        r#""revoked":true"#,
        r#""kill_chain_phases":[{"phase_name":"x"}]"#,
        "/kill_chain_phases/0/kill_chain_name: is required (STIX 2.1 section 2.11)",
    ),
    (
        r#""pattern_type":"stix","#,
        "",
        "/pattern_type: is required (STIX 2.1 section 4.7.1)",
    ),
    (
        r#""name":"Poison \"Ivy\"""#,
        r#""name":"\ud800""#,
        "/name: has an escape that is not a Unicode character (STIX 2.1 section 2.15)",
    ),
    (
        "4a0042fe-8b88-40fe-9600-dfa128ce6fbd",
        "5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
        "/object_marking_refs: has two TLP markings, TLP:AMBER+STRICT and TLP:RED; an object has at most one (STIX 2.1 section 7.2.1)",
    ),
    (
        r#""type":"indicator""#,
        r#""type":"Indicator""#,
        "/type: must be 3 to 250 lower-case letters, digits and single hyphens (STIX 2.1 section 3.1)",
    ),
    (
        r#""type":"indicator""#,
        r#""type":"bundle""#,
        "/type: a bundle is a container of objects, not an object (STIX 2.1 section 8)",
    ),
    (
        r#""type":"indicator","#,
        "",
        "/type: is required (STIX 2.1 section 3.2)",
    ),
];

#[test]
fn wrong_objects_are_refused_with_a_place_and_a_section() {
    for (from, to, expected) in WRONG {
        assert_eq!(reasons(&with(from, to)), [*expected], "{from} -> {to}");
    }
}

#[test]
fn broken_json_is_one_reason_with_line_and_column() {
    for (object, expected) in [
        ("", "line 1 column 0: EOF while parsing a value"),
        (
            "[]",
            "line 1 column 0: invalid type: sequence, expected a JSON object",
        ),
        (
            "12",
            "line 1 column 2: invalid type: integer `12`, expected a JSON object",
        ),
        (
            "{\"type\":\"tool\",\n\"id\":",
            "line 2 column 5: EOF while parsing a value",
        ),
        ("{\"type\":\"tool\",\n}", "line 2 column 1: trailing comma"),
        ("{} {}", "line 1 column 4: trailing characters"),
    ] {
        assert_eq!(reasons(object), [expected], "{object}");
    }
    let reasons = Object::parse(b"{\"name\":\n \"\xc3\x28\"}").unwrap_err();
    assert_eq!(
        reasons[0].to_string(),
        "line 2 column 3: is not valid UTF-8"
    );
}

#[test]
fn all_reasons_are_told_at_once() {
    let object = r#"{"type":"relationship","id":"x","source_ref":"relationship--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","spec_version":"2.1"}"#;
    assert_eq!(
        reasons(object),
        [
            "/id: is not an identifier of the form type--UUID (STIX 2.1 section 2.9)",
            "/source_ref: must not name an object of type relationship (STIX 2.1 section 2.9)",
            "/created: is required (STIX 2.1 section 3.2)",
            "/modified: is required (STIX 2.1 section 3.2)",
            "/relationship_type: is required (STIX 2.1 section 5.1.2)",
            "/target_ref: is required (STIX 2.1 section 5.1.2)",
        ]
    );
}

#[test]
fn what_the_traps_of_taxii_servers_are_made_of_is_taken() {
    let uuid = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
    let times = r#""created":"2016-04-06T20:03:48.000Z","modified":"2016-04-06T20:03:48.000Z""#;
    for (object, version) in [
        // an observable without spec_version
        (
            format!(r#"{{"type":"url","id":"url--{uuid}","value":"x"}}"#),
            SpecVersion::V21,
        ),
        // a marking definition has no modified
        (
            format!(
                r#"{{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--{uuid}","created":"2017-01-20T00:00:00Z","definition_type":"tlp","name":"TLP:RED","definition":{{"tlp":"red"}}}}"#
            ),
            SpecVersion::V21,
        ),
        // custom types, with versions and without
        (
            format!(r#"{{"type":"x-a","spec_version":"2.1","id":"x-a--{uuid}",{times}}}"#),
            SpecVersion::V21,
        ),
        (
            format!(r#"{{"type":"x-a","id":"x-a--{uuid}","anything":[{{}}]}}"#),
            SpecVersion::V21,
        ),
        // STIX 2.0: no spec_version, no pattern_type
        (
            format!(
                r#"{{"type":"indicator","id":"indicator--{uuid}",{times},"labels":["x"],"pattern":"[a:b = 1]","valid_from":"2016-01-01T00:00:00Z"}}"#
            ),
            SpecVersion::V20,
        ),
    ] {
        let parsed = Object::parse(object.as_bytes());
        let parsed = parsed.unwrap_or_else(|reasons| panic!("{object}: {reasons:?}"));
        assert_eq!(parsed.spec_version(), version, "{object}");
    }
}

#[test]
fn a_type_that_stix_20_does_not_have_needs_a_spec_version() {
    let object = r#"{"type":"note","id":"note--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","content":"x",
      "created":"2016-04-06T20:03:48.000Z","modified":"2016-04-06T20:03:48.000Z",
      "object_refs":["tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]}"#;
    assert_eq!(
        reasons(object),
        ["/spec_version: is required (STIX 2.1 section 3.2)"]
    );
}
