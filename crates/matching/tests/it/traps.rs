//! What looks like a published value and is another must not fire.

use crate::{hits, index_of};

#[test]
fn other_names() {
    let index = index_of(&["evil.com", "bob@evil.com"]);
    for text in [
        "notevil.com",
        "www.notevil.com",
        "evil.com.example.org",
        "evil.com-foo.net",
        "evil.community",
        "evil.comm",
        "evil.co",
        "evil.com.pdf",
        "evil.com.",
        "/files/evil.com.pdf",
        "https://good.example/evil.com.html",
        "user@notevil.com",
        "äevil.com",
        "еvil.com", // a Cyrillic e
        "evilxcom",
        "evil..com",
        "evil. com",
        "evil-.com",
        "evil_.com",
        "x_evil.com",
        "x-evil.com",
        "com",
        ".com",
        "%65vilx.com",
        "evil.com%2Eexample.org",
        "evil.com%2eexample.org/a",
        "%61evil.com",
        "20evil.com",
        "http://evil.com@good.example/",
        "http://evil.com:80@good.example/",
        "http://evil.com%40good.example/",
        "evil.com@good.example",
        "evil.com+x@good.example",
        "http://good.example/evil.com-foo.net",
        "evil.com_backup",
        "\\\\notevil.com\\share",
    ] {
        let allowed: &[&str] = match text {
            "evil.com." => &["exact evil.com @ evil.com"],
            _ => &[],
        };
        assert_eq!(hits(&index, text), allowed, "{text}");
    }
}

#[test]
fn other_numbers() {
    let index = index_of(&["1.2.3.4", "10.0.0.0/8"]);
    for text in [
        "1.2.3.4.5",
        "v1.2.3.4.5",
        "v1.2.3.4",
        "01.2.3.4",
        "1.2.3.04",
        "11.2.3.4",
        "1.2.3.45",
        "11.2.3.45",
        "1.2.3.4a",
        "a1.2.3.4",
        "1.2.3",
        "1.2.3.4-beta",
        "pkg-1.2.3.4.tar.gz",
        "Chrome/1.2.3.4",
        "Chrome/10.0.0.0 Safari/537.36",
        "version 1.2.3.4",
        "Version: 1.2.3.4",
        "\"version\":\"1.2.3.4\"",
        "version=1.2.3.4",
        "1,2,3,4",
        "0x1.2.3.4",
        "1.2.3.256",
        "256.1.2.3.4",
        "1.2.3.4%2E5",
    ] {
        assert!(
            hits(&index, text).is_empty(),
            "{text}: {:?}",
            hits(&index, text)
        );
    }
}

#[test]
fn times_and_hardware_addresses() {
    let index = index_of(&["::1", "2001:db8::1", "12::34", "::/1", "8000::/1"]);
    for text in [
        "12:34:56",
        "2018-11-12T12:34:56Z",
        "[12/Nov/2018:10:00:00",
        "00:1a:2b:3c:4d:5e",
        "00:1a:2b:3c:4d:5e:6f:70",
        "::",
        "[::]:80",
        ":::",
        "a:b:c",
        "std::vec::Vec",
        "Foo::bar()",
        "1:2:3:4:5:6:7:8:9",
        "12:34",
        "2001:db8::1g",
        "x2001:db8::1x",
        "2001:db8:::1",
    ] {
        assert!(
            hits(&index, text).is_empty(),
            "{text}: {:?}",
            hits(&index, text)
        );
    }
}

#[test]
fn digests_within_more_digits() {
    let digest = "d41d8cd98f00b204e9800998ecf8427e";
    let index = index_of(&[digest]);
    for text in [
        format!("{digest}{digest}"),
        format!("0{digest}"),
        format!("{digest}f"),
        format!("x{digest}"),
        digest[1..].to_owned(),
        format!("d41d8cd9-{}", &digest[8..]),
    ] {
        assert!(hits(&index, &text).is_empty(), "{text}");
    }
}
