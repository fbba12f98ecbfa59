//! The protected set: fingerprints of documents under a key.

use matching::text::{Grain, Key};

/// What a set is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How fine documents are winnowed.
    pub grain: Grain,
    /// A fingerprint of more documents than this is not counted: it is boilerplate.
    pub most: u32,
}

impl Default for Settings {
    /// k 25, w 26; what is in more than 3 documents is not counted.
    fn default() -> Self {
        Self {
            grain: Grain::PASSAGES,
            most: 3,
        }
    }
}

/// A document of a set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Document {
    /// Made of its name under the key: the same name gives the same number.
    pub id: u64,
    /// Made of the name of the file that it is in, or is, under the key.
    pub source: u64,
    /// Made of that file's content under the key: tells whether it has changed.
    pub content: u64,
    /// Its name, where the set keeps names.
    pub name: String,
    /// HMAC-SHA256 of the runs that were chosen, cut to 64 bits; sorted, each once, without those
    /// that an allowed text has.
    pub fingerprints: Vec<u64>,
}

impl Document {
    /// Its name, or its number where names are not kept.
    pub fn label(&self) -> String {
        if self.name.is_empty() {
            format!("{:016x}", self.id)
        } else {
            self.name.clone()
        }
    }
}

/// What a file is to a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It was not in the set.
    New,
    /// It was, with other content.
    Changed,
    /// It was there, the same.
    Same,
}

/// Documents that are protected, and what texts anybody may have.
///
/// What is in a set follows from the documents and allowed texts that were added, not from their
/// order or in how many runs they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    pub(super) settings: Settings,
    /// Tells keys apart, and tells nothing else of them.
    pub(super) check: u64,
    /// By id.
    pub(super) documents: Vec<Document>,
    /// Fingerprints of allowed texts, sorted.
    pub(super) allowed: Vec<u64>,
}

impl Protected {
    /// An empty set.
    pub fn new(settings: Settings, key: &Key) -> Self {
        Self {
            settings,
            check: check(key),
            documents: Vec::new(),
            allowed: Vec::new(),
        }
    }

    /// How it was made.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Whether this is the key that it was made with.
    pub fn is_under(&self, key: &Key) -> bool {
        self.check == check(key)
    }

    /// The number that a document of this name has.
    pub fn id(key: &Key, name: &str) -> u64 {
        key.derived("entente/secrets/name/v1").hash(&[name])
    }

    /// Its documents, by their ids.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Fingerprints of allowed texts.
    pub fn allowed(&self) -> usize {
        self.allowed.len()
    }

    /// What a file of this content would come to.
    pub fn knows(&self, source: u64, content: u64) -> Told {
        let mut of_source = self.documents.iter().filter(|one| one.source == source);
        match of_source.next() {
            None => Told::New,
            Some(one) if one.content == content => Told::Same,
            Some(_) => Told::Changed,
        }
    }

    /// Adds the documents of a file, in the place of those that were of it.
    pub fn put(&mut self, source: u64, documents: Vec<Document>) {
        self.documents.retain(|one| one.source != source);
        for mut document in documents {
            document.source = source;
            document.fingerprints.sort_unstable();
            document.fingerprints.dedup();
            let allowed = &self.allowed;
            document
                .fingerprints
                .retain(|one| allowed.binary_search(one).is_err());
            match self
                .documents
                .binary_search_by_key(&document.id, |one| one.id)
            {
                Err(at) => self.documents.insert(at, document),
                Ok(at) => {
                    if let Some(old) = self.documents.get_mut(at) {
                        *old = document;
                    }
                }
            }
        }
    }

    /// Leaves out the fingerprints of texts that anybody may have: forms, licences, published
    /// reports. Gives how many of them were not allowed before.
    pub fn allow(&mut self, fingerprints: &[u64]) -> usize {
        let before = self.allowed.len();
        let mut more = fingerprints.to_vec();
        more.sort_unstable();
        self.allowed.append(&mut more);
        // a stable sort merges the two runs that there are
        self.allowed.sort_unstable();
        self.allowed.dedup();
        let allowed = &self.allowed;
        for document in &mut self.documents {
            document
                .fingerprints
                .retain(|one| allowed.binary_search(one).is_err());
        }
        self.allowed.len() - before
    }
}

fn check(key: &Key) -> u64 {
    key.derived("entente/secrets/check/v1").hash(&["key"])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::secrets) fn key() -> Key {
        Key::new(b"sixteen octets..").unwrap()
    }

    pub(in crate::secrets) fn document(id: u64, fingerprints: &[u64]) -> Document {
        Document {
            id,
            source: id,
            content: 7,
            name: format!("d{id}"),
            fingerprints: fingerprints.to_vec(),
        }
    }

    #[test]
    fn a_set_follows_from_what_was_added_in_whatever_order() {
        let mut one = Protected::new(Settings::default(), &key());
        one.put(2, vec![document(2, &[5, 3, 3])]);
        one.put(1, vec![document(1, &[9, 4])]);
        one.allow(&[4, 8]);
        one.allow(&[5]);
        let mut other = Protected::new(Settings::default(), &key());
        other.allow(&[8, 5, 4]);
        other.put(1, vec![document(1, &[4, 9])]);
        other.put(2, vec![document(2, &[1]), document(3, &[1])]);
        assert_eq!(other.documents().len(), 3);
        other.put(2, vec![document(2, &[3, 5])]);
        assert_eq!(one, other);
        assert_eq!(one.documents()[1].fingerprints, [3]);
        assert_eq!(one.knows(2, 7), Told::Same);
        assert_eq!(one.knows(2, 8), Told::Changed);
        assert_eq!(one.knows(3, 8), Told::New);
    }

    #[test]
    fn a_set_tells_its_key_from_others() {
        let set = Protected::new(Settings::default(), &key());
        assert!(set.is_under(&key()));
        assert!(!set.is_under(&Key::new(b"another sixteen.").unwrap()));
    }
}
