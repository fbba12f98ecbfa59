//! Looking up: which signals a text, a log or a value hits, as far as the caller sees, and why.
//!
//! The journal is untouched: nothing of what is looked up is kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use matching::{Kind, LineHit, LineScanner, Observable, Relation};
use stix::{Object, Pap};

use crate::act::Error;
use crate::act::read::{object_id, sees};
use crate::directory::Directory;
use crate::model::{Harm, Marking};
use crate::node::Node;
use crate::policy::{Caller, Viewer};
use crate::view::query::Rows;
use crate::view::row::Row;
use crate::view::signals;

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

/// Signals remembered between hits; beyond, the memory starts anew.
const REMEMBERED: usize = 65_536;

/// Matches one stream on behalf of one caller.
pub struct Matcher<'n> {
    node: &'n Node,
    scanner: LineScanner,
    sight: Sight<'n>,
}

/// What the caller sees of the signals, asked once per signal.
struct Sight<'n> {
    node: &'n Node,
    directory: Arc<Directory>,
    viewer: Viewer,
    known: HashMap<u64, Option<Arc<SignalFacts>>>,
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
        })
    }

    /// Looks up single values; each hit carries the number of its value, from 1, as its line.
    ///
    /// # Errors
    /// As [`Node::matcher`], and [`Error::Invalid`] for a value that is no observable.
    pub fn lookup(&self, caller: &Caller, values: &[String]) -> Result<Vec<Match>, Error> {
        let mut sight = Sight::new(self, caller)?;
        let mut found = Vec::new();
        for (line, value) in (1..).zip(values) {
            let seen = Observable::guess(value)
                .map_err(|refusal| Error::Invalid(format!("values/{}: {refusal}", line - 1)))?;
            let mut hits = Vec::new();
            self.shared.with_index(|index| {
                index.lookup(&seen, &mut |hit| {
                    hits.push((hit.signal, hit.kind, hit.relation, hit.value.to_owned()));
                });
            })?;
            for (position, kind, relation, published) in hits {
                let Some(signal) = sight.signal(position)? else {
                    continue;
                };
                found.push(Match {
                    line,
                    column: 1,
                    offset: 0,
                    found: value.clone(),
                    kind,
                    value: published,
                    relation,
                    signal,
                });
            }
        }
        Ok(found)
    }
}

impl Matcher<'_> {
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
        self.sight.explain(hits, on_match)
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
        self.sight.explain(hits, on_match)
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

impl<'n> Sight<'n> {
    fn new(node: &'n Node, caller: &Caller) -> Result<Self, Error> {
        let viewer = node.viewer(caller);
        viewer.may_match()?;
        Ok(Sight {
            node,
            directory: node.directory(),
            viewer,
            known: HashMap::new(),
        })
    }

    fn explain(&mut self, hits: Vec<Raw>, on_match: &mut dyn FnMut(Match)) -> Result<(), Error> {
        for raw in hits {
            let Some(signal) = self.signal(raw.position)? else {
                continue;
            };
            on_match(Match {
                line: raw.line,
                column: raw.column,
                offset: raw.offset,
                found: String::from_utf8_lossy(&raw.found).into_owned(),
                kind: raw.kind,
                value: raw.value,
                relation: raw.relation,
                signal,
            });
        }
        Ok(())
    }

    /// The signal at a position, if it is in force and the caller sees it.
    fn signal(&mut self, position: u64) -> Result<Option<Arc<SignalFacts>>, Error> {
        if let Some(known) = self.known.get(&position) {
            return Ok(known.clone());
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let signal = self.read(position)?.map(Arc::new);
        self.known.insert(position, signal.clone());
        Ok(signal)
    }

    fn read(&self, position: u64) -> Result<Option<SignalFacts>, Error> {
        let read = self.node.shared.store.read()?;
        let Some(said) = signals::get(&read, position)? else {
            return Ok(None);
        };
        let rows = Rows::open(&read)?;
        let Some(row) = rows.row(said.collection, said.added)? else {
            return Ok(None);
        };
        let Some(collection) = self.directory.collection_number(said.collection) else {
            return Ok(None);
        };
        let access = self.viewer.access(collection);
        let ended = said.valid_until.is_some_and(|end| end <= self.node.now().0);
        let sees = |rows: &Rows, added: i64, row: &Row| {
            sees(&self.viewer, access, rows, said.collection, added, row)
        };
        if ended
            || row.is_revoked()
            || !sees(&rows, said.added, &row)?
            || !rows.is_last(said.collection, said.added, &row, &sees)?
        {
            return Ok(None);
        }
        let bytes = self.node.body(&row)?;
        let object = Object::parse(&bytes).ok();
        let publisher = self.directory.party_id(row.publisher).unwrap_or_default();
        let party = self.directory.register().party(publisher);
        Ok(Some(SignalFacts {
            id: object_id(&rows, row.key)?,
            name: object.as_ref().and_then(Object::name).map(Cow::into_owned),
            collection: collection.alias.clone(),
            publisher: publisher.to_owned(),
            publisher_name: party.map_or(publisher, |party| &party.name).to_owned(),
            harm: row.harm().or(collection.harm),
            marking: row.marking,
            pap: row.pap(),
            labels: object
                .map(|object| object.labels().iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            added: said.added,
            version: row.version,
            valid_until: said.valid_until,
        }))
    }
}
