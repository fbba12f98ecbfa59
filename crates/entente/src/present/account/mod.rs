//! The public account as figures: `GET /api/v1/account`, the pages and `entente account` say the same.

pub(crate) mod duration;
pub(crate) mod grid;
pub(crate) mod table;
pub(crate) mod tables;

use std::collections::BTreeMap;

use jiff::civil::Date;
use node::Error;
use node::account::{Counts, Event, Fate, Month, Spread};
use node::act::account::{AccountAt, Side};
use node::commitment::Keeping;
use node::model::FeedbackKind;
use node::request::{Kind, Outcome};
use serde::{Deserialize, Serialize};

/// What is asked: the account as at the end of a month; of this one, so far, when absent.
#[derive(Copy, Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Through {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) through: Option<Month>,
}

impl Through {
    /// The month.
    ///
    /// # Errors
    /// A month that has not begun.
    pub(crate) fn month(self, today: Date) -> Result<Month, String> {
        let now = Month::of_day(today);
        match self.through {
            Some(month) if month > now => Err(format!(
                "{month} has not begun: ask for a month up to {now}"
            )),
            month => Ok(month.unwrap_or(now)),
        }
    }
}

/// Requests by what happened, how they were answered, and how they went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// How often each thing happened.
    pub(crate) events: BTreeMap<Event, i64>,
    /// How many were answered in which way; together all that were sent.
    pub(crate) answers: BTreeMap<Fate, i64>,
    /// How many went which way; together all that were sent.
    pub(crate) outcomes: BTreeMap<Outcome, i64>,
}

/// How long answers took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnswerTimes {
    pub(crate) answers: u64,
    /// The minutes within which half of them came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) median_minutes: Option<u32>,
    /// The minutes within which nine of ten came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) p90_minutes: Option<u32>,
}

/// Signals, whoever published them.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signals {
    pub(crate) published: u64,
    pub(crate) withdrawn: u64,
    /// How often others said that they had seen one; told for all parties together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<u64>,
}

/// The whole, as at the end of a month.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) through: Month,
    /// Whether the month is over: nothing of this changes any more.
    pub(crate) is_final: bool,
    /// Requests that are counted by name.
    pub(crate) named: Figures,
    /// Requests marked RED.
    pub(crate) not_named: Figures,
    pub(crate) by_kind: Vec<ByKind>,
    pub(crate) answer_times: AnswerTimes,
    pub(crate) signals: Signals,
    /// Of each way to keep a commitment, under how many principles parties do.
    pub(crate) commitments: BTreeMap<Keeping, usize>,
    pub(crate) months: Vec<OfMonth>,
}

/// Requests of one kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ByKind {
    pub(crate) kind: Kind,
    pub(crate) named: Figures,
    pub(crate) not_named: Figures,
}

/// What happened in one month.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OfMonth {
    pub(crate) month: Month,
    pub(crate) named: Figures,
    pub(crate) not_named: Figures,
    pub(crate) answer_times: AnswerTimes,
    pub(crate) signals: Signals,
}

/// One party, as at the end of a month.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OfParty {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) through: Month,
    pub(crate) is_final: bool,
    /// Of requests that it was sent.
    pub(crate) received: Figures,
    /// Of requests that it sent.
    pub(crate) sent: Figures,
    pub(crate) answer_times: AnswerTimes,
    pub(crate) signals: Signals,
    /// How it keeps what it promised, by principle.
    pub(crate) commitments: BTreeMap<u16, Keeping>,
    pub(crate) months: Vec<PartyMonth>,
}

/// What happened to one party in one month.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PartyMonth {
    pub(crate) month: Month,
    pub(crate) received: Figures,
    pub(crate) sent: Figures,
    pub(crate) answer_times: AnswerTimes,
    pub(crate) signals: Signals,
}

impl Figures {
    pub(crate) fn of(counts: &Counts) -> Self {
        let some = |count: &i64| *count != 0;
        let events = Event::ALL
            .iter()
            .map(|event| (*event, counts.event(*event)));
        let answers = Fate::ALL.iter().map(|fate| (*fate, counts.fate(*fate)));
        let outcomes = Outcome::ALL
            .iter()
            .map(|outcome| (*outcome, counts.outcome(*outcome)));
        Figures {
            events: events.filter(|(_, count)| some(count)).collect(),
            answers: answers.filter(|(_, count)| some(count)).collect(),
            outcomes: outcomes.filter(|(_, count)| some(count)).collect(),
        }
    }

    pub(crate) fn event(&self, event: Event) -> i64 {
        self.events.get(&event).copied().unwrap_or(0)
    }

    pub(crate) fn answer(&self, fate: Fate) -> i64 {
        self.answers.get(&fate).copied().unwrap_or(0)
    }
}

impl AnswerTimes {
    pub(crate) fn of(spread: &Spread) -> Self {
        AnswerTimes {
            answers: spread.answers(),
            median_minutes: spread.median(),
            p90_minutes: spread.p90(),
        }
    }
}

/// The account of a node up to a month.
///
/// # Errors
/// [`Error::Storage`].
pub(crate) fn account(at: &AccountAt, today: Date) -> Result<Account, Error> {
    let through = at.through();
    let totals = at.totals()?;
    let (mut named, mut hidden) = (Counts::default(), Counts::default());
    let mut kinds: BTreeMap<Kind, [Counts; 2]> = BTreeMap::new();
    let mut months: BTreeMap<Month, [Counts; 2]> = BTreeMap::new();
    for row in &totals {
        let side = usize::from(!row.named);
        if row.named { &mut named } else { &mut hidden }.add(&row.counts);
        if let Some(counts) = kinds.entry(row.kind).or_default().get_mut(side) {
            counts.add(&row.counts);
        }
        if let Some(counts) = months.entry(row.month).or_default().get_mut(side) {
            counts.add(&row.counts);
        }
    }
    let by_kind = kinds.iter().map(|(kind, [named, hidden])| ByKind {
        kind: *kind,
        named: Figures::of(named),
        not_named: Figures::of(hidden),
    });
    let times = by_month(at.times(None)?);
    let signals = signals(at)?;
    let mut every = Spread::default();
    for spread in times.values() {
        every.merge(spread);
    }
    let span = span(
        months.keys().chain(times.keys()).chain(signals.keys()),
        through,
    );
    let months = span.map(|month| {
        let [named, hidden] = months.get(&month).copied().unwrap_or_default();
        OfMonth {
            month,
            named: Figures::of(&named),
            not_named: Figures::of(&hidden),
            answer_times: times.get(&month).map(AnswerTimes::of).unwrap_or_default(),
            signals: signals.get(&month).copied().unwrap_or_default(),
        }
    });
    let mut commitments = BTreeMap::new();
    for keeping in at
        .directory()
        .commitments()
        .keepings_at(through.end())
        .values()
    {
        *commitments.entry(*keeping).or_default() += 1;
    }
    Ok(Account {
        through,
        is_final: through.is_over(today),
        named: Figures::of(&named),
        not_named: Figures::of(&hidden),
        by_kind: by_kind.collect(),
        answer_times: AnswerTimes::of(&every),
        signals: sum(signals.values()),
        commitments,
        months: months.collect(),
    })
}

/// The account of one party; none when there is no party with this id.
///
/// # Errors
/// [`Error::Storage`].
pub(crate) fn party(at: &AccountAt, id: &str, today: Date) -> Result<Option<OfParty>, Error> {
    let through = at.through();
    let Some(party) = at.directory().register().party(id) else {
        return Ok(None);
    };
    let rows = |side| -> Result<BTreeMap<Month, Counts>, Error> {
        Ok(at.party(id, side)?.into_iter().collect())
    };
    let (received, sent) = (rows(Side::Recipient)?, rows(Side::Sender)?);
    let (times, shared) = (by_month(at.times(Some(id))?), at.shared(Some(id))?);
    let mut every = Spread::default();
    for spread in times.values() {
        every.merge(spread);
    }
    let known = received.keys().chain(sent.keys()).chain(shared.keys());
    let signals = |month| {
        let shared = shared.get(&month).copied().unwrap_or_default();
        Signals {
            published: shared.published,
            withdrawn: shared.withdrawn,
            seen: None,
        }
    };
    let figures = |rows: &BTreeMap<Month, Counts>, month| {
        rows.get(&month).map(Figures::of).unwrap_or_default()
    };
    let months: Vec<PartyMonth> = span(known, through)
        .map(|month| PartyMonth {
            month,
            received: figures(&received, month),
            sent: figures(&sent, month),
            answer_times: times.get(&month).map(AnswerTimes::of).unwrap_or_default(),
            signals: signals(month),
        })
        .collect();
    let all = |rows: &BTreeMap<Month, Counts>| {
        let mut all = Counts::default();
        for counts in rows.values() {
            all.add(counts);
        }
        Figures::of(&all)
    };
    let keepings = at.directory().commitments().keepings_at(through.end());
    let own = keepings.iter().filter(|((party, _), _)| *party == id);
    Ok(Some(OfParty {
        id: party.id.clone(),
        name: party.name.clone(),
        through,
        is_final: through.is_over(today),
        received: all(&received),
        sent: all(&sent),
        answer_times: AnswerTimes::of(&every),
        signals: sum(months.iter().map(|month| &month.signals)),
        commitments: own
            .map(|((_, number), keeping)| (*number, *keeping))
            .collect(),
        months,
    }))
}

fn by_month(times: Vec<(Month, Spread)>) -> BTreeMap<Month, Spread> {
    times.into_iter().collect()
}

/// Signals of all parties by month.
pub(super) fn signals(at: &AccountAt) -> Result<BTreeMap<Month, Signals>, Error> {
    let mut months: BTreeMap<Month, Signals> = BTreeMap::new();
    for (month, shared) in at.shared(None)? {
        let row = months.entry(month).or_default();
        (row.published, row.withdrawn) = (shared.published, shared.withdrawn);
    }
    for (month, kind, count) in at.received()? {
        if kind == FeedbackKind::Seen {
            let row = months.entry(month).or_default();
            row.seen = Some(row.seen.unwrap_or(0) + count);
        }
    }
    Ok(months)
}

fn sum<'a>(all: impl Iterator<Item = &'a Signals>) -> Signals {
    all.fold(Signals::default(), |sum, one| Signals {
        published: sum.published + one.published,
        withdrawn: sum.withdrawn + one.withdrawn,
        seen: match (sum.seen, one.seen) {
            (None, None) => None,
            (known, more) => Some(known.unwrap_or(0) + more.unwrap_or(0)),
        },
    })
}

/// Every month from the first that something is known of to the last asked for.
pub(crate) fn span<'a>(
    known: impl Iterator<Item = &'a Month>,
    through: Month,
) -> impl Iterator<Item = Month> {
    let first = known.min().map_or(through.next(), |first| *first);
    (first.0..=through.0).map(Month)
}
