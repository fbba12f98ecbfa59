//! `GET /feeds/{collection}.csv` and `.txt`: the values that can be matched, of the signals that are
//! in force.

use std::io::Write;

use axum::http::header;
use axum::response::IntoResponse as _;
use matching::Kind;
use node::act::read::{Found, SeenCollection};
use node::policy::may_block;
use node::{Caller, Node};
use stix::{Object, Timestamp};

use super::stream::{Broken, body};
use super::{Answer, App};
use crate::http::blocking::reading;
use crate::http::error::Refused;
use crate::present::value::{harmless, readable};

/// The columns of the table; documented in `docs/misp.md`, so they only ever grow at the end.
const COLUMNS: &str = "value,type,id,valid_from,valid_until,marking,harm,publisher,labels,pap\n";

/// The kinds that `?type=` asks for, between commas; all of them without it.
///
/// # Errors
/// 400, naming the parameter or the word that is wrong.
pub(super) fn kinds(query: Option<&str>) -> Result<Vec<Kind>, Refused> {
    let mut kinds = Vec::new();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name != "type" {
            let words = format!("there is no parameter '{name}': 'type' is the only one");
            return Err(Refused::bad(words));
        }
        for word in value
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            kinds.push(word.parse::<Kind>().map_err(|_| {
                let all: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
                Refused::bad(format!(
                    "parameter 'type' takes {}, not '{word}'",
                    all.join(", ")
                ))
            })?);
        }
    }
    if kinds.is_empty() {
        kinds.extend(Kind::ALL);
    }
    Ok(kinds)
}

/// The list, or the table.
pub(super) async fn answer(
    app: &App,
    caller: Caller,
    collection: String,
    kinds: Vec<Kind>,
    table: bool,
) -> Answer {
    let seen = reading(app, &caller, move |node, caller| {
        node.readable(caller, &collection)
    });
    let seen = seen.await?;
    let alias = seen.settings.alias.clone();
    let write = move |node: &Node, caller: &Caller, sink: &mut dyn Write| {
        if table {
            sink.write_all(COLUMNS.as_bytes())?;
        }
        let id = seen.settings.id.clone();
        node.each_in_force(caller, &id, &mut |found| {
            write_values(node, &seen, found, &kinds, table, sink)
        })
    };
    let (media_type, name) = if table {
        ("text/csv; charset=utf-8", format!("{alias}.csv"))
    } else {
        ("text/plain; charset=utf-8", format!("{alias}.txt"))
    };
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"{name}\""),
        ),
        // What is seen depends on who asks.
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, body(app, caller, write)?).into_response())
}

fn write_values(
    node: &Node,
    seen: &SeenCollection,
    found: &Found,
    kinds: &[Kind],
    table: bool,
    sink: &mut dyn Write,
) -> Result<(), Broken> {
    let pap = found.row.pap();
    // A plain list is what firewalls and resolvers read.
    if !table && !may_block(pap) {
        return Ok(());
    }
    let Ok(object) = Object::parse(&found.bytes) else {
        return Ok(());
    };
    for said in stix::signal::observables(&object) {
        let Some((kind, value)) = readable(&said).filter(|(kind, _)| kinds.contains(kind)) else {
            continue;
        };
        if !table {
            writeln!(sink, "{value}")?;
            continue;
        }
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let harm = found.row.harm().or(seen.settings.harm);
        let labels: Vec<&str> = object.labels().iter().map(AsRef::as_ref).collect();
        let mut row = csv::Writer::from_writer(&mut *sink);
        row.write_record([
            harmless(&value),
            kind.to_string(),
            object.id().to_string(),
            time(object.valid_from()),
            time(object.valid_until()),
            found.row.marking.to_string(),
            harm.map(|harm| harm.to_string()).unwrap_or_default(),
            harmless(found.publisher(&node.directory())),
            harmless(&labels.join(";")),
            pap.map(|pap| pap.to_string()).unwrap_or_default(),
        ])
        .map_err(std::io::Error::other)?;
        row.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_or_refused() {
        assert_eq!(
            kinds(Some("type=ipv4,sha256")).unwrap(),
            [Kind::Ipv4, Kind::Sha256]
        );
        assert_eq!(kinds(None).unwrap().len(), Kind::ALL.len());
        assert!(
            kinds(Some("type=hash"))
                .unwrap_err()
                .detail
                .contains("'hash'")
        );
        assert!(
            kinds(Some("kind=url"))
                .unwrap_err()
                .detail
                .contains("'kind'")
        );
    }
}
