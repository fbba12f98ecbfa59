//! Due process: the affected contests by a link that the recipient gave it, without an account.

use subtle::ConstantTimeEq as _;

use super::Scene;
use super::check;
use super::read::{CaseView, Seer};
use super::step::AFFECTED;
use crate::act::Error;
use crate::batch::By;
use crate::clock::Instant;
use crate::directory::hash_secret;
use crate::node::Node;
use crate::policy::{Caller, CaseSight};
use crate::request::{Case, Contact, State, Step};
use crate::view::requests::Cases;

/// What who holds a link sees.
#[derive(Clone, Debug)]
pub struct Contestable {
    /// The case, without who to ask at the sender's.
    pub case: CaseView,
    /// Until when the link works.
    pub expires: Instant,
    /// Whether it can be contested now.
    pub open: bool,
}

impl Node {
    /// What a link to contest is about.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the link is unknown, replaced or over.
    pub fn contestable(&self, token: &str) -> Result<Contestable, Error> {
        let missing = Error::NotFound("link");
        let (id, secret) = token.split_once('_').ok_or(missing.clone())?;
        let cases = Cases::open(&self.shared.store.read()?)?;
        let case = cases.case(id)?.ok_or(missing.clone())?;
        let expires = holds(&case, secret, self.now()).ok_or(missing)?;
        let open = matches!(case.state, State::Accepted | State::Done);
        let used = case.link.as_ref().is_some_and(|link| link.used);
        let open = open && !used;
        let viewer = self.viewer(&Caller::Anonymous);
        let seer = Seer {
            viewer: &viewer,
            directory: &self.directory(),
            cases: &cases,
        };
        let case = seer.whole_case(case, CaseSight::Words)?;
        Ok(Contestable {
            case,
            expires,
            open,
        })
    }

    /// Contests what was done, or is to be.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the link is unknown, replaced or over; [`Error::Invalid`];
    /// [`Error::Conflict`] when it is contested already or over.
    pub async fn contest(
        &self,
        token: &str,
        words: String,
        contact: Option<Contact>,
    ) -> Result<Contestable, Error> {
        check::text("words", &words)?;
        contact.as_ref().map_or(Ok(()), check::contact)?;
        let missing = Error::NotFound("link");
        let (id, secret) = token.split_once('_').ok_or(missing.clone())?;
        let (id, secret) = (id.to_owned(), secret.to_owned());
        // Before anything is kept: whoever has no link keeps nothing here.
        self.contestable(token)?;
        let contact_mark = self.keep_contact(contact.as_ref())?;
        let decide = Box::new(move |scene: &Scene<'_>| {
            holds(scene.case, &secret, scene.now).ok_or(Error::NotFound("link"))?;
            let step = Step::Contest {
                words,
                contact: None,
                contact_mark,
            };
            Ok(Some((AFFECTED, step)))
        });
        let stepped = self.step(By::Affected, &id, None, decide).await;
        let stepped = self.settle_contact(contact_mark, stepped);
        stepped.map_err(|error| match error {
            Error::NotFound(_) => missing,
            other => other,
        })?;
        self.contestable(token)
    }
}

/// Until when a secret opens a case to whom it affects; none when it does not.
fn holds(case: &Case, secret: &str, now: Instant) -> Option<Instant> {
    let link = case.link.as_ref()?;
    let right = bool::from(link.hash.ct_eq(&hash_secret(secret)));
    (right && link.expires > now).then_some(link.expires)
}
