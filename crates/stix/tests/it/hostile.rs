use stix::{Object, pattern, split};

const HEAD: &str =
    r#"{"type":"x-deep","id":"x-deep--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","x_deep":"#;

#[test]
fn ten_thousand_levels_are_a_reason() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{HEAD}{}1{}}}", open.repeat(10_000), close.repeat(10_000));
        let reasons = Object::parse(deep.as_bytes()).unwrap_err();
        assert_eq!(
            reasons[0].to_string(),
            "/x_deep: nests deeper than 126 levels"
        );
        // containers pass it on; the object is refused when it is looked at
        let envelope = format!("{{\"objects\":[{deep}]}}");
        assert_eq!(
            split(envelope.as_bytes()).unwrap().objects,
            [deep.as_bytes()]
        );
    }
}

#[test]
fn five_megabytes_of_anything_are_a_reason() {
    let size = 5 << 20;
    for byte in [b'[', b'{', b'"', b'\\', b'0', b' ', 0, 0xff] {
        let garbage = vec![byte; size];
        assert!(!Object::parse(&garbage).unwrap_err().is_empty());
        assert!(split(&garbage).is_err());
    }
    let mut noise = 0x9e37_79b9_7f4a_7c15_u64;
    let garbage: Vec<u8> = std::iter::repeat_with(|| {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise.to_le_bytes()[0]
    })
    .take(size)
    .collect();
    assert!(Object::parse(&garbage).is_err());
    assert!(split(&garbage).is_err());
    assert!(pattern::parse(&String::from_utf8_lossy(&garbage)).is_err());
}

#[test]
fn many_wrong_properties_make_a_short_answer() {
    let many: String = ",\"X\":null".repeat(100_000);
    let object = format!("{HEAD}1{many}}}");
    assert_eq!(Object::parse(object.as_bytes()).unwrap_err().len(), 50);
}

#[test]
fn patterns_nested_deep_or_made_long_do_no_harm() {
    let deep = "(".repeat(100_000);
    let error = pattern::parse(&deep).unwrap_err();
    assert_eq!((error.line, error.column), (1, 101));
    let error = pattern::parse(&format!("[{deep}")).unwrap_err();
    assert_eq!(error.expected, "parentheses nested at most 100 deep");
    let long = vec!["[a:b = 1]"; 100_000].join(" OR ");
    assert_eq!(pattern::parse(&long).unwrap().to_string(), long);
    let long = format!("[{}]", vec!["a:b = 1"; 100_000].join(" AND "));
    assert_eq!(pattern::parse(&long).unwrap().atoms().len(), 100_000);
}
