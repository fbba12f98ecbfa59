use serde_json::value::RawValue;
use serde_json::{Value, json};
use stix::pattern::{Compiled, MAX_OBSERVATIONS, TooMuch, compile, observations, parse};
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

/// A bundle of one observation of these objects.
fn seen(objects: &[Value]) -> String {
    let refs: Vec<&Value> = objects.iter().map(|object| &object["id"]).collect();
    let observed = json!({
        "type": "observed-data", "id": "observed-data--1", "number_observed": 1,
        "first_observed": "2020-01-01T00:00:00Z", "last_observed": "2020-01-01T00:00:00Z",
        "object_refs": refs,
    });
    let all = [objects, &[observed]].concat();
    json!({"type": "bundle", "objects": all}).to_string()
}

/// An object of all sorts of properties, and one that it refers to.
fn things() -> Vec<Value> {
    vec![
        serde_json::from_str(
            r#"{"type": "file", "id": "file--1", "name": "a.exe", "size": 25536, "ratio": 0.5,
                "hidden": true, "gone": null, "list": ["x", 3, ["y"]], "at": "2020-01-01T00:00:00.5Z",
                "lines": "one\ntwo\n", "nfd": "zoe\u0308", "name_enc": "it's",
                "magic_hex": "4D5a90", "payload_bin": "YmI=", "odd_hex": "123", "odd_bin": "*",
                "extensions": {"ntfs-ext": {"sid": "S-1", "alternate_data_streams": [{"size": 7}]}},
                "parent_ref": "directory--1", "far_ref": "directory--2", "number_ref": 4,
                "contains_refs": ["file--9", "directory--1", "file--1"]}"#,
        )
        .unwrap(),
        json!({"type": "directory", "id": "directory--1", "path": "C:\\x",
            "contains_refs": ["file--1", "directory--1"]}),
        json!({"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "198.51.100.0/27"}),
        json!({"type": "ipv6-addr", "id": "ipv6-addr--1", "value": "2001:db8::1"}),
        json!({"type": "identity", "id": "identity--1", "name": "ACME"}),
    ]
}

/// Whether a pattern matches the things above.
const COMPARISONS: &[(&str, bool)] = &[
    // types: equal to no constant of another type, and ordered with none (9.6.1)
    ("[file:size = 25536.0]", true),
    ("[file:size > 25535.99999999999999999999]", true),
    ("[file:ratio = .5]", true),
    ("[file:size = '25536']", false),
    ("[file:size != '25536']", true),
    ("[file:size < 'z']", false),
    ("[file:size NOT < 'z']", false),
    ("[file:hidden = true AND file:hidden != false]", true),
    ("[file:gone = 'null']", false),
    ("[file:gone != 'null']", true),
    ("[file:gone = false]", false),
    ("[file:name > 'a.e' AND file:name < 'b']", true),
    ("[file:name NOT != 'a.exe']", true),
    // several values: one is enough, with `!=` too
    ("[file:list[*] = 3]", true),
    ("[file:list[*] != 3]", true),
    ("[file:list[*] NOT = 3]", true),
    ("[file:list[0] = 'x' AND file:list[2][0] = 'y']", true),
    (
        "[file:list = 'x' OR file:list[3] != 'x' OR file:list.x != 3]",
        false,
    ),
    // on the same object
    (
        "[file:name = 'a.exe' AND directory:path = 'C:\\\\x']",
        false,
    ),
    ("[file:name = 'b.exe' OR directory:path = 'C:\\\\x']", true),
    // a path that is not there is not even unequal (9.6)
    ("[file:nothing != 'x']", false),
    ("[file:nothing NOT IN ('x')]", false),
    // existence
    (
        "[EXISTS file:gone AND EXISTS file:extensions.'ntfs-ext']",
        true,
    ),
    (
        "[EXISTS file:list[3] OR EXISTS file:nothing OR EXISTS process:pid]",
        false,
    ),
    ("[NOT EXISTS file:nothing AND file:size > 0]", true),
    ("[NOT EXISTS file:size]", false),
    ("[NOT EXISTS process:pid]", false),
    // sets
    ("[file:size IN (1, 25536.0)]", true),
    ("[file:hidden IN (0, 1)]", false),
    ("[file:name IN ()]", false),
    ("[file:name NOT IN ('x', 'y')]", true),
    // text
    ("[file:name LIKE 'a_exe' AND file:name LIKE '%']", true),
    ("[file:name LIKE 'exe' OR file:name LIKE 'A.exe']", false),
    ("[file:lines LIKE 'one%two_']", true),
    ("[file:name_enc = 'it\\'s']", true),
    (
        "[file:nfd LIKE 'zo\u{eb}' AND file:nfd MATCHES 'o\u{eb}$']",
        true,
    ),
    ("[file:nfd = 'zo\u{eb}']", false),
    ("[file:name MATCHES '\\\\.[ep]xe$']", true),
    ("[file:lines MATCHES 'one.two$']", true),
    ("[file:size MATCHES '2' OR file:size LIKE '%']", false),
    ("[file:size NOT MATCHES '2']", true),
    // octets (9.6.4)
    (
        "[file:magic_hex = h'4d5A90' AND file:magic_hex = b'TVqQ']",
        true,
    ),
    (
        "[file:magic_hex = 'MZ\u{90}' AND file:magic_hex > 'MZ']",
        true,
    ),
    ("[file:magic_hex = '4D5a90']", false),
    ("[file:magic_hex < '\u{103}']", false),
    (
        "[file:magic_hex NOT < '\u{103}' AND file:magic_hex != '\u{103}']",
        true,
    ),
    ("[file:magic_hex MATCHES '^MZ\\\\x90$']", true),
    (
        "[file:payload_bin LIKE 'b_' AND file:payload_bin MATCHES '^b{2}$']",
        true,
    ),
    ("[file:payload_bin IN ('bb', 'cc')]", true),
    ("[file:name = h'612e657865']", true),
    ("[file:odd_hex != 'x' OR EXISTS file:odd_bin]", false),
    // time
    ("[file:at = t'2020-01-01T00:00:00.500Z']", true),
    (
        "[file:at > t'2020-01-01T00:00:00Z' AND file:at < t'2020-01-01T00:00:01Z']",
        true,
    ),
    ("[file:at = '2020-01-01T00:00:00.500Z']", false),
    (
        "[file:name = t'2020-01-01T00:00:00Z' OR file:name < t'2020-01-01T00:00:00Z']",
        false,
    ),
    ("[file:name != t'2020-01-01T00:00:00Z']", true),
    // ranges
    ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", true),
    ("[ipv4-addr:value ISSUBSET '198.51.100.0/28']", false),
    ("[ipv4-addr:value ISSUPERSET '198.51.100.31']", true),
    ("[ipv4-addr:value ISSUBSET '0.0.0.0/0']", true),
    ("[ipv4-addr:value ISSUBSET '::/0']", false),
    ("[ipv6-addr:value ISSUBSET '2001:0DB8::/32']", true),
    ("[ipv6-addr:value ISSUPERSET '2001:db8::1']", true),
    ("[file:name ISSUBSET '0.0.0.0/0']", false),
    ("[file:name NOT ISSUBSET '0.0.0.0/0']", true),
    // dictionaries, extensions and references (9.7)
    (
        "[file:extensions.'ntfs-ext'.alternate_data_streams[*].size = 7]",
        true,
    ),
    ("[file:parent_ref.path = 'C:\\\\x']", true),
    ("[file:parent_ref = 'directory--1']", false),
    (
        "[file:far_ref.path != 'x' OR file:number_ref.path != 'x']",
        false,
    ),
    (
        "[file:contains_refs[*].path = 'C:\\\\x' AND file:contains_refs[*].size > 0]",
        true,
    ),
    ("[file:contains_refs[0].path = 'C:\\\\x']", true),
    ("[file:contains_refs.path = 'C:\\\\x']", false),
    (
        "[file:parent_ref.contains_refs[*].parent_ref.contains_refs[0].name = 'a.exe']",
        true,
    ),
    ("[file:id = 'file--1']", true),
    // patterns speak of observables
    (
        "[identity:name = 'ACME'] OR [observed-data:number_observed = 1]",
        false,
    ),
];

#[test]
fn comparisons_hold_as_section_9_says() {
    let bundle = seen(&things());
    for (pattern, expected) in COMPARISONS {
        assert_eq!(verdict(pattern, &[&bundle]), Some(*expected), "{pattern}");
        let printed = parse(pattern).unwrap().to_string();
        assert_eq!(verdict(&printed, &[&bundle]), Some(*expected), "{printed}");
    }
}

#[test]
fn the_deprecated_dictionary_of_objects_is_read_where_it_stands() {
    let observed = json!({"type": "bundle", "spec_version": "2.0", "objects": [{
        "type": "observed-data", "id": "observed-data--1", "number_observed": 2,
        "first_observed": "2020-01-01T00:00:00Z", "last_observed": "2020-01-01T00:00:05Z",
        "objects": {
            "0": {"type": "file", "name": "a", "parent_directory_ref": "1"},
            "1": {"type": "directory", "path": "/tmp", "contains_refs": ["0", "7"]},
        },
    }]});
    let observed = observed.to_string();
    for (pattern, expected) in [
        ("[file:parent_directory_ref.path = '/tmp']", true),
        ("[directory:contains_refs[*].name = 'a']", true),
        ("[file:name = 'a'] AND [directory:path = '/tmp']", true),
        ("[file:name = 'a'] REPEATS 3 TIMES", false),
    ] {
        assert_eq!(verdict(pattern, &[&observed]), Some(expected), "{pattern}");
    }
}

/// Observations of `x:is` = a name, each `name first last times`.
fn timeline(lines: &[(&str, i64, i64, u64)]) -> String {
    let mut objects = Vec::new();
    for (index, (name, first, last, times)) in lines.iter().enumerate() {
        let id = format!("x--{index}");
        objects.push(json!({"type": "x", "id": id, "is": name}));
        objects.push(json!({
            "type": "observed-data", "id": format!("observed-data--{index}"),
            "first_observed": at(*first), "last_observed": at(*last),
            "number_observed": times, "object_refs": [id],
        }));
    }
    json!({"type": "bundle", "objects": objects}).to_string()
}

fn at(second: i64) -> String {
    stix::Timestamp::from_micros(1_577_836_800_000_000 + second * 1_000_000).to_string()
}

/// Whether a pattern matches the observations below.
const TIES: &[(&str, bool)] = &[
    ("[x:is = 'a'] AND [x:is = 'b']", true),
    // each on a different observation, and one observation as often as it was observed
    ("[x:is = 'b'] AND [x:is = 'b']", false),
    ("[x:is = 'c'] AND [x:is = 'c']", true),
    ("[x:is = 'a'] REPEATS 4 TIMES", true),
    ("[x:is = 'a'] REPEATS 5 TIMES", false),
    ("[x:is IN ('a', 'b')] AND [x:is = 'b']", true),
    ("([x:is = 'a'] AND [x:is = 'c']) REPEATS 2 TIMES", true),
    ("([x:is = 'a'] AND [x:is = 'c']) REPEATS 3 TIMES", false),
    ("([x:is = 'a'] OR [x:is = 'b']) REPEATS 5 TIMES", true),
    ("([x:is = 'a'] OR [x:is = 'b']) REPEATS 6 TIMES", false),
    // one after the other: it is enough that times can be chosen so
    ("[x:is = 'b'] FOLLOWEDBY [x:is = 'c']", true),
    ("[x:is = 'c'] FOLLOWEDBY [x:is = 'b']", true),
    ("[x:is = 'd'] FOLLOWEDBY [x:is = 'a']", false),
    ("[x:is = 'b'] FOLLOWEDBY [x:is = 'a'] REPEATS 3 TIMES", true),
    (
        "[x:is = 'b'] FOLLOWEDBY [x:is = 'a'] REPEATS 4 TIMES",
        false,
    ),
    (
        "[x:is = 'a'] FOLLOWEDBY [x:is = 'b'] FOLLOWEDBY [x:is = 'a']",
        true,
    ),
    (
        "[x:is = 'a'] FOLLOWEDBY ([x:is = 'd'] FOLLOWEDBY [x:is = 'c'])",
        false,
    ),
    (
        "([x:is = 'c'] FOLLOWEDBY [x:is = 'a']) REPEATS 2 TIMES",
        true,
    ),
    (
        "([x:is = 'c'] FOLLOWEDBY [x:is = 'a']) REPEATS 3 TIMES",
        false,
    ),
    // within a window, its end included as the matcher has it
    ("([x:is = 'a'] AND [x:is = 'b']) WITHIN 5 SECONDS", true),
    (
        "([x:is = 'a'] AND [x:is = 'b']) WITHIN 4.999999 SECONDS",
        false,
    ),
    ("[x:is = 'a'] AND [x:is = 'b'] WITHIN 1 SECONDS", true),
    ("[x:is = 'a'] REPEATS 3 TIMES WITHIN 1 SECONDS", true),
    ("[x:is = 'a'] REPEATS 4 TIMES WITHIN 19 SECONDS", false),
    (
        "([x:is = 'a'] FOLLOWEDBY [x:is = 'd']) WITHIN 10 SECONDS",
        true,
    ),
    (
        "([x:is = 'b'] FOLLOWEDBY [x:is = 'a']) WITHIN 14 SECONDS",
        false,
    ),
];

#[test]
fn observations_are_tied_as_section_9_5_says() {
    let bundle = timeline(&[
        ("a", 0, 0, 1),
        ("b", 5, 5, 1),
        ("c", 2, 9, 2),
        ("a", 20, 20, 3),
        ("d", 30, 40, 1),
    ]);
    let start = |from, until| format!("START t'{}' STOP t'{}'", at(from), at(until));
    for (pattern, expected) in TIES {
        assert_eq!(verdict(pattern, &[&bundle]), Some(*expected), "{pattern}");
    }
    for (pattern, expected) in [
        // between two times: the first is in, the second is not
        (format!("[x:is = 'a'] {}", start(0, 1)), true),
        (format!("[x:is = 'b'] {}", start(0, 5)), false),
        (format!("[x:is = 'b'] {}", start(5, 6)), true),
        (format!("[x:is = 'c'] {}", start(9, 10)), true),
        (format!("[x:is = 'c'] {}", start(5, 5)), false),
        (
            format!("[x:is = 'a'] REPEATS 4 TIMES {}", start(0, 20)),
            false,
        ),
        (
            format!("([x:is = 'd'] {}) {}", start(30, 31), start(39, 41)),
            true,
        ),
        (
            format!("([x:is = 'a'] OR [x:is = 'd']) {}", start(35, 36)),
            true,
        ),
    ] {
        assert_eq!(verdict(&pattern, &[&bundle]), Some(expected), "{pattern}");
    }
}

#[test]
fn a_match_names_its_observations() {
    let bundle = timeline(&[
        ("a", 9, 9, 1),
        ("b", 5, 5, 1),
        ("a", 1, 1, 1),
        ("c", 6, 6, 1),
    ]);
    let objects = split(bundle.as_bytes()).unwrap().objects;
    let observed: Vec<_> = observations(objects)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let found = |pattern: &str| compile(pattern).unwrap().evaluate(&observed).unwrap();
    assert_eq!(
        found("[x:is = 'a'] FOLLOWEDBY [x:is = 'b']"),
        Some(vec![1, 2])
    );
    assert_eq!(found("[x:is = 'c'] OR [x:is = 'd']"), Some(vec![3]));
    assert_eq!(found("[x:is = 'd']"), None);

    let pattern = compile("[x:is = 'b'] FOLLOWEDBY [x:is = 'a']").unwrap();
    let mut evaluation = pattern.evaluation();
    let mut answers = Vec::new();
    for observation in observed.iter().rev() {
        evaluation.feed(observation).unwrap();
        answers.push(evaluation.matched().unwrap());
    }
    assert_eq!(answers, [None, None, None, Some(vec![2, 3])]);
}

#[test]
fn what_cannot_be_evaluated_is_shown_with_a_caret() {
    for (pattern, rendering) in [
        (
            "[a:b IN (1, 2.5, 'x')]",
            "line 1 column 18: expected a constant of the same kind as the first in the list, found \
             `'x'`\n  [a:b IN (1, 2.5, 'x')]\n                   ^",
        ),
        (
            "[a:b = 1]\n  WITHIN 0.0 SECONDS",
            "line 2 column 10: expected a number of seconds above 0, found `0.0`\n    WITHIN 0.0 \
             SECONDS\n           ^",
        ),
        (
            "([a:b = 'x'] AND [a:b IN ('y', 'z')] REPEATS 0 TIMES) WITHIN 5 SECONDS",
            "line 1 column 46: expected a number of times of 1 or more, found `0`\n  ([a:b = 'x'] \
             AND [a:b IN ('y', 'z')] REPEATS 0 TIMES) WITHIN 5 SE\n                                \
             \u{20}              ^",
        ),
        (
            "[a:b MATCHES '(?=x)']",
            "line 1 column 14: expected a regular expression that can be run (look-around is not \
             supported), found `'(?=x)'`\n  [a:b MATCHES '(?=x)']\n               ^",
        ),
        (
            "[a:b = 'c' OR a:b ISSUBSET '1.2.3.4/33']",
            "line 1 column 28: expected an address or a range such as '198.51.100.0/24', found \
             `'1.2.3.4/33'`\n  [a:b = 'c' OR a:b ISSUBSET '1.2.3.4/33']\n                             ^",
        ),
    ] {
        assert_eq!(
            compile(pattern).unwrap_err().rendering(),
            rendering,
            "{pattern}"
        );
    }
}

#[test]
fn what_is_no_observation_says_why() {
    let base = json!({
        "type": "observed-data", "id": "observed-data--1", "number_observed": 1,
        "first_observed": "2020-01-01T00:00:00Z", "last_observed": "2020-01-01T00:00:01Z",
        "object_refs": [],
    });
    for (property, value, expected) in [
        (
            "number_observed",
            json!(0),
            "/number_observed: must be an integer of 1 or more",
        ),
        (
            "first_observed",
            json!("soon"),
            "/first_observed: is not a timestamp",
        ),
        (
            "first_observed",
            json!("2021-01-01T00:00:00Z"),
            "/last_observed: is before",
        ),
        ("object_refs", json!("x--1"), "/object_refs: must be a list"),
        (
            "last_observed",
            Value::Null,
            "/last_observed: must be a timestamp",
        ),
    ] {
        let mut object = base.clone();
        object[property] = value;
        let raw = object.to_string();
        let error = observations([raw.as_bytes()])
            .remove(0)
            .unwrap_err()
            .to_string();
        let expected = format!("observed-data--1: {expected}");
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn references_in_circles_are_followed_as_far_as_the_path_goes_or_not_at_all() {
    let circle = |size: usize| {
        let ids: Vec<String> = (0..size).map(|index| format!("x--{index}")).collect();
        let object = |id| json!({"type": "x", "id": id, "all_refs": ids});
        seen(&ids.iter().map(object).collect::<Vec<_>>())
    };
    let path = "x:all_refs[*]".to_owned() + &".all_refs[*]".repeat(20);
    let (small, large) = (circle(20), circle(300));
    assert_eq!(
        verdict(&format!("[{path}.name = 'a']"), &[&small]),
        Some(false)
    );
    assert_eq!(
        verdict(&format!("[{path}.id = 'x--7']"), &[&small]),
        Some(true)
    );
    let objects = split(large.as_bytes()).unwrap().objects;
    let observed = observations(objects).remove(0).unwrap();
    let pattern = compile(&format!("[{path}.name = 'a']")).unwrap();
    assert_eq!(pattern.evaluate([&observed]), Err(TooMuch::Work));
}

#[test]
fn evaluation_ends_with_a_verdict_or_says_what_was_too_much() {
    let many: Vec<_> = (0..60)
        .map(|second| ("a", second, second + 30, 1))
        .collect();
    let bundle = timeline(&many);
    let objects = split(bundle.as_bytes()).unwrap().objects;
    let observed: Vec<_> = observations(objects)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let evaluate = |pattern: &str| compile(pattern).unwrap().evaluate(&observed);
    let pair = "([x:is = 'a'] FOLLOWEDBY [x:is = 'a'])";
    // numbers without end are only numbers
    assert_eq!(
        evaluate("[x:is = 'a'] REPEATS 18446744073709551615 TIMES"),
        Ok(None)
    );
    assert_eq!(
        evaluate(&format!("{pair} REPEATS 18446744073709551615 TIMES")),
        Ok(None)
    );
    // what could be written out is
    assert!(
        evaluate(&format!("{pair} REPEATS 30 TIMES"))
            .unwrap()
            .is_some()
    );
    assert_eq!(evaluate(&format!("{pair} REPEATS 31 TIMES")), Ok(None));
    let nested =
        format!("({pair} WITHIN 3 SECONDS OR [x:is = 'b']) REPEATS 25 TIMES WITHIN 40 SECONDS");
    let searched = evaluate(&nested);
    assert!(
        matches!(searched, Ok(_) | Err(TooMuch::Work | TooMuch::Parts)),
        "{searched:?}"
    );
    let mut joined = "[x:is = 'a']".to_owned();
    for _ in 0..600 {
        joined += " FOLLOWEDBY [x:is = 'a']";
    }
    assert_eq!(evaluate(&joined), Ok(None));
}

#[test]
fn a_compiled_pattern_owns_what_it_needs_and_can_be_shared() {
    fn is_shared<T: Send + Sync + 'static>(_: &T) {}
    let pattern: Compiled = compile(&String::from("[x:is MATCHES 'a'] REPEATS 2 TIMES")).unwrap();
    is_shared(&pattern);
    assert!(!pattern.is_single());
    assert!(
        compile("([x:is = 'a'] OR [x:is = 'b']) WITHIN 5 SECONDS")
            .unwrap()
            .is_single()
    );
}

#[test]
fn what_is_kept_is_bounded() {
    let bundle = timeline(&[("a", 0, 0, 1)]);
    let objects = split(bundle.as_bytes()).unwrap().objects;
    let observation = observations(objects).remove(0).unwrap();
    let pattern = compile("[x:is = 'a'] AND [x:is = 'b']").unwrap();
    let mut evaluation = pattern.evaluation();
    for _ in 0..MAX_OBSERVATIONS {
        assert_eq!(evaluation.feed(&observation), Ok(true));
    }
    assert_eq!(evaluation.feed(&observation), Err(TooMuch::Observations));
    assert_eq!(evaluation.matched(), Ok(None));
    let other = compile("[x:is = 'b']").unwrap();
    let mut evaluation = other.evaluation();
    for _ in 0..=MAX_OBSERVATIONS {
        assert_eq!(evaluation.feed(&observation), Ok(false));
    }
}

#[test]
fn ordinary_patterns_have_a_verdict_over_as_many_observations_as_are_kept() {
    // one a minute: `a` in the first half, `b` in the second, and one `c` behind the last `a`
    let half = 4_999;
    let mut lines: Vec<_> = (0..half)
        .map(|minute| ("a", minute * 60, minute * 60, 1))
        .collect();
    lines.push(("c", half * 60 - 30, half * 60 - 30, 1));
    lines.extend((half..2 * half).map(|minute| ("b", minute * 60, minute * 60 + 2, 1)));
    let bundle = timeline(&lines);
    let objects = split(bundle.as_bytes()).unwrap().objects;
    let observed: Vec<_> = observations(objects)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let either = "[x:is IN ('a', 'b')]";
    for (pattern, expected) in [
        (format!("{either} REPEATS 5 TIMES WITHIN 239 SECONDS"), true),
        (
            format!("{either} REPEATS 6 TIMES WITHIN 239 SECONDS"),
            false,
        ),
        ("[x:is = 'b'] FOLLOWEDBY [x:is = 'a']".to_owned(), false),
        (
            "([x:is = 'b'] FOLLOWEDBY [x:is = 'a']) WITHIN 600 SECONDS".to_owned(),
            false,
        ),
        (
            "([x:is = 'a'] FOLLOWEDBY [x:is = 'c']) WITHIN 29 SECONDS".to_owned(),
            false,
        ),
        (
            "([x:is = 'a'] FOLLOWEDBY [x:is = 'c']) WITHIN 30 SECONDS".to_owned(),
            true,
        ),
        (
            "([x:is = 'a'] AND [x:is = 'b'] AND [x:is = 'c']) WITHIN 57 SECONDS".to_owned(),
            false,
        ),
        (
            format!("({either} FOLLOWEDBY [x:is = 'c'] FOLLOWEDBY {either}) WITHIN 60 SECONDS"),
            true,
        ),
        (
            format!("[x:is = 'c'] FOLLOWEDBY {either} REPEATS 5000 TIMES"),
            false,
        ),
        (
            format!("[x:is = 'c'] FOLLOWEDBY {either} REPEATS 4999 TIMES"),
            true,
        ),
    ] {
        let found = compile(&pattern).unwrap().evaluate(&observed);
        assert_eq!(
            found.map(|found| found.is_some()),
            Ok(expected),
            "{pattern}"
        );
    }
}
