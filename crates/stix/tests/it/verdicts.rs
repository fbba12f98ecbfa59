use std::fmt::Write as _;

use stix::verdict::{self, Checks, Mode, Options};

use crate::real::test_data;

/// A verdict of OASIS stix2-validator 3.3.2 on one of its own inputs, with the options it had.
#[derive(serde::Deserialize)]
struct Vector<'a> {
    #[serde(borrow)]
    input: &'a serde_json::value::RawValue,
    strict: Option<bool>,
    #[serde(default)]
    disabled: Option<serde_json::Value>,
    valid: Vec<bool>,
    errors: Vec<String>,
}

/// Lines whose verdict comes of an option that the vectors do not say, and what that was.
const OTHER_OPTIONS: &[(usize, &str)] = &[
    (2, "--enable, of a check that has nothing to say here"),
    (41, "--schemas, with a schema of the user's for `name`"),
    (45, "--schemas, with a schema of the user's for `grade`"),
    (
        71,
        "--interop, by which one TLP marking that stands twice is one too many",
    ),
];

impl Vector<'_> {
    fn says(&self, words: &str) -> bool {
        self.errors.iter().any(|error| error.contains(words))
    }

    fn options(&self) -> Options {
        let disabled = match &self.disabled {
            Some(serde_json::Value::Array(names)) => names
                .iter()
                .map(|name| Checks::named(name.as_str().unwrap()).unwrap())
                .fold(Checks::NONE, Checks::with),
            _ => Checks::NONE,
        };
        Options {
            mode: if self.strict == Some(true) {
                Mode::Strict
            } else {
                Mode::Permissive
            },
            checks: Checks::selected(Checks::NONE, disabled),
            // the vectors do not say these options; the validator's words do
            strict_types: self.says("Object type") || self.says("valid stix observable type"),
            strict_properties: self.says("is not one of those defined in the specification")
                && !self.says("Object type"),
            ..Options::default()
        }
    }
}

#[test]
fn verdicts_are_those_of_the_oasis_validator() {
    let Some(vectors) = test_data("stix/vectors/validator_vectors.jsonl") else {
        return;
    };
    let (mut agreed, mut differences) = (0, String::new());
    let lines = vectors.split(|byte| *byte == b'\n');
    for (index, line) in lines.filter(|line| !line.is_empty()).enumerate() {
        let vector: Vector<'_> = serde_json::from_slice(line).unwrap();
        let verdict = verdict::check(vector.input.get().as_bytes(), &vector.options());
        if verdict.is_valid() == vector.valid.iter().all(|valid| *valid) {
            agreed += 1;
        } else if !OTHER_OPTIONS.iter().any(|(line, _)| *line == index + 1) {
            let (ours, theirs) = (&verdict.errors, &vector.errors);
            writeln!(
                differences,
                "line {}: {:?} {:?}\n  ours: {ours:#?}\n  theirs: {theirs:#?}\n{}",
                index + 1,
                vector.strict,
                vector.disabled,
                vector.input
            )
            .unwrap();
        }
    }
    assert!(differences.is_empty(), "{differences}");
    assert!(agreed > 200, "only {agreed} vectors");
}
