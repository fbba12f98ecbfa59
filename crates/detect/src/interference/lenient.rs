//! JSON as it comes: what is of another type than was expected is absent, never an error.
//!
//! Probes of many versions, and programs that rewrite what they sent, write null, false, a number
//! or an object where another writes text. Only what is no JSON at all fails.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Elements of a list that are kept; a measurement has some dozens.
const MOST: usize = 512;

/// Base64 as probes write it: with padding, without, and with bits to spare.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What can be made of any JSON value.
trait Lenient<'de>: Default {
    fn from_text(_text: Cow<'de, str>) -> Self {
        Self::default()
    }
    fn from_flag(_flag: bool) -> Self {
        Self::default()
    }
    fn from_number(_number: f64) -> Self {
        Self::default()
    }
    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        skip_map(map)?;
        Ok(Self::default())
    }
    fn from_list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        skip_list(list)?;
        Ok(Self::default())
    }
}

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

struct Any<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        Ok(T::from_flag(flag))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "status codes, ports and AS numbers"
    )]
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Ok(T::from_number(number as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "status codes, ports and AS numbers"
    )]
    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Ok(T::from_number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        Ok(T::from_number(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<T, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::from_list(list)
    }
}

/// Text, where there is some.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text<'a>(Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text; empty where there is none.
    pub(crate) fn get(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The text, unless there is none or it is empty.
    pub(crate) fn some(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

impl<'de: 'a, 'a> Lenient<'de> for Text<'a> {
    fn from_text(text: Cow<'de, str>) -> Self {
        Text(Some(text))
    }
}

/// True, false, or neither.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Flag(pub(crate) Option<bool>);

impl Flag {
    /// Whether it says true.
    pub(crate) fn is(self) -> bool {
        self.0 == Some(true)
    }

    /// Whether it says false.
    pub(crate) fn is_not(self) -> bool {
        self.0 == Some(false)
    }
}

impl Lenient<'_> for Flag {
    fn from_flag(flag: bool) -> Self {
        Flag(Some(flag))
    }
}

/// A number, where there is one; also one that was written as text.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Number(pub(crate) Option<f64>);

impl Lenient<'_> for Number {
    fn from_number(number: f64) -> Self {
        Number(Some(number))
    }

    fn from_text(text: Cow<'_, str>) -> Self {
        Number(text.parse().ok())
    }
}

/// An object, where there is one.
#[derive(Clone, Debug)]
pub(crate) struct Part<T>(pub(crate) Option<T>);

impl<T> Default for Part<T> {
    fn default() -> Self {
        Part(None)
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for Part<T> {
    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|part| Part(Some(part)))
    }
}

/// The objects of a list; the first few hundred, and no more.
#[derive(Clone, Debug)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for List<T> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST {
            match list.next_element::<Part<T>>()? {
                Some(part) => kept.extend(part.0),
                None => return Ok(List(kept)),
            }
        }
        skip_list(list)?;
        Ok(List(kept))
    }
}

/// The texts of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts<'a>(pub(crate) Vec<Text<'a>>);

impl<'de: 'a, 'a> Lenient<'de> for Texts<'a> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST {
            match list.next_element()? {
                Some(text) => kept.push(text),
                None => return Ok(Texts(kept)),
            }
        }
        skip_list(list)?;
        Ok(Texts(kept))
    }
}

/// The members of an object whose names are data, with their values; of a list, its elements
/// without names.
#[derive(Clone, Debug)]
pub(crate) struct Members<'a, T>(pub(crate) Vec<(Text<'a>, T)>);

impl<T> Default for Members<'_, T> {
    fn default() -> Self {
        Members(Vec::new())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Lenient<'de> for Members<'a, T> {
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST {
            match map.next_entry()? {
                Some(member) => kept.push(member),
                None => return Ok(Members(kept)),
            }
        }
        skip_map(map)?;
        Ok(Members(kept))
    }

    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST {
            match list.next_element()? {
                Some(value) => kept.push((Text::default(), value)),
                None => return Ok(Members(kept)),
            }
        }
        skip_list(list)?;
        Ok(Members(kept))
    }
}

/// Octets that a probe got: text, or base64 where it was no text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Octets<'a>(pub(crate) Option<Cow<'a, [u8]>>);

impl Octets<'_> {
    /// The octets; empty where there are none.
    pub(crate) fn get(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<'de: 'a, 'a> Lenient<'de> for Octets<'a> {
    fn from_text(text: Cow<'de, str>) -> Self {
        Octets(Some(match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        }))
    }

    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let (mut data, mut format) = (Text::default(), Text::default());
        while let Some(name) = map.next_key::<Text<'de>>()? {
            match name.get() {
                "data" => data = map.next_value()?,
                "format" => format = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let decoded = (format.get() == "base64").then(|| BASE64.decode(data.get()));
        Ok(Octets(decoded.and_then(Result::ok).map(Cow::Owned)))
    }

    // Some versions write every header's values as a list.
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let first: Option<Octets<'de>> = list.next_element()?;
        skip_list(list)?;
        Ok(first.map(|first| Octets(first.0)).unwrap_or_default())
    }
}

/// A header as a pair in a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pair<'a>(pub(crate) Text<'a>, pub(crate) Octets<'a>);

impl<'de: 'a, 'a> Lenient<'de> for Pair<'a> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let name = list.next_element()?.unwrap_or_default();
        let value = list.next_element()?.unwrap_or_default();
        skip_list(list)?;
        Ok(Pair(name, value))
    }
}

macro_rules! lenient {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => {$(
        impl<'de: 'a, 'a, $($generics)*> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Any(PhantomData))
            }
        }
    )*};
}

macro_rules! lenient_plain {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => {$(
        impl<'de, $($generics)*> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Any(PhantomData))
            }
        }
    )*};
}

lenient!([] Text<'a>, [] Texts<'a>, [] Octets<'a>, [] Pair<'a>, [T: Deserialize<'de>] Members<'a, T>);
lenient_plain!([] Flag, [] Number, [T: Deserialize<'de>] Part<T>, [T: Deserialize<'de>] List<T>);

#[cfg(test)]
mod tests {
    use super::*;

    const ANYTHING: [&str; 9] = [
        "null",
        "true",
        "7",
        "-1.5e3",
        "\"a\\nb\"",
        "[]",
        "[1,\"x\",{}]",
        "{}",
        "{\"a\":[{}],\"format\":7}",
    ];

    #[test]
    fn no_type_is_an_error_anywhere() {
        for json in ANYTHING {
            serde_json::from_str::<Text<'_>>(json).unwrap();
            serde_json::from_str::<Texts<'_>>(json).unwrap();
            serde_json::from_str::<Octets<'_>>(json).unwrap();
            serde_json::from_str::<Pair<'_>>(json).unwrap();
            serde_json::from_str::<Flag>(json).unwrap();
            serde_json::from_str::<Number>(json).unwrap();
            serde_json::from_str::<Members<'_, Text<'_>>>(json).unwrap();
        }
    }

    #[test]
    fn octets_are_text_or_base64_with_or_without_padding() {
        let octets = |json: &str| {
            let octets: Octets<'_> = serde_json::from_str(json).unwrap();
            octets.0.map(Cow::into_owned)
        };
        assert_eq!(octets(r#""a\u0000""#), Some(b"a\0".to_vec()));
        let base64 = |data: &str| octets(&format!(r#"{{"data":"{data}","format":"base64"}}"#));
        assert_eq!(base64("aGk="), Some(b"hi".to_vec()));
        assert_eq!(base64("aGk"), Some(b"hi".to_vec()));
        assert_eq!(base64("a"), None);
        assert_eq!(octets(r#"{"data":"aGk="}"#), None);
        assert_eq!(octets(r#"["a","b"]"#), Some(b"a".to_vec()));
    }

    #[test]
    fn lists_are_bounded() {
        let json = format!("[{}{{}}]", "{},".repeat(2000));
        let list: Members<'_, Part<Text<'_>>> = serde_json::from_str(&json).unwrap();
        assert_eq!(list.0.len(), MOST);
    }
}
