//! Pages of talks, of the pledge's versions, and of what changed between two days.

use axum::body::Body;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use node::Caller;
use serde::Deserialize;

use super::session::read_form;
use super::{Frame, page, parameter, refuse, render, see_other};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::http::pages::accession::{PartyAccession, TalksPage};
use crate::http::pages::history::{DiffPage, VersionPage, VersionsPage};
use crate::http::pages::site::Here;
use crate::present::accession::{AnswerWord, GiveAnswer};
use crate::present::{accession, diff as present_diff, history, party};

/// `GET /talks`
pub(super) async fn talks(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query, |frame| {
        let site = frame.site(Here::Register)?;
        let found = accession::talks(&frame.node, &frame.caller, Some(frame.day));
        render(&TalksPage::new(site, found.talks))
    })
    .await
}

/// What a party's page tells of how it came to the pledge, up to the day shown.
pub(super) fn of_party(frame: &Frame, id: &str) -> PartyAccession {
    let (node, caller, day) = (&frame.node, &frame.caller, frame.day);
    let mut steps = accession::steps(node, caller, Some(id));
    steps.retain(|step| step.date <= day);
    let mut invitations = accession::invitations(node, caller, Some(id)).invitations;
    invitations.retain(|invitation| invitation.date <= day);
    let mut terms = accession::all_terms(node, caller, Some(id)).terms;
    terms.retain(|terms| terms.from <= day || day == frame.today);
    let facts = party::party(node, id, Some(day));
    let (version, mut adoptions, mut became, reservations) =
        facts.map_or_else(Default::default, |facts| {
            (
                facts.version,
                facts.adoptions,
                facts.reassignments,
                facts.reservations,
            )
        });
    adoptions.retain(|adoption| adoption.date <= day);
    became.retain(|one| one.since <= day);
    let name = |id: &str| {
        let party = frame.directory.register().party(id);
        party.map_or(id, |party| &party.name).to_owned()
    };
    let named = became.into_iter().map(|one| {
        let into = one.into.as_deref().map(name).unwrap_or_default();
        let party = name(&one.party);
        (one, party, into)
    });
    PartyAccession {
        invitations,
        steps,
        terms,
        reservations,
        version,
        adoptions,
        reassignments: named.collect(),
    }
}

/// `POST /talks/{id}/agreement`: what the form at a step says.
pub(super) async fn agree(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let done = async {
        let caller = Auth::of(&app, &headers)?;
        let form = read_form(&app, &headers, body).await?;
        let pairs = form_urlencoded::parse(form.as_bytes());
        let shown = pairs.filter(|(name, _)| name == "show");
        let shown: Vec<_> = shown.map(|(_, value)| value).collect();
        if shown.is_empty() {
            return Err(Refused::bad("Say what may be shown: at least the date."));
        }
        let shown = accession::shown(&shown.join(","))?;
        let agreed = app.node.agree_step(&caller, &id, shown, None).await?;
        Ok(format!(
            "/party/{}#step-{}",
            agreed.step.party, agreed.step.id
        ))
    };
    done_or_not(&app, &headers, done.await).await
}

/// `POST /invitation/{id}/answer`: what the form at an invitation says.
pub(super) async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let done = async {
        let caller = Auth::of(&app, &headers)?;
        let form = read_form(&app, &headers, body).await?;
        let field = |name: &str| parameter(Some(&form), name).filter(|text| !text.is_empty());
        let answer = match field("answer").as_deref() {
            Some("accepted") => AnswerWord::Accepted,
            Some("declined") => AnswerWord::Declined,
            _ => return Err(Refused::bad("An invitation is accepted or declined.")),
        };
        let new = GiveAnswer {
            answer,
            date: None,
            reason: field("reason"),
            source: None,
        };
        let answered = app.node.answer_invitation(&caller, &id, new.wanted());
        let party = answered.await?.invitation.party;
        Ok(format!("/party/{party}#talks"))
    };
    done_or_not(&app, &headers, done.await).await
}

/// Back to where the form was, or why not. Ids of parties and steps hold nothing that a header may not.
pub(super) async fn done_or_not(
    app: &App,
    headers: &HeaderMap,
    done: Result<String, Refused>,
) -> Response {
    match done {
        Ok(to) => see_other(&to),
        Err(refused) => {
            let caller = Auth::of(app, headers).unwrap_or(Caller::Anonymous);
            refuse(app.clone(), headers.clone(), caller, refused).await
        }
    }
}

/// `GET /pledge/versions`
pub(super) async fn versions(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query, |frame| {
        let mut versions = history::versions(&frame.node).versions;
        versions.reverse();
        let site = frame.site(Here::Pledge)?;
        render(&VersionsPage { site, versions })
    })
    .await
}

/// `GET /pledge/versions/{number}`
pub(super) async fn version(
    State(app): State<App>,
    headers: HeaderMap,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query, move |frame| {
        let number = number.parse().ok();
        let whole = number.and_then(|number| history::version(&frame.node, number));
        let whole = whole.ok_or(Refused::not_found("version"))?;
        let name = |id: &String| {
            let party = frame.directory.register().party(id);
            party.map_or(id, |party| &party.name).clone()
        };
        let names = whole.adoptions.iter().map(|a| name(&a.party)).collect();
        let newest = frame.directory.history().versions().last();
        let is_newest = newest.is_some_and(|newest| newest.number == whole.version.number);
        let site = frame.site(Here::Pledge)?;
        render(&VersionPage {
            site,
            whole,
            names,
            is_newest,
        })
    })
    .await
}

/// The form of a diff: fields that are left empty are as if absent.
#[derive(Deserialize)]
struct DiffQuery {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    known: String,
}

impl DiffQuery {
    fn ask(self, frame: &Frame) -> Result<present_diff::Ask, Refused> {
        let day = |text: String| {
            let absent = text.is_empty();
            let day = (!absent).then(|| text.parse::<Date>()).transpose();
            let words = format!("'{text}' is no day: write it as 2018-11-12");
            day.map_err(|_| Refused::bad(words))
        };
        let adopted = frame.site(Here::Register)?.pledge.adopted;
        Ok(present_diff::Ask {
            // The day before the pledge was adopted: everything since.
            from: day(self.from)?.unwrap_or_else(|| adopted.yesterday().unwrap_or(adopted)),
            to: Some(day(self.to)?.unwrap_or(frame.today)),
            by: Some(self.by).filter(|by| !by.is_empty()),
            known: day(self.known)?,
        })
    }
}

/// `GET /diff?from=&to=&by=&known=`
pub(super) async fn diff(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    page(app, headers, uri.query().map(str::to_owned), move |frame| {
        let query = Query::<DiffQuery>::try_from_uri(&uri);
        let Query(query) = query.map_err(|rejection| Refused::bad(rejection.body_text()))?;
        let ask = query.ask(frame)?;
        let found = ask.answer(&frame.node, &frame.caller)?;
        let first = frame.directory.history().versions().first();
        let begun = first.map(|version| version.recorded.day());
        render(&DiffPage::new(frame.site(Here::Register)?, found, begun))
    })
    .await
}
