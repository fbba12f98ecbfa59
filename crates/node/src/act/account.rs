//! The public account, read: figures that everybody may know, of one consistent state.
//!
//! What is marked RED is in [`Total`]s that say so, by month and kind alone. Whose signals others have
//! seen is told for all parties together; for one party only to what it promised to have measured.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use redb::ReadTransaction;

use crate::account::{Counts, Month, Spread};
use crate::act::Error;
use crate::directory::Directory;
use crate::model::FeedbackKind;
use crate::node::Node;
use crate::request::Case;
use crate::view::requests::Cases;
use crate::view::tally::EVERYBODY;
use crate::view::{account, feedback, tally};

pub use crate::view::tally::{Behind, Pair, Side, Total};

/// Entries of a page at most.
const MOST: usize = 200;
/// Entries looked at for one page.
const LOOK_BACK: usize = 20_000;

/// The account as at the end of a month.
pub struct AccountAt {
    read: ReadTransaction,
    directory: Arc<Directory>,
    through: Month,
}

/// What a party asked and was asked.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct PartyCounts {
    /// As the party that asks.
    pub sent: Counts,
    /// As the party that is asked.
    pub received: Counts,
}

/// Signals of a month.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Objects published, versions of one each for itself; RED aside.
    pub published: u64,
    /// Withdrawals.
    pub withdrawn: u64,
}

/// An entry behind a figure, and the case it belongs to.
#[derive(Clone, Debug)]
pub struct BehindEntry {
    /// The entry's position, by which its receipt is had.
    pub position: u64,
    /// The month in which it stands.
    pub month: Month,
    /// The case as it stands now; its words are left out.
    pub case: Case,
}

/// Which entries behind figures are listed.
#[derive(Clone, Debug)]
pub struct BehindQuery {
    /// The figure.
    pub figure: Behind,
    /// From this month on; from the beginning when absent.
    pub from: Option<Month>,
    /// Sent by this party, by its id.
    pub sender: Option<String>,
    /// Sent to this party, by its id.
    pub recipient: Option<String>,
    /// Before the entry at this position: where the page before ended.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl Node {
    /// The account as at the end of a month.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn account(&self, through: Month) -> Result<AccountAt, Error> {
        Ok(AccountAt {
            read: self.shared.store.read()?,
            directory: self.directory(),
            through,
        })
    }
}

#[expect(
    clippy::missing_errors_doc,
    reason = "all fail with Error::Storage alone"
)]
impl AccountAt {
    /// The month up to whose end it counts.
    pub fn through(&self) -> Month {
        self.through
    }

    /// The directory beside it.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Totals by month, kind, category and ground, the oldest month first.
    pub fn totals(&self) -> Result<Vec<Total>, Error> {
        Ok(tally::totals(&self.read, self.through)?)
    }

    /// What each party asked and was asked, by its number.
    pub fn parties(&self) -> Result<HashMap<u32, PartyCounts>, Error> {
        let mut parties: HashMap<u32, PartyCounts> = HashMap::new();
        for ((party, side), counts) in tally::parties(&self.read, self.through)? {
            let of = parties.entry(party).or_default();
            match side {
                Side::Sender => of.sent = counts,
                Side::Recipient => of.received = counts,
            }
        }
        Ok(parties)
    }

    /// What one party asked, or was asked, in each month.
    pub fn party(&self, party: &str, side: Side) -> Result<Vec<(Month, Counts)>, Error> {
        let Some(number) = self.directory.party_number(party) else {
            return Ok(Vec::new());
        };
        Ok(tally::of_party(&self.read, number, side, self.through)?)
    }

    /// Who asked whom for what: of one sender, one recipient, one of both, or all.
    pub fn pairs(&self, from: Option<&str>, to: Option<&str>) -> Result<Vec<Pair>, Error> {
        let number = |party: &str| self.directory.party_number(party).ok_or(());
        let numbers = (from.map(number).transpose(), to.map(number).transpose());
        let (Ok(from), Ok(to)) = numbers else {
            return Ok(Vec::new());
        };
        Ok(tally::pairs(&self.read, from, to, self.through)?)
    }

    /// Takedowns by the country in which they are to have effect; none for everywhere.
    pub fn effects(&self) -> Result<Vec<(Option<String>, Counts)>, Error> {
        Ok(tally::effects(&self.read, self.through)?)
    }

    /// Takedowns by their senders' numbers.
    pub fn removals(&self) -> Result<Vec<(u32, Counts)>, Error> {
        Ok(tally::removals(&self.read, self.through)?)
    }

    /// How long a party, or everybody together, took to answer in each month.
    pub fn times(&self, party: Option<&str>) -> Result<Vec<(Month, Spread)>, Error> {
        match self.number(party) {
            Some(number) => Ok(tally::times(&self.read, number, self.through)?),
            None => Ok(Vec::new()),
        }
    }

    /// Signals of a party, or of everybody together, by month.
    pub fn shared(&self, party: Option<&str>) -> Result<BTreeMap<Month, Shared>, Error> {
        let Some(number) = self.number(party) else {
            return Ok(BTreeMap::new());
        };
        let rows = account::shared(&self.read, number, self.through)?;
        let shared = rows.into_iter().map(|(month, published, withdrawn)| {
            let shared = Shared {
                published,
                withdrawn,
            };
            (month, shared)
        });
        Ok(shared.collect())
    }

    /// Signals of each party, by its number.
    pub fn shared_by_party(&self) -> Result<HashMap<u32, Shared>, Error> {
        let rows = account::shared_by_all(&self.read, self.through)?;
        let shared = rows.into_iter().map(|(party, (published, withdrawn))| {
            let shared = Shared {
                published,
                withdrawn,
            };
            (party, shared)
        });
        Ok(shared.collect())
    }

    /// How often everybody together was told each kind of thing of its signals by others, by month.
    pub fn received(&self) -> Result<Vec<(Month, FeedbackKind, u64)>, Error> {
        Ok(feedback::received(&self.read, EVERYBODY, self.through)?)
    }

    /// How often a party was told each kind of thing of its signals by others, by month. For what it
    /// promised to have measured: who else is told could tell whose signal somebody has seen.
    pub fn received_by(&self, party: &str) -> Result<Vec<(Month, FeedbackKind, u64)>, Error> {
        match self.directory.party_number(party) {
            Some(number) => Ok(feedback::received(&self.read, number, self.through)?),
            None => Ok(Vec::new()),
        }
    }

    /// The entries behind a figure, the newest first, and where the next page begins. What is marked
    /// RED is not among them.
    pub fn behind(&self, query: &BehindQuery) -> Result<(Vec<BehindEntry>, Option<u64>), Error> {
        let cases = Cases::open(&self.read)?;
        let limit = query.limit.clamp(1, MOST);
        let months = (query.from.unwrap_or(Month(0)), self.through);
        let (mut found, mut next, mut room) = (Vec::new(), None, LOOK_BACK);
        let before = query.before.unwrap_or(u64::MAX);
        tally::behind(&self.read, query.figure, months, before, |entry| {
            room -= 1;
            let is = |wanted: &Option<String>, party: &String| {
                wanted.as_ref().is_none_or(|wanted| wanted == party)
            };
            if let Some(mut case) = cases.at(entry.case)?
                && case.is_named()
                && is(&query.sender, &case.request.from)
                && is(&query.recipient, &case.request.to)
            {
                if found.len() == limit {
                    next = found.last().map(|last: &BehindEntry| last.position);
                    return Ok(false);
                }
                case.hide_words();
                found.push(BehindEntry {
                    position: entry.position,
                    month: entry.month,
                    case,
                });
            }
            if room == 0 {
                next = Some(entry.position);
            }
            Ok(room > 0)
        })?;
        Ok((found, next))
    }

    fn number(&self, party: Option<&str>) -> Option<u32> {
        match party {
            Some(party) => self.directory.party_number(party),
            None => Some(EVERYBODY),
        }
    }
}
