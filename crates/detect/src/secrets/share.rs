//! Findings as STIX: that passages of a protected document were found, and by which keyed
//! fingerprints others can recognise them. Neither text nor names are in it.

use std::fmt::Write as _;

use stix::build::Draft;
use stix::{StixId, Timestamp, Tlp};

use super::protected::Settings;
use super::scan::Share;

/// Fingerprints of a leak that are shared, at most.
const MOST: usize = 1000;

/// Passages of one protected document that were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// The document's number.
    pub document: u64,
    /// Texts that they were found in.
    pub texts: u64,
    /// The fingerprints that were found, sorted.
    pub fingerprints: Vec<u64>,
    /// Fingerprints of the document that are counted.
    pub of_document: u32,
    /// The time of the last text.
    pub seen: Timestamp,
}

/// For each leak an `incident`, an `indicator` with the keyed fingerprints, and the relationship
/// between the two. The same leaks give the same objects.
pub fn drafts(
    leaks: &[Leak],
    settings: Settings,
    creator: Option<StixId<'_>>,
    marking: Option<Tlp>,
) -> Vec<Draft> {
    let mut drafts = Vec::with_capacity(leaks.len() * 3);
    for leak in leaks.iter().filter(|leak| !leak.fingerprints.is_empty()) {
        let pattern = pattern(&leak.fingerprints);
        let by = creator.map(|id| id.as_str().to_owned()).unwrap_or_default();
        let key = format!("{by}\n{:016x}\n{pattern}", leak.document);
        let found = u32::try_from(leak.fingerprints.len()).unwrap_or(u32::MAX);
        let share = Share::of(found, leak.of_document);
        let incident = Draft::named("incident", &key, leak.seen)
            .set("name", "Passages of a protected document in other texts")
            .set(
                "description",
                format!(
                    "{} of {} keyed fingerprints of document {:016x} were found in {}: {:.0} % of \
                     it (95 % interval {:.0} to {:.0} %). This says what the texts share, not who \
                     passed it on, nor which was first.",
                    found,
                    leak.of_document,
                    leak.document,
                    if leak.texts == 1 {
                        "one text".to_owned()
                    } else {
                        format!("{} texts", leak.texts)
                    },
                    share.counted * 100.0,
                    share.low * 100.0,
                    share.high * 100.0,
                ),
            )
            .set(
                "labels",
                ["trade-secret", "leak"].map(str::to_owned).to_vec(),
            )
            .said_by(creator, marking);
        let indicator = Draft::named("indicator", &key, leak.seen)
            .set("name", "Keyed fingerprints of passages of a protected document")
            .set(
                "description",
                format!(
                    "Each is the HMAC-SHA256, cut to 64 bits, of {} letters under the circle's key, \
                     chosen by winnowing with w {}; without the key they say nothing.",
                    settings.grain.k(),
                    settings.grain.w(),
                ),
            )
            .set("pattern", pattern)
            .set("pattern_type", "stix")
            .set("valid_from", leak.seen.to_string())
            .set("labels", ["trade-secret"].map(str::to_owned).to_vec())
            .said_by(creator, marking);
        let tie = Draft::relationship(indicator.id(), "related-to", incident.id(), leak.seen)
            .said_by(creator, marking);
        drafts.extend([incident, indicator, tie]);
    }
    drafts
}

fn pattern(fingerprints: &[u64]) -> String {
    let mut pattern = String::from("[x-entente-passage:fingerprint IN (");
    for (at, one) in fingerprints.iter().take(MOST).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        // writing to a String does not fail
        let _ = write!(pattern, "{comma}'{one:016x}'");
    }
    pattern.push_str(")]");
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_is_stix_without_text_or_names() {
        let leak = Leak {
            document: 7,
            texts: 2,
            fingerprints: vec![1, 2, 3, u64::MAX],
            of_document: 40,
            seen: Timestamp::from_micros(1_541_980_800_000_000),
        };
        let first = drafts(
            std::slice::from_ref(&leak),
            Settings::default(),
            None,
            Some(Tlp::Amber),
        );
        let types: Vec<&str> = first.iter().map(Draft::type_name).collect();
        assert_eq!(types, ["incident", "indicator", "relationship"]);
        for draft in &first {
            let bytes = draft.bytes();
            stix::Object::parse(&bytes).unwrap();
        }
        let pattern = first[1].get("pattern").and_then(|one| one.as_str());
        let pattern = stix::pattern::parse(pattern.unwrap());
        assert!(pattern.is_ok(), "{pattern:?}");
        let again = drafts(&[leak], Settings::default(), None, Some(Tlp::Amber));
        assert_eq!(first, again);
    }
}
