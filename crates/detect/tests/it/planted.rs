use std::collections::BTreeSet;

use detect::coordination::{Layer, Posts, Settings, null};
use detect::sample::Recipe;

/// Precision and recall of account membership.
fn scored(seed: u64, rows: u32, windows: &[i64]) -> (f64, f64, usize) {
    let sample = Recipe { seed, rows }.draw();
    let mut posts = Posts::new();
    for share in &sample.shares {
        let (object, account) = (share.object.to_string(), share.account.to_string());
        posts
            .add(
                Layer::Url,
                object.as_bytes(),
                account.as_bytes(),
                b"",
                share.time,
            )
            .unwrap();
    }
    let sorted = posts.sorted();
    let windows = windows.iter().map(|window| window * 1000).collect();
    let settings = Settings {
        windows,
        threads: 2,
        ..Settings::default()
    };
    let found = null(&sorted, &settings).unwrap();
    let number = |account: u32| sorted.account(account).parse::<u32>().unwrap();
    let flagged: BTreeSet<u32> = found
        .pairs
        .iter()
        .flat_map(|pair| [number(pair.one), number(pair.other)])
        .collect();
    let planted: BTreeSet<u32> = sample.groups.iter().flatten().copied().collect();
    let fans: BTreeSet<u32> = sample.fans.iter().flatten().copied().collect();
    let right = flagged.intersection(&planted).count() as f64;
    let wrong_fans = flagged
        .difference(&planted)
        .filter(|one| fans.contains(one))
        .count();
    (
        right / flagged.len().max(1) as f64,
        right / planted.len() as f64,
        wrong_fans,
    )
}

/// The bar of the project, at a million rows and 60 seconds; more seeds are in `bench`.
#[test]
fn planted_groups_are_found_and_fans_are_not() {
    let (precision, recall, fans) = scored(1, 1_000_000, &[60]);
    assert!(
        precision >= 0.85 && recall >= 0.75,
        "precision {precision:.2}, recall {recall:.2}"
    );
    assert!(
        fans <= 20,
        "{fans} of some thousand fans are called a group"
    );
}

#[test]
fn several_windows_find_more_and_stay_precise() {
    let (precision, recall, _) = scored(2, 300_000, &[10, 60, 300]);
    assert!(
        precision >= 0.85 && recall >= 0.75,
        "precision {precision:.2}, recall {recall:.2}"
    );
}
