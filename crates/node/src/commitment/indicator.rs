//! Indicators that are computed from the journal: what each is, and its value from what was counted.
//!
//! A value names its period, what was counted and what that was divided by, and how; it is never a
//! score, and where there is too little to say something it says that.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Amount, Bound, Measure, Target};
use crate::words::words;

words! {
    /// What is computed. Stored by number: add new ones at the end.
    Indicator, "indicator";
    /// Signals that the party published.
    SignalsShared = "signals-shared", "Signals shared";
    /// How useful they were to others.
    SignalsSighted = "signals-sighted", "Sightings of its signals by others";
    /// How long a request waits for its answer, half of the time.
    AnswerMedian = "answer-median", "Median answer time to requests";
    /// How long it waits, nine times out of ten.
    AnswerTail = "answer-p90", "Answer time to nine requests in ten";
    /// Requests that were answered in time.
    AnsweredInTime = "answered-in-time", "Requests answered in time";
    /// Withdrawals of others that the party acknowledged.
    WithdrawalsHonoured = "withdrawals-honoured", "Withdrawals of others honoured";
    /// Days with a proved domain.
    DomainProved = "domain-proved", "Days with a proved domain";
    /// Days with a valid security.txt.
    SecurityTxt = "security-txt", "Days with a valid security.txt";
}

/// Below so many a median, a tail or a rate says nothing.
pub const FEWEST: u64 = 5;
/// Days within which a withdrawal is acknowledged, to be honoured.
pub const HONOURED_WITHIN: i64 = 7;

/// In what an indicator is given.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// How many.
    Count,
    /// Out of a hundred.
    Percent,
    /// Per hundred.
    PerHundred,
    /// Hours.
    Hours,
}

impl Unit {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Count => "signals",
            Unit::Percent => "percent",
            Unit::PerHundred => "per 100 signals",
            Unit::Hours => "hours",
        }
    }
}

impl Indicator {
    /// In what it is given.
    pub fn unit(self) -> Unit {
        match self {
            Indicator::SignalsShared => Unit::Count,
            Indicator::SignalsSighted => Unit::PerHundred,
            Indicator::AnswerMedian | Indicator::AnswerTail => Unit::Hours,
            Indicator::AnsweredInTime
            | Indicator::WithdrawalsHonoured
            | Indicator::DomainProved
            | Indicator::SecurityTxt => Unit::Percent,
        }
    }

    /// On which side of a target it should be: short answers are better, and more of everything else.
    pub fn bound(self) -> Bound {
        match self.unit() {
            Unit::Hours => Bound::AtMost,
            _ => Bound::AtLeast,
        }
    }

    /// How it is computed.
    pub fn method(self) -> &'static str {
        match self {
            Indicator::SignalsShared => {
                "objects that the party published in the period, each version for itself, but for those \
                 marked TLP:RED, whose number is hidden"
            }
            Indicator::SignalsSighted => {
                "sightings that other parties told of the party's signals in the period, times 100, \
                 divided by the signals it shared in the period; none below 5 signals"
            }
            Indicator::AnswerMedian => {
                "time from a request to its answer, of those answered in the period: the shortest time \
                 that at least half of them took no longer than; none below 5"
            }
            Indicator::AnswerTail => {
                "time from a request to its answer, of those answered in the period: the shortest time \
                 that at least nine in ten took no longer than; none below 5"
            }
            Indicator::AnsweredInTime => {
                "requests answered in the period by their deadline, times 100, divided by those answered \
                 in the period, in time or late, and those that stand unanswered at its end though their \
                 deadline, in the period or before, has passed"
            }
            Indicator::WithdrawalsHonoured => {
                "withdrawals and revocations by others in the period, of what the party had fetched, \
                 that it acknowledged within 7 days, times 100, divided by all of those that are 7 days \
                 old"
            }
            Indicator::DomainProved => {
                "days of the period at whose end a domain of the party was proved, times 100, divided by \
                 the days of the period that are over"
            }
            Indicator::SecurityTxt => {
                "days of the period at whose end a proved domain of the party had a valid security.txt \
                 (RFC 9116) that had not expired, times 100, divided by the days of the period that are \
                 over"
            }
        }
    }
}

/// What was counted of one party in one period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Objects published, but for those marked RED.
    pub signals: u64,
    /// Sightings of the party's signals that others told.
    pub sightings: u64,
    /// Requests to the party.
    pub requests: Requests,
    /// Withdrawals and revocations of others that were the party's to honour, and old enough to judge.
    pub withdrawals: u64,
    /// Those among them that it acknowledged in time.
    pub honoured: u64,
    /// Days of the period that are over.
    pub days: u64,
    /// Days among them at whose end a domain was proved.
    pub proved_days: u64,
    /// Days among them at whose end a security.txt was valid.
    pub security_days: u64,
}

/// Requests to a party, by what became of them in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Answered by their deadline.
    pub in_time: u64,
    /// Answered after it.
    pub late: u64,
    /// Not answered at the period's end, though their deadline passed, in the period or before.
    pub unanswered: u64,
    /// Seconds from a request to its answer, with how many took so long; in any order.
    pub answers: Vec<(u64, u64)>,
}

/// An indicator's value, with what it is computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Which.
    pub indicator: Indicator,
    /// The first day of the period.
    pub from: Date,
    /// The last day of the period.
    pub to: Date,
    /// The value, in the indicator's unit; none where too little was counted.
    pub value: Option<Amount>,
    /// What was counted.
    pub numerator: u64,
    /// What that was divided by, or how many were measured; none where nothing is divided.
    pub denominator: Option<u64>,
    /// How many the denominator has to be at least for there to be a value.
    pub needed: u64,
}

impl Target {
    /// Whether a value is on the right side.
    pub fn is_met(self, value: Amount) -> bool {
        match self.bound {
            Bound::AtLeast => value >= self.amount,
            Bound::AtMost => value <= self.amount,
        }
    }
}

/// The value of an indicator from what was counted.
pub fn read(indicator: Indicator, from: Date, to: Date, inputs: &Inputs) -> Reading {
    let reading = |numerator, denominator: Option<u64>, needed, value: Option<Amount>| {
        let enough = denominator.is_none_or(|counted| counted >= needed);
        Reading {
            indicator,
            from,
            to,
            value: value.filter(|_| enough),
            numerator,
            denominator,
            needed,
        }
    };
    let share =
        |part: u64, of: u64, needed| reading(part, Some(of), needed, Amount::ratio(part, of, 100));
    let requests = &inputs.requests;
    match indicator {
        Indicator::SignalsShared => {
            let value = Amount::whole(inputs.signals);
            reading(inputs.signals, None, 0, Some(value))
        }
        Indicator::SignalsSighted => share(inputs.sightings, inputs.signals, FEWEST),
        Indicator::AnswerMedian | Indicator::AnswerTail => {
            let nine_in_ten = indicator == Indicator::AnswerTail;
            let (of, rank) = ranked(&requests.answers, if nine_in_ten { 9 } else { 5 });
            let value = rank.and_then(|seconds| Amount::ratio(seconds, 3600, 1));
            reading(of, Some(of), FEWEST, value)
        }
        Indicator::AnsweredInTime => {
            let due = requests.in_time + requests.late + requests.unanswered;
            share(requests.in_time, due, 1)
        }
        Indicator::WithdrawalsHonoured => share(inputs.honoured, inputs.withdrawals, 1),
        Indicator::DomainProved => share(inputs.proved_days, inputs.days, 1),
        Indicator::SecurityTxt => share(inputs.security_days, inputs.days, 1),
    }
}

/// How many times there are, and the one at the rank of so many tenths (nearest rank).
fn ranked(times: &[(u64, u64)], tenths: u64) -> (u64, Option<u64>) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let of: u64 = times.iter().map(|(_, count)| count).sum();
    let rank = (of * tenths).div_ceil(10).max(1);
    let mut below = 0;
    let mut at = times.iter().filter(|(_, count)| *count > 0);
    let found = at.find(|(_, count)| {
        below += count;
        below >= rank
    });
    (of, found.map(|(seconds, _)| *seconds))
}

impl Measure {
    /// The unit, for people.
    pub fn unit(&self) -> &str {
        match self {
            Measure::Computed(indicator) => indicator.unit().as_str(),
            Measure::SelfReported { unit, .. } => unit,
        }
    }

    /// The name in JSON and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Measure::Computed(indicator) => indicator.as_str(),
            Measure::SelfReported { .. } => SELF_REPORTED,
        }
    }

    /// What is measured, for people.
    pub fn label(&self) -> &str {
        match self {
            Measure::Computed(indicator) => indicator.label(),
            Measure::SelfReported { description, .. } => description,
        }
    }
}

/// The word for an indicator that a party reports itself.
pub const SELF_REPORTED: &str = "self-reported";

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn of(indicator: Indicator, inputs: &Inputs) -> Reading {
        read(indicator, date(2026, 1, 1), date(2026, 3, 31), inputs)
    }

    #[test]
    fn a_median_needs_five_and_is_by_nearest_rank() {
        let hours = |all: &[u64]| {
            let answers = all.iter().map(|h| (h * 3600, 1)).collect();
            let requests = Requests {
                answers,
                ..Requests::default()
            };
            Inputs {
                requests,
                ..Inputs::default()
            }
        };
        let few = of(Indicator::AnswerMedian, &hours(&[1, 2, 3, 4]));
        assert_eq!(few.value, None);
        assert_eq!((few.numerator, few.needed), (4, 5));
        let ten = hours(&[10, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let value = |indicator| of(indicator, &ten).value.unwrap().to_string();
        assert_eq!(value(Indicator::AnswerMedian), "5");
        assert_eq!(value(Indicator::AnswerTail), "9");
        let five = hours(&[30, 1, 1, 1, 1]);
        let tail = of(Indicator::AnswerTail, &five).value.unwrap();
        assert_eq!(tail.to_string(), "30");
    }

    #[test]
    fn what_was_never_asked_has_no_share() {
        for indicator in Indicator::ALL {
            let nothing = of(*indicator, &Inputs::default());
            let is_count = *indicator == Indicator::SignalsShared;
            assert_eq!(nothing.value.is_none(), !is_count, "{indicator}");
        }
    }

    #[test]
    fn a_share_names_what_it_was_divided_by() {
        let requests = Requests {
            in_time: 19,
            late: 0,
            unanswered: 1,
            answers: Vec::new(),
        };
        let inputs = Inputs {
            requests,
            ..Inputs::default()
        };
        let reading = of(Indicator::AnsweredInTime, &inputs);
        assert_eq!(reading.value, Some(Amount(95_000)));
        assert_eq!((reading.numerator, reading.denominator), (19, Some(20)));
        let target = |bound, amount: &str| Target {
            bound,
            amount: amount.parse().unwrap(),
        };
        let value = reading.value.unwrap();
        assert!(target(Bound::AtLeast, "95").is_met(value));
        assert!(!target(Bound::AtLeast, "95.1").is_met(value));
        assert!(!target(Bound::AtMost, "90").is_met(value));
    }
}
