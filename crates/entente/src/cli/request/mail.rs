//! `entente request mail`: a request as an e-mail in the shape of XARF.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use lettre::message::Mailbox;

use super::source::{case_of, put};
use super::xarf::Members;
use crate::cli::target::Where;
use crate::cli::{Exit, Failure};
use crate::xarf::{Envelope, mail, report_of};

/// Write a request as an e-mail with a report in XARF, for who has no account here
///
/// A message of the kind multipart/report: a text for people, the feedback report that programs look
/// for, and the report itself as xarf.json. It is written, not sent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request mail 0a1b2c3d4e5f --data d --to abuse@host.example -o report.eml
  entente request mail case.zip --to abuse@host.example --from 'CERT <cert@party.example>'")]
pub(crate) struct Mail {
    #[command(flatten)]
    place: Where,
    /// The request's id, or the file of a bundle ('entente request export')
    #[arg(value_name = "ID|FILE.zip")]
    id: String,
    /// To whom it goes
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// From whom it comes; the request's contact when absent
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    #[command(flatten)]
    members: Members,
    /// The file to write instead of stdout
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Mail {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let file = case_of(&self.place, &self.id)?;
        let written = report_of(&file, &self.members.wanted()?);
        let written = written.map_err(|error| Failure::usage(error.to_string()))?;
        let from = match (&self.from, &file.case.request.contact) {
            (Some(from), _) => address("--from", from)?,
            (None, Some(contact)) => Mailbox::new(
                Some(file.from.clone()),
                contact
                    .email
                    .parse()
                    .context("the address of the request's contact")?,
            ),
            (None, None) => {
                let words = "the request names nobody to ask: give --from ADDRESS";
                return Err(Failure::usage(words).into());
            }
        };
        let envelope = Envelope {
            from,
            to: address("--to", &self.to)?,
            date: file.case.sent.unwrap_or(file.case.opened),
        };
        put(self.out.as_ref(), &mail(&written, &envelope)?)?;
        Ok(Exit::Done)
    }
}

fn address(flag: &str, text: &str) -> Result<Mailbox, Failure> {
    let parsed = text.parse::<Mailbox>();
    parsed.map_err(|error| Failure::usage(format!("{flag}: '{text}' is no address: {error}")))
}
