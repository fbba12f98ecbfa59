//! `entente taxii check`: asks a TAXII 2.1 server what its clients ask, and explains what is wrong.
//!
//! Promises: nothing is written without `--write`; credentials go to the origin of the given URL
//! alone and are in no output; every answer, the time and the number of pages are bounded, whatever
//! the server does.

mod address;
mod clients;
mod link;
mod pages;
mod report;
mod rules;
mod session;
mod usable;

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::super::output::Out;
use super::super::{Exit, Failure};
use address::Address;
use clients::Client;
use link::{Credentials, Link};
use report::Report;
use session::Session;

/// Test a TAXII 2.1 server, any, and explain what is wrong with it
///
/// URL is where discovery is, an API root, or just the host. Without --as the rules of TAXII 2.1 are
/// tried that clients rely on. With --as the server is asked as that client asks it, and the objects
/// that it could not use are counted, with the reason.
///
/// Each check ends as ok, warning, failed or skipped: failed is what breaks a rule or costs clients
/// objects, a warning is what some clients stumble over. Exits with 1 when one failed, 4 when the
/// credentials are refused, 5 when the server cannot be reached or goes away.
///
/// Nothing is written, unless --write says so: then one object is published, read and deleted, which
/// its name tells from others. Credentials may stand in the URL or, so that they are not in the list
/// of processes, in the environment.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente taxii check http://127.0.0.1:8750/ --token T
  entente taxii check https://taxii.example/taxii2/ --user U --password P --as sentinel
  entente taxii check https://taxii.example/root/ --collection feed --as opencti --json
  entente taxii check https://taxii.example/taxii2/ --user U --write")]
pub(crate) struct Check {
    /// Discovery, an API root, or the host of a TAXII 2.1 server
    url: String,
    /// The user, for Basic
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[arg(long, value_name = "PASSWORD", conflicts_with = "token")]
    #[arg(help = "The password, for Basic [env: ENTENTE_TAXII_PASSWORD]")]
    password: Option<String>,
    #[arg(long, value_name = "TOKEN")]
    #[arg(
        help = "A Bearer token; clients that know Basic alone send it as the password \
                  [env: ENTENTE_TAXII_TOKEN]"
    )]
    token: Option<String>,
    /// Ask as this client does
    #[arg(long = "as", value_enum, value_name = "CLIENT")]
    client: Option<Client>,
    /// Publish, read and delete one object, too
    #[arg(long)]
    write: bool,
    /// The collection to look into: its id, alias or title (default: the first with objects)
    #[arg(long, value_name = "NAME")]
    collection: Option<String>,
    /// Print one JSON object a line: the checks, then their sum
    #[arg(long)]
    json: bool,
    /// Seconds that one answer may take; all together may take 20 times that
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

impl Check {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let (address, told) = Address::parse(&self.url)?;
        let credentials = self.credentials(told)?;
        let timeout = Duration::from_secs(self.timeout);
        let link = Link::new(&address, credentials, timeout);
        let mut report = Report::new(Out::new(), self.json);
        let looked = self.look(&link, &address, &mut report);
        report
            .end(&address, self.client)
            .context("cannot write the report")?;
        looked?;
        if let Some(why) = link.gone() {
            let words = format!("{address}: {why}: the checks are incomplete");
            return Err(Failure::new(Exit::Remote, words).into());
        }
        Ok(if report.failed() {
            Exit::Found
        } else {
            Exit::Done
        })
    }

    /// Flags before the URL, both before the environment.
    fn credentials(&self, told: Option<(String, String)>) -> Result<Credentials, Failure> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let flagged = self.user.is_some() || self.password.is_some() || told.is_some();
        let token = self.token.clone();
        let token = token.or_else(|| variable("ENTENTE_TAXII_TOKEN").filter(|_| !flagged));
        let credentials = if let Some(token) = token {
            Credentials::Token(token)
        } else {
            let (in_url, its_password) = told.unzip();
            let its_password = its_password.filter(|password| !password.is_empty());
            let password = self.password.clone().or(its_password);
            match self.user.clone().or(in_url) {
                Some(user) => Credentials::Basic {
                    user,
                    password: password
                        .or_else(|| variable("ENTENTE_TAXII_PASSWORD"))
                        .unwrap_or_default(),
                },
                None if password.is_some() => {
                    let words = "a password belongs to a user: give --user, too";
                    return Err(Failure::usage(words));
                }
                None => Credentials::None,
            }
        };
        Ok(match self.client {
            Some(client) if client.knows_basic_alone() => credentials.into_basic(),
            _ => credentials,
        })
    }

    fn look(&self, link: &Link, address: &Address, report: &mut Report) -> anyhow::Result<()> {
        let Some(session) = Session::open(link, address, self.collection.as_deref(), report)?
        else {
            return Ok(());
        };
        match self.client {
            Some(client) => client.run(&session, report)?,
            None => rules::run(&session, report)?,
        }
        if self.write {
            rules::write::run(&session, report)?;
        }
        Ok(())
    }
}
