//! Dates as calendars: public ones, those of a case, and those of a member under an address of its own.
//!
//! A private calendar is read by programs elsewhere: like mail it names what is marked AMBER or above,
//! and does not say what it is about.

mod format;

use std::collections::BTreeSet;

use node::act::request::{CaseView, Query};
use node::clock::Instant;
use node::commitment::CommitmentRecord;
use node::model::Marking;
use node::request::{Role, State};
use node::{Caller, Error, Node};

pub(crate) use format::{Calendar, Event, When};

use crate::present::news::name;

/// Cases that are shown, the newest; besides all that wait.
const CASES: usize = 200;
/// Cases that wait, at most.
const WAITING: usize = 500;

/// Public dates: versions of the pledge, reports that are due.
pub(crate) fn public(node: &Node, url: &str) -> Calendar {
    let directory = node.directory();
    let pledge = directory
        .pledge()
        .map_or("Entente", |pledge| &pledge.short_name);
    let versions = directory.history().versions().iter();
    let events = versions.map(|version| Event {
        uid: format!("pledge-version-{}@{}", version.number, host(url)),
        changed: version.recorded.at,
        sequence: 0,
        when: When::Day(version.date),
        summary: format!("{pledge}: version {}", version.number),
        description: version.changes.clone(),
        url: format!("{url}/pledge/versions/{}", version.number),
        cancelled: false,
        alarms: Vec::new(),
    });
    let reports = directory.commitments().all();
    let reports = reports.filter_map(|record| report(node, record, url, false));
    Calendar {
        name: format!("{pledge}: public dates"),
        events: events.chain(reports).collect(),
    }
}

/// The dates of a case, as far as the caller sees it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Storage`].
pub(crate) fn of_case(
    node: &Node,
    caller: &Caller,
    id: &str,
    url: &str,
) -> Result<Calendar, Error> {
    let view = node.request_case(caller, id)?;
    Ok(Calendar {
        name: format!("Request {id}"),
        events: dates(node, &view, url),
    })
}

/// The dates of the caller's party: what it has to do by when, and what others have to do for it.
///
/// # Errors
/// [`Error::Refused`], [`Error::Storage`].
pub(crate) fn of_party(node: &Node, caller: &Caller, url: &str) -> Result<Calendar, Error> {
    node.viewer(caller).signed_in()?;
    let party = caller.party().unwrap_or_default();
    let mut views = node.requests_waiting(caller, WAITING)?;
    let query = Query {
        party: Some(party.to_owned()),
        limit: Some(CASES),
        ..Query::default()
    };
    let mut known: BTreeSet<u64> = views.iter().map(|view| view.case.position).collect();
    for view in node.requests(caller, &query)?.cases {
        if known.insert(view.case.position) {
            views.push(view);
        }
    }
    let directory = node.directory();
    let reports = directory.commitments().of_party(party);
    let reports = reports.filter_map(|record| report(node, record, url, true));
    Ok(Calendar {
        name: format!("{}: deadlines", name(&directory, party)),
        events: views
            .iter()
            .flat_map(|view| dates(node, view, url))
            .chain(reports)
            .collect(),
    })
}

/// When the next report on a commitment is due. Its day moves on with each report that answers it.
fn report(node: &Node, record: &CommitmentRecord, url: &str, own: bool) -> Option<Event> {
    let directory = node.directory();
    let newest = record.newest_held();
    let next = record.next_due(&directory.report_calendar());
    // Of what is over, or taken back, the last day is shown as off.
    let day = next.unwrap_or(newest.what.due);
    let reported = record.reports.last().map(|report| report.at);
    let withdrawn = record.withdrawn.as_ref().map(|withdrawn| withdrawn.at);
    let changes =
        record.versions().count() + record.reports.len() + usize::from(withdrawn.is_some());
    let party = name(&directory, record.party());
    Some(Event {
        uid: format!("commitment-{}-report@{}", record.id(), host(url)),
        changed: Some(newest.at).max(reported).max(withdrawn)?,
        sequence: u32::try_from(changes).unwrap_or(u32::MAX),
        when: When::Day(day),
        summary: format!("{party}: report under principle {}", newest.what.principle),
        description: newest.what.words.clone(),
        url: format!("{url}/commitment/{}", record.id()),
        cancelled: next.is_none() || !record.is_open(),
        alarms: if own { vec![24 * 7, 24] } else { Vec::new() },
    })
}

/// When a case is to be answered, and when it is to be done.
fn dates(node: &Node, view: &CaseView, url: &str) -> Vec<Event> {
    let (case, directory) = (&view.case, node.directory());
    let request = &case.request;
    let (from, to) = (
        name(&directory, &request.from),
        name(&directory, &request.to),
    );
    let kind = request.kind.label().to_lowercase();
    let own = view.roles.contains(&Role::Recipient);
    let event = |what: &str, at: Instant, verb: &str, off: bool| Event {
        uid: format!("request-{}-{what}@{}", request.id, host(url)),
        changed: case.changed,
        sequence: case.steps,
        when: When::At(at),
        summary: if own {
            format!("{verb}: {kind}, for {from}")
        } else {
            format!("{to}: {} {kind}, for {from}", verb.to_lowercase())
        },
        description: if request.marking <= Marking::Green {
            request.title.clone()
        } else {
            String::new()
        },
        url: format!("{url}/requests/{}", request.id),
        cancelled: off,
        alarms: if own { vec![24, 2] } else { Vec::new() },
    };
    let mut events = Vec::new();
    if let Some(deadline) = case.deadline.as_ref().filter(|_| case.is_sent()) {
        let open = matches!(case.state, State::Sent | State::Acknowledged);
        events.push(event("answer", deadline.answer_by, "Answer", !open));
    }
    if let Some(at) = case.done_by.filter(|_| case.is_sent()) {
        let open = matches!(
            case.state,
            State::Sent | State::Acknowledged | State::Accepted | State::MoreInformation
        );
        events.push(event("done", at, "Do", !open));
    }
    events
}

/// The host of the node's URL: what makes a UID its own.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
