//! Files and stdin as streams: unpacked when they are gzip or zstd, told by their first bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, IsTerminal as _, Read};
use std::path::Path;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use super::output::tell;

/// Octets read at a time.
const BUFFER: usize = 256 * 1024;
/// Octets looked at to tell what a stream is.
const PEEKED: usize = 64 * 1024;

/// A stream with the name that messages give it.
pub(crate) struct Input {
    pub(crate) name: String,
    /// The first octets, unpacked; the stream still gives them.
    pub(crate) head: Vec<u8>,
    pub(crate) stream: Box<dyn BufRead + Send>,
}

impl Input {
    /// Everything in it, for what cannot be read piece by piece, with its name.
    ///
    /// # Errors
    /// When it cannot be read, or has more than `most` octets: then `remedy` is told.
    pub(crate) fn whole(mut self, most: u64, remedy: &str) -> anyhow::Result<(String, Vec<u8>)> {
        let name = self.name;
        let mut bytes = Vec::new();
        let read = self.stream.by_ref().take(most + 1).read_to_end(&mut bytes);
        read.with_context(|| format!("cannot read {name}"))?;
        if bytes.len() as u64 > most {
            bail!("{name} is larger than {} MiB: {remedy}", most >> 20);
        }
        Ok((name, bytes))
    }
}

/// Text without the byte order mark that some programs put before it.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Refuses a command line that names stdin more than once.
///
/// # Errors
/// That refusal.
pub(crate) fn once<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<(), Failure> {
    let stdin = paths.into_iter().filter(|path| path.as_os_str() == "-");
    if stdin.count() > 1 {
        return Err(Failure::usage("stdin can be read once: name '-' once"));
    }
    Ok(())
}

/// How long to wait for the first octets.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Until there are enough to tell what the stream is.
    Whole,
    /// Until something came: what is written to a pipe now and then is worked on as it comes.
    Live,
}

/// Opens a file, or stdin for `-`. The bar counts what is read, before it is unpacked.
///
/// # Errors
/// When it cannot be read, or is packed in another way.
pub(crate) fn open(path: &Path, bar: &ProgressBar, wait: Head) -> anyhow::Result<Input> {
    if path.as_os_str() == "-" {
        return unpack("stdin".into(), bar.wrap_read(io::stdin()), wait);
    }
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
    if file.metadata().is_ok_and(|facts| facts.is_dir()) {
        bail!("{name} is a directory: name the files in it");
    }
    unpack(name, bar.wrap_read(file), wait)
}

fn unpack(name: String, raw: impl Read + Send + 'static, wait: Head) -> anyhow::Result<Input> {
    let (head, raw) = peek(raw, 6, wait).with_context(|| format!("cannot read {name}"))?;
    let unpacked: Box<dyn Read + Send> = match head.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(raw)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::stream::read::Decoder::new(raw)?),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => bail!("{name} is packed with xz: unpack it first"),
        [b'B', b'Z', b'h', ..] => bail!("{name} is packed with bzip2: unpack it first"),
        [b'P', b'K', 3, 4, ..] => bail!("{name} is a ZIP archive: unpack it first"),
        _ => Box::new(raw),
    };
    let (head, stream) =
        peek(unpacked, PEEKED, wait).with_context(|| format!("cannot unpack {name}"))?;
    if matches!(head.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        bail!("{name} is UTF-16 text: convert it with 'iconv -f UTF-16 -t UTF-8' first");
    }
    let stream = Box::new(BufReader::with_capacity(BUFFER, stream));
    Ok(Input { name, head, stream })
}

/// The first octets of a stream, and the stream with them still in it.
fn peek<R: Read>(
    mut stream: R,
    octets: usize,
    wait: Head,
) -> io::Result<(Vec<u8>, impl Read + use<R>)> {
    let mut head = vec![0; octets];
    let mut filled = 0;
    while let Some(room) = head.get_mut(filled..).filter(|room| !room.is_empty()) {
        match stream.read(room) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if wait == Head::Live {
            break;
        }
    }
    head.truncate(filled);
    Ok((head.clone(), Cursor::new(head).chain(stream)))
}

/// A progress bar by octets for these files; it shows on a terminal alone.
pub(crate) fn bar(paths: &[impl AsRef<Path>]) -> ProgressBar {
    let sizes = paths.iter().map(|path| {
        let facts = std::fs::metadata(path)
            .ok()
            .filter(std::fs::Metadata::is_file)?;
        Some(facts.len())
    });
    bar_of(sizes.sum())
}

/// A progress bar for so many elements.
pub(crate) fn bar_of_elements(elements: u64) -> ProgressBar {
    let bar = ProgressBar::new(elements);
    let template = "{bar:30} {human_pos}/{human_len} {per_sec} {eta} {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// A progress bar for so many octets; a spinner where nobody knows.
pub(crate) fn bar_of(octets: Option<u64>) -> ProgressBar {
    let (template, bar) = match octets {
        Some(total) => (
            "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}",
            ProgressBar::new(total),
        ),
        None => (
            "{spinner} {bytes} {bytes_per_sec} {msg}",
            ProgressBar::new_spinner(),
        ),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Says what is waited for when stdin is a terminal, where nothing comes by itself.
pub(crate) fn tell_if_waiting(paths: &[impl AsRef<Path>]) {
    if paths.iter().any(|path| path.as_ref().as_os_str() == "-") && io::stdin().is_terminal() {
        tell("reading stdin; end it with Ctrl-D");
    }
}

/// A line of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// It is in the buffer, without its end.
    Whole,
    /// It is longer than the limit and was skipped.
    TooLong,
    /// The stream is at its end.
    End,
}

/// Reads a line of at most `limit` octets into `buffer`.
///
/// # Errors
/// When the stream breaks.
pub(crate) fn read_line(
    stream: &mut dyn BufRead,
    buffer: &mut Vec<u8>,
    limit: usize,
) -> io::Result<Line> {
    buffer.clear();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    if Read::take(&mut *stream, most).read_until(b'\n', buffer)? == 0 {
        return Ok(Line::End);
    }
    if buffer.last() == Some(&b'\n') {
        buffer.pop();
        if buffer.last() == Some(&b'\r') {
            buffer.pop();
        }
        return Ok(Line::Whole);
    }
    if buffer.len() <= limit {
        return Ok(Line::Whole);
    }
    buffer.clear();
    skip_line(stream)?;
    Ok(Line::TooLong)
}

fn skip_line(stream: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let chunk = stream.fill_buf()?;
        let (used, done) = match memchr::memchr(b'\n', chunk) {
            Some(at) => (at + 1, true),
            None => (chunk.len(), chunk.is_empty()),
        };
        stream.consume(used);
        if done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(packed: Vec<u8>) -> (Vec<u8>, String) {
        let mut input = unpack("x".into(), Cursor::new(packed), Head::Whole).unwrap();
        let mut text = String::new();
        input.stream.read_to_string(&mut text).unwrap();
        (input.head, text)
    }

    #[test]
    fn packed_streams_are_told_by_their_first_bytes() {
        let text = "a line\n".repeat(20_000);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
        // Two gzip members one after the other are one stream (RFC 1952 §2.2).
        let (head, twice) = read([gzip.clone(), gzip.clone()].concat());
        assert_eq!((head.len(), twice), (PEEKED, text.repeat(2)));
        assert_eq!(read(gzip).1, text);
        assert_eq!(read(zstd).1, text);
        assert_eq!(read(Vec::new()).1, "");
        for other in [
            b"\xfd7zXZ\0".as_slice(),
            b"BZh91AY",
            b"PK\x03\x04zz",
            b"\xff\xfea\0",
        ] {
            assert!(unpack("x".into(), Cursor::new(other.to_vec()), Head::Live).is_err());
        }
    }

    #[test]
    fn lines_are_read_in_bounded_memory() {
        let mut stream = Cursor::new(b"one\r\n\n123456\n12345\nlast".to_vec());
        let mut buffer = Vec::new();
        let mut seen = Vec::new();
        loop {
            match read_line(&mut stream, &mut buffer, 5).unwrap() {
                Line::End => break,
                Line::TooLong => seen.push("(too long)".to_owned()),
                Line::Whole => seen.push(String::from_utf8(buffer.clone()).unwrap()),
            }
        }
        assert_eq!(seen, ["one", "", "(too long)", "12345", "last"]);
    }
}
