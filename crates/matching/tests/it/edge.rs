//! An edge file answers as the index does, and whatever is changed in it is found out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use matching::edge::{Broken, Builder, Edge, Signal, TooMuch};
use matching::{Hit, Index, Kind, LineScanner, Observable, Relation, Scratch, sample, scan};
use proptest::prelude::*;

/// A file of values with the numbers of their signals; each signal's facts are its number.
fn file_of(pairs: &[(Observable, u64)]) -> Vec<u8> {
    let mut builder = Builder::new(Cursor::new(Vec::new())).unwrap();
    let mut places = BTreeMap::new();
    for number in pairs
        .iter()
        .map(|(_, number)| *number)
        .collect::<BTreeSet<_>>()
    {
        let signal = Signal {
            facts: number.to_string().into_bytes(),
            ..Signal::default()
        };
        places.insert(number, builder.signal(&signal).unwrap());
    }
    for (observable, number) in pairs {
        builder.pair(observable, places[number]).unwrap();
    }
    builder.finish(7).unwrap().into_inner()
}

fn index_of(pairs: &[(Observable, u64)]) -> Index {
    let mut index = Index::new();
    for (observable, number) in pairs {
        index.insert(observable, *number);
    }
    index
}

fn number_of(edge: &Edge<Vec<u8>>, place: u64) -> Result<u64, Broken> {
    let signal = edge.signal(place)?;
    Ok(String::from_utf8(signal.facts).unwrap().parse().unwrap())
}

type Told = (usize, usize, u64, Kind, Relation, String);

fn told(hit: &Hit<'_>, signal: u64) -> Told {
    (
        hit.start,
        hit.end,
        signal,
        hit.kind,
        hit.relation,
        hit.value.to_owned(),
    )
}

/// All hits in a text, with the numbers of their signals, in order.
fn scanned(edge: &Edge<Vec<u8>>, text: &[u8]) -> Result<Vec<Told>, Broken> {
    let mut hits = Vec::new();
    edge.scan(text, &mut Scratch::default(), &mut |hit| {
        hits.push(told(&hit, hit.signal));
    })?;
    for hit in &mut hits {
        hit.2 = number_of(edge, hit.2)?;
    }
    hits.sort();
    Ok(hits)
}

fn scanned_by(index: &Index, text: &[u8]) -> Vec<Told> {
    let mut hits = Vec::new();
    scan(index, text, &mut Scratch::default(), &mut |hit| {
        hits.push(told(&hit, hit.signal));
    });
    hits.sort();
    hits
}

/// Values of all kinds, and names, networks and URLs around some of them, with signals that some
/// of them share.
fn pairs(seed: u64, count: usize) -> Vec<(Observable, u64)> {
    let mut pairs = Vec::new();
    for (number, observable) in (0..).zip(sample::observables(seed).take(count)) {
        if number % 5 == 0 {
            pairs.push((observable.clone(), number / 3));
        }
        pairs.push((observable, number));
    }
    for (number, value) in (1_000_000..).zip([
        "198.51.100.0/24",
        "198.51.0.0/16",
        "203.0.113.0/28",
        "2001:db8::/32",
        "corp.example",
        "http://downloads.example/a/",
        "bob@mail.example",
    ]) {
        pairs.push((Observable::guess(value).unwrap(), number));
    }
    pairs
}

#[test]
fn an_edge_file_hits_what_the_index_hits_in_logs() {
    let pairs = pairs(2018, 3000);
    let (index, edge) = (index_of(&pairs), Edge::open(file_of(&pairs)).unwrap());
    assert_eq!(edge.len(), index.len() as u64);
    assert_eq!(edge.observables(), index.observables() as u64);
    assert_eq!(edge.built(), 7);
    let planted: Vec<_> = sample::observables(2018).take(3000).collect();
    let mut log = String::new();
    sample::write_log(3, 20_000, &planted, &mut |line| {
        log.push_str(line);
        log.push('\n');
    });
    let expected = scanned_by(&index, log.as_bytes());
    assert!(expected.len() > 3000, "{}", expected.len());
    let without = edge.resident();
    let begin: String = log.lines().take(200).collect::<Vec<_>>().join("\n");
    let few = scanned_by(&index, begin.as_bytes());
    assert_eq!(scanned(&edge, begin.as_bytes()).unwrap(), few);
    assert_eq!(edge.resident(), without);
    assert_eq!(scanned(&edge, log.as_bytes()).unwrap(), expected);
    assert!(edge.resident() > without, "no sieve was made");
    // And line by line, in chunks.
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut scanner, mut other) = (LineScanner::new(), LineScanner::new());
    for chunk in log.as_bytes().chunks(10_007) {
        let on_hit = &mut |hit: matching::LineHit<'_>| {
            ours.push((hit.line, hit.column, hit.hit.signal, hit.text.to_owned()));
        };
        edge.feed(&mut scanner, chunk, on_hit).unwrap();
        other.feed(&index, chunk, &mut |hit| {
            theirs.push((hit.line, hit.column, hit.hit.signal, hit.text.to_owned()));
        });
    }
    edge.finish(&mut scanner, &mut |_| {
        panic!("the log ends with a line's end")
    })
    .unwrap();
    for hit in &mut ours {
        hit.2 = number_of(&edge, hit.2).unwrap();
    }
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
    for (observable, _) in &pairs {
        let mut ours = Vec::new();
        edge.lookup(observable, &mut |hit| ours.push(told(&hit, hit.signal)))
            .unwrap();
        for hit in &mut ours {
            hit.2 = number_of(&edge, hit.2).unwrap();
        }
        let mut theirs = Vec::new();
        index.lookup(observable, &mut |hit| theirs.push(told(&hit, hit.signal)));
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "{observable}");
    }
}

#[test]
fn values_take_less_than_ten_bytes_resident() {
    let pairs: Vec<_> = sample::observables(1).take(20_000).zip(0..).collect();
    let edge = Edge::open(file_of(&pairs)).unwrap();
    edge.verify().unwrap();
    let each = edge.resident() / pairs.len();
    assert!(each < 10, "{each} bytes an indicator");
}

#[test]
fn pairs_in_any_order_make_the_same_file() {
    let pairs = pairs(5, 200);
    let file = file_of(&pairs);
    let mut turned = pairs.clone();
    turned.reverse();
    turned.extend(pairs);
    assert!(file_of(&turned) == file);
}

#[test]
fn a_file_of_nothing_hits_nothing() {
    let edge = Edge::open(file_of(&[])).unwrap();
    edge.verify().unwrap();
    assert!(edge.is_empty());
    assert_eq!(scanned(&edge, b"evil.example 198.51.100.7").unwrap(), []);
}

#[test]
fn signals_hold_between_their_instants() {
    let mut builder = Builder::new(Cursor::new(Vec::new())).unwrap();
    let signal = Signal {
        valid_from: Some(10),
        valid_until: Some(20),
        facts: b"{}".to_vec(),
    };
    let place = builder.signal(&signal).unwrap();
    let edge = Edge::open(builder.finish(0).unwrap().into_inner()).unwrap();
    let read = edge.signal(place).unwrap();
    assert_eq!(read, signal);
    assert_eq!(
        [9, 10, 19, 20].map(|now| read.holds_at(now)),
        [false, true, true, false]
    );
    assert!(matches!(
        edge.signal(place + 1),
        Err(Broken::Malformed { .. } | Broken::Checksum(_))
    ));
}

#[test]
fn facts_that_are_too_long_are_refused() {
    let mut builder = Builder::new(Cursor::new(Vec::new())).unwrap();
    let signal = Signal {
        facts: vec![0; (64 << 10) + 1],
        ..Signal::default()
    };
    assert!(matches!(
        builder.signal(&signal),
        Err(TooMuch::Facts { .. })
    ));
}

#[test]
fn what_is_no_edge_file_of_this_version_is_told() {
    let file = file_of(&pairs(1, 20));
    let opened = |file: Vec<u8>| Edge::open(file).unwrap_err();
    assert!(matches!(opened(Vec::new()), Broken::NotAnEdgeFile));
    assert!(matches!(
        opened(b"PK\x03\x04".repeat(400)),
        Broken::NotAnEdgeFile
    ));
    let mut other = file.clone();
    other[8] = 2;
    assert!(matches!(opened(other), Broken::Version(2, 1)));
    // As long as its header alone: built to half.
    assert!(matches!(
        opened(file[..512].to_vec()),
        Broken::Length { .. }
    ));
}

/// Opens a file and asks it all; equal answers, or an error.
fn answers_as_before(file: Vec<u8>, texts: &[u8], before: &[Told]) -> Result<(), Broken> {
    let edge = Edge::open(file)?;
    let found = scanned(&edge, texts)?;
    assert_eq!(found, before, "a wrong answer");
    edge.verify()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_changed_byte_is_found_out_and_never_a_wrong_answer(
        seed in 0_u64..4,
        at in any::<prop::sample::Index>(),
        bits in 1_u8..,
    ) {
        let (pairs, text) = small(seed);
        let mut file = file_of(&pairs);
        let before = scanned_by(&index_of(&pairs), &text);
        prop_assert!(answers_as_before(file.clone(), &text, &before).is_ok());
        let at = at.index(file.len());
        file[at] ^= bits;
        prop_assert!(answers_as_before(file, &text, &before).is_err(), "byte {}", at);
    }

    #[test]
    fn a_file_cut_off_or_added_to_is_not_opened(
        cut in any::<prop::sample::Index>(),
        added in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let file = file_of(&small(0).0);
        let cut = cut.index(file.len());
        prop_assert!(Edge::open(file[..cut].to_vec()).is_err());
        prop_assert!(Edge::open([file, added].concat()).is_err());
    }

    #[test]
    fn parts_that_change_places_are_found_out(
        a in any::<prop::sample::Index>(),
        b in any::<prop::sample::Index>(),
        length in 1_usize..200,
    ) {
        let (pairs, text) = small(1);
        let mut file = file_of(&pairs);
        let before = scanned_by(&index_of(&pairs), &text);
        let (a, b) = (a.index(file.len() - length), b.index(file.len() - length));
        let (a, b) = (a.min(b), a.max(b));
        prop_assume!(a + length <= b && file[a..a + length] != file[b..b + length]);
        let (left, right) = file.split_at_mut(b);
        left[a..a + length].swap_with_slice(&mut right[..length]);
        prop_assert!(answers_as_before(file, &text, &before).is_err());
    }

    /// Whoever writes checksums that fit can write a file of other answers; it still is one that
    /// ends in answers or an error.
    #[test]
    fn a_table_that_lies_with_the_right_checksums_ends_in_an_error(
        at in any::<prop::sample::Index>(),
        word in any::<u32>(),
    ) {
        let (pairs, text) = small(2);
        let mut file = file_of(&pairs);
        let table = u64::from_le_bytes(file[136..144].try_into().unwrap());
        let table = usize::try_from(table).unwrap();
        let at = table + at.index(file.len() - table - 4);
        file[at..at + 4].copy_from_slice(&word.to_le_bytes());
        reseal(&mut file, table);
        if let Ok(edge) = Edge::open(file) {
            let _ = scanned(&edge, &text);
            let _ = edge.verify();
        }
    }

    #[test]
    fn a_header_that_lies_with_the_right_checksum_ends_in_an_error(
        at in 16_usize..252,
        word in any::<u32>(),
    ) {
        let (pairs, text) = small(3);
        let mut file = file_of(&pairs);
        file[at..at + 4].copy_from_slice(&word.to_le_bytes());
        reseal_header(&mut file);
        if let Ok(edge) = Edge::open(file) {
            let _ = scanned(&edge, &text);
            let _ = edge.verify();
        }
    }
}

/// Some pairs, and a text that holds all values.
fn small(seed: u64) -> (Vec<(Observable, u64)>, Vec<u8>) {
    let pairs = pairs(seed, 60);
    let texts: Vec<&str> = pairs
        .iter()
        .map(|(observable, _)| observable.as_str())
        .collect();
    (pairs.clone(), texts.join(" \n").into_bytes())
}

fn reseal(file: &mut [u8], table: usize) {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(&file[table..]);
    file[152..184].copy_from_slice(&digest);
    reseal_header(file);
}

fn reseal_header(file: &mut [u8]) {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(&file[..256]);
    file[480..512].copy_from_slice(&digest);
}
