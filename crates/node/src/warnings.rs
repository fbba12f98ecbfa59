//! The warning lists that are in use: those that come with the program, and those that were loaded.

use std::collections::BTreeMap;
use std::sync::Arc;

use matching::warning::{BUILT_IN, BuiltIn, List, Skipped, Unusable, kinds_of_attribute};
use matching::{Kind, Observable};

use crate::model::{WarningKind, WarningList};

/// A list in use.
#[derive(Debug)]
pub struct KnownList {
    /// Its name, unique.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its version, as whoever made it counts.
    pub version: u64,
    /// How its values are compared.
    pub kind: WarningKind,
    /// The types of attribute that it is about, as MISP names them; empty means all.
    pub attributes: Vec<String>,
    /// How many values it holds.
    pub values: usize,
    /// Whether it came with the program.
    pub built_in: bool,
    list: List,
}

/// All lists in use, compiled. Cheap to clone: nothing is compiled anew.
#[derive(Clone, Debug)]
pub struct WarningLists {
    lists: BTreeMap<String, Arc<KnownList>>,
}

impl Default for WarningLists {
    /// Those that come with the program.
    fn default() -> Self {
        let built_in = BUILT_IN.iter().filter_map(|built_in| {
            let mut known = KnownList::compile(&of_built_in(built_in)).ok()?.0;
            known.built_in = true;
            Some((known.name.clone(), Arc::new(known)))
        });
        WarningLists {
            lists: built_in.collect(),
        }
    }
}

impl KnownList {
    /// Compiles a list.
    ///
    /// # Errors
    /// [`Unusable`]; single values that cannot be used are told beside the list.
    pub(crate) fn compile(list: &WarningList) -> Result<(Self, Skipped), Unusable> {
        let kinds = kinds(&list.attributes)?;
        let (compiled, skipped) = List::compile(list.kind.into(), &kinds, &list.values)?;
        let known = KnownList {
            name: list.name.clone(),
            description: list.description.clone(),
            version: list.version,
            kind: list.kind,
            attributes: list.attributes.clone(),
            values: list.values.len() - skipped.values,
            built_in: false,
            list: compiled,
        };
        Ok((known, skipped))
    }
}

/// The kinds that a list is about; none for all.
fn kinds(attributes: &[String]) -> Result<Vec<Kind>, Unusable> {
    let kinds: Vec<Kind> = attributes
        .iter()
        .flat_map(|attribute| kinds_of_attribute(attribute).iter().copied())
        .collect();
    if kinds.is_empty() && !attributes.is_empty() {
        let words = format!(
            "it is about {} alone, and no signal that is matched is about that",
            attributes.join(", ")
        );
        return Err(Unusable::Nothing(words));
    }
    Ok(kinds)
}

/// A list that comes with the program, as one that can be loaded.
pub(crate) fn of_built_in(built_in: &BuiltIn) -> WarningList {
    let attributes = built_in.kinds.iter().map(|kind| match kind {
        Kind::Ipv4 | Kind::Ipv6 => "ip-dst",
        Kind::Url => "url",
        _ => "domain",
    });
    let mut attributes: Vec<String> = attributes.map(str::to_owned).collect();
    attributes.dedup();
    WarningList {
        name: built_in.name.into(),
        description: built_in.description.into(),
        version: 1,
        kind: built_in.comparison.into(),
        attributes,
        values: built_in.values(),
    }
}

impl WarningLists {
    /// Takes a list into use, in place of the one of its name. One that today's rules refuse was
    /// taken by older ones, and is left out.
    pub(crate) fn set(&mut self, list: &WarningList) {
        self.lists.remove(&list.name);
        if let Ok((known, _)) = KnownList::compile(list) {
            self.lists.insert(known.name.clone(), Arc::new(known));
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.lists.remove(name);
    }

    /// A list by its name.
    pub fn get(&self, name: &str) -> Option<&Arc<KnownList>> {
        self.lists.get(name)
    }

    /// All lists, by name.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Arc<KnownList>> {
        self.lists.values()
    }

    /// The lists that hold a value in canonical form, by name.
    pub fn holding(&self, kind: Kind, canonical: &str) -> impl Iterator<Item = &Arc<KnownList>> {
        self.all()
            .filter(move |known| known.list.holds(kind, canonical))
    }

    /// The lists that hold an observable, by name.
    pub fn holding_observable(
        &self,
        observable: &Observable,
    ) -> impl Iterator<Item = &Arc<KnownList>> {
        self.holding(observable.kind(), observable.as_str())
    }
}
