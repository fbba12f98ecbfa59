//! The schemas of XARF v4 (core and 32 types, xarf-spec at 4.2) as tables.
//!
//! `tests/outside/xarf.py` holds them against the schemas themselves.

mod connection;
mod content;
mod copyright;
mod messaging;
mod systems;

use super::rule::Form::{DateTime, Digest, Email, Hostname, Tag, Uuid, Version};
use super::rule::Rule::{self, Closed, Form, List, Number, Open, Short, Text, Whole, Word};
use super::rule::{Also, Field, Kind, PORT, hint, may, must};

/// Octets of the largest item of evidence.
pub(in crate::xarf) const LARGEST_ITEM: f64 = 5_242_880.0;
const CONTACT: Rule = Closed(&[
    must("org", Short(200)),
    must("contact", Form(Email)),
    must("domain", Form(Hostname)),
]);
const EVIDENCE: Rule = Closed(&[
    must("content_type", Text),
    hint("description", Short(500)),
    must("payload", Text),
    hint("hash", Form(Digest("md5 sha1 sha256 sha512"))),
    may("size", Whole(0.0, LARGEST_ITEM)),
]);
const INTERNAL: Rule = Open(&[]);
pub(in crate::xarf) const CORE: &[Field] = &[
    must("xarf_version", Form(Version)),
    must("report_id", Form(Uuid)),
    must("timestamp", Form(DateTime)),
    must("reporter", CONTACT),
    must("sender", CONTACT),
    must("source_identifier", Text),
    hint("source_port", PORT),
    hint("evidence_source", Text),
    hint("evidence", List(&EVIDENCE, 0, 50)),
    may("tags", List(&Form(Tag), 0, 20)),
    hint("confidence", Number(0.0, 1.0)),
    may("description", Short(1000)),
    may("legacy_version", Word("3")),
    may("_internal", INTERNAL),
];

/// Every category with its types.
pub(in crate::xarf) const KINDS: &[Kind] = &[
    one("messaging", "spam", messaging::SPAM).also(Also::SmtpHasSender),
    one("messaging", "bulk_messaging", messaging::BULK_MESSAGING).also(Also::SmtpHasSender),
    one("connection", "login_attack", connection::LOGIN_ATTACK).also(Also::AddressHasPort),
    one("connection", "port_scan", connection::PORT_SCAN).also(Also::AddressHasPort),
    one("connection", "ddos", connection::DDOS).also(Also::AddressHasPort),
    one("connection", "infected_host", connection::INFECTED_HOST),
    one("connection", "reconnaissance", connection::RECONNAISSANCE),
    one("connection", "scraping", connection::SCRAPING),
    one("connection", "sql_injection", connection::SQL_INJECTION),
    one(
        "connection",
        "vulnerability_scan",
        connection::VULNERABILITY_SCAN,
    ),
    one("vulnerability", "cve", systems::CVE),
    one("vulnerability", "open_service", systems::OPEN_SERVICE),
    one(
        "vulnerability",
        "misconfiguration",
        systems::MISCONFIGURATION,
    ),
    one("reputation", "blocklist", systems::BLOCKLIST),
    one(
        "reputation",
        "threat_intelligence",
        systems::THREAT_INTELLIGENCE,
    ),
    one("infrastructure", "botnet", systems::BOTNET),
    one(
        "infrastructure",
        "compromised_server",
        systems::COMPROMISED_SERVER,
    ),
    one("content", "phishing", content::PHISHING),
    one("content", "malware", content::MALWARE),
    one("content", "csam", content::CSAM),
    one("content", "csem", content::CSEM),
    one("content", "exposed_data", content::EXPOSED_DATA),
    one("content", "brand_infringement", content::BRAND_INFRINGEMENT),
    one("content", "fraud", content::FRAUD),
    one("content", "remote_compromise", content::REMOTE_COMPROMISE),
    one(
        "content",
        "suspicious_registration",
        content::SUSPICIOUS_REGISTRATION,
    ),
    one("copyright", "copyright", copyright::COPYRIGHT),
    one("copyright", "p2p", copyright::P2P).also(Also::SwarmIsNamed),
    one("copyright", "cyberlocker", copyright::CYBERLOCKER),
    one("copyright", "ugc_platform", copyright::UGC_PLATFORM),
    one("copyright", "link_site", copyright::LINK_SITE),
    one("copyright", "usenet", copyright::USENET).also(Also::MessageIsNamed),
];

const fn one(category: &'static str, name: &'static str, fields: &'static [Field]) -> Kind {
    let also = Also::Nothing;
    Kind {
        category,
        name,
        fields,
        also,
    }
}

/// What the reports of a category share.
pub(in crate::xarf) fn base(category: &str) -> &'static [Field] {
    if category == "content" {
        content::BASE
    } else {
        &[]
    }
}
