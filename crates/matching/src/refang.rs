//! Undoing what was done to text so that nobody clicks it, or so that a program could carry it:
//! defanging (`evil[.]example`), escapes of JSON, HTML and URLs.

use std::borrow::Cow;

/// A text made from another, and where each part of it came from.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    pub(crate) bytes: Vec<u8>,
    /// (position here, position in the source) wherever the distance between the two changes.
    segments: Vec<(usize, usize)>,
}

impl Layer {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.segments.clear();
    }

    /// Where the byte at `at` came from.
    pub(crate) fn source(&self, at: usize) -> usize {
        let after = self.segments.partition_point(|&(here, _)| here <= at);
        let segment = after
            .checked_sub(1)
            .and_then(|index| self.segments.get(index));
        segment.map_or(at, |&(here, source)| source + (at - here))
    }

    fn replace(&mut self, source: usize, len: usize, replacement: &[u8]) {
        self.segments.push((self.bytes.len(), source));
        self.bytes.extend_from_slice(replacement);
        self.segments.push((self.bytes.len(), source + len));
    }

    /// Fills the layer with `source`, refanged; `first` is where the first replacement is.
    pub(crate) fn refang(&mut self, source: &[u8], first: usize) {
        self.clear();
        self.segments.push((0, 0));
        let mut at = 0;
        let mut next = Some(first);
        while let Some(mark) = next {
            self.bytes
                .extend_from_slice(source.get(at..mark).unwrap_or_default());
            let Some((len, replacement)) = replacement_at(source, mark) else {
                break;
            };
            self.replace(mark, len, replacement.as_bytes());
            at = mark + len;
            next = first_mark(source, at);
        }
        self.bytes
            .extend_from_slice(source.get(at..).unwrap_or_default());
    }

    /// Fills the layer with `source`, its percent escapes decoded once.
    pub(crate) fn percent_decode(&mut self, source: &[u8]) {
        self.clear();
        self.segments.push((0, 0));
        let mut at = 0;
        while let Some(escape) = first_escape(source, at) {
            self.bytes
                .extend_from_slice(source.get(at..escape).unwrap_or_default());
            if let Some(&[_, high, low]) = source.get(escape..escape + 3) {
                self.replace(escape, 3, &[hex_pair(high, low)]);
            }
            at = escape + 3;
        }
        self.bytes
            .extend_from_slice(source.get(at..).unwrap_or_default());
    }
}

/// What stands in for a mark: a few bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replacement {
    bytes: [u8; 4],
    len: u8,
}

impl Replacement {
    fn new(text: &[u8]) -> Self {
        let mut bytes = [0; 4];
        let mut len = 0;
        for (to, from) in bytes.iter_mut().zip(text) {
            *to = *from;
            len += 1;
        }
        Self { bytes, len }
    }

    fn character(c: char) -> Self {
        Self::new(c.encode_utf8(&mut [0; 4]).as_bytes())
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// The position of the first replacement at or after `from`.
pub(crate) fn first_mark(source: &[u8], from: usize) -> Option<usize> {
    let rest = source.get(from..)?;
    rest.iter().enumerate().find_map(|(offset, byte)| {
        let at = from + offset;
        (may_mark(*byte) && replacement_at(source, at).is_some()).then_some(at)
    })
}

/// Bytes that a mark begins with.
pub(crate) const fn may_mark(byte: u8) -> bool {
    matches!(byte, b'[' | b']' | b'(' | b'{' | b'\\' | b'&' | 0xe3 | 0xef)
}

/// Whether a mark is at `at`.
pub(crate) fn is_mark(source: &[u8], at: usize) -> bool {
    replacement_at(source, at).is_some()
}

/// The mark at `at`, if there is one: its length and what it stands for.
fn replacement_at(source: &[u8], at: usize) -> Option<(usize, Replacement)> {
    let rest = source.get(at..)?;
    match rest {
        [b'[' | b'(' | b'{', ..] => bracketed(rest),
        // `evil.]example`
        [b']', next, ..]
            if next.is_ascii_alphanumeric()
                && at.checked_sub(1).and_then(|before| source.get(before)) == Some(&b'.') =>
        {
            Some((1, Replacement::new(b"")))
        }
        [b'\\', ..] => backslash(rest, source.get(..at).unwrap_or_default()),
        [b'&', ..] => entity(rest),
        // Full stops that UTS 46 takes for dots, where a name goes on after them.
        [0xe3, 0x80, 0x82, next, ..]
        | [0xef, 0xbc, 0x8e, next, ..]
        | [0xef, 0xbd, 0xa1, next, ..]
            if next.is_ascii_alphanumeric() || matches!(next, 0xef) =>
        {
            Some((3, Replacement::new(b".")))
        }
        _ => None,
    }
}

fn bracketed(rest: &[u8]) -> Option<(usize, Replacement)> {
    let (open, inner) = rest.split_first()?;
    let close = match open {
        b'[' => b']',
        b'(' => b')',
        _ => b'}',
    };
    let len = inner.iter().take(4).position(|&byte| byte == close);
    if let Some(len) = len {
        let word = inner.get(..len)?;
        let meaning: &[u8] = match word {
            b"." => b".",
            b":" => b":",
            b"/" => b"/",
            b"//" => b"//",
            b"://" => b"://",
            b"@" => b"@",
            _ if word.eq_ignore_ascii_case(b"dot") => b".",
            _ if word.eq_ignore_ascii_case(b"at") => b"@",
            _ => return None,
        };
        return Some((len + 2, Replacement::new(meaning)));
    }
    // `evil[.example`
    match inner {
        [b'.', next, ..] if *open == b'[' && next.is_ascii_alphanumeric() => {
            Some((2, Replacement::new(b".")))
        }
        _ => None,
    }
}

/// Escapes of JSON, of regular expressions and of C; of those of one letter, the white space that
/// logs hold: `\b` and `\f` begin file names that are digests. A pair of backslashes is one, so that the
/// `n` in `\\name` is kept; after a colon it is `//` (`http:\\evil.example`).
fn backslash(rest: &[u8], before: &[u8]) -> Option<(usize, Replacement)> {
    let replacement = match rest {
        [_, b'\\', ..] if before.ends_with(b":") && before.len() > 4 => Replacement::new(b"//"),
        [_, b'\\', ..] => Replacement::new(b"\\"),
        [_, plain @ (b'/' | b'.' | b'@' | b':' | b'-'), ..] => Replacement::new(&[*plain]),
        [_, b'n' | b'r' | b't', ..] => Replacement::new(b" "),
        [_, b'u', digits @ ..] => {
            let code = digits.get(..4).and_then(hexadecimal)?;
            return Some((6, Replacement::character(char::from_u32(code)?)));
        }
        [_, b'x', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            return Some((4, Replacement::new(&[hex_pair(*high, *low)])));
        }
        _ => return None,
    };
    Some((2, replacement))
}

fn entity(rest: &[u8]) -> Option<(usize, Replacement)> {
    let name_len = rest.iter().take(8).position(|&byte| byte == b';')?;
    let name = rest.get(1..name_len)?;
    let character = match name {
        b"amp" => '&',
        b"quot" | b"apos" | b"lt" | b"gt" | b"nbsp" => ' ',
        b"period" => '.',
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(hexadecimal(digits)?)?,
        [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((name_len + 1, Replacement::character(character)))
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let valid = !digits.is_empty() && digits.len() <= 6 && digits.iter().all(u8::is_ascii_hexdigit);
    valid.then(|| {
        digits
            .iter()
            .fold(0, |value, &digit| value << 4 | u32::from(hex_digit(digit)))
    })
}

/// The position of the first `%XX` at or after `from`.
pub(crate) fn first_escape(source: &[u8], from: usize) -> Option<usize> {
    let rest = source.get(from..)?;
    memchr::memchr_iter(b'%', rest)
        .map(|offset| from + offset)
        .find(|&at| is_escape(source, at))
}

/// Whether `%XX` stands at `at`.
#[inline]
pub(crate) fn is_escape(source: &[u8], at: usize) -> bool {
    matches!(source.get(at..at + 3), Some([b'%', high, low])
        if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// `source` with its percent escapes decoded once.
pub(crate) fn percent_decoded(source: &[u8]) -> Vec<u8> {
    let mut layer = Layer::default();
    layer.percent_decode(source);
    layer.bytes
}

/// A published value, refanged.
pub(crate) fn refanged(value: &str) -> Cow<'_, str> {
    let Some(first) = first_mark(value.as_bytes(), 0) else {
        return Cow::Borrowed(value);
    };
    let mut layer = Layer::default();
    layer.refang(value.as_bytes(), first);
    // `\x80` may stand for a byte that is no character.
    match String::from_utf8(layer.bytes) {
        Ok(text) => Cow::Owned(text),
        Err(error) => Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

pub(crate) fn hex_pair(high: u8, low: u8) -> u8 {
    hex_digit(high) << 4 | hex_digit(low)
}

/// The value of a hexadecimal digit; 0 for other bytes.
pub(crate) const fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        for (written, expected) in [
            ("evil[.]example", "evil.example"),
            ("evil(.)co{.}example", "evil.co.example"),
            ("evil[dot]co(DOT)example", "evil.co.example"),
            ("evil[.example", "evil.example"),
            ("evil.]example", "evil.example"),
            ("evil\\.example", "evil.example"),
            ("hxxp[:]//evil.example", "hxxp://evil.example"),
            ("hxxp[://]evil.example", "hxxp://evil.example"),
            ("http:\\/\\/evil.example\\/a", "http://evil.example/a"),
            ("http:\\\\evil.example", "http://evil.example"),
            ("bob[@]evil.example", "bob@evil.example"),
            ("bob(at)evil[dot]example", "bob@evil.example"),
            ("a\\nevil.example", "a evil.example"),
            ("\\\\name.example", "\\name.example"),
            ("evil\\u002eexample", "evil.example"),
            ("evil&#46;example", "evil.example"),
            ("a?b&amp;c", "a?b&c"),
            ("evil．example", "evil.example"),
        ] {
            assert_eq!(refanged(written), expected, "{written}");
        }
        for kept in [
            "[12/Nov/2018:10:00:00",
            "(KHTML,",
            "f(x)",
            "a[0]",
            "{}",
            "&x;",
            "終わり。次",
        ] {
            assert!(matches!(refanged(kept), Cow::Borrowed(_)), "{kept}");
        }
    }

    #[test]
    fn positions_lead_back() {
        let source = b"evil[.]example";
        let mut layer = Layer::default();
        layer.refang(source, first_mark(source, 0).unwrap());
        assert_eq!(layer.bytes, b"evil.example");
        assert_eq!(
            [0, 3, 4, 5, 12].map(|at| layer.source(at)),
            [0, 3, 4, 7, 14]
        );
    }
}
