//! Files that others published: run with `ENTENTE_TESTDATA` set to the folder that holds them.

use std::path::PathBuf;

use serde_json::Value;

use super::{Place, testdata};

#[test]
fn real_bundles_are_taken_whole_and_come_out_byte_for_byte() {
    let Some(folder) = testdata() else { return };
    let place = Place::small();
    for (name, objects) in [("disarm.json", "698"), ("ics-attack-18.1.json", "1,826")] {
        let path = folder.join("stix").join(name);
        let path = path.to_str().unwrap();
        let import = ["import", path, "--collection", "library"];
        place
            .on_d(&import)
            .ok()
            .says(&format!("{objects} objects taken"));
        place
            .on_d(&import)
            .ok()
            .says(&format!("{objects} already here"));
    }
    let exported = place.d("export --collection library").ok().out;
    for name in ["disarm.json", "ics-attack-18.1.json"] {
        let file = std::fs::read_to_string(folder.join("stix").join(name)).unwrap();
        let bundle: std::collections::HashMap<String, Box<serde_json::value::RawValue>> =
            serde_json::from_str(&file).unwrap();
        let objects: Vec<Box<serde_json::value::RawValue>> =
            serde_json::from_str(bundle["objects"].get()).unwrap();
        for object in objects {
            // DISARM's kill chain gets its name back: `libraries.rs`.
            let is_mended = object.get().contains("DISARMFoundation/DISARMframeworks")
                && object.get().contains("mitre-attack");
            assert!(
                is_mended || exported.contains(object.get()),
                "{}",
                object.get()
            );
        }
    }
    let bundle: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(bundle["objects"].as_array().unwrap().len(), 698 + 1_826);
    assert_eq!(
        exported.matches(r#""kill_chain_name":"disarm""#).count(),
        391
    );
}

#[test]
fn every_row_of_the_meta_indicators_is_taken_or_refused_with_a_reason() {
    let Some(folder) = testdata() else { return };
    let place = Place::small();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("signals/meta-threat-research"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "csv"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 68);
    let mut args = vec!["import", "--collection", "meta", "--keep-going", "--json"];
    args.extend(files.iter().map(|path| path.to_str().unwrap()));
    let first = place.on_d(&args).ok();
    let counts = first.json();
    let count = |name: &str| counts[name].as_u64().unwrap();
    // 11,450 rows, of which 201 hold nothing at all. Those that are refused are about 50.
    assert!(count("refused") < 60, "{counts}");
    let exported = place
        .on_d(&["export", "--format", "ndjson", "-o", "-"])
        .ok()
        .out;
    let types = exported.lines().map(|line| {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        object["type"].as_str().unwrap().to_owned()
    });
    let mut of_type = std::collections::BTreeMap::<String, u64>::new();
    types.for_each(|name| *of_type.entry(name).or_default() += 1);
    assert_eq!(of_type["campaign"], 57, "{of_type:?}");
    assert!(of_type["indicator"] > 9_600, "{of_type:?}");
    assert!(
        of_type["attack-pattern"] > 100 && of_type["user-account"] > 500,
        "{of_type:?}"
    );
    let refusals = first
        .err
        .lines()
        .filter(|line| line.contains(".csv:"))
        .count() as u64;
    assert_eq!(refusals, count("refused"));
    let again = place.on_d(&args).ok().json();
    assert_eq!(again["taken"], 0);
    assert_eq!(
        again["known"].as_u64().unwrap(),
        count("taken") + count("known")
    );
    let log = b"2026-01-01 GET https://welt.pm/artikel\n";
    let hits = place
        .run_with_input(&["match", "-", "--data", "d", "--json"], log)
        .ok()
        .lines();
    assert_eq!(hits[0]["value"], "welt.pm");
}
