//! `entente secrets protect`: keyed fingerprints of documents.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use detect::secrets::{Document, Index, Protected, Settings, Told};
use indicatif::ProgressBar;
use matching::text::{Grain, Key, Selected, Winnower};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::walk::{Found, files};
use super::{load, work};
use crate::cli::input;
use crate::cli::key::KeyFile;
use crate::cli::output::{Out, count, counted, plain, tell};
use crate::cli::{Exit, Failure};
use crate::document::{Event, Limits, read_file};

/// Fingerprint documents under a key, so that passages of them can be found elsewhere
///
/// Writes a protected set: for each document its keyed fingerprints (HMAC-SHA256 of runs of its
/// letters, cut to 64 bits), never its text. Reads text, HTML, PDF, DOCX, PPTX, XLSX, ODT, mail,
/// and archives of these. Run again, it reads what is new or has changed, and keeps the rest.
/// Who holds the set and the key can test guesses of passages: keep them apart.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  openssl rand -hex 32 > secrets.key
  entente secrets protect plans/ --out plans.set --key-file secrets.key
  entente secrets protect plans/ --out plans.set --key-file secrets.key --allow published/
  entente secrets protect plans/ --out plans.set --key-file secrets.key --names hash")]
pub(crate) struct Protect {
    /// Directories and files to protect
    #[arg(required = true, value_name = "DIR")]
    paths: Vec<PathBuf>,
    /// The protected set to write, or to bring up to date
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    key: KeyFile,
    /// Directory or file with texts that anybody may have, such as forms and published reports:
    /// what they hold is not counted; repeat for more
    #[arg(long, value_name = "DIR")]
    allow: Vec<PathBuf>,
    /// Whether the set bears the documents' names
    #[arg(long, value_enum, default_value_t = Names::Keep)]
    names: Names,
    /// Do not count what more documents than this have
    #[arg(long, value_name = "N", default_value_t = Settings::default().most)]
    max_documents: u32,
    /// Letters of a run
    #[arg(long, value_name = "LETTERS", default_value_t = Grain::PASSAGES.k())]
    k: usize,
    /// Runs that one is chosen of
    #[arg(long, value_name = "RUNS", default_value_t = Grain::PASSAGES.w())]
    w: usize,
    /// Begin anew instead of bringing the set up to date
    #[arg(long)]
    fresh: bool,
    /// Exit with 3 when something could not be read, and so is not protected
    #[arg(long)]
    strict: bool,
    /// Print one JSON object a document
    #[arg(long)]
    json: bool,
}

/// What becomes of names.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Names {
    /// They are in the set
    Keep,
    /// A number made of the name under the key is
    Hash,
}

/// A line of JSON output.
#[derive(Serialize)]
struct Row {
    id: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: String,
    /// What is counted of it, without what is allowed or in many documents.
    fingerprints: u32,
}

/// What was read of a file.
struct Taken {
    source: u64,
    told: Told,
    documents: Vec<Document>,
    unread: Vec<String>,
}

fn tell_few(count: u64) {
    if count > 0 {
        tell(&format!(
            "{} too short or wholly of what anybody may have: nothing of them can be found",
            counted(count, "document is", "documents are"),
        ));
    }
}

impl Protect {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let grain = Grain::new(self.k, self.w)
            .map_err(|range| Failure::usage(format!("--k {} --w {}: {range}", self.k, self.w)))?;
        let settings = Settings {
            grain,
            most: self.max_documents,
        };
        let key = self.key.require()?;
        let mut set = self.start(settings, &key)?;
        let allowed = files(&self.allow)?;
        let found = files(&self.paths)?;
        let names: HashSet<&str> = found.iter().map(|one| one.name.as_str()).collect();
        if names.len() < found.len() {
            let words = "two of the files have the same name: name a directory that holds both";
            return Err(Failure::usage(words).into());
        }
        let bar = input::bar_of(Some(allowed.iter().chain(&found).map(|one| one.size).sum()));
        let mut unread = 0;
        self.allow(&mut set, allowed, &key, &bar, &mut unread)?;
        let [mut new, mut changed, mut same, mut few] = [0_u64; 4];
        let keep = self.names == Names::Keep;
        let known = set.clone();
        let one = |file: Found| {
            let taken = take(&file, &known, &key, settings, keep);
            bar.inc(file.size);
            taken
        };
        work::in_order(found, one, |taken| {
            unread += taken.unread.len() as u64;
            for words in &taken.unread {
                bar.suspend(|| tell(words));
            }
            // What was protected of it before stays so.
            if taken.documents.is_empty() && !taken.unread.is_empty() {
                return Ok(());
            }
            match taken.told {
                Told::Same => same += 1,
                Told::New => new += 1,
                Told::Changed => changed += 1,
            }
            if taken.told != Told::Same {
                for document in &taken.documents {
                    few += u64::from(document.fingerprints.is_empty());
                }
                set.put(taken.source, taken.documents);
            }
            Ok(())
        })?;
        bar.finish_and_clear();
        write(&self.out, &set.to_bytes())
            .with_context(|| format!("cannot write {}", self.out.display()))?;
        self.tell(&set)?;
        tell(&format!(
            "{}: {}; of the files {} new, {} changed, {} as before, {} could not be read",
            plain(&self.out.display().to_string()),
            counted(set.documents().len() as u64, "document", "documents"),
            count(new),
            count(changed),
            count(same),
            count(unread),
        ));
        tell_few(few);
        Ok(if self.strict && unread > 0 {
            Exit::Local
        } else {
            Exit::Done
        })
    }

    /// The set that is there, or a new one.
    fn start(&self, settings: Settings, key: &Key) -> anyhow::Result<Protected> {
        if self.fresh || !self.out.exists() {
            return Ok(Protected::new(settings, key));
        }
        let set = load(&self.out, key)?;
        if set.settings() != settings {
            let words = format!(
                "{} was made with other settings (k, w, documents): begin anew with --fresh",
                self.out.display()
            );
            return Err(Failure::new(Exit::Local, words).into());
        }
        Ok(set)
    }

    fn allow(
        &self,
        set: &mut Protected,
        allowed: Vec<Found>,
        key: &Key,
        bar: &ProgressBar,
        unread: &mut u64,
    ) -> anyhow::Result<()> {
        let settings = set.settings();
        let mut all = Vec::new();
        let one = |file: Found| {
            let documents = documents(&file, key, settings, false);
            bar.inc(file.size);
            documents
        };
        work::in_order(allowed, one, |(documents, told)| {
            *unread += told.len() as u64;
            for words in &told {
                bar.suspend(|| tell(words));
            }
            all.extend(documents.into_iter().flat_map(|one| one.fingerprints));
            Ok(())
        })?;
        if !self.allow.is_empty() {
            let more = set.allow(&all);
            tell(&format!(
                "{} that anybody may have, {} of them new",
                counted(set.allowed() as u64, "fingerprint", "fingerprints"),
                count(more as u64),
            ));
        }
        Ok(())
    }

    fn tell(&self, set: &Protected) -> anyhow::Result<()> {
        let index = Index::of(set);
        let mut out = Out::new();
        if self.json {
            for (at, document) in (0..).zip(set.documents()) {
                out.json(&Row {
                    id: format!("{:016x}", document.id),
                    name: document.name.clone(),
                    fingerprints: index.counted(at),
                })?;
            }
        }
        out.flush()?;
        tell(&format!(
            "{} counted",
            counted(index.len() as u64, "fingerprint is", "fingerprints are")
        ));
        Ok(())
    }
}

/// Reads a file, unless the set has it as it is.
fn take(file: &Found, set: &Protected, key: &Key, settings: Settings, keep: bool) -> Taken {
    let source = Protected::id(key, &file.name);
    let content = match content(key, file, keep) {
        Ok(content) => content,
        Err(error) => {
            let path = plain(&file.path.display().to_string()).into_owned();
            return Taken {
                source,
                told: Told::Same,
                documents: Vec::new(),
                unread: vec![format!("{path}: {error}")],
            };
        }
    };
    let told = set.knows(source, content);
    let (mut documents, unread) = match told {
        Told::Same => (Vec::new(), Vec::new()),
        Told::New | Told::Changed => documents(file, key, settings, keep),
    };
    for document in &mut documents {
        document.content = content;
    }
    Taken {
        source,
        told,
        documents,
        unread,
    }
}

/// A number made of a file's content, and of how it is named, under the key.
fn content(key: &Key, file: &Found, keep: bool) -> std::io::Result<u64> {
    let mut hash = Sha256::new();
    let mut stream = File::open(&file.path)?;
    let mut buffer = vec![0; 256 << 10];
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        hash.update(buffer.get(..length).unwrap_or_default());
    }
    hash.update([u8::from(keep)]);
    let digest = hash.finalize();
    let keyed = key
        .derived("entente/secrets/content/v1")
        .authenticate(&digest);
    Ok(keyed
        .iter()
        .take(8)
        .fold(0, |all, &byte| all << 8 | u64::from(byte)))
}

/// The documents in a file, and what of it could not be read.
fn documents(
    file: &Found,
    key: &Key,
    settings: Settings,
    keep: bool,
) -> (Vec<Document>, Vec<String>) {
    let mut winnower = Winnower::new(settings.grain);
    let (mut documents, mut unread) = (Vec::new(), Vec::new());
    let mut open: Option<Document> = None;
    let mut letters = String::new();
    let path = file.path.display().to_string();
    let hash = |selected: &Selected<'_>, letters: &mut String| {
        letters.clear();
        selected.write_letters(letters);
        key.hash(&[letters])
    };
    read_file(&file.path, Limits::default(), &mut |event| match event {
        Event::Begin { name, is_text } => {
            let inner = name.strip_prefix(&path).unwrap_or(name);
            let name = format!("{}{inner}", file.name);
            if is_text {
                open = Some(Document {
                    id: Protected::id(key, &name),
                    source: 0,
                    content: 0,
                    name: if keep { name } else { String::new() },
                    fingerprints: Vec::new(),
                });
            } else {
                unread.push(format!(
                    "{}: it holds no text that is known as such",
                    plain(&name)
                ));
            }
        }
        Event::Text(_, text) => {
            if let Some(document) = &mut open {
                winnower.feed(text, &mut |one| {
                    document.fingerprints.push(hash(one, &mut letters));
                });
            }
        }
        Event::End => {
            if let Some(mut document) = open.take() {
                winnower.finish(&mut |one| {
                    document.fingerprints.push(hash(one, &mut letters));
                });
                document.fingerprints.sort_unstable();
                document.fingerprints.dedup();
                documents.push(document);
            }
        }
        Event::Unread { name, why } => unread.push(format!("{}: {}", plain(name), plain(why))),
    });
    (documents, unread)
}

/// Writes a file that is whole or not there; its owner alone may read it.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
