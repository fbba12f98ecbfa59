use journal::{
    BODY_LIMIT, Durability, Error, Journal, LEAF_LIMIT, Position, Record, embedded::Embedded,
    memory::Memory,
};

use crate::fixture::{all, append, mixed, noise, pair, records, small_segments, text};

/// Leaves, and their hashes, without bodies.
fn leaves_alone(journal: &dyn Journal, model: &[(Vec<u8>, Vec<u8>)]) {
    let leaves = journal
        .leaves(Position(3), 1500, usize::MAX)
        .expect("leaves");
    let hashes = journal.leaf_hashes(Position(3), 1500).expect("hashes");
    assert_eq!((leaves.len(), hashes.len()), (1500, 1500));
    for (index, (leaf, hash)) in leaves.iter().zip(&hashes).enumerate() {
        assert_eq!(leaf[..], model[index + 3].0);
        assert_eq!(*hash, journal::log::hash::leaf_hash(leaf));
    }

    let end = journal.next();
    assert!(journal.leaves(end, 9, 9).expect("no leaves").is_empty());
    assert!(journal.leaf_hashes(end, 9).expect("no hashes").is_empty());
}

/// The laws, told once.
pub(crate) fn story(journal: &dyn Journal) {
    assert_eq!(journal.next(), Position::START);
    assert!(
        journal
            .read(Position::START, 10, 1000)
            .expect("read nothing")
            .is_empty()
    );
    assert!(matches!(
        journal.get(Position(0)),
        Err(Error::Absent { .. })
    ));

    let mut model = mixed(0, 40);
    assert_eq!(append(journal, &model), Position(40));

    let late = journal.append(Position(39), &records(&model));
    assert!(matches!(
        late,
        Err(Error::Conflict {
            expected: Position(39),
            actual: Position(40)
        })
    ));
    assert!(matches!(
        journal.append(Position(41), &[]),
        Err(Error::Conflict { .. })
    ));
    assert_eq!(
        journal.append(Position(40), &[]).expect("append nothing"),
        Position(40)
    );

    let large = (noise(1, LEAF_LIMIT), text(2, 3 << 20));
    model.push(large.clone());
    append(journal, &[large]);
    let many: Vec<_> = (0..1500).map(|n| (text(n, 100), noise(n, 300))).collect();
    append(journal, &many);
    model.extend(many);
    assert_eq!(all(journal).expect("read all"), model);
    for position in [0, 1, 39, 40, 41, 541, 1540] {
        let stored = journal.get(Position(position)).expect("get");
        assert_eq!(stored.position, Position(position));
        assert_eq!(pair(&stored), model[usize::try_from(position).unwrap()]);
    }

    leaves_alone(journal, &model);
    let end = journal.next();
    assert!(
        journal
            .read(end, 10, 1000)
            .expect("read at the end")
            .is_empty()
    );
    assert!(
        journal
            .read(Position(u64::MAX), 10, 1000)
            .expect("read far out")
            .is_empty()
    );
    assert!(matches!(
        journal.get(Position(u64::MAX)),
        Err(Error::Absent { .. })
    ));
    limits(journal, end);
    pages(journal, &model);
    erasing(journal, model);
}

/// What is over a limit is refused, and leaves nothing.
fn limits(journal: &dyn Journal, end: Position) {
    let leaf = vec![0; LEAF_LIMIT + 1];
    let body = vec![0; BODY_LIMIT + 1];
    let fine = Record {
        leaf: b"fine",
        body: b"fine",
    };
    let refused = journal.append(
        end,
        &[
            fine,
            Record {
                leaf: &leaf,
                body: b"",
            },
        ],
    );
    let Err(Error::LeafTooLong {
        position,
        bytes,
        limit,
    }) = refused
    else {
        panic!()
    };
    assert_eq!(
        (position, bytes, limit),
        (end.plus(1), LEAF_LIMIT + 1, LEAF_LIMIT)
    );
    let refused = journal.append(
        end,
        &[
            fine,
            fine,
            Record {
                leaf: b"",
                body: &body,
            },
        ],
    );
    let Err(Error::BodyTooLong {
        position,
        bytes,
        limit,
    }) = refused
    else {
        panic!()
    };
    assert_eq!(
        (position, bytes, limit),
        (end.plus(2), BODY_LIMIT + 1, BODY_LIMIT)
    );
    let most = Record {
        leaf: b"",
        body: &body[1..],
    };
    assert!(matches!(
        journal.append(end, &[most; 16]),
        Err(Error::BatchTooLarge { .. })
    ));
    assert_eq!(journal.next(), end);
}

/// The body goes, and everything else stays as it is.
fn erasing(journal: &dyn Journal, mut model: Vec<(Vec<u8>, Vec<u8>)>) {
    let places = [Position(0), Position(40), Position(600), Position(0)];
    let done = journal.erase(&places).expect("erase");
    assert_eq!((done.erased, done.already), (3, 0));
    let done = journal.erase(&places).expect("erase again");
    assert_eq!((done.erased, done.already), (0, 3));
    for position in places {
        model[usize::try_from(position.0).unwrap()].1.clear();
    }
    assert_eq!(all(journal).expect("read all"), model);
    let beyond = [Position(1), journal.next()];
    assert!(matches!(journal.erase(&beyond), Err(Error::Absent { .. })));
    assert_eq!(pair(&journal.get(Position(1)).expect("get")), model[1]);
}

/// A page ends at either limit, and always has a record.
fn pages(journal: &dyn Journal, model: &[(Vec<u8>, Vec<u8>)]) {
    let sizes: Vec<_> = model
        .iter()
        .map(|(leaf, body)| leaf.len() + body.len())
        .collect();
    assert_eq!(
        journal
            .read(Position(3), 5, usize::MAX)
            .expect("read")
            .len(),
        5
    );
    assert_eq!(
        journal
            .read(Position(3), 0, usize::MAX)
            .expect("read")
            .len(),
        0
    );
    assert_eq!(
        journal.read(Position(40), 5, 0).expect("read")[0]
            .body
            .len(),
        3 << 20
    );
    assert_eq!(
        journal.read(Position(0), 40, sizes[0]).expect("read").len(),
        1
    );
    assert_eq!(
        journal
            .read(Position(0), 40, sizes[0] + sizes[1])
            .expect("read")
            .len(),
        2
    );
    assert_eq!(
        journal
            .read(Position(0), 2000, usize::MAX)
            .expect("read")
            .len(),
        model.len()
    );
}

#[test]
fn memory() {
    let journal = Memory::new();
    story(&journal);
    assert_eq!(journal.durability(), Durability::Memory);
}

#[test]
fn embedded_in_one_segment_and_in_many() {
    for options in [journal::embedded::Options::default(), small_segments()] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/journal");
        let journal = Embedded::open(&path, &options).unwrap();
        story(&journal);
        assert_eq!(journal.durability(), Durability::Fsync);
        let before = all(&journal).unwrap();
        let summary = journal.verify(&mut |_| {}).unwrap();
        assert_eq!(summary.records, before.len() as u64);
        drop(journal);

        let journal = Embedded::open(&path, &options).unwrap();
        assert_eq!(journal.recovery().truncated_bytes, 0);
        assert_eq!(all(&journal).unwrap(), before);
        assert_eq!(journal.verify(&mut |_| {}).unwrap(), summary);
    }
}

#[test]
fn the_largest_body_fits() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &small_segments()).unwrap();
    let pairs = [
        (text(1, 50), noise(1, BODY_LIMIT)),
        (text(2, 50), text(2, 500)),
    ];
    append(&journal, &pairs);
    drop(journal);
    let journal = Embedded::open(directory.path(), &small_segments()).unwrap();
    assert!(pair(&journal.get(Position(0)).unwrap()) == pairs[0]);
    assert!(pair(&journal.get(Position(1)).unwrap()) == pairs[1]);
}

#[test]
fn readers_see_whole_records_while_one_writes() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &small_segments()).unwrap();
    let model = mixed(0, 600);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut seen = 0;
                while seen < model.len() {
                    for stored in journal.read(Position::START.plus(seen), 50, 9000).unwrap() {
                        assert_eq!(pair(&stored), model[seen]);
                        seen += 1;
                    }
                    if let Some(last) = seen.checked_sub(1) {
                        let stored = journal.get(Position::START.plus(last)).unwrap();
                        assert_eq!(pair(&stored), model[last]);
                    }
                }
            });
        }
        for batch in model.chunks(3) {
            append(&journal, batch);
        }
    });
}

#[test]
fn of_two_writers_that_expect_the_same_position_one_wins() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Embedded::open(directory.path(), &small_segments()).unwrap();
    let memory = Memory::new();
    for journal in [&journal as &dyn Journal, &memory] {
        let wins: usize = std::thread::scope(|scope| {
            let writer = || {
                let append = |n| {
                    journal.append(
                        Position(n),
                        &[Record {
                            leaf: b"a",
                            body: b"b",
                        }],
                    )
                };
                (0..50).filter(|n| append(*n).is_ok()).count()
            };
            let writers: Vec<_> = (0..4).map(|_| scope.spawn(writer)).collect();
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .sum()
        });
        assert_eq!(wins as u64, journal.next().0);
    }
}
