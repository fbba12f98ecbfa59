use serde_json::value::RawValue;
use stix::pattern::{compile, observations};
use stix::split;

use crate::real::test_data;

/// A vector of OASIS stix2-matcher 3.0.0.
#[derive(serde::Deserialize)]
struct Vector<'a> {
    pattern: String,
    #[serde(borrow)]
    obs: Vec<&'a RawValue>,
    /// None where the matcher raises an exception.
    #[serde(rename = "match")]
    matched: Option<bool>,
}

/// Whether a pattern matches the observations of these bundles; none when it cannot be compiled.
fn verdict(pattern: &str, bundles: &[&str]) -> Option<bool> {
    let objects = bundles
        .iter()
        .flat_map(|bundle| split(bundle.as_bytes()).unwrap().objects);
    let observations: Vec<_> = observations(objects)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let compiled = compile(pattern).ok()?;
    Some(compiled.evaluate(&observations).unwrap().is_some())
}

#[test]
fn verdicts_are_those_of_the_oasis_matcher() {
    let Some(vectors) = test_data("stix/vectors/matcher_vectors.jsonl") else {
        return;
    };
    let (mut agreed, mut other) = (0, Vec::new());
    for line in vectors
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let vector: Vector<'_> = serde_json::from_slice(line).unwrap();
        let bundles: Vec<&str> = vector.obs.iter().map(|raw| raw.get()).collect();
        if verdict(&vector.pattern, &bundles) == vector.matched {
            agreed += 1;
        } else {
            other.push(vector.pattern);
        }
    }
    // each with its reason in the table of `stix::pattern`
    assert_eq!(
        other,
        [
            "[person:age < 20] REPEATS 2 TIMES REPEATS 3 TIMES",
            "[event:bad_ts[0] = t'1996-07-11T09:17:10Z']",
            "[event:bad_ts[2] = t'1996-07-11T09:17:10Z']",
            "[event:bad_ts[4] = t'1996-07-11T09:17:10Z']",
        ]
    );
    assert_eq!(agreed, 202);
}
