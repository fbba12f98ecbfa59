//! `entente audience` and `entente fetched`: who can see a signal and why, and who fetched it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use node::Caller;
use serde_json::json;
use serde_json::value::RawValue;

use super::client::encoded;
use super::output::{FAINT, Out, STRONG, count, plain, tell};
use super::target::{Target, Where};
use super::{Exit, Failure};
use crate::present::audience::{Audience as Shown, Audiences, Fetched as Line, Fetches};

/// Who can see a signal, and why
///
/// For those who publish it. With --preview, who could see an object if it was published now.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente audience indicator--0b8a8b1a-7d4d-4e0e-9f7b-0d8a4b1a7d4d --data d
  entente audience --preview object.json --collection elections --data d --json")]
pub(crate) struct Audience {
    /// The signal's STIX id
    #[arg(required_unless_present = "preview", conflicts_with = "preview")]
    id: Option<String>,
    #[command(flatten)]
    place: Where,
    /// A file with one STIX object that is not published yet
    #[arg(long, value_name = "FILE", requires = "collection")]
    preview: Option<PathBuf>,
    /// The collection it would be published into
    #[arg(long, value_name = "NAME", requires = "preview")]
    collection: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Who fetched a signal, for those who publish it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente fetched indicator--0b8a8b1a-7d4d-4e0e-9f7b-0d8a4b1a7d4d --data d")]
pub(crate) struct Fetched {
    /// The signal's STIX id
    id: String,
    #[command(flatten)]
    place: Where,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Audience {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let audiences = match (&self.preview, &self.collection, &self.id) {
            (Some(file), Some(collection), _) => vec![preview_file(&target, collection, file)?],
            (_, _, Some(id)) => audiences(&target, id)?,
            _ => return Err(Failure::usage("which signal? Give its STIX id").into()),
        };
        let mut out = Out::new();
        for audience in &audiences {
            if self.json {
                out.json(audience)?;
            } else {
                print(&mut out, audience)?;
            }
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

fn audiences(target: &Target, id: &str) -> anyhow::Result<Vec<Shown>> {
    match target {
        Target::Local(local) => {
            let reports = local.node.audience(&Caller::Operator, id)?;
            Ok(reports.into_iter().map(Shown::from).collect())
        }
        Target::Remote(client) => {
            let path = format!("/api/v1/signals/{}/audience", encoded(id));
            Ok(client.get::<Audiences>(&path, &[])?.audiences)
        }
    }
}

fn preview_file(target: &Target, collection: &str, file: &Path) -> anyhow::Result<Shown> {
    let bytes = std::fs::read(file).with_context(|| format!("{}", file.display()))?;
    preview(target, collection, &Bytes::from(bytes)).with_context(|| format!("{}", file.display()))
}

/// Who could see an object if it was published now.
///
/// # Errors
/// When there is no such collection, or the object is none.
pub(super) fn preview(target: &Target, collection: &str, object: &Bytes) -> anyhow::Result<Shown> {
    match target {
        Target::Local(local) => {
            let report = local.node.preview(&Caller::Operator, collection, object)?;
            Ok(Shown::from(report))
        }
        Target::Remote(client) => {
            let object: &RawValue = serde_json::from_slice(object).context("it is no JSON")?;
            let body = json!({ "collection": collection, "object": object });
            client.post("/api/v1/audience", &body)
        }
    }
}

fn print(out: &mut Out, audience: &Shown) -> anyhow::Result<()> {
    let head = format!("{} in {}", audience.marking, audience.collection);
    out.line(&out.paint(STRONG, &head))?;
    for circle in &audience.circles {
        out.line(&format!("confined to the circle {circle}"))?;
    }
    let yes = |sees: bool| if sees { "sees" } else { "-" };
    let mut rows = vec![vec![
        "anyone".to_owned(),
        yes(audience.anyone.sees).to_owned(),
        audience.anyone.why.clone(),
    ]];
    for row in &audience.stances {
        rows.push(vec![
            format!("{} ({})", row.stance, count(row.parties as u64)),
            yes(row.sight.sees).to_owned(),
            row.sight.why.clone(),
        ]);
    }
    for row in &audience.parties {
        rows.push(vec![
            row.party.clone(),
            yes(row.sight.sees).to_owned(),
            row.sight.why.clone(),
        ]);
    }
    out.table(&["WHO", "SEES", "WHY"], &rows)?;
    Ok(())
}

impl Fetched {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let fetches = match self.place.open()? {
            Target::Local(local) => {
                let fetched = local.node.fetched(&Caller::Operator, &self.id)?;
                fetched.into_iter().map(Line::from).collect()
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/signals/{}/fetches", encoded(&self.id));
                client.get::<Fetches>(&path, &[])?.fetches
            }
        };
        let mut out = Out::new();
        if self.json {
            for line in &fetches {
                out.json(line)?;
            }
        } else {
            let anyone = out.paint(FAINT, "without an account");
            let row = |line: &Line| {
                vec![
                    line.party.clone().unwrap_or_else(|| anyone.clone()),
                    count(line.times),
                    line.first.clone(),
                    line.last.clone(),
                ]
            };
            let rows: Vec<Vec<String>> = fetches.iter().map(row).collect();
            out.table(&["PARTY", "TIMES", "FIRST", "LAST"], &rows)?;
        }
        out.flush()?;
        if fetches.is_empty() {
            tell(&format!("nobody else has fetched {}", plain(&self.id)));
        }
        Ok(Exit::Done)
    }
}
