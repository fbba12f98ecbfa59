//! What messages say (Standard Webhooks, "Payload structure"): a type, when it happened, and the
//! change as the feed shows it.

use bytes::Bytes;
use node::Node;
use node::act::changes::{Change, ChangeKind};
use node::act::happenings::{Happening, RequestHappening};
use node::clock::Instant;
use node::commitment::Letter;
use node::model::Webhook;
use serde::Serialize;

use super::send::Message;
use crate::present::changes::{self, cursor};
use crate::present::feedback::Feedback;

/// Octets of the largest object that a message carries.
const LARGEST_OBJECT: usize = 256 << 10;

#[derive(Serialize)]
struct Payload<'a, T> {
    r#type: &'a str,
    timestamp: String,
    data: T,
}

/// What happened to a request: where it stands is as of now, and its words are read from the node.
#[derive(Serialize)]
struct AboutRequest<'a> {
    request: &'a str,
    from: &'a str,
    to: &'a str,
    kind: &'a str,
    marking: &'a str,
    /// The step that was taken; `send` when it reached the party.
    step: &'a str,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done_by: Option<String>,
    overdue: bool,
}

impl<'a> AboutRequest<'a> {
    fn of(happening: &'a RequestHappening, now: Instant) -> Self {
        let (case, step) = (&happening.case, &happening.step);
        let request = &case.request;
        let deadline = case.deadline.as_ref();
        AboutRequest {
            request: &request.id,
            from: &request.from,
            to: &request.to,
            kind: request.kind.as_str(),
            marking: request.marking.as_str(),
            step: step
                .as_ref()
                .map_or("send", |step| step.step.verb().as_str()),
            state: case.state.as_str(),
            answer_by: deadline.map(|deadline| deadline.answer_by.to_micro_string()),
            done_by: case.done_by.map(Instant::to_micro_string),
            overdue: case.is_overdue(now),
        }
    }
}

/// The message about what happened.
///
/// # Errors
/// Only when memory ran out.
pub(super) fn of(
    node: &Node,
    webhook: &Webhook,
    happening: &Happening,
) -> serde_json::Result<Message> {
    let (kind, data) = match happening {
        Happening::Signal(change) => return of_change(webhook, change),
        Happening::Request(request) => {
            let kind = if request.is_received() {
                "request.received"
            } else if request.is_due() {
                "request.due"
            } else {
                "request.changed"
            };
            let data = serde_json::to_value(AboutRequest::of(request, node.now()))?;
            (kind, data)
        }
        Happening::Feedback(item) => {
            let data = serde_json::to_value(Feedback::from(&**item))?;
            ("feedback.received", data)
        }
        Happening::Letter(letter) => {
            let Letter { due, words, .. } = &letter.what;
            let data = serde_json::json!({
                "letter": letter.what.id,
                "commitment": letter.what.commitment,
                "party": letter.what.party,
                "from": letter.what.from.as_str(),
                "to": letter.what.to.as_str(),
                "due": due.map(|due| due.to_string()),
                "on": letter.what.on.to_string(),
                "words": words,
            });
            ("commitment.letter", data)
        }
    };
    let body = serde_json::to_vec(&Payload {
        r#type: kind,
        timestamp: Instant(happening.at()).to_micro_string(),
        data,
    })?;
    Ok(Message {
        id: id(webhook, happening.at()),
        url: webhook.url.clone(),
        body,
    })
}

fn of_change(webhook: &Webhook, change: &Change) -> serde_json::Result<Message> {
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
            about: Vec::new(),
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
            let message = of_change(&webhook(), &added(octets)).unwrap();
            let body: Value = serde_json::from_slice(&message.body).unwrap();
            assert_eq!(body["data"]["object"].is_object(), carried, "{octets}");
            assert_eq!(body["data"]["object_id"], "indicator--1");
        }
    }

    #[test]
    fn a_message_is_known_by_its_id() {
        let (webhook, change) = (webhook(), added(10));
        let message = of_change(&webhook, &change).unwrap();
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
