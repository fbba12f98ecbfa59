//! What a pledge file may say, and how a wrong one is refused.

use jiff::civil::date;

use super::*;
use crate::pledge::{Kind, PARIS_CALL};

const SMALL: &str = r#"
[pledge]
id = "harbour"
name = "Harbour Pledge"
summary = "A test."
disclaimer = "Nobody's."
adopted = 2020-01-02

[[source]]
key = "minutes"
title = "Minutes"
url = "https://example.org/"

[[principle]]
number = 1
id = "share"
title = "Share"
summary = "Share signals."
source = "minutes"
harms = ["cybercrime"]

[[figure]]
day = 2020-02-01
source = "minutes"
total = 3

[[fact]]
topic = "start"
text = "It started."
source = "minutes"

[register]
source = "minutes"
read = 2024-06-30
stances = [
  { party = "port", stance = "in-talks", since = "2020-02", basis = "reported", source = "minutes" },
]
parties = [
  { id = "port", name = "Port Authority", kind = "public-authority", country = "NL" },
  { id = "crane", name = "Crane & Co", kind = "private-sector", listed = 2021-03-04 },
  { id = "quay", name = "Quay", kind = "civil-society", listed = 2021-03-04, signed = "2020" },
]
"#;

/// The error for SMALL with `old` replaced by `new`, as it prints.
fn refused(old: &str, new: &str) -> String {
    assert!(
        SMALL.contains(old),
        "the test edits a part that is not there: {old}"
    );
    let text = SMALL.replacen(old, new, 1);
    PledgeFile::parse(&text, "harbour.toml")
        .unwrap_err()
        .to_string()
}

#[test]
fn any_pledge_loads_from_the_same_schema() {
    let file = PledgeFile::parse(SMALL, "harbour.toml").unwrap();
    assert_eq!(
        (file.pledge.id.as_str(), file.parties.len()),
        ("harbour", 3)
    );
    assert_eq!(file.pledge.short_name, "Harbour Pledge");
    assert_eq!(file.pledge.visibility, VisibilityTable::default());
    assert_eq!(file.parties[0].kind, Kind::PublicAuthority);
    let found: Vec<_> = file
        .stances
        .iter()
        .map(|c| (c.party.as_str(), c.stance, c.since, c.basis, c.precision))
        .collect();
    assert_eq!(
        found,
        [
            (
                "port",
                Stance::InTalks,
                date(2020, 2, 29),
                Basis::Reported,
                Precision::Month
            ),
            (
                "quay",
                Stance::Signed,
                date(2020, 12, 31),
                Basis::SignedOn,
                Precision::Year
            ),
            (
                "crane",
                Stance::Signed,
                date(2021, 3, 4),
                Basis::ListedSince,
                Precision::Day
            ),
        ]
    );
}

/// What is changed in SMALL, to what, and how the error starts.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "id = \"harbour\"",
        "id = \"The Harbour\"",
        "3:6: 'The Harbour' is no pledge id: use a-z, 0-9 and single hyphens between them",
    ),
    ("adopted = 2020-01-02", "adopted = 2020-02-30", "7:11: "),
    (
        "adopted = 2020-01-02",
        "adopted = \"soon\"",
        "7:11: a date is written 2018-11-12, or \"2018-11\" or \"2018\" where no more is known",
    ),
    (
        "adopted = 2020-01-02",
        "adopted = \"2020-01\"",
        "7:11: this date needs its day, as in 2018-11-12",
    ),
    (
        "adopted = 2020-01-02",
        "adoptd = 2020-01-02",
        "7:1: unknown field `adoptd`",
    ),
    ("title = \"Minutes\"", "", "9:1: missing field `title`"),
    (
        "https://example.org/",
        "javascript:alert(1)",
        "12:7: a source's url starts with https://",
    ),
    (
        "number = 1",
        "number = 2",
        "15:10: principles are numbered 1, 2, 3 and so on: expected 1, found 2",
    ),
    (
        "[\"cybercrime\"]",
        "[\"spam\"]",
        "20:10: 'spam' is no harm: use one of election-interference,",
    ),
    ("total = 3", "", "22:1: a figure gives at least one number"),
    (
        "day = 2020-02-01",
        "day = 2019-02-01",
        "23:7: 2019-02-01 is before the pledge was adopted on 2020-01-02",
    ),
    (
        "text = \"It started.\"\nsource = \"minutes\"",
        "text = \"\"\nsource = \"minute\"",
        "30:10: no source has the key 'minute'",
    ),
    (
        "party = \"port\"",
        "party = \"prt\"",
        "36:13: no party has the id 'prt'",
    ),
    (
        "stance = \"in-talks\"",
        "stance = \"maybe\"",
        "36:30: unknown variant `maybe`",
    ),
    (
        "since = \"2020-02\"",
        "since = \"2020-13\"",
        "36:50: a date is written",
    ),
    (
        "kind = \"public-authority\"",
        "kind = \"port\"",
        "39:50: unknown variant `port`",
    ),
    (
        "country = \"NL\"",
        "country = \"Holland\"",
        "39:80: 'Holland' is no country code: use two capital letters (ISO 3166-1 alpha-2)",
    ),
    (
        "id = \"crane\"",
        "id = \"port\"",
        "40:10: the party 'port' is there twice",
    ),
    (
        "name = \"Quay\"",
        "name = \" \"",
        "41:10: a party's name has 1 to 300 printable characters",
    ),
    (
        "[register]\nsource = \"minutes\"",
        "[register]",
        "39:10: 'listed' and 'signed' are a register's: name it in 'register.source'",
    ),
];

#[test]
fn a_wrong_file_is_refused_with_line_and_reason() {
    for (old, new, expected) in WRONG {
        let error = refused(old, new);
        let expected = format!("harbour.toml:{expected}");
        assert!(
            error.starts_with(&expected),
            "{old} -> {new}\n  {error}\n  {expected}"
        );
    }
}

#[test]
fn two_stances_from_one_day_on_are_refused() {
    let row = "{ party = \"port\", stance = \"signed\", since = 2020-02-29, basis = \"reported\", source = \"minutes\" },";
    let error = refused("stances = [", &format!("stances = [ {row}"));
    assert!(
        error.contains("'port' has two stances from 2020-02-29 on"),
        "{error}"
    );
}

#[test]
fn a_table_that_shows_amber_but_hides_green_is_refused() {
    let table = "[visibility]\ngreen = []\namber = [\"signed\"]\npublish = []\n\n[register]";
    let error = refused("[register]", table);
    assert!(
        error.contains("'signed' sees TLP:AMBER but not TLP:GREEN"),
        "{error}"
    );
}

#[test]
fn the_paris_call_suggests_indicators_for_each_principle_and_has_a_calendar() {
    let file = PledgeFile::parse(PARIS_CALL, "paris-call-2018.toml").unwrap();
    assert_eq!(file.pledge.calendar.due, ["11-12".parse().unwrap()]);
    for principle in &file.pledge.principles {
        assert!(principle.indicators.len() >= 2, "{}", principle.number);
    }
    let small = PledgeFile::parse(SMALL, "harbour.toml").unwrap();
    assert_eq!(small.pledge.calendar, Calendar::default());
}

#[test]
fn a_calendar_or_an_indicator_that_does_not_fit_is_refused() {
    let calendars = [
        ("due = [\"02-30\"]", "no day of a year"),
        ("due = []", "1 to 12 due days"),
        ("due = [\"12-31\", \"06-30\"]", "in order"),
        ("notice = 0", "notice"),
        ("late = 100\nsilent = 110", "each comes at least"),
        ("grace = 1", "unknown field"),
    ];
    for (rows, expected) in calendars {
        let error = refused("[register]", &format!("[calendar]\n{rows}\n\n[register]"));
        assert!(error.contains(expected), "{rows}: {error}");
    }
    let indicators = [
        ("{ name = \"score\" }", "'score' is no indicator"),
        ("{ name = \"self-reported\" }", "give 'words' and 'unit'"),
        ("{ name = \"security-txt\", unit = \"days\" }", "alone"),
    ];
    for (row, expected) in indicators {
        let rows = format!("indicators = [{row}]\nharms = ");
        let error = refused("harms = ", &rows);
        assert!(error.contains(expected), "{row}: {error}");
    }
}

#[test]
fn entries_keep_a_pledge_and_its_parties_as_they_are() {
    let file = PledgeFile::parse(PARIS_CALL, "paris-call-2018.toml").unwrap();
    let bytes = postcard::to_stdvec(&file.pledge).unwrap();
    assert_eq!(postcard::from_bytes::<Pledge>(&bytes).unwrap(), file.pledge);
    let bytes = postcard::to_stdvec(&file.parties).unwrap();
    assert_eq!(
        postcard::from_bytes::<Vec<Party>>(&bytes).unwrap(),
        file.parties
    );
    let bytes = postcard::to_stdvec(&file.stances).unwrap();
    assert_eq!(
        postcard::from_bytes::<Vec<StanceChange>>(&bytes).unwrap(),
        file.stances
    );
}

#[test]
fn in_json_words_and_dates_are_readable() {
    let file = PledgeFile::parse(SMALL, "harbour.toml").unwrap();
    let json = serde_json::to_value(&file.stances[2]).unwrap();
    assert_eq!(json["stance"], "signed");
    assert_eq!(json["basis"], "listed-since");
    assert_eq!(json["since"], "2021-03-04");
    assert_eq!(
        serde_json::to_value(&file.parties[0]).unwrap()["country"],
        "NL"
    );
}
