//! What the public account tells of one party, on its page.

use node::account::{Counts, Fate, Month, Standing};
use node::act::account::{AccountAt, Side};
use node::act::request::Query;
use node::request::Case;
use node::{Caller, Error, Node};

use crate::present::account::duration::{share, words};
use crate::present::account::table::Table;
use crate::present::account::{AnswerTimes, tables};
use crate::present::commitment::{self, Detail};

/// Requests without an answer that are named.
const NAMED: usize = 20;

/// What is told of a party's requests and promises.
pub(crate) struct PartyAccount {
    pub(crate) id: String,
    pub(crate) through: Month,
    pub(crate) received: Counts,
    pub(crate) sent: Counts,
    pub(crate) times: AnswerTimes,
    /// The newest requests that it has not answered though their deadline passed; told for now alone.
    pub(crate) unanswered: Vec<Unanswered>,
    pub(crate) asks: Table,
    pub(crate) asked: Table,
    pub(crate) commitments: Vec<Detail>,
}

/// A request without an answer.
pub(crate) struct Unanswered {
    pub(crate) case: Case,
    /// The name of the party that asked.
    pub(crate) from: String,
    pub(crate) due: String,
}

impl PartyAccount {
    /// What is told of a party as at the end of the account's month.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub(crate) fn new(node: &Node, at: &AccountAt, id: &str) -> Result<Self, Error> {
        let sum = |side| -> Result<Counts, Error> {
            let mut sum = Counts::default();
            for (_, counts) in at.party(id, side)? {
                sum.add(&counts);
            }
            Ok(sum)
        };
        let mut times = node::account::Spread::default();
        for (_, spread) in at.times(Some(id))? {
            times.merge(&spread);
        }
        let last = at.through().last_day();
        let made = at.directory().commitments().of_party(id);
        let made = made.filter(|record| record.first().what.date <= last);
        let ids: Vec<String> = made.map(|record| record.id().to_owned()).collect();
        let details = ids.iter().map(|id| commitment::detail(node, id));
        Ok(PartyAccount {
            id: id.to_owned(),
            through: at.through(),
            received: sum(Side::Recipient)?,
            sent: sum(Side::Sender)?,
            times: AnswerTimes::of(&times),
            unanswered: if at.through().is_over(node.now().day()) {
                Vec::new()
            } else {
                unanswered(node, at, id)?
            },
            asks: tables::pairs(at, Some(id), None)?,
            asked: tables::pairs(at, None, Some(id))?,
            commitments: details.collect::<Result<_, _>>()?,
        })
    }

    /// Whether there is anything to tell.
    pub(crate) fn tells(&self) -> bool {
        self.received.sent() + self.sent.sent() > 0 || !self.commitments.is_empty()
    }

    pub(crate) fn in_time(&self) -> String {
        share(self.received.fate(Fate::InTime), self.received.due())
    }

    pub(crate) fn median(&self) -> Option<String> {
        self.times.median_minutes.map(words)
    }

    pub(crate) fn p90(&self) -> Option<String> {
        self.times.p90_minutes.map(words)
    }

    /// Where the entries are listed behind a figure of what it was asked.
    pub(crate) fn behind(&self, figure: &str) -> String {
        tables::behind(figure, None, self.through, &format!("&to={}", self.id))
    }

    /// Where the requests are listed that it sent.
    pub(crate) fn behind_sent(&self) -> String {
        tables::behind("sent", None, self.through, &format!("&party={}", self.id))
    }
}

fn unanswered(node: &Node, at: &AccountAt, id: &str) -> Result<Vec<Unanswered>, Error> {
    let query = Query {
        to: Some(id.to_owned()),
        overdue: true,
        ..Query::default()
    };
    let page = node.requests(&Caller::Anonymous, &query)?;
    let register = at.directory().register();
    let silent = page.cases.into_iter().map(|view| view.case).filter(|case| {
        let answered = case.answered.is_some();
        !answered && Standing::of(case).is_some_and(|now| now.fate != Fate::Dropped)
    });
    let line = |case: Case| {
        let from = register.party(&case.request.from);
        let from = from.map_or(case.request.from.as_str(), |party| &party.name);
        let due = case.deadline.as_ref();
        Unanswered {
            from: from.to_owned(),
            due: due.map_or_else(String::new, |due| due.answer_by.to_second_string()),
            case,
        }
    };
    Ok(silent.take(NAMED).map(line).collect())
}
