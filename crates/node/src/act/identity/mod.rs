//! Identities: keys, domains, sponsors, signatures, each asked for by a party and written down.

pub mod domains;
pub mod keys;
pub mod signing;

use jiff::civil::Date;

use crate::act::Error;
use crate::clock::Instant;
use crate::directory::Directory;
use crate::identity::{Note, SignedPublishes, VerifierKey};
use crate::node::Node;
use crate::policy::{Caller, Viewer};

/// Days that the day of a statement may lie before the day it is sent.
pub const OLDEST: i32 = 30;

impl Node {
    /// Says whether a collection takes signed requests alone.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`].
    pub async fn demand_signed(
        &self,
        caller: &Caller,
        collection: &str,
        demanded: bool,
    ) -> Result<(), Error> {
        let (name, asker) = (collection.to_owned(), caller.clone());
        let decide = move |directory: &Directory, now| {
            Viewer::new(directory, &asker, now).administers()?;
            let (_, known) = directory
                .collection(&name)
                .filter(|(_, known)| known.companion_of.is_none())
                .ok_or(Error::NotFound("collection"))?;
            let collection = known.id.clone();
            if directory.identities().demands_signature(&collection) == demanded {
                return Ok(Vec::new());
            }
            let settings = SignedPublishes {
                collection,
                demanded,
            };
            Ok(vec![crate::entry::Act::SignedPublishes(settings)])
        };
        self.record(caller, Box::new(decide)).await
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it stands in for a constructor in map_err"
)]
fn invalid(error: impl ToString) -> Error {
    Error::Invalid(error.to_string())
}

fn read_note(text: &str) -> Result<Note, Error> {
    Note::parse(text.as_bytes()).map_err(invalid)
}

/// Whether a note has a signature of this key that holds. One that does not hold is refused, whoever
/// else signed.
fn signed_by(note: &Note, key: &VerifierKey) -> Result<bool, Error> {
    if !note.signatures().iter().any(|one| key.is_named_by(one)) {
        return Ok(false);
    }
    let keys = [key.clone()];
    note.verify(&keys).map(|_| true).map_err(invalid)
}

/// Whether a statement's day is about today: clocks and weekends differ by a little.
fn check_day(date: Date, now: Instant) -> Result<(), Error> {
    let today = now.day();
    let days = today.since(date).map_or(i32::MAX, |span| span.get_days());
    if !(-1..=OLDEST).contains(&days) {
        return Err(Error::Invalid(format!(
            "date: {date} is not within the last {OLDEST} days (today is {today}): sign it anew"
        )));
    }
    Ok(())
}

/// Whether a statement's last day is in the future, and not beyond what anybody can promise.
fn check_expiry(date: Date, expires: Date, now: Instant, years: i32) -> Result<(), Error> {
    let latest = date.checked_add(jiff::Span::new().years(years));
    let latest = latest.map_err(invalid)?;
    if expires < now.day() || expires > latest {
        return Err(Error::Invalid(format!(
            "expires: {expires} is past, or more than {years} years after {date}"
        )));
    }
    Ok(())
}
