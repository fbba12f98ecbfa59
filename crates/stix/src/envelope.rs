//! The containers objects travel in: a TAXII 2.1 envelope (TAXII 2.1 section 3.7) or a STIX bundle
//! (section 8).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::{self, Key, Malformed, Shape};

/// A container's facts and the exact bytes of each object in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Which container it was.
    pub container: Container,
    /// A bundle's `id`, as sent.
    pub id: Option<Cow<'a, str>>,
    /// A bundle's `spec_version`: STIX 2.0 says `2.0` here and nowhere else.
    pub spec_version: Option<Cow<'a, str>>,
    /// An envelope's `more`.
    pub more: bool,
    /// An envelope's `next`.
    pub next: Option<Cow<'a, str>>,
    /// Each object's bytes, in order; slices of the input. Empty when `objects` is empty or absent.
    /// Items are well-formed JSON but not always objects: [`crate::Object::parse`] says so.
    pub objects: Vec<&'a [u8]>,
}

/// What carries objects.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Container {
    /// A TAXII 2.1 envelope.
    #[default]
    Envelope,
    /// A STIX bundle.
    Bundle,
}

/// Splits an envelope or a bundle into its objects, in one pass and without a tree. Unknown
/// members are ignored.
///
/// # Errors
/// [`Malformed`] where the bytes are not UTF-8, not JSON, or not a container: with line and column.
pub fn split(bytes: &[u8]) -> Result<Envelope<'_>, Malformed> {
    let text = json::text_of(bytes)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let envelope = deserializer.deserialize_map(ContainerVisitor)?;
    deserializer.end()?;
    Ok(envelope)
}

struct ContainerVisitor;

impl<'de> Visitor<'de> for ContainerVisitor {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a TAXII envelope or a STIX bundle")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope<'de>, A::Error> {
        let mut envelope = Envelope::default();
        let mut has_objects = false;
        while let Some(key) = map.next_key_seed(Key)? {
            if key == "objects" {
                if has_objects {
                    return Err(A::Error::custom("`objects` stands here twice"));
                }
                has_objects = true;
                map.next_value_seed(Objects(&mut envelope.objects))?;
                continue;
            }
            let raw = map.next_value::<&RawValue>()?.get();
            match key.as_ref() {
                "type" if json::string(raw).as_deref() == Some("bundle") => {
                    envelope.container = Container::Bundle;
                }
                "type" => {
                    return Err(A::Error::custom(format_args!(
                        "expected a TAXII envelope or a STIX bundle, found `type` {raw:.80}; an \
                         object belongs into the list `objects` of one of them"
                    )));
                }
                "id" => envelope.id = json::string(raw),
                "spec_version" => envelope.spec_version = json::string(raw),
                "next" => envelope.next = json::string(raw),
                "more" if Shape::of(raw) == Shape::Boolean => envelope.more = raw == "true",
                "more" => return Err(A::Error::custom("`more` must be true or false")),
                _ => {}
            }
        }
        Ok(envelope)
    }
}

struct Objects<'e, 'de>(&'e mut Vec<&'de [u8]>);

impl<'de> DeserializeSeed<'de> for Objects<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Objects<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of STIX objects in `objects`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(object) = list.next_element::<&RawValue>()? {
            self.0.push(object.get().as_bytes());
        }
        Ok(())
    }
}
