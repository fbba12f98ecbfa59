//! How parties come to a pledge: who sees what of it, when terms decide, and what a reader finds later.

mod laws;

use std::sync::Arc;

use jiff::civil::{Date, date};
use journal::Journal;
use journal::memory::Memory;
use node::accession::{Answered, Reservation, Shown, Terms};
use node::act::accession::{NewAnswer, NewEnd, NewInvitation, NewStep};
use node::act::history::{NewAdoption, NewReassignment};
use node::clock::{Clock, DAY, Instant};
use node::history::{Ask, Becomes, Event, Notion};
use node::model::{Collection, Marking};
use node::pledge::{Basis, PledgeFile, Precision, Stance, StanceChange};
use node::policy::Grant;
use node::{Caller, Error, Node, Refusal};

use crate::fixture::{
    NEW_YEAR, PLEDGE, all, furnish, id, indicator, marked, member, node, publish_in,
};

fn at(day: i64) -> Clock {
    Clock::manual(Instant(NEW_YEAR.0 + day * DAY))
}

fn words(error: Result<impl std::fmt::Debug, Error>) -> String {
    error.unwrap_err().to_string()
}

fn step(party: &str, show: &str) -> NewStep {
    NewStep {
        party: party.into(),
        date: None,
        topics: vec!["1".into()],
        words: "We met about principle 1.".into(),
        show: show.parse().unwrap(),
        replaces: None,
    }
}

fn invitation(party: &str, public: bool) -> NewInvitation {
    NewInvitation {
        party: party.into(),
        date: None,
        words: "Join us.".into(),
        join_as: Stance::Signed,
        public,
    }
}

fn answer(answered: Answered) -> NewAnswer {
    NewAnswer {
        answered,
        date: None,
        reason: None,
        source: None,
    }
}

fn terms(id: &str, party: &str, from: Date, until: Option<Date>) -> Terms {
    Terms {
        id: id.into(),
        title: "Other forms".into(),
        party: party.into(),
        collections: vec!["shared".into()],
        up_to: Marking::Amber,
        publish: true,
        from,
        until,
        source: "an exchange of letters".into(),
        public: true,
    }
}

async fn set(
    node: &Node,
    party: &str,
    stance: Stance,
    since: Date,
    note: Option<&str>,
) -> Result<(), Error> {
    let change = StanceChange {
        party: party.into(),
        stance,
        since,
        basis: Basis::Recorded,
        precision: Precision::Day,
        source: Some("a decision".into()),
        note: note.map(str::to_owned),
    };
    node.set_stance(&Caller::Operator, change).await
}

#[tokio::test]
async fn a_step_that_is_not_agreed_is_seen_by_the_two_sides_alone() {
    let node = node().await;
    let gamma = member(&node, "gamma", "read,publish").await;
    let beta = member(&node, "beta", "read,publish,administer").await;
    let others = [
        Caller::Anonymous,
        member(&node, "alpha", "read,publish").await,
        member(&node, "gamma", "publish").await,
    ];
    let put = node
        .put_step(&gamma, step("gamma", "date,topics"))
        .await
        .unwrap();
    for side in [&gamma, &beta, &Caller::Operator] {
        assert_eq!(node.steps(side)[0].1, Shown::ALL);
    }
    let entries = node.entries();
    for other in &others {
        assert_eq!(node.steps(other), []);
        let agreed = node.agree_step(other, &put.id, Shown::ALL, None).await;
        let nowhere = node
            .agree_step(other, "000000000000", Shown::ALL, None)
            .await;
        assert_eq!(agreed, nowhere);
    }
    // Neither side agrees with itself, and a third cannot put steps.
    let own = node.agree_step(&gamma, &put.id, Shown::ALL, None).await;
    assert_eq!(own.unwrap_err(), Refusal::OwnStep.into());
    let third = node.put_step(&others[1], step("gamma", "date")).await;
    assert_eq!(third.unwrap_err(), Refusal::NoSide.into());
    assert_eq!(node.entries(), entries);
    // The other side agrees to less, and exactly that is shown.
    let agreed = "date,words".parse().unwrap();
    node.agree_step(&beta, &put.id, agreed, None).await.unwrap();
    for other in &others[..2] {
        assert_eq!(node.steps(other)[0].1.to_string(), "date");
    }
    let further = node.agree_step(&others[1], &put.id, Shown::ALL, None).await;
    assert_eq!(further.unwrap_err(), Refusal::NoSide.into());
}

#[tokio::test]
async fn a_correction_names_what_it_replaces_and_both_stay() {
    let node = node().await;
    let gamma = member(&node, "gamma", "read,publish").await;
    let operator = Caller::Operator;
    let first = node
        .put_step(&gamma, step("gamma", "date,words"))
        .await
        .unwrap();
    node.agree_step(&operator, &first.id, Shown::ALL, None)
        .await
        .unwrap();
    let second = NewStep {
        words: "We met about principle 2.".into(),
        replaces: Some(first.id.clone()),
        ..step("gamma", "date,words")
    };
    let second = node.put_step(&operator, second).await.unwrap();
    // Until it is agreed to, nobody else learns of the correction.
    assert_eq!(node.steps(&Caller::Anonymous).len(), 1);
    node.agree_step(&gamma, &second.id, Shown::ALL, None)
        .await
        .unwrap();
    assert_eq!(node.steps(&Caller::Anonymous).len(), 2);
    let wrong = NewStep {
        replaces: Some(first.id),
        ..step("alpha", "date")
    };
    assert_eq!(words(node.put_step(&operator, wrong).await), "no such step");
}

#[tokio::test]
async fn nobody_answers_for_a_party_that_has_an_account_of_its_own() {
    let node = node().await;
    let operator = Caller::Operator;
    let letter = Some("a letter".to_owned());
    let put = node
        .put_step(&operator, step("gamma", "date"))
        .await
        .unwrap();
    let no_source = node.agree_step(&operator, &put.id, Shown::ALL, None).await;
    assert!(words(no_source).contains("as a source"));
    // A token that only reads, or that is limited to collections, does not speak for its party.
    let reader = member(&node, "gamma", "read").await;
    let refused = node.agree_step(&reader, &put.id, Shown::ALL, None).await;
    assert_eq!(refused.unwrap_err(), Refusal::PublishScope.into());
    let agreed = node
        .agree_step(&operator, &put.id, Shown::ALL, letter.clone())
        .await
        .unwrap();
    assert_eq!(agreed.agreed[0].source, letter);
    drop(member(&node, "gamma", "publish").await);
    let put = node
        .put_step(&operator, step("gamma", "date"))
        .await
        .unwrap();
    let refused = node
        .agree_step(&operator, &put.id, Shown::ALL, letter)
        .await;
    assert_eq!(refused.unwrap_err(), Refusal::SpeaksForItself.into());
}

#[tokio::test]
async fn an_invitation_is_shown_when_it_is_accepted_and_opens_talks() {
    let node = node().await;
    let operator = Caller::Operator;
    set(
        &node,
        "delta",
        Stance::Withdrawn,
        date(2025, 1, 1),
        Some("left"),
    )
    .await
    .unwrap();
    let delta = member(&node, "delta", "read,publish").await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let sent = node
        .invite(&operator, invitation("delta", false))
        .await
        .unwrap();
    assert!(words(node.invite(&operator, invitation("delta", true)).await).contains("open"));
    assert_eq!(
        (
            node.invitations(&delta).len(),
            node.invitations(&alpha).len()
        ),
        (1, 0)
    );
    let stranger = node
        .answer_invitation(&alpha, &sent.id, answer(Answered::Accepted))
        .await;
    assert_eq!(stranger.unwrap_err(), Error::NotFound("invitation"));
    let silent = node
        .answer_invitation(&delta, &sent.id, answer(Answered::Declined))
        .await;
    assert!(words(silent).contains("reason"));
    let taken_back = node
        .answer_invitation(&delta, &sent.id, answer(Answered::Withdrawn))
        .await;
    assert!(words(taken_back).contains("decline it"));
    node.answer_invitation(&delta, &sent.id, answer(Answered::Accepted))
        .await
        .unwrap();
    assert_eq!(
        node.directory().stance("delta", date(2026, 1, 1)),
        Some(Stance::InTalks)
    );
    assert_eq!(node.invitations(&Caller::Anonymous).len(), 1);
    let again = node
        .answer_invitation(&delta, &sent.id, answer(Answered::Accepted))
        .await;
    assert!(words(again).contains("already"));
}

#[tokio::test]
async fn an_invitation_that_was_declined_or_taken_back_stays_between_the_two() {
    let node = node().await;
    let operator = Caller::Operator;
    let gamma = member(&node, "gamma", "read,publish").await;
    let sent = node
        .invite(&operator, invitation("gamma", false))
        .await
        .unwrap();
    let no = NewAnswer {
        reason: Some("not now".into()),
        ..answer(Answered::Declined)
    };
    node.answer_invitation(&gamma, &sent.id, no).await.unwrap();
    assert!(node.invitations(&Caller::Anonymous).is_empty());
    let open = node
        .invite(&operator, invitation("gamma", true))
        .await
        .unwrap();
    assert_eq!(node.invitations(&Caller::Anonymous).len(), 1);
    node.answer_invitation(&operator, &open.id, answer(Answered::Withdrawn))
        .await
        .unwrap();
    assert_eq!(
        node.directory().stance("gamma", date(2026, 1, 1)),
        Some(Stance::InTalks)
    );
    // Who is suspended is not invited past its suspension.
    assert!(words(node.invite(&operator, invitation("alpha", true)).await).contains("signed"));
    set(
        &node,
        "beta",
        Stance::Suspended,
        date(2025, 1, 1),
        Some("audit"),
    )
    .await
    .unwrap();
    assert!(words(node.invite(&operator, invitation("beta", true)).await).contains("suspended"));
}

#[tokio::test]
async fn a_withdrawal_a_suspension_and_its_lifting_take_a_reason() {
    let node = node().await;
    for stance in [Stance::Withdrawn, Stance::Suspended] {
        for note in [None, Some(" ")] {
            let error = set(&node, "alpha", stance, date(2025, 1, 1), note).await;
            assert!(words(error).contains("reason"));
        }
    }
    // Delta is suspended since 2020.
    let lifted = set(&node, "delta", Stance::Signed, date(2025, 1, 1), None).await;
    assert!(words(lifted).contains("lift"));
    set(
        &node,
        "delta",
        Stance::Signed,
        date(2025, 1, 1),
        Some("mended"),
    )
    .await
    .unwrap();
    set(&node, "gamma", Stance::Signed, date(2025, 1, 1), None)
        .await
        .unwrap();
}

/// A node on New Year with a collection of one object of each marking, by alpha.
async fn shared_node(journal: &Arc<dyn Journal>) -> Node {
    let node = Node::on(Arc::clone(journal), at(0)).unwrap();
    furnish(&node).await;
    for alias in ["shared", "other"] {
        let settings = Collection {
            default_marking: Marking::Green,
            ..Collection::new(node::act::manage::new_collection_id(), alias)
        };
        node.set_collection(&Caller::Operator, settings)
            .await
            .unwrap();
        let alpha = member(&node, "alpha", "read,publish").await;
        for (number, marking) in (1..).zip(["clear", "green", "amber", "amber+strict", "red"]) {
            let number = number + if alias == "other" { 100 } else { 0 };
            let host = format!("h{number}.example");
            let object = indicator(number, 0, &host, &marked(marking));
            let status = publish_in(&node, &alpha, alias, &[object]).await;
            assert_eq!(status.failures, []);
        }
    }
    node
}

fn partner(terms: Option<Terms>) -> NewEnd {
    NewEnd {
        party: "gamma".into(),
        stance: Stance::Partner,
        since: None,
        source: "an exchange of letters".into(),
        note: Some("Involved under other forms.".into()),
        reservations: Vec::new(),
        terms,
    }
}

/// The whole way of a party, with a look at what it may on the days between.
#[tokio::test]
async fn from_an_invitation_to_a_withdrawal_everything_is_found_later() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let operator = Caller::Operator;
    let on = |day: i64| Node::on(Arc::clone(&journal), at(day)).unwrap();
    let node = shared_node(&journal).await;
    let gamma = member(&node, "gamma", "read,publish").await;
    let sees = |node: &Node| ["shared", "other"].map(|alias| all(node, &gamma, alias).len());
    let sent = node
        .invite(&operator, invitation("gamma", false))
        .await
        .unwrap();
    drop(node);

    let node = on(1);
    node.answer_invitation(&gamma, &sent.id, answer(Answered::Accepted))
        .await
        .unwrap();
    let put = node
        .put_step(&operator, step("gamma", "date,topics"))
        .await
        .unwrap();
    node.agree_step(&gamma, &put.id, "date,topics".parse().unwrap(), None)
        .await
        .unwrap();
    node.put_step(&gamma, step("gamma", "nothing"))
        .await
        .unwrap();
    assert_eq!(sees(&node), [2, 2]);
    drop(node);

    // Partner from day 2, under terms from day 3 to day 5.
    let node = on(2);
    assert!(words(node.end_talks(&operator, partner(None)).await).contains("terms"));
    let agreed = terms("forms", "gamma", date(2026, 1, 4), Some(date(2026, 1, 6)));
    node.end_talks(&operator, partner(Some(agreed)))
        .await
        .unwrap();
    assert_eq!(sees(&node), [2, 2]);
    let before = node.may_publish(&gamma, "shared").unwrap_err();
    assert_eq!(before, Refusal::Terms.into());
    drop(node);

    assert_eq!(sees(&on(3)), [3, 2]);
    under_terms(&on(3), &gamma).await;
    assert_eq!(sees(&on(5)), [3, 2]);

    let node = on(6);
    assert_eq!(sees(&node), [2, 2]);
    assert!(node.may_publish(&gamma, "shared").is_err());
    // It signs, with a reservation.
    let signs = NewEnd {
        stance: Stance::Signed,
        reservations: vec![Reservation {
            principle: 1,
            words: "As far as our law lets us.".into(),
        }],
        ..partner(None)
    };
    node.end_talks(&operator, signs).await.unwrap();
    assert_eq!(sees(&node), [3, 3]);
    drop(node);

    let then = [
        (7, Stance::Suspended, "No report."),
        (8, Stance::Signed, "It reported."),
        (9, Stance::Withdrawn, "It left."),
    ];
    for (day, stance, why) in then {
        let node = on(day);
        let since = node.now().day();
        set(&node, "gamma", stance, since, Some(why)).await.unwrap();
        let is_in = node.collection(&gamma, "shared").is_ok();
        assert_eq!(is_in, stance == Stance::Signed, "{stance}");
    }
    found_later(&on(10));
}

/// What a partner may while its terms are in force.
async fn under_terms(node: &Node, gamma: &Caller) {
    node.wait_for_index().unwrap();
    assert!(node.may_publish(gamma, "shared").is_ok());
    let elsewhere = node.may_publish(gamma, "other").unwrap_err();
    assert_eq!(elsewhere, Refusal::Terms.into());
    let hits = ["h3.example", "h103.example"].map(|host| {
        let found = node.lookup(gamma, &[host.into()]);
        found.unwrap().len()
    });
    assert_eq!(hits, [1, 0]);
    let alpha = member(node, "alpha", "read,publish").await;
    let report = node.audience(&alpha, &id(3)).unwrap();
    let of_gamma = report[0].parties.iter().find(|(party, _)| party == "gamma");
    assert_eq!(of_gamma.unwrap().1, Ok(Grant::Terms));
}

/// What a reader without an account finds of the way between two days.
fn found_later(node: &Node) {
    let directory = node.directory();
    let ask = Ask {
        from: date(2025, 12, 31),
        to: date(2026, 1, 10),
        by: Notion::Held,
        known: None,
    };
    let diff = directory.diff(&node.viewer(&Caller::Anonymous), &ask);
    let of_gamma = diff.lines.iter().filter(|line| {
        let party = line.party.map(|party| party.id.as_str());
        party == Some("gamma")
    });
    let told: Vec<String> = of_gamma
        .map(|line| match &line.event {
            Event::Stance { change, .. } => {
                let note = change.note.as_deref().unwrap_or("-");
                format!("{} {} {note}", line.day, change.stance)
            }
            Event::Invitation(_) => format!("{} invited", line.day),
            Event::Answer(answer) => format!("{} {}", line.day, answer.answered.as_str()),
            Event::Step(_, shown) => format!("{} step {shown}", line.day),
            Event::Terms(terms, _) => format!("{} terms {}", line.day, terms.id),
            Event::TermsOver(terms) => format!("{} over {}", line.day, terms.id),
            Event::Reservations(made) => {
                format!("{} reserves {}", line.day, made.reservations.len())
            }
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            "2026-01-01 invited",
            "2026-01-02 accepted",
            "2026-01-02 step date,topics",
            "2026-01-03 partner Involved under other forms.",
            "2026-01-04 terms forms",
            "2026-01-07 over forms",
            "2026-01-07 signed Involved under other forms.",
            "2026-01-07 reserves 1",
            "2026-01-08 suspended No report.",
            "2026-01-09 signed It reported.",
            "2026-01-10 withdrawn It left.",
        ]
    );
    let changed: Vec<_> = diff.changed.iter().map(|c| (c.before, c.after)).collect();
    assert_eq!(changed, [(Some(Stance::InTalks), Some(Stance::Withdrawn))]);
    // The two sides find the step that was not shown, too.
    let whole = directory.diff(&node.viewer(&Caller::Operator), &ask);
    let steps = whole
        .lines
        .iter()
        .filter(|line| matches!(line.event, Event::Step(..)));
    assert_eq!(steps.count(), 2);
}

#[tokio::test]
async fn terms_name_what_is_there_and_one_party() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = shared_node(&journal).await;
    let operator = Caller::Operator;
    let day = date(2026, 1, 1);
    let set = async |terms: Terms| node.set_terms(&operator, terms).await;
    let nowhere = Terms {
        collections: vec!["nowhere".into()],
        ..terms("a", "gamma", day, None)
    };
    assert_eq!(words(set(nowhere).await), "no such collection");
    let early = terms("a", "gamma", day, Some(date(2025, 1, 1)));
    assert!(words(set(early).await).contains("last day"));
    set(terms("a", "gamma", day, None)).await.unwrap();
    assert!(words(set(terms("a", "beta", day, None)).await).contains("another party"));
    let beta = member(&node, "beta", "read,publish").await;
    let denied = node.set_terms(&beta, terms("b", "beta", day, None)).await;
    assert_eq!(denied.unwrap_err(), Refusal::AdministerScope.into());
    // Terms that are not public are for the two sides.
    set(Terms {
        public: false,
        ..terms("c", "gamma", day, None)
    })
    .await
    .unwrap();
    let gamma = member(&node, "gamma", "read").await;
    let seen =
        [&Caller::Anonymous, &beta, &gamma, &operator].map(|caller| node.terms(caller).len());
    assert_eq!(seen, [1, 1, 2, 2]);
    node.end_terms(&operator, "a", None, "over".into())
        .await
        .unwrap();
    assert!(words(node.end_terms(&operator, "a", None, "over".into()).await).contains("already"));
}

#[tokio::test]
async fn parties_adopt_versions_one_by_one() {
    let node = node().await;
    let operator = Caller::Operator;
    let text = PLEDGE.replace("Keep the pledge.", "Keep the pledge, and say so.");
    let pledge = PledgeFile::parse(&text, "p").unwrap().pledge;
    let why = || ("says so".to_owned(), "a decision".to_owned());
    let same = PledgeFile::parse(PLEDGE, "p").unwrap().pledge;
    assert!(words(node.amend(&operator, same, None, why()).await).contains("differs"));
    let version = node
        .amend(&operator, pledge.clone(), None, why())
        .await
        .unwrap();
    assert_eq!(version.number, 2);
    let other = PledgeFile::parse(&text.replace("test-pledge", "other"), "p")
        .unwrap()
        .pledge;
    assert!(words(node.amend(&operator, other, None, why()).await).contains("same pledge"));
    let adopt = |party: &str, source: Option<&str>| NewAdoption {
        party: party.into(),
        version: None,
        date: None,
        source: source.map(str::to_owned),
    };
    let alpha = member(&node, "alpha", "read,publish").await;
    node.adopt(&alpha, adopt("alpha", None)).await.unwrap();
    assert!(words(node.adopt(&alpha, adopt("alpha", None)).await).contains("already"));
    let for_alpha = node
        .adopt(&operator, adopt("alpha", Some("a letter")))
        .await;
    assert_eq!(for_alpha.unwrap_err(), Refusal::SpeaksForItself.into());
    let for_beta = node.adopt(&alpha, adopt("beta", Some("a letter"))).await;
    assert_eq!(for_beta.unwrap_err(), Refusal::NoSide.into());
    node.adopt(&operator, adopt("beta", Some("a letter")))
        .await
        .unwrap();
    let talks = node
        .adopt(&operator, adopt("gamma", Some("a letter")))
        .await;
    assert!(words(talks).contains("signed or is a partner"));
}

#[tokio::test]
async fn a_party_that_is_renamed_or_followed_keeps_what_is_its_own() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = shared_node(&journal).await;
    let operator = Caller::Operator;
    let new = |becomes: Becomes, carry: bool| NewReassignment {
        party: "alpha".into(),
        becomes,
        since: None,
        reason: "a merger".into(),
        source: "a notice".into(),
        carry,
    };
    let renamed = Becomes::Renamed {
        from: String::new(),
        to: "Alpha & Sons".into(),
    };
    node.reassign(&operator, new(renamed, false)).await.unwrap();
    let directory = node.directory();
    assert_eq!(directory.party("alpha").unwrap().name, "Alpha & Sons");
    let names: Vec<_> = directory
        .register()
        .facts("alpha")
        .iter()
        .map(|(p, _)| &p.name)
        .collect();
    assert_eq!(names, ["ALPHA", "Alpha & Sons"]);
    let alpha = member(&node, "alpha", "read").await;
    let merged = new(Becomes::Merged("gamma".into()), true);
    node.reassign(&operator, merged).await.unwrap();
    let directory = node.directory();
    let today = date(2026, 1, 1);
    assert_eq!(directory.stance("gamma", today), Some(Stance::Signed));
    assert_eq!(directory.stance("alpha", today), Some(Stance::Withdrawn));
    assert_eq!(directory.history().successor("alpha", today), Some("gamma"));
    // Its token is its own still, and so is what it published.
    assert_eq!(alpha.party(), Some("alpha"));
    assert_eq!(node.count(&operator, "shared", Some("alpha")).unwrap(), 5);
    assert_eq!(node.count(&operator, "shared", Some("gamma")).unwrap(), 0);
    let back = NewReassignment {
        party: "gamma".into(),
        ..new(Becomes::Succeeded("alpha".into()), false)
    };
    assert!(words(node.reassign(&operator, back).await).contains("itself"));
}

#[tokio::test]
async fn the_public_leaf_does_not_tell_of_talks() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = Node::on(Arc::clone(&journal), at(0)).unwrap();
    furnish(&node).await;
    let gamma = member(&node, "gamma", "read,publish").await;
    let position = journal.next();
    let put = node.put_step(&gamma, step("gamma", "date")).await.unwrap();
    node.agree_step(&Caller::Operator, &put.id, Shown::ALL, None)
        .await
        .unwrap();
    node.invite(&Caller::Operator, invitation("gamma", false))
        .await
        .unwrap();
    for record in journal.read(position, 10, 1 << 20).unwrap() {
        let leaf = String::from_utf8(record.leaf.to_vec()).unwrap();
        assert!(leaf.contains(r#""party":"","act":"sealed""#), "{leaf}");
    }
    // The two sides may show who put the step and when; nobody else can.
    let alpha = member(&node, "alpha", "read,publish").await;
    let directory = node.directory();
    let step = directory
        .accession()
        .step(&put.id)
        .unwrap()
        .recorded
        .position;
    let opened = [&gamma, &Caller::Operator, &alpha, &Caller::Anonymous].map(|caller| {
        let receipt = node.receipt(caller, step).unwrap();
        String::from_utf8(receipt.extra.unwrap())
            .unwrap()
            .contains("facts")
    });
    assert_eq!(opened, [true, true, false, false]);
}

#[tokio::test]
async fn a_private_set_is_asked_by_partners_whose_terms_reach_everywhere() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = shared_node(&journal).await;
    let day = date(2026, 1, 1);
    set(&node, "gamma", Stance::Partner, day, None)
        .await
        .unwrap();
    let set = node::model::PrivateSet {
        name: "plans".into(),
        description: String::new(),
        circle: None,
        parties: Vec::new(),
        daily: 10,
        outputs: 1,
        digest: [0; 32],
    };
    node.offer_set(&Caller::Operator, set).await.unwrap();
    let gamma = member(&node, "gamma", "read").await;
    let may = |node: &Node| node.private_set(&gamma, "plans").is_ok();
    assert!(
        may(&node),
        "a partner without terms has what its stance has"
    );
    node.set_terms(&Caller::Operator, terms("one", "gamma", day, None))
        .await
        .unwrap();
    assert!(!may(&node));
    let everywhere = Terms {
        collections: Vec::new(),
        ..terms("all", "gamma", day, Some(day))
    };
    node.set_terms(&Caller::Operator, everywhere).await.unwrap();
    assert!(may(&node));
    drop(node);
    assert!(!may(&Node::on(journal, at(1)).unwrap()));
}
