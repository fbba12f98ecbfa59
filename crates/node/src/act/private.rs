//! Private matching: sets that are offered, and the questions about them. A question is an entry that
//! says who asked about how many elements, and when; the node cannot know about which.

use crate::act::Error;
use crate::act::manage::administering;
use crate::directory::Directory;
use crate::entry::Act;
use crate::model::PrivateSet;
use crate::node::Node;
use crate::pledge::slug;
use crate::policy::{Caller, Refusal, Viewer};
use crate::private::Asked;

/// Sets offered at once.
const MOST: usize = 1000;
/// Characters of a description.
const LONGEST: usize = 2000;

impl Node {
    /// Offers a set, or replaces the one of its name. Whoever holds the set makes it first.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Invalid`] for a name that is no slug, or parties or a circle that
    /// are not there; [`Error::Conflict`] when there are too many.
    pub async fn offer_set(&self, caller: &Caller, set: PrivateSet) -> Result<(), Error> {
        let decide = administering(caller, move |directory| {
            check(directory, &set)?;
            let is_new = directory.private().get(&set.name).is_none();
            if is_new && directory.private().all().count() >= MOST {
                let words = format!("{MOST} sets are offered, the most that can be");
                return Err(Error::Conflict(words));
            }
            Ok(vec![Act::OfferSet(set)])
        });
        self.record(caller, decide).await
    }

    /// No longer offers a set.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`].
    pub async fn remove_set(&self, caller: &Caller, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        let decide = administering(caller, move |directory| {
            directory
                .private()
                .get(&name)
                .ok_or(Error::NotFound("set"))?;
            Ok(vec![Act::RemoveSet(name)])
        });
        self.record(caller, decide).await
    }

    /// The sets that the caller may ask.
    ///
    /// # Errors
    /// [`Error::Refused`] without credentials.
    pub fn private_sets(&self, caller: &Caller) -> Result<Vec<PrivateSet>, Error> {
        let viewer = self.viewer(caller);
        viewer.signed_in()?;
        let directory = self.directory();
        let sets = directory.private().all().filter(|set| viewer.may_ask(set));
        Ok(sets.cloned().collect())
    }

    /// One of [`Node::private_sets`].
    ///
    /// # Errors
    /// As there, and [`Error::NotFound`].
    pub fn private_set(&self, caller: &Caller, name: &str) -> Result<PrivateSet, Error> {
        let viewer = self.viewer(caller);
        viewer.signed_in()?;
        let directory = self.directory();
        let found = directory.private().get(name);
        let found = found.filter(|set| viewer.may_ask(set));
        found.cloned().ok_or(Error::NotFound("set"))
    }

    /// Records that the caller asks a set about so many elements: before anything is answered.
    ///
    /// # Errors
    /// As [`Node::private_set`]; [`Error::Limit`] when the day's number is used up.
    pub async fn ask_set(&self, caller: &Caller, name: &str, elements: u64) -> Result<(), Error> {
        self.private_set(caller, name)?;
        if elements == 0 {
            return Err(Error::Invalid("a question has at least one element".into()));
        }
        let (asker, name) = (caller.clone(), name.to_owned());
        let decide = move |directory: &Directory, now: crate::clock::Instant| {
            let set = directory.private().get(&name);
            let set = set.filter(|set| Viewer::new(directory, &asker, now).may_ask(set));
            let set = set.ok_or(Error::NotFound("set"))?;
            let party = asker.party().ok_or(Refusal::Anonymous)?;
            let asked = directory.private().asked_on(&name, party, now.day());
            if asked.saturating_add(elements) > set.daily {
                return Err(Error::Limit(format!(
                    "a party may ask '{name}' about {} elements a day, and has asked about {asked}: \
                     ask about fewer, or again after midnight (UTC)",
                    set.daily
                )));
            }
            Ok(vec![Act::PrivateMatch {
                set: name,
                elements,
            }])
        };
        self.record(caller, Box::new(decide)).await
    }

    /// Who asked a set about how much; for those who manage the node.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::NotFound`].
    pub fn asked_of_set(&self, caller: &Caller, name: &str) -> Result<Vec<(String, Asked)>, Error> {
        self.viewer(caller).administers()?;
        let directory = self.directory();
        directory
            .private()
            .get(name)
            .ok_or(Error::NotFound("set"))?;
        let asked = directory.private().asked(name);
        Ok(asked
            .map(|(party, asked)| (party.to_owned(), asked))
            .collect())
    }
}

fn check(directory: &Directory, set: &PrivateSet) -> Result<(), Error> {
    let invalid = |words: String| Err(Error::Invalid(words));
    if set.name.is_empty() || set.name != slug(&set.name) || set.name.len() > 100 {
        return invalid("name: lower-case letters, digits and hyphens, at most 100".into());
    }
    if set.description.chars().count() > LONGEST || set.description.chars().any(char::is_control) {
        return invalid(format!(
            "description: at most {LONGEST} characters, without control characters"
        ));
    }
    if let Some(circle) = &set.circle
        && directory.circle(circle).is_none()
    {
        return invalid(format!("there is no circle '{circle}'"));
    }
    for party in &set.parties {
        if directory.party_number(party).is_none() {
            return invalid(format!("there is no party '{party}'"));
        }
    }
    if set.daily == 0 {
        return invalid("daily: at least one element".into());
    }
    Ok(())
}
