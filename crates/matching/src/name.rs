//! Canonical domain names.

use idna::AsciiDenyList;

use crate::Refusal;

/// The longest name in text form (RFC 1035 §2.3.4, without the root's dot).
pub(crate) const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Top-level names that the public suffix list leaves out and that occur in signals all the same:
/// RFC 2606, 6761, 7686, 8375 and ICANN's `internal`.
const RESERVED: [&str; 8] = [
    "example",
    "test",
    "invalid",
    "localhost",
    "local",
    "onion",
    "internal",
    "alt",
];

/// How a name stands to the public suffix list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Below a public suffix, or below a reserved name.
    Registrable,
    /// Itself a public suffix of two labels or more.
    Suffix,
    /// One label.
    SingleLabel,
    /// The last label is no top-level domain.
    UnknownTopLevel,
}

/// Canonical text of a published name: A-labels (UTS 46), lower case, no trailing dot, no leading
/// `*.`, two labels or more under a known top-level domain.
pub(crate) fn canonical(value: &str) -> Result<String, Refusal> {
    let refuse = |reason| Refusal::NotADomain {
        value: value.to_owned(),
        reason,
    };
    let bare = value.strip_prefix("*.").unwrap_or(value);
    let bare = bare.strip_prefix('.').unwrap_or(bare);
    let bare = bare.strip_suffix('.').unwrap_or(bare);
    // UTS 46 maps case and width, and checks that A-labels decode.
    let ascii = idna::domain_to_ascii_cow(bare.as_bytes(), AsciiDenyList::EMPTY)
        .map_err(|_| refuse("not a valid internationalised name"))?
        .into_owned();
    check_labels(&ascii).map_err(refuse)?;
    match standing(&ascii) {
        Standing::Registrable | Standing::Suffix => Ok(ascii),
        Standing::SingleLabel => Err(refuse("a single label")),
        Standing::UnknownTopLevel => Err(Refusal::UnknownTopLevel {
            value: value.to_owned(),
            label: last_label(&ascii).to_owned(),
        }),
    }
}

/// As [`canonical`], but refuses public suffixes: what may be published as a domain.
pub(crate) fn canonical_registrable(value: &str) -> Result<String, Refusal> {
    let name = canonical(value)?;
    match standing(&name) {
        Standing::Suffix => Err(Refusal::PublicSuffix(name)),
        _ => Ok(name),
    }
}

/// Where a canonical name stands.
pub(crate) fn standing(name: &str) -> Standing {
    if !name.contains('.') {
        return Standing::SingleLabel;
    }
    if RESERVED.contains(&last_label(name)) {
        return Standing::Registrable;
    }
    match psl::suffix(name.as_bytes()) {
        Some(suffix) if !suffix.is_known() => Standing::UnknownTopLevel,
        Some(suffix) if suffix.as_bytes().len() == name.len() => Standing::Suffix,
        Some(_) => Standing::Registrable,
        None => Standing::UnknownTopLevel,
    }
}

/// Length and alphabet of a name of A-labels. Underscores are kept: they occur in DNS logs.
fn check_labels(name: &str) -> Result<(), &'static str> {
    if name.len() > LONGEST {
        return Err("longer than 253 bytes");
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err("an empty label");
        }
        if label.len() > LONGEST_LABEL {
            return Err("a label longer than 63 bytes");
        }
        if !label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        {
            return Err("a character that names do not have");
        }
    }
    let last = last_label(name);
    if !last.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return Err("the last label is a number");
    }
    if name.starts_with('-') || last.ends_with('-') {
        return Err("a hyphen at an end");
    }
    Ok(())
}

fn last_label(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Canonical text of a name seen in text: A-labels, lower case; None where it is no name.
/// A name of ASCII letters is taken as written: logs hold A-labels that do not decode.
pub(crate) fn canonical_seen(name: &str) -> Option<String> {
    let ascii = if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii_cow(name.as_bytes(), AsciiDenyList::EMPTY)
            .ok()?
            .into_owned()
    };
    check_labels(&ascii).is_ok().then_some(ascii)
}

/// Whether no label of a name is longer than the DNS allows.
pub(crate) fn has_short_labels(name: &[u8]) -> bool {
    name.split(|&byte| byte == b'.')
        .all(|label| label.len() <= LONGEST_LABEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        for (written, expected) in [
            ("Evil.Example.", "evil.example"),
            ("*.evil.example", "evil.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("ｅｖｉｌ。example", "evil.example"),
            ("_dmarc.evil.co.uk", "_dmarc.evil.co.uk"),
            ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ] {
            assert_eq!(
                canonical_registrable(written).as_deref(),
                Ok(expected),
                "{written}"
            );
        }
    }

    #[test]
    fn refusals_say_why() {
        for suffix in ["co.uk", "github.io"] {
            assert_eq!(
                canonical_registrable(suffix),
                Err(Refusal::PublicSuffix(suffix.to_owned()))
            );
        }
        for file in ["evil.com.pdf", "index.html", "v1.2.alpha9"] {
            assert!(
                matches!(canonical(file), Err(Refusal::UnknownTopLevel { .. })),
                "{file}"
            );
        }
        for wrong in [
            "com",
            "a..example",
            "evil .example",
            "1.2.3.4",
            "-a.example",
            "xn--a.example",
        ] {
            assert!(
                matches!(canonical(wrong), Err(Refusal::NotADomain { .. })),
                "{wrong}"
            );
        }
    }
}
