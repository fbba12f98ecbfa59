//! What cases add up to: tables of the view `requests`, brought up to date by what each entry changes,
//! so that an account costs no walk over cases.
//!
//! All of it is filed under the month of the entry. What is marked RED is in the totals of its month
//! and kind, and nowhere else.

mod read;

use std::collections::HashMap;

use redb::{ReadableTable as _, Table, TableDefinition, WriteTransaction};

use super::store::Error;
use crate::account::counts::happened;
use crate::account::{Counts, Event, Fate, Month, Spread, Standing};
use crate::clock::Instant;
use crate::directory::Directory;
use crate::request::{Case, GroundKind, Kind, Verb};

pub use read::{Pair, Total};
pub(crate) use read::{behind, effects, of_party, pairs, parties, removals, times, totals};

/// Month, kind, category, kind of ground; the last two are [`UNNAMED`] for what is marked RED.
type TotalKey = (u16, u8, u8, u8);
/// Party, role, month.
type PartyKey = (u32, u8, u16);
/// Sender, recipient, kind, month.
type PairKey = (u32, u32, u8, u16);

const TOTALS: TableDefinition<'static, TotalKey, &[u8]> = TableDefinition::new("requests.totals");
const OF_PARTIES: TableDefinition<'static, PartyKey, &[u8]> =
    TableDefinition::new("requests.of_parties");
const PAIRS: TableDefinition<'static, PairKey, &[u8]> = TableDefinition::new("requests.pairs");
/// Recipient and sender of each pair.
const ASKED: TableDefinition<'static, (u32, u32), ()> = TableDefinition::new("requests.asked");
/// Of takedowns: the country of effect (0 for everywhere) and the month.
const EFFECTS: TableDefinition<'static, (u16, u16), &[u8]> =
    TableDefinition::new("requests.effects");
/// Of takedowns: the sender and the month.
const REMOVALS: TableDefinition<'static, (u32, u16), &[u8]> =
    TableDefinition::new("requests.removals");
/// Answers: recipient, or [`EVERYBODY`], month, minutes.
const TIMES: TableDefinition<'static, (u32, u16, u32), u64> =
    TableDefinition::new("requests.times");
/// The entries behind a figure: figure, month, position; and the case.
const BEHIND: TableDefinition<'static, (u8, u16, u64), u64> =
    TableDefinition::new("requests.behind");

/// Stands for the category and ground of what is marked RED.
const UNNAMED: u8 = u8::MAX;
/// Stands for all parties together.
pub(crate) const EVERYBODY: u32 = u32::MAX;
/// What stands before a fate where entries behind figures are filed.
const FATE: u8 = 0x40;

/// The side on which a party stands in a request.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Side {
    /// It asked.
    Sender = 0,
    /// It was asked.
    Recipient = 1,
}

/// What entries are listed behind.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Those by which this happened.
    Event(Event),
    /// Those by which a request came to stand so.
    Fate(Fate),
}

impl Behind {
    fn code(self) -> u8 {
        match self {
            Behind::Event(event) => event as u8,
            Behind::Fate(fate) => FATE | fate as u8,
        }
    }
}

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(TOTALS)?;
    write.open_table(OF_PARTIES)?;
    write.open_table(PAIRS)?;
    write.open_table(ASKED)?;
    write.open_table(EFFECTS)?;
    write.open_table(REMOVALS)?;
    write.open_table(TIMES)?;
    write.open_table(BEHIND)?;
    Ok(())
}

/// What a batch changes, written at its end: many entries, few rows.
#[derive(Default)]
pub(crate) struct Tally {
    totals: HashMap<TotalKey, Counts>,
    parties: HashMap<PartyKey, Counts>,
    pairs: HashMap<PairKey, Counts>,
    effects: HashMap<(u16, u16), Counts>,
    removals: HashMap<(u32, u16), Counts>,
    times: HashMap<(u32, u16, u32), u64>,
    behind: Vec<((u8, u16, u64), u64)>,
}

impl Tally {
    /// Notes what an entry changed about a case; gives whether it was its first answer.
    pub(crate) fn note(
        &mut self,
        before: Option<Standing>,
        case: &Case,
        (at, verb): (Instant, Option<Verb>),
        directory: &Directory,
    ) -> bool {
        let Some(after) = Standing::of(case) else {
            return false;
        };
        let counts = Counts::of_change(before, after, verb);
        if counts.is_empty() {
            return false;
        }
        let (month, request) = (Month::of(at).0, &case.request);
        let kind = request.kind as u8;
        let named = case.is_named();
        let (category, ground) = if named {
            let ground = request.ground.as_ref().map(|ground| ground.kind);
            (request.category as u8, ground_code(ground))
        } else {
            (UNNAMED, UNNAMED)
        };
        let total = (month, kind, category, ground);
        self.totals.entry(total).or_default().add(&counts);
        if !named {
            return false;
        }
        for event in happened(before, after, verb) {
            let key = (Behind::Event(event).code(), month, case.last);
            self.behind.push((key, case.position));
        }
        if before.is_none_or(|before| before.fate != after.fate) {
            let key = (Behind::Fate(after.fate).code(), month, case.last);
            self.behind.push((key, case.position));
        }
        let number = |party: &str| directory.party_number(party);
        if let (Some(from), Some(to)) = (number(&request.from), number(&request.to)) {
            for key in [
                (from, Side::Sender as u8, month),
                (to, Side::Recipient as u8, month),
            ] {
                self.parties.entry(key).or_default().add(&counts);
            }
            let pair = (from, to, kind, month);
            self.pairs.entry(pair).or_default().add(&counts);
            if request.kind == Kind::Takedown {
                let removal = self.removals.entry((from, month));
                removal.or_default().add(&counts);
            }
        }
        if request.kind == Kind::Takedown {
            let country = country_code(request.country.as_deref());
            let effect = self.effects.entry((country, month));
            effect.or_default().add(&counts);
        }
        let answers = |fate| matches!(fate, Fate::InTime | Fate::Late);
        answers(after.fate) && before.is_some_and(|before| !answers(before.fate))
    }

    /// Notes how long the recipient of a case took to answer it.
    pub(crate) fn answered(&mut self, case: &Case, at: Instant, seconds: i64, to: Option<u32>) {
        if !case.is_named() {
            return;
        }
        let (month, minutes) = (Month::of(at).0, Spread::minutes(seconds));
        for party in to.into_iter().chain([EVERYBODY]) {
            *self.times.entry((party, month, minutes)).or_default() += 1;
        }
    }

    /// Writes what was noted.
    pub(crate) fn finish(self, write: &mut Tallies<'_>) -> Result<(), Error> {
        for (from, to, ..) in self.pairs.keys() {
            write.asked.insert((*to, *from), ())?;
        }
        add(&mut write.totals, self.totals)?;
        add(&mut write.parties, self.parties)?;
        add(&mut write.pairs, self.pairs)?;
        add(&mut write.effects, self.effects)?;
        add(&mut write.removals, self.removals)?;
        for (key, answers) in self.times {
            let known = write.times.get(key)?.map_or(0, |row| row.value());
            write.times.insert(key, known + answers)?;
        }
        for (key, case) in self.behind {
            write.behind.insert(key, case)?;
        }
        Ok(())
    }
}

/// The tables within one batch.
pub(crate) struct Tallies<'t> {
    totals: Table<'t, TotalKey, &'static [u8]>,
    parties: Table<'t, PartyKey, &'static [u8]>,
    pairs: Table<'t, PairKey, &'static [u8]>,
    asked: Table<'t, (u32, u32), ()>,
    effects: Table<'t, (u16, u16), &'static [u8]>,
    removals: Table<'t, (u32, u16), &'static [u8]>,
    times: Table<'t, (u32, u16, u32), u64>,
    behind: Table<'t, (u8, u16, u64), u64>,
}

impl<'t> Tallies<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(Tallies {
            totals: write.open_table(TOTALS)?,
            parties: write.open_table(OF_PARTIES)?,
            pairs: write.open_table(PAIRS)?,
            asked: write.open_table(ASKED)?,
            effects: write.open_table(EFFECTS)?,
            removals: write.open_table(REMOVALS)?,
            times: write.open_table(TIMES)?,
            behind: write.open_table(BEHIND)?,
        })
    }
}

fn add<K>(table: &mut Table<'_, K, &'static [u8]>, changes: HashMap<K, Counts>) -> Result<(), Error>
where
    K: redb::Key + for<'k> redb::Value<SelfType<'k> = K> + 'static + Copy,
{
    for (key, counts) in changes {
        let mut all = table
            .get(key)?
            .map_or_else(Counts::default, |row| counts_of(row.value()));
        all.add(&counts);
        if let Ok(bytes) = postcard::to_stdvec(&all) {
            table.insert(key, bytes.as_slice())?;
        }
    }
    Ok(())
}

fn counts_of(bytes: &[u8]) -> Counts {
    postcard::from_bytes(bytes).unwrap_or_default()
}

fn ground_code(ground: Option<GroundKind>) -> u8 {
    ground.map_or(0, |ground| ground as u8 + 1)
}

/// Two letters as a number; 0 for none.
fn country_code(country: Option<&str>) -> u16 {
    match country.map(str::as_bytes) {
        Some([first, second]) => u16::from_be_bytes([*first, *second]),
        _ => 0,
    }
}
