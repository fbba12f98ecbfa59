//! What one caller sees of the signals that are hit, and whether they fire: asked once per signal.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use matching::Kind;
use redb::ReadTransaction;
use stix::Object;

use super::SignalFacts;
use crate::act::Error;
use crate::act::feedback::Listener;
use crate::act::read::{object_id, sees};
use crate::act::reason::Why;
use crate::decay;
use crate::directory::Directory;
use crate::model::Collection;
use crate::node::Node;
use crate::policy::{Caller, Viewer};
use crate::view::query::Rows;
use crate::view::row::Row;
use crate::view::signals::{self, Signal};

/// Signals remembered between hits; beyond, the memory starts anew.
const REMEMBERED: usize = 65_536;

/// What the caller sees of the signals, asked once per signal.
pub(super) struct Sight<'n> {
    node: &'n Node,
    directory: Arc<Directory>,
    viewer: Viewer,
    known: HashMap<u64, Option<Known>>,
}

/// A signal that the caller sees, and whether it fires.
pub(super) struct Known {
    pub(super) facts: Arc<SignalFacts>,
    /// Reasons that hold for all of its values.
    why: Vec<Why>,
    /// Since when it decays, if it does.
    decays_since: Option<i64>,
    /// By kind.
    scores: [u8; Kind::ALL.len()],
    /// The lists that hold a value of it, by the value.
    listed: HashMap<String, Vec<Why>>,
}

impl Known {
    pub(super) fn score(&self, kind: Kind) -> u8 {
        self.scores.get(kind as usize).copied().unwrap_or_default()
    }

    /// Why no hit of it fires, whatever the value.
    pub(super) fn why_none(&self) -> &[Why] {
        &self.why
    }

    /// Why a hit of one of its values does not fire.
    pub(super) fn why(&self, kind: Kind, value: &str) -> Vec<Why> {
        let mut why = self.why.clone();
        if self.score(kind) == 0
            && let (Some(since), Some(days)) = (self.decays_since, decay::lifetime(kind))
        {
            why.push(Why::Decayed { since, days });
        }
        if !self.listed.is_empty() {
            why.extend(self.listed.get(value).into_iter().flatten().cloned());
        }
        why
    }
}

impl<'n> Sight<'n> {
    pub(super) fn new(node: &'n Node, caller: &Caller) -> Result<Self, Error> {
        let viewer = node.viewer(caller);
        viewer.may_match()?;
        Ok(Sight {
            node,
            directory: node.directory(),
            viewer,
            known: HashMap::new(),
        })
    }

    /// The signal at a position, if the caller sees it and it is the newest version.
    pub(super) fn signal(&mut self, position: u64) -> Result<Option<&Known>, Error> {
        if self.known.len() >= REMEMBERED && !self.known.contains_key(&position) {
            self.known.clear();
        }
        if !self.known.contains_key(&position) {
            let signal = self.read(position)?;
            self.known.insert(position, signal);
        }
        Ok(self.known.get(&position).and_then(Option::as_ref))
    }

    fn read(&self, position: u64) -> Result<Option<Known>, Error> {
        let read = self.node.shared.store.read()?;
        let Some(said) = signals::get(&read, position)? else {
            return Ok(None);
        };
        let rows = Rows::open(&read)?;
        let Some(row) = rows.row(said.collection, said.added)? else {
            return Ok(None);
        };
        let Some(collection) = self.directory.collection_number(said.collection) else {
            return Ok(None);
        };
        let access = self.viewer.access(collection);
        let sees = |rows: &Rows, added: i64, row: &Row| {
            sees(&self.viewer, access, rows, said.collection, added, row)
        };
        if !sees(&rows, said.added, &row)?
            || !rows.is_last(said.collection, said.added, &row, &sees)?
        {
            return Ok(None);
        }
        let facts = Arc::new(self.facts(&rows, collection, &said, &row)?);
        let now = self.node.now().0;
        let mut why = Vec::new();
        if row.is_revoked() {
            why.push(Why::Revoked);
        }
        if let Some(start) = said.valid_from.filter(|start| *start > now) {
            why.push(Why::NotYetValid(start));
        }
        if let Some(end) = said.valid_until.filter(|end| *end <= now) {
            why.push(Why::Expired(end));
        }
        let decays_since = match said.valid_until {
            Some(_) => None,
            None => Some(self.last_word(&read, &said, &row)?),
        };
        let score =
            |kind| decays_since.map_or(decay::WHOLE, |since| decay::score(kind, now - since));
        Ok(Some(Known {
            facts,
            why,
            decays_since,
            scores: Kind::ALL.map(score),
            listed: self.listed(&said),
        }))
    }

    /// When a signal was added or, as far as the caller may know, last seen.
    fn last_word(&self, read: &ReadTransaction, said: &Signal, row: &Row) -> Result<i64, Error> {
        let codes = said.observables.iter().map(|(code, _)| *code);
        let mut kinds = codes.filter_map(|code| Kind::ALL.get(usize::from(code)));
        if !kinds.any(|kind| decay::lifetime(*kind).is_some()) {
            return Ok(said.added);
        }
        let listener = Listener::new(&self.viewer, &self.directory, read)?;
        let seen = listener.last_seen(row.key)?;
        Ok(seen.map_or(said.added, |seen| seen.0.max(said.added)))
    }

    /// The values of a signal that are on warning lists, and on which.
    fn listed(&self, said: &Signal) -> HashMap<String, Vec<Why>> {
        let lists = self.directory.warning_lists();
        let mut listed = HashMap::new();
        for (code, value) in &said.observables {
            let Some(kind) = Kind::ALL.get(usize::from(*code)) else {
                continue;
            };
            let holding = lists.holding(*kind, value);
            let why: Vec<Why> = holding
                .map(|list| Why::WarningList(list.name.clone()))
                .collect();
            if !why.is_empty() {
                listed.insert(value.clone(), why);
            }
        }
        listed
    }

    fn facts(
        &self,
        rows: &Rows,
        collection: &Collection,
        said: &Signal,
        row: &Row,
    ) -> Result<SignalFacts, Error> {
        let bytes = self.node.body(row)?;
        let object = Object::parse(&bytes).ok();
        let publisher = self.directory.party_id(row.publisher).unwrap_or_default();
        let party = self.directory.register().party(publisher);
        Ok(SignalFacts {
            id: object_id(rows, row.key)?,
            name: object.as_ref().and_then(Object::name).map(Cow::into_owned),
            collection: collection.alias.clone(),
            publisher: publisher.to_owned(),
            publisher_name: party.map_or(publisher, |party| &party.name).to_owned(),
            harm: row.harm().or(collection.harm),
            marking: row.marking,
            pap: row.pap(),
            labels: object
                .map(|object| object.labels().iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            added: said.added,
            version: row.version,
            valid_until: said.valid_until,
        })
    }
}
