//! `entente journal`: moves a journal between this machine and a stream.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Exit;
use super::output::{Out, counted};
#[cfg(feature = "jetstream")]
use super::stream::Stream;
use super::target::Where;

/// Move a journal between one machine and a stream of NATS servers
#[derive(Debug, Args)]
pub(crate) struct Journal {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Join(Box<Join>),
    Leave(Box<Leave>),
}

/// Put the journal of a data directory on a stream; positions, receipts and the log stay valid
///
/// The stream is made, or is empty, or has the first part from an earlier try. Until it is done nothing is
/// lost: the directory keeps its copy.
#[cfg(feature = "jetstream")]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente journal join --data d --journal nats://10.0.0.1:4222,nats://10.0.0.2:4222,nats://10.0.0.3:4222 \\
    --nats-monitor http://10.0.0.1:8222,http://10.0.0.2:8222,http://10.0.0.3:8222
  entente journal join --data d --journal nats://127.0.0.1:4222 --replicas 1 --trust-servers")]
struct Join {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    stream: Stream,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

/// Put the journal of a data directory on a stream; takes a build with the feature jetstream
#[cfg(not(feature = "jetstream"))]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente journal join --help")]
struct Join {
    /// What a build with that feature takes
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    flags: Vec<String>,
}

/// Take a data directory off its stream: the journal goes on here alone
///
/// All nodes have to be stopped. It takes what it has not yet, and marks the stream as left, so that no
/// other node signs on it any more.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente journal leave --data d --journal nats://10.0.0.1:4222 --trust-servers
  entente journal leave --data d --without-stream")]
struct Leave {
    #[command(flatten)]
    place: Where,
    #[cfg(feature = "jetstream")]
    #[command(flatten)]
    stream: Stream,
    /// Do not ask the stream, which is lost: what this directory does not have of it is lost too
    #[arg(long)]
    without_stream: bool,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Journal {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let (entries, json) = match self.verb {
            #[cfg(feature = "jetstream")]
            Verb::Join(join) => (join.run()?, join.json),
            #[cfg(not(feature = "jetstream"))]
            Verb::Join(_) => {
                let words = "this build knows no streams: make one that does with 'cargo build --release -p \
                             entente --features jetstream'";
                return Err(super::Failure::usage(words).into());
            }
            Verb::Leave(leave) => (leave.run()?, leave.json),
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

#[cfg(feature = "jetstream")]
impl Join {
    fn run(&self) -> anyhow::Result<u64> {
        let Some(options) = self.stream.options("")? else {
            anyhow::bail!("name the servers with --journal");
        };
        let data = self.place.directory()?;
        let mut told = 0;
        let entries = node::stream::join(&data, &options, &mut |position| {
            if position >= told + 100_000 {
                told = position;
                super::output::tell(&format!("{position} entries"));
            }
        })?;
        Ok(entries)
    }
}

impl Leave {
    fn run(&self) -> anyhow::Result<u64> {
        let data = self.place.directory()?;
        if self.without_stream {
            return Ok(node::stream::abandon(&data)?);
        }
        #[cfg(feature = "jetstream")]
        if let Some(options) = self.stream.options("")? {
            return Ok(node::stream::leave(&data, &options)?);
        }
        anyhow::bail!(
            "name the servers with --journal, so that nothing of the stream is left behind; or, when it \
             is lost, say --without-stream"
        )
    }
}
