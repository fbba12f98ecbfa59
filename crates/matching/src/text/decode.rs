//! UTF-8 out of pieces.

/// What bytes begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoded {
    /// A character and its length in bytes.
    Char(char, usize),
    /// Bytes of a character whose rest is missing.
    Part,
    /// A byte that belongs to no character.
    Invalid,
}

/// Reads the character that bytes begin with; none of them is [`Decoded::Invalid`].
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let Some(&first) = bytes.first() else {
        return Decoded::Part;
    };
    let length = match first {
        0x00..=0x7f => return Decoded::Char(first.into(), 1),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Decoded::Invalid,
    };
    let head = bytes.get(..length).unwrap_or(bytes);
    match str::from_utf8(head) {
        Ok(text) => match text.chars().next() {
            Some(char) => Decoded::Char(char, length),
            None => Decoded::Invalid,
        },
        Err(error) if error.error_len().is_none() && head.len() < length => Decoded::Part,
        Err(_) => Decoded::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_parts_and_what_is_neither() {
        assert_eq!(decode(b"ab"), Decoded::Char('a', 1));
        assert_eq!(decode("é!".as_bytes()), Decoded::Char('é', 2));
        assert_eq!(decode("😀".as_bytes()), Decoded::Char('😀', 4));
        assert_eq!(decode(&"😀".as_bytes()[..3]), Decoded::Part);
        assert_eq!(decode(b""), Decoded::Part);
        for invalid in [
            &b"\xff"[..],
            b"\x80",
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xc3a",
            b"\xf0\x9f\x98a",
        ] {
            assert_eq!(decode(invalid), Decoded::Invalid, "{invalid:?}");
        }
    }
}
