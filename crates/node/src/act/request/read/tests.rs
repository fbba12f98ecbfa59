//! Lists walk over what their reader may know of, over all of it, and over nothing else.

use jiff::civil::date;

use super::*;
use crate::act::manage::NewToken;
use crate::act::request::{NewRequest, NewStep};
use crate::clock::Clock;
use crate::model::{Marking, Scopes};
use crate::pledge::{self, Basis, Party, PledgeFile, Precision, Stance, StanceChange};
use crate::request::deadline::Wanted;

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: Instant = Instant(1_767_225_600_000_000);

const PLEDGE: &str = include_str!("../../../../tests/pledge.toml");

async fn member(node: &Node, id: &str, scopes: &str) -> Caller {
    let party = Party {
        id: id.into(),
        name: id.to_uppercase(),
        kind: pledge::Kind::PrivateSector,
        country: None,
        listed: None,
    };
    node.add_party(&Caller::Operator, party).await.unwrap();
    let change = StanceChange {
        party: id.into(),
        stance: Stance::Signed,
        since: date(2020, 6, 1),
        basis: Basis::SignedOn,
        precision: Precision::Day,
        source: None,
        note: Some("for tests".into()),
    };
    node.set_stance(&Caller::Operator, change).await.unwrap();
    let new = NewToken {
        party: id.into(),
        account: "tests".into(),
        scopes: scopes.parse::<Scopes>().unwrap(),
        collections: Vec::new(),
        expires: None,
    };
    let (secret, _) = node.create_token(&Caller::Operator, new).await.unwrap();
    node.authenticate(&secret.text).unwrap()
}

fn to(party: &str, marking: Marking, draft: bool) -> NewRequest {
    NewRequest {
        to: party.into(),
        kind: Kind::Information,
        category: Category::Fraud,
        title: "A question".into(),
        words: "Please tell.".into(),
        targets: Vec::new(),
        signals: Vec::new(),
        principle: Some(1),
        ground: None,
        country: None,
        contact: None,
        good_faith: true,
        evidence: Vec::new(),
        marking,
        reference: None,
        follows: None,
        deadline: Wanted::default(),
        draft,
    }
}

/// Requests of the first two to each other and to the third, of each marking: drafts, drafts that were
/// sent, what was sent at once, and what is before the steward.
async fn ask_around(node: &Node, callers: &[Caller]) {
    for (from, to_party) in [(0, "beta"), (0, "gamma"), (1, "alpha"), (1, "gamma")] {
        let caller = &callers[from];
        for marking in [Marking::Clear, Marking::Amber, Marking::Red] {
            for (draft, then) in [
                (true, None),
                (true, Some(Verb::Send)),
                (true, Some(Verb::Discard)),
                (false, None),
                (false, Some(Verb::Escalate)),
            ] {
                let sent = node.send_request(caller, to(to_party, marking, draft), None);
                let id = sent.await.unwrap().case.request.id;
                if let Some(verb) = then {
                    let step = NewStep::new(verb, None);
                    node.step_request(caller, &id, step, None).await.unwrap();
                }
            }
        }
    }
}

#[tokio::test]
async fn a_list_walks_over_what_its_reader_may_know_of_and_nothing_else() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let file = PledgeFile::parse(PLEDGE, "test.toml").unwrap();
    node.load_pledge(&Caller::Operator, file).await.unwrap();
    let mut callers = Vec::new();
    for (party, scopes) in [
        ("alpha", "read,publish"),
        ("beta", "read,publish"),
        ("gamma", "read,publish"),
        ("delta", "read,publish"),
        ("steward", "read,publish,administer"),
    ] {
        callers.push(member(&node, party, scopes).await);
    }
    ask_around(&node, &callers).await;
    callers.extend([Caller::Anonymous, Caller::Operator]);
    let cases = Cases::open(&node.shared.store.read().unwrap()).unwrap();
    let directory = node.directory();
    let all = Walk {
        all: true,
        ..Walk::default()
    };
    let mut hidden = 0;
    for caller in &callers {
        let viewer = node.viewer(caller);
        let party = |id: &str| Some(id.to_owned());
        let sees = |case: &Case| viewer.sees_case(&directory, case) > CaseSight::Nothing;
        for query in [
            Query::default(),
            Query {
                own: Some(node.stands_for(caller)),
                ..Query::default()
            },
            Query {
                party: party("beta"),
                ..Query::default()
            },
            Query {
                from: party("alpha"),
                to: party("gamma"),
                ..Query::default()
            },
            Query {
                to: party("nobody"),
                ..Query::default()
            },
        ] {
            let asked = format!("{:?} {query:?}", caller.party());
            let mut walked = Vec::new();
            let walk = query.walk(&viewer, &directory);
            let taken = cases.newest(&walk, u64::MAX, |case| {
                assert!(sees(&case), "{asked}");
                walked.push(case.position);
                Ok::<_, Error>(true)
            });
            taken.unwrap();
            assert!(walked.is_sorted_by(|a, b| a > b), "{asked}");
            let taken = cases.newest(&all, u64::MAX, |case| {
                hidden += usize::from(!sees(&case));
                let is_wanted = sees(&case) && query.fits(&case, NEW_YEAR);
                let is_walked = walked.contains(&case.position);
                assert!(is_walked || !is_wanted, "{asked}: {:?}", case.request);
                Ok::<_, Error>(true)
            });
            taken.unwrap();
        }
    }
    assert!(hidden > 500, "{hidden}");
}

#[tokio::test]
async fn what_is_the_stewards_own_takes_no_place_of_what_is_before_it() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let file = PledgeFile::parse(PLEDGE, "test.toml").unwrap();
    node.load_pledge(&Caller::Operator, file).await.unwrap();
    let alpha = member(&node, "alpha", "read,publish").await;
    let steward = member(&node, "steward", "read,publish,administer").await;
    member(&node, "beta", "read,publish").await;
    let mut last = String::new();
    for party in ["steward", "steward", "beta"] {
        let sent = node.send_request(&alpha, to(party, Marking::Red, false), None);
        last = sent.await.unwrap().case.request.id;
        let step = NewStep::new(Verb::Escalate, None);
        node.step_request(&alpha, &last, step, None).await.unwrap();
    }
    let found = node.requests_escalated(&steward, 1).unwrap();
    let ids: Vec<_> = found.iter().map(|view| &view.case.request.id).collect();
    assert_eq!(ids, [&last]);
}
