//! Hits that wait for a person: a file of JSON lines on this machine, only ever added to.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::cli::input::{Line, read_line};

/// Octets of the longest line.
const LONGEST: usize = 1 << 20;

/// What was hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hit {
    /// `text`, `image` or `video`.
    pub(crate) kind: String,
    pub(crate) file: String,
    /// Of a text: its line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The STIX id.
    pub(crate) signal: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) bank: String,
    pub(crate) marking: String,
    /// Of a text: whether the letters are the same, or an edit apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) same: Option<bool>,
    /// Of an image or a video: bits that differ, at the nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) distance: Option<u32>,
    /// How the image was turned to be hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) turn: Option<String>,
    /// Of a video: frames that were hit, of so many that were looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) frames: Option<(u64, u64)>,
}

impl Hit {
    fn place(&self) -> (String, Option<u64>, String) {
        (self.file.clone(), self.line, self.signal.clone())
    }
}

/// What a person said of a hit.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Agree,
    Disagree,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Entry {
    Hit { number: u64, hit: Box<Hit> },
    Decided { number: u64, verdict: Verdict },
}

/// The file as it was when it was read.
#[derive(Debug)]
pub(crate) struct Queue {
    path: PathBuf,
    next: u64,
    waiting: BTreeMap<u64, Hit>,
    places: HashSet<(String, Option<u64>, String)>,
    pub(crate) decided: u64,
}

impl Queue {
    /// Reads a queue; one that is not there is empty.
    ///
    /// # Errors
    /// When it cannot be read, or a line is none of a queue.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let mut queue = Queue {
            path: path.to_owned(),
            next: 1,
            waiting: BTreeMap::new(),
            places: HashSet::new(),
            decided: 0,
        };
        if !path.exists() {
            return Ok(queue);
        }
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut stream = BufReader::new(file);
        let mut buffer = Vec::new();
        for line in 1_u64.. {
            let place = || format!("{} line {line}", path.display());
            match read_line(&mut stream, &mut buffer, LONGEST).with_context(place)? {
                Line::End => break,
                Line::TooLong => bail!("{}: longer than {LONGEST} octets", place()),
                Line::Whole => {}
            }
            let entry = serde_json::from_slice(&buffer);
            match entry.with_context(|| format!("{} is none of a queue of hits", place()))? {
                Entry::Hit { number, hit } => {
                    queue.next = queue.next.max(number.saturating_add(1));
                    queue.places.insert(hit.place());
                    queue.waiting.insert(number, *hit);
                }
                Entry::Decided { number, .. } => {
                    queue.decided += u64::from(queue.waiting.remove(&number).is_some());
                }
            }
        }
        Ok(queue)
    }

    /// The hits that nobody has decided on, by their numbers.
    pub(crate) fn waiting(&self) -> &BTreeMap<u64, Hit> {
        &self.waiting
    }

    /// Adds hits; those that are there already, decided or not, are left out. Tells how many are new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn add(&mut self, hits: Vec<Hit>) -> anyhow::Result<u64> {
        let mut lines = Vec::new();
        let mut added = 0;
        for hit in hits {
            if !self.places.insert(hit.place()) {
                continue;
            }
            let number = self.next;
            self.next += 1;
            added += 1;
            let hit = Box::new(hit);
            serde_json::to_writer(
                &mut lines,
                &Entry::Hit {
                    number,
                    hit: hit.clone(),
                },
            )?;
            lines.push(b'\n');
            self.waiting.insert(number, *hit);
        }
        self.append(&lines)?;
        Ok(added)
    }

    /// Notes what a person said of a hit.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn decide(&mut self, number: u64, verdict: Verdict) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(&Entry::Decided { number, verdict })?;
        line.push(b'\n');
        self.append(&line)?;
        self.decided += u64::from(self.waiting.remove(&number).is_some());
        Ok(())
    }

    /// The file may hold what others wrote in private: its owner alone may read it.
    fn append(&self, lines: &[u8]) -> anyhow::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let cannot = || format!("cannot write {}", self.path.display());
        let mut file = options.open(&self.path).with_context(cannot)?;
        file.write_all(lines).with_context(cannot)?;
        file.sync_data().with_context(cannot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(line: u64) -> Hit {
        Hit {
            kind: "text".into(),
            file: "posts.txt".into(),
            line: Some(line),
            id: None,
            text: Some("words".into()),
            signal: "indicator--1".into(),
            name: None,
            bank: "slurs".into(),
            marking: "TLP:AMBER".into(),
            same: Some(true),
            distance: None,
            turn: None,
            frames: None,
        }
    }

    #[test]
    fn what_was_decided_does_not_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.ndjson");
        let mut queue = Queue::open(&path).unwrap();
        assert_eq!(queue.add(vec![hit(1), hit(2), hit(1)]).unwrap(), 2);
        queue.decide(1, Verdict::Agree).unwrap();
        let mut again = Queue::open(&path).unwrap();
        assert_eq!(again.waiting().keys().copied().collect::<Vec<_>>(), [2]);
        assert_eq!(again.add(vec![hit(1), hit(2), hit(3)]).unwrap(), 1);
        assert_eq!((again.decided, again.waiting().len()), (1, 2));
        std::fs::write(&path, "{\"other\":1}\n").unwrap();
        let error = format!("{:#}", Queue::open(&path).unwrap_err());
        assert!(error.contains("line 1"), "{error}");
    }
}
