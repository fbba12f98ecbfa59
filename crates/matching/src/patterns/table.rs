//! Which expressions wait for which atoms.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

use hashbrown::HashTable;
use stix::pattern::{Canonical, Network, PathId, Paths, Value, folded};

use super::cover::{Ask, Draft, Place};
use super::grams::{Grams, Sizes};

/// An atom in the table, as it is removed again.
#[derive(Debug)]
pub(super) enum Atom {
    Present(PathId),
    /// With the hash of path and value; whether the value is an instant.
    Equal(PathId, u64, bool),
    Within(PathId, Network),
    Around(PathId, Network),
    Literal(PathId, Box<str>),
}

impl Atom {
    const fn path(&self) -> PathId {
        match self {
            Atom::Present(path)
            | Atom::Equal(path, ..)
            | Atom::Within(path, _)
            | Atom::Around(path, _)
            | Atom::Literal(path, _) => *path,
        }
    }

    pub(super) const fn is_broad(&self) -> bool {
        matches!(self, Atom::Present(_))
    }
}

#[derive(Debug, Default)]
pub(super) struct Table {
    gates: Vec<Gate>,
    /// By the hash of path and value, or of path and range.
    keys: HashTable<(u64, Waiting)>,
    around: BTreeMap<Range, Vec<u32>>,
    grams: Grams,
    hasher: hashbrown::DefaultHashBuilder,
}

/// What is asked of the values of a path, so that nothing is looked for in vain.
#[derive(Debug, Default)]
struct Gate {
    present: Vec<u32>,
    equal: u32,
    instants: u32,
    /// How many ranges have each length of prefix, by family.
    within: [BTreeMap<u32, u32>; 2],
    around: u32,
    literals: Sizes,
}

/// Expressions that wait; nearly always one.
#[derive(Debug)]
enum Waiting {
    One(u32),
    Many(Vec<u32>),
}

/// A range of a path: family, first address, length of the prefix.
type Range = (PathId, bool, u128, u32);

impl Table {
    /// Makes an expression wait for an atom; none when no observable can have it.
    pub(super) fn insert(
        &mut self,
        paths: &mut Paths,
        draft: Draft<'_>,
        expression: u32,
    ) -> Option<Atom> {
        let path = match draft.place {
            Place::Path(path) => paths.insert(path)?,
            Place::Type(object_type) => paths.insert_type(object_type)?,
        };
        if self.gates.len() <= path.index() {
            self.gates.resize_with(path.index() + 1, Gate::default);
        }
        // what was just made is there
        let gate = self.gates.get_mut(path.index())?;
        let atom = match draft.ask {
            Ask::Present => {
                gate.present.push(expression);
                Atom::Present(path)
            }
            Ask::Equal(value) => {
                let is_instant = matches!(value, Canonical::Timestamp(_));
                let count = gate.count(is_instant);
                *count += 1;
                let hash = self.hasher.hash_one((path, &value));
                self.wait(hash, expression);
                Atom::Equal(path, hash, is_instant)
            }
            Ask::Within(range) => {
                *gate.lengths(range).entry(range.prefix()).or_default() += 1;
                let hash = self.range_hash(path, range, range.prefix());
                self.wait(hash, expression);
                Atom::Within(path, range)
            }
            Ask::Around(range) => {
                gate.around += 1;
                let waiting = self.around.entry(span(path, range)).or_default();
                waiting.push(expression);
                Atom::Around(path, range)
            }
            Ask::Literal(text) => {
                self.grams
                    .insert(path, &mut gate.literals, &text, expression);
                Atom::Literal(path, text.into())
            }
        };
        Some(atom)
    }

    /// Makes an expression wait no more.
    pub(super) fn remove(&mut self, paths: &mut Paths, atom: &Atom, expression: u32) {
        let path = atom.path();
        paths.remove(path);
        let Some(gate) = self.gates.get_mut(path.index()) else {
            return;
        };
        match atom {
            Atom::Present(_) => take_out(&mut gate.present, expression),
            Atom::Equal(_, hash, is_instant) => {
                *gate.count(*is_instant) -= 1;
                self.wait_no_more(*hash, expression);
            }
            Atom::Within(_, range) => {
                let lengths = gate.lengths(*range);
                if let Some(count) = lengths.get_mut(&range.prefix()) {
                    *count -= 1;
                    if *count == 0 {
                        lengths.remove(&range.prefix());
                    }
                }
                let hash = self.range_hash(path, *range, range.prefix());
                self.wait_no_more(hash, expression);
            }
            Atom::Around(_, range) => {
                gate.around -= 1;
                let span = span(path, *range);
                if let Some(waiting) = self.around.get_mut(&span) {
                    take_out(waiting, expression);
                    if waiting.is_empty() {
                        self.around.remove(&span);
                    }
                }
            }
            Atom::Literal(_, text) => {
                self.grams
                    .remove(path, &mut gate.literals, text, expression);
            }
        }
    }

    /// How many expressions wait for the same.
    pub(super) fn waiting(&self, path: PathId, ask: &Ask) -> usize {
        let Some(gate) = self.gates.get(path.index()) else {
            return 0;
        };
        match ask {
            Ask::Present => gate.present.len(),
            Ask::Equal(value) => self.at(self.hasher.hash_one((path, value))).len(),
            Ask::Within(range) => self.at(self.range_hash(path, *range, range.prefix())).len(),
            Ask::Around(range) => self.around.get(&span(path, *range)).map_or(0, Vec::len),
            Ask::Literal(text) => self.grams.waiting(path, text),
        }
    }

    /// The expressions that a value of a path may make hold; some may come more than once.
    pub(super) fn find(&self, path: PathId, value: &Value<'_>, each: &mut dyn FnMut(u32)) {
        let Some(gate) = self.gates.get(path.index()) else {
            return;
        };
        hand_over(&gate.present, each);
        if gate.equal > 0
            && let Some(value) = value.canonical()
        {
            hand_over(self.at(self.hasher.hash_one((path, &value))), each);
        }
        if gate.instants > 0
            && let Some(instant) = value.instant()
        {
            hand_over(self.at(self.hasher.hash_one((path, &instant))), each);
        }
        let Value::Text(text) = value else {
            return;
        };
        if gate.asks_for_ranges()
            && let Some(range) = Network::read(text)
        {
            self.find_ranges(path, gate, range, each);
        }
        if gate.literals != Sizes::default() {
            let text = folded(text);
            self.grams.find(path, &gate.literals, text.as_bytes(), each);
        }
    }

    fn find_ranges(&self, path: PathId, gate: &Gate, range: Network, each: &mut dyn FnMut(u32)) {
        let [v4, v6] = &gate.within;
        let lengths = if range.is_ipv4() { v4 } else { v6 };
        for (prefix, _) in lengths.range(..=range.prefix()) {
            hand_over(self.at(self.range_hash(path, range, *prefix)), each);
        }
        if gate.around > 0 {
            let (.., first, _) = span(path, range);
            let free = range.width() - range.prefix();
            let past = 1_u128.checked_shl(free).map_or(u128::MAX, |size| size - 1);
            let from = (path, range.is_ipv4(), first, 0);
            let to = (path, range.is_ipv4(), first | past, u32::MAX);
            for (_, waiting) in self.around.range(from..=to) {
                hand_over(waiting, each);
            }
        }
    }

    fn at(&self, hash: u64) -> &[u32] {
        let found = self.keys.find(hash, |entry| entry.0 == hash);
        found.map_or(&[], |entry| match &entry.1 {
            Waiting::One(one) => std::slice::from_ref(one),
            Waiting::Many(many) => many,
        })
    }

    fn wait(&mut self, hash: u64, expression: u32) {
        let entry = self
            .keys
            .entry(hash, |entry| entry.0 == hash, |entry| entry.0);
        match entry {
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                vacant.insert((hash, Waiting::One(expression)));
            }
            hashbrown::hash_table::Entry::Occupied(mut occupied) => {
                match &mut occupied.get_mut().1 {
                    Waiting::Many(many) => many.push(expression),
                    one @ Waiting::One(_) => {
                        if let Waiting::One(first) = *one {
                            *one = Waiting::Many(vec![first, expression]);
                        }
                    }
                }
            }
        }
    }

    fn wait_no_more(&mut self, hash: u64, expression: u32) {
        let Ok(mut entry) = self.keys.find_entry(hash, |entry| entry.0 == hash) else {
            return;
        };
        let is_empty = match &mut entry.get_mut().1 {
            Waiting::One(one) => *one == expression,
            Waiting::Many(many) => {
                take_out(many, expression);
                many.is_empty()
            }
        };
        if is_empty {
            entry.remove();
        }
    }

    fn range_hash(&self, path: PathId, range: Network, prefix: u32) -> u64 {
        let leading = range.leading(prefix);
        self.hasher
            .hash_one((path, range.is_ipv4(), prefix, leading))
    }
}

impl Gate {
    const fn count(&mut self, is_instant: bool) -> &mut u32 {
        if is_instant {
            &mut self.instants
        } else {
            &mut self.equal
        }
    }

    const fn lengths(&mut self, range: Network) -> &mut BTreeMap<u32, u32> {
        let [v4, v6] = &mut self.within;
        if range.is_ipv4() { v4 } else { v6 }
    }

    fn asks_for_ranges(&self) -> bool {
        self.around > 0 || self.within.iter().any(|lengths| !lengths.is_empty())
    }
}

fn span(path: PathId, range: Network) -> Range {
    let leading = range.leading(range.prefix());
    let free = range.width() - range.prefix();
    let first = leading.checked_shl(free).unwrap_or(0);
    (path, range.is_ipv4(), first, range.prefix())
}

fn hand_over(waiting: &[u32], each: &mut dyn FnMut(u32)) {
    for expression in waiting {
        each(*expression);
    }
}

fn take_out(waiting: &mut Vec<u32>, expression: u32) {
    if let Some(at) = waiting.iter().position(|one| *one == expression) {
        waiting.swap_remove(at);
    }
}
