//! The hashes of a Merkle tree (RFC 6962, section 2.1; RFC 9162, section 2.1.1).

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// The root of the tree without entries: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// The hash of a leaf: SHA-256 of a zero byte and the leaf.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new_with_prefix([0])
        .chain_update(leaf)
        .finalize()
        .into()
}

/// The hash of a node over its two children: SHA-256 of a one byte and the children's hashes.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    let (_, children) = bytes.split_at_mut(1);
    let (first, second) = children.split_at_mut(32);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_rfc_6962() {
        assert_eq!(EMPTY_ROOT, <[u8; 32]>::from(Sha256::digest(b"")));
        // Of an empty leaf: the root of RFC 6962's tree of one empty entry.
        assert_eq!(
            leaf_hash(b"").first_chunk(),
            Some(&[0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3])
        );
        assert_ne!(leaf_hash(b""), leaf_hash(b"\0"));
        let (left, right) = (leaf_hash(b"a"), leaf_hash(b"b"));
        let mut bytes = vec![1];
        bytes.extend_from_slice(&left);
        bytes.extend_from_slice(&right);
        assert_eq!(
            node_hash(&left, &right),
            <[u8; 32]>::from(Sha256::digest(&bytes))
        );
    }
}
