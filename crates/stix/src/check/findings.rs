//! Where a check stands, and what it found.

use std::fmt::Write as _;

use crate::json::Malformed;
use crate::reason::Reason;

/// Reasons are kept up to this many, so that a hostile object cannot make a long answer.
const MOST: usize = 50;

/// The reasons found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Reason>);

impl Findings {
    pub(crate) fn add(
        &mut self,
        place: &Place<'_>,
        message: impl Into<String>,
        section: &'static str,
    ) {
        self.push(place, message.into(), Some(section));
    }

    /// JSON that a walk could not read.
    pub(crate) fn json(&mut self, place: &Place<'_>, error: &serde_json::Error) {
        self.push(place, error.to_string(), None);
    }

    /// What is wrong with the bytes themselves.
    pub(crate) fn malformed(&mut self, error: &Malformed) {
        self.push(&Place::Root, error.to_string(), None);
    }

    pub(crate) fn push(
        &mut self,
        place: &Place<'_>,
        message: String,
        section: Option<&'static str>,
    ) {
        self.add_for(None, place, message, section);
    }

    /// A recommendation that is not followed, by the name of its check.
    pub(crate) fn add_for(
        &mut self,
        check: Option<&'static str>,
        place: &Place<'_>,
        message: String,
        section: Option<&'static str>,
    ) {
        self.keep_with(|| Reason {
            pointer: place.pointer(),
            message,
            section,
            check,
        });
    }

    /// A reason that was found elsewhere.
    pub(crate) fn keep(&mut self, reason: Reason) {
        self.keep_with(|| reason);
    }

    fn keep_with(&mut self, reason: impl FnOnce() -> Reason) {
        if self.0.len() < MOST {
            self.0.push(reason());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        self.0
    }
}

/// A place in an object: nothing is allocated until a reason is written.
#[derive(Debug)]
pub(crate) enum Place<'p> {
    Root,
    Key(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
}

impl<'p> Place<'p> {
    pub(crate) fn key(&'p self, key: &'p str) -> Place<'p> {
        Place::Key(self, key)
    }

    pub(crate) fn index(&'p self, index: usize) -> Place<'p> {
        Place::Index(self, index)
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write(&mut pointer);
        pointer
    }

    fn write(&self, pointer: &mut String) {
        match self {
            Place::Root => {}
            Place::Key(parent, key) => {
                parent.write(pointer);
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Place::Index(parent, index) => {
                parent.write(pointer);
                // writing to a String does not fail
                let _ = write!(pointer, "/{index}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_escape_as_rfc_6901_says() {
        let root = Place::Root;
        let list = root.key("a/b~c");
        assert_eq!(list.index(3).key("d").pointer(), "/a~1b~0c/3/d");
        assert_eq!(root.pointer(), "");
    }
}
