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

#[cfg(test)]
mod tests {
    use node::model::Marking;
    use serde_json::Value;

    use super::*;

    fn webhook() -> Webhook {
        Webhook {
            id: "0123456789ab".into(),
            party: "alpha".into(),
            account: "api".into(),
            token: None,
            url: "https://hooks.example/".into(),
            collections: Vec::new(),
            objects: true,
            secret_hash: [0; 32],
            since: Instant::default(),
        }
    }

    fn added(octets: usize) -> Change {
        Change {
            at: 1_600_000_000_000_001,
            kind: ChangeKind::Added,
            collection: "feed".into(),
            object: "indicator--1".into(),
            versions: Vec::new(),
            publisher: "alpha".into(),
            marking: Marking::Green,
            harm: None,
            acknowledge: None,
            bytes: Some(Bytes::from(format!(
                "{{\"x\":\"{}\"}}",
                "a".repeat(octets - 8)
            ))),
        }
    }

    #[test]
    fn an_object_that_is_large_is_left_out() {
        for (octets, carried) in [
            (100, true),
            (LARGEST_OBJECT, true),
            (LARGEST_OBJECT + 1, false),
        ] {
            let message = of(&webhook(), &added(octets)).unwrap();
            let body: Value = serde_json::from_slice(&message.body).unwrap();
            assert_eq!(body["data"]["object"].is_object(), carried, "{octets}");
            assert_eq!(body["data"]["object_id"], "indicator--1");
        }
    }

    #[test]
    fn a_message_is_known_by_its_id() {
        let (webhook, change) = (webhook(), added(10));
        let message = of(&webhook, &change).unwrap();
        assert_eq!(place(&webhook, &message.id), Some(change.at));
        for wrong in [
            "",
            "msg_",
            "msg_0123456789ab_",
            "msg_ba9876543210_AAZhELsqqio",
        ] {
            assert_eq!(place(&webhook, wrong), None, "{wrong}");
        }
        assert_eq!(
            place(&webhook, &test(&webhook, Instant::default()).id),
            None
        );
    }
}
