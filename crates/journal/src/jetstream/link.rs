//! The connection: publishing with compare-and-append, and following. Runs on a runtime of its own, so
//! that a journal can be used from anywhere.

use std::time::{Duration, Instant};

use async_nats::ConnectOptions;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream};
use async_nats::jetstream::{self, Context};
use bytes::Bytes;
use futures_util::StreamExt as _;

use super::batch::{Assembly, Batch, Encoded, Piece};
use super::index::Messages;
use super::{Failure, Options, redaction};

/// How long one request may take before it is tried again.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause before the first of these.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long servers remember the ids of messages: longer than a writer tries.
const MEMORY: Duration = Duration::from_mins(2);

/// The oldest release of nats-server that is tried.
const OLDEST: (u32, u32) = (2, 14);

pub(super) struct Link {
    pub(super) context: Context,
    stream: Stream,
    /// The stream of redacted batches.
    pub(super) redacted: Stream,
    /// The subject of batches, which is the stream's name.
    pub(super) subject: String,
    /// How long an append is tried before it is given up.
    wait: Duration,
}

/// What became of a batch that was published.
pub(super) enum Published {
    /// It stands, and its last piece has this sequence.
    At(u64),
    /// Somebody else's message stands where it would have.
    Overtaken,
}

/// Who the stream is: what is made anew is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) created: String,
}

impl Link {
    /// Connects, and finds or makes the stream.
    pub(super) async fn open(options: &Options) -> Result<(Self, Identity), Failure> {
        let client = connect(options).await?;
        check_version(&client.server_info().version)?;
        let mut context = jetstream::new(client);
        context.set_timeout(PATIENCE);
        let config = wanted(options);
        let redacted = redaction::wanted(&config);
        let stream = find_or_make(&context, config, options.wait).await?;
        let redacted = find_or_make(&context, redacted, options.wait).await?;
        let info = stream.cached_info();
        check(&info.config, options)?;
        let identity = Identity {
            created: info.created.to_string(),
        };
        let link = Link {
            context,
            stream,
            redacted,
            subject: options.stream.clone(),
            wait: options.wait,
        };
        Ok((link, identity))
    }

    /// The sequence of the last message.
    pub(super) async fn last(&self) -> Result<u64, Failure> {
        let info = self.stream.get_info().await;
        Ok(info
            .map_err(|error| Failure::Unreachable(error.to_string()))?
            .state
            .last_sequence)
    }

    /// Publishes a batch right behind the message with this sequence, or finds that somebody else was
    /// first. What a server may have taken before the connection broke is looked for before it is sent
    /// again.
    pub(super) async fn publish(&self, batch: &Encoded, after: u64) -> Result<Published, Failure> {
        let started = Instant::now();
        let mut pause = PAUSE;
        let (mut done, mut unsure) = (0_usize, false);
        while let Some(piece) = batch.pieces.get(done) {
            let expected = after + done as u64;
            if unsure {
                match self.holds(batch, expected + 1).await {
                    Ok(Some(true)) => {
                        (done, unsure) = (done + 1, false);
                        continue;
                    }
                    Ok(Some(false)) => return Ok(Published::Overtaken),
                    Ok(None) => unsure = false,
                    Err(error) if started.elapsed() > self.wait => {
                        return Err(Failure::NoQuorum(error));
                    }
                    Err(_) => {
                        wait(&mut pause).await;
                        continue;
                    }
                }
            }
            match self.send(batch, done, piece, expected).await {
                Ok(sequence) if sequence == expected + 1 => done += 1,
                // A duplicate of what stands already.
                Ok(_) => unsure = true,
                Err(PublishErrorKind::WrongLastSequence) => {
                    // Ours, when an answer was lost; else somebody else's.
                    match self.holds(batch, expected + 1).await {
                        Ok(Some(true)) => done += 1,
                        Ok(_) => return Ok(Published::Overtaken),
                        Err(_) => unsure = true,
                    }
                }
                Err(kind) if started.elapsed() > self.wait => {
                    return Err(Failure::NoQuorum(kind.to_string()));
                }
                Err(_) => {
                    unsure = true;
                    wait(&mut pause).await;
                }
            }
        }
        Ok(Published::At(after + batch.pieces.len() as u64))
    }

    async fn send(
        &self,
        batch: &Encoded,
        number: usize,
        piece: &Bytes,
        expected: u64,
    ) -> Result<u64, PublishErrorKind> {
        let id = batch
            .id
            .iter()
            .fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
        let message = PublishMessage::build()
            .payload(piece.clone())
            .message_id(format!("{id}-{number}"))
            .expected_last_sequence(expected);
        let acknowledged = self
            .context
            .send_publish(self.subject.clone(), message)
            .await;
        let acknowledged = acknowledged.map_err(|error| error.kind())?;
        Ok(acknowledged.await.map_err(|error| error.kind())?.sequence)
    }

    /// Whether the message with this sequence is a piece of this batch; none when there is none.
    async fn holds(&self, batch: &Encoded, sequence: u64) -> Result<Option<bool>, String> {
        match self.message(sequence).await? {
            Some(bytes) => Ok(Some(
                Piece::decode(&bytes).is_ok_and(|piece| piece.id == batch.id),
            )),
            None if self.last().await.map_err(|error| error.to_string())? >= sequence => {
                Ok(Some(false))
            }
            None => Ok(None),
        }
    }

    /// A message by its sequence; none when there is none, or it was removed.
    async fn message(&self, sequence: u64) -> Result<Option<Bytes>, String> {
        use async_nats::jetstream::stream::RawMessageErrorKind as Kind;
        match self.stream.get_raw_message(sequence).await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) if matches!(error.kind(), Kind::NoMessageFound) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The batch that these messages carry; none when one of them was removed.
    pub(super) async fn batch(&self, messages: Messages) -> Result<Option<Batch>, Failure> {
        let mut assembly = Assembly::default();
        for sequence in messages.first..=messages.last() {
            let found = self.message(sequence).await.map_err(Failure::Unreachable)?;
            let Some(bytes) = found else {
                return Ok(None);
            };
            let damaged = |what| Failure::Damaged(sequence, what);
            let piece = Piece::decode(&bytes).map_err(damaged)?;
            if let Some(batch) = assembly.take(&piece) {
                return Ok(Some(batch.map_err(damaged)?));
            }
        }
        Ok(None)
    }

    /// Removes a message, and has its bytes overwritten; one that is gone already is fine.
    pub(super) async fn remove(&self, sequence: u64) -> Result<(), Failure> {
        match self.stream.delete_message(sequence).await {
            Ok(_) => Ok(()),
            Err(_) if matches!(self.message(sequence).await, Ok(None)) => Ok(()),
            Err(error) => Err(Failure::NoQuorum(error.to_string())),
        }
    }

    /// Hands on every message behind this sequence, in order, for as long as `take` says so.
    pub(super) async fn follow(
        &self,
        after: u64,
        mut take: impl FnMut(u64, Bytes) -> bool,
    ) -> Result<(), Failure> {
        let lost = |error: String| Failure::Unreachable(error);
        let config = OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: after + 1,
            },
            ..OrderedConfig::default()
        };
        let consumer = self.stream.create_consumer(config).await;
        let consumer = consumer.map_err(|error| lost(error.to_string()))?;
        let mut messages = consumer
            .messages()
            .await
            .map_err(|error| lost(error.to_string()))?;
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| lost(error.to_string()))?;
            let info = message.info().map_err(|error| lost(error.to_string()))?;
            let sequence = info.stream_sequence;
            if !take(sequence, message.payload.clone()) {
                return Ok(());
            }
        }
        Err(lost("the consumer ended".into()))
    }
}

/// Tries again what servers do not answer while they start or fail over, until it took too long.
pub(super) async fn patiently<T, F: Future<Output = Result<T, Failure>>>(
    patience: Duration,
    mut work: impl FnMut() -> F,
) -> Result<T, Failure> {
    let started = Instant::now();
    let mut pause = PAUSE;
    loop {
        match work().await {
            Err(Failure::Unreachable(_) | Failure::NoQuorum(_)) if started.elapsed() < patience => {
                wait(&mut pause).await;
            }
            done => return done,
        }
    }
}

async fn find_or_make(
    context: &Context,
    config: Config,
    patience: Duration,
) -> Result<Stream, Failure> {
    patiently(patience, || async {
        let found = context.get_or_create_stream(config.clone()).await;
        found.map_err(|error| Failure::Unreachable(format!("stream {}: {error}", config.name)))
    })
    .await
}

async fn connect(options: &Options) -> Result<async_nats::Client, Failure> {
    let mut connect = ConnectOptions::new()
        .name("entente")
        .retry_on_initial_connect();
    if let Some(path) = &options.credentials {
        let read = ConnectOptions::credentials_file(connect, path).await;
        connect = read.map_err(|error| Failure::Credentials(path.clone(), error.to_string()))?;
    }
    for certificate in &options.certificates {
        connect = connect.add_root_certificates(certificate.clone());
    }
    let servers: Vec<&str> = options.servers.iter().map(String::as_str).collect();
    let connected = tokio::time::timeout(options.wait, connect.connect(servers)).await;
    match connected {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(error)) => Err(Failure::Unreachable(error.to_string())),
        Err(_) => Err(Failure::Unreachable("no server answers".into())),
    }
}

/// The stream as it is made.
fn wanted(options: &Options) -> Config {
    Config {
        name: options.stream.clone(),
        subjects: vec![options.stream.clone()],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        num_replicas: options.replicas,
        duplicate_window: MEMORY,
        deny_purge: true,
        description: Some("The journal of an Entente node".into()),
        ..Config::default()
    }
}

/// Whether a stream that was there already keeps what a journal promises.
fn check(found: &Config, options: &Options) -> Result<(), Failure> {
    let weak = |what: String| Err(Failure::Weak(what));
    if found.storage != StorageType::File {
        return weak("it is kept in memory".into());
    }
    if found.num_replicas < options.replicas {
        let (have, want) = (found.num_replicas, options.replicas);
        return weak(format!("it has {have} replicas, not {want}"));
    }
    if found.retention != RetentionPolicy::Limits || found.discard != DiscardPolicy::New {
        return weak("it throws old messages away".into());
    }
    let limited = found.max_messages > 0 || found.max_bytes > 0 || !found.max_age.is_zero();
    if limited || found.max_messages_per_subject > 0 {
        return weak("it has a limit of messages, bytes or age".into());
    }
    Ok(())
}

/// Whether a server is of a release that keeps these promises.
fn check_version(version: &str) -> Result<(), Failure> {
    let mut numbers = version.split(['.', '-']).map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        // A build of somebody's own: its operator knows.
        return Ok(());
    };
    if (major, minor) >= OLDEST {
        return Ok(());
    }
    Err(Failure::Weak(format!(
        "its server is nats-server {version}: {}.{} or newer is needed",
        OLDEST.0, OLDEST.1
    )))
}

async fn wait(pause: &mut Duration) {
    tokio::time::sleep(*pause).await;
    *pause = (*pause * 2).min(LONGEST_PAUSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_are_refused_with_their_version() {
        for taken in ["2.14.0", "2.15.1", "3.0.0-RC.1", "2.14.0-preview.1", "dev"] {
            assert!(check_version(taken).is_ok(), "{taken}");
        }
        for refused in ["2.13.9", "2.9.0-beta.2", "1.99.0"] {
            let error = check_version(refused).unwrap_err().to_string();
            assert!(error.contains(refused) && error.contains("2.14"), "{error}");
        }
    }
}
