//! Reading names in scripts other than ASCII.

use std::ops::Range;

use crate::name;

/// U-labels that fit into a name: a name of 253 ASCII bytes may be longer in UTF-8.
const LONGEST: usize = 4 * name::LONGEST;

/// Cuts a token into the pieces between its punctuation and its bytes that are not UTF-8.
pub(super) fn pieces(token: &[u8], each: &mut dyn FnMut(Range<usize>)) {
    let mut at = 0;
    for chunk in token.utf8_chunks() {
        let valid = chunk.valid();
        let mut start = 0;
        for (offset, character) in valid.char_indices() {
            if !character.is_ascii() && is_separator(character) {
                piece(valid, at, start..offset, each);
                start = offset + character.len_utf8();
            }
        }
        piece(valid, at, start..valid.len(), each);
        at += valid.len() + chunk.invalid().len();
    }
}

/// One piece, and the ASCII parts of it that stand in a script without spaces: `请看evil.example`.
fn piece(valid: &str, at: usize, span: Range<usize>, each: &mut dyn FnMut(Range<usize>)) {
    let Some(text) = valid.get(span.clone()).filter(|text| !text.is_empty()) else {
        return;
    };
    each(at + span.start..at + span.end);
    if text.is_ascii() || !text.chars().any(is_unspaced) {
        return;
    }
    let mut start = 0;
    for (offset, character) in text.char_indices() {
        if is_unspaced(character) {
            if start < offset {
                each(at + span.start + start..at + span.start + offset);
            }
            start = offset + character.len_utf8();
        }
    }
    if start < text.len() {
        each(at + span.start + start..at + span.end);
    }
}

/// The A-labels of a name.
pub(super) fn ascii_name(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= LONGEST)?;
    name::canonical_seen(text)
}

/// Characters that part words: punctuation, symbols, spaces, emoji.
fn is_separator(character: char) -> bool {
    match character {
        // Joiners occur within names (RFC 5892, appendix A).
        '\u{200c}' | '\u{200d}' => false,
        '\u{80}'..='\u{bf}' => !character.is_alphanumeric() && character != '\u{b7}',
        '×'
        | '÷'
        | '\u{2000}'..='\u{206f}'
        | '\u{20a0}'..='\u{20cf}'
        | '\u{2190}'..='\u{2bff}'
        | '\u{3000}'..='\u{3004}'
        | '\u{3008}'..='\u{3020}'
        | '\u{3030}'
        | '\u{fe10}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff0c}'
        | '\u{ff0f}'
        | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}'
        | '\u{ff5b}'..='\u{ff65}'
        | '\u{fff0}'..='\u{ffff}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{1f000}'..='\u{1faff}' => true,
        _ => character.is_whitespace() || character.is_control(),
    }
}

/// Scripts whose words stand without spaces between them.
fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{e00}'..='\u{eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Myanmar
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' // Kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Han
        | '\u{20000}'..='\u{3ffff}')
}
