//! Tests that own all they need, and whether a value passes them (9.6).

use std::borrow::Cow;
use std::cmp::Ordering;

use regex::{Regex, bytes};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::timestamp::Timestamp;

use super::ast::{Constant, Operator};
use super::budget::Budget;
use super::evaluate::TooMuch;
use super::like::Like;
use super::network::Network;
use super::number::Number;
use super::observation::{Observable, Observation};
use super::path::{self, OwnedStep, Value};

/// What stands between brackets.
#[derive(Debug)]
pub(super) enum Expression {
    Test(Box<OwnedTest>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

/// A test of one property.
#[derive(Debug)]
pub(super) struct OwnedTest {
    /// The type of the object that the path begins at; none when no observable has it.
    pub(super) root: Option<String>,
    pub(super) steps: Vec<OwnedStep>,
    pub(super) negated: bool,
    pub(super) check: Check,
}

/// What a test asks of a value.
#[derive(Debug)]
pub(super) enum Check {
    Compare(Operator, Operand),
    In(Vec<Operand>),
    Like(Like),
    Matches {
        text: Regex,
        /// None when the path leads to no octets, and when the expression has a character that
        /// no octet is.
        octets: Option<bytes::Regex>,
    },
    IsSubset(Network),
    IsSuperset(Network),
    Exists,
}

/// A constant, read.
#[derive(Debug)]
pub(super) enum Operand {
    Text(String),
    Number(Number<'static>),
    Boolean(bool),
    Octets(Vec<u8>),
    Timestamp(Timestamp),
}

impl Operand {
    /// Reads a constant; none when it is not of its form, which the parser would have refused.
    pub(super) fn read(constant: &Constant<'_>) -> Option<Self> {
        Some(match constant {
            Constant::Text(text) => Operand::Text(text.clone().into_owned()),
            Constant::Integer(text) | Constant::Float(text) => {
                Operand::Number(Number::read(text)?.into_owned())
            }
            Constant::Boolean(value) => Operand::Boolean(*value),
            Constant::Binary(text) => Operand::Octets(path::base64(text)?),
            Constant::Hex(text) => Operand::Octets(path::hex(text)?),
            Constant::Timestamp(text) => Operand::Timestamp(Timestamp::parse(text).ok()?),
        })
    }

    /// Whether both are of one kind, as those of a set must be.
    pub(super) fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// How a value compares; none when the two are of kinds that cannot be compared.
    fn compare(&self, value: &Value<'_>) -> Option<Ordering> {
        match (value, self) {
            (Value::Text(value), Operand::Text(text)) => Some(value.as_ref().cmp(text)),
            (Value::Text(value), Operand::Octets(octets)) => Some(latin(value)?.cmp(octets)),
            (Value::Octets(value), Operand::Text(text)) => Some(value.cmp(&latin(text)?)),
            (Value::Octets(value), Operand::Octets(octets)) => Some(value.cmp(octets)),
            (Value::Number(value), Operand::Number(number)) => {
                Some(Number::read(value)?.compare(number))
            }
            (Value::Text(value), Operand::Timestamp(time)) => {
                Some(Timestamp::parse(value).ok()?.cmp(time))
            }
            (Value::Boolean(value), Operand::Boolean(boolean)) => Some(value.cmp(boolean)),
            _ => None,
        }
    }

    /// Whether the two are of kinds that can be ordered; text that is no octets still is.
    fn orders(&self, value: &Value<'_>) -> bool {
        matches!(
            (value, self),
            (
                Value::Text(_) | Value::Octets(_),
                Operand::Text(_) | Operand::Octets(_)
            )
        ) || self.compare(value).is_some()
    }
}

/// Text as octets, one a character; none when a character is past U+00FF (9.6.4).
fn latin(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

impl Expression {
    /// The place of the first object of the observation that the expression holds for.
    pub(super) fn holds(
        &self,
        observation: &Observation<'_>,
        budget: &mut Budget,
    ) -> Result<Option<usize>, TooMuch> {
        for (place, object) in observation.objects().enumerate() {
            if self.holds_for(observation, object, budget)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    fn holds_for(
        &self,
        observation: &Observation<'_>,
        object: &Observable<'_>,
        budget: &mut Budget,
    ) -> Result<bool, TooMuch> {
        let (parts, decides) = match self {
            Expression::Test(test) => return test.holds_for(observation, object, budget),
            Expression::All(parts) => (parts, false),
            Expression::Any(parts) => (parts, true),
        };
        for part in parts {
            if part.holds_for(observation, object, budget)? == decides {
                return Ok(decides);
            }
        }
        Ok(!decides)
    }
}

impl OwnedTest {
    fn holds_for(
        &self,
        observation: &Observation<'_>,
        object: &Observable<'_>,
        budget: &mut Budget,
    ) -> Result<bool, TooMuch> {
        if self.root.as_deref() != Some(object.type_name()) {
            return Ok(false);
        }
        budget.spend(1)?;
        let values = path::select(observation, object, &self.steps, budget)?;
        Ok(match self.check {
            Check::Exists => values.is_empty() == self.negated,
            _ => values.iter().any(|value| self.passes(value)),
        })
    }

    fn passes(&self, value: &Value<'_>) -> bool {
        let holds = match &self.check {
            // values without an order are neither before nor after, whatever `NOT` says
            Check::Compare(operator, operand) if !is_equality(*operator) => {
                if !operand.orders(value) {
                    return false;
                }
                operand
                    .compare(value)
                    .is_some_and(|order| holds(*operator, order))
            }
            Check::Compare(operator, operand) => {
                let equal = operand.compare(value) == Some(Ordering::Equal);
                equal == (*operator == Operator::Equal)
            }
            Check::In(operands) => operands
                .iter()
                .any(|operand| operand.compare(value) == Some(Ordering::Equal)),
            Check::Like(pattern) => match value {
                Value::Text(text) => pattern.is_match(&normal(text)),
                Value::Octets(octets) => {
                    std::str::from_utf8(octets).is_ok_and(|text| pattern.is_match(&normal(text)))
                }
                _ => false,
            },
            Check::Matches { text, octets } => match value {
                Value::Text(value) => text.is_match(&normal(value)),
                Value::Octets(value) => octets.as_ref().is_some_and(|regex| regex.is_match(value)),
                _ => false,
            },
            Check::IsSubset(range) => network(value).is_some_and(|value| range.contains(value)),
            Check::IsSuperset(range) => network(value).is_some_and(|value| value.contains(*range)),
            Check::Exists => true,
        };
        holds != self.negated
    }
}

const fn is_equality(operator: Operator) -> bool {
    matches!(operator, Operator::Equal | Operator::NotEqual)
}

fn holds(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
    }
}

/// Text in its normal form C, which `LIKE` and `MATCHES` look at (9.6.2).
fn normal(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

fn network(value: &Value<'_>) -> Option<Network> {
    match value {
        Value::Text(text) => Network::read(text),
        _ => None,
    }
}
