//! Clients seen in the wild: how each finds its way, pages, signs in, and what it can use.
//!
//! What is known of them is from their sources and manuals; each module says what it stands on.

mod misp;
mod opencti;
mod sentinel;
mod splunk;
mod xsoar;

use std::io;

use clap::ValueEnum;
use serde_json::Value;

use super::link::{Answer, Ask};
use super::pages::{Page, Way, taxii_json, walk};
use super::report::{Judged, Report, Rule, Wrong, held};
use super::session::Session;
use super::usable::{USABLE, Usable};

/// A client that can be stood in for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Client {
    /// Microsoft Sentinel's data connector "Threat intelligence - TAXII"
    Sentinel,
    /// OpenCTI's TAXII feeds and its connector taxii2
    Opencti,
    /// MISP's TAXII servers
    Misp,
    /// Cortex XSOAR's TAXII 2 Feed
    Xsoar,
    /// Splunk Enterprise Security from 8.2 on
    Splunk,
}

impl Client {
    /// Whether it signs in with user and password and in no other way.
    pub(super) fn knows_basic_alone(self) -> bool {
        matches!(self, Client::Sentinel | Client::Misp | Client::Splunk)
    }

    /// Asks as it does.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(super) fn run(self, session: &Session<'_>, report: &mut Report) -> io::Result<()> {
        match self {
            Client::Sentinel => sentinel::run(session, report),
            Client::Opencti => opencti::run(session, report),
            Client::Misp => misp::run(session, report),
            Client::Xsoar => xsoar::run(session, report),
            Client::Splunk => splunk::run(session, report),
        }
    }
}

/// The first page as a client asks for it: what it needs of the answer.
fn first_page(session: &Session<'_>, ask: &Ask) -> Result<(Answer, Page), Wrong> {
    let answer = session.link.ask(ask)?;
    let page = Page::of(&answer, "objects")?;
    Ok((answer, page))
}

/// Reads the collection as a client does, and counts what it can use.
fn usable(
    session: &Session<'_>,
    query: &[(&str, &str)],
    way: Way,
    remedy: &str,
    verdict: impl Fn(&Value) -> Result<(), String>,
) -> Judged {
    let collection = session.readable()?;
    let mut usable = Usable::default();
    let walked = walk(
        session.link,
        &collection.objects(),
        query,
        way,
        &mut |object| {
            usable.take(verdict(object));
        },
    )
    .map_err(Wrong::stops_the_client)?;
    usable.judge(&walked, remedy)
}

/// Discovery with what taxii2-client needs of it: it refuses what lacks a title or is labelled
/// otherwise, and takes the default API root or the first.
fn taxii2_client_discovery(session: &Session<'_>) -> Judged {
    let answer = session.link.ask(&Ask::get(&session.discovery_path))?;
    let told = taxii_json(&answer)?;
    let root = told
        .get("default")
        .or_else(|| told.get("api_roots")?.get(0));
    if told.get("title").is_some() && root.is_some() {
        return held(answer.shown());
    }
    Err(Wrong::failed(
        answer.shown_with_body(),
        "the client finds no API root",
        "serve discovery at /taxii2/ with title, api_roots and default",
    ))
}

const TOKEN: Rule = Rule {
    id: "token-scheme",
    section: "taxii2-client, TokenAuth",
    says: "a token is taken as 'Authorization: Token …', as taxii2-client sends it",
};

/// With a token: whether the scheme of taxii2-client is known.
fn token_scheme(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    if !session.link.has_token() {
        return Ok(());
    }
    let ask = Ask::get(&session.discovery_path).by_token_scheme();
    report.check(&TOKEN, &format!("{}, Token", ask.shown()), || {
        let answer = session.link.ask(&ask)?;
        if answer.status == ureq::http::StatusCode::OK {
            return held(answer.shown());
        }
        let means = "the client cannot sign in with a token: it knows Basic besides";
        let remedy = "take Token as Bearer, or give it the token as the password of any user";
        Err(Wrong::failed(answer.shown(), means, remedy))
    })
}

/// The last segment of the API root's path, by which some clients know it.
fn last_segment<'s>(session: &'s Session<'_>) -> &'s str {
    let path = session.root.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default()
}

/// Titles of collections that are there twice: clients that go by the title take the first.
fn titles_are_unique(session: &Session<'_>) -> Judged {
    let mut titles: Vec<&str> = session
        .collections
        .iter()
        .filter_map(|told| told.get("title")?.as_str())
        .collect();
    titles.sort_unstable();
    let twice = titles
        .windows(2)
        .find(|two| matches!(two, [a, b] if a == b));
    match twice.and_then(|two| two.first()) {
        None => held(format!("{} titles", titles.len())),
        Some(title) => Err(Wrong::warning(
            format!("more than one collection has the title '{title}'"),
            "the client goes by the title, and reads the first",
            "give each collection a title of its own",
        )),
    }
}
