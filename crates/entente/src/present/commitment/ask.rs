//! What is sent to make, amend, report, judge and decide.

use jiff::civil::Date;
use node::act::commitment::report::{NewJudgement, NewReport};
use node::act::commitment::{NewCommitment, Terms};
use node::commitment::indicator::SELF_REPORTED;
use node::commitment::{Bound, Completion, Measure, Target};
use serde::{Deserialize, Serialize};

use super::{Evidence, Goal, Number};

/// What a commitment says, as it is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NewTerms {
    pub(crate) words: String,
    /// A computed indicator's name, or `self-reported`.
    pub(crate) indicator: String,
    /// What is measured, when it is self-reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) measures: Option<String>,
    /// In what unit, when it is self-reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Goal>,
    pub(crate) due: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) every: Option<u8>,
}

/// `POST /api/v1/commitments`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Make {
    pub(crate) party: String,
    pub(crate) principle: u16,
    #[serde(flatten)]
    pub(crate) terms: NewTerms,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Date>,
}

/// `POST /api/v1/commitments/{id}/versions`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Amend {
    #[serde(flatten)]
    pub(crate) terms: NewTerms,
    pub(crate) reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// A reason, and where it is known from when the steward records it for the party:
/// `POST /api/v1/commitments/{id}/withdrawal`, `…/delisting`, `…/reinstatement` and
/// `POST /api/v1/letters/{id}/revocation`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    pub(crate) reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// `POST /api/v1/commitments/{id}/reports`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveReport {
    pub(crate) completion: Completion,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Number>,
    pub(crate) words: String,
    #[serde(default)]
    pub(crate) evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

/// `POST /api/v1/commitments/{id}/reviews`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveReview {
    pub(crate) completion: Completion,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<String>,
    pub(crate) words: String,
    #[serde(default)]
    pub(crate) evidence: Vec<Evidence>,
}

/// `POST /api/v1/commitments/{id}/counter-evidence`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveCounter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<String>,
    pub(crate) words: String,
    pub(crate) evidence: Vec<Evidence>,
}

/// `POST /api/v1/statements/{id}/reply`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveReply {
    pub(crate) words: String,
    #[serde(default)]
    pub(crate) evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
}

impl NewTerms {
    /// As the node takes them.
    ///
    /// # Errors
    /// When the indicator is none, or lacks what it measures.
    pub(crate) fn wanted(self) -> Result<Terms, node::Error> {
        let wrong = |words: String| Err(node::Error::Invalid(words));
        let measure = match (self.indicator.as_str(), self.measures, self.unit) {
            (SELF_REPORTED, Some(description), Some(unit)) => {
                Measure::SelfReported { description, unit }
            }
            (SELF_REPORTED, ..) => {
                return wrong(format!(
                    "'{SELF_REPORTED}' says what is measured, and in what unit: give 'measures' and 'unit'"
                ));
            }
            (name, None, None) => Measure::Computed(
                name.parse()
                    .map_err(|words| node::Error::Invalid(format!("{words}, {SELF_REPORTED}")))?,
            ),
            _ => {
                return wrong(format!(
                    "'measures' and 'unit' are for '{SELF_REPORTED}' alone: leave them out"
                ));
            }
        };
        let better = match &measure {
            Measure::Computed(indicator) => indicator.bound(),
            Measure::SelfReported { .. } => Bound::AtLeast,
        };
        Ok(Terms {
            words: self.words,
            measure,
            baseline: self.baseline.map(|number| number.0),
            target: self.target.map(|goal| Target {
                bound: goal.bound.unwrap_or(better),
                amount: goal.amount.0,
            }),
            due: self.due,
            every: self.every,
        })
    }
}

impl Make {
    /// As the node takes it.
    ///
    /// # Errors
    /// As [`NewTerms::wanted`].
    pub(crate) fn wanted(self) -> Result<NewCommitment, node::Error> {
        Ok(NewCommitment {
            party: self.party,
            principle: self.principle,
            terms: self.terms.wanted()?,
            source: self.source,
            date: self.date,
            key: None,
        })
    }
}

/// Links as the node takes them.
pub(crate) fn links(all: Vec<Evidence>) -> Vec<node::commitment::Evidence> {
    all.into_iter().map(Into::into).collect()
}

impl GiveReport {
    /// As the node takes it.
    pub(crate) fn wanted(self) -> NewReport {
        NewReport {
            completion: self.completion,
            value: self.value.map(|number| number.0),
            words: self.words,
            evidence: links(self.evidence),
            source: self.source,
            key: None,
        }
    }
}

impl GiveReview {
    /// As the node takes it.
    pub(crate) fn wanted(self) -> (Completion, NewJudgement) {
        let said = NewJudgement {
            report: self.report,
            words: self.words,
            evidence: links(self.evidence),
            key: None,
        };
        (self.completion, said)
    }
}

impl GiveCounter {
    /// As the node takes it.
    pub(crate) fn wanted(self) -> NewJudgement {
        NewJudgement {
            report: self.report,
            words: self.words,
            evidence: links(self.evidence),
            key: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_none_is_refused_and_so_is_an_amount_that_is_too_fine() {
        let make = |rest: &str| {
            let text = format!(
                r#"{{"party":"a","principle":1,"words":"w","indicator":"signals-shared","due":"2027-01-01"{rest}}}"#
            );
            serde_json::from_str::<Make>(&text).map(drop)
        };
        make("").unwrap();
        make(r#","target":{"amount":12.5},"every":3"#).unwrap();
        for wrong in [
            r#","dew":1"#,
            r#","target":{"amount":1.2345}"#,
            r#","target":{"amount":1,"side":"at-most"}"#,
            r#","target":{"amount":1,"bound":"above"}"#,
        ] {
            assert!(make(wrong).is_err(), "{wrong}");
        }
    }
}
