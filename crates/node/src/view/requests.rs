//! The view `requests`: cases, their steps, and by party and date what waits.
//!
//! A case's row is written anew at each of its steps; what the steps say lies in rows of its own, so
//! that a step costs the same however long a case is.

mod told;
mod walk;

use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction,
};

use super::Kind;
use super::store::Error;
use super::tally::{self, Tallies, Tally};
use crate::account::Standing;
use crate::clock::{DAY, Instant};
use crate::directory::Directory;
use crate::entry::Entry;
use crate::request::{
    Case, Deadline, Evidence, Request, RequestStep, Role, State, Step, StepRecord, Verb,
};

pub(crate) use walk::Walk;

pub(crate) const KIND: Kind = Kind {
    name: "requests",
    version: 4,
};

/// Cases by the position of the entry that opened them.
const CASES: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("requests.cases");
/// Cases by the id of their request.
const IDS: TableDefinition<'static, &str, u64> = TableDefinition::new("requests.ids");
/// Steps by case and position.
const STEPS: TableDefinition<'static, (u64, u64), &[u8]> = TableDefinition::new("requests.steps");
/// The case of the step at a position.
const OWNERS: TableDefinition<'static, u64, u64> = TableDefinition::new("requests.owners");
/// Steps by case and idempotency key.
const KEYS: TableDefinition<'static, (u64, &[u8; 16]), u64> = TableDefinition::new("requests.keys");
/// Cases by the parties they are between; a draft is its sender's alone.
const PARTIES: TableDefinition<'static, (u32, u64), ()> = TableDefinition::new("requests.parties");
/// Cases by who may know of them besides the two sides: what was sent and is not marked RED by its
/// parties and under [`EVERYBODY`], what was ever before the steward under [`STEWARDS`], what began as a
/// draft under [`RUNNERS`].
const KNOWN: TableDefinition<'static, (u32, u64), ()> = TableDefinition::new("requests.known");
/// In the place of a party: everybody.
const EVERYBODY: u32 = u32::MAX - 1;
/// In the place of a party: who acts for the steward.
const STEWARDS: u32 = u32::MAX - 2;
/// In the place of a party: who runs the node, of what began as a draft.
const RUNNERS: u32 = u32::MAX - 3;
/// Cases by the party they wait for and by when; `i64::MAX` for those without a date.
const WAITING: TableDefinition<'static, (u32, i64, u64), ()> =
    TableDefinition::new("requests.waiting");
/// Cases that came before the steward and are open.
const STEWARD: TableDefinition<'static, u64, ()> = TableDefinition::new("requests.steward");
/// Cases by the idempotency key of their request.
const SENT: TableDefinition<'static, &[u8; 16], u64> = TableDefinition::new("requests.sent");
/// Cases by the digest of an attachment and the party that attached it.
const NAMED: TableDefinition<'static, (&[u8; 32], u32, u64), ()> =
    TableDefinition::new("requests.evidence");
/// Cases by the commitments to contacts that they keep.
const CONTACTS: TableDefinition<'static, &[u8; 32], u64> =
    TableDefinition::new("requests.contacts");
/// How many cases are open between two parties, the sender first; with [`DRAFTS`] its drafts.
const OPEN: TableDefinition<'static, (u32, u32), u32> = TableDefinition::new("requests.open");
/// How many requests a party made on a day (since 1970, UTC).
const DAILY: TableDefinition<'static, (u32, i64), u32> = TableDefinition::new("requests.daily");
/// In the place of a party to which nothing was sent yet.
const DRAFTS: u32 = u32::MAX;
/// Cases by when the node has to do something about them.
const DUE: TableDefinition<'static, (i64, u64), ()> = TableDefinition::new("requests.due");

pub(crate) fn create(write: &WriteTransaction) -> Result<(), Error> {
    write.open_table(CASES)?;
    write.open_table(IDS)?;
    write.open_table(STEPS)?;
    write.open_table(OWNERS)?;
    write.open_table(KEYS)?;
    write.open_table(PARTIES)?;
    write.open_table(KNOWN)?;
    write.open_table(WAITING)?;
    write.open_table(STEWARD)?;
    write.open_table(DUE)?;
    write.open_table(SENT)?;
    write.open_table(NAMED)?;
    write.open_table(CONTACTS)?;
    write.open_table(OPEN)?;
    write.open_table(DAILY)?;
    tally::create(write)
}

/// The view within one batch.
pub(crate) struct RequestsView<'t> {
    cases: Table<'t, u64, &'static [u8]>,
    ids: Table<'t, &'static str, u64>,
    steps: Table<'t, (u64, u64), &'static [u8]>,
    owners: Table<'t, u64, u64>,
    keys: Table<'t, (u64, &'static [u8; 16]), u64>,
    parties: Table<'t, (u32, u64), ()>,
    known: Table<'t, (u32, u64), ()>,
    waiting: Table<'t, (u32, i64, u64), ()>,
    steward: Table<'t, u64, ()>,
    due: Table<'t, (i64, u64), ()>,
    sent: Table<'t, &'static [u8; 16], u64>,
    named: Table<'t, (&'static [u8; 32], u32, u64), ()>,
    contacts: Table<'t, &'static [u8; 32], u64>,
    open: Table<'t, (u32, u32), u32>,
    daily: Table<'t, (u32, i64), u32>,
    tallies: Tallies<'t>,
    tally: Tally,
}

impl<'t> RequestsView<'t> {
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(RequestsView {
            cases: write.open_table(CASES)?,
            ids: write.open_table(IDS)?,
            steps: write.open_table(STEPS)?,
            owners: write.open_table(OWNERS)?,
            keys: write.open_table(KEYS)?,
            parties: write.open_table(PARTIES)?,
            known: write.open_table(KNOWN)?,
            waiting: write.open_table(WAITING)?,
            steward: write.open_table(STEWARD)?,
            due: write.open_table(DUE)?,
            sent: write.open_table(SENT)?,
            named: write.open_table(NAMED)?,
            contacts: write.open_table(CONTACTS)?,
            open: write.open_table(OPEN)?,
            daily: write.open_table(DAILY)?,
            tallies: Tallies::open(write)?,
            tally: Tally::default(),
        })
    }
}

impl RequestsView<'_> {
    /// A request is made.
    pub(crate) fn request(
        &mut self,
        position: u64,
        entry: &Entry<'_>,
        request: &Request,
        directory: &Directory,
    ) -> Result<(), Error> {
        if self.ids.get(request.id.as_str())?.is_some() {
            return Ok(());
        }
        let case = Case::open(position, entry.at, &entry.actor.account, request);
        self.ids.insert(request.id.as_str(), position)?;
        self.list(&case, directory)?;
        if let Some(key) = &request.key {
            self.sent.insert(key, position)?;
        }
        let from = directory.party_number(&request.from).unwrap_or(u32::MAX);
        let day = (from, entry.at.0.div_euclid(DAY));
        let made = self.daily.get(day)?.map_or(0, |row| row.value());
        self.daily.insert(day, made.saturating_add(1))?;
        self.name(from, position, &request.evidence)?;
        self.file(&case, directory)?;
        self.tally.note(None, &case, (entry.at, None), directory);
        self.keep(&case)
    }

    /// Enters a case where lists look for it: nowhere but where all of them may know of it, so that a
    /// list walks over nothing that its reader may not see.
    fn list(&mut self, case: &Case, directory: &Directory) -> Result<(), Error> {
        let (request, position) = (&case.request, case.position);
        let sides = [&request.from, &request.to].map(|party| directory.party_number(party));
        let known = if case.is_sent() { 2 } else { 1 };
        if !case.is_sent() {
            self.known.insert((RUNNERS, position), ())?;
        }
        for party in sides.into_iter().take(known).flatten() {
            self.parties.insert((party, position), ())?;
        }
        if case.is_named() {
            for place in sides.into_iter().flatten().chain([EVERYBODY]) {
                self.known.insert((place, position), ())?;
            }
        }
        if case.contested.is_some() || case.escalated.is_some() {
            self.known.insert((STEWARDS, position), ())?;
        }
        Ok(())
    }

    /// Notes who attached what.
    fn name(&mut self, party: u32, case: u64, evidence: &[Evidence]) -> Result<(), Error> {
        for one in evidence {
            self.named.insert((&one.sha256, party, case), ())?;
        }
        Ok(())
    }

    /// A step is taken.
    pub(crate) fn step(
        &mut self,
        position: u64,
        entry: &Entry<'_>,
        step: &RequestStep,
        directory: &Directory,
    ) -> Result<(), Error> {
        let Some(mut case) = self.case(&step.request)? else {
            return Ok(());
        };
        self.unfile(&case, directory)?;
        let (actor, before) = (&entry.actor, Standing::of(&case));
        let listed = (case.sent, case.contested, case.escalated);
        case.take(position, entry.at, &actor.account, step.by, &step.step);
        self.file(&case, directory)?;
        if listed != (case.sent, case.contested, case.escalated) {
            self.list(&case, directory)?;
        }
        let party = directory.party_number(&actor.party).unwrap_or(u32::MAX);
        self.name(party, case.position, step.step.evidence())?;
        let record = StepRecord {
            position,
            at: entry.at,
            party: actor.party.clone().into_owned(),
            account: actor.account.clone().into_owned(),
            role: step.by,
            key: step.key,
            state: case.state,
            step: step.step.clone(),
        };
        if let Ok(bytes) = postcard::to_stdvec(&record) {
            let key = (case.position, position);
            self.steps.insert(key, bytes.as_slice())?;
            self.owners.insert(position, case.position)?;
        }
        if let Some(key) = &step.key {
            self.keys.insert((case.position, key), position)?;
        }
        self.count(before, &case, position, step, directory)?;
        self.keep(&case)
    }

    /// Adds what a step changed to the account.
    fn count(
        &mut self,
        before: Option<Standing>,
        case: &Case,
        position: u64,
        step: &RequestStep,
        directory: &Directory,
    ) -> Result<(), Error> {
        if case.last != position {
            return Ok(());
        }
        let (at, verb) = (case.changed, step.step.verb());
        let answered = self.tally.note(before, case, (at, Some(verb)), directory);
        if answered && let Some(sent) = case.sent {
            let seconds = whole_seconds(sent, at) - self.paused(case)?;
            let to = directory.party_number(&case.request.to);
            self.tally.answered(case, at, seconds, to);
        }
        Ok(())
    }

    /// Seconds for which the recipient waited for the sender, as the times in the public log tell
    /// them.
    fn paused(&self, case: &Case) -> Result<i64, Error> {
        if case.paused == 0 {
            return Ok(0);
        }
        let (mut paused, mut since) = (0, None);
        for row in self.steps.range((case.position, 0)..)? {
            let (key, row) = row?;
            if key.value().0 != case.position {
                break;
            }
            let Ok(record) = postcard::from_bytes::<StepRecord>(row.value()) else {
                continue;
            };
            match record.step.verb() {
                Verb::Ask => since = Some(record.at),
                Verb::Answer => {
                    paused += since
                        .take()
                        .map_or(0, |since| whole_seconds(since, record.at));
                }
                _ => {}
            }
        }
        Ok(paused)
    }

    /// Writes what was gathered over the batch.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.tally.finish(&mut self.tallies)
    }

    /// A case by the id of its request.
    pub(crate) fn case(&self, id: &str) -> Result<Option<Case>, Error> {
        let Some(position) = self.ids.get(id)?.map(|row| row.value()) else {
            return Ok(None);
        };
        let row = self.cases.get(position)?;
        Ok(row.and_then(|row| postcard::from_bytes(row.value()).ok()))
    }

    /// The step of a case that was sent with a key.
    pub(crate) fn by_key(&self, case: &Case, key: &[u8; 16]) -> Result<Option<u64>, Error> {
        let row = self.keys.get((case.position, key))?;
        Ok(row.map(|row| row.value()))
    }

    /// The case whose request was sent with a key.
    pub(crate) fn sent_with(&self, key: &[u8; 16]) -> Result<Option<Case>, Error> {
        let Some(position) = self.sent.get(key)?.map(|row| row.value()) else {
            return Ok(None);
        };
        let row = self.cases.get(position)?;
        Ok(row.and_then(|row| postcard::from_bytes(row.value()).ok()))
    }

    /// The step that the entry at a position took in a case.
    pub(crate) fn step_at(&self, case: &Case, at: u64) -> Result<Option<StepRecord>, Error> {
        let row = self.steps.get((case.position, at))?;
        Ok(row.and_then(|row| postcard::from_bytes(row.value()).ok()))
    }

    /// The deadline that ran in a case before the step at a position.
    pub(crate) fn deadline_at(&self, case: &Case, at: u64) -> Result<Option<Deadline>, Error> {
        for row in self
            .steps
            .range((case.position, 0)..(case.position, at))?
            .rev()
        {
            let record = postcard::from_bytes::<StepRecord>(row?.1.value());
            if let Ok(Step::Send { deadline } | Step::Answer { deadline, .. }) =
                record.map(|record| record.step)
            {
                return Ok(Some(deadline));
            }
        }
        Ok(case.request.deadline.clone())
    }

    /// How many requests of one party to another are open; its drafts, when there is no other.
    pub(crate) fn open_between(&self, from: u32, to: Option<u32>) -> Result<u32, Error> {
        let row = self.open.get((from, to.unwrap_or(DRAFTS)))?;
        Ok(row.map_or(0, |row| row.value()))
    }

    /// How many requests a party made on the day of an instant.
    pub(crate) fn made_on(&self, from: u32, at: Instant) -> Result<u32, Error> {
        let row = self.daily.get((from, at.0.div_euclid(DAY)))?;
        Ok(row.map_or(0, |row| row.value()))
    }

    /// The request about which the node has to do something first, if that is by now.
    pub(crate) fn first_due(&self, now: Instant) -> Result<Option<Case>, Error> {
        let first = self.due.range(..=(now.0, u64::MAX))?.next().transpose()?;
        let Some(position) = first.map(|row| row.0.value().1) else {
            return Ok(None);
        };
        let row = self.cases.get(position)?;
        Ok(row.and_then(|row| postcard::from_bytes(row.value()).ok()))
    }

    fn keep(&mut self, case: &Case) -> Result<(), Error> {
        if let Ok(bytes) = postcard::to_stdvec(case) {
            self.cases.insert(case.position, bytes.as_slice())?;
        }
        Ok(())
    }

    /// Enters a case where it is looked for by date.
    fn file(&mut self, case: &Case, directory: &Directory) -> Result<(), Error> {
        if let Some(key) = waiting_keys(case, directory) {
            self.waiting.insert(key, ())?;
        }
        if case.is_before_steward() {
            self.steward.insert(case.position, ())?;
        }
        if let Some((at, _)) = case.next_due() {
            self.due.insert((at.0, case.position), ())?;
        }
        for mark in &case.contacts {
            self.contacts.insert(mark, case.position)?;
        }
        self.count_open(case, directory, 1)
    }

    /// Counts a case among the open ones, or no longer.
    fn count_open(&mut self, case: &Case, directory: &Directory, by: i32) -> Result<(), Error> {
        if let Some(key) = open_key(case, directory) {
            let known = self.open.get(key)?.map_or(0, |row| row.value());
            match known.saturating_add_signed(by) {
                0 => drop(self.open.remove(key)?),
                count => drop(self.open.insert(key, count)?),
            }
        }
        Ok(())
    }

    fn unfile(&mut self, case: &Case, directory: &Directory) -> Result<(), Error> {
        if let Some(key) = waiting_keys(case, directory) {
            self.waiting.remove(key)?;
        }
        self.steward.remove(case.position)?;
        if let Some((at, _)) = case.next_due() {
            self.due.remove((at.0, case.position))?;
        }
        for mark in &case.contacts {
            self.contacts.remove(mark)?;
        }
        self.count_open(case, directory, -1)
    }
}

/// Where a case is counted while it is open.
fn open_key(case: &Case, directory: &Directory) -> Option<(u32, u32)> {
    let from = directory.party_number(&case.request.from)?;
    match case.state {
        State::Draft => Some((from, DRAFTS)),
        State::Sent | State::Acknowledged | State::MoreInformation | State::Accepted => {
            Some((from, directory.party_number(&case.request.to)?))
        }
        _ => None,
    }
}

/// Seconds between two instants, each cut to the second.
fn whole_seconds(from: Instant, to: Instant) -> i64 {
    to.0.div_euclid(1_000_000) - from.0.div_euclid(1_000_000)
}

/// Whom a case waits for, and until when.
fn waiting_keys(case: &Case, directory: &Directory) -> Option<(u32, i64, u64)> {
    let (role, by) = case.waits_for()?;
    let party = match role {
        Role::Sender => &case.request.from,
        _ => &case.request.to,
    };
    let number = directory.party_number(party)?;
    Some((number, by.map_or(i64::MAX, |by| by.0), case.position))
}

/// The cases of one consistent state.
pub(crate) struct Cases {
    by_position: ReadOnlyTable<u64, &'static [u8]>,
    ids: ReadOnlyTable<&'static str, u64>,
    steps: ReadOnlyTable<(u64, u64), &'static [u8]>,
    owners: ReadOnlyTable<u64, u64>,
    parties: ReadOnlyTable<(u32, u64), ()>,
    known: ReadOnlyTable<(u32, u64), ()>,
    waiting: ReadOnlyTable<(u32, i64, u64), ()>,
    steward: ReadOnlyTable<u64, ()>,
    due: ReadOnlyTable<(i64, u64), ()>,
    named: ReadOnlyTable<(&'static [u8; 32], u32, u64), ()>,
    contacts: ReadOnlyTable<&'static [u8; 32], u64>,
}

impl Cases {
    pub(crate) fn open(read: &ReadTransaction) -> Result<Self, Error> {
        Ok(Cases {
            by_position: read.open_table(CASES)?,
            ids: read.open_table(IDS)?,
            steps: read.open_table(STEPS)?,
            owners: read.open_table(OWNERS)?,
            parties: read.open_table(PARTIES)?,
            known: read.open_table(KNOWN)?,
            waiting: read.open_table(WAITING)?,
            steward: read.open_table(STEWARD)?,
            due: read.open_table(DUE)?,
            named: read.open_table(NAMED)?,
            contacts: read.open_table(CONTACTS)?,
        })
    }

    /// The case that the entry at a position opened.
    pub(crate) fn at(&self, position: u64) -> Result<Option<Case>, Error> {
        let row = self.by_position.get(position)?;
        Ok(row.and_then(|row| postcard::from_bytes(row.value()).ok()))
    }

    /// A case by the id of its request.
    pub(crate) fn case(&self, id: &str) -> Result<Option<Case>, Error> {
        match self.ids.get(id)? {
            Some(position) => self.at(position.value()),
            None => Ok(None),
        }
    }

    /// The case that the entry at a position opened or took a step in.
    pub(crate) fn of_entry(&self, position: u64) -> Result<Option<Case>, Error> {
        let owner = self.owners.get(position)?.map(|row| row.value());
        self.at(owner.unwrap_or(position))
    }

    /// When the entry at a position opened a case or took a step in it.
    pub(crate) fn at_of(&self, case: &Case, position: u64) -> Result<Instant, Error> {
        let row = self.steps.get((case.position, position))?;
        let step = row.and_then(|row| postcard::from_bytes::<StepRecord>(row.value()).ok());
        Ok(step.map_or(case.opened, |step| step.at))
    }

    /// The steps of a case, oldest first.
    pub(crate) fn steps(&self, case: u64) -> Result<Vec<StepRecord>, Error> {
        let mut found = Vec::new();
        for row in self.steps.range((case, 0)..=(case, u64::MAX))? {
            found.extend(postcard::from_bytes(row?.1.value()).ok());
        }
        Ok(found)
    }

    /// The cases that wait for a party, the most urgent first, at most so many.
    pub(crate) fn waiting(&self, party: u32, limit: usize) -> Result<Vec<Case>, Error> {
        let mut found = Vec::new();
        let all = (party, i64::MIN, 0)..=(party, i64::MAX, u64::MAX);
        for row in self.waiting.range(all)?.take(limit) {
            let (_, _, position) = row?.0.value();
            found.extend(self.at(position)?);
        }
        Ok(found)
    }

    /// Whether an entry of this party, or of any, names an attachment.
    pub(crate) fn names(&self, digest: &[u8; 32], party: Option<u32>) -> Result<bool, Error> {
        let (first, last) = party.map_or((0, u32::MAX), |party| (party, party));
        let mut rows = self
            .named
            .range((digest, first, 0)..=(digest, last, u64::MAX))?;
        Ok(rows.next().transpose()?.is_some())
    }

    /// Whether a case still holds a commitment to a contact.
    pub(crate) fn remembers(&self, mark: &[u8; 32]) -> Result<bool, Error> {
        Ok(self.contacts.get(mark)?.is_some())
    }

    /// When the node has to do something next.
    pub(crate) fn next_due(&self) -> Result<Option<Instant>, Error> {
        let first = self.due.range::<(i64, u64)>(..)?.next().transpose()?;
        Ok(first.map(|row| Instant(row.0.value().0)))
    }
}
