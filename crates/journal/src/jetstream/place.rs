//! How far a copy followed its stream, in a small file beside it: a hint.

use std::fs::File;
use std::path::Path;

use crate::log::hash::Hash;

/// How far a copy followed its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// When the stream was made, as its servers say.
    pub(super) created: String,
    /// The last message.
    pub(super) sequence: u64,
    /// The position after the last record.
    pub(super) next: u64,
    /// The chain hash there.
    pub(super) chain: Hash,
    /// The rows of the index that were durable.
    pub(super) rows: u64,
}

/// The place that was kept; none when it is missing or damaged.
pub(super) fn read(path: &Path) -> Option<Place> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut lines = text.lines();
    let created = lines.next()?.to_owned();
    let sequence = lines.next()?.parse().ok()?;
    let next = lines.next()?.parse().ok()?;
    let digits = lines.next()?;
    let mut chain = [0; 32];
    for (index, byte) in chain.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    let rows = lines.next()?.parse().ok()?;
    (lines.next() == Some("end")).then_some(Place {
        created,
        sequence,
        next,
        chain,
        rows,
    })
}

/// Keeps a place. What cannot be written is compared anew at the next start.
pub(super) fn write(path: &Path, place: &Place) {
    let digits = place
        .chain
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let Place {
        created,
        sequence,
        next,
        rows,
        ..
    } = place;
    let text = format!("{created}\n{sequence}\n{next}\n{digits}\n{rows}\nend\n");
    let temporary = path.with_extension("new");
    let first = !path.exists();
    let kept = std::fs::write(&temporary, text);
    if kept
        .and_then(|()| std::fs::rename(&temporary, path))
        .is_ok()
        && first
    {
        // That there is one keeps the copy from going on by itself.
        drop(durable(path));
    }
}

fn durable(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()?;
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
