//! News: what was recorded of the register, the pledge, identities and talks, in the order of the
//! journal, as far as a caller sees it. What came with the pledge file is no news.
//!
//! Folded state alone is read, no body: the cost follows from the number of parties, not from that of
//! entries.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::act::Error;
use crate::clock::Instant;
use crate::commitment::{Completion, Reply, State};
use crate::directory::Directory;
use crate::entry::Recorded;
use crate::history::Becomes;
use crate::identity::Held;
use crate::model::Marking;
use crate::node::Node;
use crate::pledge::{Basis, Stance};
use crate::policy::{Caller, CaseSight, Viewer};
use crate::request::{Kind, Verb};
use crate::view::requests::Cases;
use crate::words::words;

words! {
    /// What news are about.
    Topic, "topic";
    /// Parties and their stances, invitations, terms and reservations.
    Register = "register", "Parties and stances";
    /// Versions of the pledge, and who adopts them.
    Pledge = "pledge", "Versions of the pledge";
    /// Keys, domains, sponsors and signatures.
    Identity = "identity", "Keys and signatures";
    /// Requests between parties.
    Requests = "requests", "Requests";
    /// Commitments, reports, reviews and letters.
    Commitments = "commitments", "Commitments and letters";
}

/// One thing that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its entry.
    pub recorded: Recorded,
    /// What it is about.
    pub topic: Topic,
    /// The party that it is about, by its id; empty where it is about none.
    pub party: String,
    /// What happened.
    pub what: What,
}

/// What happened. Parties are named by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A party is listed.
    Party,
    /// A party's stance became another, or was confirmed.
    Stance {
        /// The stance.
        stance: Stance,
        /// The one before; the same where it was confirmed.
        before: Option<Stance>,
        /// From when on.
        since: Date,
        /// Where it is known from.
        source: Option<String>,
    },
    /// A party is invited to join as this.
    Invited(Stance),
    /// It answered: accepted, declined or withdrawn.
    Answered(&'static str),
    /// Terms of a partner are set.
    Terms {
        /// What people call them.
        title: String,
        /// The first day.
        from: Date,
    },
    /// What it signed does not hold it to so many principles.
    Reserved(usize),
    /// A party was renamed, succeeded or merged.
    Became {
        /// The word.
        how: &'static str,
        /// The new name, or the id of the party that it is now.
        to: String,
    },
    /// A version of the pledge.
    Version {
        /// Its number.
        number: u32,
        /// Its day.
        date: Date,
        /// What changed.
        changes: String,
    },
    /// A party holds itself to a version.
    Adopted(u32),
    /// A key (`name+id`) is enrolled.
    Key {
        /// The key.
        key: String,
        /// The one that it takes the place of.
        replaces: Option<String>,
    },
    /// A key is revoked.
    KeyRevoked {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// A domain is claimed.
    Domain(String),
    /// What was seen of a domain's proof is another than before.
    Proof {
        /// The domain.
        domain: String,
        /// Whether it holds.
        good: bool,
    },
    /// A party signed this version of the pledge with its key.
    Signed(u32),
    /// Another party, by its id, vouches for it.
    Sponsored(String),
    /// Another party, by its id, vouches for it no more.
    Unsponsored(String),
    /// Something was done about a request that was sent to the party.
    Request(Box<AboutRequest>),
    /// Something was said of a commitment of the party.
    Commitment(Box<AboutCommitment>),
}

/// What was said of a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutCommitment {
    /// Its id.
    pub id: String,
    /// The principle's number.
    pub principle: u16,
    /// What was done.
    pub did: Did,
    /// The words that it was said in; may be empty.
    pub words: String,
}

/// What was done about a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// It was made.
    Commit,
    /// It was amended.
    Amend,
    /// It was taken back.
    Withdraw,
    /// The party reports how far it is.
    Report(Completion),
    /// Another party, by its id, judges how far it is.
    Review(String, Completion),
    /// Another party, by its id, shows what speaks against it.
    Counter(String),
    /// A letter announces that it becomes this.
    Letter(State),
    /// A letter was taken back.
    RevokeLetter,
    /// The party answers.
    Reply,
    /// It becomes this.
    Become(State),
}

/// What was done about a request, as far as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutRequest {
    /// Its id.
    pub id: String,
    /// Who asks.
    pub from: String,
    /// What for.
    pub kind: Kind,
    /// Its marking.
    pub marking: Marking,
    /// Its title; empty where the caller sees the facts alone.
    pub title: String,
    /// What was done.
    pub verb: Verb,
}

/// Which news are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// About these.
    pub topics: &'a [Topic],
    /// Recorded after this instant.
    pub after: Instant,
    /// And up to this one.
    pub until: Instant,
    /// At most so many, the newest.
    pub limit: usize,
}

impl Node {
    /// News that the caller sees, oldest first.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn news(&self, caller: &Caller, asked: &Asked<'_>) -> Result<Vec<Fact>, Error> {
        let (directory, viewer) = (self.directory(), self.viewer(caller));
        let mut found = Found {
            asked: *asked,
            facts: Vec::new(),
        };
        for topic in asked.topics {
            match topic {
                Topic::Register => {
                    stances(&directory, &mut found);
                    accession(&directory, &viewer, &mut found);
                }
                Topic::Pledge => versions(&directory, &mut found),
                Topic::Identity => identities(&directory, &mut found),
                Topic::Requests => self.about_requests(&directory, &viewer, &mut found)?,
                Topic::Commitments => commitments(&directory, &mut found),
            }
        }
        let mut facts = found.facts;
        facts.sort_by_key(|fact| fact.recorded);
        facts.dedup_by(|a, b| a == b);
        let more = facts.len().saturating_sub(asked.limit);
        Ok(facts.split_off(more))
    }

    fn about_requests(
        &self,
        directory: &Directory,
        viewer: &Viewer,
        found: &mut Found<'_>,
    ) -> Result<(), Error> {
        let cases = Cases::open(&self.shared.store.read()?)?;
        let mut room = found.asked.limit;
        cases.recent(|case, step| {
            let at = step.as_ref().map_or(case.opened, |step| step.at);
            if at <= found.asked.after || room == 0 {
                return Ok(false);
            }
            let verb = match &step {
                Some(step) => step.step.verb(),
                // What was opened as a draft is news when it is sent.
                None if case.sent == Some(case.opened) => Verb::Send,
                None => return Ok(true),
            };
            let sight = viewer.sees_case(directory, &case);
            let told = !matches!(
                verb,
                Verb::Discard | Verb::Link | Verb::Note | Verb::Remind | Verb::Forget
            );
            if !told || sight == CaseSight::Nothing {
                return Ok(true);
            }
            let position = step.map_or(case.position, |step| step.position);
            let mut request = case.request;
            if sight < CaseSight::Words {
                request.title.clear();
            }
            let about = AboutRequest {
                id: request.id,
                from: request.from,
                kind: request.kind,
                marking: request.marking,
                title: request.title,
                verb,
            };
            let recorded = Recorded { position, at };
            let before = found.facts.len();
            let what = What::Request(Box::new(about));
            found.push(recorded, Topic::Requests, &request.to, what);
            room -= found.facts.len() - before;
            Ok::<_, Error>(true)
        })
    }
}

/// Facts within what was asked for.
struct Found<'a> {
    asked: Asked<'a>,
    facts: Vec<Fact>,
}

impl Found<'_> {
    fn is_within(&self, at: Instant) -> bool {
        self.asked.after < at && at <= self.asked.until
    }

    fn push(&mut self, recorded: Recorded, topic: Topic, party: &str, what: What) {
        if self.is_within(recorded.at) {
            self.facts.push(Fact {
                recorded,
                topic,
                party: party.to_owned(),
                what,
            });
        }
    }
}

fn stances(directory: &Directory, found: &mut Found<'_>) {
    let (register, history) = (directory.register(), directory.history());
    for party in register.parties() {
        let first = register.facts(&party.id).first();
        if let Some((_, recorded)) = first.filter(|(_, at)| !history.is_loaded(*at)) {
            found.push(*recorded, Topic::Register, &party.id, What::Party);
        }
        let mut before = None;
        for (change, recorded) in register.recorded(&party.id) {
            let is_news = change.basis != Basis::AbsentOn && !history.is_loaded(recorded);
            if is_news && found.is_within(recorded.at) {
                let what = What::Stance {
                    stance: change.stance,
                    before,
                    since: change.since,
                    source: change.source.clone(),
                };
                found.push(recorded, Topic::Register, &party.id, what);
            }
            before = Some(change.stance);
        }
    }
}

fn accession(directory: &Directory, viewer: &Viewer, found: &mut Found<'_>) {
    let accession = directory.accession();
    for record in accession.invitations() {
        let invitation = &record.invitation;
        if !viewer.sees_invitation(directory, record) {
            continue;
        }
        let party = &invitation.party;
        // One that was not public until it was accepted is news then.
        if invitation.public {
            let what = What::Invited(invitation.join_as);
            found.push(record.recorded, Topic::Register, party, what);
        }
        if let Some((answer, recorded)) = &record.answer {
            let what = What::Answered(answer.answered.as_str());
            found.push(*recorded, Topic::Register, party, what);
        }
    }
    for (reservations, recorded) in accession.reservations() {
        let what = What::Reserved(reservations.reservations.len());
        found.push(*recorded, Topic::Register, &reservations.party, what);
    }
    for (terms, recorded) in accession.all_terms().flat_map(|record| &record.versions) {
        if viewer.sees_terms(directory, terms) {
            let what = What::Terms {
                title: terms.title.clone(),
                from: terms.from,
            };
            found.push(*recorded, Topic::Register, &terms.party, what);
        }
    }
    for record in directory.history().reassignments() {
        let reassignment = &record.reassignment;
        let to = match &reassignment.becomes {
            Becomes::Renamed { to, .. } | Becomes::Succeeded(to) | Becomes::Merged(to) => to,
        };
        let what = What::Became {
            how: reassignment.becomes.as_str(),
            to: to.clone(),
        };
        found.push(record.recorded, Topic::Register, &reassignment.party, what);
    }
}

fn versions(directory: &Directory, found: &mut Found<'_>) {
    let history = directory.history();
    for version in history.versions() {
        if !history.is_loaded(version.recorded) {
            let what = What::Version {
                number: version.number,
                date: version.date,
                changes: version.changes.clone(),
            };
            found.push(version.recorded, Topic::Pledge, "", what);
        }
    }
    for record in history.adoptions() {
        let adoption = &record.adoption;
        let what = What::Adopted(adoption.version);
        found.push(record.recorded, Topic::Pledge, &adoption.party, what);
    }
}

fn identities(directory: &Directory, found: &mut Found<'_>) {
    let identities = directory.identities();
    for key in identities.keys() {
        let (name, party) = (key.name(), key.party());
        let what = What::Key {
            key: name.clone(),
            replaces: key.enrolled.what.replaces.clone(),
        };
        found.push(at(&key.enrolled), Topic::Identity, party, what);
        if let Some(revoked) = &key.revoked {
            let what = What::KeyRevoked {
                key: name,
                reason: revoked.what.reason.clone(),
            };
            found.push(at(revoked), Topic::Identity, party, what);
        }
    }
    for claim in identities.claims() {
        let (party, domain) = (&claim.what.party, &claim.what.domain);
        let what = What::Domain(domain.clone());
        found.push(at(claim), Topic::Identity, party, what);
        let mut held = None;
        for seen in identities.observations(party, domain) {
            let outcome = seen.what.outcome;
            let good = !outcome.ends();
            if outcome == crate::identity::Outcome::Unreachable || held == Some(good) {
                continue;
            }
            // That a claim has no proof yet is no news.
            if good || held.is_some() {
                let domain = domain.clone();
                found.push(
                    at(seen),
                    Topic::Identity,
                    party,
                    What::Proof { domain, good },
                );
            }
            held = Some(good);
        }
    }
    for party in directory.register().parties() {
        for signed in identities.signatures(&party.id) {
            let what = What::Signed(signed.what.version);
            found.push(at(signed), Topic::Identity, &party.id, what);
        }
        for sponsored in identities.sponsorships(&party.id) {
            let sponsor = sponsored.what.sponsor.clone();
            let what = if sponsored.what.note.is_empty() {
                What::Unsponsored(sponsor)
            } else {
                What::Sponsored(sponsor)
            };
            found.push(at(sponsored), Topic::Identity, &party.id, what);
        }
    }
}

fn commitments(directory: &Directory, found: &mut Found<'_>) {
    for record in directory.commitments().all() {
        let mut push = |held: Recorded, did: Did, words: &str| {
            let about = AboutCommitment {
                id: record.id().to_owned(),
                principle: record.newest().principle,
                did,
                words: words.to_owned(),
            };
            let what = What::Commitment(Box::new(about));
            found.push(held, Topic::Commitments, record.party(), what);
        };
        for version in record.versions() {
            let did = if version.what.version == 1 {
                Did::Commit
            } else {
                Did::Amend
            };
            push(at(version), did, &version.what.words);
        }
        if let Some(withdrawn) = &record.withdrawn {
            push(at(withdrawn), Did::Withdraw, &withdrawn.what.reason);
        }
        for report in &record.reports {
            let did = Did::Report(report.what.completion);
            push(at(report), did, &report.what.words);
        }
        for change in &record.states {
            push(at(change), Did::Become(change.what.to), &change.what.reason);
        }
        let mut answered = |reply: Option<&Held<Reply>>| {
            if let Some(reply) = reply {
                push(at(reply), Did::Reply, &reply.what.words);
            }
        };
        record
            .reviews
            .iter()
            .for_each(|said| answered(said.reply.as_ref()));
        record
            .counters
            .iter()
            .for_each(|said| answered(said.reply.as_ref()));
        record
            .letters
            .iter()
            .for_each(|said| answered(said.reply.as_ref()));
        for said in &record.reviews {
            let review = &said.held.what;
            let did = Did::Review(review.by.clone(), review.completion);
            push(at(&said.held), did, &review.words);
        }
        for said in &record.counters {
            let counter = &said.held.what;
            push(
                at(&said.held),
                Did::Counter(counter.by.clone()),
                &counter.words,
            );
        }
        for said in &record.letters {
            push(at(&said.held), Did::Letter(said.held.what.to), "");
            if let Some(revoked) = &said.revoked {
                push(at(revoked), Did::RevokeLetter, &revoked.what.reason);
            }
        }
    }
}

fn at<T>(held: &Held<T>) -> Recorded {
    Recorded {
        position: held.position,
        at: held.at,
    }
}
