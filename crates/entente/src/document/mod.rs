//! The text of documents: files, mail, archives, office documents, PDF, web pages; by kept
//! libraries, within bounds.
//!
//! Whatever a file holds, what can be read of it is read, and what cannot is told with its name and
//! the reason ([`Event::Unread`]). Memory is that of the largest member that has to be whole (a PDF,
//! a message, an archive within another), at most [`WHOLE`], and of its text.

mod archive;
mod guard;
mod html;
mod mail;
mod meter;
mod office;
mod pdf;
mod place;
mod plain;
mod sheet;
mod sniff;
mod xml;

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek as _, SeekFrom};
use std::path::Path;

use meter::Meter;
pub(crate) use place::Place;
use sniff::Format;

/// Octets of the largest document that has to be read whole.
pub(crate) const WHOLE: u64 = 256 << 20;
/// Octets looked at to tell what a stream is.
const PEEKED: u64 = 16 << 10;

/// How far archives are followed.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Limits {
    /// Archives within archives.
    pub(crate) depth: u32,
    /// Octets unpacked of one file, all its members together.
    pub(crate) unpacked: u64,
    /// Members of one file.
    pub(crate) members: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 5,
            unpacked: 2 << 30,
            members: 100_000,
        }
    }
}

/// What is read, in order.
#[derive(Debug)]
pub(crate) enum Event<'e> {
    /// A document begins: a file, or a member of one after `!`.
    Begin {
        name: &'e str,
        /// Whether its text is known to be text: other files are read as they are.
        is_text: bool,
    },
    /// A piece of its text, and where it stands.
    Text(Place, &'e [u8]),
    /// It ends.
    End,
    /// Something could not be read, or not further; other documents go on.
    Unread { name: &'e str, why: &'e str },
}

type Sink<'s> = &'s mut dyn FnMut(Event<'_>);

/// Reads a file.
pub(crate) fn read_file(path: &Path, limits: Limits, sink: Sink<'_>) {
    let name = path.display().to_string();
    let mut reading = Reading::new(limits, sink);
    if let Err(error) = reading.file(&name, path) {
        reading.unread(&name, &error.to_string());
    }
}

/// Reads a stream.
pub(crate) fn read_stream(name: &str, stream: &mut dyn Read, limits: Limits, sink: Sink<'_>) {
    Reading::new(limits, sink).stream(name, stream, 0);
}

/// One file on its way.
struct Reading<'s> {
    limits: Limits,
    meter: Meter,
    members: u64,
    sink: Sink<'s>,
}

impl<'s> Reading<'s> {
    fn new(limits: Limits, sink: Sink<'s>) -> Self {
        Reading {
            limits,
            meter: Meter::of(limits.unpacked),
            members: 0,
            sink,
        }
    }

    fn unread(&mut self, name: &str, why: &str) {
        (self.sink)(Event::Unread { name, why });
    }

    fn text(&mut self, place: Place, text: &[u8]) {
        (self.sink)(Event::Text(place, text));
    }

    fn begin(&mut self, name: &str) {
        (self.sink)(Event::Begin {
            name,
            is_text: true,
        });
    }

    fn end(&mut self) {
        (self.sink)(Event::End);
    }

    fn file(&mut self, name: &str, path: &Path) -> io::Result<()> {
        let mut file = File::open(path)?;
        let mut head = Vec::new();
        Read::take(&mut file, 4).read_to_end(&mut head)?;
        file.seek(SeekFrom::Start(0))?;
        if head.starts_with(b"PK\x03\x04") {
            self.zip(name, BufReader::new(file), 0);
        } else {
            self.stream(name, &mut file, 0);
        }
        Ok(())
    }

    /// Reads a stream for what it is.
    fn stream(&mut self, name: &str, stream: &mut dyn Read, depth: u32) {
        if depth > self.limits.depth {
            let why = format!(
                "it lies in more than {} archives within each other",
                self.limits.depth
            );
            return self.unread(name, &why);
        }
        let mut head = Vec::new();
        if let Err(error) = Read::take(&mut *stream, PEEKED).read_to_end(&mut head) {
            return self.unread(name, &error.to_string());
        }
        let format = sniff::format(&head, name);
        let stream: &mut dyn Read = &mut Cursor::new(head).chain(stream);
        match format {
            Format::Gzip => {
                let unpacked = flate2::read::MultiGzDecoder::new(stream);
                self.unpack(name, unpacked, depth);
            }
            Format::Zstandard => match zstd::stream::read::Decoder::new(stream) {
                Ok(unpacked) => self.unpack(name, unpacked, depth),
                Err(error) => self.unread(name, &error.to_string()),
            },
            Format::Tar => self.tar(name, stream, depth),
            Format::Zip => {
                if let Some(bytes) = self.whole(name, stream) {
                    self.zip(name, Cursor::new(bytes), depth);
                }
            }
            Format::Pdf => {
                if let Some(bytes) = self.whole(name, stream) {
                    self.pdf(name, &bytes);
                }
            }
            Format::Mail => {
                if let Some(bytes) = self.whole(name, stream) {
                    self.mail(name, &bytes, depth);
                }
            }
            Format::Mailbox => self.mailbox(name, stream, depth),
            Format::Html => self.html(name, stream),
            Format::Text(encoding) => self.plain(name, stream, encoding),
            Format::Json => self.json(name, stream),
            Format::Bytes => self.bytes(name, stream),
            Format::Other(what) => {
                let why = format!("{what} is not read: unpack or convert it first");
                self.unread(name, &why);
            }
        }
    }

    fn unpack(&mut self, name: &str, unpacked: impl Read, depth: u32) {
        let mut metered = self.meter.read(unpacked);
        self.stream(name, &mut metered, depth + 1);
    }

    /// All of a stream, where it is not too large.
    fn whole(&mut self, name: &str, stream: &mut dyn Read) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        match Read::take(stream, WHOLE + 1).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 <= WHOLE => Some(bytes),
            Ok(_) => {
                let why = format!("it is larger than {} MiB", WHOLE >> 20);
                self.unread(name, &why);
                None
            }
            Err(error) => {
                self.unread(name, &error.to_string());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
