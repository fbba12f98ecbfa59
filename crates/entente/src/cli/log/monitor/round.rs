//! One look at all places: each checkpoint against the policy, what was seen before, and the others.

use std::time::Duration;

use node::log::checkpoint::Checkpoint;
use node::log::hash::{Hash, leaf_hash};
use node::log::note::{Note, VerifierKey};
use node::log::policy::Policy;
use node::log::proof::{ProofError, frontier, prove_consistency, verify_consistency};
use node::log::tile::{Level, Tile, TileError, Tiles as _};
use serde_json::json;

use super::alarm::{Alarm, Alarms, Kind};
use super::state::{Seen, State};
use crate::cli::log::source::Source;
use crate::cli::output::{count, counted, plain};
use crate::cli::{Exit, Failure};

/// A look under way.
pub(super) struct Round<'r> {
    pub(super) state: &'r mut State,
    pub(super) alarms: &'r mut Alarms,
    pub(super) given: Option<&'r Policy>,
    /// Seconds since 1970.
    pub(super) now: u64,
    pub(super) stalled: Option<Duration>,
    pub(super) entries: bool,
    /// A place gave nothing: what was seen before may be there.
    pub(super) blind: bool,
}

/// What a place shows, once its signature was checked.
struct Shown<'s> {
    place: &'s str,
    source: &'s Source,
    note: &'s Note,
    checkpoint: Checkpoint,
    /// When the quorum had seen it.
    seen: Option<u64>,
}

/// New entries that are checked and printed at once.
const ENTRIES_AT_ONCE: u64 = 1 << 16;

impl Round<'_> {
    /// Looks at what places showed.
    pub(super) fn look(
        &mut self,
        places: &[(String, anyhow::Result<(Source, Note)>)],
    ) -> anyhow::Result<()> {
        let mut shown = Vec::new();
        for (place, found) in places {
            match found {
                Err(error) => {
                    self.blind = true;
                    self.nothing(place, error)?;
                }
                Ok((source, note)) => shown.extend(self.accepted(place, source, note)?),
            }
        }
        // The largest first: the others are compared with it, by its tiles.
        shown.sort_by_key(|shown| std::cmp::Reverse(shown.checkpoint.size()));
        let mut origins: Vec<&str> = shown
            .iter()
            .map(|shown| shown.checkpoint.origin())
            .collect();
        origins.sort_unstable();
        origins.dedup();
        for origin in origins {
            let of_log = shown
                .iter()
                .filter(|shown| shown.checkpoint.origin() == origin);
            self.log(origin, &of_log.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// A place that shows no checkpoint.
    fn nothing(&mut self, place: &str, error: &anyhow::Error) -> anyhow::Result<()> {
        let failure = error.downcast_ref::<Failure>().map(Failure::exit);
        let kind = match failure {
            Some(Exit::Proof) => Kind::Signature,
            Some(Exit::Remote | Exit::Local) => Kind::Unreachable,
            _ => return Err(anyhow::anyhow!("{error:#}")),
        };
        self.raise(kind, place, format!("{error:#}"), &[])
    }

    /// What a place shows, if it is signed as it has to be.
    fn accepted<'s>(
        &mut self,
        place: &'s str,
        source: &'s Source,
        note: &'s Note,
    ) -> anyhow::Result<Option<Shown<'s>>> {
        let checkpoint = match Checkpoint::parse(note.text()) {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                self.raise(Kind::Signature, place, error.to_string(), &[note])?;
                return Ok(None);
            }
        };
        let shown = |seen| Shown {
            place,
            source,
            note,
            checkpoint: checkpoint.clone(),
            seen,
        };
        let pinned = self.pinned(checkpoint.origin(), source);
        let Some(policy) = self.given.cloned().or(pinned.map(Policy::of_log)) else {
            return Ok(Some(shown(None)));
        };
        match policy.accept(note) {
            Ok(accepted) => Ok(Some(shown(accepted.seen))),
            Err(refusal) => {
                self.raise(Kind::Signature, place, refusal.to_string(), &[note])?;
                Ok(None)
            }
        }
    }

    /// The key that was met first, where none is given.
    fn pinned(&self, origin: &str, source: &Source) -> Option<VerifierKey> {
        let known = self.state.logs.get(origin);
        match known.and_then(|seen| seen.key.as_deref()) {
            Some(key) => VerifierKey::parse(key).ok(),
            None => source.served_key(),
        }
    }

    /// What all places show of one log, the largest first.
    fn log(&mut self, origin: &str, shown: &[&Shown<'_>]) -> anyhow::Result<()> {
        let Some(largest) = shown.first() else {
            return Ok(());
        };
        let known = self.state.logs.get(origin).map(Seen::parse).transpose()?;
        let has_head = match &known {
            None => {
                self.met(largest, 0)?;
                true
            }
            Some((head, note)) => self.against_head(largest, head, note)?,
        };
        for (at, other) in shown.iter().enumerate() {
            let size = other.checkpoint.size();
            let most = self.state.places.get(other.place).copied().unwrap_or(0);
            if size < most {
                let words = format!("shows {}, and showed {} before", entries(size), count(most));
                self.raise(Kind::Rollback, other.place, words, &[other.note])?;
            }
            if at > 0 && has_head {
                // By the tiles of the largest.
                self.grew(largest, other.place, &other.checkpoint, other.note)?;
            }
            let most = most.max(size);
            self.state.places.insert(other.place.to_owned(), most);
        }
        self.check_time(origin, largest)
    }

    /// Compares the largest that is shown with the largest that was ever seen; whether it is a
    /// continuation of that.
    fn against_head(
        &mut self,
        shown: &Shown<'_>,
        head: &Checkpoint,
        note: &Note,
    ) -> anyhow::Result<bool> {
        let (old, size) = (head.size(), shown.checkpoint.size());
        if size < old {
            // Where this place showed more itself, that is told as a rollback; where another cannot
            // be asked, nobody knows.
            let showed = self.state.places.get(shown.place).copied().unwrap_or(0);
            if showed <= size && !self.blind {
                let (less, more) = (entries(size), count(old));
                let words = format!("shows {less}, and {more} were seen elsewhere");
                self.raise(Kind::Rollback, shown.place, words, &[note, shown.note])?;
            }
            return Ok(false);
        }
        if !self.grew(shown, shown.place, head, note)? {
            return Ok(false);
        }
        if size > old {
            if self.entries && !self.tell_entries(shown, old)? {
                return Ok(false);
            }
            self.met(shown, old)?;
        } else if let Some(seen) = self.state.logs.get_mut(head.origin()) {
            // The same tree, perhaps with fresher cosignatures.
            seen.checkpoint = shown.note.to_string();
        }
        Ok(true)
    }

    /// Whether `old` grew into what is shown, by its tiles; where not, that is told of `place`.
    fn grew(
        &mut self,
        shown: &Shown<'_>,
        place: &str,
        old: &Checkpoint,
        old_note: &Note,
    ) -> anyhow::Result<bool> {
        let (size, root) = (shown.checkpoint.size(), shown.checkpoint.root());
        let proven = if old.size() == size {
            verify_consistency(old.size(), old.root(), size, root, &[])
        } else {
            prove_consistency(shown.source, old.size(), size, root)
                .and_then(|proof| verify_consistency(old.size(), old.root(), size, root, &proof))
        };
        match proven {
            Ok(()) => Ok(true),
            Err(ProofError::Tile(error)) => self.tiles(shown.place, &error),
            Err(error) => {
                let words = format!(
                    "two histories: {} with root {}, and {} with root {}: {error}",
                    entries(old.size()),
                    super::super::fsck::base64(old.root()),
                    entries(size),
                    super::super::fsck::base64(root),
                );
                self.raise(Kind::SplitView, place, words, &[old_note, shown.note])?;
                Ok(false)
            }
        }
    }

    fn tiles(&mut self, place: &str, error: &TileError) -> anyhow::Result<bool> {
        let kind = match error {
            TileError::Unreadable { .. } => Kind::Unreachable,
            _ => Kind::Incomplete,
        };
        self.raise(kind, place, error.to_string(), &[])?;
        Ok(false)
    }

    /// Keeps what is shown as the largest that was seen.
    fn met(&mut self, shown: &Shown<'_>, old: u64) -> anyhow::Result<()> {
        let origin = shown.checkpoint.origin().to_owned();
        let size = shown.checkpoint.size();
        let first = !self.state.logs.contains_key(&origin);
        let pinned = self
            .pinned(&origin, shown.source)
            .map(|key| key.to_string());
        let key = if self.given.is_some() { None } else { pinned };
        let trusted = match (&key, self.given) {
            (Some(key), None) if first => format!("; trusting the key met first, {key}"),
            (None, None) => "; its signature was not checked".to_owned(),
            _ => String::new(),
        };
        let seen = Seen {
            checkpoint: shown.note.to_string(),
            grew: self.now,
            key,
        };
        self.state.logs.insert(origin.clone(), seen);
        let about = json!({ "log": shown.place, "origin": origin, "entries": size, "before": old });
        let more = size.saturating_sub(old);
        let words = format!(
            "{}: {} (+{}){trusted}",
            plain(&origin),
            entries(size),
            count(more)
        );
        self.alarms
            .news(if first { "first" } else { "grown" }, &about, &words)
    }

    /// Whether a log's time stands still.
    fn check_time(&mut self, origin: &str, shown: &Shown<'_>) -> anyhow::Result<()> {
        let (Some(limit), Some(log)) = (self.stalled, self.state.logs.get(origin)) else {
            return Ok(());
        };
        // A witness that saw it lately says that it lives, also where it has nothing to add.
        let (since, what) = match shown.seen {
            Some(seen) => (seen, "no witness saw it"),
            None => (log.grew, "it did not grow"),
        };
        let still = self.now.saturating_sub(since);
        if still > limit.as_secs() {
            let words = format!(
                "time stands still: {what} for {} minutes",
                count(still / 60)
            );
            self.raise(Kind::Stalled, shown.place, words, &[])?;
        }
        Ok(())
    }

    /// Reads the entries from `old` on, and prints those that lead to the signed root.
    fn tell_entries(&mut self, shown: &Shown<'_>, old: u64) -> anyhow::Result<bool> {
        let (size, root) = (shown.checkpoint.size(), *shown.checkpoint.root());
        let mut start = old;
        while start < size {
            let end = size.min((start / ENTRIES_AT_ONCE + 1) * ENTRIES_AT_ONCE);
            let leaves = match checked_entries(shown.source, start, end, size, &root) {
                Ok(leaves) => leaves,
                Err(ProofError::Tile(error)) => return self.tiles(shown.place, &error),
                Err(error) => {
                    let words = format!("entries {start} to {}: {error}", end - 1);
                    self.raise(Kind::Incomplete, shown.place, words, &[shown.note])?;
                    return Ok(false);
                }
            };
            for (index, leaf) in (start..).zip(leaves) {
                let leaf = String::from_utf8_lossy(&leaf);
                let about = json!({ "log": shown.place, "index": index, "leaf": leaf });
                let words = format!("{index}\t{}", plain(&leaf));
                self.alarms.news("entry", &about, &words)?;
            }
            start = end;
        }
        Ok(true)
    }

    fn raise(
        &mut self,
        kind: Kind,
        place: &str,
        words: String,
        evidence: &[&Note],
    ) -> anyhow::Result<()> {
        self.alarms.raise(&Alarm {
            kind,
            log: place.to_owned(),
            words,
            evidence: evidence.iter().map(ToString::to_string).collect(),
        })
    }
}

fn entries(count: u64) -> String {
    counted(count, "entry", "entries")
}

/// The entries from `start` to before `end` of a log of `size` entries and this root.
fn checked_entries(
    source: &Source,
    start: u64,
    end: u64,
    size: u64,
    root: &Hash,
) -> Result<Vec<Vec<u8>>, ProofError> {
    let mut tree = frontier(source, start)?;
    let mut leaves = Vec::new();
    let mut at = start;
    while at < end {
        let tile = Tile::at(Level::Entries, at / 256, size);
        let Some(tile) = tile else {
            return Err(ProofError::Beyond { index: at, size });
        };
        let octets = source.read(tile)?;
        let entries = tile.entries(&octets)?;
        let skipped = usize::try_from(at - tile.start()).unwrap_or(usize::MAX);
        for entry in entries.iter().skip(skipped) {
            if at == end {
                break;
            }
            tree.push(leaf_hash(entry), |_, _| {});
            leaves.push(entry.to_vec());
            at += 1;
        }
    }
    let proof = prove_consistency(source, end, size, root)?;
    verify_consistency(end, &tree.root(), size, root, &proof)?;
    Ok(leaves)
}
