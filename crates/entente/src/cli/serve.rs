//! `entente serve`: a node that answers over HTTP.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use node::act::identity::domains::Validity;
use node::{Node, OpenError, Options};

use super::init::{create, operator, read_pledge};
use super::mail::MailFlags;
use super::output::{Out, tell};
use super::target::Where;
use super::{Exit, guard, witness, words};
use crate::domains;
use crate::http::serve;
use crate::webhooks;
use crate::witnesses::Witnesses;

/// Serve a data directory: TAXII 2.1, the JSON API and the pages
///
/// At its first start it prints a link that makes an administrator, once, within a day.
/// SIGINT or SIGTERM end it in good order.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente serve --data d
  entente serve --data d --init --listen 127.0.0.1:8750
  entente serve --data d --listen 0.0.0.0:8750 --public-url https://node.example
  entente serve --data d --witnesses policy.txt --witness-for logs.txt
  entente serve --data d --public-url https://node.example --smtp-url smtps://mail.example \\
    --smtp-credentials mail.txt --mail-from 'Paris Call <news@node.example>'")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Serve {
    #[command(flatten)]
    place: Where,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8750")]
    listen: SocketAddr,
    /// The URL under which clients reach this node, behind a proxy
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The largest body taken, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 10 << 20)]
    max_content_length: usize,
    /// Let webhooks go to plain HTTP and to addresses that are not public: for an intranet
    #[arg(long)]
    allow_private_webhooks: bool,
    /// Seconds to wait after each failed try of a webhook's message, between commas
    #[arg(long, value_name = "SECONDS", value_delimiter = ',', value_parser = words::seconds)]
    #[arg(default_value = "5,300,1800,7200,18000,36000,50400,72000,86400")]
    webhook_retries: Vec<Duration>,
    #[command(flatten)]
    mail: MailFlags,
    /// Hours after which a party's domain is looked at again, about; 0 for never
    #[arg(long, value_name = "HOURS", value_parser = hours, default_value = "12")]
    domain_recheck: Duration,
    /// Hours for which a good look proves a domain
    #[arg(long, value_name = "HOURS", value_parser = hours, default_value = "1080")]
    domain_validity: Duration,
    /// Hours for which a proof still holds after it was found gone or wrong
    #[arg(long, value_name = "HOURS", value_parser = hours, default_value = "72")]
    domain_grace: Duration,
    /// The resolver to ask: an address, with its port if that is not 53; the system's when absent
    #[arg(long, value_name = "ADDRESS", value_parser = super::domain::dns_server)]
    dns_server: Option<SocketAddr>,
    /// Look at key documents on plain HTTP and at addresses that are not public too: for an intranet
    #[arg(long)]
    allow_private_domains: bool,
    /// Run without the match index: less memory, no lookups
    #[arg(long)]
    no_match: bool,
    /// Ask the witnesses of this policy file (C2SP tlog-policy) for cosignatures, and show
    /// checkpoints that its quorum has seen
    #[arg(long, value_name = "FILE")]
    witnesses: Option<PathBuf>,
    /// Seconds between two questions to witnesses, at least
    #[arg(long, value_name = "SECONDS", value_parser = words::seconds, default_value = "5")]
    witness_pause: Duration,
    /// Be a witness for the logs that this policy file names
    #[arg(long, value_name = "FILE")]
    witness_for: Option<PathBuf>,
    /// The name that this witness signs with, when its key is made; the log's name and /witness when
    /// absent
    #[arg(long, value_name = "NAME", requires = "witness_for")]
    witness_name: Option<String>,
    /// The log's name, when its key is made: a URL of yours without its scheme, for good
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    #[cfg(feature = "jetstream")]
    #[command(flatten)]
    stream: super::stream::Stream,
    /// The URL under which the other nodes on a stream reach this one; http:// and --listen when absent
    #[cfg(feature = "jetstream")]
    #[arg(long, value_name = "URL", requires = "journal")]
    node_url: Option<String>,
    /// Make the data directory on the Paris Call when there is none
    #[arg(long)]
    init: bool,
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let data = self.place.directory()?;
        let node = self.open(&data)?;
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let good = micros(self.domain_validity);
        let domains = domains::Options {
            recheck: Some(self.domain_recheck).filter(|time| !time.is_zero()),
            validity: Validity {
                good,
                grace: micros(self.domain_grace),
                // Well before it would lapse.
                renewal: Validity::default().renewal.min(good / 3 * 2),
            },
            server: self.dns_server,
            private: self.allow_private_domains,
            node_url: self.public_url.clone(),
        };
        let witnesses = self.witnesses.as_deref().map(witness::policy).transpose()?;
        let witness = match &self.witness_for {
            Some(logs) => Some(witness::open(&data, logs, self.witness_name, &node)?),
            None => None,
        };
        let options = serve::Options {
            witnesses: witnesses.map(|policy| Witnesses::new(policy, self.witness_pause)),
            witness,
            domains,
            mail: self.mail.options()?,
            data,
            listen: self.listen,
            max_content_length: self.max_content_length,
            public_url: self
                .public_url
                .map(|url| url.trim_end_matches('/').to_owned()),
            webhooks: webhooks::Options {
                private: self.allow_private_webhooks,
                retries: self.webhook_retries,
            },
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(serve::run(Arc::new(node), options, |url, link| {
            let mut out = Out::new();
            out.line(url)?;
            out.flush()?;
            tell("serving; Ctrl-C ends it");
            if let Some(link) = link {
                tell(&format!(
                    "administrator link, works once within a day: {link}"
                ));
            }
            Ok(())
        }))?;
        Ok(Exit::Done)
    }
}

impl Serve {
    /// Opens the node, and makes its data directory first where that is wanted.
    fn open(&self, data: &Path) -> anyhow::Result<Node> {
        #[cfg(feature = "jetstream")]
        let name = match &self.node_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        };
        let options = Options {
            origin: self.origin.clone(),
            #[cfg(feature = "jetstream")]
            stream: self.stream.options(&name)?,
            ..guard::options(!self.no_match)
        };
        match Node::open(data, &options) {
            Err(OpenError::Missing(_)) if self.init => {
                let operator = operator("Node operator")?;
                create(data, read_pledge(None)?, operator, &options)?;
                tell(&format!("{} is made, on the Paris Call", data.display()));
                Ok(Node::open(data, &options)?)
            }
            opened => Ok(opened?),
        }
    }
}

/// A time in hours, in fractions too, up to ten years.
fn hours(text: &str) -> Result<Duration, String> {
    let number = text.trim().parse::<f64>().ok();
    let within = number.filter(|number| (0.0..=87_600.0).contains(number));
    within
        .map(|hours| Duration::from_secs_f64(hours * 3600.0))
        .ok_or_else(|| format!("'{text}' is no number of hours from 0 to 87600"))
}
