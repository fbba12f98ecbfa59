//! The journal in memory: the same laws as every backend, and gone with the process.

use std::sync::{PoisonError, RwLock};

use bytes::Bytes;

use crate::{Durability, Erased, Error, Journal, Position, Record, Stored, record};

/// A journal in memory, for tests and demonstrations.
#[derive(Debug, Default)]
pub struct Memory {
    records: RwLock<Vec<Stored>>,
}

impl Memory {
    /// An empty journal.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Journal for Memory {
    fn next(&self) -> Position {
        Position::START.plus(
            self.records
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .len(),
        )
    }

    fn append(&self, expected: Position, records: &[Record<'_>]) -> Result<Position, Error> {
        let mut held = self.records.write().unwrap_or_else(PoisonError::into_inner);
        let actual = Position::START.plus(held.len());
        if expected != actual {
            return Err(Error::Conflict { expected, actual });
        }
        record::check(expected, records)?;
        held.extend(records.iter().enumerate().map(|(index, record)| Stored {
            position: expected.plus(index),
            leaf: Bytes::copy_from_slice(record.leaf),
            body: Bytes::copy_from_slice(record.body),
        }));
        Ok(expected.plus(records.len()))
    }

    fn read(
        &self,
        from: Position,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Stored>, Error> {
        let held = self.records.read().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = 0_usize;
        Ok(usize::try_from(from.0)
            .ok()
            .and_then(|from| held.get(from..))
            .unwrap_or_default()
            .iter()
            .take(max_records)
            .enumerate()
            .take_while(|(index, record)| {
                bytes = bytes.saturating_add(record.leaf.len() + record.body.len());
                *index == 0 || bytes <= max_bytes
            })
            .map(|(_, record)| record.clone())
            .collect())
    }

    fn get(&self, position: Position) -> Result<Stored, Error> {
        let held = self.records.read().unwrap_or_else(PoisonError::into_inner);
        usize::try_from(position.0)
            .ok()
            .and_then(|index| held.get(index))
            .cloned()
            .ok_or(Error::Absent {
                position,
                next: Position::START.plus(held.len()),
            })
    }

    fn erase(&self, positions: &[Position]) -> Result<Erased, Error> {
        let mut held = self.records.write().unwrap_or_else(PoisonError::into_inner);
        let next = Position::START.plus(held.len());
        if let Some(position) = positions.iter().copied().find(|at| *at >= next) {
            return Err(Error::Absent { position, next });
        }
        let mut wanted = positions.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let mut done = Erased::default();
        for position in wanted {
            let index = usize::try_from(position.0).ok();
            let Some(record) = index.and_then(|index| held.get_mut(index)) else {
                continue;
            };
            if record.body.is_empty() {
                done.already += 1;
            } else {
                record.body = Bytes::new();
                done.erased += 1;
            }
        }
        Ok(done)
    }

    fn durability(&self) -> Durability {
        Durability::Memory
    }
}
