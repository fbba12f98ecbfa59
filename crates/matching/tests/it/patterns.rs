use std::collections::{BTreeMap, BTreeSet};

use matching::patterns::{Bounds, Lost, PatternIndex, Scratch, Stream};
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use stix::pattern::{Compiled, Observation, compile, observations};

/// Draws from a seed, so that a failing case is one number.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((value ^ value >> 31) % end as u64).unwrap()
    }

    fn of<'c, T: ?Sized>(&mut self, choices: &[&'c T]) -> &'c T {
        choices[self.below(choices.len())]
    }
}

const NAMES: &[&str] = &[
    "'alice'",
    "'Bob'",
    "'zoë'",
    "'zoe\u{308}'",
    "''",
    "'a%b'",
    "'K'",
    "'powershell.exe'",
    "'Kiſs'",
];
const PATHS: &[&str] = &[
    "name",
    "any",
    "list[*]",
    "list[0]",
    "list[1].name",
    "deep.'a-b'.c[*]",
    "friend_ref.name",
    "friend_refs[*].name",
    "friend_refs[1].any",
    "friend_ref.friend_refs[*].friend_ref.name",
    "address",
    "seen",
    "octets_hex",
    "octets_bin",
    "friend_ref",
    "deep",
];
const LIKES: &[&str] = &[
    "'%'",
    "'a%'",
    "'%LL.exe'",
    "'_ob'",
    "'zo_'",
    "'%oë%'",
    "'alice'",
    "'k%'",
];
const REGEXES: &[&str] = &[
    "'^a'",
    "'(?i)BOB|ALICE'",
    "'(?i)power(shell|point)\\\\.exe$'",
    "'o{1,2}b?'",
    "'[a-c]+'",
    "'(?i)k'",
    "'zoë'",
    "'(?i)KISS'",
    "'^$'",
    "'(al|Bo)(ice|b)'",
];
const RANGES: &[&str] = &[
    "'198.51.100.0/24'",
    "'198.51.100.7'",
    "'0.0.0.0/0'",
    "'2001:db8::/32'",
    "'198.51.100.0/30'",
    "'::/0'",
];

fn test(draw: &mut Draw) -> String {
    let path = format!("{}:{}", draw.of(&["x-a", "x-a", "x-b"]), draw.of(PATHS));
    let not = draw.of(&["", "", "", "NOT "]);
    match draw.below(12) {
        0..3 => format!("{path} {not}{} {}", draw.of(&["=", "!="]), draw.of(NAMES)),
        3 => format!(
            "{path} {not}{} {}",
            draw.of(&["=", "!=", "<", ">="]),
            draw.of(&["1", "1.0", "-2.5", "10"])
        ),
        4 => format!("{path} {not}IN ({}, {})", draw.of(NAMES), draw.of(NAMES)),
        5 => format!("{path} {not}LIKE {}", draw.of(LIKES)),
        6 => format!("{path} {not}MATCHES {}", draw.of(REGEXES)),
        7 => format!("{path} {not}ISSUBSET {}", draw.of(RANGES)),
        8 => format!("{path} {not}ISSUPERSET {}", draw.of(RANGES)),
        9 => format!("{not}EXISTS {path}"),
        10 => format!(
            "{path} {not}= {}",
            draw.of(&[
                "h'616c696365'",
                "b'AP8='",
                "true",
                "t'2020-01-01T00:00:00Z'"
            ])
        ),
        _ => format!(
            "{path} {not}IN ({})",
            draw.of(&["", "1, 2", "t'2020-01-01T00:00:00Z'"])
        ),
    }
}

fn comparison(draw: &mut Draw, depth: usize) -> String {
    if depth == 0 || draw.below(3) > 0 {
        return test(draw);
    }
    let parts = [comparison(draw, depth - 1), comparison(draw, depth - 1)];
    format!("({})", parts.join(draw.of(&[" AND ", " OR "])))
}

fn pattern(draw: &mut Draw, depth: usize) -> String {
    let text = if depth == 0 || draw.below(2) == 0 {
        format!("[{}]", comparison(draw, 2))
    } else {
        let parts = [pattern(draw, depth - 1), pattern(draw, depth - 1)];
        format!(
            "({})",
            parts.join(draw.of(&[" AND ", " OR ", " FOLLOWEDBY "]))
        )
    };
    let qualifier = match draw.below(8) {
        0 => format!(" WITHIN {} SECONDS", draw.of(&["1", "2", "4.5"])),
        1 => format!(" REPEATS {} TIMES", 1 + draw.below(3)),
        2 => " START t'2020-01-01T00:00:03Z' STOP t'2020-01-01T00:00:09Z'".to_owned(),
        _ => String::new(),
    };
    text + &qualifier
}

fn object(draw: &mut Draw, id: &str, ids: &[String]) -> Value {
    let text = |name: &str| name.trim_matches('\'').to_owned();
    let scalar = |draw: &mut Draw| match draw.below(6) {
        0 => json!(1),
        1 => json!(10.0),
        2 => json!(true),
        3 => Value::Null,
        _ => json!(text(draw.of(NAMES))),
    };
    let mut all = json!({
        "name": text(draw.of(NAMES)), "any": scalar(draw),
        "list": [scalar(draw), {"name": text(draw.of(NAMES))}],
        "deep": {"a-b": {"c": [scalar(draw), scalar(draw)]}},
        "friend_ref": ids[draw.below(ids.len())],
        "friend_refs": [ids[draw.below(ids.len())], ids[draw.below(ids.len())]],
        "address": draw.of(&["198.51.100.7", "198.51.100.0/27", "2001:db8::1", "0.0.0.0/0", "here"]),
        "seen": draw.of(&["2020-01-01T00:00:00.0Z", "2020-01-01T00:00:01Z", "never"]),
        "octets_hex": draw.of(&["616c696365", "00ff", "xyz"]),
        "octets_bin": draw.of(&["AP8=", "YWxpY2U="]),
    });
    let members = all.as_object_mut().unwrap();
    members.retain(|_, _| draw.below(4) > 0);
    members.insert("type".into(), json!(id.split("--").next()));
    members.insert("id".into(), json!(id));
    all
}

/// Observed data of a few objects that refer to each other.
fn world(draw: &mut Draw) -> Vec<String> {
    let ids: Vec<String> = (0..4 + draw.below(3))
        .map(|number| format!("{}--{number}", draw.of(&["x-a", "x-a", "x-b"])))
        .collect();
    let mut objects: Vec<Value> = ids.iter().map(|id| object(draw, id, &ids)).collect();
    for number in 0..2 + draw.below(6) {
        let (first, length) = (draw.below(12), draw.below(3));
        let refs: Vec<&String> = ids.iter().filter(|_| draw.below(2) == 0).collect();
        objects.push(json!({
            "type": "observed-data", "id": format!("observed-data--{number}"),
            "number_observed": 1 + draw.below(2), "object_refs": refs,
            "first_observed": format!("2020-01-01T00:00:{first:02}Z"),
            "last_observed": format!("2020-01-01T00:00:{:02}Z", first + length),
        }));
    }
    objects.iter().map(Value::to_string).collect()
}

fn seen(objects: &[String]) -> Vec<Observation<'_>> {
    let read = observations(objects.iter().map(String::as_bytes));
    read.into_iter().map(Result::unwrap).collect()
}

/// The patterns that a stream says match, each with the places of every match.
fn streamed(
    index: &PatternIndex,
    seen: &[Observation<'_>],
) -> (BTreeMap<u64, Vec<Vec<usize>>>, Lost) {
    let mut found: BTreeMap<u64, Vec<Vec<usize>>> = BTreeMap::new();
    let mut stream = Stream::new(Bounds {
        late: i64::MAX,
        ..Bounds::default()
    });
    let mut scratch = Scratch::default();
    for (place, observation) in seen.iter().enumerate() {
        stream.feed(
            index,
            observation,
            &mut scratch,
            &mut |_| place,
            &mut |matched| {
                found.entry(matched.id).or_default().push(matched.seen);
            },
        );
    }
    (found, stream.lost())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_index_says_what_each_pattern_alone_says(seed: u64) {
        let mut draw = Draw(seed);
        let texts: Vec<String> = (0..40).map(|_| pattern(&mut draw, 2)).collect();
        let alone: Vec<Compiled> = texts.iter().map(|text| compile(text).unwrap()).collect();
        let mut index = PatternIndex::new();
        for (id, text) in texts.iter().enumerate() {
            index.insert(id as u64, text).unwrap();
        }
        for _ in 0..3 {
            let objects = world(&mut draw);
            let seen = seen(&objects);
            let mut scratch = Scratch::default();
            for observation in &seen {
                let mut hits = BTreeSet::new();
                let unfinished = index.matches(observation, &mut scratch, &mut |hit| {
                    assert!(hits.insert(hit.id));
                });
                prop_assert!(unfinished.is_none());
                for (id, alone) in alone.iter().enumerate().filter(|(_, one)| one.is_single()) {
                    let expected = alone.evaluate([observation]).unwrap().is_some();
                    prop_assert_eq!(hits.contains(&(id as u64)), expected, "{} on {:#?}", &texts[id], &objects);
                }
            }
            let (found, lost) = streamed(&index, &seen);
            prop_assert_eq!(lost, Lost::default());
            for (id, alone) in alone.iter().enumerate() {
                let matched = found.get(&(id as u64));
                let expected = alone.evaluate(&seen).unwrap().is_some();
                prop_assert_eq!(matched.is_some(), expected, "{} over {:#?}", &texts[id], &objects);
                let mut rest: BTreeSet<usize> = (0..seen.len()).collect();
                for places in matched.into_iter().flatten() {
                    let by_itself = places.iter().map(|place| &seen[*place]);
                    prop_assert!(alone.evaluate(by_itself).unwrap().is_some(), "{} {places:?}", &texts[id]);
                    for place in places {
                        prop_assert!(rest.remove(place), "{} uses {place} twice", &texts[id]);
                    }
                }
                let rest = rest.iter().map(|place| &seen[*place]);
                prop_assert!(alone.evaluate(rest).unwrap().is_none(), "{} leaves a match", &texts[id]);
            }
        }
    }

    #[test]
    fn what_is_removed_is_gone_and_what_stays_is_found(seed: u64) {
        let mut draw = Draw(seed);
        let texts: Vec<String> = (0..30).map(|_| pattern(&mut draw, 1)).collect();
        let mut index = PatternIndex::new();
        for round in 0..3 {
            for (id, text) in texts.iter().enumerate() {
                index.insert((id + round) as u64, text).unwrap();
            }
        }
        let kept: Vec<u64> = (0..32).filter(|_| draw.below(2) == 0).collect();
        for id in (0..32).filter(|id| !kept.contains(id)) {
            prop_assert!(index.remove(id));
            prop_assert!(!index.remove(id));
        }
        let mut fresh = PatternIndex::new();
        for id in &kept {
            let text = &texts[usize::try_from(*id).unwrap().saturating_sub(2)];
            let text = if *id < 2 { &texts[0] } else { text };
            fresh.insert(*id, text).unwrap();
        }
        prop_assert_eq!(index.len(), kept.len());
        prop_assert_eq!(index.facts().expressions, fresh.facts().expressions);
        let objects = world(&mut draw);
        let seen = seen(&objects);
        prop_assert_eq!(streamed(&index, &seen), streamed(&fresh, &seen));
        for id in kept {
            index.remove(id);
        }
        prop_assert_eq!(index.facts(), matching::patterns::Facts::default());
        prop_assert!(streamed(&index, &seen).0.is_empty());
    }
}

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

#[test]
fn verdicts_are_those_of_the_oasis_matcher() {
    let Some(folder) = std::env::var_os("ENTENTE_TESTDATA") else {
        eprintln!("skipped: ENTENTE_TESTDATA is not set");
        return;
    };
    let path = std::path::PathBuf::from(folder).join("stix/vectors/matcher_vectors.jsonl");
    let vectors = std::fs::read_to_string(path).unwrap();
    let vectors: Vec<Vector<'_>> = vectors
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut index = PatternIndex::new();
    let mut agreed = 0;
    for (id, vector) in vectors.iter().enumerate() {
        // all in one index, so that patterns could disturb each other
        let _ = index.insert(id as u64, &vector.pattern);
    }
    for (id, vector) in vectors.iter().enumerate() {
        let objects = vector
            .obs
            .iter()
            .flat_map(|bundle| stix::split(bundle.get().as_bytes()).unwrap().objects);
        let seen: Vec<_> = observations(objects)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let Some(alone) = index.get(id as u64) else {
            continue;
        };
        let expected = alone.evaluate(&seen).unwrap().is_some();
        let (found, lost) = streamed(&index, &seen);
        assert_eq!(
            found.contains_key(&(id as u64)),
            expected,
            "{}",
            vector.pattern
        );
        assert_eq!(lost, Lost::default());
        agreed += usize::from(vector.matched == Some(expected));
    }
    assert_eq!(agreed, 187);
}
