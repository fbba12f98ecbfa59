//! A party asks another to act.

use super::check::{self, MOST_LINE, invalid};
use super::read::CaseView;
use crate::act::Error;
use crate::act::idempotency;
use crate::batch::Asking;
use crate::model::Marking;
use crate::node::Node;
use crate::policy::Caller;
use crate::request::deadline::Wanted;
use crate::request::{Category, Contact, Evidence, Ground, Kind, Request};
use crate::writer::Written;

/// Ids of signals that a request is about.
const MOST_SIGNALS: usize = 100;

/// A request to be sent, or drafted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// The party that is asked, by its id or name.
    pub to: String,
    /// What is asked for.
    pub kind: Kind,
    /// What it is about.
    pub category: Category,
    /// One line.
    pub title: String,
    /// What is to be done, and what has to be known for it.
    pub words: String,
    /// Exact URLs or other identifiers.
    pub targets: Vec<String>,
    /// Ids of STIX objects.
    pub signals: Vec<String>,
    /// The principle that it rests on.
    pub principle: Option<u16>,
    /// Its legal or policy ground; not optional for a takedown.
    pub ground: Option<Ground>,
    /// Where it is to have effect (ISO 3166-1 alpha-2); none for everywhere.
    pub country: Option<String>,
    /// Whom to ask; not optional for a takedown.
    pub contact: Option<Contact>,
    /// The statement of good faith; not optional for a takedown.
    pub good_faith: bool,
    /// Attachments, whose bytes are kept already.
    pub evidence: Vec<Evidence>,
    /// Who may see it besides the two sides.
    pub marking: Marking,
    /// The sender's own reference.
    pub reference: Option<String>,
    /// The id of the request that it follows from.
    pub follows: Option<String>,
    /// By when.
    pub deadline: Wanted,
    /// Whether it is a draft.
    pub draft: bool,
}

impl Node {
    /// Asks a party to act, or drafts that. With an idempotency key what is sent twice is taken once.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field; [`Error::NotFound`] for an unknown party;
    /// [`Error::Refused`]; [`Error::Conflict`] when the other party has no account that could answer,
    /// became another, or the key was used for something else; [`Error::Limit`].
    pub async fn send_request(
        &self,
        caller: &Caller,
        new: NewRequest,
        key: Option<&str>,
    ) -> Result<CaseView, Error> {
        self.viewer(caller).may_request()?;
        let from = caller.party().unwrap_or_default().to_owned();
        let directory = self.directory();
        let to = directory.party(&new.to).ok_or(Error::NotFound("party"))?;
        if to.id == from {
            return invalid("to: a party does not ask itself");
        }
        check_request(&new)?;
        if let Some(principle) = new.principle {
            let pledge = directory.pledge();
            let known = pledge.is_some_and(|p| p.principle(principle).is_some());
            if !known {
                return invalid(format!(
                    "principle: the pledge has none of number {principle}"
                ));
            }
        }
        let key = key.map(|key| idempotency::digest("request", &from, key));
        let contact_mark = self.keep_contact(new.contact.as_ref())?;
        let request = Request {
            id: String::new(),
            from,
            to: to.id.clone(),
            kind: new.kind,
            category: new.category,
            title: new.title.trim().to_owned(),
            words: new.words,
            targets: new.targets,
            signals: new.signals,
            principle: new.principle,
            ground: new.ground,
            country: new.country,
            contact: None,
            contact_mark,
            good_faith: new.good_faith,
            evidence: new.evidence,
            marking: new.marking,
            reference: new.reference,
            follows: new.follows,
            deadline: None,
            key: key.transpose()?,
        };
        let asking = Box::new(Asking {
            request,
            wanted: new.deadline,
            draft: new.draft,
        });
        let caller_of = caller.clone();
        let written = self.write(Written::Request {
            caller: caller_of,
            asking,
        });
        let written = written.await;
        let positions = self.settle_contact(contact_mark, written)?;
        self.sent_case(caller, positions.first().copied().unwrap_or_default())
    }
}

fn check_request(new: &NewRequest) -> Result<(), Error> {
    check::one_line("title", &new.title, MOST_LINE)?;
    check::text("words", &new.words)?;
    check::targets(&new.targets)?;
    check::evidence(&new.evidence)?;
    new.ground.as_ref().map_or(Ok(()), check::ground)?;
    new.contact.as_ref().map_or(Ok(()), check::contact)?;
    if let Some(reference) = &new.reference {
        check::one_line("reference", reference, MOST_LINE)?;
    }
    if new.signals.len() > MOST_SIGNALS {
        return invalid(format!("signals: at most {MOST_SIGNALS}"));
    }
    for (i, signal) in new.signals.iter().enumerate() {
        if stix::StixId::parse(signal).is_err() {
            return invalid(format!("signals/{i}: a STIX id, such as indicator--…"));
        }
    }
    if let Some(country) = &new.country
        && !(country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()))
    {
        return invalid("country: two capital letters (ISO 3166-1), such as FR");
    }
    if new.kind != Kind::Takedown {
        return Ok(());
    }
    // DSA, Article 16(2); and the law of this house: what is to be removed names its ground, and is
    // counted by name.
    if new.ground.is_none() {
        return invalid("ground: a takedown names the law or the rule that it rests on, and why");
    }
    if new.targets.is_empty() {
        return invalid("targets: a takedown names the exact URLs, or other identifiers");
    }
    if new.contact.is_none() {
        return invalid("contact: a takedown names whom to ask: name and e-mail address");
    }
    if !new.good_faith {
        return invalid(
            "good_faith: a takedown states in good faith that it is accurate and complete",
        );
    }
    if new.marking == Marking::Red {
        return invalid("marking: who asks for a removal is public: mark it AMBER+STRICT at most");
    }
    Ok(())
}
