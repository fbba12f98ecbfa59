//! The view `objects`: one row per object and version in a collection, and the indexes to find it.

use std::collections::HashMap;

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::Kind;
use super::days::{DAYS, Days, Standing};
use super::row::{
    FIRST, FIRST_IN_SPEC, LAST, LAST_IN_SPEC, ObjectKey, REVOKED, ROW, Row, SPEC_20, UNVERSIONED,
    collection_of, id_key, row_key, type_key,
};
use super::store::Error;
use crate::entry::Withdrawn;
use crate::facts::Facts;

pub(crate) const KIND: Kind = Kind {
    name: "objects",
    version: 3,
};

/// Rows by collection and `date_added`.
pub(crate) const ROWS: TableDefinition<'static, &[u8; 12], &[u8; ROW]> =
    TableDefinition::new("objects.rows");
/// `date_added` by object, collection and version.
pub(crate) const IDS: TableDefinition<'static, &[u8; 32], i64> =
    TableDefinition::new("objects.ids");
/// Rows by collection, type and `date_added`.
pub(crate) const KINDS: TableDefinition<'static, &[u8; 16], ()> =
    TableDefinition::new("objects.kinds");
/// Names of types by their code.
pub(crate) const NAMES: TableDefinition<'static, u32, &str> = TableDefinition::new("objects.names");
/// Rows by collection, marking and publisher, so that each caller can be told how many it sees.
pub(crate) const COUNTS: TableDefinition<'static, (u32, u8, u32), u64> =
    TableDefinition::new("objects.counts");

/// Stands for the version of an object that has none, below every real one.
const NO_VERSION: i64 = i64::MIN;

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(ROWS)?;
    write.open_table(IDS)?;
    write.open_table(KINDS)?;
    write.open_table(NAMES)?;
    write.open_table(COUNTS)?;
    write.open_table(DAYS)?;
    Ok(())
}

/// The view within one batch.
pub(crate) struct ObjectsView<'t> {
    rows: Table<'t, &'static [u8; 12], &'static [u8; ROW]>,
    ids: Table<'t, &'static [u8; 32], i64>,
    kinds: Table<'t, &'static [u8; 16], ()>,
    names: Table<'t, u32, &'static str>,
    counts: Table<'t, (u32, u8, u32), u64>,
    days: Days<'t>,
    /// Changes of `counts` that [`ObjectsView::finish`] writes: many objects, few rows.
    counted: HashMap<(u32, u8, u32), i64>,
    /// Rows of `names` that this batch has met.
    named: HashMap<u32, String>,
}

/// Where an object goes and who sends it.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Placement {
    pub(crate) collection: u32,
    pub(crate) publisher: u32,
    /// The operator may version what any party published.
    pub(crate) any_publisher: bool,
}

/// What is to be done with an object that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is new: write an entry.
    Add,
    /// The same content is here already: nothing to write.
    Same,
    /// The same version is here with other bytes: compare with the entry at this position.
    Compare(u64),
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

    /// Decides on an object against the state of this batch (STIX 2.1 §3.6, §3.7).
    pub(crate) fn decide(&mut self, facts: &Facts, to: Placement) -> Result<Decision, Error> {
        if self
            .name(facts.key.kind)?
            .is_some_and(|name| name != facts.type_name())
        {
            return Ok(Decision::Refuse(
                "its type has the same code as another type in use",
            ));
        }
        let version = facts.version.unwrap_or(NO_VERSION);
        let mut decision = Decision::Add;
        let (low, high) = (
            id_key(facts.key, 0, i64::MIN),
            id_key(facts.key, u32::MAX, i64::MAX),
        );
        for found in self.ids.range::<&[u8; 32]>(&low..=&high)? {
            let (key, added) = found?;
            let Some(known) = self.row(collection_of(key.value()), added.value())? else {
                continue;
            };
            let known_version = if known.is_unversioned() {
                NO_VERSION
            } else {
                known.version
            };
            let same_version = known_version == version;
            if same_version && known.content == facts.content {
                if collection_of(key.value()) == to.collection {
                    return Ok(Decision::Same);
                }
                continue;
            }
            if same_version {
                decision = Decision::Compare(known.position);
                continue;
            }
            if known.origin.creator != facts.origin.creator {
                return Ok(Decision::Refuse(
                    "created_by_ref differs from the versions already here: only its creator may \
                     version an object (STIX 2.1 §3.6)",
                ));
            }
            // Across collections a feed that is read twice may date its objects anew.
            let here = collection_of(key.value()) == to.collection;
            if here && known.origin.created != facts.origin.created {
                return Ok(Decision::Refuse(
                    "created differs from the versions already here: all versions of an object \
                     share it (STIX 2.1 §3.6)",
                ));
            }
            if known.publisher != to.publisher && !to.any_publisher {
                return Ok(Decision::Refuse(
                    "another party published the versions already here: only its creator may \
                     version an object (STIX 2.1 §3.6)",
                ));
            }
            if known.is_revoked() && known_version < version {
                return Ok(Decision::Refuse(
                    "the object is revoked: no version may follow (STIX 2.1 §3.7)",
                ));
            }
        }
        Ok(decision)
    }

    /// Whether this version is in the collection already; its position when it is.
    pub(crate) fn version_in(&self, facts: &Facts, collection: u32) -> Result<bool, Error> {
        let key = id_key(facts.key, collection, facts.version.unwrap_or(NO_VERSION));
        Ok(self.ids.get(&key)?.is_some())
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
            marking: facts.marking,
            harm: facts.harm,
            content: facts.content,
            origin: facts.origin,
        };
        let before = self.standing(facts.key, to.collection)?;
        self.rows
            .insert(&row_key(to.collection, added), &row.encode())?;
        let version = facts.version.unwrap_or(NO_VERSION);
        self.ids
            .insert(&id_key(facts.key, to.collection, version), added)?;
        self.kinds
            .insert(&type_key(to.collection, facts.key.kind, added), ())?;
        if self.name(facts.key.kind)?.is_none() {
            self.names.insert(facts.key.kind, facts.type_name())?;
        }
        self.count(to.collection, &row, 1);
        // The only version is first and last already.
        let after = if before.is_none() {
            Some(Standing::of(added, &row))
        } else {
            self.reflag(facts.key, to.collection)?;
            self.standing(facts.key, to.collection)?
        };
        self.days
            .change(to.collection, facts.key, (before, after), added);
        Ok(())
    }

    /// Withdraws versions, at an instant in microseconds.
    pub(crate) fn withdraw(
        &mut self,
        object: ObjectKey,
        collection: u32,
        withdrawn: &[Withdrawn],
        at: i64,
    ) -> Result<(), Error> {
        let before = self.standing(object, collection)?;
        for (key, added, row) in self.versions(object, collection)? {
            if withdrawn.iter().any(|gone| gone.position == row.position) {
                self.rows.remove(&row_key(collection, added))?;
                self.ids.remove(&key)?;
                self.kinds
                    .remove(&type_key(collection, object.kind, added))?;
                self.count(collection, &row, -1);
            }
        }
        self.reflag(object, collection)?;
        let after = self.standing(object, collection)?;
        self.days.change(collection, object, (before, after), at);
        Ok(())
    }

    /// Where an object stands in a collection, by its oldest and its newest version there.
    fn standing(&self, object: ObjectKey, collection: u32) -> Result<Option<Standing>, Error> {
        let low = id_key(object, collection, i64::MIN);
        let high = id_key(object, collection, i64::MAX);
        let mut versions = self.ids.range::<&[u8; 32]>(&low..=&high)?;
        let Some(first) = versions.next() else {
            return Ok(None);
        };
        let first = first?.1.value();
        let last = match versions.next_back() {
            Some(last) => last?.1.value(),
            None => first,
        };
        let last = self.row(collection, last)?;
        Ok(last.map(|last| Standing::of(first, &last)))
    }

    /// The versions of an object in a collection, oldest first, with their key and `date_added`.
    pub(crate) fn versions(
        &self,
        object: ObjectKey,
        collection: u32,
    ) -> Result<Vec<([u8; 32], i64, Row)>, Error> {
        let low = id_key(object, collection, i64::MIN);
        let high = id_key(object, collection, i64::MAX);
        let mut found = Vec::new();
        for entry in self.ids.range::<&[u8; 32]>(&low..=&high)? {
            let (key, added) = entry?;
            let added = added.value();
            if let Some(row) = self.row(collection, added)? {
                found.push((*key.value(), added, row));
            }
        }
        Ok(found)
    }

    fn row(&self, collection: u32, added: i64) -> Result<Option<Row>, Error> {
        Ok(self
            .rows
            .get(&row_key(collection, added))?
            .map(|row| Row::decode(row.value())))
    }

    fn count(&mut self, collection: u32, row: &Row, change: i64) {
        let key = (collection, row.marking as u8, row.publisher);
        *self.counted.entry(key).or_default() += change;
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
        for (at, (_, added, row)) in versions.iter().enumerate() {
            let mut flags = row.flags & !(FIRST | LAST | FIRST_IN_SPEC | LAST_IN_SPEC);
            let older = versions.iter().take(at);
            let newer = versions.iter().skip(at + 1);
            let only_of_spec =
                |mut others: Box<dyn Iterator<Item = &([u8; 32], i64, Row)> + '_>| {
                    !others.any(|(_, _, other)| spec(other) == spec(row))
                };
            for (set, flag) in [
                (at == 0, FIRST),
                (at == last, LAST),
                (only_of_spec(Box::new(older)), FIRST_IN_SPEC),
                (only_of_spec(Box::new(newer)), LAST_IN_SPEC),
            ] {
                if set {
                    flags |= flag;
                }
            }
            if flags != row.flags {
                let changed = Row { flags, ..*row };
                self.rows
                    .insert(&row_key(collection, *added), &changed.encode())?;
            }
        }
        Ok(())
    }
}
