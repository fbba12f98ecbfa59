//! STIX patterns at scale: which of very many patterns an observation matters to, and matches of
//! one observation or of many that come one after the other.
//!
//! Of every expression between brackets the index keeps **atoms**: things that must be seen where
//! the expression holds. An equality is a hash of path and value, `ISSUBSET` and `ISSUPERSET` a
//! range, `LIKE` and `MATCHES` a text that a value must hold, and where nothing better is there,
//! that the path leads to anything at all. Of `AND` the rarest part is taken, of `OR` all. One walk
//! over an observation finds the atoms in it; only the expressions that these belong to are
//! evaluated, by [`stix::pattern`]'s own evaluator. So a verdict is the one that each pattern by
//! itself would give.
//!
//! ```
//! use matching::patterns::{PatternIndex, Scratch};
//! use stix::pattern::observations;
//!
//! let mut index = PatternIndex::new();
//! index.insert(7, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']")?;
//! let seen = [
//!     br#"{"type":"observed-data","id":"observed-data--1","number_observed":1,
//!       "first_observed":"2024-01-01T00:00:00Z","last_observed":"2024-01-01T00:00:00Z",
//!       "objects":{"0":{"type":"ipv4-addr","value":"198.51.100.3"}}}"#.as_slice(),
//! ];
//! let seen = observations(seen).remove(0)?;
//! let mut found = Vec::new();
//! index.matches(&seen, &mut Scratch::default(), &mut |hit| found.push(hit.id));
//! assert_eq!(found, [7]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cover;
mod find;
mod grams;
mod slab;
mod stream;
mod table;

use hashbrown::HashMap;
use stix::pattern::{Compiled, Paths, PatternError, compile, parse};

pub use find::{Hit, Scratch, Unfinished};
use slab::Slab;
pub use stream::{Bounds, Lost, Match, Stream};
use table::{Atom, Table};

/// Patterns that observations are matched against, all at once.
#[derive(Debug, Default)]
pub struct PatternIndex {
    paths: Paths,
    table: Table,
    expressions: Slab<Expression>,
    patterns: Slab<Entry>,
    slots: HashMap<u64, u32>,
    serial: u64,
    /// Patterns that ask for more than one observation.
    several: usize,
}

/// A pattern.
#[derive(Debug)]
struct Entry {
    id: u64,
    /// Which insertion this was.
    serial: u64,
    compiled: Compiled,
    expressions: Vec<u32>,
}

/// What stands between one pair of brackets.
#[derive(Debug)]
struct Expression {
    pattern: u32,
    /// Which one of the pattern.
    index: u32,
    atoms: Vec<Atom>,
}

/// How the expressions of an index are found.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Patterns.
    pub patterns: usize,
    /// Expressions between brackets.
    pub expressions: usize,
    /// Expressions that are evaluated wherever their path, or only their type, is seen: they slow
    /// matching down.
    pub broad: usize,
}

impl PatternIndex {
    /// Without patterns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Inserts a pattern under a number; one that was there under the same number goes.
    ///
    /// # Errors
    /// [`PatternError`] when the text is no pattern, or none that can be evaluated; nothing has
    /// changed.
    pub fn insert(&mut self, id: u64, source: &str) -> Result<(), PatternError> {
        let compiled = compile(source)?;
        let parsed = parse(source)?;
        self.remove(id);
        self.serial += 1;
        self.several += usize::from(!compiled.is_single());
        let slot = self.patterns.insert(Entry {
            id,
            serial: self.serial,
            compiled,
            expressions: Vec::new(),
        });
        let mut expressions = Vec::new();
        for (index, comparison) in (0..).zip(cover::expressions(&parsed)) {
            let drafts = cover::cover(comparison, &self.paths, &self.table);
            let expression = self.expressions.insert(Expression {
                pattern: slot,
                index,
                atoms: Vec::new(),
            });
            let mut atoms = Vec::with_capacity(drafts.len());
            for draft in drafts {
                atoms.extend(self.table.insert(&mut self.paths, draft, expression));
            }
            if let Some(entry) = self.expressions.get_mut(expression) {
                entry.atoms = atoms;
            }
            expressions.push(expression);
        }
        if let Some(entry) = self.patterns.get_mut(slot) {
            entry.expressions = expressions;
        }
        self.slots.insert(id, slot);
        Ok(())
    }

    /// Removes a pattern; whether it was there.
    pub fn remove(&mut self, id: u64) -> bool {
        let slot = self.slots.remove(&id);
        let Some(entry) = slot.and_then(|slot| self.patterns.remove(slot)) else {
            return false;
        };
        self.several -= usize::from(!entry.compiled.is_single());
        for number in entry.expressions {
            let Some(expression) = self.expressions.remove(number) else {
                continue;
            };
            for atom in expression.atoms {
                self.table.remove(&mut self.paths, &atom, number);
            }
        }
        true
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The pattern under a number.
    pub fn get(&self, id: u64) -> Option<&Compiled> {
        let slot = self.slots.get(&id)?;
        self.patterns.get(*slot).map(|entry| &entry.compiled)
    }

    /// How its expressions are found.
    pub fn facts(&self) -> Facts {
        let broad = |expression: &&Expression| expression.atoms.iter().any(Atom::is_broad);
        Facts {
            patterns: self.len(),
            expressions: self.expressions.iter().count(),
            broad: self.expressions.iter().filter(broad).count(),
        }
    }
}
