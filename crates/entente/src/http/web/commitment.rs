//! The page of a commitment, and the forms by which it is made, reported, judged and answered. A form that
//! is not taken is shown again with what was typed.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use node::accession::Side;
use node::act::commitment::NewCommitment;
use node::act::commitment::report::{NewJudgement, NewReport};
use node::act::manage::random_text;
use node::commitment::{Amount, Completion, Evidence};
use node::{Caller, Error, Refusal};

use super::accession::done_or_not;
use super::{Frame, Rendered, answered, html, page, parameter, refusal, render, see_other};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::http::form::Filled;
use crate::http::pages::commitment::{CommitPage, CommitmentPage, Fields, Typed};
use crate::http::pages::site::Here;
use crate::present::commitment::{Goal, Make, NewTerms, Number, detail, indicators, name_of};

/// `GET /commitment/{id}`
pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    page(app, headers, query, move |frame| {
        whole(frame, &id, Typed::default())
    })
    .await
}

/// The page of a commitment, with what was typed and not taken.
fn whole(frame: &Frame, id: &str, typed: Typed) -> Rendered {
    let detail = detail(&frame.node, id)?;
    let viewer = frame.node.viewer(&frame.caller);
    let party = &detail.commitment.party;
    let own = matches!(viewer.speaks(&frame.directory, party), Ok(Side::Party));
    let judges = viewer.judges(&frame.directory, party, frame.today).is_ok();
    render(&CommitmentPage {
        site: frame.site(Here::Register)?,
        detail,
        own,
        judges,
        key: random_text(),
        typed,
    })
}

/// `GET /commit?principle=`: for a member, for its own party.
pub(super) async fn form(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let principle = parameter(query.as_deref(), "principle");
    page(app, headers, query, move |frame| {
        let fields = Fields {
            principle: principle.unwrap_or_default(),
            key: random_text(),
            ..Fields::default()
        };
        empty(frame, fields, None)
    })
    .await
}

/// The form to make a commitment, with what was typed and why it was not taken.
fn empty(frame: &Frame, fields: Fields, problem: Option<String>) -> Rendered {
    let Caller::Member(member) = &frame.caller else {
        return Err(Error::Refused(Refusal::Anonymous).into());
    };
    let viewer = frame.node.viewer(&frame.caller);
    viewer
        .speaks(&frame.directory, &member.party)
        .map_err(Error::from)?;
    render(&CommitPage {
        site: frame.site(Here::Register)?,
        party: (member.party.clone(), name_of(&frame.node, &member.party)),
        suggested: indicators(&frame.node).suggested,
        fields,
        problem,
    })
}

/// Who sends a form, and what it says: nobody else's is read than that of who is signed in.
async fn sent(app: &App, headers: &HeaderMap, body: Body) -> Result<(Caller, Filled), Refused> {
    let caller = Auth::of(app, headers)?;
    if caller == Caller::Anonymous {
        return Err(Error::Refused(Refusal::Anonymous).into());
    }
    let form = Filled::read(app, headers, body, 0).await?;
    Ok((caller, form))
}

fn amount(what: &str, text: &str) -> Result<Option<Amount>, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let amount = text.parse::<Amount>();
    let amount = amount.map_err(|words| Refused::bad(format!("{what}: {words}")));
    amount.map(Some)
}

fn completion(form: &Filled) -> Result<Completion, Refused> {
    let step: Result<Completion, String> = form.text("completion").parse();
    step.map_err(Refused::bad)
}

/// One link a line.
fn evidence(form: &Filled) -> Vec<Evidence> {
    let links = form.text("evidence");
    let lines = links.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    let link = |line: &str| Evidence {
        url: line.to_owned(),
        sha256: None,
    };
    lines.map(link).collect()
}

/// The key of what a button of a form does: sent twice, it is done once.
fn key(form: &Filled, button: &str) -> Option<String> {
    Some(format!("{}-{button}", form.some("key")?))
}

fn judgement(form: &Filled, button: &str) -> NewJudgement {
    NewJudgement {
        report: form.some("report"),
        words: form.some("words").unwrap_or_default(),
        evidence: evidence(form),
        key: key(form, button),
    }
}

/// `POST /commit`
pub(super) async fn make(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let (caller, form) = match sent(&app, &headers, body).await {
        Ok(sent) => sent,
        Err(refused) => return done_or_not(&app, &headers, Err(refused)).await,
    };
    let fields = filled(&form);
    let made = async {
        let new = NewCommitment {
            key: key(&form, "commit"),
            ..asked(&caller, &fields)?.wanted()?
        };
        Ok::<_, Refused>(app.node.commit(&caller, new).await?)
    };
    match made.await {
        Ok(made) => see_other(&format!("/commitment/{}", made.id())),
        Err(refused) => {
            answered(app, headers, caller, move |frame| {
                let fields = Fields {
                    key: random_text(),
                    ..fields
                };
                match empty(frame, fields, Some(refused.detail.clone())) {
                    Ok(body) => html(refused.status, body),
                    Err(_) => refusal(frame, &refused),
                }
            })
            .await
        }
    }
}

fn filled(form: &Filled) -> Fields {
    Fields {
        principle: form.text("principle"),
        words: form.text("words"),
        indicator: form.text("indicator"),
        measures: form.text("measures"),
        unit: form.text("unit"),
        baseline: form.text("baseline"),
        target: form.text("target"),
        bound: form.text("bound"),
        due: form.text("due"),
        every: form.text("every"),
        key: String::new(),
    }
}

/// What the form asks for.
fn asked(caller: &Caller, fields: &Fields) -> Result<Make, Refused> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let due = fields.due.trim().parse();
    let principle = fields.principle.trim().parse();
    Ok(Make {
        party: caller.party().unwrap_or_default().to_owned(),
        principle: principle.map_err(|_| Refused::bad("Choose the principle."))?,
        terms: NewTerms {
            words: fields.words.trim().to_owned(),
            indicator: fields.indicator.clone(),
            measures: some(&fields.measures),
            unit: some(&fields.unit),
            baseline: amount("Where it stands now", &fields.baseline)?.map(Number),
            target: amount("Where it should stand", &fields.target)?.map(|amount| Goal {
                bound: fields.bound.parse().ok(),
                amount: Number(amount),
            }),
            due: due.map_err(|_| Refused::bad("Say by when: a day such as 2027-11-12."))?,
            every: fields.every.parse().ok(),
        },
        source: None,
        date: None,
    })
}

/// `POST /commitment/{id}/report`, `/review` and `/counter`
pub(super) async fn say(
    State(app): State<App>,
    headers: HeaderMap,
    Path((id, statement)): Path<(String, String)>,
    body: Body,
) -> Response {
    let (caller, form) = match sent(&app, &headers, body).await {
        Ok(sent) => sent,
        Err(refused) => return done_or_not(&app, &headers, Err(refused)).await,
    };
    let (shown, said) = match statement.as_str() {
        "report" => ("report", report(&app, &caller, &id, &form).await),
        "review" => ("judge", review(&app, &caller, &id, &form).await),
        "counter" => {
            let new = judgement(&form, "counter");
            let said = app.node.counter_commitment(&caller, &id, new).await;
            ("judge", said.map_err(Refused::from))
        }
        _ => ("", Err(Refused::not_found("page"))),
    };
    answered(app, headers, caller, move |frame| {
        after(frame, &id, (shown, &form), said)
    })
    .await
}

async fn report(app: &App, caller: &Caller, id: &str, form: &Filled) -> Result<String, Refused> {
    let new = NewReport {
        completion: completion(form)?,
        value: amount("The value", &form.text("value"))?,
        words: form.some("words").unwrap_or_default(),
        evidence: evidence(form),
        source: None,
        key: key(form, "report"),
    };
    Ok(app.node.report_commitment(caller, id, new).await?)
}

async fn review(app: &App, caller: &Caller, id: &str, form: &Filled) -> Result<String, Refused> {
    let (step, new) = (completion(form)?, judgement(form, "review"));
    Ok(app.node.review_commitment(caller, id, step, new).await?)
}

/// `POST /statement/{id}/answer`
pub(super) async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let read = async {
        let read = sent(&app, &headers, body).await?;
        let directory = app.node.directory();
        let record = directory.commitments().of_statement(&id);
        let record = record.ok_or(Refused::not_found("statement"))?;
        Ok((read, record.id().to_owned()))
    };
    let ((caller, form), of) = match read.await {
        Ok(read) => read,
        Err(refused) => return done_or_not(&app, &headers, Err(refused)).await,
    };
    let words = form.some("words").unwrap_or_default();
    let said = app
        .node
        .reply_commitment(&caller, &id, words, evidence(&form), None);
    let said = said.await.map(|_| id.clone()).map_err(Refused::from);
    answered(app, headers, caller, move |frame| {
        after(frame, &of, (&id, &form), said)
    })
    .await
}

/// Back to where the statement stands, or the page with what was typed and why it was not taken.
fn after(
    frame: &Frame,
    id: &str,
    (form, filled): (&str, &Filled),
    said: Result<String, Refused>,
) -> Response {
    let refused = match said {
        Ok(statement) => return see_other(&format!("/commitment/{id}#said-{statement}")),
        Err(refused) => refused,
    };
    let typed = Typed {
        form: form.to_owned(),
        completion: filled.text("completion"),
        value: filled.text("value"),
        words: filled.text("words"),
        evidence: filled.text("evidence"),
        problem: refused.detail.clone(),
    };
    let typed_into_what_is_shown = matches!(refused.status.as_u16(), 400 | 403 | 409 | 429);
    match whole(frame, id, typed) {
        Ok(body) if typed_into_what_is_shown => html(refused.status, body),
        _ => refusal(frame, &refused),
    }
}
