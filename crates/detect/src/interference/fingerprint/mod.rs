//! Known pages, headers and addresses that filters answer with.
//!
//! None is built in: lists of fingerprints are others' work, change weekly, and are given as files.
//! Read are OONI's (`fingerprints_http`, `fingerprints_dns`, as CSV or JSON) and Censored Planet's
//! (`blockpage_signatures.json`, `false_positive_signatures.json`, one JSON object a line).

mod read;
mod scan;
mod texts;

use std::fmt;

pub use read::{BadFingerprint, Loaded};
pub use scan::Fingerprints;
pub(crate) use scan::Scratch;

/// A fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// What its list calls it.
    pub name: String,
    /// How far a hit reaches.
    pub scope: Scope,
    /// Countries it is known from, as ISO 3166 codes in upper case; none when that is not known.
    pub countries: Vec<String>,
    /// Where it is looked for.
    pub place: Place,
    /// How it is compared.
    pub form: Form,
    /// What is looked for.
    pub pattern: String,
}

/// How far a hit reaches, in the words of OONI's lists.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// `nat`: the country's blocking.
    National,
    /// `isp`: a provider's blocking.
    Isp,
    /// `prod`: a product's page, wherever it is installed.
    Product,
    /// `inst`: a school's, a company's.
    Institution,
    /// `vbw`: words that speak of blocking and do not say whose; all that has no known word, too.
    Vague,
    /// `fp`: a page that looks like blocking and is none.
    FalsePositive,
}

impl Scope {
    fn of(word: &str) -> Self {
        match word {
            "nat" => Scope::National,
            "isp" => Scope::Isp,
            "prod" => Scope::Product,
            "inst" => Scope::Institution,
            "fp" => Scope::FalsePositive,
            _ => Scope::Vague,
        }
    }

    /// The word of OONI's lists.
    pub fn word(self) -> &'static str {
        match self {
            Scope::National => "nat",
            Scope::Isp => "isp",
            Scope::Product => "prod",
            Scope::Institution => "inst",
            Scope::Vague => "vbw",
            Scope::FalsePositive => "fp",
        }
    }
}

/// Where a fingerprint is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In bodies of responses.
    Body,
    /// In a header's value; the name is in lower case.
    Header(String),
    /// In bodies and in lines of headers, `Name: value`.
    Response,
    /// Among answers of resolvers: an address, or a name.
    Dns,
}

/// How a fingerprint is compared.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// It is the whole.
    Full,
    /// It is the beginning.
    Prefix,
    /// It occurs.
    Contains,
    /// It is a regular expression that matches somewhere.
    Regexp,
}

/// A fingerprint that a measurement shows.
#[derive(Copy, Clone, Debug)]
pub struct Hit<'f> {
    /// The fingerprint.
    pub fingerprint: &'f Fingerprint,
    /// Whether it confirms blocking: its country is the probe's, or its scope is `isp` or `nat`.
    pub is_confirmed: bool,
}

impl Fingerprint {
    /// Whether a hit seen in this country confirms blocking: the fingerprint is known from that
    /// country, or its scope is `isp` or `nat`. A false positive confirms nothing.
    pub fn confirms(&self, country: &str) -> bool {
        match self.scope {
            Scope::FalsePositive => false,
            Scope::National | Scope::Isp => true,
            _ => self.is_of(country),
        }
    }

    /// Whether it is known from this country.
    pub fn is_of(&self, country: &str) -> bool {
        !country.eq_ignore_ascii_case("ZZ")
            && self
                .countries
                .iter()
                .any(|known| known.eq_ignore_ascii_case(country))
    }
}

/// `ooni.ir_4 (nat, IR)`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.name, self.scope.word())?;
        if !self.countries.is_empty() {
            write!(f, ", {}", self.countries.join(" "))?;
        }
        f.write_str(")")
    }
}
