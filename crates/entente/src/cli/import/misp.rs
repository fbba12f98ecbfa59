//! MISP events: in a file, in a folder that is a feed, or in a feed on the web.

use anyhow::Context as _;
use stix::Tlp;

use super::indicator::Template;
use super::taking::Taking;
use crate::cli::input::{Input, without_mark};
use crate::misp::document;
use crate::misp::taken;

/// Octets of the largest document: it is read whole.
const LARGEST: u64 = 512 << 20;

/// Takes the events of a document.
///
/// # Errors
/// When it holds no event, or the node cannot be written.
pub(crate) fn read(
    input: Input,
    template: &Template,
    taking: &mut Taking<'_>,
) -> anyhow::Result<()> {
    let (name, bytes) = input.whole(LARGEST, "export its events one by one")?;
    take(&name, &bytes, template, taking)
}

/// Takes the events of a document that was read.
///
/// # Errors
/// As [`read`].
pub(super) fn take(
    name: &str,
    bytes: &[u8],
    template: &Template,
    taking: &mut Taking<'_>,
) -> anyhow::Result<()> {
    let text = std::str::from_utf8(without_mark(bytes))
        .with_context(|| format!("{name} is no UTF-8 text"))?;
    let events = document::events(text).with_context(|| name.to_owned())?;
    let lines = Lines::of(text);
    let default: Option<Tlp> = template.marking();
    for raw in events {
        let line = lines.line_of(raw.get());
        match taken::take(raw, default, template.creator()) {
            Err(reason) => taking.refuse(name, line, &reason),
            Ok(taken) => {
                for untaken in &taken.untaken {
                    taking.refuse(name, lines.line_of(untaken.raw), &untaken.reason);
                }
                for note in &taken.notes {
                    taking.note(name, line, note);
                }
                taking.take_event(name, line, template, taken.objects)?;
            }
        }
    }
    Ok(())
}

/// Where lines begin, to tell on which a slice of the text is.
struct Lines<'t> {
    text: &'t str,
    feeds: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Lines {
            text,
            feeds: memchr::memchr_iter(b'\n', text.as_bytes()).collect(),
        }
    }

    fn line_of(&self, slice: &str) -> u64 {
        let start = (slice.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let before = self.feeds.partition_point(|feed| *feed < start);
        before as u64 + 1
    }
}
