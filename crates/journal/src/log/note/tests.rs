use super::*;

/// The example of C2SP signed-note, with the key that Go's `sumdb/note` documents.
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SKEY: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const SIGNED: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn the_keys_of_go_are_read_and_printed() {
    let key = VerifierKey::parse(VKEY).unwrap();
    assert_eq!((key.name(), key.kind()), ("PeterNeumann", Kind::Note));
    assert_eq!(key.to_string(), VKEY);
    let private = SigningKey::parse(SKEY).unwrap();
    assert_eq!(private.secret_text(), SKEY);
    assert_eq!(*private.verifier(), key);
    assert!(!format!("{private:?}").contains("AYEKFALV"));
}

#[test]
fn a_note_is_what_go_signs() {
    let note = SigningKey::parse(SKEY).unwrap().sign_note(TEXT).unwrap();
    assert_eq!(note.to_string(), SIGNED);
    let read = Note::parse(SIGNED.as_bytes()).unwrap();
    assert_eq!(read, note);
    let keys = [VerifierKey::parse(VKEY).unwrap()];
    assert_eq!(read.verify(&keys).unwrap()[0].key.name(), "PeterNeumann");
}

#[test]
fn a_changed_text_is_forged_and_an_unknown_key_is_ignored() {
    let keys = [VerifierKey::parse(VKEY).unwrap()];
    let changed = SIGNED.replace("answer", "question");
    let forged = Note::parse(changed.as_bytes()).unwrap().verify(&keys);
    assert_eq!(
        forged.unwrap_err().to_string(),
        "line 4: the signature of PeterNeumann+c74f20a3 does not hold for this text"
    );
    let other = SigningKey::generate([7; 32], "PeterNeumann").unwrap();
    let mut note = other.sign_note(TEXT).unwrap();
    assert!(matches!(
        note.verify(&keys),
        Err(NoteError::NoKnownKey { .. })
    ));
    // A forged signature by a known key spoils a note that another known key signed.
    note.add(Note::parse(changed.as_bytes()).unwrap().signatures()[0].clone())
        .unwrap();
    let both = [other.verifier().clone(), keys[0].clone()];
    assert_eq!(note.verify(&both[..1]).unwrap().len(), 1);
    note.text.push('\n');
    assert!(matches!(
        note.verify(&both),
        Err(NoteError::Forged { line: 5, .. })
    ));
}

#[test]
fn a_cosignature_says_when() {
    let witness = CosigningKey::generate([9; 32], "witness.example/w1").unwrap();
    let log = SigningKey::generate([8; 32], "log.example").unwrap();
    let mut note = log.sign_note("log.example\n1\nroot\n").unwrap();
    note.add(witness.cosign(note.text(), 1_679_315_147))
        .unwrap();
    let keys = [witness.verifier().clone(), log.verifier().clone()];
    let found = note.verify(&keys).unwrap();
    let times: Vec<_> = found.iter().map(|found| found.time).collect();
    assert_eq!(times, [None, Some(1_679_315_147)]);
    // The time is signed.
    let line = note.signatures()[1].clone();
    let mut octets = line.octets().to_vec();
    octets[7] ^= 1;
    let moved = Signature { octets, ..line };
    assert_eq!(witness.verifier().verify(note.text(), &moved), None);
    // A key of one kind is no key of the other.
    let text = witness.secret_text();
    assert_eq!(
        CosigningKey::parse(&text).unwrap().verifier(),
        witness.verifier()
    );
    assert!(matches!(
        SigningKey::parse(&text),
        Err(KeyError::Kind { kind: 4, .. })
    ));
}

#[test]
fn an_empty_line_may_stand_in_a_text() {
    let key = SigningKey::generate([3; 32], "k").unwrap();
    for text in ["\n", "a\n\nb\n", "a\n\n", "\n\n\n"] {
        let note = key.sign_note(text).unwrap();
        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(read.text(), text);
        read.verify(&[key.verifier().clone()]).unwrap();
    }
}

#[test]
fn what_is_no_note_is_refused_with_its_line() {
    let cases: [(&[u8], &str); 12] = [
        (b"", "line 1: the note ends without"),
        (b"a\n", "line 1: the note ends without"),
        (b"a\n\n", "line 2: the note ends without"),
        (b"a\xff\n\n", "line 1 of the note is not valid UTF-8"),
        (b"a\nb\r\n\n", "line 2 of the note has a control character"),
        (
            "a\n\n— k AAAAAAA=".as_bytes(),
            "line 3 is no signature: it ends in no newline",
        ),
        (
            "a\n\n- k AAAAAAA=\n".as_bytes(),
            "line 3 is no signature: it does not start",
        ),
        (
            "a\n\n— k\n".as_bytes(),
            "line 3 is no signature: it is not a name",
        ),
        (
            "a\n\n— k+ AAAAAAA=\n".as_bytes(),
            "line 3 is no signature: the name",
        ),
        (
            "a\n\n— k AAAAAA==\n".as_bytes(),
            "line 3 is no signature: the signature is too short",
        ),
        (
            "a\n\n— k AAAAAAB=\n".as_bytes(),
            "line 3 is no signature: the signature is no base64",
        ),
        (
            "a\n\n— k AAAAAAA=\nb\n".as_bytes(),
            "line 4 is no signature",
        ),
    ];
    for (octets, expected) in cases {
        let error = Note::parse(octets).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{octets:?}: {error}");
    }
}

#[test]
fn limits_are_kept_when_reading_and_when_adding() {
    let line = "— k AAAAAAA=\n";
    let full = format!("a\n\n{}", line.repeat(SIGNATURES_LIMIT));
    assert_eq!(
        Note::parse(full.as_bytes()).unwrap().signatures().len(),
        SIGNATURES_LIMIT
    );
    let over = format!("{full}{line}");
    assert_eq!(
        Note::parse(over.as_bytes()),
        Err(NoteError::TooManySignatures { line: 103 })
    );
    let mut note = Note::parse(full.as_bytes()).unwrap();
    let another = Signature::parse("— other AAAAAAA=\n").unwrap();
    assert!(note.add(another).is_err());
    let large = format!("{}\n\n{line}", "a".repeat(SIZE_LIMIT));
    assert!(matches!(
        Note::parse(large.as_bytes()),
        Err(NoteError::TooLarge { .. })
    ));
    let key = SigningKey::generate([3; 32], "k").unwrap();
    assert!(
        key.sign_note(&format!("{}\n", "a".repeat(SIZE_LIMIT)))
            .is_err()
    );
    assert_eq!(key.sign_note("no newline"), Err(NoteError::Unended));
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    let bad = [
        "",
        "PeterNeumann",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+AhpcQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ];
    for text in bad {
        assert!(VerifierKey::parse(text).is_err(), "{text}");
        assert!(
            SigningKey::parse(&format!("PRIVATE+KEY+{text}")).is_err(),
            "{text}"
        );
    }
    // The neutral element: anybody signs for it.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(
        VerifierKey::new("k", Kind::Note, &neutral),
        Err(KeyError::Unusable)
    );
    assert_eq!(
        SigningKey::generate([0; 32], "a b").unwrap_err(),
        KeyError::Name
    );
}
