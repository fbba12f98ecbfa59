//! Walking over cases, the newest first: over those alone that whoever walks may know of.

use std::iter::Peekable;

use redb::StorageError;

use super::{Cases, EVERYBODY, RUNNERS, STEWARDS};
use crate::request::Case;
use crate::view::store::Error;

/// Over which cases; over those of all its parts together.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a part of its own of what is walked over"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Walk {
    /// Over every one.
    pub(crate) all: bool,
    /// Those of these parties, by number, with their drafts and with what is marked RED.
    pub(crate) own: Vec<u32>,
    /// Those of these parties that anybody may know of.
    pub(crate) known: Vec<u32>,
    /// All that anybody may know of.
    pub(crate) everybody: bool,
    /// Those that were ever before the steward.
    pub(crate) steward: bool,
    /// Those that began as drafts.
    pub(crate) drafts: bool,
}

type Places<'c> = Box<dyn Iterator<Item = Result<u64, StorageError>> + 'c>;

impl Cases {
    /// Cases, the newest first, from before a position, until `take` says that it is enough.
    pub(crate) fn newest<E: From<Error>>(
        &self,
        walk: &Walk,
        before: u64,
        mut take: impl FnMut(Case) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut sources = self.sources(walk, before)?;
        let mut last = None;
        while let Some(position) = next(&mut sources)? {
            if last.replace(position) == Some(position) {
                continue;
            }
            if let Some(case) = self.at(position)?
                && !take(case)?
            {
                break;
            }
        }
        Ok(())
    }

    fn sources(&self, walk: &Walk, before: u64) -> Result<Vec<Peekable<Places<'_>>>, Error> {
        let mut sources: Vec<Peekable<Places<'_>>> = Vec::new();
        if walk.all {
            let rows = self.by_position.range(..before)?.rev();
            let places = rows.map(|row| row.map(|(at, _)| at.value()));
            sources.push((Box::new(places) as Places<'_>).peekable());
        }
        let everybody = walk.everybody.then_some(EVERYBODY);
        let steward = walk.steward.then_some(STEWARDS);
        let drafts = walk.drafts.then_some(RUNNERS);
        let known = walk.known.iter().copied().chain(everybody);
        let known = known.chain(steward).chain(drafts);
        let own = walk.own.iter().map(|party| (&self.parties, *party));
        for (table, party) in own.chain(known.map(|party| (&self.known, party))) {
            let rows = table.range((party, 0)..(party, before))?.rev();
            let places = rows.map(|row| row.map(|(key, _)| key.value().1));
            sources.push((Box::new(places) as Places<'_>).peekable());
        }
        Ok(sources)
    }
}

/// The newest place that any source has.
fn next(sources: &mut [Peekable<Places<'_>>]) -> Result<Option<u64>, Error> {
    let mut newest: Option<(u64, usize)> = None;
    for (i, source) in sources.iter_mut().enumerate() {
        let place = match source.peek() {
            // To be told at once.
            Some(Err(_)) => u64::MAX,
            Some(Ok(place)) => *place,
            None => continue,
        };
        newest = newest.max(Some((place, i)));
    }
    let source = newest.and_then(|(_, i)| sources.get_mut(i));
    Ok(source.and_then(Iterator::next).transpose()?)
}
