//! Where a URL in running text ends.
//!
//! Text does not say: a comma may belong to the URL or to the sentence. So there are several
//! readings, the longest first; the longest that is published wins.

use crate::reader::authority::is_embedded;
use crate::reader::{Place, UrlSeen};
use crate::url;

/// How many places inside a URL are tried as its end.
const MOST_CUTS: usize = 8;
/// Readings up to this length are free; longer ones are paid for.
const SHORT: usize = 256;

/// How many bytes of long URLs may still be read in a token. A token made of nothing but URLs, each
/// of which goes on to its end, would else take time in the square of its length.
#[derive(Debug, Default)]
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn for_token(len: usize) -> Self {
        Self(64 * len + 16 * 1024)
    }

    /// Whether a reading of this length may be tried.
    pub(crate) fn pays(&mut self, len: usize) -> bool {
        let left = if len > SHORT {
            self.0.checked_sub(len)
        } else {
            Some(self.0)
        };
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// The ends that a URL may have, the longest reading first.
#[derive(Debug)]
pub(crate) struct Ends {
    cuts: [usize; MOST_CUTS],
    count: usize,
    /// The end that a reader would see; None for a URL that is too long.
    likely: Option<usize>,
}

impl Ends {
    pub(crate) fn of(place: &Place<'_>, seen: &UrlSeen<'_>, budget: &mut Budget) -> Self {
        let rest = place.text.get(seen.tail..seen.end).unwrap_or_default();
        let longest = if budget.pays(rest.len().min(url::LONGEST)) {
            url::LONGEST
        } else {
            SHORT
        };
        let tail = rest.get(..longest).unwrap_or(rest);
        let mut ends = Self {
            cuts: [0; MOST_CUTS],
            count: 0,
            likely: None,
        };
        if !matches!(tail.first(), Some(b'/' | b'?' | b'#')) {
            ends.likely = Some(seen.tail);
            ends.push(seen.tail);
            return ends;
        }
        let embedded = is_embedded(place, seen.start);
        let (mut round, mut square) = (0_u32, 0_u32);
        let mut end = (tail.len() == rest.len()).then_some(tail.len());
        let mut likely = None;
        for (offset, byte) in tail.iter().enumerate() {
            let closes = match byte {
                b'|' | b'\\' | b'^' | b'{' | b'}' | b'\'' => {
                    end = Some(offset);
                    break;
                }
                b'(' => {
                    round += 1;
                    false
                }
                b'[' => {
                    square += 1;
                    false
                }
                b')' => close(&mut round),
                b']' => close(&mut square),
                b'&' => embedded,
                b',' | b';' => {
                    ends.push(seen.tail + offset);
                    false
                }
                _ => false,
            };
            if closes {
                likely = likely.or(Some(offset));
                ends.push(seen.tail + offset);
            }
        }
        let likely = likely.or(end).map(|offset| seen.tail + offset);
        ends.likely = likely.map(|end| trimmed(place.text, seen.tail, end));
        if let Some(end) = end {
            ends.push(seen.tail + end);
        }
        ends
    }

    fn push(&mut self, end: usize) {
        // When there are too many, the last one makes way: the whole URL must be among them.
        let slot = self.count.min(MOST_CUTS - 1);
        if let Some(cut) = self.cuts.get_mut(slot) {
            *cut = end;
            self.count = slot + 1;
        }
    }

    /// The end that a reader would see; None for a URL that is too long.
    pub(crate) fn likely(&self) -> Option<usize> {
        self.likely
    }

    /// All ends, the longest reading first; each also without the punctuation before it.
    pub(crate) fn all(&self, place: &Place<'_>, tail: usize) -> impl Iterator<Item = usize> {
        let cuts = self.cuts.get(..self.count).unwrap_or_default();
        let text = place.text;
        cuts.iter().rev().flat_map(move |&cut| {
            let bare = trimmed(text, tail, cut);
            std::iter::once(cut).chain((bare < cut).then_some(bare))
        })
    }
}

/// Counts a bracket as closed; true if none was open.
fn close(open: &mut u32) -> bool {
    let unbalanced = *open == 0;
    *open = open.saturating_sub(1);
    unbalanced
}

/// Takes punctuation that ends sentences, not URLs, off.
fn trimmed(text: &[u8], tail: usize, mut end: usize) -> usize {
    while end > tail
        && text
            .get(end - 1)
            .is_some_and(|byte| b".,;:!?*~".contains(byte))
    {
        end -= 1;
    }
    end
}
