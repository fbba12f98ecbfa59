//! What a STIX sighting or opinion says of the signals it refers to.

use std::borrow::Cow;

use stix::{Object, Timestamp};

use crate::clock::Instant;
use crate::model::FeedbackKind;

/// Characters of an explanation.
pub const LONGEST_EXPLANATION: usize = 2000;
/// Sightings told at once (STIX 2.1 §5.2: `count`).
pub const MOST_SIGHTINGS: u32 = 999_999_999;
/// Signals that one opinion is taken to be about.
const MOST_REFERRED: usize = 100;
/// Labels by which a sighting or an opinion says that a signal is a false alarm.
const NOT_MALICIOUS: [&str; 2] = ["not-malicious", "false-positive"];

/// What is said of signals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) kind: FeedbackKind,
    pub(crate) count: u32,
    pub(crate) first_seen: Option<Instant>,
    pub(crate) last_seen: Option<Instant>,
    pub(crate) explanation: Option<String>,
    /// The STIX ids of the signals.
    pub(crate) about: Vec<String>,
}

impl Said {
    /// What an object says; none when it is neither a sighting nor an opinion, or says nothing
    /// either way: an opinion that is neutral, a sighting that counts nought, one that is revoked.
    pub(crate) fn of(object: &Object<'_>) -> Option<Box<Self>> {
        let is_sighting = match object.type_name() {
            "sighting" => true,
            "opinion" => false,
            _ => return None,
        };
        if object.revoked() {
            return None;
        }
        let labels = object.labels();
        let false_alarm = labels
            .iter()
            .any(|label| NOT_MALICIOUS.contains(&label.as_ref()));
        let count = count(object);
        let kind = match object.text("opinion").as_deref() {
            _ if false_alarm => FeedbackKind::NotMalicious,
            Some("strongly-disagree" | "disagree") => FeedbackKind::Disagree,
            Some("strongly-agree" | "agree") => FeedbackKind::Agree,
            None if is_sighting && count > 0 => FeedbackKind::Seen,
            _ => return None,
        };
        let seen = kind == FeedbackKind::Seen;
        let time = |name| {
            let text = object.text(name).filter(|_| seen)?;
            Some(Instant(Timestamp::parse(&text).ok()?.micros()))
        };
        let words = object.text(if is_sighting {
            "description"
        } else {
            "explanation"
        });
        let words = words.filter(|words| !words.trim().is_empty());
        Some(Box::new(Said {
            kind,
            count: if seen { count } else { 0 },
            first_seen: time("first_seen"),
            last_seen: time("last_seen"),
            explanation: words.map(|words| words.chars().take(LONGEST_EXPLANATION).collect()),
            about: about(object, is_sighting),
        }))
    }
}

/// How often it was seen: once when that is not told (STIX 2.1 §5.2.1).
fn count(object: &Object<'_>) -> u32 {
    let told = object
        .member("count")
        .and_then(|raw| raw.trim().parse().ok());
    told.unwrap_or(1).min(MOST_SIGHTINGS)
}

fn about(object: &Object<'_>, is_sighting: bool) -> Vec<String> {
    if is_sighting {
        let signal = object.text("sighting_of_ref");
        return signal.map(Cow::into_owned).into_iter().collect();
    }
    let refs = object.member("object_refs");
    let mut ids: Vec<String> = refs
        .and_then(|raw| serde_json::from_str(raw).ok())
        .unwrap_or_default();
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(MOST_REFERRED);
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNAL: &str = "indicator--00000001-0000-4000-8000-000000000000";

    fn said(type_name: &str, rest: &str) -> Option<Box<Said>> {
        let text = format!(
            r#"{{"type":"{type_name}","spec_version":"2.1","id":"{type_name}--00000001-0000-4000-8000-000000000001","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z",{rest}}}"#
        );
        Said::of(&Object::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn opinions_say_one_of_three_things_or_nothing() {
        let kind = |opinion: &str, rest: &str| {
            let rest = format!(r#""opinion":"{opinion}","object_refs":["{SIGNAL}"]{rest}"#);
            said("opinion", &rest).map(|said| said.kind)
        };
        assert_eq!(kind("strongly-disagree", ""), Some(FeedbackKind::Disagree));
        assert_eq!(kind("disagree", ""), Some(FeedbackKind::Disagree));
        assert_eq!(kind("neutral", ""), None);
        assert_eq!(kind("agree", ""), Some(FeedbackKind::Agree));
        assert_eq!(kind("strongly-agree", ""), Some(FeedbackKind::Agree));
        for label in NOT_MALICIOUS {
            let labels = format!(r#","labels":["{label}"]"#);
            assert_eq!(kind("disagree", &labels), Some(FeedbackKind::NotMalicious));
        }
        assert_eq!(kind("agree", r#","revoked":true"#), None);
    }

    #[test]
    fn a_sighting_says_how_often_and_when() {
        let of = format!(r#""sighting_of_ref":"{SIGNAL}""#);
        let once = said("sighting", &of).unwrap();
        assert_eq!((once.kind, once.count), (FeedbackKind::Seen, 1));
        assert_eq!(once.about, [SIGNAL]);
        let often = format!(
            r#"{of},"count":7,"first_seen":"2025-01-01T00:00:00Z","last_seen":"2025-01-02T00:00:00Z","description":"In our mail.""#
        );
        let often = said("sighting", &often).unwrap();
        assert_eq!(often.count, 7);
        assert!(often.first_seen < often.last_seen);
        assert_eq!(often.explanation.as_deref(), Some("In our mail."));
        assert_eq!(said("sighting", &format!(r#"{of},"count":0"#)), None);
    }
}
