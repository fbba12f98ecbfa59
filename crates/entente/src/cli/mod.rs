//! The command line: one verb a file. Data goes to stdout, everything else to stderr.

mod account;
mod audience;
mod bank;
mod calendar;
mod circle;
mod client;
mod collection;
mod commit;
mod completions;
mod demo;
mod detect;
mod diff;
mod doctor;
mod domain;
mod edge;
mod erase;
mod export;
mod feedback;
mod guard;
mod identity;
mod import;
mod inbox;
mod init;
mod input;
mod invite;
mod journal;
mod key;
mod keys;
mod kinds;
mod log;
mod mail;
mod man;
mod matching;
mod output;
mod party;
mod party_key;
mod pdq;
mod pledge;
mod reassign;
mod receipt;
mod request;
mod secrets;
mod serve;
mod share;
mod sign;
mod stix;
#[cfg(feature = "jetstream")]
mod stream;
mod table;
mod talks;
mod target;
mod taxii;
mod terms;
mod text;
mod token;
mod verify;
mod versions;
mod warninglist;
mod webhook;
mod withdrawal;
mod witness;
mod words;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use node::OpenError;
use node::log::OpenLogError;
use node::log::store::LogError;

/// The server that a cyber-security pledge runs on.
#[derive(Debug, Parser)]
#[command(name = "entente", version, about, long_about = ABOUT, after_help = EXAMPLES)]
#[command(max_term_width = 100, subcommand_required = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

const ABOUT: &str = "\
The server that a cyber-security pledge runs on.

Organisations sign a pledge, share signals about the harms it names, and match their own data \
against everyone's signals. A node keeps all of it in one data directory (--data DIR). Every verb \
works on such a directory, also while a node serves it, or on a node elsewhere (--server URL \
--token TOKEN).

Data goes to stdout, everything else to stderr; '-' is stdin.
Exit codes: 0 done, 1 a match (with --fail-on-match), invalid content or a failed check, 2 usage, \
3 configuration, input or output, 4 authentication, 5 remote, 6 proof or journal invalid.
Environment: ENTENTE_DATA, ENTENTE_SERVER, ENTENTE_TOKEN, ENTENTE_SIGN_KEY stand in for the flags; \
NO_COLOR; ENTENTE_LOG (error, warn, info, debug); ENTENTE_GUARDS, the folder that remembers what \
logs signed.";

const EXAMPLES: &str = "\
Examples:
  entente demo                                   a node to try, gone when it ends
  entente init --data d                          a node that stays, on the Paris Call
  entente import --data d feed.csv --collection library
  entente match --data d access.log
  entente detect coordination posts.csv --report groups.html
  entente secrets scan outbox/ --protected plans.set --key-file key
  entente party list --data d --as-of 2018-11-12 --stance in-talks
  entente serve --data d --listen 127.0.0.1:8750
  entente taxii check https://taxii.example/taxii2/ --as opencti";

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::Demo),
    Init(init::Init),
    Serve(Box<serve::Serve>),
    Journal(journal::Journal),
    Import(import::Import),
    Export(export::Export),
    Match(matching::Match),
    #[command(subcommand)]
    Party(party::Party),
    Invite(invite::Invite),
    #[command(subcommand)]
    Invitation(invite::Invitation),
    #[command(subcommand)]
    Talks(talks::Talks),
    #[command(subcommand)]
    Terms(terms::Terms),
    #[command(subcommand)]
    Commit(commit::Commit),
    #[command(subcommand)]
    Collection(collection::Collection),
    #[command(subcommand)]
    Circle(circle::Circle),
    #[command(subcommand)]
    Token(token::Token),
    Account(account::AccountVerb),
    Audience(audience::Audience),
    Fetched(audience::Fetched),
    #[command(subcommand)]
    Withdrawal(withdrawal::Withdrawal),
    Inbox(inbox::Inbox),
    #[command(subcommand)]
    Mail(mail::Mail),
    Erase(erase::Erase),
    #[command(subcommand)]
    Webhook(webhook::Webhook),
    #[command(subcommand)]
    Pledge(pledge::Pledge),
    #[command(subcommand)]
    Key(keys::Key),
    #[command(subcommand)]
    Domain(domain::Domain),
    Sign(sign::Sign),
    Sponsor(sign::Sponsor),
    #[command(subcommand)]
    Stix(stix::Stix),
    #[command(subcommand)]
    Taxii(taxii::Taxii),
    #[command(subcommand)]
    Pdq(pdq::Pdq),
    #[command(subcommand)]
    Text(text::Text),
    #[command(subcommand)]
    Detect(detect::Detect),
    #[command(subcommand)]
    Secrets(secrets::Secrets),
    #[command(subcommand)]
    Feedback(feedback::Feedback),
    #[command(subcommand)]
    Warninglist(warninglist::Warninglist),
    #[command(subcommand)]
    Bank(bank::Bank),
    #[command(subcommand)]
    Edge(edge::Edge),
    #[command(subcommand)]
    Request(request::Request),
    Receipt(receipt::Receipt),
    Verify(verify::Verify),
    #[command(subcommand)]
    Log(log::Log),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(man::Man),
}

/// How a command ended, as its exit code says.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for was done.
    Done = 0,
    /// Something was found that the caller asked to be told of: a match with `--fail-on-match`, or
    /// a check that does not hold.
    Found = 1,
    /// The command line itself is wrong. clap uses the same number.
    Usage = 2,
    /// Configuration, input or output.
    Local = 3,
    /// The credentials do not allow it.
    Authentication = 4,
    /// A node elsewhere could not be reached, or could not do it.
    Remote = 5,
    /// A proof, or the journal's own chain, does not hold.
    Proof = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// An error that knows its exit code.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub(crate) struct Failure {
    exit: Exit,
    words: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, words: impl Into<String>) -> Self {
        Failure {
            exit,
            words: words.into(),
        }
    }

    /// How a command ends by it.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The command line itself is wrong.
    pub(crate) fn usage(words: impl Into<String>) -> Self {
        Self::new(Exit::Usage, words)
    }
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; printing fails when nobody reads any more.
            drop(error.print());
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
        }
    };
    let serving = matches!(cli.verb, Verb::Serve(_));
    log_to_stderr(if serving { "info" } else { "warn" });
    match cli.verb.run() {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Done,
        Err(error) => {
            output::tell_error(&error);
            exit_of(&error)
        }
    }
}

impl Verb {
    fn run(self) -> anyhow::Result<Exit> {
        match self {
            Verb::Demo(verb) => verb.run(),
            Verb::Init(verb) => verb.run(),
            Verb::Serve(verb) => verb.run(),
            Verb::Journal(verb) => verb.run(),
            Verb::Import(verb) => verb.run(),
            Verb::Export(verb) => verb.run(),
            Verb::Match(verb) => verb.run(),
            Verb::Party(verb) => verb.run(),
            Verb::Invite(verb) => verb.run(),
            Verb::Invitation(verb) => verb.run(),
            Verb::Talks(verb) => verb.run(),
            Verb::Terms(verb) => verb.run(),
            Verb::Commit(verb) => verb.run(),
            Verb::Collection(verb) => verb.run(),
            Verb::Circle(verb) => verb.run(),
            Verb::Token(verb) => verb.run(),
            Verb::Account(verb) => verb.run(),
            Verb::Audience(verb) => verb.run(),
            Verb::Fetched(verb) => verb.run(),
            Verb::Withdrawal(verb) => verb.run(),
            Verb::Inbox(verb) => verb.run(),
            Verb::Mail(verb) => verb.run(),
            Verb::Erase(verb) => verb.run(),
            Verb::Webhook(verb) => verb.run(),
            Verb::Pledge(verb) => verb.run(),
            Verb::Key(verb) => verb.run(),
            Verb::Domain(verb) => verb.run(),
            Verb::Sign(verb) => verb.run(),
            Verb::Sponsor(verb) => verb.run(),
            Verb::Stix(verb) => verb.run(),
            Verb::Taxii(verb) => verb.run(),
            Verb::Pdq(verb) => verb.run(),
            Verb::Text(verb) => verb.run(),
            Verb::Detect(verb) => verb.run(),
            Verb::Secrets(verb) => verb.run(),
            Verb::Feedback(verb) => verb.run(),
            Verb::Warninglist(verb) => verb.run(),
            Verb::Bank(verb) => verb.run(),
            Verb::Edge(verb) => verb.run(),
            Verb::Request(verb) => verb.run(),
            Verb::Receipt(verb) => verb.run(),
            Verb::Verify(verb) => verb.run(),
            Verb::Log(verb) => verb.run(),
            Verb::Doctor(verb) => verb.run(),
            Verb::Completions(verb) => verb.run(),
            Verb::Man(verb) => verb.run(),
        }
    }
}

/// The one mapping from errors to exit codes.
fn exit_of(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return failure.exit;
        }
        if let Some(OpenError::Log(OpenLogError::Log(
            LogError::Behind { .. } | LogError::Forked { .. } | LogError::Record(..),
        ))) = cause.downcast_ref()
        {
            return Exit::Proof;
        }
        if let Some(node::Error::Unauthenticated | node::Error::Refused(_)) = cause.downcast_ref() {
            return Exit::Authentication;
        }
    }
    Exit::Local
}

/// Whether whoever read our output has gone, as in `entente export | head`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn log_to_stderr(level: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ENTENTE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(output::stderr_is_styled())
        .init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_shows_examples() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            let examples = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let groups = command.has_subcommands();
            assert!(
                groups || examples.starts_with("Examples:\n"),
                "{path} shows no examples"
            );
            command
                .get_subcommands()
                .for_each(|verb| check(verb, &path));
        }
        check(&Cli::command(), "");
    }

    #[test]
    fn errors_have_their_exit_codes() {
        let denied = anyhow::Error::from(node::Error::Unauthenticated).context("while importing");
        assert_eq!(exit_of(&denied), Exit::Authentication);
        let far = anyhow::Error::from(Failure::new(Exit::Remote, "gone")).context("publishing");
        assert_eq!(exit_of(&far), Exit::Remote);
        assert_eq!(exit_of(&anyhow::anyhow!("no such file")), Exit::Local);
    }
}
