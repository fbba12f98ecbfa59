//! The log that a bundle is of: one for all its receipts, and for its signature where a log signs.

use node::log::note::{Note, Verified, VerifierKey};
use node::log::policy::Policy;
use node::log::receipt::Receipt;

use super::{Fault, fault};
use crate::case::manifest::{MANIFEST, Manifest, NOTE};

/// The one log of a bundle.
pub(super) struct OneLog {
    key: [VerifierKey; 1],
    /// The origin of the first receipt's checkpoint.
    origin: Option<String>,
}

impl OneLog {
    /// The log that the manifest names.
    pub(super) fn of(manifest: &Manifest) -> Result<Self, Fault> {
        let key = VerifierKey::parse(&manifest.exported.log);
        let key = key.or_else(|error| {
            let words = format!("the log that it names has no key: {error}");
            fault("manifest", MANIFEST, words)
        })?;
        let origin = None;
        Ok(OneLog { key: [key], origin })
    }

    /// Whether a log is among those who signed. It has to be this one: a log vouches for its own
    /// entries alone.
    pub(super) fn signed(
        &self,
        verified: &[Verified<'_>],
        policy: Option<&Policy>,
    ) -> Result<bool, Fault> {
        let [own] = &self.key;
        let logs = policy.map(Policy::logs).unwrap_or_default();
        let by = |key: &VerifierKey| verified.iter().any(|one| one.key == key);
        let mut others = logs.iter().filter(|log| log.key != *own && by(&log.key));
        if let (Some(other), false) = (others.next(), by(own)) {
            let words = format!(
                "the log {} signed it, and its entries are of {}",
                other.name,
                own.name()
            );
            return fault("signature", NOTE, words);
        }
        Ok(by(own) && logs.iter().any(|log| log.key == *own))
    }

    /// A receipt that holds is of this log, as those before it are.
    pub(super) fn holds(&mut self, receipt: &Receipt, place: &str) -> Result<(), Fault> {
        let checkpoint: &Note = &receipt.checkpoint;
        let origin = checkpoint.text().lines().next().unwrap_or_default();
        let first = self.origin.get_or_insert_with(|| origin.to_owned());
        if first != origin {
            let words = format!("it is of the log {origin}, and those before it are of {first}");
            return fault("entries", place, words);
        }
        let [own] = &self.key;
        if own.name() != origin || checkpoint.verify(&self.key).is_err() {
            let words = format!(
                "it is of the log {origin}, and not of the one that the manifest names, {own}"
            );
            return fault("entries", place, words);
        }
        Ok(())
    }
}
