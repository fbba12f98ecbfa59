//! What a text shares: links, hashtags, itself.

use matching::text::Skeleton;
use matching::{Kind, Part, extract};

use super::posts::Layer;

/// Letters of the longest hashtag that is read, in bytes.
const LONGEST_TAG: usize = 200;

/// Hands over what a text shares in a layer: its links in canonical form, its hashtags without
/// case, itself with single spaces, or its skeleton. Nothing for layers that are not of a text.
pub fn objects_of(layer: Layer, text: &[u8], on_object: &mut dyn FnMut(&[u8])) {
    match layer {
        Layer::Object | Layer::Repost => {}
        Layer::Url => extract(text, &mut |found| {
            if found.observable.kind() == Kind::Url && found.part == Part::Whole {
                on_object(found.observable.as_str().as_bytes());
            }
        }),
        Layer::Hashtag => hashtags(&String::from_utf8_lossy(text), on_object),
        Layer::Text => {
            let words = text
                .split(u8::is_ascii_whitespace)
                .filter(|word| !word.is_empty());
            let words: Vec<&[u8]> = words.collect();
            if !words.is_empty() {
                on_object(&words.join(b" ".as_slice()));
            }
        }
        Layer::NearText => {
            if let Ok(skeleton) = Skeleton::of(text) {
                on_object(skeleton.as_str().as_bytes());
            }
        }
    }
}

/// `#` and letters, digits or underscores, at least one of them a letter; not within a word or an
/// address (Unicode's UTS 39 knows more forms, which no platform shares).
fn hashtags(text: &str, on_object: &mut dyn FnMut(&[u8])) {
    let mut before = ' ';
    let mut rest = text;
    while let Some(at) = rest.find(['#', '＃']) {
        let (head, tail) = rest.split_at(at);
        before = head.chars().next_back().unwrap_or(before);
        let mark = tail.chars().next().map_or(1, char::len_utf8);
        let tag = tail.get(mark..).unwrap_or_default();
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || is_mark(c);
        let end = tag.find(|c: char| !is_part(c)).unwrap_or(tag.len());
        let (tag, after) = tag.split_at(end);
        let stands_alone = !is_part(before) && !matches!(before, '/' | '&' | '#' | '＃');
        if stands_alone && tag.len() <= LONGEST_TAG && tag.chars().any(char::is_alphabetic) {
            on_object(format!("#{}", tag.to_lowercase()).as_bytes());
        }
        before = tag.chars().next_back().unwrap_or('#');
        rest = after;
    }
}

/// Marks that follow a letter in Indic and other scripts, which are no letters themselves.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(layer: Layer, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        objects_of(layer, text.as_bytes(), &mut |object| {
            found.push(String::from_utf8_lossy(object).into_owned());
        });
        found
    }

    #[test]
    fn hashtags_are_read_without_case_and_not_within_words() {
        let text = "#Vote2018, (#ÉLECTIONS) no#tag https://example.com/#part #1 ##x #a_b#c #हिन्दी";
        assert_eq!(
            of(Layer::Hashtag, text),
            ["#vote2018", "#élections", "#a_b", "#हिन्दी"]
        );
    }

    #[test]
    fn links_are_read_in_one_form() {
        let text = "see HTTPS://Example.com:443/a and hxxp://example[.]com/a, mail a@example.com";
        assert_eq!(
            of(Layer::Url, text),
            ["http://example.com/a", "http://example.com/a"]
        );
    }

    #[test]
    fn texts_are_compared_to_the_letter_or_by_their_skeleton() {
        assert_eq!(of(Layer::Text, " Vote \n today! "), ["Vote today!"]);
        assert_eq!(
            of(Layer::NearText, "V0te  t0day!!"),
            of(Layer::NearText, "vote tOOday")
        );
        assert!(of(Layer::NearText, "a b").is_empty());
        assert!(of(Layer::Text, "\n").is_empty());
        assert!(of(Layer::Repost, "x").is_empty());
    }
}
