//! The written forms of observables, and values that only look like them.

use std::fmt::Write as _;

use super::draw::Draw;
use crate::{Kind, Observable, Relation};

/// A way to write an observable down.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) name: &'static str,
    relation: Relation,
    write: fn(&str) -> String,
}

/// A written form.
pub(super) struct Written {
    pub(super) form: &'static str,
    pub(super) relation: Relation,
    pub(super) text: String,
}

const fn exact(name: &'static str, write: fn(&str) -> String) -> Form {
    Form {
        name,
        relation: Relation::Exact,
        write,
    }
}

const fn related(name: &'static str, relation: Relation, write: fn(&str) -> String) -> Form {
    Form {
        name,
        relation,
        write,
    }
}

const DOMAIN: [Form; 22] = [
    exact("as published", str::to_owned),
    exact("upper case", str::to_uppercase),
    exact("trailing dot", |name| format!("{name}.")),
    exact("[.]", |name| name.replace('.', "[.]")),
    exact("(.)", |name| name.replace('.', "(.)")),
    exact("{.}", |name| name.replace('.', "{.}")),
    exact("[dot]", |name| name.replace('.', "[dot]")),
    exact("(dot)", |name| name.replace('.', "(dot)")),
    exact("backslash and dot", |name| name.replace('.', "\\.")),
    exact("percent-encoded dot", |name| name.replace('.', "%2E")),
    exact("Unicode", |name| idna::domain_to_unicode(name).0),
    exact("port", |name| format!("{name}:8443")),
    exact("wildcard", |name| format!("*.{name}")),
    exact("in a query", |name| format!("/check?host={name}&v=1")),
    related("subdomain", Relation::Subdomain, |name| {
        format!("www.{name}")
    }),
    related("deep subdomain", Relation::Subdomain, |name| {
        format!("_dmarc.a-1.{name}")
    }),
    related("host of a URL", Relation::HostOfUrl, |name| {
        format!("http://{name}/index.php?a=1")
    }),
    related("user info", Relation::HostOfUrl, |name| {
        format!("https://good.test:pw@{name}:8080/")
    }),
    related("hxxp and [.]", Relation::HostOfUrl, |name| {
        format!("hxxps://{}/a", name.replace('.', "[.]"))
    }),
    related("JSON-escaped URL", Relation::HostOfUrl, |name| {
        format!("http:\\/\\/{name}\\/a\\/b")
    }),
    related(
        "percent-encoded URL in a query",
        Relation::HostOfUrl,
        |name| format!("https://www.corp.example/r?u=http%3A%2F%2F{name}%2Fa%3Fb%3D1&c=2"),
    ),
    related("domain of an address", Relation::DomainOfEmail, |name| {
        format!("info@{name}")
    }),
];

const IPV4: [Form; 10] = [
    exact("as published", str::to_owned),
    exact("[.]", |address| address.replace('.', "[.]")),
    exact("last dot defanged", |address| {
        address
            .rsplit_once('.')
            .map(|(net, host)| format!("{net}[.]{host}"))
            .unwrap_or_default()
    }),
    exact("(dot)", |address| address.replace('.', "(dot)")),
    exact("port", |address| format!("{address}:4444")),
    exact("brackets", |address| format!("[{address}]")),
    exact("IPv4-mapped IPv6", |address| format!("::ffff:{address}")),
    exact("in a query", |address| format!("/ping?ip={address}&n=1")),
    related("host of a URL", Relation::HostOfUrl, |address| {
        format!("http://{address}:8080/bin.sh")
    }),
    related("hxxp and [.]", Relation::HostOfUrl, |address| {
        format!("hxxp[:]//{}/x", address.replace('.', "[.]"))
    }),
];

const IPV6: [Form; 6] = [
    exact("as published", str::to_owned),
    exact("upper case", str::to_uppercase),
    exact("all groups", |address| {
        let groups = address
            .parse()
            .map(|address: std::net::Ipv6Addr| address.segments());
        let groups = groups
            .unwrap_or_default()
            .map(|group| format!("{group:04x}"));
        groups.join(":")
    }),
    exact("brackets and port", |address| format!("[{address}]:443")),
    exact("[:]", |address| address.replace(':', "[:]")),
    related("host of a URL", Relation::HostOfUrl, |address| {
        format!("http://[{address}]/a")
    }),
];

const URL: [Form; 14] = [
    exact("as published", str::to_owned),
    exact("https", |url| url.replacen("http:", "https:", 1)),
    exact("upper-case scheme", |url| url.replacen("http:", "HTTP:", 1)),
    exact("hxxp", |url| url.replacen("http", "hxxp", 1)),
    exact("h**p and [.]", |url| {
        url.replacen("http", "h**p", 1).replacen('.', "[.]", 1)
    }),
    exact("[://]", |url| url.replacen("://", "[://]", 1)),
    exact("default port", |url| after_host(url, ":80")),
    exact("trailing dot of the host", |url| after_host(url, ".")),
    exact("user info", |url| url.replacen("://", "://bob:pw@", 1)),
    exact("fragment", |url| format!("{url}#top")),
    exact("percent-encoded letter", |url| {
        url.replacen("/p", "/%70", 1)
    }),
    exact("JSON-escaped", |url| url.replace('/', "\\/")),
    exact("percent-encoded in a query", |url| {
        let encoded = url
            .replace(':', "%3A")
            .replace('/', "%2F")
            .replace('?', "%3F")
            .replace('=', "%3D");
        format!("/out?to={encoded}&from=home")
    }),
    exact("without scheme", |url| url.replacen("http://", "", 1)),
];

const EMAIL: [Form; 8] = [
    exact("as published", str::to_owned),
    exact("upper case", str::to_uppercase),
    exact("mailto", |address| {
        format!("mailto:{address}?subject=hello")
    }),
    exact("[@] and [.]", |address| {
        address.replace('@', "[@]").replace('.', "[.]")
    }),
    exact("(at) and (dot)", |address| {
        address.replace('@', "(at)").replace('.', "(dot)")
    }),
    exact("percent-encoded", |address| address.replace('@', "%40")),
    exact("after an equals sign", |address| {
        format!("sender={address}")
    }),
    exact("brackets", |address| format!("[{address}]")),
];

const DIGEST: [Form; 6] = [
    exact("as published", str::to_owned),
    exact("upper case", str::to_uppercase),
    exact("named", |digest| format!("hash:{digest}")),
    exact("file name", |digest| format!("/quarantine/{digest}.exe")),
    exact("in a query", |digest| format!("/report?id={digest}&full=1")),
    exact("percent-encoded colon before it", |digest| {
        format!("hash%3A{digest}")
    }),
];

const NETWORK: [Form; 2] = [
    exact("as published", str::to_owned),
    related("an address in it", Relation::InNetwork, |network| {
        let address = network
            .split_once('/')
            .map_or(network, |(address, _)| address);
        if address.contains(':') {
            format!("{address}7")
        } else {
            address.replace(".0", ".7")
        }
    }),
];

/// The forms of a kind's single values.
pub(super) fn of(kind: Kind) -> &'static [Form] {
    match kind {
        Kind::Domain => &DOMAIN,
        Kind::Ipv4 => &IPV4,
        Kind::Ipv6 => &IPV6,
        Kind::Url => &URL,
        Kind::Email => &EMAIL,
        Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 => &DIGEST,
    }
}

fn after_host(url: &str, text: &str) -> String {
    let host = url.split('/').nth(2).unwrap_or_default();
    url.replacen(host, &format!("{host}{text}"), 1)
}

/// Writes an observable down in one of its forms.
pub(super) fn write(observable: &Observable, draw: &mut Draw) -> Written {
    let value = observable.as_str();
    let forms = match observable.kind() {
        Kind::Ipv4 | Kind::Ipv6 if value.contains('/') => &NETWORK,
        kind => of(kind),
    };
    match forms.get(draw.below(forms.len())) {
        Some(form) => Written {
            form: form.name,
            relation: form.relation,
            text: (form.write)(value),
        },
        None => Written {
            form: "",
            relation: Relation::Exact,
            text: value.to_owned(),
        },
    }
}

/// A value that looks like the observable and is another.
pub(super) fn near_miss(observable: &Observable, draw: &mut Draw) -> String {
    let value = observable.as_str();
    let choice = draw.below(5);
    match observable.kind() {
        Kind::Domain => match choice {
            0 => format!("not{value}"),
            1 => format!("{value}.corp.example"),
            2 => format!("{value}-cdn.test"),
            3 => format!("{value}.pdf"),
            _ => format!("http://{value}@www.corp.example/"),
        },
        Kind::Ipv4 if !value.contains('/') => match choice {
            0 => format!("{value}.5"),
            1 => format!("v{value}"),
            2 => format!("Agent/{value}"),
            3 => format!("0{value}"),
            _ => format!("{value}00"),
        },
        Kind::Url => match choice {
            0 => value.replacen("/p/", "/P/", 1),
            1 => value.replacen("://", "://not", 1),
            2 => format!("{value}.bak"),
            3 => format!("{value}&more=1"),
            _ => after_host(value, ".corp.example"),
        },
        Kind::Email => match choice {
            0 => format!("not{value}"),
            1 => value.replace('@', "@not"),
            2 => format!("{value}.corp.example"),
            _ => format!("a.{value}"),
        },
        Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 => match choice {
            0 => format!("{value}0"),
            1 => format!("f{value}"),
            2 => format!("x{value}"),
            _ => value.get(1..).unwrap_or_default().to_owned(),
        },
        Kind::Ipv4 | Kind::Ipv6 => "00:1a:2b:3c:4d:5e".to_owned(),
    }
}

const FIRST: [&str; 16] = [
    "amber", "birch", "cobalt", "delta", "ember", "fjord", "garnet", "harbor", "indigo", "jasper",
    "krypton", "lumen", "meadow", "nimbus", "onyx", "prism",
];
const SECOND: [&str; 16] = [
    "storm", "vault", "relay", "signal", "bridge", "forge", "garden", "harvest", "island",
    "lantern", "mirror", "orbit", "parcel", "quarry", "river", "summit",
];

/// A value that no smaller number gives, and its kind.
pub(super) fn fresh(draw: &mut Draw, number: u64) -> (Kind, String) {
    let value = match draw.below(100) {
        0..35 => return (Kind::Domain, host(draw, number)),
        35..62 => {
            let (host, page) = (host(draw, number), draw.of(&SECOND));
            return (Kind::Url, format!("http://{host}/p/{page}?id={number}"));
        }
        62..70 => {
            return (
                Kind::Email,
                format!("{}@{}", draw.of(&FIRST), host(draw, number)),
            );
        }
        70..80 => return (Kind::Md5, hexadecimal(draw, 32)),
        80..84 => return (Kind::Sha1, hexadecimal(draw, 40)),
        84..90 => return (Kind::Sha256, hexadecimal(draw, 64)),
        90..91 => return (Kind::Sha512, hexadecimal(draw, 128)),
        91..96 => number,
        _ => u64::MAX,
    };
    // RFC 5737's second range and RFC 2544's for the first numbers, then RFC 3849's.
    match value {
        0..256 => (Kind::Ipv4, format!("198.51.100.{value}")),
        256..131_072 => (
            Kind::Ipv4,
            format!(
                "198.{}.{}.{}",
                18 + (value >> 16),
                value >> 8 & 255,
                value & 255
            ),
        ),
        _ if number.is_multiple_of(8) && number < 1 << 16 => {
            (Kind::Ipv6, format!("2001:db8:{number:x}::/48"))
        }
        _ => (
            Kind::Ipv6,
            format!(
                "2001:db8:{:x}:{:x}::{:x}",
                number >> 16 | 1 << 15,
                number & 0xffff,
                1 + draw.below(65_000)
            ),
        ),
    }
}

fn host(draw: &mut Draw, number: u64) -> String {
    let (first, second) = (draw.of(&FIRST), draw.of(&SECOND));
    let last = draw.of(&["example", "test", "invalid"]);
    match draw.below(20) {
        0 => format!("{first}-é{number}.{last}"),
        1 => format!("{first}.{second}{number}.{last}"),
        _ => format!("{first}-{second}{number}.{last}"),
    }
}

fn hexadecimal(draw: &mut Draw, digits: usize) -> String {
    let mut text = String::with_capacity(digits + 16);
    while text.len() < digits {
        // Writing to a String cannot fail.
        let _ = write!(text, "{:016x}", draw.next());
    }
    text.truncate(digits);
    text
}
