//! A corpus for races between scanners: proxy, DNS and endpoint lines, observables planted in many
//! written forms, traps, and the truth about both.

use super::background::Background;
use super::draw::Draw;
use super::forms;
use crate::{Observable, Relation};

/// What a corpus is made of.
#[derive(Debug, Clone, Copy)]
pub struct Corpus {
    /// Where all draws come from.
    pub seed: u64,
    /// How long it is at least.
    pub bytes: u64,
    /// How many observables are planted.
    pub planted: usize,
    /// How many values that only look like observables stand in it.
    pub traps: usize,
}

/// Something placed in a corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Where it begins, in bytes from the start of the corpus.
    pub offset: u64,
    /// Its line; the first is 1.
    pub line: u64,
    /// The position of its observable among those given.
    pub index: usize,
    /// As it was written.
    pub written: String,
    /// What a scan must say of it.
    pub truth: Truth,
}

/// What a scan must say of something placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// A hit with this relation begins in it.
    Planted {
        /// The name of the written form.
        form: &'static str,
        /// How the hit relates to the observable.
        relation: Relation,
    },
    /// No hit overlaps it.
    Trap,
}

impl Corpus {
    /// Writes the lines, without their ends, and returns what was placed in them, in order. The
    /// same corpus and observables give the same lines. Nothing is placed if there are no
    /// observables.
    pub fn write(&self, observables: &[Observable], on_line: &mut dyn FnMut(&str)) -> Vec<Placed> {
        let mut draw = Draw::new(self.seed ^ 0x636f_7270_7573);
        let mut background = Background::default();
        let mut placed = Vec::new();
        let mut text = String::new();
        let (mut line, mut offset) = (0, 0);
        let (mut planted, mut traps) = (self.planted, self.traps);
        let all = if observables.is_empty() {
            0
        } else {
            planted + traps
        };
        while offset < self.bytes || placed.len() < all {
            text.clear();
            line += 1;
            let due = self.bytes / (all as u64 + 1) * (placed.len() as u64 + 1);
            if placed.len() < all && offset >= due {
                let is_planted = draw.below(planted + traps) < planted;
                let index = draw.below(observables.len());
                let Some(observable) = observables.get(index) else {
                    break;
                };
                let (written, truth) = if is_planted {
                    planted -= 1;
                    let forms::Written {
                        form,
                        relation,
                        text,
                    } = forms::write(observable, &mut draw);
                    (text, Truth::Planted { form, relation })
                } else {
                    traps -= 1;
                    (forms::near_miss(observable, &mut draw), Truth::Trap)
                };
                background.security_line(&written, &mut draw, &mut text);
                placed.push(Placed {
                    offset: offset + text.find(&written).unwrap_or(0) as u64,
                    line,
                    index,
                    written,
                    truth,
                });
            } else {
                background.security_line("", &mut draw, &mut text);
            }
            on_line(&text);
            offset += text.len() as u64 + 1;
        }
        placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_placed_where_the_truth_says() {
        let values: Vec<_> = super::super::observables(7).take(500).collect();
        let corpus = Corpus {
            seed: 1,
            bytes: 300_000,
            planted: 193,
            traps: 48,
        };
        let mut log = String::new();
        let placed = corpus.write(&values, &mut |line| {
            log.push_str(line);
            log.push('\n');
        });
        assert!(log.len() >= 300_000 && log.len() < 310_000);
        let traps = placed.iter().filter(|placed| placed.truth == Truth::Trap);
        assert_eq!((placed.len(), traps.count()), (241, 48));
        for placed in placed {
            let start = usize::try_from(placed.offset).unwrap();
            assert!(log[start..].starts_with(&placed.written), "{placed:?}");
            let line = log[..start].matches('\n').count() as u64 + 1;
            assert_eq!(line, placed.line);
        }
        for part in ["\"process\"", " queries: ", "TCP_MISS/"] {
            assert!(log.contains(part), "{part}");
        }
    }
}
