//! What is counted of a request: what happened, how it was answered, how it went.

use serde::{Deserialize, Serialize};

use crate::request::{Case, Outcome, State, Verb};
use crate::words::words;

words! {
    /// Something that happened in a case.
    Event, "event";
    /// It was sent.
    Sent = "sent", "Sent";
    /// The recipient acted on it first, in whatever way.
    Acknowledged = "acknowledged", "Acknowledged";
    /// The recipient asked back.
    AskedBack = "asked-back", "Asked back";
    /// It was accepted.
    Accepted = "accepted", "Accepted";
    /// It was declined.
    Declined = "declined", "Declined";
    /// It was done.
    Done = "done", "Done";
    /// It was contested.
    Contested = "contested", "Contested";
    /// What was contested stands.
    Upheld = "upheld", "Upheld";
    /// What was contested does not stand.
    Reversed = "reversed", "Reversed";
    /// What was reversed was undone.
    Restored = "restored", "Restored";
    /// The sender took it back.
    Withdrawn = "withdrawn", "Withdrawn";
    /// It was brought before the steward.
    Escalated = "escalated", "Escalated";
    /// It expired: nobody answered for a week after the deadline.
    Expired = "expired", "Expired";
}

words! {
    /// How the recipient answered. Each request that was sent is in one of these.
    Fate, "answer";
    /// Not answered, and its deadline has not passed.
    Waiting = "waiting", "Not due yet";
    /// The recipient waits for the sender.
    WithSender = "with-sender", "Waits for the sender";
    /// Not answered, and the node told that its deadline passed.
    Overdue = "overdue", "Overdue";
    /// Accepted or declined by its deadline.
    InTime = "in-time", "In time";
    /// Accepted or declined after its deadline.
    Late = "late", "Late";
    /// Not answered a week after its deadline.
    Silent = "silent", "Unanswered";
    /// Taken back before it was answered.
    TakenBack = "taken-back", "Taken back";
    /// The recipient asked back in time, and the sender never answered.
    Dropped = "dropped", "Dropped by the sender";
}

const EVENTS: usize = Event::ALL.len();
const FATES: usize = Fate::ALL.len();
const OUTCOMES: usize = Outcome::ALL.len();

/// How a request stands that was sent.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it was answered.
    pub fate: Fate,
    /// How it went.
    pub outcome: Outcome,
    acknowledged: bool,
}

impl Standing {
    /// Of a case; none of a draft, which is counted nowhere.
    pub fn of(case: &Case) -> Option<Self> {
        case.is_sent().then(|| Standing {
            fate: fate(case),
            outcome: case.outcome,
            acknowledged: case.acknowledged.is_some(),
        })
    }
}

fn fate(case: &Case) -> Fate {
    if case.answered.is_some() {
        return if case.in_time {
            Fate::InTime
        } else {
            Fate::Late
        };
    }
    match case.state {
        // Whatever was done after silence, and however long after it it closed, an answer is owed.
        _ if case.outcome == Outcome::Unanswered => Fate::Silent,
        State::MoreInformation => Fate::WithSender,
        _ if case.outcome == Outcome::Lapsed => Fate::Dropped,
        State::Closed => Fate::TakenBack,
        _ if case.overdue.is_some() => Fate::Overdue,
        _ => Fate::Waiting,
    }
}

/// What happened in some time: how often each event, and by how much the number of requests in each
/// standing grew. Over all time until the end of a month, how many stand so then.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    events: [i64; EVENTS],
    fates: [i64; FATES],
    outcomes: [i64; OUTCOMES],
}

impl Counts {
    /// How often something happened.
    pub fn event(&self, event: Event) -> i64 {
        self.events.get(event as usize).copied().unwrap_or(0)
    }

    /// Requests answered so.
    pub fn fate(&self, fate: Fate) -> i64 {
        self.fates.get(fate as usize).copied().unwrap_or(0)
    }

    /// Requests that went so.
    pub fn outcome(&self, outcome: Outcome) -> i64 {
        self.outcomes.get(outcome as usize).copied().unwrap_or(0)
    }

    /// Requests sent.
    pub fn sent(&self) -> i64 {
        self.event(Event::Sent)
    }

    /// Requests that were answered.
    pub fn answered(&self) -> i64 {
        self.fate(Fate::InTime) + self.fate(Fate::Late)
    }

    /// Requests whose answer was due: answered, or not answered though overdue.
    pub fn due(&self) -> i64 {
        self.answered() + self.unanswered()
    }

    /// Requests not answered though their deadline passed.
    pub fn unanswered(&self) -> i64 {
        self.fate(Fate::Silent) + self.fate(Fate::Overdue)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        *self == Counts::default()
    }

    /// Adds what happened in another time or place.
    pub fn add(&mut self, other: &Counts) {
        let add = |to: &mut [i64], from: &[i64]| {
            to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        };
        add(&mut self.events, &other.events);
        add(&mut self.fates, &other.fates);
        add(&mut self.outcomes, &other.outcomes);
    }

    /// What an entry changed: how the case stood before it and after it, and the step, if it was one.
    pub fn of_change(before: Option<Standing>, after: Standing, verb: Option<Verb>) -> Self {
        let mut counts = Counts::default();
        for event in happened(before, after, verb) {
            bump(&mut counts.events, event as usize, 1);
        }
        if let Some(before) = before {
            bump(&mut counts.fates, before.fate as usize, -1);
            bump(&mut counts.outcomes, before.outcome as usize, -1);
        }
        bump(&mut counts.fates, after.fate as usize, 1);
        bump(&mut counts.outcomes, after.outcome as usize, 1);
        counts
    }
}

/// What an entry is the receipt of.
pub(crate) fn happened(
    before: Option<Standing>,
    after: Standing,
    verb: Option<Verb>,
) -> impl Iterator<Item = Event> {
    let sent = before.is_none().then_some(Event::Sent);
    let was = before.is_some_and(|before| before.acknowledged);
    let acknowledged = (after.acknowledged && !was).then_some(Event::Acknowledged);
    let step = verb.and_then(|verb| match verb {
        Verb::Ask => Some(Event::AskedBack),
        Verb::Accept => Some(Event::Accepted),
        Verb::Decline => Some(Event::Declined),
        Verb::Done => Some(Event::Done),
        Verb::Contest => Some(Event::Contested),
        Verb::Uphold => Some(Event::Upheld),
        Verb::Reverse => Some(Event::Reversed),
        Verb::Restore => Some(Event::Restored),
        Verb::Withdraw => Some(Event::Withdrawn),
        Verb::Escalate => Some(Event::Escalated),
        Verb::Expire => Some(Event::Expired),
        Verb::Send
        | Verb::Discard
        | Verb::Acknowledge
        | Verb::Answer
        | Verb::Link
        | Verb::Close
        | Verb::Note
        | Verb::Remind
        | Verb::Forget => None,
    });
    sent.into_iter().chain(acknowledged).chain(step)
}

fn bump(numbers: &mut [i64], at: usize, by: i64) {
    if let Some(number) = numbers.get_mut(at) {
        *number += by;
    }
}
