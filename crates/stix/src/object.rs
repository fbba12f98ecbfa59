use std::borrow::Cow;

use crate::check::{self, Findings, Place, Rules};
use crate::id::StixId;
use crate::json;
use crate::marking::{Markings, Pap, Tlp};
use crate::reason::Reason;
use crate::timestamp::Timestamp;

/// A STIX object whose common and required properties were checked, with the exact bytes it was
/// sent as.
///
/// Facts that a server acts on are read once, here; every other property is at hand as JSON text
/// through [`Object::member`]. Nothing is ever written back: what is stored and served is
/// [`Object::raw`].
#[derive(Clone, Debug)]
pub struct Object<'a> {
    raw: &'a [u8],
    members: Vec<Member<'a>>,
    id: Cow<'a, str>,
    type_name: &'a str,
    category: Category,
    spec_version: SpecVersion,
    created: Option<Timestamp>,
    modified: Option<Timestamp>,
    created_by_ref: Option<Cow<'a, str>>,
    revoked: bool,
    markings: Markings,
    labels: Vec<Cow<'a, str>>,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
}

/// A top-level property: its name and its value as JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) raw: &'a str,
}

/// Which kind of object a type is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// A STIX Domain Object (section 4).
    Domain,
    /// A STIX Relationship Object (section 5).
    Relationship,
    /// A STIX Cyber-observable Object (section 6).
    Observable,
    /// Language content, a marking definition or an extension definition (section 7).
    Meta,
    /// A type that STIX does not define.
    Custom,
}

/// Which version of STIX an object says it follows.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpecVersion {
    /// STIX 2.0: objects without `spec_version` that are not observables.
    V20,
    /// STIX 2.1.
    V21,
}

impl SpecVersion {
    /// `2.0` or `2.1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            SpecVersion::V20 => "2.0",
            SpecVersion::V21 => "2.1",
        }
    }
}

impl<'a> Object<'a> {
    /// Parses and checks one object.
    ///
    /// Refused are bytes that are not one JSON object, nesting past 126 levels, a property that
    /// stands twice at the top level, wrong or missing common properties (section 3.2), and wrong
    /// or missing properties of the types that STIX defines (sections 4 to 7). Custom types and
    /// custom properties are taken.
    ///
    /// # Errors
    /// Every [`Reason`] found, at least one and at most 50. Broken JSON is one reason with line and
    /// column.
    pub fn parse(raw: &'a [u8]) -> Result<Self, Vec<Reason>> {
        let mut findings = Findings::default();
        let object = parse(raw, &mut findings);
        match object {
            Some(object) if findings.len() == 0 => Ok(object),
            _ => Err(findings.into_reasons()),
        }
    }

    /// The exact bytes, as sent.
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// `id`.
    pub fn id(&self) -> StixId<'_> {
        StixId::checked(&self.id)
    }

    /// `type`.
    pub const fn type_name(&self) -> &'a str {
        self.type_name
    }

    /// What kind of object the type is.
    pub const fn category(&self) -> Category {
        self.category
    }

    /// `spec_version`. Where it is absent: 2.1 for an observable, 2.0 for anything else.
    pub const fn spec_version(&self) -> SpecVersion {
        self.spec_version
    }

    /// `created`.
    pub const fn created(&self) -> Option<Timestamp> {
        self.created
    }

    /// `modified`.
    pub const fn modified(&self) -> Option<Timestamp> {
        self.modified
    }

    /// The object's version: `modified`, else `created`; none for most observables, for which a
    /// server uses the time it added them (TAXII 2.1 section 3.4.1).
    pub fn version(&self) -> Option<Timestamp> {
        self.modified.or(self.created)
    }

    /// `created_by_ref`.
    pub fn created_by_ref(&self) -> Option<StixId<'_>> {
        self.created_by_ref.as_deref().map(StixId::checked)
    }

    /// `revoked`; false where absent.
    pub const fn revoked(&self) -> bool {
        self.revoked
    }

    /// What `object_marking_refs` say.
    pub const fn markings(&self) -> Markings {
        self.markings
    }

    /// `labels`; empty where absent.
    pub fn labels(&self) -> &[Cow<'a, str>] {
        &self.labels
    }

    /// `valid_from`, of an indicator.
    pub const fn valid_from(&self) -> Option<Timestamp> {
        self.valid_from
    }

    /// `valid_until`, of an indicator.
    pub const fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// `name`.
    pub fn name(&self) -> Option<Cow<'a, str>> {
        self.text("name")
    }

    /// `description`.
    pub fn description(&self) -> Option<Cow<'a, str>> {
        self.text("description")
    }

    /// `pattern`, of an indicator.
    pub fn pattern(&self) -> Option<Cow<'a, str>> {
        self.text("pattern")
    }

    /// `pattern_type`, of an indicator. STIX 2.0 has no such property: there it is `stix`.
    pub fn pattern_type(&self) -> Option<Cow<'a, str>> {
        let stix_20 = self.spec_version == SpecVersion::V20 && self.type_name == "indicator";
        self.text("pattern_type")
            .or_else(|| stix_20.then_some(Cow::Borrowed("stix")))
    }

    /// A property's value when it is a string.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        json::string(self.member(name)?)
    }

    /// A property's value as JSON text, as sent.
    pub fn member(&self, name: &str) -> Option<&'a str> {
        check::raw_of(&self.members, name)
    }

    /// Every property's name and value as JSON text, in the order sent.
    pub fn members(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.members
            .iter()
            .map(|member| (member.name.as_ref(), member.raw))
    }
}

/// The object, as far as its identity is known; complete where `findings` stays empty.
fn parse<'a>(raw: &'a [u8], findings: &mut Findings) -> Option<Object<'a>> {
    let members = match members_of(raw) {
        Ok(members) => members,
        Err(error) => {
            findings.malformed(&error);
            return None;
        }
    };
    let type_name = check::type_name(&members, findings);
    let rules = Rules::of(type_name.unwrap_or_default(), &members);
    rules.check(&members, findings);
    let type_name = type_name?;
    let id = json::string(check::raw_of(&members, "id")?)?;
    check::id_matches_type(&id, type_name, findings);
    let mut object = Object {
        raw,
        id,
        type_name,
        category: rules.category,
        spec_version: rules.version,
        created: check::time_of(&members, "created"),
        modified: check::time_of(&members, "modified"),
        created_by_ref: check::raw_of(&members, "created_by_ref").and_then(json::string),
        revoked: check::raw_of(&members, "revoked") == Some("true"),
        markings: Markings::default(),
        labels: Vec::new(),
        valid_from: check::time_of(&members, "valid_from"),
        valid_until: check::time_of(&members, "valid_until"),
        members,
    };
    if let Some(raw) = object.member("labels") {
        // what cannot be walked was found by the checks
        let _ = json::each_item(raw, |label| object.labels.extend(json::string(label)));
    }
    if let Some(raw) = object.member("object_marking_refs") {
        object.markings = markings_of(raw, findings);
    }
    Some(object)
}

fn members_of(raw: &[u8]) -> Result<Vec<Member<'_>>, json::Malformed> {
    let text = json::text_of(raw)?;
    let mut members = Vec::with_capacity(16);
    json::each_member(text, |name, raw| members.push(Member { name, raw }))?;
    Ok(members)
}

/// Resolves the predefined markings; two TLP levels that differ are a reason (section 7.2.1).
fn markings_of(raw: &str, findings: &mut Findings) -> Markings {
    let mut markings = Markings::default();
    let mut conflict = None;
    // what cannot be walked was found by the checks
    let _ = json::each_item(raw, |item| {
        let Some(id) = json::string(item) else { return };
        if let Some(level) = Tlp::from_marking_id(&id) {
            match markings.tlp {
                Some(other) if other != level => conflict = Some((other, level)),
                _ => markings.tlp = Some(level),
            }
        } else if let Some(level) = Pap::from_marking_id(&id) {
            markings.pap = markings.pap.max(Some(level));
        } else {
            markings.others += 1;
        }
    });
    if let Some((one, other)) = conflict {
        let message = format!("has two TLP markings, {one} and {other}; an object has at most one");
        findings.add(&Place::Root.key("object_marking_refs"), message, "7.2.1");
    }
    markings
}
