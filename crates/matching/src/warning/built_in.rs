//! The lists that every node has: small, and facts alone.

use super::Comparison;
use crate::Kind;

/// A list that comes with the program.
#[derive(Copy, Clone, Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// What it holds and why.
    pub description: &'static str,
    /// How its values are compared.
    pub comparison: Comparison,
    /// The kinds it is about.
    pub kinds: &'static [Kind],
    /// What it holds, before [`BuiltIn::values`].
    stems: &'static [&'static str],
    /// What stands before a stem as well.
    before: Option<&'static str>,
}

impl BuiltIn {
    /// Its values.
    pub fn values(&self) -> Vec<String> {
        let stems = self.stems.iter().map(ToString::to_string);
        let longer = self.before.into_iter().flat_map(|before| {
            let stems = self.stems.iter();
            stems.map(move |stem| format!("{before}{stem}"))
        });
        stems.chain(longer).collect()
    }
}

/// All of them.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "special-use-addresses",
        description: "Addresses that mean something within one network alone, or no host at all \
                      (IANA special-purpose registries)",
        comparison: Comparison::Cidr,
        kinds: &[Kind::Ipv4, Kind::Ipv6, Kind::Url],
        stems: SPECIAL_USE,
        before: None,
    },
    BuiltIn {
        name: "public-resolvers",
        description: "Addresses of public DNS resolvers, which everybody's logs hold",
        comparison: Comparison::Cidr,
        kinds: &[Kind::Ipv4, Kind::Ipv6],
        stems: RESOLVERS,
        before: None,
    },
    BuiltIn {
        name: "top-sites",
        description: "Names of sites that nearly everybody visits: the name itself or with www., \
                      not what lies below, and no single pages",
        comparison: Comparison::String,
        kinds: &[Kind::Domain],
        stems: TOP_SITES,
        before: Some("www."),
    },
];

/// RFC 6890 and the registries it founded. Not the networks for documentation (RFC 5737, RFC 3849):
/// examples and tests use them as if they were real.
const SPECIAL_USE: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::1",
    "64:ff9b:1::/48",
    "100::/64",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// As their operators publish them.
const RESOLVERS: &[&str] = &[
    // Google
    "8.8.8.8",
    "8.8.4.4",
    "2001:4860:4860::8888",
    "2001:4860:4860::8844",
    // Cloudflare, with its filtering variants
    "1.1.1.1",
    "1.0.0.1",
    "1.1.1.2",
    "1.0.0.2",
    "1.1.1.3",
    "1.0.0.3",
    "2606:4700:4700::1111",
    "2606:4700:4700::1001",
    "2606:4700:4700::1112",
    "2606:4700:4700::1002",
    "2606:4700:4700::1113",
    "2606:4700:4700::1003",
    // Quad9, with its variants
    "9.9.9.9",
    "149.112.112.112",
    "9.9.9.10",
    "149.112.112.10",
    "9.9.9.11",
    "149.112.112.11",
    "2620:fe::fe",
    "2620:fe::9",
    "2620:fe::10",
    "2620:fe::fe:10",
    "2620:fe::11",
    "2620:fe::fe:11",
    // OpenDNS, with its family variant
    "208.67.222.222",
    "208.67.220.220",
    "208.67.222.123",
    "208.67.220.123",
    "2620:119:35::35",
    "2620:119:53::53",
    // AdGuard
    "94.140.14.14",
    "94.140.15.15",
    "2a10:50c0::ad1:ff",
    "2a10:50c0::ad2:ff",
    // CleanBrowsing
    "185.228.168.9",
    "185.228.169.9",
    // Level 3
    "4.2.2.1",
    "4.2.2.2",
    "4.2.2.3",
    "4.2.2.4",
    // Yandex
    "77.88.8.8",
    "77.88.8.1",
    // DNS4EU
    "86.54.11.1",
    "86.54.11.100",
];

/// Chosen for being known to everybody, not taken from a ranking.
const TOP_SITES: &[&str] = &[
    "adobe.com",
    "akamai.com",
    "alibaba.com",
    "amazon.com",
    "aol.com",
    "apache.org",
    "apple.com",
    "archive.org",
    "baidu.com",
    "bbc.co.uk",
    "bbc.com",
    "bing.com",
    "booking.com",
    "cloudflare.com",
    "cnn.com",
    "debian.org",
    "discord.com",
    "dropbox.com",
    "duckduckgo.com",
    "ebay.com",
    "europa.eu",
    "facebook.com",
    "github.com",
    "gmail.com",
    "google.com",
    "icloud.com",
    "imdb.com",
    "instagram.com",
    "lemonde.fr",
    "linkedin.com",
    "live.com",
    "microsoft.com",
    "mozilla.org",
    "netflix.com",
    "nytimes.com",
    "office.com",
    "openai.com",
    "outlook.com",
    "paypal.com",
    "pinterest.com",
    "qq.com",
    "reddit.com",
    "spotify.com",
    "stackoverflow.com",
    "taobao.com",
    "telegram.org",
    "theguardian.com",
    "tiktok.com",
    "twitch.tv",
    "twitter.com",
    "ubuntu.com",
    "un.org",
    "vk.com",
    "whatsapp.com",
    "wikipedia.org",
    "windows.com",
    "windowsupdate.com",
    "wordpress.org",
    "x.com",
    "yahoo.com",
    "yandex.ru",
    "youtube.com",
    "zoom.us",
];
