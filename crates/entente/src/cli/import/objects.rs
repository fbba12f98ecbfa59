//! STIX objects: in a container, or one a line.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use stix::Object;

use super::taking::Taking;
use crate::cli::input::{Input, Line, read_line, without_mark};

/// Octets of the largest container: it is read whole.
const LARGEST: u64 = 1 << 30;
/// Octets of the largest object in a file of lines.
const LONGEST: usize = 16 << 20;

/// Takes the objects of a bundle or an envelope, or one object by itself.
///
/// # Errors
/// When the file is no such thing, or the node cannot be written.
pub(crate) fn read_container(input: Input, taking: &mut Taking<'_>) -> anyhow::Result<()> {
    let (name, mut bytes) = input.whole(LARGEST, "send its objects one a line (NDJSON)")?;
    let name = &name;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    let bytes = Bytes::from(bytes);
    let envelope = match stix::split(&bytes) {
        Ok(envelope) => envelope,
        Err(_) if Object::parse(bytes.trim_ascii()).is_ok() => {
            return taking.take_object(name, 1, bytes.slice_ref(bytes.trim_ascii()));
        }
        Err(malformed) => bail!("{name}: {malformed}"),
    };
    let mut lines = Lines {
        bytes: &bytes,
        at: 0,
        line: 1,
    };
    for raw in envelope.objects {
        let line = lines.line_of(raw);
        taking.take_object(name, line, bytes.slice_ref(raw))?;
    }
    Ok(())
}

/// Counts lines up to slices that come in order.
struct Lines<'b> {
    bytes: &'b Bytes,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn line_of(&mut self, slice: &[u8]) -> u64 {
        let start = (slice.as_ptr() as usize).saturating_sub(self.bytes.as_ptr() as usize);
        let between = self.bytes.get(self.at..start).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count() as u64;
        self.at = start;
        self.line
    }
}

/// Takes objects that stand one a line.
///
/// # Errors
/// When the stream breaks, or the node cannot be written.
pub(crate) fn read_lines(mut input: Input, taking: &mut Taking<'_>) -> anyhow::Result<()> {
    let mut buffer = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let line = read_line(&mut input.stream, &mut buffer, LONGEST)
            .with_context(|| format!("{}:{number}: the file cannot be read on", input.name))?;
        match line {
            Line::End => return Ok(()),
            Line::TooLong => taking.refuse(&input.name, number, "the object is larger than 16 MiB"),
            Line::Whole => {
                let text = without_mark(&buffer).trim_ascii();
                if !text.is_empty() {
                    taking.take_object(&input.name, number, Bytes::copy_from_slice(text))?;
                }
            }
        }
    }
}
