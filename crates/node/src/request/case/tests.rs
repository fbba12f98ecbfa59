//! Whose silence it was.

use super::*;
use crate::account::{Fate, Standing};
use crate::clock::DAY;
use crate::request::calendar::Place;
use crate::request::deadline::Wanted;
use crate::request::model::Category;

/// 2026-01-01T00:00:00Z.
const SENT: Instant = Instant(1_767_225_600_000_000);

/// A request that is to be answered within ten working days: by the end of the fifteenth day.
fn sent() -> Case {
    let place = Place {
        zone: None,
        holidays: std::collections::BTreeSet::new(),
    };
    let request = Request {
        id: "0a1b2c3d4e5f".into(),
        from: "alpha".into(),
        to: "beta".into(),
        kind: Kind::Information,
        category: Category::Fraud,
        title: "A question".into(),
        words: "Please tell.".into(),
        targets: Vec::new(),
        signals: Vec::new(),
        principle: None,
        ground: None,
        country: None,
        contact: None,
        contact_mark: None,
        good_faith: true,
        evidence: Vec::new(),
        marking: Marking::Clear,
        reference: None,
        follows: None,
        deadline: Some(Wanted::default().decide(SENT, &place).unwrap()),
        key: None,
    };
    Case::open(7, SENT, "main", &request)
}

fn on(day: i64) -> Instant {
    Instant(SENT.0 + day * DAY)
}

#[test]
fn a_case_lapses_only_when_it_was_asked_back_in_time() {
    let ask = Step::Ask {
        question: "Which?".into(),
    };
    for (day, outcome, waits, ended) in [
        (14, Outcome::Lapsed, Fate::WithSender, Fate::Dropped),
        (16, Outcome::Unanswered, Fate::WithSender, Fate::Silent),
    ] {
        let mut case = sent();
        assert_eq!(case.check_time(Verb::Ask, on(day)).is_ok(), day == 14);
        // As a journal tells that was written by another.
        case.take(8, on(day), "desk", Role::Recipient, &ask);
        assert_eq!(case.state, State::MoreInformation);
        assert_eq!(Standing::of(&case).unwrap().fate, waits);
        let close = Step::Close { words: None };
        case.take(9, on(day + QUESTION_DAYS), "clock", Role::Clock, &close);
        assert_eq!((case.state, case.outcome), (State::Closed, outcome));
        assert_eq!(Standing::of(&case).unwrap().fate, ended);
    }
}

#[test]
fn silence_stays_silence_whatever_is_asked_after_it() {
    let mut case = sent();
    case.take(8, on(22), "clock", Role::Clock, &Step::Expire);
    assert_eq!(Standing::of(&case).unwrap().fate, Fate::Silent);
    case.state = State::MoreInformation;
    assert_eq!(Standing::of(&case).unwrap().fate, Fate::Silent);
}
