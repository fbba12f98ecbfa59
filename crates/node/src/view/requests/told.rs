//! What happened to requests, in the order of the journal, and what is before the steward.

use super::Cases;
use crate::request::{Case, StepRecord};
use crate::view::store::Error;

impl Cases {
    /// The newest entries about requests, the newest first, each with its case and, unless it opened it,
    /// its step; until `take` says that it is enough.
    pub(crate) fn recent<E: From<Error>>(
        &self,
        mut take: impl FnMut(Case, Option<StepRecord>) -> Result<bool, E>,
    ) -> Result<(), E> {
        let storage = |error: redb::StorageError| E::from(Error::from(error));
        let opened = self.by_position.range::<u64>(..).map_err(storage)?.rev();
        let mut opened = opened
            .map(|row| row.map(|(position, _)| (position.value(), None)))
            .peekable();
        let stepped = self.owners.range::<u64>(..).map_err(storage)?.rev();
        let mut stepped = stepped
            .map(|row| row.map(|(at, case)| (case.value(), Some(at.value()))))
            .peekable();
        loop {
            let place = |next: Option<&Result<(u64, Option<u64>), redb::StorageError>>| match next {
                Some(Ok((case, step))) => Some(step.unwrap_or(*case)),
                Some(Err(_)) => Some(u64::MAX),
                None => None,
            };
            let next = if place(stepped.peek()) > place(opened.peek()) {
                stepped.next()
            } else {
                opened.next()
            };
            let Some(next) = next else { return Ok(()) };
            let (position, step) = next.map_err(storage)?;
            let Some(case) = self.at(position)? else {
                continue;
            };
            let record = match step {
                Some(at) => {
                    let row = self.steps.get((position, at));
                    let row = row.map_err(storage)?;
                    row.and_then(|row| postcard::from_bytes(row.value()).ok())
                }
                None => None,
            };
            if step.is_some() && record.is_none() {
                continue;
            }
            if !take(case, record)? {
                return Ok(());
            }
        }
    }

    /// Entries about requests from a position on, each with its case and, unless it opened it, its step;
    /// until `take` says that it is enough.
    pub(crate) fn after<E: From<Error>>(
        &self,
        from: u64,
        mut take: impl FnMut(Case, Option<StepRecord>) -> Result<bool, E>,
    ) -> Result<(), E> {
        let storage = |error: redb::StorageError| E::from(Error::from(error));
        let opened = self.by_position.range(from..).map_err(storage)?;
        let mut opened = opened.map(|row| row.map(|(at, _)| at.value())).peekable();
        let stepped = self.owners.range(from..).map_err(storage)?;
        let mut stepped = stepped
            .map(|row| row.map(|(at, case)| (at.value(), case.value())))
            .peekable();
        loop {
            let open = match opened.peek() {
                Some(Ok(at)) => *at,
                Some(Err(_)) => 0,
                None => u64::MAX,
            };
            let step = match stepped.peek() {
                Some(Ok((at, _))) => *at,
                Some(Err(_)) => 0,
                None => u64::MAX,
            };
            if open == u64::MAX && step == u64::MAX {
                return Ok(());
            }
            let (position, at) = if open < step {
                let Some(next) = opened.next() else {
                    return Ok(());
                };
                (next.map_err(storage)?, None)
            } else {
                let Some(next) = stepped.next() else {
                    return Ok(());
                };
                let (at, case) = next.map_err(storage)?;
                (case, Some(at))
            };
            let Some(case) = self.at(position)? else {
                continue;
            };
            let record = match at {
                Some(at) => match self.steps.get((position, at)).map_err(storage)? {
                    Some(row) => match postcard::from_bytes(row.value()) {
                        Ok(record) => Some(record),
                        Err(_) => continue,
                    },
                    None => continue,
                },
                None => None,
            };
            if !take(case, record)? {
                return Ok(());
            }
        }
    }

    /// The cases that are before the steward, the oldest first, until `take` says that it is enough.
    pub(crate) fn before_steward<E: From<Error>>(
        &self,
        mut take: impl FnMut(Case) -> Result<bool, E>,
    ) -> Result<(), E> {
        let storage = |error: redb::StorageError| E::from(Error::from(error));
        for row in self.steward.range::<u64>(..).map_err(storage)? {
            let position = row.map_err(storage)?.0.value();
            if let Some(case) = self.at(position)?
                && !take(case)?
            {
                break;
            }
        }
        Ok(())
    }
}
