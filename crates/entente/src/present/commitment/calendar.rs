//! The calendar, letters, changes of state, and the table of indicators.

use jiff::civil::Date;
use node::commitment::indicator as computed;
use node::commitment::{self as kept, CommitmentRecord, DayOfYear, Outcome, Said, State};
use node::identity::Held;
use node::{Caller, Node};
use serde::{Deserialize, Serialize};

use super::{Indicator, Reading, Reply, name_of};
use crate::present::accession::Record;

/// The calendar of reports; numbers are days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calendar {
    /// Days of each year, as `11-12`.
    pub(crate) due: Vec<String>,
    pub(crate) early: u16,
    pub(crate) late: u16,
    pub(crate) silent: u16,
    pub(crate) delisted: u16,
    pub(crate) notice: u16,
    #[serde(default)]
    pub(crate) suspends: bool,
}

/// `GET /api/v1/calendar`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CalendarInForce {
    pub(crate) calendar: Calendar,
    /// `pledge`, or `steward` when it was set here.
    pub(crate) from: String,
    /// Why the steward set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The entry that set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<Record>,
}

/// `PUT /api/v1/calendar`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetCalendar {
    pub(crate) calendar: Calendar,
    pub(crate) reason: String,
}

/// A published letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) id: String,
    pub(crate) commitment: String,
    /// Whom it is to.
    pub(crate) party: String,
    pub(crate) name: String,
    /// The day it was published.
    pub(crate) date: Date,
    /// The state of the commitment then.
    pub(crate) from: State,
    /// The state that it announces.
    pub(crate) to: State,
    /// The day on which the report was due; absent when the steward delists for a reason of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<Date>,
    /// The first day on which the step may be taken.
    pub(crate) on: Date,
    /// The steward's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) words: String,
    /// What became of it.
    pub(crate) outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reply: Option<Reply>,
    /// Why the steward took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revoked: Option<String>,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// `GET /api/v1/letters`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Letters {
    pub(crate) letters: Vec<Letter>,
}

/// A commitment passed from one state to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StateChange {
    pub(crate) from: State,
    pub(crate) to: State,
    pub(crate) date: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<Date>,
    /// The letter that announced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) letter: Option<String>,
    /// The report that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<String>,
    pub(crate) reason: String,
    /// Whether the steward decided it.
    pub(crate) steward: bool,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// A computed indicator, as the table tells it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct IndicatorRow {
    #[serde(flatten)]
    pub(crate) indicator: Indicator,
    /// Which side of a target is better.
    pub(crate) better: String,
    /// How it is computed.
    pub(crate) method: String,
}

/// What the pledge suggests for a principle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Suggested {
    pub(crate) principle: u16,
    pub(crate) title: String,
    pub(crate) indicators: Vec<Indicator>,
}

/// `GET /api/v1/indicators`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Indicators {
    pub(crate) indicators: Vec<IndicatorRow>,
    pub(crate) suggested: Vec<Suggested>,
}

/// `GET /api/v1/parties/{id}/indicators`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the name in JSON")]
pub(crate) struct Readings {
    pub(crate) party: String,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) readings: Vec<Reading>,
}

impl From<&kept::Calendar> for Calendar {
    fn from(calendar: &kept::Calendar) -> Self {
        Calendar {
            due: calendar.due.iter().map(DayOfYear::to_string).collect(),
            early: calendar.early,
            late: calendar.late,
            silent: calendar.silent,
            delisted: calendar.delisted,
            notice: calendar.notice,
            suspends: calendar.suspends,
        }
    }
}

impl Calendar {
    /// As the node takes it.
    ///
    /// # Errors
    /// When a due day is no day of a year.
    pub(crate) fn wanted(&self) -> Result<kept::Calendar, node::Error> {
        let due = self.due.iter().map(|day| day.parse());
        let due = due.collect::<Result<Vec<DayOfYear>, String>>();
        Ok(kept::Calendar {
            due: due.map_err(node::Error::Invalid)?,
            early: self.early,
            late: self.late,
            silent: self.silent,
            delisted: self.delisted,
            notice: self.notice,
            suspends: self.suspends,
        })
    }
}

/// The calendar that holds now.
pub(crate) fn calendar(node: &Node) -> CalendarInForce {
    let directory = node.directory();
    let set = directory.commitments().calendars().last();
    CalendarInForce {
        calendar: Calendar::from(&directory.report_calendar()),
        from: if set.is_some() { "steward" } else { "pledge" }.into(),
        reason: set.map(|set| set.what.reason.clone()),
        record: set.map(Record::from),
    }
}

/// The letters to all parties, or to one; newest first.
pub(crate) fn letters(node: &Node, party: Option<&str>) -> Letters {
    let directory = node.directory();
    let all = directory.commitments();
    let mut letters = Vec::new();
    for record in all.all() {
        if party.is_none_or(|party| record.party() == party) {
            letters.extend(record.letters.iter().map(|one| letter(node, record, one)));
        }
    }
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.record.position));
    Letters { letters }
}

pub(super) fn letter(node: &Node, record: &CommitmentRecord, said: &Said<kept::Letter>) -> Letter {
    let what = &said.held.what;
    Letter {
        id: what.id.clone(),
        commitment: what.commitment.clone(),
        party: what.party.clone(),
        name: name_of(node, &what.party),
        date: what.date,
        from: what.from,
        to: what.to,
        due: what.due,
        on: what.on,
        reason: what.reason.clone(),
        words: what.words.clone(),
        outcome: record.outcome(said),
        reply: said.reply.as_ref().map(Reply::from),
        revoked: said.revoked.as_ref().map(|held| held.what.reason.clone()),
        record: (&said.held).into(),
    }
}

impl From<&Held<kept::StateChange>> for StateChange {
    fn from(held: &Held<kept::StateChange>) -> Self {
        let what = &held.what;
        StateChange {
            from: what.from,
            to: what.to,
            date: what.date,
            due: what.due,
            letter: what.letter.clone(),
            report: what.report.clone(),
            reason: what.reason.clone(),
            steward: what.steward,
            record: held.into(),
        }
    }
}

/// The table of indicators, and what the pledge suggests for its principles.
pub(crate) fn indicators(node: &Node) -> Indicators {
    let row = |one: &computed::Indicator| IndicatorRow {
        indicator: Indicator::from(&kept::Measure::Computed(*one)),
        better: one.bound().as_str().into(),
        method: one.method().into(),
    };
    let directory = node.directory();
    let principles = directory.pledge().map_or(&[][..], |p| &p.principles);
    let suggested = principles.iter().map(|principle| Suggested {
        principle: principle.number,
        title: principle.title.clone(),
        indicators: principle.indicators.iter().map(Indicator::from).collect(),
    });
    Indicators {
        indicators: computed::Indicator::ALL.iter().map(row).collect(),
        suggested: suggested.collect(),
    }
}

/// The values of the computed indicators that a caller may know of a party; of the last twelve months
/// when no period is told.
///
/// # Errors
/// As [`Node::readings`].
pub(crate) fn readings(
    node: &Node,
    caller: &Caller,
    party: &str,
    from: Option<Date>,
    to: Option<Date>,
) -> Result<Readings, node::Error> {
    let to = to.unwrap_or_else(|| node.now().day());
    let year_before = || {
        to.first_of_month()
            .saturating_sub(jiff::Span::new().months(11))
    };
    let from = from.unwrap_or_else(year_before);
    let readings = node.readings(caller, party, from, to)?;
    Ok(Readings {
        party: party.to_owned(),
        from: from.first_of_month(),
        to: to.last_of_month(),
        readings: readings.iter().map(Reading::from).collect(),
    })
}
