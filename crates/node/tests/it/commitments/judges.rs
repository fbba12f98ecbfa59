//! Who judges whom, and what is sent twice.

use node::act::history::NewReassignment;
use node::history::Becomes;
use node::pledge::{Kind, Party, PledgeFile};

use super::*;
use crate::fixture::PLEDGE;

async fn judged(node: &Node, caller: &Caller, id: &str) -> Result<String, Error> {
    let judgement = judgement(&["https://beta.example/"]);
    let reviewed = node.review_commitment(caller, id, Completion::Limited, judgement.clone());
    let reviewed = reviewed.await;
    let shown = node.counter_commitment(caller, id, judgement).await;
    assert_eq!(shown.is_ok(), reviewed.is_ok());
    reviewed
}

#[tokio::test]
async fn neither_a_successor_nor_a_predecessor_judges_its_other_self() {
    let (journal, alpha, beta) = begun().await;
    let node = at(&journal, 1);
    let of_alpha = node.commit(&alpha, new("alpha")).await.unwrap();
    let of_beta = node.commit(&beta, new("beta")).await.unwrap();
    judged(&node, &beta, of_alpha.id()).await.unwrap();
    let became = NewReassignment {
        party: "alpha".into(),
        becomes: Becomes::Succeeded("beta".into()),
        since: None,
        reason: "It was sold.".into(),
        source: "text".into(),
        carry: false,
    };
    node.reassign(&Caller::Operator, became).await.unwrap();
    for (caller, id) in [(&beta, of_alpha.id()), (&alpha, of_beta.id())] {
        let denied = judged(&node, caller, id).await;
        assert_eq!(denied, Err(Refusal::OwnCommitment.into()));
    }
}

#[tokio::test]
async fn who_runs_the_node_judges_nothing_of_the_steward_s_own() {
    let (journal, alpha, _) = begun().await;
    let node = at(&journal, 1);
    let made = node.commit(&alpha, new("alpha")).await.unwrap();
    judged(&node, &Caller::Operator, made.id()).await.unwrap();
    // Where alpha is the steward.
    let node = at(&(Arc::new(Memory::default()) as Arc<dyn Journal>), 1);
    let mut file = PledgeFile::parse(PLEDGE, "test.toml").unwrap();
    file.pledge.steward = Some("alpha".into());
    for id in ["alpha", "beta"] {
        file.parties.push(Party {
            id: id.into(),
            name: id.to_uppercase(),
            kind: Kind::PrivateSector,
            country: None,
            listed: None,
        });
        file.stances.push(StanceChange {
            party: id.into(),
            stance: Stance::Signed,
            since: date(2020, 6, 1),
            basis: Basis::SignedOn,
            precision: Precision::Day,
            source: Some("text".into()),
            note: None,
        });
    }
    node.load_pledge(&Caller::Operator, file).await.unwrap();
    assert_eq!(node.directory().steward(), Some("alpha"));
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let made = node.commit(&alpha, new("alpha")).await.unwrap();
    let denied = judged(&node, &Caller::Operator, made.id()).await;
    assert_eq!(denied, Err(Refusal::OwnCommitment.into()));
    let other = node.commit(&beta, new("beta")).await.unwrap();
    judged(&node, &Caller::Operator, other.id()).await.unwrap();
}

#[tokio::test]
async fn what_is_sent_again_with_its_key_is_done_once() {
    let (journal, alpha, beta) = begun().await;
    let node = at(&journal, 1);
    let key = |key: &str| Some(key.to_owned());
    let keyed = NewCommitment {
        key: key("one"),
        ..new("alpha")
    };
    let made = node.commit(&alpha, keyed.clone()).await.unwrap();
    let said = NewReport {
        key: key("two"),
        ..report(Completion::Limited)
    };
    let first = node
        .report_commitment(&alpha, made.id(), said.clone())
        .await;
    let judged = NewJudgement {
        key: key("two"),
        ..judgement(&["https://beta.example/"])
    };
    let shown = node
        .counter_commitment(&beta, made.id(), judged.clone())
        .await;
    let entries = node.entries();
    assert_eq!(
        node.commit(&alpha, keyed.clone()).await.unwrap().id(),
        made.id()
    );
    assert_eq!(
        node.report_commitment(&alpha, made.id(), said.clone())
            .await,
        first
    );
    assert_eq!(
        node.counter_commitment(&beta, made.id(), judged.clone())
            .await,
        shown
    );
    let amend = |words: &str| {
        let terms = Terms {
            words: words.into(),
            ..terms()
        };
        node.amend_commitment(&alpha, made.id(), terms, "So.".into(), None)
    };
    amend("More.").await.unwrap();
    assert_eq!(amend("More.").await.unwrap().versions().count(), 2);
    assert_eq!(node.entries(), entries + 1);
    // The same key for something else.
    let other = NewReport {
        completion: Completion::Complete,
        ..said
    };
    let other = words(node.report_commitment(&alpha, made.id(), other).await);
    assert!(other.contains("Idempotency-Key"), "{other}");
    let step = Completion::Limited;
    let other = words(node.review_commitment(&beta, made.id(), step, judged).await);
    assert!(other.contains("Idempotency-Key"), "{other}");
    let other = NewCommitment {
        principle: 1,
        terms: Terms {
            due: date(2027, 1, 1),
            ..terms()
        },
        ..keyed
    };
    assert!(words(node.commit(&alpha, other).await).contains("Idempotency-Key"));
}

#[tokio::test]
async fn an_id_tells_nothing_of_the_key_and_a_key_is_one_party_s() {
    let (journal, alpha, beta) = begun().await;
    let node = at(&journal, 1);
    let keyed = |party: &str| NewCommitment {
        key: Some("2026-quarter-1".into()),
        ..new(party)
    };
    let made = node.commit(&alpha, keyed("alpha")).await.unwrap();
    let other = node.commit(&beta, keyed("beta")).await.unwrap();
    assert_ne!(made.id(), other.id());
    // The same on another journal: what is sent does not decide the id.
    let (elsewhere, again, _) = begun().await;
    let twin = at(&elsewhere, 1).commit(&again, keyed("alpha")).await;
    assert_ne!(twin.unwrap().id(), made.id());
    // A rebuilt node finds it by its key.
    let rebuilt = at(&journal, 2);
    let found = rebuilt.commit(&alpha, keyed("alpha")).await.unwrap();
    assert_eq!(found, made);
    // Letters are drawn too.
    let announced = async |journal: &Arc<dyn Journal>, id: &str| {
        let node = at(journal, 3);
        let letter = node.announce_delisting(&Caller::Operator, id, "So.".into());
        letter.await.unwrap().id
    };
    let first = announced(&journal, made.id()).await;
    assert_ne!(first, announced(&journal, other.id()).await);
}
