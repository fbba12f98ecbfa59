use journal::{Journal, Position, embedded::Embedded, embedded::Options};
use proptest::prelude::*;

use crate::fixture::{Pair, all, files, noise, pair, records, text};

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Pair>),
    Reopen,
    /// Reopen without the index files.
    Reindex,
    Read {
        from: usize,
        records: usize,
        bytes: usize,
    },
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    (0_usize..3000, any::<u64>(), any::<bool>()).prop_map(|(length, seed, compressible)| {
        // Half of them are short, some empty.
        let length = if seed % 2 == 0 { length } else { length % 40 };
        if compressible {
            text(seed, length)
        } else {
            noise(seed, length)
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec((bytes(), bytes()), 0..200).prop_map(Step::Append),
        1 => Just(Step::Reopen),
        1 => Just(Step::Reindex),
        4 => (any::<prop::sample::Index>(), 0_usize..300, 0_usize..200_000).prop_map(
            |(from, records, bytes)| Step::Read { from: from.index(1000), records, bytes }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_journal_is_a_vector(steps in prop::collection::vec(step(), 1..16)) {
        let directory = tempfile::tempdir().unwrap();
        let options = Options { segment_bytes: 300_000, cache_bytes: 200_000 };
        let open = || Embedded::open(directory.path(), &options).unwrap();
        let mut journal = open();
        let mut model: Vec<Pair> = Vec::new();
        for step in steps {
            match step {
                Step::Append(pairs) => {
                    let next = journal.append(journal.next(), &records(&pairs)).unwrap();
                    model.extend(pairs);
                    prop_assert_eq!(next, Position::START.plus(model.len()));
                }
                Step::Reopen => {
                    drop(journal);
                    journal = open();
                    prop_assert_eq!(journal.recovery().index_entries_rebuilt, 0);
                }
                Step::Reindex => {
                    drop(journal);
                    for file in files(directory.path(), "idx") {
                        std::fs::remove_file(file).unwrap();
                    }
                    journal = open();
                }
                Step::Read { from, records, bytes } => {
                    let page = journal.read(Position::START.plus(from), records, bytes).unwrap();
                    let rest = model.get(from..).unwrap_or_default();
                    let mut sum = 0;
                    let expected: Vec<_> = rest
                        .iter()
                        .take(records)
                        .enumerate()
                        .take_while(|(index, (leaf, body))| {
                            sum += leaf.len() + body.len();
                            *index == 0 || sum <= bytes
                        })
                        .map(|(_, pair)| pair.clone())
                        .collect();
                    let page: Vec<_> = page.iter().map(pair).collect();
                    prop_assert!(page == expected);
                    if let Some(first) = rest.first() {
                        let stored = journal.get(Position::START.plus(from)).unwrap();
                        prop_assert!(pair(&stored) == *first);
                    }
                }
            }
            prop_assert_eq!(journal.next(), Position::START.plus(model.len()));
            prop_assert_eq!(journal.recovery().truncated_bytes, 0);
        }
        prop_assert!(all(&journal).unwrap() == model);
        prop_assert_eq!(journal.verify(&mut |_| {}).unwrap().records, model.len() as u64);
    }
}
