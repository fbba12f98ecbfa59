//! On whose behalf a webhook, or a mail, tells what is new.

use super::{Caller, Member, Refusal, Viewer};
use crate::clock::Instant;
use crate::directory::{Directory, KEY_PREFIX};
use crate::model::{Scopes, Webhook};

/// The account that asked to be told, by the token that it asked with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Subscriber<'a> {
    /// The party's id.
    pub party: &'a str,
    /// The account's name.
    pub account: &'a str,
    /// The token's id; none for the operator.
    pub token: Option<&'a str>,
}

impl<'a> From<&'a Webhook> for Subscriber<'a> {
    fn from(webhook: &'a Webhook) -> Self {
        Subscriber {
            party: &webhook.party,
            account: &webhook.account,
            token: webhook.token.as_deref(),
        }
    }
}

/// On whose behalf a subscriber is told of changes: that of the token that asked for it, to read alone.
/// It lives on when that token ended, as long as its account has another that may read as much.
///
/// # Errors
/// Why it is not told any more.
pub fn subscriber(
    directory: &Directory,
    subscriber: Subscriber<'_>,
    now: Instant,
) -> Result<Caller, Refusal> {
    let Some(asked) = subscriber.token else {
        return Ok(Caller::Operator);
    };
    if let Some(key) = asked.strip_prefix(KEY_PREFIX) {
        return by_key(directory, key, now);
    }
    let asked = directory.token(asked).ok_or(Refusal::AccountEnded)?;
    let limits = &asked.token.collections;
    let reads_as_much = |other: &Vec<String>| {
        other.is_empty() || (!limits.is_empty() && limits.iter().all(|id| other.contains(id)))
    };
    let stands_in = directory.tokens().any(|issued| {
        let token = &issued.token;
        let same = token.party == subscriber.party && token.account == subscriber.account;
        same && token.scopes.read && issued.is_live(now) && reads_as_much(&token.collections)
    });
    if !stands_in {
        return Err(Refusal::AccountEnded);
    }
    let member = Caller::Member(Member {
        token: asked.token.id.clone(),
        party: subscriber.party.to_owned(),
        account: subscriber.account.to_owned(),
        scopes: Scopes {
            read: true,
            ..Scopes::default()
        },
        collections: limits.clone(),
    });
    Viewer::new(directory, &member, now).may_subscribe()?;
    Ok(member)
}

/// The same for what a signed request asked for: it lives as long as the key.
fn by_key(directory: &Directory, key: &str, now: Instant) -> Result<Caller, Refusal> {
    let caller = directory.caller_by_key(key, now);
    let mut caller = caller.ok_or(Refusal::AccountEnded)?;
    if let Caller::Member(member) = &mut caller {
        member.scopes = Scopes {
            read: true,
            ..Scopes::default()
        };
    }
    Viewer::new(directory, &caller, now).may_subscribe()?;
    Ok(caller)
}
