//! Objects: lists, manifests, versions, publishing and withdrawing (TAXII 2.1 §5.3–§5.8).

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{BufMut as _, BytesMut};
use node::act::read::{ManifestLine, Page};
use node::clock::Instant;
use node::view::object_key;
use node::{Caller, Versions};
use serde_json::{Value, json};

use super::resources::status_resource;
use super::{Answer, json as answer, negotiate, query};
use crate::http::App;
use crate::http::auth::TaxiiAuth;
use crate::http::blocking::reading;
use crate::http::error::{Refused, TAXII};

/// `GET …/objects/`
pub(super) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Path(collection): Path<String>,
    RawQuery(raw): RawQuery,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    let query = query::parse(raw.as_deref())?;
    let envelope = move |node: &node::Node, caller: &Caller| {
        Ok(envelope(&node.objects(caller, &collection, &query)?))
    };
    Ok(reading(&app, &caller, envelope).await?)
}

/// `GET …/objects/{id}/`
pub(super) async fn one(
    State(app): State<App>,
    headers: HeaderMap,
    Path((collection, id)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    let mut query = query::parse(raw.as_deref())?;
    let key = object_key(&id);
    query.ids = Some(key.into_iter().collect());
    let envelope = move |node: &node::Node, caller: &Caller| {
        let page = node.objects(caller, &collection, &query)?;
        if page.objects.is_empty() {
            // Filters that leave nothing of an object that is there are no 404.
            let any = node::Query {
                ids: query.ids,
                limit: 1,
                versions: Versions::All,
                ..<_>::default()
            };
            if node.manifest(caller, &collection, &any)?.0.is_empty() {
                return Err(node::Error::NotFound("object"));
            }
        }
        Ok(envelope(&page))
    };
    Ok(reading(&app, &caller, envelope).await?)
}

/// `GET …/manifest/`
pub(super) async fn manifest(
    State(app): State<App>,
    headers: HeaderMap,
    Path(collection): Path<String>,
    RawQuery(raw): RawQuery,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    let query = query::parse(raw.as_deref())?;
    let listed = reading(&app, &caller, move |node, caller| {
        node.manifest(caller, &collection, &query)
    });
    let (lines, more) = listed.await?;
    let objects = lines.iter().map(|line| {
        json!({
            "id": line.id,
            "date_added": Instant(line.added).to_micro_string(),
            "version": line.version,
            "media_type": format!("application/stix+json;version={}", line.spec_version),
        })
    });
    listing("objects", objects.collect(), &lines, more)
}

/// `GET …/objects/{id}/versions/`
pub(super) async fn versions(
    State(app): State<App>,
    headers: HeaderMap,
    Path((collection, id)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    let mut query = query::parse(raw.as_deref())?;
    query.ids = Some(object_key(&id).into_iter().collect());
    query.versions = Versions::All;
    let (lines, more) = reading(&app, &caller, move |node, caller| {
        let listed = node.manifest(caller, &collection, &query)?;
        let all = node::Query {
            added_after: None,
            spec_20: None,
            ..query
        };
        if listed.0.is_empty() && node.manifest(caller, &collection, &all)?.0.is_empty() {
            return Err(node::Error::NotFound("object"));
        }
        Ok(listed)
    })
    .await?;
    let versions = lines.iter().map(|line| line.version.clone().into());
    listing("versions", versions.collect(), &lines, more)
}

/// `POST …/objects/`
pub(super) async fn add(
    State(app): State<App>,
    headers: HeaderMap,
    Path(collection): Path<String>,
    TaxiiAuth(caller): TaxiiAuth,
    body: Body,
) -> Answer {
    negotiate::accept(&headers)?;
    negotiate::content(&headers)?;
    let anonymous = caller == Caller::Anonymous;
    let hide = |error: node::Error| Refused::from(error).for_anonymous(anonymous);
    // Before the body is kept: who may not publish shall not make the node hold 10 MB.
    app.node.may_publish(&caller, &collection).map_err(hide)?;
    let whole = app.bodies.read(&headers, body).await?;
    let status = app
        .node
        .publish(&caller, &collection, whole.bytes.clone())
        .await
        .map_err(hide)?;
    answer(
        StatusCode::ACCEPTED,
        &status_resource(&status, &app.public_url(&headers)),
    )
}

/// `DELETE …/objects/{id}/`
pub(super) async fn withdraw(
    State(app): State<App>,
    headers: HeaderMap,
    Path((collection, id)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
    TaxiiAuth(caller): TaxiiAuth,
) -> Answer {
    negotiate::accept(&headers)?;
    // Without a filter every version goes (TAXII 2.1 §5.7).
    let query = query::parse_with(raw.as_deref(), Versions::All)?;
    let anonymous = caller == Caller::Anonymous;
    let withdrawn = app.node.withdraw(&caller, &collection, &id, query).await;
    withdrawn.map_err(|error| Refused::from(error).for_anonymous(anonymous))?;
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, TAXII)]).into_response())
}

/// Octets around and between the objects of an envelope, generously.
const FRAME: usize = 128;

/// An envelope (TAXII 2.1 §3.7) with each object byte for byte as it was sent.
fn envelope(page: &Page) -> Response {
    let octets: usize = page.objects.iter().map(|found| found.bytes.len() + 1).sum();
    let mut body = BytesMut::with_capacity(octets + FRAME);
    body.put_u8(b'{');
    if let (true, Some(last)) = (page.more, page.objects.last()) {
        let next = query::next_after(last.added);
        body.put_slice(format!("\"more\":true,\"next\":\"{next}\",").as_bytes());
    }
    for (at, found) in page.objects.iter().enumerate() {
        body.put_slice(if at == 0 { b"\"objects\":[" } else { b"," });
        body.put_slice(&found.bytes);
    }
    if page.objects.is_empty() {
        body.put_u8(b'}');
    } else {
        body.put_slice(b"]}");
    }
    let dates = (
        page.objects.first().map(|f| f.added),
        page.objects.last().map(|f| f.added),
    );
    let content = [(header::CONTENT_TYPE, TAXII)];
    let mut response = (StatusCode::OK, content, body.freeze()).into_response();
    date_headers(&mut response, dates);
    response
}

/// A manifest or a list of versions.
fn listing(name: &str, items: Vec<Value>, lines: &[ManifestLine], more: bool) -> Answer {
    let mut body = serde_json::Map::new();
    if let (true, Some(last)) = (more, lines.last()) {
        body.insert("more".into(), true.into());
        body.insert("next".into(), query::next_after(last.added).into());
    }
    if !items.is_empty() {
        body.insert(name.into(), items.into());
    }
    let mut response = answer(StatusCode::OK, &body)?;
    let dates = (
        lines.first().map(|line| line.added),
        lines.last().map(|line| line.added),
    );
    date_headers(&mut response, dates);
    Ok(response)
}

/// `X-TAXII-Date-Added-First` and `-Last` (§3.5): there when there are objects.
fn date_headers(response: &mut Response, (first, last): (Option<i64>, Option<i64>)) {
    for (name, added) in [
        ("x-taxii-date-added-first", first),
        ("x-taxii-date-added-last", last),
    ] {
        let value = added.map(|added| Instant(added).to_micro_string());
        if let Some(value) = value.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
}
