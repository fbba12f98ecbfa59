//! Subscribing to mail, and the pages behind its links. A link that is only read changes nothing, so
//! that no scanner of mail confirms or ends anything; RFC 8058's one click is a POST.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use node::act::news::Topic;
use node::model::Harm;
use node::{Caller, Error};

use super::session::read_form;
use super::{Frame, answered, html, page, parameter, refusal, render};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::http::pace::Source;
use crate::http::pages::message::MessagePage;
use crate::http::pages::site::Here;
use crate::http::pages::subscribe::{Choice, SubscribePage, SubscriptionPage};
use crate::mail::{Purpose, Subscription, Wanted};
use crate::present::mail::{Asked, NewSubscription};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/subscribe", get(form).post(subscribe))
        .route("/mail/confirm/{token}", get(to_confirm).post(confirm))
        .route(
            "/mail/subscription/{token}",
            get(subscription).post(unsubscribe),
        )
}

/// `GET /subscribe`
async fn form(State(app): State<App>, headers: HeaderMap) -> Response {
    let (mail, calendars) = (app.mail.clone(), app.mail.clone());
    page(app, headers, None, move |frame| {
        let choice = |wanted: Wanted, chosen| Choice {
            value: wanted.text(),
            label: wanted.label(),
            chosen,
        };
        let mut topics: Vec<Choice> = Topic::ALL
            .iter()
            .map(|topic| choice(Wanted::News(*topic), *topic != Topic::Identity))
            .collect();
        topics.push(choice(Wanted::Signals(None), false));
        for collection in frame.node.collections(&frame.caller) {
            if collection.access.read {
                let alias = collection.settings.alias;
                topics.push(choice(Wanted::Signals(Some(alias)), false));
            }
        }
        topics.extend(Harm::ALL.map(|harm| choice(Wanted::Harm(harm), false)));
        let is_member = matches!(frame.caller, Caller::Member(_));
        let own = [Wanted::Inbox, Wanted::Feedback, Wanted::Withdrawals];
        let own = own.map(|wanted| choice(wanted, true)).into_iter();
        let calendars = calendars.calendars(&frame.caller)?.into_iter();
        render(&SubscribePage {
            site: frame.site(Here::Elsewhere)?,
            mail: mail.is_on(),
            topics,
            own: own.filter(|_| is_member).collect(),
            zones: zones(),
            feeds: feeds(frame),
            calendars: calendars
                .map(|one| (one.id, super::calendar::made(one.made)))
                .collect(),
        })
    })
    .await
}

/// The names of time zones that places have.
fn zones() -> Vec<String> {
    let names = jiff::tz::db().available().map(|name| name.to_string());
    let places = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let mut names: Vec<String> = names
        .filter(|name| places.iter().any(|place| name.starts_with(place)))
        .collect();
    names.push("UTC".into());
    names.sort();
    names
}

fn feeds(frame: &Frame) -> Vec<(String, String)> {
    let mut feeds = vec![("/news.atom".to_owned(), "Everything below".to_owned())];
    feeds.extend(Topic::ALL.iter().map(|topic| {
        let path = format!("/news/{topic}.atom");
        (path, topic.label().to_owned())
    }));
    for collection in frame.node.collections(&Caller::Anonymous) {
        let settings = collection.settings;
        let path = format!("/feeds/{}.atom", settings.alias);
        feeds.push((path, format!("Signals: {}", settings.title)));
    }
    feeds
}

/// `POST /subscribe`
async fn subscribe(
    State(app): State<App>,
    Source(source): Source,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let caller = match Auth::of(&app, &headers) {
        Ok(caller) => caller,
        Err(refused) => return refusal(&Frame::new(&app, &headers, Caller::Anonymous), &refused),
    };
    let wish = match read_form(&app, &headers, body).await {
        Ok(form) => wish(&form),
        Err(refused) => Err(refused),
    };
    let mail = app.mail.clone();
    answered(app, headers, caller, move |frame| {
        let asked = wish.and_then(|new| {
            let asked = mail.subscribe(&frame.node, &frame.caller, &new, source);
            Ok(asked?)
        });
        match asked {
            Ok(()) => message(frame, "Look into your mail", Asked::default().detail),
            Err(refused) => refusal(frame, &refused),
        }
    })
    .await
}

/// What the form says.
fn wish(form: &str) -> Result<NewSubscription, Refused> {
    let field = |name: &str| parameter(Some(form), name).filter(|text| !text.is_empty());
    let number = |name: &str| {
        let number = field(name)
            .map(|text| text.trim().parse::<i8>())
            .transpose();
        number.map_err(|_| Refused::bad(format!("{name}: a whole number")))
    };
    let pairs = form_urlencoded::parse(form.as_bytes());
    let topics = pairs.filter(|(key, _)| key == "topic");
    Ok(NewSubscription {
        address: field("address").unwrap_or_default(),
        topics: topics.map(|(_, value)| value.into_owned()).collect(),
        weekly: field("every").as_deref() == Some("week"),
        weekday: number("weekday")?,
        hour: number("hour")?,
        zone: field("zone"),
    })
}

/// `GET /mail/confirm/{token}`: shows a button.
async fn to_confirm(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    let mail = app.mail.clone();
    page(app, headers, None, move |frame| {
        let known = mail.linked(Purpose::Confirm, &token).map_err(gone)?;
        render(&SubscriptionPage {
            site: frame.site(Here::Elsewhere)?,
            title: "Confirm your subscription".into(),
            intro:
                "Nothing is sent before you confirm. If you did not ask for it, close this page: \
                    your address is forgotten 48 hours after it was asked for."
                    .into(),
            stored: stored(&known),
            button: Some((format!("/mail/confirm/{token}"), "Confirm")),
            link: None,
        })
    })
    .await
}

/// `POST /mail/confirm/{token}`
async fn confirm(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    let mail = app.mail.clone();
    page(app, headers, None, move |frame| {
        let (known, manage) = mail.confirm(&token, frame.node.now()).map_err(gone)?;
        let manage = manage.rsplit('/').next().unwrap_or_default();
        render(&SubscriptionPage {
            site: frame.site(Here::Elsewhere)?,
            title: "You are subscribed".into(),
            intro: format!(
                "You are told {}, when there is something new.",
                known.schedule.words()
            ),
            stored: stored(&known),
            button: None,
            link: Some((
                format!("/mail/subscription/{manage}"),
                "See or end this subscription",
            )),
        })
    })
    .await
}

/// `GET /mail/subscription/{token}`
async fn subscription(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    let mail = app.mail.clone();
    page(app, headers, None, move |frame| {
        let known = mail.linked(Purpose::Manage, &token).map_err(gone)?;
        render(&SubscriptionPage {
            site: frame.site(Here::Elsewhere)?,
            title: "Your subscription".into(),
            intro: "To change it, end it and subscribe anew.".into(),
            stored: stored(&known),
            button: Some((format!("/mail/subscription/{token}"), "Unsubscribe")),
            link: None,
        })
    })
    .await
}

/// `POST /mail/subscription/{token}`: ends it at once, by the button or by the one click of a mail
/// program (RFC 8058), which sends neither cookies nor a look at a page.
async fn unsubscribe(
    State(app): State<App>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    let mail = app.mail.clone();
    let done = answered(app, headers, Caller::Anonymous, move |frame| {
        match mail.unsubscribe(&token).map_err(gone) {
            Ok(()) => message(
                frame,
                "You are unsubscribed",
                "Nothing more is sent, and your address is deleted.".into(),
            ),
            Err(refused) => refusal(frame, &refused),
        }
    });
    done.await
}

/// What is known of a subscription, for its owner to see.
fn stored(known: &Subscription) -> Vec<(&'static str, String)> {
    let day = super::calendar::made;
    let topics = Wanted::parse_all(known.topics.iter().map(String::as_str)).unwrap_or_default();
    let labels: Vec<String> = topics.iter().map(Wanted::label).collect();
    let mut stored = vec![
        ("Address", known.address.clone()),
        ("About", labels.join(", ")),
        ("When", known.schedule.words()),
        ("Asked for", day(known.made)),
    ];
    stored.extend(known.confirmed.map(|at| ("Confirmed", day(at))));
    stored.extend(known.sent.map(|at| ("Last sent", day(at))));
    if let Some(account) = &known.account {
        let whose = format!("{} of {}", account.account, account.party);
        stored.push(("Told on behalf of", whose));
    }
    if let Some((at, reason)) = &known.stopped {
        stored.push(("Stopped", format!("{}: {reason}", day(*at))));
    }
    stored
}

/// A link that leads nowhere.
fn gone(error: crate::mail::Error) -> Refused {
    let error = Error::from(error);
    if matches!(error, Error::NotFound(_)) {
        let words = "This link is not known here, or what it was about is gone: subscriptions that \
                     nobody confirmed are forgotten after 48 hours, others when they are ended.";
        return Refused::new(StatusCode::NOT_FOUND, words);
    }
    error.into()
}

/// A page that says that something is done.
fn message(frame: &Frame, title: &str, detail: String) -> Response {
    let page = frame.site(Here::Elsewhere).and_then(|site| {
        render(&MessagePage {
            site,
            status: None,
            title: title.into(),
            detail,
            keep: None,
        })
    });
    match page {
        Ok(body) => {
            let mut response = html(StatusCode::OK, body);
            let no_store = HeaderValue::from_static("no-store");
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, no_store);
            response
        }
        Err(refused) => refusal(frame, &refused),
    }
}

impl From<crate::mail::Error> for Refused {
    fn from(error: crate::mail::Error) -> Self {
        Error::from(error).into()
    }
}
