//! OpenCTI. Its TAXII feeds (`ingestionManager`) ask `{root}collections/{id}/objects/` with `next` and
//! `added_after` together, go on while `more` and `next` are there, and then from
//! X-TAXII-Date-Added-Last, cut to milliseconds. Its connector taxii2 uses taxii2-client, finds the API
//! root by the last segment of its path and the collection by its title, both around one dot, and takes
//! a first object without `spec_version` for TAXII 2.0.

use std::io;

use serde_json::Value;

use super::super::super::super::output::plain;
use super::super::link::Ask;
use super::super::pages::{Page, Way};
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::Session;
use super::super::usable::{stix_pattern, text, type_of};
use super::{
    USABLE, first_page, last_segment, taxii2_client_discovery, titles_are_unique, token_scheme,
    usable,
};

const FEED: Rule = Rule {
    id: "opencti-feed",
    section: "OpenCTI, TAXII feeds",
    says: "API root and collection id lead to objects",
};
const NEXT: Rule = Rule {
    id: "opencti-next",
    section: "OpenCTI, TAXII feeds; TAXII 2.1 §3.7",
    says: "next is a text",
};
const BOTH: Rule = Rule {
    id: "opencti-both",
    section: "OpenCTI, TAXII feeds",
    says: "added_after and next together go on where next says",
};
const NEWS: Rule = Rule {
    id: "opencti-news",
    section: "OpenCTI, TAXII feeds; TAXII 2.1 §3.5",
    says: "the last date added, cut to milliseconds, is taken, and brings little again",
};
const DISCOVERY: Rule = Rule {
    id: "opencti-discovery",
    section: "OpenCTI, connector taxii2",
    says: "discovery names the API root",
};
const NAMES: Rule = Rule {
    id: "opencti-names",
    section: "OpenCTI, connector taxii2",
    says: "root and title can be written as root.title: neither has a dot",
};
const TITLES: Rule = Rule {
    id: "opencti-titles",
    section: "OpenCTI, connector taxii2",
    says: "each collection has a title of its own",
};
const FIRST: Rule = Rule {
    id: "opencti-spec-version",
    section: "OpenCTI, connector taxii2; STIX 2.1 §3.2",
    says: "the first object of a page says its spec_version",
};

/// Where a feed begins.
const BEGIN: &str = "2015-01-01T00:00:00.000Z";
const REMEDY: &str = "give indicators name, pattern and pattern_type";

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let Ok(collection) = session.readable() else {
        return Ok(());
    };
    let path = collection.objects();
    let begin = Ask::get(&path).query(&[("added_after", BEGIN)]);
    report.check(&FEED, &begin.shown(), || {
        let (_, page) = first_page(session, &begin)?;
        held(format!("{} objects, more: {}", page.items.len(), page.more))
    })?;
    let short = Ask::get(&path).query(&[("added_after", BEGIN), ("limit", "1")]);
    report.check(&NEXT, &short.shown(), || {
        let (_, page) = first_page(session, &short)?;
        match page.onward(Way::Next).map_err(Wrong::stops_the_client)? {
            Some((_, next)) => held(format!("next: \"{}\"", plain(&next))),
            None => Err(few()),
        }
    })?;
    let asked = format!("GET {path}?next=…&added_after={BEGIN}");
    report.check(&BOTH, &asked, || both(session, &path, &short))?;
    report.check(&NEWS, &format!("GET {path}?added_after=…"), || {
        news(session, &path)
    })?;
    token_scheme(session, report)?;
    let discovery = Ask::get(&session.discovery_path);
    report.check(&DISCOVERY, &discovery.shown(), || {
        taxii2_client_discovery(session)
    })?;
    let name = format!("{}.{}", last_segment(session), collection.title);
    report.check(&NAMES, &name, || {
        if name.matches('.').count() == 1 {
            return held(plain(&name).into_owned());
        }
        let means = "the connector cuts it at the dot, and ends with an error";
        let remedy = "use a TAXII feed, which goes by the id, or a title without a dot";
        Err(Wrong::warning(plain(&name), means, remedy))
    })?;
    report.check(&TITLES, "", || titles_are_unique(session))?;
    report.check(&FIRST, &begin.shown(), || {
        let (_, page) = first_page(session, &begin)?;
        spec_version(&page)
    })?;
    report.check(&USABLE, &begin.shown(), || {
        usable(
            session,
            &[("added_after", BEGIN)],
            Way::Next,
            REMEDY,
            verdict,
        )
    })
}

fn few() -> Wrong {
    Wrong::skipped("the collection has too few objects for these credentials to page through")
}

fn both(session: &Session<'_>, path: &str, short: &Ask) -> Judged {
    let (_, first) = first_page(session, short)?;
    let Some((_, next)) = first.onward(Way::Next).map_err(Wrong::stops_the_client)? else {
        return Err(few());
    };
    let query = [
        ("next", next.as_str()),
        ("added_after", BEGIN),
        ("limit", "1"),
    ];
    let (_, second) = first_page(session, &Ask::get(path).query(&query))?;
    let repeated = second.keys.iter().any(|key| first.keys.contains(key));
    if repeated || second.keys.is_empty() {
        let came = if repeated {
            "the first page again"
        } else {
            "an empty page"
        };
        let means = "the feed never comes to its end, or forgets its place at the empty page";
        let remedy = "let next win over added_after";
        return Err(Wrong::failed(came, means, remedy));
    }
    held("the page after the first")
}

/// How many objects come again when the last date added is cut to milliseconds.
fn news(session: &Session<'_>, path: &str) -> Judged {
    let (_, page) = first_page(session, &Ask::get(path))?;
    if page.items.is_empty() {
        return Err(Wrong::skipped(
            "the collection is empty for these credentials",
        ));
    }
    let last = page.last.clone().ok_or_else(|| {
        Wrong::failed(
            "no X-TAXII-Date-Added-Last",
            "the feed goes on from its own clock, and loses what was added meanwhile",
            "send it with every list that has objects",
        )
    })?;
    let cut = milliseconds(&last);
    let ask = Ask::get(path).query(&[("added_after", &cut)]);
    let (_, again) = first_page(session, &ask)?;
    let repeated = again
        .keys
        .iter()
        .filter(|key| page.keys.contains(key))
        .count();
    if repeated > 1 {
        let came = format!(
            "{repeated} of {} again after {}",
            page.keys.len(),
            plain(&cut)
        );
        let means = "OpenCTI cuts dates to milliseconds, and imports these at each poll until \
                     something newer comes: work, but no harm, as it knows them by their ids";
        let remedy = "nothing is lost; smaller envelopes make it less";
        return Err(Wrong::warning(came, means, remedy));
    }
    held(format!("{repeated} again, which OpenCTI knows by its id"))
}

/// As JavaScript's `toISOString` writes it.
fn milliseconds(date: &str) -> String {
    match date.split_once('.') {
        Some((whole, digits)) => {
            let digits: String = digits
                .chars()
                .filter(char::is_ascii_digit)
                .take(3)
                .collect();
            format!("{whole}.{digits:0<3}Z")
        }
        None => date.to_owned(),
    }
}

fn spec_version(page: &Page) -> Judged {
    let Some(first) = page.items.first() else {
        return Err(Wrong::skipped(
            "the collection is empty for these credentials",
        ));
    };
    match text(first, "spec_version") {
        Some("2.0") | None => Err(Wrong::warning(
            format!("the first, a {}, says none", plain(type_of(first))),
            "the connector takes the server for one of TAXII 2.0: it looks the last object up in the \
             manifest, pages by its date, and ends with an error where the last page is empty",
            "use a TAXII feed instead of the connector, or let publishers write spec_version in \
             observables, too",
        )),
        Some(version) => held(format!("spec_version {}", plain(version))),
    }
}

fn verdict(object: &Value) -> Result<(), String> {
    match type_of(object) {
        kind if kind.starts_with("x-") => Err(format!("of the custom type {kind}")),
        "extension-definition" => Err("of type extension-definition".into()),
        "indicator" => match text(object, "pattern_type") {
            None => Err("indicator without pattern_type".into()),
            Some("stix") => stix_pattern(object).map(drop),
            Some(_) => Ok(()),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_cut_as_javascript_cuts_it() {
        assert_eq!(
            milliseconds("2026-01-02T03:04:05.678901Z"),
            "2026-01-02T03:04:05.678Z"
        );
        assert_eq!(
            milliseconds("2026-01-02T03:04:05.6Z"),
            "2026-01-02T03:04:05.600Z"
        );
    }
}
