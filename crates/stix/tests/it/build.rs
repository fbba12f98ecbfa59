use stix::build::{Identity, Indicator, identity, identity_id, indicator, pattern};
use stix::signal::{SaidKind, observables, of_pattern};
use stix::{Object, StixId, Timestamp, Tlp};

fn facts<'a>(value: &'a str, creator: &'a str) -> Indicator<'a> {
    Indicator {
        kind: SaidKind::Url,
        value,
        name: "A \"name\"\n",
        description: "",
        labels: &["election"],
        created: Timestamp::from_micros(1_541_980_800_000_000),
        valid_from: Timestamp::from_micros(1_541_980_800_000_000),
        creator: StixId::parse(creator).unwrap(),
        marking: Some(Tlp::Green),
    }
}

#[test]
fn an_indicator_is_a_right_object_and_says_its_value() {
    let creator = identity_id("Example");
    let value = "http://example.com/'\\\"é";
    let bytes = indicator(&facts(value, &creator));
    let object = Object::parse(&bytes).unwrap();
    assert_eq!(object.name().as_deref(), Some("A \"name\"\n"));
    assert_eq!(object.description(), None);
    assert_eq!(object.markings().tlp, Some(Tlp::Green));
    assert_eq!(object.labels(), ["election"]);
    assert_eq!(object.created_by_ref().unwrap().as_str(), creator);
    assert_eq!(
        object.version().unwrap().to_string(),
        "2018-11-12T00:00:00.000000Z"
    );
    let said = observables(&object);
    assert_eq!(said.len(), 1);
    assert_eq!(
        (said[0].kind, said[0].value.as_ref()),
        (SaidKind::Url, value)
    );
}

#[test]
fn the_same_facts_give_the_same_bytes_and_other_creators_other_ids() {
    let (one, other) = (identity_id("One"), identity_id("Other"));
    assert_eq!(indicator(&facts("x", &one)), indicator(&facts("x", &one)));
    let ids = [facts("x", &one), facts("y", &one), facts("x", &other)].map(|facts| {
        let bytes = indicator(&facts);
        Object::parse(&bytes).unwrap().id().to_string()
    });
    assert_eq!(
        ids.iter().collect::<std::collections::HashSet<_>>().len(),
        3
    );
    // ids are for good: changing how they are made would double every imported list
    assert_eq!(ids[0], "indicator--e69b738f-8a00-57d4-87fe-51c4a4f62f54");
    assert_eq!(one, "identity--3a5fd5ae-5357-5143-b2df-a2a8dfcb2907");
}

#[test]
fn an_identity_is_a_right_object() {
    let created = Timestamp::from_micros(0);
    let bytes = identity(&Identity {
        name: "Example",
        identity_class: "organization",
        created,
    });
    let object = Object::parse(&bytes).unwrap();
    assert_eq!(object.id().as_str(), identity_id("Example"));
    assert_eq!(
        object.text("identity_class").as_deref(),
        Some("organization")
    );
}

#[test]
fn every_kind_has_a_pattern_that_says_it() {
    let digits = "0123456789abcdef".repeat(8);
    for (kind, value) in [
        (SaidKind::Ipv4, "198.51.100.3"),
        (SaidKind::Ipv4, "198.51.100.0/24"),
        (SaidKind::Ipv6, "2001:db8::/32"),
        (SaidKind::Domain, "example.com"),
        (SaidKind::Url, "http://example.com/it's\\"),
        (SaidKind::Email, "a@example.com"),
        (SaidKind::Md5, &digits[..32]),
        (SaidKind::Sha1, &digits[..40]),
        (SaidKind::Sha256, &digits[..64]),
        (SaidKind::Sha512, &digits),
        (SaidKind::Pdq, &digits[..64]),
    ] {
        let pattern = pattern(kind, value);
        let said = of_pattern(&pattern);
        assert_eq!(said.len(), 1, "{pattern}");
        assert_eq!((said[0].kind, said[0].value.as_ref()), (kind, value));
    }
}
