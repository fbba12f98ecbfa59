//! Generated posts, and what is done to posts before they are posted again.

use super::draw::Draw;

/// Words that posts are made of.
const WORDS: usize = 20_000;

/// Posts of 30 to 50 words without end, all different; of every hundred, as many words as in
/// ordinary language are common ones.
pub fn posts(seed: u64) -> impl Iterator<Item = String> {
    let mut draw = Draw::new(seed ^ 0x706f_7374);
    std::iter::repeat_with(move || {
        let count = 30 + draw.below(21);
        sentence(&mut draw, count)
    })
}

/// A post whose words were changed, left out or swapped with their neighbours: `percent` of a
/// hundred.
pub fn edited(post: &str, percent: usize, seed: u64) -> String {
    let mut draw = Draw::new(seed ^ 0x6564_6974);
    let mut words: Vec<String> = post.split(' ').map(str::to_owned).collect();
    let last = words.len() - 1;
    for at in 0..words.len() {
        if draw.below(100) >= percent {
            continue;
        }
        match draw.below(3) {
            0 => words.swap(at, (at + 1).min(last)),
            choice => {
                if let Some(word) = words.get_mut(at) {
                    *word = if choice == 1 {
                        self::word(&mut draw)
                    } else {
                        String::new()
                    };
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// A post inside other text, of `times` its words in all.
pub fn wrapped(post: &str, times: usize, seed: u64) -> String {
    let mut draw = Draw::new(seed ^ 0x7772_6170);
    let others = post.split(' ').count() * times.saturating_sub(1);
    let before = draw.below(others + 1);
    let (before, after) = (
        sentence(&mut draw, before),
        sentence(&mut draw, others - before),
    );
    [before.as_str(), post, after.as_str()]
        .join(" ")
        .trim()
        .to_owned()
}

/// A post that reads the same to a person: capitals, homoglyphs, leet, accents, invisible
/// characters, letters drawn out, punctuation.
pub fn disguised(post: &str, seed: u64) -> String {
    let mut draw = Draw::new(seed ^ 0x6869_6465);
    let mut text = String::new();
    for char in post.chars() {
        let other = match (char, draw.below(12)) {
            ('a', 0) => "\u{430}",
            ('e', 0) => "\u{435}",
            ('o', 0) => "0",
            ('i', 0) => "1",
            ('s', 0) => "$",
            ('a', 1) => "@",
            ('e', 1) => "é",
            ('a'..='z', 2) => {
                text.extend(char.to_uppercase());
                continue;
            }
            ('a'..='z', 3) => {
                text.push(char);
                "\u{200b}"
            }
            ('a'..='z', 4) => {
                text.extend([char; 3]);
                continue;
            }
            (' ', 0) => " - ",
            _ => {
                text.push(char);
                continue;
            }
        };
        text.push_str(other);
    }
    text
}

fn sentence(draw: &mut Draw, words: usize) -> String {
    let words: Vec<String> = (0..words).map(|_| word(draw)).collect();
    words.join(" ")
}

/// A word; low numbers, which are drawn most, give short ones.
fn word(draw: &mut Draw) -> String {
    const STARTS: &[&str] = &[
        "b", "d", "f", "gr", "h", "k", "l", "m", "n", "pr", "r", "s", "st", "t", "v",
    ];
    const MIDDLES: &[&str] = &["a", "e", "i", "o", "u", "ai", "ea", "ou"];
    const ENDS: &[&str] = &["", "l", "n", "r", "s", "t", "nd", "ck"];
    let (one, other) = (draw.below(WORDS), draw.below(WORDS));
    let mut number = one * other / WORDS;
    let mut word = String::new();
    while word.is_empty() || number > 0 {
        for part in [STARTS, MIDDLES, ENDS] {
            word.push_str(part.get(number % part.len()).copied().unwrap_or_default());
            number /= part.len();
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normal;

    #[test]
    fn posts_are_what_they_say() {
        let some: Vec<_> = posts(1).take(100).collect();
        assert_eq!(some, posts(1).take(100).collect::<Vec<_>>());
        for (seed, post) in (0..).zip(&some) {
            let words = post.split(' ').count();
            assert!((30..=50).contains(&words));
            let wrapped = wrapped(post, 5, seed);
            assert_eq!(wrapped.split(' ').count(), 5 * words);
            assert!(wrapped.contains(post.as_str()));
            assert_ne!(&edited(post, 15, seed), post);
            let disguised = disguised(post, seed);
            assert_ne!(&disguised, post);
            assert_eq!(
                normal(disguised.as_bytes()).text,
                normal(post.as_bytes()).text
            );
        }
    }
}
