//! Many paths walked at once: one walk over an observation gives the values of all of them.
//!
//! Paths are a tree by what they have in common, and the walk goes along the data and the tree
//! together, so that it costs what the data holds and not how many paths there are. It comes to an
//! object at one node of the tree once, whatever refers to it.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashSet};

use crate::json::{self, Shape};

use super::ast::{ObjectPath, Step};
use super::budget::Budget;
use super::evaluate::TooMuch;
use super::observation::{Observable, Observation, may_be_root};
use super::path::{OCTETS_A_STEP, Place, Value, arrive, each_item, value};

/// Steps of a path that is walked to its end; of a longer one the first of them are.
pub const LONGEST_PATH: usize = 24;

/// Which path; small numbers, which come again when a path is removed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathId(u32);

impl PathId {
    /// As a place in a list.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of paths. A path is there as often as it was inserted.
#[derive(Debug, Default)]
pub struct Paths {
    types: HashMap<String, PathId>,
    nodes: Vec<Node>,
    free: Vec<PathId>,
}

#[derive(Debug, Default)]
struct Node {
    keys: HashMap<String, PathId>,
    indexes: BTreeMap<usize, PathId>,
    every: Option<PathId>,
    /// None of a type.
    parent: Option<PathId>,
    /// How often a path was inserted that ends here, or goes through.
    through: u32,
    ending: u32,
}

/// What a walk needs besides; the same may be used for many.
#[derive(Debug, Default)]
pub struct WalkScratch {
    visited: HashSet<(PathId, usize)>,
}

/// A step of the tree.
enum Part<'p> {
    Key(&'p str),
    Index(usize),
    Every,
}

impl Paths {
    /// Inserts a path; none when no observable has its type. A path of more than [`LONGEST_PATH`]
    /// steps stands for all that begin as it does.
    pub fn insert(&mut self, path: &ObjectPath<'_>) -> Option<PathId> {
        let mut at = self.insert_root(&path.object_type)?;
        self.count(at);
        for part in parts(path) {
            at = match self.child(at, &part) {
                Some(child) => child,
                None => self.grow(at, &part),
            };
            self.count(at);
        }
        self.end(at);
        Some(at)
    }

    /// Inserts the type of an object, as a path without steps.
    pub fn insert_type(&mut self, object_type: &str) -> Option<PathId> {
        let at = self.insert_root(object_type)?;
        self.count(at);
        self.end(at);
        Some(at)
    }

    /// The path's number, when it is there.
    pub fn find(&self, path: &ObjectPath<'_>) -> Option<PathId> {
        let root = self.types.get(path.object_type.as_ref()).copied()?;
        parts(path).try_fold(root, |at, part| self.child(at, &part))
    }

    /// Removes a path once.
    pub fn remove(&mut self, path: PathId) {
        if let Some(node) = self.nodes.get_mut(path.index()) {
            node.ending = node.ending.saturating_sub(1);
        }
        let mut next = Some(path);
        while let Some(at) = next {
            let Some(node) = self.nodes.get_mut(at.index()) else {
                return;
            };
            node.through = node.through.saturating_sub(1);
            next = node.parent;
            if node.through == 0 {
                *node = Node::default();
                self.free.push(at);
                self.detach(next, at);
            }
        }
    }

    fn insert_root(&mut self, object_type: &str) -> Option<PathId> {
        if let Some(root) = self.types.get(object_type) {
            return Some(*root);
        }
        if !may_be_root(object_type) {
            return None;
        }
        let root = self.fresh();
        self.types.insert(object_type.to_owned(), root);
        Some(root)
    }

    fn detach(&mut self, parent: Option<PathId>, gone: PathId) {
        let parent = parent.and_then(|parent| self.nodes.get_mut(parent.index()));
        let Some(parent) = parent else {
            return self.types.retain(|_, root| *root != gone);
        };
        parent.keys.retain(|_, child| *child != gone);
        parent.indexes.retain(|_, child| *child != gone);
        parent.every = parent.every.filter(|child| *child != gone);
    }

    fn child(&self, at: PathId, part: &Part<'_>) -> Option<PathId> {
        let node = self.nodes.get(at.index())?;
        match part {
            Part::Key(key) => node.keys.get(*key).copied(),
            Part::Index(index) => node.indexes.get(index).copied(),
            Part::Every => node.every,
        }
    }

    fn grow(&mut self, at: PathId, part: &Part<'_>) -> PathId {
        let child = self.fresh();
        if let Some(node) = self.nodes.get_mut(child.index()) {
            node.parent = Some(at);
        }
        if let Some(node) = self.nodes.get_mut(at.index()) {
            match part {
                Part::Key(key) => drop(node.keys.insert((*key).to_owned(), child)),
                Part::Index(index) => drop(node.indexes.insert(*index, child)),
                Part::Every => node.every = Some(child),
            }
        }
        child
    }

    fn fresh(&mut self) -> PathId {
        self.free.pop().unwrap_or_else(|| {
            // a tree of more nodes would not fit into memory
            let id = PathId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
            self.nodes.push(Node::default());
            id
        })
    }

    fn count(&mut self, at: PathId) {
        if let Some(node) = self.nodes.get_mut(at.index()) {
            node.through += 1;
        }
    }

    fn end(&mut self, at: PathId) {
        if let Some(node) = self.nodes.get_mut(at.index()) {
            node.ending += 1;
        }
    }

    /// Hands over every value that some path selects from an observation, with the path; an object
    /// by itself, at its type, is [`Value::Other`]. Some may come more than once.
    ///
    /// # Errors
    /// [`TooMuch::Work`] when the budget is spent; not all was handed over.
    pub fn walk<'a>(
        &self,
        observation: &Observation<'a>,
        scratch: &mut WalkScratch,
        budget: &mut Budget,
        each: &mut dyn FnMut(PathId, &Value<'_>),
    ) -> Result<(), TooMuch> {
        scratch.visited.clear();
        let mut walk = Walk {
            paths: self,
            observation,
            visited: &mut scratch.visited,
            budget,
            each,
        };
        for object in observation.objects() {
            if let Some(root) = self.types.get(object.type_name())
                && let Some(node) = self.nodes.get(root.index())
            {
                walk.budget.spend(1)?;
                if node.ending > 0 {
                    (walk.each)(*root, &Value::Other);
                }
                walk.members(node, object)?;
            }
        }
        Ok(())
    }
}

fn parts<'p>(path: &'p ObjectPath<'_>) -> impl Iterator<Item = Part<'p>> {
    let rest = path.steps.iter().map(|step| match step {
        Step::Key(key) => Part::Key(key),
        Step::Index(index) => Part::Index(usize::try_from(*index).unwrap_or(usize::MAX)),
        Step::Every => Part::Every,
    });
    std::iter::once(Part::Key(&path.property))
        .chain(rest)
        .take(LONGEST_PATH)
}

struct Walk<'w, 'a> {
    paths: &'w Paths,
    observation: &'w Observation<'a>,
    visited: &'w mut HashSet<(PathId, usize)>,
    budget: &'w mut Budget,
    each: &'w mut dyn FnMut(PathId, &Value<'_>),
}

impl<'a> Walk<'_, 'a> {
    fn members(&mut self, node: &Node, object: &Observable<'a>) -> Result<(), TooMuch> {
        for (name, raw) in object.members() {
            if let Some(child) = node.keys.get(name) {
                self.arrive(*child, name, raw)?;
            }
        }
        Ok(())
    }

    fn arrive(&mut self, at: PathId, key: &str, raw: &'a str) -> Result<(), TooMuch> {
        self.budget.spend(1 + raw.len() / OCTETS_A_STEP)?;
        match arrive(self.observation, key, raw) {
            Some(place) => self.descend(at, place),
            None => Ok(()),
        }
    }

    fn descend(&mut self, at: PathId, place: Place<'a>) -> Result<(), TooMuch> {
        let Some(node) = self.paths.nodes.get(at.index()) else {
            return Ok(());
        };
        if let Place::Object(object) = place
            && !self.visited.insert((at, object))
        {
            return Ok(());
        }
        match &place {
            Place::Json(raw) => self.json(node, raw)?,
            Place::Object(object) => {
                if let Some(object) = self.observation.object(*object) {
                    self.members(node, object)?;
                }
            }
            Place::Objects(objects) => self.objects(node, objects)?,
            Place::Octets(_) => {}
        }
        if node.ending > 0 {
            (self.each)(at, &value(place));
        }
        Ok(())
    }

    fn objects(&mut self, node: &Node, objects: &[usize]) -> Result<(), TooMuch> {
        self.budget.spend(objects.len())?;
        for (index, child) in &node.indexes {
            if let Some(object) = objects.get(*index) {
                self.descend(*child, Place::Object(*object))?;
            }
        }
        if let Some(child) = node.every {
            for object in objects {
                self.descend(child, Place::Object(*object))?;
            }
        }
        Ok(())
    }

    fn json(&mut self, node: &Node, raw: &'a str) -> Result<(), TooMuch> {
        let mut outcome = Ok(());
        match Shape::of(raw) {
            Shape::Object if !node.keys.is_empty() => {
                // what was split before is well-formed
                let _ = json::each_member(raw, |name, value| {
                    if outcome.is_ok()
                        && let Some(child) = node.keys.get(name.as_ref())
                    {
                        outcome = self.arrive(*child, &name, value);
                    }
                });
            }
            Shape::List if node.every.is_some() || !node.indexes.is_empty() => {
                let mut position = 0;
                each_item(raw, |item| {
                    let children = [node.every, node.indexes.get(&position).copied()];
                    for child in children.into_iter().flatten() {
                        if outcome.is_ok() {
                            outcome = self
                                .budget
                                .spend(1 + item.len() / OCTETS_A_STEP)
                                .and_then(|()| self.descend(child, Place::Json(item)));
                        }
                    }
                    position += 1;
                });
            }
            _ => {}
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Test, observations, parse};

    fn path(text: &str) -> ObjectPath<'static> {
        let source = format!("[EXISTS {text}]");
        let pattern = parse(&source).unwrap();
        let Test { path, .. } = pattern.atoms()[0].clone();
        ObjectPath {
            object_type: path.object_type.into_owned().into(),
            property: path.property.into_owned().into(),
            steps: path
                .steps
                .into_iter()
                .map(|step| match step {
                    Step::Key(key) => Step::Key(key.into_owned().into()),
                    Step::Index(index) => Step::Index(index),
                    Step::Every => Step::Every,
                })
                .collect(),
        }
    }

    fn values(paths: &Paths) -> Vec<(usize, String)> {
        let objects = [
            br#"{"type":"x-a","id":"x-a--1","n":1,"l":[1,[2,"x"]],"d":{"k":{"z":true}},
              "o_ref":"x-a--2","o_refs":["x-a--2","x-a--1"]}"#
                .as_slice(),
            br#"{"type":"x-a","id":"x-a--2","n":"two","o_ref":"x-a--1"}"#,
            br#"{"type":"observed-data","id":"o","number_observed":1,"object_refs":["x-a--1","x-a--2"],
              "first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z"}"#,
        ];
        let seen = observations(objects).remove(0).unwrap();
        let mut found = Vec::new();
        let (mut scratch, mut budget) = (WalkScratch::default(), Budget::new(1000));
        let mut each = |path: PathId, value: &Value<'_>| {
            found.push((path.index(), format!("{value:?}")));
        };
        paths
            .walk(&seen, &mut scratch, &mut budget, &mut each)
            .unwrap();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn a_walk_gives_what_each_path_selects() {
        let texts = [
            "x-a:n",
            "x-a:l[1][1]",
            "x-a:l[*]",
            "x-a:d.k.z",
            "x-a:o_ref.n",
            "x-a:o_refs[*].o_ref.n",
            "x-a:o_refs[1].n",
            "x-b:n",
        ];
        let mut paths = Paths::default();
        let ids: Vec<usize> = texts
            .iter()
            .map(|text| paths.insert(&path(text)).unwrap().index())
            .collect();
        let found = values(&paths);
        let of = |at: usize| -> Vec<&str> {
            let mine = found.iter().filter(|(id, _)| *id == ids[at]);
            mine.map(|(_, value)| value.as_str()).collect()
        };
        assert_eq!(of(0), [r#"Number("1")"#, r#"Text("two")"#]);
        assert_eq!(of(1), [r#"Text("x")"#]);
        assert_eq!(of(2), [r#"Number("1")"#, "Other"]);
        assert_eq!(of(3), ["Boolean(true)"]);
        assert_eq!(of(4), [r#"Number("1")"#, r#"Text("two")"#]);
        assert_eq!(of(5), [r#"Number("1")"#, r#"Text("two")"#]);
        assert_eq!(of(6), [r#"Number("1")"#]);
        assert!(of(7).is_empty());
        assert_eq!(paths.insert(&path("identity:name")), None);
    }

    #[test]
    fn what_is_removed_leaves_nothing() {
        let texts = ["x-a:n", "x-a:l[*]", "x-a:l[1][1]", "x-a:d.k.z", "x-a:n"];
        let mut paths = Paths::default();
        let ids = texts.map(|text| paths.insert(&path(text)).unwrap());
        let root = paths.insert_type("x-a").unwrap();
        for id in &ids[1..] {
            paths.remove(*id);
        }
        // the name of two objects, the objects themselves
        assert_eq!(values(&paths).len(), 3);
        paths.remove(ids[0]);
        paths.remove(root);
        assert!(paths.types.is_empty());
        assert_eq!(paths.free.len(), paths.nodes.len());
    }
}
