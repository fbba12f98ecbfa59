//! What a party's identity is worth at an instant: computed from entries up to it, without a clock.

use super::state::Claim;
use super::{Held, Identities, Method, Observation, Outcome, Signature, Sponsorship};
use crate::clock::Instant;
use crate::pledge::Identity;

/// A party's identity at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In one word.
    pub identity: Identity,
    /// Why, in one sentence.
    pub reason: &'static str,
    /// What it signed last, and whether that holds; of several that hold the last.
    pub signature: Option<(Held<Signature>, SignatureState)>,
    /// What shows that it is who it says, each for itself.
    pub proofs: Vec<Proof>,
}

/// Whether a signature holds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum SignatureState {
    /// It does.
    Valid,
    /// Its last day is past.
    Expired,
    /// Its key was revoked as of a time before it was made.
    KeyRevoked,
}

impl SignatureState {
    /// The word used in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            SignatureState::Valid => "valid",
            SignatureState::Expired => "expired",
            SignatureState::KeyRevoked => "key-revoked",
        }
    }
}

/// What shows that a party is who it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How.
    pub proven: Proven,
    /// Whether it does now.
    pub state: ProofState,
    /// When it was last seen to, and until when that holds.
    pub good: Option<(Instant, Instant)>,
    /// The last observation's words, or those of the sponsorship.
    pub words: String,
    /// What was seen, shortened.
    pub seen: Vec<String>,
    /// Whether the resolver says that it checked DNSSEC.
    pub authenticated: Option<bool>,
    /// When this was last written down.
    pub at: Option<Instant>,
    /// The entry that says so.
    pub position: Option<u64>,
    /// The keys (`name+id`) that it is about; empty where it is about the party as such.
    keys: Vec<String>,
}

/// How a party shows who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proven {
    /// By a domain.
    Domain {
        /// The domain.
        domain: String,
        /// How that is proved.
        method: Method,
    },
    /// By another party, which vouches for it.
    Sponsor {
        /// Its id.
        party: String,
    },
}

/// What a proof is worth at an instant.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ProofState {
    /// It holds.
    Fresh,
    /// It holds for a while yet: the last look found it gone or wrong.
    Failing,
    /// It held, and does not any more.
    Lapsed,
    /// It never held.
    Unproven,
}

impl ProofState {
    /// The word used in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            ProofState::Fresh => "fresh",
            ProofState::Failing => "failing",
            ProofState::Lapsed => "lapsed",
            ProofState::Unproven => "unproven",
        }
    }

    /// Whether it counts.
    pub fn holds(self) -> bool {
        matches!(self, ProofState::Fresh | ProofState::Failing)
    }
}

impl Identities {
    /// A party's identity at `now`, from what was known then. `listed` is the word for a party of
    /// which nothing is here.
    pub fn standing(&self, party: &str, now: Instant, listed: Identity) -> Standing {
        let signature = self.signature(party, now);
        let mut proofs = self.domain_proofs(party, now);
        proofs.extend(self.sponsor_proofs(party, now));
        let valid = signature
            .as_ref()
            .filter(|(_, state)| *state == SignatureState::Valid);
        let held = proofs.iter().any(|proof| proof.state.holds());
        let lapsed = proofs.iter().any(|proof| proof.state == ProofState::Lapsed);
        let has_keys = self.keys_of(party).iter().any(|key| key.enrolled.at <= now);
        let covered = valid.is_some_and(|(signature, _)| {
            let key = &signature.what.key;
            let about = |proof: &Proof| proof.keys.is_empty() || proof.keys.contains(key);
            proofs
                .iter()
                .any(|proof| proof.state.holds() && about(proof))
        });
        let (identity, reason) = match (&signature, valid) {
            (_, Some(_)) if covered => (
                Identity::Verified,
                "it signed with a key of its own, and its domain or a sponsor shows whose that is",
            ),
            (_, Some(_)) if held => (
                Identity::Claimed,
                "it signed, and what shows who it is does not name the key that it signed with",
            ),
            (_, Some(_)) if lapsed => (
                Identity::Lapsed,
                "it signed, and what showed who it is does not any more",
            ),
            (_, Some(_)) => (Identity::Claimed, "it signed, and nothing shows who it is"),
            (Some((_, SignatureState::KeyRevoked)), None) => (
                Identity::Lapsed,
                "the key that it signed with was revoked as of before that",
            ),
            (Some(_), None) => (Identity::Lapsed, "its signature expired"),
            (None, _) if has_keys && lapsed && !held => (
                Identity::Lapsed,
                "it has keys, and what showed who it is does not any more",
            ),
            (None, _) if has_keys => (Identity::Claimed, "it has keys here, and signed nothing"),
            (None, _) if listed == Identity::Listed => (
                listed,
                "the pledge's own register lists it; nothing shows it here",
            ),
            (None, _) => (
                listed,
                "it is on record from other sources; nothing shows it here",
            ),
        };
        Standing {
            identity,
            reason,
            signature,
            proofs,
        }
    }

    /// Whether a party has proved a domain, whichever way, at `now`.
    pub fn proves(&self, party: &str, domain: &str, now: Instant) -> bool {
        let proofs = self.domain_proofs(party, now);
        proofs.iter().any(|proof| {
            let is_it = matches!(&proof.proven, Proven::Domain { domain: of, .. } if of == domain);
            is_it && proof.state.holds()
        })
    }

    /// Whether a party has signed, and a domain of its own shows that it is who it says: it may
    /// vouch for others. One that is vouched for itself may not, or two could vouch for each other.
    pub fn may_sponsor(&self, party: &str, now: Instant) -> bool {
        let Some((signature, SignatureState::Valid)) = self.signature(party, now) else {
            return false;
        };
        self.domain_proofs(party, now).iter().any(|proof| {
            let about = proof.keys.is_empty() || proof.keys.contains(&signature.what.key);
            proof.state.holds() && about
        })
    }

    /// The last signature that holds; the last one where none does.
    fn signature(&self, party: &str, now: Instant) -> Option<(Held<Signature>, SignatureState)> {
        let known = self.signatures(party).iter().filter(|held| held.at <= now);
        let mut states: Vec<_> = known
            .map(|held| (held, self.signature_state(held, now)))
            .collect();
        let last = states.pop()?;
        let holds = |(_, state): &(_, SignatureState)| *state == SignatureState::Valid;
        let found = if holds(&last) {
            last
        } else {
            states.into_iter().rev().find(holds).unwrap_or(last)
        };
        Some((found.0.clone(), found.1))
    }

    /// Whether a signature holds at `now`.
    pub fn signature_state(&self, held: &Held<Signature>, now: Instant) -> SignatureState {
        let key = self.key(&held.what.key);
        if !key.is_some_and(|key| key.stands_for(held.at, now)) {
            SignatureState::KeyRevoked
        } else if now.day() > held.what.expires {
            SignatureState::Expired
        } else {
            SignatureState::Valid
        }
    }

    /// Whether any domain of a party was proved at an instant, from what was known then.
    pub fn has_proved_domain(&self, party: &str, now: Instant) -> bool {
        let proofs = self.domain_proofs(party, now);
        proofs.iter().any(|proof| proof.state.holds())
    }

    /// Whether this domain of a party is proved.
    pub fn has_proved(&self, party: &str, domain: &str, now: Instant) -> bool {
        let place = (party.to_owned(), domain.to_owned());
        let claim = self
            .claims
            .get(&place)
            .filter(|claim| claim.claim.at <= now);
        claim.is_some_and(|claim| {
            let proofs = claim_proofs(domain, claim, now);
            proofs.iter().any(|proof| proof.state.holds())
        })
    }

    fn domain_proofs(&self, party: &str, now: Instant) -> Vec<Proof> {
        let first = (party.to_owned(), String::new());
        let claims = self.claims.range(first..);
        let of_party = claims.take_while(|((of, _), _)| of == party);
        let known = of_party.filter(|(_, claim)| claim.claim.at <= now);
        known
            .flat_map(|((_, domain), claim)| claim_proofs(domain, claim, now))
            .collect()
    }

    fn sponsor_proofs(&self, party: &str, now: Instant) -> Vec<Proof> {
        let known = self.sponsorships(party).iter();
        let mut last: Vec<&Held<Sponsorship>> = Vec::new();
        // Of each sponsor its last word.
        for held in known.filter(|held| held.at <= now) {
            last.retain(|other| other.what.sponsor != held.what.sponsor);
            last.push(held);
        }
        let given = last.into_iter().filter(|held| !held.what.note.is_empty());
        given.map(|held| self.sponsor_proof(held, now)).collect()
    }

    fn sponsor_proof(&self, held: &Held<Sponsorship>, now: Instant) -> Proof {
        let what = &held.what;
        let key = self.key(&what.key);
        let words = if !key.is_some_and(|key| key.stands_for(held.at, now)) {
            "the sponsor's key was revoked as of before it vouched"
        } else if now.day() > what.expires {
            "it expired"
        } else if !self.may_sponsor(&what.sponsor, now) {
            "the sponsor itself is not verified by a domain of its own"
        } else {
            ""
        };
        let keys = self
            .keys_of(&what.party)
            .into_iter()
            .map(super::EnrolledKey::name);
        let keys = keys.filter(|key| self.descends(key, &what.for_key));
        Proof {
            proven: Proven::Sponsor {
                party: what.sponsor.clone(),
            },
            state: if words.is_empty() {
                ProofState::Fresh
            } else {
                ProofState::Lapsed
            },
            good: Some((held.at, Instant::end_of(what.expires))),
            words: if words.is_empty() {
                format!("vouches for the key {}", what.for_key)
            } else {
                words.to_owned()
            },
            seen: Vec::new(),
            authenticated: None,
            at: Some(held.at),
            position: Some(held.position),
            keys: keys.collect(),
        }
    }
}

/// What each way to prove a claimed domain showed.
fn claim_proofs(domain: &str, claim: &Claim, now: Instant) -> [Proof; Method::ALL.len()] {
    Method::ALL.map(|method| {
        let seen = claim.observations.iter();
        let seen = seen.filter(|seen| seen.at <= now && seen.what.method == method);
        domain_proof(domain, method, &seen.collect::<Vec<_>>(), now)
    })
}

/// What observations of one method, oldest first, prove at `now`.
fn domain_proof(domain: &str, method: Method, seen: &[&Held<Observation>], now: Instant) -> Proof {
    let good_at = seen
        .iter()
        .rposition(|seen| seen.what.outcome == Outcome::Good);
    let good = good_at.and_then(|at| seen.get(at)).copied();
    let after = good_at.map_or(seen, |at| seen.get(at + 1..).unwrap_or_default());
    let ended = after.iter().find(|seen| seen.what.outcome.ends());
    let last = seen.last();
    let state = match (good, ended) {
        (None, _) => ProofState::Unproven,
        (Some(good), _) if now >= good.what.until => ProofState::Lapsed,
        (Some(_), Some(ended)) if now >= ended.what.until => ProofState::Lapsed,
        (Some(_), Some(_)) => ProofState::Failing,
        (Some(_), None) => ProofState::Fresh,
    };
    let until = |good: &Held<Observation>| match ended {
        Some(ended) => good.what.until.min(ended.what.until),
        None => good.what.until,
    };
    Proof {
        proven: Proven::Domain {
            domain: domain.to_owned(),
            method,
        },
        state,
        good: good.map(|good| (good.at, until(good))),
        words: last.map_or_else(
            || "not looked at yet".to_owned(),
            |last| last.what.words.clone(),
        ),
        seen: last.map(|last| last.what.seen.clone()).unwrap_or_default(),
        authenticated: last.and_then(|last| last.what.authenticated),
        at: last.map(|last| last.at),
        position: last.map(|last| last.position),
        keys: good.map(|good| good.what.keys.clone()).unwrap_or_default(),
    }
}
