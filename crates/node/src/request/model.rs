//! What the entries of a request say.

use serde::{Deserialize, Serialize};

use super::deadline::Deadline;
use super::machine::{Role, Verb};
use crate::clock::Instant;
use crate::model::Marking;
use crate::words::words;

words! {
    /// What is asked for.
    Kind, "kind of request";
    /// That something is removed or made unavailable.
    Takedown = "takedown", "Takedown";
    /// That data are kept from being lost (Budapest Convention, Articles 16 and 35).
    Preservation = "preservation", "Preservation";
    /// That something is told.
    Information = "information", "Information";
    /// Help: advice, people, tools.
    Assistance = "assistance", "Assistance";
    /// That an incident is taken note of and acted on (NIS2, Article 23).
    IncidentNotice = "incident-notice", "Incident notice";
    /// That a matter is taken over by whom it belongs to.
    Referral = "referral", "Referral";
}

words! {
    /// Whether a ground is a law or a rule of the recipient's own.
    GroundKind, "kind of ground";
    /// A law (DSA, Article 17(3)(d)).
    Law = "law", "Law";
    /// The recipient's terms and conditions (DSA, Article 17(3)(e)).
    Policy = "policy", "Policy";
}

words! {
    /// What a matter is about, for counting.
    Category, "category";
    /// Interference with elections.
    ElectionInterference = "election-interference", "Election interference";
    /// Incitement to hatred or violence.
    HateSpeech = "hate-speech", "Hate speech";
    /// Blocking or throttling of lawful speech.
    Censorship = "censorship", "Censorship";
    /// Theft of trade secrets and other intellectual property.
    TradeSecrets = "trade-secrets", "Trade secrets";
    /// Fraud and phishing.
    Fraud = "fraud", "Fraud";
    /// Malware, botnets, attacks on systems.
    Attacks = "attacks", "Attacks";
    /// Vulnerabilities and exposed systems.
    Vulnerability = "vulnerability", "Vulnerability";
    /// Spam and bulk messaging.
    Spam = "spam", "Spam";
    /// Copyright and trade marks.
    IntellectualProperty = "intellectual-property", "Intellectual property";
    /// Harm to children.
    ChildSafety = "child-safety", "Child safety";
    /// Personal data.
    Privacy = "privacy", "Privacy";
    /// Anything else.
    Other = "other", "Other";
}

/// Why something is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// Law or policy.
    pub kind: GroundKind,
    /// Which law and article, or which rule.
    pub reference: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// Why what is named falls under it (DSA, Article 16(2)(a)).
    pub explanation: String,
}

/// A person to ask (DSA, Article 16(2)(c)). The two sides alone see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

/// An attachment: its bytes lie beside the journal, what it is stands in the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Octets.
    pub bytes: u64,
    /// Media type.
    pub media_type: String,
    /// File name.
    pub name: String,
    /// Who may see it, besides the two sides.
    pub marking: Marking,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Random.
    pub id: String,
    /// The party that asks.
    pub from: String,
    /// The party that is asked.
    pub to: String,
    /// What is asked for.
    pub kind: Kind,
    /// What it is about.
    pub category: Category,
    /// One line.
    pub title: String,
    /// What is to be done, and what has to be known for it.
    pub words: String,
    /// Exact URLs or other identifiers of what it is about (DSA, Article 16(2)(b)).
    pub targets: Vec<String>,
    /// Ids of STIX objects that it is about.
    pub signals: Vec<String>,
    /// The principle of the pledge that it rests on.
    pub principle: Option<u16>,
    /// Its legal or policy ground.
    pub ground: Option<Ground>,
    /// The country where it is to have effect (ISO 3166-1 alpha-2); none for everywhere.
    pub country: Option<String>,
    /// Whom to ask at the sender's, as read from beside the journal: it can be forgotten.
    #[serde(skip)]
    pub contact: Option<Contact>,
    /// What the entry says of the contact: a salted commitment.
    pub contact_mark: Option<[u8; 32]>,
    /// Whether the sender states in good faith that what it says is accurate and complete (DSA,
    /// Article 16(2)(d)).
    pub good_faith: bool,
    /// Attachments.
    pub evidence: Vec<Evidence>,
    /// Who may see what it says, besides the two sides.
    pub marking: Marking,
    /// The sender's own reference, or the id of the report that it was made from.
    pub reference: Option<String>,
    /// The request that it follows from.
    pub follows: Option<String>,
    /// By when; a draft has none yet.
    pub deadline: Option<Deadline>,
    /// The digest of the idempotency key it was sent with.
    pub key: Option<[u8; 16]>,
}

/// A step in a case. Who took it stands in the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestStep {
    /// The request's id.
    pub request: String,
    /// Of the request: so that the public leaf tells who asked whom for what.
    pub from: String,
    /// As `from`.
    pub to: String,
    /// As `from`.
    pub kind: Kind,
    /// As `from`.
    pub marking: Marking,
    /// As whom it was taken.
    pub by: Role,
    /// The digest of the idempotency key it was sent with.
    pub key: Option<[u8; 16]>,
    /// What is done.
    pub step: Step,
}

/// What is done about a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// A draft is sent.
    Send {
        /// By when it is to be answered.
        deadline: Deadline,
    },
    /// A draft is thrown away.
    Discard,
    /// It was received and is being looked at.
    Acknowledge {
        /// A word to the sender.
        words: Option<String>,
    },
    /// It will be done.
    Accept {
        /// A word to the sender.
        words: Option<String>,
        /// By when, if the recipient says so.
        done_by: Option<Instant>,
    },
    /// It will not be done.
    Decline {
        /// Why.
        reason: String,
    },
    /// The recipient asks back; its clock stands still until the sender answers.
    Ask {
        /// What it needs to know.
        question: String,
    },
    /// The sender answers; the clock goes on.
    Answer {
        /// The answer.
        words: String,
        /// Attachments.
        evidence: Vec<Evidence>,
        /// By when it is to be answered now.
        deadline: Deadline,
    },
    /// It was done.
    Done {
        /// What was done.
        words: String,
        /// Attachments.
        evidence: Vec<Evidence>,
    },
    /// The recipient makes a link by which the affected can contest; an earlier one ends.
    Link {
        /// SHA-256 of its secret.
        hash: [u8; 32],
        /// Until when it works.
        expires: Instant,
    },
    /// The affected contests what was done, or is to be.
    Contest {
        /// Why.
        words: String,
        /// Who says so, if it is told, as read from beside the journal. The two sides and who reviews
        /// alone see it.
        #[serde(skip)]
        contact: Option<Contact>,
        /// What the entry says of the contact: a salted commitment.
        contact_mark: Option<[u8; 32]>,
    },
    /// Who reviews finds that it stands.
    Uphold {
        /// Why.
        reason: String,
    },
    /// Who reviews finds that it does not stand, and is to be undone.
    Reverse {
        /// Why.
        reason: String,
    },
    /// What was reversed is undone.
    Restore {
        /// What was done.
        words: String,
    },
    /// The sender takes it back.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// The case ends: by the sender, or since the time to contest is over.
    Close {
        /// A word on it.
        words: Option<String>,
    },
    /// Either side, the reviewer or the steward adds something.
    Note {
        /// What.
        words: String,
        /// Attachments.
        evidence: Vec<Evidence>,
    },
    /// A date draws near.
    Remind {
        /// The date.
        due: Instant,
    },
    /// It is brought before the steward: no answer in time, or the sender asks for it.
    Escalate {
        /// Why, when a party did.
        words: Option<String>,
    },
    /// Nobody answered.
    Expire,
    /// Who to ask, and who contested, is forgotten.
    Forget,
}

impl Step {
    /// What kind of step it is.
    pub fn verb(&self) -> Verb {
        match self {
            Step::Send { .. } => Verb::Send,
            Step::Discard => Verb::Discard,
            Step::Acknowledge { .. } => Verb::Acknowledge,
            Step::Accept { .. } => Verb::Accept,
            Step::Decline { .. } => Verb::Decline,
            Step::Ask { .. } => Verb::Ask,
            Step::Answer { .. } => Verb::Answer,
            Step::Done { .. } => Verb::Done,
            Step::Link { .. } => Verb::Link,
            Step::Contest { .. } => Verb::Contest,
            Step::Uphold { .. } => Verb::Uphold,
            Step::Reverse { .. } => Verb::Reverse,
            Step::Restore { .. } => Verb::Restore,
            Step::Withdraw { .. } => Verb::Withdraw,
            Step::Close { .. } => Verb::Close,
            Step::Note { .. } => Verb::Note,
            Step::Remind { .. } => Verb::Remind,
            Step::Escalate { .. } => Verb::Escalate,
            Step::Expire => Verb::Expire,
            Step::Forget => Verb::Forget,
        }
    }

    /// The words that it is explained in, if any.
    pub fn words(&self) -> Option<&str> {
        match self {
            Step::Acknowledge { words }
            | Step::Accept { words, .. }
            | Step::Close { words }
            | Step::Escalate { words } => words.as_deref(),
            Step::Decline { reason: words }
            | Step::Ask { question: words }
            | Step::Answer { words, .. }
            | Step::Done { words, .. }
            | Step::Contest { words, .. }
            | Step::Uphold { reason: words }
            | Step::Reverse { reason: words }
            | Step::Restore { words }
            | Step::Withdraw { reason: words }
            | Step::Note { words, .. } => Some(words),
            Step::Send { .. }
            | Step::Discard
            | Step::Link { .. }
            | Step::Remind { .. }
            | Step::Expire
            | Step::Forget => None,
        }
    }

    /// The same step without anything that is said in it.
    #[must_use]
    pub fn without_words(&self) -> Step {
        let (words, evidence) = (String::new(), Vec::new());
        match self {
            Step::Send { .. }
            | Step::Discard
            | Step::Link { .. }
            | Step::Remind { .. }
            | Step::Expire
            | Step::Forget => self.clone(),
            Step::Acknowledge { .. } => Step::Acknowledge { words: None },
            Step::Accept { done_by, .. } => Step::Accept {
                words: None,
                done_by: *done_by,
            },
            Step::Decline { .. } => Step::Decline { reason: words },
            Step::Ask { .. } => Step::Ask { question: words },
            Step::Answer { deadline, .. } => Step::Answer {
                words,
                evidence,
                deadline: deadline.clone(),
            },
            Step::Done { .. } => Step::Done { words, evidence },
            Step::Contest { .. } => Step::Contest {
                words,
                contact: None,
                contact_mark: None,
            },
            Step::Uphold { .. } => Step::Uphold { reason: words },
            Step::Reverse { .. } => Step::Reverse { reason: words },
            Step::Restore { .. } => Step::Restore { words },
            Step::Withdraw { .. } => Step::Withdraw { reason: words },
            Step::Close { .. } => Step::Close { words: None },
            Step::Note { .. } => Step::Note { words, evidence },
            Step::Escalate { .. } => Step::Escalate { words: None },
        }
    }

    /// What is attached to it.
    pub fn evidence(&self) -> &[Evidence] {
        match self {
            Step::Answer { evidence, .. }
            | Step::Done { evidence, .. }
            | Step::Note { evidence, .. } => evidence,
            _ => &[],
        }
    }
}

impl Evidence {
    /// The digest in hexadecimal digits.
    pub fn digest(&self) -> String {
        let digits = self.sha256.iter();
        digits.fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}
