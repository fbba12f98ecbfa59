//! The first bytes of an edge file: which version it is, and where its sections are.

use sha2::{Digest as _, Sha256};

use super::Broken;
use super::bytes::Cursor;

/// As PNG's: a byte that is no text, and line ends that programs for text would change.
pub(super) const MAGIC: [u8; 8] = *b"\x89EDGE\r\n\x1a";
pub(super) const VERSION: u32 = 1;
pub(super) const LENGTH: usize = 512;
/// From here to [`DIGEST`]: room for a signature of the digest, zero in version 1.
const SIGNATURE: usize = 256;
/// The digest of all that stands before [`SIGNATURE`].
const DIGEST: usize = 480;

/// A part of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) digest: [u8; 32],
}

impl Section {
    pub(super) fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

/// The parts in the order in which they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sections {
    pub(super) signals: Section,
    pub(super) values: Section,
    /// What is resident: gates, tags, where groups begin.
    pub(super) table: Section,
}

impl Sections {
    pub(super) fn end(&self) -> u64 {
        self.table.end()
    }

    /// Whether each begins where the one before it ends.
    fn follow(&self) -> bool {
        let all = [self.signals, self.values, self.table];
        let starts = all.iter().map(|section| section.offset);
        let ends = all.iter().map(Section::end);
        starts.eq(std::iter::once(LENGTH as u64).chain(ends.take(2)))
            && all
                .iter()
                .all(|section| section.offset.checked_add(section.length).is_some())
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Microseconds since 1970.
    pub(super) built: i64,
    pub(super) signals: u64,
    /// Different values.
    pub(super) values: u64,
    pub(super) sections: Sections,
}

impl Header {
    pub(super) fn write(&self) -> [u8; LENGTH] {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(self.built.to_le_bytes());
        bytes.extend(self.signals.to_le_bytes());
        bytes.extend(self.values.to_le_bytes());
        let Sections {
            signals,
            values,
            table,
        } = &self.sections;
        for section in [signals, values, table] {
            bytes.extend(section.offset.to_le_bytes());
            bytes.extend(section.length.to_le_bytes());
            bytes.extend(section.digest);
        }
        bytes.resize(SIGNATURE, 0);
        let digest = Sha256::digest(&bytes);
        bytes.resize(DIGEST, 0);
        bytes.extend(digest);
        let mut header = [0; LENGTH];
        for (to, from) in header.iter_mut().zip(bytes) {
            *to = from;
        }
        header
    }

    /// # Errors
    /// [`Broken`], but for [`Broken::Io`]. A section's length is only as good as its digest.
    pub(super) fn read(bytes: &[u8; LENGTH], size: u64) -> Result<Self, Broken> {
        let cut = Broken::malformed("header", "is too short");
        let (said, rest) = bytes.split_at_checked(SIGNATURE).ok_or(cut)?;
        let mut cursor = Cursor(said);
        if cursor.array() != Some(MAGIC) {
            return Err(Broken::NotAnEdgeFile);
        }
        let version = cursor.u32().unwrap_or_default();
        if version != VERSION {
            return Err(Broken::Version(version, VERSION));
        }
        let (signature, digest) = rest
            .split_at_checked(DIGEST - SIGNATURE)
            .unwrap_or_default();
        if Sha256::digest(said).as_slice() != digest || signature.iter().any(|&byte| byte != 0) {
            return Err(Broken::Checksum("header"));
        }
        let header = Self::parse(cursor).ok_or(Broken::malformed("header", "is too short"))?;
        if !header.sections.follow() {
            return Err(Broken::malformed(
                "header",
                "tells of parts that are not in order",
            ));
        }
        let told = header.sections.end();
        if told != size {
            return Err(Broken::Length { found: size, told });
        }
        Ok(header)
    }

    fn parse(mut cursor: Cursor<'_>) -> Option<Self> {
        cursor.take(4)?;
        let built = cursor.i64()?;
        let signals = cursor.u64()?;
        let values = cursor.u64()?;
        let mut section = || {
            Some(Section {
                offset: cursor.u64()?,
                length: cursor.u64()?,
                digest: cursor.array()?,
            })
        };
        Some(Self {
            built,
            signals,
            values,
            sections: Sections {
                signals: section()?,
                values: section()?,
                table: section()?,
            },
        })
    }
}
