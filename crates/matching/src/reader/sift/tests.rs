//! Sifting changes nothing: a scan finds what reading every token finds, in the same order. And
//! it is worth its while: of ordinary lines next to nothing is read.

use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::address::Network;
use crate::reader::{Place, Role, UrlSeen};
use crate::scan::scan_every_token;
use crate::sieve::NameHash;
use crate::{Hit, Index, Observable, Scratch, sample, scan};

const PUBLISHED: [&str; 16] = [
    "evil.example",
    "bit.ly",
    "evil.co.uk",
    "a.evil.test",
    "xn--bcher-kva.example",
    "198.51.100.7",
    "203.0.113.0/28",
    "2001:db8::/32",
    "2001:db9:1:2:3:4:5:6",
    "http://evil.test/a",
    "http://198.51.100.9:8080/x",
    "http://[2001:db9::7]/a",
    "bob@mail.invalid",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef01234567",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
];

fn index_of(values: &[&str]) -> Index {
    let mut index = Index::new();
    for (signal, value) in (0..).zip(values) {
        index.insert(&Observable::guess(value).unwrap(), signal);
    }
    index
}

fn both(index: &Index, text: &[u8]) -> usize {
    let (mut sifted, mut every) = (Vec::new(), Vec::new());
    let plain = |hit: Hit<'_>| (hit.signal, hit.relation, hit.start, hit.end);
    scan(index, text, &mut Scratch::default(), &mut |hit| {
        sifted.push(plain(hit));
    });
    scan_every_token(index, text, &mut |hit| every.push(plain(hit)));
    assert_eq!(sifted, every, "{:?}", String::from_utf8_lossy(text));
    every.len()
}

#[test]
fn at_every_place_in_a_block() {
    let index = index_of(&PUBLISHED);
    for form in [
        "evil.example",
        "WWW.EVIL.EXAMPLE",
        "x.bit.ly",
        "a.evil.co.uk.",
        "-.evil.example-",
        "evil[.]example",
        "evil(dot)example",
        "evil[.example",
        "evil.]example",
        "evil\\.example",
        "evil%2eexample",
        "%65vil.example",
        "r?u=http%3A%2F%2Fevil.example%2Fa",
        "a%20evil.example",
        "http:\\/\\/evil.test\\/a",
        "hxxp[:]//evil[.]test/a",
        "a\\nevil.example",
        "evil&#46;example",
        "bücher.example",
        "evil。example",
        "see...evil.example",
        "198.51.100.7",
        "198.51.100[.]7",
        "ip%3D198.51.100.7",
        "198.51.100.7-198.51.100.9",
        "203.0.113.9:80",
        "203.0.113.0/28",
        "http://198.51.100.9:8080/x",
        "::ffff:198.51.100.7",
        "0:0:0:0:0:ffff:198.51.100.7",
        "2001:db9:1:2:3:4:5:6",
        "2001:0DB9:0001:0002:0003:0004:0005:0006",
        "[2001:db8::7]:443",
        "http://[2001:db9::7]/a",
        "2001[:]db8[:]1[:]2[:]3[:]4[:]5[:]6",
        "bob@mail.invalid",
        "bob%40mail.invalid",
        "bob(at)mail(dot)invalid",
        "0123456789abcdef0123456789ABCDEF",
        "f.0123456789abcdef0123456789abcdef01234567.exe",
        "hash%3D0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ] {
        for filler in [" ", "a", ".", "=", "/", "%41", "7", ":", "é"] {
            for before in 0..130 {
                let mut text = filler.repeat(before / filler.len());
                // Half of them as a token of their own.
                for parting in ["", " "] {
                    text.push_str(parting);
                    text.push_str(form);
                    text.push_str(parting);
                    let found = both(&index, text.as_bytes());
                    let alone = parting == " " || before == 0;
                    assert!(!alone || found > 0, "{form} after {before} of {filler:?}");
                    text.push_str(&filler.repeat(3));
                    both(&index, text.as_bytes());
                }
            }
        }
    }
}

#[test]
fn every_byte_beside_a_name() {
    let index = index_of(&PUBLISHED);
    for byte in 0..=u8::MAX {
        for form in ["evil.example", "198.51.100.7", "2001:db8::7"] {
            for place in (0..130).step_by(3) {
                let mut text = vec![b'-'; place];
                text.push(b' ');
                text.push(byte);
                text.extend_from_slice(form.as_bytes());
                text.push(byte);
                text.extend_from_slice(form.as_bytes());
                both(&index, &text);
            }
        }
    }
}

#[test]
fn generated_logs() {
    let values: Vec<_> = sample::observables(5).take(400).collect();
    let mut index = Index::new();
    for (signal, value) in (0..).zip(&values) {
        index.insert(value, signal);
    }
    let mut log = Vec::new();
    sample::write_log(9, 4000, &values, &mut |line| {
        log.extend_from_slice(line.as_bytes());
        log.push(b'\n');
    });
    assert!(both(&index, &log) >= 400);
}

/// What hostile text costs: tokens read, and their bytes.
fn read_of(text: &[u8]) -> (usize, usize) {
    struct Nothing;
    impl Sink for Nothing {
        fn next_token(&mut self, _: usize) {}
        fn may_end_name(&self, _: &[u8]) -> bool {
            false
        }
        fn wants_name(&self, _: NameHash) -> bool {
            false
        }
        fn wants_v4(&self, _: u32) -> bool {
            false
        }
        fn wants_digest(&self, _: &[u8]) -> bool {
            false
        }
        fn wants_ipv6(&self) -> bool {
            true
        }
        fn network(&mut self, _: &Place<'_>, _: Range<usize>, _: Network, _: Role) {}
        fn name(&mut self, _: &Place<'_>, _: Range<usize>, _: &[u8], _: Role) {}
        fn digest(&mut self, _: &Place<'_>, _: Range<usize>) {}
        fn url(&mut self, _: &Place<'_>, _: &UrlSeen<'_>) {}
        fn email(&mut self, _: &Place<'_>, _: Range<usize>, _: usize, _: &[u8]) {}
    }
    let (mut tokens, mut bytes) = (0, 0);
    sift(
        text,
        &mut Asked::default(),
        &mut Nothing,
        &mut |_, token| {
            tokens += 1;
            bytes += token.end - token.start;
        },
    );
    (tokens, bytes)
}

#[test]
fn no_byte_is_read_twice_whatever_is_sent() {
    for unit in [
        ".",
        "..",
        "a.",
        "a..b",
        "[.]",
        "(dot)",
        "[[",
        "%",
        "%41",
        "%25",
        "%2525",
        "\\",
        "\\\\",
        "\\/",
        "&",
        "&amp;",
        "&#46;",
        ":",
        "::",
        "1:",
        "1.",
        "1.2.3.4-",
        "f",
        "\0",
        "é",
        "\u{3002}",
        "evil.example/",
        "://",
        "http://a.b/",
        "@",
        "a@b.c",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        let (tokens, bytes) = read_of(text.as_bytes());
        assert!(tokens <= text.len() && bytes <= text.len(), "{unit:?}");
    }
}

#[test]
fn of_ordinary_lines_next_to_nothing_is_read() {
    let mut log = Vec::new();
    sample::write_log(3, 4000, &[], &mut |line| {
        log.extend_from_slice(line.as_bytes());
        log.push(b'\n');
    });
    let (_, bytes) = read_of(&log);
    assert!(bytes * 50 < log.len(), "{bytes} of {}", log.len());
}

/// What [`parts`] draws from.
const PARTS: [&str; 82] = [
    "evil.example",
    "evil",
    ".",
    "example",
    "bit.ly",
    "co.uk",
    "evil.co.uk",
    "a.evil.test",
    "198.51.100.7",
    "198",
    "51",
    "100",
    "7",
    "203.0.113.9",
    "/28",
    "-",
    "2001:db8",
    ":",
    "::",
    "1:2:3:4:5:6",
    "ffff",
    "http",
    "://",
    "/",
    "\\/",
    "\\",
    "\\\\",
    "C:\\\\Users\\\\new.txt",
    "\\n",
    "\\.",
    "\\u002e",
    "\\x2e",
    "[",
    "]",
    "(",
    ")",
    "[.]",
    "(dot)",
    "[:]",
    "[at]",
    "{",
    "}",
    "&",
    "&amp;",
    "&#46;",
    "#",
    ";",
    "%",
    "%2F",
    "%2e",
    "%3A",
    "%3D",
    "%40",
    "%25",
    "%20",
    "%41",
    "%5B",
    "%26",
    "%0a",
    "2F",
    "bob",
    "@",
    "mail.invalid",
    "0123456789abcdef",
    "0123456789abcdef0123456789abcdef",
    "01234567",
    " ",
    "\n",
    "\0",
    "\"",
    "é",
    "中",
    "。",
    "．",
    "..",
    "x",
    "_",
    "=",
    "?",
    ",",
    "http://evil.test/a",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// Parts that the sifter or the reader looks at, beside bytes of any kind.
fn parts() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(&PARTS[..]);
    let piece = prop_oneof![
        30 => piece.prop_map(|text| text.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    (0_usize..130, prop::collection::vec(piece, 0..30))
        .prop_map(|(place, pieces)| [vec![b' '; place], pieces.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn sifting_changes_nothing(text in parts()) {
        both(&index_of(&PUBLISHED), &text);
    }

    #[test]
    fn one_kind_alone_is_found_as_well(text in parts(), which in 0..PUBLISHED.len()) {
        both(&index_of(&PUBLISHED[which..=which]), &text);
    }
}
