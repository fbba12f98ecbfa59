//! An inbox: what waits for a party, computed from the views whenever it is asked for.

use journal::Position;
use serde::{Deserialize, Serialize};

use crate::accession::Side;
use crate::act::Error;
use crate::clock::{DAY, Instant};
use crate::commitment::{CommitmentRecord, Outcome};
use crate::directory::Directory;
use crate::entry;
use crate::model::{FeedbackKind, Marking};
use crate::node::Node;
use crate::policy::{Caller, Viewer};
use crate::request::{Role, State};
use crate::words::words;

words! {
    /// What is to be done.
    ItemKind, "kind";
    /// A request is to be acknowledged, and answered.
    Acknowledge = "acknowledge", "Acknowledge and answer";
    /// A request is to be answered.
    Answer = "answer", "Answer";
    /// What was accepted is to be done.
    Do = "do", "Do what you accepted";
    /// The recipient asks back.
    Question = "question", "Answer a question";
    /// A contest is to be reviewed by a second pair of eyes.
    Review = "review", "Review a contest";
    /// What was reversed is to be undone.
    Restore = "restore", "Undo what was reversed";
    /// A request came before the steward.
    Escalated = "escalated", "Came before the steward";
    /// A draft is to be sent.
    Draft = "draft", "Send or discard a draft";
    /// A report on a commitment is due.
    Report = "report", "Report";
    /// A letter about a commitment came.
    Letter = "letter", "Read a letter";
    /// An invitation is to be answered.
    Invitation = "invitation", "Answer an invitation";
    /// A step of talks waits for the other side.
    Step = "step", "Agree to a step of talks";
    /// An erasure is to be confirmed or declined.
    Erasure = "erasure", "Confirm an erasure";
    /// A withdrawal is to be acknowledged.
    Withdrawal = "withdrawal", "Acknowledge a withdrawal";
    /// Another says something of a signal of the party's.
    Feedback = "feedback", "Read feedback";
}

/// Something that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is to be done.
    pub kind: ItemKind,
    /// What it is about: the id of a request, invitation, step, erasure, notice or signal.
    pub id: String,
    /// A line that says what it is about; may be empty.
    pub title: String,
    /// The party that waits, by its id; empty when it is none.
    pub from: String,
    /// Since when it waits.
    pub since: Instant,
    /// By when.
    pub due: Option<Instant>,
    /// The marking of what the title says.
    pub marking: Marking,
}

/// What waits for a party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// What is late first, then what is due, the earliest first, then the rest, the oldest first.
    pub items: Vec<Item>,
    /// Whether there is more than was looked at.
    pub more: bool,
}

impl Item {
    /// Whether it is late.
    pub fn is_overdue(&self, now: Instant) -> bool {
        self.due.is_some_and(|due| due < now)
    }
}

/// Items of one kind that are looked at.
const MOST: usize = 500;
/// For how long feedback is shown, in microseconds: it waits for nothing.
const FEEDBACK_SHOWN: i64 = 14 * DAY;

/// How long before it is due a report is shown, in microseconds.
const REPORT_SHOWN: i64 = 30 * DAY;
/// Characters of the words of a commitment.
const LONGEST_TITLE: usize = 200;

impl Node {
    /// What waits for the caller's party; with `since`, what began to wait after that instant alone.
    ///
    /// # Errors
    /// [`Error::Refused`] without an account that may read; [`Error::Storage`].
    pub fn inbox(&self, caller: &Caller, since: Option<Instant>) -> Result<Waiting, Error> {
        let (directory, viewer, now) = (self.directory(), self.viewer(caller), self.now());
        viewer.signed_in()?;
        let mut waiting = Waiting::default();
        self.requests_for(caller, &mut waiting)?;
        accession_for(&directory, &viewer, &mut waiting.items);
        erasures_for(&directory, &viewer, &mut waiting.items);
        commitments_for(&directory, &viewer, now, &mut waiting.items);
        if viewer.party().is_some() {
            self.withdrawals_for(caller, &mut waiting)?;
        }
        let shown = Instant(now.0 - FEEDBACK_SHOWN).max(since.unwrap_or_default());
        self.feedback_for(caller, shown, &mut waiting)?;
        if let Some(since) = since {
            waiting.items.retain(|item| item.since > since);
        }
        let urgency = |item: &Item| (item.due.unwrap_or(Instant(i64::MAX)), item.since);
        waiting
            .items
            .sort_by(|a, b| urgency(a).cmp(&urgency(b)).then_with(|| a.id.cmp(&b.id)));
        Ok(waiting)
    }

    fn requests_for(&self, caller: &Caller, waiting: &mut Waiting) -> Result<(), Error> {
        let found = self.requests_waiting(caller, MOST)?;
        waiting.more |= found.len() == MOST;
        let brought = self.requests_escalated(caller, MOST)?;
        for view in found.into_iter().chain(brought) {
            let case = view.case;
            let own = view.roles.contains(&Role::Sender);
            let steward = !view.roles.contains(&Role::Recipient) && !own;
            let kind = match case.state {
                State::Contested if view.roles.contains(&Role::Reviewer) => ItemKind::Review,
                _ if steward => ItemKind::Escalated,
                State::Draft => ItemKind::Draft,
                State::MoreInformation => ItemKind::Question,
                State::Sent => ItemKind::Acknowledge,
                State::Acknowledged | State::Expired => ItemKind::Answer,
                State::Accepted => ItemKind::Do,
                State::Closed => ItemKind::Restore,
                // Who decided does not review: it waits for another.
                State::Contested | State::Done | State::Declined => continue,
            };
            let due = match case.waits_for() {
                Some((_, due)) if !steward => due,
                _ => None,
            };
            waiting.items.push(Item {
                kind,
                since: case.changed,
                due,
                marking: case.request.marking,
                from: if own {
                    case.request.to
                } else {
                    case.request.from
                },
                id: case.request.id,
                title: case.request.title,
            });
        }
        Ok(())
    }

    fn withdrawals_for(&self, caller: &Caller, waiting: &mut Waiting) -> Result<(), Error> {
        let open = self.unacknowledged(caller, MOST)?;
        waiting.more |= open.len() == MOST;
        waiting.items.extend(open.into_iter().map(|gone| Item {
            kind: ItemKind::Withdrawal,
            title: format!("{} in {}", gone.object, gone.collection),
            id: gone.id,
            from: String::new(),
            since: Instant(gone.at),
            due: None,
            marking: Marking::Green,
        }));
        Ok(())
    }

    fn feedback_for(
        &self,
        caller: &Caller,
        since: Instant,
        waiting: &mut Waiting,
    ) -> Result<(), Error> {
        // The operator is told what every party is told: that is no inbox.
        if *caller == Caller::Operator {
            return Ok(());
        }
        let from = self.first_after(since)?;
        let told = self.feedback_told(caller, from.checked_sub(1), MOST)?;
        waiting.more |= told.more;
        for item in told.items {
            let words = match item.kind {
                FeedbackKind::Seen => format!("seen {} times", item.count),
                kind => kind.to_string(),
            };
            waiting.items.push(Item {
                kind: ItemKind::Feedback,
                title: words,
                id: item.signal,
                from: item.author,
                since: item.at,
                due: None,
                marking: Marking::Green,
            });
        }
        Ok(())
    }

    /// The position of the first entry after an instant, or the journal's end: entries' times rise.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn first_after(&self, at: Instant) -> Result<u64, Error> {
        let (mut low, mut high) = (0, *self.watch().borrow());
        while low < high {
            let middle = low + (high - low) / 2;
            // An entry that was erased has no time: the next one that has stands for it.
            let mut place = middle;
            let mut later = None;
            while place < high {
                let stored = self.shared.journal.get(Position(place))?;
                if !stored.body.is_empty() {
                    later = Some(entry::decode(&stored.body)?.at > at);
                    break;
                }
                place += 1;
            }
            if later == Some(false) {
                low = place + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

fn accession_for(directory: &Directory, viewer: &Viewer, items: &mut Vec<Item>) {
    let accession = directory.accession();
    for record in accession.invitations() {
        let invitation = &record.invitation;
        if record.answer.is_none() && viewer.side(directory, &invitation.party) == Some(Side::Party)
        {
            items.push(Item {
                kind: ItemKind::Invitation,
                id: invitation.id.clone(),
                title: format!("to be {}", invitation.join_as.label()),
                from: String::new(),
                since: record.recorded.at,
                due: None,
                marking: Marking::Green,
            });
        }
    }
    for record in accession.steps() {
        let step = &record.step;
        let side = viewer.side(directory, &step.party);
        let other = side.is_some_and(|side| side != step.by);
        if other && record.agreed.is_empty() && record.replaced_by.is_empty() && step.show.is_any()
        {
            items.push(Item {
                kind: ItemKind::Step,
                id: step.id.clone(),
                title: step.topics.join(", "),
                from: if side == Some(Side::Steward) {
                    step.party.clone()
                } else {
                    String::new()
                },
                since: record.recorded.at,
                due: None,
                marking: Marking::AmberStrict,
            });
        }
    }
}

fn commitments_for(directory: &Directory, viewer: &Viewer, now: Instant, items: &mut Vec<Item>) {
    let Caller::Member(member) = viewer.caller() else {
        return;
    };
    if !member.collections.is_empty() {
        return;
    }
    let calendar = directory.report_calendar();
    let item = |kind, record: &CommitmentRecord, since, due| Item {
        kind,
        id: record.id().to_owned(),
        title: record.newest().words.chars().take(LONGEST_TITLE).collect(),
        from: String::new(),
        since,
        due: Some(due),
        marking: Marking::Clear,
    };
    for record in directory.commitments().of_party(&member.party) {
        if let Some(due) = record.next_due(&calendar).map(Instant::end_of)
            && due.0 - now.0 <= REPORT_SHOWN
        {
            let since = Instant((due.0 - REPORT_SHOWN).max(record.newest_held().at.0));
            items.push(item(ItemKind::Report, record, since, due));
        }
        let open = record
            .letters
            .iter()
            .filter(|said| said.reply.is_none() && record.outcome(said) == Outcome::Waiting);
        for said in open {
            let on = Instant::end_of(said.held.what.on.yesterday().unwrap_or(said.held.what.on));
            items.push(item(ItemKind::Letter, record, said.held.at, on));
        }
    }
}

fn erasures_for(directory: &Directory, viewer: &Viewer, items: &mut Vec<Item>) {
    if viewer.administers().is_err() {
        return;
    }
    let caller = viewer.caller();
    for proposed in directory.erasures().proposals() {
        let by = &proposed.by;
        let own = Some(by.party.as_str()) == caller.party()
            && Some(by.account.as_str()) == caller.account();
        if !own {
            items.push(Item {
                kind: ItemKind::Erasure,
                id: proposed.proposal.id.clone(),
                title: proposed.proposal.reason.clone(),
                from: by.party.clone(),
                since: proposed.at,
                due: None,
                marking: Marking::AmberStrict,
            });
        }
    }
}
