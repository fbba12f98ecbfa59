//! Handing objects to the node in batches, and telling what became of each.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use indicatif::ProgressBar;
use serde::Serialize;
use stix::Object;

use super::disarm;
use super::indicator::{Row, Template};
use crate::cli::output::{count, plain, tell};
use crate::cli::target::Target;
use crate::misp::written::Written;
use crate::present::collection::Collection;

/// Objects of one batch.
const MOST: usize = 1000;
/// Octets of one batch.
const MOST_OCTETS: usize = 4 << 20;
/// Characters of a reason that are shown.
const LONGEST_REASON: usize = 400;

/// What became of everything.
#[derive(Copy, Clone, Debug, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) taken: u64,
    pub(crate) known: u64,
    pub(crate) refused: u64,
    /// Of DISARM, with the name of their kill chain mended.
    #[serde(skip_serializing_if = "is_none")]
    pub(crate) mended: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// Takes objects as they are read.
pub(crate) struct Taking<'t> {
    target: &'t Target,
    /// None on a dry run, when there is no such collection yet.
    collection: Option<Collection>,
    dry_run: bool,
    bar: ProgressBar,
    file: String,
    waiting: Vec<Waiting>,
    octets: usize,
    identity_is_sent: bool,
    counts: Counts,
}

/// An object that waits for its batch.
struct Waiting {
    id: String,
    version: Option<i64>,
    line: u64,
    bytes: Bytes,
    /// Made from a row: what is here under its id already says the same.
    is_made: bool,
}

impl<'t> Taking<'t> {
    pub(crate) fn new(
        target: &'t Target,
        collection: Option<Collection>,
        dry_run: bool,
        bar: ProgressBar,
    ) -> Self {
        Taking {
            target,
            collection,
            dry_run,
            bar,
            file: String::new(),
            waiting: Vec::with_capacity(MOST),
            octets: 0,
            identity_is_sent: false,
            counts: Counts::default(),
        }
    }

    /// What became of everything so far.
    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes an object as it stands in a file.
    ///
    /// # Errors
    /// When the node cannot be written; an object that is refused is told, and no error.
    pub(crate) fn take_object(
        &mut self,
        file: &str,
        line: u64,
        bytes: Bytes,
    ) -> anyhow::Result<()> {
        match disarm::mended(&bytes) {
            Some(mended) => {
                self.counts.mended += 1;
                self.take(file, line, mended, false)
            }
            None => self.take(file, line, bytes, false),
        }
    }

    /// Takes an object that was made here: what is there under its id already says the same.
    ///
    /// # Errors
    /// As [`Taking::take_object`].
    pub(crate) fn take_made(&mut self, file: &str, line: u64, bytes: Bytes) -> anyhow::Result<()> {
        self.take(file, line, bytes, true)
    }

    /// Takes the indicator that a row says.
    ///
    /// # Errors
    /// As [`Taking::take_object`].
    pub(crate) fn take_row(
        &mut self,
        file: &str,
        line: u64,
        template: &Template,
        row: &Row,
    ) -> anyhow::Result<()> {
        match template.indicator(row) {
            Err(reason) => {
                self.refuse(file, line, &reason);
                Ok(())
            }
            Ok(bytes) => {
                self.send_identity(template)?;
                self.take(file, line, bytes.into(), true)
            }
        }
    }

    /// Takes what an event became. What nothing versions is left out where it is here already, in
    /// this collection or in another that may be read.
    ///
    /// # Errors
    /// As [`Taking::take_object`].
    pub(crate) fn take_event(
        &mut self,
        file: &str,
        line: u64,
        template: &Template,
        objects: Vec<Written>,
    ) -> anyhow::Result<()> {
        let creator = format!("\"{}\"", template.creator());
        let constant = objects.iter().filter(|object| object.is_constant);
        let ids: Vec<String> = constant.map(|object| object.id.clone()).collect();
        let known = self.known_anywhere(&ids)?;
        for object in objects {
            if object.is_constant && known.contains(&object.id) {
                self.counts.known += 1;
                continue;
            }
            if memchr::memmem::find(&object.bytes, creator.as_bytes()).is_some() {
                self.send_identity(template)?;
            }
            self.take(file, line, object.bytes.into(), object.is_constant)?;
        }
        Ok(())
    }

    /// Which of these ids are in any collection that may be read.
    fn known_anywhere(&self, ids: &[String]) -> anyhow::Result<HashSet<String>> {
        let mut known = HashSet::new();
        if ids.is_empty() {
            return Ok(known);
        }
        for collection in self.target.collections()?.iter().filter(|c| c.can_read) {
            known.extend(self.target.known(collection, ids)?);
        }
        Ok(known)
    }

    fn take(&mut self, file: &str, line: u64, bytes: Bytes, is_made: bool) -> anyhow::Result<()> {
        let (id, version) = match Object::parse(&bytes) {
            Ok(object) => (
                object.id().as_str().to_owned(),
                object.version().map(stix::Timestamp::micros),
            ),
            Err(reasons) => {
                let words: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                self.refuse(file, line, &words.join("; "));
                return Ok(());
            }
        };
        if self.file != file {
            file.clone_into(&mut self.file);
        }
        self.octets += bytes.len();
        self.waiting.push(Waiting {
            id,
            version,
            line,
            bytes,
            is_made,
        });
        if self.waiting.len() == MOST || self.octets >= MOST_OCTETS {
            self.flush()?;
        }
        Ok(())
    }

    /// Tells that something was refused, and why.
    pub(crate) fn refuse(&mut self, file: &str, line: u64, reason: &str) {
        self.counts.refused += 1;
        self.note(file, line, reason);
    }

    /// Tells of what was taken that something of it is lost.
    pub(crate) fn note(&self, file: &str, line: u64, reason: &str) {
        let reason = plain(reason);
        let mut shown: String = reason.chars().take(LONGEST_REASON).collect();
        if shown.len() < reason.len() {
            shown.push('…');
        }
        self.bar
            .suspend(|| tell(&format!("{file}:{line}: {shown}")));
    }

    /// Sends what waits; call it at the end of each file.
    ///
    /// # Errors
    /// As [`Taking::take_object`].
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.octets = 0;
        self.leave_out_known(&mut waiting)?;
        let Some(collection) = self.collection.as_ref().filter(|_| !self.dry_run) else {
            self.counts.taken += waiting.len() as u64;
            return Ok(());
        };
        if waiting.is_empty() {
            return Ok(());
        }
        let objects: Vec<Bytes> = waiting.iter().map(|object| object.bytes.clone()).collect();
        let published = self.target.publish(collection, &objects)?;
        self.counts.taken += published.taken;
        self.counts.known += published.known;
        let file = self.file.clone();
        let mut lines: HashMap<(&str, Option<i64>), u64> = HashMap::new();
        for object in &waiting {
            lines.insert((object.id.as_str(), object.version), object.line);
        }
        for refused in published.refused {
            let line = lines.get(&(refused.id.as_str(), refused.version)).copied();
            self.refuse(
                &file,
                line.unwrap_or(0),
                &format!("{}: {}", refused.id, refused.reason),
            );
        }
        self.bar
            .set_message(format!("{} taken", count(self.counts.taken)));
        Ok(())
    }

    /// Leaves out indicators made from rows that are here already, or twice among them.
    fn leave_out_known(&mut self, waiting: &mut Vec<Waiting>) -> anyhow::Result<()> {
        let ids: Vec<String> = waiting
            .iter()
            .filter(|object| object.is_made)
            .map(|o| o.id.clone())
            .collect();
        let mut seen = match &self.collection {
            Some(collection) if !ids.is_empty() => self.target.known(collection, &ids)?,
            _ => HashSet::new(),
        };
        let before = waiting.len();
        waiting.retain(|object| !object.is_made || seen.insert(object.id.clone()));
        self.counts.known += (before - waiting.len()) as u64;
        Ok(())
    }

    /// Publishes the identity that made indicators name as their creator, unless it is here.
    pub(crate) fn send_identity(&mut self, template: &Template) -> anyhow::Result<()> {
        if self.identity_is_sent || self.dry_run {
            return Ok(());
        }
        self.identity_is_sent = true;
        let Some(collection) = &self.collection else {
            return Ok(());
        };
        let id = template.creator().to_owned();
        if self.target.known(collection, &[id])?.is_empty() {
            self.target
                .publish(collection, &[Bytes::from(template.identity.clone())])?;
        }
        Ok(())
    }
}
