//! With `--write`: publishes one object that its name tells from others, reads it and deletes it
//! (§4.3, §5.5, §5.7).

use std::cell::RefCell;
use std::io;

use node::clock::{Clock, Instant};
use serde_json::{Value, json};
use ureq::http::StatusCode;

use super::super::link::{Answer, Ask, TAXII};
use super::super::pages::{Page, taxii_json};
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::{Collection, Session};
use super::errors::taxii_error;

const TYPE: Rule = Rule {
    id: "write-media-type",
    section: "TAXII 2.1 §3.1, §5.5",
    says: "a body of another media type is 415 with a TAXII error",
};
const JSON: Rule = Rule {
    id: "write-malformed",
    section: "TAXII 2.1 §5.5, §3.6.1",
    says: "a body that is no envelope is 400 or 422 with a TAXII error",
};
const SIZE: Rule = Rule {
    id: "write-too-large",
    section: "TAXII 2.1 §4.2.1, §5.5",
    says: "a body above max_content_length is 413",
};
const PUBLISH: Rule = Rule {
    id: "write-publish",
    section: "TAXII 2.1 §5.5, §4.3.1",
    says: "publishing answers 202 with a status whose counts add up",
};
const STATUS: Rule = Rule {
    id: "write-status",
    section: "TAXII 2.1 §4.3",
    says: "the status can be asked for again, and says that it is complete",
};
const READ: Rule = Rule {
    id: "write-read",
    section: "TAXII 2.1 §5.6",
    says: "the object is there as it was sent",
};
const AGAIN: Rule = Rule {
    id: "write-again",
    section: "TAXII 2.1 §5.5",
    says: "the same object sent again is a success and no second entry",
};
const DELETE: Rule = Rule {
    id: "write-delete",
    section: "TAXII 2.1 §5.7",
    says: "the object can be deleted, and is gone",
};

/// A larger body is not sent to try a limit.
const LARGEST_BODY: u64 = 32 << 20;
/// How often a status that is pending is asked for.
const PATIENCE: usize = 20;

/// Tries what writes.
///
/// # Errors
/// When stdout takes no more.
pub(in super::super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let collection = session.collection.as_ref().filter(|c| c.can_write);
    let Some(collection) = collection else {
        return report.check(&PUBLISH, "", || {
            let why = "the collection cannot be written to with these credentials";
            Err(Wrong::skipped(why))
        });
    };
    let path = collection.objects();
    let object = labelled();
    let id = object.get("id").and_then(Value::as_str).unwrap_or_default();
    let body = json!({ "objects": [&object] }).to_string().into_bytes();
    let post = |content: &str, body: &[u8]| Ask::post(&path, content, body.to_vec());
    let asked = format!("POST {path}");
    refusals(session, &path, &body, report)?;
    let published = RefCell::new(None);
    report.check(&PUBLISH, &format!("{asked}, {id}"), || {
        let status = publish(session, &post(TAXII, &body), id)?;
        let came = format!(
            "202, status {}",
            status.get("status").unwrap_or(&Value::Null)
        );
        published.replace(Some(status));
        held(came)
    })?;
    let published = published.into_inner();
    let Some(published) = published else {
        // It may be there all the same.
        drop(session.link.ask(&Ask::delete(&collection.object(id))));
        return Ok(());
    };
    report.check(&STATUS, &format!("GET {}status/…/", session.root), || {
        status_again(session, &published)
    })?;
    let ask = Ask::get(&collection.object(id));
    report.check(&READ, &ask.shown(), || {
        let page = Page::of(&session.link.ask(&ask)?, "objects")?;
        if page.items == [object.clone()] {
            return held("it, unchanged");
        }
        let means = "what is shared is not what was sent";
        let remedy = "keep and serve objects as they come";
        Err(Wrong::failed(
            format!("{} objects, not the one sent", page.items.len()),
            means,
            remedy,
        ))
    })?;
    report.check(&AGAIN, &format!("{asked}, {id}, again"), || {
        publish(session, &post(TAXII, &body), id)?;
        let query = [("match[id]", id), ("match[version]", "all")];
        let page = Page::read(session.link, &collection.manifest(), &query, "objects")?;
        if page.keys.len() == 1 {
            return held("a success, and one entry");
        }
        let means = "clients that send again after a broken connection multiply objects";
        let came = format!("{} entries in the manifest", page.keys.len());
        Err(Wrong::failed(
            came,
            means,
            "take what is there already as done",
        ))
    })?;
    let ask = Ask::delete(&collection.object(id));
    report.check(&DELETE, &ask.shown(), || {
        delete(session, collection, &ask, id)
    })
}

/// What must not be taken.
fn refusals(session: &Session<'_>, path: &str, body: &[u8], report: &mut Report) -> io::Result<()> {
    let post = |content: &str, body: &[u8]| Ask::post(path, content, body.to_vec());
    let asked = format!("POST {path}");
    report.check(&TYPE, &format!("{asked}, Content-Type: text/plain"), || {
        let answer = session.link.ask(&post("text/plain", body))?;
        refused(&answer, &[StatusCode::UNSUPPORTED_MEDIA_TYPE])
    })?;
    report.check(&JSON, &format!("{asked}, not JSON"), || {
        let answer = session.link.ask(&post(TAXII, b"not JSON"))?;
        let right = [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY];
        refused(&answer, &right)
    })?;
    report.check(&SIZE, &asked, || too_large(session, path))
}

/// An identity that says what it is; it names nobody and matches nothing.
fn labelled() -> Value {
    // Milliseconds, as every server can keep them (STIX 2.1 §3.2).
    let now = Instant(Clock::System.now().0 / 1000 * 1000).to_version_string();
    json!({
        "type": "identity", "spec_version": "2.1",
        "id": format!("identity--{}", uuid::Uuid::new_v4()),
        "created": now, "modified": now,
        "name": "entente taxii check: a test, delete it if you find it",
        "labels": ["entente-taxii-check"],
        "identity_class": "unspecified",
    })
}

fn refused(answer: &Answer, statuses: &[StatusCode]) -> Judged {
    if statuses.contains(&answer.status) {
        return taxii_error(answer);
    }
    let wanted: Vec<&str> = statuses.iter().map(StatusCode::as_str).collect();
    Err(Wrong::failed(
        answer.shown(),
        "a client that is wrong is not told, or takes it for a fault of the server",
        format!("answer {}", wanted.join(" or ")),
    ))
}

fn too_large(session: &Session<'_>, path: &str) -> Judged {
    let told = taxii_json(&session.link.ask(&Ask::get(&session.root))?)?;
    let size = told.get("max_content_length").and_then(Value::as_u64);
    let size = size.ok_or_else(|| Wrong::skipped("there is no max_content_length"))?;
    let bytes = usize::try_from(size).ok().filter(|_| size <= LARGEST_BODY);
    let Some(bytes) = bytes else {
        return Err(Wrong::skipped(format!(
            "max_content_length is {size}: too much to send"
        )));
    };
    let ask = Ask::post(path, TAXII, vec![b' '; bytes + 1]);
    let answer = session.link.ask(&ask)?;
    if answer.status == StatusCode::PAYLOAD_TOO_LARGE {
        return held(format!("413 at {} bytes", size + 1));
    }
    Err(Wrong::failed(
        format!("{} at {} bytes", answer.shown(), size + 1),
        "clients cut what they send by max_content_length, and the server says another thing",
        "refuse above it with 413, and take all up to it",
    ))
}

fn publish(session: &Session<'_>, ask: &Ask, id: &str) -> Result<Value, Wrong> {
    let answer = session.link.ask(ask)?;
    if answer.status != StatusCode::ACCEPTED {
        return Err(Wrong::failed(
            answer.shown_with_body(),
            "clients take any status but 202 for a failure",
            "answer 202 with a status resource (§5.5)",
        ));
    }
    let status = answer.json().filter(|_| answer.is_taxii()).ok_or_else(|| {
        Wrong::failed(
            answer.shown_with_body(),
            "taxii2-client cannot tell what became of the objects",
            "answer with a status resource, labelled application/taxii+json;version=2.1",
        )
    })?;
    let number = |name: &str| status.get(name).and_then(Value::as_u64);
    let parts = ["success_count", "failure_count", "pending_count"];
    let sum: u64 = parts.iter().filter_map(|name| number(name)).sum();
    if number("total_count") != Some(1) || sum != 1 {
        return Err(Wrong::failed(
            answer.shown_with_body(),
            "publishers cannot tell whether their object was taken",
            "let success_count, failure_count and pending_count add up to total_count",
        ));
    }
    if number("failure_count") == Some(1) {
        return Err(Wrong::failed(
            answer.shown_with_body(),
            format!("{id}, a plain STIX 2.1 identity, is not taken"),
            "see what the failure says",
        ));
    }
    Ok(status)
}

fn status_again(session: &Session<'_>, published: &Value) -> Judged {
    let id = published.get("id").and_then(Value::as_str);
    let id = id.ok_or_else(|| {
        let means = "clients cannot ask what became of it";
        Wrong::failed("the status has no id", means, "give it one")
    })?;
    let id = super::super::super::super::client::encoded(id);
    let ask = Ask::get(&format!("{}status/{id}/", session.root));
    for _ in 0..PATIENCE {
        let told = taxii_json(&session.link.ask(&ask)?)?;
        if told.get("status").and_then(Value::as_str) == Some("complete") {
            return held("complete");
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    Err(Wrong::warning(
        "still pending",
        "clients that wait for the outcome give up",
        "decide sooner, or look at the server's log",
    ))
}

fn delete(session: &Session<'_>, collection: &Collection, ask: &Ask, id: &str) -> Judged {
    let answer = session.link.ask(ask)?;
    let remains = format!("{id} is still there: delete it by hand");
    if !answer.status.is_success() {
        let remedy = "serve DELETE of objects (§5.7)";
        return Err(Wrong::failed(answer.shown(), remains, remedy));
    }
    let gone = session.link.ask(&Ask::get(&collection.object(id)))?;
    if gone.status == StatusCode::NOT_FOUND {
        return held("200, then 404");
    }
    let came = format!(
        "{} to DELETE, then {}",
        answer.status,
        gone.shown_with_body()
    );
    let means = "what was taken back is still shared, or half there";
    Err(Wrong::failed(
        came,
        means,
        "answer 404 for what was deleted",
    ))
}
