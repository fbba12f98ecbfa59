//! Filters, and parameters that are wrong (§3.4).

use std::io;

use serde_json::Value;
use ureq::http::StatusCode;

use super::super::link::Ask;
use super::super::pages::Page;
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::{Collection, Session};

const BAD_LIMIT: Rule = Rule {
    id: "malformed-limit",
    section: "TAXII 2.1 §3.4, §3.6.1",
    says: "a limit that is 0, negative or a word is 400 with a TAXII error",
};
const BAD_DATE: Rule = Rule {
    id: "malformed-added-after",
    section: "TAXII 2.1 §3.4, §3.6.1",
    says: "an added_after that is no timestamp is 400 with a TAXII error",
};
const BAD_VERSION: Rule = Rule {
    id: "malformed-match-version",
    section: "TAXII 2.1 §3.4, §3.6.1",
    says: "match[version] with 'all' beside another value is 400 with a TAXII error",
};
const BAD_NEXT: Rule = Rule {
    id: "malformed-next",
    section: "TAXII 2.1 §3.4, §3.6.1",
    says: "a next that the server never gave is 4xx with a TAXII error",
};
const BY_ID: Rule = Rule {
    id: "match-id",
    section: "TAXII 2.1 §3.4",
    says: "match[id] gives that object alone",
};
const BY_TYPE: Rule = Rule {
    id: "match-type",
    section: "TAXII 2.1 §3.4",
    says: "match[type] gives that type alone",
};
const BY_VERSION: Rule = Rule {
    id: "match-version",
    section: "TAXII 2.1 §3.4",
    says: "match[version] takes first, last, all and an instant in any digits",
};
const FUTURE: Rule = Rule {
    id: "added-after-future",
    section: "TAXII 2.1 §3.4",
    says: "nothing was added after a date in the future",
};

const DIGITS: Rule = Rule {
    id: "added-after-digits",
    section: "TAXII 2.1 §2 asks clients for six; RFC 3339",
    says: "an added_after with fewer digits than six is taken",
};

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let Ok(collection) = session.readable() else {
        return Ok(());
    };
    let wrong: [(&Rule, &str, &[&str]); 4] = [
        (&BAD_LIMIT, "limit", &["0", "-1", "ten"]),
        (
            &BAD_DATE,
            "added_after",
            &["yesterday", "2026-02-30T00:00:00Z"],
        ),
        (&BAD_VERSION, "match[version]", &["all,last"]),
        (&BAD_NEXT, "next", &["entente-taxii-check"]),
    ];
    for (rule, name, values) in wrong {
        let paths = [collection.objects(), collection.manifest()];
        let asked = format!(
            "GET {}?{name}={}",
            collection.objects(),
            values.join(" and ")
        );
        report.check(rule, &asked, || {
            for path in &paths {
                for value in values {
                    let ask = Ask::get(path).query(&[(name, value)]);
                    refused(session, &ask, name).map_err(|wrong| wrong.at(&ask.shown()))?;
                }
            }
            held("400, for objects and for the manifest")
        })?;
    }
    matches(session, collection, report)?;
    let ask =
        Ask::get(&collection.objects()).query(&[("added_after", "2099-01-01T00:00:00.000000Z")]);
    report.check(&FUTURE, &ask.shown(), || {
        let page = Page::of(&session.link.ask(&ask)?, "objects")?;
        if page.keys.is_empty() {
            return held("nothing");
        }
        let means = "clients that poll for news get everything each time";
        let came = format!("{} objects", page.keys.len());
        Err(Wrong::failed(came, means, "apply added_after"))
    })?;
    let asked = format!(
        "GET {}?added_after=2099-01-01T00:00:00Z",
        collection.objects()
    );
    report.check(&DIGITS, &asked, || {
        for date in ["2099-01-01T00:00:00Z", "2099-01-01T00:00:00.000Z"] {
            let ask = Ask::get(&collection.objects()).query(&[("added_after", date)]);
            let answer = session.link.ask(&ask)?;
            if answer.status != StatusCode::OK {
                let means = "OpenCTI sends three digits, people none";
                let remedy = "take any digits, and compare instants";
                return Err(Wrong::warning(answer.shown(), means, remedy).at(&ask.shown()));
            }
        }
        held("none and three")
    })
}

fn refused(session: &Session<'_>, ask: &Ask, name: &str) -> Judged {
    let answer = session.link.ask(ask)?;
    if !answer.status.is_client_error() {
        return Err(Wrong::failed(
            answer.shown(),
            "a client that is wrong is not told, and gets too much, nothing, or a server error",
            format!("answer 400, naming {name}"),
        ));
    }
    if name != "next" && answer.status != StatusCode::BAD_REQUEST {
        let means = "clients take it for something else than a wrong parameter";
        return Err(Wrong::warning(answer.shown(), means, "answer 400"));
    }
    super::errors::taxii_error(&answer)
}

fn matches(session: &Session<'_>, collection: &Collection, report: &mut Report) -> io::Result<()> {
    let path = collection.objects();
    let first = Page::read(session.link, &path, &[("limit", "1")], "objects").ok();
    let object = first.as_ref().and_then(|page| page.items.first());
    let text = |name: &str| object.and_then(|object| object.get(name)?.as_str());
    let (Some(id), Some(kind)) = (text("id"), text("type")) else {
        for rule in [&BY_ID, &BY_TYPE, &BY_VERSION] {
            report.check(rule, "", || {
                Err(Wrong::skipped(
                    "the collection is empty for these credentials",
                ))
            })?;
        }
        return Ok(());
    };
    for (rule, name, member, value) in [
        (&BY_ID, "match[id]", "id", id),
        (&BY_TYPE, "match[type]", "type", kind),
    ] {
        let ask = Ask::get(&path).query(&[(name, value), ("limit", "20")]);
        report.check(rule, &ask.shown(), || {
            let page = Page::of(&session.link.ask(&ask)?, "objects")?;
            let fits = |item: &Value| item.get(member).and_then(Value::as_str) == Some(value);
            if !page.items.is_empty() && page.items.iter().all(fits) {
                return held(format!("{} objects", page.items.len()));
            }
            let others = page.items.iter().filter(|item| !fits(item)).count();
            let came = format!("{} objects, {others} of them others", page.items.len());
            let means = "clients that ask for some objects get others";
            Err(Wrong::failed(came, means, format!("apply {name}")))
        })?;
    }
    let version = text("modified").or_else(|| text("created"));
    let instants = version.map(|version| vec![version.to_owned(), finer(version)]);
    let mut values = vec!["first".to_owned(), "last".into(), "all".into()];
    values.extend(instants.into_iter().flatten());
    let asked = Ask::get(&path).query(&[("match[id]", id), ("match[version]", "…")]);
    report.check(&BY_VERSION, &asked.shown(), || {
        for value in &values {
            let ask = Ask::get(&path).query(&[("match[id]", id), ("match[version]", value)]);
            let page = Page::of(&session.link.ask(&ask)?, "objects")
                .map_err(|wrong| wrong.at(&ask.shown()))?;
            if page.items.is_empty() {
                let means = "clients that ask for a version get none";
                let remedy = "compare instants, not texts; know first, last and all";
                return Err(Wrong::failed("nothing", means, remedy).at(&ask.shown()));
            }
        }
        held(values.join(", "))
    })
}

/// The same instant with three more digits.
fn finer(version: &str) -> String {
    let bare = version.trim_end_matches('Z');
    let point = if bare.contains('.') { "" } else { "." };
    format!("{bare}{point}000Z")
}
