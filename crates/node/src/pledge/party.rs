//! Parties and the changes of their stance.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{Basis, Kind, Precision, Stance};

/// Characters of the longest party id.
pub const MAX_ID: usize = 80;
/// Characters of the longest name of a party.
pub const MAX_NAME: usize = 300;

/// An organisation in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// An ASCII slug of at most [`MAX_ID`] characters; unique and never reused.
    pub id: String,
    /// Its name as the register writes it.
    pub name: String,
    /// What sort of organisation it is.
    pub kind: Kind,
    /// Where it is from, when the register says.
    pub country: Option<Country>,
    /// The day the pledge's own register first listed it; none when it is not listed there.
    pub listed: Option<Date>,
}

/// One change of a party's stance, or one more piece of evidence for the same stance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StanceChange {
    /// The party's id.
    pub party: String,
    /// Its stance from `since` on.
    pub stance: Stance,
    /// The first day on which the stance is shown. Never earlier than what the source supports.
    pub since: Date,
    /// What `since` means.
    pub basis: Basis,
    /// How exactly the source gives the date.
    pub precision: Precision,
    /// Where this is known from: the key of one of the pledge's sources, or a few words.
    pub source: Option<String>,
    /// What a reader should know besides.
    pub note: Option<String>,
}

/// An ISO 3166-1 alpha-2 country code.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// Why a party is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartyError {
    /// The id is no slug.
    #[error("'{0}' is no party id: use a-z, 0-9 and single hyphens, at most {MAX_ID} characters")]
    Id(String),
    /// The name is empty, too long, or holds control characters.
    #[error("a party's name has 1 to {MAX_NAME} printable characters")]
    Name,
    /// The country code has the wrong shape.
    #[error("'{0}' is no country code: use two capital letters (ISO 3166-1 alpha-2)")]
    Country(String),
}

impl Party {
    /// Checks the id and the name.
    ///
    /// # Errors
    /// [`PartyError`] says which of the two is wrong.
    pub fn check(&self) -> Result<(), PartyError> {
        if !is_slug(&self.id) {
            return Err(PartyError::Id(self.id.clone()));
        }
        let length = self.name.chars().count();
        let printable = !self.name.chars().any(char::is_control);
        if length == 0 || length > MAX_NAME || !printable || self.name.trim() != self.name {
            return Err(PartyError::Name);
        }
        Ok(())
    }
}

/// Whether `text` can be an id: lower-case ASCII letters, digits and single hyphens between them,
/// at most [`MAX_ID`] characters.
pub fn is_slug(text: &str) -> bool {
    text.len() <= MAX_ID
        && text.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// A readable id made from a name: `Universidad Tecnológica del Perú` gives
/// `universidad-tecnologica-del-peru`. Empty when the name has no Latin letter or digit.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for word in fold(name)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
    {
        if slug.len() + 1 + word.len() > MAX_ID {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    slug
}

/// Lower case without accents, for search: `Łódź` gives `lodz`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            other => folded.push(other),
        }
    }
    folded
}

impl Country {
    /// The code, two capital letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = PartyError;

    fn from_str(text: &str) -> Result<Self, PartyError> {
        match text.as_bytes() {
            &[a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Country([a, b])),
            _ => Err(PartyError::Country(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = PartyError;

    fn try_from(text: String) -> Result<Self, PartyError> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_readable_ids() {
        assert_eq!(
            slug("Universidad Tecnológica del Perú"),
            "universidad-tecnologica-del-peru"
        );
        assert_eq!(slug("AT&T  Inc."), "at-t-inc");
        assert_eq!(
            slug("‘Vasile Goldiș’ University"),
            "vasile-goldis-university"
        );
        assert_eq!(slug("日本"), "");
        assert!(slug(&"word ".repeat(40)).len() <= MAX_ID);
    }

    #[test]
    fn search_ignores_accents_and_case() {
        assert_eq!(fold("ŁÓDŹ Straße Øre"), "lodz strasse ore");
    }

    #[test]
    fn ids_are_slugs() {
        for good in ["us", "united-states", "3-d-lab"] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "a b", "é", &"a".repeat(81)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn a_country_is_two_capital_letters() {
        assert_eq!("FR".parse::<Country>().unwrap().as_str(), "FR");
        for bad in ["", "fr", "FRA", "F1", "É"] {
            assert!(bad.parse::<Country>().is_err(), "{bad}");
        }
    }
}
