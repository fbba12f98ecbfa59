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

/// What the sender wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// A usual length of time.
    pub preset: Preset,
    /// For [`Preset::Custom`]: hours until it is to be answered.
    pub hours: Option<u32>,
    /// The time zone (IANA) whose working hours count; none for clock time.
    pub zone: Option<String>,
    /// By when it is to be done, if the sender says so.
    pub done_by: Option<Instant>,
}

/// Hours of the longest custom deadline: a year.
pub const MOST_HOURS: u32 = 8784;
const HOUR: i64 = 3_600_000_000;

impl Default for Wanted {
    fn default() -> Self {
        Wanted {
            preset: Preset::Standard,
            hours: None,
            zone: None,
            done_by: None,
        }
    }
}

impl Wanted {
    /// The deadline of what is sent at an instant.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn from(&self, at: Instant) -> Result<Deadline, String> {
        let hours = match (self.preset, self.hours) {
            (Preset::Custom, None) => return Err("a custom deadline has hours: 1 to 8784".into()),
            (Preset::Custom, Some(hours)) if (1..=MOST_HOURS).contains(&hours) => hours,
            (Preset::Custom, Some(_)) => {
                return Err(format!("hours of a custom deadline: 1 to {MOST_HOURS}"));
            }
            (preset, Some(_)) => {
                return Err(format!("hours are for 'custom': '{preset}' has its own"));
            }
            (Preset::Contact | Preset::EarlyWarning, None) => 24,
            (Preset::Notification, None) => 72,
            (Preset::FinalReport, None) => 30 * 24,
            (Preset::Standard, None) => 14 * 24,
        };
        let answer_by = Instant(at.0 + i64::from(hours) * HOUR);
        if self.done_by.is_some_and(|done| done < answer_by) {
            return Err("done_by: lies before the deadline to answer".into());
        }
        Ok(Deadline {
            preset: self.preset,
            from: at,
            answer_by,
            done_by: self.done_by,
            zone: self.zone.clone(),
        })
    }
}
