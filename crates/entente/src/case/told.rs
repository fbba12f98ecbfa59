//! A case as JSON, from what follows from its entries and nothing else: who has the entries writes
//! the same. Whom to ask and who contested does not follow from them.

use node::clock::Instant;
use node::request::{Case, Deadline, Evidence, Ground, Request, Step, StepRecord};
use serde_json::{Map, Value, json};

use crate::present::time;

/// A case with its steps; `names` are those of the two sides.
pub(crate) fn told(case: &Case, steps: &[StepRecord], names: (&str, &str)) -> Value {
    let mut told = request(&case.request, names);
    let mut add = |name: &str, value: Option<Value>| {
        told.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("state", Some(json!(case.state.as_str())));
    add("outcome", Some(json!(case.outcome.as_str())));
    add("position", Some(json!(case.position)));
    add("account", some(&case.author));
    add("opened", Some(json!(time(case.opened.0))));
    add("sent", at(case.sent));
    add("acknowledged", at(case.acknowledged));
    add("answered", at(case.answered));
    add("in_time", case.answered.map(|_| json!(case.in_time)));
    let seconds = case.answer_time().map(|micros| json!(micros / 1_000_000));
    add("answer_seconds", seconds);
    add("deadline", case.deadline.as_ref().map(deadline));
    add("done_by", at(case.done_by));
    add("done", at(case.done));
    add("contested", at(case.contested));
    let review = case.reviewed.map(|review| {
        json!({
            "upheld": review.upheld,
            "at": time(review.at.0),
            "restored": review.restored.map(|at| time(at.0)),
        })
    });
    add("review", review);
    add("escalated", at(case.escalated));
    let steps = steps.iter().map(step).collect();
    add("steps", Some(Value::Array(steps)));
    Value::Object(told)
}

fn request(request: &Request, (from, to): (&str, &str)) -> Map<String, Value> {
    let mut told = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        told.extend(value.map(|value| (name.to_owned(), value)));
    };
    let list = |texts: &[String]| (!texts.is_empty()).then(|| json!(texts));
    add("id", Some(json!(request.id)));
    add("from", Some(json!({ "id": request.from, "name": from })));
    add("to", Some(json!({ "id": request.to, "name": to })));
    add("kind", Some(json!(request.kind.as_str())));
    add("category", Some(json!(request.category.as_str())));
    add("title", some(&request.title));
    add("words", some(&request.words));
    add("targets", list(&request.targets));
    add("signals", list(&request.signals));
    add("principle", request.principle.map(|number| json!(number)));
    add("ground", request.ground.as_ref().map(ground));
    add(
        "country",
        request.country.as_ref().map(|country| json!(country)),
    );
    add("good_faith", Some(json!(request.good_faith)));
    add("evidence", evidence(&request.evidence));
    add("marking", Some(json!(request.marking.to_string())));
    add(
        "reference",
        request.reference.as_ref().map(|text| json!(text)),
    );
    add("follows", request.follows.as_ref().map(|text| json!(text)));
    told
}

fn step(record: &StepRecord) -> Value {
    let step = &record.step;
    let mut told = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        told.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("position", Some(json!(record.position)));
    add("at", Some(json!(time(record.at.0))));
    add("step", Some(json!(step.verb().as_str())));
    add("role", Some(json!(record.role.as_str())));
    add("by", Some(json!(record.party)));
    add("account", some(&record.account));
    add("state", Some(json!(record.state.as_str())));
    add("words", step.words().and_then(some));
    add("evidence", evidence(step.evidence()));
    match step {
        Step::Send { deadline: by } | Step::Answer { deadline: by, .. } => {
            add("deadline", Some(deadline(by)));
        }
        Step::Accept { done_by, .. } => add("done_by", at(*done_by)),
        Step::Remind { due } => add("due", at(Some(*due))),
        Step::Link { expires, .. } => add("expires", at(Some(*expires))),
        _ => {}
    }
    Value::Object(told)
}

fn at(instant: Option<Instant>) -> Option<Value> {
    instant.map(|at| json!(time(at.0)))
}

fn some(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!(text))
}

fn ground(ground: &Ground) -> Value {
    json!({
        "kind": ground.kind.as_str(),
        "reference": ground.reference,
        "url": ground.url,
        "explanation": ground.explanation,
    })
}

fn deadline(deadline: &Deadline) -> Value {
    json!({
        "preset": deadline.preset.as_str(),
        "from": time(deadline.from.0),
        "answer_by": time(deadline.answer_by.0),
        "done_by": deadline.done_by.map(|at| time(at.0)),
        "zone": deadline.zone,
    })
}

fn evidence(evidence: &[Evidence]) -> Option<Value> {
    let one = |evidence: &Evidence| {
        json!({
            "sha256": evidence.digest(),
            "bytes": evidence.bytes,
            "media_type": evidence.media_type,
            "name": evidence.name,
            "marking": evidence.marking.to_string(),
        })
    };
    let all: Vec<Value> = evidence.iter().map(one).collect();
    (!all.is_empty()).then_some(Value::Array(all))
}
