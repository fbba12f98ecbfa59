//! Feedback: what parties know of each other's signals, told to who published them.

use std::collections::HashSet;

use bytes::Bytes;
use redb::ReadTransaction;

use crate::act::Error;
use crate::act::read::{object_id, sees};
use crate::clock::Instant;
use crate::directory::Directory;
use crate::feedback::{LONGEST_EXPLANATION, MOST_SIGHTINGS};
use crate::model::{Feedback, FeedbackKind};
use crate::node::Node;
use crate::policy::{Caller, FeedbackSight, Viewer};
use crate::view::feedback::{Item, Items};
use crate::view::object_key;
use crate::view::query::{Query, Rows, Versions};
use crate::view::row::{ObjectKey, Row};
use crate::writer::Ask;

/// How far a sighting may lie ahead of the node's clock, in microseconds: clocks differ.
const AHEAD: i64 = 3600 * 1_000_000;
/// What no sighting can be of (STIX 2.1 §5.2.1).
const UNSEEN: [&str; 5] = [
    "relationship",
    "sighting",
    "bundle",
    "marking-definition",
    "language-content",
];
/// Items on a signal that are told, the newest.
const TOLD: usize = 1000;
/// Items on a signal that are looked at: those that are for others tell nothing by being many.
const LOOK_BACK: usize = 20_000;
/// Items of an inbox that are looked at for one page.
const LOOK_AHEAD: usize = 10_000;

/// What is to be said of a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFeedback {
    /// What is said.
    pub kind: FeedbackKind,
    /// How often it was seen; once when absent. For sightings alone.
    pub count: Option<u32>,
    /// When it was seen first. For sightings alone.
    pub first_seen: Option<Instant>,
    /// When it was seen last. For sightings alone.
    pub last_seen: Option<Instant>,
    /// A few words of explanation.
    pub explanation: Option<String>,
}

/// What a party says of a signal.
#[derive(Clone, Debug)]
pub struct FeedbackItem {
    /// The position of its entry: where an inbox goes on after it.
    pub position: u64,
    /// When it was said.
    pub at: Instant,
    /// The id of the party that says it.
    pub author: String,
    /// That party's name.
    pub author_name: String,
    /// The signal's STIX id.
    pub signal: String,
    /// What is said.
    pub kind: FeedbackKind,
    /// How often it was seen; 0 for what is no sighting.
    pub count: u32,
    /// When it was seen first, if that is told.
    pub first_seen: Option<Instant>,
    /// When it was seen last, if that is told.
    pub last_seen: Option<Instant>,
    /// The words of explanation.
    pub explanation: Option<String>,
    /// The STIX id of the sighting or opinion that says so, when it was published as one.
    pub object: Option<String>,
    row: Option<Row>,
}

/// How many say what, as far as one may know.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedbackCounts {
    /// Who has seen it.
    pub seen: u64,
    /// How often all of these have.
    pub sightings: u64,
    /// Who says that it is not malicious.
    pub not_malicious: u64,
    /// Who disagrees.
    pub disagree: u64,
    /// Who agrees.
    pub agree: u64,
}

/// What is said of one signal.
#[derive(Clone, Debug, Default)]
pub struct SignalFeedback {
    /// Of all that the caller may know of.
    pub counts: FeedbackCounts,
    /// What the caller sees whole, newest first.
    pub items: Vec<FeedbackItem>,
}

/// A page of what a party is told, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    /// The items.
    pub items: Vec<FeedbackItem>,
    /// The position after which the next page begins; none when there is nothing yet.
    pub next: Option<u64>,
    /// Whether more may follow now.
    pub more: bool,
}

impl Node {
    /// Says what the caller's party knows of a signal that it sees; those who published it are
    /// told. On `Ok` it is durable.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller sees no such signal; [`Error::Refused`],
    /// [`Error::Invalid`].
    pub async fn give_feedback(
        &self,
        caller: &Caller,
        signal: &str,
        new: NewFeedback,
    ) -> Result<FeedbackItem, Error> {
        self.viewer(caller).signed_in()?;
        let said = checked(signal, new, self.now())?;
        let asked = caller.clone();
        let position = self
            .ask(|reply| Ask::Feedback {
                caller: asked,
                said,
                reply,
            })
            .await?;
        let given = self.listen(caller, |listener| listener.item(position))?;
        given.ok_or_else(|| Error::Storage(format!("feedback {position} is not in the view")))
    }

    /// What is said of a signal, as far as the caller may know.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller sees no such signal.
    pub fn feedback_on(&self, caller: &Caller, signal: &str) -> Result<SignalFeedback, Error> {
        let key = object_key(signal).ok_or(Error::NotFound("object"))?;
        self.listen(caller, |listener| {
            if !listener.sees_signal(key)? {
                return Err(Error::NotFound("object"));
            }
            listener.on(key)
        })
    }

    /// What the caller's party is told by others, in the order it was said, from after a position
    /// on. The operator is told everything.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn feedback_told(
        &self,
        caller: &Caller,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Inbox, Error> {
        self.feedback_told_until(caller, after, None, limit)
    }

    /// The same, and nothing from a position on.
    pub(super) fn feedback_told_until(
        &self,
        caller: &Caller,
        after: Option<u64>,
        end: Option<u64>,
        limit: usize,
    ) -> Result<Inbox, Error> {
        self.listen(caller, |listener| {
            listener.viewer.signed_in()?;
            listener.told(after, end, limit)
        })
    }

    /// Runs `ask` on what a caller may know now.
    fn listen<T>(
        &self,
        caller: &Caller,
        ask: impl FnOnce(&Listener<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (viewer, directory) = (self.viewer(caller), self.directory());
        let read = self.shared.store.read()?;
        ask(&Listener::new(&viewer, &directory, &read)?)
    }

    /// The STIX sighting or opinion that an item stands for, byte for byte; none when it was given
    /// as feedback alone.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn feedback_object(&self, item: &FeedbackItem) -> Result<Option<Bytes>, Error> {
        item.row.as_ref().map(|row| self.body(row)).transpose()
    }
}

/// Checks what is to be said, as far as that depends on nothing else.
fn checked(signal: &str, new: NewFeedback, now: Instant) -> Result<Feedback, Error> {
    let invalid = |words: String| Err(Error::Invalid(words));
    let seen = new.kind == FeedbackKind::Seen;
    if !seen && (new.count.is_some() || new.first_seen.is_some() || new.last_seen.is_some()) {
        return invalid("count, first_seen and last_seen are for 'seen' alone".into());
    }
    if new.count.is_some_and(|n| n == 0 || n > MOST_SIGHTINGS) {
        return invalid(format!("count: 1 to {MOST_SIGHTINGS}"));
    }
    let type_name = signal.split("--").next().unwrap_or_default();
    if seen && UNSEEN.contains(&type_name) {
        return invalid(format!(
            "a {type_name} cannot be seen: give an opinion on it"
        ));
    }
    for (name, time) in [("first_seen", new.first_seen), ("last_seen", new.last_seen)] {
        if time.is_some_and(|time| time.0 > now.0 + AHEAD) {
            return invalid(format!("{name}: lies in the future"));
        }
    }
    if let (Some(first), Some(last)) = (new.first_seen, new.last_seen)
        && first > last
    {
        return invalid("last_seen: lies before first_seen".into());
    }
    let explanation = new.explanation.map(|words| words.trim().to_owned());
    let explanation = explanation.filter(|words| !words.is_empty());
    if let Some(words) = &explanation {
        if words.chars().count() > LONGEST_EXPLANATION {
            return invalid(format!(
                "explanation: at most {LONGEST_EXPLANATION} characters"
            ));
        }
        if words
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
        {
            return invalid("explanation: holds control characters".into());
        }
    }
    Ok(Feedback {
        signal: signal.to_owned(),
        kind: new.kind,
        count: if seen { new.count.unwrap_or(1) } else { 0 },
        first_seen: new.first_seen,
        last_seen: new.last_seen,
        explanation,
        object: None,
        to: Vec::new(),
    })
}

/// One consistent state of the feedback, as one caller may know of it.
pub(crate) struct Listener<'v> {
    viewer: &'v Viewer,
    directory: &'v Directory,
    rows: Rows,
    items: Items,
}

impl<'v> Listener<'v> {
    pub(crate) fn new(
        viewer: &'v Viewer,
        directory: &'v Directory,
        read: &ReadTransaction,
    ) -> Result<Self, Error> {
        Ok(Listener {
            viewer,
            directory,
            rows: Rows::open(read)?,
            items: Items::open(read)?,
        })
    }

    /// Whether the caller sees any version of an object in any collection that it may read.
    fn sees_signal(&self, key: ObjectKey) -> Result<bool, Error> {
        let query = Query {
            ids: Some(vec![key]),
            versions: Versions::All,
            limit: 1,
            ..Query::default()
        };
        for (number, settings) in self.directory.collections() {
            let access = self.viewer.access(settings);
            if !access.read {
                continue;
            }
            let seen = |rows: &Rows, added: i64, row: &Row| {
                sees(self.viewer, access, rows, number, added, row)
            };
            if !self.rows.list(number, &query, &seen)?.rows.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How much the caller sees of an item, and the row of the object that it stands for.
    fn sight(&self, item: &Item) -> Result<(FeedbackSight, Option<Row>), Error> {
        let mut row = None;
        let mut sees_object = None;
        if let Some(object) = &item.said.object {
            row = self.object(object)?;
            sees_object = Some(row.is_some());
        }
        let (author, to) = (&item.author, &item.said.to);
        let sight = self
            .viewer
            .feedback(self.directory, author, to, sees_object);
        Ok((sight, row))
    }

    /// The row of a sighting or an opinion, if it still stands and the caller sees it.
    fn object(&self, object: &crate::model::PublishedObject) -> Result<Option<Row>, Error> {
        let (number, added) = (object.collection, object.added);
        let Some(settings) = self.directory.collection_number(number) else {
            return Ok(None);
        };
        let access = self.viewer.access(settings);
        let seen = |rows: &Rows, added: i64, row: &Row| {
            sees(self.viewer, access, rows, number, added, row)
        };
        let Some(row) = self.rows.row(number, added)? else {
            return Ok(None);
        };
        let stands = row.position == object.position
            && seen(&self.rows, added, &row)?
            && self.rows.is_last(number, added, &row, &seen)?;
        Ok(stands.then_some(row))
    }

    /// Runs through what the caller may know of what is said of a signal, newest first. Of a
    /// party's opinions the newest counts.
    fn each(
        &self,
        key: ObjectKey,
        mut take: impl FnMut(u64, Item, FeedbackSight, Option<Row>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut opinions = HashSet::new();
        let (mut room, mut left) = (LOOK_BACK, TOLD);
        self.items.of_signal(key, |position, item| {
            if room == 0 || left == 0 {
                return Ok(false);
            }
            room -= 1;
            let (sight, row) = self.sight(&item)?;
            let is_opinion = item.said.kind != FeedbackKind::Seen;
            if sight == FeedbackSight::Nothing
                || (is_opinion && !opinions.insert(item.author.clone()))
            {
                return Ok(true);
            }
            left -= 1;
            take(position, item, sight, row)
        })
    }

    fn on(&self, key: ObjectKey) -> Result<SignalFeedback, Error> {
        let mut found = SignalFeedback::default();
        self.each(key, |position, item, sight, row| {
            let counts = &mut found.counts;
            match item.said.kind {
                FeedbackKind::Seen => {
                    counts.seen += 1;
                    counts.sightings += u64::from(item.said.count);
                }
                FeedbackKind::NotMalicious => counts.not_malicious += 1,
                FeedbackKind::Disagree => counts.disagree += 1,
                FeedbackKind::Agree => counts.agree += 1,
            }
            if sight == FeedbackSight::Whole {
                found.items.push(self.told_as(position, item, row)?);
            }
            Ok(true)
        })?;
        Ok(found)
    }

    /// When a signal was last seen, as far as the caller may know; never later than it was told.
    pub(crate) fn last_seen(&self, key: ObjectKey) -> Result<Option<Instant>, Error> {
        let mut last = None;
        self.each(key, |_, item, _, _| {
            if item.said.kind == FeedbackKind::Seen {
                let seen = item
                    .said
                    .last_seen
                    .map_or(item.at, |seen| seen.min(item.at));
                last = last.max(Some(seen));
            }
            Ok(true)
        })?;
        Ok(last)
    }

    fn told(&self, after: Option<u64>, end: Option<u64>, limit: usize) -> Result<Inbox, Error> {
        let everything = *self.viewer.caller() == Caller::Operator;
        let mut inbox = Inbox {
            next: after,
            ..Inbox::default()
        };
        let party = match (everything, self.viewer.party()) {
            (true, _) => None,
            (false, Some(party)) => Some(party),
            (false, None) => return Ok(inbox),
        };
        let mut room = LOOK_AHEAD;
        self.items.told(party, after, |position, item| {
            if end.is_some_and(|end| position >= end) {
                return Ok(false);
            }
            if inbox.items.len() == limit || room == 0 {
                inbox.more = true;
                return Ok(false);
            }
            room -= 1;
            inbox.next = Some(position);
            let own = !everything && self.viewer.caller().party() == Some(item.author.as_str());
            if !own {
                let (sight, row) = self.sight(&item)?;
                if sight == FeedbackSight::Whole {
                    inbox.items.push(self.told_as(position, item, row)?);
                }
            }
            Ok::<_, Error>(true)
        })?;
        Ok(inbox)
    }

    /// The item of the entry at a position, if the caller sees it whole.
    fn item(&self, position: u64) -> Result<Option<FeedbackItem>, Error> {
        let Some(item) = self.items.item(position)? else {
            return Ok(None);
        };
        let (sight, row) = self.sight(&item)?;
        if sight != FeedbackSight::Whole {
            return Ok(None);
        }
        self.told_as(position, item, row).map(Some)
    }

    fn told_as(&self, position: u64, item: Item, row: Option<Row>) -> Result<FeedbackItem, Error> {
        let party = self.directory.register().party(&item.author);
        let object = row.map(|row| object_id(&self.rows, row.key)).transpose()?;
        Ok(FeedbackItem {
            position,
            at: item.at,
            author_name: party.map_or(&item.author, |party| &party.name).clone(),
            author: item.author,
            signal: item.said.signal,
            kind: item.said.kind,
            count: item.said.count,
            first_seen: item.said.first_seen,
            last_seen: item.said.last_seen,
            explanation: item.said.explanation,
            object,
            row,
        })
    }
}
