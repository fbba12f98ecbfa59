//! The house rules that a test can hold: arrows between rooms point down, and no file grows without
//! end.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from top to bottom, each with the rooms it may use.
const ROOMS: [(&str, &[&str]); 6] = [
    (
        "entente",
        &["node", "detect", "matching", "stix", "journal"],
    ),
    ("node", &["detect", "matching", "stix", "journal"]),
    ("detect", &["matching", "stix"]),
    ("matching", &["stix"]),
    ("stix", &[]),
    ("journal", &[]),
];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rooms that a manifest names as dependencies, for building or for tests.
fn arrows(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_dependencies = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            in_dependencies = section.contains("dependencies");
            // `[dependencies.entente-node]` is an arrow as well.
            if let Some((_, name)) = section.trim_end_matches(']').split_once("dependencies.") {
                found.push(name.to_owned());
            }
        } else if in_dependencies && let Some((name, _)) = line.split_once('=') {
            found.push(name.split('.').next().unwrap_or(name).trim().to_owned());
        }
    }
    found.retain(|name| name == "entente" || name.starts_with("entente-"));
    found
        .into_iter()
        .map(|name| name.trim_start_matches("entente-").to_owned())
        .collect()
}

#[test]
fn arrows_between_rooms_point_down() {
    let mut seen = 0;
    for entry in fs::read_dir(crates()).unwrap() {
        let directory = entry.unwrap().path();
        let Ok(manifest) = fs::read_to_string(directory.join("Cargo.toml")) else {
            continue;
        };
        let room = directory
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let (_, below) = ROOMS
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("'{room}' is no room of ARCHITECTURE.md"));
        for arrow in arrows(&manifest) {
            assert!(
                below.contains(&arrow.as_str()),
                "{room} may not use {arrow}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 5, "only {seen} rooms were found");
}

#[test]
fn an_arrow_that_points_up_is_seen() {
    let manifest =
        "[package]\nname = \"entente-stix\"\n[dev-dependencies]\nentente-node.workspace = true\n";
    assert_eq!(arrows(manifest), ["node"]);
    assert_eq!(
        arrows("[target.x.dependencies.entente-node]\npath = \"../node\""),
        ["node"]
    );
}

#[test]
fn no_file_has_a_thousand_lines() {
    let mut folders = vec![crates()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let lines = fs::read_to_string(&path).unwrap().lines().count();
                assert!(lines < 1000, "{} has {lines} lines", path.display());
            }
        }
    }
}
