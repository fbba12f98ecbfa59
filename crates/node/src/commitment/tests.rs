//! The calendar's laws: no step outside the table, none without its letter, none twice, none when a
//! clock jumps back.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::plan::{self, Move};
use super::*;
use crate::clock::DAY;
use crate::entry::Actor;

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600_000_000;

/// A commitment of alpha, and what becomes of it.
struct Story {
    all: Commitments,
    calendar: Calendar,
    position: u64,
    day: i64,
}

fn commitment(due: Date, every: Option<u8>) -> Commitment {
    Commitment {
        id: "c".into(),
        version: 1,
        party: "alpha".into(),
        principle: 1,
        words: "We answer in time.".into(),
        measure: Measure::Computed(indicator::Indicator::AnsweredInTime),
        baseline: None,
        target: None,
        due,
        every,
        date: date(2026, 1, 1),
        reason: None,
        source: None,
        key: None,
    }
}

impl Story {
    fn new(calendar: Calendar, every: Option<u8>) -> Self {
        let mut story = Story {
            all: Commitments::default(),
            calendar,
            position: 0,
            day: 0,
        };
        story.write(Act::Commit(commitment(date(2030, 6, 30), every)));
        story
    }

    fn write(&mut self, act: Act<'static>) {
        let last = self.all.last.0 + 1;
        let at = Instant(last.max(NEW_YEAR + self.day * DAY));
        let actor = Actor {
            party: "alpha".into(),
            account: "tests".into(),
        };
        let position = self.position;
        self.position += 1;
        let entry = Entry { at, actor, act };
        self.all.apply(Recorded { position, at }, &entry);
    }

    fn record(&self) -> &CommitmentRecord {
        self.all.get("c").unwrap()
    }

    fn today(&self) -> Date {
        self.all.now(Instant(NEW_YEAR + self.day * DAY)).day()
    }

    /// What the node's own advance does.
    fn advance(&mut self) -> usize {
        let mut moves = 0;
        while let Some(next) = plan::next(self.record(), &self.calendar, self.today()) {
            moves += 1;
            assert!(moves < 10, "the calendar does not end: {next:?}");
            self.write(match next {
                Move::Letter(letter) => Act::Letter(Letter {
                    id: format!("l{}", self.position),
                    ..letter
                }),
                Move::Step(change) => Act::CommitmentState(change),
            });
        }
        moves
    }

    fn report(&mut self) {
        let answers = self.record().answers(&self.calendar, self.today());
        let from = self.record().state();
        let id = format!("r{}", self.position);
        let report = Report {
            id: id.clone(),
            commitment: "c".into(),
            version: 1,
            date: self.today(),
            completion: Completion::Limited,
            value: None,
            reading: None,
            words: "Some.".into(),
            evidence: Vec::new(),
            answers,
            source: None,
            key: None,
        };
        self.write(Act::ReportCommitment(report));
        if from != State::Active && answers.is_some() {
            self.write(Act::CommitmentState(StateChange {
                commitment: "c".into(),
                party: "alpha".into(),
                from,
                to: State::Active,
                date: self.today(),
                due: None,
                letter: None,
                report: Some(id),
                reason: "a report came".into(),
                steward: false,
            }));
        }
    }
}

fn calendar() -> Calendar {
    Calendar {
        due: vec!["06-30".parse().unwrap()],
        ..Calendar::default()
    }
}

#[test]
fn a_commitment_that_is_never_reported_passes_every_state_with_a_letter_before_each() {
    let mut story = Story::new(calendar(), None);
    let mut seen = Vec::new();
    for day in 0..600 {
        story.day = day;
        story.advance();
        if seen.last() != Some(&story.record().state()) {
            seen.push(story.record().state());
        }
    }
    assert_eq!(seen, State::ALL);
    let (letters, states) = (&story.record().letters, &story.record().states);
    let days = |of: &[Held<StateChange>]| of.iter().map(|s| s.what.date).collect::<Vec<_>>();
    // 30, 120 and 365 days after 30 June 2026.
    let expected = [date(2026, 7, 30), date(2026, 10, 28), date(2027, 6, 30)];
    assert_eq!(days(states), expected);
    let written: Vec<Date> = letters.iter().map(|l| l.held.what.date).collect();
    let expected = [date(2026, 7, 16), date(2026, 10, 14), date(2027, 6, 16)];
    assert_eq!(written, expected);
}

#[test]
fn what_was_missed_while_the_node_was_down_comes_one_after_another() {
    let mut story = Story::new(calendar(), None);
    story.day = 900;
    assert_eq!(story.advance(), 1, "a letter, and nothing else");
    assert_eq!(story.record().state(), State::Active);
    story.day = 913;
    assert_eq!(story.advance(), 0, "13 days are no notice");
    for (day, state) in [
        (914, State::Late),
        (928, State::Silent),
        (942, State::Delisted),
    ] {
        story.day = day;
        story.advance();
        assert_eq!(story.record().state(), state);
    }
    assert_eq!(story.record().letters.len(), 3);
}

#[test]
fn a_report_answers_everything_that_is_due_and_opens_sixty_days_before() {
    let mut story = Story::new(calendar(), None);
    let next = |story: &Story| story.record().next_due(&story.calendar).unwrap();
    assert_eq!(next(&story), date(2026, 6, 30));
    // 30 April is 61 days before: an interim report.
    story.day = 119;
    story.report();
    assert_eq!(next(&story), date(2026, 6, 30));
    story.day = 120;
    story.report();
    assert_eq!(next(&story), date(2027, 6, 30));
    story.day = 365 * 3;
    story.advance();
    story.report();
    assert_eq!(next(&story), date(2029, 6, 30));
    story.day = 365 * 5;
    story.report();
    assert!(story.record().is_over() && story.record().keeping() == Keeping::Ended);
    assert_eq!(story.advance(), 0);
}

#[test]
fn intervals_count_from_the_day_it_was_made_and_end_on_the_due_day() {
    let story = Story::new(calendar(), Some(1));
    let due = |answered: Date| {
        let mut record = story.record().clone();
        record.versions.push(Held {
            what: commitment(date(2026, 3, 15), Some(1)),
            ..record.newest_held().clone()
        });
        record.next_due_after(&story.calendar, answered)
    };
    assert_eq!(due(date(2026, 1, 1)), Some(date(2026, 2, 1)));
    assert_eq!(due(date(2026, 3, 1)), Some(date(2026, 3, 15)));
    assert_eq!(due(date(2026, 3, 15)), None);
}

#[test]
fn a_letter_says_what_is_due_what_happens_next_and_how_to_answer() {
    let mut story = Story::new(calendar(), None);
    story.day = 200;
    story.advance();
    let letter = &story.record().letters[0].held.what;
    let newest = story.record().newest();
    let words = words_of(letter, newest, &story.calendar, "the Call", "Alpha");
    for part in [
        "To Alpha, 2026-07-20.",
        "principle 1 of the Call",
        "due on 2026-06-30 and has not come",
        "before 2026-08-03",
        "late",
        "silent, not before 2026-10-28",
        "entente commit report c",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

/// What may happen.
#[derive(Clone, Debug)]
enum Deed {
    /// The clock jumps, back too, and the calendar goes on.
    Jump(i64),
    Report,
    Calendar(u16, u16, u16, u16),
    DueDay(i8),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (-400..400i64).prop_map(Deed::Jump),
        6 => (0..40i64).prop_map(Deed::Jump),
        2 => Just(Deed::Report),
        1 => (0..60u16, 1..60u16, 0..90u16, 0..90u16)
            .prop_map(|(late, notice, silent, delisted)| Deed::Calendar(late, notice, silent, delisted)),
        1 => (1..13i8).prop_map(Deed::DueDay),
    ]
}

proptest! {
    #[test]
    fn no_step_is_outside_the_table_or_without_its_letter(
        deeds in proptest::collection::vec(deed(), 1..60),
        every in proptest::option::of(proptest::sample::select(INTERVALS.to_vec())),
    ) {
        let mut story = Story::new(calendar(), every);
        let mut notices = std::collections::HashMap::new();
        for deed in deeds {
            match deed {
                Deed::Jump(days) => {
                    let before = (story.record().clone(), story.today());
                    story.day += days;
                    story.advance();
                    if days < 0 && story.today() == before.1 {
                        prop_assert_eq!(story.record(), &before.0, "the clock went back");
                    }
                    prop_assert_eq!(story.advance(), 0, "what was done is not done again");
                }
                Deed::Report => {
                    story.report();
                    prop_assert_eq!(story.record().state(), State::Active);
                    story.advance();
                }
                Deed::Calendar(late, notice, silent, delisted) => {
                    let silent = late + notice + silent;
                    story.calendar = Calendar {
                        late, notice, silent,
                        delisted: silent + notice + delisted,
                        ..story.calendar.clone()
                    };
                    prop_assert!(story.calendar.check().is_ok());
                }
                Deed::DueDay(_) => {}
            }
            if let Deed::DueDay(month) = deed {
                story.calendar.due = vec![format!("{month:02}-15").parse().unwrap()];
            }
            story.advance();
            for letter in &story.record().letters {
                let id = letter.held.what.id.clone();
                notices.entry(id).or_insert(story.calendar.notice);
            }
        }
        let record = story.record();
        let mut at = State::Active;
        for change in record.states.iter().map(|held| &held.what) {
            prop_assert_eq!(change.from, at);
            at = change.to;
            if change.to == State::Active {
                prop_assert!(change.report.is_some() && change.from != State::Active);
                continue;
            }
            prop_assert_eq!(Some(change.to), change.from.next());
            let letter = &record.letter(change.letter.as_deref().unwrap()).unwrap().held;
            let what = &letter.what;
            prop_assert_eq!((what.from, what.to, what.due), (change.from, change.to, change.due));
            let notice = what.date.until(change.date).unwrap().get_days();
            prop_assert!(notice >= i32::from(notices[&what.id]), "{} days", notice);
            prop_assert!(what.on <= change.date);
        }
        let used = record.states.iter().filter_map(|held| held.what.letter.as_ref());
        let used: Vec<_> = used.collect();
        let distinct: std::collections::HashSet<_> = used.iter().collect();
        prop_assert_eq!(used.len(), distinct.len(), "a letter announces one step");
    }
}
