//! Statements and standings: what is printed is read, what holds ends when it says.

use jiff::civil::date;
use proptest::prelude::*;

use super::statement::{KeyStatement, SignatureStatement, SponsorshipStatement};
use super::*;
use crate::clock::Instant;
use crate::entry::{Act, Actor, Entry};
use crate::pledge::Identity;

const HOUR: i64 = 3_600_000_000;
/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000_000;

fn signing_key(seed: u8, name: &str) -> SigningKey {
    SigningKey::generate([seed; 32], name).unwrap()
}

/// What a step of a story does, by numbers that proptest draws.
#[derive(Clone, Debug)]
enum Step {
    Enrol(u8),
    Rotate(u8, u8),
    Revoke(u8, i64),
    See(Outcome, i64),
    Sign(u8, i8),
}

fn key_act(seed: u8, replaces: Option<u8>) -> Act<'static> {
    let name = |seed| key_name(signing_key(seed, "a").verifier());
    Act::Key(Key {
        party: "a".into(),
        key: signing_key(seed, "a").verifier().to_string(),
        label: String::new(),
        replaces: replaces.map(name),
        vouch: replaces.map_or(Vouch::Account, |old| Vouch::Key(name(old))),
        note: String::new(),
    })
}

fn act(step: &Step, now: i64) -> Act<'static> {
    let name = |seed: u8| key_name(signing_key(seed, "a").verifier());
    match step {
        Step::Enrol(seed) => key_act(*seed, None),
        Step::Rotate(seed, old) => key_act(*seed, Some(*old)),
        Step::Revoke(seed, back) => Act::RevokeKey(RevokedKey {
            key: name(*seed),
            reason: "lost".into(),
            since: Instant(now - back * HOUR),
        }),
        Step::See(outcome, hours) => Act::Observation(Observation {
            party: "a".into(),
            domain: "a.example".into(),
            method: Method::DnsTxt,
            outcome: *outcome,
            words: String::new(),
            seen: Vec::new(),
            authenticated: None,
            keys: Vec::new(),
            until: Instant(now + hours * HOUR),
        }),
        Step::Sign(seed, days) => Act::Signature(Signature {
            party: "a".into(),
            key: name(*seed),
            pledge: "p".into(),
            version: 1,
            text: [0; 32],
            domain: None,
            reservations: Vec::new(),
            date: Instant(now).day(),
            expires: date(2026, 1, 1) + jiff::Span::new().days(i64::from(*days)),
            note: String::new(),
        }),
    }
}

fn claim() -> Act<'static> {
    Act::Domain(DomainClaim {
        party: "a".into(),
        domain: "a.example".into(),
        token: "t".into(),
    })
}

/// Folds acts, one an hour.
fn fold(acts: &[Act<'static>]) -> Identities {
    let mut identities = Identities::default();
    for (position, act) in (0u32..).zip(acts) {
        let entry = Entry {
            at: Instant(START + i64::from(position) * HOUR),
            actor: Actor {
                party: "a".into(),
                account: "x".into(),
            },
            act: act.clone(),
        };
        identities.apply(position.into(), &entry);
    }
    identities
}

fn story(steps: &[Step]) -> Vec<Act<'static>> {
    let mut acts = vec![claim()];
    for (hour, step) in (1i64..).zip(steps) {
        acts.push(act(step, START + hour * HOUR));
    }
    acts
}

fn at(identities: &Identities, hours: i64) -> Standing {
    identities.standing("a", Instant(START + hours * HOUR), Identity::Recorded)
}

fn word(steps: &[Step], hours: i64) -> Identity {
    at(&fold(&story(steps)), hours).identity
}

#[test]
fn a_signature_and_a_proof_make_verified_and_each_ends_by_itself() {
    use Outcome::{Good, Missing, Unreachable, Wrong};
    let (enrol, sign) = (Step::Enrol(1), Step::Sign(1, 9));
    let seen = |outcome, hours| Step::See(outcome, hours);
    assert_eq!(word(&[], 9), Identity::Recorded);
    assert_eq!(word(std::slice::from_ref(&enrol), 9), Identity::Claimed);
    assert_eq!(word(&[enrol.clone(), sign.clone()], 9), Identity::Claimed);
    let all = [enrol.clone(), seen(Good, 48), sign.clone()];
    // nothing is known before its hour
    assert_eq!(word(&all, 0), Identity::Recorded);
    assert_eq!(word(&all, 2), Identity::Claimed);
    assert_eq!(word(&all, 3), Identity::Verified);
    assert_eq!(word(&all, 49), Identity::Verified);
    assert_eq!(word(&all, 50), Identity::Lapsed);
    // gone or wrong: after the grace; unreachable says nothing; good again starts anew
    for outcome in [Missing, Wrong] {
        let gone = [&all[..], &[seen(outcome, 3)]].concat();
        assert_eq!(
            (word(&gone, 4), word(&gone, 6)),
            (Identity::Verified, Identity::Verified)
        );
        assert_eq!(
            at(&fold(&story(&gone)), 6).proofs[0].state,
            ProofState::Failing
        );
        assert_eq!(word(&gone, 7), Identity::Lapsed);
        let back = [&gone[..], &[seen(Good, 48)]].concat();
        assert_eq!(word(&back, 9), Identity::Verified);
        // a second failure does not prolong the grace of the first
        let twice = [&gone[..], &[seen(outcome, 30)]].concat();
        assert_eq!(word(&twice, 7), Identity::Lapsed);
    }
    let silent = [&all[..], &[seen(Unreachable, 0)]].concat();
    assert_eq!(word(&silent, 49), Identity::Verified);
    // by day: the last day counts whole
    let short = [enrol, seen(Good, 999), Step::Sign(1, 1)];
    assert_eq!(word(&short, 47), Identity::Verified);
    assert_eq!(word(&short, 48), Identity::Lapsed);
}

#[test]
fn a_document_verifies_the_keys_that_it_names_and_no_other() {
    let name = key_name(signing_key(1, "a").verifier());
    let observed = |keys: Vec<String>| {
        let Act::Observation(seen) = act(&Step::See(Outcome::Good, 99), START) else {
            unreachable!()
        };
        Act::Observation(Observation {
            method: Method::WellKnown,
            keys,
            ..seen
        })
    };
    let with = |keys| {
        let mut acts = story(&[Step::Enrol(1), Step::Sign(1, 9)]);
        acts.push(observed(keys));
        at(&fold(&acts), 9).identity
    };
    assert_eq!(with(vec![name]), Identity::Verified);
    assert_eq!(with(vec!["a+00000000".into()]), Identity::Claimed);
}

#[test]
fn a_sponsor_that_is_proved_itself_verifies_and_a_sponsored_one_cannot() {
    let vouches = |sponsor: &str, seed: u8| {
        Act::Sponsorship(Sponsorship {
            sponsor: sponsor.into(),
            key: key_name(signing_key(seed, sponsor).verifier()),
            party: "a".into(),
            for_key: key_name(signing_key(1, "a").verifier()),
            date: date(2026, 1, 1),
            expires: date(2026, 1, 3),
            note: "n".into(),
        })
    };
    let of = |party: &str, act: Act<'static>| {
        let key = key_name(signing_key(2, party).verifier());
        match act {
            Act::Key(k) => Act::Key(Key {
                party: party.into(),
                key: signing_key(2, party).verifier().to_string(),
                ..k
            }),
            Act::Domain(d) => Act::Domain(DomainClaim {
                party: party.into(),
                ..d
            }),
            Act::Observation(o) => Act::Observation(Observation {
                party: party.into(),
                ..o
            }),
            Act::Signature(s) => Act::Signature(Signature {
                party: party.into(),
                key,
                ..s
            }),
            other => other,
        }
    };
    let mut acts = story(&[Step::Enrol(1), Step::Sign(1, 30)]);
    acts.extend([
        of("s", key_act(2, None)),
        of("s", claim()),
        of("s", act(&Step::Sign(2, 30), START)),
        vouches("s", 2),
    ]);
    assert_eq!(at(&fold(&acts), 9).identity, Identity::Lapsed);
    let seen = act(&Step::See(Outcome::Good, 40), START);
    acts.push(of("s", seen));
    assert_eq!(at(&fold(&acts), 9).identity, Identity::Verified);
    // while the sponsor's own domain holds, and until its last day
    assert_eq!(at(&fold(&acts), 39).identity, Identity::Verified);
    assert_eq!(at(&fold(&acts), 41).identity, Identity::Lapsed);
    let mut rotated = acts.clone();
    rotated.push(key_act(3, Some(1)));
    rotated.push(act(&Step::Sign(3, 30), START));
    assert_eq!(
        at(&fold(&rotated), 12).identity,
        Identity::Verified,
        "the old key signed for it"
    );
    let Act::Sponsorship(last) = vouches("s", 2) else {
        unreachable!()
    };
    acts.push(Act::Sponsorship(Sponsorship {
        note: String::new(),
        ..last
    }));
    assert_eq!(at(&fold(&acts), 12).identity, Identity::Claimed);
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcome = prop_oneof![
        Just(Outcome::Good),
        Just(Outcome::Missing),
        Just(Outcome::Wrong),
        Just(Outcome::Unreachable)
    ];
    let step = prop_oneof![
        (0u8..4).prop_map(Step::Enrol),
        (0u8..4, 0u8..4).prop_map(|(new, old)| Step::Rotate(new, old)),
        (0u8..4, 0i64..9).prop_map(|(key, back)| Step::Revoke(key, back)),
        (outcome, 0i64..20).prop_map(|(outcome, hours)| Step::See(outcome, hours)),
        (0u8..4, 0i8..4).prop_map(|(key, days)| Step::Sign(key, days)),
    ];
    proptest::collection::vec(step, 0..24)
}

proptest! {
    /// What is known at an hour is what was known then: later entries change nothing of the past.
    #[test]
    fn the_past_stays_as_it_was(steps in steps(), cut in 0usize..24) {
        let acts = story(&steps);
        let cut = cut.min(acts.len());
        let hour = i64::try_from(cut).unwrap() - 1;
        prop_assert_eq!(at(&fold(&acts), hour), at(&fold(&acts[..cut]), hour));
    }

    /// A revoked key signs nothing that holds after its revocation; what it signed before `since`
    /// stays, and every signature names its key for ever.
    #[test]
    fn a_revoked_key_verifies_nothing_after_it_was_revoked(steps in steps()) {
        let identities = fold(&story(&steps));
        let end = Instant(START + 30 * HOUR);
        for held in identities.signatures("a") {
            prop_assert!(held.what.key.starts_with("a+"));
            let state = identities.signature_state(held, end);
            let key = identities.key(&held.what.key);
            let revoked = key.and_then(|key| key.revoked.as_ref());
            if let Some(revoked) = revoked {
                prop_assert_eq!(identities.live_key(&held.what.key, end), None);
                if held.at >= revoked.what.since {
                    prop_assert_eq!(state, SignatureState::KeyRevoked);
                } else if key.unwrap().enrolled.at <= held.at {
                    prop_assert_ne!(state, SignatureState::KeyRevoked);
                }
            }
        }
        let standing = at(&identities, 30);
        if standing.identity == Identity::Verified {
            prop_assert_eq!(standing.signature.unwrap().1, SignatureState::Valid);
        }
    }

    /// Once nothing more happens, an identity only ever becomes worth less.
    #[test]
    fn time_alone_verifies_nobody(steps in steps(), hours in 25i64..200) {
        let identities = fold(&story(&steps));
        let before = at(&identities, 25).identity;
        let after = at(&identities, hours).identity;
        prop_assert!(after != Identity::Verified || before == Identity::Verified);
    }

    #[test]
    fn statements_are_read_as_they_are_printed(
        numbers in proptest::collection::btree_set(1u16..99, 0..5),
        reason in "[a-zA-Z0-9é:]([a-zA-Z0-9é: -]{0,40}[a-zA-Z0-9é:])?",
        label in proptest::option::of("[a-z]{1,9}"),
    ) {
        let reservations = numbers.into_iter().map(|principle| Reservation {
            principle,
            reason: if principle % 2 == 0 { reason.clone() } else { String::new() },
        });
        let signature = SignatureStatement {
            pledge: "p".into(),
            version: 3,
            text: [7; 32],
            party: "a".into(),
            domain: Some("a.example".parse().unwrap()),
            reservations: reservations.collect(),
            date: date(2026, 1, 1),
            expires: date(2027, 1, 1),
        };
        prop_assert_eq!(SignatureStatement::parse(&signature.to_string()), Ok(signature));
        let key = KeyStatement {
            party: "a".into(),
            key: signing_key(1, "a").verifier().clone(),
            label,
            replaces: Some("a+00000000".into()),
            date: date(2026, 1, 1),
        };
        prop_assert_eq!(KeyStatement::parse(&key.to_string()), Ok(key));
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}", line in 0usize..9) {
        let statement = SponsorshipStatement {
            sponsor: "s".into(),
            party: "a".into(),
            key: signing_key(1, "a").verifier().clone(),
            date: date(2026, 1, 1),
            expires: date(2027, 1, 1),
        };
        let good = statement.to_string();
        prop_assert!(SponsorshipStatement::parse(&text).is_err());
        let mut lines: Vec<&str> = good.lines().collect();
        lines.insert(line.min(lines.len()), &text);
        let more = lines.join("\n") + "\n";
        prop_assert!(SponsorshipStatement::parse(&more).is_err());
        prop_assert_eq!(SponsorshipStatement::parse(&good), Ok(statement));
    }
}

#[test]
fn one_statement_is_no_other_and_is_written_one_way() {
    let key = signing_key(1, "a").verifier().clone();
    let statement = KeyStatement {
        party: "a".into(),
        key,
        label: None,
        replaces: None,
        date: date(2026, 1, 1),
    };
    let text = statement.to_string();
    assert!(SignatureStatement::parse(&text).is_err());
    for wrong in [
        text.replace("/v1", "/v2"),
        text.replace("party: a", "party:  a"),
        text.replace('\n', "\r\n"),
        text.replace("2026-01-01", "20260101"),
        format!("{text}more: x\n"),
        text.trim_end().to_owned(),
        text.replace("party: a\n", ""),
    ] {
        assert!(KeyStatement::parse(&wrong).is_err(), "{wrong:?}");
    }
}
