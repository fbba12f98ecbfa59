//! Texts: what winnowing promises, and indexes that say what comparing each pair would.

use std::collections::{BTreeMap, HashSet};

use matching::sample;
use matching::text::{
    Fingerprint, Grain, Key, Near, NearIndex, NearScratch, Neighbourhood, ShortIndex, Skeleton,
    Unfit, Winnower, fingerprints, normal, published,
};
use proptest::prelude::*;

/// Winnowing as the paper tells it, over all runs at once.
fn by_the_paper(grain: Grain, text: &[u8]) -> Vec<Fingerprint> {
    let normal = normal(text);
    let letters: Vec<char> = normal.text.chars().collect();
    let runs = letters.len().saturating_sub(grain.k() - 1);
    let all: Vec<Fingerprint> = (0..runs)
        .map(|at| {
            let run: String = letters[at..at + grain.k()].iter().collect();
            // The hash of a run is that of the run as a text of its own.
            let alone = fingerprints(grain, run.as_bytes());
            assert_eq!(alone.len(), 1, "{run}");
            Fingerprint {
                hash: alone[0].hash,
                start: normal.places[at].0,
                end: normal.places[at + grain.k() - 1].1,
            }
        })
        .collect();
    let mut chosen: Vec<Fingerprint> = Vec::new();
    for window in all.windows(grain.w().min(all.len()).max(1)) {
        let least = window.iter().rev().min_by_key(|one| one.hash).unwrap();
        if chosen.last() != Some(least) {
            chosen.push(*least);
        }
    }
    chosen
}

fn hashes(grain: Grain, text: &str) -> HashSet<u64> {
    let all = fingerprints(grain, text.as_bytes());
    all.iter().map(|one| one.hash).collect()
}

fn posts(seed: u64, count: usize) -> Vec<String> {
    sample::posts(seed).take(count).collect()
}

/// The first of `bank` that a text is near to, by `minimum` shared fingerprints.
fn nearest(index: &NearIndex, text: &str, minimum: u32) -> Option<Near> {
    let mut scratch = NearScratch::default();
    let found = fingerprints(Grain::POSTS, text.as_bytes());
    index.search(&found, minimum, &mut scratch).first().copied()
}

fn index_of(bank: &[String]) -> NearIndex {
    let mut index = NearIndex::new();
    for (name, text) in (0..).zip(bank) {
        assert!(index.insert(name, &fingerprints(Grain::POSTS, text.as_bytes())));
    }
    index
}

#[test]
fn posts_are_found_edited_wrapped_and_disguised_and_others_are_not() {
    let bank = posts(1, 2000);
    let index = index_of(&bank);
    let mut same = 0;
    for (seed, post) in (0..).zip(&bank) {
        let name = |text: String| nearest(&index, &text, 1).map(|near| near.text);
        same += usize::from(name(sample::edited(post, 15, seed)) == Some(seed));
        assert_eq!(name(sample::disguised(post, seed)), Some(seed));
        for times in [2, 5] {
            assert_eq!(name(sample::wrapped(post, times, seed)), Some(seed));
        }
    }
    assert!(same >= 1998, "{same} of 2,000 found edited");
    let others = posts(2, 2000);
    let found = others
        .iter()
        .filter(|post| nearest(&index, post, 1).is_some());
    assert_eq!(found.count(), 0);
}

#[test]
fn a_passage_is_shown_where_it_stands() {
    let bank = posts(1, 50);
    let index = index_of(&bank);
    let post = &bank[7];
    let other = "Something else altogether, and then what somebody said, ";
    let text = format!("{other}{post} ... which is all there is to it, said everyone else");
    let near = nearest(&index, &text, 3).unwrap();
    let place = |at: u64| usize::try_from(at).unwrap();
    let shown = &text[place(near.start)..place(near.end)];
    assert!(
        shown.len() > post.len() / 2 && post.contains(shown.trim()),
        "{shown}"
    );
    assert!(
        near.containment() > 0.7 && near.coverage() < 0.9,
        "{near:?}"
    );
    let whole = nearest(&index, post, 3).unwrap();
    assert!(whole.shared == whole.of_text && whole.shared == whole.of_query);
}

#[test]
fn what_anyone_may_have_and_what_many_have_is_not_counted() {
    let bank = posts(3, 4);
    let boilerplate = posts(4, 1).remove(0);
    let mut index = NearIndex::with_most(3);
    let add = |index: &mut NearIndex, name: u64| {
        let text = format!("{} {boilerplate}", bank[usize::try_from(name).unwrap()]);
        let found = fingerprints(Grain::POSTS, text.as_bytes());
        assert!(index.insert(name, &found) && !index.insert(name, &found));
        found
    };
    for name in 0..3 {
        add(&mut index, name);
    }
    assert!(nearest(&index, &boilerplate, 3).is_some());
    let fourth = add(&mut index, 3);
    assert!(nearest(&index, &boilerplate, 3).is_none());
    assert!(nearest(&index, &bank[3], 3).is_some());
    assert!(index.remove(3, &fourth) && !index.remove(3, &fourth));
    assert_eq!(index.len(), 3);
    assert!(nearest(&index, &boilerplate, 3).is_some());
    assert!(nearest(&index, &bank[3], 1).is_none());
    index.allow(&fingerprints(Grain::POSTS, boilerplate.as_bytes()));
    assert!(nearest(&index, &boilerplate, 3).is_none());
}

#[test]
fn what_is_published_needs_the_key_and_no_place() {
    let key = |byte| Key::new(&[byte; 32]).unwrap();
    let of = |key: &Key, text: &str, piece: usize| {
        let mut rest = text.as_bytes();
        published(key, Grain::POSTS, |buffer: &mut [u8]| {
            let length = rest.len().min(piece);
            buffer[..length].copy_from_slice(&rest[..length]);
            rest = &rest[length..];
            Ok::<_, std::convert::Infallible>(length)
        })
        .unwrap()
    };
    let post = posts(5, 1).remove(0);
    let whole = of(&key(1), &post, 65_536);
    assert!(whole.is_sorted() && whole.len() > 10);
    assert_eq!(whole.len(), hashes(Grain::POSTS, &post).len());
    assert_eq!(of(&key(1), &sample::disguised(&post, 1), 3), whole);
    assert!(
        of(&key(2), &post, 7)
            .iter()
            .all(|hash| !whole.contains(hash))
    );
}

#[test]
fn hostile_texts_cost_little() {
    let kinds: [(&str, Vec<u8>, usize); 5] = [
        ("one letter", vec![b'a'; 20 << 20], 0),
        ("two letters in turn", b"ab".repeat(10 << 20), 11 << 20),
        (
            "marks without end",
            "\u{301}\u{489}".repeat(1 << 20).into_bytes(),
            0,
        ),
        (
            "a letter under marks",
            [b"a", "\u{301}".repeat(1 << 20).as_bytes()].concat(),
            0,
        ),
        ("not UTF-8", vec![0xe2; 20 << 20], 0),
    ];
    for (name, text, most) in kinds {
        let mut winnower = Winnower::new(Grain::POSTS);
        let mut count = 0;
        for piece in text.chunks(1 << 16) {
            winnower.feed(piece, &mut |_| count += 1);
        }
        winnower.finish(&mut |_| count += 1);
        assert!(count <= most, "{name}: {count}");
        assert!(matches!(
            Skeleton::of(&text),
            Err(Unfit::TooShort { letters: 0 | 1 } | Unfit::TooLong)
        ));
    }
    // The same text many times over: each is added and found in time that does not grow.
    let repeated = fingerprints(Grain::POSTS, posts(9, 1)[0].as_bytes());
    let mut index = NearIndex::with_most(1000);
    for name in 0..100_000 {
        assert!(index.insert(name, &repeated));
    }
    assert!(
        index
            .search(&repeated, 1, &mut NearScratch::default())
            .is_empty()
    );
}

#[test]
fn short_texts_are_added_and_taken_away() {
    let key = Key::new(&[9; 32]).unwrap();
    let of = |text: &str| Neighbourhood::of(&key, &Skeleton::of(text.as_bytes()).unwrap());
    let mut index = ShortIndex::new();
    assert!(index.insert(1, &of("We will find you")));
    assert!(!index.insert(1, &of("something else")));
    assert!(index.insert(2, &of("We will find you all")));
    let hits = index.lookup(&of("W3 wi11 f!nd yοu"));
    assert_eq!(hits.iter().map(|hit| hit.text).collect::<Vec<_>>(), [1]);
    assert!(!hits[0].is_same());
    assert!(index.lookup(&of("WE WILL FIND YOU."))[0].is_same());
    assert!(index.remove(1, &of("we will find you")));
    assert!(index.lookup(&of("We will find you")).is_empty());
    assert_eq!(index.len(), 1);
}

/// Few letters, so that runs repeat and hashes tie.
fn dull_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab]{0,80}",
        "[a-d ]{0,200}",
        "(abcabd){0,30}[a-z ]{0,40}(abcabd){0,30}"
    ]
}

proptest! {
    #[test]
    fn a_stream_is_winnowed_as_the_paper_says(
        text in dull_text(), k in 4_usize..9, w in 1_usize..9, piece in 1_usize..30,
    ) {
        let grain = Grain::new(k, w).unwrap();
        let mut winnower = Winnower::new(grain);
        for _ in 0..2 {
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(piece) {
                winnower.feed(piece, &mut |selected| {
                    let mut letters = String::new();
                    selected.write_letters(&mut letters);
                    let alone = fingerprints(grain, letters.as_bytes());
                    assert_eq!(alone[0].hash, selected.fingerprint.hash);
                    found.push(selected.fingerprint);
                });
            }
            winnower.finish(&mut |selected| found.push(selected.fingerprint));
            prop_assert_eq!(found, by_the_paper(grain, text.as_bytes()));
        }
    }

    #[test]
    fn a_passage_long_enough_is_always_found(
        passage in "[a-z]{60,90}", before in ["[a-z ]{0,100}", "[a-z ]{0,100}"],
        after in ["[a-z ]{0,100}", "[a-z ]{0,100}"], k in 4_usize..20, w in 1_usize..15,
    ) {
        let grain = Grain::new(k, w).unwrap();
        let letters = normal(passage.as_bytes()).text.chars().count();
        // A letter at either end may be a repeat of what stands beside it.
        prop_assume!(letters >= grain.guarantee() + 2);
        let (one, other) = (
            format!("{}{passage}{}", before[0], after[0]),
            format!("{}{passage}{}", before[1], after[1]),
        );
        let (one, other) = (hashes(grain, &one), hashes(grain, &other));
        prop_assert!(one.intersection(&other).next().is_some());
    }

    #[test]
    fn an_index_says_what_comparing_each_would(
        texts in prop::collection::vec("[ab]{0,30}", 1..12),
        acts in prop::collection::vec((0_u64..6, 0_usize..12, any::<bool>()), 0..40),
        asked in "[ab]{0,40}", most in 1_u32..6,
    ) {
        let grain = Grain::new(4, 2).unwrap();
        let of = |at: usize| fingerprints(grain, texts[at % texts.len()].as_bytes());
        let mut index = NearIndex::with_most(most);
        let mut model: BTreeMap<u64, usize> = BTreeMap::new();
        for (name, at, adds) in acts {
            if adds {
                let fits = !model.contains_key(&name) && !of(at).is_empty();
                prop_assert_eq!(index.insert(name, &of(at)), fits);
                if fits {
                    model.insert(name, at);
                }
            } else if let Some(at) = model.remove(&name) {
                prop_assert!(index.remove(name, &of(at)));
            } else {
                prop_assert!(!index.remove(name, &of(at)));
            }
        }
        let set = |at: usize| of(at).iter().map(|one| one.hash).collect::<HashSet<_>>();
        let query = fingerprints(grain, asked.as_bytes());
        let query_set: HashSet<u64> = query.iter().map(|one| one.hash).collect();
        let counted = |hash: &u64| {
            model.values().filter(|&&at| set(at).contains(hash)).count() <= most as usize
        };
        let mut expected: Vec<(u64, usize, usize)> = model
            .iter()
            .map(|(&name, &at)| {
                let shared = set(at).intersection(&query_set).filter(|h| counted(h)).count();
                (name, shared, set(at).len())
            })
            .filter(|found| found.1 > 0)
            .collect();
        expected.sort_by_key(|found| (usize::MAX - found.1, found.0));
        let mut scratch = NearScratch::default();
        for _ in 0..2 {
            let found: Vec<_> = index
                .search(&query, 1, &mut scratch)
                .iter()
                .map(|near| (near.text, near.shared as usize, near.of_text as usize))
                .collect();
            prop_assert_eq!(&found, &expected);
        }
        prop_assert_eq!(index.len(), model.len());
    }
}
