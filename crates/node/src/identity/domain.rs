//! Names of domains, and where their proofs are.

use std::fmt;
use std::str::FromStr;

/// The label under a domain where its TXT record is looked for.
pub const CHALLENGE: &str = "_entente-challenge";
/// What the TXT record starts with; the claim's token follows.
pub const VERIFICATION: &str = "entente-domain-verification=";
/// The path of the key document on the domain's web site (RFC 8615).
pub const WELL_KNOWN: &str = "/.well-known/entente.json";

/// A domain: ASCII letters, digits and hyphens in at least two labels, in lower case, without a dot
/// at its end (RFC 1035 §2.3.1, RFC 1123 §2.1). Names in other letters are written `xn--…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DomainName(String);

impl DomainName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its TXT record, with the dot at its end that keeps resolvers from adding more.
    pub fn challenge(&self) -> String {
        format!("{CHALLENGE}.{}.", self.0)
    }
}

impl FromStr for DomainName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let labels: Vec<&str> = name.split('.').collect();
        let last = labels.last().copied().unwrap_or_default();
        // What ends in digits is an address, not a domain.
        let is_address = last.bytes().all(|b| b.is_ascii_digit());
        // With the label of the challenge it still has to be a name of 253 characters.
        let fits = name.len() + CHALLENGE.len() < 253;
        if labels.len() < 2 || !fits || is_address || !labels.into_iter().all(label) {
            return Err(format!(
                "'{}' is no domain: write it as in example.org, in ASCII (xn--… for other letters)",
                text.escape_debug()
            ));
        }
        Ok(DomainName(name))
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_names_of_hosts_and_nothing_else() {
        let name: DomainName = "Example.ORG.".parse().unwrap();
        assert_eq!(name.as_str(), "example.org");
        assert_eq!(name.challenge(), "_entente-challenge.example.org.");
        assert!("xn--bcher-kva.example".parse::<DomainName>().is_ok());
        let long = format!("{}.example", "a.".repeat(120));
        for wrong in [
            "",
            "org",
            ".org",
            "a..b",
            "-a.org",
            "a-.org",
            "127.0.0.1",
            "[::1]",
            "a_b.org",
            "bücher.example",
            "example.org:80",
            "example.org/x",
            "a b.org",
            "user@example.org",
            "1.2",
            &long,
        ] {
            assert!(wrong.parse::<DomainName>().is_err(), "{wrong}");
        }
    }
}
