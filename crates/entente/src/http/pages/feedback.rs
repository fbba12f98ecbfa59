//! The part of a signal's page that says what parties know of it.

use super::text::{Number, counted, short_time};
use crate::present::feedback::{Counts, Feedback};

/// What parties say of a signal, as far as the viewer may know.
pub(crate) struct FeedbackPart {
    pub(crate) counts: Counts,
    /// What the viewer sees whole, newest first.
    pub(crate) items: Vec<Feedback>,
    /// Whether the viewer is offered to say something.
    pub(crate) may_give: bool,
}

impl FeedbackPart {
    /// Whether there is anything to show.
    pub(crate) fn is_shown(&self) -> bool {
        self.may_give || !self.items.is_empty() || self.counts != Counts::default()
    }

    /// How many say what, as a sentence; none when nobody does.
    pub(crate) fn summary(&self) -> Option<String> {
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let Counts {
            seen,
            sightings,
            not_malicious,
            disagree,
            agree,
        } = self.counts;
        let mut parts = Vec::new();
        if seen > 0 {
            parts.push(format!(
                "{} of {}",
                counted(number(seen), "report", "reports"),
                counted(number(sightings), "sighting", "sightings")
            ));
        }
        for (count, one, many) in [
            (not_malicious, "says", "say"),
            (disagree, "disagrees", "disagree"),
            (agree, "agrees", "agree"),
        ] {
            if count > 0 {
                let words = if count == 1 { one } else { many };
                let what = if one == "says" {
                    " that it is not malicious"
                } else {
                    ""
                };
                parts.push(format!("{} {words}{what}", Number(number(count))));
            }
        }
        (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
    }
}

/// What an item says, in words.
fn words(item: &Feedback) -> String {
    let mut words = match item.kind.as_str() {
        "seen" => match item.count {
            None | Some(1) => "has seen it".to_owned(),
            Some(count) => format!("has seen it {} times", Number(count as usize)),
        },
        "not-malicious" => "says that it is not malicious".into(),
        "disagree" => "disagrees".into(),
        _ => "agrees".into(),
    };
    if let Some(last) = &item.last_seen {
        words.push_str(", last on ");
        words.push_str(&short_time(last));
    }
    words
}

impl Feedback {
    /// What it says, in words.
    pub(crate) fn words(&self) -> String {
        words(self)
    }

    /// The day and minute on which it was said.
    pub(crate) fn at_short(&self) -> String {
        short_time(&self.at)
    }
}
