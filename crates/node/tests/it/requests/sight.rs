//! Who sees what of requests: every caller × marking × state × surface, against an oracle that is written
//! from the table in `docs/requests.md` and knows none of the policy's code.

use jiff::civil::date;
use node::act::manage::NewToken;
use node::act::request::{NewStep, Query};
use node::clock::Clock;
use node::model::{Marking, Scopes};
use node::pledge::{Basis, Precision, Stance, StanceChange};
use node::policy::CaseSight;
use node::request::{Kind, State, Verb};
use node::{Caller, Node};

use super::{members, takedown};
use crate::fixture::NEW_YEAR;

/// What a caller is to the cases, which alpha sends to beta.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Who {
    Anonymous,
    Sender,
    Recipient,
    /// Another account of the recipient.
    Second,
    /// The recipient's, but for one collection.
    Narrow,
    /// The recipient's, but without the scope `read`.
    NoRead,
    Stance(Stance),
    /// A third party that administers the node.
    Steward,
    Operator,
}

/// Where a case stands.
const STATES: [&str; 4] = ["draft", "sent", "escalated", "contested"];

/// The documented table, in its own words.
fn should_see(who: Who, marking: Marking, state: &str) -> CaseSight {
    use CaseSight::{Facts, Nothing, Whole, Words};
    let before_steward = matches!(state, "escalated" | "contested");
    let everybody = match marking {
        _ if state == "draft" => Nothing,
        Marking::Red => Nothing,
        Marking::Clear => Words,
        _ => Facts,
    };
    match who {
        Who::Operator | Who::Sender => Whole,
        Who::Recipient | Who::Second if state != "draft" => Whole,
        Who::Steward if before_steward => Whole,
        Who::Stance(Stance::Signed | Stance::InTalks | Stance::Partner | Stance::SittingOut)
        | Who::Steward
            if marking == Marking::Green && state != "draft" =>
        {
            Words
        }
        _ => everybody,
    }
}

async fn token(node: &Node, party: &str, account: &str, scopes: &str, narrow: bool) -> Caller {
    let new = NewToken {
        party: party.into(),
        account: account.into(),
        scopes: scopes.parse::<Scopes>().unwrap(),
        collections: if narrow {
            vec!["shared".into()]
        } else {
            Vec::new()
        },
        expires: None,
    };
    let (secret, _) = node.create_token(&Caller::Operator, new).await.unwrap();
    node.authenticate(&secret.text).unwrap()
}

async fn callers(node: &Node) -> Vec<(Who, Caller)> {
    let [alpha, beta, gamma] = members(node).await;
    crate::fixture::shared(node).await;
    let mut callers = vec![
        (Who::Anonymous, Caller::Anonymous),
        (Who::Sender, alpha),
        (Who::Recipient, beta),
        (
            Who::Second,
            token(node, "beta", "second", "read,publish", false).await,
        ),
        (
            Who::Narrow,
            token(node, "beta", "narrow", "read,publish", true).await,
        ),
        (
            Who::NoRead,
            token(node, "beta", "blind", "publish", false).await,
        ),
        (Who::Stance(Stance::InTalks), gamma),
        (Who::Operator, Caller::Operator),
    ];
    for stance in Stance::ALL {
        let id = format!("third-{stance}");
        let party = node::pledge::Party {
            id: id.clone(),
            name: id.to_uppercase(),
            kind: node::pledge::Kind::CivilSociety,
            country: None,
            listed: None,
        };
        node.add_party(&Caller::Operator, party).await.unwrap();
        let change = StanceChange {
            party: id.clone(),
            stance: *stance,
            since: date(2020, 6, 1),
            basis: Basis::SignedOn,
            precision: Precision::Day,
            source: None,
            note: Some("for tests".into()),
        };
        node.set_stance(&Caller::Operator, change).await.unwrap();
        let caller = token(node, &id, "third", "read,publish", false).await;
        callers.push((Who::Stance(*stance), caller));
    }
    let steward = token(
        node,
        "third-signed",
        "steward",
        "read,publish,administer",
        false,
    );
    callers.push((Who::Steward, steward.await));
    callers
}

/// A case of this marking that stands here; its id, and the positions of its entries.
async fn case(
    node: &Node,
    callers: &[(Who, Caller)],
    marking: Marking,
    state: &str,
) -> (String, Vec<u64>) {
    let by = |who| &callers.iter().find(|(one, _)| *one == who).unwrap().1;
    let mut new = takedown(marking);
    new.kind = Kind::Assistance;
    new.draft = state == "draft";
    let sent = node.send_request(by(Who::Sender), new, None).await.unwrap();
    let id = sent.case.request.id;
    let step = async |who, verb| {
        let step = NewStep::new(verb, Some("For tests."));
        let stepped = node.step_request(by(who), &id, step, None).await;
        stepped.unwrap()
    };
    match state {
        "escalated" => drop(step(Who::Sender, Verb::Escalate).await),
        "contested" => {
            step(Who::Recipient, Verb::Accept).await;
            let link = NewStep::new(Verb::Link, None);
            let link = node.step_request(by(Who::Recipient), &id, link, None).await;
            let link = link.unwrap().link.unwrap();
            node.contest(&link, "No.".into(), None).await.unwrap();
        }
        _ => {}
    }
    let view = node.request_case(&Caller::Operator, &id).unwrap();
    let mut positions = vec![view.case.position];
    positions.extend(view.steps.iter().map(|step| step.position));
    (id, positions)
}

/// The salt of an entry is for those who see all of its case; the leaf of what is hidden names nothing.
fn check_receipts(
    node: &Node,
    caller: &Caller,
    expected: CaseSight,
    (marking, state): (Marking, &str),
    (id, positions): (&str, &[u64]),
) {
    for position in positions {
        let receipt = node.receipt(caller, *position).unwrap();
        let told = String::from_utf8(receipt.extra.unwrap()).unwrap();
        let at = format!("{marking:?} {state} at {position}");
        let opened = told.contains("\"salt\"");
        assert_eq!(opened, expected == CaseSight::Whole, "{at}");
        let hidden = marking == Marking::Red || state == "draft";
        let leaf = told.split("salt").next().unwrap();
        assert!(!(hidden && leaf.contains(id)), "{at}: leaf");
    }
}

#[tokio::test]
async fn every_surface_shows_what_the_table_says() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let callers = callers(&node).await;
    let mut cases = Vec::new();
    for marking in Marking::ALL {
        for state in STATES {
            let (id, positions) = case(&node, &callers, marking, state).await;
            cases.push((marking, state, id, positions));
        }
    }
    let mut cells = 0;
    for (who, caller) in &callers {
        let queries = [
            Query::default(),
            Query {
                party: Some("beta".into()),
                ..Query::default()
            },
            Query {
                from: Some("alpha".into()),
                ..Query::default()
            },
            Query {
                to: Some("beta".into()),
                kind: Some(Kind::Assistance),
                ..Query::default()
            },
        ];
        let lists = queries.map(|query| node.requests(caller, &query).unwrap());
        let waiting = node.requests_waiting(caller, 100).unwrap();
        let mut seen = 0;
        for (marking, state, id, positions) in &cases {
            let expected = should_see(*who, *marking, state);
            let at = format!("{who:?} {marking:?} {state}");
            seen += usize::from(expected > CaseSight::Nothing);
            let one = node.request_case(caller, id);
            let sight = one.as_ref().map_or(CaseSight::Nothing, |view| view.sight);
            assert_eq!(sight, expected, "{at}");
            for list in &lists {
                let found = list.cases.iter().find(|view| view.case.request.id == *id);
                let sight = found.map_or(CaseSight::Nothing, |view| view.sight);
                assert_eq!(sight, expected, "{at}: list");
            }
            if let Ok(view) = &one {
                let words = view.case.request.title.is_empty();
                assert_eq!(words, expected < CaseSight::Words, "{at}: words");
                let contact = view.case.request.contact.is_none();
                assert_eq!(contact, expected < CaseSight::Whole, "{at}: contact");
                let accounts = view.steps.iter().all(|step| step.account.is_empty());
                assert!(accounts || expected == CaseSight::Whole, "{at}: accounts");
            }
            if expected < CaseSight::Whole {
                let waits = waiting.iter().any(|view| view.case.request.id == *id);
                assert!(!waits, "{at}: waiting");
            }
            check_receipts(&node, caller, expected, (*marking, state), (id, positions));
            // What is not there and what is hidden are answered alike, also to who writes.
            if expected == CaseSight::Nothing && *who != Who::NoRead {
                let step = NewStep::new(Verb::Note, Some("Is it there?"));
                let here = node.step_request(caller, id, step.clone(), None).await;
                let nowhere = node.step_request(caller, "000000000000", step, None).await;
                assert_eq!(here.unwrap_err(), nowhere.unwrap_err(), "{at}: step");
                assert!(node.attachment(caller, id, &"0".repeat(64)).is_err());
            }
            cells += 6 + positions.len();
        }
        assert_eq!(lists[0].cases.len(), seen, "{who:?}: counted");
        assert_eq!(lists[0].next, None);
    }
    assert!(cells > 2000, "{cells}");
}

#[tokio::test]
async fn pages_and_what_a_request_follows_tell_nothing_of_hidden_ones() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, gamma] = members(&node).await;
    let mut secret = takedown(Marking::Red);
    secret.kind = Kind::Information;
    let hidden = node
        .send_request(&alpha, secret.clone(), Some("k"))
        .await
        .unwrap();
    let hidden = hidden.case.request.id;
    let mut open = takedown(Marking::Clear);
    open.to = "gamma".into();
    open.follows = Some(hidden.clone());
    let shown = node.send_request(&alpha, open, None).await.unwrap();
    assert_eq!(shown.case.request.follows.as_ref(), Some(&hidden));
    let id = shown.case.request.id;
    for caller in [&gamma, &Caller::Anonymous] {
        let view = node.request_case(caller, &id).unwrap();
        assert_eq!(view.case.request.follows, None);
        let page = node
            .requests(
                caller,
                &Query {
                    limit: Some(1),
                    ..Query::default()
                },
            )
            .unwrap();
        assert_eq!((page.cases.len(), page.next), (1, None));
    }
    // Nobody follows what it does not see; another party's key is another key.
    let mut follows = takedown(Marking::Clear);
    follows.follows = Some(hidden.clone());
    follows.kind = Kind::Assistance;
    follows.to = "alpha".into();
    let known = node
        .send_request(&beta, follows.clone(), Some("k"))
        .await
        .unwrap();
    assert_ne!(known.case.request.id, hidden);
    let refused = node
        .send_request(&beta, takedown(Marking::Clear), Some("k"))
        .await;
    assert!(refused.is_err());
    let step = NewStep::new(Verb::Acknowledge, Some("Yes."));
    let first = node
        .step_request(&beta, &hidden, step.clone(), Some("s"))
        .await
        .unwrap();
    let again = node
        .step_request(&beta, &hidden, step, Some("s"))
        .await
        .unwrap();
    assert_eq!(first.position, again.position);
    let other = NewStep::new(Verb::Acknowledge, Some("No."));
    assert!(
        node.step_request(&beta, &hidden, other, Some("s"))
            .await
            .is_err()
    );
    assert_eq!(again.case.case.state, State::Acknowledged);
}
