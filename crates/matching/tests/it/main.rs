//! The room's tests from outside, a contents page:

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod edge; // an edge file = the index; whatever is changed in it is found out
mod forms; // every written form of every kind is found, where it stands
mod hatecheck; // known posts in other spellings (needs ENTENTE_TESTDATA)
mod laws; // an index = each signal alone; a scan = the slow and obvious reading
mod logs; // lines of common log formats as observations
mod million; // a million generated lines: all found, none invented
mod patterns; // an index of patterns = each pattern alone, at once and as a stream
mod pdq; // perceptual hashes: any search = comparing one by one; what images bear
mod streams; // lines, columns, offsets; chunks and lines of any length
mod texts; // texts that were seen before: what winnowing promises, indexes = each pair
mod traps; // what looks like a published value and is another
mod values; // published values: what is taken, and why others are refused
mod warnings; // what warning lists hold and what they do not

use matching::{Index, Observable, Scratch, scan};

/// An index of values of any kind; each value's signal is its position.
fn index_of(values: &[&str]) -> Index {
    let mut index = Index::new();
    for (signal, value) in values.iter().enumerate() {
        let observable = Observable::guess(value).unwrap_or_else(|why| panic!("{value}: {why}"));
        assert!(index.insert(&observable, signal as u64), "{value} twice");
    }
    index
}

/// Every hit as `relation value @ text`, in order.
fn hits(index: &Index, text: impl AsRef<[u8]>) -> Vec<String> {
    let text = text.as_ref();
    let mut found = Vec::new();
    scan(index, text, &mut Scratch::default(), &mut |hit| {
        let seen = String::from_utf8_lossy(&text[hit.start..hit.end]);
        found.push(format!("{} {} @ {seen}", hit.relation, hit.value));
    });
    found
}
