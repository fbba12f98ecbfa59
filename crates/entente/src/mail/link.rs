//! The links in messages, and the addresses of calendars: each holds an id and a code that only this node can work out,
//! for one purpose.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use subtle::ConstantTimeEq as _;

use crate::key_file::{KeyFile, authenticated};

/// The key's name in a data directory.
const NAME: &str = "mail.key";
/// Octets of a code.
const CODE: usize = 16;

/// What a link is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To confirm a subscription.
    Confirm,
    /// To see it, and to end it.
    Manage,
    /// To read a calendar.
    Calendar,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Purpose::Confirm => "confirm",
            Purpose::Manage => "manage",
            Purpose::Calendar => "calendar",
        }
    }
}

/// What makes links, and knows them again.
#[derive(Clone, Debug)]
pub(super) struct Links([u8; 32]);

impl Links {
    /// With the key of a data directory, which is made if there is none.
    pub(super) fn open(data: &Path) -> std::io::Result<Self> {
        KeyFile::of(data, NAME).read_or_make().map(Links)
    }

    /// The last part of a link.
    pub(super) fn token(&self, purpose: Purpose, id: &str) -> String {
        format!("{id}.{}", BASE64.encode(self.code(purpose, id)))
    }

    /// The id in a link of this purpose; none when the link is not one of ours.
    pub(super) fn id<'t>(&self, purpose: Purpose, token: &'t str) -> Option<&'t str> {
        let (id, code) = token.split_once('.')?;
        let code = BASE64.decode(code).ok()?;
        let right = bool::from(code.as_slice().ct_eq(&self.code(purpose, id)));
        right.then_some(id)
    }

    /// An address as it is remembered for a day after it was forgotten.
    pub(super) fn address(&self, address: &str) -> [u8; 32] {
        let address = address.to_ascii_lowercase();
        authenticated(&self.0, &[b"entente/mail/address/v1/", address.as_bytes()])
    }

    fn code(&self, purpose: Purpose, id: &str) -> [u8; CODE] {
        let word = purpose.word().as_bytes();
        let whole = authenticated(&self.0, &[b"entente/mail/v1/", word, b"/", id.as_bytes()]);
        let mut code = [0; CODE];
        code.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_one_subscription_and_one_purpose() {
        let links = Links([7; 32]);
        let token = links.token(Purpose::Confirm, "abc");
        assert_eq!(links.id(Purpose::Confirm, &token), Some("abc"));
        assert_eq!(links.id(Purpose::Manage, &token), None);
        assert_eq!(Links([8; 32]).id(Purpose::Confirm, &token), None);
        for wrong in [
            "",
            "abc",
            "abc.",
            "abd.AAAAAAAAAAAAAAAAAAAAAA",
            &token.replace("abc", "abd"),
        ] {
            assert_eq!(links.id(Purpose::Confirm, wrong), None, "{wrong}");
        }
    }
}
