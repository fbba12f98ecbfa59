//! What is shown of steps, and when terms hold.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::clock::Instant;
use crate::entry::Actor;
use crate::model::Marking;

/// Applies acts at positions 0, 1, 2 …
fn fold(acts: Vec<Act<'static>>) -> Accession {
    let mut accession = Accession::default();
    for (position, act) in (0u64..).zip(acts) {
        let at = Instant(i64::try_from(position).unwrap());
        let actor = Actor {
            party: "steward".into(),
            account: "tests".into(),
        };
        let entry = Entry { at, actor, act };
        accession.apply(Recorded { position, at }, &entry);
    }
    accession
}

fn step(id: &str, show: Shown, replaces: Option<&str>) -> Act<'static> {
    Act::Step(Step {
        id: id.into(),
        party: "alpha".into(),
        by: Side::Steward,
        date: date(2026, 1, 1),
        topics: vec!["3".into()],
        words: "We met.".into(),
        show,
        replaces: replaces.map(str::to_owned),
    })
}

fn agree(step: &str, shown: &str) -> Act<'static> {
    Act::AgreeStep(Agreement {
        step: step.into(),
        shown: shown.parse().unwrap(),
        source: None,
    })
}

fn terms(id: &str, from: Date, until: Option<Date>) -> Terms {
    Terms {
        id: id.into(),
        title: id.into(),
        party: "alpha".into(),
        collections: Vec::new(),
        up_to: Marking::Amber,
        publish: false,
        from,
        until,
        source: "a letter".into(),
        public: true,
    }
}

#[test]
fn a_step_shows_exactly_what_both_sides_agreed_to() {
    let offered: Shown = "date,topics".parse().unwrap();
    let accession = fold(vec![step("a", offered, None)]);
    assert!(!accession.step("a").unwrap().public().is_any());
    let accession = fold(vec![step("a", offered, None), agree("a", "words")]);
    let shown = accession.step("a").unwrap();
    assert_eq!(shown.public().to_string(), "date");
    assert_eq!(shown.public_since().unwrap().position, 1);
    let accession = fold(vec![
        step("a", offered, None),
        agree("a", "words"),
        agree("a", "date,topics,words"),
    ]);
    assert_eq!(
        accession.step("a").unwrap().public().to_string(),
        "date,topics"
    );
}

#[test]
fn a_corrected_step_stays() {
    let accession = fold(vec![
        step("a", Shown::ALL, None),
        step("b", Shown::ALL, Some("a")),
    ]);
    assert_eq!(accession.steps().len(), 2);
    assert_eq!(accession.step("a").unwrap().replaced_by, ["b"]);
}

#[test]
fn what_is_shown_is_read_as_it_is_written() {
    for text in [
        "nothing",
        "date",
        "date,topics",
        "date,words",
        "date,topics,words",
    ] {
        assert_eq!(text.parse::<Shown>().unwrap().to_string(), text);
    }
    assert_eq!("words".parse::<Shown>().unwrap().to_string(), "date,words");
    assert!("all".parse::<Shown>().is_err() && "".parse::<Shown>().is_err());
}

#[test]
fn terms_hold_from_their_first_day_to_their_last() {
    let (first, last) = (date(2026, 1, 1), date(2026, 6, 30));
    let accession = fold(vec![Act::Terms(terms("a", first, Some(last)))]);
    let record = accession.terms("a").unwrap();
    let holds = [
        (date(2025, 12, 31), false),
        (first, true),
        (last, true),
        (date(2026, 7, 1), false),
    ];
    for (day, expected) in holds {
        assert_eq!(record.in_force(day).is_some(), expected, "{day}");
    }
}

#[test]
fn terms_that_were_ended_hold_no_more_until_they_are_set_anew() {
    let first = date(2026, 1, 1);
    let end = Act::EndTerms(EndTerms {
        terms: "a".into(),
        on: date(2026, 3, 1),
        reason: "The audit failed.".into(),
    });
    let accession = fold(vec![Act::Terms(terms("a", first, None)), end.clone()]);
    let record = accession.terms("a").unwrap();
    assert!(record.in_force(date(2026, 2, 28)).is_some());
    assert!(record.in_force(date(2026, 3, 1)).is_none());
    let again = Act::Terms(terms("a", date(2026, 4, 1), None));
    let accession = fold(vec![Act::Terms(terms("a", first, None)), end, again]);
    let record = accession.terms("a").unwrap();
    assert!(record.in_force(date(2026, 3, 31)).is_none());
    assert!(record.in_force(date(2026, 4, 1)).is_some());
    assert_eq!(record.versions.len(), 2);
}

proptest! {
    /// Whatever is agreed, nothing is shown that one of the two did not agree to.
    #[test]
    fn agreement_never_widens_an_offer(
        offer in any::<[bool; 3]>(), agreed in proptest::collection::vec(any::<[bool; 3]>(), 0..5)
    ) {
        let shown = |[date, topics, words]: [bool; 3]| Shown { date, topics, words };
        let mut acts = vec![step("a", shown(offer), None)];
        acts.extend(agreed.iter().map(|fields| Act::AgreeStep(Agreement {
            step: "a".into(), shown: shown(*fields), source: None,
        })));
        let accession = fold(acts);
        let public = accession.step("a").unwrap().public();
        let either = agreed.iter().map(|fields| shown(*fields)).fold(Shown::default(), Shown::or);
        prop_assert_eq!(public.and(shown(offer)), public);
        prop_assert_eq!(public.and(either), public);
    }
}
