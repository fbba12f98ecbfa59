//! Attachments of requests, and forgetting whom to ask.

use bytes::Bytes;
use tokio::sync::oneshot;

use super::Scene;
use super::check;
use super::read::CaseView;
use crate::act::Error;
use crate::batch::By;
use crate::evidence::digest_of;
use crate::model::Marking;
use crate::node::Node;
use crate::policy::{Caller, Refusal, Viewer};
use crate::request::{Contact, Evidence, Role, Step};
use crate::view::requests::{Cases, Walk};

/// An attachment to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvidence {
    /// File name, without folders.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Who may see it, besides the two sides.
    pub marking: Marking,
    /// The bytes.
    pub bytes: Bytes,
}

/// An attachment with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What it is.
    pub evidence: Evidence,
    /// The bytes, checked against their digest.
    pub bytes: Bytes,
}

impl Node {
    /// Keeps an attachment, to be named by a request or a step within 24 hours; what is not named by then
    /// is swept up. When this returns it is on the disk.
    ///
    /// # Errors
    /// [`Error::Refused`] for who may neither send requests nor has a part in one; [`Error::Invalid`];
    /// [`Error::Limit`] when it is too large, or the party keeps too much; [`Error::Storage`].
    pub async fn keep_evidence(
        &self,
        caller: &Caller,
        new: NewEvidence,
    ) -> Result<Evidence, Error> {
        self.may_attach(caller)?;
        let most = self.shared.evidence.limits.file;
        if new.bytes.len() as u64 > most {
            return Err(Error::Limit(format!(
                "an attachment has at most {most} octets"
            )));
        }
        if new.bytes.is_empty() {
            return check::invalid("evidence: this file is empty");
        }
        let evidence = Evidence {
            sha256: [0; 32],
            bytes: new.bytes.len() as u64,
            media_type: new.media_type,
            name: new.name,
            marking: new.marking,
        };
        check::evidence(std::slice::from_ref(&evidence))?;
        let party = caller.party().unwrap_or_default().to_owned();
        let (shared, now) = (self.shared.clone(), self.now());
        let (done, answer) = oneshot::channel();
        let work = move || drop(done.send(shared.evidence.keep(&party, &new.bytes, now)));
        // Writing and digesting it take their time: beside whatever else waits on this thread.
        let thread = std::thread::Builder::new().name("attachment".into());
        let spawned = thread.spawn(work);
        spawned.map_err(|error| Error::Storage(format!("attachments: {error}")))?;
        let kept = answer.await;
        let sha256 = kept.map_err(|_| Error::Storage("attachments: a thread ended".into()))??;
        Ok(Evidence { sha256, ..evidence })
    }

    /// An attachment of a case, by the hexadecimal digits of its SHA-256.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the case, or this attachment of it, is not the caller's to see;
    /// [`Error::Lost`] when its bytes are missing or damaged; [`Error::Storage`].
    pub fn attachment(&self, caller: &Caller, id: &str, sha256: &str) -> Result<Attachment, Error> {
        let missing = Error::NotFound("attachment");
        let digest = digest_of(sha256).ok_or(missing.clone())?;
        let view = self.request_case(caller, id)?;
        let of_steps = view.steps.iter().flat_map(|record| record.step.evidence());
        let mut all = view.case.request.evidence.iter().chain(of_steps);
        let evidence = all.find(|one| one.sha256 == digest).ok_or(missing)?.clone();
        let bytes = self.shared.evidence.read(&digest, evidence.bytes)?;
        Ok(Attachment { evidence, bytes })
    }

    /// Forgets whom to ask about a request and who contested it: for its sender, and for who manages the
    /// node. That it was forgotten is an entry; who it was stands in none.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller sees no such request; [`Error::Refused`];
    /// [`Error::Conflict`] when nobody is named.
    pub async fn forget_contact(&self, caller: &Caller, id: &str) -> Result<CaseView, Error> {
        let cases = Cases::open(&self.shared.store.read()?)?;
        let marks = cases
            .case(id)?
            .map(|case| case.contacts)
            .unwrap_or_default();
        drop(cases);
        let decide = Box::new(move |scene: &Scene<'_>| {
            let Scene {
                directory,
                viewer,
                case,
                ..
            } = *scene;
            // A token that is limited to collections takes no step, not even as who manages the node.
            viewer.may_speak()?;
            let sender = viewer.roles(directory, case).contains(&Role::Sender);
            let role = if sender {
                Role::Sender
            } else {
                viewer.administers().map_err(|_| Refusal::NoRole)?;
                Role::Steward
            };
            Ok(Some((role, Step::Forget)))
        });
        self.step(By::Caller(caller.clone()), id, None, decide)
            .await?;
        for mark in marks {
            self.shared.evidence.forget_contact(&mark)?;
        }
        self.stepped_case(caller, id)
    }

    /// Sweeps up attachments that nobody named in time, and contacts that are forgotten; gives how many
    /// files went.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn sweep_evidence(&self) -> Result<usize, Error> {
        let cases = Cases::open(&self.shared.store.read()?)?;
        let directory = self.directory();
        let named = |party: Option<&str>, digest: &[u8; 32]| {
            // A party that the register does not know names nothing.
            let number = party.map(|party| directory.party_number(party).unwrap_or(u32::MAX - 1));
            Ok(cases.names(digest, number)?)
        };
        let remembered = |mark: &[u8; 32]| Ok(cases.remembers(mark)?);
        self.shared.evidence.sweep(self.now(), &named, &remembered)
    }

    /// Keeps whom to ask, to be named by the entry that is written next.
    pub(super) fn keep_contact(
        &self,
        contact: Option<&Contact>,
    ) -> Result<Option<[u8; 32]>, Error> {
        contact
            .map(|contact| self.shared.evidence.keep_contact(contact))
            .transpose()
    }

    /// After an entry was written, or not: what was kept for it stays if the entry names it.
    pub(super) fn settle_contact<T>(
        &self,
        mark: Option<[u8; 32]>,
        written: Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(mark) = mark else { return written };
        let kept = &self.shared.evidence;
        let read = self.shared.store.read();
        let remembered = read.and_then(|read| Cases::open(&read)?.remembers(&mark));
        match (&written, remembered) {
            // An error may hide that it was written; and the views say nothing while they cannot be read.
            (Ok(_), Err(_)) | (Err(Error::Storage(_)), _) | (_, Ok(true)) => {
                kept.settle(&[mark]);
            }
            // Sent twice with one key: the first contact stands.
            _ => kept.unclaim_contact(&mark),
        }
        written
    }

    /// Whether the caller may have files kept: who may send requests, or has a part in one.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Storage`].
    pub fn may_attach(&self, caller: &Caller) -> Result<(), Error> {
        let viewer: Viewer = self.viewer(caller);
        viewer.may_speak()?;
        if viewer.may_request().is_ok() || *caller == Caller::Operator {
            return Ok(());
        }
        let (directory, viewer) = (self.directory(), viewer.reading());
        if viewer.is_steward(&directory) {
            return Ok(());
        }
        let cases = Cases::open(&self.shared.store.read()?)?;
        let parties = viewer.stands_for().iter();
        let walk = Walk {
            own: parties.filter_map(|p| directory.party_number(p)).collect(),
            ..Walk::default()
        };
        let mut has_part = false;
        cases.newest(&walk, u64::MAX, |case| {
            has_part = !viewer.roles(&directory, &case).is_empty();
            Ok::<_, Error>(!has_part)
        })?;
        if has_part {
            Ok(())
        } else {
            Err(Refusal::NoRole.into())
        }
    }
}
