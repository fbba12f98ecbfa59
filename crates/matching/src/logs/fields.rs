//! The fields of a JSON line, nested ones by their whole path.

use std::borrow::Cow;

use stix::json::{Shape, each_item, each_member, string};

use super::Wrong;

/// Fields of one line at most; the rest is left out.
const MOST: usize = 400;
/// Objects in objects are opened this deep.
const DEPTH: usize = 3;

/// Names and values as JSON text, in the order written.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    fields: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(line: &'a str) -> Result<Self, Wrong> {
        let mut fields = Fields::default();
        fields.open("", line, DEPTH).ok_or(Wrong::Json)?;
        Ok(fields)
    }

    fn open(&mut self, prefix: &str, raw: &'a str, depth: usize) -> Option<()> {
        let mut inner = Vec::new();
        each_member(raw, |name, value| inner.push((name, value))).ok()?;
        for (name, value) in inner {
            if self.fields.len() >= MOST {
                return Some(());
            }
            let name = if prefix.is_empty() {
                name
            } else {
                Cow::Owned(format!("{prefix}.{name}"))
            };
            if Shape::of(value) == Shape::Object && depth > 0 {
                self.open(&name, value, depth - 1)?;
            } else {
                self.fields.push((name, value));
            }
        }
        Some(())
    }

    /// Text, a number or a boolean as text; none for what is not there, null or empty.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let (_, raw) = self.fields.iter().find(|(one, _)| one == name)?;
        scalar(raw)
    }

    /// The items of a list; what is no list is one item.
    pub(super) fn list(&self, name: &str) -> Vec<Cow<'a, str>> {
        let Some((_, raw)) = self.fields.iter().find(|(one, _)| one == name) else {
            return Vec::new();
        };
        let mut items = Vec::new();
        if Shape::of(raw) == Shape::List {
            // what was split before is well-formed
            let _ = each_item(raw, |item| items.extend(scalar(item)));
        } else {
            items.extend(scalar(raw));
        }
        items
    }

    /// The objects in a list.
    pub(super) fn objects(&self, name: &str) -> Vec<Fields<'a>> {
        let mut objects = Vec::new();
        if let Some((_, raw)) = self.fields.iter().find(|(one, _)| one == name)
            && Shape::of(raw) == Shape::List
        {
            let _ = each_item(raw, |item| {
                if Shape::of(item) == Shape::Object {
                    objects.extend(Fields::read(item));
                }
            });
        }
        objects
    }
}

fn scalar(raw: &str) -> Option<Cow<'_, str>> {
    let text = match Shape::of(raw) {
        Shape::String => string(raw)?,
        Shape::Number | Shape::Boolean => Cow::Borrowed(raw),
        Shape::Null | Shape::Object | Shape::List => return None,
    };
    (!text.is_empty()).then_some(text)
}
