//! Regular expressions of `MATCHES` (9.6.1): those of PCRE that a finite automaton can run, so that
//! no expression and no text makes a match slow.
//!
//! What PCRE and the engine write in different ways is rewritten here. What the engine cannot run
//! is refused by name: look-around, back references, recursion, atomic groups, possessive
//! quantifiers. `$` is the end or before a last line feed, which an expression cannot go on to match.

use std::iter::Peekable;
use std::str::Chars;

use regex::{Regex, RegexBuilder, bytes};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

/// Octets of a compiled expression, and of its cache while it runs.
const SIZE_LIMIT: usize = 1 << 20;
/// Groups may nest this deep.
const NEST_LIMIT: u32 = 100;

/// An expression for text. `DOTALL` is set, as 9.6.1 asks.
pub(super) fn text(pattern: &str) -> Result<Regex, String> {
    let written = rewrite(pattern, false)?;
    RegexBuilder::new(&written)
        .dot_matches_new_line(true)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .nest_limit(NEST_LIMIT)
        .build()
        .map_err(|error| reason(&error))
}

/// The expression for octets; none when it has a character that no octet is.
pub(super) fn octets(pattern: &str) -> Result<Option<bytes::Regex>, String> {
    if pattern.chars().any(|c| u32::from(c) > 0xff) {
        return Ok(None);
    }
    let written = rewrite(pattern, true)?;
    bytes::RegexBuilder::new(&written)
        .unicode(false)
        .dot_matches_new_line(true)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .nest_limit(NEST_LIMIT)
        .build()
        .map(Some)
        .map_err(|error| reason(&error))
}

/// The expression that a `LIKE` is: `%` any text, `_` any character, the whole value.
pub(super) fn like(pattern: &str) -> Result<Regex, String> {
    let mut written = String::from(r"\A");
    for character in pattern.chars() {
        match character {
            '%' => written.push_str(".*"),
            '_' => written.push('.'),
            _ => written.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        }
    }
    written.push_str(r"\z");
    RegexBuilder::new(&written)
        .dot_matches_new_line(true)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| reason(&error))
}

/// One line of what the engine says.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(limit) => format!("it needs more than {limit} octets"),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}

/// What an expression for text is made of; none when it is none.
pub(super) fn structure(pattern: &str) -> Option<Hir> {
    let written = rewrite(pattern, false).ok()?;
    let parser = ParserBuilder::new()
        .dot_matches_new_line(true)
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(&written);
    parser.ok()
}

/// Rewrites an expression of PCRE as the engine reads it.
fn rewrite(pattern: &str, octets: bool) -> Result<String, String> {
    let mut writer = Writer {
        rest: pattern.chars().peekable(),
        written: String::with_capacity(pattern.len() + 8),
        octets,
        multiline: false,
    };
    writer.expression()?;
    Ok(writer.written)
}

struct Writer<'p> {
    rest: Peekable<Chars<'p>>,
    written: String,
    octets: bool,
    /// Whether `(?m)` was seen, after which `$` is the end of any line.
    multiline: bool,
}

type Written = Result<(), String>;

impl Writer<'_> {
    fn expression(&mut self) -> Written {
        // whether what was just written may be repeated
        let mut quantified = false;
        while let Some(character) = self.rest.next() {
            let was_quantified = std::mem::take(&mut quantified);
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '$' if !self.multiline => self.written.push_str(r"(?:\n?\z)"),
                '*' | '+' | '?' => {
                    self.quantifier(character.encode_utf8(&mut [0; 4]), was_quantified)?;
                    quantified = true;
                }
                '{' => match self.counted() {
                    Some(count) => {
                        self.quantifier(&count, was_quantified)?;
                        quantified = true;
                    }
                    None => self.written.push_str(r"\{"),
                },
                '}' => self.written.push_str(r"\}"),
                ']' => self.written.push_str(r"\]"),
                _ => self.literal(character),
            }
        }
        Ok(())
    }

    fn literal(&mut self, character: char) {
        if self.octets && !character.is_ascii() {
            self.octet(u32::from(character));
        } else {
            self.written.push(character);
        }
    }

    /// A character by its number.
    fn octet(&mut self, value: u32) {
        // the engine knows octets in this form alone
        let written = match value {
            0..=0xff => format!(r"\x{value:02x}"),
            _ => format!(r"\x{{{value:x}}}"),
        };
        self.written.push_str(&written);
    }

    fn quantifier(&mut self, quantifier: &str, twice: bool) -> Written {
        if twice {
            return Err("a quantifier follows a quantifier".to_owned());
        }
        self.written.push_str(quantifier);
        match self.rest.peek() {
            Some('+') => Err("possessive quantifiers are not supported".to_owned()),
            Some('?') => {
                self.rest.next();
                self.written.push('?');
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// `{n}`, `{n,}`, `{n,m}` or `{,m}` after its brace; none when the brace is only a brace.
    fn counted(&mut self) -> Option<String> {
        let ahead: String = self
            .rest
            .clone()
            .take_while(|c| *c != '}')
            .take(24)
            .collect();
        let (least, most) = ahead.split_once(',').unwrap_or((&ahead, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let closed = self.rest.clone().nth(ahead.chars().count()) == Some('}');
        if !closed || !is_number(least) || !is_number(most) || (least.is_empty() && most.is_empty())
        {
            return None;
        }
        self.rest.nth(ahead.len());
        let least = if least.is_empty() { "0" } else { least };
        Some(if ahead.contains(',') {
            format!("{{{least},{most}}}")
        } else {
            format!("{{{least}}}")
        })
    }

    /// What follows `(`.
    fn group(&mut self) -> Written {
        self.written.push('(');
        if self.rest.peek() == Some(&'*') {
            return Err("verbs such as (*UTF8) are not supported".to_owned());
        }
        if self.rest.peek() != Some(&'?') {
            return Ok(());
        }
        self.rest.next();
        let mut ahead = self.rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('#'), _) => {
                self.written.pop();
                match self.rest.by_ref().find(|c| *c == ')') {
                    Some(_) => return Ok(()),
                    None => return Err("a comment does not end".to_owned()),
                }
            }
            (Some('=' | '!'), _) | (Some('<'), Some('=' | '!')) => {
                return Err("look-around is not supported".to_owned());
            }
            (Some('>'), _) => return Err("atomic groups are not supported".to_owned()),
            (Some('|'), _) => return Err("branch reset groups are not supported".to_owned()),
            (Some('('), _) => return Err("conditions are not supported".to_owned()),
            (Some('P'), Some('=')) => return Err("back references are not supported".to_owned()),
            (Some('R' | '&' | '0'..='9' | '+'), _) | (Some('P'), Some('>')) => {
                return Err("recursion is not supported".to_owned());
            }
            _ => {}
        }
        let flags = self.rest.clone().take_while(char::is_ascii_alphabetic);
        self.multiline |= flags.into_iter().any(|flag| flag == 'm');
        self.written.push('?');
        Ok(())
    }

    /// An escape outside a class, after its backslash.
    fn escape(&mut self) -> Written {
        let Some(character) = self.rest.next() else {
            return Err("a backslash escapes nothing".to_owned());
        };
        match character {
            'Z' => self.written.push_str(r"(?:\n?\z)"),
            'h' => self.written.extend(["[", self.blank(), "]"]),
            'H' => self.written.extend(["[^", self.blank(), "]"]),
            'N' if self.rest.peek() != Some(&'{') => self.written.push_str(r"[^\n]"),
            'R' => self.written.push_str(r"(?:\r\n|[\n\x0B\f\r])"),
            'Q' => self.quoted(),
            'E' => {}
            '1'..='9' | 'g' | 'k' => return Err("back references are not supported".to_owned()),
            'b' | 'B' | 'A' | 'z' => self.written.extend(['\\', character]),
            _ => self.shared_escape(character)?,
        }
        Ok(())
    }

    const fn blank(&self) -> &'static str {
        if self.octets {
            r"\t\x20\xA0"
        } else {
            r"\t\p{Zs}"
        }
    }

    /// `\Q...\E`: everything is literal.
    fn quoted(&mut self) {
        while let Some(character) = self.rest.next() {
            if character == '\\' && self.rest.peek() == Some(&'E') {
                self.rest.next();
                return;
            }
            self.punctuation(character);
        }
    }

    /// A character that stands for itself whatever it is.
    fn punctuation(&mut self, character: char) {
        if character.is_ascii_punctuation() && !matches!(character, '<' | '>' | '\'' | '"') {
            self.written.push('\\');
        }
        self.literal(character);
    }

    /// Escapes that mean the same inside and outside a class.
    fn shared_escape(&mut self, character: char) -> Written {
        match character {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'n' | 'r' | 't' | 'f' | 'v' | 'a' => {
                self.written.extend(['\\', character]);
            }
            'p' | 'P' if self.octets => {
                return Err(format!("\\{character} has no meaning for octets"));
            }
            'p' | 'P' => self.written.extend(['\\', character]),
            'e' => self.written.push_str(r"\x1B"),
            '0' => {
                let value = self.digits(2, 8);
                self.octet(value.unwrap_or(0));
            }
            'x' if self.rest.next_if_eq(&'{').is_some() => {
                let value = self.digits(8, 16);
                let closed = self.rest.next_if_eq(&'}').is_some();
                self.octet(
                    value
                        .filter(|_| closed)
                        .ok_or("\\x{ needs digits and a brace")?,
                );
            }
            'x' => {
                let value = self.digits(2, 16);
                self.octet(value.unwrap_or(0));
            }
            'u' => {
                let value = self.digits(4, 16).ok_or("\\u needs four digits")?;
                self.octet(value);
            }
            _ if character.is_ascii_alphanumeric() => {
                return Err(format!("\\{character} is not supported"));
            }
            _ => self.punctuation(character),
        }
        Ok(())
    }

    /// The number that at most `most` digits make; none where there is no digit.
    fn digits(&mut self, most: usize, radix: u32) -> Option<u32> {
        let mut value = None;
        for _ in 0..most {
            let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(radix)) else {
                break;
            };
            self.rest.next();
            value = Some(value.unwrap_or(0) * radix + digit);
        }
        value
    }

    /// A class after its bracket. Inside, the engine knows `[`, `&&`, `--` and `~~`; PCRE does not.
    fn class(&mut self) -> Written {
        self.written.push('[');
        if self.rest.peek() == Some(&'^') {
            self.rest.next();
            self.written.push('^');
        }
        let mut first = true;
        // whether what was just written may begin a range
        let mut single = false;
        loop {
            let Some(character) = self.rest.next() else {
                return Err("a class does not end".to_owned());
            };
            let was_single = std::mem::take(&mut single);
            match character {
                ']' if !first => break,
                '[' if self.posix() => {}
                '-' if was_single && !matches!(self.rest.peek(), Some(']') | None) => {
                    self.written.push('-');
                    self.range_end()?;
                }
                '\\' => single = self.class_escape()?,
                _ => {
                    self.punctuation(character);
                    single = true;
                }
            }
            first = false;
        }
        self.written.push(']');
        Ok(())
    }

    fn range_end(&mut self) -> Written {
        match self.rest.next() {
            Some('\\') if self.class_escape()? => Ok(()),
            Some('\\') | None => Err("a range needs a character at its end".to_owned()),
            Some(character) => {
                self.punctuation(character);
                Ok(())
            }
        }
    }

    /// `[:name:]` after its bracket; false when the bracket is only a bracket.
    fn posix(&mut self) -> bool {
        let ahead: String = self.rest.clone().take(14).collect();
        let Some(name) = ahead
            .strip_prefix(':')
            .and_then(|rest| rest.split_once(":]"))
            .map(|(name, _)| name)
            .filter(|name| {
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'^')
            })
        else {
            return false;
        };
        self.written.extend(["[:", name, ":]"]);
        self.rest.nth(name.len() + 2);
        true
    }

    /// An escape inside a class; whether it is one character.
    fn class_escape(&mut self) -> Result<bool, String> {
        let Some(character) = self.rest.next() else {
            return Err("a backslash escapes nothing".to_owned());
        };
        match character {
            'b' => self.written.push_str(r"\x08"),
            'h' => self.written.push_str(self.blank()),
            'E' => return Ok(false),
            '1'..='7' => {
                let first = character.to_digit(8).unwrap_or_default();
                let value = self.digits(1, 8).map_or(first, |next| first * 8 + next);
                let value = match self.digits(1, 8) {
                    Some(next) if value < 32 => value * 8 + next,
                    Some(_) => return Err("an octal escape is past 377".to_owned()),
                    None => value,
                };
                self.octet(value);
            }
            _ => self.shared_escape(character)?,
        }
        Ok(!matches!(
            character,
            'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'h' | 'p' | 'P'
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pcre_writes_differently_means_the_same() {
        for (pattern, matching, other) in [
            (r"^a$", "a\n", "a\n\n"),
            (r"a\Z", "a\n", "ab"),
            ("a.b", "a\nb", "ab"),
            ("[[a]", "[", "b"),
            ("[]a]", "]", "b"),
            ("[^]a]", "b", "]"),
            ("[a&&b]", "&", "c"),
            ("^[+--]$", ",", "."),
            ("[a-]", "-", "b"),
            ("[\\d-z]", "-", "y"),
            ("[[:alpha:]_]", "_", "1"),
            ("[\\b]", "\u{8}", "b"),
            ("a{,2}b{x}", "aab{x}", "b"),
            ("^a{2}$", "aa", "a"),
            ("a{b", "a{b", "ab"),
            (r"\<a\>", "<a>", "a"),
            (r"\/\-\_\ ", "/-_ ", "/-_"),
            (r"\Q.*\E.", ".*x", "xx"),
            (r"\x41\x{42}\u0043\0103", "ABC\u{8}3", "ABC"),
            (r"(?i)abc", "ABC", "ab"),
            (r"(?m)^b$", "a\nb\nc", "ab"),
            (r"(?#why)a", "a", "b"),
            (r"(?P<n>a)(?<m>b)(?:c)", "abc", "ab"),
            (r"^\h+$", "\t \u{a0}", "\n"),
            (r"a*?b", "ab", "a"),
            ("é", "é", "e"),
        ] {
            let expression = text(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"));
            assert!(expression.is_match(matching), "{pattern} {matching:?}");
            assert!(!expression.is_match(other), "{pattern} {other:?}");
        }
    }

    #[test]
    fn what_cannot_be_run_is_refused_by_name() {
        for (pattern, why) in [
            ("(?=a)", "look-around is not supported"),
            ("(?<!a)b", "look-around is not supported"),
            (r"(a)\1", "back references are not supported"),
            ("(?P<n>a)(?P=n)", "back references are not supported"),
            ("(?>a)", "atomic groups are not supported"),
            ("a++", "possessive quantifiers are not supported"),
            ("a**", "a quantifier follows a quantifier"),
            ("(?R)", "recursion is not supported"),
            ("(a", "unclosed group"),
            ("a)", "unopened group"),
            ("[a", "a class does not end"),
            ("*a", "repetition operator missing expression"),
            ("a\\", "a backslash escapes nothing"),
            (r"\y", r"\y is not supported"),
            ("(a{1000}){1000}", "it needs more than 1048576 octets"),
        ] {
            assert_eq!(text(pattern).err().as_deref(), Some(why), "{pattern}");
        }
    }

    #[test]
    fn octets_are_matched_one_by_one() {
        let expression = octets("^\u{ff}.[\u{80}-\u{90}]\\x00$").unwrap().unwrap();
        assert!(expression.is_match(b"\xff\x0a\x85\0"));
        assert!(!expression.is_match(b"\xff\x0a\x91\0"));
        assert!(octets("\u{103}").unwrap().is_none());
    }

    #[test]
    fn like_is_of_the_whole_value() {
        for (pattern, matching, other) in [
            ("%", "", "x"),
            ("a%", "a\nb", "ba"),
            ("_b", "éb", "b"),
            ("a.b", "a.b", "axb"),
            (r"C:\%", r"C:\x", "C:x"),
        ] {
            let expression = like(pattern).unwrap();
            assert!(expression.is_match(matching), "{pattern} {matching:?}");
            assert_eq!(
                expression.is_match(other),
                pattern == "%",
                "{pattern} {other:?}"
            );
        }
    }
}
