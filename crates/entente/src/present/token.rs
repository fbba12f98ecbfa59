//! Tokens: never their secrets, save once when they are issued.

use node::act::manage::{NewToken as Wanted, Secret};
use node::clock::Instant;
use node::directory::{Directory, IssuedToken};
use node::model::{self, Marking, Scopes};
use node::{Caller, Node, policy::Viewer};
use serde::{Deserialize, Serialize};

use super::time;

/// A token as it is listed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Token {
    /// The public part, by which it is revoked.
    pub(crate) id: String,
    pub(crate) party: String,
    pub(crate) account: String,
    /// `read`, `publish`, `administer`.
    pub(crate) scopes: Vec<String>,
    /// Ids of the collections it is limited to; empty means all.
    pub(crate) collections: Vec<String>,
    pub(crate) issued: String,
    /// Who issued it.
    pub(crate) issuer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revoked: Option<String>,
}

/// All tokens: `GET /api/v1/tokens`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) tokens: Vec<Token>,
}

/// A token to be issued: `POST /api/v1/tokens`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// The party's id or name.
    pub(crate) party: String,
    /// `api` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    pub(crate) scopes: Vec<String>,
    /// Ids or aliases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) collections: Vec<String>,
    /// RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}

/// A token that was just issued. Its text is told here and nowhere else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Issued {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) party: String,
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    /// What the party's stance keeps this token from doing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
}

/// All tokens, revoked and expired ones too.
pub(crate) fn tokens(directory: &Directory) -> Tokens {
    Tokens {
        tokens: directory.tokens().map(Token::of).collect(),
    }
}

impl Token {
    fn of(issued: &IssuedToken) -> Self {
        let token = &issued.token;
        Token {
            id: token.id.clone(),
            party: token.party.clone(),
            account: token.account.clone(),
            scopes: words(token.scopes),
            collections: token.collections.clone(),
            issued: time(issued.issued.0),
            issuer: issued.issuer.clone(),
            expires: token.expires.map(|end| time(end.0)),
            revoked: issued.revoked.map(|at| time(at.0)),
        }
    }
}

impl NewToken {
    /// What the node is asked for.
    ///
    /// # Errors
    /// Which word is no scope, or that the time cannot be read.
    pub(crate) fn wanted(self) -> Result<Wanted, node::Error> {
        let expires = self.expires.map(|text| {
            stix::Timestamp::parse(&text)
                .map(|at| Instant(at.micros()))
                .map_err(|error| node::Error::Invalid(format!("expires: '{text}' {error}")))
        });
        Ok(Wanted {
            party: self.party,
            account: self.account.unwrap_or_else(|| "api".into()),
            scopes: self
                .scopes
                .join(",")
                .parse()
                .map_err(node::Error::Invalid)?,
            collections: self.collections,
            expires: expires.transpose()?,
        })
    }
}

impl Issued {
    /// What the node issued.
    pub(crate) fn of(node: &Node, secret: &Secret, token: &model::Token) -> Self {
        Issued {
            id: token.id.clone(),
            token: secret.text.clone(),
            party: token.party.clone(),
            account: token.account.clone(),
            scopes: words(token.scopes),
            expires: token.expires.map(|end| time(end.0)),
            warnings: warnings(&node.directory(), token, node.now()),
        }
    }
}

/// What the stance of a token's party keeps it from doing now, in words.
fn warnings(directory: &Directory, token: &model::Token, now: Instant) -> Vec<String> {
    let member = node::policy::Member {
        token: token.id.clone(),
        party: token.party.clone(),
        account: token.account.clone(),
        scopes: token.scopes,
        collections: token.collections.clone(),
    };
    let viewer = Viewer::new(directory, &Caller::Member(member), now);
    let stance = viewer
        .stance()
        .map_or("without a stance", |stance| stance.as_str());
    let party = &token.party;
    let table = directory.visibility();
    let sees = |marking| {
        viewer
            .stance()
            .is_some_and(|stance| table.sees(stance, marking))
    };
    let publishes = viewer
        .stance()
        .is_some_and(|stance| table.may_publish(stance));
    let mut warnings = Vec::new();
    if token.scopes.read && !sees(Marking::Green) {
        warnings.push(format!(
            "{party} is {stance}: it sees what is TLP:CLEAR and no more"
        ));
    } else if token.scopes.read && !sees(Marking::Amber) {
        warnings.push(format!(
            "{party} is {stance}: it sees TLP:CLEAR and TLP:GREEN, not TLP:AMBER"
        ));
    }
    if viewer.is_under_terms() {
        warnings.push(format!(
            "{party} is a partner under terms: these say how far it sees and publishes \
             ('entente terms list')"
        ));
    }
    if token.scopes.publish && !publishes {
        warnings.push(format!(
            "{party} is {stance}: its stance does not let it publish"
        ));
    }
    if token.expires.is_some_and(|end| end <= now) {
        warnings.push("this token has ended already".into());
    }
    warnings
}

fn words(scopes: Scopes) -> Vec<String> {
    scopes
        .to_string()
        .split(',')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
