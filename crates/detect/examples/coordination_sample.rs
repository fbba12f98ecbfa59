//! Generated posts as CSV, with planted groups, for benches and trials. What is not planted looks as
//! bad as honest people do; see `detect::sample`.
//!
//!     cargo run -p entente-detect --example coordination_sample -- ROWS SEED [TRUTH] > posts.csv
//!
//! TRUTH is a file for the accounts of the planted groups, one a line with its group.

use std::io::{self, BufWriter, Write as _};

use detect::sample::Recipe;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u32>().ok());
    let (Some(rows), Some(seed)) = (number(0), number(1)) else {
        eprintln!("usage: coordination_sample ROWS SEED [TRUTH] > posts.csv");
        std::process::exit(2);
    };
    let sample = Recipe {
        seed: u64::from(seed),
        rows,
    }
    .draw();
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    writeln!(out, "object_id,account_id,content_id,timestamp_share")?;
    for (number, share) in sample.shares.iter().enumerate() {
        let (seconds, millis) = (share.time / 1000, share.time % 1000);
        writeln!(
            out,
            "https://news.example/{},u{},{number},{seconds}.{millis:03}",
            share.object, share.account
        )?;
    }
    out.flush()?;
    if let Some(path) = arguments.get(2) {
        let mut truth = BufWriter::new(std::fs::File::create(path)?);
        for (group, members) in sample.groups.iter().enumerate() {
            for account in members {
                writeln!(truth, "u{account},{group}")?;
            }
        }
        truth.flush()?;
    }
    Ok(())
}
