//! Domains of parties: claimed, and what was seen of their proofs.

use crate::act::Error;
use crate::act::manage::random_text;
use crate::clock::{DAY, Instant};
use crate::directory::Directory;
use crate::entry::Act;
use crate::identity::{DomainClaim, DomainName, Held, Method, Observation, Outcome, VERIFICATION};
use crate::node::Node;
use crate::policy::{Caller, Viewer};

/// Domains of a party at most.
const MOST: usize = 20;
/// Characters of what was seen that are kept, for each record and for how many.
const SHORT: usize = 200;
const FEW: usize = 5;

/// How long what was seen holds, in microseconds.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// How long a good observation proves a domain.
    pub good: i64,
    /// How long a proof still holds after it was found gone or wrong.
    pub grace: i64,
    /// How long after a good entry the next is written, when nothing changed.
    pub renewal: i64,
}

impl Default for Validity {
    /// 45 days, 3 days, 30 days.
    fn default() -> Self {
        Validity {
            good: 45 * DAY,
            grace: 3 * DAY,
            renewal: 30 * DAY,
        }
    }
}

/// What a look at a domain's proof found, before it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Where was looked.
    pub method: Method,
    /// What was found.
    pub outcome: Outcome,
    /// The same in words.
    pub words: String,
    /// What was seen.
    pub seen: Vec<String>,
    /// Whether the resolver says that it checked DNSSEC.
    pub authenticated: Option<bool>,
    /// The keys (`name+id`) of the party that the document names.
    pub keys: Vec<String>,
}

impl Look {
    /// What the TXT records of a domain's challenge say of a claim.
    pub fn at_records(claim: &DomainClaim, records: Vec<String>) -> Self {
        let wanted = format!("{VERIFICATION}{}", claim.token);
        let others = records.iter().filter(|text| text.starts_with(VERIFICATION));
        let (outcome, words) = if records.contains(&wanted) {
            (
                Outcome::Good,
                "the TXT record has the claim's token".to_owned(),
            )
        } else if others.count() > 0 {
            (
                Outcome::Wrong,
                "the TXT record has another token than the claim's".into(),
            )
        } else if records.is_empty() {
            (Outcome::Missing, "there is no TXT record".into())
        } else {
            let words = format!("no TXT record starts with '{VERIFICATION}'");
            (Outcome::Missing, words)
        };
        Look {
            method: Method::DnsTxt,
            outcome,
            words,
            // What else stands there is nobody's business here, and would be public for good.
            seen: records
                .into_iter()
                .filter(|text| text.starts_with(VERIFICATION))
                .collect(),
            authenticated: None,
            keys: Vec::new(),
        }
    }
}

impl Node {
    /// Claims a domain for a party; a claim that is there already stays, with its token.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no domain; [`Error::Refused`]; [`Error::NotFound`];
    /// [`Error::Conflict`] when the party claims too many.
    pub async fn claim_domain(
        &self,
        caller: &Caller,
        party: &str,
        domain: &str,
    ) -> Result<Held<DomainClaim>, Error> {
        let domain: DomainName = domain.parse().map_err(Error::Invalid)?;
        let (asker, party_id) = (caller.clone(), party.to_owned());
        let claim = DomainClaim {
            party: party.to_owned(),
            domain: domain.to_string(),
            token: random_text(),
        };
        let decide = move |directory: &Directory, now: Instant| {
            let now = directory.identities().now(now);
            directory
                .party_number(&party_id)
                .ok_or(Error::NotFound("party"))?;
            Viewer::new(directory, &asker, now).acts_for(&party_id)?;
            let identities = directory.identities();
            if identities.claim(&claim.party, &claim.domain).is_some() {
                return Ok(Vec::new());
            }
            let of_party = identities.claims().filter(|c| c.what.party == claim.party);
            if of_party.count() >= MOST {
                let words = format!("a party claims {MOST} domains at most");
                return Err(Error::Conflict(words));
            }
            Ok(vec![Act::Domain(claim)])
        };
        self.record(caller, Box::new(decide)).await?;
        self.domain_claim(party, domain.as_str())
    }

    /// A claim, with its token: what has to be in public anyway.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn domain_claim(&self, party: &str, domain: &str) -> Result<Held<DomainClaim>, Error> {
        let directory = self.directory();
        let claim = directory.identities().claim(party, domain);
        claim.cloned().ok_or(Error::NotFound("domain"))
    }

    /// Whether the caller may have a party's domain looked at now.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn may_check_domain(&self, caller: &Caller, party: &str) -> Result<(), Error> {
        self.viewer(caller).acts_for(party)?;
        Ok(())
    }

    /// Writes down what was seen of a claim's proofs: when it is something else than last time, and
    /// now and then when it is still good. Gives how many entries that made. The node itself says so,
    /// as its operator.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the claim is gone, or is another now.
    pub async fn observe(
        &self,
        claim: &DomainClaim,
        looks: Vec<Look>,
        validity: Validity,
    ) -> Result<(), Error> {
        let claim = claim.clone();
        let decide = move |directory: &Directory, now: Instant| {
            let now = directory.identities().now(now);
            let known = directory.identities().claim(&claim.party, &claim.domain);
            if known.is_none_or(|known| known.what.token != claim.token) {
                return Err(Error::NotFound("domain"));
            }
            let news = looks
                .into_iter()
                .filter(|look| is_news(directory, &claim, look, now, validity));
            let acts = news.map(|look| Act::Observation(observation(&claim, look, now, validity)));
            Ok(acts.collect())
        };
        self.record(&Caller::Operator, Box::new(decide)).await
    }
}

fn is_news(
    directory: &Directory,
    claim: &DomainClaim,
    look: &Look,
    now: Instant,
    validity: Validity,
) -> bool {
    let identities = directory.identities();
    let Some(last) = identities.last_seen(&claim.party, &claim.domain, look.method) else {
        return true;
    };
    let mut keys = look.keys.clone();
    keys.sort();
    let changed = last.what.outcome != look.outcome || last.what.keys != keys;
    let due = look.outcome == Outcome::Good && now.0 >= last.at.0.saturating_add(validity.renewal);
    changed || due
}

fn observation(claim: &DomainClaim, look: Look, now: Instant, validity: Validity) -> Observation {
    let until = match look.outcome {
        Outcome::Good => now.0.saturating_add(validity.good),
        Outcome::Missing | Outcome::Wrong => now.0.saturating_add(validity.grace),
        Outcome::Unreachable => now.0,
    };
    let short = |text: String| {
        text.chars()
            .filter(|c| !c.is_control())
            .take(SHORT)
            .collect()
    };
    let mut keys = look.keys;
    keys.sort();
    Observation {
        party: claim.party.clone(),
        domain: claim.domain.clone(),
        method: look.method,
        outcome: look.outcome,
        words: short(look.words),
        seen: look.seen.into_iter().take(FEW).map(short).collect(),
        authenticated: look.authenticated,
        keys,
        until: Instant(until),
    }
}
