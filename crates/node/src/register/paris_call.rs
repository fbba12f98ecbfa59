//! The facts of the Paris Call that this project answers for.

use jiff::civil::{Date, date};

use super::{Filter, Register};
use crate::entry::Recorded;
use crate::pledge::{Basis, Kind, PARIS_CALL, PledgeFile, Precision, Stance};

const LAUNCH: Date = date(2018, 11, 12);
const NOW: Date = date(2026, 11, 23);

fn loaded() -> (PledgeFile, Register) {
    let file = PledgeFile::parse(PARIS_CALL, "paris-call-2018.toml").unwrap();
    let mut register = Register::new();
    register.apply_pledge(&file.pledge);
    file.parties
        .iter()
        .for_each(|party| register.apply_party(party, Recorded::default()));
    file.stances
        .iter()
        .for_each(|change| register.apply_stance(change, Recorded::default()));
    (file, register)
}

fn of(tally: super::Tally) -> [usize; 5] {
    use Kind::{CivilSociety, PrivateSector, PublicAuthority, State, Uncategorised};
    [
        State,
        PublicAuthority,
        CivilSociety,
        PrivateSector,
        Uncategorised,
    ]
    .map(|kind| tally.of(kind))
}

#[test]
fn the_launch_day_is_as_it_was_reported() {
    let (file, register) = loaded();
    let on_launch = |id: &str| register.party_at(id, LAUNCH).unwrap().stance.unwrap();
    for id in [
        "russia",
        "china",
        "iran",
        "north-korea",
        "israel",
        "australia",
        "new-zealand",
    ] {
        assert_eq!(on_launch(id).stance, Stance::SittingOut, "{id}");
    }
    let talks = on_launch("united-states");
    assert_eq!(talks.stance, Stance::InTalks);
    let note = talks.first.note.as_deref().unwrap();
    assert!(
        note.contains("Did not sign") && note.contains("under other forms"),
        "{note}"
    );
    assert_eq!(talks.first.source.as_deref(), Some("reuters"));
    for id in [
        "facebook",
        "google",
        "microsoft",
        "france",
        "japan",
        "canada",
        "germany",
    ] {
        let at = on_launch(id);
        assert_eq!(
            (at.stance, at.first.basis),
            (Stance::Signed, Basis::Reported),
            "{id}"
        );
    }
    assert_eq!(file.pledge.figures[0].states, Some(51));
}

#[test]
fn in_talks_on_the_launch_day_is_the_united_states_alone() {
    let (_, register) = loaded();
    let talks = Filter {
        stance: Some(Stance::InTalks),
        ..Filter::default()
    };
    let ids: Vec<_> = register
        .find(&talks, LAUNCH)
        .map(|at| at.party.id.as_str())
        .collect();
    assert_eq!(ids, ["united-states"]);
}

#[test]
fn the_united_states_signed_in_november_2021() {
    let (_, register) = loaded();
    let us = |day| register.stance("united-states", day);
    assert_eq!(us(date(2018, 11, 11)), None);
    assert_eq!(us(date(2021, 11, 9)), Some(Stance::InTalks));
    assert_eq!(us(date(2021, 11, 10)), Some(Stance::Signed));
    let bases: Vec<_> = register
        .history("united-states")
        .iter()
        .map(|c| c.basis)
        .collect();
    assert_eq!(
        bases,
        [Basis::Reported, Basis::Announced, Basis::ListedSince]
    );
}

#[test]
fn the_register_has_1222_parties_of_which_138_give_a_day_of_signing() {
    let (file, register) = loaded();
    let counts = register.counts(NOW);
    assert_eq!(of(counts.listed), [81, 37, 391, 708, 5]);
    assert_eq!(counts.listed.total(), 1_222);
    assert_eq!(of(counts.of(Stance::Signed)), [81, 37, 391, 708, 5]);
    assert_eq!(counts.dated, 138);
    assert_eq!(counts.of(Stance::SittingOut).total(), 15);
    assert_eq!(counts.of(Stance::InTalks).total(), 3);
    assert_eq!(register.len(), 1_240);
    assert_eq!(file.pledge.principles.len(), 9);
}

#[test]
fn without_a_day_of_signing_a_party_is_listed_since_a_day() {
    let (_, register) = loaded();
    let albania = register
        .party_at("albania", NOW)
        .unwrap()
        .stance
        .unwrap()
        .first;
    assert_eq!(
        (albania.basis, albania.since),
        (Basis::ListedSince, date(2019, 9, 16))
    );
    assert_eq!(register.stance("albania", date(2019, 9, 15)), None);
    let tunisia = register
        .party_at("tunisia", NOW)
        .unwrap()
        .stance
        .unwrap()
        .first;
    assert_eq!(
        (tunisia.basis, tunisia.since),
        (Basis::SignedOn, date(2019, 11, 11))
    );
    assert_eq!(tunisia.precision, Precision::Day);
}

#[test]
fn growth_follows_the_history_of_the_register() {
    // (day, states, public authorities, civil society, private sector, without a kind) of the names
    // in the register's repository at the end of that day. Names that were later mended or merged
    // are in those figures, so ours may be a few lower.
    let points = [
        (date(2019, 11, 12), [74, 24, 333, 608, 0]),
        (date(2019, 12, 23), [76, 26, 342, 629, 0]),
        (date(2020, 2, 27), [78, 29, 343, 633, 0]),
        (date(2020, 11, 20), [79, 32, 368, 679, 0]),
        (date(2021, 1, 27), [79, 34, 374, 693, 2]),
        (date(2021, 3, 23), [79, 35, 387, 699, 5]),
        (date(2021, 9, 29), [79, 35, 391, 706, 5]),
        (date(2021, 11, 11), [80, 36, 391, 706, 5]),
        (date(2022, 1, 11), [81, 36, 390, 706, 5]),
        (date(2024, 1, 19), [81, 37, 391, 708, 5]),
    ];
    let (_, register) = loaded();
    for (day, seen) in points {
        let ours = of(register.counts(day).listed);
        assert!(
            ours.iter().zip(seen).all(|(a, b)| *a <= b && b - *a <= 2),
            "{day}: {ours:?}"
        );
        assert_eq!((ours[0], ours[1]), (seen[0], seen[1]), "{day}");
    }
    let growth = register.growth(NOW);
    assert_eq!(growth.first().map(|point| point.day), Some(LAUNCH));
    assert_eq!(
        growth.last().map(|point| of(point.signed)),
        Some([81, 37, 391, 708, 5])
    );
    assert!(growth.is_sorted_by_key(|point| point.day));
}

#[test]
fn parties_are_found_by_kind_country_and_words() {
    let (_, register) = loaded();
    let find = |filter: &Filter| -> Vec<String> {
        register
            .find(filter, NOW)
            .map(|at| at.party.id.clone())
            .collect()
    };
    let text = |text: &str| Filter {
        text: text.into(),
        ..Filter::default()
    };
    assert_eq!(
        find(&text("PERU tecnologica")),
        ["universidad-tecnologica-del-peru"]
    );
    let french = Filter {
        country: "FR".parse().ok(),
        kind: Some(Kind::State),
        ..text("")
    };
    assert_eq!(find(&french), ["france"]);
    assert!(find(&text("no such party")).is_empty());
    let france = register.by_country(NOW);
    let france = france.get(&"FR".parse().unwrap()).unwrap();
    assert_eq!(france.state.unwrap().party.id, "france");
    assert_eq!(france.signed.of(Kind::State), 1);
}
