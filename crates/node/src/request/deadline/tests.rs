use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

use super::*;
use crate::request::calendar::zone;

fn at(text: &str) -> Instant {
    let at: jiff::Timestamp = text.parse().unwrap();
    Instant(at.as_microsecond())
}

fn wanted(preset: Preset) -> Wanted {
    Wanted {
        preset,
        ..Wanted::default()
    }
}

fn place(zone: &str, holidays: &[Date]) -> Place {
    Place {
        zone: Some(zone.into()),
        holidays: holidays.iter().copied().collect(),
    }
}

/// The last second of a deadline, in UTC.
fn due(wanted: &Wanted, from: &str, place: &Place) -> String {
    let deadline = wanted.decide(at(from), place).unwrap();
    deadline.answer_by.to_second_string()
}

#[test]
fn a_month_ends_with_the_same_date_or_the_last_day_and_moves_to_a_working_day() {
    let utc = Place::default();
    let month = wanted(Preset::FinalReport);
    for (from, by) in [
        // 28 February 2025 is a Friday, 29 February 2028 a Tuesday.
        ("2025-01-31T10:00:00Z", "2025-02-28T23:59:59Z"),
        ("2028-01-31T10:00:00Z", "2028-02-29T23:59:59Z"),
        ("2026-03-10T10:00:00Z", "2026-04-10T23:59:59Z"),
        // 28 February 2026 is a Saturday.
        ("2026-01-31T10:00:00Z", "2026-03-02T23:59:59Z"),
        ("2026-12-31T23:59:59Z", "2027-02-01T23:59:59Z"),
    ] {
        assert_eq!(due(&month, from, &utc), by, "{from}");
    }
    let holiday = place("Europe/Paris", &[date(2026, 4, 6)]);
    // Sunday 5 April, then Easter Monday; Paris is two hours ahead in April.
    assert_eq!(
        due(&month, "2026-03-05T10:00:00Z", &holiday),
        "2026-04-07T21:59:59Z"
    );
}

#[test]
fn hours_run_through_weekends_and_changes_of_the_clocks() {
    let paris = place("Europe/Paris", &[date(2026, 3, 30)]);
    // Saturday before the night in which Europe's clocks go forward.
    let from = "2026-03-28T12:00:00Z";
    for (preset, by) in [
        (Preset::Contact, "2026-03-29T12:00:00Z"),
        (Preset::EarlyWarning, "2026-03-29T12:00:00Z"),
        (Preset::Notification, "2026-03-31T12:00:00Z"),
    ] {
        assert_eq!(due(&wanted(preset), from, &paris), by);
    }
}

#[test]
fn ten_working_days_leave_out_the_day_of_sending_weekends_and_holidays() {
    let standard = wanted(Preset::Standard);
    let from = "2026-01-01T00:00:00Z";
    assert_eq!(
        due(&standard, from, &Place::default()),
        "2026-01-15T23:59:59Z"
    );
    let holiday = Place {
        holidays: [date(2026, 1, 6)].into(),
        ..Place::default()
    };
    assert_eq!(due(&standard, from, &holiday), "2026-01-16T23:59:59Z");
    let deadline = standard.decide(at(from), &holiday).unwrap();
    let received = deadline.acknowledge_by.unwrap();
    assert_eq!(received.to_second_string(), "2026-01-02T23:59:59Z");
}

#[test]
fn working_hours_are_those_of_the_zone() {
    let hours = |hours, zone: &str| Wanted {
        hours: Some(hours),
        zone: Some(zone.into()),
        ..wanted(Preset::Custom)
    };
    let anywhere = Place::default();
    // Friday 16:00 in New York (EST): an hour there, then Monday. On Sunday its clocks go forward.
    let from = "2026-03-06T21:00:00Z";
    assert_eq!(
        due(&hours(1, "America/New_York"), from, &anywhere),
        "2026-03-06T22:00:00Z"
    );
    assert_eq!(
        due(&hours(2, "America/New_York"), from, &anywhere),
        "2026-03-09T14:00:00Z"
    );
    assert_eq!(
        due(
            &hours(8, "Asia/Kathmandu"),
            "2026-03-07T00:00:00Z",
            &anywhere
        ),
        "2026-03-09T11:15:00Z"
    );
}

#[test]
fn what_does_not_fit_is_told_with_what_would() {
    let custom = wanted(Preset::Custom);
    for (wrong, words) in [
        (custom.clone(), "hours (1 to 8784)"),
        (
            Wanted {
                hours: Some(0),
                ..custom.clone()
            },
            "1 to 8784",
        ),
        (
            Wanted {
                hours: Some(1),
                days: Some(1),
                ..custom.clone()
            },
            "not both",
        ),
        (
            Wanted {
                hours: Some(1),
                zone: Some("Europe/Pariss".into()),
                ..custom
            },
            "'Europe/Pariss' is no IANA time zone",
        ),
        (
            Wanted {
                hours: Some(5),
                ..wanted(Preset::Contact)
            },
            "has its own",
        ),
        (
            Wanted {
                zone: Some("Europe/Paris".into()),
                ..wanted(Preset::Contact)
            },
            "leave the time zone out",
        ),
        (
            Wanted {
                done_by: Some(Instant(1)),
                ..wanted(Preset::Contact)
            },
            "before the deadline",
        ),
    ] {
        let error = wrong.decide(at("2026-01-01T00:00:00Z"), &Place::default());
        let error = error.unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}

const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Tehran",
    "America/Sao_Paulo",
    "Pacific/Apia",
];

fn any_wanted() -> impl Strategy<Value = Wanted> {
    let custom = |hours, days, zone: Option<usize>| Wanted {
        hours,
        days,
        zone: zone
            .and_then(|zone| ZONES.get(zone))
            .map(|zone| (*zone).to_owned()),
        ..wanted(Preset::Custom)
    };
    prop_oneof![
        prop::sample::select(&Preset::ALL[..5]).prop_map(wanted),
        (1..400u32, prop::option::of(0..ZONES.len())).prop_map(move |(hours, zone)| custom(
            Some(hours),
            None,
            zone
        )),
        (1..40u32).prop_map(move |days| custom(None, Some(days), None)),
    ]
}

proptest! {
    #[test]
    fn deadlines_lie_ahead_on_working_days_and_rise_with_their_beginning(
        wanted in any_wanted(),
        zone_at in 0..ZONES.len(),
        // Ten years, with three leap days, and steps from microseconds to months.
        from in 1_700_000_000_000_000i64..2_015_000_000_000_000,
        step in prop_oneof![0..1000i64, 0..100_000_000_000i64, 0..5_000_000_000_000i64],
        free in prop::collection::btree_set(0..3650i16, 0..200),
    ) {
        let first = date(2023, 11, 1);
        let place = Place {
            zone: Some(ZONES[zone_at].into()),
            holidays: free.iter().map(|day| first.saturating_add(i32::from(*day).days())).collect(),
        };
        let early = wanted.decide(Instant(from), &place).unwrap();
        let late = wanted.decide(Instant(from + step), &place).unwrap();
        prop_assert!(early.answer_by > early.from);
        prop_assert!(early.acknowledge_by.is_none_or(|by| by > early.from && by <= early.answer_by));
        prop_assert!(early.answer_by <= late.answer_by);
        if let Some(name) = &early.zone {
            let at = jiff::Timestamp::from_microsecond(early.answer_by.0).unwrap();
            let day = zone(name).unwrap().to_datetime(at).date();
            let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            prop_assert!(!weekend && !place.holidays.contains(&day), "{day}");
        }
        // The sender's silence moves it on, and never back.
        let resumed = early.resumed(step, Some(late.clone()), &place);
        prop_assert!(resumed.answer_by.0 >= early.answer_by.0 + step);
        prop_assert!(resumed.answer_by >= late.answer_by);
    }
}
