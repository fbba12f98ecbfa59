//! Versions, adoptions, parties that follow others, and diffs.

use jiff::civil::date;

use super::*;
use crate::clock::{DAY, Instant};
use crate::directory::Directory;
use crate::entry::Actor;
use crate::model::Marking;
use crate::pledge::{
    Basis, Kind, Party, Pledge, PledgeFile, Precision, Stance, StanceChange, VisibilityTable,
};
use crate::policy::{Caller, Viewer};

/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600_000_000;

/// Applies acts, each some days after New Year 2026.
fn fold(acts: Vec<(i64, Act<'static>)>) -> Directory {
    let mut directory = Directory::default();
    for (position, (days, act)) in (0u64..).zip(acts) {
        let actor = Actor {
            party: "operator".into(),
            account: "tests".into(),
        };
        let at = Instant(NEW_YEAR + days * DAY);
        directory.apply(position, &Entry { at, actor, act });
    }
    directory
}

fn pledge() -> Pledge {
    PledgeFile::parse(crate::pledge::PARIS_CALL, "p")
        .unwrap()
        .pledge
}

fn party(id: &str) -> Act<'static> {
    Act::Party(Party {
        id: id.into(),
        name: id.to_uppercase(),
        kind: Kind::State,
        country: None,
        listed: None,
    })
}

fn stance(stance: Stance, since: Date) -> Act<'static> {
    Act::Stance(StanceChange {
        party: "alpha".into(),
        stance,
        since,
        basis: Basis::Reported,
        precision: Precision::Day,
        source: None,
        note: None,
    })
}

fn amend(date: Date, change: impl FnOnce(&mut Pledge)) -> Act<'static> {
    let mut pledge = pledge();
    change(&mut pledge);
    Act::Amend(Box::new(Amendment {
        date,
        changes: "changed".into(),
        source: "a decision".into(),
        pledge,
    }))
}

fn adopt(version: u32, date: Date) -> Act<'static> {
    Act::Adopt(Adoption {
        party: "alpha".into(),
        version,
        date,
        source: None,
    })
}

fn follows(party: &str, into: &str, since: Date) -> Act<'static> {
    Act::Reassign(Reassignment {
        party: party.into(),
        becomes: Becomes::Merged(into.into()),
        since,
        reason: "merged".into(),
        source: "a notice".into(),
    })
}

#[test]
fn a_party_stays_with_the_version_it_signed_until_it_adopts_another() {
    let directory = fold(vec![
        (0, Act::Pledge(Box::new(pledge()))),
        (1, amend(date(2026, 1, 2), |p| p.name = "Second".into())),
        (2, amend(date(2026, 1, 3), |p| p.name = "Third".into())),
        (5, adopt(3, date(2026, 1, 6))),
    ]);
    let history = directory.history();
    let signed = Some(date(2020, 1, 1));
    assert_eq!(history.adopted("alpha", signed, date(2026, 1, 5)), Some(1));
    assert_eq!(history.adopted("alpha", signed, date(2026, 1, 6)), Some(3));
    assert_eq!(history.adopted("beta", None, date(2026, 1, 6)), None);
    // Who signs on a later day signs what is there then; also who had adopted before and left.
    let later = Some(date(2026, 1, 2));
    assert_eq!(history.adopted("beta", later, date(2026, 1, 6)), Some(2));
    let again = Some(date(2026, 2, 1));
    assert_eq!(history.adopted("alpha", again, date(2026, 2, 1)), Some(3));
    // Old versions stay as they were.
    assert_eq!(history.version(1).unwrap().pledge.name, pledge().name);
    assert_eq!(directory.pledge().unwrap().name, "Third");
}

#[test]
fn what_comes_with_the_pledge_file_is_told_from_what_is_recorded_later() {
    let mut directory = Directory::default();
    let actor = || Actor {
        party: "operator".into(),
        account: "tests".into(),
    };
    let acts = vec![
        Act::Pledge(Box::new(pledge())),
        party("alpha"),
        stance(Stance::Signed, date(2020, 1, 1)),
    ];
    for (position, act) in (5u64..).zip(acts) {
        let at = Instant(NEW_YEAR + i64::try_from(position).unwrap());
        let actor = actor();
        directory.apply(position, &Entry { at, actor, act });
    }
    let at = Instant(NEW_YEAR + DAY);
    let act = stance(Stance::Signed, date(2019, 1, 1));
    let actor = actor();
    directory.apply(8, &Entry { at, actor, act });
    let history = directory.history();
    let recorded = directory.register().recorded("alpha");
    let loaded: Vec<bool> = recorded.map(|(_, at)| history.is_loaded(at)).collect();
    assert_eq!(loaded, [false, true], "of 2019, and of 2020");
}

#[test]
fn versions_say_what_differs() {
    let directory = fold(vec![
        (0, Act::Pledge(Box::new(pledge()))),
        (
            1,
            amend(date(2026, 1, 2), |pledge| {
                pledge.principles[2].summary = "Otherwise.".into();
                pledge.principles.pop();
                pledge.visibility = VisibilityTable {
                    amber: Vec::new(),
                    ..pledge.visibility.clone()
                };
            }),
        ),
    ]);
    let versions = directory.history().versions();
    assert_eq!(
        versions[1].differences(&versions[0]),
        [
            "principle 3 reads otherwise",
            "principle 9 is gone: International norms",
            "who sees and who may publish differs"
        ]
    );
    assert!(!directory.visibility().sees(Stance::Signed, Marking::Amber));
}

#[test]
fn parties_are_followed_to_the_end_and_a_circle_ends() {
    let directory = fold(vec![
        (0, follows("alpha", "beta", date(2026, 1, 1))),
        (0, follows("beta", "gamma", date(2026, 2, 1))),
    ]);
    let history = directory.history();
    assert_eq!(history.successor("alpha", date(2025, 12, 31)), None);
    assert_eq!(history.successor("alpha", date(2026, 1, 31)), Some("beta"));
    assert_eq!(history.successor("alpha", date(2026, 2, 1)), Some("gamma"));
    let round = fold(vec![
        (0, follows("alpha", "beta", date(2026, 1, 1))),
        (0, follows("beta", "alpha", date(2026, 1, 1))),
    ]);
    assert!(
        round
            .history()
            .successor("alpha", date(2026, 2, 1))
            .is_some()
    );
}

#[test]
fn what_is_recorded_late_about_a_day_before_is_told_apart() {
    // On 2 January alpha is recorded to have signed in 2020; on 10 January that it had been
    // suspended since 2024 all along.
    let directory = fold(vec![
        (0, Act::Pledge(Box::new(pledge()))),
        (0, party("alpha")),
        (1, stance(Stance::Signed, date(2020, 1, 1))),
        (9, stance(Stance::Suspended, date(2024, 1, 1))),
    ]);
    let viewer = Viewer::new(&directory, &Caller::Anonymous, Instant(NEW_YEAR));
    let ask = |by, from, to, known| Ask {
        from,
        to,
        by,
        known,
    };
    let (from, to) = (date(2023, 1, 1), date(2025, 1, 1));
    let held = directory.diff(&viewer, &ask(Notion::Held, from, to, None));
    assert_eq!((held.lines.len(), held.changed.len()), (1, 1));
    assert_eq!(held.changed[0].before, Some(Stance::Signed));
    assert_eq!(held.changed[0].after, Some(Stance::Suspended));
    assert_eq!(held.lines[0].recorded.position, 3);
    // As known on 5 January nothing had changed between the two days.
    let known = Some(date(2026, 1, 5));
    let known = directory.diff(&viewer, &ask(Notion::Held, from, to, known));
    let then = known.changed[0].then.unwrap();
    assert_eq!(then, (Some(Stance::Signed), Some(Stance::Signed)));
    assert!(!known.lines[0].known);
    // By the day of recording it is a change of January 2026.
    let january = (date(2026, 1, 5), date(2026, 1, 31));
    let recorded = ask(Notion::Recorded, january.0, january.1, None);
    let recorded = directory.diff(&viewer, &recorded);
    assert_eq!(recorded.lines.len(), 1);
    assert_eq!(recorded.changed[0].before, Some(Stance::Signed));
    assert_eq!(recorded.changed[0].after, Some(Stance::Suspended));
    let held = ask(Notion::Held, january.0, january.1, None);
    assert!(directory.diff(&viewer, &held).lines.is_empty());
}
