//! Which objects a client can use, and why not the others.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stix::pattern::{self, Condition, Constant, Operator, Pattern, Step, Test};

use super::super::super::output::{count, counted, plain};
use super::pages::Walked;
use super::report::{Judged, Rule, Wrong, held};

pub(super) const USABLE: Rule = Rule {
    id: "usable",
    section: "how the client takes objects in",
    says: "the client can use the objects of the collection",
};

/// Reasons that are told in words; all are in the numbers.
const MOST_REASONS: usize = 8;
/// Reasons that are told apart; what comes after is summed up.
const MOST_TOLD_APART: usize = 100;

/// The count of what a client can use.
#[derive(Debug, Default)]
pub(super) struct Usable {
    objects: u64,
    used: u64,
    skipped: BTreeMap<String, u64>,
}

impl Usable {
    /// Takes one object: `Err` says why the client skips it.
    pub(super) fn take(&mut self, verdict: Result<(), String>) {
        self.objects += 1;
        match verdict {
            Ok(()) => self.used += 1,
            Err(reason) => {
                let full = self.skipped.len() >= MOST_TOLD_APART;
                let reason = if full && !self.skipped.contains_key(&reason) {
                    "other reasons".to_owned()
                } else {
                    reason
                };
                *self.skipped.entry(reason).or_default() += 1;
            }
        }
    }

    /// How many, and why not the others.
    pub(super) fn judge(self, walked: &Walked, remedy: &str) -> Judged {
        let numbers = json!({
            "objects": self.objects, "usable": self.used, "skipped": self.skipped,
            "read_to_the_end": walked.ended,
        });
        let mut came = format!(
            "{} of {} on {}",
            count(self.used),
            counted(self.objects, "object", "objects"),
            counted(walked.pages as u64, "page", "pages"),
        );
        if !walked.ended {
            came.push_str(", and there are more, which were not read");
        }
        if self.skipped.is_empty() {
            if self.objects == 0 {
                return Err(Wrong::skipped(
                    "the collection is empty for these credentials",
                ));
            }
            return held(came).map(|held| held.with(numbers));
        }
        let mut reasons: Vec<(&String, &u64)> = self.skipped.iter().collect();
        reasons.sort_by_key(|(reason, number)| (std::cmp::Reverse(**number), (*reason).clone()));
        let told = reasons.iter().take(MOST_REASONS);
        let told: Vec<String> = told
            .map(|(reason, number)| format!("{} {}", count(**number), plain(reason)))
            .collect();
        came = format!("{came}; skipped: {}", told.join(", "));
        let means = "what is skipped is lost on this client, without a word to its operator";
        Err(Wrong::warning(came, means, remedy).with(numbers))
    }
}

/// The type of an object.
pub(super) fn type_of(object: &Value) -> &str {
    object.get("type").and_then(Value::as_str).unwrap_or("-")
}

/// A text property.
pub(super) fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    object.get(name).and_then(Value::as_str)
}

/// Whether an object was revoked.
pub(super) fn is_revoked(object: &Value) -> bool {
    object.get("revoked").and_then(Value::as_bool) == Some(true)
}

/// An indicator's pattern as clients need it: STIX, and it parses.
pub(super) fn stix_pattern(object: &Value) -> Result<Pattern<'_>, String> {
    match text(object, "pattern_type") {
        Some("stix") => {}
        Some(other) => return Err(format!("pattern in {}", plain(other))),
        None => return Err("no pattern_type".into()),
    }
    let source = text(object, "pattern").ok_or("no pattern")?;
    pattern::parse(source).map_err(|_| "pattern that does not parse".into())
}

/// `ipv4-addr:value`, `file:hashes` (whatever the algorithm), of a test for equality; none of others.
pub(super) fn equality(test: &Test<'_>) -> Option<String> {
    let Condition::Compare(Operator::Equal, Constant::Text(_)) = &test.condition else {
        return None;
    };
    let deep = test
        .path
        .steps
        .iter()
        .any(|step| !matches!(step, Step::Key(_)));
    if test.negated || deep {
        return None;
    }
    Some(format!("{}:{}", test.path.object_type, test.path.property))
}

/// The one test of a pattern that is one observation of one value; what it is instead, otherwise.
pub(super) fn only_test<'p, 'a>(pattern: &'p Pattern<'a>) -> Result<&'p Test<'a>, String> {
    match (pattern, pattern.atoms().as_slice()) {
        (Pattern::Observation(_), [test]) => Ok(test),
        (Pattern::Observation(_), _) => Err("pattern with more than one comparison".into()),
        (Pattern::Qualified(..), _) => Err("pattern with a qualifier".into()),
        _ => Err("pattern with more than one observation".into()),
    }
}
