//! `entente verify`: checks receipts and bundles of cases offline.

pub(crate) mod case;
mod check;

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use indicatif::ProgressBar;
use node::log::note::VerifierKey;
use node::log::policy::Policy;
use node::log::receipt::SIZE_LIMIT;

use self::check::{Object, Trusted};
use super::input::{self, Head};
use super::log::{Trust, read_key};
use super::output::{FAINT, FOUND, Out, plain};
use super::{Exit, Failure};

/// Check receipts and bundles of cases offline: that entries are in a log which its operator signed
///
/// Checked of a receipt are: that the leaf is the one that is proven, that it is in the log whose root was signed,
/// the signature, the witnesses that the policy asks for, and with --object that the file is what the
/// entry commits to. Of a bundle ('entente request export'): its form, who signed it (the log, or a
/// party whose key is given with --signer), each file, each receipt, that there is an entry for each
/// step, that attachments are those that the entries name, and that the case is told as it follows
/// from them. Ends with exit code 6 when anything does not hold, or when no key was given: a
/// receipt that nobody signed proves nothing. A node's key is at <its address>/log/key; get it once,
/// from somebody you trust, and keep it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente verify 1234.tlog-proof --key node.vkey
  entente verify signature.tlog-proof --key node.vkey --signer party.vkey
  entente verify 1234.tlog-proof --object indicator.json --policy trusted.policy
  entente receipt --position 1234 --data d | entente verify - --key node.vkey --json
  entente verify case.zip --key node.vkey --signer party.vkey")]
pub(crate) struct Verify {
    /// Receipts or bundles ('-' is stdin); one file may hold several receipts, one after the other
    #[arg(required = true, value_name = "FILE")]
    receipts: Vec<PathBuf>,
    /// The object that the entry is said to be about, or a bundle that holds it
    #[arg(long, value_name = "FILE")]
    object: Option<PathBuf>,
    /// The key of a party, 'name+id+base64' or a file that holds it: what the entry says it signed has
    /// to be signed by it; may be given several times
    #[arg(long, value_name = "VKEY")]
    signer: Vec<String>,
    #[command(flatten)]
    trust: Trust,
    /// Print one JSON object for each receipt or bundle
    #[arg(long)]
    json: bool,
}

/// The most octets of an object's file.
const LARGEST_OBJECT: u64 = 256 << 20;
/// The most receipts that are taken from one file.
const MOST_RECEIPTS: u64 = 10_000;

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        input::once(
            self.receipts
                .iter()
                .chain(&self.object)
                .map(PathBuf::as_path),
        )?;
        let policy = self.trust.policy()?;
        let object = self.object.as_deref().map(read_object).transpose()?;
        let signers = self.signer.iter().map(|key| read_key(key));
        let signers: Vec<VerifierKey> = signers.collect::<anyhow::Result<_>>()?;
        let trusted = Trusted {
            policy: policy.as_ref(),
            signers: &signers,
            object: object.as_ref(),
        };
        let known = policy.iter().flat_map(Policy::logs);
        let known: Vec<VerifierKey> = known
            .map(|log| log.key.clone())
            .chain(signers.clone())
            .collect();
        let mut out = Out::new();
        let mut all = true;
        let mut texts = Vec::new();
        for path in &self.receipts {
            let Some(stream) = archive(path)? else {
                texts.extend(read(path)?);
                continue;
            };
            let name = path.display().to_string();
            let verdict = case::check(&name, stream, &trusted, &known);
            all &= verdict.holds;
            if self.json {
                out.json(&verdict)?;
            } else {
                print(
                    &name,
                    verdict.holds,
                    verdict.state(),
                    verdict.facts(),
                    &mut out,
                )?;
            }
        }
        if object.is_some() && texts.len() > 1 {
            let words = "--object is for one receipt: check them one by one";
            return Err(Failure::usage(words).into());
        }
        for (name, text) in &texts {
            let verdict = check::check(name, text, &trusted);
            all &= verdict.holds;
            if self.json {
                out.json(&verdict)?;
            } else {
                let (holds, state) = (verdict.holds, verdict.state());
                print(&verdict.receipt, holds, state, verdict.facts(), &mut out)?;
            }
        }
        out.flush()?;
        Ok(if all { Exit::Done } else { Exit::Proof })
    }
}

/// The receipts in a file, each with a name.
fn read(path: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let input = input::open(path, &ProgressBar::hidden(), Head::Whole)?;
    let most = MOST_RECEIPTS * SIZE_LIMIT as u64 / 100;
    let (name, octets) = input.whole(most, "check receipts one by one")?;
    let mut parts = split(&octets);
    if parts.len() < 2 {
        return Ok(vec![(name, octets)]);
    }
    let named = parts.drain(..).enumerate();
    Ok(named
        .map(|(at, part)| (format!("{name} ({})", at + 1), part.to_vec()))
        .collect())
}

/// Receipts one after the other: each starts with the line that no other line of a receipt is.
fn split(octets: &[u8]) -> Vec<&[u8]> {
    const START: &[u8] = b"c2sp.org/tlog-proof@v1\n";
    let starts_here = |at: &usize| {
        let rest = octets.get(*at..).unwrap_or_default();
        let line_start = *at == 0 || octets.get(at - 1) == Some(&b'\n');
        line_start && rest.starts_with(START)
    };
    let starts: Vec<usize> = (0..octets.len()).filter(starts_here).collect();
    let ends = starts.iter().skip(1).copied().chain([octets.len()]);
    let parts = starts.iter().zip(ends);
    parts
        .filter_map(|(start, end)| octets.get(*start..end))
        .collect()
}

fn read_object(path: &Path) -> anyhow::Result<Object> {
    let input = input::open(path, &ProgressBar::hidden(), Head::Whole)?;
    let (name, octets) = input.whole(LARGEST_OBJECT, "give the object alone")?;
    Ok(Object { name, octets })
}

/// The stream of a file that is a ZIP archive.
fn archive(path: &Path) -> anyhow::Result<Option<Box<dyn Read>>> {
    if path.as_os_str() == "-" {
        // The octets stay in stdin's own buffer, for whoever reads it next.
        let head = io::stdin().lock().fill_buf()?.starts_with(ARCHIVE);
        return Ok(head.then(|| Box::new(io::stdin().lock()) as Box<dyn Read>));
    }
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
    let mut file = BufReader::with_capacity(64 << 10, file);
    let head = file
        .fill_buf()
        .with_context(|| format!("cannot read {name}"))?;
    Ok(head
        .starts_with(ARCHIVE)
        .then(|| Box::new(file) as Box<dyn Read>))
}

/// How a ZIP archive begins.
const ARCHIVE: &[u8] = b"PK\x03\x04";

fn print(
    name: &str,
    holds: bool,
    state: &str,
    facts: Vec<(&'static str, String)>,
    out: &mut Out,
) -> io::Result<()> {
    let name = plain(name);
    let state = if holds {
        state.to_owned()
    } else {
        out.paint(FOUND, state)
    };
    out.line(&format!("{name}: {state}"))?;
    for (label, words) in facts {
        let label = out.paint(FAINT, &format!("{label:<10}"));
        out.line(&format!("  {label}{}", plain(&words)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn receipts_are_told_apart() {
        let one = b"c2sp.org/tlog-proof@v1\nindex 0\n\nc2sp.org/tlog-proof@v1 \n";
        assert_eq!(split(one), [one]);
        let two = [&one[..], one].concat();
        assert_eq!(split(&two), [one, one]);
        assert!(split(b"x c2sp.org/tlog-proof@v1\n").is_empty());
    }
}
