//! Laws: whatever is done by whomever and whatever the clock does, nothing happens outside the table, every
//! act is attributed, a rebuilt view is the incremental one, and less trust never sees more.

use std::sync::Arc;

use journal::memory::Memory;
use node::act::manage::NewToken;
use node::act::request::{CaseView, NewStep, Query};
use node::clock::{Clock, Instant};
use node::model::Marking;
use node::request::case::AFFECTED;
use node::request::machine::{To, line_of};
use node::request::{Kind, Role, State, Step, Verb};
use node::{Caller, Node};
use proptest::prelude::*;

use super::{members, takedown};
use crate::fixture::NEW_YEAR;

#[derive(Clone, Debug)]
enum Move {
    Send {
        draft: bool,
        marking: usize,
        kind: usize,
        key: u8,
    },
    Step {
        who: usize,
        verb: usize,
        case: usize,
    },
    Contest {
        case: usize,
    },
    /// The node stops, and another opens the journal so many hours later; or earlier.
    Reopen {
        hours: i64,
    },
    Advance,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        2 => (any::<bool>(), 0..5usize, 0..6usize, 0..6u8)
            .prop_map(|(draft, marking, kind, key)| Move::Send { draft, marking, kind, key }),
        12 => (0..5usize, 0..Verb::ALL.len(), 0..4usize)
            .prop_map(|(who, verb, case)| Move::Step { who, verb, case }),
        2 => (0..4usize).prop_map(|case| Move::Contest { case }),
        1 => prop_oneof![-100..0i64, 0..200i64, 0..8000i64].prop_map(|hours| Move::Reopen { hours }),
        2 => Just(Move::Advance),
    ];
    prop::collection::vec(one, 1..60)
}

/// What is done so far.
struct Story {
    journal: Arc<Memory>,
    node: Node,
    now: i64,
    callers: Vec<Caller>,
    cases: Vec<String>,
    links: Vec<(String, String)>,
}

impl Story {
    async fn begin() -> Self {
        let journal: Arc<Memory> = Arc::default();
        let node = Node::on(Arc::clone(&journal) as _, Clock::manual(NEW_YEAR)).unwrap();
        let [alpha, beta, gamma] = members(&node).await;
        let new = NewToken {
            party: "beta".into(),
            account: "second".into(),
            scopes: "read,publish".parse().unwrap(),
            collections: Vec::new(),
            expires: None,
        };
        let (secret, _) = node.create_token(&Caller::Operator, new).await.unwrap();
        let second = node.authenticate(&secret.text).unwrap();
        Story {
            now: NEW_YEAR.0,
            callers: vec![alpha, beta, second, gamma, Caller::Operator],
            cases: Vec::new(),
            links: Vec::new(),
            journal,
            node,
        }
    }

    fn reopen(&mut self) {
        let clock = Clock::manual(Instant(self.now));
        self.node = Node::on(Arc::clone(&self.journal) as _, clock).unwrap();
    }

    /// Does it; what is refused is part of the story.
    async fn make(&mut self, one: &Move) {
        match one {
            Move::Send {
                draft,
                marking,
                kind,
                key,
            } => {
                let mut new = takedown(Marking::ALL[*marking]);
                new.kind = Kind::ALL[*kind];
                new.draft = *draft;
                let key = key.to_string();
                let sent = self.node.send_request(&self.callers[0], new, Some(&key));
                if let Ok(sent) = sent.await
                    && !self.cases.contains(&sent.case.request.id)
                {
                    self.cases.push(sent.case.request.id);
                }
            }
            Move::Step { who, verb, case } => {
                let verb = Verb::ALL[*verb];
                let words = (!matches!(verb, Verb::Send | Verb::Link)).then_some("For tests.");
                let step = NewStep::new(verb, words);
                if let Some(id) = self.cases.get(*case) {
                    let stepped = self.node.step_request(&self.callers[*who], id, step, None);
                    if let Ok(stepped) = stepped.await {
                        self.links
                            .extend(stepped.link.map(|link| (id.clone(), link)));
                    }
                }
            }
            Move::Contest { case } => {
                let of = self.cases.get(*case);
                let link = self.links.iter().rev().find(|(id, _)| Some(id) == of);
                if let Some((_, link)) = link {
                    drop(self.node.contest(link, "No.".into(), None).await);
                }
            }
            Move::Reopen { hours } => {
                self.now += hours * 3_600_000_000;
                self.reopen();
            }
            Move::Advance => {
                self.node.advance_requests().await.unwrap();
                let now = self.node.now();
                assert!(
                    self.node
                        .next_request_date()
                        .unwrap()
                        .is_none_or(|next| next > now)
                );
            }
        }
    }

    fn views(&self, caller: &Caller) -> Vec<Option<CaseView>> {
        let each = self.cases.iter();
        each.map(|id| self.node.request_case(caller, id).ok())
            .collect()
    }

    /// All that anybody sees.
    fn picture(&self) -> Vec<String> {
        let mut picture = Vec::new();
        for caller in self.callers.iter().chain([&Caller::Anonymous]) {
            for mut view in self.views(caller) {
                if let Some(view) = &mut view {
                    // Beside the journal: this node may have forgotten it.
                    view.case.request.contact = None;
                }
                picture.push(format!("{view:?}"));
            }
            let page = self.node.requests(caller, &Query::default()).unwrap();
            picture.push(format!("{page:?}"));
            let waiting = self.node.requests_waiting(caller, 100).unwrap();
            picture.push(format!("{waiting:?}"));
        }
        picture.push(format!("{:?}", self.node.next_request_date().unwrap()));
        picture
    }
}

/// Every step is a line of the table, by whom it says.
fn check_steps(view: &CaseView) {
    let drafted = view.case.request.deadline.is_none();
    let mut state = if drafted { State::Draft } else { State::Sent };
    let (mut before, mut deciders) = (None, Vec::new());
    for record in &view.steps {
        let verb = record.step.verb();
        let line = line_of(state, verb, record.role);
        let line = line.unwrap_or_else(|| panic!("{state} {verb} {}", record.role));
        if verb == Verb::Contest {
            before = Some(state);
        }
        state = match line.to {
            To::State(to) => to,
            To::Same => state,
            To::Before => before.unwrap(),
        };
        assert_eq!(record.state, state);
        let (party, account) = (record.party.as_str(), record.account.as_str());
        match record.role {
            Role::Sender => assert_eq!(party, "alpha"),
            Role::Recipient => assert_eq!(party, "beta"),
            Role::Affected => assert_eq!(party, AFFECTED),
            Role::Clock => assert_eq!((party, account), ("operator", "clock")),
            Role::Steward => assert_eq!((party, account), ("operator", "operator")),
            Role::Reviewer => {
                assert!(party == "beta" || party == "operator");
                assert!(!deciders.contains(&account.to_owned()), "two pairs of eyes");
            }
        }
        if matches!(verb, Verb::Accept | Verb::Decline | Verb::Done) {
            deciders.push(account.to_owned());
        }
        if let Step::Send { deadline } | Step::Answer { deadline, .. } = &record.step {
            assert!(deadline.answer_by > deadline.from);
        }
    }
    assert_eq!(view.case.state, state);
    let times: Vec<Instant> = view.steps.iter().map(|step| step.at).collect();
    assert!(times.is_sorted());
}

/// Whoever has less trust sees a part of what who has more sees.
fn check_sight(less: Option<&CaseView>, more: Option<&CaseView>) {
    let Some(less) = less else { return };
    let more = more.unwrap();
    assert!(less.sight <= more.sight);
    let (few, all) = (&less.case.request, &more.case.request);
    for (few, all) in [(&few.title, &all.title), (&few.words, &all.words)] {
        assert!(few.is_empty() || few == all);
    }
    assert!(few.targets.is_empty() || few.targets == all.targets);
    assert!(few.contact.is_none() && few.contact_mark.is_none() && few.key.is_none());
    assert!(less.case.decider.is_none() && less.case.deciders.is_empty());
    for (few, all) in less.steps.iter().zip(&more.steps) {
        let words = few.step.words().unwrap_or_default();
        assert!(words.is_empty() || Some(words) == all.step.words());
        assert!(few.account.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nothing_happens_outside_the_table_and_all_of_it_is_attributed_and_rebuilt(moves in moves()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut story = Story::begin().await;
            for one in &moves {
                story.make(one).await;
            }
            let whole = story.views(&Caller::Operator);
            for view in whole.iter().flatten() {
                check_steps(view);
            }
            let anybody = story.views(&Caller::Anonymous);
            let third = story.views(&story.callers[3]);
            for (i, all) in whole.iter().enumerate() {
                check_sight(anybody[i].as_ref(), third[i].as_ref().or(all.as_ref()));
                check_sight(third[i].as_ref(), all.as_ref());
            }
            let incremental = story.picture();
            story.reopen();
            assert_eq!(story.picture(), incremental);
        });
    }
}
