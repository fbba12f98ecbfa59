//! The flags that say which stream a journal is on.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use node::StreamOptions;

/// The stream of a journal.
#[derive(Debug, Args)]
pub(crate) struct Stream {
    /// Put the journal on a stream of these NATS servers
    #[arg(long, value_name = "URL", value_delimiter = ',')]
    journal: Vec<String>,
    /// The stream's name
    #[arg(
        long = "stream",
        value_name = "NAME",
        default_value = "entente",
        requires = "journal"
    )]
    name: String,
    /// Servers that have each batch before a write is answered
    #[arg(long, value_name = "NUMBER", default_value_t = 3, requires = "journal")]
    replicas: usize,
    /// A NATS credentials file
    #[arg(long, value_name = "FILE", requires = "journal")]
    nats_credentials: Option<PathBuf>,
    /// A root certificate of the servers, besides the system's
    #[arg(long, value_name = "FILE", requires = "journal")]
    nats_ca: Vec<PathBuf>,
    /// The monitoring addresses of the servers (http://HOST:8222): asked whether they fsync always
    #[arg(long, value_name = "URL", value_delimiter = ',', requires = "journal")]
    nats_monitor: Vec<String>,
    /// Take the servers' word that they fsync always
    #[arg(long, requires = "journal")]
    trust_servers: bool,
    /// Seconds that a write waits while servers fail over
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        requires = "journal"
    )]
    failover: u64,
}

impl Stream {
    /// How the journal is opened; none when it is this directory's alone. `node_url` is where the other
    /// nodes reach this one.
    pub(crate) fn options(&self, node_url: &str) -> anyhow::Result<Option<StreamOptions>> {
        if self.journal.is_empty() {
            return Ok(None);
        }
        if !(1..=5).contains(&self.replicas) {
            bail!("--replicas: 1 to 5");
        }
        let names = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || !self.name.chars().all(names) {
            bail!("--stream: letters, digits, '-' and '_'");
        }
        self.check_name(node_url)?;
        self.check_servers()?;
        Ok(Some(StreamOptions {
            servers: self.journal.clone(),
            credentials: self.nats_credentials.clone(),
            certificates: self.nats_ca.clone(),
            stream: self.name.clone(),
            name: node_url.to_owned(),
            replicas: self.replicas,
            wait: Duration::from_secs(self.failover.max(1)),
            ..StreamOptions::default()
        }))
    }

    /// Whether other nodes reach this one by what it calls itself; nobody when it is empty.
    fn check_name(&self, node_url: &str) -> anyhow::Result<()> {
        let local = |host: &str| host == "localhost" || host.parse().is_ok_and(is_local);
        let host_of = |url: &str| {
            let uri: Option<ureq::http::Uri> = url.parse().ok();
            let host = uri.as_ref().and_then(|uri| uri.host()).unwrap_or_default();
            host.trim_matches(['[', ']']).to_owned()
        };
        if node_url.is_empty() {
            return Ok(());
        }
        if !node_url.starts_with("http://") {
            bail!("--node-url: the nodes speak plain HTTP among themselves: http://HOST:PORT");
        }
        let here = self.journal.iter().all(|server| local(&host_of(server)));
        if local(&host_of(node_url)) && !here {
            bail!("name the URL under which the other nodes reach this one with --node-url");
        }
        Ok(())
    }

    /// Whether the servers fsync before they answer.
    fn check_servers(&self) -> anyhow::Result<()> {
        if self.trust_servers {
            return Ok(());
        }
        if self.nats_monitor.len() < self.replicas {
            bail!(
                "what a power failure leaves depends on the servers: name the monitoring address of each \
                 with --nats-monitor, so that it is checked that they fsync always, or take their word \
                 with --trust-servers"
            );
        }
        for monitor in &self.nats_monitor {
            let url = format!("{}/jsz?config=1", monitor.trim_end_matches('/'));
            let answer = ureq::get(&url).call();
            let mut answer = answer.with_context(|| format!("{url} does not answer"))?;
            let text = answer.body_mut().read_to_string();
            let text = text.with_context(|| format!("{url} does not answer"))?;
            let told: serde_json::Value = serde_json::from_str(&text)
                .with_context(|| format!("{url} is no monitoring address of a NATS server"))?;
            let always = told
                .pointer("/config/sync_always")
                .and_then(serde_json::Value::as_bool);
            if always != Some(true) {
                bail!(
                    "{monitor}: this server does not fsync before it answers, so that a power failure \
                     loses writes: set 'sync_interval: always' in its jetstream block"
                );
            }
        }
        Ok(())
    }
}

/// Whether an address means this machine alone, or none in particular.
fn is_local(address: std::net::IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}
