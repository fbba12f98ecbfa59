use stix::{StixIdBuf, observable_id};

/// Observables of the specification's examples, cut down to what their ids are made of.
const EXAMPLES: &str = include_str!("observable_ids.ndjson");

#[test]
fn ids_of_the_specification_come_out() {
    let mut seen = 0;
    for line in EXAMPLES.lines() {
        let object: Example = serde_json::from_str(line).unwrap();
        let id = observable_id(line.as_bytes()).unwrap();
        assert_eq!(id.map(StixIdBuf::into_string), Some(object.id), "{line}");
        seen += 1;
    }
    assert!(seen > 40);
}

#[derive(serde::Deserialize)]
struct Example {
    id: String,
}
