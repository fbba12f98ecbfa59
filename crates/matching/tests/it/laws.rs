//! Laws: an index matches as each signal alone does, and as a slow and obvious reading of the
//! text does; updates leave what a fresh index holds.

use std::collections::BTreeSet;

use matching::{Extracted, Index, Kind, Observable, Relation, Scratch, extract, scan};
use proptest::prelude::*;

type Found = BTreeSet<(u64, Relation)>;

/// Values that often lie under one another.
fn value() -> impl Strategy<Value = (Kind, String)> {
    let label = prop::sample::select(vec!["a", "evil", "x-1", "com", "mail"]);
    let top = prop::sample::select(vec!["example", "test", "com"]);
    let name = (prop::collection::vec(label, 1..4), top)
        .prop_map(|(labels, top)| format!("{}.{top}", labels.join(".")));
    let octet = prop::sample::select(vec![0_u8, 1, 7, 128]);
    let v4 = (prop::collection::vec(octet, 2), 1_u8..=32)
        .prop_map(|(low, prefix)| format!("198.51.{}.{}/{prefix}", low[0], low[1]));
    let v6 = (0_u16..4, 0_u16..4, 30_u8..=128)
        .prop_map(|(a, b, prefix)| format!("2001:db8:{a}::{b}/{prefix}"));
    let path = prop::sample::select(vec!["/", "/a", "/a/", "/a/b", "/a/b/", "/a?b=1", "/a/?b=1"]);
    let url = (name.clone(), path).prop_map(|(name, path)| format!("http://{name}{path}"));
    let email = name.clone().prop_map(|name| format!("bob@{name}"));
    prop_oneof![
        name.prop_map(|name| (Kind::Domain, name)),
        v4.prop_map(|network| (Kind::Ipv4, network)),
        v6.prop_map(|network| (Kind::Ipv6, network)),
        url.prop_map(|url| (Kind::Url, url)),
        email.prop_map(|email| (Kind::Email, email)),
    ]
}

fn observable() -> impl Strategy<Value = Observable> {
    value().prop_filter_map("a public suffix", |(kind, value)| {
        Observable::parse(kind, &value).ok()
    })
}

fn look_up(index: &Index, seen: &Observable) -> Found {
    let mut found = Found::new();
    index.lookup(seen, &mut |hit| {
        assert_eq!((hit.start, hit.end), (0, seen.as_str().len()));
        assert!(found.insert((hit.signal, hit.relation)), "{hit:?} twice");
    });
    found
}

/// What a published value says about a seen one, by the definitions.
fn relations(published: &Observable, seen: &Observable) -> Vec<Relation> {
    let mut relations = Vec::new();
    let whole = relation(published, seen);
    relations.extend(whole);
    let text = seen.as_str();
    let (part, told) = match seen.kind() {
        Kind::Url => (text.split('/').nth(2).unwrap(), Relation::HostOfUrl),
        Kind::Email => (text.split('@').nth(1).unwrap(), Relation::DomainOfEmail),
        _ => return relations,
    };
    if let Ok(part) = Observable::guess(part)
        && relation(published, &part).is_some()
    {
        relations.push(told);
    }
    relations
}

fn relation(published: &Observable, seen: &Observable) -> Option<Relation> {
    let (value, text) = (published.as_str(), seen.as_str());
    if published == seen {
        return Some(Relation::Exact);
    }
    match (published.kind(), seen.kind()) {
        (Kind::Domain, Kind::Domain) => text
            .ends_with(&format!(".{value}"))
            .then_some(Relation::Subdomain),
        (Kind::Url, Kind::Url) => {
            let under = value.ends_with('/') && !value.contains('?') && text.starts_with(value);
            under.then_some(Relation::UnderUrl)
        }
        (Kind::Ipv4 | Kind::Ipv6, Kind::Ipv4 | Kind::Ipv6) => {
            let ((outer, outer_prefix), (inner, inner_prefix)) = (bits(value), bits(text));
            let within = published.kind() == seen.kind()
                && outer.len() == inner.len()
                && outer_prefix < inner_prefix
                && outer[..outer_prefix] == inner[..outer_prefix];
            within.then_some(Relation::InNetwork)
        }
        _ => None,
    }
}

/// An address as a string of bits, and its prefix length.
fn bits(network: &str) -> (String, usize) {
    let (address, prefix) = network.split_once('/').unwrap_or((network, ""));
    let bits: String = match address.parse().unwrap() {
        std::net::IpAddr::V4(address) => format!("{:032b}", address.to_bits()),
        std::net::IpAddr::V6(address) => format!("{:0128b}", address.to_bits()),
    };
    let prefix = prefix.parse().unwrap_or(bits.len());
    (bits, prefix)
}

proptest! {
    #[test]
    fn an_index_matches_as_each_signal_alone(
        published in prop::collection::vec(observable(), 1..20),
        seen in observable(),
    ) {
        let mut index = Index::new();
        let (mut alone, mut defined) = (Found::new(), Found::new());
        for (signal, value) in (0..).zip(&published) {
            prop_assert!(index.insert(value, signal));
            let mut single = Index::new();
            single.insert(value, signal);
            alone.extend(look_up(&single, &seen));
            defined.extend(relations(value, &seen).into_iter().map(|relation| (signal, relation)));
        }
        prop_assert_eq!(&look_up(&index, &seen), &alone);
        prop_assert_eq!(alone, defined);
    }

    #[test]
    fn updates_leave_what_a_fresh_index_holds(
        updates in prop::collection::vec((observable(), 0_u64..3, prop::bool::weighted(0.6)), 1..60),
        seen in prop::collection::vec(observable(), 1..10),
    ) {
        let mut index = Index::new();
        let mut pairs = BTreeSet::new();
        for (value, signal, inserts) in updates {
            if inserts {
                prop_assert_eq!(index.insert(&value, signal), pairs.insert((value, signal)));
            } else {
                prop_assert_eq!(index.remove(&value, signal), pairs.remove(&(value, signal)));
            }
            prop_assert_eq!(index.len(), pairs.len());
        }
        let mut fresh = Index::new();
        for (value, signal) in &pairs {
            fresh.insert(value, *signal);
        }
        prop_assert_eq!(index.observables(), fresh.observables());
        for seen in seen {
            let all = |index: &Index| {
                let mut found = Vec::new();
                index.lookup(&seen, &mut |hit| {
                    found.push((hit.signal, hit.relation, hit.value.to_owned()));
                });
                found.sort();
                found
            };
            prop_assert_eq!(all(&index), all(&fresh));
        }
    }
}

const PUBLISHED: [&str; 6] = [
    "evil.example",
    "198.51.100.7",
    "203.0.113.0/28",
    "a.evil.test",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef01234567",
];

/// Text of names, numbers and digests, glued and parted in all ways.
fn plain_text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "evil",
        "example",
        "evil.example",
        "a.evil.test",
        "198.51.100.7",
        "203.0.113.9",
        "198",
        "51",
        "7",
        "0",
        ".",
        ".",
        ".",
        "-",
        "_",
        "x",
        "Z",
        " ",
        " ",
        ",",
        ";",
        "|",
        "=",
        "\"",
        "\n",
        "<",
        "0123456789abcdef0123456789abcdef",
        "01234567",
        "EVIL",
        "Example",
        "!",
        "..",
        "é",
        "“",
    ];
    parted(pieces)
}

/// Pieces in a row, at any place in the blocks that a scan takes text in.
fn parted(pieces: Vec<&'static str>) -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(pieces), 0..24);
    (0_usize..130, pieces).prop_map(|(place, pieces)| " ".repeat(place) + &pieces.concat())
}

/// Reads plain text the slow and obvious way: cut at all that names do not hold, and compare.
fn obvious(text: &str) -> BTreeSet<(usize, &'static str)> {
    let mut found = BTreeSet::new();
    let named = |c: char| c.is_alphanumeric() || ".-_".contains(c);
    let mut start = 0;
    for run in text.split(|c| !named(c)) {
        let mut word_start = start;
        for word in run.split(['.', '-', '_']) {
            for value in PUBLISHED.iter().filter(|value| !value.contains('.')) {
                if word.eq_ignore_ascii_case(value) {
                    found.insert((word_start, *value));
                }
            }
            word_start += word.len() + 1;
        }
        let mut part_start = start;
        for part in run.split("..") {
            let left = part.trim_start_matches(['.', '-']);
            let name_start = part_start + part.len() - left.len();
            let name = left.trim_end_matches(['.', '-']).to_lowercase();
            // A further dot beside the two belongs to them.
            if !name.is_empty() && valid(&name) {
                for value in PUBLISHED {
                    if name == value
                        || !starts_with_digit(value) && name.ends_with(&format!(".{value}"))
                    {
                        found.insert((name_start, value));
                    }
                }
                if let Ok(address) = name.parse::<std::net::Ipv4Addr>()
                    && address.octets().starts_with(&[203, 0, 113])
                    && address.octets()[3] < 16
                {
                    found.insert((name_start, "203.0.113.0/28"));
                }
                if let Some((low, high)) = name.split_once('-')
                    && low.parse::<std::net::Ipv4Addr>().is_ok()
                    && high.parse::<std::net::Ipv4Addr>().is_ok()
                {
                    found.extend(
                        obvious(low)
                            .into_iter()
                            .map(|(at, value)| (name_start + at, value)),
                    );
                    let after = name_start + low.len() + 1;
                    found.extend(
                        obvious(high)
                            .into_iter()
                            .map(|(at, value)| (after + at, value)),
                    );
                }
            }
            part_start += part.len() + 2;
        }
        start += run.len()
            + text[start + run.len()..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
    }
    found
}

fn starts_with_digit(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_digit())
}

/// Lengths are those of the A-labels.
fn valid(name: &str) -> bool {
    let ascii = idna::domain_to_ascii(name).unwrap_or_default();
    !ascii.is_empty()
        && ascii.len() <= 253
        && ascii
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63)
}

/// Text with all that the reader treats specially.
fn wild_text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "evil.example",
        "a.evil.test",
        "198.51.100.7",
        "http",
        "https",
        "://",
        "/",
        "/a",
        "?",
        "&",
        "=",
        "@",
        "bob",
        ":",
        "80",
        "::",
        "ffff",
        "2001:db8",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "[.]",
        "(dot)",
        "[at]",
        "\\",
        "\\/",
        "\\n",
        "\\u002e",
        "\\x2e",
        "%",
        "%2E",
        "%2F",
        "%40",
        "%25",
        "%252E",
        ".",
        "..",
        "-",
        "_",
        " ",
        "\n",
        ",",
        ";",
        "'",
        "\"",
        "<",
        ">",
        "|",
        "#",
        "é",
        "。",
        "．",
        "中",
        "👉",
        "“",
        "&amp;",
        "&#46;",
        "0123456789abcdef0123456789abcdef",
        "203.0.113.9",
        "/28",
        "1",
        "x",
        "+",
        "*",
    ];
    parted(pieces)
}

fn published() -> Index {
    crate::index_of(
        &[
            &PUBLISHED[..],
            &["http://evil.example/a", "bob@a.evil.test", "2001:db8::/32"],
        ]
        .concat(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_scan_finds_what_the_obvious_way_finds(text in plain_text()) {
        let index = crate::index_of(&PUBLISHED);
        let mut found = BTreeSet::new();
        scan(&index, text.as_bytes(), &mut Scratch::default(), &mut |hit| {
            found.insert((hit.start, PUBLISHED[usize::try_from(hit.signal).unwrap()]));
        });
        prop_assert_eq!(found, obvious(&text), "{}", text);
    }

    #[test]
    fn a_scan_finds_what_is_extracted_and_looked_up(text in wild_text()) {
        let index = published();
        let mut scanned = BTreeSet::new();
        scan(&index, text.as_bytes(), &mut Scratch::default(), &mut |hit| {
            assert!(hit.start < hit.end && hit.end <= text.len(), "{hit:?}");
            scanned.insert(hit.signal);
        });
        extract(text.as_bytes(), &mut |Extracted { observable, start, end, .. }| {
            assert!(start < end && end <= text.len());
            // What is extracted is canonical, but for paths that look defanged.
            let again = Observable::parse(observable.kind(), observable.as_str());
            let odd = observable.as_str().contains(['[', ']', '(', '&']);
            assert!(odd || again.is_err() || again.as_ref() == Ok(&observable), "{observable:?} {again:?}");
            index.lookup(&observable, &mut |hit| {
                assert!(scanned.contains(&hit.signal), "{text:?}: {observable:?} not scanned: {hit:?}");
            });
        });
    }

    #[test]
    fn any_bytes_are_scanned(text in prop::collection::vec(any::<u8>(), 0..300)) {
        let index = published();
        scan(&index, &text, &mut Scratch::default(), &mut |_| {});
        extract(&text, &mut |_| {});
    }

    #[test]
    fn canonical_text_is_stable((kind, value) in value()) {
        if let Ok(observable) = Observable::parse(kind, &value) {
            let again = Observable::parse(observable.kind(), observable.as_str());
            prop_assert_eq!(again.as_ref(), Ok(&observable));
            prop_assert_eq!(Observable::guess(observable.as_str()), Ok(observable));
        }
    }
}
