//! A pattern as text. What is printed parses to what was printed.

use std::fmt::{Display, Formatter, Result, Write as _};

use super::ast::{
    Comparison, Condition, Constant, ObjectPath, Operator, Pattern, Qualifier, Step, Test,
};

impl Display for Pattern<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Pattern::Observation(comparison) => write!(f, "[{comparison}]"),
            Pattern::And(parts) => self.joined(f, parts, " AND "),
            Pattern::Or(parts) => self.joined(f, parts, " OR "),
            Pattern::FollowedBy(parts) => self.joined(f, parts, " FOLLOWEDBY "),
            Pattern::Qualified(inner, qualifiers) => {
                // on one observation in brackets a qualifier stands once; in parentheses, often
                let bare = matches!(**inner, Pattern::Observation(_)) && !repeated(qualifiers);
                parenthesised(f, inner, !bare)?;
                qualifiers
                    .iter()
                    .try_for_each(|qualifier| write!(f, " {qualifier}"))
            }
        }
    }
}

impl Pattern<'_> {
    /// How tightly the operator binds.
    const fn binding(&self) -> u8 {
        match self {
            Pattern::FollowedBy(_) => 0,
            Pattern::Or(_) => 1,
            Pattern::And(_) => 2,
            Pattern::Observation(_) | Pattern::Qualified(..) => 3,
        }
    }

    fn joined(&self, f: &mut Formatter<'_>, parts: &[Pattern<'_>], operator: &str) -> Result {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(operator)?;
            }
            parenthesised(f, part, part.binding() <= self.binding())?;
        }
        Ok(())
    }
}

fn repeated(qualifiers: &[Qualifier<'_>]) -> bool {
    let kind = std::mem::discriminant::<Qualifier<'_>>;
    let earlier = |index| qualifiers.iter().take(index);
    let mut all = qualifiers.iter().enumerate();
    all.any(|(index, one)| earlier(index).any(|other| kind(one) == kind(other)))
}

fn parenthesised(f: &mut Formatter<'_>, inner: &impl Display, needed: bool) -> Result {
    if needed {
        write!(f, "({inner})")
    } else {
        inner.fmt(f)
    }
}

impl Display for Qualifier<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Qualifier::Within(seconds) => write!(f, "WITHIN {seconds} SECONDS"),
            Qualifier::Repeats(times) => write!(f, "REPEATS {times} TIMES"),
            Qualifier::StartStop(start, stop) => write!(f, "START t'{start}' STOP t'{stop}'"),
        }
    }
}

impl Display for Comparison<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (parts, operator) = match self {
            Comparison::Test(test) => return test.fmt(f),
            Comparison::And(parts) => (parts, " AND "),
            Comparison::Or(parts) => (parts, " OR "),
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(operator)?;
            }
            let binds_tighter = match part {
                Comparison::Test(_) => true,
                Comparison::And(_) => matches!(self, Comparison::Or(_)),
                Comparison::Or(_) => false,
            };
            parenthesised(f, part, !binds_tighter)?;
        }
        Ok(())
    }
}

impl Display for Test<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Test {
            path,
            negated,
            condition,
        } = self;
        let not = if *negated { "NOT " } else { "" };
        match condition {
            Condition::Exists => write!(f, "{not}EXISTS {path}"),
            Condition::Compare(operator, value) => write!(f, "{path} {not}{operator} {value}"),
            Condition::In(values) => {
                write!(f, "{path} {not}IN (")?;
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    value.fmt(f)?;
                }
                f.write_char(')')
            }
            Condition::Like(text) => written(f, path, not, "LIKE", text),
            Condition::Matches(text) => written(f, path, not, "MATCHES", text),
            Condition::IsSubset(text) => written(f, path, not, "ISSUBSET", text),
            Condition::IsSuperset(text) => written(f, path, not, "ISSUPERSET", text),
        }
    }
}

fn written(
    f: &mut Formatter<'_>,
    path: &ObjectPath<'_>,
    not: &str,
    operator: &str,
    text: &str,
) -> Result {
    write!(f, "{path} {not}{operator} ")?;
    quoted(f, text)
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
        })
    }
}

impl Display for Constant<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Constant::Text(text) => quoted(f, text),
            Constant::Integer(text) | Constant::Float(text) => f.write_str(text),
            Constant::Boolean(value) => write!(f, "{value}"),
            Constant::Binary(text) => write!(f, "b'{text}'"),
            Constant::Hex(text) => write!(f, "h'{text}'"),
            Constant::Timestamp(text) => write!(f, "t'{text}'"),
        }
    }
}

impl Display for ObjectPath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}:", self.object_type)?;
        key(f, &self.property)?;
        for step in &self.steps {
            match step {
                Step::Key(name) => {
                    f.write_char('.')?;
                    key(f, name)?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Every => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

/// A key stands bare when it is an identifier without a hyphen and no keyword.
fn key(f: &mut Formatter<'_>, name: &str) -> Result {
    let bare = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !super::lexer::is_keyword(name);
    if bare {
        f.write_str(name)
    } else {
        quoted(f, name)
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> Result {
    f.write_char('\'')?;
    for part in text.split_inclusive(['\'', '\\']) {
        match part.strip_suffix(['\'', '\\']) {
            Some(before) => {
                let escaped = part.get(before.len()..).unwrap_or_default();
                write!(f, "{before}\\{escaped}")?;
            }
            None => f.write_str(part)?,
        }
    }
    f.write_char('\'')
}
