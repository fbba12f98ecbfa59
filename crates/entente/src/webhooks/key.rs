//! The secrets that messages are signed with. None is kept: each follows from the node's key and the
//! webhook's id, so that nothing secret stands in the journal.
//!
//! The key lies in the data directory for its owner alone, and is made with the first webhook. When
//! it is lost, no secret can be worked out again: webhooks made before are not told any more, and
//! their owners make new ones. Backups of the journal that are to bring webhooks back need the key
//! too.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use node::model::Webhook;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::key_file::authenticated;

/// The key's name in a data directory.
const NAME: &str = "webhooks.key";
/// What a secret's text begins with (Standard Webhooks, "Signature scheme").
const PREFIX: &str = "whsec_";

/// The key of a node, on disk.
#[derive(Clone, Debug)]
pub(super) struct KeyFile(crate::key_file::KeyFile);

/// What a webhook's messages are signed with: 32 octets.
#[derive(Clone)]
pub(super) struct Secret([u8; 32]);

impl KeyFile {
    pub(super) fn of(data: &Path) -> Self {
        KeyFile(crate::key_file::KeyFile::of(data, NAME))
    }

    /// The secret for a new webhook; makes the key if there is none.
    ///
    /// # Errors
    /// When the key can be neither read nor made.
    pub(super) fn new_secret(&self, id: &str) -> io::Result<Secret> {
        Ok(Secret::of(&self.0.read_or_make()?, id))
    }

    /// The secret of a webhook that was made with this key.
    ///
    /// # Errors
    /// What is wrong with the key, and what to do.
    pub(super) fn secret(&self, webhook: &Webhook) -> Result<Secret, String> {
        let lost = |what: &str| {
            format!("the key it is signed with {what}: restore {NAME}, or make the webhook anew")
        };
        let key = self.0.read().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => lost("is lost"),
            _ => lost(&format!("cannot be read ({error})")),
        })?;
        let secret = Secret::of(&key, &webhook.id);
        if bool::from(secret.hash().ct_eq(&webhook.secret_hash)) {
            Ok(secret)
        } else {
            Err(lost("was replaced"))
        }
    }
}

impl Secret {
    fn of(key: &[u8; 32], id: &str) -> Self {
        Secret(authenticated(key, &[b"entente/webhook/v1/", id.as_bytes()]))
    }

    /// `whsec_` and the secret in base64, as it is given to the webhook's owner.
    pub(super) fn text(&self) -> String {
        format!("{PREFIX}{}", BASE64.encode(self.0))
    }

    /// By which the node knows it again.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// The value of `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over
    /// `id.timestamp.body` (Standard Webhooks, "Signature scheme").
    pub(super) fn signature(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        signature(&self.0, id, timestamp, body)
    }
}

fn signature(secret: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    let head = format!("{id}.{timestamp}.");
    let code = authenticated(secret, &[head.as_bytes(), body]);
    format!("v1,{}", BASE64.encode(code))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use node::clock::Instant;

    use super::*;

    #[test]
    fn signatures_are_those_of_the_specification() {
        // The example that libraries for Standard Webhooks test themselves with.
        let secret = BASE64.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", br#"{"test": 2432232314}"#);
        assert_eq!(
            signature(&secret, id, 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_follows_from_the_key_and_a_lost_key_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::of(folder.path());
        let secret = file.new_secret("0123456789ab").unwrap();
        let webhook = Webhook {
            id: "0123456789ab".into(),
            party: "alpha".into(),
            account: "api".into(),
            token: None,
            url: String::new(),
            collections: Vec::new(),
            objects: true,
            secret_hash: secret.hash(),
            since: Instant::default(),
            about: Vec::new(),
        };
        assert_eq!(
            file.secret(&webhook).ok().map(|s| s.text()),
            Some(secret.text())
        );
        assert_ne!(
            file.new_secret("ba9876543210").unwrap().text(),
            secret.text()
        );
        let mode = fs::metadata(folder.path().join(NAME))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_file(folder.path().join(NAME)).unwrap();
        let words = |file: &KeyFile| file.secret(&webhook).err().unwrap();
        assert!(words(&file).contains("is lost"), "{}", words(&file));
        file.new_secret("another").unwrap();
        assert!(words(&file).contains("was replaced"), "{}", words(&file));
    }
}
