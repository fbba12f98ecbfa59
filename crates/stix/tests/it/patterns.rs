use std::borrow::Cow;

use proptest::prelude::*;
use stix::pattern::{
    Comparison, Condition, Constant, ObjectPath, Operator, Pattern, Qualifier, Step, Test, parse,
};

/// As written, and as printed.
const FORMS: &[(&str, &str)] = &[
    ("[a:b=1]", "[a:b = 1]"),
    ("[a:b==+1]", "[a:b = 1]"),
    ("[a:b<>-1.50]", "[a:b != -1.50]"),
    ("(([a:b = 1]))", "[a:b = 1]"),
    ("[((a:b = 1))]", "[a:b = 1]"),
    (
        "[x-y:'c-d'.'e'[*][0].'AND' = 'it\\'s \\\\']",
        "[x-y:'c-d'.e[*][0].'AND' = 'it\\'s \\\\']",
    ),
    (
        "[a:b = 1 AND c:d = 2 OR e:f = 3]",
        "[a:b = 1 AND c:d = 2 OR e:f = 3]",
    ),
    (
        "[a:b = 1 AND (c:d = 2 OR e:f = 3)]",
        "[a:b = 1 AND (c:d = 2 OR e:f = 3)]",
    ),
    (
        "[a:b = 1 AND (c:d = 2 AND e:f = 3)]",
        "[a:b = 1 AND (c:d = 2 AND e:f = 3)]",
    ),
    ("[a:b IN('x',2,true)]", "[a:b IN ('x', 2, true)]"),
    ("[a:b NOT IN ()]", "[a:b NOT IN ()]"),
    (
        "[NOT EXISTS a:b OR a:b NOT LIKE'%']",
        "[NOT EXISTS a:b OR a:b NOT LIKE '%']",
    ),
    (
        "[a:b ISSUBSET '::/0' OR a:b NOT ISSUPERSET '::/0']",
        "[a:b ISSUBSET '::/0' OR a:b NOT ISSUPERSET '::/0']",
    ),
    ("[a:b MATCHES '^\\\\d+$']", "[a:b MATCHES '^\\\\d+$']"),
    (
        "[a:b = b'AB\nI=' OR a:b = h'ffC3']",
        "[a:b = b'ABI=' OR a:b = h'ffC3']",
    ),
    (
        "[a:b > t'2014-01-13T07:03:17.123456789Z']",
        "[a:b > t'2014-01-13T07:03:17.123456789Z']",
    ),
    (
        "[a:b=1]/*c*/AND//d\n[a:b=2]\u{a0}OR[a:b=3]",
        "[a:b = 1] AND [a:b = 2] OR [a:b = 3]",
    ),
    (
        "[a:b=1] FOLLOWEDBY ([a:b=2] FOLLOWEDBY [a:b=3])",
        "[a:b = 1] FOLLOWEDBY ([a:b = 2] FOLLOWEDBY [a:b = 3])",
    ),
    (
        "[a:b=1]WITHIN 5SECONDS REPEATS 2 TIMES",
        "[a:b = 1] WITHIN 5 SECONDS REPEATS 2 TIMES",
    ),
    (
        "([a:b=1]) REPEATS 2 TIMES REPEATS 3 TIMES",
        "([a:b = 1]) REPEATS 2 TIMES REPEATS 3 TIMES",
    ),
    (
        "([a:b=1] WITHIN .5 SECONDS) WITHIN 6 SECONDS",
        "([a:b = 1] WITHIN .5 SECONDS) WITHIN 6 SECONDS",
    ),
    (
        "([a:b=1]AND[c:d=2])START t'2014-01-13T07:03:17Z' STOP t'2014-01-13T07:03:18Z'",
        "([a:b = 1] AND [c:d = 2]) START t'2014-01-13T07:03:17Z' STOP t'2014-01-13T07:03:18Z'",
    ),
];

#[test]
fn patterns_print_in_one_form() {
    for (written, printed) in FORMS {
        match parse(written) {
            Ok(pattern) => assert_eq!(pattern.to_string(), *printed, "{written}"),
            Err(error) => panic!("{}", error.rendering()),
        }
    }
}

#[test]
fn what_is_wrong_is_shown_with_a_caret() {
    for (written, rendering) in [
        (
            "",
            "line 1 column 1: expected [ or (, found the end of the pattern\n  \n  ^",
        ),
        (
            "[file:name = ]",
            "line 1 column 14: expected a constant, found `]`\n  [file:name = ]\n               ^",
        ),
        (
            "[a:b = 1]\nOR [é:b = 1]",
            "line 2 column 5: expected a part of a pattern, found `é`\n  OR [é:b = 1]\n      ^",
        ),
        (
            "[a:b = 'é' AND x-y:c-d = 1]",
            "line 1 column 20: expected a property name with a hyphen in apostrophes, found `c-d`\n  \
             [a:b = 'é' AND x-y:c-d = 1]\n                     ^",
        ),
        (
            "[a:b = 'C:\\Windows']",
            "line 1 column 11: expected \\' or \\\\ (a backslash is written twice), found `\\W`\n  \
             [a:b = 'C:\\Windows']\n            ^",
        ),
        (
            "[file:hashes.'SHA-256' = 'ab']",
            "line 1 column 26: expected a SHA-256 hash of 64 hexadecimal digits, found `'ab'`\n  \
             [file:hashes.'SHA-256' = 'ab']\n                           ^",
        ),
    ] {
        assert_eq!(
            parse(written).unwrap_err().rendering(),
            rendering,
            "{written}"
        );
    }
    let long = format!("[a:b = '{}' OR]", "x".repeat(500));
    let error = parse(&long).unwrap_err();
    assert_eq!(error.column, 513);
    assert!(
        error.rendering().lines().all(|line| line.len() < 90),
        "{}",
        error.rendering()
    );
}

#[test]
fn each_mistake_is_named() {
    for (written, expected) in [
        ("a:b = 1", "[ or ("),
        ("[]", "an object path such as file:name"),
        ("[a:b]", "a comparison operator"),
        ("[a b]", ": and a property"),
        ("[a:b = 1", "AND, OR or ]"),
        ("[(a:b = 1]", "AND, OR or )"),
        ("([a:b = 1]", "AND, OR, FOLLOWEDBY, a qualifier or )"),
        (
            "[a:b = 1] x",
            "AND, OR, FOLLOWEDBY, a qualifier or the end of the pattern",
        ),
        ("[a:b = \"x\"]", "a string in apostrophes"),
        ("[a:b = 'x]", "a string that ends in an apostrophe"),
        ("[a:b > true]", "a constant that has an order"),
        ("[a:b LIKE 3]", "a string constant"),
        ("[a:b IN 'x']", "( and a list of constants"),
        ("[a:b IN ('x'", ", or )"),
        ("[a:b[-1] = 1]", "an index from 0, or *"),
        ("[a:AND = 1]", "a property name"),
        ("[NOT a:b = 1]", "EXISTS"),
        ("[a:b = - 1]", "a number after the sign"),
        ("[a:b = h'abc']", "a hexadecimal constant such as h'ffc3'"),
        ("[a:b = b'ABI']", "a base64 constant such as b'ABI='"),
        (
            "[a:b = t'2014-02-31T00:00:00Z']",
            "a timestamp constant such as t'2014-01-13T07:03:17Z'",
        ),
        (
            "[a:b = 1] WITHIN -5 SECONDS",
            "a number of seconds without a minus sign",
        ),
        ("[a:b = 1] WITHIN x SECONDS", "a number of seconds"),
        ("[a:b = 1] WITHIN 5", "SECONDS"),
        (
            "[a:b = 1] REPEATS 1.5 TIMES",
            "a number of times, a positive integer",
        ),
        ("[a:b = 1] REPEATS 2", "TIMES"),
        (
            "[a:b = 1] START '2014' STOP '2015'",
            "a timestamp constant such as t'2014-01-13T07:03:17Z'",
        ),
        ("[a:b = 1] START t'2014-01-13T07:03:17Z'", "STOP"),
        (
            "[a:b = 1] REPEATS 2 TIMES REPEATS 2 TIMES",
            "each qualifier at most once",
        ),
    ] {
        assert_eq!(parse(written).unwrap_err().expected, expected, "{written}");
    }
}

#[test]
fn atoms_are_every_test_in_order() {
    let pattern =
        parse("([a:b = 1 AND (c:d = 2 OR e:f = 3)] AND [g:h = 4]) REPEATS 2 TIMES").unwrap();
    let types: Vec<_> = pattern
        .atoms()
        .into_iter()
        .map(|test| &*test.path.object_type)
        .collect();
    assert_eq!(types, ["a", "c", "e", "g"]);
}

fn text() -> impl Strategy<Value = Cow<'static, str>> {
    "[a-z'\\\\\u{e9}\\n /*\\[\\]]{0,6}".prop_map(Cow::Owned)
}

fn owned(pattern: &'static str) -> impl Strategy<Value = Cow<'static, str>> {
    pattern.prop_map(Cow::Owned)
}

fn orderable() -> impl Strategy<Value = Constant<'static>> {
    prop_oneof![
        text().prop_map(Constant::Text),
        owned("-?(0|[1-9][0-9]{0,30})").prop_map(Constant::Integer),
        owned("-?[0-9]{0,4}\\.[0-9]{1,20}").prop_map(Constant::Float),
        owned("([A-Za-z0-9+/]{4}){1,3}").prop_map(Constant::Binary),
        owned("([0-9a-fA-F]{2}){0,5}").prop_map(Constant::Hex),
        owned("20[0-9]{2}-0[1-9]-1[0-9]T1[0-9]:0[0-9]:5[0-9](\\.[0-9]{1,9})?Z")
            .prop_map(Constant::Timestamp),
    ]
}

fn constant() -> impl Strategy<Value = Constant<'static>> {
    prop_oneof![4 => orderable(), 1 => any::<bool>().prop_map(Constant::Boolean)]
}

fn path() -> impl Strategy<Value = ObjectPath<'static>> {
    let step = prop_oneof![
        3 => prop_oneof![owned("[a-z_]{1,4}"), owned("AND|true|LAST|1a|a-b|"), text()].prop_map(Step::Key),
        1 => any::<u64>().prop_map(Step::Index),
        1 => Just(Step::Every),
    ];
    let object_type = owned("x[a-zA-Z0-9_-]{0,6}");
    let property = prop_oneof![owned("[a-z_]{1,8}"), text()];
    (object_type, property, prop::collection::vec(step, 0..4)).prop_map(
        |(object_type, property, steps)| ObjectPath {
            object_type,
            property,
            steps,
        },
    )
}

fn test() -> impl Strategy<Value = Comparison<'static>> {
    let operator = prop_oneof![
        Just(Operator::Less),
        Just(Operator::LessOrEqual),
        Just(Operator::Greater),
        Just(Operator::GreaterOrEqual),
    ];
    let equality = prop_oneof![Just(Operator::Equal), Just(Operator::NotEqual)];
    let condition = prop_oneof![
        (equality, constant()).prop_map(|(operator, value)| Condition::Compare(operator, value)),
        (operator, orderable()).prop_map(|(operator, value)| Condition::Compare(operator, value)),
        prop::collection::vec(constant(), 0..4).prop_map(Condition::In),
        text().prop_map(Condition::Like),
        text().prop_map(Condition::Matches),
        text().prop_map(Condition::IsSubset),
        text().prop_map(Condition::IsSuperset),
        Just(Condition::Exists),
    ];
    (path(), any::<bool>(), condition).prop_map(|(path, negated, condition)| {
        Comparison::Test(Test {
            path,
            negated,
            condition,
        })
    })
}

fn comparison() -> impl Strategy<Value = Comparison<'static>> {
    test().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Comparison::And),
            prop::collection::vec(inner, 2..4).prop_map(Comparison::Or),
        ]
    })
}

fn qualifiers() -> impl Strategy<Value = Vec<Qualifier<'static>>> {
    let timestamp = || owned("2014-01-1[0-9]T00:00:00Z");
    let qualifier = prop_oneof![
        owned("(0|[1-9][0-9]{0,3})|[0-9]{0,3}\\.[0-9]{1,3}").prop_map(Qualifier::Within),
        any::<u64>().prop_map(Qualifier::Repeats),
        (timestamp(), timestamp()).prop_map(|(start, stop)| Qualifier::StartStop(start, stop)),
    ];
    prop::collection::vec(qualifier, 1..4)
}

fn pattern() -> impl Strategy<Value = Pattern<'static>> {
    comparison()
        .prop_map(Pattern::Observation)
        .prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(Pattern::And),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Pattern::Or),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Pattern::FollowedBy),
                (inner, qualifiers()).prop_map(|(inner, qualifiers)| Pattern::Qualified(
                    Box::new(inner),
                    qualifiers
                )),
            ]
        })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_what_was_printed(pattern in pattern()) {
        let printed = pattern.to_string();
        let parsed = parse(&printed);
        prop_assert_eq!(parsed.as_ref(), Ok(&pattern), "{}", printed);
        prop_assert_eq!(parsed.unwrap().to_string(), printed);
    }

    #[test]
    fn no_text_makes_a_panic(
        text in "\\PC{0,60}",
        tokens in prop::collection::vec("[\\[\\](),:.*'=<>!+-]|AND|OR|NOT|IN|WITHIN|REPEATS|[tbh]?'[a-f0-9\\\\']{0,4}'?|a:b|-?[0-9.]{1,3}|/\\*|//|\\n| ", 0..20),
    ) {
        for source in [text, tokens.concat()] {
            match parse(&source) {
                Ok(pattern) => { prop_assert!(parse(&pattern.to_string()).is_ok()); }
                Err(error) => { prop_assert_eq!(error.rendering().lines().count(), 3); }
            }
        }
    }
}
