//! Cortex XSOAR, TAXII 2 Feed (`TAXII2ApiModule`). It uses taxii2-client: discovery at an address that
//! ends in taxii or taxii2, the default API root, the collection by its title, 100 objects a request.
//! It parses a fixed list of types, takes equality of values it knows out of patterns, can be told to
//! skip patterns with more than one, and knows the markings of TLP 1 alone.

use std::io;

use serde_json::Value;
use ureq::http::StatusCode;

use super::super::link::Ask;
use super::super::pages::Way;
use super::super::report::{Report, Rule, Wrong, held};
use super::super::session::Session;
use super::super::usable::{equality, only_test, stix_pattern, text, type_of};
use super::{USABLE, first_page, taxii2_client_discovery, titles_are_unique, token_scheme, usable};

const SUFFIX: Rule = Rule {
    id: "xsoar-suffix",
    section: "XSOAR, TAXII 2 Feed",
    says: "discovery is at an address that ends in taxii2",
};
const DISCOVERY: Rule = Rule {
    id: "xsoar-discovery",
    section: "XSOAR, TAXII 2 Feed",
    says: "discovery leads to an API root",
};
const VERSION: Rule = Rule {
    id: "xsoar-version",
    section: "XSOAR, TAXII 2 Feed; TAXII 2.1 §3.1",
    says: "TAXII 2.1 is not answered with 406, at which it would fall back to 2.0",
};
const TITLES: Rule = Rule {
    id: "xsoar-titles",
    section: "XSOAR, TAXII 2 Feed",
    says: "each collection has a title of its own",
};
const PAGE: Rule = Rule {
    id: "xsoar-page",
    section: "XSOAR, TAXII 2 Feed",
    says: "objects come 100 at a time; no page is empty before the last",
};

/// What it has a parser for, besides indicators.
const TYPES: [&str; 23] = [
    "attack-pattern",
    "malware",
    "report",
    "course-of-action",
    "campaign",
    "intrusion-set",
    "tool",
    "threat-actor",
    "infrastructure",
    "domain-name",
    "ipv4-addr",
    "ipv6-addr",
    "email-addr",
    "url",
    "autonomous-system",
    "file",
    "mutex",
    "user-account",
    "windows-registry-key",
    "identity",
    "location",
    "vulnerability",
    "x509-certificate",
];
const VALUES: [&str; 8] = [
    "ipv4-addr:value",
    "ipv6-addr:value",
    "domain-name:value",
    "url:value",
    "email-addr:value",
    "file:hashes",
    "mutex:name",
    "windows-registry-key:key",
];
const REMEDY: &str =
    "publish one indicator for each value, as [type:value = '…'], in STIX patterns";

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let discovery = Ask::get(&session.discovery_path);
    report.check(&SUFFIX, &session.discovery_path, || {
        let path = session.discovery_path.trim_end_matches('/');
        if path.ends_with("taxii2") || path.ends_with("taxii") {
            return held(path);
        }
        let means = "XSOAR says that the address is not valid";
        Err(Wrong::warning(path, means, "serve discovery at /taxii2/"))
    })?;
    report.check(&DISCOVERY, &discovery.shown(), || {
        taxii2_client_discovery(session)
    })?;
    token_scheme(session, report)?;
    report.check(&VERSION, &discovery.shown(), || {
        let answer = session.link.ask(&discovery)?;
        if answer.status == StatusCode::NOT_ACCEPTABLE {
            let means = "it falls back to TAXII 2.0, where pages and filters are others";
            let remedy = "serve application/taxii+json;version=2.1";
            return Err(Wrong::failed(answer.shown(), means, remedy));
        }
        held(answer.shown())
    })?;
    report.check(&TITLES, "", || titles_are_unique(session))?;
    let Ok(collection) = session.readable() else {
        return Ok(());
    };
    let ask = Ask::get(&collection.objects()).query(&[("limit", "100")]);
    report.check(&PAGE, &ask.shown(), || {
        let (_, page) = first_page(session, &ask)?;
        page.onward(Way::Next).map_err(Wrong::stops_the_client)?;
        if page.items.is_empty() && page.more {
            let means = "it stops at a page without objects, and misses the rest";
            let remedy = "give objects with every page that says more";
            return Err(Wrong::failed("an empty page that says more", means, remedy));
        }
        held(format!("{} objects, more: {}", page.items.len(), page.more))
    })?;
    report.check(&USABLE, &ask.shown(), || {
        usable(session, &[("limit", "100")], Way::Next, REMEDY, verdict)
    })
}

fn verdict(object: &Value) -> Result<(), String> {
    let kind = type_of(object);
    match kind {
        "relationship" => Ok(()),
        "vulnerability" => {
            let references = object.get("external_references").and_then(Value::as_array);
            let named = references.is_some_and(|references| {
                let cve = |one: &Value| text(one, "source_name") == Some("cve");
                references
                    .iter()
                    .any(|one| cve(one) && one.get("external_id").is_some())
            });
            named
                .then_some(())
                .ok_or_else(|| "vulnerability without a cve reference".into())
        }
        "file" => {
            let known = ["SHA-256", "SHA-1", "MD5"];
            let hashes = object.get("hashes");
            let named = known
                .iter()
                .any(|name| hashes.is_some_and(|all| all.get(name).is_some()));
            named
                .then_some(())
                .ok_or_else(|| "file without SHA-256, SHA-1 or MD5".into())
        }
        "indicator" => {
            let pattern = stix_pattern(object)?;
            let test =
                only_test(&pattern).map_err(|why| format!("{why}, when told to skip these"))?;
            match equality(test) {
                Some(value) if VALUES.contains(&value.as_str()) => Ok(()),
                Some(value) => Err(format!("pattern about {value}")),
                None => Err("pattern that is no comparison for equality".into()),
            }
        }
        _ if TYPES.contains(&kind) => Ok(()),
        _ => Err(format!("of type {kind}, which it does not parse")),
    }
}
