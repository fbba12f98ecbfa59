//! What a STIX object becomes in a MISP event: one attribute for each value it says.
//!
//! An indicator is read as matching reads it: what is sufficient alone becomes an attribute of its
//! own. A file name with a hash, an end of traffic with its port, a registry key with its value
//! become MISP's composite types; whatever else a pattern asks for stays whole in an attribute of
//! type `stix2-pattern`. Nothing of an indicator is lost but the relations of other objects to it.

use std::borrow::Cow;

use node::act::read::Found;
use node::clock::Instant;
use node::model::{Harm, Marking};
use serde::Serialize;
use stix::pattern::{self, Comparison, Condition, Constant, Operator, Pattern, Test};
use stix::{Object, Timestamp};

use super::tag::{self, Tag};
use super::{kind, uuid_of};

/// Octets of a value that MISP can hold.
const LONGEST_VALUE: usize = 65_000;
/// Characters of a comment.
const LONGEST_COMMENT: usize = 1000;

/// An attribute as a feed carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Attribute {
    pub(crate) uuid: String,
    pub(crate) r#type: String,
    pub(crate) category: String,
    pub(crate) value: String,
    pub(crate) to_ids: bool,
    pub(crate) comment: String,
    pub(crate) disable_correlation: bool,
    pub(crate) deleted: bool,
    pub(crate) timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen: Option<String>,
    #[serde(rename = "Tag")]
    pub(crate) tags: Vec<Tag>,
}

impl Attribute {
    /// The MD5 digests by which MISP compares its values with a feed's: one for each part of a
    /// composite.
    pub(crate) fn digests(&self) -> impl Iterator<Item = String> {
        use md5::Digest as _;
        let parts: Vec<&str> = if self.r#type.contains('|') {
            self.value.split('|').collect()
        } else {
            vec![self.value.as_str()]
        };
        let digest = |part: &str| super::hex(md5::Md5::digest(part.as_bytes()).into());
        let digests: Vec<String> = parts.into_iter().map(digest).collect();
        digests.into_iter()
    }
}

/// A value on its way into an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Value {
    misp: &'static str,
    text: String,
}

/// What all attributes of an object have in common.
pub(crate) struct Frame {
    /// The harm of the collection, when the object's labels name none.
    pub(crate) harm: Option<Harm>,
    /// The instant at which what has ended is told no more as something to detect.
    pub(crate) now: Instant,
}

impl Frame {
    /// The attributes of an object; none when MISP has none for it.
    pub(crate) fn attributes(&self, found: &Found) -> Vec<Attribute> {
        let Ok(object) = Object::parse(&found.bytes) else {
            return Vec::new();
        };
        let is_indicator = object.type_name() == "indicator";
        let values = match object.type_name() {
            "indicator" => of_indicator(&object),
            "vulnerability" => of_vulnerability(&object),
            _ => of_observable(&object),
        };
        let to_ids = is_indicator && !self.is_over(&object) && !is_benign(&object);
        let tags = self.tags(found, &object);
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let id = object.id();
        let uuid = uuid::Uuid::from_bytes(id.uuid()).to_string();
        let (told_type, told_category) = told_by_labels(&object);
        let alone = values.len() == 1;
        let attributes = values.into_iter().enumerate().map(|(at, value)| {
            let misp = retyped(value.misp, told_type.as_deref(), alone);
            Attribute {
                uuid: if at == 0 {
                    uuid.clone()
                } else {
                    uuid_of(&["attribute", id.as_str(), value.misp, &value.text]).to_string()
                },
                category: told_category
                    .clone()
                    .filter(|_| alone)
                    .unwrap_or_else(|| kind::category(misp).to_owned()),
                r#type: misp.to_owned(),
                value: value.text,
                to_ids,
                comment: comment(&object),
                disable_correlation: false,
                deleted: object.revoked(),
                timestamp: seconds(found.added),
                first_seen: time(object.valid_from()),
                last_seen: time(object.valid_until()),
                tags: tags.clone(),
            }
        });
        attributes.collect()
    }

    fn is_over(&self, object: &Object<'_>) -> bool {
        let end = object.valid_until().map(Timestamp::micros);
        end.is_some_and(|end| end <= self.now.0)
    }

    fn tags(&self, found: &Found, object: &Object<'_>) -> Vec<Tag> {
        let mut tags = vec![tag::of_marking(found.row.marking)];
        tags.extend(object.markings().pap.map(tag::of_pap));
        tags.extend(
            object
                .labels()
                .iter()
                .filter_map(|label| tag::of_label(label)),
        );
        if found.row.harm().is_none() {
            tags.extend(self.harm.map(tag::of_harm));
        }
        let mut seen = std::collections::HashSet::new();
        tags.retain(|tag| seen.insert(tag.name.clone()));
        tags
    }
}

/// A time in whole seconds since 1970, as MISP writes them.
pub(crate) fn seconds(micros: i64) -> String {
    micros.div_euclid(1_000_000).to_string()
}

/// The tags of an event: its marking, and the harm of its collection.
pub(crate) fn event_tags(marking: Marking, harm: Option<Harm>) -> Vec<Tag> {
    let mut tags = vec![tag::of_marking(marking)];
    tags.extend(harm.map(tag::of_harm));
    tags
}

fn comment(object: &Object<'_>) -> String {
    let parts = [object.name(), object.description()];
    let parts: Vec<Cow<'_, str>> = parts.into_iter().flatten().collect();
    parts.join(": ").chars().take(LONGEST_COMMENT).collect()
}

/// Whether an indicator says that what it finds is harmless (STIX 2.1 §10.6).
fn is_benign(object: &Object<'_>) -> bool {
    let raw = object.member("indicator_types").unwrap_or("[]");
    let types: Vec<String> = serde_json::from_str(raw).unwrap_or_default();
    types.iter().any(|word| word == "benign")
}

/// Type and category that a MISP event had before it was imported (`misp:type="ip-src"`).
fn told_by_labels(object: &Object<'_>) -> (Option<String>, Option<String>) {
    let told = |head: &str| {
        object.labels().iter().find_map(|label| {
            let rest = label.strip_prefix(head)?.strip_suffix('"')?;
            Some(rest.to_owned())
        })
    };
    (told("misp:type=\""), told("misp:category=\""))
}

/// The type of a value: what a label says, where it is another type of the same property.
fn retyped(misp: &'static str, told: Option<&str>, alone: bool) -> &'static str {
    const SAME: [&[&str]; 4] = [
        &["ip-dst", "ip-src"],
        &["domain", "hostname"],
        &["url", "uri", "link"],
        &["email", "email-src", "email-dst"],
    ];
    let group = SAME.iter().find(|group| group.contains(&misp));
    let told = told.filter(|_| alone);
    group
        .zip(told)
        .and_then(|(group, told)| group.iter().find(|known| **known == told))
        .copied()
        .unwrap_or(misp)
}

fn of_indicator(object: &Object<'_>) -> Vec<Value> {
    let Some(text) = object.pattern() else {
        return Vec::new();
    };
    let language = object.pattern_type().unwrap_or_default();
    let whole = |misp| {
        let value = Value {
            misp,
            text: text.to_string(),
        };
        Some(value).filter(|value| value.text.len() <= LONGEST_VALUE)
    };
    if let Some(rule) = kind::RULES.into_iter().find(|rule| *rule == language) {
        return whole(rule).into_iter().collect();
    }
    if language != "stix" {
        return Vec::new();
    }
    let mut values = Vec::new();
    let all_said = pattern::parse(&text).is_ok_and(|pattern| of_pattern(&pattern, &mut values));
    if !all_said {
        values.extend(whole(kind::PATTERN));
    }
    values.retain(|value| !value.text.is_empty() && value.text.len() <= LONGEST_VALUE);
    let mut seen = std::collections::HashSet::new();
    values.retain(|value| seen.insert((value.misp, value.text.clone())));
    values
}

/// Looks at every item; whether all of them said yes.
fn each<T>(items: &[T], mut ask: impl FnMut(&T) -> bool) -> bool {
    let mut all = true;
    for item in items {
        all &= ask(item);
    }
    all
}

/// Collects what is sufficient alone; false when the pattern says more than that.
fn of_pattern(pattern: &Pattern<'_>, values: &mut Vec<Value>) -> bool {
    match pattern {
        Pattern::Observation(comparison) => of_comparison(comparison, values),
        Pattern::Or(parts) => each(parts, |part| of_pattern(part, values)),
        Pattern::And(_) | Pattern::FollowedBy(_) | Pattern::Qualified(..) => false,
    }
}

fn of_comparison(comparison: &Comparison<'_>, values: &mut Vec<Value>) -> bool {
    match comparison {
        Comparison::Test(test) => of_test(test, values),
        Comparison::Or(parts) => each(parts, |part| of_comparison(part, values)),
        Comparison::And(parts) => {
            let composite = composite(parts);
            let is_one = composite.is_some();
            values.extend(composite);
            is_one
        }
    }
}

fn of_test(test: &Test<'_>, values: &mut Vec<Value>) -> bool {
    if test.negated {
        return false;
    }
    let mut say = |text: &str| {
        let misp = kind::of_path(&test.path, text);
        values.extend(misp.map(|misp| Value {
            misp,
            text: text.to_owned(),
        }));
        misp.is_some()
    };
    match &test.condition {
        Condition::Compare(Operator::Equal, constant) => text_of(constant).is_some_and(&mut say),
        Condition::In(constants) => each(constants, |one| text_of(one).is_some_and(&mut say)),
        Condition::IsSubset(range) => say(range),
        _ => false,
    }
}

fn text_of<'c>(constant: &'c Constant<'_>) -> Option<&'c str> {
    match constant {
        Constant::Text(text) | Constant::Integer(text) | Constant::Float(text) => Some(text),
        _ => None,
    }
}

/// Two tests that hold together, as one of MISP's composite types.
fn composite(parts: &[Comparison<'_>]) -> Option<Value> {
    let mut said: Vec<(String, &'static str, String)> = Vec::new();
    for part in parts {
        let Comparison::Test(test) = part else {
            return None;
        };
        let Condition::Compare(Operator::Equal, constant) = &test.condition else {
            return None;
        };
        let path = test.path.to_string();
        // Which kind of address an end is, the address itself shows.
        if path.ends_with("_ref.type") {
            continue;
        }
        let text = text_of(constant).filter(|_| !test.negated)?;
        let misp = kind::of_path(&test.path, text).unwrap_or_default();
        said.push((path, misp, text.to_owned()));
    }
    let [(one_path, one, left), (other_path, other, right)] = said.as_slice() else {
        return None;
    };
    let joined = |misp, left: &str, right: &str| {
        let text = format!("{left}|{right}");
        // The bar joins the two: within them it would part them elsewhere.
        (!left.contains('|') && !right.contains('|')).then_some(Value { misp, text })
    };
    let end = |path: &str| path.strip_prefix("network-traffic:").map(str::to_owned);
    match (*one, *other) {
        ("filename", hash) if other_path.starts_with("file:hashes.") => {
            joined(filename_with(hash)?, left, right)
        }
        (hash, "filename") if one_path.starts_with("file:hashes.") => {
            joined(filename_with(hash)?, right, left)
        }
        _ => {
            let (one_end, other_end) = (end(one_path)?, end(other_path)?);
            let misp = match (one_end.as_str(), other_end.as_str(), *one) {
                ("dst_ref.value", "dst_port", "ip-dst") => "ip-dst|port",
                ("src_ref.value", "src_port", "ip-src") => "ip-src|port",
                ("dst_ref.value", "dst_port", "hostname") => "hostname|port",
                _ => return None,
            };
            joined(misp, left, right)
        }
    }
}

fn filename_with(hash: &str) -> Option<&'static str> {
    const TYPES: [&str; 7] = [
        "filename|md5",
        "filename|sha1",
        "filename|sha224",
        "filename|sha256",
        "filename|sha384",
        "filename|sha512",
        "filename|ssdeep",
    ];
    TYPES
        .into_iter()
        .find(|joined| joined.strip_prefix("filename|") == Some(hash))
}

fn of_vulnerability(object: &Object<'_>) -> Vec<Value> {
    let name = object.name().filter(|name| !name.is_empty());
    let value = name.map(|name| Value {
        misp: "vulnerability",
        text: name.into_owned(),
    });
    value.into_iter().collect()
}

/// The properties of an observable whose values MISP has types for.
fn of_observable(object: &Object<'_>) -> Vec<Value> {
    let type_name = object.type_name();
    let mut values = Vec::new();
    let mut say = |path: &str, text: String| {
        // A path of this file's own making always parses.
        let pattern = format!("[EXISTS {path}]");
        let misp = pattern::parse(&pattern).ok().and_then(|pattern| {
            let atoms = pattern.atoms();
            kind::of_path(&atoms.first()?.path, &text)
        });
        let fits = !text.is_empty() && text.len() <= LONGEST_VALUE;
        values.extend(misp.filter(|_| fits).map(|misp| Value { misp, text }));
    };
    let hashes = object.member("hashes").unwrap_or("{}");
    // The hash that identifies best comes first: it carries the object's UUID.
    let hashes: std::collections::BTreeMap<String, String> =
        serde_json::from_str(hashes).unwrap_or_default();
    let holder = if type_name == "artifact" {
        "file"
    } else {
        type_name
    };
    for (algorithm, digest) in hashes.into_iter().rev() {
        if !algorithm.contains(['\'', '\\']) {
            say(&format!("{holder}:hashes.'{algorithm}'"), digest);
        }
    }
    for property in [
        "value",
        "name",
        "key",
        "cpe",
        "subject",
        "body",
        "message_id",
    ] {
        let is_named = property != "name" || matches!(type_name, "file" | "mutex");
        if let Some(text) = object.text(property).filter(|_| is_named) {
            say(&format!("{type_name}:{property}"), text.into_owned());
        }
    }
    if let ("autonomous-system", Some(number)) = (type_name, object.member("number")) {
        say("autonomous-system:number", number.to_owned());
    }
    if let ("artifact", Some(url)) = (type_name, object.text("url")) {
        say("url:value", url.into_owned());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pattern: &str) -> Vec<(&'static str, String)> {
        let text = format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--733c5838-34d9-4fbf-949c-62aba761184c","created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z","pattern":{},"pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z"}}"#,
            serde_json::to_string(pattern).unwrap()
        );
        let object = Object::parse(text.as_bytes()).unwrap();
        let values = of_indicator(&object);
        values.into_iter().map(|v| (v.misp, v.text)).collect()
    }

    #[test]
    fn what_is_sufficient_alone_becomes_an_attribute() {
        let one = |misp, text: &str| vec![(misp, text.to_owned())];
        assert_eq!(
            said("[ipv4-addr:value = '192.0.2.1']"),
            one("ip-dst", "192.0.2.1")
        );
        assert_eq!(
            said("[ipv6-addr:value ISSUBSET '2001:db8::/32']"),
            one("ip-dst", "2001:db8::/32")
        );
        let (md5, sha1) = ("a".repeat(32), "b".repeat(40));
        let several = format!(
            "[file:hashes.MD5 = '{md5}' OR file:hashes.'SHA-1' = '{sha1}'] OR [url:value IN ('c', 'd')]"
        );
        let all = [
            ("md5", md5.as_str()),
            ("sha1", &sha1),
            ("url", "c"),
            ("url", "d"),
        ];
        assert_eq!(
            said(&several),
            all.map(|(misp, text)| (misp, text.to_owned()))
        );
    }

    #[test]
    fn two_that_hold_together_become_a_composite() {
        let (md5, sha256) = ("a".repeat(32), "b".repeat(64));
        for (pattern, misp, value) in [
            (
                format!("[file:name = 'a.exe' AND file:hashes.MD5 = '{md5}']"),
                "filename|md5",
                format!("a.exe|{md5}"),
            ),
            (
                format!("[file:hashes.'SHA-256' = '{sha256}' AND file:name = 'a']"),
                "filename|sha256",
                format!("a|{sha256}"),
            ),
            (
                "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]".into(),
                "ip-dst|port",
                "192.0.2.1|443".into(),
            ),
        ] {
            assert_eq!(said(&pattern), [(misp, value)], "{pattern}");
        }
    }

    #[test]
    fn what_no_type_says_stays_whole() {
        for pattern in [
            "[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [url:value = 'http://a.example/']",
            "[domain-name:value LIKE '%.example']",
            "[domain-name:value != 'a.example']",
            "[process:command_line = 'a']",
            "[ipv4-addr:value = '192.0.2.1'] REPEATS 5 TIMES WITHIN 10 SECONDS",
        ] {
            assert_eq!(said(pattern), [("stix2-pattern", pattern.to_owned())]);
        }
        let mixed = "[domain-name:value = 'a.example'] OR [process:command_line = 'a']";
        assert_eq!(
            said(mixed),
            [
                ("domain", "a.example".to_owned()),
                ("stix2-pattern", mixed.to_owned())
            ]
        );
    }
}
