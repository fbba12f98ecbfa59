//! The four marking definitions of TLP 1 (7.2.1.4): well known, and never written otherwise.

use super::tree::Members;
use crate::check::{Findings, Place};

/// Each level: its id, its name, the word of its definition.
const LEVELS: &[(&str, &str, &str)] = &[
    (
        "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
        "TLP:WHITE",
        "white",
    ),
    (
        "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        "TLP:GREEN",
        "green",
    ),
    (
        "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        "TLP:AMBER",
        "amber",
    ),
    (
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
        "TLP:RED",
        "red",
    ),
];

const PROPERTIES: &[&str] = &[
    "type",
    "id",
    "spec_version",
    "name",
    "created",
    "definition",
    "definition_type",
];

/// Checks a marking definition that says it is TLP.
pub(crate) fn check(object: &Members<'_>, place: &Place<'_>, out: &mut Findings) {
    let mut wrong = |property: &str, message: String| {
        out.add(&place.key(property), message, "7.2.1.4");
    };
    for name in object.names().filter(|name| !PROPERTIES.contains(name)) {
        wrong(name, "is not a property of the TLP markings".to_owned());
    }
    if object.text("spec_version") != Some("2.1") {
        wrong("spec_version", "must be 2.1".to_owned());
    }
    if object.text("created") != Some("2017-01-20T00:00:00.000Z") {
        wrong("created", "must be 2017-01-20T00:00:00.000Z".to_owned());
    }
    let id = object.text("id");
    let Some((_, name, word)) = LEVELS.iter().find(|(known, ..)| Some(*known) == id) else {
        return wrong(
            "id",
            "must be that of one of the four TLP markings".to_owned(),
        );
    };
    if object.text("name") != Some(name) {
        wrong("name", format!("must be {name}"));
    }
    let fits = object.object("definition").is_some_and(|definition| {
        definition
            .get("tlp")
            .is_none_or(|tlp| tlp.text() == Some(word))
    });
    if !fits {
        wrong("definition", format!("must be {{\"tlp\":\"{word}\"}}"));
    }
}
