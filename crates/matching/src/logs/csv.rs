//! Columns of CSV as properties of objects.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stix::pattern::{ObjectPath, Step, Test, parse};

use super::record::{Id, Record};
use super::{Wrong, time};

/// Columns of a file at most.
const MOST: usize = 4096;
/// Properties that are whole numbers.
const NUMBERS: &[&str] = &[
    "src_port",
    "dst_port",
    "src_byte_count",
    "dst_byte_count",
    "src_packets",
    "dst_packets",
    "size",
    "pid",
    "number",
];
/// Properties that are booleans.
const BOOLEANS: &[&str] = &[
    "is_active",
    "is_hidden",
    "is_service_account",
    "is_privileged",
    "can_escalate_privs",
    "is_disabled",
    "is_multipart",
];

/// A column and the property that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: String,
    object: String,
    steps: Vec<String>,
    /// The value is the only one of a list.
    in_list: bool,
}

/// What is wrong with `column=type:path`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongColumn {
    /// There is no `=`.
    #[error("'{0}' is not of the form column=type:path, such as src=network-traffic:src_ref.value")]
    Form(String),
    /// The part behind `=` is no path.
    #[error("'{0}' is no object path: {1}")]
    Path(String, String),
    /// No observable of STIX.
    #[error("'{0}' is no observable of STIX, such as network-traffic, domain-name or file")]
    Type(String),
    /// A reference to objects of an unknown type.
    #[error(
        "'{0}': a path may go through one of src_ref, dst_ref, from_ref, sender_ref, image_ref, \
         parent_ref, parent_directory_ref and creator_user_ref, and must go on behind it"
    )]
    Reference(String),
}

impl Column {
    /// Reads `column=type:path`. The types are those of observables; a path may go through one
    /// reference, and end in `[*]`. `observed-data:first_observed`, `last_observed` and
    /// `number_observed` are the record's own.
    ///
    /// # Errors
    /// [`WrongColumn`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, WrongColumn> {
        let (name, path) = text
            .rsplit_once('=')
            .filter(|(name, _)| !name.trim().is_empty())
            .ok_or_else(|| WrongColumn::Form(text.to_owned()))?;
        let source = format!("[EXISTS {path}]");
        let wrong = |why: String| WrongColumn::Path(path.to_owned(), why);
        let pattern = parse(&source).map_err(|error| {
            wrong(format!(
                "expected {}, found {}",
                error.expected, error.found
            ))
        })?;
        let atoms = pattern.atoms();
        let [Test { path: parsed, .. }] = atoms.as_slice() else {
            return Err(wrong("it is more than one".to_owned()));
        };
        let mut column = Column {
            name: name.trim().to_owned(),
            object: parsed.object_type.to_string(),
            steps: vec![parsed.property.to_string()],
            in_list: false,
        };
        if !column.is_own() && observable(&column.object).is_none() {
            return Err(WrongColumn::Type(column.object));
        }
        column.take_steps(parsed, path)?;
        let references = column.steps.iter().filter(|step| step.ends_with("_ref"));
        let through: Vec<&String> = references.collect();
        let is_known = match through.as_slice() {
            [] => true,
            [one] => column.steps.first() == Some(*one) && referred(one, "").is_some(),
            _ => false,
        };
        if !is_known || (column.steps.len() == 1 && !through.is_empty()) {
            return Err(WrongColumn::Reference(path.to_owned()));
        }
        Ok(column)
    }

    fn take_steps(&mut self, parsed: &ObjectPath<'_>, path: &str) -> Result<(), WrongColumn> {
        for step in &parsed.steps {
            match step {
                _ if self.in_list => {
                    let why = "nothing may follow [*]".to_owned();
                    return Err(WrongColumn::Path(path.to_owned(), why));
                }
                Step::Key(key) => self.steps.push(key.to_string()),
                Step::Index(_) | Step::Every => self.in_list = true,
            }
        }
        Ok(())
    }

    fn is_own(&self) -> bool {
        self.object == "observed-data"
    }

    fn value(&self, text: &str) -> Value {
        let last = self.steps.last().map(String::as_str).unwrap_or_default();
        let value = if NUMBERS.contains(&last)
            && let Ok(number) = text.parse::<u64>()
        {
            Value::from(number)
        } else if BOOLEANS.contains(&last) && matches!(text, "true" | "false") {
            Value::from(text == "true")
        } else {
            Value::from(text)
        };
        if self.in_list {
            Value::Array(vec![value])
        } else {
            value
        }
    }
}

/// The type of the object that a reference names.
fn referred(reference: &str, value: &str) -> Option<&'static str> {
    Some(match reference {
        "src_ref" | "dst_ref" => match value.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(_)) => "ipv4-addr",
            Ok(std::net::IpAddr::V6(_)) => "ipv6-addr",
            Err(_) => "domain-name",
        },
        "from_ref" | "sender_ref" => "email-addr",
        "image_ref" => "file",
        "parent_ref" => "process",
        "parent_directory_ref" => "directory",
        "creator_user_ref" => "user-account",
        _ => return None,
    })
}

/// Reads the lines of one file.
#[derive(Debug)]
pub(super) struct Reader {
    columns: Vec<Column>,
    header: Option<Header>,
}

#[derive(Debug)]
struct Header {
    separator: char,
    fields: usize,
    /// For each column, where it stands.
    places: Vec<Option<usize>>,
}

impl Reader {
    pub(super) fn new(columns: &[Column]) -> Self {
        Reader {
            columns: columns.to_vec(),
            header: None,
        }
    }

    pub(super) fn missing(&self) -> Vec<&str> {
        let places = self.header.iter().flat_map(|header| &header.places);
        let pairs = self.columns.iter().zip(places);
        pairs
            .filter(|(_, place)| place.is_none())
            .map(|(column, _)| column.name.as_str())
            .collect()
    }

    pub(super) fn is_timeless(&self) -> bool {
        !self.columns.iter().any(|column| {
            column.is_own() && column.steps.iter().any(|step| step == "first_observed")
        })
    }

    pub(super) fn read(&mut self, line: &str, record: &mut Record) -> Result<(), Wrong> {
        let Some(header) = &self.header else {
            let count = |separator: char| line.matches(separator).count();
            let separator = [',', ';', '\t']
                .into_iter()
                .max_by_key(|separator| count(*separator))
                .filter(|separator| count(*separator) > 0)
                .unwrap_or(',');
            let names = split(line, separator)?;
            let place = |column: &Column| names.iter().position(|name| name.trim() == column.name);
            self.header = Some(Header {
                separator,
                fields: names.len(),
                places: self.columns.iter().map(place).collect(),
            });
            return Ok(());
        };
        let fields = split(line, header.separator)?;
        if fields.len() != header.fields {
            return Err(Wrong::Columns);
        }
        let mut objects = Objects::default();
        for (column, place) in self.columns.iter().zip(&header.places) {
            let field = place.and_then(|place| fields.get(place));
            let Some(text) = field
                .map(|text| text.trim())
                .filter(|text| !text.is_empty())
            else {
                continue;
            };
            if column.is_own() {
                own(column, text, record)?;
            } else {
                objects.set(column, text);
            }
        }
        record.last = record.last.max(record.first);
        objects.write(record);
        Ok(())
    }
}

/// A property of the observation itself.
fn own(column: &Column, text: &str, record: &mut Record) -> Result<(), Wrong> {
    match column.steps.first().map(String::as_str) {
        Some("first_observed") => record.first = time::any(text).ok_or(Wrong::Time)?,
        Some("last_observed") => record.last = time::any(text).ok_or(Wrong::Time)?,
        Some("number_observed") => record.times = text.parse().unwrap_or(1).max(1),
        _ => {}
    }
    Ok(())
}

/// The objects of one line: those of a type are one, until a property comes again.
#[derive(Default)]
struct Objects<'c> {
    objects: Vec<(&'c str, Object<'c>)>,
}

#[derive(Default)]
struct Object<'c> {
    properties: Map<String, Value>,
    referred: BTreeMap<&'c str, Map<String, Value>>,
}

impl<'c> Objects<'c> {
    fn set(&mut self, column: &'c Column, text: &str) {
        let kind = match (column.object.as_str(), text.parse::<std::net::IpAddr>()) {
            ("ipv4-addr", Ok(std::net::IpAddr::V6(_))) => "ipv6-addr",
            ("ipv6-addr", Ok(std::net::IpAddr::V4(_))) => "ipv4-addr",
            (kind, _) => kind,
        };
        let place = self
            .objects
            .iter()
            .position(|(one, object)| *one == kind && !object.has(&column.steps));
        let place = place.unwrap_or_else(|| {
            self.objects.push((kind, Object::default()));
            self.objects.len() - 1
        });
        if let Some((_, object)) = self.objects.get_mut(place) {
            object.set(&column.steps, column.value(text));
        }
    }

    fn write(self, record: &mut Record) {
        for (kind, object) in self.objects {
            let mut ids: Vec<(&str, Id)> = Vec::new();
            for (reference, properties) in &object.referred {
                let value = properties.get("value").and_then(Value::as_str);
                let kind = referred(reference, value.unwrap_or_default());
                let id = kind.and_then(|kind| match value {
                    Some(value) if properties.len() == 1 => record.value(kind, value),
                    _ => write(record, kind, properties, &[]),
                });
                ids.extend(id.map(|id| (*reference, id)));
            }
            let only = object.properties.get("value").and_then(Value::as_str);
            let Some(kind) = observable(kind) else {
                continue;
            };
            match only {
                Some(value) if object.properties.len() == 1 && ids.is_empty() => {
                    record.value(kind, value);
                }
                _ => {
                    write(record, kind, &object.properties, &ids);
                }
            }
        }
    }
}

impl<'c> Object<'c> {
    fn has(&self, steps: &[String]) -> bool {
        match steps {
            [reference, rest @ ..] if reference.ends_with("_ref") => self
                .referred
                .get(reference.as_str())
                .is_some_and(|inner| has(inner, rest)),
            steps => has(&self.properties, steps),
        }
    }

    fn set(&mut self, steps: &'c [String], value: Value) {
        match steps {
            [reference, rest @ ..] if reference.ends_with("_ref") => {
                set(self.referred.entry(reference).or_default(), rest, value);
            }
            steps => set(&mut self.properties, steps, value),
        }
    }
}

fn has(map: &Map<String, Value>, steps: &[String]) -> bool {
    match steps {
        [] => true,
        [last] => map.contains_key(last),
        [first, rest @ ..] => match map.get(first) {
            Some(Value::Object(inner)) => has(inner, rest),
            other => other.is_some(),
        },
    }
}

fn set(map: &mut Map<String, Value>, steps: &[String], value: Value) {
    match steps {
        [] => {}
        [last] => drop(map.insert(last.clone(), value)),
        [first, rest @ ..] => {
            let inner = map
                .entry(first.clone())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

fn write(
    record: &mut Record,
    kind: &'static str,
    properties: &Map<String, Value>,
    references: &[(&str, Id)],
) -> Option<Id> {
    record.object(kind, |object| {
        for (name, value) in properties {
            object.json(name, &value.to_string());
        }
        for (name, id) in references {
            object.reference(name, Some(*id));
        }
    })
}

/// A type of STIX's observables.
fn observable(kind: &str) -> Option<&'static str> {
    const KNOWN: &[&str] = &[
        "artifact",
        "autonomous-system",
        "directory",
        "domain-name",
        "email-addr",
        "email-message",
        "file",
        "ipv4-addr",
        "ipv6-addr",
        "mac-addr",
        "mutex",
        "network-traffic",
        "process",
        "software",
        "url",
        "user-account",
        "windows-registry-key",
        "x509-certificate",
    ];
    KNOWN.iter().find(|known| **known == kind).copied()
}

/// The fields of a line (RFC 4180).
fn split(line: &str, separator: char) -> Result<Vec<Cow<'_, str>>, Wrong> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut text = String::new();
            let mut inner = quoted;
            loop {
                let (part, after) = inner.split_once('"').ok_or(Wrong::Quote)?;
                text.push_str(part);
                if let Some(more) = after.strip_prefix('"') {
                    text.push('"');
                    inner = more;
                } else {
                    inner = after;
                    break;
                }
            }
            fields.push(Cow::Owned(text));
            match inner.strip_prefix(separator) {
                Some(more) => rest = more,
                None if inner.trim().is_empty() => return Ok(fields),
                None => return Err(Wrong::Quote),
            }
        } else {
            let Some((field, more)) = rest.split_once(separator) else {
                fields.push(Cow::Borrowed(rest));
                return Ok(fields);
            };
            fields.push(Cow::Borrowed(field));
            rest = more;
        }
        if fields.len() > MOST {
            return Err(Wrong::Columns);
        }
    }
}
