//! What is erased is gone from answers and from every file; who may, and how many it takes.

use std::path::Path;

use node::act::changes::{ChangeKind, Since};
use node::act::erase::{Asked, Erasing, Step};
use node::act::feedback::NewFeedback;
use node::erasure::What;
use node::model::FeedbackKind;
use node::{Caller, Error, Node, Options, Query, Refusal, Versions};

use crate::fixture::{
    all, furnish, id, indicator, marked, member, node, opinion, publish, say, shared,
};

fn asked(what: What) -> Asked {
    Asked {
        what,
        reason: "The person it names asked for it.".into(),
        public: false,
        with_feedback: false,
        forget_id: false,
    }
}

fn object(number: u32) -> Asked {
    asked(What::Object(id(number)))
}

async fn erase(node: &Node, caller: &Caller, asked: Asked) -> Result<Erasing, Error> {
    node.erase(caller, Some(asked), Step::Erase).await
}

/// Whether the bytes stand in any file under a folder.
fn found_in(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(found_in(&path, needle));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            if bytes
                .windows(needle.len())
                .any(|at| at == needle.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test]
async fn what_is_erased_is_gone_from_answers_and_receivers_are_told() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    publish(&node, &alpha, &[indicator(1, 5, "a.example", "")]).await;
    publish(&node, &alpha, &[indicator(2, 0, "b.example", "")]).await;
    node.wait_for_index().unwrap();
    all(&node, &beta, "shared");
    let look = node
        .erase(&Caller::Operator, Some(object(1)), Step::Look)
        .await
        .unwrap();
    assert!(!look.erased && look.plan.objects[0].versions.len() == 2);
    assert_eq!(
        all(&node, &beta, "shared").len(),
        3,
        "to look changes nothing"
    );

    let erasing = erase(&node, &Caller::Operator, object(1)).await.unwrap();
    assert!(erasing.erased);
    assert_eq!(erasing.plan, look.plan);
    assert_eq!(all(&node, &beta, "shared").len(), 1);
    assert!(node.find(&beta, &id(1)).is_err());
    assert_eq!(node.lookup(&beta, &["a.example".into()]).unwrap().len(), 0);
    assert_eq!(node.lookup(&beta, &["b.example".into()]).unwrap().len(), 1);
    let notices = all(&node, &beta, "shared-withdrawn");
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("erase your copies") && notices[0].contains(&id(1)));
    let since = Since {
        limit: 10,
        ..Since::default()
    };
    let (changes, _) = node.changes(&beta, &since).unwrap();
    assert!(
        changes
            .iter()
            .any(|c| c.kind == ChangeKind::Withdrawn && c.object == id(1))
    );
    // Who fetched it hears of it, and its publisher sees who has not answered.
    let open = node.unacknowledged(&beta, 10).unwrap();
    assert_eq!(open.len(), 1);
    node.acknowledge(&beta, &open[0].id).await.unwrap();
    let own = node.withdrawals(&alpha, 10).unwrap();
    assert!(
        own[0]
            .peers
            .iter()
            .any(|p| p.party == "beta" && p.acknowledged.is_some())
    );

    // The trace is for who could see it; the reason for those who manage the node.
    let trace = node.erased(&beta, &id(1)).unwrap().unwrap();
    assert_eq!(trace.reason, None);
    assert!(
        node.erased(&Caller::Operator, &id(1))
            .unwrap()
            .unwrap()
            .reason
            .is_some()
    );
    assert_eq!(node.erased(&Caller::Anonymous, &id(1)).unwrap(), None);
    assert_eq!(
        node.erased(&beta, &id(2)).unwrap(),
        None,
        "it is still there"
    );
    let again = erase(&node, &Caller::Operator, object(1)).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn a_withdrawn_object_and_its_withdrawal_can_be_erased_and_nothing_comes_back() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(
        &node,
        &alpha,
        &[indicator(1, 0, "a.example", &marked("red"))],
    )
    .await;
    let every = Query {
        versions: Versions::All,
        ..Query::default()
    };
    node.withdraw(&alpha, "shared", &id(1), every)
        .await
        .unwrap();
    let withdrawal = (0..node.entries()).rev();
    let mut refused = Vec::new();
    for position in withdrawal.take(8) {
        let asked = asked(What::Positions(vec![position]));
        let answer = node.erase(&Caller::Operator, Some(asked), Step::Look).await;
        refused.push(answer.unwrap_err().to_string());
    }
    let because = refused
        .iter()
        .find(|why| why.contains("withdrawal"))
        .unwrap();
    assert!(because.contains("erase the object"), "{because}");
    assert!(refused.iter().any(|why| why.contains("padding")));
    let erasing = erase(&node, &Caller::Operator, object(1)).await.unwrap();
    assert_eq!(erasing.plan.withdrawals.len(), 1);
    assert!(!erasing.plan.objects[0].versions[0].shown);
    assert_eq!(all(&node, &alpha, "shared").len(), 0);
    let notices = all(&node, &alpha, "shared-withdrawn");
    assert_eq!(
        notices.len(),
        1,
        "the erasure's notice stands for that of the withdrawal"
    );
    assert!(notices[0].contains("erase your copies"));
}

#[tokio::test]
async fn what_the_state_follows_from_cannot_be_erased() {
    let node = node().await;
    shared(&node).await;
    for position in 0..node.entries() {
        let what = What::Positions(vec![position]);
        let answer = erase(&node, &Caller::Operator, asked(what)).await;
        assert!(
            matches!(answer, Err(Error::Invalid(_))),
            "{position}: {answer:?}"
        );
    }
    let beyond = asked(What::Positions(vec![node.entries() + 100]));
    assert!(matches!(
        erase(&node, &Caller::Operator, beyond).await,
        Err(Error::Invalid(_))
    ));
    let silent = Asked {
        reason: " ".into(),
        ..object(1)
    };
    assert!(matches!(
        erase(&node, &Caller::Operator, silent).await,
        Err(Error::Invalid(_))
    ));
}

#[tokio::test]
async fn an_administrator_erases_a_publisher_proposes_and_nobody_else_learns_anything() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    publish(
        &node,
        &alpha,
        &[indicator(1, 0, "a.example", &marked("red"))],
    )
    .await;
    publish(&node, &alpha, &[indicator(2, 0, "b.example", "")]).await;
    let at = (0..node.entries() + 2).rev().take(14);
    let refusal = |answer: Result<Erasing, Error>| answer.unwrap_err();
    assert_eq!(
        refusal(erase(&node, &alpha, object(2)).await),
        Error::Refused(Refusal::AdministerScope)
    );
    let unseen = node.erase(&beta, Some(object(1)), Step::Look).await;
    assert_eq!(refusal(unseen), Error::NotFound("object"));
    let seen = node.erase(&beta, Some(object(2)), Step::Propose).await;
    assert_eq!(refusal(seen), Error::Refused(Refusal::NotTheCreator));
    for position in at {
        let answer = node.erase(
            &beta,
            Some(asked(What::Positions(vec![position]))),
            Step::Look,
        );
        // Padding, what it hides, and what is not there are answered alike.
        assert_eq!(refusal(answer.await), Error::NotFound("object"));
    }
    let proposed = node
        .erase(&alpha, Some(object(1)), Step::Propose)
        .await
        .unwrap();
    let proposal = proposed.proposal.unwrap();
    assert!(!proposed.erased && node.find(&alpha, &id(1)).is_ok());
    let confirm = |caller: Caller| node.erase_owned(caller, proposal.clone());
    assert_eq!(
        refusal(confirm(alpha.clone()).await),
        Error::Refused(Refusal::AdministerScope)
    );
    assert!(confirm(Caller::Operator).await.unwrap().erased);
    assert!(node.find(&alpha, &id(1)).is_err());
    assert_eq!(
        refusal(confirm(Caller::Operator).await),
        Error::NotFound("proposal")
    );
    // A proposal may be taken back.
    let proposed = node
        .erase(&alpha, Some(object(2)), Step::Propose)
        .await
        .unwrap();
    let id = proposed.proposal.unwrap();
    assert_eq!(
        node.decline_erasure(&beta, &id).await,
        Err(Error::NotFound("proposal"))
    );
    node.decline_erasure(&alpha, &id).await.unwrap();
    assert_eq!(node.directory().erasures().proposals().count(), 0);
}

/// A confirmation, as a future of its own.
trait Confirming {
    async fn erase_owned(&self, caller: Caller, proposal: String) -> Result<Erasing, Error>;
}

impl Confirming for Node {
    async fn erase_owned(&self, caller: Caller, proposal: String) -> Result<Erasing, Error> {
        self.erase(&caller, None, Step::Confirm(proposal)).await
    }
}

#[tokio::test]
async fn where_it_takes_two_persons_one_alone_erases_nothing_and_cannot_change_that() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish,administer").await;
    let beta = member(&node, "beta", "administer").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    assert_eq!(node.set_erasure_rule(&alpha, true).await, Ok(true));
    let alone = erase(&node, &alpha, object(1)).await;
    assert_eq!(alone.unwrap_err(), Error::Refused(Refusal::TwoPersons));
    let proposed = node
        .erase(&alpha, Some(object(1)), Step::Propose)
        .await
        .unwrap();
    let proposal = proposed.proposal.unwrap();
    // The same account through another token is the same person.
    let again = member(&node, "alpha", "administer").await;
    for same in [&alpha, &again] {
        let answer = node.erase_owned(same.clone(), proposal.clone()).await;
        assert_eq!(answer.unwrap_err(), Error::Refused(Refusal::SamePerson));
    }
    assert_eq!(node.set_erasure_rule(&alpha, false).await, Ok(false));
    let twice = node.set_erasure_rule(&again, false).await;
    assert_eq!(twice, Err(Error::Refused(Refusal::SamePerson)));
    assert!(
        node.erase_owned(beta.clone(), proposal)
            .await
            .unwrap()
            .erased
    );
    assert!(node.find(&alpha, &id(1)).is_err());
    assert_eq!(node.set_erasure_rule(&beta, false).await, Ok(true));
}

#[tokio::test]
async fn what_was_said_of_an_object_goes_when_asked_and_what_an_opinion_said_goes_with_it() {
    let node = node().await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    let words = NewFeedback {
        explanation: Some("Bob's mail server.".into()),
        ..say(FeedbackKind::Disagree)
    };
    node.give_feedback(&beta, &id(1), words).await.unwrap();
    publish(&node, &beta, &[opinion(7, "disagree", &id(1), "")]).await;
    let told = |caller: &Caller| node.feedback_told(caller, None, 10).unwrap().items.len();
    assert_eq!(told(&alpha), 2);
    let about = id(7).replace("indicator", "opinion");
    let erasing = erase(&node, &Caller::Operator, asked(What::Object(about)))
        .await
        .unwrap();
    assert_eq!(
        erasing.plan.feedback.len(),
        1,
        "its words were told to the publisher"
    );
    assert_eq!(told(&alpha), 1);
    let look = node
        .erase(&Caller::Operator, Some(object(1)), Step::Look)
        .await
        .unwrap();
    assert_eq!((look.plan.feedback.len(), look.plan.feedback_kept), (0, 1));
    let whole = Asked {
        with_feedback: true,
        ..object(1)
    };
    let erasing = erase(&node, &Caller::Operator, whole).await.unwrap();
    assert_eq!(
        (erasing.plan.feedback.len(), erasing.plan.feedback_kept),
        (1, 0)
    );
    assert_eq!(told(&alpha), 0);
}

/// A secret and its place in a data directory: once in an indicator's pattern, once as noise that no
/// compression hides, once in feedback.
async fn with_secrets(data: &Path) -> (Node, Caller) {
    let node = Node::create(data, &Options::default()).unwrap();
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    for number in 10..400 {
        publish(
            &node,
            &alpha,
            &[indicator(number, 0, &format!("v{number}.example"), "")],
        )
        .await;
    }
    publish(
        &node,
        &alpha,
        &[indicator(1, 0, "secret-value.example", "")],
    )
    .await;
    // Rows side by side, removed in one transaction.
    for minute in 1..9 {
        let value = format!("secret-{minute}.example");
        publish(&node, &alpha, &[indicator(1, minute, &value, "")]).await;
    }
    let words = NewFeedback {
        explanation: Some("secret-explanation".into()),
        ..say(FeedbackKind::Disagree)
    };
    node.give_feedback(&alpha, &id(1), words).await.unwrap();
    let clash = format!(r#"{{"type":"indicator","id":"{}","name":7}}"#, id(1));
    publish(&node, &alpha, &[clash]).await;
    for number in 400..500 {
        publish(
            &node,
            &alpha,
            &[indicator(number, 0, &format!("v{number}.example"), "")],
        )
        .await;
    }
    (node, alpha)
}

#[tokio::test]
async fn nothing_of_it_is_left_in_any_file_of_the_data_directory() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d");
    let (node, alpha) = with_secrets(&data).await;
    drop(node);
    // A clean end writes everything.
    let node = Node::open(&data, &Options::default()).unwrap();
    assert!(!found_in(&data, "secret-value.example").is_empty());
    assert!(!found_in(&data, "secret-explanation").is_empty());
    let whole = Asked {
        with_feedback: true,
        ..object(1)
    };
    erase(&node, &Caller::Operator, whole).await.unwrap();
    let left = found_in(&data, "secret-");
    assert!(left.is_empty(), "{left:?}");
    assert!(!found_in(&data, "v10.example").is_empty());
    publish(&node, &alpha, &[indicator(600, 0, "after.example", "")]).await;
    drop(node);
    let verified = Node::verify(&data, &mut |_| {}).unwrap();
    assert_eq!((verified.erased, verified.unfinished), (10, 0));
    let node = Node::open(&data, &Options::default()).unwrap();
    assert!(found_in(&data, "secret-").is_empty());
    assert_eq!(all(&node, &alpha, "shared").len(), 491);
}

#[tokio::test]
async fn the_next_start_finishes_what_a_crash_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d");
    let (node, alpha) = with_secrets(&data).await;
    drop(node);
    let copy = folder.path().join("journal");
    std::fs::create_dir(&copy).unwrap();
    // The journal with the erasure's entry, and the bodies still in it: as a crash leaves it.
    let journal = data.join("journal");
    let node = Node::open(&data, &Options::default()).unwrap();
    let whole = Asked {
        with_feedback: true,
        ..object(1)
    };
    let before = std::fs::read_dir(&journal).unwrap();
    let segment = before
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "seg"))
        .unwrap();
    let old = std::fs::read(&segment).unwrap();
    erase(&node, &Caller::Operator, whole).await.unwrap();
    drop(node);
    // Behind the old bytes stand the entries that record the erasure.
    let records = {
        let new =
            journal::embedded::Embedded::open(&journal, &journal::embedded::Options::default())
                .unwrap();
        let all = journal::Journal::read(&new, journal::Position(0), usize::MAX, usize::MAX);
        all.unwrap()
    };
    let verified = {
        std::fs::write(&segment, &old).unwrap();
        std::fs::remove_file(journal.join("HEAD")).unwrap();
        std::fs::remove_file(data.join("views.redb")).unwrap();
        let open =
            journal::embedded::Embedded::open(&journal, &journal::embedded::Options::default())
                .unwrap();
        let next = journal::Journal::next(&open);
        let missing: Vec<_> = records
            .iter()
            .filter(|record| record.position >= next)
            .collect();
        let missing: Vec<_> = missing
            .iter()
            .map(|record| journal::Record {
                leaf: &record.leaf,
                body: &record.body,
            })
            .collect();
        journal::Journal::append(&open, next, &missing).unwrap();
        drop(open);
        Node::verify(&data, &mut |_| {}).unwrap()
    };
    assert_eq!((verified.erased, verified.unfinished), (0, 10));
    let node = Node::open(&data, &Options::default()).unwrap();
    assert!(node.find(&alpha, &id(1)).is_err());
    let left = found_in(&data, "secret-");
    assert!(left.is_empty(), "{left:?}");
    drop(node);
    let verified = Node::verify(&data, &mut |_| {}).unwrap();
    assert_eq!((verified.erased, verified.unfinished), (10, 0));
}
