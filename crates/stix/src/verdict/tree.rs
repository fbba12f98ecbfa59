//! A JSON value whose strings are borrowed from the text wherever they have no escape.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::json::Key;

/// A JSON value.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number {
        value: f64,
        /// Whether it has no fraction, however it is written.
        whole: bool,
    },
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Members<'a>),
}

/// The members of an object in the order written; of a name that stands twice the last counts.
#[derive(Debug, Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Members<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.iter()
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The member when it is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::text)
    }

    /// The member when it is an object.
    pub(crate) fn object(&self, name: &str) -> Option<&Members<'a>> {
        self.get(name).and_then(Value::object)
    }

    /// The member's items when it is a list.
    pub(crate) fn list(&self, name: &str) -> &[Value<'a>] {
        match self.get(name) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Value<'a>)> for Members<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Value<'a>)>>(members: I) -> Self {
        Members(members.into_iter().collect())
    }
}

impl<'a> Value<'a> {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn object(&self) -> Option<&Members<'a>> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// With its article, for messages.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number { .. } => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "compared with limits far below 53 bits"
    )]
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        let value = value as f64;
        Ok(Value::Number { value, whole: true })
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "compared with limits far below 53 bits"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        let value = value as f64;
        Ok(Value::Number { value, whole: true })
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Value::Number {
            value,
            whole: value.fract() == 0.0,
        })
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Value<'de>)> = Vec::with_capacity(8);
        // where each name stands, once a linear search would let a hostile object take long
        let mut places: HashMap<Cow<'de, str>, usize> = HashMap::new();
        while let Some(name) = map.next_key_seed(Key)? {
            let value = map.next_value()?;
            if members.len() == 64 && places.is_empty() {
                places.extend(
                    members
                        .iter()
                        .enumerate()
                        .map(|(index, (name, _))| (name.clone(), index)),
                );
            }
            let known = if places.is_empty() {
                members.iter().position(|(known, _)| *known == name)
            } else {
                places.get(&name).copied()
            };
            if let Some((_, earlier)) = known.and_then(|index| members.get_mut(index)) {
                *earlier = value;
                continue;
            }
            if !places.is_empty() {
                places.insert(name.clone(), members.len());
            }
            members.push((name, value));
        }
        Ok(Value::Object(Members(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_name_that_stands_twice_the_last_counts() {
        for fillers in [1, 63, 64, 200] {
            let fill: Vec<String> = (0..fillers).map(|n| format!("\"k{n}\":0")).collect();
            let fill = fill.join(",");
            let text = format!("{{\"a\":1,{fill},\"b\":2,\"a\":\"x\",\"b\":\"y\"}}");
            let Value::Object(members) = serde_json::from_str(&text).unwrap() else {
                panic!("{text}");
            };
            assert_eq!(members.iter().count(), fillers + 2);
            assert_eq!(
                (members.text("a"), members.text("b")),
                (Some("x"), Some("y"))
            );
        }
    }
}
