//! `/inbox`: what waits for the party of who is signed in.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use node::Caller;

use super::{page, parameter, render, see_other};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::pages::inbox::InboxPage;
use crate::http::pages::site::Here;
use crate::present::inbox::{Ask, Inbox};

/// `GET /inbox?after=`
pub(super) async fn inbox(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    // A browser that is asked for credentials would put up a box of its own.
    if matches!(Auth::of(&app, &headers), Ok(Caller::Anonymous)) {
        return see_other("/sign-in?next=/inbox");
    }
    page(app, headers, None, move |frame| {
        let ask = Ask {
            after: parameter(query.as_deref(), "after"),
            ..Ask::default()
        };
        let inbox = Inbox::of(&frame.node, &frame.caller, &ask)?;
        render(&InboxPage {
            site: frame.site(Here::Inbox)?,
            inbox,
            now: frame.node.now().0,
        })
    })
    .await
}
