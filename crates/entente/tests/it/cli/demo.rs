//! `demo`: what it prints works, and nothing is left behind.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use super::serving::{terminate, wait};
use super::{Place, each};

#[test]
fn a_demo_shows_that_stance_matters_and_leaves_nothing_behind() {
    let place = Place::bare();
    let mut child = place
        .command(&["demo", "--json", "--listen", "127.0.0.1:0"])
        .env("TMPDIR", place.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let demo: Value = serde_json::from_str(&line).unwrap();
    let log = demo["log"].as_str().unwrap();
    let url = demo["url"].as_str().unwrap();
    let mut hits = Vec::new();
    for member in demo["members"].as_array().unwrap() {
        let token = member["token"].as_str().unwrap();
        let found = place
            .run(&["match", log, "--server", url, "--token", token, "--json"])
            .ok();
        hits.push((member["stance"].as_str().unwrap(), found.lines()));
    }
    let harms = |hits: &[Value]| {
        let mut harms: Vec<String> = hits
            .iter()
            .map(|hit| hit["signal"]["harm"].as_str().unwrap().to_owned())
            .collect();
        harms.sort();
        harms.dedup();
        harms
    };
    assert_eq!(hits.len(), 3);
    for (stance, found) in &hits {
        let expected = if *stance == "in-talks" { 3 } else { 5 };
        assert_eq!(harms(found).len(), expected, "{stance}");
    }
    // What its members promised in the months before.
    let listed = place.run(&["commit", "list", "--server", url, "--json"]);
    let listed = listed.ok().lines();
    let mut keeping = each(&listed, "keeping");
    keeping.sort_unstable();
    assert_eq!(keeping, ["kept", "late", "silent"]);
    let letters = place.run(&["commit", "letters", "--server", url, "--json"]);
    let letters = letters.ok().lines();
    assert_eq!(each(&letters, "outcome"), ["carried-out"; 3]);
    terminate(&child);
    assert_eq!(wait(&mut child), Some(0));
    assert!(!Path::new(demo["data"].as_str().unwrap()).exists());
    assert_eq!(std::fs::read_dir(place.path(".")).unwrap().count(), 0);
}
