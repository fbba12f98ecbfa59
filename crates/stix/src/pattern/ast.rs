//! What a pattern is made of. Parentheses leave no trace but the structure they make.

use std::borrow::Cow;

/// A pattern, or one of the observation expressions it is made of (9.4, 9.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern<'a> {
    /// `[...]`: one observation in which the comparison holds.
    Observation(Comparison<'a>),
    /// All of them, on different observations; two or more.
    And(Vec<Pattern<'a>>),
    /// One of them; two or more.
    Or(Vec<Pattern<'a>>),
    /// All of them, one after the other; two or more.
    FollowedBy(Vec<Pattern<'a>>),
    /// A pattern with one or more qualifiers, in the order written.
    Qualified(Box<Pattern<'a>>, Vec<Qualifier<'a>>),
}

/// A restriction in time or number (9.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Qualifier<'a> {
    /// `WITHIN x SECONDS`: an integer or a decimal fraction without a sign, as written.
    Within(Cow<'a, str>),
    /// `REPEATS x TIMES`.
    Repeats(u64),
    /// `START x STOP y`: timestamps (2.16), as written.
    StartStop(Cow<'a, str>, Cow<'a, str>),
}

/// What stands between brackets (9.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison<'a> {
    /// One test.
    Test(Test<'a>),
    /// All of them, on the same object; two or more.
    And(Vec<Comparison<'a>>),
    /// One of them; two or more.
    Or(Vec<Comparison<'a>>),
}

/// A test of one property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test<'a> {
    /// The property.
    pub path: ObjectPath<'a>,
    /// Whether `NOT` stands before the operator.
    pub negated: bool,
    /// What must hold.
    pub condition: Condition<'a>,
}

/// What a test asks of a property (9.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition<'a> {
    /// A comparison with a constant; never an order with a boolean.
    Compare(Operator, Constant<'a>),
    /// `IN (...)`; may be empty.
    In(Vec<Constant<'a>>),
    /// `LIKE`: `%` stands for any text, `_` for one character.
    Like(Cow<'a, str>),
    /// `MATCHES`: a regular expression of PCRE, not looked at here.
    Matches(Cow<'a, str>),
    /// `ISSUBSET`: an address or a range.
    IsSubset(Cow<'a, str>),
    /// `ISSUPERSET`: an address or a range.
    IsSuperset(Cow<'a, str>),
    /// `EXISTS`.
    Exists,
}

/// A comparison operator.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `=`, also written `==`.
    Equal,
    /// `!=`, also written `<>`.
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A constant (9.2). Numbers stay text, so that no digit is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constant<'a> {
    /// `'...'`, its escapes resolved.
    Text(Cow<'a, str>),
    /// An integer without a plus sign.
    Integer(Cow<'a, str>),
    /// A decimal fraction without a plus sign.
    Float(Cow<'a, str>),
    /// `true` or `false`.
    Boolean(bool),
    /// `b'...'`: base64, its line feeds dropped.
    Binary(Cow<'a, str>),
    /// `h'...'`: pairs of hexadecimal digits.
    Hex(Cow<'a, str>),
    /// `t'...'`: a timestamp (2.16), as written.
    Timestamp(Cow<'a, str>),
}

/// The way to a property (9.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPath<'a> {
    /// The type of the object: letters, digits, `_` and `-`.
    pub object_type: Cow<'a, str>,
    /// The first property.
    pub property: Cow<'a, str>,
    /// The steps from there.
    pub steps: Vec<Step<'a>>,
}

impl ObjectPath<'_> {
    /// Whether it leads to what a property whose name ends in `_hex` or `_bin` holds (9.6.4).
    pub fn leads_to_octets(&self) -> bool {
        let last = match self.steps.last() {
            None => &self.property,
            Some(Step::Key(key)) => key,
            Some(_) => return false,
        };
        last.ends_with("_hex") || last.ends_with("_bin")
    }
}

/// A step into a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A property, a key of a dictionary, or a property of the object that a reference names.
    Key(Cow<'a, str>),
    /// `[n]`: an item of a list, counted from 0.
    Index(u64),
    /// `[*]`: every item of a list.
    Every,
}

impl<'a> Pattern<'a> {
    /// Every test of the pattern, in the order written.
    pub fn atoms(&self) -> Vec<&Test<'a>> {
        let mut atoms = Vec::new();
        self.collect(&mut atoms);
        atoms
    }

    fn collect<'p>(&'p self, atoms: &mut Vec<&'p Test<'a>>) {
        match self {
            Pattern::Observation(comparison) => comparison.collect(atoms),
            Pattern::And(parts) | Pattern::Or(parts) | Pattern::FollowedBy(parts) => {
                for part in parts {
                    part.collect(atoms);
                }
            }
            Pattern::Qualified(inner, _) => inner.collect(atoms),
        }
    }
}

impl<'a> Comparison<'a> {
    fn collect<'p>(&'p self, atoms: &mut Vec<&'p Test<'a>>) {
        match self {
            Comparison::Test(test) => atoms.push(test),
            Comparison::And(parts) | Comparison::Or(parts) => {
                for part in parts {
                    part.collect(atoms);
                }
            }
        }
    }
}
