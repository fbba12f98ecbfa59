//! What was told on each day: for each collection, day and audience how many objects and
//! when that last changed, so that a feed of events by day costs no walk over rows.
//!
//! An object stands on the day on which its first version for an audience came into the collection,
//! once for each audience that its versions have: whoever sees several of them may count it twice, and
//! nobody too few. A new version or a withdrawal counts as a change of these days.

use std::collections::HashMap;
use std::sync::LazyLock;

use redb::{ReadableTable as _, Table, TableDefinition, WriteTransaction};

use super::row::{ObjectKey, type_code};
use super::store::Error;
use crate::clock::DAY;
use crate::model::Marking;
use crate::policy::Audience;

/// Collection, day since 1970, publisher, marking, circle.
pub(crate) type DayKey = (u32, u32, u32, u8, u32);
/// Objects, and the instant of the last change in microseconds.
pub(crate) type DayValue = (u64, i64);

pub(crate) const DAYS: TableDefinition<'static, DayKey, DayValue> =
    TableDefinition::new("objects.days");

/// The types whose objects say values: indicators, vulnerabilities and observables (STIX 2.1 §6).
const TOLD: [&str; 20] = [
    "indicator",
    "vulnerability",
    "artifact",
    "autonomous-system",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "file",
    "ipv4-addr",
    "ipv6-addr",
    "mac-addr",
    "mutex",
    "network-traffic",
    "process",
    "software",
    "url",
    "user-account",
    "windows-registry-key",
    "x509-certificate",
];

static CODES: LazyLock<[u32; TOLD.len()]> = LazyLock::new(|| TOLD.map(type_code));

/// Whether objects of the type with this code are told in events.
pub(crate) fn is_told(kind: u32) -> bool {
    CODES.contains(&kind)
}

/// The first instant of a day, and of the next.
pub(crate) fn bounds(day: u32) -> (i64, i64) {
    let start = i64::from(day) * DAY;
    (start, start + DAY)
}

/// What one publisher told on one day, as far as a caller sees.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Days since 1970.
    pub(crate) day: u32,
    /// The party's number in the directory.
    pub(crate) publisher: u32,
    pub(crate) objects: u64,
    /// When any of it last changed, in microseconds.
    pub(crate) changed: i64,
    /// The most restrictive marking among it.
    pub(crate) marking: Marking,
}

/// The day on which an object stands, and for whom.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct DayOf {
    pub(crate) day: u32,
    pub(crate) audience: Audience,
}

impl DayOf {
    /// By when its first version for an audience was added.
    pub(crate) fn of(first_added: i64, audience: Audience) -> Self {
        DayOf {
            day: u32::try_from(first_added.div_euclid(DAY)).unwrap_or(0),
            audience,
        }
    }
}

/// The table within one batch.
#[expect(
    clippy::struct_field_names,
    reason = "the table has the name of the view"
)]
pub(crate) struct Days<'t> {
    days: Table<'t, DayKey, DayValue>,
    /// Changes that [`Days::finish`] writes: many objects, few rows.
    changes: HashMap<DayKey, (i64, i64)>,
    /// Collections and days of which everything counts as changed at an instant.
    touched: Vec<(u32, u32, i64)>,
}

impl<'t> Days<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(Days {
            days: write.open_table(DAYS)?,
            changes: HashMap::new(),
            touched: Vec::new(),
        })
    }

    /// Records that an object changed at an instant, and where it stood before and after.
    pub(crate) fn change(
        &mut self,
        collection: u32,
        object: ObjectKey,
        (before, after): (&[DayOf], &[DayOf]),
        at: i64,
    ) {
        if !is_told(object.kind) {
            return;
        }
        let before = before.iter().map(|day| (day, -1));
        for (DayOf { day, audience }, by) in before.chain(after.iter().map(|day| (day, 1))) {
            let Audience {
                marking,
                publisher,
                circle,
            } = *audience;
            let key = (collection, *day, publisher, marking as u8, circle);
            let (count, changed) = self.changes.entry(key).or_default();
            *count += by;
            *changed = at.max(*changed);
        }
    }

    /// Records that something that was told on a day was erased: of an object that is gone from the
    /// journal nothing else tells that it ever changed anything.
    pub(crate) fn touch(&mut self, collection: u32, day: u32, at: i64) {
        self.touched.push((collection, day, at));
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        for (key, (by, at)) in self.changes {
            let (count, changed) = self.days.get(key)?.map_or((0, 0), |value| value.value());
            let after = (count.saturating_add_signed(by), changed.max(at));
            self.days.insert(key, after)?;
        }
        for (collection, day, at) in self.touched {
            let (low, high) = ((0, 0, 0), (u32::MAX, u8::MAX, u32::MAX));
            let range =
                (collection, day, low.0, low.1, low.2)..=(collection, day, high.0, high.1, high.2);
            let mut rows = Vec::new();
            for row in self.days.range(range)? {
                let (key, value) = row?;
                rows.push((key.value(), value.value()));
            }
            for (key, (count, changed)) in rows {
                self.days.insert(key, (count, changed.max(at)))?;
            }
        }
        Ok(())
    }
}
