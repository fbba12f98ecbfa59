//! Pages of the register: home, parties, pledge, principles.

use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use node::account::Month;
use node::act::read::Newest;

use super::signals::newest_everywhere;
use super::{Frame, page, render};
use crate::http::App;
use crate::http::error::Refused;
use crate::http::pages::home::HomePage;
use crate::http::pages::party::{Activity, PartyPage};
use crate::http::pages::party_account::PartyAccount;
use crate::http::pages::pledge::{PledgePage, PrinciplePage};
use crate::http::pages::register::{RegisterPage, RegisterQuery};
use crate::http::pages::site::Here;
use crate::present::identity::{Identity, instant_of};

/// Signals shown on a page that is not about signals.
const FEW: usize = 8;

/// `GET /`
pub(super) async fn home(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query, |frame| {
        // On another day than today the newest signals would be out of place.
        let signals = if frame.day == frame.today {
            newest_everywhere(
                frame,
                &Newest {
                    limit: FEW,
                    ..Newest::default()
                },
            )?
        } else {
            Vec::new()
        };
        render(&HomePage::new(
            frame.site(Here::Home)?,
            frame.directory.register(),
            signals,
        ))
    })
    .await
}

/// `GET /register`
pub(super) async fn register(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    page(app, headers, uri.query().map(str::to_owned), move |frame| {
        let query = Query::<RegisterQuery>::try_from_uri(&uri);
        let Query(query) = query.map_err(|rejection| Refused::bad(rejection.body_text()))?;
        let asked = query.check().map_err(Refused::bad)?;
        let site = frame.site(Here::Register)?;
        let at = instant_of(&frame.node, frame.day);
        let identity = |party: &str| frame.directory.standing(party, at).identity;
        let register = frame.directory.register();
        render(&RegisterPage::new(site, register, identity, asked))
    })
    .await
}

/// `GET /party/{id}`
pub(super) async fn party(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query, move |frame| {
        let site = frame.site(Here::Register)?;
        let activity = activity(frame, &id)?;
        let party = PartyPage::new(site, frame.directory.register(), &id, activity);
        render(&party.ok_or(Refused::not_found("party"))?)
    })
    .await
}

fn activity(frame: &Frame, id: &str) -> Result<Activity, Refused> {
    if frame.directory.party_number(id).is_none() {
        return Ok(Activity::default());
    }
    let mut published = 0;
    for collection in frame
        .node
        .collections(&frame.caller)
        .iter()
        .filter(|c| c.access.read)
    {
        published += frame
            .node
            .count(&frame.caller, &collection.settings.id, Some(id))?;
    }
    let newest = Newest {
        publisher: Some(id),
        limit: FEW,
        ..Newest::default()
    };
    let at = instant_of(&frame.node, frame.day);
    let account = frame.node.account(Month::of_day(frame.day))?;
    let account = PartyAccount::new(&frame.node, &account, id)?;
    Ok(Activity {
        account: account.tells().then_some(account),
        identity: Some(Identity::of(&frame.directory, id, frame.day, at)),
        member: frame
            .directory
            .tokens()
            .any(|t| t.token.party == id && t.revoked.is_none()),
        published: usize::try_from(published).unwrap_or(usize::MAX),
        signals: newest_everywhere(frame, &newest)?,
        accession: super::accession::of_party(frame, id),
    })
}

/// `GET /pledge`
pub(super) async fn pledge(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query, |frame| {
        render(&PledgePage::new(
            frame.site(Here::Pledge)?,
            frame.directory.register(),
        ))
    })
    .await
}

/// `GET /principle/{number}`
pub(super) async fn principle(
    State(app): State<App>,
    headers: HeaderMap,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query, move |frame| {
        let missing = || Refused::not_found("principle");
        let number: u16 = number.parse().map_err(|_| missing())?;
        let site = frame.site(Here::Pledge)?;
        let harms = site
            .pledge
            .principle(number)
            .ok_or_else(missing)?
            .harms
            .as_slice();
        let signals = if harms.is_empty() {
            Vec::new()
        } else {
            newest_everywhere(
                frame,
                &Newest {
                    harms: Some(harms),
                    limit: FEW,
                    ..Newest::default()
                },
            )?
        };
        let principle = PrinciplePage::new(site, frame.directory.register(), number, signals);
        render(&principle.ok_or_else(missing)?)
    })
    .await
}
