//! Every written form of every kind is found, where it stands.

use crate::{hits, index_of};

/// Each form hits the one published value, with this relation, and spans this text.
fn assert_forms(published: &str, forms: &[(&str, &str, &str)]) {
    let index = index_of(&[published]);
    for (text, relation, seen) in forms {
        let expected = format!("{relation} {} @ {seen}", canonical(published));
        for (before, after) in [("", ""), ("seen ", " again"), ("\"", "\","), ("\t", "\r\n")] {
            let line = format!("{before}{text}{after}");
            assert_eq!(hits(&index, &line), [expected.as_str()], "{line:?}");
        }
    }
}

fn canonical(published: &str) -> String {
    matching::Observable::guess(published)
        .unwrap()
        .as_str()
        .to_owned()
}

/// Of `evil.example`.
const DOMAIN_FORMS: &[(&str, &str, &str)] = &[
    ("evil.example", "exact", "evil.example"),
    ("EVIL.Example", "exact", "EVIL.Example"),
    ("evil.example.", "exact", "evil.example"),
    ("(evil.example)", "exact", "evil.example"),
    ("[evil.example]", "exact", "evil.example"),
    ("{evil.example}", "exact", "evil.example"),
    ("'evil.example'", "exact", "evil.example"),
    ("**evil.example**", "exact", "evil.example"),
    ("*.evil.example", "exact", "evil.example"),
    (".evil.example", "exact", "evil.example"),
    ("<evil.example>", "exact", "evil.example"),
    ("`evil.example`", "exact", "evil.example"),
    ("“evil.example”", "exact", "evil.example"),
    ("👉evil.example", "exact", "evil.example"),
    ("请看evil.example谢谢", "exact", "evil.example"),
    ("evil.example,198.51.100.1", "exact", "evil.example"),
    ("host=evil.example;", "exact", "evil.example"),
    ("evil.example:8443", "exact", "evil.example"),
    ("see...evil.example...now", "exact", "evil.example"),
    ("evil[.]example", "exact", "evil[.]example"),
    ("evil(.)example", "exact", "evil(.)example"),
    ("evil{.}example", "exact", "evil{.}example"),
    ("evil[dot]example", "exact", "evil[dot]example"),
    ("evil(dot)example", "exact", "evil(dot)example"),
    ("evil[DOT]example", "exact", "evil[DOT]example"),
    ("evil[.example", "exact", "evil[.example"),
    ("evil.]example", "exact", "evil.]example"),
    ("evil\\.example", "exact", "evil\\.example"),
    ("evil%2Eexample", "exact", "evil%2Eexample"),
    ("evil%252eexample", "exact", "evil%252eexample"),
    ("evil\\u002eexample", "exact", "evil\\u002eexample"),
    ("evil．example", "exact", "evil．example"),
    ("ｅｖｉｌ.example", "exact", "ｅｖｉｌ.example"),
    ("line\\nevil.example\\n", "exact", "evil.example"),
    ("x%20evil.example%20y", "exact", "evil.example"),
    ("?host=evil.example&x=1", "exact", "evil.example"),
    ("www.evil.example", "subdomain", "www.evil.example"),
    ("a.b.C.evil.example", "subdomain", "a.b.C.evil.example"),
    ("www[.]evil[.]example", "subdomain", "www[.]evil[.]example"),
    ("_dmarc.evil.example", "subdomain", "_dmarc.evil.example"),
    ("新闻.evil.example", "subdomain", "新闻.evil.example"),
    ("http://evil.example/a", "host-of-url", "evil.example"),
    (
        "https://user:pw@www.evil.example:8443/a?b=c#d",
        "host-of-url",
        "www.evil.example",
    ),
    (
        "hxxps[:]//evil[.]example/a",
        "host-of-url",
        "evil[.]example",
    ),
    ("h**p://evil.example", "host-of-url", "evil.example"),
    ("http:\\/\\/evil.example\\/a", "host-of-url", "evil.example"),
    ("http:\\\\evil.example", "host-of-url", "evil.example"),
    ("//evil.example/x", "host-of-url", "evil.example"),
    ("evil.example/a", "host-of-url", "evil.example"),
    (
        "/r?u=http%3A%2F%2Fevil.example%2Fa",
        "host-of-url",
        "evil.example",
    ),
    (
        "/r?u=http%253A%252F%252Fevil.example%252Fa",
        "host-of-url",
        "evil.example",
    ),
    (
        "https://good.example/http://evil.example/a",
        "host-of-url",
        "evil.example",
    ),
    ("ftp://evil.example/a", "host-of-url", "evil.example"),
    ("bob@evil.example", "domain-of-email", "evil.example"),
    (
        "bob@mail.evil.example",
        "domain-of-email",
        "mail.evil.example",
    ),
    (
        "bob[at]evil[dot]example",
        "domain-of-email",
        "evil[dot]example",
    ),
    ("mailto:bob@evil.example", "domain-of-email", "evil.example"),
];

#[test]
fn domains() {
    assert_forms("evil.example", DOMAIN_FORMS);
}

#[test]
fn internationalised_domains() {
    assert_forms(
        "bücher.example",
        &[
            ("bücher.example", "exact", "bücher.example"),
            ("BÜCHER.example", "exact", "BÜCHER.example"),
            ("xn--bcher-kva.example", "exact", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.EXAMPLE", "exact", "XN--BCHER-KVA.EXAMPLE"),
            ("b%C3%BCcher.example", "exact", "b%C3%BCcher.example"),
            ("www.bücher.example", "subdomain", "www.bücher.example"),
            ("b\\u00fccher.example", "exact", "b\\u00fccher.example"),
            ("http://bücher.example/é", "host-of-url", "bücher.example"),
            ("bob@bücher.example", "domain-of-email", "bücher.example"),
            ("«bücher.example»", "exact", "bücher.example"),
        ],
    );
}

#[test]
fn addresses() {
    assert_forms(
        "198.51.100.7",
        &[
            ("198.51.100.7", "exact", "198.51.100.7"),
            ("198.51.100.7.", "exact", "198.51.100.7"),
            ("[198.51.100.7]", "exact", "198.51.100.7"),
            ("198.51.100.7:80", "exact", "198.51.100.7"),
            ("ip:198.51.100.7", "exact", "198.51.100.7"),
            ("198[.]51[.]100[.]7", "exact", "198[.]51[.]100[.]7"),
            ("198.51.100[.]7", "exact", "198.51.100[.]7"),
            (
                "198(dot)51(dot)100(dot)7",
                "exact",
                "198(dot)51(dot)100(dot)7",
            ),
            ("198.51.100.7/24", "exact", "198.51.100.7"),
            ("198.51.100.7/32", "exact", "198.51.100.7/32"),
            ("198.51.100.7-198.51.100.9", "exact", "198.51.100.7"),
            ("::ffff:198.51.100.7", "exact", "::ffff:198.51.100.7"),
            ("::ffff:c633:6407", "exact", "::ffff:c633:6407"),
            ("[::ffff:198.51.100.7]:443", "exact", "::ffff:198.51.100.7"),
            ("http://198.51.100.7/a", "host-of-url", "198.51.100.7"),
            (
                "hxxp://198[.]51[.]100[.]7:8080/a",
                "host-of-url",
                "198[.]51[.]100[.]7",
            ),
            ("http://u@198.51.100.7", "host-of-url", "198.51.100.7"),
            ("198.51.100.7/index.php", "host-of-url", "198.51.100.7"),
            ("myhost/198.51.100.7:50010", "exact", "198.51.100.7"),
            ("a,198.51.100.7,b", "exact", "198.51.100.7"),
            ("src=198.51.100.7;", "exact", "198.51.100.7"),
        ],
    );
    assert_forms(
        "2001:db8::7",
        &[
            ("2001:db8::7", "exact", "2001:db8::7"),
            ("2001:DB8:0:0:0:0:0:7", "exact", "2001:DB8:0:0:0:0:0:7"),
            (
                "2001:0db8:0000:0000:0000:0000:0000:0007",
                "exact",
                "2001:0db8:0000:0000:0000:0000:0000:0007",
            ),
            ("[2001:db8::7]", "exact", "2001:db8::7"),
            ("[2001:db8::7]:443", "exact", "2001:db8::7"),
            ("2001:db8::7:", "exact", "2001:db8::7"),
            ("2001:db8::7.", "exact", "2001:db8::7"),
            ("src:2001:db8::7", "exact", "2001:db8::7"),
            ("ip=2001:db8::7,", "exact", "2001:db8::7"),
            ("2001[:]db8[:][:]7", "exact", "2001[:]db8[:][:]7"),
            ("2001:db8::7/64", "exact", "2001:db8::7"),
            ("2001:db8::7%eth0", "exact", "2001:db8::7"),
            ("http://[2001:db8::7]/a", "host-of-url", "2001:db8::7"),
            (
                "https://u:p@[2001:db8::7]:8443/",
                "host-of-url",
                "2001:db8::7",
            ),
        ],
    );
}

#[test]
fn networks() {
    assert_forms(
        "198.51.100.0/24",
        &[
            ("198.51.100.7", "in-network", "198.51.100.7"),
            ("198.51.100.0/24", "exact", "198.51.100.0/24"),
            ("198.51.100.128/25", "in-network", "198.51.100.128/25"),
            ("::ffff:198.51.100.9", "in-network", "::ffff:198.51.100.9"),
            ("http://198.51.100.255/", "host-of-url", "198.51.100.255"),
        ],
    );
    assert_forms(
        "2001:db8:1::/48",
        &[
            ("2001:db8:1::7", "in-network", "2001:db8:1::7"),
            ("2001:db8:1::/48", "exact", "2001:db8:1::/48"),
            ("2001:db8:1:2::/64", "in-network", "2001:db8:1:2::/64"),
            ("http://[2001:db8:1::7]:80/", "host-of-url", "2001:db8:1::7"),
        ],
    );
    let index = index_of(&["198.51.100.0/24"]);
    for text in ["198.51.101.7", "198.51.0.0/16", "198.51.100.0/33"] {
        let found = hits(&index, text);
        assert!(
            !found.iter().any(|hit| hit.contains("/16")),
            "{text}: {found:?}"
        );
    }
    assert!(hits(&index, "198.51.101.7 198.51.0.0/16").is_empty());
}

/// Of `http://evil.example/a/b?c=1`.
const URL_FORMS: &[(&str, &str, &str)] = &[
    (
        "http://evil.example/a/b?c=1",
        "exact",
        "http://evil.example/a/b?c=1",
    ),
    (
        "https://evil.example/a/b?c=1",
        "exact",
        "https://evil.example/a/b?c=1",
    ),
    (
        "HTTP://EVIL.Example/a/b?c=1",
        "exact",
        "HTTP://EVIL.Example/a/b?c=1",
    ),
    (
        "hxxp://evil[.]example/a/b?c=1",
        "exact",
        "hxxp://evil[.]example/a/b?c=1",
    ),
    (
        "hXXps[:]//evil[.]example/a/b?c=1",
        "exact",
        "hXXps[:]//evil[.]example/a/b?c=1",
    ),
    (
        "h**p://evil.example/a/b?c=1",
        "exact",
        "h**p://evil.example/a/b?c=1",
    ),
    (
        "http[://]evil.example/a/b?c=1",
        "exact",
        "http[://]evil.example/a/b?c=1",
    ),
    (
        "http:\\/\\/evil.example\\/a\\/b?c=1",
        "exact",
        "http:\\/\\/evil.example\\/a\\/b?c=1",
    ),
    (
        "http://evil.example:80/a/b?c=1",
        "exact",
        "http://evil.example:80/a/b?c=1",
    ),
    (
        "http://u:p@evil.example/a/b?c=1",
        "exact",
        "http://u:p@evil.example/a/b?c=1",
    ),
    (
        "http://evil.example./a/b?c=1",
        "exact",
        "http://evil.example./a/b?c=1",
    ),
    (
        "http://evil.example/%61/b?c=1",
        "exact",
        "http://evil.example/%61/b?c=1",
    ),
    (
        "http://evil.example/x/../a/b?c=1",
        "exact",
        "http://evil.example/x/../a/b?c=1",
    ),
    (
        "http://evil.example/a/b?c=1#top",
        "exact",
        "http://evil.example/a/b?c=1#top",
    ),
    (
        "http://evil.example/a/b?c=1.",
        "exact",
        "http://evil.example/a/b?c=1",
    ),
    (
        "(http://evil.example/a/b?c=1)",
        "exact",
        "http://evil.example/a/b?c=1",
    ),
    (
        "[http://evil.example/a/b?c=1],",
        "exact",
        "http://evil.example/a/b?c=1",
    ),
    (
        "'http://evil.example/a/b?c=1'",
        "exact",
        "http://evil.example/a/b?c=1",
    ),
    (
        "x,http://evil.example/a/b?c=1,200",
        "exact",
        "http://evil.example/a/b?c=1",
    ),
    ("evil.example/a/b?c=1", "exact", "evil.example/a/b?c=1"),
    ("//evil.example/a/b?c=1", "exact", "evil.example/a/b?c=1"),
    ("evil%2Eexample/a/b?c=1", "exact", "evil%2Eexample/a/b?c=1"),
    (
        "/r?u=http%3A%2F%2Fevil.example%2Fa%2Fb%3Fc%3D1&v=2",
        "exact",
        "http%3A%2F%2Fevil.example%2Fa%2Fb%3Fc%3D1",
    ),
    (
        "https://good.example/?u=http://evil.example/a/b?c=1&v=2",
        "exact",
        "http://evil.example/a/b?c=1",
    ),
];

#[test]
fn urls() {
    assert_forms("http://evil.example/a/b?c=1", URL_FORMS);
    assert_forms(
        "http://evil.example/dir/",
        &[
            (
                "http://evil.example/dir/",
                "exact",
                "http://evil.example/dir/",
            ),
            (
                "http://evil.example/dir/a/b?c",
                "under-url",
                "http://evil.example/dir/a/b?c",
            ),
            ("evil[.]example/dir/a", "under-url", "evil[.]example/dir/a"),
        ],
    );
    assert_forms(
        "http://[2001:db8::7]:8080/a",
        &[(
            "http://[2001:DB8::7]:8080/a",
            "exact",
            "http://[2001:DB8::7]:8080/a",
        )],
    );
    assert_forms(
        "ftp://evil.example/a",
        &[("ftp://evil.example/a", "exact", "ftp://evil.example/a")],
    );
}

#[test]
fn other_urls() {
    let index = index_of(&["http://evil.example/a/b?c=1", "http://evil.example/dir/"]);
    for other in [
        "http://evil.example/a/b",
        "http://evil.example/a/b?c=1&d=2",
        "url=http://evil.example/a/b?c=1&d=2",
        "http://evil.example/a/b/?c=1",
        "http://evil.example/A/b?c=1",
        "http://evil.example:81/a/b?c=1",
        "http://www.evil.example/a/b?c=1",
        "http://evil.example/dir",
        "http://evil.example/directory/x",
        "ftp://evil.example/a/b?c=1",
        "evil.example",
    ] {
        assert!(hits(&index, other).is_empty(), "{other}");
    }
}

#[test]
fn emails() {
    assert_forms(
        "bob@evil.example",
        &[
            ("bob@evil.example", "exact", "bob@evil.example"),
            ("Bob@EVIL.example", "exact", "Bob@EVIL.example"),
            ("<bob@evil.example>", "exact", "bob@evil.example"),
            (
                "mailto:bob@evil.example?subject=x",
                "exact",
                "bob@evil.example",
            ),
            ("from=<bob@evil.example>,", "exact", "bob@evil.example"),
            ("from=bob@evil.example", "exact", "bob@evil.example"),
            ("bob@evil.example.", "exact", "bob@evil.example"),
            ("bob[@]evil[.]example", "exact", "bob[@]evil[.]example"),
            (
                "bob[at]evil[dot]example",
                "exact",
                "bob[at]evil[dot]example",
            ),
            (
                "bob(at)evil(dot)example",
                "exact",
                "bob(at)evil(dot)example",
            ),
            ("bob%40evil.example", "exact", "bob%40evil.example"),
            ("bob\\u0040evil.example", "exact", "bob\\u0040evil.example"),
            (
                "?mail=bob%40evil.example&x=1",
                "exact",
                "bob%40evil.example",
            ),
        ],
    );
    let index = index_of(&["bob@evil.example"]);
    for other in [
        "notbob@evil.example",
        "bob@notevil.example",
        "bob@mail.evil.example",
        "a+bob@evil.example",
        "a.bob@evil.example",
        "http://bob@evil.example/",
    ] {
        assert!(hits(&index, other).is_empty(), "{other}");
    }
}

#[test]
fn digests() {
    for digits in [32, 40, 64, 128] {
        let digest: String = "bf23456789abcdef".chars().cycle().take(digits).collect();
        let upper = digest.to_uppercase();
        assert_forms(
            &digest,
            &[
                (&digest, "exact", &digest),
                (&upper, "exact", &upper),
                (&format!("md5:{digest}"), "exact", &digest),
                (&format!("C:\\files\\{digest}"), "exact", &digest),
                (&format!("{digest}.exe"), "exact", &digest),
                (&format!("/files/sample_{digest}.zip"), "exact", &digest),
                (&format!("\\x22{digest}\\x22"), "exact", &digest),
                (&format!("h%3D{digest}"), "exact", &digest),
            ],
        );
        let index = index_of(&[&digest]);
        for other in [
            format!("{digest}0"),
            format!("a{digest}"),
            format!("{digest}g"),
        ] {
            assert!(hits(&index, &other).is_empty(), "{other}");
        }
    }
}

#[test]
fn any_bytes_are_read() {
    let index = index_of(&["evil.example", "198.51.100.7"]);
    let mut text = b"\xff\xfe\x00evil.example\x00\xf0\x28\x8c\x28\xc3".to_vec();
    text.extend_from_slice(b"198.51.100.7\x80 \xe9evil.example");
    assert_eq!(
        hits(&index, &text),
        [
            "exact evil.example @ evil.example",
            "exact 198.51.100.7 @ 198.51.100.7",
            "exact evil.example @ evil.example",
        ]
    );
}

#[test]
fn the_longest_reading_is_reported_and_its_host() {
    let index = index_of(&["evil.example", "http://evil.example/a", "bob@evil.example"]);
    assert_eq!(
        hits(&index, "http://evil.example/a"),
        [
            "exact http://evil.example/a @ http://evil.example/a",
            "host-of-url evil.example @ evil.example",
        ]
    );
    assert_eq!(
        hits(&index, "bob@evil.example"),
        [
            "exact bob@evil.example @ bob@evil.example",
            "domain-of-email evil.example @ evil.example",
        ]
    );
}
