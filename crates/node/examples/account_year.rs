//! Fills a data directory with a year of a pledge, through the acts of a node whose clock is set: parties
//! that publish signals, ask each other to act, answer or do not. Then it rebuilds the views from the
//! journal, and compares every figure of the account. The same seed gives the same year.
//!
//! `account_year DIR [--parties N] [--requests N] [--signals N]` prints figures as JSON.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a tool of the benchmarks: it ends at the first thing that is wrong"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant as Watch;

use bytes::Bytes;
use journal::embedded::{Embedded, Options as JournalOptions};
use node::account::{Event, Fate, Month};
use node::act::account::{AccountAt, Behind, BehindQuery};
use node::act::commitment::{NewCommitment, Terms};
use node::act::manage::{NewToken, new_collection_id};
use node::act::request::{NewRequest, NewStep};
use node::clock::{Clock, DAY, Instant};
use node::commitment::Measure;
use node::model::{Collection, Marking};
use node::pledge::{PARIS_CALL, PledgeFile, Stance};
use node::request::deadline::Wanted;
use node::request::{Category, Contact, Ground, GroundKind, Kind, Preset, Verb};
use node::{Caller, Node, Options};

/// 2025-01-01T00:00:00Z.
const START: i64 = 1_735_689_600_000_000;
const HOUR: i64 = DAY / 24;
/// What is done beside each other, so that it shares an fsync.
const WAVE: i64 = 3 * HOUR;
/// Signals of one publish.
const ENVELOPE: usize = 250;

/// The generator `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most.max(1)).unwrap()).unwrap()
    }

    fn hit(&mut self, per_cent: usize) -> bool {
        self.below(100) < per_cent
    }

    fn pick<T: Copy>(&mut self, weighted: &[(usize, T)]) -> T {
        let mut at = self.below(weighted.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in weighted {
            if at < *weight {
                return *value;
            }
            at -= weight;
        }
        weighted[0].1
    }
}

/// What happens at some time.
#[derive(Copy, Clone, Debug)]
enum Deed {
    Publish {
        by: usize,
        first: usize,
    },
    Send {
        from: usize,
        to: usize,
    },
    Take {
        request: usize,
        by: usize,
        verb: Verb,
    },
    Contest {
        request: usize,
    },
    Review {
        request: usize,
        verb: Verb,
    },
}

struct Year {
    node: Arc<Node>,
    clock: Arc<AtomicI64>,
    dice: Dice,
    callers: Vec<Caller>,
    /// How likely each party answers, per cent, and in how many hours.
    habits: Vec<(usize, i64)>,
    deeds: BTreeMap<(i64, usize), Deed>,
    made: usize,
    requests: Vec<String>,
    links: BTreeMap<usize, String>,
    sent: usize,
}

fn number(name: &str, otherwise: usize) -> usize {
    let mut given = std::env::args().skip_while(|argument| argument != name);
    given.nth(1).map_or(otherwise, |text| text.parse().unwrap())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let parties = number("--parties", 200);
    let (requests, signals) = (number("--requests", 20_000), number("--signals", 500_000));
    std::fs::create_dir_all(folder.join("journal")).unwrap();
    let journal = Embedded::open(&folder.join("journal"), &JournalOptions::default()).unwrap();
    let clock = Arc::new(AtomicI64::new(START));
    let node = Node::on(Arc::new(journal), Clock::Set(Arc::clone(&clock))).unwrap();
    let mut year = Year::begin(node, clock, parties).await;
    year.plan(requests, signals);
    let watch = Watch::now();
    year.run().await;
    let filled = watch.elapsed();
    let node = year.node;
    let entries = node.entries();
    let end = Month::of(node.now());
    let mut read = Vec::new();
    let incremental = figures(&node, end, &mut read);
    let by_entry = price(year.callers, &node, year.sent).await;
    let after = node.entries() - entries;
    let incremental = if after == 0 {
        incremental
    } else {
        figures(&node, end, &mut read)
    };
    drop(
        Arc::try_unwrap(node)
            .ok()
            .expect("nobody else has the node"),
    );
    let watch = Watch::now();
    let rebuilt = Node::open(
        &folder,
        &Options {
            matching: false,
            ..Options::default()
        },
    )
    .unwrap();
    let rebuild = watch.elapsed();
    let same = figures(&rebuilt, end, &mut Vec::new()) == incremental;
    assert!(same, "the rebuilt account is not the incremental one");
    drop(rebuilt);
    println!(
        "{}",
        serde_json::json!({
            "parties": parties, "requests": year.requests.len(), "signals": signals,
            "entries": entries, "fill_s": filled.as_secs_f64(), "rebuild_s": rebuild.as_secs_f64(),
            "figures": incremental.lines().count(), "rebuilt_equals_incremental": same,
            "request_entry_us": by_entry, "views_bytes": size(&folder),
        })
    );
}

fn size(folder: &Path) -> u64 {
    folder
        .join("views.redb")
        .metadata()
        .map_or(0, |about| about.len())
}

/// Microseconds for an entry about a request, alone, with its fsync: median of 200.
async fn price(callers: Vec<Caller>, node: &Node, sent: usize) -> u128 {
    let mut took = Vec::new();
    for at in 0..200 {
        let mut new = request(&mut Dice(at), Kind::Information);
        new.to = callers[1].party().unwrap().to_owned();
        let watch = Watch::now();
        node.send_request(&callers[0], new, None).await.unwrap();
        took.push(watch.elapsed().as_micros());
    }
    took.sort_unstable();
    assert!(sent > 0);
    took[100]
}

impl Year {
    async fn begin(node: Node, clock: Arc<AtomicI64>, parties: usize) -> Self {
        let operator = Caller::Operator;
        let file = PledgeFile::parse(PARIS_CALL, "paris-call-2018.toml").unwrap();
        node.load_pledge(&operator, file).await.unwrap();
        let library = Collection {
            default_marking: Marking::Green,
            ..Collection::new(new_collection_id(), "library")
        };
        node.set_collection(&operator, library).await.unwrap();
        let directory = node.directory();
        let day = node.now().day();
        let known = directory.register().parties();
        let signed = known.filter(|p| directory.stance(&p.id, day) == Some(Stance::Signed));
        let ids: Vec<String> = signed.map(|party| party.id.clone()).collect();
        let step = (ids.len() / parties).max(1);
        let mut dice = Dice(7);
        let (mut callers, mut habits) = (Vec::new(), Vec::new());
        for id in ids.iter().step_by(step).take(parties) {
            let new = NewToken {
                party: id.clone(),
                account: "office".into(),
                scopes: "read,publish".parse().unwrap(),
                collections: Vec::new(),
                expires: None,
            };
            let (secret, _) = node.create_token(&operator, new).await.unwrap();
            callers.push(node.authenticate(&secret.text).unwrap());
            let hours = [4, 12, 30, 80, 200][dice.below(5)];
            habits.push((dice.pick(&[(6, 97), (2, 85), (1, 55), (1, 10)]), hours));
        }
        Year {
            node: Arc::new(node),
            clock,
            dice,
            callers,
            habits,
            deeds: BTreeMap::new(),
            made: 0,
            requests: Vec::new(),
            links: BTreeMap::new(),
            sent: 0,
        }
    }

    fn at(&mut self, at: i64, deed: Deed) {
        self.deeds.insert((at, self.made), deed);
        self.made += 1;
    }

    fn plan(&mut self, requests: usize, signals: usize) {
        for first in (0..signals).step_by(ENVELOPE) {
            let at = START + i64::try_from(self.dice.below(365 * 24)).unwrap() * HOUR;
            let by = self.dice.below(self.callers.len());
            self.at(at, Deed::Publish { by, first });
        }
        for _ in 0..requests {
            let at = START + i64::try_from(self.dice.below(360 * 24 * 60)).unwrap() * 60_000_000;
            // Some ask more, and some are asked more.
            let parties = self.callers.len();
            let from = self.dice.below(parties).min(self.dice.below(parties));
            let to = parties - 1 - self.dice.below(parties).min(self.dice.below(parties));
            if from != to {
                self.at(at, Deed::Send { from, to });
            }
        }
    }

    /// Does all deeds, those of one wave beside each other.
    async fn run(&mut self) {
        self.promise().await;
        let mut tick = START;
        while let Some(((first, _), _)) = self.deeds.first_key_value() {
            let until = first - first.rem_euclid(WAVE) + WAVE;
            self.clock.store(until - WAVE, Ordering::Relaxed);
            while tick + 2 * WAVE <= until {
                tick += 2 * WAVE;
                self.node.advance_requests().await.unwrap();
                self.node
                    .advance_commitments(self.node.now())
                    .await
                    .unwrap();
            }
            let later = self.deeds.split_off(&(until, 0));
            let now = std::mem::replace(&mut self.deeds, later);
            let mut running = Vec::new();
            for ((at, _), deed) in now {
                self.clock.store(at, Ordering::Relaxed);
                running.push(self.start(at, deed));
            }
            for (deed, at, task) in running {
                self.follow(deed, at, task.await.unwrap());
            }
        }
    }

    /// Every third party promises something under some principles.
    async fn promise(&self) {
        let mut dice = Dice(3);
        for caller in self.callers.iter().step_by(3) {
            for _ in 0..=dice.below(4) {
                let new = NewCommitment {
                    party: caller.party().unwrap().to_owned(),
                    principle: u16::try_from(1 + dice.below(9)).unwrap(),
                    terms: Terms {
                        words: "We answer what we are asked, and say what we did.".into(),
                        measure: Measure::SelfReported {
                            description: "Measures taken".into(),
                            unit: "measures".into(),
                        },
                        baseline: None,
                        target: None,
                        due: jiff::civil::date(2027, 1, 1),
                        every: Some(dice.pick(&[(1, 3), (1, 6), (3, 12)])),
                    },
                    source: None,
                    date: None,
                    key: None,
                };
                self.node.commit(caller, new).await.unwrap();
            }
        }
    }

    fn start(
        &mut self,
        at: i64,
        deed: Deed,
    ) -> (Deed, i64, tokio::task::JoinHandle<Option<String>>) {
        let (node, seed) = (Arc::clone(&self.node), self.dice.next());
        let task: tokio::task::JoinHandle<Option<String>> = match &deed {
            Deed::Publish { by, first } => {
                let caller = self.callers[*by].clone();
                let envelope = envelope(*first);
                tokio::spawn(async move {
                    node.publish(&caller, "library", envelope).await.unwrap();
                    None
                })
            }
            Deed::Send { from, to } => {
                let mut dice = Dice(seed);
                let kind = dice.pick(&[
                    (45, Kind::Takedown),
                    (20, Kind::Information),
                    (12, Kind::Preservation),
                    (10, Kind::IncidentNotice),
                    (8, Kind::Assistance),
                    (5, Kind::Referral),
                ]);
                let mut new = request(&mut dice, kind);
                self.callers[*to].party().unwrap().clone_into(&mut new.to);
                let caller = self.callers[*from].clone();
                tokio::spawn(async move {
                    let sent = node.send_request(&caller, new, None).await.unwrap();
                    Some(sent.case.request.id)
                })
            }
            Deed::Take { request, by, verb } => {
                let (id, caller) = (self.requests[*request].clone(), self.callers[*by].clone());
                let new = NewStep::new(*verb, words(*verb));
                tokio::spawn(async move {
                    let taken = node.step_request(&caller, &id, new, None).await;
                    // What a date made impossible meanwhile is part of the year.
                    taken.ok().and_then(|taken| taken.link)
                })
            }
            Deed::Contest { request } => {
                let link = self.links.get(request).cloned();
                tokio::spawn(async move {
                    let link = link?;
                    drop(node.contest(&link, "It was lawful.".into(), None).await);
                    None
                })
            }
            Deed::Review { request, verb } => {
                let (id, new) = (
                    self.requests[*request].clone(),
                    NewStep::new(*verb, words(*verb)),
                );
                tokio::spawn(async move {
                    drop(node.step_request(&Caller::Operator, &id, new, None).await);
                    None
                })
            }
        };
        (deed, at, task)
    }

    /// What a deed leads to.
    fn follow(&mut self, deed: Deed, at: i64, told: Option<String>) {
        match deed {
            Deed::Send { from, to } => {
                let request = self.requests.len();
                self.requests.extend(told);
                self.sent += 1;
                self.live(request, from, to, at);
            }
            Deed::Take {
                request,
                verb: Verb::Link,
                ..
            } => {
                if let Some(link) = told {
                    self.links.insert(request, link);
                }
            }
            _ => {}
        }
    }

    /// What becomes of a request.
    fn live(&mut self, request: usize, from: usize, to: usize, sent: i64) {
        let (likely, hours) = self.habits[to];
        let mut at = sent;
        let mut later = |year: &mut Self, most: i64| {
            let minutes = usize::try_from(most * 60).unwrap();
            at += i64::try_from(1 + year.dice.below(minutes)).unwrap() * 60_000_000;
            at
        };
        let take = |verb, by| Deed::Take { request, by, verb };
        if self.dice.hit(2) {
            let when = later(self, 48);
            self.at(when, take(Verb::Withdraw, from));
            return;
        }
        if self.dice.hit(60) && likely > 20 {
            let when = later(self, hours / 2 + 1);
            self.at(when, take(Verb::Acknowledge, to));
        }
        if !self.dice.hit(likely) {
            return;
        }
        if self.dice.hit(7) {
            let when = later(self, hours);
            self.at(when, take(Verb::Ask, to));
            let when = later(self, 60);
            self.at(when, take(Verb::Answer, from));
        }
        let when = later(self, hours * 2);
        if self.dice.hit(25) {
            self.at(when, take(Verb::Decline, to));
            return;
        }
        self.at(when, take(Verb::Accept, to));
        let when = later(self, hours * 2);
        self.at(when, take(Verb::Done, to));
        if self.dice.hit(10) {
            let when = later(self, 24);
            self.at(when, take(Verb::Link, to));
            let when = later(self, 240);
            self.at(when, Deed::Contest { request });
            let when = later(self, 240);
            let verb = self.dice.pick(&[(6, Verb::Uphold), (4, Verb::Reverse)]);
            self.at(when, Deed::Review { request, verb });
            if verb == Verb::Reverse {
                let when = later(self, 72);
                self.at(when, take(Verb::Restore, to));
            }
        }
    }
}

fn words(verb: Verb) -> Option<&'static str> {
    match verb {
        Verb::Acknowledge | Verb::Accept | Verb::Link => None,
        _ => Some("For the reason that we gave."),
    }
}

fn request(dice: &mut Dice, kind: Kind) -> NewRequest {
    let takedown = kind == Kind::Takedown;
    let category = Category::ALL[dice.below(Category::ALL.len())];
    let red = if takedown { 0 } else { 8 };
    let marking = dice.pick(&[
        (20, Marking::Clear),
        (30, Marking::Green),
        (40, Marking::Amber),
        (red, Marking::Red),
    ]);
    let law = dice.pick(&[(6, GroundKind::Law), (4, GroundKind::Policy)]);
    NewRequest {
        to: String::new(),
        kind,
        category,
        title: "Please act on this".into(),
        words: "What has to be known stands here.".into(),
        targets: vec!["https://example.org/7".into()],
        signals: Vec::new(),
        principle: Some(u16::try_from(1 + dice.below(9)).unwrap()),
        ground: takedown.then(|| Ground {
            kind: law,
            reference: "A law, section 1".into(),
            url: None,
            explanation: "It falls under it.".into(),
        }),
        country: takedown.then(|| {
            dice.pick(&[(4, "FR"), (4, "DE"), (3, "BR"), (2, "JP"), (1, "NZ")])
                .into()
        }),
        contact: Some(Contact {
            name: "The office".into(),
            email: "office@example.org".into(),
        }),
        good_faith: true,
        evidence: Vec::new(),
        marking,
        reference: None,
        follows: None,
        deadline: Wanted {
            preset: dice.pick(&[
                (5, Preset::Standard),
                (2, Preset::Notification),
                (1, Preset::Contact),
            ]),
            ..Wanted::default()
        },
        draft: false,
    }
}

fn envelope(first: usize) -> Bytes {
    let mut objects = String::from("{\"objects\":[");
    for number in first..first + ENVELOPE {
        if number > first {
            objects.push(',');
        }
        write!(
            objects,
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{number:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","pattern":"[domain-name:value = 'x{number}.example']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z"}}"#
        )
        .unwrap();
    }
    objects.push_str("]}");
    Bytes::from(objects)
}

/// Every figure of the account, as at the end of each month, as text.
fn figures(node: &Node, end: Month, took: &mut Vec<u128>) -> String {
    let mut all = String::new();
    let mut month = Month::of(Instant(START));
    while month <= end {
        let watch = Watch::now();
        let account = node.account(month).unwrap();
        writeln!(all, "{month}").unwrap();
        for row in account.totals().unwrap() {
            writeln!(all, "{row:?}").unwrap();
        }
        let parties: BTreeMap<_, _> = account.parties().unwrap().into_iter().collect();
        for row in parties {
            writeln!(all, "{row:?}").unwrap();
        }
        for row in account.pairs(None, None).unwrap() {
            writeln!(all, "{row:?}").unwrap();
        }
        writeln!(all, "{:?}", account.effects().unwrap()).unwrap();
        writeln!(all, "{:?}", account.removals().unwrap()).unwrap();
        writeln!(all, "{:?}", account.received().unwrap()).unwrap();
        writeln!(all, "{:?}", account.times(None).unwrap()).unwrap();
        writeln!(all, "{:?}", account.shared(None).unwrap()).unwrap();
        let ids = account.directory().register().parties();
        for party in ids {
            writeln!(all, "{:?}", account.times(Some(&party.id)).unwrap()).unwrap();
            writeln!(all, "{:?}", account.shared(Some(&party.id)).unwrap()).unwrap();
        }
        listed(&account, &mut all);
        took.push(watch.elapsed().as_micros());
        month = month.next();
    }
    all
}

fn listed(account: &AccountAt, all: &mut String) {
    let events = Event::ALL.iter().map(|event| Behind::Event(*event));
    let fates = Fate::ALL.iter().map(|fate| Behind::Fate(*fate));
    for figure in events.chain(fates) {
        let query = BehindQuery {
            figure,
            from: None,
            before: None,
            limit: 200,
            fits: &|_| true,
        };
        let (entries, _) = account.behind(&query).unwrap();
        let positions: Vec<u64> = entries.iter().map(|entry| entry.position).collect();
        writeln!(all, "{figure:?} {positions:?}").unwrap();
    }
}
