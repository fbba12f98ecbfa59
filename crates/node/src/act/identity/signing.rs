//! Signing the pledge, and vouching for others.

use jiff::civil::Date;

use crate::act::Error;
use crate::act::identity::{check_day, check_expiry, invalid, read_note, signed_by};
use crate::clock::Instant;
use crate::directory::Directory;
use crate::entry::Act;
use crate::identity::statement::{SignatureStatement, SponsorshipStatement, hex};
use crate::identity::{Held, KeyState, Note, Signature, Sponsorship, key_name};
use crate::node::Node;
use crate::pledge::{Basis, Precision, Stance, StanceChange, text, text_hash};
use crate::policy::{Caller, Viewer};

/// Years that a signature holds at most.
pub const LONGEST_SIGNATURE: i32 = 10;
/// Years that a sponsorship holds at most.
pub const LONGEST_SPONSORSHIP: i32 = 3;

impl Signature {
    /// The stance that follows from it, written in the entry at `position`.
    pub(crate) fn stance_change(&self, position: u64, at: Instant) -> StanceChange {
        StanceChange {
            party: self.party.clone(),
            stance: Stance::Signed,
            // The day of the entry, which this journal vouches for, not the one in the note.
            since: at.day(),
            basis: Basis::SignedHere,
            precision: Precision::Day,
            source: Some(format!("entry {position} of this node's journal")),
            note: (!self.reservations.is_empty()).then(|| {
                let numbers = self.reservations.iter().map(|r| r.principle.to_string());
                let numbers = numbers.collect::<Vec<_>>().join(", ");
                format!("with reservations: principle {numbers}")
            }),
        }
    }
}

impl Node {
    /// The text that is signed, of a version of the pledge.
    ///
    /// # Errors
    /// [`Error::NotFound`] without a pledge, or for another version.
    pub fn pledge_text(&self, version: Option<u32>) -> Result<String, Error> {
        let directory = self.directory();
        let version = version.unwrap_or(directory.pledge_version());
        let mut known = directory.history().versions().iter();
        let known = known.find(|known| known.number == version);
        let known = known.ok_or(Error::NotFound("version of the pledge"))?;
        Ok(text(&known.pledge, version))
    }

    /// Signs the pledge: a note over a [`SignatureStatement`] with a key of the party. Its stance is
    /// `signed` from then on. Signing again renews.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a note or a statement that does not hold, or is about another text;
    /// [`Error::Refused`]; [`Error::NotFound`]; [`Error::Conflict`] when it was signed already, or the
    /// party is suspended.
    pub async fn sign_pledge(&self, caller: &Caller, note: &str) -> Result<Held<Signature>, Error> {
        let parsed = read_note(note)?;
        let said = SignatureStatement::parse(parsed.text()).map_err(invalid)?;
        let (asker, party, sent) = (caller.clone(), said.party.clone(), note.to_owned());
        let decide = move |directory: &Directory, now: Instant| {
            let now = directory.identities().now(now);
            directory
                .party_number(&said.party)
                .ok_or(Error::NotFound("party"))?;
            Viewer::new(directory, &asker, now).acts_for(&said.party)?;
            check_text(directory, &said)?;
            check_day(said.date, now)?;
            check_expiry(said.date, said.expires, now, LONGEST_SIGNATURE)?;
            let key = signer(directory, &said.party, &parsed, now)?;
            check_state(directory, &said, &sent, now)?;
            Ok(vec![Act::Signature(Signature {
                party: said.party,
                key,
                pledge: said.pledge,
                version: said.version,
                text: said.text,
                domain: said.domain.map(|domain| domain.to_string()),
                reservations: said.reservations,
                date: said.date,
                expires: said.expires,
                note: sent,
            })])
        };
        self.record(caller, Box::new(decide)).await?;
        let directory = self.directory();
        let mut signed = directory.identities().signatures(&party).iter().rev();
        let made = signed.find(|signed| signed.what.note == note);
        made.cloned().ok_or(Error::NotFound("signature"))
    }

    /// Vouches for another party: a note over a [`SponsorshipStatement`] with the sponsor's key.
    ///
    /// # Errors
    /// As [`Node::sign_pledge`]; [`Error::Conflict`] when the sponsor has not signed, or no domain of
    /// its own shows who it is.
    pub async fn sponsor(&self, caller: &Caller, note: &str) -> Result<Held<Sponsorship>, Error> {
        let parsed = read_note(note)?;
        let said = SponsorshipStatement::parse(parsed.text()).map_err(invalid)?;
        let (asker, party, sent) = (caller.clone(), said.party.clone(), note.to_owned());
        let decide = move |directory: &Directory, now: Instant| {
            let now = directory.identities().now(now);
            Viewer::new(directory, &asker, now).acts_for(&said.sponsor)?;
            check_day(said.date, now)?;
            check_expiry(said.date, said.expires, now, LONGEST_SPONSORSHIP)?;
            let for_key = check_sponsored(directory, &said, &sent, now)?;
            let key = signer(directory, &said.sponsor, &parsed, now)?;
            Ok(vec![Act::Sponsorship(Sponsorship {
                sponsor: said.sponsor,
                key,
                party: said.party,
                for_key,
                date: said.date,
                expires: said.expires,
                note: sent,
            })])
        };
        self.record(caller, Box::new(decide)).await?;
        self.last_sponsorship(&party, |held| held.what.note == note)
    }

    /// Takes back that `sponsor` vouches for `party`.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`] when it does not vouch for it.
    pub async fn end_sponsorship(
        &self,
        caller: &Caller,
        sponsor: &str,
        party: &str,
    ) -> Result<(), Error> {
        let (asker, sponsor, party) = (caller.clone(), sponsor.to_owned(), party.to_owned());
        let decide = move |directory: &Directory, now: Instant| {
            let now = directory.identities().now(now);
            Viewer::new(directory, &asker, now).acts_for(&sponsor)?;
            let mut given = directory.identities().sponsorships(&party).iter().rev();
            let last = given.find(|held| held.what.sponsor == sponsor);
            let last = last.filter(|held| !held.what.note.is_empty());
            let last = last.ok_or(Error::NotFound("sponsorship"))?;
            Ok(vec![Act::Sponsorship(Sponsorship {
                date: now.day(),
                note: String::new(),
                ..last.what.clone()
            })])
        };
        self.record(caller, Box::new(decide)).await
    }

    fn last_sponsorship(
        &self,
        party: &str,
        is_it: impl Fn(&&Held<Sponsorship>) -> bool,
    ) -> Result<Held<Sponsorship>, Error> {
        let directory = self.directory();
        let mut given = directory.identities().sponsorships(party).iter().rev();
        given
            .find(is_it)
            .cloned()
            .ok_or(Error::NotFound("sponsorship"))
    }
}

/// The key (`name+id`) of the party that signed the note and may.
fn signer(directory: &Directory, party: &str, note: &Note, now: Instant) -> Result<String, Error> {
    let keys = directory.identities().keys_of(party);
    for key in &keys {
        if !note
            .signatures()
            .iter()
            .any(|one| key.verifier.is_named_by(one))
        {
            continue;
        }
        let name = key.name();
        return match key.state(now) {
            KeyState::Live => signed_by(note, &key.verifier).map(|_| name),
            KeyState::Revoked => Err(Error::Conflict(format!("{name} is revoked"))),
            KeyState::Replaced => {
                let words = format!("{name} signs nothing more: another key took its place");
                Err(Error::Conflict(words))
            }
        };
    }
    Err(Error::Invalid(format!(
        "the note is not signed by a key that is enrolled for {party}"
    )))
}

fn check_text(directory: &Directory, said: &SignatureStatement) -> Result<(), Error> {
    let pledge = directory.pledge().ok_or(Error::NotFound("pledge"))?;
    let version = directory.pledge_version();
    if said.pledge != pledge.id || said.version != version {
        return Err(Error::Invalid(format!(
            "this node runs on {} in version {version}; the statement is about {} in version {}",
            pledge.id, said.pledge, said.version
        )));
    }
    let text = text_hash(pledge, version);
    if said.text != text {
        return Err(Error::Invalid(format!(
            "text-sha256: the pledge's text is {}: see 'entente pledge text'",
            hex(&text)
        )));
    }
    if let Some(reservation) = said
        .reservations
        .iter()
        .find(|reservation| pledge.principle(reservation.principle).is_none())
    {
        return Err(Error::Invalid(format!(
            "reservation: there is no principle {}",
            reservation.principle
        )));
    }
    Ok(())
}

fn check_state(
    directory: &Directory,
    said: &SignatureStatement,
    note: &str,
    now: Instant,
) -> Result<(), Error> {
    let party = &said.party;
    let identities = directory.identities();
    if directory.stance(party, now.day()) == Some(Stance::Suspended) {
        return Err(Error::Conflict(format!(
            "{party} is suspended: whoever suspended it lifts that first"
        )));
    }
    let before = identities.signatures(party).iter();
    let before = before.map(|held| (held.what.note.as_str(), held.what.date));
    if is_stale(before, note, said.date) {
        return Err(Error::Conflict(
            "this was signed already, or something newer: make a new statement".into(),
        ));
    }
    if let Some(domain) = &said.domain
        && !identities.proves(party, domain.as_str(), now)
    {
        return Err(Error::Conflict(format!(
            "domain: {party} has not proved {domain} here: see 'entente domain claim'"
        )));
    }
    Ok(())
}

/// Whether a sponsor may vouch; gives the key (`name+id`) that it vouches for.
fn check_sponsored(
    directory: &Directory,
    said: &SponsorshipStatement,
    note: &str,
    now: Instant,
) -> Result<String, Error> {
    let identities = directory.identities();
    let key = key_name(&said.key);
    let known = identities.live_key(&key, now);
    let known = known.filter(|known| known.party() == said.party && known.verifier == said.key);
    if known.is_none() {
        return Err(Error::NotFound("key of that party that lives"));
    }
    if said.sponsor == said.party {
        return Err(Error::Invalid("nobody vouches for itself".into()));
    }
    if directory.stance(&said.sponsor, now.day()) != Some(Stance::Signed)
        || !identities.may_sponsor(&said.sponsor, now)
    {
        return Err(Error::Conflict(format!(
            "{} may vouch for others once it has signed with its key, and a domain of its own shows \
             who it is",
            said.sponsor
        )));
    }
    let given = identities.sponsorships(&said.party).iter();
    let given = given.filter(|held| held.what.sponsor == said.sponsor);
    let given = given.map(|held| (held.what.note.as_str(), held.what.date));
    if is_stale(given, note, said.date) {
        return Err(Error::Conflict(
            "it vouched with this already, or with something newer: make a new statement".into(),
        ));
    }
    Ok(key)
}

/// Whether a note says what was said before, or is older than what was: sent again by whoever has
/// it, it would bring back what was left since. Another's signature on the same words is the same
/// statement.
fn is_stale<'n>(
    mut earlier: impl Iterator<Item = (&'n str, Date)>,
    note: &str,
    date: Date,
) -> bool {
    let words = |note: &str| {
        let note = Note::parse(note.as_bytes()).ok();
        note.map(|note| note.text().to_owned())
    };
    let told = words(note);
    earlier.any(|(before, on)| date < on || words(before) == told)
}
