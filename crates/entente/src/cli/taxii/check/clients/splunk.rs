//! Splunk Enterprise Security. Its threat intelligence framework takes TAXII 1.x alone before 8.2, and
//! TAXII 2.x from 8.2 on, with user and password; what it takes in becomes rows of its collections for
//! addresses, domains, URLs, files, e-mail, registry keys and certificates.

use std::io;

use serde_json::Value;

use super::super::link::Ask;
use super::super::pages::Way;
use super::super::report::{Report, Rule, Wrong, held};
use super::super::session::Session;
use super::super::usable::{equality, is_revoked, stix_pattern, type_of};
use super::{USABLE, first_page, taxii2_client_discovery, usable};

const VERSION: Rule = Rule {
    id: "splunk-version",
    section: "Splunk ES, threat intelligence framework",
    says: "Splunk ES is 8.2 or newer: TAXII 2 is not known before",
};
const DISCOVERY: Rule = Rule {
    id: "splunk-discovery",
    section: "TAXII 2.1 §4.1",
    says: "discovery leads to an API root",
};
const FIRST: Rule = Rule {
    id: "splunk-first",
    section: "TAXII 2.1 §5.4",
    says: "a poll from an earliest date on is answered",
};

const VALUES: [&str; 9] = [
    "ipv4-addr:value",
    "ipv6-addr:value",
    "domain-name:value",
    "url:value",
    "email-addr:value",
    "file:hashes",
    "file:name",
    "windows-registry-key:key",
    "x509-certificate:serial_number",
];
const REMEDY: &str = "publish indicators whose patterns compare values for equality";

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    report.check(&VERSION, "", || {
        // It cannot be seen from here: a server does not know who will come.
        Err(Wrong::skipped(
            "look at your Splunk: ES before 8.2 wants TAXII 1.x or a CSV list by URL",
        ))
    })?;
    let discovery = Ask::get(&session.discovery_path);
    report.check(&DISCOVERY, &discovery.shown(), || {
        taxii2_client_discovery(session)
    })?;
    let Ok(collection) = session.readable() else {
        return Ok(());
    };
    let begin = [("added_after", "2020-01-01T00:00:00.000000Z")];
    let ask = Ask::get(&collection.objects()).query(&begin);
    report.check(&FIRST, &ask.shown(), || {
        let (_, page) = first_page(session, &ask)?;
        page.onward(Way::Next).map_err(Wrong::stops_the_client)?;
        held(format!("{} objects, more: {}", page.items.len(), page.more))
    })?;
    report.check(&USABLE, &ask.shown(), || {
        usable(session, &begin, Way::Next, REMEDY, verdict)
    })
}

fn verdict(object: &Value) -> Result<(), String> {
    let kind = type_of(object);
    if kind != "indicator" {
        return Err(format!("of type {kind}: only indicators become rows"));
    }
    if is_revoked(object) {
        return Err("revoked".into());
    }
    let pattern = stix_pattern(object)?;
    let known = pattern
        .atoms()
        .into_iter()
        .filter_map(equality)
        .any(|value| VALUES.contains(&value.as_str()));
    known
        .then_some(())
        .ok_or_else(|| "pattern without a value it keeps".into())
}
