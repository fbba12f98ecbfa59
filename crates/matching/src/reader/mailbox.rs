//! Reading e-mail addresses.

use std::ops::Range;

use crate::classes::{Run, is_name};
use crate::email;
use crate::reader::{Place, Role, Shape, Sink};

/// The @ that ends the local part which goes on at `within`.
pub(super) fn sign_after(place: &Place<'_>, within: Range<usize>) -> Option<usize> {
    let rest = place.slice(within.clone());
    let longest = email::LONGEST_LOCAL;
    let len = rest
        .iter()
        .take(longest)
        .take_while(|&&byte| is_local(byte))
        .count();
    let is_sign =
        rest.get(len) == Some(&b'@') && rest.get(len + 1).is_some_and(|&byte| is_name(byte));
    is_sign.then_some(within.start + len)
}

/// The bytes that local parts are read of; others are allowed by RFC 5322 and far more often part
/// what stands beside the address.
fn is_local(byte: u8) -> bool {
    is_name(byte) || matches!(byte, b'+' | b'=' | b'~')
}

/// Reads the address whose local part is `start..sign`. Returns where reading goes on.
pub(super) fn read<S: Sink>(
    place: &Place<'_>,
    start: usize,
    sign: usize,
    token_end: usize,
    sink: &mut S,
) -> usize {
    let run = Run::at(place.text, sign + 1, token_end).span;
    let end = run.end;
    if place.touches_escape(&(start..end)) {
        return end;
    }
    let (domain, ascii) = match Shape::of(place, run, sink) {
        Some(Shape::Name(domain)) => (domain, None),
        Some(Shape::Foreign(domain, ascii)) => (domain, Some(ascii)),
        Some(Shape::Number(_)) | None => return end,
    };
    let name = ascii
        .as_deref()
        .map_or(place.slice(domain.clone()), str::as_bytes);
    sink.email(place, start..domain.end, sign, name);
    sink.name(place, domain, name, Role::DomainOfEmail);
    end
}
