//! Digests in patterns: a comparison with a hash that no digest can equal is a mistake.

use super::ast::{Constant, ObjectPath, Step};

/// What a constant compared with this path must be, when it is not: names the algorithm and the
/// length.
pub(super) fn wrong_digest(path: &ObjectPath<'_>, value: &Constant<'_>) -> Option<String> {
    let Some(Step::Key(algorithm)) = path.steps.last() else {
        return None;
    };
    let in_hashes = path.property == "hashes"
        || path
            .steps
            .iter()
            .any(|step| matches!(step, Step::Key(key) if key == "hashes"));
    let length = digits(algorithm).filter(|_| in_hashes)?;
    let fits = matches!(value, Constant::Text(text)
        if text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    (!fits).then(|| format!("a {algorithm} hash of {length} hexadecimal digits"))
}

/// Hexadecimal digits of an algorithm's digest, whatever the name's case and hyphens.
fn digits(algorithm: &str) -> Option<usize> {
    let known = [
        ("MD5", 32),
        ("RIPEMD160", 40),
        ("SHA1", 40),
        ("SHA224", 56),
        ("SHA256", 64),
        ("SHA384", 96),
        ("SHA512", 128),
        ("SHA3224", 56),
        ("SHA3256", 64),
        ("SHA3384", 96),
        ("SHA3512", 128),
        ("WHIRLPOOL", 128),
    ];
    let name = algorithm.replace('-', "").to_ascii_uppercase();
    known
        .iter()
        .find(|(known, _)| name == *known)
        .map(|(_, digits)| *digits)
}
