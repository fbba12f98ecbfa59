use super::*;

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn array<const N: usize>(hexadecimal: &str) -> [u8; N] {
    bytes(hexadecimal).try_into().unwrap()
}

/// Octets that are the same for a seed.
fn dice(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut count = 0_u64;
    move |to: &mut [u8]| {
        for chunk in to.chunks_mut(64) {
            count += 1;
            let digest = Sha512::digest([&[seed][..], &count.to_be_bytes()].concat());
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
    }
}

/// RFC 9497, appendix A.1.1.
#[test]
fn the_vectors_of_the_rfc_hold() {
    let key = ServerKey::derive(&[0xa3; 32], b"test key").unwrap();
    let secret = "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e";
    assert_eq!(key.scalar.to_bytes(), array(secret));
    let blind: [u8; 32] = array("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706");
    let blind = Scalar::from_canonical_bytes(blind).unwrap();
    let inputs = [bytes("00"), bytes("5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a")];
    let (blinds, blinded) = Blinds::with(&inputs, vec![blind; 2]).unwrap();
    let expected: [Element; 2] = [
        array("609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"),
        array("da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418"),
    ];
    assert_eq!(blinded, expected);
    let evaluated = key.evaluate(&blinded).unwrap();
    let expected: [Element; 2] = [
        array("7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"),
        array("b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25"),
    ];
    assert_eq!(evaluated, expected);
    let expected: [Output; 2] = [
        array(
            "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3\
             ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6",
        ),
        array(
            "f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4\
             f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73",
        ),
    ];
    assert_eq!(blinds.finalize(&inputs, &evaluated).unwrap(), expected);
    assert_eq!(key.outputs(&inputs).unwrap(), expected);
}

#[test]
fn who_asks_gets_what_the_holder_computes_for_itself() {
    let key = ServerKey::derive(&[7; 32], b"set").unwrap();
    let inputs: Vec<String> = (0..50)
        .map(|at| format!("domain:host-{at}.example"))
        .collect();
    let (blinds, blinded) = Blinds::blind(&inputs, &mut dice(1)).unwrap();
    let evaluated = key.evaluate(&blinded).unwrap();
    assert_eq!(
        blinds.finalize(&inputs, &evaluated).unwrap(),
        key.outputs(&inputs).unwrap()
    );
    let none: [&str; 0] = [];
    let (blinds, blinded) = Blinds::blind(&none, &mut dice(1)).unwrap();
    assert!(
        blinds
            .finalize(&none, &key.evaluate(&blinded).unwrap())
            .unwrap()
            .is_empty()
    );
}

/// What the holder sees is uniformly random: nothing in it depends on the elements.
#[test]
fn a_transcript_reveals_no_elements() {
    let key = ServerKey::derive(&[7; 32], b"set").unwrap();
    let one: Vec<String> = (0..64).map(|at| format!("domain:a{at}.example")).collect();
    let other: Vec<String> = (0..64).map(|at| format!("md5:{at:032x}")).collect();
    let ask = |inputs: &[String], seed| {
        let (_, blinded) = Blinds::blind(inputs, &mut dice(seed)).unwrap();
        let evaluated = key.evaluate(&blinded).unwrap();
        (blinded, evaluated)
    };
    // the same elements twice, and the same element twice in one question: nothing repeats
    let twice: Vec<String> = one.iter().chain(&one).cloned().collect();
    let (first, second) = (ask(&one, 1), ask(&one, 2));
    let (both, answered) = ask(&twice, 3);
    let mut seen: Vec<Element> = [&first.0, &first.1, &second.0, &second.1, &both, &answered]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
    // no dictionary helps: no message is what any element hashes to, nor its evaluation
    for element in one.iter().chain(&other) {
        let point = hash_to_group(element.as_bytes(), 0).unwrap();
        assert!(!seen.contains(&point.compress().to_bytes()));
        assert!(!seen.contains(&(key.scalar * point).compress().to_bytes()));
    }
    // any transcript of one set is one of the other: with other blinds, which nobody else knows
    let (blinds, blinded) = Blinds::blind(&one, &mut dice(4)).unwrap();
    for ((element, scalar), sent) in one.iter().zip(&blinds.0).zip(&blinded) {
        let point = scalar * hash_to_group(element.as_bytes(), 0).unwrap();
        assert_eq!(&point.compress().to_bytes(), sent);
    }
    // the sizes are the same, whatever is asked
    assert_eq!(ask(&one, 5).0.len(), ask(&other, 6).0.len());
}

#[test]
fn what_is_no_element_is_refused() {
    let key = ServerKey::derive(&[7; 32], b"set").unwrap();
    let fine = key
        .evaluate(&Blinds::blind(&["x"], &mut dice(1)).unwrap().1)
        .unwrap()[0];
    assert_eq!(key.evaluate(&[fine, [0; 32]]), Err(Error::NotAnElement(1)));
    assert_eq!(key.evaluate(&[[0xff; 32]]), Err(Error::NotAnElement(0)));
    let (blinds, _) = Blinds::blind(&["x"], &mut dice(1)).unwrap();
    let count = Error::Count { asked: 1, found: 2 };
    assert_eq!(blinds.finalize(&["x"], &[fine, fine]), Err(count));
    let long = vec![0; LONGEST_INPUT + 1];
    assert_eq!(key.outputs(&[&long]), Err(Error::BadInput(0)));
    assert_eq!(format!("{key:?}"), "ServerKey(..)");
}

#[test]
fn keys_of_other_uses_are_others() {
    let one = ServerKey::derive(&[7; 32], b"set 1").unwrap();
    let other = ServerKey::derive(&[7; 32], b"set 2").unwrap();
    assert_ne!(one.id(), other.id());
    assert_ne!(one.outputs(&["x"]), other.outputs(&["x"]));
}
