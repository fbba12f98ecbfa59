//! `/contest/{token}`: for whoever holds a link, and nobody in particular.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use node::Caller;

use super::super::{Frame, Rendered, answered, html, refusal, render, see_other};
use crate::http::App;
use crate::http::blocking::blocking;
use crate::http::error::Refused;
use crate::http::form::Filled;
use crate::http::pace::{Peer, Stranger};
use crate::http::pages::requests::{ContestPage, Said};
use crate::http::pages::site::Here;
use crate::present::request::{Contact, Contest, Contestable};

/// `GET /contest/{token}`
pub(super) async fn shown(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    // Whoever is signed in looks at it as anybody does.
    let patient = Stranger::new(&app, peer.map(|Extension(peer)| peer), &headers);
    let page = answered(app, headers, Caller::Anonymous, move |frame| {
        let page = patient.and_then(|_| whole(frame, &token, Said::default(), None));
        match page {
            Ok(body) => html(StatusCode::OK, body),
            Err(refused) => refusal(frame, &plain(refused)),
        }
    });
    kept_nowhere(page.await)
}

/// `POST /contest/{token}`
pub(super) async fn said(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Path(token): Path<String>,
    body: Body,
) -> Response {
    let read = async {
        Stranger::new(&app, peer.map(|Extension(peer)| peer), &headers)?;
        let (node, asked) = (Arc::clone(&app.node), token.clone());
        blocking(move || Ok(node.contestable(&asked)?)).await?;
        Filled::read(&app, &headers, body, 0).await
    };
    let form = match read.await {
        Ok(form) => form,
        Err(refused) => {
            let frame = Frame::new(&app, &headers, Caller::Anonymous);
            return kept_nowhere(refusal(&frame, &plain(refused)));
        }
    };
    let said = Said {
        words: form.text("words"),
        name: form.some("name").unwrap_or_default(),
        email: form.some("email").unwrap_or_default(),
    };
    let Err(refused) = say(&app, &token, said.clone()).await else {
        let to = format!("/contest/{token}#answer");
        return kept_nowhere(see_other(&to));
    };
    let page = answered(app, headers, Caller::Anonymous, move |frame| {
        let problem = Some(refused.detail.clone());
        match whole(frame, &token, said, problem) {
            Ok(body) => html(refused.status, body),
            Err(_) => refusal(frame, &plain(refused)),
        }
    });
    kept_nowhere(page.await)
}

async fn say(app: &App, token: &str, said: Said) -> Result<Contestable, Refused> {
    let contact = match (said.name.is_empty(), said.email.is_empty()) {
        (true, true) => None,
        (false, false) => Some(Contact {
            name: said.name,
            email: said.email,
        }),
        _ => {
            let words = "Give both your name and your e-mail address, or neither.";
            return Err(Refused::bad(words));
        }
    };
    if said.words.trim().is_empty() {
        return Err(Refused::bad(
            "Say why it was wrong, in a few words at least.",
        ));
    }
    let contest = Contest {
        words: said.words.trim().to_owned(),
        contact,
    };
    Ok(contest.say(&app.node, token).await?)
}

fn whole(frame: &Frame, token: &str, said: Said, problem: Option<String>) -> Rendered {
    let found = frame.node.contestable(token)?;
    render(&ContestPage {
        site: frame.site(Here::Elsewhere)?,
        token: token.to_owned(),
        shown: Contestable::new(&frame.node, &found),
        said,
        problem,
    })
}

/// The refusal for people who have nothing but a link.
fn plain(refused: Refused) -> Refused {
    if refused.status == StatusCode::NOT_FOUND {
        let words = "This link is not known, was replaced by another, or is over. Ask whoever gave it \
                     to you for a new one.";
        return Refused::new(StatusCode::NOT_FOUND, words);
    }
    refused
}

/// The address itself is the secret: nothing keeps it, or hands it on.
fn kept_nowhere(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("x-robots-tag"),
            "noindex, nofollow, noarchive",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
