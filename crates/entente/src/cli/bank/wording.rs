//! How a bank's content is said in STIX, and read from it.
//!
//! Content is an indicator whose pattern is one `IN` (STIX 2.1 §9.6.1) over hashes of a file: PDQ
//! hashes, or the 64-bit hashes of a text's keyed deletion neighbourhood. Two labels say under which
//! key: without it the hashes say nothing, and with another they match nothing.

use std::fmt::Write as _;

use matching::pdq::Pdq;
use matching::text::{Key, Neighbourhood};
use stix::pattern::{self, Condition, Constant, Operator, Step};

/// What the hashes of texts are called: HMAC-SHA256 of a skeleton or a deletion of it, cut to 64
/// bits.
pub(super) const OF_TEXTS: &str = "SKELETON-HMAC-64";
const OF_IMAGES: &str = "PDQ";
/// Before the mark of a key, in a label.
const KEY: &str = "key:";

/// What an indicator says of content.
pub(super) enum Said {
    Text(Neighbourhood),
    Images(Vec<Pdq>),
}

/// The pattern of a text.
pub(super) fn of_text(neighbourhood: &Neighbourhood) -> String {
    let hashes = neighbourhood.hashes().iter();
    among(OF_TEXTS, hashes.map(|hash| format!("{hash:016x}")))
}

/// The pattern of an image, or of the frames of a video.
pub(super) fn of_images(hashes: &[Pdq]) -> String {
    match hashes {
        [one] => stix::build::pattern(stix::signal::SaidKind::Pdq, &one.to_string()),
        many => among(OF_IMAGES, many.iter().map(ToString::to_string)),
    }
}

fn among(algorithm: &str, hashes: impl Iterator<Item = String>) -> String {
    let mut pattern = format!("[file:hashes.'{algorithm}' IN (");
    for (at, hash) in hashes.enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // writing to a String does not fail
        let _ = write!(pattern, "{comma}'{hash}'");
    }
    pattern + ")]"
}

/// The mark of a key: 32 bits of an HMAC, which tell keys apart and nothing about them.
pub(super) fn label_of(key: &Key) -> String {
    let [a, b, c, d, ..] = key.authenticate(b"entente: which key this is");
    format!("{KEY}{a:02x}{b:02x}{c:02x}{d:02x}")
}

/// The key that labels name.
pub(super) fn key_of<'l>(labels: impl IntoIterator<Item = &'l str>) -> Option<&'l str> {
    labels.into_iter().find(|label| label.starts_with(KEY))
}

/// What a pattern says of content; none when it is about something else.
pub(super) fn read(pattern: &str) -> Option<Said> {
    let parsed = pattern::parse(pattern).ok()?;
    let [test] = parsed.atoms().try_into().ok()?;
    let path = &test.path;
    let [Step::Key(algorithm)] = path.steps.as_slice() else {
        return None;
    };
    if path.object_type != "file" || path.property != "hashes" || test.negated {
        return None;
    }
    let hashes: Vec<&str> = match &test.condition {
        Condition::In(constants) => constants.iter().map(text).collect::<Option<_>>()?,
        Condition::Compare(Operator::Equal, constant) => vec![text(constant)?],
        _ => return None,
    };
    if algorithm == OF_TEXTS {
        let hash = |digits: &&str| u64::from_str_radix(digits, 16).ok();
        let hashes: Option<Vec<u64>> = hashes.iter().map(hash).collect();
        return Some(Said::Text(Neighbourhood::from_hashes(hashes?)));
    }
    if algorithm.eq_ignore_ascii_case(OF_IMAGES) {
        let hashes: Option<Vec<Pdq>> = hashes.iter().map(|hash| hash.parse().ok()).collect();
        return hashes.map(Said::Images);
    }
    None
}

fn text<'c>(constant: &'c Constant<'_>) -> Option<&'c str> {
    match constant {
        Constant::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use matching::text::Skeleton;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let key = Key::new(b"a key for tests alone").unwrap();
        let skeleton = Skeleton::of(b"they are vermin").unwrap();
        let text = Neighbourhood::of(&key, &skeleton);
        assert!(matches!(read(&of_text(&text)), Some(Said::Text(read)) if read == text));
        let frames: Vec<Pdq> = (1..4).map(|n| Pdq::from_words([n, 0, 0, 0])).collect();
        for hashes in [&frames[..1], &frames[..]] {
            assert!(matches!(read(&of_images(hashes)), Some(Said::Images(read)) if read == hashes));
        }
        for other in [
            "[domain-name:value = 'a.example']",
            "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']",
            "[file:hashes.'PDQ' = 'x']",
            "nothing",
        ] {
            assert!(read(other).is_none(), "{other}");
        }
        assert_eq!(
            key_of(["x", &label_of(&key)]),
            Some(label_of(&key).as_str())
        );
    }
}
