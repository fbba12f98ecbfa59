//! Looking up single values.

use std::sync::Arc;

use matching::Observable;
use matching::pdq::{NEAR, Pdq};

use super::{ImageMatch, Match, Sight, images};
use crate::act::Error;
use crate::act::reason::Suppressed;
use crate::node::Node;
use crate::policy::Caller;

/// What a hash of an image begins with, where a value is asked for.
const PDQ: &str = "pdq:";

/// What single values hit.
#[derive(Clone, Debug, Default)]
pub struct Explained {
    /// All hits in the order of the values, those that do not fire too.
    pub matches: Vec<Match>,
    /// How many do not fire, and why.
    pub suppressed: Suppressed,
}

/// What a value hits.
pub enum ValueHit {
    /// An observable, with this number as its line.
    Observable(Match),
    /// An image that is near.
    Image(ImageMatch),
}

/// Looks up values one after the other, on behalf of one caller.
pub struct ValueMatcher<'n> {
    node: &'n Node,
    sight: Sight<'n>,
}

impl Node {
    /// Starts looking up values.
    ///
    /// # Errors
    /// As [`Node::matcher`].
    pub fn value_matcher(&self, caller: &Caller) -> Result<ValueMatcher<'_>, Error> {
        self.shared.with_index(|_| ())?;
        Ok(ValueMatcher {
            node: self,
            sight: Sight::new(self, caller)?,
        })
    }

    /// Looks up single values; each hit that fires carries the number of its value, from 1, as its
    /// line.
    ///
    /// # Errors
    /// As [`Node::matcher`], and [`Error::Invalid`] for a value that is no observable.
    pub fn lookup(&self, caller: &Caller, values: &[String]) -> Result<Vec<Match>, Error> {
        let mut found = self.explain(caller, values)?.matches;
        found.retain(Match::fires);
        Ok(found)
    }

    /// As [`Node::lookup`], with the hits that do not fire, and why.
    ///
    /// # Errors
    /// As [`Node::lookup`].
    pub fn explain(&self, caller: &Caller, values: &[String]) -> Result<Explained, Error> {
        let mut matcher = self.value_matcher(caller)?;
        let mut found = Explained::default();
        for (line, value) in (1..).zip(values) {
            let seen = Observable::guess(value)
                .map_err(|refusal| Error::Invalid(format!("values/{}: {refusal}", line - 1)))?;
            matcher.observable(line, value, &seen, &mut |hit| {
                if !hit.fires() {
                    found.suppressed.count(&hit.why);
                }
                found.matches.push(hit);
            })?;
        }
        Ok(found)
    }
}

impl ValueMatcher<'_> {
    /// Looks up an observable, or an image by `pdq:` and its hash, which hits up to [`NEAR`] bits
    /// away. Hits that do not fire are handed over too; those of observables carry `line`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a value that is neither, [`Error::Storage`], [`Error::NoIndex`].
    pub fn look_up(
        &mut self,
        line: u64,
        value: &str,
        on_hit: &mut dyn FnMut(ValueHit),
    ) -> Result<(), Error> {
        if let Some(hash) = value.strip_prefix(PDQ) {
            let hash = hash.parse::<Pdq>();
            let hash = hash.map_err(|error| Error::Invalid(error.to_string()))?;
            let found = images::near(self.node, &mut self.sight, &hash, NEAR)?;
            found.into_iter().map(ValueHit::Image).for_each(on_hit);
            return Ok(());
        }
        let seen = Observable::guess(value).map_err(|error| Error::Invalid(error.to_string()))?;
        self.observable(line, value, &seen, &mut |hit| {
            on_hit(ValueHit::Observable(hit));
        })
    }

    fn observable(
        &mut self,
        line: u64,
        value: &str,
        seen: &Observable,
        on_match: &mut dyn FnMut(Match),
    ) -> Result<(), Error> {
        let mut hits = Vec::new();
        self.node.shared.with_index(|index| {
            index.lookup(seen, &mut |hit| {
                hits.push((hit.signal, hit.kind, hit.relation, hit.value.to_owned()));
            });
        })?;
        for (position, kind, relation, published) in hits {
            let Some(known) = self.sight.signal(position)? else {
                continue;
            };
            let why = known.why(kind, &published);
            on_match(Match {
                line,
                column: 1,
                offset: 0,
                found: value.to_owned(),
                kind,
                value: published,
                relation,
                signal: Arc::clone(&known.facts),
                score: known.score(kind),
                why,
            });
        }
        Ok(())
    }
}
