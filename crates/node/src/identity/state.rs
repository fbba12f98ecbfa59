//! What entries about identities add up to.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DomainClaim, Key, Method, Observation, RevokedKey, Signature, SignedPublishes, Sponsorship,
    VerifierKey, Vouch, key_name,
};
use crate::clock::Instant;
use crate::entry::{Act, Entry};

/// What an entry says, with the entry's own place and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<T> {
    /// The entry's position in the journal, by which its receipt is found.
    pub position: u64,
    /// When it was accepted.
    pub at: Instant,
    /// Who wrote it: an account of a party.
    pub by: String,
    /// What it says.
    pub what: T,
}

/// A key with what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolledKey {
    /// How it was enrolled.
    pub enrolled: Held<Key>,
    /// The key itself.
    pub verifier: VerifierKey,
    /// When another took its place, and which (`name+id`).
    pub replaced: Option<(Instant, String)>,
    /// That it was revoked.
    pub revoked: Option<Revocation>,
}

/// How a key was revoked.
pub type Revocation = Held<RevokedKey>;

/// What a key is worth at an instant.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// What it signs counts.
    Live,
    /// Another took its place: what it signed stays, it signs nothing more.
    Replaced,
    /// Revoked: what it signed since then is not its party's.
    Revoked,
}

impl KeyState {
    /// The word used in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyState::Live => "live",
            KeyState::Replaced => "replaced",
            KeyState::Revoked => "revoked",
        }
    }
}

impl EnrolledKey {
    /// `name+id`.
    pub fn name(&self) -> String {
        key_name(&self.verifier)
    }

    /// The party it is of.
    pub fn party(&self) -> &str {
        &self.enrolled.what.party
    }

    /// What it is worth for what is signed at `now`, as known then.
    pub fn state(&self, now: Instant) -> KeyState {
        let revoked = self.revoked.as_ref();
        if revoked.is_some_and(|revoked| revoked.at <= now) {
            KeyState::Revoked
        } else if self.replaced.as_ref().is_some_and(|(at, _)| *at <= now) {
            KeyState::Replaced
        } else {
            KeyState::Live
        }
    }

    /// Whether what it signed in an entry of time `signed` is still its party's, as known at `now`.
    pub fn stands_for(&self, signed: Instant, now: Instant) -> bool {
        let revoked = self.revoked.as_ref().filter(|revoked| revoked.at <= now);
        self.enrolled.at <= signed && revoked.is_none_or(|revoked| signed < revoked.what.since)
    }
}

/// A claim with everything that was seen of its proofs, in the order of entries.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) claim: Held<DomainClaim>,
    pub(super) observations: Vec<Held<Observation>>,
}

/// Folded from the journal, as part of the directory.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    /// By `name+id`.
    keys: BTreeMap<String, EnrolledKey>,
    /// By party and domain.
    pub(super) claims: BTreeMap<(String, String), Claim>,
    /// By the party that is vouched for.
    pub(super) sponsorships: BTreeMap<String, Vec<Held<Sponsorship>>>,
    /// By party.
    pub(super) signatures: BTreeMap<String, Vec<Held<Signature>>>,
    /// Ids of collections that take signed requests alone.
    signed_publishes: BTreeSet<String>,
    /// The time of the last entry.
    last: Instant,
}

impl Identities {
    /// Applies an entry; those about other things are none of its concern.
    pub(crate) fn apply(&mut self, position: u64, entry: &Entry<'_>) {
        let at = entry.at;
        self.last = at;
        let by = || format!("{}/{}", entry.actor.party, entry.actor.account);
        match &entry.act {
            Act::Key(key) => self.enrol(held(position, at, by(), key)),
            Act::RevokeKey(revoked) => {
                if let Some(known) = self.keys.get_mut(&revoked.key) {
                    let by = by();
                    known.revoked.get_or_insert(held(position, at, by, revoked));
                }
            }
            Act::Domain(claim) => {
                let place = (claim.party.clone(), claim.domain.clone());
                let claim = held(position, at, by(), claim);
                let observations = Vec::new();
                self.claims.insert(
                    place,
                    Claim {
                        claim,
                        observations,
                    },
                );
            }
            Act::Observation(seen) => {
                let place = (seen.party.clone(), seen.domain.clone());
                if let Some(claim) = self.claims.get_mut(&place) {
                    claim.observations.push(held(position, at, by(), seen));
                }
            }
            Act::Sponsorship(sponsorship) => {
                let of = self.sponsorships.entry(sponsorship.party.clone());
                of.or_default().push(held(position, at, by(), sponsorship));
            }
            Act::Signature(signature) => {
                let of = self.signatures.entry(signature.party.clone());
                of.or_default().push(held(position, at, by(), signature));
            }
            Act::SignedPublishes(SignedPublishes {
                collection,
                demanded,
            }) => {
                if *demanded {
                    self.signed_publishes.insert(collection.clone());
                } else {
                    self.signed_publishes.remove(collection);
                }
            }
            _ => {}
        }
    }

    /// A key that does not parse is none: the act has checked it.
    fn enrol(&mut self, enrolled: Held<Key>) {
        let Ok(verifier) = VerifierKey::parse(&enrolled.what.key) else {
            return;
        };
        let name = key_name(&verifier);
        let replaces = enrolled.what.replaces.as_ref();
        if let Some(old) = replaces.and_then(|old| self.keys.get_mut(old)) {
            old.replaced.get_or_insert((enrolled.at, name.clone()));
        }
        self.keys.entry(name).or_insert(EnrolledKey {
            enrolled,
            verifier,
            replaced: None,
            revoked: None,
        });
    }

    /// The time now, for what is asked of here: entries are dated a little ahead of the clock when
    /// many are written at once, and the last one counts at once.
    pub fn now(&self, clock: Instant) -> Instant {
        clock.max(self.last)
    }

    /// A key by `name+id`.
    pub fn key(&self, name: &str) -> Option<&EnrolledKey> {
        self.keys.get(name)
    }

    /// A key by `name+id` that what is signed at `now` counts for.
    pub fn live_key(&self, name: &str, now: Instant) -> Option<&EnrolledKey> {
        self.key(name)
            .filter(|key| key.state(now) == KeyState::Live)
    }

    /// All keys, by name.
    pub fn keys(&self) -> impl Iterator<Item = &EnrolledKey> {
        self.keys.values()
    }

    /// The keys of a party, in the order in which they were enrolled.
    pub fn keys_of(&self, party: &str) -> Vec<&EnrolledKey> {
        let mut keys: Vec<_> = self.keys().filter(|key| key.party() == party).collect();
        keys.sort_by_key(|key| key.enrolled.position);
        keys
    }

    /// All claims of domains, by party and domain.
    pub fn claims(&self) -> impl Iterator<Item = &Held<DomainClaim>> {
        self.claims.values().map(|claim| &claim.claim)
    }

    /// A party's claim of a domain.
    pub fn claim(&self, party: &str, domain: &str) -> Option<&Held<DomainClaim>> {
        let place = (party.to_owned(), domain.to_owned());
        self.claims.get(&place).map(|claim| &claim.claim)
    }

    /// What was seen of a claim, oldest first.
    pub fn observations(&self, party: &str, domain: &str) -> &[Held<Observation>] {
        let place = (party.to_owned(), domain.to_owned());
        self.claims
            .get(&place)
            .map_or(&[], |claim| &claim.observations)
    }

    /// What was last seen of a claim by one method.
    pub fn last_seen(
        &self,
        party: &str,
        domain: &str,
        method: Method,
    ) -> Option<&Held<Observation>> {
        let mut seen = self.observations(party, domain).iter().rev();
        seen.find(|seen| seen.what.method == method)
    }

    /// What a party signed, oldest first.
    pub fn signatures(&self, party: &str) -> &[Held<Signature>] {
        self.signatures.get(party).map_or(&[], Vec::as_slice)
    }

    /// Who vouched for a party, or took it back, oldest first.
    pub fn sponsorships(&self, party: &str) -> &[Held<Sponsorship>] {
        self.sponsorships.get(party).map_or(&[], Vec::as_slice)
    }

    /// The ids of collections that take signed requests alone.
    pub fn signed_publishes(&self) -> impl Iterator<Item = &String> {
        self.signed_publishes.iter()
    }

    /// Whether a collection takes signed requests alone, by its id.
    pub fn demands_signature(&self, collection: &str) -> bool {
        self.signed_publishes.contains(collection)
    }

    /// Whether `key` is `older`, or came of it by replacements that each older key signed.
    pub(super) fn descends(&self, key: &str, older: &str) -> bool {
        let mut at = key;
        // A key replaces one that was enrolled before it, so this ends.
        loop {
            if at == older {
                return true;
            }
            let Some(key) = self.keys.get(at).map(|key| &key.enrolled.what) else {
                return false;
            };
            match (&key.replaces, &key.vouch) {
                (Some(before), Vouch::Key(by)) if before == by => at = before,
                _ => return false,
            }
        }
    }
}

fn held<T: Clone>(position: u64, at: Instant, by: String, what: &T) -> Held<T> {
    Held {
        position,
        at,
        by,
        what: what.clone(),
    }
}
