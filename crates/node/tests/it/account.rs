//! The account: kept up to date entry by entry it is what a recount gives, of all cases, and of the
//! leaves of the public log alone.

mod story;

use std::collections::BTreeMap;
use std::sync::Arc;

use journal::memory::Memory;
use journal::{Journal, Position};
use node::account::{Counts, Event, Fate, Month, Spread};
use node::act::account::{AccountAt, Behind, BehindQuery, Side};
use node::act::request::{NewStep, Query as Requests};
use node::clock::{Clock, Instant};
use node::model::Marking;
use node::request::{Kind, Step as Said, Verb};
use node::{Caller, Node};
use proptest::prelude::*;
use serde_json::Value;

use crate::fixture::{NEW_YEAR, furnish, member};
use story::{request, run, step};

/// The last month of the story.
fn end(node: &Node) -> Month {
    Month::of(node.now())
}

/// Every figure of the account, as at the end of each month.
fn figures(node: &Node) -> Vec<String> {
    let mut all = Vec::new();
    let mut month = Month::of(NEW_YEAR);
    while month <= end(node) {
        let account = node.account(month).unwrap();
        all.push(format!("{month}"));
        all.extend(
            account
                .totals()
                .unwrap()
                .iter()
                .map(|row| format!("{row:?}")),
        );
        let parties: BTreeMap<_, _> = account.parties().unwrap().into_iter().collect();
        all.push(format!("{parties:?}"));
        all.push(format!("{:?}", account.pairs(None, None).unwrap()));
        all.push(format!("{:?}", account.effects().unwrap()));
        all.push(format!("{:?}", account.removals().unwrap()));
        all.push(format!("{:?}", account.received().unwrap()));
        for party in [None, Some("alpha"), Some("beta"), Some("gamma")] {
            all.push(format!("{:?}", account.times(party).unwrap()));
            all.push(format!("{:?}", account.shared(party).unwrap()));
            if let Some(party) = party {
                all.push(format!("{:?}", account.received_by(party).unwrap()));
                all.push(format!("{:?}", account.pairs(None, Some(party)).unwrap()));
            }
        }
        all.extend(listed(&account));
        month = month.next();
    }
    all
}

fn listed(account: &AccountAt) -> Vec<String> {
    let events = Event::ALL.iter().map(|event| Behind::Event(*event));
    let fates = Fate::ALL.iter().map(|fate| Behind::Fate(*fate));
    let mut all = Vec::new();
    for figure in events.chain(fates) {
        let query = BehindQuery {
            figure,
            from: None,
            fits: &|_| true,
            before: None,
            limit: 200,
        };
        let (entries, _) = account.behind(&query).unwrap();
        let positions: Vec<u64> = entries.iter().map(|entry| entry.position).collect();
        all.push(format!("{figure:?} {positions:?}"));
    }
    all
}

/// What the log or a case tells of one thing done.
#[derive(Clone, Debug)]
struct Told {
    act: String,
    by_recipient: bool,
    at: i64,
    due: Option<i64>,
}

/// The requests of the log, by id: from, to, kind, and what was done.
type Story = BTreeMap<String, (String, String, String, Vec<Told>)>;

fn seconds(text: &str) -> i64 {
    stix::Timestamp::parse(text).unwrap().micros() / 1_000_000
}

/// The story as the leaves tell it; and what was published and withdrawn by party and month.
type SharedByMonth = BTreeMap<(String, Month), (u64, u64)>;
fn of_leaves(journal: &Memory) -> (Story, SharedByMonth) {
    let (mut story, mut published) = (Story::new(), SharedByMonth::new());
    for record in journal.read(Position(0), usize::MAX, usize::MAX).unwrap() {
        let leaf: Value = serde_json::from_slice(&record.leaf).unwrap();
        let text = |key: &str| leaf[key].as_str().unwrap_or_default().to_owned();
        let (act, party) = (text("act"), text("party"));
        let at = seconds(&text("time"));
        let month = Month::of(Instant(at * 1_000_000));
        match act.as_str() {
            "object" => published.entry((party.clone(), month)).or_default().0 += 1,
            "withdrawal" => published.entry((party.clone(), month)).or_default().1 += 1,
            _ => {}
        }
        if text("request").is_empty() {
            continue;
        }
        let about = (text("from"), text("to"), text("kind"), Vec::new());
        let case = story.entry(text("request")).or_insert(about);
        let due = leaf["due"].as_str().map(seconds);
        let by_recipient = party == case.1;
        let act = act.trim_start_matches("request").trim_start_matches('-');
        let act = if act.is_empty() { "send" } else { act }.to_owned();
        case.3.push(Told {
            act,
            by_recipient,
            at,
            due,
        });
    }
    (story, published)
}

/// The story as all cases tell it, also those marked RED.
fn of_cases(node: &Node) -> Story {
    let mut story = Story::new();
    let page = node
        .requests(&Caller::Operator, &Requests::default())
        .unwrap();
    assert_eq!(page.next, None);
    for seen in page.cases {
        let request = &seen.case.request;
        let case = node.request_case(&Caller::Operator, &request.id).unwrap();
        let second = |at: Instant| at.0 / 1_000_000;
        let mut told = Vec::new();
        if let Some(deadline) = &request.deadline {
            let due = Some(second(deadline.answer_by));
            let at = second(case.case.opened);
            told.push(Told {
                act: "send".into(),
                by_recipient: false,
                at,
                due,
            });
        }
        for step in &case.steps {
            let due = match &step.step {
                Said::Send { deadline } | Said::Answer { deadline, .. } => {
                    Some(second(deadline.answer_by))
                }
                _ => None,
            };
            told.push(Told {
                act: step.step.verb().as_str().into(),
                by_recipient: step.party == request.to,
                at: second(step.at),
                due,
            });
        }
        if told.iter().any(|told| told.act == "send") {
            let kind = request.kind.as_str().to_owned();
            let about = (request.from.clone(), request.to.clone(), kind, told);
            story.insert(request.id.clone(), about);
        }
    }
    story
}

/// How the request was answered by the end of what is told; of one that is not due or overdue, that
/// it waits. And the seconds that the answer took.
fn answer(told: &[Told]) -> Option<(Fate, Option<i64>)> {
    let (mut sent, mut due, mut asked, mut paused) = (None, None, None, 0);
    let mut fate = None;
    for one in told {
        due = one.due.or(due);
        match one.act.as_str() {
            "send" => (sent, fate) = (Some(one.at), Some(Fate::Waiting)),
            "ask" => (asked, fate) = (Some(one.at), Some(Fate::WithSender)),
            "answer" => {
                paused += one.at - asked.take().unwrap();
                fate = Some(Fate::Waiting);
            }
            "accept" | "decline" => {
                let late = one.at > due.unwrap() || fate == Some(Fate::Silent);
                let fate = if late { Fate::Late } else { Fate::InTime };
                return Some((fate, Some(one.at - sent.unwrap() - paused)));
            }
            "expire" if asked.is_some() => fate = Some(Fate::Dropped),
            "expire" => fate = Some(Fate::Silent),
            "withdraw" => fate = Some(Fate::TakenBack),
            _ => {}
        }
    }
    Some((fate?, None))
}

fn recount(told: &[Told], counts: &mut BTreeMap<Month, BTreeMap<String, i64>>) {
    let month = |one: &Told| Month::of(Instant(one.at * 1_000_000));
    let (mut acknowledged, mut before): (bool, Option<Fate>) = (false, None);
    for (at, one) in told.iter().enumerate() {
        let row = counts.entry(month(one)).or_default();
        let mut add = |what: String, by: i64| *row.entry(what).or_default() += by;
        if one.by_recipient && !acknowledged {
            acknowledged = true;
            add(Event::Acknowledged.to_string(), 1);
        }
        let event = match one.act.as_str() {
            "send" => Some(Event::Sent),
            "ask" => Some(Event::AskedBack),
            "accept" => Some(Event::Accepted),
            "decline" => Some(Event::Declined),
            "done" => Some(Event::Done),
            "contest" => Some(Event::Contested),
            "uphold" => Some(Event::Upheld),
            "reverse" => Some(Event::Reversed),
            "restore" => Some(Event::Restored),
            "withdraw" => Some(Event::Withdrawn),
            "escalate" => Some(Event::Escalated),
            "expire" => Some(Event::Expired),
            _ => None,
        };
        if let Some(event) = event {
            add(event.to_string(), 1);
        }
        let after = answer(&told[..=at]).map(|(fate, _)| fate);
        if after != before {
            if let Some(before) = before {
                add(format!("={before}"), -1);
            }
            add(format!("={}", after.unwrap()), 1);
        }
        before = after;
    }
    // Rows of nothing are no rows.
    for row in counts.values_mut() {
        row.retain(|_, count| *count != 0);
    }
    counts.retain(|_, row| !row.is_empty());
}

/// Counts in the words of [`recount`]: what is overdue waits there.
fn words(counts: &Counts) -> BTreeMap<String, i64> {
    let mut row = BTreeMap::new();
    for event in Event::ALL {
        row.insert(event.to_string(), counts.event(*event));
    }
    for fate in Fate::ALL {
        let known = if *fate == Fate::Overdue {
            Fate::Waiting
        } else {
            *fate
        };
        *row.entry(format!("={known}")).or_default() += counts.fate(*fate);
    }
    row.retain(|_, count| *count != 0);
    row
}

fn sum(rows: impl Iterator<Item = (Month, Counts)>) -> BTreeMap<Month, BTreeMap<String, i64>> {
    let mut months: BTreeMap<Month, Counts> = BTreeMap::new();
    for (month, counts) in rows {
        months.entry(month).or_default().add(&counts);
    }
    let rows = months
        .into_iter()
        .map(|(month, counts)| (month, words(&counts)));
    rows.filter(|(_, row)| !row.is_empty()).collect()
}

fn check(node: &Node, journal: &Memory) {
    let account = node.account(end(node)).unwrap();
    let (story, published) = of_leaves(journal);
    let (mut named, mut all) = (BTreeMap::new(), BTreeMap::new());
    let mut times: BTreeMap<Month, Spread> = BTreeMap::new();
    let mut pairs: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for (from, to, kind, told) in story.values() {
        recount(told, &mut named);
        *pairs
            .entry((from.clone(), to.clone(), kind.clone()))
            .or_default() += 1;
        let first = told
            .iter()
            .find(|one| matches!(one.act.as_str(), "accept" | "decline"));
        if let (Some(first), Some((_, Some(took)))) = (first, answer(told)) {
            let month = Month::of(Instant(first.at * 1_000_000));
            times
                .entry(month)
                .or_default()
                .add(Spread::minutes(took), 1);
        }
    }
    for case in of_cases(node).values() {
        recount(&case.3, &mut all);
    }
    let totals = account.totals().unwrap();
    let rows = |named: bool| totals.iter().filter(move |row| row.named || !named);
    assert_eq!(sum(rows(true).map(|row| (row.month, row.counts))), named);
    assert_eq!(sum(rows(false).map(|row| (row.month, row.counts))), all);
    assert_eq!(
        account.times(None).unwrap(),
        times.into_iter().collect::<Vec<_>>()
    );
    let name = |number: u32| account.directory().party_id(number).unwrap().to_owned();
    let known = account.pairs(None, None).unwrap();
    let known = known.iter().map(|pair| {
        let key = (name(pair.from), name(pair.to), pair.kind.to_string());
        (key, pair.counts.sent())
    });
    assert_eq!(known.collect::<BTreeMap<_, _>>(), pairs);
    // Parties add up to what is named.
    for side in [Side::Sender, Side::Recipient] {
        let parties = ["alpha", "beta", "gamma"].map(|party| account.party(party, side).unwrap());
        assert_eq!(sum(parties.into_iter().flatten()), named);
    }
    let known = ["operator", "alpha", "beta", "gamma"]
        .into_iter()
        .flat_map(|party| {
            let rows = account.shared(Some(party)).unwrap().into_iter();
            rows.map(|(month, shared)| {
                (
                    (party.to_owned(), month),
                    (shared.published, shared.withdrawn),
                )
            })
        });
    assert_eq!(known.collect::<BTreeMap<_, _>>(), published);
    let count = |event| rows(true).map(|row| row.counts.event(event)).sum();
    check_entries(&account, &count);
}

/// Every figure has its entries, also page by page.
fn check_entries(account: &AccountAt, count: &dyn Fn(Event) -> i64) {
    for event in Event::ALL {
        let page = |before, limit| {
            let query = BehindQuery {
                figure: Behind::Event(*event),
                from: None,
                fits: &|_| true,
                before,
                limit,
            };
            let (entries, next) = account.behind(&query).unwrap();
            let positions = entries.iter().map(|entry| entry.position);
            (positions.collect::<Vec<_>>(), next)
        };
        let (whole, _) = page(None, 200);
        let counted = usize::try_from(count(*event)).unwrap();
        assert_eq!(whole.len(), counted, "{event}");
        let (mut paged, mut next) = page(None, 2);
        while next.is_some() {
            let (more, place) = page(next, 2);
            paged.extend(more);
            next = place;
        }
        assert_eq!(paged, whole, "{event}: page by page");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_account_is_what_a_recount_gives_and_what_a_rebuild_gives(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let journal = Arc::new(Memory::default());
        // Whole seconds, as leaves have them; so many that stories take months.
        let clock = Clock::Stepping(NEW_YEAR.0.into(), 4 * 3_600_000_000 + 61_000_000);
        let node = Node::on(Arc::clone(&journal) as _, clock).unwrap();
        runtime.block_on(async {
            furnish(&node).await;
            run(&node, &steps).await;
        });
        check(&node, &journal);
        let rebuilt = Node::on(Arc::clone(&journal) as _, Clock::manual(node.now())).unwrap();
        let (mut incremental, rebuilt) = (figures(&node), figures(&rebuilt));
        // The clock of the first goes on while it is asked: months may follow in which nothing happens.
        incremental.truncate(rebuilt.len());
        prop_assert_eq!(incremental, rebuilt);
    }
}

#[tokio::test]
async fn what_is_marked_red_is_counted_without_names_and_drafts_are_not() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    furnish(&node).await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let send = async |kind, marking, draft| {
        let new = request("beta", kind, marking, draft, false);
        let sent = node.send_request(&alpha, new, None).await.unwrap();
        sent.case.request.id
    };
    let open = send(Kind::Takedown, Marking::Amber, false).await;
    let red = send(Kind::Information, Marking::Red, false).await;
    send(Kind::Information, Marking::Clear, true).await;
    for id in [&open, &red] {
        let accept = NewStep::new(Verb::Accept, None);
        node.step_request(&beta, id, accept, None).await.unwrap();
    }
    let account = node.account(Month::of(NEW_YEAR)).unwrap();
    let totals = account.totals().unwrap();
    assert_eq!(totals.len(), 2);
    let (named, hidden): (Vec<_>, Vec<_>) = totals.iter().partition(|row| row.named);
    assert_eq!(
        (named[0].kind, hidden[0].kind),
        (Kind::Takedown, Kind::Information)
    );
    assert_eq!((hidden[0].category, hidden[0].ground), (None, None));
    assert_eq!(named[0].ground, Some(node::request::GroundKind::Law));
    for row in [named[0], hidden[0]] {
        assert_eq!((row.counts.sent(), row.counts.fate(Fate::InTime)), (1, 1));
    }
    let beta = account.party("beta", Side::Recipient).unwrap();
    assert_eq!(beta[0].1.sent(), 1);
    assert_eq!(account.pairs(None, None).unwrap().len(), 1);
    assert_eq!(account.effects().unwrap()[0].0.as_deref(), Some("DE"));
    assert_eq!(account.times(None).unwrap()[0].1.answers(), 1);
    // A month later nothing is added, and a month before there was nothing.
    let later = node.account(Month::of(NEW_YEAR).next()).unwrap();
    assert_eq!(later.totals().unwrap(), totals);
    let before = node.account(Month::of(NEW_YEAR).before()).unwrap();
    assert!(before.totals().unwrap().is_empty() && before.parties().unwrap().is_empty());
}
