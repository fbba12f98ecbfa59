//! Lists of cases.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use node::act::request::Query;
use node::{Caller, Error, Node, Refusal};
use serde::{Deserialize, Serialize};

use super::case::Case;
use super::word;

/// Cases of a page when nothing is asked for, and at most.
const PAGE: usize = 50;
const MOST: usize = 200;

/// Which cases are asked for: the parameters of `GET /api/v1/requests`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// Between this party and any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) party: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    /// Between the caller's party and any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mine: Option<bool>,
    /// That wait for the caller's party, the most urgent first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    /// Those alone that are late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) overdue: Option<bool>,
    /// Where the page before ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    /// 1 to 200; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<usize>,
}

/// A page of cases, without their steps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cases {
    pub(crate) requests: Vec<Case>,
    /// What `before` of the next page is; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl Ask {
    /// What `node` answers to `caller`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the parameter; [`Error::Refused`] for what is one's own without an
    /// account; [`Error::Storage`].
    pub(crate) fn answer(&self, node: &Node, caller: &Caller) -> Result<Cases, Error> {
        let limit = self.limit.unwrap_or(PAGE);
        if !(1..=MOST).contains(&limit) {
            return Err(Error::Invalid(format!("limit: 1 to {MOST}")));
        }
        let mine = self.mine == Some(true) || self.waiting == Some(true);
        if mine && *caller == Caller::Anonymous {
            return Err(Error::Refused(Refusal::Anonymous));
        }
        let directory = node.directory();
        let shown = |view: &_| Case::new(&directory, view, node.now());
        let query = Query {
            own: mine.then(|| node.stands_for(caller)),
            party: self.party.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            kind: (self.kind.as_deref().map(|text| word("kind", text))).transpose()?,
            category: (self.category.as_deref().map(|text| word("category", text))).transpose()?,
            state: (self.state.as_deref().map(|text| word("state", text))).transpose()?,
            overdue: self.overdue == Some(true),
            before: self.before.as_deref().map(place).transpose()?,
            limit: Some(limit),
        };
        if self.waiting == Some(true) {
            let waiting = node.requests_waiting_among(caller, &query)?;
            return Ok(Cases {
                requests: waiting.iter().map(shown).collect(),
                next: None,
            });
        }
        let page = node.requests(caller, &query)?;
        Ok(Cases {
            requests: page.cases.iter().map(shown).collect(),
            next: page.next.map(cursor),
        })
    }
}

/// A place in a list as text that says nothing by itself.
fn cursor(position: u64) -> String {
    URL_SAFE_NO_PAD.encode(position.to_be_bytes())
}

/// A place back from its text.
fn place(cursor: &str) -> Result<u64, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let bytes: Option<[u8; 8]> = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.map(u64::from_be_bytes).ok_or_else(|| {
        Error::Invalid("before: is no place that a list of requests gave as 'next'".into())
    })
}
