//! What the views need to know of an object, read once from its bytes.

use matching::Observable;
use stix::{Object, Timestamp};
use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Harm, Marking};
use crate::view::row::{ObjectKey, Origin, type_code};

/// Facts of one object. Pure: the same bytes and default marking give the same facts, whether they
/// are read on publishing or on rebuilding a view.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The STIX id.
    pub(crate) id: String,
    pub(crate) key: ObjectKey,
    /// Its version in microseconds, when it carries one.
    pub(crate) version: Option<i64>,
    pub(crate) spec_20: bool,
    pub(crate) revoked: bool,
    pub(crate) marking: Marking,
    pub(crate) harm: u8,
    pub(crate) content: u64,
    pub(crate) origin: Origin,
    pub(crate) valid_from: Option<i64>,
    pub(crate) valid_until: Option<i64>,
    /// What it says can be matched in a log.
    pub(crate) observables: Vec<Observable>,
}

impl Facts {
    /// The facts of a parsed object in a collection with this default marking.
    pub(crate) fn of(object: &Object<'_>, default_marking: Marking) -> Self {
        let type_name = object.type_name();
        let key = ObjectKey {
            uuid: object.id().uuid(),
            kind: type_code(type_name),
        };
        let harm = object
            .labels()
            .iter()
            .find_map(|label| label.parse::<Harm>().ok());
        let observables = stix::signal::observables(object)
            .into_iter()
            .filter_map(|said| Observable::parse(matchable(said.kind), &said.value).ok())
            .collect();
        Facts {
            id: object.id().as_str().to_owned(),
            key,
            version: object.version().map(Timestamp::micros),
            spec_20: object.spec_version() == stix::SpecVersion::V20,
            revoked: object.revoked(),
            marking: object.markings().tlp.map_or(default_marking, Marking::from),
            harm: harm.map_or(0, |harm| harm as u8),
            content: xxh3_64(object.raw()),
            origin: origin(object),
            valid_from: object.valid_from().map(Timestamp::micros),
            valid_until: object.valid_until().map(Timestamp::micros),
            observables,
        }
    }

    /// The object's type: what stands before `--` in its id.
    pub(crate) fn type_name(&self) -> &str {
        self.id
            .split_once("--")
            .map_or(self.id.as_str(), |(name, _)| name)
    }
}

fn origin(object: &Object<'_>) -> Origin {
    let hash = |bytes: &[u8]| u32::try_from(xxh3_64(bytes) >> 32).unwrap_or(0);
    Origin {
        creator: object
            .created_by_ref()
            .map_or(0, |creator| hash(creator.as_bytes())),
        created: object
            .created()
            .map_or(0, |at| hash(&at.micros().to_le_bytes())),
    }
}

/// A kind that an object says, as matching knows it.
pub const fn matchable(said: stix::signal::SaidKind) -> matching::Kind {
    use matching::Kind;
    use stix::signal::SaidKind;
    match said {
        SaidKind::Ipv4 => Kind::Ipv4,
        SaidKind::Ipv6 => Kind::Ipv6,
        SaidKind::Domain => Kind::Domain,
        SaidKind::Url => Kind::Url,
        SaidKind::Email => Kind::Email,
        SaidKind::Md5 => Kind::Md5,
        SaidKind::Sha1 => Kind::Sha1,
        SaidKind::Sha256 => Kind::Sha256,
        SaidKind::Sha512 => Kind::Sha512,
    }
}
