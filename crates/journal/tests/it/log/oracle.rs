use journal::log::checkpoint::Checkpoint;
use journal::log::hash::leaf_hash;
use journal::log::note::{Note, SigningKey, VerifierKey};
use journal::log::proof::{prove_consistency, prove_inclusion, root};
use journal::log::tile::{Tile, Tiles as _};
use proptest::prelude::*;
use signed_note::{Signer as _, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{HashReader as _, TileHashReader, TileReader};

use super::naive::Naive;

/// Our tiles, for the other's reader: its paths have the height of tiles in front.
struct Reader<'n>(&'n Naive);

impl TileReader for Reader<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            let tile = Tile::parse(&path).unwrap_or_else(|| panic!("{path}"));
            self.0.read(tile).unwrap()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

#[test]
fn another_reader_finds_every_entry_in_our_tiles() {
    let log = Naive::new(66_000);
    for size in [1, 255, 256, 257, 65_537, 66_000] {
        let top = tlog_tiles::Hash(root(&log, size).unwrap());
        let tiles = Reader(&log);
        let reader = TileHashReader::new(size, top, &tiles);
        assert_eq!(tlog_tiles::tree_hash(size, &reader).unwrap(), top);
        for index in [0, size / 3, size / 2, size - 1] {
            let stored = tlog_tiles::stored_hash_index(0, index);
            let found = reader.read_hashes(&[stored]).unwrap()[0];
            assert_eq!(found.0, log.leaves[usize::try_from(index).unwrap()]);
        }
    }
}

proptest! {
    #[test]
    fn proofs_are_those_of_another_library(
        size in 1_u64..2000, index in any::<prop::sample::Index>()
    ) {
        let log = Naive::new(size);
        let index = index.index(usize::try_from(size).unwrap()) as u64;
        let top = root(&log, size).unwrap();
        let tiles = Reader(&log);
        let theirs = tlog_tiles::Hash(top);
        let reader = TileHashReader::new(size, theirs, &tiles);
        let plain = |hashes: Vec<tlog_tiles::Hash>| -> Vec<_> {
            hashes.into_iter().map(|hash| hash.0).collect()
        };

        let ours = prove_inclusion(&log, index, size, &top).unwrap();
        let proof = tlog_tiles::prove_record(size, index, &reader).unwrap();
        tlog_tiles::check_record(&proof, size, theirs, index, tlog_tiles::Hash(ours.leaf)).unwrap();
        prop_assert_eq!(ours.hashes, plain(proof));

        let old = index + 1;
        let ours = prove_consistency(&log, old, size, &top).unwrap();
        let proof = tlog_tiles::prove_tree(size, old, &reader).unwrap();
        prop_assert_eq!(ours, plain(proof));
    }

    #[test]
    fn paths_of_tiles_are_those_of_another_library(
        level in 0_u8..=7, index in 0_u64..1 << 40, width in 1_u32..=256
    ) {
        let theirs = tlog_tiles::Tile::new(8, level, index, width, false);
        let path = theirs.path().replacen("tile/8/", "tile/", 1);
        if let Some(tile) = Tile::parse(&path) {
            prop_assert_eq!((tile.index(), u32::from(tile.width())), (index, width));
        } else {
            // No log is that large.
            prop_assert!(u128::from(index + 1) << (8 * (level + 1)) > 1 << 63);
        }
    }

    #[test]
    fn notes_are_read_and_signed_by_another_library(
        seed in any::<[u8; 32]>(), name in "[a-z]{1,8}(\\.example/[a-z0-9]{1,9})?",
        lines in prop::collection::vec("[^\\p{Cc}]{0,40}", 1..5),
    ) {
        let key = SigningKey::generate(seed, &name).unwrap();
        let text = lines.join("\n") + "\n";
        let note = key.sign_note(&text).unwrap();

        let signer = StandardSigner::new(&key.secret_text()).unwrap();
        prop_assert_eq!(signer.key_id().to_be_bytes(), key.verifier().id().octets());
        let mut theirs = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
        theirs.add_sigs(&[&signer]).unwrap();
        prop_assert_eq!(String::from_utf8(theirs.to_bytes()).unwrap(), note.to_string());

        let vkey = key.verifier().to_string();
        prop_assert_eq!(&VerifierKey::parse(&vkey).unwrap(), key.verifier());
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey).unwrap())]);
        let read = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
        let (verified, _) = read.verify(&known).unwrap();
        prop_assert_eq!(verified.len(), 1);

        // Changed anywhere: neither takes it, or both say that it is unknown.
        let mut octets = note.to_string().into_bytes();
        let at = usize::from(seed[0]) % octets.len();
        octets[at] ^= 1;
        let ours = Note::parse(&octets).is_ok_and(|note| {
            note.verify(std::slice::from_ref(key.verifier())).is_ok()
        });
        let theirs = signed_note::Note::from_bytes(&octets)
            .is_ok_and(|note| note.verify(&known).is_ok());
        prop_assert!(!ours && !theirs);
    }

    #[test]
    fn checkpoints_are_read_by_another_library(size in 1_u64..1 << 62, seed in any::<[u8; 32]>()) {
        let checkpoint = Checkpoint::new("log.example/1", size, leaf_hash(&seed)).unwrap();
        let theirs = tlog_tiles::Checkpoint::from_bytes(checkpoint.to_string().as_bytes()).unwrap();
        prop_assert_eq!(theirs.origin(), "log.example/1");
        prop_assert_eq!((theirs.size(), &theirs.hash().0), (size, checkpoint.root()));
    }
}
