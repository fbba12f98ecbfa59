//! `HateCheck` (Röttger and others, 2021): known posts are found however they are spelled, and
//! nothing else is. Run with `ENTENTE_TESTDATA` set to the folder that holds it.

use matching::text::{Key, Neighbourhood, ShortIndex, Skeleton};

/// What a case of the suite is to this test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Known: plain hate of F1 to F8 and F10.
    Bank,
    /// A known post in another spelling (F25 to F29).
    Spelling,
    /// A known post turned around, quoted or named: negations and counter-speech.
    Contrast,
    /// Other posts that are not hateful.
    Benign,
    /// Hate in other words, and references without a known post.
    Other,
}

fn role(functionality: &str, has_reference: bool) -> Role {
    let known = [
        "derog_neg_emote_h",
        "derog_neg_attrib_h",
        "derog_dehum_h",
        "derog_impl_h",
        "threat_dir_h",
        "threat_norm_h",
        "slur_h",
        "profanity_h",
    ];
    if known.contains(&functionality) {
        Role::Bank
    } else if functionality.starts_with("spell_") {
        Role::Spelling
    } else if functionality.ends_with("_nh") && has_reference {
        Role::Contrast
    } else if functionality.ends_with("_nh") && functionality != "counter_ref_nh" {
        Role::Benign
    } else {
        Role::Other
    }
}

/// The cells of a line of CSV with quotes.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for char in line.chars() {
        match char {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(char),
        }
    }
    cells
}

#[test]
fn spelling_variants_are_found_and_nothing_else() {
    let Ok(folder) = std::env::var("ENTENTE_TESTDATA") else {
        println!("skipped: ENTENTE_TESTDATA is not set");
        return;
    };
    let path = format!("{folder}/hate/hatecheck_test_suite_cases.csv");
    let file = std::fs::read_to_string(path).unwrap();
    let cases: Vec<(Role, String, String)> = file
        .lines()
        .skip(1)
        .map(cells)
        .map(|row| {
            (
                role(&row[1], !row[9].is_empty()),
                row[3].clone(),
                row[1].clone(),
            )
        })
        .collect();
    let key = Key::new(b"the key of this test alone").unwrap();
    let hashes = |text: &str| {
        let skeleton = Skeleton::of(text.as_bytes()).ok()?;
        Some(Neighbourhood::of(&key, &skeleton))
    };
    let mut bank = ShortIndex::new();
    let of = |role| cases.iter().filter(move |case| case.0 == role);
    for (at, (_, text, _)) in of(Role::Bank).enumerate() {
        assert!(bank.insert(at as u64, &hashes(text).unwrap()), "{text}");
    }
    let found = |role| {
        let is_found = |text: &str| hashes(text).is_some_and(|h| !bank.lookup(&h).is_empty());
        let found = of(role).filter(|(_, text, _)| is_found(text));
        for (_, text, why) in
            of(role).filter(|(_, text, _)| is_found(text) != (role == Role::Spelling))
        {
            println!("{role:?} {why}: {text}");
        }
        (found.count(), of(role).count())
    };
    assert_eq!(bank.len(), 1117);
    assert_eq!(found(Role::Contrast), (0, 600));
    assert_eq!(found(Role::Benign), (0, 529));
    assert_eq!(found(Role::Spelling), (746, 760));
}
