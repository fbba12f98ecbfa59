//! Telling what a file is.

use std::path::Path;

use clap::ValueEnum;
use serde::de::IgnoredAny;

use super::rows::Columns;
use crate::cli::input::{Input, without_mark};
use crate::cli::table::delimiter;

/// What a file is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Told by its content
    Auto,
    /// A STIX bundle, a TAXII envelope, or one STIX object
    Stix,
    /// STIX objects, one a line
    Ndjson,
    /// MISP events
    Misp,
    /// Clusters of a MISP galaxy
    MispGalaxy,
    /// A MISP taxonomy
    MispTaxonomy,
    /// Columns with a header
    Csv,
    /// Indicators, one a line; '#' starts a comment
    List,
}

/// What an input is: as asked, or by its first octets.
pub(crate) fn tell(asked: Format, input: &Input, columns: &Columns) -> Format {
    if asked != Format::Auto {
        return asked;
    }
    let head = without_mark(&input.head);
    if is_misp(head) {
        return Format::Misp;
    }
    match head.trim_ascii_start().first() {
        Some(b'{') => library(head).unwrap_or_else(|| json(head.trim_ascii_start())),
        Some(b'[') if starts_a_json_list(head) => Format::Stix,
        _ if looks_like_csv(head, &input.name, columns) => Format::Csv,
        _ => Format::List,
    }
}

/// A bundle or an envelope has a list of objects.
#[derive(serde::Deserialize)]
struct Container {
    #[serde(rename = "objects")]
    _objects: IgnoredAny,
}

/// Files of MISP's libraries, by the members that the first octets show.
fn library(head: &[u8]) -> Option<Format> {
    let names = first_members(head);
    let has = |name: &str| names.contains(&name.as_bytes());
    if has("objects") || has("spec_version") {
        None
    } else if has("namespace") && (has("predicates") || has("version")) {
        Some(Format::MispTaxonomy)
    } else if has("values") && (has("category") || has("source")) {
        Some(Format::MispGalaxy)
    } else {
        None
    }
}

/// The names of the outermost object's members, as far as they show.
fn first_members(head: &[u8]) -> Vec<&[u8]> {
    let (mut names, mut depth, mut at) = (Vec::new(), 0_u32, 0);
    while let Some(&byte) = head.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let start = at;
                while let Some(&within) = head.get(at).filter(|&&within| within != b'"') {
                    at += if within == b'\\' { 2 } else { 1 };
                }
                let name = head.get(start..at).unwrap_or_default();
                at += 1;
                let after = head.get(at..).unwrap_or_default().trim_ascii_start();
                if depth == 1 && after.first() == Some(&b':') {
                    names.push(name);
                }
            }
            _ => {}
        }
    }
    names
}

fn json(head: &[u8]) -> Format {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_whole = serde_json::from_slice::<IgnoredAny>(first).is_ok();
    let is_container = serde_json::from_slice::<Container>(first).is_ok();
    if is_whole && !is_container {
        Format::Ndjson
    } else {
        Format::Stix
    }
}

/// A MISP event is wrapped in `{"Event": ...}`, alone, in a list, or in `{"response": ...}`.
fn is_misp(head: &[u8]) -> bool {
    let unlisted = head.trim_ascii_start();
    let unlisted = unlisted
        .strip_prefix(b"[")
        .unwrap_or(unlisted)
        .trim_ascii_start();
    let Some(inside) = unlisted.strip_prefix(b"{") else {
        return false;
    };
    let inside = inside.trim_ascii_start();
    ["\"Event\"", "\"response\""].iter().any(|key| {
        let rest = inside.strip_prefix(key.as_bytes());
        rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
    })
}

/// `[` also starts an IPv6 address with a port.
fn starts_a_json_list(head: &[u8]) -> bool {
    let rest = head.trim_ascii_start().get(1..).unwrap_or_default();
    matches!(rest.trim_ascii_start().first(), Some(b'{' | b']'))
}

fn looks_like_csv(head: &[u8], name: &str, columns: &Columns) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let bare = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(name);
    let ending = Path::new(bare)
        .extension()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if ending == "csv" || ending == "tsv" || columns.are_given() {
        return true;
    }
    let header = String::from_utf8_lossy(line);
    let delimiter = char::from(delimiter(line));
    let cells: Vec<&str> = header.split(delimiter).collect();
    cells.len() > 1 && columns.find(&cells).is_ok()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn told(name: &str, text: &str) -> Format {
        let head = text.as_bytes().to_vec();
        let stream = Box::new(Cursor::new(head.clone()));
        tell(
            Format::Auto,
            &Input {
                name: name.into(),
                head,
                stream,
            },
            &Columns::default(),
        )
    }

    #[test]
    fn content_tells_the_format() {
        let object = r#"{"type":"ipv4-addr","id":"x","value":"192.0.2.1"}"#;
        assert_eq!(told("-", &format!("{object}\n{object}\n")), Format::Ndjson);
        assert_eq!(told("-", object), Format::Ndjson);
        assert_eq!(told("-", "{\n  \"type\": \"bundle\",\n"), Format::Stix);
        assert_eq!(
            told("-", r#" {"type":"bundle","objects":[]}"#),
            Format::Stix
        );
        assert_eq!(told("-", r#"{"objects":[{"type":"#), Format::Stix);
        assert_eq!(told("-", "[\n{}]"), Format::Stix);
        assert_eq!(told("-", "[2001:db8::1]:80\n"), Format::List);
        assert_eq!(
            told("-", "indicator_type,indicator_value,comment,ds\n"),
            Format::Csv
        );
        assert_eq!(
            told("-", "\u{feff}Tactic ,Technique,Procedure,Indicator\n"),
            Format::Csv
        );
        assert_eq!(told("-", "a.example\nb.example\n"), Format::List);
        assert_eq!(told("-", "# a list\na.example\n"), Format::List);
        assert_eq!(told("a.csv.gz", "x,y\n"), Format::Csv);
        assert_eq!(told("-", ""), Format::List);
        let galaxy = r#"{"authors":["a"],"category":"x","type":"disarm-techniques","values":[{"#;
        assert_eq!(told("-", galaxy), Format::MispGalaxy);
        let taxonomy = "{\n \"namespace\": \"x\",\n \"predicates\": [{\"value\": \"a\"}]";
        assert_eq!(told("-", taxonomy), Format::MispTaxonomy);
        for misp in [
            r#"{"Event":{"info":"x"}}"#,
            r#"[ {"Event" : {}}]"#,
            r#"{"response":[{"Event":{}}]}"#,
        ] {
            assert_eq!(told("-", misp), Format::Misp, "{misp}");
        }
    }
}
