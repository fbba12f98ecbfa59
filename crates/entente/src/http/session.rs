//! Sessions of people who signed in on the pages: a random cookie that stands for their token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use node::Caller;
use node::clock::Instant;

use super::App;

/// The cookie's name.
const COOKIE: &str = "entente-session";
/// How long a session lasts, in seconds.
const LASTS: i64 = 12 * 3600;
/// Sessions kept at most; the oldest make room.
const MOST: usize = 10_000;

/// Open sessions, in memory: a restart signs everybody out.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: Mutex<HashMap<String, Session>>,
}

#[derive(Clone, Debug)]
struct Session {
    token: String,
    ends: Instant,
}

impl Sessions {
    /// Opens a session for a token that was just checked; gives the `Set-Cookie` value.
    pub(crate) fn open(&self, token: &str, now: Instant) -> String {
        let id = node::act::manage::random_text();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.ends > now);
        if open.len() >= MOST
            && let Some(oldest) = open
                .iter()
                .min_by_key(|(_, session)| session.ends)
                .map(|(id, _)| id.clone())
        {
            open.remove(&oldest);
        }
        let ends = Instant(now.0 + LASTS * 1_000_000);
        open.insert(
            id.clone(),
            Session {
                token: token.to_owned(),
                ends,
            },
        );
        format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict; Max-Age={LASTS}")
    }

    /// Ends the session of a request; gives the `Set-Cookie` value that forgets it.
    pub(crate) fn close(&self, headers: &HeaderMap) -> String {
        if let Some(id) = cookie(headers) {
            self.open
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(id);
        }
        format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    /// The caller behind the session of a request. The token is checked each time, so that a
    /// revoked one ends its sessions at once.
    pub(crate) fn caller(&self, app: &App, headers: &HeaderMap) -> Option<Caller> {
        app.node.authenticate(&self.token(app, headers)?).ok()
    }

    /// The token that the session of a request stands for.
    pub(crate) fn token(&self, app: &App, headers: &HeaderMap) -> Option<String> {
        let id = cookie(headers)?;
        let session = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.get(id)?.clone()
        };
        (session.ends > app.node.now()).then_some(session.token)
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let values = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|v| v.to_str().ok());
    let mut pairs = values
        .flat_map(|value| value.split(';'))
        .filter_map(|p| p.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, id)| id)
}
