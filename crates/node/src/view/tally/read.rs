//! Reading what was added up: always up to the end of a month.

use std::collections::HashMap;

use redb::{ReadTransaction, ReadableTable as _};

use super::{
    ASKED, BEHIND, Behind, EFFECTS, EVERYBODY, OF_PARTIES, PAIRS, REMOVALS, Side, TIMES, TOTALS,
    UNNAMED, counts_of,
};
use crate::account::{Counts, Month, Spread};
use crate::request::{Category, GroundKind, Kind};
use crate::view::store::Error;

/// One row of the totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// The month.
    pub month: Month,
    /// What was asked for.
    pub kind: Kind,
    /// What it was about; none for what is marked RED.
    pub category: Option<Category>,
    /// Its ground, if it had one and is not marked RED.
    pub ground: Option<GroundKind>,
    /// Whether it is counted by name elsewhere too: all but what is marked RED.
    pub named: bool,
    /// What happened.
    pub counts: Counts,
}

/// What one party asked of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The sender's number.
    pub from: u32,
    /// The recipient's number.
    pub to: u32,
    /// What for.
    pub kind: Kind,
    /// What became of it.
    pub counts: Counts,
}

/// An entry behind a figure.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) position: u64,
    /// The position of the entry that opened the case.
    pub(crate) case: u64,
}

/// The totals of the months up to one, oldest first.
pub(crate) fn totals(read: &ReadTransaction, through: Month) -> Result<Vec<Total>, Error> {
    let mut found = Vec::new();
    let table = read.open_table(TOTALS)?;
    for row in table.range(..=(through.0, u8::MAX, u8::MAX, u8::MAX))? {
        let (key, counts) = row?;
        let (month, kind, category, ground) = key.value();
        let Some(kind) = word(Kind::ALL, kind) else {
            continue;
        };
        found.push(Total {
            month: Month(month),
            kind,
            category: word(Category::ALL, category),
            ground: ground
                .checked_sub(1)
                .and_then(|at| word(GroundKind::ALL, at)),
            named: category != UNNAMED,
            counts: counts_of(counts.value()),
        });
    }
    Ok(found)
}

/// What parties asked, and were asked, over the months up to one.
pub(crate) fn parties(
    read: &ReadTransaction,
    through: Month,
) -> Result<HashMap<(u32, Side), Counts>, Error> {
    let mut found: HashMap<_, Counts> = HashMap::new();
    for row in read.open_table(OF_PARTIES)?.iter()? {
        let (key, counts) = row?;
        let (party, side, month) = key.value();
        if month <= through.0 {
            let all = found.entry((party, side_of(side))).or_default();
            all.add(&counts_of(counts.value()));
        }
    }
    Ok(found)
}

/// What one party asked, or was asked, in each month up to one.
pub(crate) fn of_party(
    read: &ReadTransaction,
    party: u32,
    side: Side,
    through: Month,
) -> Result<Vec<(Month, Counts)>, Error> {
    let table = read.open_table(OF_PARTIES)?;
    let mut found = Vec::new();
    let side = side as u8;
    for row in table.range((party, side, 0)..=(party, side, through.0))? {
        let (key, counts) = row?;
        found.push((Month(key.value().2), counts_of(counts.value())));
    }
    Ok(found)
}

/// Who asked whom for what over the months up to one: of one sender, or of all.
pub(crate) fn pairs(
    read: &ReadTransaction,
    from: Option<u32>,
    to: Option<u32>,
    through: Month,
) -> Result<Vec<Pair>, Error> {
    let table = read.open_table(PAIRS)?;
    let mut found: Vec<Pair> = Vec::new();
    let mut ranges = Vec::new();
    match (from, to) {
        (Some(from), to) => ranges.push((from, to)),
        (None, None) => ranges.push((EVERYBODY, None)),
        (None, Some(to)) => {
            for row in read.open_table(ASKED)?.range((to, 0)..=(to, u32::MAX))? {
                ranges.push((row?.0.value().1, Some(to)));
            }
        }
    }
    for (from, to) in ranges {
        let low = if from == EVERYBODY { 0 } else { from };
        let (first, last) = to.map_or((0, u32::MAX), |to| (to, to));
        let range = (low, first, 0, 0)..=(from, last, u8::MAX, u16::MAX);
        for row in table.range(range)? {
            let (key, counts) = row?;
            let (from, to, kind, month) = key.value();
            let (Some(kind), true) = (word(Kind::ALL, kind), month <= through.0) else {
                continue;
            };
            let counts = counts_of(counts.value());
            match found.last_mut() {
                Some(last) if (last.from, last.to, last.kind) == (from, to, kind) => {
                    last.counts.add(&counts);
                }
                _ => found.push(Pair {
                    from,
                    to,
                    kind,
                    counts,
                }),
            }
        }
    }
    Ok(found)
}

/// Takedowns over the months up to one by the country in which they are to have effect; none for
/// everywhere.
pub(crate) fn effects(
    read: &ReadTransaction,
    through: Month,
) -> Result<Vec<(Option<String>, Counts)>, Error> {
    let mut found: Vec<(Option<String>, Counts)> = Vec::new();
    for row in read.open_table(EFFECTS)?.iter()? {
        let (key, counts) = row?;
        let (code, month) = key.value();
        if month > through.0 {
            continue;
        }
        let letters = String::from_utf8_lossy(&code.to_be_bytes()).into_owned();
        let country = (code != 0).then_some(letters);
        let counts = counts_of(counts.value());
        match found.last_mut() {
            Some((last, all)) if *last == country => all.add(&counts),
            _ => found.push((country, counts)),
        }
    }
    Ok(found)
}

/// Takedowns over the months up to one by their senders.
pub(crate) fn removals(
    read: &ReadTransaction,
    through: Month,
) -> Result<Vec<(u32, Counts)>, Error> {
    let mut found: Vec<(u32, Counts)> = Vec::new();
    for row in read.open_table(REMOVALS)?.iter()? {
        let (key, counts) = row?;
        let (party, month) = key.value();
        if month > through.0 {
            continue;
        }
        let counts = counts_of(counts.value());
        match found.last_mut() {
            Some((last, all)) if *last == party => all.add(&counts),
            _ => found.push((party, counts)),
        }
    }
    Ok(found)
}

/// How long a party, or everybody together, took to answer in each month up to one.
pub(crate) fn times(
    read: &ReadTransaction,
    party: u32,
    through: Month,
) -> Result<Vec<(Month, Spread)>, Error> {
    let mut found: Vec<(Month, Spread)> = Vec::new();
    let table = read.open_table(TIMES)?;
    for row in table.range((party, 0, 0)..=(party, through.0, u32::MAX))? {
        let (key, answers) = row?;
        let (_, month, minutes) = key.value();
        if found.last().is_none_or(|(last, _)| last.0 != month) {
            found.push((Month(month), Spread::default()));
        }
        if let Some((_, spread)) = found.last_mut() {
            spread.add(minutes, answers.value());
        }
    }
    Ok(found)
}

/// The entries behind a figure in some months, the newest first, before a position, until `take` says
/// that it is enough.
pub(crate) fn behind(
    read: &ReadTransaction,
    figure: Behind,
    (first, last): (Month, Month),
    before: u64,
    mut take: impl FnMut(Entry) -> Result<bool, crate::act::Error>,
) -> Result<(), crate::act::Error> {
    let table = read.open_table(BEHIND).map_err(Error::from)?;
    let (code, mut month) = (figure.code(), last.0);
    // Positions grow with the months: in each that lies wholly after the place one row is looked at.
    loop {
        let range = (code, first.0, 0)..(code, month, before);
        let mut later = None;
        for row in table.range(range).map_err(Error::from)?.rev() {
            let (key, case) = row.map_err(Error::from)?;
            let (_, of, position) = key.value();
            if position >= before {
                later = Some(of);
                break;
            }
            let case = case.value();
            if !take(Entry { position, case })? {
                return Ok(());
            }
        }
        match later {
            Some(of) => month = of,
            None => return Ok(()),
        }
    }
}

fn side_of(code: u8) -> Side {
    if code == Side::Sender as u8 {
        Side::Sender
    } else {
        Side::Recipient
    }
}

fn word<T: Copy>(all: &[T], code: u8) -> Option<T> {
    all.get(usize::from(code)).copied()
}
