//! Canonical e-mail addresses.
//!
//! The local part is lower-cased as well. RFC 5321 §2.4 lets a host tell `Bob` from `bob`; none of
//! note does, and logs and signals differ in case.

use std::ops::Range;

use crate::{Refusal, name};

/// The longest local part (RFC 5321 §4.5.3.1.1).
pub(crate) const LONGEST_LOCAL: usize = 64;

/// How many `=` of a local part are tried as the end of what stands before it.
const MOST_STARTS: usize = 8;

/// Canonical text of a published address, already refanged.
pub(crate) fn canonical(value: &str) -> Result<String, Refusal> {
    let refuse = |reason| Refusal::NotAnEmail {
        value: value.to_owned(),
        reason,
    };
    let bare = strip_mailto(value);
    let (local, domain) = bare.rsplit_once('@').ok_or_else(|| refuse("no @"))?;
    let local = local.to_lowercase();
    if local.is_empty() || local.len() > LONGEST_LOCAL {
        return Err(refuse("a local part of 1 to 64 bytes is needed"));
    }
    // Dot-atom (RFC 5322 §3.2.3, RFC 6531 for other scripts); quoted local parts are not read.
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if !local.chars().all(atom) || local.starts_with('.') || local.ends_with('.') {
        return Err(refuse("its local part"));
    }
    Ok(format!("{local}@{}", name::canonical(domain)?))
}

/// Where the local part of an address in text may begin: all of it, or after each `=` of
/// `from=bob`.
pub(crate) fn starts(text: &[u8], local: Range<usize>) -> impl Iterator<Item = usize> {
    let bytes = text.get(local.clone()).unwrap_or_default();
    let after = memchr::memchr_iter(b'=', bytes).map(move |at| local.start + at + 1);
    let after = after.filter(move |&at| at < local.end).take(MOST_STARTS);
    std::iter::once(local.start).chain(after)
}

/// Appends the canonical text of an address seen; the domain is ASCII.
pub(crate) fn write_seen(local: &[u8], domain: &[u8], out: &mut Vec<u8>) {
    if local.is_ascii() {
        out.extend(local.iter().map(u8::to_ascii_lowercase));
    } else {
        out.extend_from_slice(String::from_utf8_lossy(local).to_lowercase().as_bytes());
    }
    out.push(b'@');
    out.extend(domain.iter().map(u8::to_ascii_lowercase));
}

fn strip_mailto(value: &str) -> &str {
    let bare = value.trim_start_matches('<').trim_end_matches('>');
    let bare = match bare.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => bare.get(7..).unwrap_or(bare),
        _ => bare,
    };
    bare.split_once('?')
        .map_or(bare, |(address, _headers)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        for (written, expected) in [
            ("Bob@Evil.Example", "bob@evil.example"),
            ("mailto:bob@evil.example?subject=hi", "bob@evil.example"),
            ("<bob+tag@evil.example>", "bob+tag@evil.example"),
            ("bob@bücher.example", "bob@xn--bcher-kva.example"),
        ] {
            assert_eq!(canonical(written).as_deref(), Ok(expected), "{written}");
        }
        for wrong in [
            "bob",
            "@evil.example",
            "bob@",
            "b b@evil.example",
            "bob@evil.pdf",
        ] {
            assert!(canonical(wrong).is_err(), "{wrong}");
        }
    }
}
