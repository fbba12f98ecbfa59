//! The `entente` command: one binary for the node and for those who work with one.

mod case;
mod cli;
mod dates;
mod document;
mod domains;
mod dsa;
mod http;
mod ics;
mod key_file;
mod known;
mod mail;
mod misp;
mod networks;
mod picture;
mod present;
mod private;
mod run;
mod signed;
mod webhooks;
mod witnesses;
mod xarf;

fn main() -> std::process::ExitCode {
    cli::run().into()
}
