//! The public account: pages, files of its tables and charts, and charts to embed.
//!
//! What is told of a month that is over never changes, so caches may keep it for good. All of it is
//! the same for everybody, and may be read by pages from elsewhere.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use node::Caller;
use node::account::{Event, Fate, Month};
use node::act::account::{Behind, BehindEntry, BehindQuery};
use node::pledge::Country;
use node::request::{Case, Kind};
use sha2::{Digest as _, Sha256};

use super::{Frame, page, parameter, render};
use crate::http::App;
use crate::http::blocking::blocking;
use crate::http::error::{Problem, Refused};
use crate::http::pages::account::{AccountPage, Asked, Chart, EmbedPage};
use crate::http::pages::account_entries::{EntriesPage, EntryLine};
use crate::http::pages::site::Here;
use crate::http::pages::{EMBED_SECURITY_POLICY, asset};
use crate::present::account::Through;
use crate::present::account::grid::Filter;
use crate::present::account::tables;

/// Entries on one page.
const ENTRIES: usize = 50;
/// What a month that is over says for good.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// What may change with the next entry: asked for anew, and answered by 304 when it did not.
const FRESH: &str = "public, no-cache";

/// `GET /account`
pub(super) async fn now(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let through = parameter(query.as_deref(), "through");
    account(app, headers, through, query).await
}

/// `GET /account/{name}`: a month's account, or a file of a table or chart.
pub(super) async fn named(
    State(app): State<App>,
    headers: HeaderMap,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Some((name, ending)) = name.rsplit_once('.') {
        let file = (name.to_owned(), ending.to_owned());
        return match file_of(app, headers, file, query).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(),
        };
    }
    account(app, headers, Some(name), query).await
}

async fn account(
    app: App,
    headers: HeaderMap,
    through: Option<String>,
    query: Option<String>,
) -> Response {
    let through = through.filter(|text| !text.is_empty());
    let today = app.node.now().day();
    let month = match through.map(|text| text.parse::<Month>()).transpose() {
        Ok(through) => Through { through }.month(today),
        Err(words) => Err(words),
    };
    let tag = month
        .as_ref()
        .ok()
        .map(|month| etag(&app, *month, "account", query.as_deref()));
    let shared = is_anybody(&headers);
    if let Some(tag) = &tag
        && shared
        && is_known(&headers, tag)
    {
        return unchanged(tag, false);
    }
    let mut response = page(app, headers, None, move |frame| {
        let month = month.map_err(|words| Refused::new(StatusCode::NOT_FOUND, words))?;
        let asked = asked(query.as_deref()).map_err(Refused::bad)?;
        let at = frame.node.account(month)?;
        let site = frame.site(Here::Account)?;
        render(&AccountPage::new(site, &at, &asked, &frame.url)?)
    })
    .await;
    if let Some(tag) = tag
        && shared
        && response.status() == StatusCode::OK
    {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FRESH));
        let vary = HeaderValue::from_static("cookie, authorization");
        headers.insert(header::VARY, vary);
        insert(headers, header::ETAG, &tag);
    }
    response
}

fn asked(query: Option<&str>) -> Result<Asked, String> {
    let given = |name: &str| parameter(query, name).filter(|text| !text.is_empty());
    let page = given("page").map(|page| page.parse::<usize>()).transpose();
    let page = page.map_err(|_| "'page' is a number".to_owned())?;
    let country = given("country").map(|code| code.parse::<Country>());
    Ok(Asked {
        filter: Filter {
            kind: given("kind").map(|kind| kind.parse()).transpose()?,
            country: country.transpose().map_err(|error| error.to_string())?,
            stance: given("stance").map(|stance| stance.parse()).transpose()?,
            all: given("show").as_deref() == Some("all"),
        },
        page: page.unwrap_or(1).saturating_sub(1),
    })
}

/// `GET /account/{table}.csv`, `.json`, `/account/{chart}.svg`, with `?through=2026-10`.
async fn file_of(
    app: App,
    headers: HeaderMap,
    (name, ending): (String, String),
    query: Option<String>,
) -> Result<Response, Problem> {
    let today = app.node.now().day();
    let through = parameter(query.as_deref(), "through").filter(|text| !text.is_empty());
    let through = through.map(|text| text.parse()).transpose();
    let month = through.and_then(|through| Through { through }.month(today));
    let month = month.map_err(Refused::bad)?;
    // Who signed is told from what is known now, also of earlier days.
    let is_final = month.is_over(today) && !matches!(name.as_str(), "growth" | "map");
    let tag = etag(&app, month, &format!("{name}.{ending}"), None);
    if is_known(&headers, &tag) {
        return Ok(unchanged(&tag, is_final));
    }
    let kept = if is_final { FOR_GOOD } else { FRESH };
    let done = blocking(move || {
        let frame = Frame::new(&app, &headers, Caller::Anonymous);
        let at = frame.node.account(month)?;
        let missing = || {
            let words = format!(
                "there is no {name}.{ending}: tables are {} as .csv and .json, charts are {} as .svg",
                tables::NAMES.join(", "),
                Chart::NAMES.join(", ")
            );
            Refused::new(StatusCode::NOT_FOUND, words)
        };
        let table = || tables::table(&at, &name, frame.today)?.ok_or_else(missing);
        Ok(match ending.as_str() {
            "csv" => file("text/csv; charset=utf-8; header=present", table()?.csv()),
            "json" => {
                let json = table()?.json(month, is_final).to_string();
                file("application/json", json)
            }
            "svg" => {
                let site = frame.site(Here::Account)?;
                let chart = Chart::named(&site, &at, &name)?.ok_or_else(missing)?;
                drawing(&chart)?
            }
            _ => return Err(missing()),
        })
    });
    let mut response = done.await?;
    let headers = response.headers_mut();
    insert(headers, header::CACHE_CONTROL, kept);
    insert(headers, header::ETAG, &tag);
    insert(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    let page = format!(
        "</account/{month}>; rel=\"collection\", </log/checkpoint>; rel=\"describedby\"; \
         type=\"text/plain\""
    );
    insert(headers, header::LINK, &page);
    Ok(response)
}

fn file(media_type: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

/// A chart as a file of its own: with its style, which its policy names by its hash.
fn drawing(chart: &Chart) -> Result<Response, Refused> {
    let drawn = chart
        .svg()
        .map_err(|error| node::Error::Storage(error.to_string()))?;
    let style = asset::CHART_STYLE;
    let (open, rest) = drawn.split_once('>').unwrap_or_default();
    let open = open.replace(" aria-hidden=\"true\"", " role=\"img\"");
    let body = format!("{open}><style>{style}</style>{rest}");
    let hash = BASE64.encode(Sha256::digest(style.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors *");
    let mut response = file("image/svg+xml", body);
    insert(
        response.headers_mut(),
        header::CONTENT_SECURITY_POLICY,
        &policy,
    );
    Ok(response)
}

/// `GET /embed/{chart}`: a chart for a page elsewhere.
pub(super) async fn embed(
    State(app): State<App>,
    headers: HeaderMap,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    // Whoever frames it has no session here: it is the same for everybody.
    let mut anybody = HeaderMap::new();
    if let Some(host) = headers.get(header::HOST) {
        anybody.insert(header::HOST, host.clone());
    }
    let mut response = page(app, anybody, None, move |frame| {
        let through = parameter(query.as_deref(), "through").filter(|text| !text.is_empty());
        let through = through.map(|text| text.parse()).transpose();
        let month = through.and_then(|through| Through { through }.month(frame.today));
        let month = month.map_err(Refused::bad)?;
        let at = frame.node.account(month)?;
        let site = frame.site(Here::Account)?;
        let chart = Chart::named(&site, &at, &name)?.ok_or(Refused::not_found("chart"))?;
        let pledge = site.pledge;
        let is_now = month == Month::of_day(frame.today);
        let path = if is_now {
            "/account".to_owned()
        } else {
            format!("/account/{month}")
        };
        render(&EmbedPage {
            pledge,
            chart,
            source: format!("{}{path}", frame.url),
        })
    })
    .await;
    if response.status() == StatusCode::OK {
        let headers = response.headers_mut();
        insert(
            headers,
            header::CONTENT_SECURITY_POLICY,
            EMBED_SECURITY_POLICY,
        );
        insert(headers, header::CACHE_CONTROL, "public, max-age=300");
    }
    response
}

/// `GET /account/entries?figure=&from=&through=&party=&to=&kind=&country=&from-country=&before=`
pub(super) async fn entries(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, None, move |frame| {
        let wanted = Wanted::of(frame, query.as_deref()).map_err(Refused::bad)?;
        let at = frame.node.account(wanted.through)?;
        let directory = at.directory();
        let fits = |case: &Case| {
            let request = &case.request;
            let is = |wanted: &Option<String>, id: &str| {
                wanted.as_ref().is_none_or(|wanted| wanted == id)
            };
            let country = |wanted: &Option<String>, code: Option<String>| {
                let code = code.unwrap_or_else(|| "none".to_owned());
                wanted.as_ref().is_none_or(|wanted| *wanted == code)
            };
            let home = directory.register().party(&request.from);
            let home = home.and_then(|party| party.country);
            is(&wanted.party, &request.from)
                && is(&wanted.to, &request.to)
                && wanted.kind.is_none_or(|kind| kind == request.kind)
                && country(&wanted.country, request.country.clone())
                && country(&wanted.from_country, home.map(|home| home.to_string()))
        };
        let (found, next) = at.behind(&BehindQuery {
            figure: wanted.figure,
            from: wanted.from,
            before: wanted.before,
            limit: ENTRIES,
            fits: &fits,
        })?;
        let name = |id: &str| {
            let party = directory.register().party(id);
            party.map_or(id, |party| &party.name).to_owned()
        };
        let line = |entry: BehindEntry| EntryLine {
            from: name(&entry.case.request.from),
            to: name(&entry.case.request.to),
            time: entry.at.to_second_string(),
            stands: node::account::Standing::of(&entry.case)
                .map_or("", |standing| standing.fate.label()),
            entry,
        };
        let after = next.map(|next| wanted.address(next));
        render(&EntriesPage {
            site: frame.site(Here::Account)?,
            title: wanted.title(&name),
            from: wanted.from,
            through: wanted.through,
            rows: found.into_iter().map(line).collect(),
            after,
        })
    })
    .await
}

/// Which entries are asked for.
struct Wanted {
    figure: Behind,
    from: Option<Month>,
    through: Month,
    party: Option<String>,
    to: Option<String>,
    kind: Option<Kind>,
    country: Option<String>,
    from_country: Option<String>,
    before: Option<u64>,
}

impl Wanted {
    fn of(frame: &Frame, query: Option<&str>) -> Result<Self, String> {
        let given = |name: &str| parameter(query, name).filter(|text| !text.is_empty());
        let word = given("figure").ok_or("'figure' says which entries: such as sent or late")?;
        let figure = match (word.parse::<Event>(), word.parse::<Fate>()) {
            (Ok(event), _) => Behind::Event(event),
            (_, Ok(fate)) => Behind::Fate(fate),
            (Err(events), Err(answers)) => return Err(format!("{events}; {answers}")),
        };
        let through = given("through").map(|text| text.parse()).transpose()?;
        let before = given("before").map(|text| text.parse()).transpose();
        Ok(Wanted {
            figure,
            from: given("from").map(|text| text.parse()).transpose()?,
            through: Through { through }.month(frame.today)?,
            party: given("party"),
            to: given("to"),
            kind: given("kind").map(|text| text.parse()).transpose()?,
            country: given("country"),
            from_country: given("from-country"),
            before: before.map_err(|_| "'before' is a number".to_owned())?,
        })
    }

    fn title(&self, name: &dyn Fn(&str) -> String) -> String {
        let mut words = match self.figure {
            Behind::Event(Event::Sent) => "Requests sent".to_owned(),
            Behind::Event(event) => format!("Requests: {}", event.label().to_lowercase()),
            Behind::Fate(fate) => format!("Requests answered: {}", fate.label().to_lowercase()),
        };
        if let Behind::Fate(Fate::Silent | Fate::Overdue | Fate::Waiting) = self.figure {
            words = match self.figure {
                Behind::Fate(Fate::Silent) => "Requests that nobody answered".to_owned(),
                Behind::Fate(Fate::Overdue) => "Requests whose deadline passed".to_owned(),
                _ => "Requests that waited".to_owned(),
            };
        }
        let narrowed = [
            self.kind.map(|kind| kind.label().to_lowercase()),
            self.party
                .as_deref()
                .map(|party| format!("from {}", name(party))),
            self.to
                .as_deref()
                .map(|party| format!("to {}", name(party))),
        ];
        for more in narrowed.into_iter().flatten() {
            words.push_str(", ");
            words.push_str(&more);
        }
        words
    }

    fn address(&self, before: u64) -> String {
        let figure = match self.figure {
            Behind::Event(event) => event.as_str(),
            Behind::Fate(fate) => fate.as_str(),
        };
        let given = [
            ("party", self.party.clone()),
            ("to", self.to.clone()),
            ("kind", self.kind.map(|kind| kind.to_string())),
            ("country", self.country.clone()),
            ("from-country", self.from_country.clone()),
            ("before", Some(before.to_string())),
        ];
        let rest = given.into_iter().filter_map(|(key, value)| {
            let value = crate::http::pages::text::query_value(&value?);
            Some(format!("&{key}={value}"))
        });
        let rest: String = rest.collect();
        tables::behind(figure, self.from, self.through, &rest)
    }
}

/// Whether a request carries nothing by which its sender could be known.
fn is_anybody(headers: &HeaderMap) -> bool {
    let told: [HeaderName; 3] = [
        header::COOKIE,
        header::AUTHORIZATION,
        HeaderName::from_static("signature-input"),
    ];
    !told.iter().any(|name| headers.contains_key(name))
}

/// Changes whenever what is told may have changed: of a month that is over never, but with the build.
fn etag(app: &App, month: Month, what: &str, query: Option<&str>) -> String {
    let today = app.node.now().day();
    let state = if month.is_over(today) && !what.starts_with("growth") && !what.starts_with("map") {
        "final".to_owned()
    } else {
        format!("{} {today}", *app.node.watch().borrow())
    };
    let query = query.unwrap_or_default();
    let build = (asset::STYLE_VERSION, env!("CARGO_PKG_VERSION"));
    let text = format!("{what} {month} {query} {state} {build:?}");
    format!("W/\"{:016x}\"", asset::version(text.as_bytes()))
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known.and_then(|known| known.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag))
}

fn unchanged(tag: &str, is_final: bool) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    let kept = if is_final { FOR_GOOD } else { FRESH };
    insert(response.headers_mut(), header::ETAG, tag);
    insert(response.headers_mut(), header::CACHE_CONTROL, kept);
    response
}

/// Sets a header; what is no header value is left out.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
