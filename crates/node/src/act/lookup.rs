//! Looking up: which signals a text, a log or a value hits, as far as the caller sees, and why.
//!
//! The journal is untouched: nothing of what is looked up is kept.

mod images;
mod sight;
mod values;

use std::sync::Arc;

use matching::{Kind, LineHit, LineScanner, Relation};
use stix::Pap;

use crate::act::Error;
use crate::act::reason::{Suppressed, Why};
use crate::model::{Harm, Marking};
use crate::node::Node;
use crate::policy::Caller;
pub use images::{ImageMatch, MOST_IMAGES};
use sight::Sight;
pub use values::{Explained, ValueHit, ValueMatcher};

/// A hit, with where it is and what it hits.
#[derive(Clone, Debug)]
pub struct Match {
    /// The line, from 1.
    pub line: u64,
    /// The byte in the line, from 1.
    pub column: u64,
    /// The byte in the stream, from 0.
    pub offset: u64,
    /// What stands there, as written; bytes that are no UTF-8 are replaced.
    pub found: String,
    /// What kind of observable was published.
    pub kind: Kind,
    /// The published value, canonical.
    pub value: String,
    /// How the two relate.
    pub relation: Relation,
    /// The signal.
    pub signal: Arc<SignalFacts>,
    /// How much the signal still says of such a value, 0 to 100 ([`crate::decay`]).
    pub score: u8,
    /// Why it does not fire; empty when it does.
    pub why: Vec<Why>,
}

impl Match {
    /// Whether the hit is cause for alarm.
    pub fn fires(&self) -> bool {
        self.why.is_empty()
    }
}

/// What is told of a signal that was hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalFacts {
    /// The STIX id.
    pub id: String,
    /// Its name, when it has one.
    pub name: Option<String>,
    /// The collection's alias.
    pub collection: String,
    /// The id of the party that published it.
    pub publisher: String,
    /// That party's name.
    pub publisher_name: String,
    /// The harm it is about, by its labels or its collection.
    pub harm: Option<Harm>,
    /// Its marking.
    pub marking: Marking,
    /// What its recipients may do with it.
    pub pap: Option<Pap>,
    /// Its labels.
    pub labels: Vec<String>,
    /// When it was added, in microseconds since 1970.
    pub added: i64,
    /// Its version in microseconds since 1970.
    pub version: i64,
    /// When it ends, in microseconds since 1970, if it does.
    pub valid_until: Option<i64>,
}

/// Matches one stream on behalf of one caller.
pub struct Matcher<'n> {
    node: &'n Node,
    scanner: LineScanner,
    sight: Sight<'n>,
    explains: bool,
    suppressed: Suppressed,
}

impl Node {
    /// Starts matching a stream.
    ///
    /// # Errors
    /// [`Error::Refused`] without the scope `read`; [`Error::NoIndex`].
    pub fn matcher(&self, caller: &Caller) -> Result<Matcher<'_>, Error> {
        self.shared.with_index(|_| ())?;
        Ok(Matcher {
            node: self,
            scanner: LineScanner::new(),
            sight: Sight::new(self, caller)?,
            explains: false,
            suppressed: Suppressed::default(),
        })
    }
}

impl Matcher<'_> {
    /// The same, handing over the hits that do not fire as well.
    #[must_use]
    pub fn explaining(mut self) -> Self {
        self.explains = true;
        self
    }

    /// The hits so far that did not fire.
    pub fn suppressed(&self) -> &Suppressed {
        &self.suppressed
    }

    fn hand_over(&mut self, hits: Vec<Raw>, on_match: &mut dyn FnMut(Match)) -> Result<(), Error> {
        for raw in hits {
            let Some(known) = self.sight.signal(raw.position)? else {
                continue;
            };
            let why = known.why(raw.kind, &raw.value);
            if !why.is_empty() {
                self.suppressed.count(&why);
                if !self.explains {
                    continue;
                }
            }
            on_match(Match {
                line: raw.line,
                column: raw.column,
                offset: raw.offset,
                found: String::from_utf8_lossy(&raw.found).into_owned(),
                kind: raw.kind,
                value: raw.value,
                relation: raw.relation,
                signal: Arc::clone(&known.facts),
                score: known.score(raw.kind),
                why,
            });
        }
        Ok(())
    }

    /// Matches the lines that `chunk` completes; hits go to `on_match` in the order they stand.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::NoIndex`].
    pub fn feed(&mut self, chunk: &[u8], on_match: &mut dyn FnMut(Match)) -> Result<(), Error> {
        let mut hits = Vec::new();
        let scanner = &mut self.scanner;
        self.node
            .shared
            .with_index(|index| scanner.feed(index, chunk, &mut |hit| hits.push(Raw::of(&hit))))?;
        self.hand_over(hits, on_match)
    }

    /// Matches a last line without an end.
    ///
    /// # Errors
    /// As [`Matcher::feed`].
    pub fn finish(&mut self, on_match: &mut dyn FnMut(Match)) -> Result<(), Error> {
        let mut hits = Vec::new();
        let scanner = &mut self.scanner;
        self.node
            .shared
            .with_index(|index| scanner.finish(index, &mut |hit| hits.push(Raw::of(&hit))))?;
        self.hand_over(hits, on_match)
    }

    /// Lines matched so far.
    pub fn lines(&self) -> u64 {
        self.scanner.lines()
    }

    /// Octets matched so far.
    pub fn bytes(&self) -> u64 {
        self.scanner.bytes()
    }
}

/// A hit before anybody asked whether the caller sees its signal.
struct Raw {
    line: u64,
    column: u64,
    offset: u64,
    found: Vec<u8>,
    position: u64,
    kind: Kind,
    relation: Relation,
    value: String,
}

impl Raw {
    fn of(hit: &LineHit<'_>) -> Self {
        Raw {
            line: hit.line,
            column: hit.column,
            offset: hit.offset,
            found: hit.text.to_owned(),
            position: hit.hit.signal,
            kind: hit.hit.kind,
            relation: hit.hit.relation,
            value: hit.hit.value.to_owned(),
        }
    }
}
