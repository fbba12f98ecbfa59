//! `entente party reassign`: a party that is renamed, succeeded or merged.

use clap::Args;
use jiff::civil::Date;
use node::Caller;

use super::client::encoded;
use super::output::{Out, plain, tell};
use super::target::{Target, Where};
use super::{Exit, words};
use crate::present::history::{self, Reassign as New, Reassignment};

/// Record that a party is renamed, succeeded by another, or merged into another
///
/// What it published stays attributed as it was, and its tokens stay its own: revoke and issue them
/// yourself. With --carry the party that follows takes over its stance, and it is withdrawn itself.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente party reassign facebook --renamed 'Meta Platforms' --data d --since 2021-10-28 \\
    --reason 'The company took another name.' --source 'press release'
  entente party reassign bomgar --merged-into beyondtrust --carry --data d --reason 'A merger.' --source 'notice'")]
#[command(group = clap::ArgGroup::new("becomes").required(true).args(["renamed", "succeeded_by", "merged_into"]))]
pub(crate) struct Reassign {
    /// The party's id or its whole name
    party: String,
    #[command(flatten)]
    place: Where,
    /// Its new name
    #[arg(long, value_name = "NAME")]
    renamed: Option<String>,
    /// The party that follows it
    #[arg(long, value_name = "PARTY")]
    succeeded_by: Option<String>,
    /// The party it is merged into
    #[arg(long, value_name = "PARTY")]
    merged_into: Option<String>,
    /// The first day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    since: Option<Date>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Where this is known from
    #[arg(long, value_name = "TEXT")]
    source: String,
    /// Let the party that follows take over the stance
    #[arg(long)]
    carry: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Reassign {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let id = |name: String| Ok::<_, anyhow::Error>(target.party(&name, None)?.party.id);
        let party = id(self.party)?;
        let new = New {
            renamed: self.renamed,
            succeeded_by: self.succeeded_by.map(id).transpose()?,
            merged_into: self.merged_into.map(id).transpose()?,
            since: self.since,
            reason: self.reason,
            source: self.source,
            carry: self.carry,
        };
        let made: Reassignment = match &target {
            Target::Local(local) => {
                let node = &local.node;
                local.wait(node.reassign(&Caller::Operator, new.wanted(&party)?))?;
                let mut all = history::reassignments(node, &party);
                all.pop().ok_or(node::Error::NotFound("party"))?
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/parties/{}/reassignments", encoded(&party));
                client.post(&path, &new)?
            }
        };
        if self.json {
            let mut out = Out::new();
            out.json(&made)?;
            out.flush()?;
        }
        let end = match (&made.into, &made.names) {
            (Some(into), _) => into.clone(),
            (None, Some((_, to))) => plain(to).into_owned(),
            (None, None) => String::new(),
        };
        tell(&format!(
            "{party}: {} {end} from {} on",
            made.becomes, made.since
        ));
        Ok(Exit::Done)
    }
}
