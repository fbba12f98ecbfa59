//! The members of a JSON object as they are written: what is left is left as it was.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A member.
pub(super) struct Member {
    pub(super) name: String,
    /// Its value, as JSON text.
    pub(super) value: String,
}

/// The members of the object that a text is, in its order; none when it is none.
pub(super) fn members(text: &[u8]) -> Vec<Member> {
    let mut read = serde_json::Deserializer::from_slice(text);
    read.deserialize_map(Members).unwrap_or_default()
}

/// An object of these members.
pub(super) fn written(members: &[Member]) -> String {
    let mut text = String::from("{\n");
    for (at, member) in members.iter().enumerate() {
        let comma = if at + 1 < members.len() { "," } else { "" };
        let name = serde_json::Value::from(member.name.as_str());
        // Writing to a text does not fail.
        let _ = writeln!(text, "  {name}: {}{comma}", member.value);
    }
    text.push_str("}\n");
    text
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<Member>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<Member> = Vec::new();
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let value: &RawValue = map.next_value()?;
            // Of a name that stands twice the last counts, as it does for the check.
            members.retain(|member| member.name != name);
            members.push(Member {
                name: name.into_owned(),
                value: value.get().to_owned(),
            });
        }
        Ok(members)
    }
}
