//! `entente erase`: bodies of entries go for good, leaves and proofs stay.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::{ArgGroup, Args, ValueEnum};
use node::Caller;
use node::act::erase::Step;

use super::client::encoded;
use super::output::{Out, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, Failure};
use crate::present::erasure::{self, Erasures, NewErasure, Outcome, Rule, Stage};

/// Erase what was published, for good: from answers, from the journal, from the node's files
///
/// The public log stays as it is: leaves, proofs and receipts verify as before. Those who could see
/// the object are told to erase their copies. Backups, copies at other parties, and what disks keep of
/// freed blocks are out of reach: see docs/privacy.md.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true)))]
#[command(after_help = "\
Examples:
  entente erase indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --data d --reason 'court order 12/26'
  entente erase --position 1041 --position 1042 --data d --reason 'asked for by the person' --dry-run
  entente erase url--c1477287-23ac-5971-a010-5c287877fa60 --data d --reason 'asked for' --propose
  entente erase --confirm 5f0c9a1be2d4 --server https://node.example
  entente erase --list --data d --json
  entente erase --persons two --data d")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Erase {
    /// The STIX id: all versions, in all collections, withdrawn ones too
    #[arg(group = "what")]
    object: Option<String>,
    /// The position of one entry; repeat it for more
    #[arg(long, value_name = "N", group = "what")]
    position: Vec<u64>,
    /// Confirm the proposal with this id
    #[arg(long, value_name = "ID", group = "what")]
    confirm: Option<String>,
    /// Decline the proposal with this id, or take it back
    #[arg(long, value_name = "ID", group = "what")]
    decline: Option<String>,
    /// List proposals that wait, and what was erased
    #[arg(long, group = "what")]
    list: bool,
    /// How many persons it takes from now on; back to one it takes two to say so
    #[arg(long, value_name = "HOW-MANY", group = "what")]
    persons: Option<Persons>,
    #[command(flatten)]
    place: Where,
    /// Why; kept for good, so it should say nothing of what goes
    #[arg(long, default_value = "")]
    reason: String,
    /// Show the reason to those who could see the object; else to administrators alone
    #[arg(long)]
    public_reason: bool,
    /// Erase too what parties said of the object
    #[arg(long)]
    with_feedback: bool,
    /// Forget the object's id too; nobody who holds a copy is told then
    #[arg(long)]
    forget_id: bool,
    /// Propose it, for another to confirm
    #[arg(long)]
    propose: bool,
    /// Say what would go, and change nothing
    #[arg(long, conflicts_with = "propose")]
    dry_run: bool,
    /// Do not ask on a terminal
    #[arg(long)]
    yes: bool,
    /// Print what goes as JSON
    #[arg(long)]
    json: bool,
}

/// How many persons it takes to erase.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Persons {
    One,
    Two,
}

impl Erase {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        if self.list {
            return self.show(&target);
        }
        if let Some(persons) = self.persons {
            return set_rule(&target, persons == Persons::Two);
        }
        if let Some(id) = &self.decline {
            decline(&target, id)?;
            tell("declined");
            return Ok(Exit::Done);
        }
        if self.confirm.is_none() && !self.dry_run && self.reason.trim().is_empty() {
            return Err(Failure::usage("why? Give --reason TEXT").into());
        }
        if self.dry_run || (!self.propose && self.must_ask()) {
            let outcome = self.look(&target)?;
            if self.dry_run {
                self.print(&outcome)?;
                tell("nothing was erased (--dry-run)");
                return Ok(Exit::Done);
            }
            confirm_by_word(&outcome)?;
        }
        let outcome = match &self.confirm {
            Some(id) => confirm(&target, id)?,
            None if self.propose => send(&target, self.wanted(Stage::Propose))?,
            None => send(&target, self.wanted(Stage::Erase))?,
        };
        self.print(&outcome)?;
        if let Some(id) = &outcome.proposal {
            let how = format!("proposed: another administrator confirms it by --confirm {id}");
            tell(&how);
        } else {
            tell(
                "erased; backups, copies at other parties and freed blocks of disks are out of reach",
            );
        }
        Ok(Exit::Done)
    }

    fn wanted(&self, step: Stage) -> NewErasure {
        NewErasure {
            object: self.object.clone(),
            positions: self.position.clone(),
            reason: self.reason.clone(),
            public_reason: self.public_reason,
            with_feedback: self.with_feedback,
            forget_id: self.forget_id,
            step,
        }
    }

    /// Whether a person is there to be asked.
    fn must_ask(&self) -> bool {
        !self.yes && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// What would go; of a proposal as things stand now.
    fn look(&self, target: &Target) -> anyhow::Result<Outcome> {
        let Some(id) = &self.confirm else {
            return send(target, self.wanted(Stage::Look));
        };
        let waiting = list(target)?.proposals;
        let Some(proposal) = waiting.into_iter().find(|proposal| proposal.id == *id) else {
            let words = format!("there is no proposal '{}': see --list", plain(id));
            return Err(Failure::new(Exit::Local, words).into());
        };
        let new = NewErasure {
            object: proposal.object,
            positions: proposal.positions,
            reason: proposal.reason,
            public_reason: proposal.public_reason,
            with_feedback: proposal.with_feedback,
            forget_id: proposal.forget_id,
            step: Stage::Look,
        };
        send(target, new)
    }

    fn print(&self, outcome: &Outcome) -> anyhow::Result<()> {
        let mut out = Out::new();
        if self.json {
            out.json(outcome)?;
        } else {
            for line in lines(outcome) {
                out.line(&line)?;
            }
        }
        Ok(out.flush()?)
    }

    fn show(&self, target: &Target) -> anyhow::Result<Exit> {
        let found = list(target)?;
        let mut out = Out::new();
        if self.json {
            out.json(&found)?;
        } else {
            let proposals = found.proposals.iter().map(|one| {
                let what = one.object.clone();
                let what = what.unwrap_or_else(|| positions(&one.positions));
                [
                    "proposed".into(),
                    one.at.clone(),
                    one.by.clone(),
                    what,
                    one.id.clone(),
                    one.reason.clone(),
                ]
            });
            let erased = found.erased.iter().map(|one| {
                let what = one.object.clone();
                let what = what.unwrap_or_else(|| positions(&one.positions));
                let proposal = one.proposal.clone().unwrap_or_else(|| "-".into());
                [
                    "erased".into(),
                    one.at.clone(),
                    one.by.clone(),
                    what,
                    proposal,
                    one.reason.clone(),
                ]
            });
            let rows: Vec<Vec<String>> = proposals.chain(erased).map(Vec::from).collect();
            out.table(
                &["STATE", "WHEN", "BY", "WHAT", "PROPOSAL", "REASON"],
                &rows,
            )?;
        }
        out.flush()?;
        tell(rule_words(&found));
        Ok(Exit::Done)
    }
}

fn rule_words(found: &Erasures) -> &'static str {
    match (found.two_persons, &found.one_person_asked_by) {
        (false, _) => "erasing takes one administrator",
        (true, None) => "erasing takes two persons",
        (true, Some(_)) => "erasing takes two persons; one has asked that one be enough again",
    }
}

fn positions(all: &[u64]) -> String {
    let texts: Vec<String> = all.iter().take(20).map(ToString::to_string).collect();
    let more = if all.len() > texts.len() { ", …" } else { "" };
    format!("positions {}{more}", texts.join(", "))
}

/// What goes and what stays, in words.
fn lines(outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    for object in &outcome.objects {
        let publishers = object.publishers.join(", ");
        for version in &object.versions {
            lines.push(format!(
                "goes: {}, version {}, in {} ({}), published by {publishers}: position {}{}",
                plain(&object.id),
                version.version,
                plain(&object.collection),
                object.marking,
                version.position,
                if version.shown {
                    ""
                } else {
                    ", withdrawn before"
                },
            ));
        }
    }
    for (what, at) in [
        ("feedback", &outcome.feedback),
        ("the withdrawal", &outcome.withdrawals),
    ] {
        lines.extend(at.iter().map(|at| format!("goes: {what} at position {at}")));
    }
    if !outcome.already.is_empty() {
        lines.push(format!("erased before: {}", positions(&outcome.already)));
    }
    if outcome.feedback_kept > 0 {
        let kept = counted(
            outcome.feedback_kept,
            "item of feedback",
            "items of feedback",
        );
        lines.push(format!(
            "stays: {kept} on it (--with-feedback erases these too)"
        ));
    }
    lines.push("stays: the leaves in the public log, their positions, and all proofs".into());
    lines
}

/// Asks for a word, so that nothing goes by a slip of the hand.
fn confirm_by_word(outcome: &Outcome) -> anyhow::Result<()> {
    let mut stderr = io::stderr();
    for line in lines(outcome) {
        writeln!(stderr, "{line}")?;
    }
    write!(stderr, "This cannot be undone. Type 'erase' to go on: ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "erase" {
        Ok(())
    } else {
        Err(Failure::new(Exit::Local, "nothing was erased").into())
    }
}

fn send(target: &Target, new: NewErasure) -> anyhow::Result<Outcome> {
    match target {
        Target::Local(local) => {
            let (asked, step) = new.into_parts()?;
            let erasing = local.node.erase(&Caller::Operator, Some(asked), step);
            Ok(Outcome::from(local.wait(erasing)?))
        }
        Target::Remote(client) => client.post("/api/v1/erasures", &new),
    }
}

fn confirm(target: &Target, id: &str) -> anyhow::Result<Outcome> {
    match target {
        Target::Local(local) => {
            let step = Step::Confirm(id.to_owned());
            let erasing = local.node.erase(&Caller::Operator, None, step);
            Ok(Outcome::from(local.wait(erasing)?))
        }
        Target::Remote(client) => {
            let path = format!("/api/v1/erasures/proposals/{}", encoded(id));
            client.post(&path, &serde_json::json!({}))
        }
    }
}

fn decline(target: &Target, id: &str) -> anyhow::Result<()> {
    match target {
        Target::Local(local) => local.wait(local.node.decline_erasure(&Caller::Operator, id)),
        Target::Remote(client) => {
            client.delete(&format!("/api/v1/erasures/proposals/{}", encoded(id)))
        }
    }
}

fn list(target: &Target) -> anyhow::Result<Erasures> {
    match target {
        Target::Local(local) => Ok(erasure::erasures(&local.node, &Caller::Operator)?),
        Target::Remote(client) => client.get("/api/v1/erasures", &[]),
    }
}

fn set_rule(target: &Target, two_persons: bool) -> anyhow::Result<Exit> {
    let now = match target {
        Target::Local(local) => {
            local.wait(local.node.set_erasure_rule(&Caller::Operator, two_persons))?;
            erasure::erasures(&local.node, &Caller::Operator)?
        }
        Target::Remote(client) => {
            client.put::<Erasures>("/api/v1/erasures/rule", &Rule { two_persons })?
        }
    };
    tell(rule_words(&now));
    Ok(Exit::Done)
}
