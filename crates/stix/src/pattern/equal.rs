//! What `=` asks for, in one form: a constant and a value are equal where their forms are.

use std::borrow::Cow;

use super::ast::Constant;
use super::number::Number;
use super::path::Value;
use super::test::Operand;
use crate::timestamp::Timestamp;

/// The one form of all constants and values that are equal (9.6.1, 9.6.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Canonical<'a> {
    /// Text, and octets as the text that they are equal to: a character each.
    Text(Cow<'a, str>),
    /// A number, however it is written.
    Number(Number<'a>),
    /// A boolean.
    Boolean(bool),
    /// An instant.
    Timestamp(Timestamp),
}

impl Constant<'_> {
    /// The form that a value equal to this constant has; none for one that no value equals.
    /// Compare a value's [`Value::instant`] with [`Canonical::Timestamp`], [`Value::canonical`]
    /// with the others.
    pub fn canonical(&self) -> Option<Canonical<'static>> {
        Some(match Operand::read(self)? {
            Operand::Text(text) => Canonical::Text(Cow::Owned(text)),
            Operand::Octets(octets) => Canonical::Text(Cow::Owned(characters(&octets))),
            Operand::Number(number) => Canonical::Number(number),
            Operand::Boolean(value) => Canonical::Boolean(value),
            Operand::Timestamp(time) => Canonical::Timestamp(time),
        })
    }
}

impl Value<'_> {
    /// The form of this value; none for what equals no constant.
    pub fn canonical(&self) -> Option<Canonical<'_>> {
        Some(match self {
            Value::Text(text) => Canonical::Text(Cow::Borrowed(text)),
            Value::Octets(octets) => Canonical::Text(Cow::Owned(characters(octets))),
            Value::Number(text) => Canonical::Number(Number::read(text)?),
            Value::Boolean(value) => Canonical::Boolean(*value),
            Value::Other => return None,
        })
    }

    /// The instant that it names, which a constant that is a timestamp is compared with.
    pub fn instant(&self) -> Option<Canonical<'static>> {
        match self {
            Value::Text(text) => Timestamp::parse(text).ok().map(Canonical::Timestamp),
            _ => None,
        }
    }
}

fn characters(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}
