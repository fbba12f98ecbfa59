//! Computed indicators: what the journal shows of a party in a period.

use jiff::civil::Date;

use super::counted::Of;
use crate::act::Error;
use crate::clock::Instant;
use crate::commitment::indicator::{self, Indicator, Inputs, Reading};
use crate::commitment::security_txt;
use crate::directory::Directory;
use crate::node::Node;
use crate::policy::Caller;

/// Days of a period at most: ten years.
const MOST_DAYS: i32 = 3660;

impl Node {
    /// The value of an indicator for a party in the whole months between two days, both included.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown party; [`Error::Invalid`] for a period that begins after it
    /// ends, or is too long; [`Error::Storage`].
    pub(crate) fn reading(
        &self,
        party: &str,
        indicator: Indicator,
        from: Date,
        to: Date,
    ) -> Result<Reading, Error> {
        let (from, to) = (from.first_of_month(), to.last_of_month());
        let inputs = self.inputs(party, from, to)?;
        Ok(indicator::read(indicator, from, to, &inputs))
    }

    /// The values of the indicators that a caller may know of a party, in the whole months between two
    /// days, both included.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown party; [`Error::Invalid`] for a period that begins after it
    /// ends, or is too long; [`Error::Storage`].
    pub fn readings(
        &self,
        caller: &Caller,
        party: &str,
        from: Date,
        to: Date,
    ) -> Result<Vec<Reading>, Error> {
        let (from, to) = (from.first_of_month(), to.last_of_month());
        let inputs = self.inputs(party, from, to)?;
        let (directory, viewer) = (self.directory(), self.viewer(caller));
        let seen = Indicator::ALL
            .iter()
            .filter(|one| viewer.sees_indicator(&directory, party, **one));
        Ok(seen
            .map(|one| indicator::read(*one, from, to, &inputs))
            .collect())
    }

    /// What was counted of a party in a period.
    fn inputs(&self, party: &str, from: Date, to: Date) -> Result<Inputs, Error> {
        let directory = self.directory();
        directory
            .register()
            .party(party)
            .ok_or(Error::NotFound("party"))?;
        let days = to.since(from).map_or(-1, |span| span.get_days());
        if !(0..=MOST_DAYS).contains(&days) {
            return Err(Error::Invalid(format!(
                "a period begins before it ends, and has at most {MOST_DAYS} days"
            )));
        }
        let now = directory.commitments().now(self.now());
        let (days, proved_days, security_days) = by_day(&directory, party, (from, to), now);
        let mut inputs = Inputs {
            days,
            proved_days,
            security_days,
            ..Inputs::default()
        };
        let number = directory.party_number(party);
        let before = from.yesterday().map(Instant::end_of);
        if let (Some(number), Ok(before)) = (number, before) {
            let of = Of {
                party,
                number,
                from: before.0,
                until: Instant::end_of(to).0,
                now,
            };
            self.count_into(of, &mut inputs)?;
        }
        Ok(inputs)
    }
}

/// Of the days of a period that are over: how many, at how many ends a domain was proved, and at how
/// many a security.txt was valid.
fn by_day(
    directory: &Directory,
    party: &str,
    (from, to): (Date, Date),
    now: Instant,
) -> (u64, u64, u64) {
    let (mut days, mut proved, mut valid) = (0, 0, 0);
    let mut day = from;
    while day <= to {
        // The last microsecond of the day.
        let end = Instant(Instant::end_of(day).0 - 1);
        if end > now {
            break;
        }
        days += 1;
        proved += u64::from(directory.identities().has_proved_domain(party, end));
        let mut files = directory.commitments().security_txt_of(party);
        let identities = directory.identities();
        // What stands on a domain says something of the party while the domain is proved to be its own.
        valid += u64::from(files.any(|(domain, seen)| {
            security_txt::is_valid(seen, end) && identities.has_proved(party, domain, end)
        }));
        let Ok(next) = day.tomorrow() else {
            break;
        };
        day = next;
    }
    (days, proved, valid)
}
