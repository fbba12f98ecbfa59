//! Reading a collection by day and publisher, as feeds of events need it.

use jiff::civil::Date;

use crate::act::Error;
use crate::act::read::{Found, SeenCollection, Sight};
use crate::clock::Instant;
use crate::model::Marking;
use crate::node::Node;
use crate::policy::Caller;
use crate::view::days;
use crate::view::query::{Query, Rows, ToldRows};
use crate::view::row::Row;

/// What one publisher told in a collection on one day, as far as a caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldDay {
    /// The day, in UTC, on which the first versions came in.
    pub day: Date,
    /// The publishing party's id.
    pub publisher: String,
    /// How many objects that say values: indicators, vulnerabilities and observables.
    pub objects: u64,
    /// When any of them last changed: a new object, a version, a withdrawal. Rises with the state:
    /// whoever read it at one value and finds a higher one has something to read, and whoever finds
    /// the same one has not, except that changes of the last few seconds may be told once more.
    pub changed: Instant,
    /// The most restrictive marking among them.
    pub marking: Marking,
    number: u32,
    days: u32,
}

/// A clock of seconds cannot tell two changes of one second apart, and an entry is seen a moment
/// after its time: what changed in these last microseconds is dated back, so that it is told again.
const UNSETTLED: i64 = 5_000_000;
/// Objects whose bodies are read at a time.
const AT_ONCE: usize = 500;

impl Node {
    /// What was told on each day by each publisher, oldest day first. Reads a row for each day,
    /// publisher and marking, and no object.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Refused`], [`Error::Storage`].
    pub fn told(
        &self,
        caller: &Caller,
        collection: &str,
    ) -> Result<(SeenCollection, Vec<ToldDay>), Error> {
        let sight = Sight::readable(self, caller, collection)?;
        let directory = self.directory();
        let rows = Rows::open(&self.shared.store.read()?)?;
        let access = sight.collection.access;
        let sees = |audience| sight.viewer.sees(access, audience);
        let settled = self.now().0 - UNSETTLED;
        let told = rows.told(sight.collection.number, &sees)?;
        let told = told.into_iter().map(|told| ToldDay {
            day: Instant(days::bounds(told.day).0).day(),
            publisher: directory
                .party_id(told.publisher)
                .unwrap_or_default()
                .to_owned(),
            objects: told.objects,
            changed: Instant(told.changed.min(settled)),
            marking: told.marking,
            number: told.publisher,
            days: told.day,
        });
        let told = told.collect();
        Ok((sight.collection, told))
    }

    /// A collection that the caller may read.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Refused`].
    pub fn readable(&self, caller: &Caller, collection: &str) -> Result<SeenCollection, Error> {
        Ok(Sight::readable(self, caller, collection)?.collection)
    }

    /// Hands the newest version of every object that is in force to `each`, in the order they were
    /// added: not revoked, and not past its `valid_until`. Memory is bounded.
    ///
    /// # Errors
    /// As [`Node::told`], and what `each` fails with.
    pub fn each_in_force<E: From<Error>>(
        &self,
        caller: &Caller,
        collection: &str,
        each: &mut dyn FnMut(&Found) -> Result<(), E>,
    ) -> Result<(), E> {
        let now = self.now();
        let mut query = Query {
            limit: AT_ONCE,
            ..Query::default()
        };
        loop {
            let page = self.objects(caller, collection, &query)?;
            for found in &page.objects {
                query.added_after = Some(found.added);
                let object = stix::Object::parse(&found.bytes).ok();
                let end = object.and_then(|object| object.valid_until());
                let ended = end.is_some_and(|end| end.micros() <= now.0);
                if !found.row.is_revoked() && !ended {
                    each(found)?;
                }
            }
            if !page.more {
                return Ok(());
            }
        }
    }

    /// Hands the newest versions of what was told on a day to `each`, in the order in which they
    /// first came in: `limit` of them after `skip`. Revoked ones are among them. Memory is bounded.
    ///
    /// # Errors
    /// As [`Node::told`], and what `each` fails with.
    pub fn each_told<E: From<Error>>(
        &self,
        caller: &Caller,
        collection: &str,
        told: &ToldDay,
        (skip, limit): (usize, usize),
        each: &mut dyn FnMut(&Found) -> Result<(), E>,
    ) -> Result<(), E> {
        let sight = Sight::readable(self, caller, collection)?;
        let (mut skip, mut left, mut after) = (skip, limit, None);
        while left > 0 {
            let listed = self.told_on(&sight, told, after, (skip, left.min(AT_ONCE)))?;
            left -= listed.rows.len();
            skip = 0;
            let mut unread = listed.rows.as_slice();
            while !unread.is_empty() {
                let (objects, _) = self.bodies(unread)?;
                let positions = objects.iter().map(|found| found.row.position);
                self.note_fetch(caller, sight.collection.number, positions);
                objects.iter().try_for_each(&mut *each)?;
                // A page that was full before its end goes on behind it; it is never empty.
                unread = unread.get(objects.len().max(1)..).unwrap_or_default();
            }
            after = listed.place;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Rows of a day, read in a state of their own: whoever takes long holds no old one.
    fn told_on(
        &self,
        sight: &Sight,
        told: &ToldDay,
        after: Option<i64>,
        part: (usize, usize),
    ) -> Result<ToldRows, Error> {
        let rows = Rows::open(&self.shared.store.read()?)?;
        let number = sight.collection.number;
        let place = (told.days, told.number);
        let sees = |rows: &Rows, added: i64, row: &Row| sight.sees(rows, added, row);
        Ok(rows.told_on(number, place, after, part, &sees)?)
    }
}
