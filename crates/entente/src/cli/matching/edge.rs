//! Matching against an edge file: no node is asked.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use matching::{Edge, Kind, LineScanner, Relation};
use node::clock::Clock;
use node::decay;

use crate::cli::edge::Facts;
use crate::cli::{Exit, Failure};
use crate::present;
use crate::present::lookup::{Match, Why};

/// Signals remembered between hits; beyond, the memory starts anew.
const REMEMBERED: usize = 65_536;

/// An edge file, opened.
#[derive(Debug)]
pub(crate) struct EdgeFile {
    edge: Edge<File>,
    name: String,
}

/// Matches pieces against an edge file; one for each thread.
pub(crate) struct Matcher<'e> {
    file: &'e EdgeFile,
    known: HashMap<u64, Arc<Known>>,
}

/// What is known of a signal.
struct Known {
    facts: Facts,
    valid_from: Option<i64>,
    valid_until: Option<i64>,
}

/// A hit before its signal was read.
struct Raw {
    line: u64,
    column: u64,
    offset: u64,
    found: String,
    place: u64,
    kind: Kind,
    value: String,
    relation: Relation,
}

impl EdgeFile {
    /// Opens a file and verifies what is held in memory of it.
    ///
    /// # Errors
    /// When it cannot be read, is no edge file, or is damaged.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
        let edge = Edge::open(file).with_context(|| name.clone())?;
        Ok(EdgeFile { edge, name })
    }

    pub(crate) fn matcher(&self) -> Matcher<'_> {
        Matcher {
            file: self,
            known: HashMap::new(),
        }
    }
}

impl Matcher<'_> {
    /// What a piece hits, in the order it stands; those that do not fire too.
    ///
    /// # Errors
    /// When the file is damaged, or cannot be read on.
    pub(crate) fn hits(&mut self, piece: &[u8]) -> anyhow::Result<Vec<Match>> {
        let file = self.file;
        let mut found = Vec::new();
        let mut keep = |hit: matching::LineHit<'_>| {
            found.push(Raw {
                line: hit.line,
                column: hit.column,
                offset: hit.offset,
                found: String::from_utf8_lossy(hit.text).into_owned(),
                place: hit.hit.signal,
                kind: hit.hit.kind,
                value: hit.hit.value.to_owned(),
                relation: hit.hit.relation,
            });
        };
        let mut scanner = LineScanner::new();
        let scanned = file
            .edge
            .feed(&mut scanner, piece, &mut keep)
            .and_then(|()| file.edge.finish(&mut scanner, &mut keep));
        scanned.with_context(|| file.name.clone())?;
        let now = Clock::System.now().0;
        let mut hits = Vec::with_capacity(found.len());
        for raw in found {
            hits.push(self.signal(raw.place)?.told(raw, now));
        }
        Ok(hits)
    }

    fn signal(&mut self, place: u64) -> anyhow::Result<Arc<Known>> {
        if let Some(known) = self.known.get(&place) {
            return Ok(Arc::clone(known));
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let file = self.file;
        let signal = file.edge.signal(place).with_context(|| file.name.clone())?;
        let facts = serde_json::from_slice(&signal.facts).map_err(|error| {
            let words = format!(
                "{}: what it says of a signal cannot be read: {error}",
                file.name
            );
            Failure::new(Exit::Local, words)
        })?;
        let known = Arc::new(Known {
            facts,
            valid_from: signal.valid_from,
            valid_until: signal.valid_until,
        });
        self.known.insert(place, Arc::clone(&known));
        Ok(known)
    }
}

impl Known {
    fn told(&self, raw: Raw, now: i64) -> Match {
        let since = self.facts.decays_since;
        let score = since.map_or(decay::WHOLE, |since| decay::score(raw.kind, now - since));
        let why = self.why(raw.kind, score, now);
        Match {
            file: None,
            line: raw.line,
            column: raw.column,
            offset: raw.offset,
            found: raw.found,
            kind: raw.kind.to_string(),
            value: raw.value,
            relation: raw.relation.to_string(),
            distance: None,
            signal: self.facts.signal.clone(),
            score,
            fires: why.is_empty(),
            why,
        }
    }

    /// Why it does not fire at this instant.
    fn why(&self, kind: Kind, score: u8, now: i64) -> Vec<Why> {
        let mut why = Vec::new();
        if let Some(from) = self.valid_from.filter(|&from| from > now) {
            let at = present::time(from);
            why.push(Why::NotYetValid { at });
        }
        if let Some(until) = self.valid_until.filter(|&until| until <= now) {
            let at = present::time(until);
            why.push(Why::Expired { at });
        }
        if score == 0
            && let (Some(since), Some(days)) = (self.facts.decays_since, decay::lifetime(kind))
        {
            let since = present::time(since);
            why.push(Why::Decayed { since, days });
        }
        why
    }
}

#[cfg(test)]
mod tests {
    use node::clock::DAY;

    use super::*;
    use crate::present::lookup::{Publisher, Signal};

    fn why(known: (Option<i64>, Option<i64>), since: Option<i64>, now: i64) -> Vec<&'static str> {
        let known = Known {
            facts: Facts {
                signal: Signal {
                    id: "indicator--1".into(),
                    name: None,
                    collection: "c".into(),
                    publisher: Publisher {
                        id: "p".into(),
                        name: "P".into(),
                    },
                    harm: None,
                    marking: "TLP:GREEN".into(),
                    pap: None,
                    labels: Vec::new(),
                    added: present::time(0),
                    version: present::time(0),
                    valid_until: None,
                },
                decays_since: since,
            },
            valid_from: known.0,
            valid_until: known.1,
        };
        let raw = Raw {
            line: 1,
            column: 1,
            offset: 0,
            found: String::new(),
            place: 0,
            kind: Kind::Ipv4,
            value: String::new(),
            relation: Relation::Exact,
        };
        let hit = known.told(raw, now);
        assert_eq!(hit.fires, hit.why.is_empty());
        hit.why.iter().map(Why::word).collect()
    }

    #[test]
    fn what_time_does_to_a_signal_is_told_when_it_is_hit() {
        assert_eq!(why((None, None), None, 0), [""; 0]);
        assert_eq!(why((Some(10), Some(20)), None, 9), ["not-yet-valid"]);
        assert_eq!(why((Some(10), Some(20)), None, 10), [""; 0]);
        assert_eq!(why((Some(10), Some(20)), None, 20), ["expired"]);
        assert_eq!(why((None, None), Some(0), 90 * DAY - 1), [""; 0]);
        assert_eq!(why((None, None), Some(0), 90 * DAY), ["decayed"]);
    }
}
