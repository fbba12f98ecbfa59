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

fn lines_of(verdict: &verdict::Verdict) -> Vec<String> {
    let errors = verdict.errors.iter().map(|reason| ("error", reason));
    let warnings = verdict.warnings.iter().map(|reason| ("warning", reason));
    errors
        .chain(warnings)
        .map(|(kind, reason)| {
            format!(
                "{kind} {} {} {}",
                reason.pointer,
                reason.section.unwrap_or("-"),
                reason.check.unwrap_or("-")
            )
        })
        .collect()
}

#[test]
fn a_reason_has_its_place_its_section_and_its_check() {
    let uuid = "0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061";
    let common = r#""spec_version":"2.1","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","id":"#;
    for (object, expected) in [
        (
            format!(r#"{{"type":"identity",{common}"identity--{uuid}","name":"x","identity_class":"Other"}}"#),
            &[
                "warning /identity_class 10.8 identity-class",
                "warning /identity_class 2.13 open-vocab-format",
            ][..],
        ),
        (
            format!(r#"{{"type":"campaign",{common}"campaign--{uuid}","name":"x","labels":["a"],"granular_markings":[{{"selectors":["labels.[1]"],"marking_ref":"marking-definition--{uuid}"}}]}}"#),
            &["error /granular_markings/0/selectors/0 7.2.3.1 -"],
        ),
        (
            format!(r#"{{"type":"indicator",{common}"indicator--{uuid}","name":"x","description":"y","pattern_type":"stix","pattern":"[a:b","valid_from":"2016-05-12T08:17:27Z","external_references":[{{"source_name":"cve","external_id":"1"}}]}}"#),
            &[
                "error /external_references/0/external_id 2.5.1 -",
                "error /pattern 9 -",
            ],
        ),
        (
            format!(r#"{{"type":"relationship",{common}"relationship--{uuid}","relationship_type":"uses","source_ref":"indicator--{uuid}","target_ref":"tool--{uuid}","stop_time":"2016-02-30T00:00:00Z"}}"#),
            &[
                "error /stop_time 2.16.1 -",
                "warning /relationship_type 3.7 relationship-types",
            ],
        ),
        (
            r#"{"type":"file","id":"file--e277603e-1060-5ad4-9937-c26c97f1ca68","name":"a","hashes":{"MD5":"12","foo":"x"},"extensions":{"pdf-ext":{"document_info_dict":{"Nope":"x"}}}}"#.to_owned(),
            &[
                "error /hashes/MD5 10.7 -",
                "warning /hashes/foo 10.7 hash-algo",
                "warning /extensions/pdf-ext/document_info_dict/Nope 6.7.4 pdf-doc-info",
            ],
        ),
        (
            format!(r#"{{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--{uuid}","created":"2017-01-20T00:00:00.000Z","name":"TLP:RED","definition_type":"tlp","definition":{{"tlp":"red"}}}}"#),
            &["error /id 7.2.1.4 -"],
        ),
        ("[1]x".to_owned(), &["error  - -"]),
    ] {
        let verdict = verdict::check(object.as_bytes(), &Options::default());
        assert_eq!(lines_of(&verdict), expected, "{object}");
    }
}

#[test]
fn a_bundle_is_checked_with_all_that_is_in_it() {
    let id = "tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061";
    let tool = format!(
        r#"{{"type":"tool","spec_version":"2.1","id":"{id}","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","name":"x"}}"#
    );
    let relationship = tool
        .replace("tool", "relationship")
        .replace(r#""name":"x""#, &format!(r#""relationship_type":"uses","source_ref":"{id}","target_ref":"infrastructure--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061""#));
    let bundle = format!(
        r#"{{"type":"bundle","id":"bundle--44af6c39-c09b-49c5-9de2-394224b04982","objects":[{tool},{tool},{relationship},7]}}"#
    );
    let options = Options {
        enforce_refs: true,
        ..Options::default()
    };
    let verdict = verdict::check(bundle.as_bytes(), &options);
    assert_eq!(
        verdict.id.as_deref(),
        Some("bundle--44af6c39-c09b-49c5-9de2-394224b04982")
    );
    assert_eq!(
        lines_of(&verdict),
        [
            "error /objects/3 3.1 -",
            "warning /objects/1/id 3.6 duplicate-ids",
            "warning /objects/2/target_ref 5.1.2 -",
        ]
    );
}

#[test]
fn what_others_publish_is_valid_by_default() {
    for (path, objects) in [
        ("stix/disarm.json", 698),
        ("stix/ics-attack-18.1.json", 1826),
    ] {
        let Some(bytes) = test_data(path) else { return };
        let mut seen = 0;
        verdict::check_each(&bytes, &Options::default(), |checked| {
            let (place, errors) = (checked.place, &checked.verdict.errors);
            assert!(errors.is_empty(), "{place} {errors:#?}");
            seen += 1;
        });
        // the bundle itself is one more
        assert_eq!(seen, objects + 1);
    }
}
