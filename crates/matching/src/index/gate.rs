//! Small tables that answer "surely not" before the large one is asked.
//!
//! They only gain bits while the index lives; a bit too many costs a lookup and never a hit.

use crate::address::Network;
use crate::index::Key;
use crate::index::hash::Backward;
use crate::{Kind, url};

/// Bytes that a gate takes beside itself.
pub(crate) const RESIDENT: usize = 1024 * 8;
/// Numbers of [`Gate::words`].
pub(crate) const WORDS: usize = 64 + 1024 + 3;

/// What may be in the index.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Last labels of the published names, hashed.
    last_labels: [u64; 64],
    /// First halves of the IPv4 addresses that published networks cover.
    networks_v4: Box<[u64; 1024]>,
    /// Prefix lengths of published networks (shorter than a single address): bit n for /n.
    prefixes_v4: u32,
    prefixes_v6: u128,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            last_labels: [0; 64],
            networks_v4: Box::new([0; 1024]),
            prefixes_v4: 0,
            prefixes_v6: 0,
        }
    }
}

impl Gate {
    /// Opens the gate for a published value.
    pub(crate) fn add(&mut self, key: Key<'_>) {
        match key {
            Key::Network(network) => self.add_network(network),
            Key::Bytes(Kind::Domain | Kind::Email, name) => self.add_name(name),
            Key::Bytes(Kind::Url, text) => self.add_name(url::host_of(text)),
            Key::Bytes(..) => {}
        }
    }

    /// All of it, as [`WORDS`] numbers.
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        let prefixes = [
            u64::from(self.prefixes_v4),
            self.prefixes_v6 as u64,
            (self.prefixes_v6 >> 64) as u64,
        ];
        let labels = self.last_labels.iter().copied();
        let networks = self.networks_v4.iter().copied();
        labels.chain(networks).chain(prefixes)
    }

    /// Takes back what [`Gate::words`] gave; what is missing is zero.
    pub(crate) fn of_words(words: &mut impl Iterator<Item = u64>) -> Self {
        let mut gate = Self::default();
        let mut prefixes = [0; 3];
        let labels = gate.last_labels.iter_mut();
        let networks = gate.networks_v4.iter_mut();
        for (to, from) in labels.chain(networks).chain(&mut prefixes).zip(words) {
            *to = from;
        }
        let [v4, low, high] = prefixes;
        gate.prefixes_v4 = u32::try_from(v4).unwrap_or(u32::MAX);
        gate.prefixes_v6 = u128::from(high) << 64 | u128::from(low);
        gate
    }

    fn add_name(&mut self, name: &[u8]) {
        let mut hash = Backward::new();
        for &byte in name.iter().rev().take_while(|&&byte| byte != b'.') {
            hash.push(byte);
        }
        let (word, bit) = place(hash);
        if let Some(word) = self.last_labels.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether a name whose last label hashes to this may be published.
    #[inline]
    pub(crate) fn may_hold_last_label(&self, hash: Backward) -> bool {
        let (word, bit) = place(hash);
        self.last_labels
            .get(word)
            .is_some_and(|word| word & bit != 0)
    }

    fn add_network(&mut self, network: Network) {
        match network {
            Network::V4 { address, prefix } if prefix < 32 => {
                self.prefixes_v4 |= 1 << prefix;
                let first = address >> 16;
                let last = first + (0xffff_u32 >> prefix.min(16));
                for half in first..=last {
                    if let Some(word) = self.networks_v4.get_mut(half as usize / 64) {
                        *word |= 1 << (half % 64);
                    }
                }
            }
            Network::V6 { prefix, .. } if prefix < 128 => self.prefixes_v6 |= 1 << prefix,
            _ => {}
        }
    }

    /// Whether `address` may lie in a published network.
    #[inline]
    pub(crate) fn may_cover_v4(&self, address: u32) -> bool {
        let half = address >> 16;
        let word = self.networks_v4.get(half as usize / 64);
        word.is_some_and(|word| word >> (half % 64) & 1 != 0)
    }

    /// The prefix lengths, longest first, under which `network` may lie in a published one.
    #[inline]
    pub(crate) fn prefixes_around(&self, network: Network) -> Prefixes {
        let lengths = match network {
            Network::V4 { address, prefix } => {
                let half = address >> 16;
                let word = self
                    .networks_v4
                    .get(half as usize / 64)
                    .copied()
                    .unwrap_or(0);
                let covered = word >> (half % 64) & 1 != 0;
                let shorter = 1_u32
                    .checked_shl(prefix.into())
                    .map_or(u32::MAX, |bit| bit - 1);
                if covered {
                    u128::from(self.prefixes_v4 & shorter)
                } else {
                    0
                }
            }
            Network::V6 { prefix, .. } => {
                let shorter = 1_u128
                    .checked_shl(prefix.into())
                    .map_or(u128::MAX, |bit| bit - 1);
                self.prefixes_v6 & shorter
            }
        };
        Prefixes(lengths)
    }
}

fn place(hash: Backward) -> (usize, u64) {
    let bits = hash.finish(Kind::Domain) % 4096;
    ((bits / 64) as usize, 1 << (bits % 64))
}

/// Prefix lengths, longest first.
#[derive(Debug)]
pub(crate) struct Prefixes(u128);

impl Iterator for Prefixes {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let longest = 127_u32.checked_sub(self.0.leading_zeros())?;
        self.0 &= !(1 << longest);
        u8::try_from(longest).ok()
    }
}
