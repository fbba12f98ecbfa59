//! Who may have webhooks, and on whose behalf they are told.

use node::act::manage::NewToken;
use node::act::webhooks::{NewWebhook, new_webhook_id};
use node::model::Webhook;
use node::{Caller, Error, Node, Refusal};

use crate::fixture::{self, member};

fn wanted(collections: &[&str]) -> NewWebhook {
    NewWebhook {
        id: new_webhook_id(),
        url: "https://hooks.example/".into(),
        collections: collections.iter().map(ToString::to_string).collect(),
        objects: true,
        secret_hash: [7; 32],
        since: None,
        about: Vec::new(),
    }
}

async fn made(node: &Node, caller: &Caller) -> Webhook {
    node.add_webhook(caller, wanted(&[])).await.unwrap()
}

/// Another token of a party's account.
async fn another(node: &Node, party: &str, collections: &[&str]) -> Caller {
    let new = NewToken {
        party: party.into(),
        account: "tests".into(),
        scopes: "read".parse().unwrap(),
        collections: collections.iter().map(ToString::to_string).collect(),
        expires: None,
    };
    let (secret, _) = node.create_token(&Caller::Operator, new).await.unwrap();
    node.authenticate(&secret.text).unwrap()
}

fn token_of(caller: &Caller) -> &str {
    match caller {
        Caller::Member(member) => &member.token,
        _ => panic!("no member"),
    }
}

#[tokio::test]
async fn parties_that_may_read_have_webhooks_and_see_their_own() {
    let node = fixture::node().await;
    fixture::shared(&node).await;
    let alpha = member(&node, "alpha", "read").await;
    let beta = member(&node, "beta", "read").await;
    let refused = async |caller: &Caller| node.add_webhook(caller, wanted(&[])).await.unwrap_err();
    assert_eq!(refused(&Caller::Anonymous).await, Refusal::Anonymous.into());
    let publisher = member(&node, "alpha", "publish").await;
    assert_eq!(refused(&publisher).await, Refusal::ReadScope.into());
    let suspended = member(&node, "delta", "read").await;
    assert_eq!(refused(&suspended).await, Refusal::Suspended.into());
    let unknown = node.add_webhook(&alpha, wanted(&["nothing"])).await;
    assert_eq!(unknown.unwrap_err(), Error::NotFound("collection"));
    let webhook = node
        .add_webhook(&alpha, wanted(&["shared", "shared"]))
        .await
        .unwrap();
    assert_eq!(
        (webhook.collections.len(), &webhook.party[..]),
        (1, "alpha")
    );
    assert_eq!(node.webhooks(&beta).unwrap(), []);
    assert_eq!(
        node.webhook(&beta, &webhook.id).unwrap_err(),
        Error::NotFound("webhook")
    );
    let removed = node.remove_webhook(&beta, &webhook.id).await;
    assert_eq!(removed.unwrap_err(), Error::NotFound("webhook"));
    let administrator = member(&node, "beta", "read,administer").await;
    let kept = node.webhooks(&administrator).unwrap();
    assert_eq!(kept, std::slice::from_ref(&webhook));
    node.remove_webhook(&administrator, &webhook.id)
        .await
        .unwrap();
    assert_eq!(node.webhooks(&alpha).unwrap(), []);
}

#[tokio::test]
async fn a_webhook_is_told_what_its_token_may_read_as_long_as_its_account_may() {
    let node = fixture::node().await;
    fixture::shared(&node).await;
    let alpha = another(&node, "alpha", &["shared"]).await;
    let webhook = made(&node, &alpha).await;
    let Caller::Member(told) = node.subscriber(&webhook).unwrap() else {
        panic!("a member is told");
    };
    let scopes = told.scopes;
    assert!(scopes.read && !scopes.publish && !scopes.administer);
    assert_eq!(told.collections.len(), 1, "no more than its token");
    node.revoke_token(&Caller::Operator, token_of(&alpha))
        .await
        .unwrap();
    assert_eq!(
        node.subscriber(&webhook).unwrap_err(),
        Refusal::AccountEnded
    );
    // A token of another party, or one that may read less, does not stand in; one that may as much does.
    member(&node, "beta", "read").await;
    member(&node, "alpha", "publish").await;
    assert_eq!(
        node.subscriber(&webhook).unwrap_err(),
        Refusal::AccountEnded
    );
    another(&node, "alpha", &[]).await;
    assert_eq!(node.subscriber(&webhook).unwrap(), Caller::Member(told));
    // Of one that was made without limits, a limited token does not.
    let beta = member(&node, "beta", "read").await;
    let whole = made(&node, &beta).await;
    another(&node, "beta", &["shared"]).await;
    assert_eq!(node.subscriber(&whole).unwrap(), beta);
    for issued in node
        .directory()
        .tokens()
        .filter(|issued| issued.token.collections.is_empty())
    {
        node.revoke_token(&Caller::Operator, &issued.token.id)
            .await
            .unwrap();
    }
    assert_eq!(node.subscriber(&whole).unwrap_err(), Refusal::AccountEnded);
    let operators = made(&node, &Caller::Operator).await;
    assert_eq!(node.subscriber(&operators).unwrap(), Caller::Operator);
}

#[tokio::test]
async fn there_is_a_most_of_webhooks_of_a_party() {
    let node = fixture::node().await;
    let alpha = member(&node, "alpha", "read").await;
    let mut last = made(&node, &alpha).await;
    for _ in 1..20 {
        last = made(&node, &alpha).await;
    }
    let one_more = node.add_webhook(&alpha, wanted(&[])).await;
    assert!(matches!(one_more, Err(Error::Conflict(_))), "{one_more:?}");
    made(&node, &member(&node, "beta", "read").await).await;
    node.remove_webhook(&alpha, &last.id).await.unwrap();
    made(&node, &alpha).await;
}
