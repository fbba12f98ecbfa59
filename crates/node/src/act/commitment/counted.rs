//! What the views have counted of a party in a period, for its indicators: numbers alone, of what
//! everybody may know that it happened.

use redb::ReadTransaction;

use crate::account::{Counts, Fate, Month};
use crate::act::Error;
use crate::act::account::AccountAt;
use crate::clock::{DAY, Instant};
use crate::commitment::indicator::{HONOURED_WITHIN, Inputs, Requests};
use crate::directory::COMPANION;
use crate::model::{FeedbackKind, Marking};
use crate::node::Node;
use crate::view::query::Rows;
use crate::view::row::Row;
use crate::view::tally::Side;
use crate::view::withdrawals::{self, Gone};

/// A party and a period, in microseconds since 1970, the end not included.
#[derive(Copy, Clone)]
pub(super) struct Of<'a> {
    pub(super) party: &'a str,
    pub(super) number: u32,
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) now: Instant,
}

impl Node {
    /// Fills in what follows from the views.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub(super) fn count_into(&self, of: Of<'_>, inputs: &mut Inputs) -> Result<(), Error> {
        let read = self.shared.store.read()?;
        let rows = Rows::open(&read)?;
        (inputs.withdrawals, inputs.honoured) = self.honoured(&read, &rows, of)?;
        let (first, last) = (
            Month::of(Instant(of.from)),
            Month::of(Instant(of.until.saturating_sub(1))),
        );
        let account = self.account(last)?;
        let shared = account.shared(Some(of.party))?;
        inputs.signals = shared.range(first..).map(|(_, one)| one.published).sum();
        let told = account.received_by(of.party)?.into_iter();
        let seen = told.filter(|(month, kind, _)| *month >= first && *kind == FeedbackKind::Seen);
        inputs.sightings = seen.map(|(_, _, count)| count).sum();
        inputs.requests = requests(&account, of.party, first)?;
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
            // Who acknowledges what it never had honours nothing.
            if !self.fetched_by(rows, &gone)?.contains_key(&of.number) {
                continue;
            }
            all += 1;
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

/// What became of requests to a party from a month on, as the public account has it. A month's figures
/// are changes: what stands unanswered at the end is the sum of all months up to it, and within the
/// period alone an old request that was answered would hide a new one that was not.
fn requests(account: &AccountAt, party: &str, first: Month) -> Result<Requests, Error> {
    let (mut counts, mut all) = (Counts::default(), Counts::default());
    for (month, one) in account.party(party, Side::Recipient)? {
        all.add(&one);
        if month >= first {
            counts.add(&one);
        }
    }
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    let mut requests = Requests {
        in_time: number(counts.fate(Fate::InTime)),
        late: number(counts.fate(Fate::Late)),
        unanswered: number(all.unanswered()),
        answers: Vec::new(),
    };
    for (month, spread) in account.times(Some(party))? {
        if month >= first {
            let seconds = spread
                .iter()
                .map(|(minutes, count)| (u64::from(minutes) * 60, count));
            requests.answers.extend(seconds);
        }
    }
    Ok(requests)
}
