//! Verifying a request (RFC 9421 §3.2), as strictly as a request needs: method, host, path and query
//! are covered, and the body where there is one; it was made just now, and is taken once.

use axum::http::HeaderMap;
use node::identity::{VerifierKey, bare_signature};
use sfv::{BareItem, Dictionary, InnerList, ListEntry, Parser};

use super::digest::Wanted;
use super::replay::NotTaken;
use super::{LONGEST, Message, Replays, SKEW};

/// Why a signed request is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The signature, or what it covers, in words.
    Signature(String),
    /// Too many signatures hold at a time.
    Full,
}

impl<T: Into<String>> From<T> for Wrong {
    fn from(words: T) -> Self {
        Wrong::Signature(words.into())
    }
}

/// A request whose signature holds.
#[derive(Debug)]
pub(crate) struct Verified {
    /// The key: `name+id`.
    pub(crate) key: String,
    /// What its body has to be.
    pub(crate) body: Option<Wanted>,
}

/// Verifies the signature of a request at `now`, in seconds since 1970. `find` gives the key of this
/// name, if it may sign.
///
/// # Errors
/// [`Wrong`]. Nothing tells an unknown key from one that is revoked, nor a wrong signature by one.
pub(crate) fn verify(
    message: &Message<'_>,
    has_body: bool,
    replays: &Replays,
    now: i64,
    find: impl FnOnce(&str) -> Option<VerifierKey>,
) -> Result<Verified, Wrong> {
    let inputs = dictionary(message.headers, "signature-input")?;
    let signatures = dictionary(message.headers, "signature")?;
    let mut ours = inputs.iter().filter_map(|(label, entry)| match entry {
        ListEntry::InnerList(list) => {
            Parameters::of(list).map(|parameters| (label, list, parameters))
        }
        ListEntry::Item(_) => None,
    });
    let (label, list, parameters) = ours
        .next()
        .ok_or("Signature-Input has no signature with created, expires, nonce and keyid")?;
    if ours.next().is_some() {
        return Err("Signature-Input has more than one signature with a keyid: send one".into());
    }
    let octets = match signatures.get(label) {
        Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
        _ => None,
    };
    let octets = octets.ok_or_else(|| format!("Signature has no '{label}'"))?;
    check_covered(message, list, has_body)?;
    parameters.check(now)?;
    let base = message.base(list)?;
    let holds = find(&parameters.key).is_some_and(|key| {
        let signature = bare_signature(&key, octets);
        signature.is_ok_and(|signature| key.verify(&base, &signature).is_some())
    });
    if !holds {
        return Err(
            "the key may not sign here, or the signature is not its own for this request".into(),
        );
    }
    let window = (parameters.created, parameters.expires);
    replays
        .take(&parameters.key, &parameters.nonce, window, now)
        .map_err(|why| match why {
            NotTaken::Again => "this signature was used before: sign each request anew".into(),
            NotTaken::Before => {
                "the signature was made before this node started: sign it anew".into()
            }
            NotTaken::Full => Wrong::Full,
        })?;
    let digest = list.items.iter().any(|item| is(item, "content-digest"));
    let body = digest.then(|| {
        let value = header(message.headers, "content-digest")?;
        Wanted::parse(&value).map_err(Wrong::from)
    });
    Ok(Verified {
        key: parameters.key,
        body: body.transpose()?,
    })
}

struct Parameters {
    created: i64,
    expires: i64,
    nonce: String,
    key: String,
    algorithm: Option<String>,
}

impl Parameters {
    /// Those of a signature that names a key in our way; others on the way may add theirs.
    fn of(list: &InnerList) -> Option<Self> {
        let number = |name: &str| list.params.get(name).and_then(BareItem::as_integer);
        let text = |name: &str| {
            let value = list.params.get(name)?.as_string()?;
            Some(value.as_str().to_owned())
        };
        Some(Parameters {
            created: number("created")?.into(),
            expires: number("expires")?.into(),
            nonce: text("nonce")?,
            key: text("keyid")?,
            algorithm: text("alg"),
        })
    }

    fn check(&self, now: i64) -> Result<(), Wrong> {
        if self
            .algorithm
            .as_ref()
            .is_some_and(|name| name != "ed25519")
        {
            return Err("alg: keys here are ed25519".into());
        }
        if !(8..=128).contains(&self.nonce.len()) {
            return Err("nonce: 8 to 128 characters, different each time".into());
        }
        if self.created > now + SKEW {
            return Err("created: that time has not come yet: set the clock".into());
        }
        if self.expires < now {
            return Err("expires: the signature has expired".into());
        }
        if self.created < now - LONGEST - SKEW || self.expires > self.created + LONGEST {
            return Err(format!(
                "created and expires: a signature holds for {LONGEST} s at most, from when it is made"
            )
            .into());
        }
        Ok(())
    }
}

fn is(item: &sfv::Item, name: &str) -> bool {
    item.bare_item
        .as_string()
        .is_some_and(|text| text.as_str() == name)
}

/// The most components that a signature covers.
const MOST_COVERED: usize = 32;

/// Whether everything is covered that makes the request what it is.
fn check_covered(message: &Message<'_>, list: &InnerList, has_body: bool) -> Result<(), Wrong> {
    // Looked at before anything is known of who signed.
    if list.items.len() > MOST_COVERED {
        return Err(format!("at most {MOST_COVERED} components are covered").into());
    }
    let covers = |name: &str| list.items.iter().any(|item| is(item, name));
    let mut names: Vec<String> = Vec::new();
    for item in &list.items {
        let name = item
            .bare_item
            .as_string()
            .map(|text| text.as_str().to_owned());
        let name = name.ok_or("a component is no string")?;
        if names.contains(&name) {
            return Err(format!("'{name}' is covered twice").into());
        }
        names.push(name);
    }
    if !covers("@method") {
        return Err("@method is not covered".into());
    }
    let query = message.target.query().is_none() || covers("@query");
    let in_parts =
        covers("@authority") && ((covers("@path") && query) || covers("@request-target"));
    if !covers("@target-uri") && !in_parts {
        return Err("cover @target-uri; or @authority, @path and @query".into());
    }
    if has_body && !covers("content-digest") {
        return Err("a request with a body covers content-digest (RFC 9530)".into());
    }
    Ok(())
}

fn header(headers: &HeaderMap, name: &str) -> Result<String, Wrong> {
    let lines = headers.get_all(name).into_iter();
    let lines: Result<Vec<&str>, _> = lines.map(|line| line.to_str()).collect();
    let lines = lines.map_err(|_| format!("the header {name} is not ASCII"))?;
    Ok(lines.join(", "))
}

fn dictionary(headers: &HeaderMap, name: &str) -> Result<Dictionary, Wrong> {
    let value = header(headers, name)?;
    let read = Parser::new(&value).parse();
    read.map_err(|error| format!("the header {name} cannot be read: {error}").into())
}
