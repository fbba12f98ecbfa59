//! What the words of a request have to be.

use crate::act::Error;
use crate::act::wording;
pub(crate) use crate::act::wording::one_line;
use crate::request::{Contact, Evidence, Ground};

/// Octets of a text.
pub(crate) const MOST_WORDS: usize = 10_000;
/// Octets of a line.
pub(crate) const MOST_LINE: usize = 300;
/// Octets of a target: as long as browsers take a URL.
const MOST_TARGET: usize = 2_000;
/// Targets of a request.
pub(crate) const MOST_TARGETS: usize = 100;
/// Attachments of a request, or of a step.
pub(crate) const MOST_EVIDENCE: usize = 20;

pub(crate) fn invalid<T>(words: impl Into<String>) -> Result<T, Error> {
    Err(Error::Invalid(words.into()))
}

/// Whether a text is some, not too long, and printable.
pub(crate) fn text(what: &str, words: &str) -> Result<(), Error> {
    wording::text(what, words, MOST_WORDS)
}

pub(crate) fn optional(what: &str, words: Option<&str>) -> Result<(), Error> {
    words.map_or(Ok(()), |words| text(what, words))
}

pub(crate) fn targets(targets: &[String]) -> Result<(), Error> {
    if targets.len() > MOST_TARGETS {
        return invalid(format!("targets: at most {MOST_TARGETS}"));
    }
    for (i, target) in targets.iter().enumerate() {
        one_line(&format!("targets/{i}"), target, MOST_TARGET)?;
    }
    Ok(())
}

pub(crate) fn ground(ground: &Ground) -> Result<(), Error> {
    one_line("ground/reference", &ground.reference, MOST_LINE)?;
    text("ground/explanation", &ground.explanation)?;
    match &ground.url {
        Some(url) => web_address("ground/url", url),
        None => Ok(()),
    }
}

/// Whether it is an address that a page may link to.
pub(crate) fn web_address(what: &str, url: &str) -> Result<(), Error> {
    one_line(what, url, MOST_TARGET)?;
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok(());
    }
    invalid(format!("{what}: an address that begins with https://"))
}

pub(crate) fn contact(contact: &Contact) -> Result<(), Error> {
    one_line("contact/name", &contact.name, MOST_LINE)?;
    one_line("contact/email", &contact.email, MOST_LINE)?;
    let split = contact.email.rsplit_once('@');
    let plausible = split.is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !contact.email.contains(char::is_whitespace)
    });
    if plausible {
        return Ok(());
    }
    invalid("contact/email: an e-mail address")
}

pub(crate) fn evidence(evidence: &[Evidence]) -> Result<(), Error> {
    if evidence.len() > MOST_EVIDENCE {
        return invalid(format!("evidence: at most {MOST_EVIDENCE} attachments"));
    }
    for (i, one) in evidence.iter().enumerate() {
        one_line(&format!("evidence/{i}/name"), &one.name, MOST_LINE)?;
        one_line(
            &format!("evidence/{i}/media_type"),
            &one.media_type,
            MOST_LINE,
        )?;
        if one.name.contains(['/', '\\']) {
            return invalid(format!("evidence/{i}/name: a file name without folders"));
        }
    }
    Ok(())
}
