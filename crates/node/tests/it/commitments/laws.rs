//! Laws of commitments on a whole node: a rebuilt node knows the same, every act has its author, every
//! step its letter, and everybody's words stay.

use proptest::prelude::*;

use super::*;

/// Something that happens on a day; refused ones are part of the story.
#[derive(Clone, Debug)]
enum Deed {
    Commit(bool, Option<u8>),
    Amend,
    Withdraw,
    Report(usize),
    Review(bool, usize),
    Counter,
    Reply(bool),
    Calendar(u16, bool),
    Delist,
    Revoke,
    Reinstate,
    Nothing,
}

fn deed() -> impl Strategy<Value = (i64, Deed)> {
    let what = prop_oneof![
        2 => (any::<bool>(), prop::option::of(prop::sample::select(vec![1u8, 3, 12])))
            .prop_map(|(own, every)| Deed::Commit(own, every)),
        1 => Just(Deed::Amend),
        1 => Just(Deed::Withdraw),
        3 => (0..5usize).prop_map(Deed::Report),
        1 => (any::<bool>(), 0..5usize).prop_map(|(own, step)| Deed::Review(own, step)),
        1 => Just(Deed::Counter),
        1 => any::<bool>().prop_map(Deed::Reply),
        1 => (1..40u16, any::<bool>()).prop_map(|(late, suspends)| Deed::Calendar(late, suspends)),
        1 => Just(Deed::Delist),
        1 => Just(Deed::Revoke),
        1 => Just(Deed::Reinstate),
        4 => Just(Deed::Nothing),
    ];
    (-100..200i64, what)
}

async fn act(node: &Node, alpha: &Caller, beta: &Caller, deed: Deed) {
    let directory = node.directory();
    let newest = directory.commitments().all().last().cloned();
    let known = newest.as_ref().map_or("none", |record| record.id());
    let letter = newest.as_ref().and_then(|record| record.letters.last());
    let letter = letter.map_or("none", |letter| letter.held.what.id.as_str());
    match deed {
        Deed::Commit(..) | Deed::Amend | Deed::Withdraw | Deed::Report(_) => {
            promise(node, (alpha, beta), known, deed).await;
        }
        Deed::Review(own, step) => {
            let caller = if own { alpha } else { beta };
            let (step, said) = (Completion::ALL[step], judgement(&[]));
            drop(node.review_commitment(caller, known, step, said).await);
        }
        Deed::Counter => {
            let said = judgement(&["https://beta.example/"]);
            drop(node.counter_commitment(beta, known, said).await);
        }
        Deed::Reply(own) => {
            let caller = if own { alpha } else { beta };
            let reply = node.reply_commitment(caller, letter, "So.".into(), Vec::new(), None);
            drop(reply.await);
        }
        steward => decide(node, known, letter, steward).await,
    }
    node.advance_commitments(node.now()).await.unwrap();
}

/// What the party does.
async fn promise(node: &Node, (alpha, beta): (&Caller, &Caller), known: &str, deed: Deed) {
    let in_years = |years| {
        node.now()
            .day()
            .saturating_add(jiff::Span::new().years(years))
    };
    match deed {
        Deed::Commit(own, every) => {
            let caller = if own { alpha } else { beta };
            let terms = Terms {
                due: in_years(2),
                every,
                ..terms()
            };
            let new = NewCommitment {
                terms,
                ..new("alpha")
            };
            drop(node.commit(caller, new).await);
        }
        Deed::Amend => {
            let terms = Terms {
                words: "More.".into(),
                due: in_years(3),
                ..terms()
            };
            let amended = node.amend_commitment(alpha, known, terms, "So.".into(), None);
            drop(amended.await);
        }
        Deed::Withdraw => {
            let gone = node.withdraw_commitment(alpha, known, "So.".into(), None);
            drop(gone.await);
        }
        Deed::Report(step) => {
            let report = report(Completion::ALL[step]);
            drop(node.report_commitment(alpha, known, report).await);
        }
        _ => {}
    }
}

/// What the steward decides.
async fn decide(node: &Node, known: &str, letter: &str, deed: Deed) {
    let (steward, so) = (&Caller::Operator, "So.".to_owned());
    match deed {
        Deed::Calendar(late, suspends) => {
            let calendar = Calendar {
                late,
                silent: late + 30,
                delisted: late + 60,
                suspends,
                ..Calendar::default()
            };
            drop(node.set_calendar(steward, calendar, so).await);
        }
        Deed::Delist => drop(node.announce_delisting(steward, known, so).await),
        Deed::Revoke => drop(node.revoke_letter(steward, letter, so).await),
        Deed::Reinstate => drop(node.reinstate_commitment(steward, known, so).await),
        _ => {}
    }
}

fn picture(node: &Node) -> String {
    let directory = node.directory();
    let stances: Vec<_> = directory.register().recorded("alpha").collect();
    format!("{:?}\n{stances:?}", directory.commitments())
}

/// What holds of a commitment whatever happened.
fn check(record: &CommitmentRecord) {
    let mut at = State::Active;
    for change in record.states.iter().map(|held| &held.what) {
        assert_eq!(change.from, at);
        // One step of the calendar, a delisting by the steward, and back.
        let is_step = match change.to {
            State::Active => change.from != State::Active,
            State::Delisted if change.steward => change.from != State::Delisted,
            next => change.from.next() == Some(next),
        };
        assert!(is_step, "{change:?}");
        at = change.to;
        if change.to == State::Active {
            assert!(change.report.is_some() || change.steward);
            continue;
        }
        let letter = record.letter(change.letter.as_deref().unwrap()).unwrap();
        assert!(letter.revoked.is_none());
        let what = &letter.held.what;
        assert_eq!(what.to, change.to);
        let notice = what.date.until(change.date).unwrap().get_days();
        assert!(notice >= 14 && what.on <= change.date, "{change:?}");
    }
    let by = |party: &str, by: &str| assert_eq!(by, format!("{party}/tests"));
    record.versions().for_each(|held| by("alpha", &held.by));
    record.reports.iter().for_each(|held| by("alpha", &held.by));
    for said in &record.reviews {
        by(&said.held.what.by, &said.held.by);
        assert_ne!(said.held.what.by, "alpha");
    }
    record
        .counters
        .iter()
        .for_each(|said| by("beta", &said.held.by));
    for letter in &record.letters {
        assert_eq!(letter.held.by, "operator/operator");
        assert!(letter.held.what.words.contains("To ALPHA"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Each deed on a node of its own, opened on the same journal: so everything is rebuilt each time.
    #[test]
    fn a_rebuilt_node_knows_the_same_and_no_step_is_without_its_letter(
        deeds in prop::collection::vec(deed(), 1..25)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (journal, alpha, beta) = begun().await;
            let mut day = 1;
            let mut said = 0;
            for (days, deed) in deeds {
                // The clock may jump back, but not before the parties were there.
                day = (day + days).max(1);
                let node = at(&journal, day);
                act(&node, &alpha, &beta, deed).await;
                let before = picture(&node);
                let directory = node.directory();
                let all = directory.commitments();
                all.all().for_each(check);
                let statements: usize = all.all().map(|record| {
                    record.versions().count() + record.reports.len() + record.reviews.len()
                        + record.counters.len() + record.letters.len() + record.states.len()
                }).sum();
                assert!(statements >= said, "nothing is taken away");
                said = statements;
                drop(node);
                assert_eq!(picture(&at(&journal, day)), before);
            }
        });
    }
}
