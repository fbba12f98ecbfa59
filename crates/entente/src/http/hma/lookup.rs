//! `/m/lookup`, `/m/raw_lookup` and `/m/compare`: which signals an image hits, as far as the caller
//! sees them, and how far two hashes are apart. Nothing of what is looked up is kept.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use matching::pdq::{NEAR, Pdq};
use node::Caller;
use node::act::lookup::ImageMatch;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Answer, PDQ, Query, fetches_nothing, hash, signal};
use crate::http::App;
use crate::http::auth::HmaAuth;
use crate::http::blocking::blocking;
use crate::http::error::Refused;

/// Octets of what is compared.
const COMPARED: usize = 16 << 10;

#[derive(Deserialize)]
pub(super) struct Asked {
    url: Option<String>,
    signal: Option<String>,
    signal_type: Option<String>,
    banks: Option<String>,
    include_distance: Option<String>,
}

impl Asked {
    fn signal(&self) -> Result<Pdq, Refused> {
        if self.url.is_some() {
            return Err(fetches_nothing());
        }
        let required = |name| Refused::bad(format!("{name} is required"));
        let text = self.signal.as_deref().ok_or_else(|| required("signal"))?;
        let signal_type = self.signal_type.as_deref();
        signal(signal_type.ok_or_else(|| required("signal_type"))?, text)
    }

    fn includes_distance(&self) -> Result<bool, Refused> {
        let told = self.include_distance.as_deref().unwrap_or("false");
        match told.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Refused::bad("include_distance is neither true nor false")),
        }
    }
}

/// A signal that was hit, with more of it than HMA tells.
#[derive(Serialize)]
struct Content {
    bank_content_id: u64,
    /// HMA writes it as text.
    distance: String,
    /// The STIX id.
    signal: String,
    marking: String,
}

impl From<&ImageMatch> for Content {
    fn from(hit: &ImageMatch) -> Self {
        Content {
            bank_content_id: content_id(&hit.signal.collection, &hit.signal.id),
            distance: hit.distance.to_string(),
            signal: hit.signal.id.clone(),
            marking: hit.signal.marking.to_string(),
        }
    }
}

/// A number for a signal in a bank, the same at each lookup. It is drawn from their names, since
/// counting would tell how much there is that a caller does not see; 53 bits, which every reader of
/// JSON keeps.
pub(super) fn content_id(bank: &str, signal: &str) -> u64 {
    let name = format!("{bank}\n{signal}");
    let digest = Sha256::digest(name.as_bytes());
    let first = digest.first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(first) >> 11
}

/// The signals near a hash, by bank.
pub(super) async fn by_signal(
    State(app): State<App>,
    HmaAuth(caller): HmaAuth,
    Query(asked): Query<Asked>,
) -> Answer {
    let hash = asked.signal()?;
    let found = near(&app, caller, hash, asked.banks).await?;
    Ok(Json(by_bank(&found)).into_response())
}

/// The signals near the hash of an image that is sent, by type and bank.
pub(super) async fn by_upload(
    State(app): State<App>,
    HmaAuth(caller): HmaAuth,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let hashed = hash::hash(&app, &caller, &headers, body).await?;
    let found = near(&app, caller, hashed.hash, asked.banks).await?;
    let answer = Json(json!({ PDQ: by_bank(&found) }));
    Ok((hash::quality(&hashed), answer).into_response())
}

/// The numbers of the signals near a hash, whatever their bank.
pub(super) async fn raw(
    State(app): State<App>,
    HmaAuth(caller): HmaAuth,
    Query(asked): Query<Asked>,
) -> Answer {
    let (hash, distances) = (asked.signal()?, asked.includes_distance()?);
    let found = near(&app, caller, hash, asked.banks).await?;
    let matches: Vec<Value> = found
        .iter()
        .map(|hit| {
            if distances {
                json!(Content::from(hit))
            } else {
                json!(content_id(&hit.signal.collection, &hit.signal.id))
            }
        })
        .collect();
    Ok(Json(json!({ "matches": matches })).into_response())
}

/// The signals that fire, each once with its nearest hash, the nearest first.
async fn near(
    app: &App,
    caller: Caller,
    hash: Pdq,
    banks: Option<String>,
) -> Result<Vec<ImageMatch>, Refused> {
    let node = Arc::clone(&app.node);
    let looking = blocking(move || Ok(node.near_images(&caller, &hash, NEAR)?));
    let mut found = looking.await?;
    let banks: Option<Vec<&str>> = banks.as_deref().map(|banks| banks.split(',').collect());
    let mut told = HashSet::new();
    found.retain(|hit| {
        let wanted = |banks: &Vec<&str>| banks.contains(&hit.signal.collection.as_str());
        let fires = hit.fires() && banks.as_ref().is_none_or(wanted);
        fires && told.insert((hit.signal.collection.clone(), hit.signal.id.clone()))
    });
    Ok(found)
}

fn by_bank(found: &[ImageMatch]) -> BTreeMap<&str, Vec<Content>> {
    let mut banks: BTreeMap<&str, Vec<Content>> = BTreeMap::new();
    for hit in found {
        let bank = banks.entry(hit.signal.collection.as_str()).or_default();
        bank.push(Content::from(hit));
    }
    banks
}

/// How far hashes are apart: `{"pdq": [a, b]}`.
pub(super) async fn compare(
    State(app): State<App>,
    HmaAuth(_): HmaAuth,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let whole = app.bodies.read_up_to(COMPARED, &headers, body).await?;
    let pairs: BTreeMap<String, Vec<String>> = serde_json::from_slice(&whole.bytes)
        .map_err(|error| Refused::bad(format!("send {{\"pdq\": [a, b]}} as JSON: {error}")))?;
    let mut compared = BTreeMap::new();
    for (signal_type, hashes) in &pairs {
        let [left, right] = hashes.as_slice() else {
            let words = "Comparison hash list length must be exactly 2";
            return Err(Refused::bad(words).into());
        };
        let distance = signal(signal_type, left)?.distance(&signal(signal_type, right)?);
        let told = json!([distance <= NEAR, { "distance": distance }]);
        compared.insert(signal_type, told);
    }
    Ok(Json(compared).into_response())
}
