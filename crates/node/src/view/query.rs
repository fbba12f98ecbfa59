//! Lists of rows: filters, paging, and the caller's sight, in one pass.

use std::collections::BTreeSet;

use redb::{ReadOnlyTable, ReadTransaction};

use super::days::{self, DAYS, DayKey, DayValue, Told};
use super::objects::{COUNTS, IDS, KINDS, NAMES, ROWS};
use super::row::{
    FIRST, FIRST_IN_SPEC, LAST, LAST_IN_SPEC, ObjectKey, ROW, Row, SPEC_20, added_of, id_key,
    row_key, type_code, type_key,
};
use super::store::Error;
use crate::model::Marking;

/// Which versions of each object (TAXII 2.1 §3.4.1 `match[version]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Every version.
    All,
    /// Any of: the newest, the oldest, or one of these instants in microseconds.
    Any {
        /// The newest.
        last: bool,
        /// The oldest.
        first: bool,
        /// Exactly these.
        at: Vec<i64>,
    },
}

impl Default for Versions {
    /// The newest, as TAXII says when no filter is given.
    fn default() -> Self {
        Versions::Any {
            last: true,
            first: false,
            at: Vec::new(),
        }
    }
}

/// What a list asks for. Empty filters let everything through.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Only these objects.
    pub ids: Option<Vec<ObjectKey>>,
    /// Only these types, by name.
    pub types: Vec<String>,
    /// Only these versions.
    pub versions: Versions,
    /// Only this specification version; `Some(true)` is 2.0.
    pub spec_20: Option<bool>,
    /// Only what was added after this instant, in microseconds.
    pub added_after: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

impl Query {
    /// Whether the filters on versions let a row through.
    pub(crate) fn fits(&self, row: &Row) -> bool {
        let spec = self.spec_20;
        if spec.is_some_and(|want_20| want_20 != (row.flags & SPEC_20 != 0)) {
            return false;
        }
        // First and last are among the versions that the specification filter lets through.
        let (last_flag, first_flag) = if spec.is_some() {
            (LAST_IN_SPEC, FIRST_IN_SPEC)
        } else {
            (LAST, FIRST)
        };
        match &self.versions {
            Versions::All => true,
            Versions::Any { last, first, at } => {
                (*last && row.flags & last_flag != 0)
                    || (*first && row.flags & first_flag != 0)
                    || at.contains(&row.version)
            }
        }
    }
}

/// A page of rows in the order they were added.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// `date_added` in microseconds, and the row.
    pub rows: Vec<(i64, Row)>,
    /// Whether more follow.
    pub more: bool,
}

/// Some of what was told on a day.
#[derive(Debug)]
pub(crate) struct ToldRows {
    /// `date_added` in microseconds, and the row.
    pub(crate) rows: Vec<(i64, Row)>,
    /// Where to go on; none at the day's end.
    pub(crate) place: Option<i64>,
}

/// Reads rows of one consistent state.
pub(crate) struct Rows {
    by_date: ReadOnlyTable<&'static [u8; 12], &'static [u8; ROW]>,
    ids: ReadOnlyTable<&'static [u8; 32], i64>,
    kinds: ReadOnlyTable<&'static [u8; 16], ()>,
    names: ReadOnlyTable<u32, &'static str>,
    counts: ReadOnlyTable<(u32, u8, u32), u64>,
    days: ReadOnlyTable<DayKey, DayValue>,
}

impl Rows {
    pub(crate) fn open(read: &ReadTransaction) -> Result<Self, Error> {
        Ok(Rows {
            by_date: read.open_table(ROWS)?,
            ids: read.open_table(IDS)?,
            kinds: read.open_table(KINDS)?,
            names: read.open_table(NAMES)?,
            counts: read.open_table(COUNTS)?,
            days: read.open_table(DAYS)?,
        })
    }

    /// The rows of a collection that fit the query and that `sees` lets through.
    pub(crate) fn list(
        &self,
        collection: u32,
        query: &Query,
        sees: &dyn Fn(&Row) -> bool,
    ) -> Result<Listed, Error> {
        let mut page = Page {
            query,
            sees,
            listed: Listed::default(),
        };
        if let Some(ids) = &query.ids {
            self.list_ids(collection, ids, &mut page)?;
        } else if query.types.is_empty() {
            let low = row_key(collection, first_after(query));
            for entry in self
                .by_date
                .range::<&[u8; 12]>(&low..=&row_key(collection, i64::MAX))?
            {
                let (key, row) = entry?;
                if page.is_full(added_of(key.value()), &Row::decode(row.value())) {
                    break;
                }
            }
        } else {
            self.list_types(collection, &mut page)?;
        }
        Ok(page.listed)
    }

    fn list_ids(
        &self,
        collection: u32,
        ids: &[ObjectKey],
        page: &mut Page<'_>,
    ) -> Result<(), Error> {
        let codes: Vec<u32> = page
            .query
            .types
            .iter()
            .map(|name| type_code(name))
            .collect();
        let mut found = BTreeSet::new();
        for id in ids {
            if !codes.is_empty() && !codes.contains(&id.kind) {
                continue;
            }
            let (low, high) = (
                id_key(*id, collection, i64::MIN),
                id_key(*id, collection, i64::MAX),
            );
            for entry in self.ids.range::<&[u8; 32]>(&low..=&high)? {
                found.insert(entry?.1.value());
            }
        }
        for added in found.range(first_after(page.query)..) {
            if let Some(row) = self.row(collection, *added)?
                && page.is_full(*added, &row)
            {
                break;
            }
        }
        Ok(())
    }

    /// Walks the type index, one run per type, always taking the row added first.
    fn list_types(&self, collection: u32, page: &mut Page<'_>) -> Result<(), Error> {
        let codes: BTreeSet<u32> = page
            .query
            .types
            .iter()
            .map(|name| type_code(name))
            .collect();
        let mut runs = Vec::with_capacity(codes.len());
        for code in codes {
            let low = type_key(collection, code, first_after(page.query));
            let mut run = self
                .kinds
                .range::<&[u8; 16]>(&low..=&type_key(collection, code, i64::MAX))?;
            if let Some(head) = run.next() {
                runs.push((added_of(head?.0.value()), run));
            }
        }
        while let Some(at) = runs
            .iter()
            .enumerate()
            .min_by_key(|(_, (added, _))| *added)
            .map(|(at, _)| at)
        {
            let Some((head, run)) = runs.get_mut(at) else {
                break;
            };
            let added = *head;
            match run.next() {
                Some(next) => *head = added_of(next?.0.value()),
                None => drop(runs.swap_remove(at)),
            }
            if let Some(row) = self.row(collection, added)?
                && page.is_full(added, &row)
            {
                break;
            }
        }
        Ok(())
    }

    /// The newest rows of a collection from before an instant that `sees` lets through, newest
    /// first; looks at no more than `scan` of them.
    pub(crate) fn newest(
        &self,
        collection: u32,
        before: i64,
        limit: usize,
        scan: usize,
        sees: &dyn Fn(&Row) -> bool,
    ) -> Result<Vec<(i64, Row)>, Error> {
        let mut found = Vec::new();
        let (low, high) = (row_key(collection, 0), row_key(collection, before));
        for entry in self
            .by_date
            .range::<&[u8; 12]>(&low..&high)?
            .rev()
            .take(scan)
        {
            let (key, row) = entry?;
            let row = Row::decode(row.value());
            if row.is_last() && sees(&row) {
                found.push((added_of(key.value()), row));
                if found.len() == limit {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// What each publisher told on each day in a collection, as far as `sees` lets through, by
    /// marking and publisher. Costs one row for each day, marking and publisher.
    pub(crate) fn told(
        &self,
        collection: u32,
        sees: &dyn Fn(Marking, u32) -> bool,
    ) -> Result<Vec<Told>, Error> {
        let mut told: Vec<Told> = Vec::new();
        for entry in self
            .days
            .range((collection, 0, 0, 0)..=(collection, u32::MAX, u32::MAX, u8::MAX))?
        {
            let (key, value) = entry?;
            let (_, day, publisher, marking) = key.value();
            let (objects, changed) = value.value();
            let marking = Marking::from_code(marking);
            if !sees(marking, publisher) {
                continue;
            }
            // What left is a change all the same; of its marking nothing is there any more.
            let marking = if objects == 0 {
                Marking::Clear
            } else {
                marking
            };
            match told.last_mut() {
                Some(last) if last.day == day && last.publisher == publisher => {
                    last.objects += objects;
                    last.changed = last.changed.max(changed);
                    last.marking = last.marking.max(marking);
                }
                _ => told.push(Told {
                    day,
                    publisher,
                    objects,
                    changed,
                    marking,
                }),
            }
        }
        told.retain(|day| day.objects > 0);
        Ok(told)
    }

    /// The newest versions of what a publisher told on a day, in the order their first versions
    /// were added, those alone that `sees` lets through: `limit` of them after `skip`, beginning
    /// behind the place `after`.
    pub(crate) fn told_on(
        &self,
        collection: u32,
        (day, publisher): (u32, u32),
        after: Option<i64>,
        (skip, limit): (usize, usize),
        sees: &dyn Fn(&Row) -> bool,
    ) -> Result<ToldRows, Error> {
        let (start, end) = days::bounds(day);
        let start = after.map_or(start, |after| after.saturating_add(1));
        let mut found = Vec::new();
        let mut skipped = 0;
        for entry in self
            .by_date
            .range::<&[u8; 12]>(&row_key(collection, start)..&row_key(collection, end))?
        {
            let (key, row) = entry?;
            let place = added_of(key.value());
            let (mut added, mut row) = (place, Row::decode(row.value()));
            if row.flags & FIRST == 0 || !days::is_told(row.key.kind) {
                continue;
            }
            if !row.is_last() {
                let Some(last) = self.last(collection, row.key)? else {
                    continue;
                };
                (added, row) = last;
            }
            if row.publisher != publisher || !sees(&row) {
                continue;
            }
            if skipped < skip {
                skipped += 1;
                continue;
            }
            found.push((added, row));
            if found.len() >= limit {
                return Ok(ToldRows {
                    rows: found,
                    place: Some(place),
                });
            }
        }
        Ok(ToldRows {
            rows: found,
            place: None,
        })
    }

    /// The newest version of an object in a collection.
    fn last(&self, collection: u32, object: ObjectKey) -> Result<Option<(i64, Row)>, Error> {
        let low = id_key(object, collection, i64::MIN);
        let high = id_key(object, collection, i64::MAX);
        let Some(last) = self.ids.range::<&[u8; 32]>(&low..=&high)?.next_back() else {
            return Ok(None);
        };
        let added = last?.1.value();
        Ok(self.row(collection, added)?.map(|row| (added, row)))
    }

    pub(crate) fn row(&self, collection: u32, added: i64) -> Result<Option<Row>, Error> {
        Ok(self
            .by_date
            .get(&row_key(collection, added))?
            .map(|row| Row::decode(row.value())))
    }

    /// The name of a type by its code.
    pub(crate) fn type_name(&self, code: u32) -> Result<String, Error> {
        Ok(self
            .names
            .get(code)?
            .map(|name| name.value().to_owned())
            .unwrap_or_default())
    }

    /// How many rows of a collection `sees` lets through, by marking and publisher.
    pub(crate) fn count(
        &self,
        collection: u32,
        sees: &dyn Fn(Marking, u32) -> bool,
    ) -> Result<u64, Error> {
        let mut sum = 0;
        for entry in self
            .counts
            .range((collection, 0, 0)..=(collection, u8::MAX, u32::MAX))?
        {
            let (key, count) = entry?;
            let (_, marking, publisher) = key.value();
            if sees(Marking::from_code(marking), publisher) {
                sum += count.value();
            }
        }
        Ok(sum)
    }
}

/// The first instant that a query's `added_after` lets through. Stored dates are positive.
fn first_after(query: &Query) -> i64 {
    query
        .added_after
        .map_or(0, |after| after.saturating_add(1).max(0))
}

struct Page<'q> {
    query: &'q Query,
    sees: &'q dyn Fn(&Row) -> bool,
    listed: Listed,
}

impl Page<'_> {
    /// Takes a row if it fits; true when the page is full and this row would be the next.
    fn is_full(&mut self, added: i64, row: &Row) -> bool {
        if !self.query.fits(row) || !(self.sees)(row) {
            return false;
        }
        if self.listed.rows.len() == self.query.limit {
            self.listed.more = true;
            return true;
        }
        self.listed.rows.push((added, *row));
        false
    }
}
