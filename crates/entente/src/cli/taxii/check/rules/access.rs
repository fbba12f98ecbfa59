//! Media types and credentials (§1.6.8, §1.6.9; RFC 9110 §11, §12).

use std::io;

use ureq::http::StatusCode;

use super::super::link::Ask;
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::Session;

const ACCEPT: Rule = Rule {
    id: "accept-without-version",
    section: "TAXII 2.1 §3.1, §1.6.8.2",
    says: "an Accept without a version is served as TAXII 2.1",
};
const ACCEPT_ANY: Rule = Rule {
    id: "accept-any",
    section: "TAXII 2.1 §3.1 allows a 406; RFC 9110 §12.5.1",
    says: "no Accept, */* and lists with qualities are served",
};
const ACCEPT_BLANK: Rule = Rule {
    id: "accept-blank",
    section: "RFC 9110 §5.6.6",
    says: "a blank before the version makes no difference",
};
const OTHER_VERSION: Rule = Rule {
    id: "accept-other-version",
    section: "TAXII 2.1 §3.1",
    says: "an Accept of another version alone is 406, or served as that version",
};
const WITHOUT: Rule = Rule {
    id: "without-credentials",
    section: "TAXII 2.1 §1.6.9; RFC 9110 §11.6.1",
    says: "without credentials the answer is public, or 401 with WWW-Authenticate",
};
const WRONG: Rule = Rule {
    id: "wrong-credentials",
    section: "RFC 9110 §11.6.1; TAXII 2.1 §3.6.1",
    says: "wrong credentials are 401 with WWW-Authenticate and a TAXII error",
};

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let accepting = |accept: Option<&str>| Ask::get(&session.root).accept(accept);
    let plain = Some("application/taxii+json");
    report.check(&ACCEPT, &shown(session, plain), || {
        served(
            session,
            &accepting(plain),
            "clients that name no version get nothing",
        )
    })?;
    let lists = [
        None,
        Some("*/*"),
        Some("application/json;q=0.5, */*;q=0.1"),
        Some("application/taxii+json;version=2.1;q=0.9, application/json"),
    ];
    let asked = format!("GET {}, Accept: */* and others", session.root);
    report.check(&ACCEPT_ANY, &asked, || {
        let means = "scripts, browsers and probes of proxies get nothing";
        for accept in lists {
            any_served(session, &accepting(accept), means).map_err(|wrong| {
                wrong.at(accept
                    .map_or("no Accept".into(), |accept| format!("Accept: {accept}"))
                    .as_str())
            })?;
        }
        held("each is served")
    })?;
    let blank = Some("application/taxii+json; version=2.1");
    report.check(&ACCEPT_BLANK, &shown(session, blank), || {
        served(
            session,
            &accepting(blank),
            "clients that write the media type with a blank get nothing",
        )
    })?;
    let other = Some("application/taxii+json;version=2.0");
    report.check(&OTHER_VERSION, &shown(session, other), || {
        other_version(session, &accepting(other))
    })?;
    let asked = Ask::get(&session.root);
    report.check(
        &WITHOUT,
        &format!("{}, no Authorization", asked.shown()),
        || without(session),
    )?;
    report.check(
        &WRONG,
        &format!("{}, wrong password", asked.shown()),
        || wrong(session),
    )
}

fn shown(session: &Session<'_>, accept: Option<&str>) -> String {
    let accept = accept.map_or("no Accept".into(), |accept| format!("Accept: {accept}"));
    format!("GET {}, {accept}", session.root)
}

fn served(session: &Session<'_>, ask: &Ask, means: &str) -> Judged {
    let answer = session.link.ask(ask)?;
    if answer.status == StatusCode::OK {
        return held(answer.shown());
    }
    let remedy = "refuse only what names another version of TAXII and nothing else";
    Err(Wrong::failed(answer.shown(), means, remedy))
}

/// The same for what a server may refuse, though clients send it.
fn any_served(session: &Session<'_>, ask: &Ask, means: &str) -> Judged {
    let answer = session.link.ask(ask)?;
    if answer.status == StatusCode::OK {
        return held(answer.shown());
    }
    let remedy = "refuse only what names another version of TAXII and nothing else";
    Err(Wrong::warning(answer.shown(), means, remedy))
}

fn other_version(session: &Session<'_>, ask: &Ask) -> Judged {
    let answer = session.link.ask(ask)?;
    let served = answer.status == StatusCode::OK && !answer.is_taxii();
    if answer.status == StatusCode::NOT_ACCEPTABLE || served {
        return held(answer.shown());
    }
    Err(Wrong::warning(
        answer.shown(),
        "XSOAR falls back to TAXII 2.0 on a 406 alone; an answer in a version that was not asked for \
         confuses clients",
        "answer 406",
    ))
}

fn without(session: &Session<'_>) -> Judged {
    let answer = session.link.ask(&Ask::get(&session.root).unsigned())?;
    match answer.status {
        StatusCode::OK => held(format!("public: {}", answer.shown())),
        StatusCode::UNAUTHORIZED => challenge(&answer),
        StatusCode::NOT_FOUND => held(format!("hidden: {}", answer.shown())),
        _ => Err(Wrong::warning(
            answer.shown(),
            "clients do not learn that they must sign in",
            "answer 401 with WWW-Authenticate",
        )),
    }
}

fn wrong(session: &Session<'_>) -> Judged {
    let answer = session.link.ask(&Ask::get(&session.root).by_stranger())?;
    if answer.status == StatusCode::OK && !session.link.is_signed() {
        return held(format!("public: {}", answer.shown()));
    }
    if answer.status != StatusCode::UNAUTHORIZED {
        return Err(Wrong::failed(
            answer.shown(),
            "a mistyped password is taken for something else, or for nothing",
            "answer 401 to credentials that are wrong, also where there is something public",
        ));
    }
    challenge(&answer)?;
    super::errors::taxii_error(&answer)
}

fn challenge(answer: &super::super::link::Answer) -> Judged {
    match answer.header("www-authenticate") {
        Some(told) if told.to_ascii_lowercase().contains("basic") => {
            held(format!("{}, WWW-Authenticate: {told}", answer.shown()))
        }
        Some(told) => Err(Wrong::warning(
            format!("401 with WWW-Authenticate: {told}"),
            "Sentinel and taxii2-client know Basic",
            "offer Basic, too (a token may be the password)",
        )),
        None => Err(Wrong::failed(
            format!("{}, without WWW-Authenticate", answer.shown()),
            "clients that wait for the challenge before they send a password never send it",
            "add WWW-Authenticate: Basic realm=\"…\" to every 401",
        )),
    }
}
