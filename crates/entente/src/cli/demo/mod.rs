//! `entente demo`: a node to try, gone when it ends.

mod accession;
mod fill;
mod past;
mod requests;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use node::{Node, Options};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use super::Exit;
use super::output::{FAINT, Out, STRONG, tell};
use crate::http::serve;
use fill::{Filled, Member};

/// Run a node to try, with the real register, fictional members and generated signals
///
/// Everything lies in a temporary directory that goes when the demo ends, by Ctrl-C or SIGTERM.
/// The members, their signals and the log are invented; the register of the Paris Call is not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente demo
  entente demo --listen 127.0.0.1:9000
  entente demo --json | jq .url")]
pub(crate) struct Demo {
    /// Where to listen; 127.0.0.1:8750 or, when that is taken, any free port
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Print the URL, the members and their tokens as one line of JSON
    #[arg(long)]
    json: bool,
}

/// What there is to try.
#[derive(Serialize)]
struct Tour<'t> {
    url: &'t str,
    data: &'t Path,
    log: &'t Path,
    members: &'t [Member],
}

impl Demo {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let folder = tempfile::Builder::new().prefix("entente-demo-").tempdir();
        let folder = folder.context("cannot make a temporary directory")?;
        let data = folder.path().join("data");
        let log = folder.path().join("demo.log");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let options = serve::Options {
            mail: crate::mail::Options::default(),
            witnesses: None,
            witness: None,
            data: data.clone(),
            listen: self.listen.unwrap_or_else(usual_address),
            max_content_length: 10 << 20,
            public_url: None,
            webhooks: crate::webhooks::Options::default(),
            domains: crate::domains::Options::default(),
        };
        let served = runtime.block_on(async {
            tell("making a node with the register of the Paris Call ...");
            // A signal that comes this early must not leave the directory behind either.
            let mut terminate = signal(SignalKind::terminate())?;
            let made = tokio::select! {
                made = prepare(&data, &log) => made?,
                _ = tokio::signal::ctrl_c() => return Ok(()),
                _ = terminate.recv() => return Ok(()),
            };
            let (node, filled) = made;
            serve::run(Arc::new(node), options, |url, _| {
                let tour = Tour {
                    url,
                    data: &data,
                    log: &log,
                    members: &filled.members,
                };
                if self.json {
                    let mut out = Out::new();
                    out.json(&tour)?;
                    out.flush()?;
                } else {
                    tour.print()?;
                }
                tell("running; Ctrl-C ends it and leaves nothing behind");
                Ok(())
            })
            .await
        });
        drop(runtime);
        let closed = folder
            .close()
            .context("the temporary directory is still there");
        served.and(closed)?;
        Ok(Exit::Done)
    }
}

/// The usual address, or any free port next to it.
fn usual_address() -> SocketAddr {
    let usual = SocketAddr::from(([127, 0, 0, 1], 8750));
    let is_free = std::net::TcpListener::bind(usual).is_ok();
    if is_free {
        usual
    } else {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }
}

async fn prepare(data: &Path, log: &Path) -> anyhow::Result<(Node, Filled)> {
    let members = past::fill(data).await?;
    let at = data.to_owned();
    // Gone when it ends: there is nothing to guard.
    let opened = tokio::task::spawn_blocking(move || Node::open(&at, &Options::default()));
    let node = opened.await??;
    let filled = fill::fill(&node, members, log).await?;
    Ok((node, filled))
}

impl Tour<'_> {
    fn print(&self) -> std::io::Result<()> {
        let mut out = Out::new();
        let title = out.paint(STRONG, "Entente is running at");
        out.line(&format!("{title} {}/", self.url))?;
        out.line("")?;
        out.line("Members (fictional), the stance that decides what they see, and their tokens:")?;
        for member in self.members {
            let name = out.paint(STRONG, &format!("{:<36}", member.name));
            out.line(&format!(
                "  {name} {:<9} {}",
                member.stance.as_str(),
                member.token
            ))?;
        }
        out.line("")?;
        out.line("To try, in another terminal:")?;
        let (url, log) = (self.url, self.log.display());
        // As it was called: it need not be on the search path.
        let program = std::env::args().next().unwrap_or_else(|| "entente".into());
        let token = |at: usize| {
            self.members
                .get(at)
                .map_or("", |member| member.token.as_str())
        };
        let steps = [
            (
                "a log of 20,000 lines against the signals that a partner sees",
                format!("{program} match {log} --server {url} --token {}", token(1)),
            ),
            (
                "the same for a party in talks: fewer hits, as TLP:AMBER is not for it",
                format!("{program} match {log} --server {url} --token {}", token(2)),
            ),
            (
                "the collections over TAXII 2.1",
                format!("curl -u :{} {url}/taxii2/signals/collections/", token(0)),
            ),
        ];
        for (what, command) in steps {
            let what = out.paint(FAINT, &format!("  # {what}"));
            out.line(&what)?;
            out.line(&format!("  {command}"))?;
        }
        out.flush()
    }
}
