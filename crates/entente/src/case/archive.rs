//! The file of a bundle: a ZIP archive of one form alone, so that it has one reading.
//!
//! Members are stored, not packed, one after the other from the first octet; nothing else is between
//! them, in their headers or after the directory (PKWARE APPNOTE 6.3.10, 4.3.7, 4.3.12, 4.3.16).
//! Whatever differs from what [`Writer`] would have written of the same members is refused. Reading
//! takes a header and a name for each member, whatever the archive says of itself.

use std::collections::HashSet;
use std::io::{self, Read, Write};

/// Members of an archive.
pub(crate) const MOST_MEMBERS: usize = 20_000;
/// Octets of a member's name.
const LONGEST_NAME: usize = 200;
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
/// Version 1.0: nothing but storing.
const NEEDED: u16 = 10;
/// Written as on Unix.
const MADE_BY: u16 = (3 << 8) | NEEDED;
/// 1 January 1980, midnight: the first that ZIP can say.
const DATE: u16 = (1 << 5) | 1;
/// A plain file that its owner may write.
const MODE: u32 = 0o100_644 << 16;
/// Octets of a local header before the name.
const HEADER: usize = 30;

/// Why an archive is none of ours.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is not of the one form.
    #[error("at octet {at}: {what}")]
    Form {
        /// Where.
        at: u64,
        /// What is wrong.
        what: String,
    },
}

/// A member, without what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) octets: u32,
    crc: u32,
    offset: u32,
}

/// Writes an archive while its members come.
pub(crate) struct Writer<W> {
    out: W,
    members: Vec<Member>,
    at: u64,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(out: W) -> Self {
        let (members, at) = (Vec::new(), 0);
        Writer { out, members, at }
    }

    /// Adds a member.
    ///
    /// # Errors
    /// When the archive would be larger than one can be, or the name is none; or it cannot be written.
    pub(crate) fn add(&mut self, name: &str, octets: &[u8]) -> Result<(), ArchiveError> {
        let at = self.at;
        let too_much = |_| form(at, "a case of more than 4 GiB does not fit into one bundle");
        if self.members.len() == MOST_MEMBERS {
            let words = format!("a bundle has at most {MOST_MEMBERS} members");
            return Err(form(at, &words));
        }
        if !is_name(name.as_bytes()) {
            return Err(form(at, &format!("'{name}' is no name of a member")));
        }
        let member = Member {
            name: name.to_owned(),
            octets: u32::try_from(octets.len()).map_err(too_much)?,
            crc: crc32fast::hash(octets),
            offset: u32::try_from(at).map_err(too_much)?,
        };
        let header = member.local();
        self.out.write_all(&header)?;
        self.out.write_all(octets)?;
        self.at += (header.len() + octets.len()) as u64;
        self.members.push(member);
        Ok(())
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// As [`Writer::add`].
    pub(crate) fn end(mut self) -> Result<W, ArchiveError> {
        let too_much = |_| {
            form(
                self.at,
                "a case of more than 4 GiB does not fit into one bundle",
            )
        };
        let directory = u32::try_from(self.at).map_err(too_much)?;
        self.out.write_all(&ending(&self.members, directory))?;
        Ok(self.out)
    }
}

/// The archive of these members, in this order.
///
/// # Errors
/// As [`Writer::add`].
pub(crate) fn write(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, ArchiveError> {
    let mut archive = Writer::new(Vec::new());
    for (name, octets) in files {
        archive.add(name, octets)?;
    }
    archive.end()
}

/// Reads an archive, member by member; `each` reads as much of a member as it wants.
///
/// # Errors
/// Any [`ArchiveError`], with the octet; whatever `each` says.
pub(crate) fn read<R: Read>(
    stream: R,
    mut each: impl FnMut(&str, &mut dyn Read) -> Result<(), ArchiveError>,
) -> Result<Vec<Member>, ArchiveError> {
    let mut stream = Counted { stream, at: 0 };
    let mut members: Vec<Member> = Vec::new();
    let mut names = HashSet::new();
    let mut signature = [0; 4];
    loop {
        stream.fill(&mut signature)?;
        if signature != LOCAL {
            break;
        }
        if members.len() == MOST_MEMBERS {
            return Err(form(
                stream.at,
                &format!("it has more than {MOST_MEMBERS} members"),
            ));
        }
        let member = header(&mut stream)?;
        if !names.insert(member.name.clone()) {
            let words = format!("the member '{}' stands in it twice", member.name);
            return Err(form(stream.at, &words));
        }
        let mut checked = Checked {
            stream: (&mut stream).take(u64::from(member.octets)),
            crc: crc32fast::Hasher::new(),
        };
        each(&member.name, &mut checked)?;
        io::copy(&mut checked, &mut io::sink())?;
        let left = checked.stream.limit();
        let crc = checked.crc.finalize();
        if left > 0 {
            return Err(form(stream.at, "it ends within a member: it was cut off"));
        }
        if crc != member.crc {
            let words = format!("'{}' is damaged: its checksum is another", member.name);
            return Err(form(stream.at, &words));
        }
        members.push(member);
    }
    let start = stream.at - 4;
    let directory = u32::try_from(start).map_err(|_| form(start, "it is larger than 4 GiB"))?;
    rest(&mut stream, signature, &ending(&members, directory))?;
    Ok(members)
}

/// What follows the members is their directory, and nothing else.
fn rest<R: Read>(
    stream: &mut Counted<R>,
    signature: [u8; 4],
    expected: &[u8],
) -> Result<(), ArchiveError> {
    let words = "what follows the members is not their directory";
    let mut compared = 4;
    if !expected.starts_with(&signature) {
        return Err(form(stream.at - 4, words));
    }
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer)?;
        let got = buffer.get(..read).unwrap_or_default();
        if read == 0 {
            break;
        }
        let wanted = expected.get(compared..compared + read);
        if wanted != Some(got) {
            return Err(form(stream.at - read as u64, words));
        }
        compared += read;
    }
    if compared == expected.len() {
        Ok(())
    } else {
        Err(form(stream.at, "its directory is cut off"))
    }
}

/// The header that follows a signature.
fn header<R: Read>(stream: &mut Counted<R>) -> Result<Member, ArchiveError> {
    let at = stream.at - 4;
    let mut fixed = [0; HEADER];
    if let Some(rest) = fixed.get_mut(4..) {
        stream.fill(rest)?;
    }
    let short = |place: usize| {
        let pair = fixed.get(place..place + 2).unwrap_or_default();
        pair.try_into().map_or(0, u16::from_le_bytes)
    };
    let long = |place: usize| u32::from(short(place)) | (u32::from(short(place + 2)) << 16);
    let length = usize::from(short(26));
    if length > LONGEST_NAME {
        return Err(form(at, "the name of a member is too long"));
    }
    let mut name = vec![0; length];
    stream.fill(&mut name)?;
    let name = String::from_utf8(name)
        .ok()
        .filter(|name| is_name(name.as_bytes()));
    let name = name.ok_or_else(|| form(at, "the name of a member is none that a bundle has"))?;
    let member = Member {
        name,
        octets: long(22),
        crc: long(14),
        offset: u32::try_from(at).map_err(|_| form(at, "it is larger than 4 GiB"))?,
    };
    let written = member.local();
    if written.get(4..HEADER) != fixed.get(4..) {
        let words = "the header of a member is not of the form that a bundle has (stored, of no time, \
                     without extras)";
        return Err(form(at, words));
    }
    Ok(member)
}

/// Letters, digits, points, hyphens and underscores, at most one folder deep, and nothing that climbs.
fn is_name(name: &[u8]) -> bool {
    let part = |part: &[u8]| {
        !part.is_empty()
            && !part.starts_with(b".")
            && part
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(b))
    };
    let parts: Vec<&[u8]> = name.split(|b| *b == b'/').collect();
    name.len() <= LONGEST_NAME && parts.len() <= 2 && parts.into_iter().all(part)
}

impl Member {
    fn common(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(24);
        for short in [NEEDED, 0, 0, 0, DATE] {
            out.extend(short.to_le_bytes());
        }
        for long in [self.crc, self.octets, self.octets] {
            out.extend(long.to_le_bytes());
        }
        // Names are at most 200 octets.
        out.extend(
            u16::try_from(self.name.len())
                .unwrap_or_default()
                .to_le_bytes(),
        );
        out.extend([0; 2]);
        out
    }

    fn local(&self) -> Vec<u8> {
        let mut out = LOCAL.to_vec();
        out.extend(self.common());
        out.extend_from_slice(self.name.as_bytes());
        out
    }

    fn central(&self) -> Vec<u8> {
        let mut out = CENTRAL.to_vec();
        out.extend(MADE_BY.to_le_bytes());
        out.extend(self.common());
        // No comment, the first disk, binary.
        out.extend([0; 6]);
        out.extend(MODE.to_le_bytes());
        out.extend(self.offset.to_le_bytes());
        out.extend_from_slice(self.name.as_bytes());
        out
    }
}

/// The directory of members and the end of the archive.
fn ending(members: &[Member], directory: u32) -> Vec<u8> {
    let mut out: Vec<u8> = members.iter().flat_map(Member::central).collect();
    let size = u32::try_from(out.len()).unwrap_or_default();
    // At most 20,000.
    let count = u16::try_from(members.len()).unwrap_or_default();
    out.extend(END);
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(directory.to_le_bytes());
    out.extend([0; 2]);
    out
}

fn form(at: u64, what: &str) -> ArchiveError {
    let what = what.to_owned();
    ArchiveError::Form { at, what }
}

/// A stream that knows where it is.
struct Counted<R> {
    stream: R,
    at: u64,
}

impl<R: Read> Counted<R> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), ArchiveError> {
        let at = self.at;
        let read = self.read_exact(buffer);
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => form(at, "it ends here: it was cut off"),
            _ => error.into(),
        })
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// What is read of a member, with its checksum.
struct Checked<R> {
    stream: io::Take<R>,
    crc: crc32fast::Hasher,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.crc.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn files() -> Vec<(String, Vec<u8>)> {
        vec![
            ("manifest.json".into(), b"{}".to_vec()),
            ("entries/7.tlog-proof".into(), vec![0xff; 5000]),
            ("evidence/empty".into(), vec![]),
        ]
    }

    fn read_all(octets: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
        let mut found = Vec::new();
        read(octets, |name, member| {
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes)?;
            found.push((name.to_owned(), bytes));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn what_is_written_is_read_and_by_others_too() {
        let octets = write(&files()).unwrap();
        assert_eq!(read_all(&octets).unwrap(), files());
        assert_eq!(write(&files()).unwrap(), octets, "the same each time");
        let mut other = zip::ZipArchive::new(io::Cursor::new(octets)).unwrap();
        assert_eq!(other.len(), 3);
        let mut text = String::new();
        other
            .by_name("manifest.json")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "{}");
    }

    #[test]
    fn no_octet_can_change_and_none_be_added_or_cut() {
        let octets = write(&files()).unwrap();
        for at in 0..octets.len() {
            let mut changed = octets.clone();
            changed[at] ^= 1 << (at % 8);
            assert!(read_all(&changed).is_err(), "octet {at}");
        }
        for at in 0..octets.len() {
            assert!(read_all(&octets[..at]).is_err(), "cut at {at}");
        }
        for more in [&b"x"[..], b"PK\x05\x06", &octets] {
            assert!(read_all(&[&octets, more].concat()).is_err());
            assert!(read_all(&[more, &octets].concat()).is_err());
        }
    }

    #[test]
    fn hostile_archives_are_refused_before_they_cost_anything() {
        for name in [
            "../x",
            "/etc/passwd",
            "a/../b",
            "a/b/c",
            "a\\b",
            ".ssh",
            "a//b",
            "",
            "é",
            "a b",
        ] {
            assert!(write(&[(name.to_owned(), vec![])]).is_err(), "{name}");
        }
        let twice = vec![("a".to_owned(), vec![1]), ("a".to_owned(), vec![1])];
        let octets = write(&twice).unwrap();
        assert!(read_all(&octets).unwrap_err().to_string().contains("twice"));
        // A member that says it has 4 GiB has as many octets as are there.
        let mut huge = write(&[("a".to_owned(), vec![1])]).unwrap();
        huge[18..26].fill(0xff);
        assert!(read_all(&huge).unwrap_err().to_string().contains("cut off"));
        // A million members are told at the first that is too many.
        let one = Member {
            name: "a".into(),
            octets: 0,
            crc: 0,
            offset: 0,
        };
        let mut many = Vec::new();
        for number in 0..=MOST_MEMBERS {
            let name = format!("m{number}");
            let offset = u32::try_from(many.len()).unwrap();
            many.extend(
                Member {
                    name,
                    offset,
                    ..one.clone()
                }
                .local(),
            );
        }
        let error = read_all(&many).unwrap_err().to_string();
        assert!(error.contains("more than"), "{error}");
        // What a packer would have written: packed, with a time, with extras.
        let mut packed = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        packed
            .start_file("a", zip::write::SimpleFileOptions::default())
            .unwrap();
        io::Write::write_all(&mut packed, &vec![0; 100_000]).unwrap();
        let packed = packed.finish().unwrap().into_inner();
        assert!(read_all(&packed).is_err());
    }
}
