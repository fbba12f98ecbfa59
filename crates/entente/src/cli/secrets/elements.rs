//! What is matched privately: values, or runs of letters of documents.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use indicatif::ProgressBar;
use matching::extract;
use matching::oprf::Content;
use matching::text::{Selected, Winnower};

use super::walk::Found;
use crate::cli::output::{plain, tell};
use crate::document::{Event, Limits, Place, read_file, read_stream};

/// Different elements of one command at most: their names are held in memory.
const MOST: usize = 20_000_000;

/// Different elements, and where they were seen.
#[derive(Default)]
pub(super) struct Elements {
    pub(super) all: Vec<String>,
    numbers: HashMap<String, usize>,
    /// Names of texts.
    pub(super) texts: Vec<String>,
    /// Each pair of text and element once.
    pub(super) seen: Vec<Seen>,
    /// Elements that were left out since there are too many.
    pub(super) left_out: u64,
    pub(super) unread: u64,
}

/// An element in a text.
#[derive(Copy, Clone, Debug)]
pub(super) struct Seen {
    pub(super) text: usize,
    pub(super) element: usize,
    /// The first time.
    pub(super) place: Place,
}

impl Elements {
    /// The elements of files; where they were seen, when `places` asks for it.
    pub(super) fn read(files: &[Found], content: Content, places: bool, bar: &ProgressBar) -> Self {
        let mut elements = Elements::default();
        let mut winnower = match content {
            Content::Values => None,
            Content::Passages(grain) => Some(Winnower::new(grain)),
        };
        let mut in_text = HashSet::new();
        let mut last = Place::Header;
        let mut whole = Whole::default();
        for file in files {
            let mut sink = |event: Event<'_>| match event {
                Event::Begin { name, .. } => {
                    in_text.clear();
                    elements.texts.push(name.to_owned());
                }
                Event::Text(place, bytes) => {
                    last = place;
                    let bytes = &*whole.take(bytes, winnower.is_none());
                    match &mut winnower {
                        Some(winnower) => winnower.feed(bytes, &mut |run| {
                            elements.add(&letters(run), place, places.then_some(&mut in_text));
                        }),
                        None => elements.values(bytes, place, places.then_some(&mut in_text)),
                    }
                }
                Event::End => {
                    if winnower.is_none() {
                        let rest = whole.rest();
                        elements.values(&rest, last, places.then_some(&mut in_text));
                    }
                    if let Some(winnower) = &mut winnower {
                        winnower.finish(&mut |run| {
                            elements.add(&letters(run), last, places.then_some(&mut in_text));
                        });
                    }
                }
                Event::Unread { name, why } => {
                    elements.unread += 1;
                    bar.suspend(|| tell(&format!("{}: {}", plain(name), plain(why))));
                }
            };
            if file.path.as_os_str() == "-" {
                read_stream("stdin", &mut std::io::stdin(), Limits::default(), &mut sink);
            } else {
                read_file(&file.path, Limits::default(), &mut sink);
            }
            bar.inc(file.size);
        }
        elements
    }

    /// Adds the observables in a text.
    fn values(&mut self, text: &[u8], place: Place, mut in_text: Option<&mut HashSet<usize>>) {
        extract(text, &mut |found| {
            let observable = &found.observable;
            let element = format!("{}:{observable}", observable.kind());
            self.add(&element, place, in_text.as_deref_mut());
        });
    }

    fn add(&mut self, element: &str, place: Place, in_text: Option<&mut HashSet<usize>>) {
        let number = match self.numbers.get(element) {
            Some(number) => *number,
            None if self.all.len() >= MOST => {
                self.left_out += 1;
                return;
            }
            None => {
                let number = self.all.len();
                self.all.push(element.to_owned());
                self.numbers.insert(element.to_owned(), number);
                number
            }
        };
        if in_text.is_some_and(|in_text| in_text.insert(number)) {
            self.seen.push(Seen {
                text: self.texts.len().saturating_sub(1),
                element: number,
                place,
            });
        }
    }
}

/// Text up to its last white space: pieces of a document may break off within a word.
#[derive(Default)]
struct Whole {
    held: Vec<u8>,
}

impl Whole {
    /// What can be read on its own of all that has come; all of `bytes` where words do not matter.
    fn take<'b>(&mut self, bytes: &'b [u8], by_words: bool) -> Cow<'b, [u8]> {
        /// Octets of a word that is cut all the same.
        const LONGEST: usize = 64 << 10;
        if !by_words || (self.held.is_empty() && bytes.ends_with(b"\n")) {
            return Cow::Borrowed(bytes);
        }
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(bytes);
        let end = all.iter().rposition(u8::is_ascii_whitespace);
        let end = end.map_or(0, |at| at + 1);
        if all.len() - end <= LONGEST {
            self.held = all.split_off(end);
        }
        Cow::Owned(all)
    }

    /// What is left at a document's end.
    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

fn letters(run: &Selected<'_>) -> String {
    let mut letters = String::new();
    run.write_letters(&mut letters);
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_whole_however_a_text_is_cut() {
        let text = b"one two\nthree four.example five";
        for size in 1..text.len() {
            let mut whole = Whole::default();
            let mut pieces: Vec<Vec<u8>> = Vec::new();
            for piece in text.chunks(size) {
                pieces.push(whole.take(piece, true).into_owned());
            }
            pieces.push(whole.rest());
            assert_eq!(pieces.concat(), text);
            let words = |bytes: &[u8]| {
                let words = bytes
                    .split(u8::is_ascii_whitespace)
                    .filter(|word| !word.is_empty());
                words.map(<[u8]>::to_vec).collect::<Vec<_>>()
            };
            let read: Vec<Vec<u8>> = pieces.iter().flat_map(|piece| words(piece)).collect();
            assert_eq!(read, words(text), "pieces of {size}");
        }
    }
}
