use proptest::prelude::*;
use stix::{Container, split};

#[test]
fn an_envelope_gives_each_objects_exact_bytes() {
    let bytes = b"{\"more\": true,\n \"objects\" : [ {\"a\" : 1.10} ,{\"b\":\"]\\\"}\"}\n],\"next\":\"7\",\"x\":[[]]}";
    let envelope = split(bytes).unwrap();
    assert_eq!(envelope.container, Container::Envelope);
    assert!(envelope.more);
    assert_eq!(envelope.next.as_deref(), Some("7"));
    assert_eq!(
        envelope.objects,
        [
            b"{\"a\" : 1.10}".as_slice(),
            b"{\"b\":\"]\\\"}\"}".as_slice()
        ]
    );
}

#[test]
fn a_bundle_tells_its_id_and_version() {
    let bytes = br#"{"objects":[{}],"type":"bundle","spec_version":"2.0","id":"bundle--1"}"#;
    let bundle = split(bytes).unwrap();
    assert_eq!(bundle.container, Container::Bundle);
    assert_eq!(bundle.id.as_deref(), Some("bundle--1"));
    assert_eq!(bundle.spec_version.as_deref(), Some("2.0"));
    assert_eq!(bundle.objects.len(), 1);
}

#[test]
fn a_container_may_be_empty() {
    for bytes in [
        b"{}".as_slice(),
        b"{\"objects\":[]}",
        b"{\"type\":\"bundle\",\"id\":\"x\"}",
    ] {
        assert!(split(bytes).unwrap().objects.is_empty());
    }
}

#[test]
fn what_is_no_container_is_refused_with_line_and_column() {
    for (bytes, expected) in [
        (b"".as_slice(), "line 1 column 0: EOF while parsing a value"),
        (
            b"[{}]",
            "line 1 column 0: invalid type: sequence, expected a TAXII envelope or a STIX bundle",
        ),
        (
            b"{\"objects\":[{}",
            "line 1 column 14: EOF while parsing a list",
        ),
        (
            b"{\"objects\":\n[{\"a\":]}",
            "line 2 column 7: expected value",
        ),
        (
            b"{\"objects\":{}}",
            "line 1 column 11: invalid type: map, expected a list of STIX objects in `objects`",
        ),
        (
            b"{\"objects\":[],\"objects\":[]}",
            "line 1 column 23: `objects` stands here twice",
        ),
        (
            b"{\"more\":1}",
            "line 1 column 10: `more` must be true or false",
        ),
        (
            b"{\"objects\":[{\"a\":\"\xff\"}]}",
            "line 1 column 19: is not valid UTF-8",
        ),
        (
            b"{\"type\":\"indicator\"}",
            "line 1 column 20: expected a TAXII envelope or a STIX bundle, found `type` \"indicator\"; \
             an object belongs into the list `objects` of one of them",
        ),
    ] {
        assert_eq!(
            split(bytes).unwrap_err().to_string(),
            expected,
            "{}",
            bytes.escape_ascii()
        );
    }
}

/// Any JSON value, with some care for what a splitter could trip over.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "[\\[\\]{},:\"\\\\a\u{e9}\\n ]{0,8}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::hash_map("[a-c\"\\\\]{0,3}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn objects_come_out_as_they_went_in(objects in prop::collection::vec(json(), 0..6), pretty: bool) {
        let write = |value: &serde_json::Value| if pretty {
            serde_json::to_string_pretty(value).unwrap()
        } else {
            value.to_string()
        };
        let texts: Vec<String> = objects.iter().map(write).collect();
        let envelope = format!("{{\"objects\": [ {} ] }}", texts.join(" ,\n"));
        let split = split(envelope.as_bytes()).unwrap();
        let expected: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
        prop_assert_eq!(split.objects, expected);
    }

    #[test]
    fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..120) {
        let _ = split(&bytes);
        let _ = stix::Object::parse(&bytes);
        let truncated = br#"{"objects":[{"type":"url","id":"url--x","value":"\u00e9"}],"more":true,"next":"\\"}"#;
        let truncated = truncated.get(..cut).unwrap_or(truncated);
        let _ = split(truncated);
        let _ = stix::Object::parse(truncated);
    }
}
