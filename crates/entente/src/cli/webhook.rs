//! `entente webhook`: where a party wants to be told of changes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use node::Caller;
use node::act::happenings::About;

use super::client::{Client, encoded};
use super::output::{Out, counted, tell};
use super::target::{Local, Target, Where};
use super::{Exit, Failure};
use crate::present::webhook::{self, Chosen, Count, Dead, Made, NewWebhook, Tried};
use crate::webhooks::{Options, Webhooks};

/// URLs that are told of changes as they happen, by signed messages (Standard Webhooks)
#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    Create(Create),
    List(List),
    Remove(Remove),
    Test(Test),
    Dead(DeadLetters),
    Retry(Retry),
}

/// Make a webhook; its secret is printed once, alone on stdout
///
/// It tells what the party of the token may see, at the time of each message. On a data directory it
/// is the operator's.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente webhook create https://hooks.example/entente --server https://node.example --token TOKEN
  entente webhook create https://hooks.example/entente --collection library --no-objects
  entente webhook create https://hooks.example/entente --about requests --about letters")]
pub(crate) struct Create {
    /// Where to send: an https URL on the public Internet
    url: String,
    /// A collection it is about; all when absent; repeat for more
    #[arg(long = "collection", value_name = "NAME")]
    collections: Vec<String>,
    /// Leave the objects out of the messages: ids alone
    #[arg(long)]
    no_objects: bool,
    /// What it is told of: signals, requests, feedback, letters; signals alone when absent; repeat for
    /// more
    #[arg(long = "about", value_name = "KIND")]
    about: Vec<About>,
    /// Tell changes after this time too: RFC 3339 in UTC
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// List webhooks, how they go, and why one is not active
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente webhook list --data d")]
pub(crate) struct List {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// Remove a webhook; nothing more is sent
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente webhook remove 3f2a90c1d4e5 --data d")]
pub(crate) struct Remove {
    /// The webhook's id, as 'entente webhook list' shows it
    id: String,
    #[command(flatten)]
    place: Where,
}

/// Send a message of the type webhook.test, and tell whether it was taken
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente webhook test 3f2a90c1d4e5 --data d")]
pub(crate) struct Test {
    /// The webhook's id
    id: String,
    #[command(flatten)]
    place: Where,
}

/// List messages that were given up after their last try, or discard them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente webhook dead 3f2a90c1d4e5 --data d
  entente webhook dead 3f2a90c1d4e5 --discard --data d
  entente webhook dead 3f2a90c1d4e5 --discard --message msg_3f2a90c1d4e5_AAZhELsqotc --data d")]
pub(crate) struct DeadLetters {
    /// The webhook's id
    id: String,
    /// Forget them
    #[arg(long)]
    discard: bool,
    /// Forget this one alone
    #[arg(long, value_name = "MESSAGE", requires = "discard")]
    message: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Where,
}

/// Send again what was given up, and let a webhook that was disabled go on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente webhook retry 3f2a90c1d4e5 --data d")]
pub(crate) struct Retry {
    /// The webhook's id
    id: String,
    /// This message alone
    #[arg(long, value_name = "MESSAGE")]
    message: Option<String>,
    #[command(flatten)]
    place: Where,
}

impl Webhook {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Webhook::Create(verb) => verb.run(),
            Webhook::List(verb) => verb.run(),
            Webhook::Remove(verb) => verb.run(),
            Webhook::Test(verb) => verb.run(),
            Webhook::Dead(verb) => verb.run(),
            Webhook::Retry(verb) => verb.run(),
        }
    }
}

/// The webhooks of a node, here or elsewhere.
enum Hooks {
    Here(Box<Local>, Box<Webhooks>),
    There(Client),
}

impl Hooks {
    fn open(place: &Where) -> anyhow::Result<Self> {
        Ok(match place.open()? {
            Target::Remote(client) => Hooks::There(client),
            Target::Local(local) => {
                let data: PathBuf = place.directory()?;
                let webhooks = Webhooks::open(&data, Options::default())?;
                Hooks::Here(local, Box::new(webhooks))
            }
        })
    }

    fn create(&self, new: NewWebhook) -> anyhow::Result<Made> {
        match self {
            Hooks::There(client) => client.post("/api/v1/webhooks", &new),
            Hooks::Here(local, webhooks) => {
                let (wanted, secret) = webhooks.prepare(new)?;
                let made = local.wait(local.node.add_webhook(&Caller::Operator, wanted))?;
                Ok(webhooks.made(&local.node, &made, secret)?)
            }
        }
    }

    fn list(&self) -> anyhow::Result<Vec<webhook::Webhook>> {
        let listed: webhook::Webhooks = match self {
            Hooks::There(client) => client.get("/api/v1/webhooks", &[])?,
            Hooks::Here(local, webhooks) => webhooks.list(&local.node, &Caller::Operator)?,
        };
        Ok(listed.webhooks)
    }

    fn remove(&self, id: &str) -> anyhow::Result<()> {
        match self {
            Hooks::There(client) => client.delete(&at(id, "")),
            Hooks::Here(local, _) => local.wait(local.node.remove_webhook(&Caller::Operator, id)),
        }
    }

    fn test(&self, id: &str) -> anyhow::Result<Tried> {
        match self {
            Hooks::There(client) => client.post(&at(id, "/test"), &serde_json::json!({})),
            Hooks::Here(local, webhooks) => {
                Ok(webhooks.test(&local.node, &Caller::Operator, id)?)
            }
        }
    }

    fn dead(&self, id: &str) -> anyhow::Result<Dead> {
        match self {
            Hooks::There(client) => client.get(&at(id, "/dead"), &[]),
            Hooks::Here(local, webhooks) => {
                Ok(webhooks.dead(&local.node, &Caller::Operator, id)?)
            }
        }
    }

    fn discard(&self, id: &str, chosen: &Chosen) -> anyhow::Result<()> {
        match (self, &chosen.message) {
            (Hooks::There(client), None) => client.delete(&at(id, "/dead")),
            (Hooks::There(client), Some(message)) => {
                client.delete(&at(id, &format!("/dead/{}", encoded(message))))
            }
            (Hooks::Here(local, webhooks), _) => {
                webhooks.discard(&local.node, &Caller::Operator, id, chosen)?;
                Ok(())
            }
        }
    }

    fn retry(&self, id: &str, chosen: &Chosen) -> anyhow::Result<Count> {
        match self {
            Hooks::There(client) => client.post(&at(id, "/retry"), chosen),
            Hooks::Here(local, webhooks) => {
                Ok(webhooks.retry(&local.node, &Caller::Operator, id, chosen)?)
            }
        }
    }
}

fn at(id: &str, rest: &str) -> String {
    format!("/api/v1/webhooks/{}{rest}", encoded(id))
}

impl Create {
    fn run(self) -> anyhow::Result<Exit> {
        let made = Hooks::open(&self.place)?.create(NewWebhook {
            url: self.url,
            collections: self.collections,
            objects: !self.no_objects,
            about: self.about,
            since: self.since,
        })?;
        let mut out = Out::new();
        if self.json {
            out.json(&made)?;
        } else {
            out.line(&made.secret)?;
        }
        out.flush()?;
        let webhook = &made.webhook;
        tell(&format!(
            "webhook {} of {} to {}",
            webhook.id, webhook.party, webhook.url
        ));
        Ok(Exit::Done)
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let found = Hooks::open(&self.place)?.list()?;
        let mut out = Out::new();
        if self.json {
            for webhook in &found {
                out.json(webhook)?;
            }
        } else {
            let header = [
                "ID", "PARTY", "URL", "STATE", "SENT", "WAITING", "DEAD", "WHY",
            ];
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            out.table(&header, &rows)?;
        }
        out.flush()?;
        if found.is_empty() {
            tell("no webhooks yet: 'entente webhook create'");
        }
        Ok(Exit::Done)
    }
}

fn row(webhook: &webhook::Webhook) -> Vec<String> {
    vec![
        webhook.id.clone(),
        webhook.party.clone(),
        webhook.url.clone(),
        webhook.state.clone(),
        webhook.delivered.to_string(),
        webhook.waiting.to_string(),
        webhook.dead.to_string(),
        webhook.reason.clone().unwrap_or_default(),
    ]
}

impl Remove {
    fn run(self) -> anyhow::Result<Exit> {
        Hooks::open(&self.place)?.remove(&self.id)?;
        tell(&format!("webhook {} is removed", self.id));
        Ok(Exit::Done)
    }
}

impl Test {
    fn run(self) -> anyhow::Result<Exit> {
        let tried = Hooks::open(&self.place)?.test(&self.id)?;
        if tried.taken {
            tell("the endpoint took it");
            return Ok(Exit::Done);
        }
        let reason = tried.reason.unwrap_or_else(|| "no reason is known".into());
        Err(Failure::new(Exit::Remote, format!("not taken: {reason}")).into())
    }
}

impl DeadLetters {
    fn run(self) -> anyhow::Result<Exit> {
        let hooks = Hooks::open(&self.place)?;
        if self.discard {
            let chosen = Chosen {
                message: self.message,
            };
            hooks.discard(&self.id, &chosen)?;
            tell("discarded");
            return Ok(Exit::Done);
        }
        let found = hooks.dead(&self.id)?.messages;
        let mut out = Out::new();
        if self.json {
            for message in &found {
                out.json(message)?;
            }
        } else {
            let row = |dead: &webhook::DeadMessage| {
                let tries = dead.tries.to_string();
                vec![
                    dead.message.clone(),
                    tries,
                    dead.given_up.clone(),
                    dead.reason.clone(),
                ]
            };
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            out.table(&["MESSAGE", "TRIES", "GIVEN UP", "WHY"], &rows)?;
        }
        out.flush()?;
        if found.is_empty() {
            tell("no message was given up");
        }
        Ok(Exit::Done)
    }
}

impl Retry {
    fn run(self) -> anyhow::Result<Exit> {
        let chosen = Chosen {
            message: self.message,
        };
        let count = Hooks::open(&self.place)?.retry(&self.id, &chosen)?.messages;
        let messages = counted(count as u64, "message", "messages");
        tell(&format!("{messages} will be sent again"));
        Ok(Exit::Done)
    }
}
