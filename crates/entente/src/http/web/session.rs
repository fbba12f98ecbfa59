//! Signing in and out on the pages, and the one-time administrator link.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use node::Caller;

use super::{Frame, html, page, parameter, refusal, render};
use crate::http::App;
use crate::http::error::Refused;
use crate::http::pages::admin::AdminPage;
use crate::http::pages::message::MessagePage;
use crate::http::pages::sign_in::SignInPage;
use crate::http::pages::site::Here;

/// Octets of a form.
const FORM: usize = 16 << 10;

/// `GET /sign-in?next=`
pub(super) async fn form(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, None, move |frame| {
        let next = local(parameter(query.as_deref(), "next"));
        render(&SignInPage {
            site: frame.site(Here::SignIn)?,
            refused: false,
            next,
        })
    })
    .await
}

/// `POST /sign-in`
pub(super) async fn sign_in(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let frame = Frame::new(&app, &headers, Caller::Anonymous);
    let form = match read_form(&app, &headers, body).await {
        Ok(form) => form,
        Err(refused) => return refusal(&frame, &refused),
    };
    let token = parameter(Some(&form), "token").unwrap_or_default();
    let next = local(parameter(Some(&form), "next"));
    if app.node.authenticate(token.trim()).is_ok() {
        let cookie = app.sessions.open(token.trim(), app.node.now());
        return see_other(&next, &cookie);
    }
    let page = frame.site(Here::SignIn);
    match page.and_then(|site| {
        render(&SignInPage {
            site,
            refused: true,
            next,
        })
    }) {
        Ok(body) => html(StatusCode::UNAUTHORIZED, body),
        Err(refused) => refusal(&frame, &refused),
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Response {
    let cookie = app.sessions.close(&headers);
    see_other("/", &cookie)
}

/// `GET /admin?link=`: shows a button, so that no mail scanner that follows links uses it up.
pub(super) async fn admin_link(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, None, move |frame| {
        let link = parameter(query.as_deref(), "link").unwrap_or_default();
        if !frame.node.admin_link_is_open(&link) {
            return Err(spent());
        }
        render(&AdminPage {
            site: frame.site(Here::Elsewhere)?,
            link,
        })
    })
    .await
}

/// `POST /admin`: makes the administrator's token, shows it once and signs in with it.
pub(super) async fn use_admin_link(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let frame = Frame::new(&app, &headers, Caller::Anonymous);
    let used = async {
        let form = read_form(&app, &headers, body).await?;
        let link = parameter(Some(&form), "link").unwrap_or_default();
        let secret = app.node.use_admin_link(&link).await.map_err(|_| spent())?;
        let page = render(&MessagePage {
            site: frame.site(Here::Elsewhere)?,
            status: None,
            title: "Your administrator token".into(),
            detail: "Keep it now: it is shown this once. It reads, publishes and administers; use \
                     it as Bearer token, as the password of Basic authentication, or with \
                     entente --token. You are signed in."
                .into(),
            keep: Some(secret.text.clone()),
        })?;
        Ok::<_, Refused>((page, app.sessions.open(&secret.text, app.node.now())))
    };
    match used.await {
        Ok((page, cookie)) => {
            let mut response = html(StatusCode::OK, page);
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                headers.insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(refused) => refusal(&frame, &refused),
    }
}

fn spent() -> Refused {
    let words = "This administrator link is not known, was used, or is more than a day old. On the \
                 node's own machine 'entente token create --party operator --scope \
                 read,publish,administer' makes a new token.";
    Refused::new(StatusCode::NOT_FOUND, words)
}

/// The body of a form.
///
/// # Errors
/// 413 when it is larger than any form here.
pub(super) async fn read_form(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<String, Refused> {
    let whole = app.bodies.read_up_to(FORM, headers, body).await?;
    Ok(String::from_utf8_lossy(&whole.bytes).into_owned())
}

/// A path on this node to go to next; anything else is the home page. Browsers leave out tabs and line
/// breaks, and read `\` as `/` (WHATWG URL, basic URL parser): only what is printed as it is is taken.
fn local(next: Option<String>) -> String {
    let path = next.filter(|path| {
        let plain = |octet: u8| octet.is_ascii_graphic() && octet != b'\\';
        path.starts_with('/') && !path.starts_with("//") && path.bytes().all(plain)
    });
    path.unwrap_or_else(|| "/".into())
}

fn see_other(to: &str, cookie: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, to), (header::SET_COOKIE, cookie)],
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_led_elsewhere() {
        let to = |next: &str| local(Some(next.to_owned()));
        for here in ["/", "/requests/new?to=beta&kind=takedown", "/party/a%20b"] {
            assert_eq!(to(here), here);
        }
        for elsewhere in [
            "",
            "https://evil.example/",
            "//evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r/evil.example",
            "/\u{b}/evil.example",
            "/\u{7f}/evil.example",
            "/\\evil.example",
            "/ /evil.example",
            "/\u{2028}/evil.example",
            "/\u{ff0f}evil.example",
        ] {
            assert_eq!(to(elsewhere), "/", "{elsewhere:?}");
        }
        assert_eq!(local(None), "/");
    }
}
