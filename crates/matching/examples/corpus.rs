//! Writes a corpus for races between scanners: a log, the truth about it, and the indicators.
//!
//! `cargo run --release -p entente-matching --example corpus -- --megabytes 500 --seed 1
//! --log FILE --truth FILE --indicators FILE --count 1000000 [--planted 1936] [--traps 482]`
//!
//! The truth has a line for each thing placed, in order, with tabs between: offset in bytes, line,
//! `planted` or `trap`, the form, the relation, the indicator's line, the indicator, as written. A
//! hit for the indicator begins within what is written for `planted`; none overlaps a `trap`.
//! The indicators are one a line, `kind` and value with a tab between.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use matching::sample::{self, Corpus, Truth};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count = usize::try_from(number("--count", Some(1_000_000))?)?;
    let corpus = Corpus {
        seed: number("--seed", Some(1))?,
        bytes: number("--megabytes", None)? * 1_000_000,
        planted: usize::try_from(number("--planted", Some(1_936))?)?,
        traps: usize::try_from(number("--traps", Some(482))?)?,
    };
    let observables: Vec<_> = sample::observables(corpus.seed).take(count).collect();
    let mut indicators = create("--indicators")?;
    for observable in &observables {
        writeln!(indicators, "{}\t{}", observable.kind(), observable.as_str())?;
    }
    indicators.flush()?;

    let mut log = create("--log")?;
    let mut failed = None;
    let placed = corpus.write(&observables, &mut |line| {
        if let Err(error) = writeln!(log, "{line}") {
            failed.get_or_insert(error);
        }
    });
    failed.map_or_else(|| log.flush(), Err)?;

    let mut truth = create("--truth")?;
    for placed in placed {
        let (what, form, relation) = match placed.truth {
            Truth::Planted { form, relation } => ("planted", form, relation.as_str()),
            Truth::Trap => ("trap", "near miss", "none"),
        };
        let value = observables
            .get(placed.index)
            .map_or("", |value| value.as_str());
        let (offset, line, index) = (placed.offset, placed.line, placed.index + 1);
        let written = placed.written;
        writeln!(
            truth,
            "{offset}\t{line}\t{what}\t{form}\t{relation}\t{index}\t{value}\t{written}"
        )?;
    }
    truth.flush()?;
    Ok(())
}

/// The argument after `name`.
fn argument(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}

fn number(name: &str, default: Option<u64>) -> Result<u64, String> {
    match argument(name) {
        Some(text) => text
            .parse()
            .map_err(|_| format!("{name} takes a number, not {text:?}")),
        None => default.ok_or_else(|| format!("{name} is missing")),
    }
}

fn create(name: &str) -> io::Result<BufWriter<File>> {
    let missing = || io::Error::new(io::ErrorKind::InvalidInput, format!("{name} is missing"));
    let path = argument(name).ok_or_else(missing)?;
    File::create(path).map(|file| BufWriter::with_capacity(1 << 20, file))
}
