//! Erasing bodies that are on the stream: a message cannot be changed, so a batch is published anew
//! without them, on a stream of its own, and its messages are removed. The chain covers no bodies, so that
//! it holds all the same.
//!
//! A redacted batch has the subject `<stream>-redacted.<base position>.<piece>`, one message each: the
//! newest counts. Its header says which message of the stream its batch ended with.

use async_nats::HeaderMap;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, RawMessageErrorKind, StorageType, Stream,
};
use bytes::Bytes;

use super::Failure;
use super::batch::{Assembly, Batch, Piece, encode};
use super::link::Link;
use crate::Record;

/// The header with the sequence of the message that a batch ended with.
const ENDED: &str = "Entente-Ended";

/// The stream of redacted batches.
pub(super) fn wanted(of: &Config) -> Config {
    Config {
        name: name(&of.name),
        subjects: vec![format!("{}.>", name(&of.name))],
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        num_replicas: of.num_replicas,
        max_messages_per_subject: 1,
        description: Some("Batches of the journal whose bodies were erased".into()),
        ..Config::default()
    }
}

fn name(stream: &str) -> String {
    format!("{stream}-redacted")
}

/// A batch without some of its bodies, and the message that it ended with.
pub(super) struct Redacted {
    pub(super) batch: Batch,
    pub(super) ended: u64,
}

/// The redacted batch that begins at a position; none when nothing of it was erased.
pub(super) async fn find(
    redacted: &Stream,
    stream: &str,
    base: u64,
) -> Result<Option<Redacted>, Failure> {
    let mut assembly = Assembly::default();
    for number in 0.. {
        let subject = format!("{}.{base}.{number}", name(stream));
        let message = match redacted.get_last_raw_message_by_subject(&subject).await {
            Ok(message) => message,
            Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => {
                return Ok(None);
            }
            Err(error) => return Err(Failure::Unreachable(error.to_string())),
        };
        let damaged = |what| Failure::Damaged(message.sequence, what);
        let piece = Piece::decode(&message.payload).map_err(damaged)?;
        let last = piece.number + 1 >= piece.pieces;
        if let Some(batch) = assembly.take(&piece) {
            let ended = message
                .headers
                .get(ENDED)
                .and_then(|ended| ended.as_str().parse().ok());
            let ended = ended.ok_or_else(|| damaged("it does not say where its batch ended"))?;
            return Ok(Some(Redacted {
                batch: batch.map_err(damaged)?,
                ended,
            }));
        }
        if last {
            // Its pieces are of two redactions: another node is at it.
            return Err(Failure::Unreachable("a batch is being redacted".into()));
        }
    }
    Ok(None)
}

/// Publishes a batch without the bodies at these places, and removes its messages.
pub(super) async fn redact(
    link: &Link,
    batch: &Batch,
    erased: &(dyn Fn(u64) -> bool + Sync),
    (first, ended): (u64, u64),
) -> Result<(), Failure> {
    let records: Vec<Record<'_>> = (batch.base..)
        .zip(&batch.records)
        .map(|(position, (leaf, body))| Record {
            leaf,
            body: if erased(position) { &[] } else { body },
        })
        .collect();
    let encoded = encode(batch.base, &batch.previous, &records);
    for (number, piece) in encoded.pieces.iter().enumerate() {
        let mut headers = HeaderMap::new();
        headers.insert(ENDED, ended.to_string().as_str());
        let subject = format!("{}.{}.{number}", name(&link.subject), batch.base);
        let message = PublishMessage::build()
            .payload(Bytes::clone(piece))
            .headers(headers);
        let sent = link.context.send_publish(subject, message).await;
        let sent = sent.map_err(|error| Failure::NoQuorum(error.to_string()))?;
        sent.await
            .map_err(|error| Failure::NoQuorum(error.to_string()))?;
    }
    for sequence in first..=ended {
        link.remove(sequence).await?;
    }
    Ok(())
}
