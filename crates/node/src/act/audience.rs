//! "Who can see this, and why?", before publishing and afterwards, and "who fetched it?": for those
//! who publish it.

use std::collections::BTreeMap;

use bytes::Bytes;
use stix::Object;

use crate::act::Error;
use crate::act::read::{SeenCollection, sees};
use crate::directory::Directory;
use crate::facts::Facts;
use crate::fetches::{ANYONE, Fetched};
use crate::model::{Collection, Marking};
use crate::node::Node;
use crate::pledge::Stance;
use crate::policy::{Audience, Caller, Denial, Grant, Member, Refusal, Viewer};
use crate::view::query::Rows;
use crate::view::row::Row;
use crate::view::{circles_of, object_key};

/// Who can see an object in a collection.
#[derive(Clone, Debug)]
pub struct Report {
    /// The collection's alias.
    pub collection: String,
    /// The most restrictive marking of the whole or of a part.
    pub marking: Marking,
    /// The circles that confine it: the collection's and the object's own.
    pub circles: Vec<String>,
    /// The parties that publish it.
    pub publishers: Vec<String>,
    /// What those without an account see.
    pub anyone: Result<Grant, Denial>,
    /// What a party sees by its stance alone, once it has an account.
    pub stances: Vec<(Stance, usize, Result<Grant, Denial>)>,
    /// What the parties with an account that may read see, by id; the most that one of the party's
    /// tokens lets it.
    pub parties: Vec<(String, Result<Grant, Denial>)>,
}

/// Who fetched an object.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// The party's id; none for callers without an account, counted together.
    pub party: Option<String>,
    /// When it did first, in microseconds since 1970.
    pub first: i64,
    /// When it did last.
    pub last: i64,
    /// How often.
    pub times: u64,
}

/// An object of a publisher, in one collection.
struct Published {
    collection: SeenCollection,
    rows: Vec<(i64, Row, Vec<u32>)>,
}

impl Node {
    /// Who can see the newest version of an object, in each collection in which the caller publishes
    /// it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller sees no such object, [`Error::Refused`] when others publish
    /// it.
    pub fn audience(&self, caller: &Caller, id: &str) -> Result<Vec<Report>, Error> {
        let directory = self.directory();
        let mut reports = Vec::new();
        for Published { collection, rows } in self.published(caller, id)? {
            let Some((_, row, also)) = rows.last() else {
                continue;
            };
            let mut publishers = vec![row.publisher];
            publishers.extend(also);
            let settings = &collection.settings;
            reports.push(self.report(&directory, settings, row.audience(), &publishers));
        }
        Ok(reports)
    }

    /// Who could see an object if the caller published it into a collection now.
    ///
    /// # Errors
    /// As for publishing, and [`Error::Invalid`] for an object that would be refused.
    pub fn preview(
        &self,
        caller: &Caller,
        collection: &str,
        object: &Bytes,
    ) -> Result<Report, Error> {
        self.may_publish(caller, collection)?;
        let directory = self.directory();
        let (_, settings) = directory
            .collection(collection)
            .ok_or(Error::NotFound("collection"))?;
        let parsed = Object::parse(object).map_err(|reasons| {
            let words: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            Error::Invalid(words.join("; "))
        })?;
        let facts = Facts::of(&parsed, settings.default_marking);
        let viewer = self.viewer(caller);
        let circle = crate::batch::confinement(&facts, &directory, &viewer)
            .map_err(|reason| Error::Invalid(reason.into()))
            .map(|()| circles_of(&facts, &directory).next().unwrap_or(0))?;
        let publisher = viewer.party().unwrap_or(ANYONE);
        let audience = Audience {
            marking: facts.marking,
            publisher,
            circle,
        };
        Ok(self.report(&directory, settings, audience, &[publisher]))
    }

    /// Who fetched any version of an object that the caller publishes, in any collection.
    ///
    /// # Errors
    /// As [`Node::audience`].
    pub fn fetched(&self, caller: &Caller, id: &str) -> Result<Vec<Fetch>, Error> {
        let directory = self.directory();
        let own = self.viewer(caller).party();
        let mut found: BTreeMap<u32, Fetched> = BTreeMap::new();
        for Published { collection, rows } in self.published(caller, id)? {
            let since = rows.iter().map(|(added, _, _)| *added).min().unwrap_or(0);
            let positions: Vec<u64> = rows.iter().map(|(_, row, _)| row.position).collect();
            let ledger = &self.shared.fetches;
            for fetched in ledger.of(collection.number, &positions, since)? {
                let known = found.entry(fetched.party).or_insert(Fetched {
                    times: 0,
                    ..fetched
                });
                known.first = known.first.min(fetched.first);
                known.last = known.last.max(fetched.last);
                known.times += fetched.times;
            }
        }
        let others = found.into_values().filter(|one| Some(one.party) != own);
        let told = others.map(|one| Fetch {
            party: directory.party_id(one.party).map(str::to_owned),
            first: one.first,
            last: one.last,
            times: one.times,
        });
        Ok(told.collect())
    }

    /// The versions of an object that the caller publishes, by collection, oldest first.
    fn published(&self, caller: &Caller, id: &str) -> Result<Vec<Published>, Error> {
        let key = object_key(id).ok_or(Error::NotFound("object"))?;
        let viewer = self.viewer(caller);
        let rows = Rows::open(&self.shared.store.read()?)?;
        let (mut published, mut seen) = (Vec::new(), false);
        for collection in self.collections(caller) {
            let (number, access) = (collection.number, collection.access);
            let mut ours = Vec::new();
            for version in rows.versions(key, number)? {
                let (added, row) = (version.added, version.row);
                if !sees(&viewer, access, &rows, number, added, &row)? {
                    continue;
                }
                seen = true;
                let mine = version.also.iter().any(|p| Some(*p) == viewer.party());
                if mine || viewer.owns(row.publisher).is_ok() {
                    ours.push((added, row, version.also));
                }
            }
            if !ours.is_empty() {
                published.push(Published {
                    collection,
                    rows: ours,
                });
            }
        }
        match (published.is_empty(), seen) {
            (false, _) => Ok(published),
            (true, true) => Err(Refusal::NotTheCreator.into()),
            (true, false) => Err(Error::NotFound("object")),
        }
    }

    fn report(
        &self,
        directory: &Directory,
        settings: &Collection,
        audience: Audience,
        publishers: &[u32],
    ) -> Report {
        let now = self.now();
        let own = directory.circle_number(audience.circle);
        let circles = settings
            .circle
            .iter()
            .cloned()
            .chain(own.map(|circle| circle.id.clone()));
        let verdict = |caller: &Caller| {
            let viewer = Viewer::new(directory, caller, now);
            // Who publishes it too sees it as a publisher does.
            let shared = viewer
                .party()
                .is_some_and(|party| publishers.contains(&party));
            let seen = viewer.verdict(viewer.access(settings), audience);
            seen.or_else(|denial| match denial {
                Denial::Collection => Err(denial),
                _ if shared => Ok(Grant::Publisher),
                _ => Err(denial),
            })
        };
        let counts = directory.register().counts(now.day());
        let stances = Stance::ALL.iter().map(|stance| {
            let viewer = Viewer::of_stance(directory, *stance);
            let sees = viewer.verdict(viewer.access(settings), audience);
            (*stance, counts.of(*stance).total(), sees)
        });
        let mut parties: BTreeMap<String, Result<Grant, Denial>> = BTreeMap::new();
        for issued in directory.tokens() {
            let token = &issued.token;
            let ended = token.expires.is_some_and(|end| end <= now);
            if ended || issued.revoked.is_some() || !token.scopes.read {
                continue;
            }
            let seen = verdict(&Caller::Member(Member {
                token: token.id.clone(),
                party: token.party.clone(),
                account: token.account.clone(),
                scopes: token.scopes,
                collections: token.collections.clone(),
            }));
            let known = parties.entry(token.party.clone()).or_insert(seen);
            if known.is_err() {
                *known = seen;
            }
        }
        Report {
            collection: settings.alias.clone(),
            marking: audience.marking,
            circles: circles.collect(),
            publishers: publishers
                .iter()
                .filter_map(|party| directory.party_id(*party).map(str::to_owned))
                .collect(),
            anyone: verdict(&Caller::Anonymous),
            stances: stances.collect(),
            parties: parties.into_iter().collect(),
        }
    }
}
