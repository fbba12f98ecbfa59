//! All fingerprints at once: one pass over a body, however many there are.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::IpAddr;

use foldhash::fast::FixedState;
use memchr::memmem::Finder;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_syntax::hir::{Hir, HirKind};

use super::texts::Texts;
use super::{Fingerprint, Form, Place};

/// Octets of a body that are searched. Probes cut bodies at 512 KiB.
const LONGEST_BODY: usize = 1 << 20;
const TRIED_IN_BODY: u8 = 1;
const TRIED_IN_LINES: u8 = 2;
const FOUND: u8 = 3;
/// Shortest text that a regular expression must hold to be looked for by it.
const SHORTEST_PIECE: usize = 3;

/// Fingerprints, ready to be looked for.
#[derive(Debug, Default)]
pub struct Fingerprints {
    all: Vec<Fingerprint>,
    /// Texts of bodies and headers' lines; by the number of a text, who waits for it.
    texts: Texts,
    waiting: Vec<Vec<Waiting>>,
    /// Regular expressions that must hold no text: they are tried on each body.
    always: Vec<usize>,
    expressions: HashMap<usize, Regex, FixedState>,
    /// Of fingerprints that are a part of a header.
    finders: HashMap<usize, Finder<'static>, FixedState>,
    /// Bodies that are one as a whole.
    full_bodies: Vec<usize>,
    headers: HashMap<String, Vec<usize>, FixedState>,
    dns: HashMap<String, Vec<usize>, FixedState>,
    with_header_lines: bool,
}

/// A fingerprint that hits where a text occurs: at once, or when its expression matches, too.
#[derive(Copy, Clone, Debug)]
struct Waiting {
    number: usize,
    is_piece: bool,
    must_begin: bool,
}

/// What a thread uses again and again.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// By fingerprint: 0, in which text its expression was tried, or that it was found.
    seen: Vec<u8>,
    lines: Vec<u8>,
}

impl Fingerprints {
    /// Makes fingerprints ready. Gives with them those whose expression is none, with the reason.
    pub fn new(all: Vec<Fingerprint>) -> (Self, Vec<String>) {
        let mut made = Fingerprints::default();
        let mut refused = Vec::new();
        let mut texts: HashMap<Vec<u8>, usize> = HashMap::new();
        for (number, print) in all.iter().enumerate() {
            if let Err(reason) = made.add(number, print, &mut texts) {
                refused.push(format!("{}: {reason}", print.name));
            }
        }
        made.all = all;
        let mut listed: Vec<(Vec<u8>, usize)> = texts.into_iter().collect();
        listed.sort_by_key(|(_, number)| *number);
        made.texts = Texts::new(listed.into_iter().map(|(text, _)| text).collect());
        (made, refused)
    }

    fn add(
        &mut self,
        number: usize,
        print: &Fingerprint,
        texts: &mut HashMap<Vec<u8>, usize>,
    ) -> Result<(), String> {
        let expression = (print.form == Form::Regexp).then(|| Expression::parse(&print.pattern));
        let expression = expression.transpose()?;
        match &print.place {
            Place::Dns => {
                self.dns
                    .entry(canonical(&print.pattern))
                    .or_default()
                    .push(number);
            }
            Place::Header(name) => {
                self.headers.entry(name.clone()).or_default().push(number);
                if print.form == Form::Contains {
                    self.finders
                        .insert(number, Finder::new(&print.pattern).into_owned());
                }
            }
            Place::Body | Place::Response => {
                self.with_header_lines |= print.place == Place::Response;
                let wait = |is_piece| Waiting {
                    number,
                    is_piece,
                    must_begin: print.form == Form::Prefix,
                };
                let (text, waiting) = match (&expression, print.form) {
                    (
                        Some(Expression {
                            whole: Some(text), ..
                        }),
                        _,
                    ) => (text.clone(), wait(false)),
                    (
                        Some(Expression {
                            piece: Some(text), ..
                        }),
                        _,
                    ) => (text.clone(), wait(true)),
                    (Some(_), _) => {
                        self.always.push(number);
                        (Vec::new(), wait(true))
                    }
                    (None, Form::Full) => {
                        self.full_bodies.push(number);
                        (Vec::new(), wait(false))
                    }
                    (None, _) => (print.pattern.clone().into_bytes(), wait(false)),
                };
                if !text.is_empty() {
                    let next = texts.len();
                    let at = *texts.entry(text).or_insert(next);
                    self.waiting.resize(texts.len(), Vec::new());
                    if let Some(list) = self.waiting.get_mut(at) {
                        list.push(waiting);
                    }
                }
            }
        }
        if let Some(Expression { regex, .. }) = expression {
            self.expressions.insert(number, regex);
        }
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them.
    pub fn all(&self) -> &[Fingerprint] {
        &self.all
    }

    /// The fingerprints that an answer of a resolver shows.
    pub(crate) fn of_answer(&self, answer: &str) -> impl Iterator<Item = &Fingerprint> {
        let found = (!self.dns.is_empty() && !answer.is_empty())
            .then(|| self.dns.get(&canonical(answer)))
            .flatten();
        found
            .into_iter()
            .flatten()
            .filter_map(|number| self.all.get(*number))
    }

    /// The fingerprints that a header shows.
    pub(crate) fn of_header(&self, name: &str, value: &[u8]) -> Vec<&Fingerprint> {
        if self.headers.is_empty() {
            return Vec::new();
        }
        let Some(numbers) = self.headers.get(&name.to_ascii_lowercase()) else {
            return Vec::new();
        };
        let hits = numbers
            .iter()
            .filter(|number| self.header_matches(**number, value));
        hits.filter_map(|number| self.all.get(*number)).collect()
    }

    fn header_matches(&self, number: usize, value: &[u8]) -> bool {
        let Some(print) = self.all.get(number) else {
            return false;
        };
        let pattern = print.pattern.as_bytes();
        match print.form {
            Form::Full => value == pattern,
            Form::Prefix => value.starts_with(pattern),
            Form::Contains => self
                .finders
                .get(&number)
                .is_some_and(|finder| finder.find(value).is_some()),
            Form::Regexp => self
                .expressions
                .get(&number)
                .is_some_and(|regex| regex.is_match(value)),
        }
    }

    /// The fingerprints that a response shows, by its body and its headers' lines, each once.
    pub(crate) fn of_body<'h>(
        &self,
        body: &[u8],
        headers: impl Iterator<Item = (&'h str, &'h [u8])>,
        scratch: &mut Scratch,
    ) -> Vec<&Fingerprint> {
        let body = body.get(..LONGEST_BODY).unwrap_or(body);
        let mut found = Vec::new();
        scratch.seen.clear();
        scratch.seen.resize(self.all.len(), 0);
        if !body.is_empty() {
            self.search(body, false, scratch, &mut found);
            let is_whole = |number: &&usize| {
                let print = self.all.get(**number);
                print.is_some_and(|print| print.pattern.as_bytes() == body)
            };
            found.extend(self.full_bodies.iter().filter(is_whole));
        }
        if self.with_header_lines {
            let mut lines = std::mem::take(&mut scratch.lines);
            lines.clear();
            for (name, value) in headers {
                lines.extend_from_slice(name.as_bytes());
                lines.extend_from_slice(b": ");
                lines.extend_from_slice(value);
                lines.push(b'\n');
            }
            self.search(&lines, true, scratch, &mut found);
            scratch.lines = lines;
        }
        found.sort_unstable();
        found
            .into_iter()
            .filter_map(|number| self.all.get(number))
            .collect()
    }

    fn search(&self, text: &[u8], in_lines: bool, scratch: &mut Scratch, found: &mut Vec<usize>) {
        let tried = if in_lines {
            TRIED_IN_LINES
        } else {
            TRIED_IN_BODY
        };
        let mut check = |number: usize, at: usize, waiting: Option<Waiting>| {
            let is_open = |seen: &&mut u8| **seen != FOUND && **seen != tried;
            let Some(seen) = scratch.seen.get_mut(number).filter(is_open) else {
                return;
            };
            let place = self.all.get(number).map(|print| &print.place);
            let fits = match waiting {
                Some(waiting) => !waiting.must_begin || at == 0,
                None => true,
            };
            if !fits || (in_lines && place != Some(&Place::Response)) {
                return;
            }
            if waiting.is_none_or(|waiting| waiting.is_piece) {
                // What it must hold is there: now once for the whole text.
                *seen = tried;
                let matches = self
                    .expressions
                    .get(&number)
                    .is_some_and(|r| r.is_match(text));
                if !matches {
                    return;
                }
            }
            *seen = FOUND;
            found.push(number);
        };
        self.texts.find(text, |number, at| {
            for waiting in self.waiting.get(number).into_iter().flatten() {
                check(waiting.number, at, Some(*waiting));
            }
        });
        for number in &self.always {
            check(*number, 0, None);
        }
    }
}

/// An answer, so that the same ones are equal: addresses in their usual form, names in lower case
/// and without a trailing dot.
fn canonical(answer: &str) -> String {
    match answer.parse::<IpAddr>() {
        Ok(address) => address.to_string(),
        Err(_) => answer.trim_end_matches('.').to_ascii_lowercase(),
    }
}

/// A regular expression, with the text that any match of it holds.
struct Expression {
    regex: Regex,
    /// It is nothing but this text.
    whole: Option<Vec<u8>>,
    /// It holds this text, among other things.
    piece: Option<Vec<u8>>,
}

impl Expression {
    fn parse(pattern: &str) -> Result<Self, String> {
        // Lists are written for Python, and bodies are octets: nothing has to be UTF-8.
        let config = syntax::Config::new().utf8(false);
        let hir = syntax::parse_with(&with_braces(pattern), &config)
            .map_err(|error| error.to_string())?;
        let (whole, piece) = match hir.kind() {
            HirKind::Literal(text) => (Some(text.0.to_vec()), None),
            HirKind::Concat(parts) => (None, longest(parts)),
            _ => (None, None),
        };
        let limit = Regex::config()
            .nfa_size_limit(Some(4 << 20))
            .utf8_empty(false);
        let regex = Regex::builder()
            .configure(limit)
            .build_from_hir(&hir)
            .map_err(|error| error.to_string())?;
        Ok(Expression {
            regex,
            whole,
            piece,
        })
    }
}

/// Python takes a brace for itself where it begins no number of repeats.
fn with_braces(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains('{') {
        return Cow::Borrowed(pattern);
    }
    let mut written = String::with_capacity(pattern.len() + 8);
    let mut is_escaped = false;
    for (at, c) in pattern.char_indices() {
        let repeats = || {
            let rest = pattern.get(at + 1..).unwrap_or_default();
            let inner = rest.split_once('}').map(|(inner, _)| inner);
            inner.is_some_and(|inner| {
                inner.starts_with(|c: char| c.is_ascii_digit())
                    && inner.chars().all(|c| c.is_ascii_digit() || c == ',')
            })
        };
        if c == '{' && !is_escaped && !repeats() {
            written.push('\\');
        }
        written.push(c);
        is_escaped = c == '\\' && !is_escaped;
    }
    Cow::Owned(written)
}

fn longest(parts: &[Hir]) -> Option<Vec<u8>> {
    let texts = parts.iter().filter_map(|part| match part.kind() {
        HirKind::Literal(text) => Some(text.0.to_vec()),
        _ => None,
    });
    texts
        .filter(|text| text.len() >= SHORTEST_PIECE)
        .max_by_key(Vec::len)
}

#[cfg(test)]
mod tests {
    use super::super::Loaded;
    use super::*;

    fn made(rows: &[(&str, &str, &str)]) -> Fingerprints {
        let rows: Vec<serde_json::Value> = rows
            .iter()
            .map(|(place, form, pattern)| {
                serde_json::json!({"name": pattern, "scope": "nat", "location_found": place,
                    "pattern_type": form, "pattern": pattern})
            })
            .collect();
        let loaded = Loaded::read(&serde_json::to_string(&rows).unwrap());
        assert_eq!(loaded.bad, []);
        let (made, refused) = Fingerprints::new(loaded.fingerprints);
        assert!(refused.is_empty(), "{refused:?}");
        made
    }

    fn body<'f>(prints: &'f Fingerprints, text: &str) -> Vec<&'f str> {
        let found = prints.of_body(text.as_bytes(), std::iter::empty(), &mut Scratch::default());
        found.into_iter().map(|print| print.name.as_str()).collect()
    }

    #[test]
    fn bodies_are_searched_for_all_forms_in_one_pass() {
        let prints = made(&[
            ("body", "contains", "blocked by"),
            ("body", "contains", "locked"),
            ("body", "prefix", "<html>stop"),
            ("body", "full", "no"),
            ("body", "regexp", "URL .* Gate"),
            ("body", "regexp", "[0-9]{3}x"),
            ("body", "regexp", "{\"msg\":.*\"id\":"),
        ]);
        assert_eq!(
            body(&prints, "It is blocked by us"),
            ["blocked by", "locked"]
        );
        assert_eq!(body(&prints, "<html>stop"), ["<html>stop"]);
        assert_eq!(body(&prints, " <html>stop"), [""; 0]);
        assert_eq!(body(&prints, "no"), ["no"]);
        assert_eq!(
            body(&prints, "URL for the Gate, 123x"),
            ["URL .* Gate", "[0-9]{3}x"]
        );
        assert_eq!(body(&prints, "{\"msg\":1,\"id\":2}").len(), 1);
        assert_eq!(body(&prints, " Gate URL "), [""; 0]);
        assert_eq!(body(&prints, ""), [""; 0]);
    }

    #[test]
    fn headers_and_answers_are_compared_in_their_forms() {
        let prints = made(&[
            ("header.Location", "prefix", "http://stop/"),
            ("header.location", "contains", "/blocked"),
            ("header.server", "full", "Filter"),
            ("header.via", "regexp", "^1\\.1 wsa[0-9]+"),
            ("dns", "full", "2001:DB8:0::1"),
            ("dns", "full", "Stop.Example"),
        ]);
        let header = |name: &str, value: &str| prints.of_header(name, value.as_bytes()).len();
        assert_eq!(header("LOCATION", "http://stop/blocked"), 2);
        assert_eq!(header("server", "Filter 2"), 0);
        assert_eq!(header("Via", "1.1 wsa07.example"), 1);
        assert_eq!(prints.of_answer("2001:db8::1").count(), 1);
        assert_eq!(prints.of_answer("stop.example.").count(), 1);
        assert_eq!(prints.of_answer("").count(), 0);
    }

    #[test]
    fn signatures_of_whole_responses_see_the_lines_of_headers() {
        let lines = "{\"fingerprint\":\"a_prod_x\",\"pattern\":\"Server: Filter/1\\\\.0\"}\n\
                     {\"fingerprint\":\"fp\",\"pattern\":\"Set-Cookie:.*domain=\\\\.\"}";
        let (prints, _) = Fingerprints::new(Loaded::read(lines).fingerprints);
        let headers: [(&str, &[u8]); 2] =
            [("Server", b"Filter/1.0"), ("Set-Cookie", b"a=b; domain=.x")];
        let found = prints.of_body(b"", headers.into_iter(), &mut Scratch::default());
        assert_eq!(found.len(), 2);
        let found = prints.of_body(
            b"Server: Filter/1.0",
            std::iter::empty(),
            &mut Scratch::default(),
        );
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn an_expression_that_is_none_is_refused_by_name() {
        let loaded = Loaded::read(r#"{"fingerprint":"x_bad","pattern":"(unclosed"}"#);
        let (prints, refused) = Fingerprints::new(loaded.fingerprints);
        assert_eq!(prints.len(), 1);
        assert!(refused[0].starts_with("x_bad:"), "{refused:?}");
    }
}
