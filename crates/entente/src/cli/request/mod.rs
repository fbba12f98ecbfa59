//! `entente request`: one party asks another to act.

mod evidence;
mod export;
mod forget;
mod list;
mod mail;
mod near;
mod print;
mod reasons;
mod said;
mod send;
mod show;
mod source;
mod step;
mod xarf;

use clap::Subcommand;

use super::Exit;
use step::{Accept, Attached, Bare, Told, Why};

/// Requests: ask another party to act, answer what it asks
#[derive(Debug, Subcommand)]
#[command(after_help = ABOUT)]
pub(crate) enum Request {
    Send(Box<send::Send>),
    List(list::List),
    Show(show::Show),
    /// Say that a request was received and is being looked at
    #[command(after_help = "\
Examples:
  entente request acknowledge 3f2a9c01d4e7 --server https://node.example
  entente request acknowledge 3f2a9c01d4e7 --words 'With our legal team.' --data d --token ent_…")]
    Acknowledge(Told),
    /// Say that it will be done, and by when
    #[command(after_help = "\
Examples:
  entente request accept 3f2a9c01d4e7 --server https://node.example
  entente request accept 3f2a9c01d4e7 --done-by 2026-12-03T12:00:00Z --server https://node.example")]
    Accept(Accept),
    /// Say that it will not be done, and why
    #[command(after_help = "\
Examples:
  entente request decline 3f2a9c01d4e7 --words 'We do not host this.' --server https://node.example
  entente request decline 3f2a9c01d4e7 --words @reasons.txt --server https://node.example")]
    Decline(Why),
    /// Ask back what has to be known; the clock stands still until the sender answers
    #[command(after_help = "\
Examples:
  entente request ask 3f2a9c01d4e7 --words 'Which of the two pages?' --server https://node.example")]
    Ask(Why),
    /// Answer what was asked back; the clock goes on
    #[command(after_help = "\
Examples:
  entente request answer 3f2a9c01d4e7 --words 'The second.' --server https://node.example
  entente request answer 3f2a9c01d4e7 --words @answer.txt --evidence page.png --server https://node.example")]
    Answer(Attached),
    /// Say what was done
    #[command(after_help = "\
Examples:
  entente request done 3f2a9c01d4e7 --words 'The page is gone.' --server https://node.example")]
    Done(Attached),
    /// Make the link by which whoever it affects can contest it; an earlier one ends
    #[command(after_help = "\
Examples:
  entente request link 3f2a9c01d4e7 --server https://node.example")]
    Link(Bare),
    /// Review a contest: what was done stands
    #[command(after_help = "\
Examples:
  entente request uphold 3f2a9c01d4e7 --words 'No quotation: it calls for violence.' --server https://node.example")]
    Uphold(Why),
    /// Review a contest: what was done does not stand, and is to be undone
    #[command(after_help = "\
Examples:
  entente request reverse 3f2a9c01d4e7 --words 'It was a quotation.' --server https://node.example
  entente request reverse 3f2a9c01d4e7 --words 'It was a quotation.' --data d")]
    Reverse(Why),
    /// Say that what was reversed is undone
    #[command(after_help = "\
Examples:
  entente request restore 3f2a9c01d4e7 --words 'The page is back.' --server https://node.example")]
    Restore(Why),
    /// Take a request back, and say why
    #[command(after_help = "\
Examples:
  entente request withdraw 3f2a9c01d4e7 --words 'The page is gone.' --server https://node.example")]
    Withdraw(Why),
    /// End a case that was done or declined
    #[command(after_help = "\
Examples:
  entente request close 3f2a9c01d4e7 --server https://node.example")]
    Close(Told),
    /// Add something to a case
    #[command(after_help = "\
Examples:
  entente request note 3f2a9c01d4e7 --words 'A copy stands on another page.' --server https://node.example
  entente request note 3f2a9c01d4e7 --words 'What we saw.' --evidence page.png --server https://node.example")]
    Note(Attached),
    /// Bring a request before the steward of the pledge
    #[command(after_help = "\
Examples:
  entente request escalate 3f2a9c01d4e7 --words 'No answer to two letters.' --server https://node.example")]
    Escalate(Told),
    Evidence(evidence::Evidence),
    SendDraft(send::SendDraft),
    /// Throw a draft away
    #[command(after_help = "\
Examples:
  entente request discard 3f2a9c01d4e7 --server https://node.example")]
    Discard(Bare),
    Forget(forget::Forget),
    Export(export::Export),
    #[command(subcommand)]
    Xarf(xarf::Xarf),
    Mail(mail::Mail),
    Reasons(Box<reasons::Reasons>),
}

const ABOUT: &str = "\
A request is between parties: name the token of yours with --token (ENTENTE_TOKEN), also with --data. \
Without a token, on a data directory, you are the operator and act for the steward alone.";

impl Request {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Request::Send(verb) => verb.run(),
            Request::List(verb) => verb.run(),
            Request::Show(verb) => verb.run(),
            Request::Acknowledge(verb) => verb.run("acknowledge"),
            Request::Accept(verb) => verb.run(),
            Request::Decline(verb) => verb.run("decline"),
            Request::Ask(verb) => verb.run("ask"),
            Request::Answer(verb) => verb.run("answer"),
            Request::Done(verb) => verb.run("done"),
            Request::Link(verb) => verb.run("link"),
            Request::Uphold(verb) => verb.run("uphold"),
            Request::Reverse(verb) => verb.run("reverse"),
            Request::Restore(verb) => verb.run("restore"),
            Request::Withdraw(verb) => verb.run("withdraw"),
            Request::Close(verb) => verb.run("close"),
            Request::Note(verb) => verb.run("note"),
            Request::Escalate(verb) => verb.run("escalate"),
            Request::Evidence(verb) => verb.run(),
            Request::SendDraft(verb) => verb.run(),
            Request::Discard(verb) => verb.run("discard"),
            Request::Forget(verb) => verb.run(),
            Request::Export(verb) => verb.run(),
            Request::Xarf(verb) => verb.run(),
            Request::Mail(verb) => verb.run(),
            Request::Reasons(verb) => verb.run(),
        }
    }
}
