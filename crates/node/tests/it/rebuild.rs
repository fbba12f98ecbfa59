//! A rebuilt view equals the incremental one.

use std::sync::Arc;

use crate::fixture::{
    NEW_YEAR, all, furnish, id, indicator, marked, member, opinion, publish, say, shared,
};
use crate::requests::takedown;
use journal::Journal;
use journal::memory::Memory;
use node::act::changes::Since;
use node::act::erase::{Asked, Step as EraseStep};
use node::act::request::{NewEvidence, NewStep};
use node::clock::{Clock, Instant};
use node::erasure::What;
use node::model::{FeedbackKind, Marking};
use node::policy::Member;
use node::request::Verb;
use node::{Caller, Node, Options, Query, Versions};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Publish {
        party: bool,
        number: u32,
        minute: u32,
        value: u8,
        revoked: bool,
        red: bool,
    },
    Erase {
        number: u32,
        opinion: bool,
        with_feedback: bool,
        forget_id: bool,
    },
    EraseBack(u64),
    Withdraw {
        party: bool,
        number: u32,
        first: bool,
    },
    Say {
        party: bool,
        number: u32,
        kind: usize,
    },
    Opine {
        party: bool,
        number: u32,
        about: u32,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (
            any::<bool>(), 0..6u32, 0..4u32, 0..3u8, prop::bool::weighted(0.1), prop::bool::weighted(0.2)
        ).prop_map(|(party, number, minute, value, revoked, red)| {
            Step::Publish { party, number, minute, value, revoked, red }
        }),
        1 => (0..6u32, prop::bool::weighted(0.2), any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(number, opinion, with_feedback, forget_id)| {
                Step::Erase { number, opinion, with_feedback, forget_id }
            }),
        1 => (0..20u64).prop_map(Step::EraseBack),
        1 => (any::<bool>(), 0..6u32, any::<bool>())
            .prop_map(|(party, number, first)| Step::Withdraw { party, number, first }),
        1 => (any::<bool>(), 0..6u32, 0..4usize)
            .prop_map(|(party, number, kind)| Step::Say { party, number, kind }),
        1 => (any::<bool>(), 0..3u32, 0..6u32)
            .prop_map(|(party, number, about)| Step::Opine { party, number, about }),
    ]
}

/// A party with a token that may read.
fn party(id: &str) -> Caller {
    Caller::Member(Member {
        token: String::new(),
        party: id.into(),
        account: "tests".into(),
        scopes: "read".parse().unwrap(),
        collections: Vec::new(),
    })
}

/// What callers see of what is gone, and of what changed.
fn withdrawals(node: &Node) -> Vec<String> {
    let mut picture = Vec::new();
    for caller in [Caller::Operator, party("alpha"), party("beta")] {
        picture.extend(all(node, &caller, "shared-withdrawn"));
        picture.push(format!("{:?}", node.count(&caller, "shared", None)));
        let since = Since {
            limit: 1000,
            ..Since::default()
        };
        let (changes, _) = node.changes(&caller, &since).unwrap();
        picture.extend(changes.iter().map(|change| format!("{change:?}")));
        for withdrawal in node.withdrawals(&caller, 1000).unwrap() {
            picture.push(format!("{} {}", withdrawal.id, withdrawal.at));
        }
    }
    picture
}

/// When what is told by day last changed; of the last seconds it depends on the clock.
fn changed(node: &Node) -> Vec<String> {
    let (_, told) = node.told(&Caller::Operator, "shared").unwrap();
    told.iter()
        .map(|day| format!("{} {} {:?}", day.day, day.publisher, day.changed))
        .collect()
}

/// What callers see of a node: everything that the views feed.
fn picture(node: &Node) -> Vec<String> {
    let mut picture = all(node, &Caller::Operator, "shared");
    picture.extend(withdrawals(node));
    for versions in [
        Versions::default(),
        Versions::Any {
            last: false,
            first: true,
            at: Vec::new(),
        },
        Versions::All,
    ] {
        let query = Query {
            versions,
            limit: 1000,
            ..Query::default()
        };
        let (lines, _) = node.manifest(&Caller::Operator, "shared", &query).unwrap();
        picture.extend(lines.iter().map(|line| format!("{line:?}")));
    }
    picture.push(format!(
        "{:?} rows",
        node.count(&Caller::Operator, "shared", None)
    ));
    picture.push(format!(
        "{:?} rows",
        node.count(&Caller::Operator, "shared", Some("alpha"))
    ));
    picture.push(format!(
        "{:?}",
        node.feedback_told(&Caller::Operator, None, 1000).unwrap()
    ));
    for number in 0..6 {
        let said = node.feedback_on(&Caller::Operator, &id(number));
        picture.push(format!("{:?}", said.map(|said| (said.counts, said.items))));
    }
    let (_, told) = node.told(&Caller::Operator, "shared").unwrap();
    for day in &told {
        picture.push(format!(
            "{} {} {} {}",
            day.day, day.publisher, day.objects, day.marking
        ));
        let each = &mut |found: &node::act::read::Found| {
            picture.push(format!("told {:?}", found.row));
            Ok(())
        };
        node.each_told::<node::Error>(&Caller::Operator, "shared", day, (0, 1000), each)
            .unwrap();
    }
    let page = node.requests(&Caller::Operator, &node::act::request::Query::default());
    for view in page.unwrap().cases {
        let case = node.request_case(&Caller::Operator, &view.case.request.id);
        picture.push(format!("{case:?}"));
    }
    node.wait_for_index().unwrap();
    for value in ["a0.example", "a1.example", "x.a2.example"] {
        let mut hits: Vec<String> = node
            .lookup(&Caller::Operator, &[value.into()])
            .unwrap()
            .iter()
            .map(|hit| format!("{value} {:?}", hit.signal))
            .collect();
        hits.sort();
        picture.extend(hits);
    }
    picture
}

fn asked(what: What) -> Asked {
    Asked {
        what,
        reason: "Asked for.".into(),
        public: false,
        with_feedback: false,
        forget_id: false,
    }
}

/// Erases as the operator; what is refused is part of the story.
async fn erase(node: &Node, step: &Step) {
    let asked = match step {
        Step::Erase {
            number,
            opinion,
            with_feedback,
            forget_id,
        } => {
            let id = if *opinion {
                id(*number % 3).replace("indicator", "opinion")
            } else {
                id(*number)
            };
            Asked {
                with_feedback: *with_feedback,
                forget_id: *forget_id,
                ..asked(What::Object(id))
            }
        }
        Step::EraseBack(back) => {
            let position = node.entries().saturating_sub(1 + back);
            asked(What::Positions(vec![position]))
        }
        _ => return,
    };
    let erased = node.erase(&Caller::Operator, Some(asked), EraseStep::Erase);
    drop(erased.await);
}

async fn run(node: &Node, steps: &[Step]) {
    shared(node).await;
    let alpha = member(node, "alpha", "read,publish").await;
    let beta = member(node, "beta", "read,publish").await;
    let who = |party: bool| if party { &alpha } else { &beta };
    for step in steps {
        match step {
            Step::Publish {
                party,
                number,
                minute,
                value,
                revoked,
                red,
            } => {
                let mut rest = if *red { marked("red") } else { String::new() };
                rest.push_str(if *revoked { r#","revoked":true"# } else { "" });
                let rest = rest.as_str();
                let value = format!("a{value}.example");
                publish(
                    node,
                    who(*party),
                    &[indicator(*number, *minute, &value, rest)],
                )
                .await;
            }
            Step::Erase { .. } | Step::EraseBack(_) => erase(node, step).await,
            Step::Say {
                party,
                number,
                kind,
            } => {
                let kind = FeedbackKind::ALL[*kind];
                drop(
                    node.give_feedback(who(*party), &id(*number), say(kind))
                        .await,
                );
            }
            Step::Opine {
                party,
                number,
                about,
            } => {
                let opinion = opinion(*number + 100 * u32::from(*party), "agree", &id(*about), "");
                publish(node, who(*party), &[opinion]).await;
            }
            Step::Withdraw {
                party,
                number,
                first,
            } => {
                let versions = Versions::Any {
                    last: !first,
                    first: *first,
                    at: Vec::new(),
                };
                let query = Query {
                    versions,
                    ..Query::default()
                };
                // Refused and unknown ones are part of the story.
                drop(
                    node.withdraw(who(*party), "shared", &id(*number), query)
                        .await,
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_view_rebuilt_from_the_journal_is_the_incremental_one(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let journal: Arc<dyn Journal> = Arc::new(Memory::default());
        // Every write is some hours after the one before.
        let clock = Clock::Stepping(NEW_YEAR.0.into(), 2 * 3_600_000_000);
        let node = Node::on(Arc::clone(&journal), clock).unwrap();
        runtime.block_on(async {
            furnish(&node).await;
            run(&node, &steps).await;
        });
        let incremental = (picture(&node), changed(&node));
        drop(node);
        let later = Instant(NEW_YEAR.0 + 20 * 24 * 3_600_000_000);
        let rebuilt = Node::on(journal, Clock::manual(later)).unwrap();
        prop_assert_eq!((picture(&rebuilt), changed(&rebuilt)), incremental);
    }
}

/// A request with an attachment, a step and a contact.
async fn ask(node: &Node) {
    let alpha = member(node, "alpha", "read,publish").await;
    let beta = member(node, "beta", "read,publish").await;
    let file = NewEvidence {
        name: "page.txt".into(),
        media_type: "text/plain".into(),
        marking: Marking::Green,
        bytes: "What it said.".into(),
    };
    let mut new = takedown(Marking::Amber);
    new.evidence = vec![node.keep_evidence(&alpha, file).await.unwrap()];
    let sent = node.send_request(&alpha, new, Some("k")).await.unwrap();
    let step = NewStep::new(Verb::Ask, Some("Which page?"));
    let id = sent.case.request.id;
    node.step_request(&beta, &id, step, Some("k"))
        .await
        .unwrap();
}

#[tokio::test]
async fn each_view_alone_rebuilds_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d");
    let node = Node::create(&data, &Options::default()).unwrap();
    furnish(&node).await;
    let steps: Vec<Step> = (0..30)
        .map(|n| Step::Publish {
            party: n % 2 == 0,
            number: n % 7,
            minute: n % 5,
            value: u8::try_from(n % 3).unwrap(),
            revoked: false,
            red: n % 6 == 5,
        })
        .chain([
            Step::Withdraw {
                party: true,
                number: 0,
                first: false,
            },
            Step::Say {
                party: true,
                number: 1,
                kind: 0,
            },
            Step::Opine {
                party: false,
                number: 1,
                about: 2,
            },
            Step::Erase {
                number: 2,
                opinion: false,
                with_feedback: true,
                forget_id: false,
            },
            Step::Withdraw {
                party: false,
                number: 5,
                first: true,
            },
            Step::Erase {
                number: 5,
                opinion: false,
                with_feedback: false,
                forget_id: false,
            },
        ])
        .collect();
    run(&node, &steps).await;
    ask(&node).await;
    let before = picture(&node);
    drop(node);
    for kind in node::view::ALL {
        let views = node::view::store::Store::open(&data.join("views.redb"), 1 << 20).unwrap();
        views.reset(kind).unwrap();
        drop(views);
        let node = Node::open(&data, &Options::default()).unwrap();
        assert_eq!(picture(&node), before, "after resetting {}", kind.name);
    }
    std::fs::remove_file(data.join("views.redb")).unwrap();
    let node = Node::open(&data, &Options::default()).unwrap();
    assert_eq!(picture(&node), before, "after deleting the database");
    drop(node);
    std::fs::write(data.join("views.redb"), b"this is no database").unwrap();
    let node = Node::open(&data, &Options::default()).unwrap();
    assert_eq!(picture(&node), before, "after damaging the database");
}

#[tokio::test]
async fn time_goes_on_after_a_start_even_when_the_clock_does_not() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::default());
    let node = Node::on(Arc::clone(&journal), Clock::manual(NEW_YEAR)).unwrap();
    furnish(&node).await;
    shared(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    publish(&node, &alpha, &[indicator(1, 0, "a.example", "")]).await;
    drop(node);
    let earlier = Clock::manual(Instant(NEW_YEAR.0 - 3_600_000_000));
    let node = Node::on(journal, earlier).unwrap();
    publish(&node, &alpha, &[indicator(2, 0, "a.example", "")]).await;
    let query = Query {
        limit: 10,
        ..Query::default()
    };
    let (lines, _) = node.manifest(&alpha, "shared", &query).unwrap();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].added < lines[1].added);
}
