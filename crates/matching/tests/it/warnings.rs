//! What warning lists hold and what they do not, and what a list must not be.

use matching::warning::{
    BUILT_IN, Comparison, List, MOST_OCTETS, MOST_PATTERNS, Unusable, kinds_of_attribute,
};
use matching::{Kind, Observable};

fn list(comparison: Comparison, values: &[&str]) -> List {
    let (list, skipped) = List::compile(comparison, &[], values).unwrap();
    assert_eq!(skipped.values, 0, "{:?}", skipped.reasons);
    list
}

/// Whether a list holds a published value, read as an import reads it.
fn holds(list: &List, value: &str) -> bool {
    let observable = Observable::guess(value).unwrap();
    list.holds(observable.kind(), observable.as_str())
}

fn built_in(name: &str) -> List {
    let found = BUILT_IN.iter().find(|list| list.name == name).unwrap();
    let (list, skipped) = List::compile(found.comparison, found.kinds, &found.values()).unwrap();
    assert_eq!(skipped.values, 0, "{name}: {:?}", skipped.reasons);
    list
}

#[test]
fn networks_hold_what_lies_wholly_within() {
    let listed = [
        "192.168.0.0/16",
        "10.0.0.0/9",
        "10.128.0.0/9",
        "fc00::/7",
        "1.1.1.1",
    ];
    let networks = list(Comparison::Cidr, &listed);
    for inside in [
        "192.168.0.0",
        "192.168.255.255",
        "192.168.7.0/24",
        "192.168.0.0/16",
        // Two networks side by side are one.
        "10.0.0.0/8",
        "10.127.255.255",
        "10.128.0.0",
        "fdff::1",
        "1.1.1.1",
        "::ffff:1.1.1.1",
        "http://192.168.1.1/setup",
    ] {
        assert!(holds(&networks, inside), "{inside}");
    }
    for outside in [
        "192.167.255.255",
        "192.169.0.0",
        "192.168.0.0/15",
        "11.0.0.0",
        "10.0.0.0/7",
        "1.1.1.2",
        "fe00::1",
        "evil.example",
        "http://evil.example/192.168.1.1",
    ] {
        assert!(!holds(&networks, outside), "{outside}");
    }
}

#[test]
fn host_names_hold_the_name_and_what_lies_below() {
    let names = list(
        Comparison::Hostname,
        &["Example.COM.", "*.cdn.example.net", "bücher.example"],
    );
    for inside in [
        "example.com",
        "a.b.example.com",
        "cdn.example.net",
        "x.cdn.example.net",
        "xn--bcher-kva.example",
        "https://www.example.com/a/b?c",
        "someone@mail.example.com",
    ] {
        assert!(holds(&names, inside), "{inside}");
    }
    for outside in [
        "badexample.com",
        "example.com.evil.example",
        "example.net",
        "198.51.100.7",
    ] {
        assert!(!holds(&names, outside), "{outside}");
    }
}

#[test]
fn strings_hold_the_same_value_alone() {
    let digest = "D41D8CD98F00B204E9800998ECF8427E";
    let values = list(
        Comparison::String,
        &["example.com", digest, "https://Example.org:443/Path"],
    );
    for inside in ["Example.com", digest, "http://example.org/Path"] {
        assert!(holds(&values, inside), "{inside}");
    }
    for outside in [
        "www.example.com",
        "http://example.org/path",
        "http://example.com/",
    ] {
        assert!(!holds(&values, outside), "{outside}");
    }
}

#[test]
fn parts_and_expressions_are_found_in_any_case() {
    let parts = list(Comparison::Substring, &[".Windowsupdate.com"]);
    assert!(holds(&parts, "7.au.windowsupdate.com"));
    assert!(!holds(&parts, "windowsupdate.example"));
    let patterns = list(
        Comparison::Regex,
        &[
            r"/^s3[a-z0-9.-]*\.CLOUD\.example$/i",
            r"^\d+\.example\.net$",
        ],
    );
    for inside in ["s3-eu-west-1.cloud.example", "42.example.net"] {
        assert!(holds(&patterns, inside), "{inside}");
    }
    for outside in [
        "ec2.cloud.example",
        "x42.example.net",
        "s3.cloud.example.evil.example",
    ] {
        assert!(!holds(&patterns, outside), "{outside}");
    }
}

#[test]
fn a_list_is_about_its_kinds_alone() {
    let (domains, _) =
        List::compile(Comparison::Hostname, &[Kind::Domain], &["example.com"]).unwrap();
    assert!(holds(&domains, "www.example.com"));
    assert!(!holds(&domains, "http://www.example.com/bad-page"));
    assert_eq!(kinds_of_attribute("domain|ip").len(), 3);
    assert!(kinds_of_attribute("btc").is_empty());
}

#[test]
fn values_that_cannot_be_used_are_told_and_the_others_hold() {
    let values = ["10.0.0.0/8", "not an address", "", "300.1.2.3"];
    let (networks, skipped) = List::compile(Comparison::Cidr, &[], &values).unwrap();
    assert!(holds(&networks, "10.1.2.3"));
    assert_eq!((skipped.values, skipped.reasons.len()), (3, 3));
    assert!(
        skipped
            .reasons
            .iter()
            .any(|reason| reason.contains("not an address"))
    );
    let broken = ["(", r"\d+", "a*"];
    let (patterns, skipped) = List::compile(Comparison::Regex, &[], &broken).unwrap();
    assert_eq!(
        skipped.values, 2,
        "a* is found in everything: {:?}",
        skipped.reasons
    );
    assert!(!holds(&patterns, "evil.example"));
    let (_, skipped) = List::compile(Comparison::Substring, &[], &["ab", "abc"]).unwrap();
    assert_eq!(skipped.values, 1);
}

#[test]
fn what_is_no_list_is_refused() {
    let nothing = List::compile(Comparison::Cidr, &[], &["evil"]);
    assert!(matches!(nothing, Err(Unusable::Nothing(why)) if why.contains("evil")));
    let empty = List::compile(Comparison::String, &[], &[] as &[&str]);
    assert!(matches!(empty, Err(Unusable::Nothing(_))));
    let many = vec!["abc"; MOST_PATTERNS + 1];
    let many = List::compile(Comparison::Regex, &[], &many);
    assert!(matches!(many, Err(Unusable::TooMany { .. })));
    let long = "a".repeat(1 << 20);
    let large = vec![long; MOST_OCTETS / (1 << 20) + 1];
    let large = List::compile(Comparison::String, &[], &large);
    assert!(matches!(large, Err(Unusable::TooLarge { .. })));
    // Small to write, large to search for.
    let bomb = List::compile(Comparison::Regex, &[], &[r"(((\w{100}){100}){100}){100}"]);
    assert!(bomb.is_err());
}

#[test]
fn the_built_in_lists_hold_what_is_never_a_threat_and_no_examples() {
    let special = built_in("special-use-addresses");
    for address in [
        "10.1.2.3",
        "127.0.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "224.0.0.251",
    ] {
        assert!(holds(&special, address), "{address}");
    }
    // What documents and tests use, and what borders on the listed.
    for address in [
        "192.0.2.7",
        "198.51.100.7",
        "203.0.113.7",
        "2001:db8::7",
        "172.15.0.1",
        "172.32.0.1",
        "100.128.0.1",
        "8.8.8.8",
    ] {
        assert!(!holds(&special, address), "{address}");
    }
    let resolvers = built_in("public-resolvers");
    for address in [
        "8.8.8.8",
        "1.1.1.1",
        "9.9.9.9",
        "208.67.222.222",
        "2606:4700:4700::1111",
    ] {
        assert!(holds(&resolvers, address), "{address}");
    }
    assert!(!holds(&resolvers, "8.8.8.0/24"), "not whatever is near");
    let sites = built_in("top-sites");
    for name in ["google.com", "www.google.com", "wikipedia.org"] {
        assert!(holds(&sites, name), "{name}");
    }
    for name in [
        "docs.google.com",
        "http://google.com/bad",
        "google.com.evil.example",
        "evil.example",
    ] {
        assert!(!holds(&sites, name), "{name}");
    }
}

#[test]
fn a_list_of_a_hundred_thousand_names_holds_each_and_no_other() {
    let names: Vec<String> = (0..100_000)
        .map(|n| format!("host{n}.example.net"))
        .collect();
    let (listed, skipped) = List::compile(Comparison::Hostname, &[], &names).unwrap();
    assert_eq!(skipped.values, 0);
    for name in &names {
        assert!(listed.holds(Kind::Domain, name));
        assert!(!listed.holds(Kind::Domain, &name[1..]));
    }
}
