//! `/`: what this is, who signed, what happened last.

use askama::Template;
use node::pledge::{Basis, Fact, Figure, Kind, Party, StanceChange};
use node::pledge::{Pledge, Stance};
use node::register::{Counts, Register};

use super::asset;
use super::chart::TileMap;
use super::signal::SignalLine;
use super::site::{Here, Site};
use super::text::{self, Number, dated};

/// How many changes of stance the page shows.
const CHANGES: usize = 8;

/// The home page.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage<'a> {
    site: Site<'a>,
    totals: Vec<Total>,
    stances: Vec<Stance>,
    rows: Vec<KindRow>,
    sum: Vec<Number>,
    /// Where the counts come from, in one sentence.
    origin: String,
    note: Option<DayNote<'a>>,
    said: Vec<&'a Fact>,
    map: TileMap,
    changes: Vec<ChangeLine<'a>>,
    signals: Vec<SignalLine>,
}

/// How many parties have a stance.
pub(crate) struct Total {
    pub(crate) stance: Stance,
    pub(crate) count: Number,
    /// The names, while they are few.
    pub(crate) names: Vec<(String, String)>,
}

/// Counts of one kind, one for each of the page's stances.
struct KindRow {
    kind: Kind,
    counts: Vec<Number>,
}

/// A change of stance, as one line.
pub(crate) struct ChangeLine<'a> {
    pub(crate) party: &'a Party,
    pub(crate) change: &'a StanceChange,
    pub(crate) dated: String,
}

/// What a reader should know of a day on which the register's own history had not started.
pub(crate) struct DayNote<'a> {
    /// The first day on which the register lists anyone.
    pub(crate) starts: jiff::civil::Date,
    /// Totals that a source reported for that time, and the source's title.
    pub(crate) figure: Option<(&'a Figure, &'a str)>,
}

impl<'a> HomePage<'a> {
    /// The page for the site's day. `signals` are the newest that the viewer may see.
    pub(crate) fn new(site: Site<'a>, register: &'a Register, signals: Vec<SignalLine>) -> Self {
        let counts = register.counts(site.day);
        let stances: Vec<Stance> = Stance::ALL
            .iter()
            .copied()
            .filter(|s| counts.of(*s).total() > 0)
            .collect();
        let rows = Kind::ALL
            .iter()
            .filter(|kind| {
                stances
                    .iter()
                    .any(|stance| counts.of(*stance).of(**kind) > 0)
            })
            .map(|kind| KindRow {
                kind: *kind,
                counts: stances
                    .iter()
                    .map(|s| Number(counts.of(*s).of(*kind)))
                    .collect(),
            })
            .collect();
        let sum = stances
            .iter()
            .map(|stance| Number(counts.of(*stance).total()))
            .collect();
        let changes = register
            .recent(site.day, CHANGES)
            .into_iter()
            .map(|(party, change)| ChangeLine {
                party,
                change,
                dated: dated(change),
            })
            .collect();
        HomePage {
            totals: totals(&site, register, &counts),
            note: DayNote::new(site.pledge, register, site.day),
            said: said(&site),
            map: TileMap::new(&site, register),
            origin: origin(&site, register, &counts),
            site,
            stances,
            rows,
            sum,
            changes,
            signals,
        }
    }
}

impl<'a> DayNote<'a> {
    /// A note for `day`, when it lies before the register's first listing.
    pub(crate) fn new(
        pledge: &'a Pledge,
        register: &Register,
        day: jiff::civil::Date,
    ) -> Option<Self> {
        let starts = register.as_of(day).filter_map(|at| at.party.listed).min()?;
        if day >= starts {
            return None;
        }
        let figure = pledge.figures.iter().rfind(|figure| figure.day <= day);
        let titled = figure.map(|figure| {
            (
                figure,
                pledge
                    .source(&figure.source)
                    .map_or("", |source| source.title.as_str()),
            )
        });
        Some(DayNote {
            starts,
            figure: titled,
        })
    }
}

/// How many parties are on the pledge's own register, how many are not but are named by another
/// source, and how many this node alone recorded: the last are not the pledge's.
fn origin(site: &Site<'_>, register: &Register, counts: &Counts) -> String {
    let (mut named, mut recorded) = (0, 0);
    for at in register.as_of(site.day) {
        let listed = at.party.listed.is_some_and(|listed| listed <= site.day);
        if let (false, Some(stance)) = (listed, at.stance) {
            let here = stance
                .evidence
                .iter()
                .all(|change| change.basis == Basis::Recorded);
            *(if here { &mut recorded } else { &mut named }) += 1;
        }
    }
    let listed = counts.listed.total();
    let mut parts = Vec::new();
    if listed > 0 {
        parts.push(format!(
            "{} on the {}’s own register",
            Number(listed),
            site.pledge.short_name
        ));
    }
    if named > 0 {
        parts.push(format!("{} named by other sources alone", Number(named)));
    }
    if recorded > 0 {
        parts.push(format!("{} recorded by this node alone", Number(recorded)));
    }
    if parts.is_empty() {
        "Nothing is known of this day.".to_owned()
    } else {
        format!("{}.", parts.join(", "))
    }
}

/// On the day of adoption, what was said of the launch.
fn said<'a>(site: &Site<'a>) -> Vec<&'a Fact> {
    let launch = site.day == site.pledge.adopted;
    site.pledge
        .facts
        .iter()
        .filter(|fact| launch && fact.topic == "launch")
        .collect()
}

/// Signatories first, then every other stance that occurs; with names where they are few.
fn totals(site: &Site<'_>, register: &Register, counts: &Counts) -> Vec<Total> {
    const FEW: usize = 7;
    Stance::ALL
        .iter()
        .copied()
        .filter(|stance| *stance == Stance::Signed || counts.of(*stance).total() > 0)
        .map(|stance| {
            let count = counts.of(stance).total();
            let named = stance != Stance::Signed && count <= FEW;
            let names = register
                .as_of(site.day)
                .filter(|at| named && at.stance.is_some_and(|s| s.stance == stance))
                .map(|at| (at.party.id.clone(), at.party.name.clone()))
                .collect();
            Total {
                stance,
                count: Number(count),
                names,
            }
        })
        .collect()
}
