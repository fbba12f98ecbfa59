//! The page of a bundle: what it holds, for people. It stands alone: no script, nothing from elsewhere.

use askama::Template;

use super::CaseFile;
use super::manifest::Manifest;
use crate::present::time;
use node::clock::Instant;

#[derive(Template)]
#[template(path = "case_bundle.html")]
struct Page<'p> {
    file: &'p CaseFile,
    manifest: &'p Manifest,
    facts: Vec<(&'static str, String)>,
    steps: Vec<Step>,
    exported: String,
}

struct Step {
    at: String,
    who: String,
    what: &'static str,
    state: &'static str,
    words: Option<String>,
    position: u64,
}

/// The page, as HTML.
///
/// # Errors
/// None that can happen while memory lasts.
pub(super) fn page(file: &CaseFile, manifest: &Manifest) -> Result<String, askama::Error> {
    let case = &file.case;
    let request = &case.request;
    let mut facts = vec![
        ("From", file.from.clone()),
        ("To", file.to.clone()),
        ("Kind", request.kind.label().to_owned()),
        ("About", request.category.label().to_owned()),
        ("State", case.state.label().to_owned()),
        ("Outcome", case.outcome.label().to_owned()),
        ("Marking", request.marking.to_string()),
    ];
    let mut add = |label, value: Option<String>| facts.extend(value.map(|value| (label, value)));
    add("Sent", case.sent.map(minute));
    add(
        "Answer by",
        case.deadline.as_ref().map(|by| minute(by.answer_by)),
    );
    add("Answered", case.answered.map(minute));
    add("Done", case.done.map(minute));
    add(
        "Ground",
        request
            .ground
            .as_ref()
            .map(|ground| ground.reference.clone()),
    );
    let name = |id: &str| match id {
        id if id == request.from => file.from.clone(),
        id if id == request.to => file.to.clone(),
        id => id.to_owned(),
    };
    let steps = file.steps.iter().map(|record| Step {
        at: minute(record.at),
        who: format!("{} ({})", name(&record.party), record.role),
        what: record.step.verb().label(),
        state: record.state.label(),
        words: record
            .step
            .words()
            .map(str::to_owned)
            .filter(|words| !words.is_empty()),
        position: record.position,
    });
    let steps = steps.collect();
    Page {
        file,
        manifest,
        facts,
        steps,
        exported: minutes(&manifest.exported.at),
    }
    .render()
}

fn minute(at: Instant) -> String {
    minutes(&time(at.0))
}

/// A time in RFC 3339, to the minute.
fn minutes(time: &str) -> String {
    let text = time.get(..16).unwrap_or_default();
    format!("{} UTC", text.replace('T', " "))
}
