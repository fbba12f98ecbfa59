use journal::log::checkpoint::Checkpoint;
use journal::log::note::{CosigningKey, Note, SigningKey, VerifierKey};
use journal::log::proof::prove_inclusion;
use journal::log::receipt::{Receipt, ReceiptError};
use journal::log::tile::{Level, Tile};
use proptest::prelude::*;

use super::naive::Naive;

fn receipt() -> Receipt {
    let log = Naive::new(700);
    let key = SigningKey::generate([5; 32], "log.example/1").unwrap();
    let witness = CosigningKey::generate([6; 32], "witness.example").unwrap();
    let checkpoint = Checkpoint::new("log.example/1", 700, log.root(700)).unwrap();
    let proof = prove_inclusion(&log, 300, 700, checkpoint.root()).unwrap();
    let mut note = checkpoint.sign(&key).unwrap();
    note.add(witness.cosign(note.text(), 1_700_000_000))
        .unwrap();
    Receipt {
        extra: Some(b"{\"leaf\":\"entry 300\"}".to_vec()),
        index: 300,
        hashes: proof.hashes,
        checkpoint: note,
    }
}

/// A text with some of its octets changed, left out or doubled.
fn mutate(text: &str, changes: &[(prop::sample::Index, u8, u8)]) -> Vec<u8> {
    let mut octets = text.as_bytes().to_vec();
    for (at, kind, octet) in changes {
        if octets.is_empty() {
            break;
        }
        let at = at.index(octets.len());
        match kind % 5 {
            0 => octets[at] = *octet,
            1 => octets[at] ^= 1 << (octet % 8),
            2 => octets.insert(at, *octet),
            3 => octets.truncate(at),
            _ => drop(octets.drain(at..octets.len().min(at + usize::from(*octet % 40)))),
        }
    }
    octets
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    prop::collection::vec(
        (any::<prop::sample::Index>(), any::<u8>(), any::<u8>()),
        0..6,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_prints_as_it_was(changes in changes()) {
        let receipt = receipt();
        let octets = mutate(&receipt.to_string(), &changes);
        if let Ok(read) = Receipt::parse(&octets) {
            prop_assert_eq!(read.to_string().into_bytes(), octets);
            let _ = read.check(&[0; 32]);
        }
        let octets = mutate(&receipt.checkpoint.to_string(), &changes);
        if let Ok(read) = Note::parse(&octets) {
            prop_assert_eq!(read.to_string().into_bytes(), octets);
        }
        let octets = mutate(receipt.checkpoint.text(), &changes);
        if let Ok(text) = str::from_utf8(&octets)
            && let Ok(read) = Checkpoint::parse(text)
        {
            prop_assert_eq!(read.to_string(), text);
        }
        let key = SigningKey::generate([5; 32], "log.example/1").unwrap();
        let octets = mutate(&key.verifier().to_string(), &changes);
        if let Ok(text) = str::from_utf8(&octets)
            && let Ok(read) = VerifierKey::parse(text)
        {
            prop_assert_eq!(read.to_string().to_lowercase(), text.to_lowercase());
        }
        let octets = mutate("tile/entries/x001/x234/067.p/112", &changes);
        if let Ok(text) = str::from_utf8(&octets)
            && let Some(read) = Tile::parse(text)
        {
            prop_assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn any_octets_are_a_bundle_or_are_not(octets in prop::collection::vec(0_u8..4, 0..600)) {
        for width in [1, 2, 17, 256] {
            let tile = Tile::at(Level::Entries, 0, width).unwrap();
            if let Ok(entries) = tile.entries(&octets) {
                prop_assert_eq!(entries.len() as u64, width);
            }
            let _ = tile.prefix(&octets);
            let tile = Tile::at(Level::Hashes(0), 0, width).unwrap();
            let _ = (tile.hashes(&octets).is_ok(), tile.prefix(&octets).is_ok());
        }
    }
}

#[test]
fn a_receipt_leads_from_its_entry_to_the_signed_root() {
    let text = receipt().to_string();
    let read = Receipt::parse(text.as_bytes()).unwrap();
    assert_eq!(read, receipt());
    let leaf = journal::log::hash::leaf_hash(b"entry 300 ------");
    assert_eq!(read.check(&leaf).unwrap().size(), 700);
    assert!(read.check(&[0; 32]).is_err());
    let moved = text.replace("index 300", "index 301");
    assert!(
        Receipt::parse(moved.as_bytes())
            .unwrap()
            .check(&leaf)
            .is_err()
    );
}

#[test]
fn what_is_no_receipt_is_refused_with_its_line() {
    let text = receipt().to_string();
    let lines: Vec<&str> = text.lines().collect();
    let with = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[at] = line;
        lines.join("\n") + "\n"
    };
    let cases = [
        (with(0, "c2sp.org/tlog-proof@v2"), 1),
        (with(1, "extra ?"), 2),
        (with(1, "index 1"), 3),
        (with(2, "index 01"), 3),
        (with(2, "index 9223372036854775808"), 3),
        (with(3, "AAAA"), 4),
        (lines[..5].join("\n"), 5),
    ];
    for (text, expected) in cases {
        let Err(ReceiptError::Malformed { line, .. }) = Receipt::parse(text.as_bytes()) else {
            panic!("{text}");
        };
        assert_eq!(line, expected, "{text}");
    }
    let note = Receipt::parse(text.replace("\n— log", "\n- log").as_bytes()).unwrap_err();
    assert!(matches!(note, ReceiptError::Note { .. }), "{note}");
}
