//! What parties know of a signal, on its page: shown to whom it is told, and a form to say more.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use node::Caller;

use super::session::read_form;
use super::{Frame, parameter, refusal, refuse, see_other};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::http::pages::feedback::FeedbackPart;
use crate::present::feedback::{NewFeedback, OnSignal};

/// What parties say of a signal that the viewer sees.
pub(super) fn part(frame: &Frame, signal: &str) -> Result<FeedbackPart, Refused> {
    let found = frame.node.feedback_on(&frame.caller, signal)?;
    let OnSignal {
        counts, feedback, ..
    } = OnSignal::new(signal, &found);
    let viewer = frame.node.viewer(&frame.caller);
    Ok(FeedbackPart {
        counts,
        items: feedback,
        may_give: viewer.signed_in().is_ok(),
    })
}

/// `POST /signal/{id}/feedback`: what the form on a signal's page says.
pub(super) async fn give(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let caller = match Auth::of(&app, &headers) {
        Ok(caller) => caller,
        Err(refused) => {
            return refusal(&Frame::new(&app, &headers, Caller::Anonymous), &refused);
        }
    };
    let given = async {
        let form = read_form(&app, &headers, body).await?;
        let field = |name: &str| parameter(Some(&form), name).filter(|text| !text.is_empty());
        let count = field("count").map(|text| text.trim().parse::<u32>());
        let kind = field("kind").unwrap_or_default();
        let new = NewFeedback {
            // The form sends a number whatever is chosen.
            count: (count.transpose())
                .map_err(|_| Refused::bad("How often is a whole number."))?
                .filter(|_| kind == "seen"),
            kind,
            explanation: field("explanation"),
            ..NewFeedback::default()
        };
        app.node.give_feedback(&caller, &id, new.wanted()?).await?;
        Ok::<_, Refused>(())
    };
    match given.await {
        // A signal's id that was found is one, and holds nothing that a header may not.
        Ok(()) => {
            let to = format!("/signal/{id}#feedback");
            see_other(&to)
        }
        Err(refused) => refuse(app, headers, caller, refused).await,
    }
}
