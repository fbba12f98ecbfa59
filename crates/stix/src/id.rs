use std::fmt;
use std::ops::Deref;

/// Length of the `--` and the UUID at the end of an identifier.
const TAIL: usize = 38;

/// A checked STIX identifier, `type--uuid` (section 2.9), borrowed.
///
/// The text is kept as it was sent; equality is that of the text. It is a `str` where one is asked
/// for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StixId<'a>(&'a str);

/// A checked STIX identifier that owns its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StixIdBuf(String);

/// What is not a STIX identifier.
#[derive(Copy, Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// No `--` where the UUID would begin.
    #[error("is not an identifier of the form type--UUID")]
    Form,
    /// What stands before `--` breaks the rules for type names.
    #[error(
        "does not begin with a type name: 3 to 250 lower-case letters, digits and single hyphens"
    )]
    TypeName,
    /// What stands after `--` is not a UUID of RFC 4122, versions 1 to 5.
    #[error("does not end in a UUID of RFC 4122")]
    Uuid,
}

impl<'a> StixId<'a> {
    /// Checks an identifier.
    ///
    /// # Errors
    /// [`IdError`] says which part is wrong.
    pub fn parse(text: &'a str) -> Result<Self, IdError> {
        let split = text.len().checked_sub(TAIL).ok_or(IdError::Form)?;
        let (name, tail) = text.split_at_checked(split).ok_or(IdError::Form)?;
        let uuid = tail.strip_prefix("--").ok_or(IdError::Form)?;
        if !is_type_name(name) {
            return Err(IdError::TypeName);
        }
        if !is_uuid(uuid.as_bytes()) {
            return Err(IdError::Uuid);
        }
        Ok(StixId(text))
    }

    /// The whole identifier.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// What stands before `--`.
    pub fn type_name(&self) -> &'a str {
        self.0.get(..self.0.len() - TAIL).unwrap_or_default()
    }

    /// The 16 bytes of the UUID.
    pub fn uuid(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let digits = self
            .0
            .bytes()
            .rev()
            .filter_map(|byte| char::from(byte).to_digit(16));
        // the last 32 hexadecimal digits, from the back
        for (index, digit) in digits.take(32).enumerate() {
            if let Some(byte) = bytes.get_mut(15 - index / 2) {
                let digit = u8::try_from(digit).unwrap_or_default();
                *byte |= if index % 2 == 0 { digit } else { digit << 4 };
            }
        }
        bytes
    }

    /// A copy that owns its text.
    pub fn to_owned(&self) -> StixIdBuf {
        StixIdBuf(self.0.to_owned())
    }

    /// An identifier whose parts the caller has checked.
    pub(crate) const fn checked(text: &'a str) -> Self {
        StixId(text)
    }
}

impl StixIdBuf {
    /// Checks an identifier and keeps it.
    ///
    /// # Errors
    /// [`IdError`] says which part is wrong.
    pub fn parse(text: String) -> Result<Self, IdError> {
        StixId::parse(&text)?;
        Ok(StixIdBuf(text))
    }

    /// The borrowed form.
    pub fn as_id(&self) -> StixId<'_> {
        StixId(&self.0)
    }

    /// The whole identifier.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for StixId<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl Deref for StixIdBuf {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StixId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Display for StixIdBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whether a text may be a type name (section 3.1): 3 to 250 of `a-z`, `0-9` and single hyphens,
/// a letter first, no hyphen last.
pub(crate) fn is_type_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    (3..=250).contains(&bytes.len())
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.last() != Some(&b'-')
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
        && !name.contains("--")
}

/// 8-4-4-4-12 hexadecimal digits, version 1 to 5, the variant of RFC 4122.
fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            14 => matches!(byte, b'1'..=b'5'),
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd";

    #[test]
    fn an_id_tells_its_parts() {
        let id = StixId::parse(ID).unwrap();
        assert_eq!(id.type_name(), "ipv4-addr");
        assert_eq!(
            id.uuid(),
            [
                0xff, 0x26, 0xc0, 0x55, 0x63, 0x36, 0x5b, 0xc5, 0xb9, 0x8d, 0x13, 0xd6, 0x22, 0x67,
                0x42, 0xdd
            ]
        );
        assert_eq!(id.to_string(), ID);
        assert_eq!(StixIdBuf::parse(ID.to_owned()).unwrap().as_id(), id);
    }

    #[test]
    fn upper_case_digits_name_the_same_uuid() {
        let upper = "ipv4-addr--FF26C055-6336-5BC5-B98D-13D6226742DD";
        assert_eq!(
            StixId::parse(upper).unwrap().uuid(),
            StixId::parse(ID).unwrap().uuid()
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let uuid = "ff26c055-6336-5bc5-b98d-13d6226742dd";
        for (name, error) in [
            ("", IdError::TypeName),
            ("ab", IdError::TypeName),
            ("Tool", IdError::TypeName),
            ("1tool", IdError::TypeName),
            ("a--b", IdError::TypeName),
            ("tool-", IdError::TypeName),
            ("töol", IdError::TypeName),
        ] {
            assert_eq!(
                StixId::parse(&format!("{name}--{uuid}")),
                Err(error),
                "{name}"
            );
        }
        assert!(StixId::parse(&format!("{}--{uuid}", "a".repeat(250))).is_ok());
        assert_eq!(
            StixId::parse(&format!("{}--{uuid}", "a".repeat(251))),
            Err(IdError::TypeName)
        );
        for uuid in [
            "ff26c055-6336-0bc5-b98d-13d6226742dd",
            "ff26c055-6336-6bc5-b98d-13d6226742dd",
            "ff26c055-6336-5bc5-c98d-13d6226742dd",
            "ff26c05516336-5bc5-b98d-13d6226742dd",
            "gf26c055-6336-5bc5-b98d-13d6226742dd",
        ] {
            assert_eq!(
                StixId::parse(&format!("tool--{uuid}")),
                Err(IdError::Uuid),
                "{uuid}"
            );
        }
        for text in [
            "",
            "tool",
            "tool--",
            "tool-ff26c055-6336-5bc5-b98d-13d6226742dd",
        ] {
            assert_eq!(StixId::parse(text), Err(IdError::Form), "{text}");
        }
        let inside_a_character = "é-6f26c055-6336-5bc5-b98d-13d6226742dd";
        assert_eq!(StixId::parse(inside_a_character), Err(IdError::Form));
    }
}
