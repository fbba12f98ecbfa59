//! Charts by month: answer times as two lines, requests as stacked bars.

use std::fmt::Write as _;

use askama::Template;
use node::account::{Counts, Event, Fate, Month, Spread};

use super::scale::{tick_step, units};

/// The drawing's size and the margins around its plot, in units.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 34.0;
/// Months that are drawn: the newest.
const MOST: usize = 24;

/// A chart by month.
#[derive(Template)]
#[template(path = "chart/months.svg", escape = "html")]
pub(crate) struct MonthChart {
    /// Its name in addresses and ids.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What it shows, in one sentence with its newest figures.
    pub(crate) summary: String,
    up: Vec<Tick>,
    across: Vec<Tick>,
    bars: Vec<Bar>,
    lines: Vec<Line>,
    /// What its colours stand for, as class and words.
    pub(crate) legend: Vec<(&'static str, &'static str)>,
}

struct Tick {
    at: String,
    label: String,
}

struct Bar {
    class: &'static str,
    x: String,
    y: String,
    width: String,
    height: String,
    words: String,
}

struct Line {
    class: &'static str,
    path: String,
    dots: Vec<(String, String, String)>,
}

/// Months and amounts to units.
struct Scale {
    months: usize,
    most: f64,
}

impl Scale {
    fn width(&self) -> f64 {
        (WIDTH - LEFT - RIGHT) / real(self.months.max(1))
    }

    /// The middle of a month.
    fn x(&self, at: usize) -> f64 {
        LEFT + (real(at) + 0.5) * self.width()
    }

    fn y(&self, amount: f64) -> f64 {
        HEIGHT - BOTTOM - amount / self.most * (HEIGHT - TOP - BOTTOM)
    }

    fn across(&self, months: &[Month]) -> Vec<Tick> {
        let every = months.len().div_ceil(8).max(1);
        let shown = months.iter().enumerate().step_by(every);
        shown
            .map(|(at, month)| Tick {
                at: units(self.x(at)),
                label: month.to_string(),
            })
            .collect()
    }
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The newest of all months, without gaps.
fn newest<T>(all: Vec<(Month, T)>) -> Vec<(Month, T)> {
    let skip = all.len().saturating_sub(MOST);
    all.into_iter().skip(skip).collect()
}

impl MonthChart {
    /// How long answers took, month by month without gaps.
    pub(crate) fn answer_times(all: Vec<(Month, Option<Spread>)>) -> Self {
        let all = newest(all);
        let p90 = |spread: &Option<Spread>| spread.as_ref().and_then(Spread::p90);
        let most = all.iter().filter_map(|(_, spread)| p90(spread)).max();
        let (unit, minutes) = time_unit(most.unwrap_or(0));
        let most = (most.unwrap_or(0).div_ceil(minutes)) as usize;
        let step = tick_step(most);
        let scale = Scale {
            months: all.len(),
            most: real(most.div_ceil(step).max(1) * step),
        };
        let line = |class, of: fn(&Spread) -> Option<u32>| {
            let points = all.iter().enumerate().filter_map(|(at, (month, spread))| {
                let took = of(spread.as_ref()?)?;
                let y = scale.y(f64::from(took) / f64::from(minutes));
                let words = crate::present::account::duration::words(took);
                Some((scale.x(at), y, format!("{month}: {words}")))
            });
            let points: Vec<_> = points.collect();
            let mut path = String::new();
            for (at, (x, y, _)) in points.iter().enumerate() {
                // Writing to a string cannot fail.
                let _ = write!(path, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
            }
            let dots = points.into_iter();
            Line {
                class,
                path,
                dots: dots
                    .map(|(x, y, words)| (units(x), units(y), words))
                    .collect(),
            }
        };
        let months: Vec<Month> = all.iter().map(|(month, _)| *month).collect();
        let last = all.iter().rev().find_map(|(month, spread)| {
            let spread = spread.as_ref()?;
            Some((*month, spread.median()?, spread.p90()?))
        });
        let words = crate::present::account::duration::words;
        MonthChart {
            name: "answer-times",
            title: "Answer times",
            summary: last.map_or_else(
                || "Nothing was answered yet.".to_owned(),
                |(month, median, p90)| {
                    format!(
                        "In {month} half of all answers came within {}, nine of ten within {}.",
                        words(median),
                        words(p90)
                    )
                },
            ),
            up: ticks(&scale, most, step, |count| format!("{count} {unit}")),
            across: scale.across(&months),
            bars: Vec::new(),
            lines: vec![line("p90", Spread::p90), line("median", Spread::median)],
            legend: vec![("median", "Median"), ("p90", "90th percentile")],
        }
    }

    /// What became of requests, month by month without gaps.
    pub(crate) fn requests(all: Vec<(Month, Counts)>) -> Self {
        type Part = (&'static str, &'static str, fn(&Counts) -> i64);
        const PARTS: [Part; 3] = [
            ("in-time", "Answered in time", |counts| {
                counts.fate(Fate::InTime)
            }),
            ("late", "Answered late", |counts| counts.fate(Fate::Late)),
            ("silent", "Expired unanswered", |counts| {
                counts.event(Event::Expired)
            }),
        ];
        let all = newest(all);
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        let sum = |counts: &Counts| PARTS.iter().map(|(_, _, of)| count(of(counts))).sum();
        let most: usize = all.iter().map(|(_, counts)| sum(counts)).max().unwrap_or(0);
        let step = tick_step(most);
        let scale = Scale {
            months: all.len(),
            most: real(most.div_ceil(step).max(1) * step),
        };
        let width = scale.width().min(60.0) * 0.72;
        let mut bars = Vec::new();
        for (at, (month, counts)) in all.iter().enumerate() {
            let mut below = 0;
            for (class, label, of) in PARTS {
                let number = count(of(counts));
                let (low, high) = (scale.y(real(below)), scale.y(real(below + number)));
                below += number;
                if number > 0 {
                    bars.push(Bar {
                        class,
                        x: units(scale.x(at) - width / 2.0),
                        y: units(high),
                        width: units(width),
                        height: units(low - high),
                        words: format!("{month}: {number} {}", label.to_lowercase()),
                    });
                }
            }
        }
        let months: Vec<Month> = all.iter().map(|(month, _)| *month).collect();
        MonthChart {
            name: "requests",
            title: "Answers and silence",
            summary: all
                .iter()
                .rev()
                .find(|(_, counts)| sum(counts) > 0)
                .map_or_else(
                    || "Nothing was answered or expired yet.".to_owned(),
                    |(month, counts)| {
                        let [in_time, late, silent] = PARTS.map(|(_, _, of)| of(counts));
                        format!(
                            "In {month} {in_time} requests were answered in time, {late} late, and \
                         {silent} expired unanswered."
                        )
                    },
                ),
            up: ticks(&scale, most, step, |count| count.to_string()),
            across: scale.across(&months),
            bars,
            lines: Vec::new(),
            legend: PARTS
                .iter()
                .map(|(class, label, _)| (*class, *label))
                .collect(),
        }
    }
}

fn ticks(
    scale: &Scale,
    most: usize,
    step: usize,
    label: impl Fn(super::super::text::Number) -> String,
) -> Vec<Tick> {
    (0..=most.div_ceil(step).max(1))
        .map(|tick| tick * step)
        .map(|count| Tick {
            at: units(scale.y(real(count))),
            label: label(super::super::text::Number(count)),
        })
        .collect()
}

/// The unit in which so many minutes are drawn.
fn time_unit(most: u32) -> (&'static str, u32) {
    match most {
        0..=180 => ("min", 1),
        181..=4320 => ("h", 60),
        _ => ("days", 1440),
    }
}
