//! `entente edge info`: what is in an edge file, and whether it is as it was written.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use indicatif::DecimalBytes;
use matching::{Edge, Kind};
use serde::Serialize;

use crate::cli::Exit;
use crate::cli::output::{Out, count};
use crate::present;

/// Show what is in an edge file, after reading and verifying all of it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente edge info signals.edge
  entente edge info signals.edge --json | jq .values.domain")]
pub(crate) struct Info {
    /// The edge file
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is in a file.
#[derive(Debug, Serialize)]
struct Content {
    built: String,
    signals: u64,
    /// Different values.
    observables: u64,
    /// Pairs of value and signal, by kind.
    values: BTreeMap<&'static str, u64>,
    /// Octets of the file.
    size: u64,
    /// Octets that are held in memory while it is used.
    resident: usize,
}

impl Info {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let name = self.file.display().to_string();
        let file = File::open(&self.file).with_context(|| format!("cannot open {name}"))?;
        let edge = Edge::open(file).with_context(|| name.clone())?;
        edge.verify().with_context(|| name.clone())?;
        let values = Kind::ALL.map(|kind| (kind.as_str(), edge.len_of(kind)));
        let content = Content {
            built: present::time(edge.built()),
            signals: edge.signals(),
            observables: edge.observables(),
            values: values.into_iter().filter(|(_, pairs)| *pairs > 0).collect(),
            size: edge.size(),
            resident: edge.resident(),
        };
        let mut out = Out::new();
        if self.json {
            out.json(&content)?;
        } else {
            print(&mut out, &content)?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

fn print(out: &mut Out, content: &Content) -> anyhow::Result<()> {
    let mut rows = vec![
        vec!["built".to_owned(), content.built.clone()],
        vec!["signals".to_owned(), count(content.signals)],
        vec!["different values".to_owned(), count(content.observables)],
    ];
    for (kind, pairs) in &content.values {
        rows.push(vec![(*kind).to_owned(), count(*pairs)]);
    }
    rows.push(vec![
        "size".to_owned(),
        DecimalBytes(content.size).to_string(),
    ]);
    let resident = DecimalBytes(content.resident as u64).to_string();
    rows.push(vec!["in memory".to_owned(), resident]);
    out.table(&["what", "how much"], &rows)?;
    Ok(())
}
