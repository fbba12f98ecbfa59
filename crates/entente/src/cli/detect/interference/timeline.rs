//! A timeline as SVG: colours come from the page's style sheet.

use std::fmt::Write as _;

use detect::interference::Series;
use detect::interference::change::{Hour, Hours};

use super::print::hour;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 150.0;
const LEFT: f64 = 34.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 26.0;
/// Bars at most; more hours than that are put together.
const BARS: i64 = 240;
/// Rows of the table at most.
const ROWS: i64 = 60;
/// From this median on a bar stands for blocked.
const HIGH: f64 = 0.5;

/// A row of the table.
pub(super) struct Line {
    pub(super) from: String,
    pub(super) hours: usize,
    pub(super) count: u64,
    pub(super) median: String,
}

/// Hours put together.
struct Bin {
    from: i64,
    hours: usize,
    count: u64,
    /// The mean of the hours' medians.
    level: f64,
}

fn bins(hours: &Hours, most: i64) -> (Vec<Bin>, i64, i64) {
    let first = hours.keys().next().copied().unwrap_or(0);
    let last = hours.keys().next_back().copied().unwrap_or(first);
    let width = (last.saturating_sub(first) / most).saturating_add(1);
    let mut bins: Vec<Bin> = Vec::new();
    for (at, values) in hours {
        let from = first + (at - first) / width * width;
        if bins.last().is_none_or(|bin| bin.from != from) {
            bins.push(Bin {
                from,
                hours: 0,
                count: 0,
                level: 0.0,
            });
        }
        if let Some(bin) = bins.last_mut() {
            bin.add(values);
        }
    }
    (bins, width, last - first + 1)
}

impl Bin {
    #[expect(clippy::cast_precision_loss, reason = "hours of a bar")]
    fn add(&mut self, values: &Hour) {
        self.hours += 1;
        self.count += values.count();
        self.level += (values.median() - self.level) / self.hours as f64;
    }
}

/// The rows of the table beside a timeline.
pub(super) fn lines(hours: &Hours) -> Vec<Line> {
    let (bins, ..) = bins(hours, ROWS);
    let lines = bins.into_iter().map(|bin| Line {
        from: hour(bin.from),
        hours: bin.hours,
        count: bin.count,
        median: format!("{:.2}", bin.level),
    });
    lines.collect()
}

/// The timeline of a series, with a mark where it changed.
#[expect(clippy::cast_precision_loss, reason = "hours of a chart")]
pub(super) fn svg(series: &Series<'_>) -> String {
    let (bins, width, span) = bins(series.hours, BARS);
    let first = bins.first().map_or(0, |bin| bin.from);
    let hours = (span + width).max(1) as f64;
    let x = |at: i64| LEFT + (at - first) as f64 / hours * (WIDTH - LEFT - 8.0);
    let floor = HEIGHT - BOTTOM;
    let y = |level: f64| floor - level * (floor - TOP);
    let bar = ((WIDTH - LEFT - 8.0) / hours * width as f64).max(1.0);
    let mut svg = String::new();
    // writing to a String does not fail
    let _ = write!(
        svg,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\"><title>Median share of blocked by the \
         hour</title>"
    );
    for (level, label) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
        let y = y(level);
        let _ = write!(
            svg,
            "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"small\" x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
    for bin in &bins {
        let top = y(bin.level.max(0.012));
        let class = if bin.level >= HIGH { "bar high" } else { "bar" };
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{:.2}\" y=\"{top:.1}\" width=\"{bar:.2}\" \
             height=\"{:.1}\"><title>{}: {:.2}, {} measurements</title></rect>",
            x(bin.from),
            floor - top,
            hour(bin.from),
            bin.level,
            bin.count
        );
    }
    for change in &series.changes {
        let x = x(change.since);
        let _ = write!(
            svg,
            "<line class=\"turn\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{floor}\"/>\
             <text x=\"{:.1}\" y=\"12\" text-anchor=\"{}\">{}</text>",
            if x > WIDTH / 2.0 { x - 4.0 } else { x + 4.0 },
            if x > WIDTH / 2.0 { "end" } else { "start" },
            change.turn.word()
        );
    }
    let last = first + span - 1;
    let _ = write!(
        svg,
        "<text class=\"small\" x=\"{LEFT}\" y=\"{0:.0}\">{1}</text><text class=\"small\" x=\"{2:.0}\" \
         y=\"{0:.0}\" text-anchor=\"end\">{3}</text></svg>",
        HEIGHT - 8.0,
        hour(first),
        WIDTH - 8.0,
        hour(last)
    );
    svg
}
