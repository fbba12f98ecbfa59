//! Who is calling: a token's text becomes a caller, an administrator link becomes a token.

use crate::act::Error;
use crate::act::manage::{NewToken, Secret};
use crate::clock::DAY;
use crate::directory::ADMIN_LINK_PREFIX;
use crate::entry::Act;
use crate::model::{AdminLink, Scopes};
use crate::node::Node;
use crate::policy::{Caller, OPERATOR};

/// How long an administrator link works, in microseconds: a day.
const LINK_KEPT: i64 = DAY;

impl Node {
    /// The caller behind a token's text.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when it is unknown, revoked or expired.
    pub fn authenticate(&self, token: &str) -> Result<Caller, Error> {
        self.directory()
            .authenticate(token, self.now())
            .ok_or(Error::Unauthenticated)
    }

    /// Issues a one-time administrator link for the operator's party and gives its secret; none
    /// when this node ever had an administrator.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn first_admin_link(&self) -> Result<Option<String>, Error> {
        if self.directory().has_administrator() {
            return Ok(None);
        }
        let secret = Secret::new(ADMIN_LINK_PREFIX);
        let (id, hash) = (secret.id.clone(), secret.hash());
        let decide = move |_: &_, now: crate::clock::Instant| {
            let expires = crate::clock::Instant(now.0 + LINK_KEPT);
            Ok(vec![Act::AdminLink(AdminLink { id, hash, expires })])
        };
        self.record(&Caller::Operator, Box::new(decide)).await?;
        Ok(Some(secret.text))
    }

    /// Whether an administrator link can still be used.
    pub fn admin_link_is_open(&self, link: &str) -> bool {
        self.directory().admin_link(link, self.now()).is_some()
    }

    /// Turns an administrator link into an administrator's token, once.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the link is unknown, used or expired.
    pub async fn use_admin_link(&self, link: &str) -> Result<Secret, Error> {
        let text = link.to_owned();
        let (secret, token) = NewToken {
            party: OPERATOR.into(),
            account: "administrator".into(),
            scopes: Scopes::ALL,
            collections: Vec::new(),
            expires: None,
        }
        .issue();
        let decide = move |directory: &crate::directory::Directory, now| {
            let id = directory
                .admin_link(&text, now)
                .ok_or(Error::Unauthenticated)?;
            Ok(vec![Act::UseAdminLink(id.to_owned()), Act::Token(token)])
        };
        self.record(&Caller::Operator, Box::new(decide)).await?;
        Ok(secret)
    }
}
