//! MISP's TAXII servers. It asks discovery at `{base}/taxii2/`, keeps the last segment of each API root
//! alone, and then asks `{base}/{segment}/collections/…` with `basic` in small letters, `limit=50` and
//! a Content-Type on GET; its push goes through taxii2-client to the same address.

use std::io;

use serde_json::Value;
use ureq::http::StatusCode;

use super::super::link::Ask;
use super::super::pages::{Way, taxii_json};
use super::super::report::{Report, Rule, Wrong, held};
use super::super::session::Session;
use super::super::usable::type_of;
use super::{USABLE, first_page, last_segment, usable};

const DISCOVERY: Rule = Rule {
    id: "misp-discovery",
    section: "MISP, TAXII servers",
    says: "discovery at /taxii2/ lists API roots",
};
const PREFIX: Rule = Rule {
    id: "misp-prefix",
    section: "MISP, TAXII servers",
    says: "the last segment of the API root alone leads to the collections",
};
const BASIC: Rule = Rule {
    id: "misp-basic",
    section: "MISP, TAXII servers; RFC 9110 §11.1",
    says: "'basic' in small letters, and a Content-Type on GET, are taken as MISP sends them",
};
const OBJECTS: Rule = Rule {
    id: "misp-objects",
    section: "MISP, TAXII servers",
    says: "objects can be looked at 50 at a time, by next",
};
const PUSH: Rule = Rule {
    id: "misp-push",
    section: "MISP, TAXII servers; TAXII 2.1 §5.5",
    says: "events can be pushed: the collection can be written to",
};
const FEED: Rule = Rule {
    id: "misp-feed",
    section: "MISP, feeds",
    says: "the server has a MISP feed, which MISP takes in without TAXII",
};

const REMEDY: &str = "MISP shows objects of TAXII servers, and takes in few; give it a MISP feed";

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let ask = Ask::get("/taxii2/");
    report.check(&DISCOVERY, &ask.shown(), || {
        let told = taxii_json(&session.link.ask(&ask)?)?;
        match told.get("api_roots").and_then(Value::as_array) {
            Some(roots) if !roots.is_empty() => held(format!("{} API roots", roots.len())),
            _ => Err(Wrong::failed(
                "no api_roots",
                "MISP's form stays empty",
                "list the API roots at /taxii2/",
            )),
        }
    })?;
    root(session, report)?;
    let Ok(collection) = session.readable() else {
        return Ok(());
    };
    let path = collection.objects();
    let ask = Ask::get(&path).query(&[("limit", "50")]).by_misp();
    report.check(&OBJECTS, &ask.shown(), || {
        let (_, page) = first_page(session, &ask)?;
        page.onward(Way::Next).map_err(Wrong::stops_the_client)?;
        held(format!("{} objects, more: {}", page.items.len(), page.more))
    })?;
    report.check(&PUSH, &Ask::get(&collection.path).shown(), || {
        if collection.can_write {
            return held("can_write: true (--write tries it)");
        }
        let means = "MISP can read here, and not push";
        let remedy = "give its account the right to publish, if it should push";
        Err(Wrong::warning("can_write: false", means, remedy))
    })?;
    let ask = Ask::get("/manifest.json").accept(Some("application/json"));
    report.check(&FEED, &ask.shown(), || {
        let answer = session.link.ask(&ask)?;
        if answer.status == StatusCode::OK && answer.json().is_some() {
            return held(answer.shown());
        }
        // A feed may be at any address: none at this one is no fault.
        Err(Wrong::skipped(
            "none at the root of the host; it may be elsewhere",
        ))
    })?;
    report.check(&USABLE, &ask_all(&path), || {
        usable(session, &[("limit", "50")], Way::Next, REMEDY, verdict)
    })
}

/// The API root, as it signs in there and as it finds it.
fn root(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let ask = Ask::get(&format!("{}collections/", session.root)).by_misp();
    report.check(&BASIC, &format!("{}, basic", ask.shown()), || {
        let answer = session.link.ask(&ask)?;
        if answer.status == StatusCode::OK {
            return held(answer.shown());
        }
        let means = "MISP says that authentication failed, whatever the password";
        let remedy =
            "compare the scheme without regard to capitals, and let GET have a Content-Type";
        Err(Wrong::failed(answer.shown(), means, remedy))
    })?;
    let segment = last_segment(session);
    let short = format!("/{segment}/");
    let ask = Ask::get(&format!("{short}collections/")).by_misp();
    report.check(&PREFIX, &ask.shown(), || {
        let answer = session.link.ask(&ask)?;
        let told = answer.json();
        let listed = told.as_ref().and_then(|told| told.get("collections"));
        if answer.status == StatusCode::OK && listed.is_some() {
            return held(answer.shown());
        }
        Err(Wrong::failed(
            answer.shown(),
            format!(
                "MISP drops what stands before '{segment}' in {} (MISP issue 9860), and finds neither \
                 collections nor where to push",
                session.root
            ),
            format!(
                "serve the API root at {short}, too, or set api_root to '{}' through MISP's API",
                session.root.trim_matches('/')
            ),
        ))
    })
}

fn ask_all(path: &str) -> String {
    Ask::get(path).query(&[("limit", "50")]).shown()
}

fn verdict(object: &Value) -> Result<(), String> {
    match type_of(object) {
        kind if kind.starts_with("x-") => Err(format!("of the custom type {kind}")),
        _ => Ok(()),
    }
}
