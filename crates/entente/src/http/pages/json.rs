//! JSON laid out for reading, every token as it was sent: a parser would change numbers.

/// Deepest indentation, so that a text of brackets cannot grow without bound.
const DEEPEST: usize = 32;

/// `text` with line breaks and two spaces a level. Valid JSON stays the same JSON.
pub(crate) fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut after_open = false;
    for character in text.chars() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        if character.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(character, '}' | ']');
        if closes {
            depth = depth.saturating_sub(1);
        }
        // An empty object or list stays on one line.
        if after_open != closes && (after_open || closes) {
            break_line(&mut out, depth);
        }
        after_open = matches!(character, '{' | '[');
        depth += usize::from(after_open);
        in_string = character == '"';
        out.push(character);
        match character {
            ',' => break_line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
    }
    out
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_and_lines_break() {
        let text = r#"{"a" :[1e400,0.10, {}],"b":"x,\"{y\\","c":[]}"#;
        let expected = "{\n  \"a\": [\n    1e400,\n    0.10,\n    {}\n  ],\n  \"b\": \
                        \"x,\\\"{y\\\\\",\n  \"c\": []\n}";
        assert_eq!(indented(text), expected);
    }
}
