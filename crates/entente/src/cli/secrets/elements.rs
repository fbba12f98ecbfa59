//! What is matched privately: values, or runs of letters of documents.

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
        for file in files {
            let mut sink = |event: Event<'_>| match event {
                Event::Begin { name, .. } => {
                    in_text.clear();
                    elements.texts.push(name.to_owned());
                }
                Event::Text(place, bytes) => {
                    last = place;
                    let mut add = |element: &str| {
                        elements.add(element, place, places.then_some(&mut in_text));
                    };
                    match &mut winnower {
                        Some(winnower) => {
                            winnower.feed(bytes, &mut |run| add(&letters(run)));
                        }
                        None => extract(bytes, &mut |found| {
                            let observable = &found.observable;
                            add(&format!("{}:{observable}", observable.kind()));
                        }),
                    }
                }
                Event::End => {
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

fn letters(run: &Selected<'_>) -> String {
    let mut letters = String::new();
    run.write_letters(&mut letters);
    letters
}
