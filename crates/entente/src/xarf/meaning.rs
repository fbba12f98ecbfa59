//! What the types of XARF are as requests, and the other way round.

use node::request::{Category, Kind};

/// A type of XARF as a request.
#[derive(Copy, Clone, Debug)]
pub(super) struct Meaning {
    pub(super) category: &'static str,
    pub(super) name: &'static str,
    /// What it is called in a title.
    pub(super) label: &'static str,
    pub(super) kind: Kind,
    pub(super) about: Category,
}

use Category::{Attacks, ChildSafety, Fraud, IntellectualProperty, Privacy, Spam, Vulnerability};
use Kind::{Assistance, IncidentNotice, Takedown};

/// All of them, in the order of the schemas. What can be taken away is asked to be; who runs what
/// attacks others is asked for help; what is only told is a notice.
pub(super) const MEANINGS: &[Meaning] = &[
    of("messaging", "spam", "Spam", Assistance, Spam),
    of(
        "messaging",
        "bulk_messaging",
        "Bulk messages",
        Assistance,
        Spam,
    ),
    of(
        "connection",
        "login_attack",
        "Login attack",
        Assistance,
        Attacks,
    ),
    of("connection", "port_scan", "Port scan", Assistance, Attacks),
    of(
        "connection",
        "ddos",
        "Denial of service",
        Assistance,
        Attacks,
    ),
    of(
        "connection",
        "infected_host",
        "Infected host",
        Assistance,
        Attacks,
    ),
    of(
        "connection",
        "reconnaissance",
        "Reconnaissance",
        Assistance,
        Attacks,
    ),
    of("connection", "scraping", "Scraping", Assistance, Attacks),
    of(
        "connection",
        "sql_injection",
        "SQL injection",
        Assistance,
        Attacks,
    ),
    of(
        "connection",
        "vulnerability_scan",
        "Vulnerability scan",
        Assistance,
        Attacks,
    ),
    of(
        "vulnerability",
        "cve",
        "Vulnerability",
        IncidentNotice,
        Vulnerability,
    ),
    of(
        "vulnerability",
        "open_service",
        "Open service",
        IncidentNotice,
        Vulnerability,
    ),
    of(
        "vulnerability",
        "misconfiguration",
        "Misconfiguration",
        IncidentNotice,
        Vulnerability,
    ),
    of(
        "reputation",
        "blocklist",
        "Listed on a blocklist",
        IncidentNotice,
        Attacks,
    ),
    of(
        "reputation",
        "threat_intelligence",
        "Threat",
        IncidentNotice,
        Attacks,
    ),
    of("infrastructure", "botnet", "Botnet", Assistance, Attacks),
    of(
        "infrastructure",
        "compromised_server",
        "Compromised server",
        Assistance,
        Attacks,
    ),
    of("content", "phishing", "Phishing", Takedown, Fraud),
    of("content", "malware", "Malware", Takedown, Attacks),
    of(
        "content",
        "csam",
        "Sexual abuse of children",
        Takedown,
        ChildSafety,
    ),
    of(
        "content",
        "csem",
        "Sexual exploitation of children",
        Takedown,
        ChildSafety,
    ),
    of("content", "exposed_data", "Exposed data", Takedown, Privacy),
    of(
        "content",
        "brand_infringement",
        "Abuse of a brand",
        Takedown,
        IntellectualProperty,
    ),
    of("content", "fraud", "Fraud", Takedown, Fraud),
    of(
        "content",
        "remote_compromise",
        "Compromised site",
        Takedown,
        Attacks,
    ),
    of(
        "content",
        "suspicious_registration",
        "Suspicious registration",
        Assistance,
        Fraud,
    ),
    of(
        "copyright",
        "copyright",
        "Copyright",
        Takedown,
        IntellectualProperty,
    ),
    of(
        "copyright",
        "p2p",
        "Copyright, peer to peer",
        Takedown,
        IntellectualProperty,
    ),
    of(
        "copyright",
        "cyberlocker",
        "Copyright, file host",
        Takedown,
        IntellectualProperty,
    ),
    of(
        "copyright",
        "ugc_platform",
        "Copyright, platform",
        Takedown,
        IntellectualProperty,
    ),
    of(
        "copyright",
        "link_site",
        "Copyright, links",
        Takedown,
        IntellectualProperty,
    ),
    of(
        "copyright",
        "usenet",
        "Copyright, Usenet",
        Takedown,
        IntellectualProperty,
    ),
];

const fn of(
    category: &'static str,
    name: &'static str,
    label: &'static str,
    kind: Kind,
    about: Category,
) -> Meaning {
    Meaning {
        category,
        name,
        label,
        kind,
        about,
    }
}

/// What a type is as a request.
pub(super) fn meaning_of(category: &str, name: &str) -> Option<&'static Meaning> {
    MEANINGS
        .iter()
        .find(|meaning| meaning.category == category && meaning.name == name)
}

/// The type that says the most of a request without saying more than it does.
///
/// # Errors
/// That there is none, and what to do.
pub(super) fn type_of(kind: Kind, about: Category) -> Result<(&'static str, &'static str), String> {
    match (kind, about) {
        (Kind::Preservation | Kind::Information | Kind::Referral, _) => Err(format!(
            "XARF reports abuse: it has no words for a request of the kind '{kind}'"
        )),
        (_, Category::Vulnerability) => Ok(("vulnerability", "misconfiguration")),
        (_, Category::Spam) => Ok(("messaging", "spam")),
        (Takedown, Category::Fraud) => Ok(("content", "phishing")),
        (Takedown, Category::Attacks) => Ok(("content", "malware")),
        (Takedown, Category::ChildSafety) => Ok(("content", "csam")),
        (Takedown, Category::Privacy | Category::TradeSecrets) => Ok(("content", "exposed_data")),
        (Takedown, Category::IntellectualProperty) => Ok(("copyright", "copyright")),
        (_, Category::Attacks) => Ok(("infrastructure", "compromised_server")),
        (_, about) => Err(format!(
            "XARF has no type for '{about}' as a request of the kind '{kind}': if one of its types \
             is right nevertheless, name it with --type CATEGORY/TYPE"
        )),
    }
}

/// Whether payloads of a type are never kept nor sent on: pictures of abused children are a crime to
/// hold, and do harm again.
pub(super) fn is_sealed(category: &str, name: &str) -> bool {
    category == "content" && matches!(name, "csam" | "csem")
}

#[cfg(test)]
mod tests {
    use super::super::tables::KINDS;
    use super::*;

    #[test]
    fn every_type_of_the_schemas_has_a_meaning() {
        assert_eq!(KINDS.len(), MEANINGS.len());
        for kind in KINDS {
            assert!(meaning_of(kind.category, kind.name).is_some(), "{kind:?}");
        }
    }

    #[test]
    fn a_type_that_is_chosen_is_one_of_the_schemas() {
        for kind in Kind::ALL {
            for about in Category::ALL {
                if let Ok((category, name)) = type_of(*kind, *about) {
                    assert!(meaning_of(category, name).is_some(), "{category}/{name}");
                }
            }
        }
    }
}
