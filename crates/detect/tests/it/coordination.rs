use std::collections::BTreeMap;

use detect::coordination::{Layer, Posts, Settings, Unusable, groups, null};
use detect::sample::{Recipe, Share};
use proptest::prelude::*;

type Row = (String, String, i64);

/// What is found, said by names: accounts of groups, and each pair with its numbers.
fn said(rows: &[Row], threads: usize) -> Vec<String> {
    let mut posts = Posts::new();
    for (object, account, time) in rows {
        posts
            .add(
                Layer::Url,
                object.as_bytes(),
                account.as_bytes(),
                b"",
                *time,
            )
            .unwrap();
    }
    let sorted = posts.sorted();
    let settings = Settings {
        threads,
        ..Settings::default()
    };
    let found = null(&sorted, &settings).unwrap();
    let mut lines = vec![format!("{:?}", found.told)];
    for pair in &found.pairs {
        let mut names = [sorted.account(pair.one), sorted.account(pair.other)];
        names.sort();
        let numbers = (pair.window, pair.shared, pair.both, pair.met, pair.hours);
        let chances = (
            pair.by_chance,
            pair.by_taste,
            pair.p_chance,
            pair.p_taste,
            pair.q,
        );
        lines.push(format!("{names:?} {numbers:?} {chances:?}"));
    }
    for group in groups(&sorted, &found, 2) {
        let mut names: Vec<String> = group.accounts.iter().map(|a| sorted.account(*a)).collect();
        names.sort();
        lines.push(format!(
            "{names:?} {} {:?}",
            group.moments.len(),
            group.span()
        ));
    }
    lines.sort();
    lines
}

fn sample(seed: u64, rows: u32) -> Vec<Row> {
    let shares = Recipe { seed, rows }.draw().shares;
    let row = |share: Share| {
        (
            format!("o{}", share.object),
            format!("a{}", share.account),
            share.time,
        )
    };
    shares.into_iter().map(row).collect()
}

/// Another name for an account, such that the order of names is another one too.
fn renamed(name: &str, key: u64) -> String {
    let number: u64 = name[1..].parse().unwrap();
    format!(
        "{:016x}-{number}",
        (number ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    )
}

#[test]
fn the_order_of_rows_makes_no_difference() {
    let mut rows = sample(3, 20_000);
    let before = said(&rows, 1);
    assert!(before.len() > 10, "nothing was found: {before:?}");
    rows.reverse();
    assert_eq!(said(&rows, 1), before);
    rows.sort_by_key(|(object, account, time)| (account.len(), time % 7, object.clone()));
    assert_eq!(said(&rows, 2), before, "nor do threads");
}

#[test]
fn the_names_of_accounts_make_no_difference() {
    let rows = sample(4, 20_000);
    let expected: BTreeMap<String, String> = rows
        .iter()
        .map(|(_, account, _)| (account.clone(), renamed(account, 99)))
        .collect();
    let other: Vec<Row> = rows
        .iter()
        .map(|(o, account, t)| (o.clone(), expected[account].clone(), *t))
        .collect();
    let anonymous = |lines: Vec<String>, back: &dyn Fn(&str) -> Option<String>| {
        // the numbers alone, and groups by their sizes: names are what differs
        let mut lines: Vec<String> = lines
            .into_iter()
            .map(|line| {
                line.split('"')
                    .map(|part| back(part).unwrap_or_else(|| part.to_owned()))
                    .collect()
            })
            .collect();
        lines.sort();
        lines
    };
    let hidden: std::collections::BTreeSet<&String> =
        expected.keys().chain(expected.values()).collect();
    let back = |part: &str| hidden.contains(&part.to_owned()).then(|| "name".to_owned());
    let (one, two) = (
        anonymous(said(&rows, 1), &back),
        anonymous(said(&other, 1), &back),
    );
    assert!(one.len() > 10);
    assert_eq!(one, two);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever rows there are, nothing panics and their order makes no difference.
    #[test]
    fn any_rows_in_any_order_say_the_same(
        rows in prop::collection::vec((0_u8..6, 0_u8..8, -50_i64..50), 0..120),
        far in any::<i64>(),
    ) {
        let mut rows: Vec<Row> = rows
            .into_iter()
            .map(|(object, account, time)| (object.to_string(), account.to_string(), time * 4_000))
            .collect();
        rows.push(("0".into(), "0".into(), far));
        let before = said(&rows, 1);
        rows.reverse();
        prop_assert_eq!(said(&rows, 1), before);
    }
}

/// Two accounts that share twelve objects within a second, each `apart` hours after the one before,
/// among people who share what people share.
fn together(apart: i64) -> Vec<Row> {
    let mut rows = sample(5, 10_000);
    let start = rows[0].2 + 3_600_000;
    for object in 0..12 {
        let time = start + object * apart * 3_600_000 + object * 60_000;
        for (account, after) in [("left", 0), ("right", 900), ("late", 40_000_000)] {
            rows.push((format!("both{object}"), account.to_owned(), time + after));
        }
    }
    rows
}

#[test]
fn two_who_are_always_together_are_found_and_who_comes_later_is_not() {
    let lines = said(&together(7), 1);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("[\"left\", \"right\"] 12 ")),
        "{lines:#?}"
    );
    assert!(
        !lines.iter().any(|line| line.contains("late")),
        "{lines:#?}"
    );
}

#[test]
fn a_page_read_together_once_is_one_meeting() {
    let lines = said(&together(0), 1);
    assert!(
        !lines.iter().any(|line| line.contains("left")),
        "{lines:#?}"
    );
}

#[test]
fn settings_out_of_their_range_are_refused() {
    let sorted = Posts::new().sorted();
    let with = |windows: &[i64], fdr| {
        null(
            &sorted,
            &Settings {
                windows: windows.to_vec(),
                fdr,
                ..Settings::default()
            },
        )
    };
    assert_eq!(with(&[], 0.01).unwrap_err(), Unusable::Windows);
    assert_eq!(with(&[5, 5], 0.01).unwrap_err(), Unusable::Windows);
    assert_eq!(with(&[-1], 0.01).unwrap_err(), Unusable::Windows);
    assert_eq!(with(&[1, 2, 3, 4, 5], 0.01).unwrap_err(), Unusable::Windows);
    assert_eq!(with(&[10], 1.0).unwrap_err(), Unusable::Rate);
    assert_eq!(with(&[10], f64::NAN).unwrap_err(), Unusable::Rate);
    assert!(with(&[60_000, 10_000], 0.01).unwrap().pairs.is_empty());
}

#[test]
fn crowds_are_left_out_and_counted() {
    let rows: Vec<Row> = (0..3000)
        .map(|at| ("o".to_owned(), format!("a{}", at % 900), i64::from(at) * 10))
        .collect();
    let mut posts = Posts::new();
    for (object, account, time) in rows.iter().chain(&together(7)) {
        posts
            .add(
                Layer::Url,
                object.as_bytes(),
                account.as_bytes(),
                b"",
                *time,
            )
            .unwrap();
    }
    let settings = Settings {
        dense: 500,
        ..Settings::default()
    };
    let found = null(&posts.sorted(), &settings).unwrap();
    assert!(found.told.dense >= 3000, "{:?}", found.told);
    assert!(!found.pairs.is_empty());
}
