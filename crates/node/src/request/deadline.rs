//! By when a request is to be answered.

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::words::words;

words! {
    /// A usual length of time.
    Preset, "deadline";
    /// A point of contact at any hour (Budapest Convention, Article 35): 24 hours.
    Contact = "contact-24-7", "Contact 24 7";
    /// Early warning (NIS2, Article 23(4)(a)): 24 hours.
    EarlyWarning = "nis2-early-warning", "Nis2 early warning";
    /// Incident notification (NIS2, Article 23(4)(b)): 72 hours.
    Notification = "nis2-notification", "Nis2 notification";
    /// Final report (NIS2, Article 23(4)(d)): one month.
    FinalReport = "nis2-final-report", "Nis2 final report";
    /// Ten working days.
    Standard = "standard", "Standard";
    /// As the sender says.
    Custom = "custom", "Custom";
}

/// By when a request is to be answered, as it was decided when it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The preset that it follows from.
    pub preset: Preset,
    /// From when it counts.
    pub from: Instant,
    /// When the recipient is to have answered: accepted, declined or asked back.
    pub answer_by: Instant,
    /// When it is to be done, if the sender says so.
    pub done_by: Option<Instant>,
    /// The time zone (IANA) whose working hours were counted; none for clock time.
    pub zone: Option<String>,
}
