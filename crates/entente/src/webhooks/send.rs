//! One message on its way: a signed POST (Standard Webhooks, "Webhook headers").

use std::io;
use std::time::Duration;

use ureq::Agent;
use ureq::http::StatusCode;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;

use super::address::{self, PublicOnly};
use super::key::Secret;

/// How long an endpoint may take for the whole exchange.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A body of an answer that is read away, so that its connection can be used again. Longer ones are
/// left, and the connection with them.
const SHORT: u64 = 4096;

/// Octets of each buffer of a connection.
const BUFFER: usize = 16 << 10;

/// A message before it is signed.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) body: Vec<u8>,
}

/// What became of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// 2xx.
    Taken,
    /// 410: nobody wants messages there any more.
    Gone,
    /// Anything else, in words.
    Failed(String),
}

/// Sends messages; keeps connections for the next.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    agent: Agent,
    private: bool,
}

impl Sender {
    /// With `private`, also to plain HTTP and to addresses that are not public.
    pub(super) fn new(private: bool) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(!private)
            // A proxy would look the host up by itself, where nobody checks the address.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(TIMEOUT))
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER)
            .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
            .build();
        let connector = DefaultConnector::default();
        let agent = if private {
            Agent::with_parts(config, connector, DefaultResolver::default())
        } else {
            Agent::with_parts(config, connector, PublicOnly::default())
        };
        Sender { agent, private }
    }

    /// Whether a URL may be sent to, its host looked up.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self, url: &str) -> Result<(), String> {
        let uri = address::parse(url, self.private)?;
        if self.private {
            Ok(())
        } else {
            address::check_host(&uri)
        }
    }

    /// Sends a message once; blocks for up to 15 seconds.
    pub(super) fn send(&self, message: &Message, secret: &Secret, timestamp: i64) -> Sent {
        // What was taken when it was made may be refused by how the node runs now.
        if let Err(words) = address::parse(&message.url, self.private) {
            return Sent::Failed(words);
        }
        let answer = self
            .agent
            .post(&message.url)
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", timestamp.to_string())
            .header(
                "webhook-signature",
                secret.signature(&message.id, timestamp, &message.body),
            )
            .send(&message.body);
        let mut answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Sent::Failed(reason(&error)),
        };
        let status = answer.status();
        if answer
            .body()
            .content_length()
            .is_some_and(|length| length <= SHORT)
        {
            // Only for the connection's sake: the status is the answer.
            drop(io::copy(
                &mut answer.body_mut().as_reader(),
                &mut io::sink(),
            ));
        }
        match status {
            StatusCode::GONE => Sent::Gone,
            status if status.is_success() => Sent::Taken,
            status if status.is_redirection() => Sent::Failed(format!(
                "the endpoint answered {}: redirects are not followed",
                status.as_u16()
            )),
            status => Sent::Failed(format!("the endpoint answered {}", status.as_u16())),
        }
    }
}

fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("no answer within {} s", TIMEOUT.as_secs()),
        ureq::Error::HostNotFound => "the host cannot be found".into(),
        other => other.to_string(),
    }
}
