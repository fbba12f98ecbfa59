//! `entente request xarf export`: a request as a report.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::cli::output::{plain, tell};
use crate::cli::request::source::{case_of, put};
use crate::cli::target::Where;
use crate::cli::{Exit, Failure};
use crate::xarf::{Wanted, report_of};

/// Write a request as a report in XARF v4, which its schemas take
///
/// A request that was made of a report is that report again, unless --anew is given. What the report
/// does not say is told on stderr. Requests of kinds that XARF has no words for are refused.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request xarf export 0a1b2c3d4e5f --data d > report.json
  entente request xarf export case.zip --anew --type content/fraud --set fraud_type=shopping
  entente request xarf export 0a1b2c3d4e5f --data d | entente request xarf check -")]
pub(crate) struct Export {
    #[command(flatten)]
    place: Where,
    /// The request's id, or the file of a bundle ('entente request export')
    #[arg(value_name = "ID|FILE.zip")]
    id: String,
    #[command(flatten)]
    members: Members,
    /// The file to write instead of stdout
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What is said of a report besides what the request says.
#[derive(Debug, Args)]
pub(crate) struct Members {
    /// The report's category and type, as in content/phishing; what fits the request when absent
    #[arg(long = "type", value_name = "CATEGORY/TYPE")]
    kind: Option<String>,
    /// A member of the report: a JSON value, or a text
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Make the report anew, where the request was made of one
    #[arg(long)]
    anew: bool,
}

impl Members {
    /// What was said.
    ///
    /// # Errors
    /// When it is not of that form.
    pub(crate) fn wanted(&self) -> Result<Wanted, Failure> {
        let kind = self.kind.as_deref().map(|kind| {
            let words = format!("--type: '{kind}' is not of the form CATEGORY/TYPE");
            let split = kind.split_once('/').ok_or_else(|| Failure::usage(words));
            split.map(|(category, name)| (category.to_owned(), name.to_owned()))
        });
        let set = self.set.iter().map(|given| {
            let words = format!("--set: '{given}' is not of the form NAME=VALUE");
            let (name, value) = given.split_once('=').ok_or_else(|| Failure::usage(words))?;
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            Ok((name.to_owned(), value))
        });
        Ok(Wanted {
            kind: kind.transpose()?,
            set: set.collect::<Result<_, Failure>>()?,
            anew: self.anew,
        })
    }
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let file = case_of(&self.place, &self.id)?;
        let written = report_of(&file, &self.members.wanted()?);
        let written = written.map_err(|error| Failure::usage(error.to_string()))?;
        for note in &written.notes {
            tell(&format!("note: {}", plain(note)));
        }
        put(self.out.as_ref(), written.text.as_bytes())?;
        Ok(Exit::Done)
    }
}
