//! Pages of signals: collections, one signal, and the box that matches text.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use node::act::lookup::Match;
use node::act::read::{Found, Newest, SeenCollection};
use node::act::reason::Why;
use node::clock::Instant;
use stix::Object;

use super::{Frame, page, parameter, render};
use crate::http::App;
use crate::http::error::Refused;
use crate::http::pages::collections::{CollectionCard, CollectionPage, CollectionsPage};
use crate::http::pages::json::indented;
use crate::http::pages::match_box::{Found as FoundInText, HitLine, MatchPage};
use crate::http::pages::signal::{SignalLine, SignalPage, VersionLine};
use crate::http::pages::site::Here;
use crate::http::pages::text::Number;
use crate::http::taxii;
use crate::present::lookup;

/// Objects on a page of a collection.
const ROWS: usize = 50;
/// Hits shown for a pasted text.
const HITS: usize = 500;
/// Octets of a pasted text.
const TEXT: usize = 2 << 20;
/// Characters of a line shown around a hit.
const AROUND: usize = 40;

/// The newest signals of all collections that the viewer reads, newest first.
pub(super) fn newest_everywhere(
    frame: &Frame,
    wanted: &Newest<'_>,
) -> Result<Vec<SignalLine>, Refused> {
    let mut newest = Vec::new();
    for collection in frame
        .node
        .collections(&frame.caller)
        .into_iter()
        .filter(|c| c.access.read)
    {
        for found in frame
            .node
            .newest(&frame.caller, &collection.settings.id, wanted)?
        {
            newest.push((found.added, line(frame, &collection, &found)));
        }
    }
    newest.sort_by_key(|(added, _)| std::cmp::Reverse(*added));
    newest.truncate(wanted.limit);
    Ok(newest.into_iter().map(|(_, line)| line).collect())
}

/// An object as one line of a list.
fn line(frame: &Frame, collection: &SeenCollection, found: &Found) -> SignalLine {
    let object = Object::parse(&found.bytes).ok();
    let text = |name: &str| object.as_ref().and_then(|object| object.text(name));
    let id = object
        .as_ref()
        .map(|object| object.id().as_str().to_owned())
        .unwrap_or_default();
    let title = ["name", "value", "pattern", "relationship_type"]
        .into_iter()
        .find_map(text);
    SignalLine {
        title: title.map_or_else(|| id.clone(), std::borrow::Cow::into_owned),
        type_name: object
            .as_ref()
            .map(|o| o.type_name().to_owned())
            .unwrap_or_default(),
        id,
        publisher: publisher(frame, found.publisher(&frame.directory)),
        collection: (
            collection.settings.alias.clone(),
            collection.settings.title.clone(),
        ),
        harm: found.row.harm().or(collection.settings.harm),
        marking: found.row.marking,
        added: Instant(found.added).to_second_string(),
        revoked: found.row.is_revoked(),
    }
}

/// The id and the name of a party.
fn publisher(frame: &Frame, id: &str) -> (String, String) {
    let party = frame.directory.register().party(id);
    (
        id.to_owned(),
        party.map_or(id, |party| &party.name).to_owned(),
    )
}

fn card(frame: &Frame, seen: &SeenCollection) -> Result<CollectionCard, Refused> {
    let settings = &seen.settings;
    let (mut objects, mut newest) = (0, None);
    if seen.access.read {
        objects = frame.node.count(&frame.caller, &settings.id, None)?;
        let wanted = Newest {
            limit: 1,
            ..Newest::default()
        };
        let found = frame.node.newest(&frame.caller, &settings.id, &wanted)?;
        newest = found
            .first()
            .map(|found| Instant(found.added).to_second_string());
    }
    Ok(CollectionCard {
        id: settings.id.clone(),
        alias: settings.alias.clone(),
        title: settings.title.clone(),
        description: settings.description.clone(),
        objects: Number(usize::try_from(objects).unwrap_or(usize::MAX)),
        newest,
        public: settings.public,
        marking: settings.default_marking,
        harm: settings.harm,
        may_publish: seen.access.write.is_ok(),
    })
}

/// `GET /collections`
pub(super) async fn collections(State(app): State<App>, headers: HeaderMap) -> Response {
    page(app, headers, None, |frame| {
        let seen = frame.node.collections(&frame.caller);
        let collections = seen
            .iter()
            .map(|seen| card(frame, seen))
            .collect::<Result<_, Refused>>()?;
        let taxii = format!("{}{}/", frame.url, taxii::DISCOVERY);
        render(&CollectionsPage {
            site: frame.site(Here::Collections)?,
            collections,
            taxii,
        })
    })
    .await
}

/// `GET /collections/{name}?before=`
pub(super) async fn collection(
    State(app): State<App>,
    headers: HeaderMap,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query.clone(), move |frame| {
        let seen = frame.node.collection(&frame.caller, &name)?;
        let before = parameter(query.as_deref(), "before");
        let before = before.map(|text| text.parse::<i64>()).transpose();
        let before =
            before.map_err(|_| Refused::bad("'before' is not a place that a page gave"))?;
        let wanted = Newest {
            before,
            limit: ROWS + 1,
            ..Newest::default()
        };
        let mut found = frame
            .node
            .newest(&frame.caller, &seen.settings.id, &wanted)?;
        let more = found.len() > ROWS;
        found.truncate(ROWS);
        let last = found.last().filter(|_| more);
        let alias = &seen.settings.alias;
        render(&CollectionPage {
            site: frame.site(Here::Collections)?,
            collection: card(frame, &seen)?,
            signals: found
                .iter()
                .map(|found| line(frame, &seen, found))
                .collect(),
            older: last.map(|last| format!("/collections/{alias}?before={}", last.added)),
            later_page: before.is_some(),
            taxii: format!(
                "{}{}/collections/{}/",
                frame.url,
                taxii::API_ROOT,
                seen.settings.id
            ),
            misp: format!("{}/misp/{alias}", frame.url),
        })
    })
    .await
}

/// `GET /signal/{id}`
pub(super) async fn signal(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    page(app, headers, None, move |frame| {
        let everywhere = match frame.node.find(&frame.caller, &id) {
            Err(error) => return Err(erased(frame, &id)?.unwrap_or_else(|| error.into())),
            Ok(found) => found,
        };
        let (collection, found) = everywhere.first().ok_or(Refused::not_found("object"))?;
        let shown = found
            .iter()
            .max_by_key(|found| found.row.version)
            .ok_or(Refused::not_found("object"))?;
        let object = Object::parse(&shown.bytes)
            .map_err(|_| Refused::from(node::Error::Storage(format!("{id} cannot be read"))))?;
        let text = |name: &str| object.text(name).map(std::borrow::Cow::into_owned);
        let observables = stix::signal::observables(&object);
        render(&SignalPage {
            site: frame.site(Here::Collections)?,
            line: line(frame, collection, shown),
            description: text("description"),
            pattern: text("pattern"),
            fields: fields(&object),
            observables: observables
                .iter()
                .map(|said| {
                    (
                        node::matchable(said.kind).map_or("pdq".into(), |kind| kind.to_string()),
                        said.value.to_string(),
                    )
                })
                .collect(),
            seen_by: seen_by(shown.row.audience(), collection),
            publishers: others(frame, shown),
            feedback: super::feedback::part(frame, &id)?,
            audience: super::audience::part(frame, &id)?,
            versions: versions(found, shown),
            json: indented(&String::from_utf8_lossy(&shown.bytes)),
        })
    })
    .await
}

/// What is told of an object that was erased, to those who could see it.
fn erased(frame: &Frame, id: &str) -> Result<Option<Refused>, Refused> {
    let trace = frame.node.erased(&frame.caller, id)?;
    Ok(trace.map(|trace| {
        let day = trace.at.day();
        let why = trace.reason.map(|reason| format!(": {reason}"));
        let why = why.unwrap_or_default();
        let words = format!(
            "This object was erased on {day}{why}. Its entries keep their places in the public log, \
             and receipts of them verify; whoever holds a copy was asked to erase it."
        );
        Refused::new(StatusCode::GONE, words)
    }))
}

/// Properties that have a place of their own on the page.
const ELSEWHERE: [&str; 5] = ["id", "type", "name", "description", "pattern"];

/// The other properties in the object's order; text without its quotes, the rest as JSON.
fn fields(object: &Object<'_>) -> Vec<(String, String)> {
    let others = object
        .members()
        .filter(|(name, _)| !ELSEWHERE.contains(name));
    others
        .map(|(name, raw)| {
            let text = object.text(name).map(std::borrow::Cow::into_owned);
            let words = || {
                serde_json::from_str::<Vec<String>>(raw)
                    .ok()
                    .map(|w| w.join(", "))
            };
            (
                name.to_owned(),
                text.or_else(words).unwrap_or_else(|| raw.to_owned()),
            )
        })
        .collect()
}

fn versions(found: &[Found], shown: &Found) -> Vec<VersionLine> {
    let mut versions: Vec<&Found> = found.iter().collect();
    versions.sort_by_key(|found| std::cmp::Reverse(found.row.version));
    versions
        .into_iter()
        .map(|found| VersionLine {
            version: Instant(found.row.version).to_micro_string(),
            added: Instant(found.added).to_second_string(),
            shown: found.added == shown.added,
            revoked: found.row.is_revoked(),
            entry: found.row.position,
        })
        .collect()
}

/// The parties that publish a signal besides the one in its line: id and name.
fn others(frame: &Frame, found: &Found) -> Vec<(String, String)> {
    let directory = frame.node.directory();
    let ids = found.publishers(&directory).into_iter().skip(1);
    ids.map(|id| {
        let name = directory
            .register()
            .party(id)
            .map_or(id, |party| &party.name);
        (id.to_owned(), name.to_owned())
    })
    .collect()
}

/// Who sees an object, in words (FIRST TLP 2.0, as the pledge's table grants it).
fn seen_by(audience: node::policy::Audience, collection: &SeenCollection) -> String {
    use node::model::Marking;
    if audience.circle != 0 || collection.settings.circle.is_some() {
        return match audience.marking {
            Marking::Red => "for its publisher and named recipients in its circle alone",
            _ => "for its circle, as far as the pledge grants it",
        }
        .into();
    }
    match audience.marking {
        Marking::Clear => "for anyone",
        Marking::Green => "for parties of the pledge",
        Marking::Amber => "for parties whose stance the pledge grants it to",
        Marking::AmberStrict => {
            "for its publisher and named recipients, within their organisations"
        }
        Marking::Red => "for its publisher and named recipients alone",
    }
    .into()
}

/// `GET /match`
pub(super) async fn match_form(State(app): State<App>, headers: HeaderMap) -> Response {
    page(app, headers, None, |frame| {
        let site = frame.site(Here::Match)?;
        render(&MatchPage {
            site,
            text: String::new(),
            found: None,
            refused: None,
        })
    })
    .await
}

/// `POST /match`
pub(super) async fn match_text(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let whole = app.bodies.read_up_to(TEXT * 3, &headers, body).await;
    page(app, headers, None, move |frame| {
        let whole = whole?;
        let pairs = String::from_utf8_lossy(&whole.bytes).into_owned();
        let text = parameter(Some(&pairs), "text").unwrap_or_default();
        let site = frame.site(Here::Match)?;
        let (found, refused) = match match_pasted(frame, &text) {
            Ok(found) => (Some(found), None),
            Err(refused) => (None, Some(refused.detail)),
        };
        render(&MatchPage {
            site,
            text,
            found,
            refused,
        })
    })
    .await
}

fn match_pasted(frame: &Frame, text: &str) -> Result<FoundInText, Refused> {
    let mut matcher = frame.node.matcher(&frame.caller)?.explaining();
    let (mut hits, mut suppressed, mut cut) = (Vec::new(), Vec::new(), false);
    let mut take = |hit: Match| {
        let fires = hit.fires();
        let lines = if fires { &mut hits } else { &mut suppressed };
        if lines.len() < HITS {
            lines.push(hit_line(text, &hit));
        } else {
            cut |= fires;
        }
    };
    matcher.feed(text.as_bytes(), &mut take)?;
    matcher.finish(&mut take)?;
    let mut observables = 0;
    matching::extract::extract(text.as_bytes(), &mut |_| observables += 1);
    let lines = usize::try_from(matcher.lines()).unwrap_or(usize::MAX);
    Ok(FoundInText {
        lines,
        observables,
        hits,
        suppressed,
        suppressed_count: usize::try_from(matcher.suppressed().hits).unwrap_or(usize::MAX),
        cut,
    })
}

fn hit_line(text: &str, hit: &Match) -> HitLine {
    let at = usize::try_from(hit.offset).unwrap_or(0);
    let end = at.saturating_add(hit.found.len());
    let line = |part: &str| part.split('\n').next().unwrap_or_default().to_owned();
    let before = text
        .get(..at)
        .unwrap_or_default()
        .rsplit('\n')
        .next()
        .unwrap_or_default();
    let after = line(text.get(end..).unwrap_or_default());
    let signal = &hit.signal;
    HitLine {
        line: usize::try_from(hit.line).unwrap_or(0),
        column: before.chars().count() + 1,
        before: last_of(before),
        written: hit.found.clone(),
        after: after.chars().take(AROUND).collect(),
        kind: hit.kind.to_string(),
        value: hit.value.clone(),
        relation: (hit.relation != matching::Relation::Exact)
            .then(|| hit.relation.to_string().replace('-', " ")),
        signal: SignalLine {
            id: signal.id.clone(),
            type_name: signal.id.split("--").next().unwrap_or_default().to_owned(),
            title: signal.name.clone().unwrap_or_else(|| hit.value.clone()),
            publisher: (signal.publisher.clone(), signal.publisher_name.clone()),
            collection: (signal.collection.clone(), signal.collection.clone()),
            harm: signal.harm,
            marking: signal.marking,
            added: Instant(signal.added).to_second_string(),
            revoked: hit.why.contains(&Why::Revoked),
        },
        why: hit
            .why
            .iter()
            .map(|why| lookup::Why::from(why).words())
            .collect(),
    }
}

/// The last characters of a line's beginning.
fn last_of(text: &str) -> String {
    let skip = text.chars().count().saturating_sub(AROUND);
    text.chars().skip(skip).collect()
}
