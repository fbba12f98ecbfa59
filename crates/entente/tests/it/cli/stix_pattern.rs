//! `stix pattern`: what is a pattern, and what it matches.

use super::Place;

const OBSERVED: &str = r#"{"type": "bundle", "id": "bundle--1", "objects": [
  {"type": "file", "id": "file--1", "name": "a"}, {"type": "file", "id": "file--2", "name": "b"},
  {"type": "observed-data", "id": "observed-data--1", "number_observed": 1, "object_refs": ["file--1"],
   "first_observed": "2024-01-01T00:00:00Z", "last_observed": "2024-01-01T00:00:00Z"},
  {"type": "observed-data", "id": "observed-data--2", "number_observed": 1, "object_refs": ["file--2"],
   "first_observed": "2024-01-01T00:00:05Z", "last_observed": "2024-01-01T00:00:05Z"}]}"#;

#[test]
fn patterns_are_printed_in_one_form_and_mistakes_with_a_caret() {
    let place = Place::bare();
    let ended = place.run(&["stix", "pattern", "[file:size>25]", "[file:name = ]"]);
    assert_eq!(ended.code, 3);
    assert_eq!(ended.out, "[file:size > 25]\n");
    let shown = "pattern 2: line 1 column 14: expected a constant, found `]`\n  [file:name = ]\n               ^\n";
    assert!(ended.err.starts_with(shown), "{}", ended.err);
    let ended = place.run(&["stix", "pattern"]);
    assert_eq!(ended.code, 2);
}

#[test]
fn patterns_come_one_a_line_as_json_strings_and_in_indicators() {
    let place = Place::bare();
    let lines = "# mine\n[a:b=1]\n\n\"[a:b\\n=2]\"\r\n{\"type\":\"indicator\",\"id\":\"indicator--1\",\
                 \"pattern_type\":\"stix\",\"pattern\":\"[a:b=3\"}\n\
                 {\"type\":\"indicator\",\"pattern_type\":\"yara\",\"pattern\":\"rule\"}\n";
    let ended = place.run_with_input(&["stix", "pattern", "-", "--json"], lines.as_bytes());
    assert_eq!(ended.code, 3);
    let said: Vec<&str> = ended.out.lines().collect();
    assert_eq!(
        said,
        [
            r#"{"line":2,"valid":true,"pattern":"[a:b = 1]"}"#,
            r#"{"line":4,"valid":true,"pattern":"[a:b = 2]"}"#,
            r#"{"line":5,"indicator":"indicator--1","valid":false,"error":{"line":1,"column":7,"expected":"AND, OR or ]","found":"the end of the pattern"}}"#,
        ]
    );
    assert!(
        ended
            .err
            .contains("1 indicator in another pattern language left out"),
        "{}",
        ended.err
    );
}

#[test]
fn what_matches_is_named() {
    let place = Place::bare();
    place.write("observed.json", OBSERVED.as_bytes());
    place.write(
        "patterns",
        b"[file:name LIKE '_']\n[file:name = 'a'] FOLLOWEDBY [file:name = 'b']\n\
          [file:name = 'b'] FOLLOWEDBY [file:name = 'a']\n",
    );
    let args = [
        "stix",
        "pattern",
        "--file",
        "patterns",
        "--match",
        "observed.json",
    ];
    let ended = place.run(&args);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let both = "[file:name = 'a'] FOLLOWEDBY [file:name = 'b']";
    assert_eq!(
        ended.out,
        format!(
            "observed-data--1\t[file:name LIKE '_']\nobserved-data--2\t[file:name LIKE '_']\n\
             observed-data--1\t{both}\nobserved-data--2\t{both}\n"
        )
    );
    assert_eq!(ended.err, "2 of 3 patterns matched in 2 observations\n");
    assert_eq!(
        place.run(&[&args[..], &["--fail-on-match"]].concat()).code,
        1
    );

    place.write(
        "observed.json",
        OBSERVED
            .replace(":05Z\", \"last", ":06Z\", \"last")
            .as_bytes(),
    );
    let ended = place.run(&args);
    assert_eq!(ended.code, 3);
    assert!(
        ended
            .err
            .starts_with("left out: observed-data--2: /last_observed: is before first_observed"),
        "{}",
        ended.err
    );
}

#[test]
fn a_pattern_that_cannot_be_run_is_valid_and_says_so_when_it_is_to_be_matched() {
    let place = Place::bare();
    place.write("observed.json", OBSERVED.as_bytes());
    let args = ["stix", "pattern", "[file:name MATCHES '(?=a)']", "--json"];
    let ended = place.run(&args);
    assert_eq!(ended.code, 0);
    assert!(
        ended.out.contains("look-around is not supported"),
        "{}",
        ended.out
    );
    let ended = place.run(&[&args[..], &["--match", "observed.json"]].concat());
    assert_eq!(ended.code, 3);
    assert!(!ended.out.contains("matched"), "{}", ended.out);
}
