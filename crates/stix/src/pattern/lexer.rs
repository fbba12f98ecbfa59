//! Text to tokens, one at a time.

use crate::timestamp::Timestamp;

use super::error::PatternError;

/// A token and where it stands.
#[derive(Copy, Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    /// Byte offsets in the source.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is. Texts are as written, without quotes and prefix.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Keyword(Keyword),
    Identifier(&'a str),
    Integer(&'a str),
    Float(&'a str),
    /// Escapes are not resolved.
    Text(&'a str),
    Binary(&'a str),
    Hex(&'a str),
    Timestamp(&'a str),
    /// One of `[ ] ( ) , : . *`.
    Symbol(char),
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    End,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    And,
    Or,
    Not,
    FollowedBy,
    Like,
    Matches,
    IsSuperset,
    IsSubset,
    Exists,
    Last,
    In,
    Start,
    Stop,
    Seconds,
    True,
    False,
    Within,
    Repeats,
    Times,
}

impl Keyword {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "AND" => Keyword::And,
            "OR" => Keyword::Or,
            "NOT" => Keyword::Not,
            "FOLLOWEDBY" => Keyword::FollowedBy,
            "LIKE" => Keyword::Like,
            "MATCHES" => Keyword::Matches,
            "ISSUPERSET" => Keyword::IsSuperset,
            "ISSUBSET" => Keyword::IsSubset,
            "EXISTS" => Keyword::Exists,
            "LAST" => Keyword::Last,
            "IN" => Keyword::In,
            "START" => Keyword::Start,
            "STOP" => Keyword::Stop,
            "SECONDS" => Keyword::Seconds,
            "true" => Keyword::True,
            "false" => Keyword::False,
            "WITHIN" => Keyword::Within,
            "REPEATS" => Keyword::Repeats,
            "TIMES" => Keyword::Times,
            _ => return None,
        })
    }
}

/// Reads tokens from a pattern.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    source: &'a str,
    offset: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(source: &'a str) -> Self {
        Lexer { source, offset: 0 }
    }

    pub(super) const fn source(&self) -> &'a str {
        self.source
    }

    /// The next token; [`Kind::End`] again and again at the end.
    pub(super) fn next(&mut self) -> Result<Token<'a>, PatternError> {
        self.skip_space();
        let start = self.offset;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(Token {
                kind: Kind::End,
                start,
                end: start,
            });
        };
        let (kind, length) = match first {
            '[' | ']' | '(' | ')' | ',' | ':' | '*' => (Kind::Symbol(first), 1),
            '=' | '!' | '<' | '>' => operator(rest).ok_or_else(|| self.unknown(first))?,
            '\'' => self.text()?,
            '0'..='9' | '+' | '-' | '.' => number(rest).ok_or_else(|| self.unknown(first))?,
            'a'..='z' | 'A'..='Z' | '_' => self.word()?,
            _ => return Err(self.unknown(first)),
        };
        self.offset = start + length;
        Ok(Token {
            kind,
            start,
            end: self.offset,
        })
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.offset..).unwrap_or_default()
    }

    fn error(&self, length: usize, expected: &str) -> PatternError {
        PatternError::new(self.source, self.offset, self.offset + length, expected)
    }

    fn unknown(&self, first: char) -> PatternError {
        let expected = match first {
            '"' => "a string in apostrophes",
            '+' | '-' => "a number after the sign",
            _ => "a part of a pattern",
        };
        self.error(first.len_utf8(), expected)
    }

    /// Skips white space (the characters of the Unicode property) and comments.
    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.offset += rest.len() - trimmed.len();
            let comment = if trimmed.starts_with("//") {
                trimmed.find(['\r', '\n']).unwrap_or(trimmed.len())
            } else if let Some(comment) = trimmed.strip_prefix("/*")
                && let Some(end) = comment.find("*/")
            {
                end + 4
            } else {
                return;
            };
            self.offset += comment;
        }
    }

    /// A string constant; its escapes are checked here and resolved by the parser.
    fn text(&self) -> Result<(Kind<'a>, usize), PatternError> {
        let rest = self.rest();
        let mut characters = rest.char_indices().skip(1);
        while let Some((index, character)) = characters.next() {
            match character {
                '\'' => {
                    return Ok((
                        Kind::Text(rest.get(1..index).unwrap_or_default()),
                        index + 1,
                    ));
                }
                '\\' if !matches!(characters.next(), Some((_, '\'' | '\\'))) => {
                    let place = self.offset + index;
                    let end = place + rest.get(index..).map_or(0, two_characters);
                    let expected = "\\' or \\\\ (a backslash is written twice)";
                    return Err(PatternError::new(self.source, place, end, expected));
                }
                _ => {}
            }
        }
        Err(self.error(rest.len(), "a string that ends in an apostrophe"))
    }

    /// A keyword, an identifier, or a constant with a prefix.
    fn word(&self) -> Result<(Kind<'a>, usize), PatternError> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        if matches!(word, "b" | "h" | "t")
            && let Some(quoted) = after.strip_prefix('\'')
        {
            let inner = quoted.split('\'').next().unwrap_or_default();
            let whole = length + inner.len() + 2;
            let terminated = quoted.len() > inner.len();
            return match constant(word, inner).filter(|_| terminated) {
                Some(kind) => Ok((kind, whole)),
                None => Err(self.error(whole.min(rest.len()), prefixed_form(word))),
            };
        }
        Ok((
            Keyword::of(word).map_or(Kind::Identifier(word), Kind::Keyword),
            length,
        ))
    }
}

fn two_characters(text: &str) -> usize {
    text.chars().take(2).map(char::len_utf8).sum()
}

fn operator(rest: &str) -> Option<(Kind<'static>, usize)> {
    let two = [
        ("==", Kind::Equal),
        ("!=", Kind::NotEqual),
        ("<>", Kind::NotEqual),
        ("<=", Kind::LessOrEqual),
        (">=", Kind::GreaterOrEqual),
    ];
    if let Some((_, kind)) = two.into_iter().find(|(text, _)| rest.starts_with(text)) {
        return Some((kind, 2));
    }
    match rest.as_bytes().first()? {
        b'=' => Some((Kind::Equal, 1)),
        b'<' => Some((Kind::Less, 1)),
        b'>' => Some((Kind::Greater, 1)),
        _ => None,
    }
}

/// `[+-]? (0 | [1-9][0-9]*)`, `[+-]? [0-9]* . [0-9]+`, or a full stop alone.
fn number(rest: &str) -> Option<(Kind<'_>, usize)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(rest.starts_with(['+', '-']));
    let unsigned = rest.get(sign..)?;
    let whole = digits(unsigned);
    let fraction = unsigned.get(whole..)?.strip_prefix('.').map_or(0, digits);
    let (length, float) = match (whole, fraction) {
        (0, 0) if rest.starts_with('.') => return Some((Kind::Symbol('.'), 1)),
        (0, 0) => return None,
        // a zero in front of digits is a number of its own
        (_, 0) if unsigned.starts_with('0') => (sign + 1, false),
        (_, 0) => (sign + whole, false),
        _ => (sign + whole + 1 + fraction, true),
    };
    let text = rest.get(..length)?;
    let text = text.strip_prefix('+').unwrap_or(text);
    Some((
        if float {
            Kind::Float(text)
        } else {
            Kind::Integer(text)
        },
        length,
    ))
}

fn constant<'a>(prefix: &str, inner: &'a str) -> Option<Kind<'a>> {
    match prefix {
        "h" => (inner.len().is_multiple_of(2) && inner.bytes().all(|b| b.is_ascii_hexdigit()))
            .then_some(Kind::Hex(inner)),
        "b" => is_base64(inner).then_some(Kind::Binary(inner)),
        _ => Timestamp::parse(inner)
            .is_ok()
            .then_some(Kind::Timestamp(inner)),
    }
}

fn prefixed_form(prefix: &str) -> &'static str {
    match prefix {
        "h" => "a hexadecimal constant such as h'ffc3'",
        "b" => "a base64 constant such as b'ABI='",
        _ => "a timestamp constant such as t'2014-01-13T07:03:17Z'",
    }
}

/// Base64 in full groups of four, at least one; line feeds do not count (9.2).
fn is_base64(text: &str) -> bool {
    let digits = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let padding = digits
        .clone()
        .rev()
        .take_while(|byte| *byte == b'=')
        .count();
    let count = digits.clone().count();
    let symbols = count - padding;
    count > 0
        && count % 4 == 0
        && padding <= 2
        && digits
            .take(symbols)
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Whether a word stands for something else than a name.
pub(super) fn is_keyword(word: &str) -> bool {
    Keyword::of(word).is_some()
}
