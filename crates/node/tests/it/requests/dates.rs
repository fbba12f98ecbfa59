//! What the node does when dates come, whatever the clock does.

use std::sync::Arc;

use journal::memory::Memory;
use node::act::request::NewStep;
use node::clock::{Clock, Instant};
use node::model::Marking;
use node::request::{Late, Outcome, State, Verb};
use node::{Caller, Node};

use super::{DAY, members, takedown};
use crate::fixture::NEW_YEAR;

/// A journal with a request from alpha to beta, and the two.
struct Story {
    journal: Arc<Memory>,
    sides: [Caller; 2],
    id: String,
}

impl Story {
    async fn begin() -> Self {
        let journal: Arc<Memory> = Arc::default();
        let node = Node::on(Arc::clone(&journal) as _, Clock::manual(NEW_YEAR)).unwrap();
        let [alpha, beta, _] = members(&node).await;
        let sent = node.send_request(&alpha, takedown(Marking::Clear), None);
        let id = sent.await.unwrap().case.request.id;
        let sides = [alpha, beta];
        Story { journal, sides, id }
    }

    /// The node, so many days after New Year.
    fn on(&self, day: i64) -> Node {
        let clock = Clock::manual(Instant(NEW_YEAR.0 + day * DAY));
        Node::on(Arc::clone(&self.journal) as _, clock).unwrap()
    }

    /// The steps that are taken when a node sees to dates on a day.
    async fn advance(&self, day: i64) -> Vec<Verb> {
        let node = self.on(day);
        let before = self.steps(&node).len();
        node.advance_requests().await.unwrap();
        assert_eq!(node.advance_requests().await.unwrap(), 0, "nothing twice");
        self.steps(&node).split_off(before)
    }

    fn steps(&self, node: &Node) -> Vec<Verb> {
        let case = node.request_case(&Caller::Operator, &self.id).unwrap();
        case.steps.iter().map(|step| step.step.verb()).collect()
    }

    async fn step(&self, day: i64, side: usize, verb: Verb) -> Option<String> {
        let step = NewStep::new(verb, Some("For tests."));
        let node = self.on(day);
        let caller = &self.sides[side];
        let stepped = node.step_request(caller, &self.id, step, None).await;
        stepped.unwrap().link
    }

    async fn link(&self, day: i64) -> String {
        let node = self.on(day);
        let step = NewStep::new(Verb::Link, None);
        let stepped = node.step_request(&self.sides[1], &self.id, step, None);
        stepped.await.unwrap().link.unwrap()
    }
}

#[tokio::test]
async fn silence_is_reminded_of_escalated_expired_closed_and_forgotten() {
    let story = Story::begin().await;
    // Ten working days from 1 January 2026: until the end of the 15th.
    assert_eq!(story.advance(7).await, []);
    assert_eq!(story.advance(8).await, [Verb::Remind], "half of the time");
    assert_eq!(story.advance(7).await, [], "the clock went back");
    assert_eq!(story.advance(8).await, []);
    assert_eq!(story.advance(14).await, [Verb::Remind], "24 hours before");
    assert_eq!(story.advance(15).await, [Verb::Remind, Verb::Escalate]);
    let node = story.on(15);
    let case = node
        .request_case(&Caller::Operator, &story.id)
        .unwrap()
        .case;
    assert_eq!(case.escalated_for, Some(Late::Answer));
    assert_eq!(story.advance(22).await, [Verb::Expire]);
    assert_eq!(story.advance(22 + 182).await, []);
    assert_eq!(story.advance(22 + 184).await, [Verb::Close]);
    assert_eq!(story.advance(22 + 184 + 214).await, [Verb::Forget]);
    let node = story.on(500);
    let case = node
        .request_case(&Caller::Operator, &story.id)
        .unwrap()
        .case;
    assert_eq!(
        (case.state, case.outcome),
        (State::Closed, Outcome::Unanswered)
    );
    assert!(case.forgotten && !case.keeps_contacts());
    assert_eq!(node.next_request_date().unwrap(), None);
}

#[tokio::test]
async fn silence_stays_silence_until_it_is_answered() {
    let story = Story::begin().await;
    let take = async |day: i64, verb| {
        let step = NewStep::new(verb, Some("For tests."));
        let node = story.on(day);
        let view = node.request_case(&story.sides[1], &story.id).unwrap();
        let is_open = view.open.iter().any(|(_, open)| *open == verb);
        let taken = node.step_request(&story.sides[1], &story.id, step, None);
        let taken = taken.await.map(|stepped| stepped.case.case.outcome);
        assert_eq!(is_open, taken.is_ok(), "{verb}");
        taken
    };
    // A question after the deadline would make it the sender's silence.
    let late = take(16, Verb::Ask).await.unwrap_err().to_string();
    assert!(late.contains("accept or decline"), "{late}");
    take(16, Verb::Acknowledge).await.unwrap();
    story.advance(22).await;
    // That it was received would have the clock begin again, and again.
    assert!(take(23, Verb::Acknowledge).await.is_err());
    assert!(take(23, Verb::Ask).await.is_err());
    assert_eq!(take(23, Verb::Decline).await.unwrap(), Outcome::Declined);
}

#[tokio::test]
async fn what_was_declined_reaches_the_steward_when_the_sender_asks() {
    let story = Story::begin().await;
    story.step(1, 1, Verb::Decline).await;
    story.step(2, 0, Verb::Escalate).await;
    let node = story.on(3);
    let found = node.requests_escalated(&Caller::Operator, 10).unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn after_downtime_each_step_is_recorded_once_and_one_reminder_stands_for_all() {
    let story = Story::begin().await;
    let steps = story.advance(1000).await;
    let wanted = [Verb::Remind, Verb::Escalate, Verb::Expire, Verb::Close];
    assert_eq!(steps, wanted);
    // What is kept after the end of a case is kept from when it ended.
    assert_eq!(story.advance(1000 + 214).await, [Verb::Forget]);
}

#[tokio::test]
async fn a_question_stops_the_clock_and_silence_on_it_is_the_senders() {
    let story = Story::begin().await;
    story.step(10, 1, Verb::Ask).await;
    assert_eq!(
        story.advance(24).await,
        [],
        "its deadline has passed meanwhile"
    );
    assert_eq!(story.advance(25).await, [Verb::Remind]);
    story.step(30, 0, Verb::Answer).await;
    let case = story
        .on(30)
        .request_case(&story.sides[0], &story.id)
        .unwrap()
        .case;
    let answer_by = case.deadline.unwrap().answer_by.0;
    let before = NEW_YEAR.0 + 15 * DAY;
    // Twenty days later would be a Wednesday: nothing less.
    assert_eq!(answer_by, before + 20 * DAY - 1);
    story.step(31, 1, Verb::Ask).await;
    assert_eq!(story.advance(61).await, [Verb::Remind, Verb::Close]);
    let case = story
        .on(61)
        .request_case(&story.sides[0], &story.id)
        .unwrap()
        .case;
    assert_eq!(case.outcome, Outcome::Lapsed);
}

#[tokio::test]
async fn a_contest_has_a_date_and_so_has_undoing_what_was_reversed() {
    let story = Story::begin().await;
    story.step(1, 1, Verb::Accept).await;
    story.step(2, 1, Verb::Done).await;
    let early = NewStep::new(Verb::Close, None);
    let early = story
        .on(2)
        .step_request(&story.sides[0], &story.id, early, None)
        .await;
    assert!(
        early.is_err(),
        "who had it removed does not end the time to contest"
    );
    let link = story.link(2).await;
    let node = story.on(3);
    node.contest(&link, "It was a quotation.".into(), None)
        .await
        .unwrap();
    assert!(!node.contestable(&link).unwrap().open);
    drop(node);
    assert_eq!(story.advance(10).await, [Verb::Remind]);
    assert_eq!(story.advance(16).await, [Verb::Remind]);
    assert_eq!(story.advance(17).await, [Verb::Remind, Verb::Escalate]);
    let step = |verb| NewStep::new(verb, Some("We looked."));
    let node = story.on(18);
    let upheld = node.step_request(&Caller::Operator, &story.id, step(Verb::Uphold), None);
    assert_eq!(upheld.await.unwrap().case.case.state, State::Done);
    // One contest a link; a new link for new facts.
    let again = node
        .contest(&link, "Once more.".into(), None)
        .await
        .unwrap_err();
    assert!(again.to_string().contains("new one"), "{again}");
    drop(node);
    let second = story.link(19).await;
    let node = story.on(20);
    node.contest(&second, "Here is the book.".into(), None)
        .await
        .unwrap();
    let reversed = node.step_request(&Caller::Operator, &story.id, step(Verb::Reverse), None);
    assert_eq!(reversed.await.unwrap().case.case.state, State::Closed);
    drop(node);
    assert_eq!(story.advance(28).await, [Verb::Remind, Verb::Escalate]);
    let case = story
        .on(28)
        .request_case(&Caller::Operator, &story.id)
        .unwrap()
        .case;
    assert_eq!(case.escalated_for, Some(Late::Restore));
    assert!(case.is_overdue(Instant(NEW_YEAR.0 + 29 * DAY)));
    story.step(29, 1, Verb::Restore).await;
    assert_eq!(story.advance(60).await, []);
}
