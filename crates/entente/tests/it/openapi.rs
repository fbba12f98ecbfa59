//! The OpenAPI document, kept by hand, against the routes in the sources and the node's own answers.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::Place;
use crate::cli::serving::Serving;
use crate::pages::ask;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The document in `docs/`.
fn document() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Method and path of each operation that the document names.
fn documented(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        let methods = methods.filter(|method| METHODS.contains(&method.as_str()));
        methods.map(move |method| (method.clone(), path.clone()))
    });
    operations.collect()
}

/// Method and path of each `.route("…", get(…).post(…))` in a source.
fn routes(source: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for call in source.split(".route(").skip(1) {
        let mut depth = 1;
        let end = call.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        let arguments = &call[..end.expect("a route ends")];
        let path = arguments.split('"').nth(1).expect("a route names its path");
        let mut named = 0;
        for method in METHODS {
            let is_called = |(at, _): (usize, &str)| {
                let before = arguments[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            };
            let called = format!("{method}(");
            if arguments.match_indices(&called).any(is_called) {
                found.insert((method.to_owned(), path.to_owned()));
                named += 1;
            }
        }
        // What takes every method takes none in particular: it is no operation.
        assert!(
            named > 0 || arguments.contains("any("),
            "no method is known of {path}"
        );
    }
    found
}

fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources(&path);
        } else {
            text += &fs::read_to_string(path).unwrap();
        }
    }
    text
}

#[test]
fn every_route_is_documented_and_everything_documented_is_a_route() {
    let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/api");
    let (routes, documented) = (routes(&sources(&api)), documented(&document()));
    let missing: Vec<_> = routes.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/openapi.json: {missing:?}");
    let extra: Vec<_> = documented.difference(&routes).collect();
    assert!(
        extra.is_empty(),
        "no route for {extra:?} of docs/openapi.json"
    );
    assert!(
        routes.len() >= 24,
        "only {} routes were found",
        routes.len()
    );
}

#[test]
fn a_route_that_is_not_documented_is_seen() {
    let source = r#".route("/api/v1/a/{id}", get(a).post(b::target(x))).route(
        "/api/v1/b", delete(c))"#;
    let found = routes(source);
    let found: Vec<_> = found
        .iter()
        .map(|(m, p)| (m.as_str(), p.as_str()))
        .collect();
    let wanted = [
        ("delete", "/api/v1/b"),
        ("get", "/api/v1/a/{id}"),
        ("post", "/api/v1/a/{id}"),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn check(value: &Value, document: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(target)) = members.get("$ref") {
                    let pointer = target.trim_start_matches('#');
                    assert!(document.pointer(pointer).is_some(), "{target} is nowhere");
                }
                members.values().for_each(|member| check(member, document));
            }
            Value::Array(items) => items.iter().for_each(|item| check(item, document)),
            _ => {}
        }
    }
    let document = document();
    check(&document, &document);
    let paths = document["paths"].as_object().unwrap();
    let operations = paths
        .values()
        .flat_map(|item| item.as_object().unwrap().values());
    let ids: Vec<&str> = operations
        .map(|op| op["operationId"].as_str().unwrap())
        .collect();
    let different: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "an operationId stands twice");
}

#[test]
fn a_node_serves_the_document_and_knows_every_operation_of_it() {
    let place = Place::small();
    let node = Serving::start(&place);
    let served = ask(&node, "GET", "/api/v1/openapi.json", &[], "");
    assert_eq!(served.headers["content-type"], "application/json");
    let served: Value = serde_json::from_str(&served.body).unwrap();
    assert_eq!(served, document());
    for (method, path) in documented(&served) {
        let path = path.replace(['{', '}'], "");
        let answer = ask(&node, &method.to_uppercase(), &path, &[], "");
        assert_ne!(answer.status, 405, "{method} {path}");
        assert!(
            !answer.body.contains("there is nothing at"),
            "{method} {path}"
        );
    }
}
