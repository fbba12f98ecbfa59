//! Charts as SVG, drawn for a page: colours come from its style sheet.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::fmt::Write as _;

use detect::coordination::{Group, Sorted};

use super::graphml::escaped;
use super::print::shown;
use super::report::{PairPart, day};

/// Accounts that are drawn, and up to how many are named.
const DRAWN: usize = 80;
const NAMED: usize = 16;
/// Letters of a name in a drawing.
const LETTERS: usize = 18;

/// The pairs of a group, with the most objects that each shared in any layer and window.
fn ties(group: &Group) -> BTreeMap<(u32, u32), f64> {
    let mut ties: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for pair in &group.pairs {
        let weight = ties.entry((pair.one, pair.other)).or_default();
        *weight = weight.max(f64::from(pair.shared));
    }
    ties
}

/// The accounts of a group on a circle, those with the most ties first from the top; a line for each
/// pair.
pub(super) fn network(sorted: &Sorted, group: &Group) -> String {
    let ties = ties(group);
    let mut degrees: BTreeMap<u32, u32> = BTreeMap::new();
    for (one, other) in ties.keys() {
        *degrees.entry(*one).or_default() += 1;
        *degrees.entry(*other).or_default() += 1;
    }
    let mut accounts: Vec<(u32, u32)> = degrees.into_iter().collect();
    accounts.sort_by_key(|(account, degree)| (std::cmp::Reverse(*degree), *account));
    accounts.truncate(DRAWN);
    let around = accounts.len() as f64;
    let place = |at: usize| {
        let angle = at as f64 / around * TAU;
        (180.0 + 118.0 * angle.sin(), 180.0 - 118.0 * angle.cos())
    };
    let position = |account: u32| accounts.iter().position(|(known, _)| *known == account);
    let dense = (100.0 / ties.len() as f64).sqrt().clamp(0.25, 1.0);
    let most = ties.values().copied().fold(1.0, f64::max);
    let mut svg = String::from("<svg viewBox=\"0 0 360 360\" role=\"img\">");
    let label = format!(
        "{} accounts and {} ties between them",
        group.accounts.len(),
        ties.len()
    );
    let _ = write!(svg, "<title>{label}</title>");
    for ((one, other), weight) in &ties {
        let Some((one, other)) = position(*one).zip(position(*other)) else {
            continue;
        };
        let ((x1, y1), (x2, y2)) = (place(one), place(other));
        // a thousand lines are as dark as a hundred
        let width = (0.5 + 2.5 * weight / most) * dense;
        let _ = write!(
            svg,
            "<line class=\"tie\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" \
             stroke-width=\"{width:.2}\"/>"
        );
    }
    for (at, (account, degree)) in accounts.iter().enumerate() {
        let (x, y) = place(at);
        let name = shown(&sorted.account(*account));
        let radius = if accounts.len() > 40 { 3.0 } else { 5.0 };
        let _ = write!(
            svg,
            "<circle class=\"node\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"><title>{}, tied to \
             {degree}</title></circle>",
            escaped(&name)
        );
        if accounts.len() <= NAMED {
            name_beside(&mut svg, &name, (x, y));
        }
    }
    if accounts.len() > NAMED {
        let of = group.accounts.len();
        let words = if of > DRAWN {
            format!("the {DRAWN} of {of} accounts with the most ties")
        } else {
            format!("{of} accounts")
        };
        let _ = write!(
            svg,
            "<text class=\"small\" x=\"12\" y=\"350\">{words}</text>"
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A name outside of the circle.
fn name_beside(svg: &mut String, name: &str, (x, y): (f64, f64)) {
    let mut short: String = name.chars().take(LETTERS).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    let (anchor, dx) = match x - 180.0 {
        -20.0..20.0 => ("middle", 0.0),
        ..-20.0 => ("end", -8.0),
        _ => ("start", 8.0),
    };
    let dy = if anchor != "middle" {
        4.0
    } else if y < 180.0 {
        -10.0
    } else {
        20.0
    };
    // what would leave the picture is squeezed
    let room = if anchor == "middle" {
        200.0
    } else {
        180.0 - (x - 180.0).abs() - 12.0
    };
    let wide = short.chars().count() as f64 * 6.5;
    let fit = if wide > room {
        format!(" textLength=\"{room:.0}\" lengthAdjust=\"spacingAndGlyphs\"")
    } else {
        String::new()
    };
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\"{fit}>{}</text>",
        x + dx,
        y + dy,
        escaped(&short)
    );
}

/// When a group acted: a line for each moment, as high as accounts took part.
pub(super) fn timeline(group: &Group) -> String {
    let (first, last) = group.span().unwrap_or_default();
    let span = (last - first).max(1) as f64;
    let most = group
        .moments
        .iter()
        .map(|moment| moment.accounts.len())
        .max()
        .unwrap_or(1);
    let mut svg = String::from("<svg viewBox=\"0 0 480 150\" role=\"img\">");
    let _ = write!(
        svg,
        "<title>{} moments from {} to {}; at the largest {most} accounts took part</title>\
         <line class=\"axis\" x1=\"40\" y1=\"120\" x2=\"468\" y2=\"120\"/>\
         <text class=\"small\" x=\"8\" y=\"24\">{most}</text><text class=\"small\" x=\"8\" \
         y=\"124\">0</text>",
        group.moments.len(),
        day(first),
        day(last),
    );
    for moment in &group.moments {
        let x = 44.0 + 420.0 * (moment.start - first) as f64 / span;
        let y = 120.0 - 100.0 * moment.accounts.len() as f64 / most as f64;
        let _ = write!(
            svg,
            "<line class=\"mark\" x1=\"{x:.1}\" y1=\"120\" x2=\"{x:.1}\" y2=\"{y:.1}\"/>"
        );
    }
    let minute = |time: i64| day(time).chars().take(16).collect::<String>();
    let _ = write!(
        svg,
        "<text x=\"40\" y=\"142\">{}</text><text x=\"468\" y=\"142\" text-anchor=\"end\">{}</text>",
        minute(first),
        minute(last),
    );
    svg.push_str("</svg>");
    svg
}

/// How often the strongest pairs met, and how often each explanation has them meet.
pub(super) fn unlikely(pairs: &[PairPart]) -> String {
    let largest = |pair: &PairPart| {
        f64::from(pair.met)
            .max(pair.expected.0)
            .max(pair.expected.1)
    };
    let most = pairs.iter().map(largest).fold(1.0, f64::max);
    let height = 34 + 26 * pairs.len();
    let mut svg = format!("<svg viewBox=\"0 0 480 {height}\" role=\"img\">");
    let _ = write!(
        svg,
        "<title>Hours in which each of the strongest pairs met, by chance, and by taste</title>\
         <rect class=\"seen\" x=\"12\" y=\"10\" width=\"10\" height=\"10\"/><text x=\"27\" y=\"20\">hours \
         met</text><rect class=\"chance\" x=\"104\" y=\"10\" width=\"10\" height=\"10\"/><text x=\"119\" \
         y=\"20\">by chance</text><rect class=\"taste\" x=\"204\" y=\"10\" width=\"10\" \
         height=\"10\"/><text x=\"219\" y=\"20\">by a common taste</text>"
    );
    for (at, pair) in pairs.iter().enumerate() {
        let y = 34 + 26 * at;
        let bars = [
            ("seen", f64::from(pair.met), 10),
            ("chance", pair.expected.0, 4),
            ("taste", pair.expected.1, 4),
        ];
        let mut top = y;
        for (class, value, thick) in bars {
            let width = (420.0 * value / most).max(1.0);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"12\" y=\"{top}\" width=\"{width:.1}\" \
                 height=\"{thick}\"/>"
            );
            top += thick + 1;
        }
        let end = 12.0 + (420.0 * f64::from(pair.met) / most).max(1.0) + 6.0;
        let _ = write!(
            svg,
            "<text x=\"{end:.1}\" y=\"{}\">{}</text>",
            y + 10,
            pair.met
        );
    }
    svg.push_str("</svg>");
    svg
}
