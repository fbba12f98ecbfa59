//! Lists of rows: filters, paging, and the caller's sight, in one pass.

use std::collections::BTreeSet;

use redb::{ReadOnlyTable, ReadTransaction};

use super::days::{self, DAYS, DayKey, DayValue, Told};
use super::objects::{self, ATTRIBUTIONS, COUNTS, IDS, KINDS, NAMES, ROWS, SHARED_COUNTS};
use super::row::{
    FIRST, FIRST_IN_SPEC, LAST, LAST_IN_SPEC, ObjectKey, ROW, Row, SPEC_20, added_of, id_range,
    row_key, type_code, type_key,
};
use super::standing::{Standing, Version};
use super::store::Error;
use crate::model::Marking;
use crate::policy::Audience;

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
    /// Only what was added until this instant, in microseconds: nothing later is looked at.
    pub added_until: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

impl Query {
    /// Whether the filters on versions let a row through. `standing` tells which of the versions that
    /// the caller sees are the first and the last; it is asked only where that depends on the caller.
    pub(crate) fn fits<E>(
        &self,
        added: i64,
        row: &Row,
        standing: impl FnOnce() -> Result<Standing, E>,
    ) -> Result<bool, E> {
        let spec = self.spec_20;
        if spec.is_some_and(|want_20| want_20 != (row.flags & SPEC_20 != 0)) {
            return Ok(false);
        }
        // First and last are among the versions that the specification filter lets through.
        let (last_flag, first_flag) = if spec.is_some() {
            (LAST_IN_SPEC, FIRST_IN_SPEC)
        } else {
            (LAST, FIRST)
        };
        let Versions::Any { last, first, at } = &self.versions else {
            return Ok(true);
        };
        if at.contains(&row.version) {
            return Ok(true);
        }
        let (is_first, is_last) = if row.is_mixed() {
            let standing = standing()?;
            (standing.first == Some(added), standing.last == Some(added))
        } else {
            (row.flags & first_flag != 0, row.flags & last_flag != 0)
        };
        Ok((*last && is_last) || (*first && is_first))
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
    ids: ReadOnlyTable<&'static [u8; 36], i64>,
    kinds: ReadOnlyTable<&'static [u8; 16], ()>,
    names: ReadOnlyTable<u32, &'static str>,
    counts: ReadOnlyTable<(u32, u8, u32, u32), u64>,
    attributions: ReadOnlyTable<&'static [u8; 16], ()>,
    shared_counts: ReadOnlyTable<(u32, u32, u8, u32, u32), u64>,
    days: ReadOnlyTable<DayKey, DayValue>,
}

/// Whether a caller sees a row, by its collection and `date_added`.
pub(crate) type Sees<'s> = dyn Fn(&Rows, i64, &Row) -> Result<bool, Error> + 's;

impl Rows {
    pub(crate) fn open(read: &ReadTransaction) -> Result<Self, Error> {
        Ok(Rows {
            by_date: read.open_table(ROWS)?,
            ids: read.open_table(IDS)?,
            kinds: read.open_table(KINDS)?,
            names: read.open_table(NAMES)?,
            counts: read.open_table(COUNTS)?,
            attributions: read.open_table(ATTRIBUTIONS)?,
            shared_counts: read.open_table(SHARED_COUNTS)?,
            days: read.open_table(DAYS)?,
        })
    }

    /// The rows of a collection that fit the query and that `sees` lets through.
    pub(crate) fn list(
        &self,
        collection: u32,
        query: &Query,
        sees: &Sees<'_>,
    ) -> Result<Listed, Error> {
        let mut page = Page {
            rows: self,
            collection,
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
                if page.is_full(added_of(key.value()), &Row::decode(row.value()))? {
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
            let (low, high) = id_range(*id, (collection, collection));
            for entry in self.ids.range::<&[u8; 36]>(&low..=&high)? {
                found.insert(entry?.1.value());
            }
        }
        for added in found.range(first_after(page.query)..) {
            if let Some(row) = self.row(collection, *added)?
                && page.is_full(*added, &row)?
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
                && page.is_full(added, &row)?
            {
                break;
            }
        }
        Ok(())
    }

    /// The newest rows of a collection from before an instant that are `wanted` and that `sees` lets
    /// through, newest first; looks at no more than `scan` of them.
    pub(crate) fn newest(
        &self,
        collection: u32,
        before: i64,
        limit: usize,
        scan: usize,
        wanted: &dyn Fn(&Row) -> bool,
        sees: &Sees<'_>,
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
            let (added, row) = (added_of(key.value()), Row::decode(row.value()));
            if wanted(&row)
                && sees(self, added, &row)?
                && self.is_last(collection, added, &row, sees)?
            {
                found.push((added, row));
                if found.len() == limit {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// What each publisher told on each day in a collection, as far as `sees` lets through.
    /// Costs one row for each day and audience.
    pub(crate) fn told(
        &self,
        collection: u32,
        sees: &dyn Fn(Audience) -> bool,
    ) -> Result<Vec<Told>, Error> {
        let mut told: Vec<Told> = Vec::new();
        let (low, high) = (
            (collection, 0, 0, 0, 0),
            (collection, u32::MAX, u32::MAX, u8::MAX, u32::MAX),
        );
        for entry in self.days.range(low..=high)? {
            let (key, value) = entry?;
            let (_, day, publisher, marking, circle) = key.value();
            let (objects, changed) = value.value();
            let audience = audience(marking, publisher, circle);
            if !sees(audience) {
                continue;
            }
            // What left is a change all the same; of its marking nothing is there any more.
            let marking = if objects == 0 {
                Marking::Clear
            } else {
                audience.marking
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
        sees: &Sees<'_>,
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
            if !days::is_told(row.key.kind) || !(row.is_mixed() || row.flags & FIRST != 0) {
                continue;
            }
            if row.is_mixed() || !row.is_last() {
                let standing = self.standing(collection, row.key, None, sees)?;
                let last = standing.last.filter(|_| standing.first == Some(added));
                let Some(last) = last else { continue };
                let Some(newest) = self.row(collection, last)? else {
                    continue;
                };
                (added, row) = (last, newest);
            }
            if row.publisher != publisher || !sees(self, added, &row)? {
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

    /// The parties that publish a row's object besides the party in the row.
    pub(crate) fn attributions(
        &self,
        collection: u32,
        added: i64,
        row: &Row,
    ) -> Result<Vec<u32>, Error> {
        objects::attributions(&self.attributions, collection, added, row)
    }

    /// Whether a party is among [`Rows::attributions`].
    pub(crate) fn is_attributed(
        &self,
        collection: u32,
        added: i64,
        row: &Row,
        party: u32,
    ) -> Result<bool, Error> {
        objects::is_attributed(&self.attributions, collection, added, row, party)
    }

    /// Whether a row is the last version of its object for one who sees what `sees` lets through.
    pub(crate) fn is_last(
        &self,
        collection: u32,
        added: i64,
        row: &Row,
        sees: &Sees<'_>,
    ) -> Result<bool, Error> {
        if !row.is_mixed() {
            return Ok(row.is_last());
        }
        let standing = self.standing(collection, row.key, None, sees)?;
        Ok(standing.last == Some(added))
    }

    fn standing(
        &self,
        collection: u32,
        key: ObjectKey,
        spec_20: Option<bool>,
        sees: &Sees<'_>,
    ) -> Result<Standing, Error> {
        let mut seen = Vec::new();
        for version in self.versions(key, collection)? {
            if sees(self, version.added, &version.row)? {
                seen.push(version);
            }
        }
        Ok(Standing::of(seen, spec_20))
    }

    /// The versions of an object in a collection, oldest first.
    pub(crate) fn versions(&self, key: ObjectKey, collection: u32) -> Result<Vec<Version>, Error> {
        objects::versions(
            &self.ids,
            &self.by_date,
            &self.attributions,
            key,
            collection,
        )
    }

    /// How many rows of a collection `sees` lets through; those that `party` publishes too count
    /// as well, as it sees them whatever their audience.
    pub(crate) fn count(
        &self,
        collection: u32,
        party: Option<u32>,
        sees: &dyn Fn(Audience) -> bool,
    ) -> Result<u64, Error> {
        let mut sum = 0;
        let (low, high) = ((0, 0, 0), (u8::MAX, u32::MAX, u32::MAX));
        let range = (collection, low.0, low.1, low.2)..=(collection, high.0, high.1, high.2);
        for entry in self.counts.range(range)? {
            let (key, count) = entry?;
            let (_, marking, publisher, circle) = key.value();
            if sees(audience(marking, publisher, circle)) {
                sum += count.value();
            }
        }
        let Some(party) = party else {
            return Ok(sum);
        };
        let range =
            (collection, party, low.0, low.1, low.2)..=(collection, party, high.0, high.1, high.2);
        for entry in self.shared_counts.range(range)? {
            let (key, count) = entry?;
            let (_, _, marking, publisher, circle) = key.value();
            if !sees(audience(marking, publisher, circle)) {
                sum += count.value();
            }
        }
        Ok(sum)
    }
}

fn audience(marking: u8, publisher: u32, circle: u32) -> Audience {
    Audience {
        marking: Marking::from_code(marking),
        publisher,
        circle,
    }
}

/// The first instant that a query's `added_after` lets through. Stored dates are positive.
fn first_after(query: &Query) -> i64 {
    query
        .added_after
        .map_or(0, |after| after.saturating_add(1).max(0))
}

struct Page<'q> {
    rows: &'q Rows,
    collection: u32,
    query: &'q Query,
    sees: &'q Sees<'q>,
    listed: Listed,
}

impl Page<'_> {
    /// Takes a row if it fits; true when the page is full and this row would be the next, or when no
    /// later one is wanted.
    fn is_full(&mut self, added: i64, row: &Row) -> Result<bool, Error> {
        if self.query.added_until.is_some_and(|until| added > until) {
            // Rows come in this order: none follows that is wanted.
            return Ok(true);
        }
        if !(self.sees)(self.rows, added, row)? {
            return Ok(false);
        }
        let (rows, spec) = (self.rows, self.query.spec_20);
        let standing = || rows.standing(self.collection, row.key, spec, self.sees);
        if !self.query.fits(added, row, standing)? {
            return Ok(false);
        }
        if self.listed.rows.len() == self.query.limit {
            self.listed.more = true;
            return Ok(true);
        }
        self.listed.rows.push((added, *row));
        Ok(false)
    }
}
