//! The text of a pledge that parties sign: one way to write it, so that its hash names it.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use super::Pledge;

/// The text of a pledge: what it is, and its principles. Not its parties, sources and facts, which
/// nobody promises, nor who sees what, which a node decides.
///
/// UTF-8 in Unicode's form NFC; lines end in one newline; white space within a value is one space.
pub fn text(pledge: &Pledge, version: u32) -> String {
    let mut text = String::from("entente-pledge/v1\n");
    let mut line = |name: &str, value: &str| {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{name}: {}", plain(value));
    };
    line("id", &pledge.id);
    line("version", &version.to_string());
    line("name", &pledge.name);
    line("adopted", &pledge.adopted.to_string());
    if let Some(place) = &pledge.place {
        line("place", place);
    }
    if let Some(steward) = &pledge.steward {
        line("steward", steward);
    }
    line("binding", if pledge.binding { "yes" } else { "no" });
    line("summary", &pledge.summary);
    for principle in &pledge.principles {
        line(&format!("principle {}", principle.number), &principle.title);
        line("", &principle.summary);
    }
    text
}

/// SHA-256 of [`text()`].
pub fn text_hash(pledge: &Pledge, version: u32) -> [u8; 32] {
    Sha256::digest(text(pledge, version).as_bytes()).into()
}

fn plain(value: &str) -> String {
    let words: Vec<&str> = value.split_whitespace().collect();
    words.join(" ").nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pledge::{PARIS_CALL, PledgeFile};

    #[test]
    fn the_text_depends_on_what_is_promised_and_on_nothing_else() {
        let pledge = PledgeFile::parse(PARIS_CALL, "paris").unwrap().pledge;
        let text = text(&pledge, 1);
        assert!(text.starts_with("entente-pledge/v1\nid: paris-call-2018\nversion: 1\nname: "));
        assert!(text.contains("\nprinciple 9: ") && text.ends_with('\n'));
        assert!(!text.contains("\n\n") && !text.contains("  ") && !text.contains('\r'));
        let mut other = pledge.clone();
        other.facts.clear();
        other.sources.clear();
        other.disclaimer.clear();
        assert_eq!(text_hash(&other, 1), text_hash(&pledge, 1));
        assert_ne!(text_hash(&pledge, 2), text_hash(&pledge, 1));
        other.principles[0].summary.push('!');
        assert_ne!(text_hash(&other, 1), text_hash(&pledge, 1));
    }

    #[test]
    fn the_same_letters_in_another_form_are_the_same_text() {
        let pledge = PledgeFile::parse(PARIS_CALL, "paris").unwrap().pledge;
        let mut composed = pledge.clone();
        composed.name = "Accord d\u{e9}j\u{e0}  vu".into();
        let mut decomposed = pledge;
        decomposed.name = "Accord\nde\u{301}ja\u{300} vu".into();
        assert_eq!(text_hash(&composed, 1), text_hash(&decomposed, 1));
    }
}
