//! `/requests/new`: the form to ask a party to act.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use node::act::manage::random_text;
use node::policy::speaks_for_itself;
use node::{Caller, Error, Refusal};

use super::super::{
    Frame, Rendered, answered, html, page, parameter, refusal, refuse, render, see_other,
};
use super::act::{kept, read};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::http::form::Filled;
use crate::http::pages::requests::{Fields, NewPage};
use crate::http::pages::site::Here;
use crate::present::request::{Contact, Ground, NewCase, Wanted};

/// `GET /requests/new?to=&kind=&signal=&follows=`
pub(super) async fn form(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, None, move |frame| {
        if frame.caller == Caller::Anonymous {
            return Err(Error::Refused(Refusal::Anonymous).into());
        }
        let field = |name: &str| parameter(query.as_deref(), name).unwrap_or_default();
        let fields = Fields {
            to: field("to"),
            kind: field("kind"),
            category: "other".into(),
            signals: field("signal"),
            follows: field("follows"),
            preset: "standard".into(),
            marking: "amber".into(),
            key: random_text(),
            ..Fields::default()
        };
        whole(frame, fields, None)
    })
    .await
}

/// `POST /requests/new`
pub(super) async fn send(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let caller = match Auth::of(&app, &headers) {
        Ok(caller) => caller,
        Err(refused) => return refusal(&Frame::new(&app, &headers, Caller::Anonymous), &refused),
    };
    let form = match read(&app, &headers, &caller, body).await {
        Ok(form) => form,
        Err(refused) => return refuse(app, headers, caller, refused).await,
    };
    let fields = filled(&form);
    let draft = form.text("draft") == "yes";
    let sent = async {
        let mut new = asked(&fields, draft)?.wanted()?;
        new.evidence = kept(&app, &caller, &form, new.marking).await?;
        let key = (!fields.key.is_empty()).then_some(fields.key.as_str());
        Ok::<_, Refused>(app.node.send_request(&caller, new, key).await?)
    };
    let sent = sent.await;
    let refused = match sent {
        Ok(sent) => {
            let to = format!("/requests/{}#main", sent.case.request.id);
            return see_other(&to);
        }
        Err(refused) => refused,
    };
    answered(app, headers, caller, move |frame| {
        let fields = Fields {
            key: random_text(),
            ..fields
        };
        match whole(frame, fields, Some(refused.detail.clone())) {
            Ok(body) => html(refused.status, body),
            Err(_) => refusal(frame, &refused),
        }
    })
    .await
}

fn whole(frame: &Frame, fields: Fields, problem: Option<String>) -> Rendered {
    let may = frame.node.viewer(&frame.caller).may_request();
    may.map_err(Error::Refused)?;
    let own = frame.caller.party().unwrap_or_default();
    let (directory, now) = (&frame.directory, frame.node.now());
    // Those with a token or a key, and they are few beside the register.
    let identities = directory.identities();
    let keys = identities.keys().map(|key| key.party().to_owned());
    let tokens = directory.tokens().map(|issued| issued.token.party.clone());
    let mut ids: Vec<String> = keys.chain(tokens).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| id != own && speaks_for_itself(directory, id, now));
    let named = ids.into_iter().filter_map(|id| {
        let party = directory.register().party(&id)?;
        Some((party.id.clone(), party.name.clone()))
    });
    let mut parties: Vec<(String, String)> = named.collect();
    parties.sort_unstable_by(|one, other| one.1.cmp(&other.1));
    let site = frame.site(Here::Requests)?;
    let principles = site.pledge.principles.iter();
    let principles = principles.map(|one| (one.number.to_string(), one.title.clone()));
    render(&NewPage {
        principles: principles.collect(),
        site,
        fields,
        parties,
        problem,
    })
}

fn filled(form: &Filled) -> Fields {
    Fields {
        to: form.text("to"),
        kind: form.text("kind"),
        category: form.text("category"),
        title: form.text("title"),
        words: form.text("words"),
        targets: form.text("targets"),
        signals: form.text("signals"),
        principle: form.text("principle"),
        ground_kind: form.text("ground_kind"),
        ground: form.text("ground"),
        ground_url: form.text("ground_url"),
        why: form.text("why"),
        country: form.text("country"),
        contact_name: form.text("contact_name"),
        contact_email: form.text("contact_email"),
        good_faith: form.text("good_faith") == "yes",
        marking: form.text("marking"),
        reference: form.text("reference"),
        follows: form.text("follows"),
        preset: form.text("preset"),
        hours: form.text("hours"),
        days: form.text("days"),
        zone: form.text("zone"),
        key: form.text("key"),
    }
}

/// What is left empty is as if it were not there.
fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn lines(text: &str) -> Vec<String> {
    text.lines().filter_map(some).collect()
}

fn number<T: std::str::FromStr>(what: &str, text: &str) -> Result<Option<T>, Refused> {
    let number = some(text).map(|text| text.parse::<T>()).transpose();
    number.map_err(|_| Refused::bad(format!("{what}: a whole number")))
}

fn asked(fields: &Fields, draft: bool) -> Result<NewCase, Refused> {
    let ground = match (some(&fields.ground), some(&fields.why)) {
        (None, None) => None,
        (reference, why) => Some(Ground {
            kind: some(&fields.ground_kind).unwrap_or_else(|| "law".into()),
            reference: reference.unwrap_or_default(),
            url: some(&fields.ground_url),
            explanation: why.unwrap_or_default(),
        }),
    };
    let contact = match (some(&fields.contact_name), some(&fields.contact_email)) {
        (None, None) => None,
        (name, email) => Some(Contact {
            name: name.unwrap_or_default(),
            email: email.unwrap_or_default(),
        }),
    };
    let own = fields.preset == "custom";
    let hours = number("hours", &fields.hours)?;
    let days = number("days", &fields.days)?;
    if !own && hours.or(days).is_some() {
        let words = "You named hours or working days: choose that they are the deadline, or leave \
                     them empty.";
        return Err(Refused::bad(words));
    }
    Ok(NewCase {
        to: fields.to.clone(),
        kind: fields.kind.clone(),
        category: some(&fields.category),
        title: fields.title.clone(),
        words: fields.words.trim_end().to_owned(),
        targets: lines(&fields.targets),
        signals: lines(&fields.signals),
        principle: number("principle", &fields.principle)?,
        ground,
        country: some(&fields.country).map(|code| code.to_ascii_uppercase()),
        contact,
        good_faith: fields.good_faith,
        evidence: Vec::new(),
        marking: some(&fields.marking),
        reference: some(&fields.reference),
        follows: some(&fields.follows),
        deadline: Some(Wanted {
            preset: some(&fields.preset),
            hours,
            days,
            zone: some(&fields.zone),
            ..Wanted::default()
        }),
        draft,
    })
}
