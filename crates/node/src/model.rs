//! The words of the node that entries carry: collections, tokens, scopes, harms.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use matching::warning::Comparison;
use stix::Tlp;

use crate::act::happenings::About;
use crate::clock::Instant;

/// Where signals are published: a TAXII collection (TAXII 2.1 §5.2) and who may use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collection {
    /// The TAXII id: a UUID.
    pub id: String,
    /// The short name used in URLs and on the command line; a lower-case slug, unique.
    pub alias: String,
    /// The name people read.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Whether those without an account may see that it exists, and its CLEAR objects.
    pub public: bool,
    /// The marking of objects that carry none.
    pub default_marking: Marking,
    /// The harm its signals are about, when an object's labels do not say.
    pub harm: Option<Harm>,
    /// Parties that may see what is marked RED or AMBER+STRICT here, besides its publisher. Empty
    /// means nobody.
    pub recipients: Vec<String>,
    /// Parties that may publish; empty means every party whose stance allows it.
    pub publishers: Vec<String>,
    /// The circle it is confined to, by its id: for everybody else it does not exist.
    pub circle: Option<String>,
    /// Whether objects have to hold up to every check of STIX 2.1, recommendations too.
    pub strict: bool,
    /// The id of the collection whose withdrawals are told here, when it is such a companion. The
    /// directory makes these; no entry does.
    #[serde(skip)]
    pub companion_of: Option<String>,
}

impl Collection {
    /// A collection that members of every stance may know of, for AMBER objects of any party that may
    /// publish.
    pub fn new(id: String, alias: &str) -> Self {
        Collection {
            id,
            alias: alias.into(),
            title: alias.into(),
            description: String::new(),
            public: false,
            default_marking: Marking::Amber,
            harm: None,
            recipients: Vec::new(),
            publishers: Vec::new(),
            circle: None,
            strict: false,
            companion_of: None,
        }
    }
}

/// A named set of parties that share among themselves. Who is in it is for its members to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circle {
    /// A lower-case slug, unique.
    pub id: String,
    /// The name people read.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The id of the marking-definition by which an object is confined to the circle: random, so
    /// that only who was told it can name it.
    pub marking: String,
    /// The ids of its members. Empty means nobody.
    pub members: Vec<String>,
}

/// [`Tlp`] in the form that entries and views store.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Marking {
    /// TLP:CLEAR
    Clear = 0,
    /// TLP:GREEN
    Green = 1,
    /// TLP:AMBER
    Amber = 2,
    /// TLP:AMBER+STRICT
    AmberStrict = 3,
    /// TLP:RED
    Red = 4,
}

impl Marking {
    /// All, from least to most restrictive.
    pub const ALL: [Marking; 5] = [
        Marking::Clear,
        Marking::Green,
        Marking::Amber,
        Marking::AmberStrict,
        Marking::Red,
    ];

    /// The stored number back as a marking; an unknown number is the most restrictive.
    pub fn from_code(code: u8) -> Self {
        Self::ALL
            .into_iter()
            .find(|m| *m as u8 == code)
            .unwrap_or(Marking::Red)
    }

    /// `TLP:CLEAR` and so on.
    pub fn as_str(self) -> &'static str {
        match self {
            Marking::Clear => "TLP:CLEAR",
            Marking::Green => "TLP:GREEN",
            Marking::Amber => "TLP:AMBER",
            Marking::AmberStrict => "TLP:AMBER+STRICT",
            Marking::Red => "TLP:RED",
        }
    }
}

impl From<Tlp> for Marking {
    fn from(tlp: Tlp) -> Self {
        match tlp {
            Tlp::Clear => Marking::Clear,
            Tlp::Green => Marking::Green,
            Tlp::Amber => Marking::Amber,
            Tlp::AmberStrict => Marking::AmberStrict,
            Tlp::Red => Marking::Red,
        }
    }
}

impl From<Marking> for Tlp {
    fn from(marking: Marking) -> Self {
        match marking {
            Marking::Clear => Tlp::Clear,
            Marking::Green => Tlp::Green,
            Marking::Amber => Tlp::Amber,
            Marking::AmberStrict => Tlp::AmberStrict,
            Marking::Red => Tlp::Red,
        }
    }
}

impl fmt::Display for Marking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Marking {
    type Err = String;

    /// Takes `clear`, `TLP:CLEAR`, `amber+strict`, `amber-strict` in any case.
    fn from_str(text: &str) -> Result<Self, String> {
        let upper = text.to_ascii_uppercase().replace('-', "+");
        let bare = upper.strip_prefix("TLP:").unwrap_or(&upper);
        Self::ALL
            .into_iter()
            .find(|m| m.as_str().strip_prefix("TLP:") == Some(bare))
            .ok_or_else(|| {
                format!("'{text}' is no marking: use clear, green, amber, amber+strict or red")
            })
    }
}

/// The harms that the pledge names.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Harm {
    /// Interference in elections.
    ElectionInterference = 1,
    /// Hate speech.
    HateSpeech = 2,
    /// Censorship.
    Censorship = 3,
    /// Theft of trade secrets.
    TradeSecrets = 4,
    /// Plain cybercrime.
    Cybercrime = 5,
}

impl Harm {
    /// All of them.
    pub const ALL: [Harm; 5] = [
        Harm::ElectionInterference,
        Harm::HateSpeech,
        Harm::Censorship,
        Harm::TradeSecrets,
        Harm::Cybercrime,
    ];

    /// The slug used as a label on objects and in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Harm::ElectionInterference => "election-interference",
            Harm::HateSpeech => "hate-speech",
            Harm::Censorship => "censorship",
            Harm::TradeSecrets => "trade-secrets",
            Harm::Cybercrime => "cybercrime",
        }
    }

    /// The stored number back as a harm; 0 is none.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|harm| *harm as u8 == code)
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Harm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|harm| harm.as_str() == text)
            .ok_or_else(|| {
                let all: Vec<&str> = Self::ALL.iter().map(|harm| harm.as_str()).collect();
                format!("'{text}' is no harm: use one of {}", all.join(", "))
            })
    }
}

/// What a token allows.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scopes {
    /// See and match what the party may see.
    pub read: bool,
    /// Publish and withdraw signals.
    pub publish: bool,
    /// Manage collections, parties and tokens.
    pub administer: bool,
}

impl Scopes {
    /// Everything.
    pub const ALL: Scopes = Scopes {
        read: true,
        publish: true,
        administer: true,
    };
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.read, "read"),
            (self.publish, "publish"),
            (self.administer, "administer"),
        ];
        let held: Vec<&str> = words
            .iter()
            .filter(|(held, _)| *held)
            .map(|(_, w)| *w)
            .collect();
        f.write_str(&held.join(","))
    }
}

impl FromStr for Scopes {
    type Err = String;

    /// Takes a comma-separated list of `read`, `publish`, `administer`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut scopes = Scopes::default();
        for word in text.split(',').map(str::trim) {
            match word {
                "read" => scopes.read = true,
                "publish" => scopes.publish = true,
                "administer" => scopes.administer = true,
                other => {
                    return Err(format!(
                        "'{other}' is no scope: use read, publish, administer, comma-separated"
                    ));
                }
            }
        }
        Ok(scopes)
    }
}

/// An API token as it is kept: never the secret, only its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Public part, by which it is listed and revoked.
    pub id: String,
    /// The party it acts for.
    pub party: String,
    /// The account's name: a person or a system of that party.
    pub account: String,
    /// What it allows.
    pub scopes: Scopes,
    /// Ids of the collections it is limited to; empty means all.
    pub collections: Vec<String>,
    /// SHA-256 of the secret, which is 256 random bits and so needs no slow hash.
    pub hash: [u8; 32],
    /// When it ends, if it does.
    pub expires: Option<Instant>,
}

/// A link that makes one administrator token, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminLink {
    /// Public part.
    pub id: String,
    /// SHA-256 of the secret in the link.
    pub hash: [u8; 32],
    /// When it ends.
    pub expires: Instant,
}

/// What a party knows of another's signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// The signal's STIX id.
    pub signal: String,
    /// What is said of it.
    pub kind: FeedbackKind,
    /// How often it was seen; 0 for what is no sighting.
    pub count: u32,
    /// When it was seen first, if that is told.
    pub first_seen: Option<Instant>,
    /// When it was seen last, if that is told.
    pub last_seen: Option<Instant>,
    /// A few words of explanation.
    pub explanation: Option<String>,
    /// The STIX sighting or opinion that says so, when it was published as one.
    pub object: Option<PublishedObject>,
    /// Whom it is told: who published the signal where its author saw it.
    pub to: Vec<Told>,
}

/// Where an object was published.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedObject {
    /// The position of its entry.
    pub position: u64,
    /// The collection's number.
    pub collection: u32,
    /// Its `date_added`.
    pub added: i64,
}

/// A party that published a signal, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The collection's number.
    pub collection: u32,
    /// The party's id.
    pub party: String,
}

/// What is said of a signal.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum FeedbackKind {
    /// It was seen here (a STIX sighting).
    Seen = 1,
    /// What it points at is not malicious (a false positive).
    NotMalicious = 2,
    /// The party disagrees with what it says (a STIX opinion).
    Disagree = 3,
    /// The party agrees with what it says (a STIX opinion).
    Agree = 4,
}

impl FeedbackKind {
    /// All of them.
    pub const ALL: [FeedbackKind; 4] = [
        FeedbackKind::Seen,
        FeedbackKind::NotMalicious,
        FeedbackKind::Disagree,
        FeedbackKind::Agree,
    ];

    /// The word used in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            FeedbackKind::Seen => "seen",
            FeedbackKind::NotMalicious => "not-malicious",
            FeedbackKind::Disagree => "disagree",
            FeedbackKind::Agree => "agree",
        }
    }
}

impl fmt::Display for FeedbackKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FeedbackKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| {
                let all = Self::ALL.map(Self::as_str).join(", ");
                format!("'{text}' is no feedback: use one of {all}")
            })
    }
}

/// Values that are no cause for alarm, such as the addresses of public resolvers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningList {
    /// Its name, unique.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its version, as whoever made it counts.
    pub version: u64,
    /// How its values are compared.
    pub kind: WarningKind,
    /// The types of attribute that it is about, as MISP names them; empty means all.
    pub attributes: Vec<String>,
    /// The values.
    pub values: Vec<String>,
}

/// How the values of a warning list are compared with a signal's (the types of MISP's lists).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WarningKind {
    /// Addresses in a range.
    Cidr,
    /// A host name, or any name below it.
    Hostname,
    /// The same text.
    String,
    /// A part of the text.
    Substring,
    /// A regular expression.
    Regex,
}

impl From<WarningKind> for Comparison {
    fn from(kind: WarningKind) -> Self {
        match kind {
            WarningKind::Cidr => Comparison::Cidr,
            WarningKind::Hostname => Comparison::Hostname,
            WarningKind::String => Comparison::String,
            WarningKind::Substring => Comparison::Substring,
            WarningKind::Regex => Comparison::Regex,
        }
    }
}

impl From<Comparison> for WarningKind {
    fn from(comparison: Comparison) -> Self {
        match comparison {
            Comparison::Cidr => WarningKind::Cidr,
            Comparison::Hostname => WarningKind::Hostname,
            Comparison::String => WarningKind::String,
            Comparison::Substring => WarningKind::Substring,
            Comparison::Regex => WarningKind::Regex,
        }
    }
}

/// A set that may be asked about privately (RFC 9497): who may ask, and how much. What is in it is
/// nowhere in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateSet {
    /// Its name: a lower-case slug, unique.
    pub name: String,
    /// What it is, for those who may ask.
    pub description: String,
    /// The circle whose members may ask, by its id.
    pub circle: Option<String>,
    /// Parties that may ask; empty means all of the circle or, without one, all whose stance sees
    /// AMBER.
    pub parties: Vec<String>,
    /// Elements that a party may ask about in a day (UTC).
    pub daily: u64,
    /// Outputs in the published set, those that stand for nothing among them.
    pub outputs: u64,
    /// SHA-256 of the published set.
    pub digest: [u8; 32],
}

/// Where a party wants to be told of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Public part, by which it is listed and removed.
    pub id: String,
    /// The party it is for.
    pub party: String,
    /// The account that asked for it.
    pub account: String,
    /// The id of the token that asked for it: it is told what this token may read. None for the
    /// operator's.
    pub token: Option<String>,
    /// Where to send.
    pub url: String,
    /// Ids of the collections it is about; empty means all that the party may read.
    pub collections: Vec<String>,
    /// Whether messages carry the objects, or their ids alone.
    pub objects: bool,
    /// SHA-256 of the secret that messages are signed with, which is 256 random bits: a node that
    /// lost the key it derives secrets from notices.
    pub secret_hash: [u8; 32],
    /// Changes after this instant are told.
    pub since: Instant,
    /// What it is told of; signals alone when empty.
    pub about: Vec<About>,
}
