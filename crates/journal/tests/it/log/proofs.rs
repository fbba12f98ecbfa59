use std::collections::HashMap;
use std::sync::Mutex;

use journal::log::hash::Hash;
use journal::log::proof::{
    ProofError, frontier, prove_consistency, prove_inclusion, root, verify_consistency,
    verify_inclusion,
};
use journal::log::tile::{Tile, TileError, Tiles};
use proptest::prelude::*;

use super::naive::{Naive, path, subproof};

#[test]
fn every_proof_of_small_logs_is_that_of_the_definition() {
    for size in 0..=40 {
        let log = Naive::new(size);
        let top = root(&log, size).unwrap();
        assert_eq!(top, log.root(size));
        for index in 0..size {
            let proof = prove_inclusion(&log, index, size, &top).unwrap();
            let at = usize::try_from(index).unwrap();
            assert_eq!(proof.leaf, log.leaves[at]);
            assert_eq!(proof.hashes, path(at, &log.leaves));
        }
        for old in 0..=size {
            let proof = prove_consistency(&log, old, size, &top).unwrap();
            let expected = match usize::try_from(old).unwrap() {
                0 => Vec::new(),
                old => subproof(old, &log.leaves, true),
            };
            assert_eq!(proof, expected, "{old} to {size}");
            verify_consistency(old, &log.root(old), size, &top, &proof).unwrap();
        }
    }
}

#[test]
fn logs_with_three_levels_of_tiles_prove_as_well() {
    let log = Naive::new(66_000);
    for size in [255, 256, 257, 65_535, 65_536, 65_537, 65_792, 66_000] {
        let top = root(&log, size).unwrap();
        assert_eq!(top, log.root(size));
        assert_eq!(frontier(&log, size).unwrap().root(), top);
        let leaves = &log.leaves[..usize::try_from(size).unwrap()];
        for index in [0, 254, size / 2, size - 2, size - 1] {
            let proof = prove_inclusion(&log, index, size, &top).unwrap();
            assert_eq!(proof.hashes, path(usize::try_from(index).unwrap(), leaves));
        }
        for old in [1, 2, 3, 200, 255, size / 2, size - 1] {
            let proof = prove_consistency(&log, old, size, &top).unwrap();
            let expected = subproof(usize::try_from(old).unwrap(), leaves, true);
            assert_eq!(proof, expected, "{old} to {size}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_that_was_changed_verifies(
        size in 1_u64..900, index in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(), other_size in 1_u64..900, bit in 0_usize..256,
    ) {
        let log = Naive::new(size);
        let top = log.root(size);
        let index = index.index(usize::try_from(size).unwrap()) as u64;
        let flip = |hash: &Hash| { let mut hash = *hash; hash[bit / 8] ^= 1 << (bit % 8); hash };

        let proof = prove_inclusion(&log, index, size, &top).unwrap();
        let verify = |leaf: &Hash, index, size, root: &Hash, hashes: &[Hash]|
            verify_inclusion(leaf, index, size, root, hashes).is_ok();
        prop_assert!(verify(&proof.leaf, index, size, &top, &proof.hashes));
        prop_assert!(!verify(&flip(&proof.leaf), index, size, &top, &proof.hashes));
        prop_assert!(!verify(&proof.leaf, index, size, &flip(&top), &proof.hashes));
        prop_assert!(!verify(&proof.leaf, index ^ 1 << (bit % 12), size, &top, &proof.hashes));
        let longer = [&proof.hashes[..], &[top]].concat();
        prop_assert!(!verify(&proof.leaf, index, size, &top, &longer));
        if !proof.hashes.is_empty() {
            let at = at.index(proof.hashes.len());
            let mut changed = proof.hashes.clone();
            changed[at] = flip(&changed[at]);
            prop_assert!(!verify(&proof.leaf, index, size, &top, &changed));
            prop_assert!(!verify(&proof.leaf, index, size, &top, &proof.hashes[1..]));
        }

        let old = index + 1;
        let before = log.root(old);
        let proof = prove_consistency(&log, old, size, &top).unwrap();
        let verify = |old, before: &Hash, size, root: &Hash, hashes: &[Hash]|
            verify_consistency(old, before, size, root, hashes).is_ok();
        prop_assert!(verify(old, &before, size, &top, &proof));
        prop_assert!(!verify(old, &flip(&before), size, &top, &proof));
        prop_assert!(!verify(old, &before, size, &flip(&top), &proof));
        prop_assert!(!verify(old, &before, size, &top, &[&proof[..], &[top]].concat()));
        if other_size != old {
            prop_assert!(!verify(other_size, &before, size, &top, &proof));
        }
        if !proof.is_empty() {
            let at = at.index(proof.len());
            let mut changed = proof.clone();
            changed[at] = flip(&changed[at]);
            prop_assert!(!verify(old, &before, size, &top, &changed));
            prop_assert!(!verify(old, &before, size, &top, &proof[1..]));
        }
    }

    #[test]
    fn no_numbers_make_a_verifier_stumble(
        index in any::<u64>(), size in any::<u64>(), hashes in 0_usize..70, shift in 0_u32..64,
    ) {
        let proof = vec![[1; 32]; hashes];
        for (index, size) in [(index, size), (index >> shift, size), (index, size >> shift),
            (u64::MAX, u64::MAX), (u64::MAX - 1, u64::MAX)] {
            assert!(verify_inclusion(&[0; 32], index, size, &[2; 32], &proof).is_err());
            if (index, hashes) != (size, 0) {
                assert!(verify_consistency(index, &[3; 32], size, &[2; 32], &proof).is_err());
            }
        }
    }
}

#[test]
fn a_proof_of_another_logs_tiles_is_not_given() {
    let log = Naive::new(600);
    let other = [7; 32];
    let refused = prove_inclusion(&log, 3, 600, &other);
    assert!(matches!(refused, Err(ProofError::Root { size: 600 })));
    let refused = prove_consistency(&log, 3, 600, &other);
    assert!(matches!(refused, Err(ProofError::Root { size: 600 })));
    assert!(matches!(
        prove_inclusion(&log, 600, 600, &other),
        Err(ProofError::Beyond { .. })
    ));
    assert!(matches!(
        prove_consistency(&log, 601, 600, &other),
        Err(ProofError::Backwards { .. })
    ));
    assert!(matches!(
        root(&log, 601),
        Err(ProofError::Tile(TileError::Absent { .. }))
    ));
    assert!(matches!(
        root(&log, u64::MAX),
        Err(ProofError::Beyond { .. })
    ));
}

/// Counts reads.
struct Counted(Naive, Mutex<HashMap<Tile, u32>>);

impl Tiles for Counted {
    fn read(&self, tile: Tile) -> Result<Vec<u8>, TileError> {
        *self.1.lock().unwrap().entry(tile).or_default() += 1;
        self.0.read(tile)
    }
}

#[test]
fn a_proof_reads_no_tile_twice_and_few_at_all() {
    let log = Counted(Naive::new(66_000), Mutex::default());
    let top = log.0.root(66_000);
    prove_inclusion(&log, 300, 66_000, &top).unwrap();
    prove_consistency(&log, 65_537, 66_000, &top).unwrap();
    let reads = log.1.lock().unwrap();
    // Each of the two proofs reads on its own.
    assert!(reads.values().all(|count| *count <= 2), "{reads:?}");
    assert!(reads.len() <= 8, "{reads:?}");
}
