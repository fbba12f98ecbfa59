//! Generated signals and logs, the same for the same seed: for demonstrations, tests and benches.
//!
//! Everything is fictional: names under the top-level names of RFC 2606, addresses from the ranges
//! of RFC 5737, RFC 2544 and RFC 3849. The logs' own hosts and clients (`*.corp.example`, RFC 1918)
//! are never among the signals.

mod background;
mod corpus;
mod draw;
mod forms;
mod posts;

use crate::{Kind, Observable, Relation};
use background::Background;
pub use corpus::{Corpus, Placed, Truth};
pub use draw::Draw;

pub use posts::{disguised, edited, posts, wrapped};

/// An observable in a generated log: the truth that a scan must find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// Its position among the observables given.
    pub index: usize,
    /// The line that it is in; the first is 1.
    pub line: u64,
    /// The name of the written form.
    pub form: &'static str,
    /// As it was written.
    pub written: String,
    /// How a hit relates to it.
    pub relation: Relation,
}

/// Different observables of all kinds without end, none of which lies under another.
pub fn observables(seed: u64) -> impl Iterator<Item = Observable> {
    let mut draw = Draw::new(seed);
    (0_u64..).filter_map(move |number| {
        let (kind, value) = forms::fresh(&mut draw, number);
        Observable::parse(kind, &value).ok()
    })
}

/// The names of the forms that observables of a kind are written in.
pub fn forms(kind: Kind) -> impl Iterator<Item = &'static str> {
    forms::of(kind).iter().map(|form| form.name)
}

/// Writes a log of `lines` lines (web access, DNS, mail, proxy in JSON, syslog; without line ends)
/// that holds each of `observables` once, each in a line of its own, in a written form that the
/// seed draws; the rest are ordinary lines and lines with near misses. Returns where they are, in
/// the order of the lines. Observables beyond the number of lines are left out.
pub fn write_log(
    seed: u64,
    lines: u64,
    observables: &[Observable],
    on_line: &mut dyn FnMut(&str),
) -> Vec<Planted> {
    let mut draw = Draw::new(seed ^ 0x6c6f_6773);
    let mut background = Background::default();
    let count = lines.min(observables.len() as u64);
    let mut planted: Vec<Planted> = Vec::new();
    let mut text = String::new();
    let mut next = count
        .checked_sub(1)
        .map(|_| place(0, count, lines, &mut draw));
    for line in 0..lines {
        text.clear();
        let index = planted.len();
        match (next == Some(line))
            .then(|| observables.get(index))
            .flatten()
        {
            Some(observable) => {
                let written = forms::write(observable, &mut draw);
                background.line_with(&written.text, &mut draw, &mut text);
                let (form, relation) = (written.form, written.relation);
                planted.push(Planted {
                    index,
                    line: line + 1,
                    form,
                    written: written.text,
                    relation,
                });
                let index = index as u64 + 1;
                next = (index < count).then(|| place(index, count, lines, &mut draw));
            }
            None => match observables.get(draw.below(observables.len() * 40 + 1)) {
                Some(observable) => {
                    let near = forms::near_miss(observable, &mut draw);
                    background.line_with(&near, &mut draw, &mut text);
                }
                None => background.line(&mut draw, &mut text),
            },
        }
        on_line(&text);
    }
    planted
}

/// The line of the observable at `index`: one stretch of the log holds one of them.
fn place(index: u64, count: u64, lines: u64, draw: &mut Draw) -> u64 {
    let stretch = lines / count;
    index * stretch + draw.below(usize::try_from(stretch).unwrap_or(usize::MAX)) as u64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_log() {
        let values: Vec<_> = observables(7).take(50).collect();
        assert_eq!(values, observables(7).take(50).collect::<Vec<_>>());
        let log = |seed| {
            let mut lines = Vec::new();
            let planted = write_log(seed, 200, &values, &mut |line| lines.push(line.to_owned()));
            (lines, planted)
        };
        assert_eq!(log(1), log(1));
        assert_ne!(log(1).0, log(2).0);
        let (lines, planted) = log(3);
        assert_eq!(planted.len(), 50);
        for planted in planted {
            let line = &lines[usize::try_from(planted.line).unwrap() - 1];
            assert!(line.contains(&planted.written), "{planted:?} {line}");
        }
    }

    #[test]
    fn observables_are_different_and_of_all_kinds() {
        let values: Vec<_> = observables(1).take(5000).collect();
        assert_eq!(values.iter().collect::<HashSet<_>>().len(), 5000);
        for kind in Kind::ALL {
            assert!(values.iter().any(|value| value.kind() == kind), "{kind}");
            assert!(forms(kind).count() >= 5, "{kind}");
        }
    }
}
