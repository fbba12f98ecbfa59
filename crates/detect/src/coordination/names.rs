//! Names as numbers.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::Full;

/// Different names, each with a number; they lie in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct Names {
    bytes: Vec<u8>,
    /// Where each name ends.
    ends: Vec<u64>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// The number of a name, a new one where it is new.
    pub(super) fn number(&mut self, name: &[u8]) -> Result<u32, Full> {
        let hash = self.hasher.hash_one(name);
        let (bytes, ends) = (&self.bytes, &self.ends);
        if let Some(known) = self
            .table
            .find(hash, |at| name_at(bytes, ends, *at) == name)
        {
            return Ok(*known);
        }
        let number = u32::try_from(self.ends.len()).map_err(|_| Full)?;
        if number == u32::MAX {
            return Err(Full);
        }
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len() as u64);
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        self.table.insert_unique(hash, number, |at| {
            hasher.hash_one(name_at(bytes, ends, *at))
        });
        Ok(number)
    }

    /// The name of a number; an empty one where there is none.
    pub(super) fn name(&self, number: u32) -> &[u8] {
        name_at(&self.bytes, &self.ends, number)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The same names numbered by their order as bytes, with the new number of each old one: what is
    /// found then depends on no order of rows. What looks names up is let go.
    pub(super) fn in_order(self) -> (Self, Vec<u32>) {
        let Names { bytes, ends, .. } = self;
        let count = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by(|a, b| name_at(&bytes, &ends, *a).cmp(name_at(&bytes, &ends, *b)));
        let mut new = vec![0; ends.len()];
        let mut sorted = Names {
            bytes: Vec::with_capacity(bytes.len()),
            ends: Vec::with_capacity(ends.len()),
            ..Names::default()
        };
        for (number, old) in (0..count).zip(order) {
            if let Some(place) = new.get_mut(old as usize) {
                *place = number;
            }
            sorted.bytes.extend_from_slice(name_at(&bytes, &ends, old));
            sorted.ends.push(sorted.bytes.len() as u64);
        }
        (sorted, new)
    }
}

fn name_at<'n>(bytes: &'n [u8], ends: &[u64], number: u32) -> &'n [u8] {
    let at = number as usize;
    let place = |at: usize| ends.get(at).and_then(|end| usize::try_from(*end).ok());
    let start = at.checked_sub(1).map_or(Some(0), place);
    let piece = start.zip(place(at));
    let piece = piece.and_then(|(start, end)| bytes.get(start..end));
    piece.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_once_and_in_order() {
        let mut names = Names::default();
        let numbers: Vec<u32> = ["c", "", "a", "c", "b", "a"]
            .iter()
            .map(|name| names.number(name.as_bytes()).unwrap())
            .collect();
        assert_eq!(numbers, [0, 1, 2, 0, 3, 2]);
        let (sorted, new) = names.in_order();
        assert_eq!(new, [3, 0, 1, 2]);
        let all: Vec<&[u8]> = (0..4).map(|at| sorted.name(at)).collect();
        assert_eq!(all, [b"".as_slice(), b"a", b"b", b"c"]);
        assert_eq!(sorted.name(4), b"");
    }
}
