//! Keys, domains, sponsors and signatures: who may what, and what of it a start finds again.

use std::sync::Arc;

use jiff::civil::date;
use journal::memory::Memory;
use node::act::history::NewAdoption;
use node::act::identity::domains::{Look, Validity};
use node::clock::{Clock, Instant};
use node::identity::statement::{KeyStatement, SignatureStatement, SponsorshipStatement};
use node::identity::{Method, Outcome, SigningKey, VERIFICATION, key_name};
use node::pledge::{Identity, Stance, text_hash};
use node::{Caller, Error, Node, Refusal};

use crate::fixture::{self, NEW_YEAR, member};

fn key(seed: u8, name: &str) -> SigningKey {
    SigningKey::generate([seed; 32], name).unwrap()
}

/// A statement that enrols `new` for `party`, signed by it and by others.
fn enrolment(
    party: &str,
    new: &SigningKey,
    replaces: Option<&SigningKey>,
    also: &[&SigningKey],
) -> String {
    let statement = KeyStatement {
        party: party.into(),
        key: new.verifier().clone(),
        label: None,
        replaces: replaces.map(|old| key_name(old.verifier())),
        date: date(2026, 1, 1),
    };
    let text = statement.to_string();
    let mut note = new.sign_note(&text).unwrap();
    for other in also {
        note.add(other.sign(&text)).unwrap();
    }
    note.to_string()
}

fn signing(node: &Node, party: &str, expires: i16) -> SignatureStatement {
    let directory = node.directory();
    let pledge = directory.pledge().unwrap();
    SignatureStatement {
        pledge: pledge.id.clone(),
        version: 1,
        text: text_hash(pledge, 1),
        party: party.into(),
        domain: None,
        reservations: Vec::new(),
        date: date(2026, 1, 1),
        expires: date(expires, 1, 1),
    }
}

async fn prove(node: &Node, caller: &Caller, party: &str, domain: &str) {
    let claim = node.claim_domain(caller, party, domain).await.unwrap().what;
    let record = format!("{VERIFICATION}{}", claim.token);
    let look = Look::at_records(&claim, vec![record]);
    node.observe(&claim, vec![look], Validity::default())
        .await
        .unwrap();
}

fn identity(node: &Node, party: &str) -> Identity {
    let directory = node.directory();
    let now = directory.identities().now(node.now());
    directory.standing(party, now).identity
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story in one piece")]
async fn keys_are_enrolled_by_their_party_and_each_word_counts_as_far_as_it_goes() {
    let node = fixture::node().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let (first, second, third) = (key(1, "alpha"), key(2, "alpha"), key(3, "alpha"));
    let ask = enrolment("alpha", &first, None, &[]);
    let refused = node.enrol_key(&Caller::Anonymous, &ask).await.unwrap_err();
    assert_eq!(refused, Refusal::Anonymous.into());
    let refused = node.enrol_key(&beta, &ask).await.unwrap_err();
    assert_eq!(refused, Refusal::NotThisParty.into());
    // a key may read and publish everywhere: what is narrower brings none
    let Caller::Member(mut narrow) = alpha.clone() else {
        unreachable!()
    };
    narrow.collections = vec!["one".into()];
    let publishing = member(&node, "alpha", "publish").await;
    for narrow in [Caller::Member(narrow), publishing] {
        let refused = node.enrol_key(&narrow, &ask).await.unwrap_err();
        assert_eq!(refused, Refusal::NotThisParty.into());
    }
    // without the key itself nobody enrols it
    let stolen = enrolment("alpha", &first, None, &[]).replace(
        ask.lines().last().unwrap(),
        enrolment("alpha", &second, None, &[])
            .lines()
            .last()
            .unwrap(),
    );
    assert!(matches!(
        node.enrol_key(&alpha, &stolen).await,
        Err(Error::Invalid(_))
    ));
    node.enrol_key(&alpha, &ask).await.unwrap();
    assert!(matches!(
        node.enrol_key(&alpha, &ask).await,
        Err(Error::Conflict(_))
    ));
    // the same key, or another's name, for another party
    for wrong in [key(1, "beta"), key(4, "alpha"), key(5, "beta.example")] {
        let ask = enrolment("beta", &wrong, None, &[]);
        assert!(node.enrol_key(&beta, &ask).await.is_err());
    }
    // a token alone does not bring a second key; a living key, or an administrator, does
    let alone = enrolment("alpha", &second, None, &[]);
    assert!(matches!(
        node.enrol_key(&alpha, &alone).await,
        Err(Error::Conflict(_))
    ));
    node.enrol_key(
        &alpha,
        &enrolment("alpha", &second, Some(&first), &[&first]),
    )
    .await
    .unwrap();
    node.enrol_key(&Caller::Operator, &enrolment("alpha", &third, None, &[]))
        .await
        .unwrap();
    let directory = node.directory();
    let words: Vec<&str> = directory
        .identities()
        .keys_of("alpha")
        .iter()
        .map(|key| key.state(directory.identities().now(node.now())).as_str())
        .collect();
    assert_eq!(words, ["replaced", "live", "live"]);
    // what was replaced vouches for nothing
    let late = enrolment("alpha", &key(6, "alpha"), None, &[&first]);
    assert!(node.enrol_key(&alpha, &late).await.is_err());
    // revoked: at once, once, by its own party
    let name = key_name(second.verifier());
    assert!(
        node.revoke_key(&beta, &name, "why not", None)
            .await
            .is_err()
    );
    assert!(matches!(
        node.revoke_key(&alpha, &name, "", None).await,
        Err(Error::Invalid(_))
    ));
    let later = Some(Instant(node.now().0 + 1_000_000));
    assert!(node.revoke_key(&alpha, &name, "lost", later).await.is_err());
    node.revoke_key(&alpha, &name, "lost", None).await.unwrap();
    assert!(matches!(
        node.revoke_key(&alpha, &name, "lost", None).await,
        Err(Error::Conflict(_))
    ));
    assert!(node.directory().caller_by_key(&name, node.now()).is_none());
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story in one piece")]
async fn a_signature_binds_text_key_and_days_and_the_register_follows() {
    let journal = Arc::new(Memory::default());
    let node = Node::on(Arc::clone(&journal) as _, Clock::manual(NEW_YEAR)).unwrap();
    fixture::furnish(&node).await;
    let gamma = member(&node, "gamma", "read,publish").await;
    let (own, other) = (key(1, "gamma"), key(2, "gamma"));
    node.enrol_key(&gamma, &enrolment("gamma", &own, None, &[]))
        .await
        .unwrap();
    let statement = signing(&node, "gamma", 2027);
    let note = |statement: &SignatureStatement, key: &SigningKey| {
        key.sign_note(&statement.to_string()).unwrap().to_string()
    };
    let wrong = [
        note(&statement, &other),
        note(
            &SignatureStatement {
                text: [1; 32],
                ..statement.clone()
            },
            &own,
        ),
        note(
            &SignatureStatement {
                version: 2,
                ..statement.clone()
            },
            &own,
        ),
        note(
            &SignatureStatement {
                pledge: "other".into(),
                ..statement.clone()
            },
            &own,
        ),
        note(
            &SignatureStatement {
                expires: date(2025, 12, 31),
                ..statement.clone()
            },
            &own,
        ),
        note(
            &SignatureStatement {
                date: date(2025, 6, 1),
                ..statement.clone()
            },
            &own,
        ),
        note(
            &SignatureStatement {
                domain: Some("gamma.example".parse().unwrap()),
                ..statement.clone()
            },
            &own,
        ),
        note(&statement, &own).replace("gamma\nstance", "alpha\nstance"),
        note(&statement, &own).replace("2027", "2028"),
    ];
    for (at, wrong) in wrong.iter().enumerate() {
        let refused = node.sign_pledge(&gamma, wrong).await;
        assert!(refused.is_err(), "{at}: {refused:?}");
    }
    assert_eq!(
        node.directory().stance("gamma", NEW_YEAR.day()),
        Some(Stance::InTalks)
    );
    let good = note(&statement, &own);
    let refused = node
        .sign_pledge(&Caller::Anonymous, &good)
        .await
        .unwrap_err();
    assert_eq!(refused, Refusal::Anonymous.into());
    let held = node.sign_pledge(&gamma, &good).await.unwrap();
    assert_eq!(
        node.directory().stance("gamma", NEW_YEAR.day()),
        Some(Stance::Signed)
    );
    let directory = node.directory();
    let source = directory
        .register()
        .history("gamma")
        .last()
        .unwrap()
        .source
        .clone();
    assert_eq!(
        source,
        Some(format!("entry {} of this node's journal", held.position))
    );
    // an old note brings nothing back
    assert!(matches!(
        node.sign_pledge(&gamma, &good).await,
        Err(Error::Conflict(_))
    ));
    assert_eq!(identity(&node, "gamma"), Identity::Claimed);
    prove(&node, &gamma, "gamma", "gamma.example").await;
    assert_eq!(identity(&node, "gamma"), Identity::Verified);
    let renewed = SignatureStatement {
        domain: Some("gamma.example".parse().unwrap()),
        ..signing(&node, "gamma", 2028)
    };
    node.sign_pledge(&gamma, &note(&renewed, &own))
        .await
        .unwrap();
    // a start finds the same, at every hour
    let incremental = node.directory();
    drop(node);
    let rebuilt = Node::on(journal, Clock::manual(NEW_YEAR)).unwrap();
    for days in [0, 1, 44, 46, 400, 800] {
        let at = Instant(NEW_YEAR.0 + days * 86_400_000_000);
        let now = rebuilt.directory();
        assert_eq!(now.standing("gamma", at), incremental.standing("gamma", at));
    }
    let late = Instant(NEW_YEAR.0 + 46 * 86_400_000_000);
    assert_eq!(
        incremental.standing("gamma", late).identity,
        Identity::Lapsed
    );
    // the suspended stay suspended
    let delta = member(&rebuilt, "delta", "read,publish").await;
    let theirs = key(9, "delta");
    rebuilt
        .enrol_key(&delta, &enrolment("delta", &theirs, None, &[]))
        .await
        .unwrap();
    let note = note(&signing(&rebuilt, "delta", 2027), &theirs);
    assert!(matches!(
        rebuilt.sign_pledge(&delta, &note).await,
        Err(Error::Conflict(_))
    ));
}

#[tokio::test]
async fn what_is_seen_of_a_domain_is_written_when_it_is_news() {
    let node = fixture::node().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    assert!(
        node.claim_domain(&beta, "alpha", "alpha.example")
            .await
            .is_err()
    );
    assert!(
        node.claim_domain(&alpha, "alpha", "no domain")
            .await
            .is_err()
    );
    let claim = node
        .claim_domain(&alpha, "alpha", "Alpha.Example.")
        .await
        .unwrap();
    let again = node
        .claim_domain(&alpha, "alpha", "alpha.example")
        .await
        .unwrap();
    assert_eq!(claim, again);
    let claim = claim.what;
    let entries = async |records: Vec<String>| {
        let before = node.entries();
        let look = Look::at_records(&claim, records);
        node.observe(&claim, vec![look], Validity::default())
            .await
            .unwrap();
        node.entries() - before
    };
    let good = format!("{VERIFICATION}{}", claim.token);
    assert_eq!(entries(vec![]).await, 1);
    assert_eq!(entries(vec![]).await, 0);
    assert_eq!(entries(vec!["v=spf1 -all".into(), good.clone()]).await, 1);
    assert_eq!(entries(vec![good.clone()]).await, 0);
    assert_eq!(entries(vec![format!("{good}x")]).await, 1);
    let directory = node.directory();
    let seen = directory
        .identities()
        .last_seen("alpha", "alpha.example", Method::DnsTxt);
    assert_eq!(seen.unwrap().what.outcome, Outcome::Wrong);
    // another claim's token proves nothing
    let theirs = node
        .claim_domain(&beta, "beta", "alpha.example")
        .await
        .unwrap()
        .what;
    let look = Look::at_records(&theirs, vec![good]);
    assert_eq!(look.outcome, Outcome::Wrong);
}

#[tokio::test]
async fn sponsors_have_signed_and_proved_who_they_are() {
    let node = fixture::node().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let beta = member(&node, "beta", "read,publish").await;
    let (a, b) = (key(1, "alpha"), key(2, "beta"));
    for (caller, party, key) in [(&alpha, "alpha", &a), (&beta, "beta", &b)] {
        node.enrol_key(caller, &enrolment(party, key, None, &[]))
            .await
            .unwrap();
        let statement = signing(&node, party, 2027).to_string();
        let note = key.sign_note(&statement).unwrap().to_string();
        node.sign_pledge(caller, &note).await.unwrap();
    }
    let statement = SponsorshipStatement {
        sponsor: "alpha".into(),
        party: "beta".into(),
        key: b.verifier().clone(),
        date: date(2026, 1, 1),
        expires: date(2026, 12, 31),
    };
    let note = a.sign_note(&statement.to_string()).unwrap().to_string();
    assert!(matches!(
        node.sponsor(&alpha, &note).await,
        Err(Error::Conflict(_))
    ));
    prove(&node, &alpha, "alpha", "alpha.example").await;
    let forged = b.sign_note(&statement.to_string()).unwrap().to_string();
    assert!(node.sponsor(&alpha, &forged).await.is_err());
    assert_eq!(
        node.sponsor(&beta, &note).await.unwrap_err(),
        Refusal::NotThisParty.into()
    );
    node.sponsor(&alpha, &note).await.unwrap();
    assert_eq!(identity(&node, "beta"), Identity::Verified);
    // vouched for, it does not vouch
    let back = SponsorshipStatement {
        sponsor: "beta".into(),
        party: "alpha".into(),
        key: a.verifier().clone(),
        ..statement
    };
    let back = b.sign_note(&back.to_string()).unwrap().to_string();
    assert!(matches!(
        node.sponsor(&beta, &back).await,
        Err(Error::Conflict(_))
    ));
    node.end_sponsorship(&alpha, "alpha", "beta").await.unwrap();
    assert_eq!(identity(&node, "beta"), Identity::Claimed);
    assert!(node.end_sponsorship(&alpha, "alpha", "beta").await.is_err());
    assert!(
        node.sponsor(&alpha, &note).await.is_err(),
        "taken back, the old note is spent"
    );
    let longer = format!("{note}{}", b.sign(&note));
    assert!(
        node.sponsor(&alpha, &longer).await.is_err(),
        "and so it is with one more signature on it"
    );
}

#[tokio::test]
async fn a_collection_may_take_what_is_signed_alone() {
    let node = fixture::node().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let collection = fixture::collection("signed");
    let id = collection.id.clone();
    node.set_collection(&Caller::Operator, collection)
        .await
        .unwrap();
    let own = key(1, "alpha");
    node.enrol_key(&alpha, &enrolment("alpha", &own, None, &[]))
        .await
        .unwrap();
    let name = key_name(own.verifier());
    let signed = node.directory().caller_by_key(&name, node.now()).unwrap();
    assert_eq!(
        signed.account(),
        Some(&*format!("key:{}", own.verifier().id()))
    );
    assert!(node.demand_signed(&alpha, "signed", true).await.is_err());
    node.demand_signed(&Caller::Operator, "signed", true)
        .await
        .unwrap();
    for caller in [&alpha, &Caller::Operator] {
        assert_eq!(
            node.may_publish(caller, &id).unwrap_err(),
            Refusal::Unsigned.into()
        );
    }
    assert!(node.may_publish(&signed, &id).is_ok());
    assert!(node.viewer(&signed).administers().is_err());
    node.demand_signed(&Caller::Operator, "signed", false)
        .await
        .unwrap();
    assert!(node.may_publish(&alpha, &id).is_ok());
    // a key speaks for its party as an account does, and the steward does not while one lives
    let Caller::Member(account) = &alpha else {
        unreachable!()
    };
    node.revoke_token(&Caller::Operator, &account.token)
        .await
        .unwrap();
    let adopt = |source: Option<&str>| NewAdoption {
        party: "alpha".into(),
        version: None,
        date: None,
        source: source.map(str::to_owned),
    };
    let ended = node.adopt(&alpha, adopt(None)).await.unwrap_err();
    assert_eq!(ended, Error::Unauthenticated);
    let other = node.adopt(&Caller::Operator, adopt(Some("a letter"))).await;
    assert_eq!(other.unwrap_err(), Refusal::SpeaksForItself.into());
    let own = node.adopt(&signed, adopt(None)).await.unwrap_err();
    assert!(
        matches!(own, Error::Conflict(_)),
        "it holds to it already: {own:?}"
    );
}
