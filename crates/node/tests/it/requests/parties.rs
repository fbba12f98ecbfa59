//! Parties that change, calendars that they set, and how much one may ask.

use jiff::civil::date;
use node::act::history::NewReassignment;
use node::act::request::{NewStep, Query};
use node::clock::{Clock, Instant};
use node::history::Becomes;
use node::model::Marking;
use node::pledge::{Basis, Party, PledgeFile, Precision, Stance, StanceChange};
use node::request::deadline::Wanted;
use node::request::{Kind, Preset, Role, State, Verb};
use node::{Caller, Error, Node};

use super::{DAY, members, takedown};
use crate::fixture::{NEW_YEAR, PLEDGE, member, node};

async fn stance(node: &Node, party: &str, stance: Stance) {
    let change = StanceChange {
        party: party.into(),
        stance,
        since: date(2026, 1, 1),
        basis: Basis::SignedOn,
        precision: Precision::Day,
        source: None,
        note: Some("for tests".into()),
    };
    node.set_stance(&Caller::Operator, change).await.unwrap();
}

#[tokio::test]
async fn cases_of_a_party_that_became_another_are_its_successors() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, gamma] = members(&node).await;
    let sent = node.send_request(
        &alpha,
        takedown(Marking::Red.min(Marking::AmberStrict)),
        None,
    );
    let id = sent.await.unwrap().case.request.id;
    let new = NewReassignment {
        party: "beta".into(),
        becomes: Becomes::Succeeded("gamma".into()),
        since: None,
        reason: "It was sold.".into(),
        source: "text".into(),
        carry: false,
    };
    node.reassign(&Caller::Operator, new).await.unwrap();
    let waiting = node.requests_waiting(&gamma, 10).unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].roles.contains(&Role::Recipient));
    assert_eq!(node.requests_waiting(&beta, 10).unwrap().len(), 0);
    for (caller, own, listed) in [
        (&gamma, vec!["gamma", "beta"], 1),
        (&alpha, vec!["alpha"], 1),
        (&beta, vec![], 0),
    ] {
        assert_eq!(node.stands_for(caller), own);
        let query = Query {
            own: Some(node.stands_for(caller)),
            ..Query::default()
        };
        let page = node.requests(caller, &query).unwrap();
        assert_eq!(page.cases.len(), listed, "{own:?}");
        let waiting = node.requests_waiting_among(caller, &query).unwrap();
        let waits = usize::from(own.len() == 2);
        assert_eq!(waiting.len(), waits, "{own:?}");
    }
    let step = NewStep::new(Verb::Acknowledge, None);
    let before = node.step_request(&beta, &id, step.clone(), None).await;
    assert!(matches!(before, Err(Error::Refused(_))), "{before:?}");
    node.step_request(&gamma, &id, step, None).await.unwrap();
    let again = node
        .send_request(&alpha, takedown(Marking::Clear), None)
        .await;
    assert!(again.unwrap_err().to_string().contains("ask that one"));
}

#[tokio::test]
async fn what_waits_is_filtered_before_it_is_cut() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, _] = members(&node).await;
    let mut urgent = takedown(Marking::Clear);
    urgent.deadline.preset = Preset::Contact;
    node.send_request(&alpha, urgent, None).await.unwrap();
    let mut other = takedown(Marking::Clear);
    other.kind = Kind::Assistance;
    node.send_request(&alpha, other, None).await.unwrap();
    let query = Query {
        kind: Some(Kind::Assistance),
        limit: Some(1),
        ..Query::default()
    };
    let waiting = node.requests_waiting_among(&beta, &query).unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].case.request.kind, Kind::Assistance);
}

#[tokio::test]
async fn a_draft_to_a_predecessor_takes_no_part_away() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, _, gamma] = members(&node).await;
    let mut sent = takedown(Marking::Clear);
    sent.to = "gamma".into();
    node.send_request(&alpha, sent, None).await.unwrap();
    let mut draft = takedown(Marking::Clear);
    draft.draft = true;
    node.send_request(&alpha, draft, None).await.unwrap();
    let new = NewReassignment {
        party: "beta".into(),
        becomes: Becomes::Succeeded("gamma".into()),
        since: None,
        reason: "It was sold.".into(),
        source: "text".into(),
        carry: false,
    };
    node.reassign(&Caller::Operator, new).await.unwrap();
    stance(&node, "gamma", Stance::Suspended).await;
    node.may_attach(&gamma).unwrap();
}

#[tokio::test]
async fn what_is_sent_twice_is_compared_whole() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, _] = members(&node).await;
    let mut new = takedown(Marking::Clear);
    let days = |zone: &str| Wanted {
        preset: Preset::Custom,
        days: Some(3),
        zone: Some(zone.into()),
        ..Wanted::default()
    };
    new.deadline = days("Europe/Paris");
    let sent = node.send_request(&alpha, new.clone(), Some("a"));
    let id = sent.await.unwrap().case.request.id;
    for (zone, same) in [("europe/PARIS", true), ("Europe/Berlin", false)] {
        new.deadline = days(zone);
        let again = node.send_request(&alpha, new.clone(), Some("a")).await;
        match again {
            Ok(case) => assert!(same && case.case.request.id == id, "{zone}"),
            Err(error) => assert!(!same && matches!(error, Error::Conflict(_)), "{error}"),
        }
    }
    let ask = NewStep::new(Verb::Ask, Some("Which?"));
    node.step_request(&beta, &id, ask, None).await.unwrap();
    let mut answer = NewStep::new(Verb::Answer, Some("That."));
    answer.deadline = Some(days("Europe/Paris"));
    let given = Instant(NEW_YEAR.0 + 90 * DAY);
    let mut accept = NewStep::new(Verb::Accept, None);
    accept.done_by = Some(given);
    let mut plain = answer.clone();
    plain.deadline = Some(Wanted::default());
    let mut later = accept.clone();
    later.done_by = Some(Instant(given.0 + DAY));
    let without = NewStep::new(Verb::Accept, None);
    for (caller, step, others) in [
        (&alpha, answer, vec![plain]),
        (&beta, accept, vec![later, without]),
    ] {
        let take = async |step: &NewStep| {
            node.step_request(caller, &id, step.clone(), Some("s"))
                .await
        };
        let first = take(&step).await.unwrap().position;
        assert_eq!(take(&step).await.unwrap().position, first);
        for other in others {
            let again = take(&other).await;
            assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        }
    }
}

#[tokio::test]
async fn who_is_suspended_or_withdrew_answers_and_asks_nothing_new() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, _] = members(&node).await;
    let mut draft = takedown(Marking::Clear);
    draft.draft = true;
    let draft = node
        .send_request(&alpha, draft, None)
        .await
        .unwrap()
        .case
        .request
        .id;
    let sent = node
        .send_request(&alpha, takedown(Marking::Clear), None)
        .await;
    let id = sent.unwrap().case.request.id;
    stance(&node, "alpha", Stance::Withdrawn).await;
    stance(&node, "beta", Stance::Suspended).await;
    let refused = node
        .send_request(&alpha, takedown(Marking::Clear), None)
        .await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let send = NewStep::new(Verb::Send, None);
    let refused = node.step_request(&alpha, &draft, send, None).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let step = |verb| NewStep::new(verb, Some("For tests."));
    node.step_request(&beta, &id, step(Verb::Ask), None)
        .await
        .unwrap();
    let answered = node
        .step_request(&alpha, &id, step(Verb::Answer), None)
        .await;
    assert_eq!(answered.unwrap().case.case.state, State::Acknowledged);
    // Whoever lost its token meanwhile does nothing any more.
    let Caller::Member(token) = &beta else {
        unreachable!()
    };
    node.revoke_token(&Caller::Operator, &token.token)
        .await
        .unwrap();
    let late = node
        .step_request(&beta, &id, step(Verb::Decline), None)
        .await;
    assert_eq!(late.unwrap_err(), Error::Unauthenticated);
}

#[tokio::test]
async fn a_token_that_may_not_read_is_told_what_it_wrote() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    members(&node).await;
    let blind = member(&node, "alpha", "publish").await;
    let mut red = takedown(Marking::Red);
    red.kind = Kind::Information;
    let sent = node.send_request(&blind, red, None).await.unwrap();
    let id = sent.case.request.id;
    assert_eq!(sent.case.request.title, "Incitement on page 7");
    let note = NewStep::new(Verb::Note, Some("More."));
    let stepped = node.step_request(&blind, &id, note, None).await.unwrap();
    assert_eq!(stepped.case.case.request.title, "");
    assert!(matches!(
        node.request_case(&blind, &id),
        Err(Error::NotFound(_))
    ));
    assert_eq!(
        node.requests(&blind, &Query::default())
            .unwrap()
            .cases
            .len(),
        0
    );
}

#[tokio::test]
async fn deadlines_follow_the_zone_of_the_recipient_and_the_holidays_of_its_country() {
    let text = format!("{PLEDGE}\n[[holidays]]\ncountry = \"FR\"\ndays = [2026-01-05]\n");
    let file = PledgeFile::parse(&text, "test.toml").unwrap();
    assert_eq!(file.holidays[0].days, [date(2026, 1, 5)]);
    let wrong = text.replace("2026-01-05", "\"2026-01\"");
    let wrong = PledgeFile::parse(&wrong, "test.toml").unwrap_err();
    assert!(wrong.to_string().contains("one day"), "{wrong}");
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, _] = members(&node).await;
    let french = Party {
        id: "beta".into(),
        name: "BETA".into(),
        kind: node::pledge::Kind::PrivateSector,
        country: Some("FR".parse().unwrap()),
        listed: None,
    };
    node.add_party(&Caller::Operator, french).await.unwrap();
    let holidays = vec![date(2026, 1, 6), date(2026, 1, 5), date(2026, 1, 5)];
    let refused = node.set_holidays(&beta, "FR", holidays.clone(), None).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    node.set_holidays(&Caller::Operator, "FR", holidays, None)
        .await
        .unwrap();
    let refused = node.set_zone(&alpha, "beta", Some("Europe/Paris")).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    let unknown = node.set_zone(&beta, "beta", Some("Europe/Lutetia")).await;
    assert!(unknown.unwrap_err().to_string().contains("Europe/Lutetia"));
    node.set_zone(&beta, "beta", Some("europe/paris"))
        .await
        .unwrap();
    let mut new = takedown(Marking::Clear);
    new.deadline = Wanted {
        preset: Preset::Custom,
        days: Some(2),
        ..Wanted::default()
    };
    let sent = node.send_request(&alpha, new, None).await.unwrap();
    let deadline = sent.case.deadline.unwrap();
    // Friday the second, then the weekend and two holidays; Paris is an hour ahead.
    assert_eq!(
        deadline.answer_by.to_second_string(),
        "2026-01-07T22:59:59Z"
    );
    assert_eq!(deadline.zone.as_deref(), Some("Europe/Paris"));
}

#[tokio::test]
async fn what_one_party_may_ask_is_bounded() {
    let node = node().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let mut draft = takedown(Marking::Clear);
    draft.draft = true;
    for _ in 0..100 {
        node.send_request(&alpha, draft.clone(), None)
            .await
            .unwrap();
    }
    let limited = node.send_request(&alpha, draft.clone(), None).await;
    assert!(matches!(limited, Err(Error::Limit(_))), "{limited:?}");
    let mut last = String::new();
    for _ in 0..200 {
        let sent = node
            .send_request(&alpha, takedown(Marking::Clear), None)
            .await;
        last = sent.unwrap().case.request.id;
    }
    let limited = node
        .send_request(&alpha, takedown(Marking::Clear), None)
        .await;
    assert!(matches!(limited, Err(Error::Limit(_))), "{limited:?}");
    let step = NewStep::new(Verb::Decline, Some("No."));
    node.step_request(&beta, &last, step, None).await.unwrap();
    node.send_request(&alpha, takedown(Marking::Clear), None)
        .await
        .unwrap();
    // Texts that read in another order than they are written.
    let mut turned = takedown(Marking::Clear);
    turned.title = "gpj\u{202e}exe".into();
    let refused = node.send_request(&beta, turned, None).await;
    assert!(refused.is_err());
}
