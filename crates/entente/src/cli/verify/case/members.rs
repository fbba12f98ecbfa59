//! What an archive holds: its members, and the manifest that names them.

use std::collections::BTreeMap;
use std::io::Read;

use node::log::receipt::SIZE_LIMIT;
use sha2::{Digest as _, Sha256};

use super::{Fault, fault};
use crate::case::LOADED;
use crate::case::archive::{self, ArchiveError};
use crate::case::manifest::{FORMAT, MANIFEST, Manifest, NOTE};
use crate::xarf::hex;

/// Octets of a member that is read whole, and of all of them.
const LARGEST: u64 = 8 << 20;
const LARGEST_ALL: usize = 256 << 20;
/// Octets of attachments that are kept besides their digests: to make a report of them again.
const ATTACHED: usize = 64 << 20;

/// Receipts are smaller than members that are read whole.
const _: () = assert!(SIZE_LIMIT as u64 <= LARGEST);

/// Members by name.
pub(super) type Members = BTreeMap<String, Member>;

/// A member: its digest, and its octets where they are read whole.
pub(super) struct Member {
    pub(super) sha256: [u8; 32],
    pub(super) octets: u64,
    pub(super) whole: Option<Vec<u8>>,
}

/// The members of an archive; where nothing else asks to `keep` them, large attachments by their
/// digest alone.
pub(super) fn unpack(stream: impl Read, keep: bool) -> Result<Members, Fault> {
    let mut members = Members::new();
    let (mut kept, mut attached) = (0usize, 0usize);
    let mut order = Vec::new();
    let read = archive::read(stream, |name, octets| {
        let mut hash = Sha256::new();
        let is_attachment = !keep && name.starts_with("evidence/");
        let mut by_digest = false;
        let mut whole = Vec::new();
        let mut length = 0;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = octets.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            let part = buffer.get(..read).unwrap_or_default();
            hash.update(part);
            length += read as u64;
            if is_attachment && !by_digest {
                attached += read;
                whole.extend_from_slice(part);
                if length > LOADED || attached > ATTACHED {
                    attached -= whole.len();
                    (whole, by_digest) = (Vec::new(), true);
                }
            } else if !is_attachment {
                kept += read;
                if length > LARGEST || kept > LARGEST_ALL {
                    let what = format!("'{name}' is larger than such a member of a bundle can be");
                    return Err(ArchiveError::Form { at: length, what });
                }
                whole.extend_from_slice(part);
            }
        }
        order.push(name.to_owned());
        let member = Member {
            sha256: hash.finalize().into(),
            octets: length,
            whole: (!by_digest).then_some(whole),
        };
        members.insert(name.to_owned(), member);
        Ok(())
    });
    read.or_else(|error| fault("archive", "the archive", error.to_string()))?;
    let first = [MANIFEST, NOTE].iter().eq(order.iter().take(2));
    let sorted = order.iter().skip(2).is_sorted();
    if first && sorted {
        Ok(members)
    } else {
        let words =
            "its members are not in the order of a bundle: the manifest, its note, then by name";
        fault("archive", "the archive", words)
    }
}

pub(super) fn whole<'m>(members: &'m Members, name: &str) -> Result<&'m [u8], Fault> {
    let member = members.get(name).and_then(|member| member.whole.as_deref());
    match member {
        Some(octets) => Ok(octets),
        None => fault("files", name, "it is missing"),
    }
}

pub(super) fn manifest(members: &Members) -> Result<(Manifest, Vec<u8>), Fault> {
    let text = whole(members, MANIFEST)?;
    let read = serde_json::from_slice::<Manifest>(text);
    let manifest = read.or_else(|error| fault("manifest", MANIFEST, error.to_string()))?;
    if manifest.format != FORMAT {
        let words = format!(
            "it is of the form '{}'; this program reads {FORMAT}",
            manifest.format
        );
        return fault("manifest", MANIFEST, words);
    }
    Ok((manifest, text.to_vec()))
}

/// The archive has what the manifest names, and nothing else.
pub(super) fn files(members: &Members, manifest: &Manifest) -> Result<(), Fault> {
    for file in &manifest.files {
        let Some(member) = members.get(&file.path) else {
            return fault(
                "files",
                &file.path,
                "the manifest names it, and it is missing",
            );
        };
        if hex(&member.sha256) != file.sha256 || member.octets != file.bytes {
            return fault(
                "files",
                &file.path,
                "it is not the file that the manifest names: it was altered",
            );
        }
    }
    let named = |name: &String| {
        name == MANIFEST || name == NOTE || manifest.files.iter().any(|file| file.path == *name)
    };
    match members.keys().find(|name| !named(name)) {
        Some(name) => fault(
            "files",
            name,
            "the manifest does not name it: it was put in",
        ),
        None if members.len() == manifest.files.len() + 2 => Ok(()),
        None => fault("files", MANIFEST, "it names a file twice"),
    }
}
