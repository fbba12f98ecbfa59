//! `/account`: who keeps the pledge, who is late, who is silent; and each chart by itself.

use std::collections::BTreeMap;

use askama::Template;
use node::account::{Counts, Event, Fate, Month};
use node::act::account::AccountAt;
use node::commitment::Keeping;
use node::pledge::{Country, Kind, Stance, fold};
use node::{Error, request};

use super::asset;
use super::chart::{GrowthChart, MonthChart, TileMap};
use super::country::name;
use super::site::{Here, Site};
use super::text::{self, counted};
use crate::present::account::duration::{share, words};
use crate::present::account::grid::{self, Filter, GridRow};
use crate::present::account::table::Table;
use crate::present::account::{self, Account, tables};

/// Parties on one page of the grid.
const ROWS: usize = 60;
/// Senders and recipients in the matrix.
const BUSIEST: usize = 8;

/// What is asked of the page, checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) filter: Filter,
    /// Counted from 0.
    pub(crate) page: usize,
}

/// The account as at the end of a month.
#[derive(Template)]
#[template(path = "account.html")]
pub(crate) struct AccountPage<'a> {
    site: Site<'a>,
    /// The URL under which clients reach this node.
    url: &'a str,
    through: Month,
    is_final: bool,
    /// Whether this is the page of the month that runs.
    is_now: bool,
    before: Option<Month>,
    after: Option<Month>,
    sum: Counts,
    account: Account,
    grid: Grid,
    answers: MonthChart,
    requests: MonthChart,
    growth: GrowthChart,
    answer_times: Table,
    by_month: Table,
    grounds: Table,
    contested: Table,
    matrix: Matrix,
    removals: Table,
    kinds: Vec<KindLine>,
}

/// The parties of the page.
struct Grid {
    rows: Vec<GridRow>,
    /// Of each principle: number, title, and how many parties keep it in which way.
    principles: Vec<PrincipleLine>,
    summary: String,
    known: usize,
    menus: Vec<Menu>,
    all: bool,
    before: Option<String>,
    after: Option<String>,
}

/// A principle: number, title, and how many parties keep it in which way.
type PrincipleLine = (u16, String, Vec<(Keeping, usize)>);

/// A sender, by id and name, and what it sent to each recipient, with where that is listed.
type MatrixRow = ((String, String), Vec<(i64, String)>);

/// A menu of the filter: name, label, and value, label and whether it is chosen of each choice.
type Menu = (&'static str, &'static str, Vec<(String, String, bool)>);

/// Who asked whom, of those between whom most was asked; by name.
struct Matrix {
    recipients: Vec<(String, String)>,
    rows: Vec<MatrixRow>,
}

/// Requests of one kind.
struct KindLine {
    kind: request::Kind,
    named: Counts,
    hidden: i64,
}

impl<'a> AccountPage<'a> {
    /// The page of an account.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub(crate) fn new(
        site: Site<'a>,
        at: &'a AccountAt,
        asked: &Asked,
        url: &'a str,
    ) -> Result<Self, Error> {
        let (through, today) = (at.through(), site.today);
        let account = account::account(at, today)?;
        let mut sum = Counts::default();
        let mut months: BTreeMap<Month, Counts> = BTreeMap::new();
        let mut kinds: BTreeMap<request::Kind, (Counts, i64)> = BTreeMap::new();
        for row in at.totals()? {
            let (named, hidden) = kinds.entry(row.kind).or_default();
            if row.named {
                sum.add(&row.counts);
                named.add(&row.counts);
                months.entry(row.month).or_default().add(&row.counts);
            } else {
                *hidden += row.counts.sent();
            }
        }
        let (answers, requests) = charts(at, months)?;
        let now = Month::of_day(today);
        let first = account.months.first().map(|month| month.month);
        let kinds = kinds.into_iter().map(|(kind, (named, hidden))| KindLine {
            kind,
            named,
            hidden,
        });
        let then = Site {
            today: grid::day_of(through, today),
            day: grid::day_of(through, today),
            ..site.clone()
        };
        Ok(AccountPage {
            through,
            is_final: account.is_final,
            is_now: through == now,
            before: first
                .filter(|first| *first < through)
                .map(|_| through.before()),
            after: (through < now).then(|| through.next()),
            sum,
            grid: Grid::new(&site, at, asked)?,
            answers,
            requests,
            growth: GrowthChart::new(&then, at.directory().register()),
            answer_times: tables::answer_times(at)?,
            by_month: tables::requests(at)?,
            grounds: tables::grounds(at, false)?,
            contested: tables::contested(at)?,
            removals: tables::removals(at)?,
            matrix: Matrix::new(at)?,
            kinds: kinds.collect(),
            account,
            site,
            url,
        })
    }

    /// The address of this page.
    fn address(&self) -> String {
        address(self.through, self.is_now)
    }

    /// What follows the address of a table or chart for it to be of this month's end.
    fn as_at(&self) -> String {
        if self.is_now {
            String::new()
        } else {
            format!("?through={}", self.through)
        }
    }

    /// Where the entries behind a figure are listed.
    fn behind(&self, figure: &str) -> String {
        tables::behind(figure, None, self.through, "")
    }

    fn answered_in_time(&self) -> String {
        share(self.sum.fate(Fate::InTime), self.sum.due())
    }

    fn median(&self) -> Option<String> {
        self.account.answer_times.median_minutes.map(words)
    }

    fn not_named(&self) -> i64 {
        self.account.not_named.event(Event::Sent)
    }
}

fn address(through: Month, is_now: bool) -> String {
    if is_now {
        "/account".to_owned()
    } else {
        format!("/account/{through}")
    }
}

/// The two charts by month.
pub(crate) fn charts(
    at: &AccountAt,
    mut months: BTreeMap<Month, Counts>,
) -> Result<(MonthChart, MonthChart), Error> {
    let mut times: BTreeMap<Month, _> = at.times(None)?.into_iter().collect();
    let known: Vec<Month> = times.keys().chain(months.keys()).copied().collect();
    let span: Vec<Month> = account::span(known.iter(), at.through()).collect();
    let answers = span.iter().map(|month| (*month, times.remove(month)));
    let answers = MonthChart::answer_times(answers.collect());
    let requests = span
        .iter()
        .map(|month| (*month, months.remove(month).unwrap_or_default()));
    Ok((answers, MonthChart::requests(requests.collect())))
}

impl Grid {
    fn new(site: &Site<'_>, at: &AccountAt, asked: &Asked) -> Result<Self, Error> {
        let (through, today) = (at.through(), site.today);
        let (rows, known) = grid::rows(at, today, &asked.filter)?;
        let pages = rows.len().div_ceil(ROWS).max(1);
        let page = asked.page.min(pages - 1);
        let base = address(through, through == Month::of_day(today));
        let link = |page: usize| link(&base, &asked.filter, page);
        let principles = site.pledge.principles.iter().enumerate();
        let principles = principles.map(|(at, principle)| {
            let kept = tables::kept(&rows, at).into_iter();
            let kept = kept.filter(|(keeping, _)| *keeping != Keeping::None);
            (principle.number, principle.title.clone(), kept.collect())
        });
        let principles = principles.collect();
        let found = counted(rows.len(), "party", "parties");
        let summary = if pages > 1 {
            let (first, last) = (page * ROWS + 1, ((page + 1) * ROWS).min(rows.len()));
            format!("{found}, by name; {first}–{last} shown")
        } else {
            format!("{found}, by name")
        };
        Ok(Grid {
            principles,
            summary,
            known,
            menus: menus(at, &asked.filter),
            all: asked.filter.all,
            before: (page > 0).then(|| link(page - 1)),
            after: (page + 1 < pages).then(|| link(page + 1)),
            rows: rows.into_iter().skip(page * ROWS).take(ROWS).collect(),
        })
    }
}

fn link(base: &str, filter: &Filter, page: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(filter.kind.map(|kind| format!("kind={kind}")));
    parts.extend(filter.country.map(|country| format!("country={country}")));
    parts.extend(filter.stance.map(|stance| format!("stance={stance}")));
    if filter.all {
        parts.push("show=all".into());
    }
    if page > 0 {
        parts.push(format!("page={}", page + 1));
    }
    format!("{base}?{}#parties", parts.join("&"))
}

fn menus(at: &AccountAt, filter: &Filter) -> Vec<Menu> {
    let kinds = Kind::ALL.iter().map(|kind| {
        let chosen = filter.kind == Some(*kind);
        (kind.to_string(), kind.label().to_owned(), chosen)
    });
    let parties = at.directory().register().parties();
    let countries: BTreeMap<String, Country> = parties
        .filter_map(|party| party.country)
        .map(|country| (fold(name(&country)), country))
        .collect();
    let countries = countries.values().map(|country| {
        let chosen = filter.country == Some(*country);
        (country.to_string(), name(country).to_owned(), chosen)
    });
    let stances = Stance::ALL.iter().map(|stance| {
        let chosen = filter.stance == Some(*stance);
        (stance.to_string(), stance.label().to_owned(), chosen)
    });
    vec![
        ("kind", "Kind", kinds.collect()),
        ("country", "Country", countries.collect()),
        ("stance", "Stance", stances.collect()),
    ]
}

impl Matrix {
    fn new(at: &AccountAt) -> Result<Self, Error> {
        let parties = at.parties()?;
        let directory = at.directory();
        let busiest = |of: fn(&node::act::account::PartyCounts) -> i64| {
            let mut all: Vec<(i64, &str)> = parties
                .iter()
                .filter_map(|(number, counts)| Some((of(counts), directory.party_id(*number)?)))
                .filter(|(count, _)| *count > 0)
                .collect();
            all.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
            all.truncate(BUSIEST);
            let named = all.into_iter().map(|(_, id)| {
                let party = directory.register().fact_known(id, at.through().last_day());
                let name = party.map_or(id, |party| &party.name).to_owned();
                (id.to_owned(), name)
            });
            let mut named: Vec<(String, String)> = named.collect();
            named.sort_by_cached_key(|(_, name)| fold(name));
            named
        };
        let senders = busiest(|counts| counts.sent.sent());
        let recipients = busiest(|counts| counts.received.sent());
        let mut rows = Vec::new();
        for (from, from_name) in senders {
            let mut sent: BTreeMap<&str, i64> = BTreeMap::new();
            for pair in at.pairs(Some(&from), None)? {
                let to = directory.party_id(pair.to).unwrap_or_default();
                *sent.entry(to).or_default() += pair.counts.sent();
            }
            let cells = recipients.iter().map(|(to, _)| {
                let rest = format!("&party={from}&to={to}");
                let href = tables::behind("sent", None, at.through(), &rest);
                (sent.get(to.as_str()).copied().unwrap_or(0), href)
            });
            rows.push(((from.clone(), from_name), cells.collect()));
        }
        Ok(Matrix { recipients, rows })
    }
}

/// One chart, to stand in a page elsewhere.
#[derive(Template)]
#[template(path = "embed.html")]
pub(crate) struct EmbedPage<'a> {
    pub(crate) pledge: &'a node::pledge::Pledge,
    pub(crate) chart: Chart,
    /// The page on which it stands here, with its figures as a table.
    pub(crate) source: String,
}

impl EmbedPage<'_> {
    fn drawing(&self) -> String {
        self.chart.svg().unwrap_or_default()
    }
}

/// A chart by its name.
pub(crate) enum Chart {
    Growth(GrowthChart),
    Map(TileMap),
    Months(MonthChart),
}

impl Chart {
    pub(crate) const NAMES: [&'static str; 4] = ["growth", "map", "answer-times", "requests"];

    /// The chart as at the end of the account's month; none when there is none of this name.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub(crate) fn named(
        site: &Site<'_>,
        at: &AccountAt,
        name: &str,
    ) -> Result<Option<Self>, Error> {
        let day = grid::day_of(at.through(), site.today);
        let then = Site {
            today: day,
            day,
            ..site.clone()
        };
        let register = at.directory().register();
        let months = || -> Result<_, Error> {
            let mut months: BTreeMap<Month, Counts> = BTreeMap::new();
            for row in at.totals()?.iter().filter(|row| row.named) {
                months.entry(row.month).or_default().add(&row.counts);
            }
            charts(at, months)
        };
        Ok(Some(match name {
            "growth" => Chart::Growth(GrowthChart::new(&then, register)),
            "map" => Chart::Map(TileMap::new(&then, register)),
            "answer-times" => Chart::Months(months()?.0),
            "requests" => Chart::Months(months()?.1),
            _ => return Ok(None),
        }))
    }

    pub(crate) fn title(&self) -> &str {
        match self {
            Chart::Growth(_) => "Signatories over time",
            Chart::Map(_) => "Stances by country",
            Chart::Months(chart) => chart.title,
        }
    }

    pub(crate) fn summary(&self) -> &str {
        match self {
            Chart::Growth(chart) => &chart.summary,
            Chart::Map(_) => {
                "Each tile is a country: its colour is the stance of the state, its number the \
                 signatories from there."
            }
            Chart::Months(chart) => &chart.summary,
        }
    }

    /// What its colours stand for, as class and words.
    pub(crate) fn legend(&self) -> Vec<(String, &'static str)> {
        match self {
            Chart::Growth(chart) => {
                let kinds = chart.kinds.iter();
                kinds
                    .map(|(slug, label)| (format!("kind-{slug}"), *label))
                    .collect()
            }
            Chart::Map(map) => {
                let stances = map.legend.iter();
                stances
                    .map(|(slug, label)| (format!("key-{slug}"), *label))
                    .collect()
            }
            Chart::Months(chart) => {
                let parts = chart.legend.iter();
                parts
                    .map(|(slug, label)| (format!("key-{slug}"), *label))
                    .collect()
            }
        }
    }

    /// The drawing.
    ///
    /// # Errors
    /// When memory runs out.
    pub(crate) fn svg(&self) -> Result<String, askama::Error> {
        match self {
            Chart::Growth(chart) => chart.render(),
            Chart::Map(map) => map.render(),
            Chart::Months(chart) => chart.render(),
        }
    }
}
