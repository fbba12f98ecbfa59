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
    let form = Form::of(algorithm).filter(|_| in_hashes)?;
    let fits = matches!(value, Constant::Text(text) if form.fits(text));
    (!fits).then(|| format!("a {algorithm} hash of {}", form.words()))
}

/// How an algorithm writes its digests.
enum Form {
    /// So many hexadecimal digits, one of these numbers.
    Digits(&'static [usize]),
    /// What ssdeep writes.
    Fuzzy,
}

/// Characters of a fuzzy hash at most.
const LONGEST_FUZZY: usize = 128;

impl Form {
    /// The form of an algorithm, whatever the name's case and hyphens.
    fn of(algorithm: &str) -> Option<Self> {
        let known = [
            ("MD5", Form::Digits(&[32])),
            ("MD6", Form::Digits(&[32, 40, 56, 64, 96, 128])),
            ("RIPEMD160", Form::Digits(&[40])),
            ("SHA1", Form::Digits(&[40])),
            ("SHA224", Form::Digits(&[56])),
            ("SHA256", Form::Digits(&[64])),
            ("SHA384", Form::Digits(&[96])),
            ("SHA512", Form::Digits(&[128])),
            ("SHA3224", Form::Digits(&[56])),
            ("SHA3256", Form::Digits(&[64])),
            ("SHA3384", Form::Digits(&[96])),
            ("SHA3512", Form::Digits(&[128])),
            ("SSDEEP", Form::Fuzzy),
            ("WHIRLPOOL", Form::Digits(&[128])),
        ];
        let name = algorithm.replace('-', "").to_ascii_uppercase();
        let mut known = known.into_iter();
        known
            .find(|(known, _)| name == *known)
            .map(|(_, form)| form)
    }

    fn fits(&self, text: &str) -> bool {
        match self {
            Form::Digits(lengths) => {
                lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            Form::Fuzzy => {
                (1..=LONGEST_FUZZY).contains(&text.len())
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"/+:.".contains(&byte))
            }
        }
    }

    fn words(&self) -> String {
        match self {
            Form::Digits(lengths) => {
                let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
                format!("{} hexadecimal digits", lengths.join(" or "))
            }
            Form::Fuzzy => format!("1 to {LONGEST_FUZZY} letters, digits, /, +, : and full stops"),
        }
    }
}
