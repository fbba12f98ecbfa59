//! `entente log monitor`: follows a log, and tells when it does what a log never does.

mod alarm;
mod round;
mod state;

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use node::clock::Clock;
use node::log::note::Note;

use self::alarm::Alarms;
use self::round::Round;
use self::state::State;
use super::source::Source;
use super::trust::Trust;
use crate::cli::Exit;

/// Follow a log, and alarm on what a log never does
///
/// Each checkpoint has to be signed, and to have grown from the last one that was seen. Alarms: a
/// split view (two roots that are inconsistent, over time or between the URLs given), a rollback, a
/// signature that does not hold, tiles that are missing, and stalled time (no growth for as long as
/// --stalled says, or no fresh cosignature where the policy asks for them). What was seen is kept in
/// the state file, together with the key that was met first when none is given.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente log monitor https://node.example/log --state node.seen --key node.vkey
  entente log monitor https://node.example/log https://mirror.example/log --state seen --once
  entente log monitor https://node.example/log --state seen --exec 'mail -s alarm watch@example'")]
pub(crate) struct Monitor {
    /// URLs under which the log is served, or directories; several are compared with each other
    #[arg(value_name = "URL", required = true)]
    logs: Vec<String>,
    /// What was seen is kept here
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    #[command(flatten)]
    trust: Trust,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    interval: u64,
    /// Alarm when nothing is new for so long: '90s', '30m', '1h', '2d'
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    stalled: Option<Duration>,
    /// Look once; ends with 6 when there is an alarm, with 5 when a log cannot be reached
    #[arg(long)]
    once: bool,
    /// Read every new entry, compare it with the signed root, and print its leaf
    #[arg(long)]
    entries: bool,
    /// Run this by the shell on each alarm, with the alarm as JSON on its stdin
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,
    /// Print everything as JSON, one object a line
    #[arg(long)]
    json: bool,
}

impl Monitor {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let policy = self.trust.policy()?;
        let mut state = State::read(&self.state)?;
        let mut alarms = Alarms::new(self.json, self.exec.clone());
        loop {
            let shown: Vec<_> = self
                .logs
                .iter()
                .map(|log| (log.clone(), show(log)))
                .collect();
            let now = Clock::System.now().0.div_euclid(1_000_000);
            let mut round = Round {
                state: &mut state,
                alarms: &mut alarms,
                given: policy.as_ref(),
                now: now.unsigned_abs(),
                stalled: self.stalled,
                entries: self.entries,
                blind: false,
            };
            round.look(&shown)?;
            state
                .write(&self.state)
                .with_context(|| self.state.display().to_string())?;
            let worst = alarms.end_round()?;
            if self.once {
                return Ok(worst);
            }
            thread::sleep(Duration::from_secs(self.interval.max(1)));
        }
    }
}

/// What a place shows, unchecked.
fn show(log: &str) -> anyhow::Result<(Source, Note)> {
    let source = Source::open(log)?;
    let note = source.checkpoint()?;
    Ok((source, note))
}

fn parse_time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is no time: write '90s', '30m', '1h' or '2d'");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    number
        .checked_mul(factor)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}
