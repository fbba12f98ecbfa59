//! Erasing bodies that are on the stream: a message cannot be changed, so a batch is published anew
//! without them, on a stream of its own, and its messages are removed. The chain covers no bodies, so that
//! it holds all the same.
//!
//! The pieces of a redacted batch have the subjects `<stream>-redacted.<base position>.<id>.<piece>`. The
//! subject `<stream>-redacted.<base position>` points at them; it is moved on by compare-and-set once all
//! pieces stand, so that a reader finds one redaction whole, the old or the new one, and of two at once one
//! has to look again. The pieces of the old one go last.
//!
//! A pointer: magic "eJr1", id of the batch 16 bytes, pieces u32, sequence of the first and of the last
//! message that the batch had u64 each; little-endian.

use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, RawMessageErrorKind, StorageType, Stream,
};
use bytes::Bytes;

use super::Failure;
use super::batch::{Assembly, Batch, Piece, encode};
use super::index::Messages;
use super::link::Link;
use crate::Record;

const POINTER: [u8; 4] = *b"eJr1";

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

/// A batch without some of its bodies.
pub(super) struct Redacted {
    pub(super) batch: Batch,
    /// The messages that it had.
    pub(super) messages: Messages,
    /// The sequence of its pointer.
    at: u64,
    id: String,
}

/// The redacted batch that begins at a position; none when nothing of it was erased.
pub(super) async fn find(
    redacted: &Stream,
    stream: &str,
    base: u64,
) -> Result<Option<Redacted>, Failure> {
    let subject = format!("{}.{base}", name(stream));
    let Some((at, pointer)) = last(redacted, &subject).await? else {
        return Ok(None);
    };
    let damaged = |what| Failure::Damaged(at, what);
    let field = |from: usize| pointer.get(from..).and_then(|rest| rest.first_chunk::<8>());
    let number = |from| field(from).map(|bytes| u64::from_le_bytes(*bytes));
    let id = pointer.get(4..20).filter(|_| pointer.starts_with(&POINTER));
    let pieces = pointer.get(20..24).and_then(|bytes| bytes.try_into().ok());
    let (Some(id), Some(pieces), Some(first), Some(ended)) =
        (id, pieces.map(u32::from_le_bytes), number(24), number(32))
    else {
        return Err(damaged("it points at no redacted batch"));
    };
    let id = hexadecimal(id);
    let mut assembly = Assembly::default();
    for number in 0..pieces {
        let Some((_, piece)) = last(redacted, &format!("{subject}.{id}.{number}")).await? else {
            // It was replaced meanwhile.
            return Err(Failure::Unreachable("a batch is being redacted".into()));
        };
        let piece = Piece::decode(&piece).map_err(damaged)?;
        if let Some(batch) = assembly.take(&piece) {
            let batch = batch.map_err(damaged)?;
            let count = u32::try_from(ended.saturating_sub(first) + 1).unwrap_or(u32::MAX);
            let messages = Messages { base, first, count };
            return Ok(Some(Redacted {
                batch,
                messages,
                at,
                id,
            }));
        }
    }
    Err(damaged("its pieces make no batch"))
}

/// The newest message of a subject.
async fn last(stream: &Stream, subject: &str) -> Result<Option<(u64, Bytes)>, Failure> {
    match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => Ok(Some((message.sequence, message.payload))),
        Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => Ok(None),
        Err(error) => Err(Failure::Unreachable(error.to_string())),
    }
}

/// Publishes a batch without the bodies at these places, and removes its messages, or those of the redaction
/// before.
pub(super) async fn redact(
    link: &Link,
    batch: &Batch,
    messages: Messages,
    before: Option<&Redacted>,
    erased: &(dyn Fn(u64) -> bool + Sync),
) -> Result<(), Failure> {
    let records: Vec<Record<'_>> = (batch.base..)
        .zip(&batch.records)
        .map(|(position, (leaf, body))| Record {
            leaf,
            body: if erased(position) { &[] } else { body },
        })
        .collect();
    let encoded = encode(batch.base, &batch.previous, &records);
    let subject = format!("{}.{}", name(&link.subject), batch.base);
    let id = hexadecimal(&encoded.id);
    for (number, piece) in encoded.pieces.iter().enumerate() {
        let message = PublishMessage::build().payload(Bytes::clone(piece));
        publish(link, format!("{subject}.{id}.{number}"), message).await?;
    }
    let pieces = u32::try_from(encoded.pieces.len()).unwrap_or(u32::MAX);
    let mut pointer = POINTER.to_vec();
    pointer.extend_from_slice(&encoded.id);
    pointer.extend_from_slice(&pieces.to_le_bytes());
    pointer.extend_from_slice(&messages.first.to_le_bytes());
    pointer.extend_from_slice(&messages.last().to_le_bytes());
    let message = PublishMessage::build()
        .payload(pointer.into())
        .expected_last_subject_sequence(before.map_or(0, |before| before.at));
    publish(link, subject.clone(), message).await?;
    for sequence in messages.first..=messages.last() {
        link.remove(sequence).await?;
    }
    if let Some(old) = before.filter(|before| before.id != id) {
        let gone = link
            .redacted
            .purge()
            .filter(format!("{subject}.{}.>", old.id));
        gone.await
            .map_err(|error| Failure::NoQuorum(error.to_string()))?;
    }
    Ok(())
}

async fn publish(link: &Link, subject: String, message: PublishMessage) -> Result<(), Failure> {
    let sent = link.context.send_publish(subject, message).await;
    let sent = sent.map_err(|error| Failure::NoQuorum(error.to_string()))?;
    sent.await
        .map_err(|error| Failure::NoQuorum(error.to_string()))?;
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
