//! Signatories over time, stacked by kind, with the totals that others reported.

use std::fmt::Write as _;

use askama::Template;
use jiff::civil::Date;
use node::pledge::{Kind, Pledge};
use node::register::{GrowthPoint, Register, Tally};

use super::super::site::Site;
use super::super::text::Number;
use super::scale::{tick_step, units};

/// The drawing's size and the margins around its plot, in units.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 34.0;

/// The kinds from the bottom of the stack to its top.
const STACK: [Kind; 6] = [
    Kind::State,
    Kind::PublicAuthority,
    Kind::InternationalOrganisation,
    Kind::CivilSociety,
    Kind::PrivateSector,
    Kind::Uncategorised,
];

/// The chart of a register from the day of adoption to today.
#[derive(Template)]
#[template(path = "chart/growth.svg", escape = "html")]
pub(crate) struct GrowthChart {
    bands: Vec<Band>,
    across: Vec<Tick>,
    up: Vec<Tick>,
    reported: Vec<Reported>,
    /// Where the day shown is, when it is not today.
    marker: Option<Tick>,
    /// On which side of it its label stands, so that it stays on the drawing.
    marker_side: &'static str,
    /// The kinds that occur, as slug and label, from the bottom of the stack.
    pub(crate) kinds: Vec<(&'static str, &'static str)>,
    /// What it shows, in one sentence with its newest figure.
    pub(crate) summary: String,
    /// The same data as rows: the day, a number for each of `kinds`, the total.
    pub(crate) rows: Vec<(Date, Vec<Number>, Number)>,
}

struct Band {
    kind: &'static str,
    label: &'static str,
    path: String,
}

struct Tick {
    at: String,
    label: String,
}

struct Reported {
    x: String,
    y: String,
    title: String,
}

/// Days and counts to units.
struct Scale {
    first: Date,
    days: f64,
    most: f64,
}

impl Scale {
    fn x(&self, day: Date) -> f64 {
        LEFT + f64::from(days_between(self.first, day)) / self.days * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, count: usize) -> f64 {
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        HEIGHT - BOTTOM - count / self.most * (HEIGHT - TOP - BOTTOM)
    }
}

impl GrowthChart {
    /// The chart of `register`, with the totals that `site.pledge` reports.
    pub(crate) fn new(site: &Site<'_>, register: &Register) -> Self {
        let points = register.growth(site.today);
        let most = points
            .iter()
            .map(|point| point.signed.total())
            .max()
            .unwrap_or(0);
        let step = tick_step(most);
        let scale = Scale {
            first: site.pledge.adopted,
            days: f64::from(days_between(site.pledge.adopted, site.today).max(1)),
            most: f64::from(u32::try_from(step).unwrap_or(1)) * ticks(most, step),
        };
        let last = points.last().map(|point| point.signed).unwrap_or_default();
        let kinds: Vec<Kind> = STACK
            .into_iter()
            .filter(|kind| last.of(*kind) > 0 || points.iter().any(|p| p.signed.of(*kind) > 0))
            .collect();
        let up = (0..=most.div_ceil(step).max(1))
            .map(|tick| tick * step)
            .map(|count| Tick {
                at: units(scale.y(count)),
                label: Number(count).to_string(),
            })
            .collect();
        GrowthChart {
            summary: format!(
                "{} signatories on {}, from {} on {}.",
                Number(last.total()),
                site.today,
                Number(points.first().map_or(0, |point| point.signed.total())),
                site.pledge.adopted
            ),
            bands: bands(&scale, &points, &kinds, site.today),
            across: years(&scale, site),
            up,
            reported: reported(&scale, site.pledge, site.today),
            marker_side: if scale.x(site.day) > WIDTH / 2.0 {
                "up"
            } else {
                "after"
            },
            marker: site.is_past().then(|| Tick {
                at: units(scale.x(site.day)),
                label: site.day.to_string(),
            }),
            rows: points
                .iter()
                .map(|GrowthPoint { day, signed }| {
                    let numbers = kinds.iter().map(|kind| Number(signed.of(*kind))).collect();
                    (*day, numbers, Number(signed.total()))
                })
                .collect(),
            kinds: kinds
                .into_iter()
                .map(|kind| (kind.as_str(), kind.label()))
                .collect(),
        }
    }
}

/// One closed path for each kind: along the top of the stack so far, and back along its bottom.
fn bands(scale: &Scale, points: &[GrowthPoint], kinds: &[Kind], until: Date) -> Vec<Band> {
    let below = |signed: &Tally, upto: usize| -> usize {
        kinds.iter().take(upto).map(|kind| signed.of(*kind)).sum()
    };
    kinds
        .iter()
        .enumerate()
        .map(|(place, kind)| {
            let mut path = edge(scale, points, until, false, |signed| {
                below(signed, place + 1)
            });
            path.push_str(&edge(scale, points, until, true, |signed| {
                below(signed, place)
            }));
            path.push('Z');
            Band {
                kind: kind.as_str(),
                label: kind.label(),
                path,
            }
        })
        .collect()
}

/// A line of steps: the count holds from its day to the next.
fn edge(
    scale: &Scale,
    points: &[GrowthPoint],
    until: Date,
    back: bool,
    count: impl Fn(&Tally) -> usize,
) -> String {
    let mut corners: Vec<(f64, f64)> = Vec::with_capacity(points.len() * 2 + 1);
    for point in points {
        let (x, y) = (scale.x(point.day), scale.y(count(&point.signed)));
        if let Some((_, before)) = corners.last().copied() {
            corners.push((x, before));
        }
        corners.push((x, y));
    }
    if let Some((_, before)) = corners.last().copied() {
        corners.push((scale.x(until), before));
    }
    if back {
        corners.reverse();
    }
    let mut path = String::new();
    for (place, (x, y)) in corners.into_iter().enumerate() {
        let command = if place == 0 && !back { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{command}{x:.1} {y:.1}");
    }
    path
}

/// The first of January of each year, or of every second one when there are many.
fn years(scale: &Scale, site: &Site<'_>) -> Vec<Tick> {
    let (from, to) = (scale.first.year() + 1, site.today.year());
    let every = usize::try_from((to - from) / 10 + 1).unwrap_or(1);
    (from..=to)
        .step_by(every)
        .filter_map(|year| Date::new(year, 1, 1).ok())
        .map(|day| Tick {
            at: units(scale.x(day)),
            label: day.year().to_string(),
        })
        .collect()
}

fn reported(scale: &Scale, pledge: &Pledge, today: Date) -> Vec<Reported> {
    pledge
        .figures
        .iter()
        .filter(|figure| figure.day <= today)
        .filter_map(|figure| {
            let total = figure.total? as usize;
            let more = if figure.at_least { "more than " } else { "" };
            let source = pledge
                .source(&figure.source)
                .map_or("", |source| &source.title);
            Some(Reported {
                x: units(scale.x(figure.day)),
                y: units(scale.y(total)),
                title: format!("{}: {more}{} reported. {source}", figure.day, Number(total)),
            })
        })
        .collect()
}

/// Days from one date to another; none when the other is earlier.
fn days_between(from: Date, to: Date) -> u32 {
    from.until(to)
        .map_or(0, |span| u32::try_from(span.get_days()).unwrap_or(0))
}

fn ticks(most: usize, step: usize) -> f64 {
    f64::from(u32::try_from(most.div_ceil(step).max(1)).unwrap_or(1))
}
