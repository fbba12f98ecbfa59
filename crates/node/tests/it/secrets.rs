//! Tokens and the administrator link.

use crate::fixture::{member, node, shared};
use node::act::manage::NewToken;
use node::clock::Instant;
use node::model::Scopes;
use node::{Caller, Error, Refusal};

fn new_token(party: &str) -> NewToken {
    NewToken {
        party: party.into(),
        account: "tests".into(),
        scopes: Scopes::ALL,
        collections: Vec::new(),
        expires: None,
    }
}

#[tokio::test]
async fn a_revoked_token_stops_at_once() {
    let node = node().await;
    shared(&node).await;
    let (secret, token) = node
        .create_token(&Caller::Operator, new_token("alpha"))
        .await
        .unwrap();
    let alpha = node.authenticate(&secret.text).unwrap();
    node.revoke_token(&Caller::Operator, &token.id)
        .await
        .unwrap();
    assert_eq!(node.authenticate(&secret.text), Err(Error::Unauthenticated));
    // Also for what was under way with it.
    let late = node
        .publish(&alpha, "shared", "{\"objects\":[]}".into())
        .await;
    assert_eq!(late.err(), Some(Error::Unauthenticated));
}

#[tokio::test]
async fn wrong_and_expired_tokens_are_refused() {
    let node = node().await;
    let ends = Some(Instant(node.now().0 - 1));
    let expired = NewToken {
        expires: ends,
        ..new_token("alpha")
    };
    let (secret, _) = node.create_token(&Caller::Operator, expired).await.unwrap();
    assert_eq!(node.authenticate(&secret.text), Err(Error::Unauthenticated));
    let (secret, _) = node
        .create_token(&Caller::Operator, new_token("alpha"))
        .await
        .unwrap();
    let mut wrong = secret.text.clone();
    wrong.push('x');
    for text in [
        wrong.as_str(),
        "",
        "ent_",
        "ent__",
        "ent_000000000000_",
        &secret.text[4..],
    ] {
        assert_eq!(
            node.authenticate(text),
            Err(Error::Unauthenticated),
            "{text}"
        );
    }
    assert!(node.authenticate(&secret.text).is_ok());
}

#[tokio::test]
async fn secrets_are_not_kept() {
    let node = node().await;
    let (secret, _) = node
        .create_token(&Caller::Operator, new_token("alpha"))
        .await
        .unwrap();
    let kept = format!("{:?}", node.directory());
    // `ent_<id>_<secret>`: a secret may hold underscores of its own.
    let private = secret.text.splitn(3, '_').nth(2).unwrap();
    assert!(!kept.contains(private) && !format!("{secret:?}").contains(private));
}

#[tokio::test]
async fn only_administrators_manage() {
    let node = node().await;
    let alpha = member(&node, "alpha", "read,publish").await;
    let refused = node.create_token(&alpha, new_token("beta")).await;
    assert_eq!(
        refused.err(),
        Some(Error::Refused(Refusal::AdministerScope))
    );
    let refused = node
        .create_token(&Caller::Anonymous, new_token("beta"))
        .await;
    assert_eq!(refused.err(), Some(Error::Refused(Refusal::Anonymous)));
}

#[tokio::test]
async fn the_administrator_link_works_once_for_a_day_and_only_at_first() {
    let node = node().await;
    let link = node.first_admin_link().await.unwrap().unwrap();
    assert_eq!(node.first_admin_link().await.unwrap(), None);
    assert!(node.admin_link_is_open(&link));
    let secret = node.use_admin_link(&link).await.unwrap();
    let caller = node.authenticate(&secret.text).unwrap();
    assert!(node.viewer(&caller).administers().is_ok());
    assert_eq!(
        node.use_admin_link(&link).await.err(),
        Some(Error::Unauthenticated)
    );
    assert!(!node.admin_link_is_open(&link));
}
