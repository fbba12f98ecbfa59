//! The edge file: published values and their signals in one file, for machines without a node.
//!
//! Resident are two or three bytes for a value and less than two of directories; values and what is
//! said of them stay on disk and are read when the hash of a value hits, so that every hit is
//! verified against the published value. Once more than 40 bytes a value have been scanned, all
//! values are read for a sieve of two to four bytes each, which makes scans fast. docs/edge.md
//! describes every byte.
//!
//! The whole of what is resident is verified when a file is opened, and each group of values and
//! each signal when it is read. A file that is not as it was written is [`Broken`], then or at
//! the read; it answers nothing. A scan that ends so may have reported hits before; these hold.

mod broken;
mod build;
mod bytes;
mod header;
mod open;
mod probe;
mod record;
mod source;
mod tags;

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use crate::index::gate::Gate;
use crate::sieve::Sieve;
use crate::{Hit, Kind, LineHit, LineScanner, Observable, Scratch};

pub use broken::{Broken, TooMuch};
pub use build::Builder;
pub use record::Signal;
pub use source::Source;

use header::Header;
use probe::Probe;
use tags::Tags;

/// An edge file to look values up in. Lookups take `&self` and may run on any number of threads.
#[derive(Debug)]
pub struct Edge<S> {
    source: S,
    header: Header,
    /// The values, in the order of their hashes.
    values: Tags,
    /// Where each group of values begins, and where the last ends: 5 bytes each.
    groups: Box<[u8]>,
    /// The hosts of the URLs.
    url_hosts: Tags,
    gate: Gate,
    /// Pairs of value and signal, by kind.
    pairs: [u64; Kind::ALL.len()],
    /// Made of all values once much has been scanned.
    sieve: OnceLock<Sieve>,
    /// Bytes scanned.
    scanned: AtomicU64,
}

impl<S: Source> Edge<S> {
    /// Reports every hit in `text`, as [`crate::scan()`] does; each hit's signal is the place of
    /// one in the file, for [`Edge::signal`].
    ///
    /// # Errors
    /// [`Broken`] when the file cannot be read, or is not as it was written.
    pub fn scan(
        &self,
        text: &[u8],
        scratch: &mut Scratch,
        on_hit: &mut dyn FnMut(Hit<'_>),
    ) -> Result<(), Broken> {
        self.count_scanned(text.len())?;
        let probe = Probe::new(self);
        crate::scan::scan_for(&probe, text, scratch, on_hit);
        probe.end()
    }

    /// Feeds a stream of lines, as [`LineScanner::feed`] does.
    ///
    /// # Errors
    /// As [`Edge::scan`].
    pub fn feed(
        &self,
        scanner: &mut LineScanner,
        chunk: &[u8],
        on_hit: &mut dyn FnMut(LineHit<'_>),
    ) -> Result<(), Broken> {
        self.count_scanned(chunk.len())?;
        let probe = Probe::new(self);
        scanner.feed_for(&probe, chunk, on_hit);
        probe.end()
    }

    /// Ends a stream of lines, as [`LineScanner::finish`] does.
    ///
    /// # Errors
    /// As [`Edge::scan`].
    pub fn finish(
        &self,
        scanner: &mut LineScanner,
        on_hit: &mut dyn FnMut(LineHit<'_>),
    ) -> Result<(), Broken> {
        let probe = Probe::new(self);
        scanner.finish_for(&probe, on_hit);
        probe.end()
    }

    /// Looks one value up, as [`crate::Index::lookup`] does.
    ///
    /// # Errors
    /// As [`Edge::scan`].
    pub fn lookup(&self, seen: &Observable, on_hit: &mut dyn FnMut(Hit<'_>)) -> Result<(), Broken> {
        use crate::index::lookup::Lookup as _;
        let probe = Probe::new(self);
        probe.look_up(seen, on_hit);
        probe.end()
    }

    /// The signal at a place that a hit told.
    ///
    /// # Errors
    /// [`Broken`], also for a place that no hit told.
    pub fn signal(&self, place: u64) -> Result<Signal, Broken> {
        let section = &self.header.sections.signals;
        record::read_signal(&self.source, section, place)
    }

    /// Pairs of value and signal.
    pub fn len(&self) -> u64 {
        self.pairs
            .iter()
            .fold(0, |sum, &pairs| sum.saturating_add(pairs))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Pairs of value and signal, of values of a kind.
    pub fn len_of(&self, kind: Kind) -> u64 {
        self.pairs.get(kind as usize).copied().unwrap_or(0)
    }

    /// How many different values there are.
    pub fn observables(&self) -> u64 {
        self.values.len() as u64
    }

    /// How many signals there are.
    pub fn signals(&self) -> u64 {
        self.header.signals
    }

    /// When it was built, in microseconds since 1970, as whoever built it told.
    pub fn built(&self) -> i64 {
        self.header.built
    }

    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.header.sections.end()
    }

    /// Bytes of memory taken, without the file's own handle.
    pub fn resident(&self) -> usize {
        self.values.resident()
            + self.url_hosts.resident()
            + self.groups.len()
            + self.sieve.get().map_or(0, Sieve::resident)
            + size_of::<Self>()
            + crate::index::gate::RESIDENT
    }
}
