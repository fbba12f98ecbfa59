//! What messages say (Standard Webhooks, "Payload structure"): a type, when it happened, and the
//! change as the feed shows it.

use bytes::Bytes;
use node::act::changes::{Change, ChangeKind};
use node::clock::Instant;
use node::model::Webhook;
use serde::Serialize;

use super::send::Message;
use crate::present::changes::{self, cursor};

/// Octets of the largest object that a message carries.
const LARGEST_OBJECT: usize = 256 << 10;

#[derive(Serialize)]
struct Payload<'a, T> {
    r#type: &'a str,
    timestamp: String,
    data: T,
}

/// The message about a change.
///
/// # Errors
/// Only when memory ran out.
pub(super) fn of(webhook: &Webhook, change: &Change) -> serde_json::Result<Message> {
    let body = serde_json::to_vec(&Payload {
        r#type: match change.kind {
            ChangeKind::Added => "signal.added",
            ChangeKind::Revoked => "signal.revoked",
            ChangeKind::Withdrawn | ChangeKind::VersionsWithdrawn => "signal.withdrawn",
        },
        timestamp: Instant(change.at).to_micro_string(),
        data: changes::Change::of(change, webhook.objects && is_small(change)),
    })?;
    Ok(Message {
        id: id(webhook, change.at),
        url: webhook.url.clone(),
        body,
    })
}

/// Whether a change's object is sent along. A larger one is read from the feed or over TAXII: the
/// specification asks for small messages, and many are on their way at a time.
fn is_small(change: &Change) -> bool {
    let octets = change.bytes.as_ref().map_or(0, Bytes::len);
    octets <= LARGEST_OBJECT
}

/// A message that tells nothing, to try an endpoint with.
pub(super) fn test(webhook: &Webhook, now: Instant) -> Message {
    let body = serde_json::json!({
        "type": "webhook.test",
        "timestamp": now.to_micro_string(),
        "data": { "webhook": webhook.id },
    });
    Message {
        id: format!("msg_{}_test_{}", webhook.id, cursor(now.0)),
        url: webhook.url.clone(),
        body: body.to_string().into_bytes(),
    }
}

/// The id of the message about the change at a place: the same whenever it is sent.
pub(super) fn id(webhook: &Webhook, at: i64) -> String {
    format!("msg_{}_{}", webhook.id, cursor(at))
}

/// The place that a message's id means.
pub(super) fn place(webhook: &Webhook, message: &str) -> Option<i64> {
    let rest = message.strip_prefix("msg_")?.strip_prefix(&webhook.id)?;
    changes::place(rest.strip_prefix('_')?)
}
