//! The view `objects`: one row per object and version in a collection, and the indexes to find it.

mod gone;

pub(crate) use gone::rewrite;

use std::collections::HashMap;

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::Kind;
use super::days::{DAYS, DayOf, Days};
use super::row::{
    FIRST, FIRST_IN_SPEC, LAST, LAST_IN_SPEC, MIXED, OPERATOR, ObjectKey, REVOKED, ROW, Row,
    SHARED, SPEC_20, UNVERSIONED, attribution_key, collection_of, id_key, id_range, publisher_of,
    row_key, type_key,
};
use super::standing::Version;
use super::store::Error;
use crate::facts::Facts;

pub(crate) const KIND: Kind = Kind {
    name: "objects",
    version: 4,
};

/// Rows by collection and `date_added`.
pub(crate) const ROWS: TableDefinition<'static, &[u8; 12], &[u8; ROW]> =
    TableDefinition::new("objects.rows");
/// `date_added` by object, collection, version and publisher.
pub(crate) const IDS: TableDefinition<'static, &[u8; 36], i64> =
    TableDefinition::new("objects.ids");
/// Rows by collection, type and `date_added`.
pub(crate) const KINDS: TableDefinition<'static, &[u8; 16], ()> =
    TableDefinition::new("objects.kinds");
/// Names of types by their code.
pub(crate) const NAMES: TableDefinition<'static, u32, &str> = TableDefinition::new("objects.names");
/// Rows by collection, marking, publisher and circle, so that each caller can be told how many it
/// sees.
pub(crate) const COUNTS: TableDefinition<'static, (u32, u8, u32, u32), u64> =
    TableDefinition::new("objects.counts");
/// Who publishes an object besides the party in its row: collection, `date_added`, publisher.
pub(crate) const ATTRIBUTIONS: TableDefinition<'static, &[u8; 16], ()> =
    TableDefinition::new("objects.attributions");
/// As [`COUNTS`], of the rows that one more party publishes too: collection, that party, marking,
/// publisher, circle.
pub(crate) const SHARED_COUNTS: TableDefinition<'static, (u32, u32, u8, u32, u32), u64> =
    TableDefinition::new("objects.shared-counts");

/// Stands for the version of an object that has none, below every real one.
const NO_VERSION: i64 = i64::MIN;

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(ROWS)?;
    write.open_table(IDS)?;
    write.open_table(KINDS)?;
    write.open_table(NAMES)?;
    write.open_table(COUNTS)?;
    write.open_table(ATTRIBUTIONS)?;
    write.open_table(SHARED_COUNTS)?;
    write.open_table(DAYS)?;
    Ok(())
}

/// The view within one batch.
pub(crate) struct ObjectsView<'t> {
    rows: Table<'t, &'static [u8; 12], &'static [u8; ROW]>,
    ids: Table<'t, &'static [u8; 36], i64>,
    kinds: Table<'t, &'static [u8; 16], ()>,
    names: Table<'t, u32, &'static str>,
    counts: Table<'t, (u32, u8, u32, u32), u64>,
    attributions: Table<'t, &'static [u8; 16], ()>,
    shared_counts: Table<'t, (u32, u32, u8, u32, u32), u64>,
    days: Days<'t>,
    /// Changes of `counts` that [`ObjectsView::finish`] writes: many objects, few rows.
    counted: HashMap<(u32, u8, u32, u32), i64>,
    /// Rows of `names` that this batch has met.
    named: HashMap<u32, String>,
}

/// Where an object goes and who sends it.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Placement {
    pub(crate) collection: u32,
    pub(crate) publisher: u32,
    /// The circle that a marking of its own confines it to; 0 for none.
    pub(crate) circle: u32,
    /// The operator may version what any party published.
    pub(crate) any_publisher: bool,
}

/// What is to be done with an object that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is new: write an entry.
    Add,
    /// The same content is here already by the same party: nothing to write.
    Same,
    /// The same content is here already by another party, with this `date_added`: write who
    /// publishes it too.
    Attribute(i64),
    /// The same version is here with other bytes: compare with these entries.
    Compare {
        /// The positions of the entries.
        positions: Vec<u64>,
        /// What to do when all say the same.
        same: Box<Decision>,
    },
    /// It is refused, for this reason.
    Refuse(&'static str),
}

impl<'t> ObjectsView<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(ObjectsView {
            rows: write.open_table(ROWS)?,
            ids: write.open_table(IDS)?,
            kinds: write.open_table(KINDS)?,
            names: write.open_table(NAMES)?,
            counts: write.open_table(COUNTS)?,
            attributions: write.open_table(ATTRIBUTIONS)?,
            shared_counts: write.open_table(SHARED_COUNTS)?,
            days: Days::open(write)?,
            counted: HashMap::new(),
            named: HashMap::new(),
        })
    }

    /// Writes what was gathered over the batch; to be called before its transaction commits.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        for (key, change) in self.counted {
            let before = self.counts.get(key)?.map_or(0, |count| count.value());
            self.counts
                .insert(key, before.saturating_add_signed(change))?;
        }
        self.days.finish()
    }

    /// Decides on an object against the state of this batch (STIX 2.1 §3.6, §3.7), as far as its
    /// sender may know of it: by its own rows and those, by collection, that `knows` lets through. What
    /// others hide from it decides nothing, or the answer would tell that it is there.
    pub(crate) fn decide(
        &mut self,
        facts: &Facts,
        to: Placement,
        knows: &dyn Fn(u32, &Row) -> bool,
    ) -> Result<Decision, Error> {
        if self
            .name(facts.key.kind)?
            .is_some_and(|name| name != facts.type_name())
        {
            return Ok(Decision::Refuse(
                "its type has the same code as another type in use",
            ));
        }
        let version = facts.version.unwrap_or(NO_VERSION);
        let (mut same, mut others) = (Decision::Add, Vec::new());
        let (low, high) = id_range(facts.key, (0, u32::MAX));
        for found in self.ids.range::<&[u8; 36]>(&low..=&high)? {
            let (key, added) = found?;
            let (collection, added) = (collection_of(key.value()), added.value());
            let Some(known) = self.row(collection, added)? else {
                continue;
            };
            let mine = known.publisher == to.publisher
                || self.is_attributed(collection, added, &known, to.publisher)?;
            if !mine && !knows(collection, &known) {
                continue;
            }
            let ours = mine || to.any_publisher;
            let here = collection == to.collection;
            let known_version = if known.is_unversioned() {
                NO_VERSION
            } else {
                known.version
            };
            if known_version != version {
                let newer = known_version < version;
                if let Some(reason) = conflict(facts, &known, newer, here, ours) {
                    return Ok(Decision::Refuse(reason));
                }
                continue;
            }
            match (here, ours) {
                (true, true) => same = Decision::Same,
                (true, false) if same == Decision::Add => same = Decision::Attribute(added),
                // In another collection it is no reason not to add it here.
                _ => {}
            }
            if known.content != facts.content {
                others.push(known.position);
            } else if same == Decision::Same {
                return Ok(same);
            }
        }
        if others.is_empty() {
            return Ok(same);
        }
        Ok(Decision::Compare {
            positions: others,
            same: Box::new(same),
        })
    }

    /// Adds a version.
    pub(crate) fn add(
        &mut self,
        facts: &Facts,
        to: Placement,
        added: i64,
        position: u64,
    ) -> Result<(), Error> {
        let mut flags = FIRST | LAST | FIRST_IN_SPEC | LAST_IN_SPEC;
        for (set, flag) in [
            (facts.revoked, REVOKED),
            (facts.version.is_none(), UNVERSIONED),
            (facts.spec_20, SPEC_20),
        ] {
            if set {
                flags |= flag;
            }
        }
        let row = Row {
            position,
            version: facts.version.unwrap_or(added),
            key: facts.key,
            publisher: to.publisher,
            flags,
            more: if to.any_publisher {
                facts.pap | OPERATOR
            } else {
                facts.pap
            },
            marking: facts.marking,
            circle: to.circle,
            harm: facts.harm,
            content: facts.content,
            origin: facts.origin,
        };
        let before = self.days_of(facts.key, to.collection)?;
        self.rows
            .insert(&row_key(to.collection, added), &row.encode())?;
        let version = facts.version.unwrap_or(NO_VERSION);
        self.ids.insert(
            &id_key(facts.key, to.collection, version, to.publisher),
            added,
        )?;
        self.kinds
            .insert(&type_key(to.collection, facts.key.kind, added), ())?;
        if self.name(facts.key.kind)?.is_none() {
            self.names.insert(facts.key.kind, facts.type_name())?;
        }
        self.count(to.collection, &row, 1);
        // The only version is first and last already.
        let after = if before.is_empty() {
            vec![DayOf::of(added, row.audience())]
        } else {
            self.reflag(facts.key, to.collection)?;
            self.days_of(facts.key, to.collection)?
        };
        self.days
            .change(to.collection, facts.key, (&before, &after), added);
        Ok(())
    }

    /// Where an object stands in a collection: once for each audience that its versions have.
    fn days_of(&self, object: ObjectKey, collection: u32) -> Result<Vec<DayOf>, Error> {
        let mut days: Vec<DayOf> = Vec::new();
        for Version { added, row, .. } in self.versions(object, collection)? {
            let audience = row.audience();
            if !days.iter().any(|day| day.audience == audience) {
                days.push(DayOf::of(added, audience));
            }
        }
        Ok(days)
    }

    fn remove(&mut self, collection: u32, added: i64, row: &Row) -> Result<(), Error> {
        self.rows.remove(&row_key(collection, added))?;
        let version = if row.is_unversioned() {
            NO_VERSION
        } else {
            row.version
        };
        self.ids
            .remove(&id_key(row.key, collection, version, row.publisher))?;
        self.kinds
            .remove(&type_key(collection, row.key.kind, added))?;
        self.count(collection, row, -1);
        Ok(())
    }

    /// Notes that a party publishes a row's object too, or that it, or the party in the row, no
    /// longer does; then one of the others takes its place. A row keeps one publisher at least:
    /// who decides on a withdrawal sees to that. `at` is when, in microseconds.
    pub(crate) fn attribute(
        &mut self,
        (collection, added): (u32, i64),
        publisher: u32,
        withdrawn: bool,
        at: i64,
    ) -> Result<(), Error> {
        let Some(row) = self.row(collection, added)? else {
            return Ok(());
        };
        let mut also = attributions(&self.attributions, collection, added, &row)?;
        let mut first = row.publisher;
        if !withdrawn {
            if first == publisher || also.contains(&publisher) {
                return Ok(());
            }
            also.push(publisher);
        } else if first == publisher {
            if also.is_empty() {
                return Ok(());
            }
            first = also.remove(0);
        } else {
            also.retain(|party| *party != publisher);
        }
        let before = self.days_of(row.key, collection)?;
        self.set_publishers(collection, added, &row, first, &also)?;
        let after = self.days_of(row.key, collection)?;
        self.days.change(collection, row.key, (&before, &after), at);
        Ok(())
    }

    /// Rewrites who publishes a row's object, everywhere it is told.
    fn set_publishers(
        &mut self,
        collection: u32,
        added: i64,
        row: &Row,
        publisher: u32,
        also: &[u32],
    ) -> Result<(), Error> {
        self.unshare(collection, added, row)?;
        self.remove(collection, added, row)?;
        let more = if also.is_empty() {
            row.more & !SHARED
        } else {
            row.more | SHARED
        };
        let changed = Row {
            publisher,
            more,
            ..*row
        };
        let version = if row.is_unversioned() {
            NO_VERSION
        } else {
            row.version
        };
        self.rows
            .insert(&row_key(collection, added), &changed.encode())?;
        self.ids
            .insert(&id_key(row.key, collection, version, publisher), added)?;
        self.kinds
            .insert(&type_key(collection, row.key.kind, added), ())?;
        self.count(collection, &changed, 1);
        for party in also {
            self.attributions
                .insert(&attribution_key(collection, added, *party), ())?;
            self.count_shared(collection, *party, &changed, 1)?;
        }
        self.reflag(row.key, collection)
    }

    /// The versions of an object in a collection, oldest first.
    pub(crate) fn versions(
        &self,
        object: ObjectKey,
        collection: u32,
    ) -> Result<Vec<Version>, Error> {
        versions(
            &self.ids,
            &self.rows,
            &self.attributions,
            object,
            collection,
        )
    }

    /// The collections that hold versions of an object.
    pub(crate) fn collections_of(&self, object: ObjectKey) -> Result<Vec<u32>, Error> {
        let (low, high) = id_range(object, (0, u32::MAX));
        let mut collections = Vec::new();
        for entry in self.ids.range::<&[u8; 36]>(&low..=&high)? {
            let collection = collection_of(entry?.0.value());
            if collections.last() != Some(&collection) {
                collections.push(collection);
            }
        }
        Ok(collections)
    }

    /// Whether a party publishes a row's object besides the party in the row.
    pub(crate) fn is_attributed(
        &self,
        collection: u32,
        added: i64,
        row: &Row,
        publisher: u32,
    ) -> Result<bool, Error> {
        is_attributed(&self.attributions, collection, added, row, publisher)
    }

    pub(crate) fn row(&self, collection: u32, added: i64) -> Result<Option<Row>, Error> {
        Ok(self
            .rows
            .get(&row_key(collection, added))?
            .map(|row| Row::decode(row.value())))
    }

    fn count(&mut self, collection: u32, row: &Row, change: i64) {
        let key = (collection, row.marking as u8, row.publisher, row.circle);
        *self.counted.entry(key).or_default() += change;
    }

    fn count_shared(
        &mut self,
        collection: u32,
        party: u32,
        row: &Row,
        change: i64,
    ) -> Result<(), Error> {
        let key = (
            collection,
            party,
            row.marking as u8,
            row.publisher,
            row.circle,
        );
        let before = self
            .shared_counts
            .get(key)?
            .map_or(0, |count| count.value());
        self.shared_counts
            .insert(key, before.saturating_add_signed(change))?;
        Ok(())
    }

    /// The name of a type that is in use, by its code.
    fn name(&mut self, code: u32) -> Result<Option<&str>, Error> {
        if !self.named.contains_key(&code)
            && let Some(name) = self.names.get(code)?
        {
            self.named.insert(code, name.value().to_owned());
        }
        Ok(self.named.get(&code).map(String::as_str))
    }

    /// Sets the first and last flags anew; rows that already have the right ones are not written.
    fn reflag(&mut self, object: ObjectKey, collection: u32) -> Result<(), Error> {
        let versions = self.versions(object, collection)?;
        let spec = |row: &Row| row.flags & SPEC_20;
        let last = versions.len().saturating_sub(1);
        let mixed = versions
            .iter()
            .zip(versions.iter().skip(1))
            .any(|(one, other)| one.row.audience() != other.row.audience());
        for (at, Version { added, row, .. }) in versions.iter().enumerate() {
            let mut flags = row.flags & !(FIRST | LAST | FIRST_IN_SPEC | LAST_IN_SPEC);
            let same_spec = |other: &Version| spec(&other.row) == spec(row);
            for (set, flag) in [
                (at == 0, FIRST),
                (at == last, LAST),
                (!versions.iter().take(at).any(same_spec), FIRST_IN_SPEC),
                (!versions.iter().skip(at + 1).any(same_spec), LAST_IN_SPEC),
            ] {
                if set {
                    flags |= flag;
                }
            }
            let more = if mixed {
                row.more | MIXED
            } else {
                row.more & !MIXED
            };
            if flags != row.flags || more != row.more {
                let changed = Row {
                    flags,
                    more,
                    ..*row
                };
                self.rows
                    .insert(&row_key(collection, *added), &changed.encode())?;
            }
        }
        Ok(())
    }
}

/// Why an object cannot stand beside another version of it.
fn conflict(
    facts: &Facts,
    known: &Row,
    newer: bool,
    here: bool,
    ours: bool,
) -> Option<&'static str> {
    if known.origin.creator != facts.origin.creator {
        return Some(
            "created_by_ref differs from the versions already here: only its creator may version \
             an object (STIX 2.1 §3.6)",
        );
    }
    // Across collections a feed that is read twice may date its objects anew.
    if here && known.origin.created != facts.origin.created {
        return Some(
            "created differs from the versions already here: all versions of an object share it \
             (STIX 2.1 §3.6)",
        );
    }
    if !ours {
        return Some(
            "another party published the versions already here: only its creator may version an \
             object (STIX 2.1 §3.6)",
        );
    }
    if known.is_revoked() && newer {
        return Some("the object is revoked: no version may follow (STIX 2.1 §3.7)");
    }
    None
}

/// The parties that publish a row's object besides the party in the row.
pub(crate) fn attributions(
    table: &impl ReadableTable<&'static [u8; 16], ()>,
    collection: u32,
    added: i64,
    row: &Row,
) -> Result<Vec<u32>, Error> {
    let mut parties = Vec::new();
    if row.is_shared() {
        let low = attribution_key(collection, added, 0);
        let high = attribution_key(collection, added, u32::MAX);
        for entry in table.range::<&[u8; 16]>(&low..=&high)? {
            parties.push(publisher_of(entry?.0.value()));
        }
    }
    Ok(parties)
}

/// Whether a party is among [`attributions`].
pub(crate) fn is_attributed(
    table: &impl ReadableTable<&'static [u8; 16], ()>,
    collection: u32,
    added: i64,
    row: &Row,
    publisher: u32,
) -> Result<bool, Error> {
    let key = attribution_key(collection, added, publisher);
    Ok(row.is_shared() && table.get(&key)?.is_some())
}

/// The versions of an object in a collection, oldest first.
pub(crate) fn versions(
    ids: &impl ReadableTable<&'static [u8; 36], i64>,
    rows: &impl ReadableTable<&'static [u8; 12], &'static [u8; ROW]>,
    table: &impl ReadableTable<&'static [u8; 16], ()>,
    object: ObjectKey,
    collection: u32,
) -> Result<Vec<Version>, Error> {
    let (low, high) = id_range(object, (collection, collection));
    let mut found = Vec::new();
    for entry in ids.range::<&[u8; 36]>(&low..=&high)? {
        let added = entry?.1.value();
        if let Some(row) = rows.get(&row_key(collection, added))? {
            let row = Row::decode(row.value());
            let also = attributions(table, collection, added, &row)?;
            found.push(Version { added, row, also });
        }
    }
    Ok(found)
}
