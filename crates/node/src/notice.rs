//! The notice of a withdrawal: a STIX `note` (STIX 2.1 §4.13) that consumers find over TAXII.
//!
//! TAXII has no word for what is gone: after a DELETE an object is simply not there any more, and who
//! read it before never learns. So every collection has a companion, `<alias>-withdrawn`, to which the
//! node adds a note about each withdrawal. Its `object_refs` name the object, its label says whether
//! all of the object is gone (`withdrawn`) or some of its versions (`version-withdrawn`). It carries
//! the marking, and the circle, of what was withdrawn, and is seen by whoever saw that.
//!
//! Nothing of the withdrawn object is repeated but its id. A notice is no entry of its own: it follows
//! from the withdrawal's entry and its row, and is put together whenever it is read.

use serde::Serialize;
use stix::Tlp;
use uuid::Uuid;

use crate::clock::Instant;
use crate::directory::Directory;
use crate::facts::Facts;
use crate::model::Marking;
use crate::view::row::{ObjectKey, Origin, Row, type_code};

/// Under which the ids of notices are derived from positions of the journal.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1a_4c52_2f0e_5d1b_9a67_3c1d_8e20_b4f7);

#[derive(Serialize)]
struct Note<'a> {
    r#type: &'static str,
    spec_version: &'static str,
    id: &'a str,
    created: &'a str,
    modified: &'a str,
    labels: [&'static str; 1],
    object_marking_refs: Vec<&'a str>,
    r#abstract: &'static str,
    content: String,
    object_refs: [&'a str; 1],
}

/// The id of the notice about the withdrawal at this position.
pub(crate) fn id(position: u64) -> String {
    let uuid = Uuid::new_v5(&NAMESPACE, position.to_string().as_bytes());
    format!("note--{uuid}")
}

/// What the views need to know of a notice. `whole` tells whether nothing of the object is left.
pub(crate) fn facts(position: u64, at: Instant, marking: Marking, whole: bool) -> Facts {
    let uuid = Uuid::new_v5(&NAMESPACE, position.to_string().as_bytes());
    Facts {
        id: id(position),
        key: ObjectKey {
            uuid: uuid.into_bytes(),
            kind: type_code("note"),
        },
        version: Some(at.0),
        spec_20: false,
        revoked: false,
        marking,
        pap: 0,
        other_markings: Vec::new(),
        harm: 0,
        content: u64::from(whole),
        origin: Origin {
            creator: 0,
            created: 0,
        },
        valid_from: None,
        valid_until: None,
        observables: Vec::new(),
        images: Vec::new(),
        said: None,
    }
}

/// Whether the row of a notice says that nothing of the object is left.
pub(crate) fn is_whole(row: &Row) -> bool {
    row.content == 1
}

/// How an object went.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Withdrawn,
    Erased,
}

/// The notice's bytes, from the withdrawal's entry and the notice's row.
pub(crate) fn bytes(
    row: &Row,
    at: Instant,
    object: &str,
    (gone, versions): (How, &[i64]),
    directory: &Directory,
) -> Vec<u8> {
    let (id, at) = (id(row.position), at.to_micro_string());
    let mut markings = vec![tlp(row.marking).marking_id()];
    let circle = directory.circle_number(row.circle);
    markings.extend(circle.map(|circle| circle.marking.as_str()));
    let (label, what) = if is_whole(row) {
        ("withdrawn", object.to_owned())
    } else {
        let times: Vec<String> = versions
            .iter()
            .map(|version| Instant(*version).to_version_string())
            .collect();
        (
            "version-withdrawn",
            format!("{object}, version {}", times.join(", ")),
        )
    };
    let publisher = directory.party_id(row.publisher).unwrap_or_default();
    let (word, say) = match gone {
        How::Withdrawn => (
            "Withdrawn",
            format!("{what} was withdrawn by {publisher} on {at}: stop using it."),
        ),
        How::Erased => (
            "Erased",
            format!(
                "{what}, published by {publisher}, was erased on {at}: stop using it, and erase your copies."
            ),
        ),
    };
    let note = Note {
        r#type: "note",
        spec_version: "2.1",
        id: &id,
        created: &at,
        modified: &at,
        labels: [label],
        object_marking_refs: markings,
        r#abstract: word,
        content: say,
        object_refs: [object],
    };
    // Serialising strings does not fail.
    serde_json::to_vec(&note).unwrap_or_default()
}

fn tlp(marking: Marking) -> Tlp {
    match marking {
        Marking::Clear => Tlp::Clear,
        Marking::Green => Tlp::Green,
        Marking::Amber => Tlp::Amber,
        Marking::AmberStrict => Tlp::AmberStrict,
        Marking::Red => Tlp::Red,
    }
}
