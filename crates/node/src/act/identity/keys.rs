//! Keys of parties: enrolled, replaced, revoked.

use crate::act::Error;
use crate::act::identity::{check_day, invalid, read_note, signed_by};
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::Act;
use crate::identity::statement::{self, KeyStatement};
use crate::identity::{EnrolledKey, Key, KeyState, Note, RevokedKey, VerifierKey, Vouch, key_name};
use crate::node::Node;
use crate::policy::{Caller, Viewer};

/// Keys of a party that live at a time.
const MOST: usize = 20;

impl Node {
    /// Enrols the key of a signed statement ([`KeyStatement`]): the note has the new key's signature,
    /// which shows that whoever asks has it. A party's first key is taken on the word of its account;
    /// later ones need the signature of a key of the party too, or an administrator.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a note or a statement that does not hold, and for a key that is named
    /// neither after its party nor after a domain that the party proved; [`Error::Refused`];
    /// [`Error::NotFound`] for an unknown party or key; [`Error::Conflict`] when it is enrolled
    /// already, or when nobody vouches for it.
    pub async fn enrol_key(&self, caller: &Caller, text: &str) -> Result<EnrolledKey, Error> {
        let note = read_note(text)?;
        let asked = KeyStatement::parse(note.text()).map_err(invalid)?;
        if !signed_by(&note, &asked.key)? {
            return Err(Error::Invalid(format!(
                "the statement is not signed by the new key, {}",
                key_name(&asked.key)
            )));
        }
        let name = key_name(&asked.key);
        let (asker, text) = (caller.clone(), text.to_owned());
        let decide = move |directory: &Directory, now: Instant| {
            let now = directory.identities().now(now);
            let viewer = Viewer::new(directory, &asker, now);
            let administers = viewer.acts_for(&asked.party)?;
            check_new(directory, &asked, now)?;
            let vouch = vouch(directory, &asked, &note, administers, now)?;
            Ok(vec![Act::Key(Key {
                party: asked.party,
                key: asked.key.to_string(),
                label: asked.label.unwrap_or_default(),
                replaces: asked.replaces,
                vouch,
                note: text,
            })])
        };
        self.record(caller, Box::new(decide)).await?;
        let directory = self.directory();
        let key = directory.identities().key(&name);
        key.cloned().ok_or(Error::NotFound("key"))
    }

    /// Revokes a key (`name+id`): what it signed since `since`, now when absent, is not its party's.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`]; [`Error::Invalid`] for a time to come or a reason that
    /// is none; [`Error::Conflict`] when it is revoked already.
    pub async fn revoke_key(
        &self,
        caller: &Caller,
        key: &str,
        reason: &str,
        since: Option<Instant>,
    ) -> Result<EnrolledKey, Error> {
        let reason = statement::words(reason).map_err(|what| invalid(format!("reason: {what}")))?;
        if reason.is_empty() {
            return Err(invalid("reason: say why, for those who rely on the key"));
        }
        let (asker, name) = (caller.clone(), key.to_owned());
        let decide = move |directory: &Directory, now: Instant| {
            let now = directory.identities().now(now);
            let known = directory.identities().key(&name);
            let known = known.ok_or(Error::NotFound("key"))?;
            Viewer::new(directory, &asker, now).acts_for(known.party())?;
            if known.revoked.is_some() {
                return Err(Error::Conflict(format!("{name} is revoked already")));
            }
            let since = since.unwrap_or(now);
            if since > now {
                return Err(invalid(
                    "since: a key is revoked as of now, or of a time that is past",
                ));
            }
            Ok(vec![Act::RevokeKey(RevokedKey {
                key: name,
                reason,
                since,
            })])
        };
        self.record(caller, Box::new(decide)).await?;
        let directory = self.directory();
        let revoked = directory.identities().key(key);
        revoked.cloned().ok_or(Error::NotFound("key"))
    }
}

/// Whether a key may be enrolled as what it says it is.
fn check_new(directory: &Directory, asked: &KeyStatement, now: Instant) -> Result<(), Error> {
    let KeyStatement { party, key, .. } = asked;
    directory
        .party_number(party)
        .ok_or(Error::NotFound("party"))?;
    check_day(asked.date, now)?;
    let identities = directory.identities();
    let is_its = key.name() == party || identities.proves(party, key.name(), now);
    if !is_its {
        return Err(Error::Invalid(format!(
            "a key of {party} is named '{party}', or after a domain that {party} proved here: \
             '{}' is neither",
            key.name()
        )));
    }
    // The same key under another name would be two parties in one.
    let same = |known: &&EnrolledKey| same_key(&known.verifier, key);
    if let Some(known) = identities.keys().find(same) {
        return Err(Error::Conflict(format!(
            "it is enrolled already, as {}",
            known.name()
        )));
    }
    let of_party = identities.keys_of(party).into_iter();
    let live = of_party.filter(|known| known.state(now) == KeyState::Live);
    if live.count() >= MOST {
        return Err(Error::Conflict(format!(
            "{party} has {MOST} keys, the most there can be: revoke one first"
        )));
    }
    Ok(())
}

fn same_key(one: &VerifierKey, other: &VerifierKey) -> bool {
    one.public() == other.public() || key_name(one) == key_name(other)
}

/// On whose word a key is taken.
fn vouch(
    directory: &Directory,
    asked: &KeyStatement,
    note: &Note,
    administers: bool,
    now: Instant,
) -> Result<Vouch, Error> {
    let of_party = directory.identities().keys_of(&asked.party);
    let live = |key: &&&EnrolledKey| key.state(now) == KeyState::Live;
    if let Some(old) = &asked.replaces {
        let known = of_party.iter().filter(live).find(|key| key.name() == *old);
        let known = known.ok_or_else(|| {
            invalid(format!(
                "replaces: {old} is no key of {} that lives",
                asked.party
            ))
        })?;
        return if signed_by(note, &known.verifier)? {
            Ok(Vouch::Key(old.clone()))
        } else if administers {
            Ok(Vouch::Administrator)
        } else {
            Err(Error::Conflict(format!(
                "a key is replaced by a statement that the old key, {old}, signs too, or by an \
                 administrator"
            )))
        };
    }
    for key in of_party.iter().filter(live) {
        if signed_by(note, &key.verifier)? {
            return Ok(Vouch::Key(key.name()));
        }
    }
    if administers {
        Ok(Vouch::Administrator)
    } else if of_party.is_empty() {
        Ok(Vouch::Account)
    } else {
        Err(Error::Conflict(format!(
            "{} has had keys here: another needs the signature of one that lives, or an \
             administrator",
            asked.party
        )))
    }
}
