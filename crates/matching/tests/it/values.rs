//! Published values of all kinds: what is taken, in which form, and what is refused and why.

use matching::{Index, Kind, Observable, Refusal};

#[test]
fn the_kind_is_guessed() {
    for (written, kind, canonical) in [
        ("198.51.100.7", Kind::Ipv4, "198.51.100.7"),
        (" 198[.]51[.]100[.]7 ", Kind::Ipv4, "198.51.100.7"),
        ("198.51.100.7:8080", Kind::Ipv4, "198.51.100.7"),
        ("198.51.100.7/24", Kind::Ipv4, "198.51.100.0/24"),
        ("::ffff:198.51.100.7", Kind::Ipv4, "198.51.100.7"),
        ("2001:DB8::7", Kind::Ipv6, "2001:db8::7"),
        ("[2001:db8::7]:443", Kind::Ipv6, "2001:db8::7"),
        ("2001[:]db8[:][:]7", Kind::Ipv6, "2001:db8::7"),
        ("2001:db8::/32", Kind::Ipv6, "2001:db8::/32"),
        ("Evil.Example.", Kind::Domain, "evil.example"),
        ("\"evil[.]example\",", Kind::Domain, "evil.example"),
        ("evil.example:8443", Kind::Domain, "evil.example"),
        ("*.evil.example", Kind::Domain, "evil.example"),
        ("bücher.example", Kind::Domain, "xn--bcher-kva.example"),
        ("hxxps://Evil[.]example", Kind::Url, "http://evil.example/"),
        ("evil.example/a", Kind::Url, "http://evil.example/a"),
        ("evil.example/@bob", Kind::Url, "http://evil.example/@bob"),
        ("198.51.100.7/a", Kind::Url, "http://198.51.100.7/a"),
        ("Bob[@]evil[.]example", Kind::Email, "bob@evil.example"),
        ("mailto:bob@evil.example", Kind::Email, "bob@evil.example"),
        (
            "D41D8CD98F00B204E9800998ECF8427E",
            Kind::Md5,
            "d41d8cd98f00b204e9800998ecf8427e",
        ),
    ] {
        let observable =
            Observable::guess(written).unwrap_or_else(|why| panic!("{written}: {why}"));
        assert_eq!(
            (observable.kind(), observable.as_str()),
            (kind, canonical),
            "{written}"
        );
    }
}

#[test]
fn refusals_say_why() {
    for (written, why) in [
        ("", "the value is empty"),
        (
            "com",
            "not an address, domain, URL, e-mail address or digest: \"com\"",
        ),
        (
            "co.uk",
            "\"co.uk\" is a public suffix: it would match everyone registered below it",
        ),
        (
            "invoice.pdf",
            "\"invoice.pdf\" does not end in a known top-level domain (\"pdf\")",
        ),
        (
            "010.0.0.1",
            "leading zeros make the IPv4 address \"010.0.0.1\" ambiguous",
        ),
        ("0.0.0.0/0", "/0 is not a usable prefix length: 1 to 32"),
        (
            "1.2.3.4.5",
            "not a domain name (the last label is a number): \"1.2.3.4.5\"",
        ),
        (
            "http://localhost/",
            "not a domain name (a single label): \"localhost\"",
        ),
    ] {
        let refusal = Observable::guess(written).unwrap_err();
        assert_eq!(refusal.to_string(), why, "{written}");
    }
    let other = Observable::parse(Kind::Ipv4, "2001:db8::1");
    assert_eq!(other, Err(Refusal::OtherVersion("2001:db8::1".into())));
    let short = Observable::parse(Kind::Sha256, "d41d8cd98f00b204e9800998ecf8427e");
    assert!(matches!(short, Err(Refusal::NotADigest { digits: 64, .. })));
    let long = format!("http://evil.example/{}", "a".repeat(10_000));
    assert!(matches!(
        Observable::guess(&long),
        Err(Refusal::TooLong { .. })
    ));
}

#[test]
fn an_observable_may_have_many_signals() {
    let mut index = Index::new();
    let evil = Observable::guess("evil.example").unwrap();
    for signal in 0..1000 {
        assert!(index.insert(&evil, signal));
    }
    assert!(!index.insert(&evil, 7));
    let signals = |index: &Index| {
        let mut signals = Vec::new();
        index.lookup(&evil, &mut |hit| signals.push(hit.signal));
        signals.sort_unstable();
        signals
    };
    assert_eq!(signals(&index), (0..1000).collect::<Vec<_>>());
    for signal in (0..1000).filter(|signal| signal % 3 != 1) {
        assert!(index.remove(&evil, signal));
        assert!(!index.remove(&evil, signal));
    }
    assert_eq!(
        signals(&index),
        (0..1000)
            .filter(|signal| signal % 3 == 1)
            .collect::<Vec<_>>()
    );
    assert_eq!((index.len(), index.observables()), (333, 1));
}

#[test]
fn memory_is_reused() {
    let mut index = Index::new();
    let values: Vec<_> = matching::sample::observables(5).take(20_000).collect();
    let mut sizes = Vec::new();
    for round in 0..20 {
        for value in &values {
            assert!(index.insert(value, round));
        }
        sizes.push(index.resident());
        for value in &values {
            assert!(index.remove(value, round));
        }
        assert!(index.is_empty());
    }
    assert!(
        sizes.iter().max() <= sizes.first().map(|size| size * 3).as_ref(),
        "{sizes:?}"
    );
}

#[test]
fn indicators_of_meta_are_taken() {
    let Ok(folder) = std::env::var("ENTENTE_TESTDATA") else {
        println!("skipped: ENTENTE_TESTDATA is not set");
        return;
    };
    let folder = std::path::Path::new(&folder).join("signals/meta-threat-research");
    let (mut taken, mut refused) = (0, Vec::new());
    for file in std::fs::read_dir(folder).unwrap() {
        let text =
            String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned();
        for line in text.lines() {
            let mut fields = line.split(',');
            let kind = match fields.next() {
                Some("domain_name") => Kind::Domain,
                Some("url" | "cib_url" | "phishing_url" | "telegram_url") => Kind::Url,
                Some("md5") => Kind::Md5,
                Some("sha256") => Kind::Sha256,
                Some("ip") => Kind::Ipv4,
                _ => continue,
            };
            let value = fields.next().unwrap_or_default();
            match Observable::parse(kind, value) {
                Ok(_) => taken += 1,
                Err(why) => refused.push(why.to_string()),
            }
        }
    }
    println!("{taken} taken, {} refused: {refused:#?}", refused.len());
    assert!(
        taken > 20 * refused.len(),
        "{taken} taken, refused: {refused:#?}"
    );
}
