//! `entente doctor`: is a data directory sound?

use std::io;

use clap::Args;
use node::{Caller, Node, OpenError};
use serde::Serialize;

use super::mail::MailFlags;
use super::output::{Out, count, counted, plain, tell};
use super::target::Where;
use super::{Exit, Failure, guard};
use crate::mail::{self, Counts};
use crate::{present, run};

/// Check a data directory: the whole journal, then what is kept beside it
///
/// Reads every entry: checksums, the hash chain, and that each entry is the one its public leaf
/// commits to. What does not hold ends it with exit code 6. A node that serves the directory has to
/// be stopped first. With the flags for mail it asks that server too; a server that does not answer
/// ends it with exit code 5.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente doctor --data d
  entente doctor --data d --json
  entente doctor --data d --smtp-url smtps://mail.example --smtp-credentials mail.txt \\
    --mail-from news@node.example")]
pub(crate) struct Doctor {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    mail: MailFlags,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Found {
    /// Entries in the journal; all hold.
    entries: u64,
    /// Entries among them that were erased.
    erased: u64,
    /// Entries that were to be erased and still had a body: they were erased now.
    erased_now: u64,
    /// Octets of an append that was never acknowledged, cut off the journal's end on opening.
    mended_bytes: u64,
    pledge: Option<String>,
    parties: u64,
    collections: u64,
    objects: u64,
    tokens: u64,
    /// Who wants mail; absent where nobody ever asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<Counts>,
    /// What the mail server says; absent when none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_server: Option<String>,
}

impl Doctor {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let data = self.place.directory()?;
        let bar = indicatif::ProgressBar::new_spinner();
        let mut progress = |position| bar.set_message(format!("{} entries", count(position)));
        let verified = Node::verify(&data, &mut progress);
        bar.finish_and_clear();
        let verified = verified.map_err(|error| diagnosis(error, &data))?;

        let node =
            Node::open(&data, &guard::options(true)).map_err(|error| diagnosis(error, &data))?;
        node.wait_for_index().map_err(node::Error::from)?;
        let directory = node.directory();
        let collections = present::collection::collections(&node, &Caller::Operator)?.collections;
        let found = Found {
            entries: verified.entries,
            erased: verified.erased + verified.unfinished,
            erased_now: verified.unfinished,
            mended_bytes: verified.recovery.truncated_bytes,
            pledge: directory.pledge().map(|pledge| pledge.name.clone()),
            parties: directory.register().len() as u64,
            collections: collections.len() as u64,
            objects: collections
                .iter()
                .filter_map(|collection| collection.objects)
                .sum(),
            tokens: directory.tokens().count() as u64,
            mail: mail::Store::counts_in(&data)?,
            mail_server: None,
        };
        let asked = self.mail.server()?.map(|server| {
            let checked = server.check();
            let works = checked.is_ok();
            (
                works,
                checked.map_or_else(|error| error, |()| format!("{} works", server.shown())),
            )
        });
        let works = asked.as_ref().is_none_or(|(works, _)| *works);
        let found = Found {
            mail_server: asked.map(|(_, words)| words),
            ..found
        };
        let mut out = Out::new();
        if self.json {
            out.json(&found)?;
        } else {
            for line in found.lines() {
                out.line(&line)?;
            }
        }
        out.flush()?;
        if !self.json {
            tell(&format!("{} is sound", data.display()));
        }
        Ok(if works { Exit::Done } else { Exit::Remote })
    }
}

impl Found {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!(
                "journal: {}, all hold",
                counted(self.entries, "entry", "entries")
            ),
            "views and match index: up to the journal's end".to_owned(),
            format!("pledge: {}", self.pledge.as_deref().unwrap_or("none")),
            format!(
                "{}, {}, {}, {}",
                counted(self.parties, "party", "parties"),
                counted(self.collections, "collection", "collections"),
                counted(self.objects, "object", "objects"),
                counted(self.tokens, "token", "tokens"),
            ),
        ];
        if let Some(mail) = &self.mail {
            lines.push(format!(
                "mail: {}, {} to be confirmed, {} to be sent",
                counted(mail.subscriptions, "subscription", "subscriptions"),
                count(mail.pending),
                counted(mail.waiting, "message", "messages"),
            ));
        }
        if let Some(server) = &self.mail_server {
            lines.push(format!("mail server: {}", plain(server)));
        }
        if self.erased > 0 {
            let erased = counted(self.erased, "entry", "entries");
            lines.push(format!(
                "erased: {erased}, of which {} had a body until now; their leaves hold",
                count(self.erased_now)
            ));
        }
        if self.mended_bytes > 0 {
            let octets = count(self.mended_bytes);
            lines.push(format!(
                "mended: {octets} bytes of an append nobody was promised are gone"
            ));
        }
        lines
    }
}

/// What an error means, and its exit code.
fn diagnosis(error: OpenError, data: &std::path::Path) -> anyhow::Error {
    if error.in_use() {
        let by = run::running(data).map(|note| format!(" by process {} at {}", note.pid, note.url));
        let by = by.unwrap_or_default();
        let words = format!("{} is in use{by}: stop that node first", data.display());
        return Failure::new(Exit::Local, words).into();
    }
    let error = anyhow::Error::from(error);
    let is_about_files = error.chain().any(<dyn std::error::Error>::is::<io::Error>)
        || matches!(
            error.downcast_ref(),
            Some(OpenError::Missing(_) | OpenError::Io(..) | OpenError::OnStream(_))
        );
    if is_about_files {
        return error;
    }
    let words = format!("{error:#}: restore a backup, or keep a copy before anything else");
    Failure::new(Exit::Proof, words).into()
}
