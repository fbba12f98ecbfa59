//! What is checked of an object today: its common properties (section 3.2), the properties of the
//! type it says it is (sections 4 to 7), and the order of its timestamps. Vocabularies, value
//! formats, selectors and reserved names are not.
//!
//! What OASIS stix2-validator 3.3.2 takes is taken, but for these, each on purpose:
//!
//! | object | why it is refused |
//! |---|---|
//! | an id that does not begin with a custom object's own type | 2.9 |
//! | an observable whose `created`, `modified`, `created_by_ref`, `revoked` or `labels` is of another type than elsewhere | a server acts on them |
//! | an integer past 54 bits | 2.10 |
//! | a property's name with letters outside `a-z` in its first three | 3.1 |
//! | an empty dictionary | 2.3 |
//! | `"spec_version":"2.0"` without what STIX 2.0 requires | STIX 2.0 |
//! | a property that stands twice | readers would differ on which one counts |

mod findings;
pub(crate) mod kind;
pub(crate) mod table;

use std::collections::HashSet;

pub(crate) use findings::{Findings, Place};
pub(crate) use kind::text;
use table::{COMMON, COMMON_OBSERVABLE, Row};

use crate::id::{StixId, is_type_name};
use crate::json::{self, MAX_DEPTH, Shape};
use crate::object::{Category, Member, SpecVersion};
use crate::timestamp::Timestamp;

/// A type that no section defines: common properties alone are known.
static CUSTOM: Row = Row {
    name: "",
    section: "3.2",
    category: Category::Custom,
    properties: &[],
    required: &[],
    required_20: Some(&[]),
    any_of: &[],
    ordered: None,
};

/// What a type name and the members say of the rules that hold.
pub(crate) struct Rules {
    row: &'static Row,
    pub(crate) category: Category,
    pub(crate) version: SpecVersion,
    /// The common properties that are known here.
    common: &'static [(&'static str, kind::Kind)],
    /// Whether `created` and `modified` are required.
    versioned: bool,
}

impl Rules {
    /// The rules for an object that says it is of this type.
    pub(crate) fn of(type_name: &str, members: &[Member<'_>]) -> Self {
        let row = table::row(type_name).unwrap_or(&CUSTOM);
        let has = |name| raw_of(members, name).is_some();
        let observable = match row.category {
            Category::Custom => !has("created") && !has("modified"),
            category => category == Category::Observable,
        };
        let version = match raw_of(members, "spec_version") {
            Some("\"2.0\"") => SpecVersion::V20,
            Some(_) => SpecVersion::V21,
            None if observable => SpecVersion::V21,
            None => SpecVersion::V20,
        };
        Rules {
            row,
            category: row.category,
            version,
            common: if observable {
                COMMON_OBSERVABLE
            } else {
                COMMON
            },
            versioned: !observable && row.name != "marking-definition",
        }
    }

    /// Checks every member and what is missing.
    pub(crate) fn check(&self, members: &[Member<'_>], findings: &mut Findings) {
        for member in members {
            self.check_member(member, findings);
        }
        duplicates(members, findings);
        self.check_presence(members, findings);
        self.check_order(members, findings);
        match self.row.name {
            "location" => location(members, findings),
            "malware" if raw_of(members, "is_family") == Some("true") => {
                require("name", self.row.section, members, findings);
            }
            _ => {}
        }
    }

    fn check_member(&self, member: &Member<'_>, findings: &mut Findings) {
        let name = member.name.as_ref();
        let place = Place::Root;
        let place = place.key(name);
        if matches!(Shape::of(member.raw), Shape::Object | Shape::List)
            && json::nests_deeper_than(member.raw, MAX_DEPTH)
        {
            let message = format!("nests deeper than {MAX_DEPTH} levels");
            return findings.push(&place, message, None);
        }
        let kind = match name {
            // looked at before
            "type" => return,
            "id" => Some(&kind::Kind::Id(kind::Target::Any)),
            "spec_version" if matches!(member.raw, "\"2.1\"" | "\"2.0\"") => return,
            "spec_version" => {
                return findings.add(&place, "must be \"2.1\" (or \"2.0\")", "3.2");
            }
            "created" if self.row.name == "marking-definition" => Some(&kind::Kind::Time),
            _ => find(self.row.properties, name).or_else(|| find(self.common, name)),
        };
        if let Some(kind) = kind {
            kind.check(member.raw, &place, findings);
        } else {
            kind::Kind::Any.check(member.raw, &place, findings);
            property_name(name, &place, findings);
        }
    }

    fn check_presence(&self, members: &[Member<'_>], findings: &mut Findings) {
        require("id", "3.2", members, findings);
        let required = match (self.version, self.row.required_20) {
            (SpecVersion::V20, Some(required)) => required,
            (SpecVersion::V20, None) if self.category != Category::Observable => {
                // STIX 2.0 has no such type: it is a 2.1 object that does not say so
                require("spec_version", "3.2", members, findings);
                self.row.required
            }
            _ => self.row.required,
        };
        if self.versioned {
            require("created", "3.2", members, findings);
            require("modified", "3.2", members, findings);
        } else if self.row.name == "marking-definition" {
            require("created", self.row.section, members, findings);
        }
        for name in required {
            require(name, self.row.section, members, findings);
        }
        let any_of = self.row.any_of;
        if !any_of.is_empty() && !any_of.iter().any(|name| raw_of(members, name).is_some()) {
            let message = format!("needs at least one of {}", any_of.join(", "));
            findings.add(&Place::Root, message, self.row.section);
        }
    }

    fn check_order(&self, members: &[Member<'_>], findings: &mut Findings) {
        if self.versioned {
            order("created", "modified", false, "3.6.1", members, findings);
        }
        if let Some(ordered) = &self.row.ordered {
            let (earlier, later) = (ordered.earlier, ordered.later);
            order(
                earlier,
                later,
                ordered.strict,
                self.row.section,
                members,
                findings,
            );
        }
    }
}

/// Checks the `type` member and returns it.
pub(crate) fn type_name<'a>(members: &[Member<'a>], findings: &mut Findings) -> Option<&'a str> {
    let root = Place::Root;
    let place = root.key("type");
    let Some(raw) = raw_of(members, "type") else {
        findings.add(&place, "is required", "3.2");
        return None;
    };
    let name = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    match name {
        Some("bundle") => {
            findings.add(
                &place,
                "a bundle is a container of objects, not an object",
                "8",
            );
        }
        Some(name) if is_type_name(name) => return Some(name),
        Some(_) => {
            let message = "must be 3 to 250 lower-case letters, digits and single hyphens";
            findings.add(&place, message, "3.1");
        }
        None => {
            text(raw, &place, findings);
        }
    }
    None
}

/// Checks that the id is of the object's own type.
pub(crate) fn id_matches_type(id: &str, type_name: &str, findings: &mut Findings) {
    if let Ok(id) = StixId::parse(id)
        && id.type_name() != type_name
    {
        let message = format!("must begin with the object's type, {type_name}--");
        findings.add(&Place::Root.key("id"), message, "2.9");
    }
}

/// The JSON text of a member.
pub(crate) fn raw_of<'a>(members: &[Member<'a>], name: &str) -> Option<&'a str> {
    members
        .iter()
        .find(|member| member.name == name)
        .map(|member| member.raw)
}

fn find(table: &'static [(&'static str, kind::Kind)], name: &str) -> Option<&'static kind::Kind> {
    table
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| kind)
}

fn require(name: &str, section: &'static str, members: &[Member<'_>], findings: &mut Findings) {
    if raw_of(members, name).is_none() {
        findings.add(&Place::Root.key(name), "is required", section);
    }
}

/// A property's name (3.1) begins with a lower-case letter and has three characters at least.
fn property_name(name: &str, place: &Place<'_>, findings: &mut Findings) {
    let well_formed = matches!(name.as_bytes(), [b'a'..=b'z', second, third, ..]
        if [second, third].into_iter().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')));
    if !well_formed || name.len() > 250 {
        let message = "is no name for a property: 3 to 250 lower-case letters, digits and \
                       underscores, a letter first";
        findings.add(place, message, "3.1");
    }
}

fn duplicates(members: &[Member<'_>], findings: &mut Findings) {
    let mut report = |member: &Member<'_>| {
        let message = "stands here twice".to_owned();
        findings.push(&Place::Root.key(&member.name), message, None);
    };
    if members.len() > 64 {
        let mut seen = HashSet::with_capacity(members.len());
        members
            .iter()
            .filter(|member| !seen.insert(&*member.name))
            .for_each(&mut report);
        return;
    }
    for (index, member) in members.iter().enumerate() {
        if members
            .iter()
            .take(index)
            .any(|earlier| earlier.name == member.name)
        {
            report(member);
        }
    }
}

fn order(
    earlier: &str,
    later: &str,
    strict: bool,
    section: &'static str,
    members: &[Member<'_>],
    findings: &mut Findings,
) {
    let (Some(first), Some(second)) = (time_of(members, earlier), time_of(members, later)) else {
        return;
    };
    if second < first || (strict && second == first) {
        let relation = if strict {
            "must be later than"
        } else {
            "must not be earlier than"
        };
        findings.add(
            &Place::Root.key(later),
            format!("{relation} `{earlier}`"),
            section,
        );
    }
}

/// A member's instant, where it is one.
pub(crate) fn time_of(members: &[Member<'_>], name: &str) -> Option<Timestamp> {
    Timestamp::parse(&json::string(raw_of(members, name)?)?).ok()
}

/// Latitude and longitude come together, precision with them (4.10.1).
fn location(members: &[Member<'_>], findings: &mut Findings) {
    let has = |name| raw_of(members, name).is_some();
    let needed = [
        ("latitude", has("longitude") || has("precision")),
        ("longitude", has("latitude") || has("precision")),
    ];
    for (name, _) in needed.iter().filter(|(_, wanted)| *wanted) {
        require(name, "4.10.1", members, findings);
    }
}
