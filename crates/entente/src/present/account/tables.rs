//! What the tables of the account hold.

use std::collections::BTreeMap;

use jiff::civil::Date;
use node::Error;
use node::account::{Counts, Event, Fate, Month};
use node::act::account::AccountAt;
use node::commitment::Keeping;
use node::directory::Directory;
use node::request::{Category, GroundKind, Kind, Outcome};

use super::grid::{self, Filter};
use super::table::{Cell, Column, Table};
use crate::http::pages::country;

/// The tables, by their names in addresses.
pub(crate) const NAMES: [&str; 9] = [
    "parties",
    "requests",
    "answer-times",
    "asked",
    "grounds",
    "contested",
    "removals",
    "signals",
    "growth",
];

/// A table as at the end of a month; none when there is none of this name.
///
/// # Errors
/// [`Error::Storage`].
pub(crate) fn table(at: &AccountAt, name: &str, today: Date) -> Result<Option<Table>, Error> {
    Ok(Some(match name {
        "parties" => parties(at, today)?,
        "requests" => requests(at)?,
        "answer-times" => answer_times(at)?,
        "asked" => asked(at)?,
        "grounds" => grounds(at, true)?,
        "contested" => contested(at)?,
        "removals" => removals(at)?,
        "signals" => signals(at)?,
        "growth" => growth(at, today),
        _ => return Ok(None),
    }))
}

/// Whether nothing of a table changes any more. Who signed is told from what is known now, also of
/// earlier days.
pub(crate) fn is_final(table: &Table, at: &AccountAt, today: Date) -> bool {
    table.name != "growth" && at.through().is_over(today)
}

/// Where the entries are listed behind a figure of some months.
pub(crate) fn behind(figure: &str, from: Option<Month>, through: Month, rest: &str) -> String {
    let from = from.map(|from| format!("&from={from}")).unwrap_or_default();
    format!("/account/entries?figure={figure}{from}&through={through}{rest}")
}

/// The figures by which answers are told, as key, label and number.
const ANSWERS: [(Fate, &str); 8] = [
    (Fate::InTime, "In time"),
    (Fate::Late, "Late"),
    (Fate::Silent, "Unanswered"),
    (Fate::Overdue, "Overdue"),
    (Fate::Waiting, "Not due yet"),
    (Fate::WithSender, "Waits for the sender"),
    (Fate::TakenBack, "Taken back"),
    (Fate::Dropped, "Dropped by the sender"),
];

fn answer_columns() -> impl Iterator<Item = Column> {
    ANSWERS
        .iter()
        .map(|(fate, label)| Column::number(&fate.as_str().replace('-', "_"), label))
}

fn answer_cells(counts: &Counts, href: impl Fn(&str) -> String) -> impl Iterator<Item = Cell> {
    ANSWERS
        .iter()
        .map(move |(fate, _)| Cell::Behind(counts.fate(*fate), href(fate.as_str())))
}

fn parties(at: &AccountAt, today: Date) -> Result<Table, Error> {
    let all = Filter {
        all: true,
        ..Filter::default()
    };
    let (rows, _) = grid::rows(at, today, &all)?;
    let (directory, through) = (at.directory(), at.through());
    let principles = directory.pledge().map(|pledge| &pledge.principles);
    let mut columns = vec![
        Column::code("party", "Party"),
        Column::text("name", "Name"),
        Column::text("kind", "Kind"),
        Column::text("country", "Country"),
        Column::text("stance", "Stance"),
    ];
    for principle in principles.into_iter().flatten() {
        let key = format!("principle_{}", principle.number);
        columns.push(Column::text(&key, &principle.title));
    }
    columns.push(Column::number("asked", "Requests received"));
    columns.extend(answer_columns());
    columns.extend([
        Column::number("sent", "Requests sent"),
        Column::number("published", "Objects published"),
        Column::number("withdrawn", "Withdrawals"),
    ]);
    let number = |count: u64| Cell::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let row = |row: grid::GridRow| {
        let to = format!("&to={}", row.id);
        let from = format!("&party={}", row.id);
        let mut cells = vec![
            Cell::Text(row.id.clone()),
            Cell::Linked(
                row.name.clone(),
                row.name.clone(),
                format!("/party/{}", row.id),
            ),
            Cell::Text(row.kind.to_string()),
            row.country
                .map_or(Cell::Nothing, |code| Cell::Text(code.to_string())),
            row.stance
                .map_or(Cell::Nothing, |stance| Cell::Text(stance.to_string())),
        ];
        let keepings = row.keepings.iter();
        cells.extend(keepings.map(|keeping| Cell::Text(keeping.to_string())));
        let href = |figure: &str| behind(figure, None, through, &to);
        cells.push(Cell::Behind(row.received.sent(), href("sent")));
        cells.extend(answer_cells(&row.received, href));
        cells.push(Cell::Behind(
            row.sent.sent(),
            behind("sent", None, through, &from),
        ));
        cells.extend([number(row.shared.published), number(row.shared.withdrawn)]);
        cells
    };
    Ok(Table {
        name: "parties",
        title: "Parties",
        about: "How each party keeps what it promised under each principle, how it answered the requests \
                sent to it, and what it shared. Requests marked RED are left out.",
        columns,
        rows: rows.into_iter().map(row).collect(),
    })
}

pub(crate) fn requests(at: &AccountAt) -> Result<Table, Error> {
    let mut months: BTreeMap<Month, [Counts; 2]> = BTreeMap::new();
    for row in at.totals()? {
        let [named, hidden] = months.entry(row.month).or_default();
        if row.named { named } else { hidden }.add(&row.counts);
    }
    let mut columns = vec![
        Column::text("month", "Month"),
        Column::number("sent", "Sent"),
    ];
    let told = [
        Event::Accepted,
        Event::Declined,
        Event::Done,
        Event::Withdrawn,
    ];
    let answered = [
        ("answered_in_time", "Answered in time", Fate::InTime),
        ("answered_late", "Answered late", Fate::Late),
    ];
    columns.extend(answered.map(|(key, label, _)| Column::number(key, label)));
    columns.push(Column::number("expired", "Expired"));
    columns.extend(told.map(|event| Column::number(event.as_str(), event.label())));
    columns.push(Column::number("sent_not_named", "Sent, marked RED"));
    let rows = super::span(months.keys(), at.through()).map(|month| {
        let [named, hidden] = months.get(&month).copied().unwrap_or_default();
        let href = |figure: &str| behind(figure, Some(month), month, "");
        let event = |event: Event| Cell::Behind(named.event(event), href(event.as_str()));
        let mut cells = vec![month_cell(month), event(Event::Sent)];
        cells.extend(
            answered.map(|(_, _, fate)| Cell::Behind(named.fate(fate), href(fate.as_str()))),
        );
        cells.push(event(Event::Expired));
        cells.extend(told.map(event));
        cells.push(Cell::Number(hidden.sent()));
        cells
    });
    Ok(Table {
        name: "requests",
        title: "Requests by month",
        about: "What happened in each month: requests that were sent, answers that came, requests that \
                expired unanswered. Those marked RED are counted beside, without names.",
        rows: rows.collect(),
        columns,
    })
}

fn month_cell(month: Month) -> Cell {
    let text = month.to_string();
    Cell::Linked(text.clone(), text.clone(), format!("/account/{text}"))
}

pub(crate) fn answer_times(at: &AccountAt) -> Result<Table, Error> {
    let times: BTreeMap<Month, _> = at.times(None)?.into_iter().collect();
    let rows = super::span(times.keys(), at.through()).map(|month| {
        let spread = times.get(&month);
        let minutes = |minutes: Option<u32>| minutes.map_or(Cell::Nothing, Cell::Minutes);
        let answers = spread.map_or(0, node::account::Spread::answers);
        vec![
            month_cell(month),
            Cell::Number(i64::try_from(answers).unwrap_or(i64::MAX)),
            minutes(spread.and_then(node::account::Spread::median)),
            minutes(spread.and_then(node::account::Spread::p90)),
        ]
    });
    Ok(Table {
        name: "answer-times",
        title: "Answer times",
        about: "From a request being sent to it being accepted or declined, without the time in which the \
                recipient waited for the sender, by the month of the answer. Half of all answers came \
                within the median, nine of ten within the 90th percentile. Silence has no answer time.",
        columns: vec![
            Column::text("month", "Month"),
            Column::number("answers", "Answers"),
            Column::number("median_minutes", "Median"),
            Column::number("p90_minutes", "90th percentile"),
        ],
        rows: rows.collect(),
    })
}

/// A party's id and name as cells of a table.
fn party_cells(directory: &Directory, number: u32, day: Date) -> [Cell; 2] {
    let id = directory.party_id(number).unwrap_or_default();
    let known = directory.register().fact_known(id, day);
    let name = known.map_or(id, |party| &party.name).to_owned();
    let id = id.to_owned();
    let href = format!("/party/{id}");
    [Cell::Text(id), Cell::Linked(name.clone(), name, href)]
}

fn asked(at: &AccountAt) -> Result<Table, Error> {
    pairs(at, None, None)
}

/// Who asked whom for what: of one sender, of one recipient, or of all.
///
/// # Errors
/// [`Error::Storage`].
pub(crate) fn pairs(at: &AccountAt, from: Option<&str>, to: Option<&str>) -> Result<Table, Error> {
    let mut columns = vec![
        Column::code("from", "From"),
        Column::text("from_name", "From"),
        Column::code("to", "To"),
        Column::text("to_name", "To"),
        Column::text("kind", "For"),
        Column::number("sent", "Sent"),
    ];
    columns.extend(answer_columns());
    for (column, is_given) in
        columns
            .iter_mut()
            .take(4)
            .zip([false, from.is_some(), false, to.is_some()])
    {
        // It is the party whose page this stands on.
        column.code |= is_given;
    }
    let outcomes = [
        Outcome::Accepted,
        Outcome::Done,
        Outcome::Declined,
        Outcome::Reversed,
    ];
    let key = |outcome: Outcome| format!("outcome_{outcome}");
    columns.extend(outcomes.map(|outcome| Column::number(&key(outcome), outcome.label())));
    let (directory, through) = (at.directory(), at.through());
    let day = through.last_day();
    let mut rows = Vec::new();
    for pair in at.pairs(from, to)? {
        let id = |number| directory.party_id(number).unwrap_or_default();
        let rest = format!(
            "&party={}&to={}&kind={}",
            id(pair.from),
            id(pair.to),
            pair.kind
        );
        let href = |figure: &str| behind(figure, None, through, &rest);
        let mut cells = Vec::with_capacity(columns.len());
        cells.extend(party_cells(directory, pair.from, day));
        cells.extend(party_cells(directory, pair.to, day));
        cells.push(Cell::Word(pair.kind.as_str(), pair.kind.label()));
        cells.push(Cell::Behind(pair.counts.sent(), href("sent")));
        cells.extend(answer_cells(&pair.counts, href));
        cells.extend(outcomes.map(|outcome| Cell::Number(pair.counts.outcome(outcome))));
        rows.push(cells);
    }
    rows.sort_by_cached_key(|row| row.iter().take(5).map(Cell::words).collect::<Vec<_>>());
    Ok(Table {
        name: "asked",
        title: "Who asked whom for what",
        about: "Requests between each two parties by kind, and how they stand. What is asked is hidden as \
                its marking says; that it is asked is counted always. Requests marked RED are left out.",
        columns,
        rows,
    })
}

/// Requests by ground and outcome; with what they are about, or for all together.
///
/// # Errors
/// [`Error::Storage`].
pub(crate) fn grounds(at: &AccountAt, by_category: bool) -> Result<Table, Error> {
    let mut all: BTreeMap<(Kind, Option<_>, Option<_>), Counts> = BTreeMap::new();
    for row in at.totals()?.iter().filter(|row| row.named) {
        let place = all.entry((row.kind, row.ground, row.category.filter(|_| by_category)));
        place.or_default().add(&row.counts);
    }
    let mut columns = vec![
        Column::text("kind", "Kind"),
        Column::text("ground", "Ground"),
    ];
    if by_category {
        columns.push(Column::text("category", "About"));
    }
    columns.push(Column::number("sent", "Sent"));
    let shown = [
        Outcome::Open,
        Outcome::Accepted,
        Outcome::Done,
        Outcome::Declined,
        Outcome::Reversed,
        Outcome::Withdrawn,
        Outcome::Unanswered,
    ];
    columns.extend(shown.map(|outcome| Column::number(outcome.as_str(), outcome.label())));
    let rows = all.into_iter().map(|((kind, ground, category), counts)| {
        let ground = ground.map_or(Cell::Word("none", "None named"), |ground: GroundKind| {
            Cell::Word(ground.as_str(), ground.label())
        });
        let mut cells = vec![Cell::Word(kind.as_str(), kind.label()), ground];
        cells.extend(category.map(|word: Category| Cell::Word(word.as_str(), word.label())));
        // Which request rests on what its marking may hide: no list stands behind these.
        cells.push(Cell::Number(counts.sent()));
        cells.extend(shown.map(|outcome| Cell::Number(counts.outcome(outcome))));
        cells
    });
    Ok(Table {
        name: "grounds",
        title: "Requests by ground and outcome",
        about: "Whether a request rests on a law or on the recipient's own rules, what it is about, and \
                how it went. A takedown always names its ground. Requests marked RED are left out.",
        rows: rows.collect(),
        columns,
    })
}

pub(crate) fn contested(at: &AccountAt) -> Result<Table, Error> {
    let mut months: BTreeMap<Month, Counts> = BTreeMap::new();
    for row in at.totals()?.iter().filter(|row| row.named) {
        months.entry(row.month).or_default().add(&row.counts);
    }
    let told = [
        Event::Done,
        Event::Contested,
        Event::Upheld,
        Event::Reversed,
        Event::Restored,
        Event::Escalated,
    ];
    let mut columns = vec![Column::text("month", "Month")];
    columns.extend(told.map(|event| Column::number(event.as_str(), event.label())));
    let rows = super::span(months.keys(), at.through()).map(|month| {
        let counts = months.get(&month).copied().unwrap_or_default();
        let mut cells = vec![month_cell(month)];
        cells.extend(told.map(|event| {
            let href = behind(event.as_str(), Some(month), month, "");
            Cell::Behind(counts.event(event), href)
        }));
        cells
    });
    Ok(Table {
        name: "contested",
        title: "Contested and reversed",
        about: "What was done and then contested by those whom it affects; whether a second pair of eyes \
                let it stand or reversed it; whether what was reversed was undone; what came before the \
                steward.",
        rows: rows.collect(),
        columns,
    })
}

pub(crate) fn removals(at: &AccountAt) -> Result<Table, Error> {
    let directory = at.directory();
    let mut countries: BTreeMap<String, [Counts; 2]> = BTreeMap::new();
    for (number, counts) in at.removals()? {
        let id = directory.party_id(number).unwrap_or_default();
        let party = directory.register().fact_known(id, at.through().last_day());
        let country = party.and_then(|party| party.country);
        let code = country.map_or_else(String::new, |code| code.to_string());
        let [asked, _] = countries.entry(code).or_default();
        asked.add(&counts);
    }
    for (code, counts) in at.effects()? {
        let [_, effect] = countries.entry(code.unwrap_or_default()).or_default();
        effect.add(&counts);
    }
    let (through, whole) = (at.through(), ["asked_by", "in_effect"]);
    let parts = [
        ("", "", None),
        ("_done", "of these done", Some(Outcome::Done)),
        ("_reversed", "reversed", Some(Outcome::Reversed)),
    ];
    let labels = ["Asked for from here", "To have effect here"];
    let mut columns = vec![
        Column::code("country", "Country"),
        Column::text("country_name", "Country"),
    ];
    for (key, label) in whole.iter().zip(labels) {
        columns.extend(parts.map(|(part, words, _)| {
            Column::number(
                &format!("{key}{part}"),
                if words.is_empty() { label } else { words },
            )
        }));
    }
    let rows = countries.into_iter().map(|(code, sides)| {
        let name = match code.parse() {
            Ok(country) => country::name(&country).to_owned(),
            Err(_) => "Everywhere, or not told".to_owned(),
        };
        let mut cells = vec![Cell::Text(code.clone()), Cell::Text(name)];
        for (counts, side) in sides.iter().zip(["from-country", "country"]) {
            let rest = format!(
                "&kind=takedown&{side}={}",
                if code.is_empty() { "none" } else { &code }
            );
            cells.extend(parts.map(|(_, _, outcome)| match outcome {
                None => Cell::Behind(counts.sent(), behind("sent", None, through, &rest)),
                Some(outcome) => Cell::Number(counts.outcome(outcome)),
            }));
        }
        cells
    });
    Ok(Table {
        name: "removals",
        title: "Removals by country",
        about: "Takedowns by the country of the party that asked, and by the country in which they are to \
                have effect, with how many were done and how many of these did not stand.",
        rows: rows.collect(),
        columns,
    })
}

fn signals(at: &AccountAt) -> Result<Table, Error> {
    let months = super::signals(at)?;
    let rows = super::span(months.keys(), at.through()).map(|month| {
        let row = months.get(&month).copied().unwrap_or_default();
        let number = |count: u64| Cell::Number(i64::try_from(count).unwrap_or(i64::MAX));
        vec![
            month_cell(month),
            number(row.published),
            number(row.withdrawn),
            number(row.seen.unwrap_or(0)),
        ]
    });
    Ok(Table {
        name: "signals",
        title: "Signals by month",
        about: "Objects that were published, each version for itself, and withdrawals, as the public log \
                counts them; and how often others said that they had seen one. What is marked RED is left \
                out.",
        columns: vec![
            Column::text("month", "Month"),
            Column::number("published", "Published"),
            Column::number("withdrawn", "Withdrawn"),
            Column::number("seen", "Seen by others"),
        ],
        rows: rows.collect(),
    })
}

fn growth(at: &AccountAt, today: Date) -> Table {
    let day = grid::day_of(at.through(), today);
    let directory = at.directory();
    let kinds = node::pledge::Kind::ALL;
    let mut columns = vec![Column::text("day", "Day")];
    columns.extend(
        kinds
            .iter()
            .map(|kind| Column::number(&kind.as_str().replace('-', "_"), kind.label())),
    );
    columns.push(Column::number("all", "All"));
    let number = |count: usize| Cell::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let rows = directory.register().growth(day).into_iter().map(|point| {
        let mut cells = vec![Cell::Text(point.day.to_string())];
        cells.extend(kinds.iter().map(|kind| number(point.signed.of(*kind))));
        cells.push(number(point.signed.total()));
        cells
    });
    Table {
        name: "growth",
        title: "Signatories",
        about: "Signatories at the end of each day on which their number changed, by kind, from what is \
                known of their stances now.",
        rows: rows.collect(),
        columns,
    }
}

/// How commitments are kept, by principle: how many parties do it which way.
pub(crate) fn kept(rows: &[grid::GridRow], principle: usize) -> BTreeMap<Keeping, usize> {
    let mut kept = BTreeMap::new();
    for row in rows {
        let keeping = row
            .keepings
            .get(principle)
            .copied()
            .unwrap_or(Keeping::None);
        *kept.entry(keeping).or_default() += 1;
    }
    kept
}
