//! `entente serve`: a node that answers over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use node::{Node, OpenError, Options};

use super::Exit;
use super::init::{create, operator, read_pledge};
use super::output::{Out, tell};
use super::target::Where;
use crate::http::serve;

/// Serve a data directory: TAXII 2.1, the JSON API and the pages
///
/// At its first start it prints a link that makes an administrator, once, within a day.
/// SIGINT or SIGTERM end it in good order.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente serve --data d
  entente serve --data d --init --listen 127.0.0.1:8750
  entente serve --data d --listen 0.0.0.0:8750 --public-url https://node.example")]
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
    /// Run without the match index: less memory, no lookups
    #[arg(long)]
    no_match: bool,
    /// Make the data directory on the Paris Call when there is none
    #[arg(long)]
    init: bool,
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let data = self.place.directory()?;
        let options = Options {
            matching: !self.no_match,
            ..Options::default()
        };
        let node = match Node::open(&data, options) {
            Err(OpenError::Missing(_)) if self.init => {
                create(&data, read_pledge(None)?, operator("Node operator")?)?;
                tell(&format!("{} is made, on the Paris Call", data.display()));
                Node::open(&data, options)?
            }
            opened => opened?,
        };
        let options = serve::Options {
            data,
            listen: self.listen,
            max_content_length: self.max_content_length,
            public_url: self
                .public_url
                .map(|url| url.trim_end_matches('/').to_owned()),
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
