//! What is seen of the security.txt of claimed domains.

use crate::act::Error;
use crate::act::identity::domains::Validity;
use crate::clock::Instant;
use crate::commitment::security_txt::SecurityTxtSeen;
use crate::directory::Directory;
use crate::entry::Act;
use crate::identity::{DomainClaim, Outcome};
use crate::node::Node;
use crate::policy::Caller;

/// Characters of words that are kept.
const SHORT: usize = 200;

/// What a look at a domain's security.txt found, before it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityLook {
    /// What was found.
    pub outcome: Outcome,
    /// The same in words.
    pub words: String,
    /// The first contacts it names.
    pub contacts: Vec<String>,
    /// When it expires, as it says itself.
    pub expires: Option<Instant>,
}

impl Node {
    /// Writes down what was seen of a claimed domain's security.txt: when it is something else than last
    /// time, and now and then when it is still good. The node itself says so, as its operator.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the claim is gone.
    pub async fn observe_security_txt(
        &self,
        claim: &DomainClaim,
        look: SecurityLook,
        validity: Validity,
    ) -> Result<(), Error> {
        let claim = claim.clone();
        let decide = move |directory: &Directory, now: Instant| {
            let now = directory.commitments().now(now);
            let claims = directory.identities();
            let known = claims.claim(&claim.party, &claim.domain);
            known.ok_or(Error::NotFound("domain"))?;
            let seen = SecurityTxtSeen {
                party: claim.party,
                domain: claim.domain,
                outcome: look.outcome,
                words: printable(&look.words),
                contacts: look.contacts.iter().map(|text| printable(text)).collect(),
                expires: look.expires,
                until: match look.outcome {
                    Outcome::Good => Instant(now.0.saturating_add(validity.good)),
                    _ => now,
                },
            };
            let acts = is_news(directory, &seen, now, validity);
            Ok(acts.then_some(Act::SecurityTxt(seen)).into_iter().collect())
        };
        self.record(&Caller::Operator, Box::new(decide)).await
    }
}

fn is_news(
    directory: &Directory,
    seen: &SecurityTxtSeen,
    now: Instant,
    validity: Validity,
) -> bool {
    let known = directory.commitments();
    let Some(last) = known.security_txt(&seen.party, &seen.domain).last() else {
        return true;
    };
    let is_good = (last.what.outcome, seen.outcome) == (Outcome::Good, Outcome::Good);
    let soon = Instant(now.0.saturating_add(validity.renewal));
    // Some servers write a later date whenever they are asked: one tells something when the other is near.
    let extended = is_good && seen.expires > last.what.expires && last.what.expires > Some(soon);
    let changed = last.what.outcome != seen.outcome
        || (last.what.expires != seen.expires && !extended)
        || last.what.contacts != seen.contacts;
    let due = seen.outcome == Outcome::Good && now.0 >= last.at.0.saturating_add(validity.renewal);
    changed || due
}

fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(SHORT)
        .collect()
}
