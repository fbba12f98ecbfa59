use std::path::PathBuf;

use stix::{Container, Object, SpecVersion, split};

/// A file of the shared test data; none when `ENTENTE_TESTDATA` is not set.
pub(crate) fn test_data(path: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("ENTENTE_TESTDATA") else {
        eprintln!("skipped: ENTENTE_TESTDATA is not set");
        return None;
    };
    Some(std::fs::read(PathBuf::from(folder).join(path)).unwrap())
}

fn every_object_parses(path: &str, expected: usize) {
    let Some(bytes) = test_data(path) else { return };
    let bundle = split(&bytes).unwrap();
    assert_eq!(bundle.container, Container::Bundle);
    assert_eq!(bundle.objects.len(), expected);
    for raw in bundle.objects {
        match Object::parse(raw) {
            Ok(object) => {
                assert_eq!(object.raw(), raw);
                assert_eq!(object.spec_version(), SpecVersion::V21);
                assert!(object.version().is_some());
            }
            Err(reasons) => panic!("{reasons:#?}\n{}", String::from_utf8_lossy(raw)),
        }
    }
}

#[test]
fn disarm_is_taken_whole() {
    every_object_parses("stix/disarm.json", 698);
}

#[test]
fn attack_for_ics_is_taken_whole() {
    every_object_parses("stix/ics-attack-18.1.json", 1826);
}

#[test]
fn nothing_that_the_oasis_validator_takes_is_refused() {
    let Some(vectors) = test_data("stix/vectors/validator_vectors.jsonl") else {
        return;
    };
    let (mut taken, mut refused_by_both) = (0, 0);
    for line in vectors
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let vector: Vector<'_> = serde_json::from_slice(line).unwrap();
        let input = vector.input.get().as_bytes();
        let objects = match split(input) {
            Ok(bundle) => bundle.objects,
            Err(_) => vec![input],
        };
        let wrong: Vec<_> = objects
            .iter()
            .filter_map(|raw| Object::parse(raw).err())
            .collect();
        if vector.valid.iter().all(|valid| *valid) {
            assert!(wrong.is_empty(), "{wrong:#?}\n{}", vector.input);
            taken += 1;
        } else if !wrong.is_empty() {
            refused_by_both += 1;
        }
    }
    assert!(taken > 90, "only {taken} vectors are valid");
    assert!(
        refused_by_both > 40,
        "only {refused_by_both} refused by both"
    );
    eprintln!("taken by both: {taken}; refused by both: {refused_by_both}");
}

#[derive(serde::Deserialize)]
struct Vector<'a> {
    #[serde(borrow)]
    input: &'a serde_json::value::RawValue,
    valid: Vec<bool>,
}
