//! Errors: statuses, and a body that says what is wrong (§3.6.1).

use std::io;

use serde_json::Value;
use ureq::http::StatusCode;

use super::super::link::{Answer, Ask};
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::Session;

const NOTHING: &str = "ffffffff-ffff-4fff-bfff-ffffffffffff";

const COLLECTION: Rule = Rule {
    id: "unknown-collection",
    section: "TAXII 2.1 §5.2, §3.6.1",
    says: "a collection that is not there is 404 with a TAXII error",
};
const OBJECT: Rule = Rule {
    id: "unknown-object",
    section: "TAXII 2.1 §5.6, §3.6.1",
    says: "an object that is not there is 404 with a TAXII error",
};
const STATUS: Rule = Rule {
    id: "unknown-status",
    section: "TAXII 2.1 §4.3, §3.6.1",
    says: "a status that is not there is 404 with a TAXII error",
};
const METHOD: Rule = Rule {
    id: "unknown-method",
    section: "RFC 9110 §15.5.6",
    says: "a method that an address does not have is 405 with Allow",
};

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let root = &session.root;
    let mut asked = vec![(
        &COLLECTION,
        Ask::get(&format!("{root}collections/{NOTHING}/")),
    )];
    if let Ok(collection) = session.readable() {
        let object = collection.object(&format!("indicator--{NOTHING}"));
        asked.push((&OBJECT, Ask::get(&object)));
    }
    asked.push((&STATUS, Ask::get(&format!("{root}status/{NOTHING}/"))));
    for (rule, ask) in asked {
        report.check(rule, &ask.shown(), || not_found(session, &ask))?;
    }
    let ask = Ask::put(&format!("{root}collections/"));
    report.check(&METHOD, &ask.shown(), || {
        let answer = session.link.ask(&ask)?;
        let told = answer.header("allow");
        match (answer.status, told) {
            (StatusCode::METHOD_NOT_ALLOWED, Some(allow)) => held(format!("405, Allow: {allow}")),
            (status, _) if status.is_client_error() => {
                let means = "only people who try by hand notice";
                Err(Wrong::warning(
                    answer.shown(),
                    means,
                    "answer 405 with Allow: GET",
                ))
            }
            _ => Err(Wrong::failed(
                answer.shown(),
                "a client that is wrong believes it was understood",
                "answer 405 with Allow: GET",
            )),
        }
    })
}

fn not_found(session: &Session<'_>, ask: &Ask) -> Judged {
    let answer = session.link.ask(ask)?;
    if answer.status != StatusCode::NOT_FOUND {
        return Err(Wrong::failed(
            answer.shown(),
            "clients cannot tell what is not there from what is broken or empty",
            "answer 404",
        ));
    }
    taxii_error(&answer)
}

/// Whether an error has TAXII's media type and says what is wrong.
pub(super) fn taxii_error(answer: &Answer) -> Judged {
    let means = "clients show the operator a status and nothing else, or stumble over the body";
    let remedy = "answer errors as application/taxii+json;version=2.1 with title, description and \
                  http_status, also those of the framework or proxy in front";
    if !answer.is_taxii() {
        return Err(Wrong::failed(answer.shown_with_body(), means, remedy));
    }
    if answer.body.is_empty() {
        return Err(Wrong::warning(answer.shown(), means, remedy));
    }
    let told = answer.json();
    let member = |name: &str| told.as_ref().and_then(|told| told.get(name));
    if member("title")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        return Err(Wrong::failed(answer.shown_with_body(), means, remedy));
    }
    let status = member("http_status");
    let right = status.is_none_or(|told| told.as_str() == Some(answer.status.as_str()));
    if !right {
        let came = format!(
            "http_status is not \"{}\": {}",
            answer.status.as_str(),
            answer.shown()
        );
        let remedy = "make http_status the status, as a string (§3.6.1)";
        return Err(Wrong::warning(came, "few clients look at it", remedy));
    }
    held(answer.shown())
}
