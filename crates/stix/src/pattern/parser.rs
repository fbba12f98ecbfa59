//! Tokens to a pattern, by recursive descent with one token of look-ahead.

use std::borrow::Cow;

use super::ast::{
    Comparison, Condition, Constant, ObjectPath, Operator, Pattern, Qualifier, Step, Test,
};
use super::error::PatternError;
use super::hash::wrong_digest;
use super::lexer::{Keyword, Kind, Lexer, Token};

/// Parentheses may nest this deep, so that no pattern exhausts the stack.
const MAX_DEPTH: usize = 100;

type Parsed<T> = Result<T, PatternError>;

/// Parses a pattern (9.4). Texts without escapes are borrowed from it.
///
/// # Errors
/// [`PatternError`] at the first place where no pattern can go on.
pub fn parse(source: &str) -> Result<Pattern<'_>, PatternError> {
    parse_with_operands(source).map(|(pattern, _)| pattern)
}

/// Parses a pattern, and tells where its operands stand, as byte offsets of start and end: every
/// constant and every number or time of a qualifier, in the order written.
pub(super) fn parse_with_operands(
    source: &str,
) -> Result<(Pattern<'_>, Vec<(usize, usize)>), PatternError> {
    let mut lexer = Lexer::new(source);
    let token = lexer.next()?;
    let mut parser = Parser {
        lexer,
        token,
        depth: 0,
        operands: Vec::new(),
    };
    let pattern = parser.followed_by()?;
    match parser.token.kind {
        Kind::End => Ok((pattern, parser.operands)),
        _ => Err(parser.error("AND, OR, FOLLOWEDBY, a qualifier or the end of the pattern")),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The token to look at next.
    token: Token<'a>,
    depth: usize,
    operands: Vec<(usize, usize)>,
}

impl<'a> Parser<'a> {
    fn error(&self, expected: impl Into<String>) -> PatternError {
        self.error_at(self.token, expected)
    }

    fn error_at(&self, token: Token<'a>, expected: impl Into<String>) -> PatternError {
        PatternError::new(self.lexer.source(), token.start, token.end, expected)
    }

    fn advance(&mut self) -> Parsed<()> {
        self.token = self.lexer.next()?;
        Ok(())
    }

    /// Steps over an operand.
    fn operand(&mut self) -> Parsed<()> {
        self.operands.push((self.token.start, self.token.end));
        self.advance()
    }

    /// Steps over a token if it is this one.
    fn eat(&mut self, kind: Kind<'_>) -> Parsed<bool> {
        let there = self.token.kind == kind;
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    fn expect(&mut self, kind: Kind<'_>, expected: &str) -> Parsed<()> {
        if self.eat(kind)? {
            Ok(())
        } else {
            Err(self.error(expected))
        }
    }

    /// Runs `inner` between parentheses, of which the first is the current token.
    fn parenthesised<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Parsed<T>,
        expected: &str,
    ) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("parentheses nested at most {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        self.advance()?;
        let value = inner(self)?;
        self.expect(Kind::Symbol(')'), expected)?;
        self.depth -= 1;
        Ok(value)
    }

    /// One or more parts between which a keyword stands.
    fn joined<T>(
        &mut self,
        keyword: Keyword,
        part: impl Fn(&mut Self) -> Parsed<T>,
        join: impl FnOnce(Vec<T>) -> T,
    ) -> Parsed<T> {
        let first = part(self)?;
        if self.token.kind != Kind::Keyword(keyword) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat(Kind::Keyword(keyword))? {
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn followed_by(&mut self) -> Parsed<Pattern<'a>> {
        self.joined(Keyword::FollowedBy, Self::pattern_or, Pattern::FollowedBy)
    }

    fn pattern_or(&mut self) -> Parsed<Pattern<'a>> {
        self.joined(Keyword::Or, Self::pattern_and, Pattern::Or)
    }

    fn pattern_and(&mut self) -> Parsed<Pattern<'a>> {
        self.joined(Keyword::And, Self::observation, Pattern::And)
    }

    fn observation(&mut self) -> Parsed<Pattern<'a>> {
        match self.token.kind {
            Kind::Symbol('[') => {
                self.advance()?;
                let comparison = self.comparison_or()?;
                self.expect(Kind::Symbol(']'), "AND, OR or ]")?;
                self.qualified(Pattern::Observation(comparison), true)
            }
            Kind::Symbol('(') => {
                let expected = "AND, OR, FOLLOWEDBY, a qualifier or )";
                let inner = self.parenthesised(Self::followed_by, expected)?;
                self.qualified(inner, false)
            }
            _ => Err(self.error("[ or (")),
        }
    }

    /// The qualifiers after an observation; on one in brackets, none may stand twice (9.5.1).
    fn qualified(&mut self, inner: Pattern<'a>, once: bool) -> Parsed<Pattern<'a>> {
        let mut qualifiers: Vec<Qualifier<'a>> = Vec::new();
        loop {
            let token = self.token;
            let qualifier = match token.kind {
                Kind::Keyword(Keyword::Within) => self.within()?,
                Kind::Keyword(Keyword::Repeats) => self.repeats()?,
                Kind::Keyword(Keyword::Start) => self.start_stop()?,
                _ => break,
            };
            if once
                && qualifiers
                    .iter()
                    .any(|earlier| earlier.same_kind(&qualifier))
            {
                return Err(self.error_at(token, "each qualifier at most once"));
            }
            qualifiers.push(qualifier);
        }
        if qualifiers.is_empty() {
            return Ok(inner);
        }
        Ok(Pattern::Qualified(Box::new(inner), qualifiers))
    }

    fn within(&mut self) -> Parsed<Qualifier<'a>> {
        self.advance()?;
        let (Kind::Integer(seconds) | Kind::Float(seconds)) = self.token.kind else {
            return Err(self.error("a number of seconds"));
        };
        if seconds.starts_with('-') {
            return Err(self.error("a number of seconds without a minus sign"));
        }
        self.operand()?;
        self.expect(Kind::Keyword(Keyword::Seconds), "SECONDS")?;
        Ok(Qualifier::Within(Cow::Borrowed(seconds)))
    }

    fn repeats(&mut self) -> Parsed<Qualifier<'a>> {
        self.advance()?;
        let times = match self.token.kind {
            Kind::Integer(times) => times.parse().ok(),
            _ => None,
        };
        let times = times.ok_or_else(|| self.error("a number of times, a positive integer"))?;
        self.operand()?;
        self.expect(Kind::Keyword(Keyword::Times), "TIMES")?;
        Ok(Qualifier::Repeats(times))
    }

    fn start_stop(&mut self) -> Parsed<Qualifier<'a>> {
        self.advance()?;
        let start = self.timestamp()?;
        self.expect(Kind::Keyword(Keyword::Stop), "STOP")?;
        let stop = self.timestamp()?;
        Ok(Qualifier::StartStop(
            Cow::Borrowed(start),
            Cow::Borrowed(stop),
        ))
    }

    fn timestamp(&mut self) -> Parsed<&'a str> {
        let Kind::Timestamp(text) = self.token.kind else {
            return Err(self.error("a timestamp constant such as t'2014-01-13T07:03:17Z'"));
        };
        self.operand()?;
        Ok(text)
    }

    fn comparison_or(&mut self) -> Parsed<Comparison<'a>> {
        self.joined(Keyword::Or, Self::comparison_and, Comparison::Or)
    }

    fn comparison_and(&mut self) -> Parsed<Comparison<'a>> {
        self.joined(Keyword::And, Self::comparison, Comparison::And)
    }

    fn comparison(&mut self) -> Parsed<Comparison<'a>> {
        match self.token.kind {
            Kind::Symbol('(') => self.parenthesised(Self::comparison_or, "AND, OR or )"),
            Kind::Keyword(Keyword::Not | Keyword::Exists) => self.exists().map(Comparison::Test),
            _ => self.test().map(Comparison::Test),
        }
    }

    fn exists(&mut self) -> Parsed<Test<'a>> {
        let negated = self.eat(Kind::Keyword(Keyword::Not))?;
        self.expect(Kind::Keyword(Keyword::Exists), "EXISTS")?;
        Ok(Test {
            path: self.path()?,
            negated,
            condition: Condition::Exists,
        })
    }

    fn test(&mut self) -> Parsed<Test<'a>> {
        let path = self.path()?;
        let negated = self.eat(Kind::Keyword(Keyword::Not))?;
        let condition = self.condition(&path)?;
        Ok(Test {
            path,
            negated,
            condition,
        })
    }

    fn condition(&mut self, path: &ObjectPath<'_>) -> Parsed<Condition<'a>> {
        let operator = match self.token.kind {
            Kind::Equal => Operator::Equal,
            Kind::NotEqual => Operator::NotEqual,
            Kind::Less => Operator::Less,
            Kind::LessOrEqual => Operator::LessOrEqual,
            Kind::Greater => Operator::Greater,
            Kind::GreaterOrEqual => Operator::GreaterOrEqual,
            Kind::Keyword(keyword) => return self.keyword_condition(keyword, path),
            _ => return Err(self.error("a comparison operator")),
        };
        self.advance()?;
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if ordered
            && matches!(
                self.token.kind,
                Kind::Keyword(Keyword::True | Keyword::False)
            )
        {
            return Err(self.error("a constant that has an order"));
        }
        Ok(Condition::Compare(operator, self.constant(path)?))
    }

    fn keyword_condition(
        &mut self,
        keyword: Keyword,
        path: &ObjectPath<'_>,
    ) -> Parsed<Condition<'a>> {
        let operand: fn(Cow<'a, str>) -> Condition<'a> = match keyword {
            Keyword::In => {
                self.advance()?;
                return self.set(path);
            }
            Keyword::Like => Condition::Like,
            Keyword::Matches => Condition::Matches,
            Keyword::IsSubset => Condition::IsSubset,
            Keyword::IsSuperset => Condition::IsSuperset,
            _ => return Err(self.error("a comparison operator")),
        };
        self.advance()?;
        let Kind::Text(text) = self.token.kind else {
            return Err(self.error("a string constant"));
        };
        self.operand()?;
        Ok(operand(unescaped(text)))
    }

    fn set(&mut self, path: &ObjectPath<'_>) -> Parsed<Condition<'a>> {
        let mut values = Vec::new();
        self.expect(Kind::Symbol('('), "( and a list of constants")?;
        if !self.eat(Kind::Symbol(')'))? {
            values.push(self.constant(path)?);
            while self.eat(Kind::Symbol(','))? {
                values.push(self.constant(path)?);
            }
            self.expect(Kind::Symbol(')'), ", or )")?;
        }
        Ok(Condition::In(values))
    }

    fn constant(&mut self, path: &ObjectPath<'_>) -> Parsed<Constant<'a>> {
        let token = self.token;
        let constant = match token.kind {
            Kind::Text(text) => Constant::Text(unescaped(text)),
            Kind::Integer(text) => Constant::Integer(Cow::Borrowed(text)),
            Kind::Float(text) => Constant::Float(Cow::Borrowed(text)),
            Kind::Keyword(Keyword::True) => Constant::Boolean(true),
            Kind::Keyword(Keyword::False) => Constant::Boolean(false),
            Kind::Binary(text) => Constant::Binary(without_line_feeds(text)),
            Kind::Hex(text) => Constant::Hex(Cow::Borrowed(text)),
            Kind::Timestamp(text) => Constant::Timestamp(Cow::Borrowed(text)),
            _ => return Err(self.error("a constant")),
        };
        if let Some(expected) = wrong_digest(path, &constant) {
            return Err(self.error_at(token, expected));
        }
        self.operand()?;
        Ok(constant)
    }

    fn path(&mut self) -> Parsed<ObjectPath<'a>> {
        let Kind::Identifier(object_type) = self.token.kind else {
            return Err(self.error("an object path such as file:name"));
        };
        self.advance()?;
        self.expect(Kind::Symbol(':'), ": and a property")?;
        let property = self.key()?;
        let mut steps = Vec::new();
        loop {
            if self.eat(Kind::Symbol('.'))? {
                steps.push(Step::Key(self.key()?));
            } else if self.eat(Kind::Symbol('['))? {
                steps.push(self.index()?);
            } else {
                break;
            }
        }
        Ok(ObjectPath {
            object_type: Cow::Borrowed(object_type),
            property,
            steps,
        })
    }

    fn key(&mut self) -> Parsed<Cow<'a, str>> {
        let key = match self.token.kind {
            Kind::Identifier(name) if !name.contains('-') => Cow::Borrowed(name),
            Kind::Identifier(_) => {
                return Err(self.error("a property name with a hyphen in apostrophes"));
            }
            Kind::Text(text) => unescaped(text),
            _ => return Err(self.error("a property name")),
        };
        self.advance()?;
        Ok(key)
    }

    fn index(&mut self) -> Parsed<Step<'a>> {
        let step = match self.token.kind {
            Kind::Symbol('*') => Some(Step::Every),
            Kind::Integer(text) => text.parse().ok().map(Step::Index),
            _ => None,
        };
        let step = step.ok_or_else(|| self.error("an index from 0, or *"))?;
        self.advance()?;
        self.expect(Kind::Symbol(']'), "]")?;
        Ok(step)
    }
}

impl Qualifier<'_> {
    fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Resolves `\'` and `\\`; the lexer saw that there is no other escape.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => resolved.extend(characters.next()),
            _ => resolved.push(character),
        }
    }
    Cow::Owned(resolved)
}

fn without_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains(['\r', '\n']) {
        Cow::Owned(text.replace(['\r', '\n'], ""))
    } else {
        Cow::Borrowed(text)
    }
}
