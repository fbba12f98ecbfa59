//! Bytes by class, and the tokens that they make up.
//!
//! This is the one pass over all bytes; everything after it works on tokens that may hold an
//! observable. A classifier that takes 32 bytes at once can take the place of [`Token::after`].

use std::ops::Range;

use crate::refang;

/// A letter, digit, hyphen or underscore.
pub(crate) const WORD: u8 = 1;
pub(crate) const DOT: u8 = 2;
pub(crate) const COLON: u8 = 4;
pub(crate) const AT: u8 = 8;
/// A byte that something defanged or escaped may begin with.
pub(crate) const MARK: u8 = 16;
pub(crate) const PERCENT: u8 = 32;
/// Not ASCII.
pub(crate) const HIGH: u8 = 64;
/// Any other byte within a token.
pub(crate) const OTHER: u8 = 128;

/// 0 for what ends a token: controls, white space, and `"` `<` `>` and the backtick, which neither
/// names nor URLs hold.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut index = 0;
    while index < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let byte = index as u8;
        let mut class = match byte {
            0..=b' ' | 0x7f | b'"' | b'<' | b'>' | b'`' => 0,
            b'.' => DOT,
            b':' => COLON,
            b'@' => AT,
            b'%' => PERCENT,
            b'-' | b'_' => WORD,
            _ if byte.is_ascii_alphanumeric() => WORD,
            0x80.. => HIGH,
            _ => OTHER,
        };
        if refang::may_mark(byte) {
            class |= MARK;
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated by the compiler, below 256"
        )]
        {
            classes[index] = class;
        }
        index += 1;
    }
    classes
};

#[inline]
pub(crate) fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
}

/// A byte of a name: a run of these is read as one.
#[inline]
pub(crate) fn is_name(byte: u8) -> bool {
    class(byte) & (WORD | DOT | HIGH) != 0
}

/// A longest run of name bytes.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) span: Range<usize>,
    /// The classes that occur in it.
    pub(crate) seen: u8,
    /// Whether a dot follows a dot.
    pub(crate) has_ellipsis: bool,
}

impl Run {
    /// The run that begins at `start`, which may be empty.
    #[inline]
    pub(crate) fn at(text: &[u8], start: usize, end: usize) -> Self {
        let (mut seen, mut before, mut ellipsis, mut len) = (0, 0, 0, 0);
        for &byte in text.get(start..end).unwrap_or_default() {
            let class = class(byte);
            if class & (WORD | DOT | HIGH) == 0 {
                break;
            }
            ellipsis |= class & before & DOT;
            before = class;
            seen |= class;
            len += 1;
        }
        Self {
            span: start..start + len,
            seen,
            has_ellipsis: ellipsis != 0,
        }
    }
}

/// A longest run of bytes none of which ends a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The classes that occur in it.
    pub(crate) seen: u8,
}

impl Token {
    /// The first token at or after `from`.
    #[inline]
    pub(crate) fn after(text: &[u8], from: usize) -> Option<Self> {
        let rest = text.get(from..)?;
        let start = from + rest.iter().position(|&byte| class(byte) != 0)?;
        let mut token = Self {
            start,
            end: start,
            seen: 0,
        };
        for &byte in text.get(start..)? {
            let class = class(byte);
            if class == 0 {
                break;
            }
            token.seen |= class;
            token.end += 1;
        }
        Some(token)
    }

    /// Whether only these classes occur.
    #[inline]
    pub(crate) fn is_only(self, classes: u8) -> bool {
        self.seen & !classes == 0
    }

    #[inline]
    pub(crate) fn has(self, classes: u8) -> bool {
        self.seen & classes != 0
    }
}
