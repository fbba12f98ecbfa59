//! `entente mail`: the mail that a node sends.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use node::Caller;
use node::clock::Instant;
use stix::Timestamp;

use super::client::{Client, encoded};
use super::output::{FAINT, Out, STRONG, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, Failure, words};
use crate::mail::{self, Options, Server, Wanted, WantedServer};
use crate::present::mail::{Due, DueDone, Preview, Subscriptions, Test, Tried};

/// Morning briefings and weekly digests: try the server, see who gets what, send what is due
#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    Test(TestVerb),
    Preview(PreviewVerb),
    #[command(subcommand)]
    Subscriptions(SubscriptionsVerb),
    SendDue(SendDue),
}

/// How mail is sent.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Mail")]
pub(crate) struct MailFlags {
    /// The server that mail is handed to: `smtp://host[:port]` with STARTTLS, or
    /// `smtps://host[:port]`. Without one no mail is sent
    #[arg(
        long,
        value_name = "URL",
        env = "ENTENTE_SMTP_URL",
        requires = "mail_from"
    )]
    smtp_url: Option<String>,
    /// Who mail is from: an address, or 'Name <address>'
    #[arg(long, value_name = "SENDER", env = "ENTENTE_MAIL_FROM")]
    mail_from: Option<String>,
    /// A file with the user's name on its first line and the password on its second
    #[arg(long, value_name = "FILE", env = "ENTENTE_SMTP_CREDENTIALS")]
    smtp_credentials: Option<PathBuf>,
    /// A certificate (PEM) to trust besides those of the web; with it TLS is spoken to a server on this
    /// machine too
    #[arg(long, value_name = "FILE")]
    smtp_ca: Option<PathBuf>,
    /// Speak to the server without TLS also where it is not on this machine
    #[arg(long)]
    smtp_plain: bool,
    /// Messages within a minute, at most
    #[arg(long, value_name = "N", default_value_t = 60)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=60_000))]
    mail_rate: u32,
    /// Seconds to wait after each failed try of a message, between commas
    #[arg(long, value_name = "SECONDS", value_delimiter = ',', value_parser = words::seconds)]
    #[arg(default_value = "60,300,900,3600,14400,43200,86400,172800")]
    mail_retries: Vec<std::time::Duration>,
}

impl MailFlags {
    /// As the flags say.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub(crate) fn options(&self) -> anyhow::Result<Options> {
        Ok(Options {
            server: self.server()?,
            per_minute: self.mail_rate,
            retries: self.mail_retries.clone(),
            url: String::new(),
        })
    }

    /// The server, if one is named.
    pub(crate) fn server(&self) -> anyhow::Result<Option<Server>> {
        let Some(url) = &self.smtp_url else {
            return Ok(None);
        };
        let server = Server::new(&WantedServer {
            url: url.clone(),
            from: self.mail_from.clone().unwrap_or_default(),
            credentials: self.smtp_credentials.clone(),
            ca: self.smtp_ca.clone(),
            plain: self.smtp_plain,
        });
        server
            .map(Some)
            .map_err(|words| Failure::new(Exit::Local, words).into())
    }
}

/// Send one message to an address, to try the server
///
/// Goes through the node that serves the directory, if one does; else by the flags below.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente mail test me@example.org --data d
  entente mail test me@example.org --data d --smtp-url smtps://mail.example \\
    --smtp-credentials mail.txt --mail-from news@node.example")]
pub(crate) struct TestVerb {
    /// Where to
    address: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    flags: MailFlags,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Print what a digest would say now
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente mail preview --topic register --topic requests --data d
  entente mail preview --topic inbox --weekly --server https://node.example
  entente mail preview --topic signals:library --html --data d > digest.html")]
pub(crate) struct PreviewVerb {
    /// What about; repeat for more: register, pledge, identity, requests, commitments, signals,
    /// signals:COLLECTION, harm:HARM; for members inbox, feedback, withdrawals
    #[arg(long = "topic", value_name = "TOPIC", required = true)]
    topics: Vec<String>,
    #[command(flatten)]
    place: Where,
    /// Of the last week, not of the last day
    #[arg(long)]
    weekly: bool,
    /// Print the HTML part
    #[arg(long, conflicts_with = "json")]
    html: bool,
    /// Print JSON: subject, text, html
    #[arg(long)]
    json: bool,
}

/// Who gets mail: for the operator
#[derive(Debug, Subcommand)]
pub(crate) enum SubscriptionsVerb {
    List(ListVerb),
    Remove(RemoveVerb),
}

/// List subscriptions: their addresses are personal data
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente mail subscriptions list --data d
  entente mail subscriptions list --data d --json")]
pub(crate) struct ListVerb {
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Remove a subscription and its address, as its owner could
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente mail subscriptions remove 5f0c3f6a6a5d4b0f9f0f9a1b2c3d4e5f --data d")]
pub(crate) struct RemoveVerb {
    /// The subscription's id, as 'list' shows it
    id: String,
    #[command(flatten)]
    place: Where,
}

/// Send everything that is due, and say what became of it
///
/// A node that is served does this by itself.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente mail send-due --data d
  entente mail send-due --data d --at 2026-11-30T06:00:00Z")]
pub(crate) struct SendDue {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    flags: MailFlags,
    /// As of this time: RFC 3339 in UTC
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The node's URL, for the links in messages, when it is not being served
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8750")]
    public_url: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Mail {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Mail::Test(verb) => verb.run(),
            Mail::Preview(verb) => verb.run(),
            Mail::Subscriptions(SubscriptionsVerb::List(verb)) => verb.run(),
            Mail::Subscriptions(SubscriptionsVerb::Remove(verb)) => verb.run(),
            Mail::SendDue(verb) => verb.run(),
        }
    }
}

/// The mail of a directory that nobody serves.
fn opened(place: &Where, options: Options) -> anyhow::Result<mail::Mail> {
    Ok(mail::Mail::open(&place.directory()?, options)?)
}

/// An error of the node, so that it has its exit code.
fn told<T>(done: Result<T, mail::Error>) -> anyhow::Result<T> {
    Ok(done.map_err(node::Error::from)?)
}

impl TestVerb {
    fn run(self) -> anyhow::Result<Exit> {
        let tried: Tried = match self.place.open()? {
            Target::Local(local) => {
                let mail = opened(&self.place, self.flags.options()?)?;
                told(mail.test(&local.node, &Caller::Operator, &self.address))?
            }
            Target::Remote(client) => client.post(
                "/api/v1/mail/test",
                &Test {
                    to: self.address.clone(),
                },
            )?,
        };
        let mut out = Out::new();
        if self.json {
            out.json(&tried)?;
        }
        out.flush()?;
        if tried.taken {
            tell("the server took it");
            return Ok(Exit::Done);
        }
        tell(&plain(
            tried.reason.as_deref().unwrap_or("it was not taken"),
        ));
        Ok(Exit::Remote)
    }
}

impl PreviewVerb {
    fn run(self) -> anyhow::Result<Exit> {
        let topics = Wanted::parse_all(self.topics.iter().map(String::as_str));
        let topics = topics.map_err(Failure::usage)?;
        let preview = match self.place.open()? {
            Target::Local(local) => {
                let url = "http://127.0.0.1:8750";
                let made =
                    mail::Mail::preview(&local.node, &Caller::Operator, &topics, self.weekly, url)?;
                Preview::from(made)
            }
            Target::Remote(client) => remote_preview(&client, &topics, self.weekly)?,
        };
        let mut out = Out::new();
        if self.json {
            out.json(&preview)?;
        } else if self.html {
            out.line(preview.html.trim_end())?;
        } else {
            for line in preview.text.lines() {
                out.line(&plain(line))?;
            }
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

fn remote_preview(client: &Client, topics: &[Wanted], weekly: bool) -> anyhow::Result<Preview> {
    let mut query: Vec<(String, String)> = topics
        .iter()
        .map(|topic| ("topic".to_owned(), topic.text()))
        .collect();
    query.push(("weekly".into(), weekly.to_string()));
    client.get("/api/v1/mail/preview", &query)
}

impl ListVerb {
    fn run(self) -> anyhow::Result<Exit> {
        let found: Subscriptions = match self.place.open()? {
            Target::Local(local) => {
                let mail = opened(&self.place, Options::default())?;
                let all = told(mail.list(&local.node, &Caller::Operator))?;
                Subscriptions {
                    counts: told(mail.counts())?,
                    subscriptions: all.into_iter().map(Into::into).collect(),
                }
            }
            Target::Remote(client) => client.get("/api/v1/subscriptions", &[])?,
        };
        let mut out = Out::new();
        for one in &found.subscriptions {
            if self.json {
                out.json(one)?;
                continue;
            }
            let reason = one.reason.as_deref();
            let reason = reason.map_or_else(String::new, |words| format!(" ({})", plain(words)));
            let line = format!(
                "{} {} | {}{reason} | {} | {}",
                out.paint(FAINT, &one.id),
                out.paint(STRONG, &plain(&one.address)),
                one.state,
                one.schedule,
                one.topics.join(", "),
            );
            out.line(&line)?;
        }
        out.flush()?;
        let counts = found.counts;
        tell(&format!(
            "{}, {} to be confirmed, {} to be sent",
            counted(counts.subscriptions, "subscription", "subscriptions"),
            counts.pending,
            counted(counts.waiting, "message", "messages"),
        ));
        Ok(Exit::Done)
    }
}

impl RemoveVerb {
    fn run(self) -> anyhow::Result<Exit> {
        match self.place.open()? {
            Target::Local(local) => {
                let mail = opened(&self.place, Options::default())?;
                told(mail.remove(&local.node, &Caller::Operator, &self.id))?;
            }
            Target::Remote(client) => {
                client.delete(&format!("/api/v1/subscriptions/{}", encoded(&self.id)))?;
            }
        }
        tell("removed, and the address with it");
        Ok(Exit::Done)
    }
}

impl SendDue {
    fn run(self) -> anyhow::Result<Exit> {
        let at = self.at.as_deref().map(instant).transpose()?;
        let done: DueDone = match self.place.open()? {
            Target::Local(local) => {
                let url = self.public_url.trim_end_matches('/').to_owned();
                let options = Options {
                    url,
                    ..self.flags.options()?
                };
                let mail = opened(&self.place, options)?;
                told(mail.send_due(&local.node, &Caller::Operator, at))?
            }
            Target::Remote(client) => client.post(
                "/api/v1/mail/due",
                &Due {
                    at: self.at.clone(),
                },
            )?,
        };
        let mut out = Out::new();
        if self.json {
            out.json(&done)?;
        } else {
            out.line(&format!(
                "{} sent, {} with nothing new, {} to be tried again, {} stopped; {} wait",
                done.sent, done.skipped, done.failed, done.stopped, done.waiting
            ))?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

fn instant(text: &str) -> anyhow::Result<Instant> {
    let at = Timestamp::parse(text);
    let at = at.map_err(|_| Failure::usage(format!("--at: '{text}' is not RFC 3339 in UTC")))?;
    Ok(Instant(at.micros()))
}
