use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use detect::coordination::{Directed, Layer, Posts, Sorted, coortweet, toolkit};
use proptest::prelude::*;

/// The Russian tweets of `CooRTweet`'s own data set, or nothing, said so, where they are not.
fn russian_tweets() -> Option<Sorted> {
    let Some(folder) = std::env::var_os("ENTENTE_TESTDATA") else {
        eprintln!("skipped: ENTENTE_TESTDATA is not set");
        return None;
    };
    let path = PathBuf::from(folder).join("election/russian_coord_tweets.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut posts = Posts::with_contents();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [object, account, content, time] = cells[..] else {
            panic!("{line}")
        };
        #[expect(clippy::cast_possible_truncation, reason = "seconds of this century")]
        let time = (time.parse::<f64>().unwrap() * 1000.0) as i64;
        posts
            .add(
                Layer::Object,
                object.as_bytes(),
                account.as_bytes(),
                content.as_bytes(),
                time,
            )
            .unwrap();
    }
    Some(posts.sorted())
}

#[test]
fn coortweet_counts_its_own_data_as_the_package_does() {
    let Some(sorted) = russian_tweets() else {
        return;
    };
    for (window, pairs, accounts, edges) in [(10, 447, 525, 442), (60, 3791, 2110, 3721)] {
        let found = coortweet(&sorted, window * 1000, 0.5);
        assert_eq!(
            (found.pairs, found.accounts, found.edges.len()),
            (pairs, accounts, edges)
        );
        let strong = found.edges.iter().filter(|edge| edge.is_strong).count();
        let above = found
            .edges
            .iter()
            .filter(|edge| f64::from(edge.weight) > found.threshold);
        assert_eq!(strong, above.count());
    }
}

type Post = (u8, u8, u8, i64);

fn sorted(rows: &[Post]) -> Sorted {
    let mut posts = Posts::with_contents();
    for (object, account, content, time) in rows {
        let name = |number: &u8| number.to_string();
        let (object, account, content) = (name(object), name(account), name(content));
        posts
            .add(
                Layer::Object,
                object.as_bytes(),
                account.as_bytes(),
                content.as_bytes(),
                *time,
            )
            .unwrap();
    }
    posts.sorted()
}

/// The definition, pair by pair.
fn slow_coortweet(rows: &[Post], window: i64) -> (usize, BTreeMap<(String, String), u32>) {
    let count = |account: u8, rows: &[Post]| rows.iter().filter(|row| row.1 == account).count();
    let rows: Vec<Post> = rows
        .iter()
        .filter(|row| count(row.1, rows) > 1)
        .copied()
        .collect();
    let mut pairs = Vec::new();
    for (at, a) in rows.iter().enumerate() {
        for b in &rows[at + 1..] {
            let differs = a.1 != b.1 && a.2 != b.2 && a.0 != a.2 && b.0 != b.2;
            if a.0 == b.0 && differs && (a.3 - b.3).abs() <= window {
                pairs.push((*a, *b));
            }
        }
    }
    let contents: BTreeSet<u8> = pairs.iter().flat_map(|(a, b)| [a.2, b.2]).collect();
    let among: Vec<Post> = rows
        .iter()
        .filter(|row| contents.contains(&row.2))
        .copied()
        .collect();
    let kept: BTreeSet<u8> = among
        .iter()
        .filter(|row| count(row.1, &among) > 1)
        .map(|row| row.2)
        .collect();
    pairs.retain(|(a, b)| kept.contains(&a.2) || kept.contains(&b.2));
    let mut weights = BTreeMap::new();
    for (a, b) in &pairs {
        let mut names = [a.1.to_string(), b.1.to_string()];
        names.sort();
        let [one, other] = names;
        *weights.entry((one, other)).or_default() += 1;
    }
    (pairs.len(), weights)
}

proptest! {
    #[test]
    fn coortweet_is_its_definition(
        rows in prop::collection::vec((0_u8..4, 0_u8..6, 0_u8..40, 0_i64..60), 0..60),
        window in 0_i64..20,
    ) {
        let sorted = sorted(&rows);
        let found = coortweet(&sorted, window, 0.5);
        let (pairs, weights) = slow_coortweet(&rows, window);
        prop_assert_eq!(usize::try_from(found.pairs).unwrap(), pairs);
        let edges = found.edges.iter().map(|edge| {
            ((sorted.account(edge.one), sorted.account(edge.other)), edge.weight)
        });
        prop_assert_eq!(edges.collect::<BTreeMap<_, _>>(), weights);
    }

    #[test]
    fn the_toolkit_counts_the_posts_of_each_side(
        rows in prop::collection::vec((0_u8..4, 0_u8..6, 0_i64..60), 0..60),
        window in 0_i64..20,
    ) {
        // each row is a post of its own
        let rows: Vec<Post> = rows
            .iter()
            .zip(0_u8..)
            .map(|((object, account, time), content)| (*object, *account, content, *time))
            .collect();
        let sorted = sorted(&rows);
        let mut expected: BTreeMap<(String, String), BTreeSet<u8>> = BTreeMap::new();
        for a in &rows {
            for b in &rows {
                if a.0 == b.0 && a.1 != b.1 && (a.3 - b.3).abs() <= window {
                    expected.entry((a.1.to_string(), b.1.to_string())).or_default().insert(a.2);
                }
            }
        }
        let found = toolkit(&sorted, window, 1);
        let found: BTreeMap<(String, String), usize> = found
            .iter()
            .map(|Directed { from, to, weight }| ((sorted.account(*from), sorted.account(*to)), *weight as usize))
            .collect();
        let expected: BTreeMap<(String, String), usize> =
            expected.into_iter().map(|(edge, posts)| (edge, posts.len())).collect();
        prop_assert_eq!(found, expected);
    }
}
