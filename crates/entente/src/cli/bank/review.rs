//! `entente bank review`: a person decides on hits, and who published the signal is told.

use std::io::{self, BufRead, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::query::words;
use super::queue::{Hit, Queue, Verdict};
use crate::cli::output::{Out, STRONG, count, counted, tell};
use crate::cli::target::{Target, Where};
use crate::cli::{Exit, Failure};
use crate::present::feedback::NewFeedback;

/// Decide on the hits of a queue; who published the signals is told
///
/// On a terminal each hit is shown and asked about. Elsewhere, or with --list, --agree and
/// --disagree, hits are named by their numbers. To agree says that the hit was rightly found; to
/// disagree, that it was not, or that the signal should not be there. Both travel to the party that
/// published the signal, and to nobody else.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente bank review review.ndjson --server https://node.example
  entente bank review review.ndjson --list --json
  entente bank review review.ndjson --agree 1,2 --disagree 3 --because 'counter-speech' --data d")]
pub(crate) struct Review {
    /// The queue that 'entente bank match --queue' writes
    queue: PathBuf,
    #[command(flatten)]
    place: Where,
    /// List what waits, and decide nothing
    #[arg(long, conflicts_with_all = ["agree", "disagree"])]
    list: bool,
    /// Agree with these hits
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    agree: Vec<u64>,
    /// Disagree with these hits
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    disagree: Vec<u64>,
    /// A few words of explanation, which travel along
    #[arg(long, value_name = "WORDS")]
    because: Option<String>,
    /// Print one JSON object a line
    #[arg(long, requires = "list")]
    json: bool,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row<'r> {
    number: u64,
    #[serde(flatten)]
    hit: &'r Hit,
}

impl Review {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let mut queue = Queue::open(&self.queue)?;
        if !self.agree.is_empty() || !self.disagree.is_empty() {
            return self.decide_named(&mut queue);
        }
        if self.list || !io::stdin().is_terminal() {
            return self.print(&queue);
        }
        self.ask(&mut queue)
    }

    fn print(&self, queue: &Queue) -> anyhow::Result<Exit> {
        let mut out = Out::new();
        for (&number, hit) in queue.waiting() {
            if self.json {
                out.json(&Row { number, hit })?;
            } else {
                let number = out.paint(STRONG, &number.to_string());
                let line = format!("{number} {}", words(&out, hit));
                out.line(&line)?;
            }
        }
        out.flush()?;
        tell(&format!(
            "{}, {} decided; decide with --agree and --disagree, or on a terminal",
            counted(queue.waiting().len() as u64, "hit waits", "hits wait"),
            count(queue.decided)
        ));
        Ok(Exit::Done)
    }

    fn decide_named(&self, queue: &mut Queue) -> anyhow::Result<Exit> {
        let both = [
            (&self.agree, Verdict::Agree),
            (&self.disagree, Verdict::Disagree),
        ];
        for number in self.agree.iter().chain(&self.disagree) {
            let times = self.agree.iter().chain(&self.disagree);
            if times.filter(|other| *other == number).count() > 1 {
                return Err(Failure::usage(format!("hit {number} is named twice")).into());
            }
            if !queue.waiting().contains_key(number) {
                let words = format!("no hit {number} waits: see 'entente bank review --list'");
                return Err(Failure::usage(words).into());
            }
        }
        let target = self.place.open()?;
        for (numbers, verdict) in both {
            for &number in numbers {
                self.decide(queue, &target, number, verdict)?;
            }
        }
        Self::told(queue);
        Ok(Exit::Done)
    }

    fn ask(&self, queue: &mut Queue) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let numbers: Vec<u64> = queue.waiting().keys().copied().collect();
        let mut answers = io::stdin().lock();
        for number in numbers {
            let Some(hit) = queue.waiting().get(&number) else {
                continue;
            };
            let mut out = Out::new();
            let line = format!("\n{number} {}", words(&out, hit));
            out.line(&line)?;
            out.flush()?;
            let verdict = match question(&mut answers)? {
                Answer::Verdict(verdict) => verdict,
                Answer::Skip => continue,
                Answer::Quit => break,
            };
            self.decide(queue, &target, number, verdict)?;
        }
        Self::told(queue);
        Ok(Exit::Done)
    }

    /// Tells the publisher first: a hit that could not be told of goes on waiting.
    fn decide(
        &self,
        queue: &mut Queue,
        target: &Target,
        number: u64,
        verdict: Verdict,
    ) -> anyhow::Result<()> {
        let Some(hit) = queue.waiting().get(&number) else {
            return Ok(());
        };
        let kind = match verdict {
            Verdict::Agree => "agree",
            Verdict::Disagree => "disagree",
        };
        let feedback = NewFeedback {
            kind: kind.to_owned(),
            count: None,
            first_seen: None,
            last_seen: None,
            explanation: self.because.clone(),
        };
        target.give_feedback(&hit.signal, feedback)?;
        queue.decide(number, verdict)
    }

    fn told(queue: &Queue) {
        tell(&format!(
            "{} decided, {}; those who published the signals are told",
            count(queue.decided),
            counted(queue.waiting().len() as u64, "hit waits", "hits wait"),
        ));
    }
}

enum Answer {
    Verdict(Verdict),
    Skip,
    Quit,
}

fn question(answers: &mut impl BufRead) -> anyhow::Result<Answer> {
    loop {
        let mut stderr = io::stderr();
        write!(stderr, "[a]gree, [d]isagree, [s]kip, [q]uit? ")?;
        stderr.flush()?;
        let mut line = String::new();
        if answers.read_line(&mut line)? == 0 {
            return Ok(Answer::Quit);
        }
        match line.trim().to_ascii_lowercase().as_str() {
            "a" | "agree" => return Ok(Answer::Verdict(Verdict::Agree)),
            "d" | "disagree" => return Ok(Answer::Verdict(Verdict::Disagree)),
            "s" | "skip" | "" => return Ok(Answer::Skip),
            "q" | "quit" => return Ok(Answer::Quit),
            _ => {}
        }
    }
}
