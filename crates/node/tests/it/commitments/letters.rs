//! The steward's letters beside those of the calendar, and what becomes of them.

use node::act::inbox::ItemKind;
use node::commitment::Outcome;

use super::*;

fn outcomes(record: &CommitmentRecord) -> Vec<Outcome> {
    let letters = record.letters.iter();
    letters.map(|letter| record.outcome(letter)).collect()
}

async fn delisting(node: &Node, id: &str) -> String {
    let announced = node.announce_delisting(&Caller::Operator, id, "Its desk is none.".into());
    announced.await.unwrap().id
}

#[tokio::test]
async fn an_announced_delisting_outlives_a_step_of_the_calendar_and_a_report() {
    let (journal, alpha, _) = begun().await;
    at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    let id = advanced(&at(&journal, 380)).await.id().to_owned();
    // Late on day 394 by the calendar, with the steward's letter of day 390 open.
    let letter = delisting(&at(&journal, 390), &id).await;
    let late = advanced(&at(&journal, 394)).await;
    assert_eq!(late.state(), State::Late);
    assert_eq!(outcomes(&late), [Outcome::CarriedOut, Outcome::Waiting]);
    let node = at(&journal, 395);
    let said = report(Completion::Limited);
    node.report_commitment(&alpha, &id, said).await.unwrap();
    let back = advanced(&node).await;
    assert_eq!(back.state(), State::Active);
    let pending = back.pending_decision().map(|said| &said.held.what.id);
    assert_eq!(pending, Some(&letter));
    let delisted = advanced(&at(&journal, 404)).await;
    assert_eq!(delisted.state(), State::Delisted);
    assert_eq!(
        delisted.states.last().unwrap().what.letter.as_deref(),
        Some(letter.as_str())
    );
    assert_eq!(
        outcomes(&delisted),
        [Outcome::CarriedOut, Outcome::CarriedOut]
    );
}

#[tokio::test]
async fn an_announced_delisting_is_taken_back_after_a_step_of_the_calendar_too() {
    let (journal, alpha, _) = begun().await;
    at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    let id = advanced(&at(&journal, 380)).await.id().to_owned();
    let letter = delisting(&at(&journal, 390), &id).await;
    advanced(&at(&journal, 394)).await;
    let node = at(&journal, 395);
    node.revoke_letter(&Caller::Operator, &letter, "It was shown.".into())
        .await
        .unwrap();
    let record = advanced(&at(&journal, 420)).await;
    assert_eq!(record.state(), State::Late);
    assert_eq!(outcomes(&record), [Outcome::CarriedOut, Outcome::Revoked]);
}

#[tokio::test]
async fn a_letter_of_the_calendar_is_overtaken_by_the_steward_s_decision() {
    let (journal, alpha, _) = begun().await;
    at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    let id = advanced(&at(&journal, 300)).await.id().to_owned();
    delisting(&at(&journal, 370), &id).await;
    advanced(&at(&journal, 381)).await;
    let delisted = advanced(&at(&journal, 384)).await;
    assert_eq!(delisted.state(), State::Delisted);
    assert_eq!(
        outcomes(&delisted),
        [Outcome::CarriedOut, Outcome::Overtaken]
    );
}

#[tokio::test]
async fn a_letter_waits_in_the_inbox_until_its_step_is_taken() {
    let (journal, alpha, _) = begun().await;
    at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    let letters = |node: &Node| {
        let waiting = node.inbox(&alpha, None).unwrap().items;
        let letters = waiting.iter().filter(|one| one.kind == ItemKind::Letter);
        letters.count()
    };
    let node = at(&journal, 380);
    advanced(&node).await;
    assert_eq!(letters(&node), 1);
    let node = at(&journal, 394);
    assert_eq!(advanced(&node).await.state(), State::Late);
    assert_eq!(letters(&node), 0, "it was carried out");
}

#[tokio::test]
async fn what_is_late_is_reported_before_it_is_taken_back() {
    let (journal, alpha, _) = begun().await;
    let id = at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    let id = id.id().to_owned();
    advanced(&at(&journal, 380)).await;
    let node = at(&journal, 394);
    assert_eq!(advanced(&node).await.state(), State::Late);
    let withdraw = || node.withdraw_commitment(&alpha, &id, "No staff.".into(), None);
    assert!(words(withdraw().await).contains("report first"));
    let said = report(Completion::NotStarted);
    node.report_commitment(&alpha, &id, said).await.unwrap();
    let gone = withdraw().await.unwrap();
    assert_eq!(gone.keeping(), Keeping::Withdrawn);
    delist_then_withdraw(&journal, &alpha).await;
}

/// What the steward delisted is the steward's to give back.
async fn delist_then_withdraw(journal: &Arc<dyn Journal>, alpha: &Caller) {
    let node = at(journal, 400);
    let id = node.commit(alpha, new("alpha")).await.unwrap();
    delisting(&node, id.id()).await;
    let node = at(journal, 420);
    node.advance_commitments(node.now()).await.unwrap();
    let gone = node.withdraw_commitment(alpha, id.id(), "No staff.".into(), None);
    assert!(words(gone.await).contains("by the steward"));
}

#[tokio::test]
async fn what_is_overdue_stays_due_when_it_was_though_the_calendar_has_other_days_meanwhile() {
    let (journal, alpha, _) = begun().await;
    at(&journal, 1).commit(&alpha, new("alpha")).await.unwrap();
    let id = advanced(&at(&journal, 380)).await.id().to_owned();
    let node = at(&journal, 394);
    assert_eq!(advanced(&node).await.state(), State::Late);
    let other = Calendar {
        due: vec!["06-30".parse().unwrap()],
        ..node.directory().report_calendar()
    };
    let set = node.set_calendar(&Caller::Operator, other, "Summer.".into());
    set.await.unwrap();
    let due = |node: &Node| {
        let record = node.commitment(&id).unwrap();
        record.next_due(&node.directory().report_calendar())
    };
    assert_eq!(due(&node), Some(date(2026, 12, 31)));
    let said = report(Completion::Limited);
    node.report_commitment(&alpha, &id, said).await.unwrap();
    assert_eq!(due(&node), Some(date(2027, 6, 30)));
}
