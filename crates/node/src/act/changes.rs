//! The feed of changes: what was added, revoked and withdrawn, in the order it happened, as far as
//! the caller sees.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::act::Error;
use crate::act::read::{Found, SeenCollection, Sight, object_id};
use crate::clock::Instant;
use crate::entry::{self, Act};
use crate::erasure::Erasure;
use crate::model::{Harm, Marking};
use crate::node::Node;
use crate::notice;
use crate::policy::Caller;
use crate::view::query::{Query, Rows, Versions};
use journal::Position;

/// What happened to an object.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A version was added.
    Added,
    /// A version was added that says that the object is revoked.
    Revoked,
    /// Nothing of the object is left.
    Withdrawn,
    /// Some of its versions are gone.
    VersionsWithdrawn,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    /// When, in microseconds since 1970: unique and rising, so that it is the place in the feed too.
    pub at: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// The collection's alias.
    pub collection: String,
    /// The object's STIX id.
    pub object: String,
    /// The versions, RFC 3339: the one that was added, or those that are gone.
    pub versions: Vec<String>,
    /// The id of the party that published it.
    pub publisher: String,
    /// Its marking.
    pub marking: Marking,
    /// The harm that it, or else its collection, is about.
    pub harm: Option<Harm>,
    /// The STIX id by which a withdrawal or a revocation is acknowledged.
    pub acknowledge: Option<String>,
    /// The object as it was sent; none for what is gone.
    pub bytes: Option<Bytes>,
}

/// Which changes are wanted.
#[derive(Clone, Debug, Default)]
pub struct Since {
    /// Only what came after this instant, in microseconds.
    pub after: Option<i64>,
    /// Aliases or ids of collections; empty means all that the caller may read.
    pub collections: Vec<String>,
    /// At most so many.
    pub limit: usize,
}

impl Node {
    /// Changes after a place in the feed, oldest first, and whether more follow at once. What was added
    /// and is gone again is told as gone alone.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Refused`] for a collection that is named; [`Error::Storage`].
    pub fn changes(&self, caller: &Caller, since: &Since) -> Result<(Vec<Change>, bool), Error> {
        self.changes_until(caller, since, None)
    }

    /// The same, and nothing after an instant.
    pub(super) fn changes_until(
        &self,
        caller: &Caller,
        since: &Since,
        until: Option<i64>,
    ) -> Result<(Vec<Change>, bool), Error> {
        let read = self.all_readable(caller, &since.collections)?;
        let query = Query {
            versions: Versions::All,
            added_after: since.after,
            added_until: until,
            limit: since.limit,
            ..Query::default()
        };
        // One state for all collections: between two a change could fall.
        let rows = Rows::open(&self.shared.store.read()?)?;
        let (mut listed, mut more) = (Vec::new(), false);
        for collection in &read {
            let sight = Sight::readable(self, caller, &collection.settings.id)?;
            let page = sight.list(&rows, &query)?;
            more |= page.more;
            listed.extend(page.rows.into_iter().map(|(at, row)| (at, row, collection)));
        }
        listed.sort_by_key(|(at, _, _)| *at);
        more |= listed.len() > since.limit;
        listed.truncate(since.limit);
        let wanted: Vec<_> = listed.iter().map(|(at, row, _)| (*at, *row)).collect();
        let (found, whole) = self.bodies(&wanted)?;
        // What was erased meanwhile has no body.
        let read_too: BTreeSet<i64> = found.iter().map(|found| found.added).collect();
        listed.retain(|(at, _, _)| read_too.contains(at));
        for collection in &read {
            let held = found.iter().zip(&listed);
            let held = held.filter(|(_, (_, _, of))| of.number == collection.number);
            let positions = held.map(|(found, _)| found.row.position);
            self.note_fetch(caller, collection.number, positions);
        }
        let changes = found
            .into_iter()
            .zip(&listed)
            .map(|(found, (_, _, collection))| self.change(&rows, collection, found));
        Ok((changes.collect::<Result<_, _>>()?, more || !whole))
    }

    /// The collections named, or all that may be read, each with its companion.
    fn all_readable(
        &self,
        caller: &Caller,
        named: &[String],
    ) -> Result<Vec<SeenCollection>, Error> {
        let mut wanted = BTreeSet::new();
        for name in named {
            let seen = self.collection(caller, name)?;
            self.viewer(caller).may_read(&seen.access)?;
            wanted.insert(seen.settings.id);
        }
        let mut read = self.collections_and_companions(caller)?;
        read.retain(|seen| {
            let settings = &seen.settings;
            let id = settings.companion_of.as_ref().unwrap_or(&settings.id);
            seen.access.read && (named.is_empty() || wanted.contains(id))
        });
        Ok(read)
    }

    fn change(
        &self,
        rows: &Rows,
        collection: &SeenCollection,
        found: Found,
    ) -> Result<Change, Error> {
        let row = found.row;
        let directory = self.directory();
        let id = object_id(rows, row.key)?;
        let settings = &collection.settings;
        let mut change = Change {
            at: found.added,
            kind: ChangeKind::Added,
            collection: settings.alias.clone(),
            object: id.clone(),
            versions: vec![row.version_text()],
            publisher: found.publisher(&directory).to_owned(),
            marking: row.marking,
            harm: row.harm().or(settings.harm),
            acknowledge: None,
            bytes: Some(found.bytes),
        };
        if let Some(of) = &settings.companion_of {
            let stored = self.shared.journal.get(Position(row.position))?;
            let text = |version: i64| Instant(version).to_version_string();
            match entry::decode(&stored.body)?.act {
                Act::Withdrawal { id, versions, .. } => {
                    change.object = id;
                    let versions = versions.iter().map(|gone| text(gone.version));
                    change.versions = versions.collect();
                }
                Act::Erasure(Erasure {
                    object: Some(gone), ..
                }) => {
                    change.object = gone.id.unwrap_or_default();
                    let versions = gone.versions.iter().map(|gone| text(gone.version));
                    change.versions = versions.collect();
                }
                _ => {}
            }
            change.kind = if notice::is_whole(&row) {
                ChangeKind::Withdrawn
            } else {
                ChangeKind::VersionsWithdrawn
            };
            change.bytes = None;
            change.acknowledge = Some(id);
            if let Some((_, parent)) = directory.collection(of) {
                change.collection.clone_from(&parent.alias);
            }
        } else if row.is_revoked() {
            change.kind = ChangeKind::Revoked;
            change.acknowledge = Some(id);
        }
        Ok(change)
    }
}
