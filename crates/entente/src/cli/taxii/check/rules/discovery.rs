//! Discovery, API root, collections: what a client is told first (§4.1, §4.2, §5.1, §5.2).

use std::io;

use serde_json::Value;
use ureq::http::StatusCode;

use super::super::super::super::output::{counted, plain};
use super::super::link::{Ask, TAXII};
use super::super::pages::taxii_json;
use super::super::report::{Judged, Report, Rule, Wrong, held};
use super::super::session::Session;

const DISCOVERY: Rule = Rule {
    id: "discovery",
    section: "TAXII 2.1 §4.1",
    says: "discovery answers with a title and the API roots",
};
const API_ROOTS: Rule = Rule {
    id: "api-roots",
    section: "TAXII 2.1 §4.1.1",
    says: "API roots are whole addresses of this server that end in a slash; the default is among them",
};
const API_ROOT: Rule = Rule {
    id: "api-root",
    section: "TAXII 2.1 §4.2.1",
    says: "the API root says its title, TAXII 2.1 and max_content_length",
};
const COLLECTIONS: Rule = Rule {
    id: "collections",
    section: "TAXII 2.1 §5.1, §5.2.1",
    says: "each collection says id, title, can_read and can_write",
};
const COLLECTION: Rule = Rule {
    id: "collection",
    section: "TAXII 2.1 §5.2",
    says: "a collection answers by its id what the list says of it",
};
const SLASH: Rule = Rule {
    id: "trailing-slash",
    section: "TAXII 2.1 §3.1",
    says: "addresses are served with a slash at their end, and clients that forget it are led there",
};

pub(super) fn run(session: &Session<'_>, report: &mut Report) -> io::Result<()> {
    let asked = Ask::get(&session.discovery_path);
    report.check(&DISCOVERY, &asked.shown(), || discovery(session))?;
    report.check(&API_ROOTS, &asked.shown(), || api_roots(session))?;
    if session.root.is_empty() {
        return Ok(());
    }
    let asked = Ask::get(&session.root);
    report.check(&API_ROOT, &asked.shown(), || api_root(session))?;
    let asked = Ask::get(&format!("{}collections/", session.root));
    report.check(&COLLECTIONS, &asked.shown(), || {
        collections(session, &asked)
    })?;
    if let Some(collection) = &session.collection {
        let asked = Ask::get(&collection.path);
        report.check(&COLLECTION, &asked.shown(), || {
            let told = taxii_json(&session.link.ask(&asked)?)?;
            let same = session.collections.contains(&told);
            if session.collections.is_empty() || same {
                return held("the same as in the list");
            }
            let came = format!(
                "another content than in the list: {}",
                plain(&told.to_string())
            );
            let means = "clients that keep one of the two see rights or names that are not there";
            Err(Wrong::warning(
                came,
                means,
                "serve both from the same record",
            ))
        })?;
    }
    let path = session.root.trim_end_matches('/').to_owned();
    let asked = Ask::get(&path);
    report.check(&SLASH, &asked.shown(), || slash(session, &asked))
}

fn discovery(session: &Session<'_>) -> Judged {
    let answer = session.link.ask(&Ask::get(&session.discovery_path))?;
    if answer.status == StatusCode::NOT_FOUND && session.discovery.is_none() {
        return Err(Wrong::warning(
            answer.shown(),
            "XSOAR, OpenCTI's connector and taxii2-client's Server begin there",
            "serve discovery at /taxii2/ of the host",
        ));
    }
    let told = taxii_json(&answer)?;
    if told.get("title").and_then(Value::as_str).is_none() {
        let means = "taxii2-client refuses discovery without a title";
        return Err(Wrong::failed(
            answer.shown_with_body(),
            means,
            "add 'title'",
        ));
    }
    if session.root.is_empty() {
        let means = "clients that begin at discovery find no collection";
        let remedy = "list the API roots, and one of them as 'default'";
        return Err(Wrong::failed(answer.shown_with_body(), means, remedy));
    }
    held(answer.shown())
}

fn api_roots(session: &Session<'_>) -> Judged {
    let Some(told) = &session.discovery else {
        return Err(Wrong::skipped("there is no discovery"));
    };
    let listed = told.get("api_roots").and_then(Value::as_array);
    let listed: Vec<&str> = listed
        .map(|roots| roots.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let default = told.get("default").and_then(Value::as_str);
    if listed.is_empty() {
        let means = "clients that look through the API roots find none";
        return Err(Wrong::failed("no api_roots", means, "list them"));
    }
    if let Some(default) = default.filter(|default| !listed.contains(default)) {
        let came = format!("the default, {}, is not among api_roots", plain(default));
        let means = "clients that look it up by its address do not find it";
        return Err(Wrong::failed(came, means, "list it in the same words"));
    }
    for root in &listed {
        if root.contains('?') {
            let came = format!("{} has a query", plain(root));
            let means = "clients put paths behind it";
            return Err(Wrong::failed(came, means, "leave the query out"));
        }
        if !root.ends_with('/') {
            let came = format!("{} does not end in a slash", plain(root));
            let means = "taxii2-client adds it; others put 'collections/' behind it as it is";
            return Err(Wrong::failed(came, means, "end every API root in a slash"));
        }
        if !root.contains("://") {
            let came = format!("{} is no whole address", plain(root));
            let means = "it is legal, but clients differ in how they complete it: some ask a path \
                         that is not there";
            let remedy = "write it with scheme and host, as clients see them";
            return Err(Wrong::warning(came, means, remedy));
        }
        let here = session.link.origin();
        let there = here.join(root);
        if !there.as_ref().is_some_and(|there| there.same_origin(here)) {
            let where_to = there.map_or_else(|| "no address".into(), |there| there.origin());
            let came = format!(
                "an API root at {where_to}, but discovery was at {}",
                here.origin()
            );
            let means = "clients send the password there, or cannot reach it; behind a proxy it is \
                         mostly the inner name. Here its path was asked for at the given host";
            let remedy = "tell the server its public address (for a node: serve --public-url)";
            return Err(Wrong::warning(came, means, remedy));
        }
    }
    held(plain(&listed.join(" ")).into_owned())
}

fn api_root(session: &Session<'_>) -> Judged {
    let answer = session.link.ask(&Ask::get(&session.root))?;
    let told = taxii_json(&answer)?;
    let versions = told.get("versions").and_then(Value::as_array);
    let versions: Vec<String> = versions
        .map(|versions| {
            versions
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
        .iter()
        .map(|version| version.replace(' ', ""))
        .collect();
    let size = told.get("max_content_length").and_then(Value::as_u64);
    let missing = [
        (told.get("title").is_some(), "title"),
        (
            versions.iter().any(|version| version == TAXII),
            "versions with application/taxii+json;version=2.1",
        ),
        (
            size.is_some_and(|size| size > 0),
            "max_content_length above 0",
        ),
    ];
    let missing: Vec<&str> = missing
        .iter()
        .filter(|(there, _)| !there)
        .map(|(_, what)| *what)
        .collect();
    if missing.is_empty() {
        return held(format!("max_content_length {}", size.unwrap_or_default()));
    }
    Err(Wrong::failed(
        format!("no {}", missing.join(", no ")),
        "taxii2-client refuses the API root as invalid",
        "add what is missing; all three are required",
    ))
}

fn collections(session: &Session<'_>, asked: &Ask) -> Judged {
    let answer = session.link.ask(asked)?;
    let told = taxii_json(&answer)?;
    let listed = told.get("collections");
    let Some(listed) = listed.and_then(Value::as_array) else {
        return held("no collection for these credentials");
    };
    if listed.is_empty() {
        let means = "an empty list is illegal (§2): strict clients refuse the answer";
        return Err(Wrong::failed(
            "an empty list",
            means,
            "leave 'collections' out",
        ));
    }
    for one in listed {
        let text = |name: &str| one.get(name).is_some_and(Value::is_string);
        let flag = |name: &str| one.get(name).is_some_and(Value::is_boolean);
        if !(text("id") && text("title") && flag("can_read") && flag("can_write")) {
            let means = "taxii2-client refuses the whole list";
            let remedy = "give each collection id, title, can_read and can_write";
            return Err(Wrong::failed(plain(&one.to_string()), means, remedy));
        }
    }
    held(counted(listed.len() as u64, "collection", "collections"))
}

fn slash(session: &Session<'_>, asked: &Ask) -> Judged {
    let answer = session.link.ask(asked)?;
    if answer.status == StatusCode::OK {
        return held(answer.shown());
    }
    Err(Wrong::warning(
        answer.shown(),
        "addresses that people type without the slash do not work",
        "serve both, or redirect",
    ))
}
