//! Microsoft Sentinel, data connector "Threat intelligence - TAXII". Its manual: an API root, a
//! collection id, user and password; polls once a minute, hour or day; takes indicators, attack
//! patterns, identities, threat actors and relationships. It reaches public addresses alone.

use std::io;

use serde_json::Value;
use ureq::http::StatusCode;

use super::super::link::Ask;
use super::super::pages::{Way, taxii_json};
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::Session;
use super::super::usable::{equality, is_revoked, only_test, stix_pattern, type_of};
use super::{USABLE, first_page, usable};

const REACHED: Rule = Rule {
    id: "sentinel-reaches",
    section: "Sentinel's connector",
    says: "Sentinel can reach the server: a public host with https",
};
const BASIC: Rule = Rule {
    id: "sentinel-basic",
    section: "Sentinel's connector; RFC 7617",
    says: "user and password are enough; a token goes as the password",
};
const ROOT: Rule = Rule {
    id: "sentinel-root",
    section: "TAXII 2.1 §4.2, §5.2",
    says: "API root and collection id lead to the collection, without discovery",
};
const FIRST: Rule = Rule {
    id: "sentinel-first",
    section: "TAXII 2.1 §5.4",
    says: "the first poll, from the beginning or from a date on, is answered",
};
const NEWS: Rule = Rule {
    id: "sentinel-news",
    section: "TAXII 2.1 §3.5",
    says: "a later poll, from the last date added on, brings what is new and nothing else",
};

const TYPES: [&str; 5] = [
    "indicator",
    "attack-pattern",
    "identity",
    "threat-actor",
    "relationship",
];
const VALUES: [&str; 6] = [
    "ipv4-addr:value",
    "ipv6-addr:value",
    "domain-name:value",
    "url:value",
    "email-addr:value",
    "file:hashes",
];
const REMEDY: &str =
    "publish one indicator for each value, as [type:value = '…'], in STIX patterns";

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let origin = session.link.origin();
    report.check(&REACHED, &origin.origin(), || {
        if origin.is_encrypted() && !origin.is_near() {
            return held(origin.origin());
        }
        let came = if origin.is_encrypted() {
            "an address of this machine"
        } else {
            "not encrypted"
        };
        let means = "Sentinel runs in Microsoft's cloud: it reaches public hosts, and sends the \
                     password in every poll";
        let remedy = "give it the public https address; check that one, too";
        Err(Wrong::warning(came, means, remedy))
    })?;
    report.check(&BASIC, &format!("GET {}, Basic", session.root), || {
        basic(session)
    })?;
    let Ok(collection) = session.readable() else {
        return Ok(());
    };
    let ask = Ask::get(&collection.path);
    report.check(&ROOT, &ask.shown(), || {
        let told = taxii_json(&session.link.ask(&ask)?)?;
        match told.get("can_read").and_then(Value::as_bool) {
            Some(true) => held(format!(
                "API root {}, collection {}",
                session.root, collection.id
            )),
            _ => Err(Wrong::failed(
                "can_read is not true",
                "the connector stays without data, and says nothing",
                "give its account the right to read",
            )),
        }
    })?;
    let path = collection.objects();
    let begin = [("added_after", "2026-01-01T00:00:00.000000Z")];
    let asks = [Ask::get(&path), Ask::get(&path).query(&begin)];
    report.check(&FIRST, &format!("GET {path}, then from a date on"), || {
        let mut counts = Vec::new();
        for ask in &asks {
            let (_, page) = first_page(session, ask).map_err(|wrong| wrong.at(&ask.shown()))?;
            counts.push(page.items.len().to_string());
        }
        held(format!(
            "{} objects on the first pages",
            counts.join(" and ")
        ))
    })?;
    report.check(&NEWS, &format!("GET {path}?added_after=…"), || {
        news(session, &path)
    })?;
    report.check(&USABLE, &format!("GET {path}"), || {
        usable(session, &[], Way::Next, REMEDY, verdict)
    })
}

fn basic(session: &Session<'_>) -> Judged {
    let answer = session.link.ask(&Ask::get(&session.root))?;
    if answer.status == StatusCode::OK {
        return held(answer.shown());
    }
    let means = "the connector cannot sign in: it knows user and password alone";
    Err(Wrong::failed(
        answer.shown(),
        means,
        "take Basic, with a token as the password",
    ))
}

/// Goes on from the last date of all.
fn news(session: &Session<'_>, path: &str) -> Judged {
    let mut query: Vec<(&str, String)> = Vec::new();
    for _ in 0..super::super::pages::MOST_PAGES {
        let asked: Vec<(&str, &str)> = query.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let (_, page) = first_page(session, &Ask::get(path).query(&asked))?;
        if let Some((name, value)) = page.onward(Way::Next).map_err(Wrong::stops_the_client)? {
            query = vec![(name, value)];
            continue;
        }
        if page.items.is_empty() && query.is_empty() {
            return Err(Wrong::skipped(
                "the collection is empty for these credentials",
            ));
        }
        let last = page.last.ok_or_else(|| {
            Wrong::failed(
                "no X-TAXII-Date-Added-Last",
                "the connector does not know from where to go on",
                "send it with every list that has objects",
            )
        })?;
        let ask = Ask::get(path).query(&[("added_after", &last)]);
        let (_, page) = first_page(session, &ask)?;
        if page.items.is_empty() {
            return held("nothing, as nothing was added");
        }
        let came = format!("{} objects again", page.items.len());
        let means = "each poll imports them anew";
        let remedy = "answer what is strictly after added_after";
        return Err(Wrong::warning(came, means, remedy));
    }
    Err(Wrong::skipped("there are more pages than are read here"))
}

fn verdict(object: &Value) -> Result<(), String> {
    let kind = type_of(object);
    if !TYPES.contains(&kind) {
        return Err(format!("of type {kind}, which it does not import"));
    }
    if is_revoked(object) {
        return Err("revoked".into());
    }
    if kind != "indicator" {
        return Ok(());
    }
    let pattern = stix_pattern(object)?;
    let test = only_test(&pattern)?;
    match equality(test) {
        Some(value) if VALUES.contains(&value.as_str()) => Ok(()),
        Some(value) => Err(format!(
            "pattern about {value}, which no rule of it matches"
        )),
        None => Err("pattern that is no comparison for equality".into()),
    }
}
