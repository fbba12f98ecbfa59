//! Laws of accession: terms only narrow, a rebuilt node knows the same.

use proptest::prelude::*;

use super::*;

/// Terms of gamma: collections, marking, publish, first and last day after New Year.
fn any_terms() -> impl Strategy<Value = Terms> {
    let reach = prop_oneof![
        Just(Vec::new()),
        Just(vec!["shared".to_owned()]),
        Just(vec!["other".to_owned()]),
    ];
    (
        0..3u8,
        reach,
        0..5usize,
        any::<bool>(),
        -3..3i64,
        prop::option::of(0..4i64),
    )
        .prop_map(|(number, collections, marking, publish, from, lasts)| {
            let day = |days: i64| Instant(NEW_YEAR.0 + days * DAY).day();
            Terms {
                collections,
                up_to: Marking::ALL[marking],
                publish,
                ..terms(
                    &format!("t{number}"),
                    "gamma",
                    day(from),
                    lasts.map(|lasts| day(from + lasts)),
                )
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// With any terms, in any order, in force or not, a partner sees and may do a part of what it
    /// would without; never less than what anybody registered sees; and a rebuilt node agrees.
    #[test]
    fn terms_only_narrow(all_terms in prop::collection::vec(any_terms(), 1..5)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let journal: Arc<dyn Journal> = Arc::new(Memory::default());
        runtime.block_on(async {
            let node = shared_node(&journal).await;
            set(&node, "gamma", Stance::Partner, date(2026, 1, 1), None).await.unwrap();
            let gamma = member(&node, "gamma", "read,publish").await;
            let sight = |node: &Node| ["shared", "other"].map(|alias| {
                (all(node, &gamma, alias), node.may_publish(&gamma, alias).is_ok())
            });
            let without = sight(&node);
            for terms in all_terms {
                node.set_terms(&Caller::Operator, terms).await.unwrap();
                let with = sight(&node);
                for ((seen, publishes), (whole, may)) in with.iter().zip(&without) {
                    assert!(seen.len() >= 2, "CLEAR and GREEN stay");
                    assert!(seen.iter().all(|object| whole.contains(object)));
                    assert!(!publishes || *may);
                }
            }
            let incremental = (sight(&node), node.terms(&Caller::Operator));
            drop(node);
            let rebuilt = Node::on(Arc::clone(&journal), at(0)).unwrap();
            assert_eq!((sight(&rebuilt), rebuilt.terms(&Caller::Operator)), incremental);
        });
    }
}

/// Something that a side may do; refused ones are part of the story.
#[derive(Clone, Debug)]
enum Deed {
    Invite(bool),
    Answer(bool, u8),
    Step(bool, [bool; 3], bool),
    Agree(bool, [bool; 3]),
    Terms(Box<Terms>),
    EndTerms(u8),
    End(u8),
    Stance(usize, i8),
    Adopt(bool),
    Amend(u8),
    Rename(u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        any::<bool>().prop_map(Deed::Invite),
        (any::<bool>(), 0..3u8).prop_map(|(party, how)| Deed::Answer(party, how)),
        (any::<bool>(), any::<[bool; 3]>(), any::<bool>())
            .prop_map(|(party, show, corrects)| Deed::Step(party, show, corrects)),
        (any::<bool>(), any::<[bool; 3]>()).prop_map(|(party, show)| Deed::Agree(party, show)),
        any_terms().prop_map(|terms| Deed::Terms(Box::new(terms))),
        (0..3u8).prop_map(Deed::EndTerms),
        (0..3u8).prop_map(Deed::End),
        (0..6usize, 1..28i8).prop_map(|(stance, day)| Deed::Stance(stance, day)),
        any::<bool>().prop_map(Deed::Adopt),
        (0..4u8).prop_map(Deed::Amend),
        (0..3u8).prop_map(Deed::Rename),
    ]
}

fn fields([date, topics, words]: [bool; 3]) -> Shown {
    Shown {
        date: date || topics || words,
        topics,
        words,
    }
}

async fn act(node: &Node, gamma: &Caller, deed: Deed) {
    let operator = Caller::Operator;
    let who = |party: bool| if party { gamma } else { &operator };
    let directory = node.directory();
    let newest_step = directory
        .accession()
        .steps()
        .last()
        .map(|r| r.step.id.clone());
    let letter = || Some("a letter".to_owned());
    match deed {
        Deed::Invite(public) => drop(node.invite(&operator, invitation("gamma", public)).await),
        Deed::Answer(party, how) => {
            let all = directory.accession().invitations();
            let Some(last) = all.last() else { return };
            let how = [Answered::Accepted, Answered::Declined, Answered::Withdrawn][how as usize];
            let new = NewAnswer {
                reason: letter(),
                source: letter(),
                ..answer(how)
            };
            drop(
                node.answer_invitation(who(party), &last.invitation.id, new)
                    .await,
            );
        }
        Deed::Step(party, show, corrects) => {
            let replaces = newest_step.filter(|_| corrects);
            let new = NewStep {
                show: fields(show),
                replaces,
                ..step("gamma", "nothing")
            };
            drop(node.put_step(who(party), new).await);
        }
        Deed::Agree(party, show) => {
            let Some(id) = newest_step else { return };
            drop(
                node.agree_step(who(party), &id, fields(show), letter())
                    .await,
            );
        }
        Deed::Terms(terms) => drop(node.set_terms(&operator, *terms).await),
        Deed::EndTerms(number) => {
            let id = format!("t{number}");
            drop(node.end_terms(&operator, &id, None, "over".into()).await);
        }
        Deed::End(how) => {
            let stance = [Stance::Signed, Stance::Partner, Stance::SittingOut][how as usize];
            let under = terms("forms", "gamma", date(2026, 1, 1), None);
            let new = NewEnd {
                stance,
                ..partner((stance == Stance::Partner).then_some(under))
            };
            drop(node.end_talks(&operator, new).await);
        }
        later => record(node, who, later).await,
    }
}

/// The deeds that are about the history of the pledge.
async fn record<'c>(node: &Node, who: impl Fn(bool) -> &'c Caller, deed: Deed) {
    let operator = Caller::Operator;
    match deed {
        Deed::Stance(stance, day) => {
            let since = date(2025, 12, day);
            drop(set(node, "gamma", Stance::ALL[stance], since, Some("so")).await);
        }
        Deed::Adopt(party) => {
            let new = NewAdoption {
                party: "gamma".into(),
                version: None,
                date: None,
                source: Some("a letter".into()),
            };
            drop(node.adopt(who(party), new).await);
        }
        Deed::Amend(number) => {
            let text = PLEDGE.replace("Keep the pledge.", &format!("Keep it {number}."));
            let pledge = PledgeFile::parse(&text, "p").unwrap().pledge;
            drop(
                node.amend(&operator, pledge, None, ("a".into(), "b".into()))
                    .await,
            );
        }
        Deed::Rename(number) => {
            let new = NewReassignment {
                party: "gamma".into(),
                becomes: Becomes::Renamed {
                    from: String::new(),
                    to: format!("Gamma {number}"),
                },
                since: None,
                reason: "so".into(),
                source: "a notice".into(),
                carry: false,
            };
            drop(node.reassign(&operator, new).await);
        }
        _ => {}
    }
}

/// Everything that a node knows of accession and history, and what callers find of it.
fn picture(node: &Node, gamma: &Caller) -> Vec<String> {
    let directory = node.directory();
    let ask = Ask {
        from: date(2019, 1, 1),
        to: date(2026, 2, 1),
        by: Notion::Held,
        known: Some(date(2025, 12, 31)),
    };
    let mut picture = vec![
        format!("{:?}", directory.accession()),
        format!("{:?}", directory.history()),
        format!(
            "{:?}",
            directory.register().recorded("gamma").collect::<Vec<_>>()
        ),
        format!("{:?}", directory.register().facts("gamma")),
    ];
    for caller in [&Caller::Anonymous, gamma, &Caller::Operator] {
        picture.push(format!("{:?}", directory.diff(&node.viewer(caller), &ask)));
        picture.push(format!("{:?}", node.steps(caller)));
    }
    picture
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Whatever the sides do, a rebuilt node knows what the one knew that was there; and those without
    /// an account find of talks what both agreed to, and never a word more.
    #[test]
    fn a_rebuilt_node_knows_the_same_and_tells_no_more(deeds in prop::collection::vec(deed(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let journal: Arc<dyn Journal> = Arc::new(Memory::default());
        runtime.block_on(async {
            let node = Node::on(Arc::clone(&journal), at(0)).unwrap();
            furnish(&node).await;
            for alias in ["shared", "other"] {
                let settings = Collection::new(node::act::manage::new_collection_id(), alias);
                node.set_collection(&Caller::Operator, settings).await.unwrap();
            }
            let gamma = member(&node, "gamma", "read,publish").await;
            for deed in deeds {
                act(&node, &gamma, deed).await;
            }
            for (record, shown) in node.steps(&Caller::Anonymous) {
                assert!(record.agreed.iter().any(|agreed| agreed.shown.date));
                assert_eq!(shown.and(record.step.show), shown);
            }
            let incremental = picture(&node, &gamma);
            drop(node);
            let rebuilt = Node::on(Arc::clone(&journal), at(0)).unwrap();
            assert_eq!(picture(&rebuilt, &gamma), incremental);
        });
    }
}
