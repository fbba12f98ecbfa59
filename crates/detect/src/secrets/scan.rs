//! Which protected documents a text holds passages of.

use std::collections::HashMap;

use matching::text::{Key, Selected, Winnower};

use super::index::Index;
use super::protected::Protected;

/// Bytes of text within which a document's fingerprints have to be found to be counted as one
/// finding: what is spread over megabytes is coincidence.
const REACH: u64 = 64 << 10;
/// Bytes between two shared fingerprints that still are one passage.
const GAP: u64 = 400;
/// Shared fingerprints of one text that are kept.
const MOST_HITS: usize = 1 << 20;
/// Passages of a match that are kept, the longest first.
const MOST_PASSAGES: usize = 100;

/// A shared fingerprint, and where it stands in the text.
#[derive(Debug, Clone, Copy)]
struct Hit<P> {
    hash: u64,
    start: u64,
    end: u64,
    place: P,
}

/// Scans texts, one after the other, as they stream by. `P` is what the caller says of a place: a
/// page, a line.
///
/// Memory is that of the fingerprints that are shared, at most 2²⁰ of a text.
#[derive(Debug)]
pub struct Scanner<'i, P> {
    index: &'i Index,
    key: &'i Key,
    minimum: u32,
    winnower: Winnower,
    letters: String,
    hits: Vec<Hit<P>>,
    selected: u64,
    left_out: u64,
}

/// A protected document of which a text holds passages.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<P> {
    /// Its place in [`Protected::documents`].
    pub document: usize,
    /// Different fingerprints that both have.
    pub shared: u32,
    /// Fingerprints of the document that are counted.
    pub of_document: u32,
    /// Fingerprints of the text.
    pub of_text: u64,
    /// Whether more was shared than is kept, so that `shared` is too low.
    pub is_cut: bool,
    /// Where in the text, in its order.
    pub passages: Vec<Passage<P>>,
    /// The shared fingerprints themselves, sorted.
    pub fingerprints: Vec<u64>,
}

/// A stretch of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage<P> {
    /// Its first byte.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
    /// Shared fingerprints that begin in it.
    pub shared: u32,
    /// What the caller said of its beginning.
    pub place: P,
}

/// How much of a document is in a text, from 0 to 1. The fingerprints are a sample of the document's
/// runs, so that the share has an interval: Wilson's at 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The least that is plausible.
    pub low: f64,
    /// What was counted.
    pub counted: f64,
    /// The most that is plausible.
    pub high: f64,
}

impl Share {
    /// The share that `part` of `whole` is.
    pub fn of(part: u32, whole: u32) -> Self {
        const Z: f64 = 1.959_964;
        let n = f64::from(whole.max(1));
        let p = (f64::from(part) / n).min(1.0);
        let middle = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        Self {
            low: ((middle - half) / scale).clamp(0.0, p),
            counted: p,
            high: ((middle + half) / scale).clamp(p, 1.0),
        }
    }
}

impl<P> Match<P> {
    /// How much of the document is in the text.
    pub fn share(&self) -> Share {
        Share::of(self.shared, self.of_document)
    }
}

impl<'i, P: Copy> Scanner<'i, P> {
    /// A scanner for texts that share at least `minimum` fingerprints with a document.
    pub fn new(set: &Protected, index: &'i Index, key: &'i Key, minimum: u32) -> Self {
        Self {
            index,
            key,
            minimum: minimum.max(1),
            winnower: Winnower::new(set.settings().grain),
            letters: String::new(),
            hits: Vec::new(),
            selected: 0,
            left_out: 0,
        }
    }

    /// Takes the next bytes of a text; `place` is asked for the place of a byte where a shared
    /// fingerprint begins.
    pub fn feed(&mut self, bytes: &[u8], place: &mut impl FnMut(u64) -> P) {
        let Self {
            index,
            key,
            winnower,
            letters,
            hits,
            selected,
            left_out,
            ..
        } = self;
        winnower.feed(bytes, &mut |chosen| {
            take(chosen, index, key, letters, selected, left_out, hits, place);
        });
    }

    /// Ends the text: its matches, those that share most first.
    pub fn finish(&mut self, place: &mut impl FnMut(u64) -> P) -> Vec<Match<P>> {
        let Self {
            index,
            key,
            winnower,
            letters,
            hits,
            selected,
            left_out,
            ..
        } = self;
        winnower.finish(&mut |chosen| {
            take(chosen, index, key, letters, selected, left_out, hits, place);
        });
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (at, hit) in (0_u32..).zip(&self.hits) {
            pairs.extend(self.index.get(hit.hash).iter().map(|one| (*one, at)));
        }
        pairs.sort_unstable();
        let mut matches = Vec::new();
        for of_one in pairs.chunk_by(|a, b| a.0 == b.0) {
            let hits = of_one
                .iter()
                .filter_map(|(_, at)| self.hits.get(*at as usize).copied());
            let hits: Vec<Hit<P>> = hits.collect();
            if let (Some((document, _)), true) = (of_one.first(), densest(&hits) >= self.minimum) {
                matches.push(self.told(*document, &hits));
            }
        }
        matches.sort_by_key(|one: &Match<P>| (u32::MAX - one.shared, one.document));
        self.hits.clear();
        (self.selected, self.left_out) = (0, 0);
        matches
    }

    /// Fingerprints of the text so far, and how many of them any document shares.
    pub fn counts(&self) -> (u64, u64) {
        (self.selected, self.hits.len() as u64 + self.left_out)
    }

    fn told(&self, document: u32, hits: &[Hit<P>]) -> Match<P> {
        let mut fingerprints: Vec<u64> = hits.iter().map(|hit| hit.hash).collect();
        fingerprints.sort_unstable();
        fingerprints.dedup();
        let mut passages: Vec<Passage<P>> = Vec::new();
        for hit in hits {
            match passages.last_mut() {
                Some(last) if hit.start <= last.end.saturating_add(GAP) => {
                    last.end = last.end.max(hit.end);
                    last.shared += 1;
                }
                _ => passages.push(Passage {
                    start: hit.start,
                    end: hit.end,
                    shared: 1,
                    place: hit.place,
                }),
            }
        }
        if passages.len() > MOST_PASSAGES {
            passages.sort_by_key(|one| (u32::MAX - one.shared, one.start));
            passages.truncate(MOST_PASSAGES);
            passages.sort_by_key(|one| one.start);
        }
        Match {
            document: document as usize,
            shared: u32::try_from(fingerprints.len()).unwrap_or(u32::MAX),
            of_document: self.index.counted(document),
            of_text: self.selected,
            is_cut: self.left_out > 0,
            passages,
            fingerprints,
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "the parts of a scanner, borrowed apart"
)]
fn take<P>(
    chosen: &Selected<'_>,
    index: &Index,
    key: &Key,
    letters: &mut String,
    selected: &mut u64,
    left_out: &mut u64,
    hits: &mut Vec<Hit<P>>,
    place: &mut impl FnMut(u64) -> P,
) {
    *selected += 1;
    letters.clear();
    chosen.write_letters(letters);
    let hash = key.hash(&[letters]);
    if index.get(hash).is_empty() {
        return;
    }
    if hits.len() >= MOST_HITS {
        *left_out += 1;
        return;
    }
    let (start, end) = (chosen.fingerprint.start, chosen.fingerprint.end);
    hits.push(Hit {
        hash,
        start,
        end,
        place: place(start),
    });
}

/// The most different fingerprints within [`REACH`].
fn densest<P>(hits: &[Hit<P>]) -> u32 {
    let mut within: HashMap<u64, u32> = HashMap::new();
    let mut oldest = hits.iter();
    let mut densest = 0;
    let mut first = oldest.next();
    for hit in hits {
        *within.entry(hit.hash).or_default() += 1;
        while let Some(gone) = first.filter(|one| one.start.saturating_add(REACH) < hit.start) {
            if let Some(count) = within.get_mut(&gone.hash) {
                *count -= 1;
                if *count == 0 {
                    within.remove(&gone.hash);
                }
            }
            first = oldest.next();
        }
        densest = densest.max(within.len());
    }
    u32::try_from(densest).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_an_interval_around_it() {
        let share = Share::of(3, 100);
        assert!((share.counted - 0.03).abs() < 1e-9);
        // Wilson's interval for 3 of 100 (Newcombe 1998, by formula)
        assert!((share.low - 0.0103).abs() < 1e-3 && (share.high - 0.0845).abs() < 1e-3);
        assert!(Share::of(0, 0).low < 1e-9);
        assert!(Share::of(10, 10).high <= 1.0 && Share::of(10, 10).low < 0.75);
    }

    #[test]
    fn what_is_spread_far_apart_is_counted_as_far_apart() {
        let hit = |hash, start| Hit {
            hash,
            start,
            end: start + 30,
            place: (),
        };
        let far = [hit(1, 0), hit(2, 100_000), hit(3, 200_000)];
        assert_eq!(densest(&far), 1);
        let near = [hit(1, 0), hit(1, 10), hit(2, 60_000), hit(3, 70_000)];
        assert_eq!(densest(&near), 2);
        assert_eq!(densest::<()>(&[]), 0);
    }
}
