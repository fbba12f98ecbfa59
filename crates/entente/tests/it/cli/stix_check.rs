//! `stix check`: verdicts on files, without a node.

use serde_json::Value;

use super::Place;

const MUTEX: &str = r#"{"type":"mutex","id":"mutex--f93fe911-e545-5239-b9b0-597840d0c871","name":"__CLEANSWEEP__"}"#;
const CUSTOM: &str = r#"{"type":"mutex","id":"mutex--f93fe911-e545-5239-b9b0-597840d0c871","name":"__CLEANSWEEP__","x_rank":1}"#;
const BROKEN: &str = r#"{"type":"mutex","id":"mutex--f93fe911-e545-5239-b9b0-597840d0c871"}"#;

fn bundle(objects: &[&str]) -> String {
    format!(
        r#"{{"type":"bundle","id":"bundle--44af6c39-c09b-49c5-9de2-394224b04982","objects":[{}]}}"#,
        objects.join(",")
    )
}

#[test]
fn what_is_valid_is_silent_and_what_is_not_says_where_and_why() {
    let place = Place::bare();
    place.write("good.json", MUTEX.as_bytes());
    let good = place.run(&["stix", "check", "good.json"]);
    assert_eq!((good.code, good.out.as_str()), (0, ""));
    assert!(good.err.contains("1 object checked: 0 invalid"), "{good:?}");

    place.write("bundle.json", bundle(&[MUTEX, BROKEN, CUSTOM]).as_bytes());
    let bad = place.run(&["stix", "check", "bundle.json"]);
    assert_eq!(bad.code, 1);
    assert!(
        bad.out.contains("bundle.json /objects/1 mutex--"),
        "{bad:?}"
    );
    assert!(
        bad.out
            .contains("error   /name: is required (STIX 2.1 section 6.11.1)"),
        "{bad:?}"
    );
    assert!(bad.out.contains("warning /x_rank: "), "{bad:?}");
    assert!(bad.out.contains("[extensions-use]"), "{bad:?}");
    assert!(bad.err.contains("4 objects checked: 1 invalid"), "{bad:?}");
}

#[test]
fn recommendations_can_count_or_be_left_out() {
    let place = Place::bare();
    place.write("a.json", CUSTOM.as_bytes());
    for (flags, code) in [
        (&[][..], 0),
        (&["--strict"], 1),
        (&["--strict", "--disable", "extensions-use,101,102"], 0),
        (&["--strict", "--disable", "401"], 1),
        (&["--strict", "--enable", "uuid-check"], 0),
        (&["--strict", "--strict-properties", "--enable", "103"], 1),
        (&["--disable", "no-such-check"], 2),
    ] {
        let ended = place.run(&[&["stix", "check", "a.json"], flags].concat());
        assert_eq!(ended.code, code, "{flags:?} {ended:?}");
    }
}

#[test]
fn json_has_a_line_for_each_object_whatever_holds_it() {
    let place = Place::bare();
    let lines = format!("{MUTEX}\n\n{BROKEN}\nno json\n{}\n", bundle(&[MUTEX]));
    let ended = place.run_with_input(&["stix", "check", "--json", "--ids", "-"], lines.as_bytes());
    assert_eq!(ended.code, 1);
    let rows: Vec<Value> = ended
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["line"].as_u64(),
                row["index"].as_u64(),
                row["valid"].as_bool(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some(1), None, Some(true)),
            (Some(3), None, Some(false)),
            (Some(4), None, Some(false)),
            (Some(5), None, Some(true)),
            (Some(5), Some(0), Some(true)),
        ]
    );
    assert_eq!(rows[0]["deterministic_id"], rows[0]["id"]);
    assert_eq!(rows[1]["errors"][0]["pointer"], "/name");
    assert_eq!(rows[1]["errors"][0]["section"], "6.11.1");

    let envelope = format!(r#"{{"objects":[{MUTEX},{BROKEN}]}}"#);
    let list = format!("[{MUTEX},{BROKEN}]");
    for text in [envelope, list] {
        let ended = place.run_with_input(&["stix", "check", "--json", "-"], text.as_bytes());
        assert_eq!((ended.code, ended.out.lines().count()), (1, 2), "{text}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named_and_the_others_are_checked() {
    let place = Place::bare();
    place.write("a.json", BROKEN.as_bytes());
    let ended = place.run(&["stix", "check", "none.json", "a.json"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("none.json"), "{ended:?}");
    assert!(ended.out.contains("/name: is required"), "{ended:?}");
}
