//! A small value in a file that is overwritten in place, and never lost half-way.
//!
//! Two slots take turns, each with a count and a checksum: when a write is cut short, the value
//! before it is still there. A write costs no sync; whoever needs it durable syncs.

use std::io;
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::medium::Medium;

/// Bytes of a slot; a value has at most 20 fewer.
const SLOT: usize = 8192;

/// ```text
/// each of two slots, 8,192 bytes   checksum u64 (of what follows), count u64, length u32, value
/// ```
pub(super) struct Slots {
    file: Arc<dyn Medium>,
    count: u64,
}

impl Slots {
    /// The file, and the newest value that is whole.
    pub(super) fn open(file: Arc<dyn Medium>) -> io::Result<(Self, Option<Vec<u8>>)> {
        let (count, value) = newest(&*file)?.unzip();
        let count = count.unwrap_or(0);
        Ok((Slots { file, count }, value))
    }

    /// The value.
    pub(super) fn read(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(newest(&*self.file)?.map(|(_, value)| value))
    }

    /// Replaces the value.
    ///
    /// # Errors
    /// When it cannot be written, or does not fit. The one before is still there.
    pub(super) fn write(&mut self, value: &[u8]) -> io::Result<()> {
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        let count = self.count + 1;
        let mut bytes = vec![0; SLOT];
        let mut rest = Vec::with_capacity(SLOT);
        rest.extend_from_slice(&count.to_le_bytes());
        rest.extend_from_slice(&length.to_le_bytes());
        rest.extend_from_slice(value);
        let (sum, place) = bytes.split_at_mut(8);
        let place = place
            .get_mut(..rest.len())
            .ok_or(io::ErrorKind::FileTooLarge)?;
        place.copy_from_slice(&rest);
        sum.copy_from_slice(&xxh3_64(&rest).to_le_bytes());
        self.file.write(&bytes, (count % 2) * SLOT as u64)?;
        self.count = count;
        Ok(())
    }

    /// Makes the value durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}

/// The newest value that is whole, with its count.
fn newest(file: &dyn Medium) -> io::Result<Option<(u64, Vec<u8>)>> {
    let mut newest = None;
    for slot in 0..2 {
        let mut bytes = vec![0; SLOT];
        match file.read(&mut bytes, slot * SLOT as u64) {
            Ok(()) => newest = newest.max(value(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(error),
        }
    }
    Ok(newest)
}

fn value(slot: &[u8]) -> Option<(u64, Vec<u8>)> {
    let (sum, rest) = slot.split_first_chunk::<8>()?;
    let (count, after) = rest.split_first_chunk::<8>()?;
    let (length, after) = after.split_first_chunk::<4>()?;
    let value = after.get(..u32::from_le_bytes(*length) as usize)?;
    let whole = rest.get(..12 + value.len())?;
    (u64::from_le_bytes(*sum) == xxh3_64(whole))
        .then(|| (u64::from_le_bytes(*count), value.to_vec()))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_write_that_was_cut_short_leaves_the_value_before_it() {
        let file: Arc<Mutex<Vec<u8>>> = Arc::default();
        let open = || Slots::open(file.clone()).unwrap();
        let (mut slots, none) = open();
        assert_eq!(none, None);
        for value in [&b"one"[..], b"two", b"three"] {
            slots.write(value).unwrap();
            assert_eq!(open().1.as_deref(), Some(value));
        }
        assert!(slots.write(&vec![0; SLOT - 19]).is_err());
        // "three" is in the second slot; a write over "two" stops half-way.
        for cut in 0..24 {
            let before = file.lock().unwrap().clone();
            file.lock().unwrap()[cut] ^= 0xff;
            assert_eq!(open().1.as_deref(), Some(&b"three"[..]));
            *file.lock().unwrap() = before;
        }
        assert_eq!(open().0.count, 3);
    }
}
