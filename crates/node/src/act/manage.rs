//! Managing a node: its pledge, parties, stances, collections and tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::act::Error;
use crate::batch::fill;
use crate::clock::Instant;
use crate::directory::{Directory, KEY_PREFIX, TOKEN_PREFIX, WITHDRAWN, hash_secret};
use crate::entry::Act;
use crate::model::{Collection, Scopes, Token};
use crate::node::Node;
use crate::pledge::{Party, Pledge, PledgeFile, Stance, StanceChange, is_slug};
use crate::policy::{Caller, Viewer};

/// A secret that was just made. It is shown once; only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The public part.
    pub id: String,
    /// The whole text: prefix, id, `_`, secret.
    pub text: String,
}

impl Secret {
    pub(crate) fn new(prefix: &str) -> Self {
        let mut random = [0; 38];
        fill(&mut random);
        let (id, secret) = random.split_at(6);
        let id = id
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let text = format!("{prefix}{id}_{}", URL_SAFE_NO_PAD.encode(secret));
        Secret { id, text }
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        // After the prefix comes the id, which is hexadecimal, so the second `_` ends it.
        hash_secret(self.text.splitn(3, '_').nth(2).unwrap_or_default())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({}, …)", self.id)
    }
}

/// A token to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// The party it acts for, by id or name.
    pub party: String,
    /// The account's name.
    pub account: String,
    /// What it allows.
    pub scopes: Scopes,
    /// Ids or aliases of the collections it is limited to; empty means all.
    pub collections: Vec<String>,
    /// When it ends, if it does.
    pub expires: Option<Instant>,
}

impl NewToken {
    pub(crate) fn issue(self) -> (Secret, Token) {
        let secret = Secret::new(TOKEN_PREFIX);
        let NewToken {
            party,
            account,
            scopes,
            collections,
            expires,
        } = self;
        let (id, hash) = (secret.id.clone(), secret.hash());
        (
            secret,
            Token {
                id,
                party,
                account,
                scopes,
                collections,
                hash,
                expires,
            },
        )
    }
}

impl Node {
    /// Loads a pledge: its text, its parties and their stances, each an entry of its own.
    ///
    /// # Errors
    /// [`Error::Refused`], or [`Error::Conflict`] when the node has a pledge already.
    pub async fn load_pledge(&self, caller: &Caller, file: PledgeFile) -> Result<Pledge, Error> {
        let pledge = file.pledge.clone();
        let decide = administering(caller, move |directory| {
            if let Some(known) = directory.pledge() {
                return Err(Error::Conflict(format!(
                    "this node runs on '{}' already",
                    known.name
                )));
            }
            let mut acts = vec![Act::Pledge(Box::new(file.pledge))];
            acts.extend(file.parties.into_iter().map(Act::Party));
            acts.extend(file.stances.into_iter().map(Act::Stance));
            acts.extend(file.holidays.into_iter().map(Act::Holidays));
            Ok(acts)
        });
        self.record(caller, decide).await?;
        Ok(pledge)
    }

    /// Adds a party, or changes the facts of one.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Invalid`].
    pub async fn add_party(&self, caller: &Caller, party: Party) -> Result<(), Error> {
        party
            .check()
            .map_err(|error| Error::Invalid(error.to_string()))?;
        self.record(
            caller,
            administering(caller, move |_| Ok(vec![Act::Party(party)])),
        )
        .await
    }

    /// Records a party's stance. To withdraw, to suspend, and to lift a suspension take a reason
    /// (`note`), which everybody sees.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`] for an unknown party, or [`Error::Invalid`] without a
    /// reason.
    pub async fn set_stance(&self, caller: &Caller, change: StanceChange) -> Result<(), Error> {
        let decide = administering(caller, move |directory| {
            directory
                .party_number(&change.party)
                .ok_or(Error::NotFound("party"))?;
            reasoned(directory, &change)?;
            Ok(vec![Act::Stance(change)])
        });
        self.record(caller, decide).await
    }

    /// Creates a collection, or changes the settings of the one with this id.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Invalid`], or [`Error::Conflict`] when the alias is taken.
    pub async fn set_collection(
        &self,
        caller: &Caller,
        collection: Collection,
    ) -> Result<(), Error> {
        if !is_slug(&collection.alias) || collection.alias.len() > 60 {
            return Err(Error::Invalid(format!(
                "'{}' is no collection name: use 1 to 60 lower-case letters, digits and hyphens",
                collection.alias
            )));
        }
        if collection.alias.ends_with(WITHDRAWN) {
            return Err(Error::Invalid(format!(
                "'{}' ends in '{WITHDRAWN}', as the collections do in which withdrawals are told: \
                 choose another name",
                collection.alias
            )));
        }
        if collection.public && collection.circle.is_some() {
            return Err(Error::Invalid(
                "a collection that is confined to a circle is not public: leave out one of both"
                    .into(),
            ));
        }
        let decide = administering(caller, move |directory| {
            let taken = directory.collection(&collection.alias);
            if taken.is_some_and(|(_, known)| known.id != collection.id) {
                let alias = &collection.alias;
                return Err(Error::Conflict(format!(
                    "there is a collection '{alias}' already"
                )));
            }
            for party in collection.recipients.iter().chain(&collection.publishers) {
                directory
                    .party_number(party)
                    .ok_or(Error::NotFound("party"))?;
            }
            if let Some(circle) = &collection.circle {
                directory.circle(circle).ok_or(Error::NotFound("circle"))?;
            }
            Ok(vec![Act::Collection(collection)])
        });
        self.record(caller, decide).await
    }

    /// Issues a token. The secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Error::Refused`], or [`Error::NotFound`] for an unknown party or collection.
    pub async fn create_token(
        &self,
        caller: &Caller,
        new: NewToken,
    ) -> Result<(Secret, Token), Error> {
        if new.account.starts_with(KEY_PREFIX) {
            return Err(Error::Invalid(format!(
                "an account's name does not start with '{KEY_PREFIX}', as signed requests do"
            )));
        }
        let (secret, mut token) = new.issue();
        let directory = self.directory();
        token.party = directory
            .party(&token.party)
            .ok_or(Error::NotFound("party"))?
            .id
            .clone();
        for collection in &mut token.collections {
            let (_, known) = directory
                .collection(collection)
                .ok_or(Error::NotFound("collection"))?;
            collection.clone_from(&known.id);
        }
        let issued = token.clone();
        self.record(
            caller,
            administering(caller, move |_| Ok(vec![Act::Token(token)])),
        )
        .await?;
        Ok((secret, issued))
    }

    /// Revokes a token by its public id; it stops working at once.
    ///
    /// # Errors
    /// [`Error::Refused`], or [`Error::NotFound`].
    pub async fn revoke_token(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let id = id.to_owned();
        let decide = administering(caller, move |directory| {
            let issued = directory.token(&id).ok_or(Error::NotFound("token"))?;
            // Revoked already: nothing to write.
            Ok(if issued.revoked.is_some() {
                Vec::new()
            } else {
                vec![Act::RevokeToken(id)]
            })
        });
        self.record(caller, decide).await
    }
}

/// Whether a change of stance that takes a reason has one.
///
/// # Errors
/// [`Error::Invalid`] says which does not.
pub(crate) fn reasoned(directory: &Directory, change: &StanceChange) -> Result<(), Error> {
    let before = directory.stance(&change.party, change.since);
    let what = match (before, change.stance) {
        (_, Stance::Withdrawn) => "a withdrawal takes",
        (_, Stance::Suspended) => "a suspension takes",
        (Some(Stance::Suspended), _) => "to lift a suspension takes",
        _ => return Ok(()),
    };
    let reason = change.note.as_deref().unwrap_or_default();
    if reason.trim().is_empty() {
        return Err(Error::Invalid(format!(
            "{what} a reason, which everybody sees: say why in 'note'"
        )));
    }
    Ok(())
}

/// Wraps a decision so that it is taken only for a caller who administers at that moment.
pub(crate) fn administering(
    caller: &Caller,
    decide: impl FnOnce(&Directory) -> Result<Vec<Act<'static>>, Error> + Send + 'static,
) -> crate::writer::Decide {
    let caller = caller.clone();
    Box::new(move |directory, now| {
        Viewer::new(directory, &caller, now).administers()?;
        decide(directory)
    })
}

/// 256 random bits as text, for secrets that live in memory only.
pub fn random_text() -> String {
    let mut random = [0; 32];
    fill(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}

/// A new random id for a collection (TAXII 2.1 §5.2.1 asks for a `UUIDv4` or the like).
pub fn new_collection_id() -> String {
    let mut random = [0; 16];
    fill(&mut random);
    uuid::Builder::from_random_bytes(random)
        .into_uuid()
        .to_string()
}
