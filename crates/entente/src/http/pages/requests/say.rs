//! Words of requests on pages.

use super::super::text;
pub(crate) use crate::present::request::{defanged, past};

/// A word of a vocabulary with the name that people read.
pub(crate) struct Word {
    pub(crate) slug: &'static str,
    pub(crate) label: &'static str,
}

/// All words of a vocabulary.
macro_rules! all {
    ($name:ident, $from:ty) => {
        pub(crate) fn $name() -> Vec<Word> {
            let words = <$from>::ALL.iter();
            words
                .map(|word| Word {
                    slug: word.as_str(),
                    label: word.label(),
                })
                .collect()
        }
    };
}

all!(kinds, node::request::Kind);
all!(categories, node::request::Category);
all!(states, node::request::State);

/// The name that people read of a word in any of the vocabularies of requests.
pub(crate) fn label(slug: &str) -> &str {
    let all = kinds().into_iter().chain(categories()).chain(states());
    let mut all = all.filter(|word| word.slug == slug);
    all.next().map_or(slug, |word| word.label)
}

/// `2026-11-24 02:19 UTC`.
pub(crate) fn at(time: &str) -> String {
    format!("{} UTC", text::short_time(time))
}
