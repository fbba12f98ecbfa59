//! What the values of a list become: ranges, sorted texts, parts, expressions.

use memchr::memmem::Finder;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use super::{Skipped, Unusable};
use crate::address::Network;
use crate::{Observable, name};

/// Octets of compiled expressions, and of what a search of them may keep.
const EXPRESSIONS: usize = 8 << 20;
/// Characters of a part, below which it would be found in nearly everything.
const SHORTEST_PART: usize = 3;

/// Ranges of addresses, sorted, none touching another.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

impl Ranges {
    pub(super) fn new(values: &[&str], skipped: &mut Skipped) -> Self {
        let mut ranges = Self::default();
        for value in values {
            match Network::parse(value) {
                Ok(network @ Network::V4 { .. }) => ranges.v4.extend(range_v4(network)),
                Ok(network @ Network::V6 { .. }) => ranges.v6.extend(range_v6(network)),
                Err(refusal) => skipped.skip(value, refusal),
            }
        }
        ranges.v4 = merged(ranges.v4, |end| end.checked_add(1));
        ranges.v6 = merged(ranges.v6, |end| end.checked_add(1));
        ranges
    }

    /// Whether the whole of a network lies within.
    pub(super) fn hold(&self, network: Network) -> bool {
        match network {
            Network::V4 { .. } => range_v4(network).is_some_and(|range| within(&self.v4, range)),
            Network::V6 { .. } => range_v6(network).is_some_and(|range| within(&self.v6, range)),
        }
    }
}

fn range_v4(network: Network) -> Option<(u32, u32)> {
    let Network::V4 { address, prefix } = network else {
        return None;
    };
    let hosts = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
    Some((address, address | hosts))
}

fn range_v6(network: Network) -> Option<(u128, u128)> {
    let Network::V6 { address, prefix } = network else {
        return None;
    };
    let hosts = u128::MAX.checked_shr(prefix.into()).unwrap_or(0);
    Some((address, address | hosts))
}

/// Sorts ranges, and joins those that overlap or follow each other.
fn merged<N: Ord + Copy>(mut ranges: Vec<(N, N)>, after: fn(N) -> Option<N>) -> Vec<(N, N)> {
    ranges.sort_unstable();
    let mut merged: Vec<(N, N)> = Vec::new();
    for (low, high) in ranges {
        match merged.last_mut() {
            Some((_, end)) if after(*end).is_none_or(|next| low <= next) => *end = high.max(*end),
            _ => merged.push((low, high)),
        }
    }
    merged.shrink_to_fit();
    merged
}

fn within<N: Ord + Copy>(ranges: &[(N, N)], (low, high): (N, N)) -> bool {
    let after = ranges.partition_point(|(start, _)| *start <= low);
    let last = after.checked_sub(1).and_then(|at| ranges.get(at));
    last.is_some_and(|(_, end)| high <= *end)
}

/// Sorted texts, one after the other in one piece of memory: a million names take some 20 MB.
#[derive(Debug)]
pub(super) struct Texts {
    text: Box<str>,
    /// Where each ends.
    ends: Box<[u32]>,
}

impl Texts {
    /// Of host names.
    pub(super) fn names(values: &[&str], skipped: &mut Skipped) -> Self {
        let mut names = Vec::with_capacity(values.len());
        for value in values {
            let bare = value.strip_prefix("*.").unwrap_or(value);
            let bare = bare.strip_prefix('.').unwrap_or(bare);
            let bare = bare.strip_suffix('.').unwrap_or(bare);
            match name::canonical_seen(bare) {
                Some(name) => names.push(name),
                None => skipped.skip(value, "it is no host name"),
            }
        }
        Self::sorted(names)
    }

    /// Of values of any kind, each as an observable where it is one.
    pub(super) fn values(values: &[&str]) -> Self {
        let canonical = values.iter().map(|value| match Observable::guess(value) {
            Ok(observable) => observable.as_str().to_owned(),
            Err(_) => value.to_ascii_lowercase(),
        });
        Self::sorted(canonical.collect())
    }

    fn sorted(mut texts: Vec<String>) -> Self {
        texts.sort_unstable();
        texts.dedup();
        let mut text = String::with_capacity(texts.iter().map(String::len).sum());
        let mut ends = Vec::with_capacity(texts.len());
        for one in texts {
            text.push_str(&one);
            // The limits on a list keep this far below 2³².
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        Texts {
            text: text.into(),
            ends: ends.into(),
        }
    }

    fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = at
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .map_or(0, |end| *end as usize);
        self.text.get(start..end)
    }

    /// Whether a text is among them.
    pub(super) fn hold(&self, wanted: &str) -> bool {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle).map(|text| text.cmp(wanted)) {
                Some(std::cmp::Ordering::Less) => low = middle + 1,
                Some(std::cmp::Ordering::Greater) => high = middle,
                Some(std::cmp::Ordering::Equal) => return true,
                None => return false,
            }
        }
        false
    }

    /// Whether a name, or one above it, is among them.
    pub(super) fn hold_above(&self, name: &str) -> bool {
        let mut rest = Some(name);
        while let Some(name) = rest {
            if self.hold(name) {
                return true;
            }
            rest = name.split_once('.').map(|(_, above)| above);
        }
        false
    }
}

/// Parts in lower case.
pub(super) fn parts(values: &[&str], skipped: &mut Skipped) -> Vec<Finder<'static>> {
    let mut parts = Vec::with_capacity(values.len());
    for value in values {
        if value.chars().count() < SHORTEST_PART {
            let words = "a part of fewer than 3 characters would be found in nearly everything";
            skipped.skip(value, words);
        } else {
            parts.push(Finder::new(value.to_ascii_lowercase().as_bytes()).into_owned());
        }
    }
    parts
}

/// Expressions, searched for all at once in time linear to the text.
#[derive(Debug)]
pub(super) struct Patterns {
    regex: Regex,
}

impl Patterns {
    pub(super) fn new(values: &[&str], skipped: &mut Skipped) -> Result<Self, Unusable> {
        let config = syntax::Config::new().case_insensitive(true).utf8(true);
        let mut parsed = Vec::with_capacity(values.len());
        for value in values {
            match syntax::parse_with(bare(value), &config) {
                // What finds nothing finds it everywhere.
                Ok(hir) if hir.properties().minimum_len() == Some(0) => {
                    skipped.skip(value, "it is found in everything");
                }
                Ok(hir) => parsed.push(hir),
                Err(error) => {
                    let words = error.to_string();
                    skipped.skip(value, words.lines().last().unwrap_or_default().trim());
                }
            }
        }
        let limits = Regex::config()
            .nfa_size_limit(Some(EXPRESSIONS))
            .hybrid_cache_capacity(EXPRESSIONS);
        let regex = Regex::builder()
            .configure(limits)
            .build_many_from_hir(&parsed);
        Ok(Patterns {
            regex: regex.map_err(|error| Unusable::Expressions(error.to_string()))?,
        })
    }

    pub(super) fn find_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// An expression without the delimiters and flags that PHP, and so MISP, puts around it.
fn bare(value: &str) -> &str {
    let inner = value
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'));
    match inner {
        Some((expression, flags)) if flags.bytes().all(|flag| flag.is_ascii_lowercase()) => {
            expression
        }
        _ => value,
    }
}
