//! Passages of protected documents: how many leaks are found and how many texts are accused in vain,
//! on generated corpora; and what winnowing promises, whatever the texts.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of small numbers"
)]

use detect::secrets::{Document, Index, Protected, Scanner, Settings};
use matching::text::{Key, Selected, Winnower, normal};
use proptest::prelude::*;

/// Documents that are protected, and texts that leaks are pasted into.
const PROTECTED: usize = 200;
const CARRIERS: usize = 250;
/// Characters of a text.
const LENGTH: usize = 13_000;
/// Shared fingerprints that a finding has at least.
const MINIMUM: u32 = 3;

/// `SplitMix64` (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

/// A language: words as frequent as Zipf has it, and set phrases that everybody uses.
struct Language {
    words: Vec<String>,
    phrases: Vec<String>,
    boilerplate: Vec<String>,
}

impl Language {
    fn new(dice: &mut Dice) -> Self {
        const PARTS: [&str; 24] = [
            "a", "en", "ti", "or", "s", "re", "al", "con", "me", "nt", "ing", "de", "pro", "ly",
            "e", "st", "un", "ve", "ra", "li", "to", "ch", "is", "ma",
        ];
        let word = |dice: &mut Dice| {
            (0..=dice.below(3))
                .map(|_| PARTS[dice.below(PARTS.len())])
                .collect::<String>()
        };
        let words = (0..6000).map(|_| word(dice)).collect();
        let mut language = Self {
            words,
            phrases: Vec::new(),
            boilerplate: Vec::new(),
        };
        language.phrases = (0..300).map(|_| language.words(dice, 45)).collect();
        language.boilerplate = (0..30).map(|_| language.words(dice, 600)).collect();
        language
    }

    /// Words of about so many characters.
    fn words(&self, dice: &mut Dice, characters: usize) -> String {
        let mut text = String::new();
        while text.len() < characters {
            // log-uniform ranks: the frequency of a rank falls as 1 over it
            let spread = (dice.next() >> 11) as f64 / (1_u64 << 53) as f64;
            let rank = (self.words.len() as f64).powf(spread) as usize - 1;
            text.push_str(&self.words[rank]);
            text.push(if dice.below(12) == 0 { '\n' } else { ' ' });
        }
        text
    }

    /// A text of its own, with phrases and paragraphs that others have too.
    fn text(&self, dice: &mut Dice) -> String {
        let mut text = String::new();
        while text.len() < LENGTH {
            text.push_str(&self.words(dice, 900));
            match dice.below(4) {
                0 => text.push_str(&self.phrases[dice.below(self.phrases.len())]),
                1 => text.push_str(&self.boilerplate[dice.below(self.boilerplate.len())]),
                _ => {}
            }
        }
        text
    }
}

fn key() -> Key {
    Key::new(b"a key for these tests").unwrap()
}

fn fingerprints(settings: Settings, key: &Key, text: &str) -> Vec<u64> {
    let mut winnower = Winnower::new(settings.grain);
    let (mut found, mut letters) = (Vec::new(), String::new());
    let mut keep = |selected: &Selected<'_>| {
        letters.clear();
        selected.write_letters(&mut letters);
        found.push(key.hash(&[&letters]));
    };
    winnower.feed(text.as_bytes(), &mut keep);
    winnower.finish(&mut keep);
    found
}

fn protect(texts: &[String], allowed: &[String]) -> Protected {
    let (settings, key) = (Settings::default(), key());
    let mut set = Protected::new(settings, &key);
    let allowed: Vec<u64> = allowed
        .iter()
        .flat_map(|text| fingerprints(settings, &key, text))
        .collect();
    set.allow(&allowed);
    for (id, text) in (0..).zip(texts) {
        set.put(
            id,
            vec![Document {
                id,
                source: id,
                content: 0,
                name: String::new(),
                fingerprints: fingerprints(settings, &key, text),
            }],
        );
    }
    set
}

/// The documents that a text is said to hold passages of.
fn found(set: &Protected, index: &Index, text: &str, minimum: u32) -> Vec<usize> {
    let key = key();
    let mut scanner = Scanner::new(set, index, &key, minimum);
    scanner.feed(text.as_bytes(), &mut |_| ());
    let matches = scanner.finish(&mut |_| ());
    matches.iter().map(|one| one.document).collect()
}

/// A passage of about so many characters, from within a stretch of a text's own.
fn passage(dice: &mut Dice, text: &str, length: usize) -> String {
    let from = dice.below(text.len() - length);
    text[from..from + length].to_owned()
}

fn reflowed(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let lines: Vec<String> = words
        .chunks(7)
        .map(|line| format!("> {}", line.join("  ")))
        .collect();
    lines.join(" \r\n").to_uppercase()
}

/// A text with one word of ten changed.
fn changed(dice: &mut Dice, language: &Language, text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.iter().map(|word| match dice.below(10) {
        0 => language.words[dice.below(language.words.len())].as_str(),
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Leaks found of those made, in percent; each is pasted into another text.
fn recall(
    (set, index): (&Protected, &Index),
    (protected, carriers): (&[String], &[String]),
    dice: &mut Dice,
    mut leak: impl FnMut(&mut Dice, &str) -> String,
) -> f64 {
    let mut hits = 0;
    for carrier in carriers {
        let from = dice.below(protected.len());
        let leak = leak(dice, &protected[from]);
        let at = dice.below(carrier.len());
        let text = format!("{}{leak}{}", &carrier[..at], &carrier[at..]);
        hits += u32::from(found(set, index, &text, MINIMUM).contains(&from));
    }
    f64::from(hits) / carriers.len() as f64
}

#[test]
fn leaks_are_found_and_others_are_not_accused() {
    for seed in [1, 2, 3] {
        let mut dice = Dice(seed);
        let language = Language::new(&mut dice);
        // what is secret is a text's own; what all have stands around it
        let secrets: Vec<String> = (0..PROTECTED)
            .map(|_| language.words(&mut dice, LENGTH))
            .collect();
        let protected: Vec<String> = secrets
            .iter()
            .map(|secret| {
                let paragraph = &language.boilerplate[dice.below(language.boilerplate.len())];
                format!("{paragraph}{secret}{}", language.phrases[dice.below(300)])
            })
            .collect();
        let carriers: Vec<String> = (0..CARRIERS).map(|_| language.text(&mut dice)).collect();
        // the allow corpus: other texts of the house, not the carriers
        let allowed: Vec<String> = (0..CARRIERS).map(|_| language.text(&mut dice)).collect();

        let set = protect(&protected, &allowed);
        let index = Index::of(&set);
        let mut of = |leak: &mut dyn FnMut(&mut Dice, &str) -> String| {
            recall((&set, &index), (&secrets, &carriers), &mut dice, leak)
        };
        let verbatim = of(&mut |dice, text| passage(dice, text, 400));
        let reflow = of(&mut |dice, text| reflowed(&passage(dice, text, 400)));
        let edited = of(&mut |dice, text| {
            let passage = passage(dice, text, 400);
            changed(dice, &language, &passage)
        });
        let longer = of(&mut |dice, text| passage(dice, text, 800));
        let accused = |set: &Protected| {
            let index = Index::of(set);
            let hits = carriers
                .iter()
                .filter(|text| !found(set, &index, text, MINIMUM).is_empty());
            hits.count() as f64 / CARRIERS as f64
        };
        let (with, without) = (accused(&set), accused(&protect(&protected, &[])));
        println!(
            "seed {seed}: of 400 characters verbatim {verbatim:.3}, reflowed {reflow:.3}, one word \
             of ten changed {edited:.3}; of 800 {longer:.3}; accused in vain {with:.3} with an \
             allow corpus, {without:.3} without"
        );
        assert!(verbatim >= 0.98 && reflow >= 0.98, "{verbatim} {reflow}");
        assert!(edited >= 0.84, "{edited}");
        assert!(longer >= 1.0, "{longer}");
        assert!(with <= 0.02, "{with}");
    }
}

#[test]
fn what_many_documents_share_accuses_nobody() {
    let mut dice = Dice(9);
    let language = Language::new(&mut dice);
    let shared = language.words(&mut dice, 3000);
    let texts: Vec<String> = (0..5)
        .map(|_| format!("{shared}{}", language.words(&mut dice, 3000)))
        .collect();
    let three = protect(&texts[..3], &[]);
    assert_eq!(found(&three, &Index::of(&three), &shared, MINIMUM).len(), 3);
    let five = protect(&texts, &[]);
    assert!(found(&five, &Index::of(&five), &shared, MINIMUM).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any run of k + w - 1 letters in common gives a fingerprint in common.
    #[test]
    fn every_shared_run_of_the_promised_length_is_found(
        shared in "[a-z]{60,90}[ ,.\n]{0,9}[a-z]{20,90}",
        before in "[a-z é\n]{0,200}",
        after in "[a-z ü]{0,200}",
        around in "[a-z ]{0,300}",
        cut in 1_usize..50,
    ) {
        let settings = Settings::default();
        // a letter that repeats counts once, also across the seams: 'é' and 'ü' stand between
        let text = format!("{before}é{shared}ü{after}");
        prop_assume!(normal(shared.as_bytes()).text.chars().count() >= settings.grain.guarantee());
        let set = protect(&[text], &[]);
        let index = Index::of(&set);
        let key = key();
        let mut scanner = Scanner::new(&set, &index, &key, 1);
        let other = format!("{around}ö{shared}ä{around}");
        for piece in other.as_bytes().chunks(cut) {
            scanner.feed(piece, &mut |at| at);
        }
        let matches = scanner.finish(&mut |at| at);
        prop_assert_eq!(matches.len(), 1);
        let found = &matches[0];
        prop_assert!(found.passages.iter().all(|one| one.place == one.start));
        let (from, to) = (around.len() as u64, (other.len() - around.len()) as u64);
        prop_assert!(found.passages.iter().any(|one| one.start < to && one.end > from));
    }

    /// A set says of a text what it says of it among others, and in whatever order it was made.
    #[test]
    fn documents_do_not_depend_on_each_other(
        texts in prop::collection::vec("[a-z ]{80,160}", 1..6),
        which in any::<prop::sample::Index>(),
    ) {
        let which = which.index(texts.len());
        let set = protect(&texts, &[]);
        let alone = protect(&texts[which..=which], &[]);
        let index = Index::of(&set);
        prop_assert!(found(&set, &index, &texts[which], 1).contains(&which));
        prop_assert_eq!(found(&alone, &Index::of(&alone), &texts[which], 1), vec![0]);
        prop_assert_eq!(Protected::from_bytes(&set.to_bytes()), Ok(set));
    }
}
