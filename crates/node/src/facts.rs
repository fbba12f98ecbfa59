//! What the views need to know of an object, read once from its bytes.

use std::borrow::Cow;

use matching::Observable;
use matching::pdq::Pdq;
use stix::{Object, Pap, Timestamp, Tlp};
use xxhash_rust::xxh3::xxh3_64;

use crate::feedback::Said;
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
    /// The most restrictive marking of the whole or of a part of it.
    pub(crate) marking: Marking,
    /// The most restrictive PAP marking, as rows store it: 0 for none.
    pub(crate) pap: u8,
    /// Markings of the whole or of a part that are neither TLP nor PAP: circles are among them.
    pub(crate) other_markings: Vec<String>,
    pub(crate) harm: u8,
    pub(crate) content: u64,
    pub(crate) origin: Origin,
    pub(crate) valid_from: Option<i64>,
    pub(crate) valid_until: Option<i64>,
    /// What it says can be matched in a log.
    pub(crate) observables: Vec<Observable>,
    /// Hashes of images that it says, each once.
    pub(crate) images: Vec<Pdq>,
    /// What it says of other signals.
    pub(crate) said: Option<Box<Said>>,
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
        let mut observables = Vec::new();
        let mut images: Vec<Pdq> = Vec::new();
        for said in stix::signal::observables(object) {
            match matchable(said.kind) {
                Some(kind) => observables.extend(Observable::parse(kind, &said.value)),
                None => images.extend(said.value.parse::<Pdq>()),
            }
        }
        images.sort_unstable();
        images.dedup();
        let markings = Marks::of(object, default_marking);
        Facts {
            id: object.id().as_str().to_owned(),
            key,
            version: object.version().map(Timestamp::micros),
            spec_20: object.spec_version() == stix::SpecVersion::V20,
            revoked: object.revoked(),
            marking: markings.tlp,
            pap: markings.pap,
            other_markings: markings.others,
            harm: harm.map_or(0, |harm| harm as u8),
            content: xxh3_64(object.raw()),
            origin: origin(object),
            valid_from: object.valid_from().map(Timestamp::micros),
            valid_until: object.valid_until().map(Timestamp::micros),
            observables,
            images,
            said: Said::of(object),
        }
    }

    /// Whether it says anything that can be matched.
    pub(crate) fn is_matchable(&self) -> bool {
        !(self.observables.is_empty() && self.images.is_empty())
    }

    /// The object's type: what stands before `--` in its id.
    pub(crate) fn type_name(&self) -> &str {
        self.id
            .split_once("--")
            .map_or(self.id.as_str(), |(name, _)| name)
    }
}

/// What the markings of an object, and of parts of it, come to. A body is served whole or not at all,
/// so a part that fewer may see keeps the whole from all others.
struct Marks {
    tlp: Marking,
    pap: u8,
    others: Vec<String>,
}

/// One of `granular_markings` (STIX 2.1 §7.2.3), as far as it says who may see.
#[derive(serde::Deserialize)]
struct Granular<'a> {
    #[serde(borrow)]
    marking_ref: Option<Cow<'a, str>>,
}

impl Marks {
    fn of(object: &Object<'_>, default_marking: Marking) -> Self {
        let whole = object.markings();
        let mut marks = Marks {
            tlp: whole.tlp.map_or(default_marking, Marking::from),
            pap: pap_code(whole.pap),
            others: Vec::new(),
        };
        // A parsed object's lists are well-formed; what is no list of theirs says nothing.
        if whole.others > 0
            && let Some(raw) = object.member("object_marking_refs")
            && let Ok(refs) = serde_json::from_str::<Vec<Cow<'_, str>>>(raw)
        {
            for id in &refs {
                marks.other(id);
            }
        }
        if let Some(raw) = object.member("granular_markings")
            && let Ok(parts) = serde_json::from_str::<Vec<Granular<'_>>>(raw)
        {
            for id in parts.iter().filter_map(|part| part.marking_ref.as_deref()) {
                if let Some(tlp) = Tlp::from_marking_id(id) {
                    marks.tlp = marks.tlp.max(tlp.into());
                } else if let Some(pap) = Pap::from_marking_id(id) {
                    marks.pap = marks.pap.max(pap_code(Some(pap)));
                } else {
                    marks.other(id);
                }
            }
        }
        marks
    }

    fn other(&mut self, id: &str) {
        let known = Tlp::from_marking_id(id).is_some() || Pap::from_marking_id(id).is_some();
        if !known && !self.others.iter().any(|other| other == id) {
            self.others.push(id.to_owned());
        }
    }
}

/// PAP as rows store it, least restrictive first.
pub(crate) fn pap_code(pap: Option<Pap>) -> u8 {
    let place = Pap::ALL.iter().position(|level| Some(*level) == pap);
    place.map_or(0, |place| u8::try_from(place + 1).unwrap_or(u8::MAX))
}

/// PAP back from its stored number.
pub(crate) fn pap_of(code: u8) -> Option<Pap> {
    Pap::ALL.get(usize::from(code).checked_sub(1)?).copied()
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

/// A kind that an object says, as matching finds it in texts; none for hashes of images, which no
/// text holds.
pub const fn matchable(said: stix::signal::SaidKind) -> Option<matching::Kind> {
    use matching::Kind;
    use stix::signal::SaidKind;
    Some(match said {
        SaidKind::Ipv4 => Kind::Ipv4,
        SaidKind::Ipv6 => Kind::Ipv6,
        SaidKind::Domain => Kind::Domain,
        SaidKind::Url => Kind::Url,
        SaidKind::Email => Kind::Email,
        SaidKind::Md5 => Kind::Md5,
        SaidKind::Sha1 => Kind::Sha1,
        SaidKind::Sha256 => Kind::Sha256,
        SaidKind::Sha512 => Kind::Sha512,
        SaidKind::Pdq => return None,
    })
}
