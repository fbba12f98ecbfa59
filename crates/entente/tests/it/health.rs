//! What load balancers and monitoring ask a node.

use std::collections::BTreeMap;

use crate::cli::Place;
use crate::cli::serving::Serving;
use crate::pages::ask;

/// The samples of `/metrics`, each of which has its help and its type before it.
fn figures(node: &Serving) -> BTreeMap<String, u64> {
    let answer = ask(node, "GET", "/metrics", &[], "");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let lines: Vec<&str> = answer.body.lines().collect();
    let samples = lines.chunks(3).map(|three| {
        let (name, value) = three[2].split_once(' ').unwrap();
        assert!(three[0].starts_with(&format!("# HELP {name} ")));
        assert_eq!(three[1], format!("# TYPE {name} gauge"));
        (name.to_owned(), value.parse().unwrap())
    });
    samples.collect()
}

#[test]
fn a_node_tells_monitoring_how_far_it_is() {
    let place = Place::small();
    place.d("collection create open --marking clear").ok();
    let node = Serving::start(&place);
    let before = figures(&node);
    assert_eq!(before["entente_ready"], 1);
    assert_eq!(before["entente_leads"], 1);
    assert_eq!(before["entente_log_halted"], 0);
    assert!(!before.keys().any(|name| name.starts_with("entente_stream")));
    place.write("one.txt", b"one.example\n");
    place
        .d("import one.txt --collection open --marking clear")
        .ok();
    let after = figures(&node);
    let grown = after["entente_journal_entries"] - before["entente_journal_entries"];
    assert!(grown > 0);
    for name in ["entente_views_entries", "entente_log_entries"] {
        assert_eq!(after[name] - before[name], grown, "{name}");
    }
}
