//! Parties and their stances on a day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use node::Node;
use node::entry::Recorded;
use node::pledge::{self, Basis, Country, Identity, Kind, Precision, Stance, StanceChange};
use node::register::{Filter, PartyAt};
use serde::{Deserialize, Serialize};

use super::accession::{Record, Reserved};
use super::history::{Adoption, Reassignment};
use super::identity::instant_of;

/// What is asked of the register: the query of `GET /api/v1/parties`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Ask {
    /// The day; today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) as_of: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<Country>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stance: Option<Stance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<Identity>,
    /// Words in the name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) q: Option<String>,
    /// At most so many; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<usize>,
    /// Leave out so many first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<usize>,
}

/// Parties as of a day.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the name in JSON")]
pub(crate) struct Parties {
    pub(crate) as_of: Date,
    /// How many the filters let through, whatever the page holds.
    pub(crate) total: usize,
    pub(crate) parties: Vec<Party>,
    /// How many of these have which identity, whatever the page holds.
    #[serde(default)]
    pub(crate) identities: BTreeMap<Identity, usize>,
}

/// A party as of a day. Without a stance nothing is known of it as of that day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Party {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<Country>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stance: Option<Stance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Date>,
    /// What `since` means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<Basis>,
    /// How exactly `since` is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) precision: Option<Precision>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// What its identity is worth; what that follows from is at `…/identity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<Identity>,
}

/// A party with everything that is known of its stance, also what starts after the day asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PartyHistory {
    pub(crate) as_of: Date,
    #[serde(flatten)]
    pub(crate) party: Party,
    pub(crate) history: Vec<Change>,
    /// The version of the pledge that it holds itself to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u32>,
    /// Versions it adopted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) adoptions: Vec<Adoption>,
    /// What became of it, or of parties that it follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reassignments: Vec<Reassignment>,
    /// What it reserved, by principle, when it signed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reservations: Vec<Reserved>,
}

/// One change of a stance, or more evidence for the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) stance: Stance,
    pub(crate) since: Date,
    pub(crate) basis: Basis,
    pub(crate) precision: Precision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// The source's title, when the pledge lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_url: Option<String>,
    /// Of a withdrawal, a suspension and the end of one: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// When it was recorded here, and by which entry.
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// A party to be added: `POST /api/v1/parties`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewParty {
    /// Made from the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<Country>,
}

/// A stance to be recorded: `POST /api/v1/parties/{id}/stances`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStance {
    pub(crate) stance: Stance,
    pub(crate) since: Date,
    /// Where this is known from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// What the register answers to `ask`.
pub(crate) fn parties(node: &Node, ask: &Ask) -> Parties {
    let directory = node.directory();
    let as_of = ask.as_of.unwrap_or_else(|| node.now().day());
    let filter = Filter {
        kind: ask.kind,
        country: ask.country,
        stance: ask.stance,
        text: ask.q.clone().unwrap_or_default(),
    };
    let at = instant_of(node, as_of);
    let found = directory.register().find(&filter, as_of);
    let found = found.map(|party| (directory.standing(&party.party.id, at).identity, party));
    let wanted = |identity: Identity| ask.identity.is_none_or(|wanted| wanted == identity);
    let found: Vec<_> = found.filter(|(identity, _)| wanted(*identity)).collect();
    let mut identities = BTreeMap::new();
    for (identity, _) in &found {
        *identities.entry(*identity).or_default() += 1;
    }
    let page = found
        .iter()
        .skip(ask.offset.unwrap_or(0))
        .take(ask.limit.unwrap_or(usize::MAX));
    Parties {
        as_of,
        total: found.len(),
        parties: page
            .map(|(identity, at)| Party::of(at, *identity))
            .collect(),
        identities,
    }
}

/// One party with its history; none when there is no party with this id.
pub(crate) fn party(node: &Node, id: &str, as_of: Option<Date>) -> Option<PartyHistory> {
    let directory = node.directory();
    let as_of = as_of.unwrap_or_else(|| node.now().day());
    let at = directory.register().party_at(id, as_of)?;
    let identity = directory.standing(id, instant_of(node, as_of)).identity;
    let change = |(change, recorded): (&StanceChange, Recorded)| {
        let named = change.source.as_deref();
        let source = directory
            .pledge()
            .zip(named)
            .and_then(|(pledge, key)| pledge.source(key));
        Change {
            stance: change.stance,
            since: change.since,
            basis: change.basis,
            precision: change.precision,
            source: change.source.clone(),
            source_title: source.map(|source| source.title.clone()),
            source_url: source.and_then(|source| source.url.clone()),
            note: change.note.clone(),
            record: recorded.into(),
        }
    };
    let history = directory.register().recorded(id).map(change).collect();
    let known = directory.history();
    let stance = at.stance.filter(|at| at.stance == Stance::Signed);
    let signed = stance.map(|stance| stance.first.since);
    let reserved = directory.accession().reservations_of(id, as_of);
    let reserved = reserved.filter(|(made, _)| signed.is_some_and(|day| day <= made.since));
    Some(PartyHistory {
        as_of,
        party: Party::of(&at, identity),
        history,
        version: known.adopted(id, signed, as_of),
        adoptions: known.adoptions_of(id).map(Adoption::from).collect(),
        reassignments: super::history::reassignments(node, id),
        reservations: reserved
            .into_iter()
            .flat_map(|(made, _)| &made.reservations)
            .map(|one| Reserved {
                principle: one.principle,
                words: one.words.clone(),
            })
            .collect(),
    })
}

impl Party {
    fn of(at: &PartyAt<'_>, identity: Identity) -> Self {
        let first = at.stance.map(|stance| stance.first);
        Party {
            id: at.party.id.clone(),
            name: at.party.name.clone(),
            kind: at.party.kind,
            country: at.party.country,
            stance: at.stance.map(|stance| stance.stance),
            since: first.map(|change| change.since),
            basis: first.map(|change| change.basis),
            precision: first.map(|change| change.precision),
            source: first.and_then(|change| change.source.clone()),
            note: first.and_then(|change| change.note.clone()),
            identity: Some(identity),
        }
    }
}

impl NewParty {
    /// The party as the node keeps it.
    pub(crate) fn settings(self) -> pledge::Party {
        let NewParty {
            id,
            name,
            kind,
            country,
        } = self;
        let id = id.unwrap_or_else(|| pledge::slug(&name));
        pledge::Party {
            id,
            name,
            kind,
            country,
            listed: None,
        }
    }
}

impl NewStance {
    /// The change as the node keeps it.
    pub(crate) fn change(self, party: &str) -> StanceChange {
        let NewStance {
            stance,
            since,
            source,
            note,
        } = self;
        StanceChange {
            party: party.to_owned(),
            stance,
            since,
            basis: Basis::Recorded,
            precision: Precision::Day,
            source,
            note,
        }
    }
}
