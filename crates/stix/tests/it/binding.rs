use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::json;
use stix::Timestamp;
use stix::pattern::{
    Comparison, Condition, Constant, ObjectPath, Pattern, Qualifier, Test, compile, observations,
};

/// An observation: which of a few names it is, its first and last second, how often.
type Seen = (u8, i64, i64, u64);

const EPOCH: i64 = 1_577_836_800;

fn time(second: i64) -> String {
    Timestamp::from_micros((EPOCH + second) * 1_000_000).to_string()
}

/// One occurrence of an observation.
type Instance = (usize, u64);

/// Every set of occurrences that a pattern can be bound to.
fn bindings(pattern: &Pattern<'_>, seen: &[Seen]) -> Vec<Vec<Instance>> {
    match pattern {
        Pattern::Observation(comparison) => {
            let holds = |(_, (name, ..)): &(usize, &Seen)| holds(comparison, *name);
            let all = seen.iter().enumerate().filter(holds);
            all.flat_map(|(index, (.., times))| (0..*times).map(move |time| vec![(index, time)]))
                .collect()
        }
        Pattern::Or(parts) => parts.iter().flat_map(|part| bindings(part, seen)).collect(),
        Pattern::And(parts) => joined(parts, seen, |_, _| true),
        Pattern::FollowedBy(parts) => joined(parts, seen, |before, after| {
            let begin = before.iter().map(|(index, _)| seen[*index].1).max();
            let end = after.iter().map(|(index, _)| seen[*index].2).min();
            begin <= end
        }),
        Pattern::Qualified(inner, qualifiers) => {
            let all = bindings(inner, seen);
            qualifiers
                .iter()
                .fold(all, |all, one| qualified(all, one, seen))
        }
    }
}

fn joined(
    parts: &[Pattern<'_>],
    seen: &[Seen],
    fits: impl Fn(&[Instance], &[Instance]) -> bool,
) -> Vec<Vec<Instance>> {
    let mut all = vec![Vec::new()];
    for (index, part) in parts.iter().enumerate() {
        let next = bindings(part, seen);
        all = pairs(&all, &next, |before, after| {
            index == 0 || fits(before, after)
        });
    }
    all
}

/// Every two that share no occurrence and fit.
fn pairs(
    some: &[Vec<Instance>],
    others: &[Vec<Instance>],
    fits: impl Fn(&[Instance], &[Instance]) -> bool,
) -> Vec<Vec<Instance>> {
    let mut all = Vec::new();
    for one in some {
        for other in others {
            if !one.iter().any(|instance| other.contains(instance)) && fits(one, other) {
                all.push([one.as_slice(), other].concat());
            }
        }
    }
    for one in &mut all {
        one.sort_unstable();
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn qualified(
    all: Vec<Vec<Instance>>,
    qualifier: &Qualifier<'_>,
    seen: &[Seen],
) -> Vec<Vec<Instance>> {
    let within = |kept: fn(i64, i64, &Seen) -> bool, from: i64, until: i64| {
        let all = all.iter();
        let all = all.filter(|one| {
            one.iter()
                .all(|(index, _)| kept(from, until, &seen[*index]))
        });
        all.cloned().collect()
    };
    match qualifier {
        Qualifier::Repeats(times) => {
            (1..*times).fold(all.clone(), |sum, _| pairs(&sum, &all, |_, _| true))
        }
        Qualifier::StartStop(start, stop) => {
            let second = |text: &str| Timestamp::parse(text).unwrap().micros() / 1_000_000 - EPOCH;
            let (start, stop) = (second(start), second(stop));
            if start >= stop {
                return Vec::new();
            }
            within(
                |from, until, (_, first, last, _)| *first < until && *last >= from,
                start,
                stop,
            )
        }
        Qualifier::Within(seconds) => {
            let seconds: i64 = seconds.parse().unwrap();
            let fits = |one: &Vec<Instance>| {
                let begin = one.iter().map(|(index, _)| seen[*index].1).max();
                let end = one.iter().map(|(index, _)| seen[*index].2).min();
                begin <= end.map(|end| end + seconds)
            };
            all.into_iter().filter(fits).collect()
        }
    }
}

fn holds(comparison: &Comparison<'_>, name: u8) -> bool {
    let Comparison::Test(Test {
        condition: Condition::In(names),
        ..
    }) = comparison
    else {
        panic!("only sets are made here");
    };
    names.contains(&Constant::Integer(Cow::Owned(name.to_string())))
}

fn observation() -> impl Strategy<Value = Pattern<'static>> {
    prop::collection::vec(0_u8..4, 1..3).prop_map(|names| {
        Pattern::Observation(Comparison::Test(Test {
            path: ObjectPath {
                object_type: "x".into(),
                property: "is".into(),
                steps: Vec::new(),
            },
            negated: false,
            condition: Condition::In(
                names
                    .into_iter()
                    .map(|name| Constant::Integer(name.to_string().into()))
                    .collect(),
            ),
        }))
    })
}

fn qualifier() -> impl Strategy<Value = Qualifier<'static>> {
    prop_oneof![
        (1..12_i64).prop_map(|seconds| Qualifier::Within(seconds.to_string().into())),
        (1..4_u64).prop_map(Qualifier::Repeats),
        (0..12_i64, 0..14_i64)
            .prop_map(|(start, stop)| Qualifier::StartStop(time(start).into(), time(stop).into())),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern<'static>> {
    observation().prop_recursive(3, 8, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            2 => parts().prop_map(Pattern::And),
            1 => parts().prop_map(Pattern::Or),
            3 => parts().prop_map(Pattern::FollowedBy),
            4 => (inner.clone(), qualifier())
                .prop_map(|(inner, one)| Pattern::Qualified(Box::new(inner), vec![one])),
        ]
    })
}

fn seen() -> impl Strategy<Value = Vec<Seen>> {
    let one = (0_u8..4, 0..12_i64, prop_oneof![Just(0), 0..6_i64], 1..3_u64);
    prop::collection::vec(
        one.prop_map(|(name, first, length, times)| (name, first, first + length, times)),
        0..6,
    )
}

fn objects(seen: &[Seen]) -> Vec<String> {
    let each = seen.iter().enumerate();
    each.flat_map(|(index, (name, first, last, times))| {
        let id = format!("x--{index}");
        let observed = json!({
            "type": "observed-data", "id": format!("observed-data--{index}"),
            "first_observed": time(*first), "last_observed": time(*last),
            "number_observed": times, "object_refs": [id],
        });
        let object = json!({"type": "x", "id": id, "is": name});
        [object.to_string(), observed.to_string()]
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_match_is_found_where_there_is_one(pattern in pattern(), seen in seen()) {
        let objects = objects(&seen);
        let mut observed: Vec<_> = observations(objects.iter().map(String::as_bytes))
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let printed = pattern.to_string();
        let compiled = compile(&printed).unwrap();
        let found = compiled.evaluate(&observed).unwrap();
        let all = bindings(&pattern, &seen);
        prop_assert_eq!(found.is_some(), !all.is_empty(), "{}", printed);
        if let Some(found) = found {
            let places = |binding: &Vec<Instance>| {
                let mut places: Vec<usize> = binding.iter().map(|(index, _)| *index).collect();
                places.dedup();
                places
            };
            prop_assert!(all.iter().any(|one| places(one) == found), "{} {:?}", printed, found);
        }
        observed.reverse();
        prop_assert_eq!(compiled.evaluate(&observed).unwrap().is_some(), !all.is_empty());
    }
}
