//! The page of a commitment, and the forms by which it is made, reported, judged and answered.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use node::Caller;
use node::accession::Side;
use node::act::commitment::report::{NewJudgement, NewReport};
use node::commitment::{Amount, Completion, Evidence};

use super::accession::done_or_not;
use super::session::read_form;
use super::{page, parameter, render};
use crate::http::App;
use crate::http::auth::Auth;
use crate::http::error::Refused;
use crate::http::pages::commitment::{CommitPage, CommitmentPage};
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
        let site = frame.site(Here::Register)?;
        let detail = detail(&frame.node, &id)?;
        let viewer = frame.node.viewer(&frame.caller);
        let party = &detail.commitment.party;
        let own = matches!(viewer.speaks(&frame.directory, party), Ok(Side::Party));
        let judges = viewer.judges(&frame.directory, party).is_ok();
        render(&CommitmentPage {
            site,
            detail,
            own,
            judges,
        })
    })
    .await
}

/// `GET /commit?principle=`: for a member, for its own party.
pub(super) async fn form(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let principle = parameter(query.as_deref(), "principle");
    let principle = principle.and_then(|number| number.parse().ok());
    page(app, headers, query, move |frame| {
        let site = frame.site(Here::Register)?;
        let Caller::Member(member) = &frame.caller else {
            return Err(node::Error::Refused(node::Refusal::Anonymous).into());
        };
        let viewer = frame.node.viewer(&frame.caller);
        viewer
            .speaks(&frame.directory, &member.party)
            .map_err(node::Error::from)?;
        let name = name_of(&frame.node, &member.party);
        render(&CommitPage {
            site,
            party: (member.party.clone(), name),
            principle,
            suggested: indicators(&frame.node).suggested,
        })
    })
    .await
}

/// What a form says.
struct Form(String);

impl Form {
    fn text(&self, name: &str) -> Option<String> {
        let text = parameter(Some(&self.0), name)?;
        // Browsers send lines with two characters at their ends.
        let text = text.replace("\r\n", "\n");
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn words(&self) -> String {
        self.text("words").unwrap_or_default()
    }

    fn amount(&self, name: &str) -> Result<Option<Amount>, Refused> {
        let amount = self.text(name).map(|text| text.parse());
        amount
            .transpose()
            .map_err(|words: String| Refused::bad(words))
    }

    fn completion(&self) -> Result<Completion, Refused> {
        let step = self.text("completion").unwrap_or_default();
        step.parse().map_err(|words: String| Refused::bad(words))
    }

    /// One link a line.
    fn evidence(&self) -> Vec<Evidence> {
        let links = self.text("evidence").unwrap_or_default();
        let lines = links.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty());
        let link = |line: &str| Evidence {
            url: line.to_owned(),
            sha256: None,
        };
        lines.map(link).collect()
    }

    fn judgement(&self) -> NewJudgement {
        NewJudgement {
            report: self.text("report"),
            words: self.words(),
            evidence: self.evidence(),
            key: None,
        }
    }
}

/// Who sends a form, and what it says.
async fn sent(app: &App, headers: &HeaderMap, body: Body) -> Result<(Caller, Form), Refused> {
    let caller = Auth::of(app, headers)?;
    Ok((caller, Form(read_form(app, headers, body).await?)))
}

/// `POST /commit`
pub(super) async fn make(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let done = async {
        let (caller, form) = sent(&app, &headers, body).await?;
        let number = |name: &str| form.text(name).and_then(|text| text.parse().ok());
        let due = form.text("due").and_then(|text| text.parse().ok());
        let due = due.ok_or(Refused::bad("Say by when: a day such as 2027-11-12."))?;
        let every: Option<u16> = number("every");
        let new = Make {
            party: caller.party().unwrap_or_default().to_owned(),
            principle: number("principle").unwrap_or_default(),
            terms: NewTerms {
                words: form.words(),
                indicator: form.text("indicator").unwrap_or_default(),
                measures: form.text("measures"),
                unit: form.text("unit"),
                baseline: form.amount("baseline")?.map(Number),
                target: form.amount("target")?.map(|amount| Goal {
                    bound: form.text("bound").and_then(|word| word.parse().ok()),
                    amount: Number(amount),
                }),
                due,
                every: every.and_then(|months| u8::try_from(months).ok()),
            },
            source: None,
            date: None,
        };
        let made = app.node.commit(&caller, new.wanted()?).await?;
        Ok(format!("/commitment/{}", made.id()))
    };
    done_or_not(&app, &headers, done.await).await
}

/// `POST /commitment/{id}/report`
pub(super) async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let done = async {
        let (caller, form) = sent(&app, &headers, body).await?;
        let new = NewReport {
            completion: form.completion()?,
            value: form.amount("value")?,
            words: form.words(),
            evidence: form.evidence(),
            source: None,
            key: None,
        };
        let report = app.node.report_commitment(&caller, &id, new).await?;
        place(&app, &report)
    };
    done_or_not(&app, &headers, done.await).await
}

/// `POST /commitment/{id}/review`
pub(super) async fn review(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let done = async {
        let (caller, form) = sent(&app, &headers, body).await?;
        let step = form.completion()?;
        let said = app
            .node
            .review_commitment(&caller, &id, step, form.judgement());
        place(&app, &said.await?)
    };
    done_or_not(&app, &headers, done.await).await
}

/// `POST /commitment/{id}/counter`
pub(super) async fn counter(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let done = async {
        let (caller, form) = sent(&app, &headers, body).await?;
        let said = app.node.counter_commitment(&caller, &id, form.judgement());
        place(&app, &said.await?)
    };
    done_or_not(&app, &headers, done.await).await
}

/// `POST /statement/{id}/answer`
pub(super) async fn answer(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let done = async {
        let (caller, form) = sent(&app, &headers, body).await?;
        let (words, links) = (form.words(), form.evidence());
        app.node
            .reply_commitment(&caller, &id, words, links, None)
            .await?;
        place(&app, &id)
    };
    done_or_not(&app, &headers, done.await).await
}

/// Where a statement stands on its commitment's page.
fn place(app: &App, statement: &str) -> Result<String, Refused> {
    let directory = app.node.directory();
    let record = directory.commitments().of_statement(statement);
    let record = record.ok_or(Refused::not_found("statement"))?;
    Ok(format!("/commitment/{}#said-{statement}", record.id()))
}
