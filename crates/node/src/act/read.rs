//! Reading: lists of objects and what is known of them, as far as the caller sees.

use bytes::Bytes;
use journal::{Position, Stored};

use crate::act::Error;
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::{self, Act};
use crate::erasure::{Erasure, GoneObject};
use crate::fetches::{ANYONE, Fetch, runs};
use crate::model::{Collection, Harm};
use crate::node::Node;
use crate::notice::{self, How};
use crate::policy::{Access, Audience, Caller, Viewer};
use crate::view::object_key;
use crate::view::query::{Listed, Query, Rows, Versions};
use crate::view::row::{ObjectKey, Row};
use crate::view::status::{self, Status};
use crate::view::store;

/// A collection as a caller sees it.
#[derive(Clone, Debug)]
pub struct SeenCollection {
    /// Its number in rows.
    pub number: u32,
    /// Its settings.
    pub settings: Collection,
    /// What the caller may do.
    pub access: Access,
}

/// One version of an object, with its bytes.
#[derive(Clone, Debug)]
pub struct Found {
    /// `date_added` in microseconds since 1970.
    pub added: i64,
    /// What the views know of it.
    pub row: Row,
    /// The object, byte for byte as it was sent.
    pub bytes: Bytes,
    /// The parties that publish it besides the one in its row, by number; told by [`Node::find`].
    pub also: Vec<u32>,
}

impl Found {
    /// The id of the party that published it.
    pub fn publisher<'d>(&self, directory: &'d Directory) -> &'d str {
        directory.party_id(self.row.publisher).unwrap_or_default()
    }

    /// The ids of all parties that publish it.
    pub fn publishers<'d>(&self, directory: &'d Directory) -> Vec<&'d str> {
        let all = std::iter::once(&self.row.publisher).chain(&self.also);
        all.filter_map(|party| directory.party_id(*party)).collect()
    }
}

/// Which of the newest objects are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Newest<'a> {
    /// Only of this party.
    pub publisher: Option<&'a str>,
    /// Only about one of these harms.
    pub harms: Option<&'a [Harm]>,
    /// Only what was added before this instant, in microseconds.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// A page of objects.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// In the order they were added.
    pub objects: Vec<Found>,
    /// Whether more follow.
    pub more: bool,
}

/// A line of a manifest (TAXII 2.1 §5.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestLine {
    /// The STIX id.
    pub id: String,
    /// `date_added` in microseconds since 1970.
    pub added: i64,
    /// The version, RFC 3339: the object's own, or when it was added.
    pub version: String,
    /// `2.0` or `2.1`.
    pub spec_version: &'static str,
}

/// Rows that are looked at for the newest of a collection.
const LOOK_BACK: usize = 2000;
/// Octets of objects in one page, beyond which the rest waits for the next page.
const PAGE_BYTES: usize = 32 << 20;

impl Node {
    /// The collections that a caller may know of.
    pub fn collections(&self, caller: &Caller) -> Vec<SeenCollection> {
        let directory = self.directory();
        let viewer = self.viewer(caller);
        let seen = directory
            .collections()
            .map(|(number, settings)| SeenCollection {
                number,
                settings: settings.clone(),
                access: viewer.access(settings),
            });
        seen.filter(|collection| collection.access.known).collect()
    }

    /// The collections that a caller may know of, and the companions in which it sees withdrawals.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn collections_and_companions(
        &self,
        caller: &Caller,
    ) -> Result<Vec<SeenCollection>, Error> {
        let mut seen = self.collections(caller);
        let directory = self.directory();
        let viewer = self.viewer(caller);
        let mut companions = Vec::new();
        for (number, settings) in directory.companions() {
            let access = viewer.access(settings);
            // An empty one is not shown: most collections never have a withdrawal.
            if access.read && self.count(caller, &settings.id, None)? > 0 {
                companions.push(SeenCollection {
                    number,
                    settings: settings.clone(),
                    access,
                });
            }
        }
        seen.extend(companions);
        Ok(seen)
    }

    /// One collection, by id or alias.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn collection(&self, caller: &Caller, name: &str) -> Result<SeenCollection, Error> {
        let sight = Sight::new(self, caller, name)?;
        Ok(sight.collection)
    }

    /// A page of objects.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Refused`], [`Error::Storage`].
    pub fn objects(&self, caller: &Caller, collection: &str, query: &Query) -> Result<Page, Error> {
        let sight = Sight::readable(self, caller, collection)?;
        let rows = Rows::open(&self.shared.store.read()?)?;
        let listed = sight.list(&rows, query)?;
        let (objects, whole) = self.bodies(&listed.rows)?;
        let positions = objects.iter().map(|found| found.row.position);
        self.note_fetch(caller, sight.collection.number, positions);
        Ok(Page {
            objects,
            more: listed.more || !whole,
        })
    }

    /// A page of the manifest.
    ///
    /// # Errors
    /// As [`Node::objects`].
    pub fn manifest(
        &self,
        caller: &Caller,
        collection: &str,
        query: &Query,
    ) -> Result<(Vec<ManifestLine>, bool), Error> {
        let sight = Sight::readable(self, caller, collection)?;
        let rows = Rows::open(&self.shared.store.read()?)?;
        let listed = sight.list(&rows, query)?;
        let mut lines = Vec::with_capacity(listed.rows.len());
        for (added, row) in listed.rows {
            lines.push(ManifestLine {
                id: object_id(&rows, row.key)?,
                added,
                version: row.version_text(),
                spec_version: row.spec_version(),
            });
        }
        Ok((lines, listed.more))
    }

    /// The newest objects of a collection that the caller sees, newest first. Looks back over a
    /// bounded number of rows.
    ///
    /// # Errors
    /// As [`Node::objects`].
    pub fn newest(
        &self,
        caller: &Caller,
        collection: &str,
        wanted: &Newest<'_>,
    ) -> Result<Vec<Found>, Error> {
        let sight = Sight::readable(self, caller, collection)?;
        let only = wanted
            .publisher
            .map(|party| self.directory().party_number(party));
        let own_harm = sight.collection.settings.harm;
        let rows = Rows::open(&self.shared.store.read()?)?;
        let fits = |row: &Row| {
            only.is_none_or(|only| only == Some(row.publisher))
                && wanted.harms.is_none_or(|harms| {
                    row.harm()
                        .or(own_harm)
                        .is_some_and(|harm| harms.contains(&harm))
                })
        };
        let sees = |rows: &Rows, added: i64, row: &Row| sight.sees(rows, added, row);
        let before = wanted.before.unwrap_or(i64::MAX);
        let number = sight.collection.number;
        let mut newest = rows.newest(number, before, wanted.limit, LOOK_BACK, &fits, &sees)?;
        newest.reverse();
        let (mut objects, _) = self.bodies(&newest)?;
        let positions = objects.iter().map(|found| found.row.position);
        self.note_fetch(caller, number, positions);
        objects.reverse();
        Ok(objects)
    }

    /// How many object versions of a collection the caller sees; of one publisher, if one is named.
    ///
    /// # Errors
    /// As [`Node::objects`].
    pub fn count(
        &self,
        caller: &Caller,
        collection: &str,
        publisher: Option<&str>,
    ) -> Result<u64, Error> {
        let sight = Sight::readable(self, caller, collection)?;
        let only = publisher.map(|party| self.directory().party_number(party));
        let rows = Rows::open(&self.shared.store.read()?)?;
        let access = sight.collection.access;
        let sees = |audience: Audience| {
            only.is_none_or(|only| only == Some(audience.publisher))
                && sight.viewer.sees(access, audience)
        };
        // What the caller publishes beside others it sees; of one publisher it is not asked for.
        let party = sight.viewer.party().filter(|_| only.is_none());
        Ok(rows.count(sight.collection.number, party, &sees)?)
    }

    /// All versions of an object that the caller sees, in every collection that it may read.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub fn find(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<Vec<(SeenCollection, Vec<Found>)>, Error> {
        let key = object_key(id).ok_or(Error::NotFound("object"))?;
        let query = Query {
            ids: Some(vec![key]),
            versions: Versions::All,
            limit: LOOK_BACK,
            ..Query::default()
        };
        let mut found = Vec::new();
        let rows = Rows::open(&self.shared.store.read()?)?;
        for collection in self
            .collections(caller)
            .into_iter()
            .filter(|c| c.access.read)
        {
            let mut page = self.objects(caller, &collection.settings.id, &query)?;
            for version in &mut page.objects {
                let number = collection.number;
                version.also = rows.attributions(number, version.added, &version.row)?;
            }
            if !page.objects.is_empty() {
                found.push((collection, page.objects));
            }
        }
        if found.is_empty() {
            Err(Error::NotFound("object"))
        } else {
            Ok(found)
        }
    }

    /// The status of a publish request, for the party that sent it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for everybody else.
    pub fn status(&self, caller: &Caller, id: [u8; 16]) -> Result<Status, Error> {
        let status = status::get(&self.shared.store.read()?, id)?;
        status
            .filter(|status| caller.party() == Some(&status.party))
            .ok_or(Error::NotFound("status"))
    }

    /// Reads the objects of rows that are in the order they were added; stops when a page is full,
    /// and tells whether it read all.
    pub(crate) fn bodies(&self, rows: &[(i64, Row)]) -> Result<(Vec<Found>, bool), Error> {
        let mut found = Vec::with_capacity(rows.len());
        let mut octets = 0;
        let mut run: std::iter::Peekable<std::vec::IntoIter<Stored>> =
            Vec::new().into_iter().peekable();
        for (at, (added, row)) in rows.iter().enumerate() {
            if run
                .peek()
                .is_none_or(|stored| stored.position.0 != row.position)
            {
                let wanted = run_length(rows.get(at..).unwrap_or_default());
                run = self
                    .shared
                    .journal
                    .read(Position(row.position), wanted, PAGE_BYTES)?
                    .into_iter()
                    .peekable();
            }
            let stored = run.next().ok_or(Error::NotFound("object"))?;
            if stored.body.is_empty() {
                // Erased since the row was read.
                continue;
            }
            let bytes = self.object_bytes(&stored, row)?;
            octets += bytes.len();
            if octets > PAGE_BYTES && !found.is_empty() {
                return Ok((found, false));
            }
            found.push(Found {
                added: *added,
                row: *row,
                bytes,
                also: Vec::new(),
            });
        }
        Ok((found, true))
    }

    /// Notes in the ledger what a caller was given. The operator reads its own disk.
    pub(crate) fn note_fetch(
        &self,
        caller: &Caller,
        collection: u32,
        positions: impl Iterator<Item = u64>,
    ) {
        if *caller == Caller::Operator {
            return;
        }
        let party = caller.party().map_or(ANYONE, |party| {
            self.directory().party_number(party).unwrap_or(ANYONE)
        });
        self.shared.fetches.note(Fetch {
            collection,
            at: self.now().0,
            party,
            account: caller.account().unwrap_or_default().to_owned(),
            runs: runs(positions),
        });
    }

    /// The bytes of the object that a row stands for, from the entry at its position.
    fn object_bytes(&self, stored: &Stored, row: &Row) -> Result<Bytes, Error> {
        let entry = entry::decode(&stored.body)?;
        match entry.act {
            Act::Object { bytes, .. } => Ok(stored.body.slice_ref(bytes)),
            Act::Withdrawal { id, versions, .. } => {
                let versions: Vec<i64> = versions.iter().map(|gone| gone.version).collect();
                Ok(self.notice(row, entry.at, &id, (How::Withdrawn, &versions)))
            }
            Act::Erasure(Erasure {
                object:
                    Some(GoneObject {
                        id: Some(id),
                        versions,
                        ..
                    }),
                ..
            }) => {
                let versions: Vec<i64> = versions.iter().map(|gone| gone.version).collect();
                Ok(self.notice(row, entry.at, &id, (How::Erased, &versions)))
            }
            _ => Err(Error::Storage(format!(
                "journal position {} is no object",
                row.position
            ))),
        }
    }

    fn notice(&self, row: &Row, at: Instant, id: &str, gone: (How, &[i64])) -> Bytes {
        Bytes::from(notice::bytes(row, at, id, gone, &self.directory()))
    }

    /// One object by its row, as matches need it.
    pub(crate) fn body(&self, row: &Row) -> Result<Bytes, Error> {
        let stored = self.shared.journal.get(Position(row.position))?;
        if stored.body.is_empty() {
            return Err(Error::NotFound("object"));
        }
        match entry::decode_verified(&stored.leaf, &stored.body)?.act {
            Act::Object { bytes, .. } => Ok(stored.body.slice_ref(bytes)),
            _ => Err(Error::Storage(format!(
                "journal position {} is no object",
                row.position
            ))),
        }
    }
}

/// How many rows from the first on lie one after the other in the journal.
fn run_length(rows: &[(i64, Row)]) -> usize {
    let first = rows.first().map_or(0, |(_, row)| row.position);
    (first..)
        .zip(rows)
        .take_while(|(position, (_, row))| row.position == *position)
        .count()
}

/// The STIX id of an object, put together again from its key.
pub(crate) fn object_id(rows: &Rows, key: ObjectKey) -> Result<String, Error> {
    let uuid = uuid::Uuid::from_bytes(key.uuid);
    Ok(format!("{}--{uuid}", rows.type_name(key.kind)?))
}

/// Whether a viewer sees a row: by policy, or because its party publishes the object too.
pub(crate) fn sees(
    viewer: &Viewer,
    access: Access,
    rows: &Rows,
    collection: u32,
    added: i64,
    row: &Row,
) -> Result<bool, store::Error> {
    if viewer.sees(access, row.audience()) {
        return Ok(true);
    }
    match viewer.party() {
        Some(party) if access.read => rows.is_attributed(collection, added, row, party),
        _ => Ok(false),
    }
}

/// A caller's sight of one collection.
pub(crate) struct Sight {
    pub(crate) viewer: Viewer,
    pub(crate) collection: SeenCollection,
}

impl Sight {
    /// A collection that the caller may know of.
    fn new(node: &Node, caller: &Caller, name: &str) -> Result<Self, Error> {
        let directory: std::sync::Arc<Directory> = node.directory();
        let viewer = node.viewer(caller);
        let (number, settings) = directory
            .collection(name)
            .ok_or(Error::NotFound("collection"))?;
        let access = viewer.access(settings);
        if !access.known {
            return Err(Error::NotFound("collection"));
        }
        let collection = SeenCollection {
            number,
            settings: settings.clone(),
            access,
        };
        Ok(Sight { viewer, collection })
    }

    /// A collection that the caller may read.
    pub(crate) fn readable(node: &Node, caller: &Caller, name: &str) -> Result<Self, Error> {
        let sight = Self::new(node, caller, name)?;
        sight.viewer.may_read(&sight.collection.access)?;
        Ok(sight)
    }

    /// Whether the caller sees a row: by policy, or because it publishes the object too.
    pub(crate) fn sees(&self, rows: &Rows, added: i64, row: &Row) -> Result<bool, store::Error> {
        let (number, access) = (self.collection.number, self.collection.access);
        sees(&self.viewer, access, rows, number, added, row)
    }

    pub(crate) fn list(&self, rows: &Rows, query: &Query) -> Result<Listed, Error> {
        let sees = |rows: &Rows, added: i64, row: &Row| self.sees(rows, added, row);
        Ok(rows.list(self.collection.number, query, &sees)?)
    }
}
