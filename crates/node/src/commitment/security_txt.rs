//! A domain's security.txt (RFC 9116): who is told of a vulnerability, and until when that is so.

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::identity::{Held, Outcome};

/// The path on a domain's web site (RFC 9116 §3).
pub const SECURITY_TXT: &str = "/.well-known/security.txt";
/// Octets at most, as RFC 9116 §5.6 asks readers to limit them.
pub const LONGEST: usize = 32 << 10;
/// Contacts that are kept.
const FEW: usize = 5;
/// Characters of a contact that are kept.
const SHORT: usize = 200;

/// What was seen of a domain's security.txt, when the entry was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityTxtSeen {
    /// The party's id.
    pub party: String,
    /// The domain, which the party claims.
    pub domain: String,
    /// What was found.
    pub outcome: Outcome,
    /// The same in words.
    pub words: String,
    /// The first contacts it names.
    pub contacts: Vec<String>,
    /// When it expires, as it says itself.
    pub expires: Option<Instant>,
    /// Where it is good: until when this is taken for so, without another look.
    pub until: Instant,
}

/// What a valid file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityTxt {
    /// Where vulnerabilities are told, in the order of preference.
    pub contacts: Vec<String>,
    /// When it expires.
    pub expires: Instant,
}

impl SecurityTxt {
    /// Reads a file that was fetched from `url` at `now`.
    ///
    /// # Errors
    /// Which requirement of RFC 9116 it breaks: no or several `Expires`, one that is past, no
    /// `Contact`, a URI that is none, a `Canonical` that names other places alone.
    pub fn parse(bytes: &[u8], url: &str, now: Instant) -> Result<Self, String> {
        if bytes.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} octets"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 (§2.2)".to_owned())?;
        let (mut contacts, mut expires, mut canonical) = (Vec::new(), Vec::new(), Vec::new());
        let mut languages = 0;
        for line in fields(text) {
            let Some((name, value)) = line.split_once(':') else {
                return Err("a line is neither a field nor a comment (§2.2)".into());
            };
            let value = value.trim();
            match name.trim_end().to_ascii_lowercase().as_str() {
                "contact" => contacts.push(contact(value)?),
                "expires" => expires.push(value),
                "canonical" => canonical.push(value),
                "preferred-languages" => languages += 1,
                // §2.4: fields that are not known are ignored.
                _ => {}
            }
        }
        if languages > 1 {
            return Err("'Preferred-Languages' is there more than once (§2.5.8)".into());
        }
        let [expires] = expires.as_slice() else {
            return Err("'Expires' has to be there exactly once (§2.5.5)".into());
        };
        let expires: jiff::Timestamp = expires
            .parse()
            .map_err(|_| "'Expires' is no date and time of RFC 3339 (§2.5.5)".to_owned())?;
        let expires = Instant(expires.as_microsecond());
        if expires <= now {
            let on = expires.to_second_string();
            return Err(format!("it expired on {on} (§2.5.5)"));
        }
        if contacts.is_empty() {
            return Err("'Contact' is missing (§2.5.3)".into());
        }
        if !canonical.is_empty() && !canonical.contains(&url) {
            return Err("'Canonical' names other places, not this one (§2.5.2)".into());
        }
        Ok(SecurityTxt { contacts, expires })
    }

    /// What is kept of the contacts.
    pub fn few_contacts(&self) -> Vec<String> {
        let short = |text: &String| text.chars().take(SHORT).collect();
        self.contacts.iter().take(FEW).map(short).collect()
    }
}

/// The lines that are fields; of a signed file (RFC 9116 §2.3) those within the signed part. Whether
/// the signature holds is not looked at: the file comes from the domain itself.
fn fields(text: &str) -> impl Iterator<Item = &str> {
    const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
    const END: &str = "-----BEGIN PGP SIGNATURE-----";
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_signed = text.starts_with(BEGIN);
    // Armor headers end at the first empty line.
    let skipped = move |line: &&str| is_signed && !line.trim_end().is_empty();
    let lines = text.lines().skip_while(skipped);
    let within = lines.take_while(move |line| !(is_signed && line.trim_end() == END));
    within
        .map(|line| line.strip_prefix("- ").unwrap_or(line).trim_end())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A contact is a URI; on the web an encrypted one (§2.5.3).
fn contact(value: &str) -> Result<String, String> {
    let lower = value.to_ascii_lowercase();
    let is_known = ["https://", "mailto:", "tel:"]
        .iter()
        .any(|scheme| lower.len() > scheme.len() && lower.starts_with(scheme));
    let is_plain = value.chars().all(|c| c.is_ascii_graphic());
    if is_known && is_plain {
        Ok(value.to_owned())
    } else {
        Err("a 'Contact' is no https, mailto or tel URI (§2.5.3)".into())
    }
}

/// Whether what was seen shows a valid file at an instant, from what was known then.
pub fn is_valid(seen: &[Held<SecurityTxtSeen>], now: Instant) -> bool {
    let known = seen.iter().filter(|seen| seen.at <= now);
    // What could not be reached neither shows nor ends anything.
    let mut learned = known.filter(|seen| seen.what.outcome != Outcome::Unreachable);
    learned.next_back().is_some_and(|seen| {
        let expires = seen.what.expires.unwrap_or(seen.what.until);
        seen.what.outcome == Outcome::Good && now < seen.what.until && now < expires
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://alpha.example/.well-known/security.txt";
    const GOOD: &str =
        "# Hello\r\nContact: mailto:security@alpha.example\r\nExpires: 2027-01-01T00:00:00Z\r\n";

    fn read(text: &str) -> Result<SecurityTxt, String> {
        // 2026-01-01
        SecurityTxt::parse(text.as_bytes(), URL, Instant(1_767_225_600_000_000))
    }

    #[test]
    fn a_file_with_a_contact_and_a_date_to_come_is_valid() {
        let read = read(GOOD).unwrap();
        assert_eq!(read.contacts, ["mailto:security@alpha.example"]);
        assert_eq!(read.expires.to_second_string(), "2027-01-01T00:00:00Z");
    }

    #[test]
    fn a_signed_file_is_read_within_its_signature_alone() {
        let signed = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{GOOD}- # dashed\n-----BEGIN PGP SIGNATURE-----\n\niQ=\n-----END PGP SIGNATURE-----\n"
        );
        assert!(read(&signed).is_ok(), "{:?}", read(&signed));
    }

    #[test]
    fn what_breaks_a_requirement_is_refused_with_its_section() {
        let wrong = [
            ("Contact: mailto:a@b.example\n", "2.5.5"),
            ("Expires: 2027-01-01T00:00:00Z\n", "2.5.3"),
            (
                "Contact: mailto:a@b.example\nExpires: 2025-01-01T00:00:00Z\n",
                "expired",
            ),
            ("Contact: mailto:a@b.example\nExpires: next year\n", "2.5.5"),
            (
                "Contact: mailto:a@b.example\nExpires: 2027-01-01T00:00:00Z\nExpires: 2027-01-01T00:00:00Z\n",
                "2.5.5",
            ),
            (
                "Contact: http://b.example\nExpires: 2027-01-01T00:00:00Z\n",
                "2.5.3",
            ),
            (
                "Contact: a@b.example\nExpires: 2027-01-01T00:00:00Z\n",
                "2.5.3",
            ),
            ("<html>\n", "2.2"),
        ];
        for (text, words) in wrong {
            let error = read(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        let elsewhere =
            format!("{GOOD}Canonical: https://other.example/.well-known/security.txt\n");
        assert!(read(&elsewhere).unwrap_err().contains("2.5.2"));
        assert!(read(&format!("{GOOD}Canonical: {URL}\n")).is_ok());
    }
}
