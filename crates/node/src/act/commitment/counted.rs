//! What the views have counted of a party in a period, for its indicators: numbers alone, of what
//! everybody may know that it happened.

use redb::ReadTransaction;

use crate::act::Error;
use crate::clock::Instant;
use crate::commitment::indicator::{HONOURED_WITHIN, Inputs, Requests};
use crate::directory::COMPANION;
use crate::model::{FeedbackKind, Marking};
use crate::node::Node;
use crate::request::{Case, Outcome, State};
use crate::view::feedback::Items;
use crate::view::object_key;
use crate::view::query::Rows;
use crate::view::requests::Cases;
use crate::view::row::Row;
use crate::view::withdrawals::{self, Gone};

const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;

/// A party and a period, in microseconds since 1970, the end not included.
#[derive(Copy, Clone)]
pub(super) struct Of<'a> {
    pub(super) party: &'a str,
    pub(super) number: u32,
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) now: Instant,
}

impl Of<'_> {
    fn has(&self, at: i64) -> bool {
        (self.from..self.until).contains(&at)
    }
}

impl Node {
    /// Fills in what follows from the views.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub(super) fn count_into(&self, of: Of<'_>, inputs: &mut Inputs) -> Result<(), Error> {
        let read = self.shared.store.read()?;
        let rows = Rows::open(&read)?;
        let days = (day_of(of.from), day_of(of.until));
        for (collection, _) in self.directory().collections() {
            inputs.signals += rows.told_between(collection, of.number, days)?;
        }
        inputs.sightings = sightings(&read, &rows, of)?;
        inputs.requests = requests(&read, of)?;
        (inputs.withdrawals, inputs.honoured) = self.honoured(&read, &rows, of)?;
        Ok(())
    }

    /// Withdrawals of others in the period that were the party's to honour and are old enough to judge,
    /// and those among them that it acknowledged in time.
    fn honoured(
        &self,
        read: &ReadTransaction,
        rows: &Rows,
        of: Of<'_>,
    ) -> Result<(u64, u64), Error> {
        let (mut all, mut honoured) = (0, 0);
        for (position, gone) in withdrawals::between(read, of.from, of.until)? {
            let judged_at = gone.at.saturating_add(HONOURED_WITHIN * DAY);
            if gone.party == of.number || judged_at > of.now.0 || !self.is_open(rows, &gone)? {
                continue;
            }
            let acknowledged = withdrawals::acknowledged(read, position)?;
            let by = acknowledged.iter().find(|(party, _)| *party == of.number);
            let concerned = by.is_some() || self.fetched_by(rows, &gone)?.contains_key(&of.number);
            all += u64::from(concerned);
            honoured += u64::from(by.is_some_and(|(_, at)| *at <= judged_at));
        }
        Ok((all, honoured))
    }

    /// Whether everybody may know that there was a withdrawal, and that the party had fetched what is
    /// gone: its leaf is open, and it was confined to no circle, whose members are nobody else's business.
    fn is_open(&self, rows: &Rows, gone: &Gone) -> Result<bool, Error> {
        let number = if gone.revoked {
            gone.collection
        } else {
            gone.collection | COMPANION
        };
        let directory = self.directory();
        let settings = directory.collection_number(gone.collection);
        if settings.is_none_or(|settings| settings.circle.is_some()) {
            return Ok(false);
        }
        let row = rows.row(number, gone.at)?;
        let is_open = |row: Row| row.marking != Marking::Red && row.audience().circle == 0;
        Ok(row.is_some_and(is_open))
    }
}

/// Days since 1970.
fn day_of(micros: i64) -> u32 {
    u32::try_from(micros.div_euclid(DAY)).unwrap_or(0)
}

/// Sightings by others of the party's signals that are not marked RED, told in the period.
fn sightings(read: &ReadTransaction, rows: &Rows, of: Of<'_>) -> Result<u64, Error> {
    let mut seen = 0;
    let items = Items::open(read)?;
    items.told::<Error>(Some(of.number), None, |_, item| {
        if item.at.0 >= of.until {
            return Ok(false);
        }
        if !of.has(item.at.0) || item.author == of.party || item.said.kind != FeedbackKind::Seen {
            return Ok(true);
        }
        let Some(key) = object_key(&item.said.signal) else {
            return Ok(true);
        };
        for told in item.said.to.iter().filter(|told| told.party == of.party) {
            let versions = rows.versions(key, told.collection)?;
            if versions.iter().any(|v| v.row.marking != Marking::Red) {
                seen += 1;
                break;
            }
        }
        Ok(true)
    })?;
    Ok(seen)
}

/// Requests that the party was sent in the period.
fn requests(read: &ReadTransaction, of: Of<'_>) -> Result<Requests, Error> {
    let mut requests = Requests::default();
    let cases = Cases::open(read)?;
    cases.newest::<Error>(Some(of.number), u64::MAX, |case| {
        if case.request.to == of.party && case.sent.is_some_and(|sent| of.has(sent.0)) {
            count(&case, of.now, &mut requests);
        }
        // No case is sent before it is opened.
        Ok(case.opened.0 >= of.from || case.sent.is_none_or(|sent| sent.0 >= of.from))
    })?;
    Ok(requests)
}

fn count(case: &Case, now: Instant, requests: &mut Requests) {
    if let Some(micros) = case.answer_time() {
        let seconds = u64::try_from(micros / SECOND).unwrap_or(0);
        requests.answers.push((seconds, 1));
        let in_time = case.in_time;
        requests.in_time += u64::from(in_time);
        requests.late += u64::from(!in_time);
        return;
    }
    let due = case.deadline.as_ref().map(|deadline| deadline.answer_by);
    let waits = matches!(case.state, State::Sent | State::Acknowledged);
    let is_over = due.is_some_and(|due| due < now) && waits;
    requests.unanswered += u64::from(case.outcome == Outcome::Unanswered || is_over);
}
