//! Mail: what is asked for, and what the operator sees of it.

use serde::{Deserialize, Serialize};

use super::time;
use crate::mail::{Counts, MORNING, Schedule, Subscription as Kept};

/// A wish for mail: `POST /api/v1/subscriptions`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSubscription {
    /// The e-mail address.
    pub(crate) address: String,
    /// Topics: `register`, `signals:library` and the like.
    pub(crate) topics: Vec<String>,
    /// Once a week rather than every day.
    #[serde(default)]
    pub(crate) weekly: bool,
    /// The day of the week, from Monday as 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) weekday: Option<i8>,
    /// The hour, 0 to 23.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hour: Option<i8>,
    /// The time zone by its IANA name; UTC when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
}

impl NewSubscription {
    /// When the digest is wanted.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn schedule(&self) -> Result<Schedule, String> {
        Schedule::new(
            self.weekly,
            self.weekday.unwrap_or(1),
            self.hour.unwrap_or(MORNING),
            self.zone.as_deref().unwrap_or("UTC"),
        )
    }
}

/// What is answered to a wish for mail, whatever became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) detail: String,
}

impl Default for Asked {
    fn default() -> Self {
        Asked {
            detail: "If mail may be sent to this address, a message with a link is on its way. \
                     Open the link within 48 hours and confirm; nothing is sent before that."
                .into(),
        }
    }
}

/// A subscription as the operator sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) address: String,
    pub(crate) topics: Vec<String>,
    /// When, in words.
    pub(crate) schedule: String,
    /// The party on whose behalf it is told; absent for what is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) party: Option<String>,
    /// `pending`, `active`, `stopped`.
    pub(crate) state: String,
    /// Why it is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) made: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) confirmed: Option<String>,
    /// When the next digest is due, or it is forgotten.
    pub(crate) due: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent: Option<String>,
}

impl From<Kept> for Subscription {
    fn from(kept: Kept) -> Self {
        let state = match (&kept.stopped, kept.confirmed) {
            (Some(_), _) => "stopped",
            (None, None) => "pending",
            (None, Some(_)) => "active",
        };
        Subscription {
            schedule: kept.schedule.words(),
            state: state.into(),
            reason: kept.stopped.map(|(_, reason)| reason),
            party: kept.account.map(|account| account.party),
            id: kept.id,
            address: kept.address,
            topics: kept.topics,
            made: time(kept.made),
            confirmed: kept.confirmed.map(time),
            due: time(kept.due),
            sent: kept.sent.map(time),
        }
    }
}

/// All subscriptions: `GET /api/v1/subscriptions`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subscriptions {
    pub(crate) counts: Counts,
    pub(crate) subscriptions: Vec<Subscription>,
}

/// What became of a message: `POST /api/v1/mail/test`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tried {
    pub(crate) taken: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// To whom: the body of `POST /api/v1/mail/test`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    pub(crate) to: String,
}

/// As of when: the body of `POST /api/v1/mail/due`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Due {
    /// RFC 3339 in UTC; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
}

/// What became of what was due: `POST /api/v1/mail/due`.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DueDone {
    pub(crate) sent: u64,
    /// There was nothing new to tell.
    pub(crate) skipped: u64,
    /// They are tried again.
    pub(crate) failed: u64,
    /// Recipients that take no mail.
    pub(crate) stopped: u64,
    /// Messages that wait now.
    pub(crate) waiting: u64,
}

/// A digest as it would be sent now: `GET /api/v1/mail/preview`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Preview {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl From<crate::mail::Composed> for Preview {
    fn from(composed: crate::mail::Composed) -> Self {
        Preview {
            subject: composed.subject,
            text: composed.text,
            html: composed.html,
        }
    }
}

/// The addresses of a member's calendar: `GET /api/v1/calendars`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Calendars {
    pub(crate) calendars: Vec<Calendar>,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Calendar {
    pub(crate) id: String,
    pub(crate) made: String,
    /// The address; told when it is made, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}
