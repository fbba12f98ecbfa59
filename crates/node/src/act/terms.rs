//! Terms of partners: set, listed and ended by who administers.

use jiff::civil::Date;

use crate::accession::{EndTerms, Terms, TermsRecord};
use crate::act::Error;
use crate::act::accession::deciding;
use crate::act::wording::check_words;
use crate::directory::Directory;
use crate::entry::Act;
use crate::node::Node;
use crate::pledge::is_slug;
use crate::policy::Caller;

/// Terms of one party, those that are over among them.
const MOST_OF_PARTY: usize = 1000;

impl Node {
    /// Sets terms, or replaces those of this id. They decide from the next request on.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Invalid`], [`Error::NotFound`] for an unknown party or collection,
    /// [`Error::Conflict`] when they are another party's.
    pub async fn set_terms(&self, caller: &Caller, terms: Terms) -> Result<Terms, Error> {
        let id = terms.id.clone();
        let decide = deciding(caller, move |directory, viewer, _| {
            viewer.administers()?;
            Ok(vec![Act::Terms(checked(directory, terms)?)])
        });
        self.record(caller, decide).await?;
        let directory = self.directory();
        let newest = directory
            .accession()
            .terms(&id)
            .and_then(TermsRecord::newest);
        newest
            .map(|(terms, _)| terms.clone())
            .ok_or(Error::NotFound("terms"))
    }

    /// The terms that a caller sees, by their id. Of collections it may not know it does not read.
    pub fn terms(&self, caller: &Caller) -> Vec<TermsRecord> {
        let (directory, viewer) = (self.directory(), self.viewer(caller));
        let all = directory.accession().all_terms();
        let seen = all.filter(|record| {
            let newest = record.newest();
            newest.is_some_and(|(terms, _)| viewer.sees_terms(&directory, terms))
        });
        seen.cloned().collect()
    }

    /// Ends terms: they hold no more from the day `on`, which is today when absent.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`]; [`Error::Conflict`] when they are over before.
    pub async fn end_terms(
        &self,
        caller: &Caller,
        id: &str,
        on: Option<Date>,
        reason: String,
    ) -> Result<TermsRecord, Error> {
        check_words("the reason", &reason)?;
        let terms = id.to_owned();
        let decide = deciding(caller, move |directory, viewer, now| {
            viewer.administers()?;
            let record = directory.accession().terms(&terms);
            let record = record.ok_or(Error::NotFound("terms"))?;
            let on = on.unwrap_or(now.day());
            let earlier = record.ended().is_some_and(|ended| ended.on <= on);
            let until = record.newest().and_then(|(terms, _)| terms.until);
            if earlier || until.is_some_and(|until| until < on) {
                let words = format!("these terms are over before {on} already");
                return Err(Error::Conflict(words));
            }
            Ok(vec![Act::EndTerms(EndTerms { terms, on, reason })])
        });
        self.record(caller, decide).await?;
        let directory = self.directory();
        let record = directory.accession().terms(id);
        record.cloned().ok_or(Error::NotFound("terms"))
    }
}

/// The terms as they are written: with ids for names.
pub(crate) fn checked(directory: &Directory, mut terms: Terms) -> Result<Terms, Error> {
    if !is_slug(&terms.id) || terms.id.len() > 60 {
        return Err(Error::Invalid(format!(
            "'{}' is no name of terms: use 1 to 60 lower-case letters, digits and hyphens",
            terms.id
        )));
    }
    check_words("the title", &terms.title)?;
    check_words("the source", &terms.source)?;
    if terms.until.is_some_and(|until| until < terms.from) {
        let words = "terms do not end before they begin: 'until' is their last day";
        return Err(Error::Invalid(words.into()));
    }
    let party = directory.party(&terms.party);
    terms
        .party
        .clone_from(&party.ok_or(Error::NotFound("party"))?.id);
    for collection in &mut terms.collections {
        let (_, known) = directory
            .collection(collection)
            .filter(|(_, known)| known.companion_of.is_none())
            .ok_or(Error::NotFound("collection"))?;
        collection.clone_from(&known.id);
    }
    terms.collections.sort();
    terms.collections.dedup();
    let known = directory.accession().terms(&terms.id);
    let other = known.and_then(TermsRecord::newest);
    if other.is_some_and(|(other, _)| other.party != terms.party) {
        return Err(Error::Conflict(format!(
            "there are terms '{}' of another party already",
            terms.id
        )));
    }
    if directory.accession().terms_of(&terms.party).count() >= MOST_OF_PARTY {
        let words = format!("{MOST_OF_PARTY} terms is the most that a party can have");
        return Err(Error::Conflict(words));
    }
    Ok(terms)
}
