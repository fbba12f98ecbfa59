//! CPE 2.3 formatted strings (NISTIR 7695).

/// Whether a text is one: `cpe:2.3:` and eleven components.
pub(crate) fn is_cpe(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("cpe:2.3:") else {
        return false;
    };
    let components = components(rest);
    let [part, others @ ..] = components.as_slice() else {
        return false;
    };
    matches!(*part, "a" | "o" | "h" | "*" | "-")
        && others.len() == 10
        && others
            .iter()
            .enumerate()
            .all(|(index, component)| match index {
                5 => matches!(*component, "*" | "-") || is_language(component),
                _ => is_component(component),
            })
}

/// Splits at colons that no backslash stands before.
fn components(text: &str) -> Vec<&str> {
    let mut components = Vec::with_capacity(11);
    let (mut start, mut escaped) = (0, false);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b':' => {
                components.push(text.get(start..index).unwrap_or_default());
                start = index + 1;
            }
            _ => {}
        }
    }
    components.push(text.get(start..).unwrap_or_default());
    components
}

/// `en`, `eng`, `en-GB` or `en-123`.
fn is_language(text: &str) -> bool {
    let (language, region) = match text.split_once('-') {
        Some((language, region)) => (language, Some(region)),
        None => (text, None),
    };
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic());
    (2..=3).contains(&language.len())
        && letters(language)
        && region.is_none_or(|region| {
            (region.len() == 2 && letters(region))
                || (region.len() == 3 && region.bytes().all(|b| b.is_ascii_digit()))
        })
}

/// `*`, `-`, or characters of which the special ones are escaped, with `?`s or a `*` at the ends.
fn is_component(text: &str) -> bool {
    if matches!(text, "*" | "-") {
        return true;
    }
    let stem = match text.strip_prefix('*') {
        Some(stem) => stem,
        None => text.trim_start_matches('?'),
    };
    let mut bytes = stem.bytes();
    let mut characters = 0;
    let mut ending = None;
    while let Some(byte) = bytes.next() {
        match byte {
            b'?' | b'*' if ending.is_none() && characters > 0 => ending = Some(byte),
            b'?' if ending == Some(b'?') => {}
            _ if ending.is_some() => return false,
            b'\\' if bytes.next().is_some_and(is_escapable) => characters += 1,
            b'-' | b'.' | b'_' => characters += 1,
            _ if byte.is_ascii_alphanumeric() => characters += 1,
            _ => return false,
        }
    }
    characters > 0
}

fn is_escapable(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !matches!(byte, b'-' | b'.' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatted_strings_are_told_from_other_texts() {
        for cpe in [
            "cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*",
            "cpe:2.3:o:foo\\!bar:b-az:1.0.?:-:*:en-US:*:*:x86:*",
            "cpe:2.3:-:*:*:*:*:*:*:*:*:*:*",
        ] {
            assert!(is_cpe(cpe), "{cpe}");
        }
        for text in [
            "",
            "cpe:/a:microsoft:word",
            "cpe:2.3:x:microsoft:word:2000:*:*:*:*:*:*:*",
            "cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*",
            "cpe:2.3:a:micro soft:word:2000:*:*:*:*:*:*:*",
            "cpe:2.3:a:micro*soft:word:2000:*:*:*:*:*:*:*",
            "cpe:2.3:a::word:2000:*:*:*:*:*:*:*",
        ] {
            assert!(!is_cpe(text), "{text}");
        }
    }
}
