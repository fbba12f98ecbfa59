//! The states of a request and what leads from one to the next: one table, and nothing beside it.

use crate::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// Where a request stands.
    State, "state";
    /// Written, and seen by its sender alone.
    Draft = "draft", "Draft";
    /// Sent, and not answered.
    Sent = "sent", "Sent";
    /// Received, and being looked at.
    Acknowledged = "acknowledged", "Acknowledged";
    /// It will be done.
    Accepted = "accepted", "Accepted";
    /// It will not be done.
    Declined = "declined", "Declined";
    /// The recipient asked back; its clock stands still.
    MoreInformation = "more-information", "More information";
    /// It was done.
    Done = "done", "Done";
    /// Whom it affects contests it.
    Contested = "contested", "Contested";
    /// The case is over.
    Closed = "closed", "Closed";
    /// Nobody answered. A late answer is still taken: accepted or declined, since to say that it was
    /// received would begin the time anew.
    Expired = "expired", "Expired";
}

words! {
    /// What can be done about a request.
    Verb, "step";
    /// A draft is sent.
    Send = "send", "Send";
    /// A draft is thrown away.
    Discard = "discard", "Discard";
    /// It was received.
    Acknowledge = "acknowledge", "Acknowledge";
    /// It will be done.
    Accept = "accept", "Accept";
    /// It will not be done.
    Decline = "decline", "Decline";
    /// The recipient asks back.
    Ask = "ask", "Ask";
    /// The sender answers.
    Answer = "answer", "Answer";
    /// It was done.
    Done = "done", "Done";
    /// A link to contest is made.
    Link = "link", "Link";
    /// It is contested.
    Contest = "contest", "Contest";
    /// It stands.
    Uphold = "uphold", "Uphold";
    /// It does not stand.
    Reverse = "reverse", "Reverse";
    /// What was reversed is undone.
    Restore = "restore", "Restore";
    /// It is taken back.
    Withdraw = "withdraw", "Withdraw";
    /// The case ends.
    Close = "close", "Close";
    /// Something is added.
    Note = "note", "Note";
    /// A date draws near.
    Remind = "remind", "Remind";
    /// It is brought before the steward.
    Escalate = "escalate", "Escalate";
    /// Nobody answered.
    Expire = "expire", "Expire";
    /// Who to ask, and who contested, is forgotten.
    Forget = "forget", "Forget";
}

words! {
    /// As whom somebody takes a step.
    Role, "role";
    /// The party that asks.
    Sender = "sender", "Sender";
    /// The party that is asked.
    Recipient = "recipient", "Recipient";
    /// Who holds the link to contest.
    Affected = "affected", "Affected";
    /// A second pair of eyes: another account of the recipient than the one that decided, or the
    /// steward.
    Reviewer = "reviewer", "Reviewer";
    /// The pledge's steward, once the case is before it.
    Steward = "steward", "Steward";
    /// The node, when a date has come.
    Clock = "clock", "Clock";
}

/// Where a step leads.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// To this state.
    State(State),
    /// The state stays.
    Same,
    /// To the state before it was contested.
    Before,
}

/// One line of the table: in these states, this step, by these, leads there.
#[derive(Clone, Debug)]
pub struct Line {
    /// In any of these states.
    pub from: &'static [State],
    /// The step.
    pub verb: Verb,
    /// By any of these.
    pub by: &'static [Role],
    /// Where it leads.
    pub to: To,
}

const fn line(from: &'static [State], verb: Verb, by: &'static [Role], to: To) -> Line {
    Line { from, verb, by, to }
}

use Role::{Affected, Clock, Recipient, Reviewer, Sender, Steward};
use State::{
    Accepted, Acknowledged, Closed, Contested, Declined, Done, Draft, Expired, MoreInformation,
    Sent,
};

/// The table. What is not in it is not done.
pub const TABLE: &[Line] = &[
    line(&[Draft], Verb::Send, &[Sender], To::State(Sent)),
    line(&[Draft], Verb::Discard, &[Sender, Clock], To::State(Closed)),
    line(
        &[Sent],
        Verb::Acknowledge,
        &[Recipient],
        To::State(Acknowledged),
    ),
    line(
        &[Sent, Acknowledged, Expired],
        Verb::Accept,
        &[Recipient],
        To::State(Accepted),
    ),
    line(
        &[Sent, Acknowledged, Expired],
        Verb::Decline,
        &[Recipient],
        To::State(Declined),
    ),
    line(
        &[Sent, Acknowledged],
        Verb::Ask,
        &[Recipient],
        To::State(MoreInformation),
    ),
    line(
        &[MoreInformation],
        Verb::Answer,
        &[Sender],
        To::State(Acknowledged),
    ),
    line(&[Accepted], Verb::Done, &[Recipient], To::State(Done)),
    line(&[Accepted, Done], Verb::Link, &[Recipient], To::Same),
    line(
        &[Accepted, Done],
        Verb::Contest,
        &[Affected],
        To::State(Contested),
    ),
    line(&[Contested], Verb::Uphold, &[Reviewer], To::Before),
    line(&[Contested], Verb::Reverse, &[Reviewer], To::State(Closed)),
    line(&[Closed], Verb::Restore, &[Recipient], To::Same),
    line(
        &[Sent, Acknowledged, MoreInformation, Accepted, Expired],
        Verb::Withdraw,
        &[Sender],
        To::State(Closed),
    ),
    line(
        &[Done, Declined],
        Verb::Close,
        &[Sender, Clock],
        To::State(Closed),
    ),
    line(
        &[MoreInformation, Expired],
        Verb::Close,
        &[Clock],
        To::State(Closed),
    ),
    line(
        &[
            Sent,
            Acknowledged,
            MoreInformation,
            Accepted,
            Declined,
            Done,
            Contested,
            Expired,
        ],
        Verb::Note,
        &[Sender, Recipient, Reviewer, Steward],
        To::Same,
    ),
    line(
        &[
            Sent,
            Acknowledged,
            MoreInformation,
            Accepted,
            Contested,
            Closed,
        ],
        Verb::Remind,
        &[Clock],
        To::Same,
    ),
    line(
        &[Sent, Acknowledged, Accepted, Declined, Contested, Expired],
        Verb::Escalate,
        &[Sender, Clock],
        To::Same,
    ),
    line(&[Closed], Verb::Escalate, &[Clock], To::Same),
    line(
        &[Sent, Acknowledged],
        Verb::Expire,
        &[Clock],
        To::State(Expired),
    ),
    line(
        &[
            Sent,
            Acknowledged,
            MoreInformation,
            Accepted,
            Declined,
            Done,
            Contested,
            Expired,
            Closed,
        ],
        Verb::Forget,
        &[Sender, Steward, Clock],
        To::Same,
    ),
];

/// The line of the table for a step, if there is one.
pub fn line_of(state: State, verb: Verb, role: Role) -> Option<&'static Line> {
    let fits =
        |line: &&Line| line.verb == verb && line.from.contains(&state) && line.by.contains(&role);
    TABLE.iter().find(fits)
}

/// The steps that a role may take in a state.
pub fn open_to(state: State, role: Role) -> impl Iterator<Item = Verb> {
    let fits = move |line: &&Line| line.from.contains(&state) && line.by.contains(&role);
    TABLE.iter().filter(fits).map(|line| line.verb)
}

/// Why a step is not taken: in the words of who took it.
pub fn refusal(state: State, verb: Verb, role: Role) -> String {
    let of_verb = || TABLE.iter().filter(|line| line.verb == verb);
    let list = |words: Vec<&str>| words.join(", ");
    if of_verb().any(|line| line.by.contains(&role)) {
        let states = of_verb().filter(|line| line.by.contains(&role));
        let states = states
            .flat_map(|line| line.from)
            .map(|s| s.as_str())
            .collect();
        return format!(
            "a request that is '{state}' cannot take the step '{verb}': it is for requests that are {}",
            list(states)
        );
    }
    let roles = of_verb()
        .flat_map(|line| line.by)
        .map(|r| r.as_str())
        .collect();
    format!(
        "the step '{verb}' is not for the {role} of a request: it is for the {}",
        list(roles)
    )
}

impl Verb {
    /// The word in the public leaf.
    pub fn leaf(self) -> &'static str {
        match self {
            Verb::Send => "request-send",
            Verb::Discard => "request-discard",
            Verb::Acknowledge => "request-acknowledge",
            Verb::Accept => "request-accept",
            Verb::Decline => "request-decline",
            Verb::Ask => "request-ask",
            Verb::Answer => "request-answer",
            Verb::Done => "request-done",
            Verb::Link => "request-link",
            Verb::Contest => "request-contest",
            Verb::Uphold => "request-uphold",
            Verb::Reverse => "request-reverse",
            Verb::Restore => "request-restore",
            Verb::Withdraw => "request-withdraw",
            Verb::Close => "request-close",
            Verb::Note => "request-note",
            Verb::Remind => "request-remind",
            Verb::Escalate => "request-escalate",
            Verb::Expire => "request-expire",
            Verb::Forget => "request-forget",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as the documentation shows it.
    fn table() -> String {
        let words = |all: Vec<&str>| all.join(", ");
        let mut text = String::from("| in | step | by | leads to |\n|---|---|---|---|\n");
        for line in TABLE {
            let from = line.from.iter().map(|state| state.as_str()).collect();
            let by = line.by.iter().map(|role| role.as_str()).collect();
            let to = match line.to {
                To::State(state) => state.as_str(),
                To::Same => "the same state",
                To::Before => "the state before the contest",
            };
            let row = format!(
                "| {} | `{}` | {} | {to} |\n",
                words(from),
                line.verb,
                words(by)
            );
            text.push_str(&row);
        }
        text
    }

    #[test]
    fn the_documented_table_is_this_one() {
        let page = include_str!("../../../../docs/requests.md");
        let (_, rest) = page.split_once("<!-- table -->\n").unwrap();
        let (shown, _) = rest.split_once("<!-- /table -->").unwrap();
        assert_eq!(shown, table(), "put this there:\n{}", table());
    }

    #[test]
    fn a_step_leads_to_one_place() {
        for state in State::ALL {
            for verb in Verb::ALL {
                for role in Role::ALL {
                    let fits = |line: &&Line| {
                        line.verb == *verb && line.from.contains(state) && line.by.contains(role)
                    };
                    assert!(
                        TABLE.iter().filter(fits).count() <= 1,
                        "{state} {verb} {role}"
                    );
                }
            }
        }
    }
}
