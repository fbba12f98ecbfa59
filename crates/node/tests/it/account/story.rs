//! Stories of requests and signals, as long as they come.

use std::collections::BTreeMap;

use node::act::erase::{Asked, Step as EraseStep};
use node::act::request::{NewRequest, NewStep};
use node::erasure::What;
use node::model::{FeedbackKind, Marking};
use node::request::deadline::Wanted;
use node::request::{Kind, Preset, Verb};
use node::{Caller, Node, Query};
use proptest::prelude::*;

use crate::fixture::{id, indicator, marked, member, publish, say, shared};
use crate::requests::takedown;

/// Something that somebody does.
#[derive(Clone, Debug)]
pub enum Step {
    Send {
        from: usize,
        to: usize,
        kind: usize,
        marking: usize,
        draft: bool,
        short: bool,
    },
    Take {
        case: usize,
        verb: usize,
        by: usize,
    },
    Contest(usize),
    Clock,
    Publish {
        by: usize,
        number: u32,
        red: bool,
    },
    Withdraw {
        by: usize,
        number: u32,
    },
    Say {
        by: usize,
        number: u32,
        kind: usize,
    },
    Erase(u64),
}

/// Verbs as a party takes them, those that lead somewhere more often.
const VERBS: [Verb; 16] = [
    Verb::Accept,
    Verb::Accept,
    Verb::Accept,
    Verb::Decline,
    Verb::Done,
    Verb::Done,
    Verb::Ask,
    Verb::Answer,
    Verb::Send,
    Verb::Link,
    Verb::Acknowledge,
    Verb::Withdraw,
    Verb::Uphold,
    Verb::Reverse,
    Verb::Restore,
    Verb::Escalate,
];

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3usize, 0..3usize, 0..6usize, 0..5usize, prop::bool::weighted(0.2), any::<bool>())
            .prop_map(|(from, to, kind, marking, draft, short)| {
                Step::Send { from, to, kind, marking, draft, short }
            }),
        12 => (0..6usize, 0..VERBS.len(), 0..4usize)
            .prop_map(|(case, verb, by)| Step::Take { case, verb, by }),
        2 => (0..6usize).prop_map(Step::Contest),
        2 => Just(Step::Clock),
        2 => (0..2usize, 0..4u32, prop::bool::weighted(0.2))
            .prop_map(|(by, number, red)| Step::Publish { by, number, red }),
        1 => (0..2usize, 0..4u32).prop_map(|(by, number)| Step::Withdraw { by, number }),
        1 => (0..3usize, 0..4u32, 0..4usize)
            .prop_map(|(by, number, kind)| Step::Say { by, number, kind }),
        1 => (0..30u64).prop_map(Step::Erase),
    ]
}

/// A request of this kind to a party.
pub fn request(to: &str, kind: Kind, marking: Marking, draft: bool, short: bool) -> NewRequest {
    let mut new = takedown(marking);
    new.to = to.into();
    if kind != Kind::Takedown {
        new.ground = None;
        new.country = None;
    }
    new.kind = kind;
    new.draft = draft;
    if short {
        new.deadline = Wanted {
            preset: Preset::Contact,
            ..Wanted::default()
        };
    }
    new
}

/// What a story has come to.
struct Play<'n> {
    node: &'n Node,
    callers: Vec<Caller>,
    ids: Vec<String>,
    links: BTreeMap<String, String>,
}

const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

/// Takes all steps; those that are refused are part of the story.
pub async fn run(node: &Node, steps: &[Step]) {
    shared(node).await;
    let mut callers = Vec::new();
    for name in NAMES {
        callers.push(member(node, name, "read,publish").await);
    }
    callers.push(Caller::Operator);
    let (ids, links) = (Vec::new(), BTreeMap::new());
    let mut play = Play {
        node,
        callers,
        ids,
        links,
    };
    for step in steps {
        match step {
            Step::Send { .. } | Step::Take { .. } | Step::Contest(_) => play.ask(step).await,
            _ => play.share(step).await,
        }
    }
}

impl Play<'_> {
    async fn ask(&mut self, step: &Step) {
        let (node, newest) = (self.node, |at: &usize| self.ids.iter().rev().nth(*at));
        match step {
            Step::Send {
                from,
                to,
                kind,
                marking,
                draft,
                short,
            } => {
                let (kind, marking) = (Kind::ALL[*kind], Marking::ALL[*marking]);
                let new = request(NAMES[*to], kind, marking, *draft, *short);
                if let Ok(sent) = node.send_request(&self.callers[*from], new, None).await {
                    self.ids.push(sent.case.request.id);
                }
            }
            Step::Take { case, verb, by } => {
                let Some(id) = newest(case).cloned() else {
                    return;
                };
                let new = NewStep::new(VERBS[*verb], Some("For a reason."));
                let done = node.step_request(&self.callers[*by], &id, new, None).await;
                if let Some(link) = done.ok().and_then(|done| done.link) {
                    self.links.insert(id, link);
                }
            }
            Step::Contest(case) => {
                if let Some(link) = newest(case).and_then(|id| self.links.get(id)) {
                    drop(node.contest(link, "No.".into(), None).await);
                }
            }
            _ => {}
        }
    }

    async fn share(&self, step: &Step) {
        let node = self.node;
        let signal = |number: &u32, by: usize| number + 10 * u32::try_from(by).unwrap();
        match step {
            Step::Clock => drop(node.advance_requests().await.unwrap()),
            Step::Publish { by, number, red } => {
                let rest = if *red { marked("red") } else { String::new() };
                let object = indicator(signal(number, *by), 0, "a.example", &rest);
                publish(node, &self.callers[*by], &[object]).await;
            }
            Step::Withdraw { by, number } => {
                let id = id(signal(number, *by));
                let caller = &self.callers[*by];
                drop(node.withdraw(caller, "shared", &id, Query::default()).await);
            }
            Step::Say { by, number, kind } => {
                let of = id(signal(number, (by + 1) % 2));
                let said = say(FeedbackKind::ALL[*kind]);
                drop(node.give_feedback(&self.callers[*by], &of, said).await);
            }
            Step::Erase(back) => {
                let position = node.entries().saturating_sub(1 + back);
                let asked = Asked {
                    what: What::Positions(vec![position]),
                    reason: "for tests".into(),
                    public: true,
                    with_feedback: false,
                    forget_id: false,
                };
                let erased = node.erase(&Caller::Operator, Some(asked), EraseStep::Erase);
                drop(erased.await);
            }
            _ => {}
        }
    }
}
