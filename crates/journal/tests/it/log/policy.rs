use journal::log::checkpoint::Checkpoint;
use journal::log::note::{CosigningKey, Note, SigningKey};
use journal::log::policy::{Accepted, Policy, Refusal};
use proptest::prelude::*;

const ORIGIN: &str = "log.example/1";

fn log() -> SigningKey {
    SigningKey::generate([1; 32], ORIGIN).unwrap()
}

fn witness(number: u8) -> CosigningKey {
    CosigningKey::generate([100 + number; 32], &format!("witness.example/w{number}")).unwrap()
}

/// A checkpoint cosigned by these, each at 1000 and its number.
fn note(witnesses: &[u8]) -> Note {
    let checkpoint = Checkpoint::new(ORIGIN, 3, [5; 32]).unwrap();
    let mut note = checkpoint.sign(&log()).unwrap();
    for number in witnesses {
        let cosignature = witness(*number).cosign(note.text(), 1000 + u64::from(*number));
        note.add(cosignature).unwrap();
    }
    note
}

/// Two groups of three, as in the standard's example.
fn two_groups() -> String {
    let mut lines = vec![
        "# who is trusted".to_owned(),
        String::new(),
        format!("log {} https://log.example/", log().verifier()),
    ];
    for (group, threshold, first) in [("X", "2", 1), ("Y", "any", 4)] {
        for number in first..first + 3 {
            let key = witness(number).verifier().to_string();
            lines.push(format!("\twitness  {group}{number} {key}"));
        }
        let [a, b, c] = [first, first + 1, first + 2].map(|number| format!("{group}{number}"));
        lines.push(format!("group {group}-witnesses {threshold} {a} {b} {c}"));
    }
    lines.push("group X-and-Y all X-witnesses Y-witnesses".to_owned());
    lines.push("quorum X-and-Y\n".to_owned());
    lines.join("\n")
}

fn accept(policy: &str, note: &Note) -> Result<Accepted, Refusal> {
    Policy::parse(policy.as_bytes()).unwrap().accept(note)
}

#[test]
fn a_quorum_of_groups_is_counted_as_it_stands() {
    let policy = two_groups();
    let accepted = accept(&policy, &note(&[2, 3, 6])).unwrap();
    // The second of X at 1003, the first of Y at 1006: both had seen it at 1006.
    assert_eq!(accepted.seen, Some(1006));
    assert_eq!(accepted.checkpoint.size(), 3);
    let names: Vec<&str> = accepted
        .witnesses
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["X2", "X3", "Y6"]);
    for too_few in [&[][..], &[1, 2, 3], &[1, 4, 5, 6], &[4]] {
        let refused = accept(&policy, &note(too_few)).unwrap_err();
        assert!(matches!(refused, Refusal::Quorum { .. }), "{refused}");
    }
    let refused = accept(&policy, &note(&[1, 4])).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "too few witnesses: the policy asks for 2 of X-witnesses, Y-witnesses; X1, Y4 cosigned"
    );
}

#[test]
fn the_same_witness_twice_counts_once() {
    let mut note = note(&[1, 4]);
    note.add(witness(1).cosign(note.text(), 999)).unwrap();
    assert!(matches!(
        accept(&two_groups(), &note),
        Err(Refusal::Quorum { .. })
    ));
    let policy = format!(
        "log {}\nwitness w {}\nquorum w\n",
        log().verifier(),
        witness(1).verifier()
    );
    assert_eq!(accept(&policy, &note).unwrap().seen, Some(999));
}

#[test]
fn only_a_log_of_the_policy_under_its_own_name_counts() {
    let none = format!("log {}\nquorum none\n", log().verifier());
    assert_eq!(accept(&none, &note(&[])).unwrap().seen, None);
    let other = SigningKey::generate([2; 32], "log.example/2").unwrap();
    let foreign = format!("log {}\nquorum none\n", other.verifier());
    assert!(matches!(
        accept(&foreign, &note(&[])),
        Err(Refusal::Log { .. })
    ));
    // Signed by a trusted log, under another's name.
    let text = note(&[]).text().to_owned();
    let posing = other.sign_note(&text).unwrap();
    assert!(matches!(
        accept(&foreign, &posing),
        Err(Refusal::Log { .. })
    ));
    // A witness alone is no log.
    let mut cosigned = other.sign_note(&text).unwrap();
    cosigned.add(witness(1).cosign(&text, 5)).unwrap();
    let policy = format!("{none}witness w {}\n", witness(1).verifier());
    assert!(matches!(
        accept(&policy, &cosigned),
        Err(Refusal::Log { .. })
    ));
    let nobody = "quorum none\n";
    assert!(matches!(
        accept(nobody, &note(&[])),
        Err(Refusal::Log { .. })
    ));
    let mut trusting = Policy::parse(nobody.as_bytes()).unwrap();
    trusting.trust(log().verifier().clone());
    trusting.accept(&note(&[])).unwrap();
}

#[test]
fn a_forged_cosignature_spoils_the_checkpoint() {
    let policy = two_groups();
    let mut octets = note(&[1, 2, 4]).to_string().into_bytes();
    // Within the last signature's base64.
    let at = octets.len() - 30;
    octets[at] = if octets[at] == b'A' { b'B' } else { b'A' };
    let forged = Note::parse(&octets).unwrap();
    assert!(matches!(accept(&policy, &forged), Err(Refusal::Note(_))));
    let moved = note(&[1, 2, 4]).to_string().replace("\n3\n", "\n4\n");
    let note = Note::parse(moved.as_bytes()).unwrap();
    assert!(matches!(accept(&policy, &note), Err(Refusal::Note(_))));
}

#[test]
fn an_error_names_its_line() {
    let (w, l) = (
        witness(1).verifier().to_string(),
        log().verifier().to_string(),
    );
    let v = witness(2).verifier().to_string();
    let cases = [
        (String::new(), 1, "no quorum line"),
        ("quorum none".to_owned(), 1, "no newline"),
        ("quorum none\nquorum none\n".to_owned(), 2, "already"),
        ("quorum w\n".to_owned(), 1, "defines 'w'"),
        (format!("witness none {w}\n"), 1, "'none' is taken"),
        (format!("witness a {w}\nwitness a {v}\n"), 2, "'a' is taken"),
        (format!("witness a {w}\nwitness b {w}\n"), 2, "already"),
        (format!("log {l}\nlog {l}\n"), 2, "already"),
        (format!("log {w}\n"), 1, "type 0x04"),
        (format!("witness a {l}\n"), 1, "type 0x01"),
        ("log x+00000000+AAAA\n".to_owned(), 1, "the key"),
        (
            format!("witness a {w}\ngroup g 2 a\n"),
            2,
            "'2' is no threshold",
        ),
        (
            format!("witness a {w}\ngroup g 0 a\n"),
            2,
            "'0' is no threshold",
        ),
        (format!("witness a {w}\ngroup g 01 a\n"), 2, "no threshold"),
        (format!("witness a {w}\ngroup g all\n"), 2, "write 'group"),
        (
            format!("witness a {w}\ngroup g any a\ngroup h any a\n"),
            3,
            "member of a group already",
        ),
        (
            format!("witness a {w}\ngroup g any a a\n"),
            2,
            "member of a group already",
        ),
        (format!("witness a {w}\ngroup g any g\n"), 2, "defines 'g'"),
        ("witless a\n".to_owned(), 1, "no keyword"),
        ("# fine\n\u{7f}\n".to_owned(), 2, "control"),
        ("quorum none\r\n".to_owned(), 1, "control"),
    ];
    for (text, line, what) in cases {
        let error = Policy::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.what.contains(what), "{text:?}: {error}");
    }
}

#[test]
fn names_are_octets() {
    let w = witness(1).verifier().to_string();
    let text = [b"witness \xff ", w.as_bytes(), b"\nquorum \xff\n"].concat();
    Policy::parse(&text).unwrap();
    let text = [b"witness \xff ", w.as_bytes(), b"\nquorum \xfe\n"].concat();
    assert_eq!(Policy::parse(&text).unwrap_err().line, 2);
}

proptest! {
    #[test]
    fn no_octets_make_the_reader_stumble(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut octets = two_groups().into_bytes();
        for (at, octet) in changes {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        if let Ok(policy) = Policy::parse(&octets) {
            let _ = policy.accept(&note(&[1, 2, 4]));
        }
    }
}
