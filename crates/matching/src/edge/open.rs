//! Opening an edge file: what is resident is read, and verified, once.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use sha2::{Digest as _, Sha256};

use super::bytes::Cursor;
use super::header::{Header, LENGTH, Section};
use super::record::{GROUP, LARGEST_GROUP};
use super::tags::{MOST_BITS, Tags};
use super::{Broken, Edge, Source};
use crate::Kind;
use crate::index::gate::{self, Gate};

/// Bytes read at once.
const STEP: usize = 64 << 10;

impl<S: Source> Edge<S> {
    /// Opens a file: reads its header and all that is resident, and verifies both.
    ///
    /// # Errors
    /// [`Broken`] when it cannot be read, is no edge file or is not as it was written.
    pub fn open(source: S) -> Result<Self, Broken> {
        let size = source.size()?;
        let mut header = [0; LENGTH];
        let there = usize::try_from(size).map_or(LENGTH, |size| size.min(LENGTH));
        source.read_at(header.get_mut(..there).unwrap_or_default(), 0)?;
        let header = Header::read(&header, size)?;
        let table = &header.sections.table;
        // Before any of it is believed.
        verify(&source, table, "table")?;
        let mut reading = Reading::of(&source, table);
        let mut words = reading
            .numbers(gate::WORDS as u64, u64::from_le_bytes)?
            .into_iter();
        let gate = Gate::of_words(&mut words);
        let pairs = reading.numbers(Kind::ALL.len() as u64, u64::from_le_bytes)?;
        let values = reading.tags()?;
        if values.len() as u64 != header.values {
            return Err(Broken::malformed(
                "table",
                "has not as many values as the header says",
            ));
        }
        let groups = values.len().div_ceil(GROUP) as u64;
        let groups = reading.bytes((groups + 1) * 5)?;
        check_groups(&groups, header.sections.values.length)?;
        let url_hosts = reading.tags()?;
        if reading.left > 0 {
            return Err(Broken::malformed("table", "goes on after its end"));
        }
        let mut edge = Self {
            source,
            header,
            values,
            groups,
            url_hosts,
            gate,
            pairs: [0; Kind::ALL.len()],
            sieve: OnceLock::new(),
            scanned: AtomicU64::new(0),
        };
        for (to, from) in edge.pairs.iter_mut().zip(pairs) {
            *to = from;
        }
        Ok(edge)
    }

    /// Reads the whole file and verifies all of it: what scans would find out, and when, only if
    /// they came by.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn verify(&self) -> Result<(), Broken> {
        let sections = &self.header.sections;
        verify(&self.source, &sections.signals, "signals")?;
        verify(&self.source, &sections.values, "values")?;
        verify(&self.source, &sections.table, "table")?;
        for group in 0..self.values.len().div_ceil(GROUP) {
            self.group(group)?;
        }
        Ok(())
    }
}

/// Whether groups lie one after the other from the start to the end of the values.
fn check_groups(bounds: &[u8], length: u64) -> Result<(), Broken> {
    let mut cursor = Cursor(bounds);
    let mut before = cursor.u40();
    let mut in_order = before == Some(0);
    while let (Some(start), Some(end)) = (before, cursor.u40()) {
        let size = end.checked_sub(start);
        in_order &= size.is_some_and(|size| (4..=LARGEST_GROUP).contains(&size));
        before = Some(end);
    }
    if in_order && before == Some(length) {
        return Ok(());
    }
    Err(Broken::malformed(
        "table",
        "has groups that are not in order",
    ))
}

/// Compares a section with its digest.
fn verify(source: &impl Source, section: &Section, name: &'static str) -> Result<(), Broken> {
    let mut hasher = Sha256::new();
    let mut reading = Reading::of(source, section);
    let mut buffer = vec![0; STEP];
    while reading.left > 0 {
        let step = usize::try_from(reading.left).map_or(STEP, |left| left.min(STEP));
        let part = buffer.get_mut(..step).unwrap_or_default();
        reading.fill(part)?;
        hasher.update(part);
    }
    if hasher.finalize().as_slice() == section.digest {
        Ok(())
    } else {
        Err(Broken::Checksum(name))
    }
}

/// Reads a section from its start to its end.
struct Reading<'s, S> {
    source: &'s S,
    offset: u64,
    left: u64,
}

impl<'s, S: Source> Reading<'s, S> {
    fn of(source: &'s S, section: &Section) -> Self {
        Self {
            source,
            offset: section.offset,
            left: section.length,
        }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Broken> {
        let length = buffer.len() as u64;
        self.left = self
            .left
            .checked_sub(length)
            .ok_or(Broken::malformed("table", "ends before its end"))?;
        self.source.read_at(buffer, self.offset)?;
        self.offset += length;
        Ok(())
    }

    /// Reads `count` bytes; no memory is taken for more than the section has.
    fn bytes(&mut self, count: u64) -> Result<Box<[u8]>, Broken> {
        let short = Broken::malformed("table", "ends before its end");
        let count = Some(count).filter(|&count| count <= self.left);
        let count = count
            .and_then(|count| usize::try_from(count).ok())
            .ok_or(short)?;
        let mut bytes = vec![0; count].into_boxed_slice();
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads `count` numbers of `N` bytes.
    fn numbers<const N: usize, T>(
        &mut self,
        count: u64,
        of: impl Fn([u8; N]) -> T,
    ) -> Result<Box<[T]>, Broken> {
        let length = count
            .checked_mul(N as u64)
            .filter(|&length| length <= self.left);
        let mut length = length.ok_or(Broken::malformed("table", "ends before its end"))?;
        let mut numbers = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        let mut buffer = vec![0; STEP - STEP % N];
        while length > 0 {
            let step = usize::try_from(length).map_or(buffer.len(), |left| left.min(buffer.len()));
            let part = buffer.get_mut(..step).unwrap_or_default();
            self.fill(part)?;
            let (parts, _) = part.as_chunks::<N>();
            numbers.extend(parts.iter().map(|&bytes| of(bytes)));
            length -= step as u64;
        }
        Ok(numbers.into_boxed_slice())
    }

    fn number(&mut self) -> Result<u32, Broken> {
        let number = self.numbers(1, u32::from_le_bytes)?;
        Ok(number.first().copied().unwrap_or_default())
    }

    fn tags(&mut self) -> Result<Tags, Broken> {
        let bits = self.number()?;
        if !(1..=MOST_BITS).contains(&bits) {
            return Err(Broken::malformed("table", "has no such number of buckets"));
        }
        let count = self.number()?;
        let starts = self.numbers((1 << bits) + 1, u32::from_le_bytes)?;
        let tags = self.numbers(count.into(), u16::from_le_bytes)?;
        Tags::of(bits, starts, tags).ok_or(Broken::malformed(
            "table",
            "has buckets that are not in order",
        ))
    }
}
