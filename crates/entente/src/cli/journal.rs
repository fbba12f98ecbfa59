//! `entente journal`: moves a journal between this machine and a stream.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Exit;
use super::output::{Out, counted, tell};
use super::stream::Stream;
use super::target::Where;

/// Move a journal between one machine and a stream of NATS servers
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente journal join --data d --journal nats://10.0.0.1:4222,nats://10.0.0.2:4222,nats://10.0.0.3:4222 \\
    --nats-monitor http://10.0.0.1:8222,http://10.0.0.2:8222,http://10.0.0.3:8222
  entente journal leave --data d")]
pub(crate) struct Journal {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Join(Join),
    Leave(Leave),
}

/// Put the journal of a data directory on a stream; positions, receipts and the log stay valid
///
/// The stream is made, or is empty, or has the first part from an earlier try. Until it is done nothing is
/// lost: the directory keeps its copy.
#[derive(Debug, Args)]
struct Join {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    stream: Stream,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

/// Take a data directory off its stream: what it has of it is its own journal from then on
#[derive(Debug, Args)]
struct Leave {
    #[command(flatten)]
    place: Where,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Journal {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let (entries, json) = match self.verb {
            Verb::Join(join) => {
                let Some(options) = join.stream.options("")? else {
                    anyhow::bail!("name the servers with --journal");
                };
                let data = join.place.directory()?;
                let mut told = 0;
                let entries = node::node::join(&data, &options, &mut |position| {
                    if position >= told + 100_000 {
                        told = position;
                        tell(&format!("{position} entries"));
                    }
                })?;
                (entries, join.json)
            }
            Verb::Leave(leave) => (node::node::leave(&leave.place.directory()?)?, leave.json),
        };
        let mut out = Out::new();
        if json {
            out.json(&json!({"entries": entries}))?;
        } else {
            out.line(&format!(
                "{} of the journal",
                counted(entries, "entry", "entries")
            ))?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}
