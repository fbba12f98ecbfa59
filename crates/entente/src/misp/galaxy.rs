//! Clusters of MISP's galaxies as STIX objects.

use serde_json::{Map, Value, json};

use super::document::Cluster;
use super::tag::Said;
use super::written::{Origin, Written, id};

/// Names that MISP's galaxies have for malware.
const MALWARE: [&str; 11] = [
    "malpedia",
    "ransomware",
    "rat",
    "botnet",
    "banker",
    "stealer",
    "backdoor",
    "cryptominers",
    "android",
    "mitre-malware",
    "mitre-enterprise-attack-malware",
];

/// Names that MISP's galaxies have for what is done to elections and to opinions.
const ATTACK_PATTERNS: [&str; 3] = [
    "disarm-techniques",
    "amitt-misinformation-pattern",
    "guidelines",
];

/// Whose numbers a galaxy's clusters have, and the name of its kill chain.
fn framework(galaxy: &str) -> (&'static str, &'static str) {
    if galaxy.starts_with("disarm-") {
        ("DISARM", "disarm")
    } else if galaxy.starts_with("amitt-") {
        ("AMITT", "amitt")
    } else if galaxy == "guidelines" {
        ("election-guidelines", "election-guidelines")
    } else {
        ("mitre-attack", "mitre-attack")
    }
}

/// The phases that a cluster's `kill_chain` names: `tactics:Plan Strategy`.
fn phases(galaxy: &str, meta: &Value) -> Vec<Value> {
    let (_, chain) = framework(galaxy);
    let texts = texts(meta, "kill_chain");
    let said = texts.iter().filter_map(|text| text.split_once(':'));
    let of_chain =
        said.filter(|(kind, _)| kind.ends_with("tactics") || chain == "election-guidelines");
    let phase = |(_, phase): (&str, &str)| {
        let words = phase.split(|c: char| !c.is_alphanumeric());
        let words: Vec<String> = words
            .filter(|w| !w.is_empty())
            .map(str::to_lowercase)
            .collect();
        json!({ "kill_chain_name": chain, "phase_name": words.join("-") })
    };
    of_chain.map(phase).collect()
}

/// The STIX type of a galaxy's clusters; none for galaxies that are no such thing.
fn type_of(galaxy: &str) -> Option<&'static str> {
    let bare = galaxy
        .trim_start_matches("stix-2.1-")
        .trim_start_matches("stix-2.0-");
    if bare.ends_with("attack-pattern") || ATTACK_PATTERNS.contains(&bare) {
        Some("attack-pattern")
    } else if bare.ends_with("course-of-action")
        || matches!(bare, "disarm-countermeasures" | "disarm-detections")
    {
        Some("course-of-action")
    } else if bare.ends_with("intrusion-set") {
        Some("intrusion-set")
    } else if bare.ends_with("malware") || MALWARE.contains(&bare) {
        Some("malware")
    } else if matches!(bare, "threat-actor" | "microsoft-activity-group") {
        Some("threat-actor")
    } else if bare == "tool" || bare.ends_with("-tool") {
        Some("tool")
    } else if bare == "campaign" {
        Some("campaign")
    } else if matches!(bare, "sector" | "disarm-actortypes") {
        Some("identity")
    } else {
        None
    }
}

/// The object of a cluster; none when STIX has no type for its galaxy, so that its tag stays a label.
///
/// # Errors
/// When its UUID is none, or it has no name.
pub(crate) fn object(
    origin: &Origin,
    galaxy: &str,
    cluster: &Cluster,
) -> Result<Option<Written>, String> {
    let Some(type_name) = type_of(galaxy) else {
        return Ok(None);
    };
    let id = id(type_name, &cluster.uuid)?;
    let known_as = texts(&cluster.meta, "external_id");
    let mut name = cluster.value.trim();
    // MITRE's clusters carry their number in their name: "Phishing - T1566".
    for external in &known_as {
        let suffix = format!(" - {external}");
        name = name.strip_suffix(suffix.as_str()).unwrap_or(name);
    }
    if name.is_empty() {
        return Err("it has no name".into());
    }
    let mut properties = Map::new();
    properties.insert("name".into(), name.into());
    if let Some(text) = cluster
        .description
        .as_deref()
        .filter(|text| !text.is_empty())
    {
        properties.insert("description".into(), text.into());
    }
    match type_name {
        "malware" => drop(properties.insert("is_family".into(), true.into())),
        "identity" => drop(properties.insert("identity_class".into(), "class".into())),
        _ => {}
    }
    let phases = phases(galaxy, &cluster.meta);
    if type_name == "attack-pattern" && framework(galaxy).1 != "mitre-attack" && !phases.is_empty()
    {
        properties.insert("kill_chain_phases".into(), phases.into());
    }
    let synonyms = texts(&cluster.meta, "synonyms");
    let takes_aliases = !matches!(type_name, "identity" | "course-of-action");
    if takes_aliases && !synonyms.is_empty() {
        properties.insert("aliases".into(), json!(synonyms));
    }
    let mut references: Vec<Value> = known_as
        .iter()
        .map(|external| json!({"source_name": framework(galaxy).0, "external_id": external}))
        .collect();
    let links = texts(&cluster.meta, "refs");
    let links = links.iter().filter(|link| link.starts_with("http"));
    references.extend(links.map(|link| json!({"source_name": "url", "url": link})));
    if !references.is_empty() {
        properties.insert("external_references".into(), references.into());
    }
    Ok(Some(origin.constant(id, &Said::default(), properties)))
}

/// A member of `meta` that is a text or a list of texts.
fn texts(meta: &Value, name: &str) -> Vec<String> {
    let texts = match meta.get(name) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    let filled = texts.into_iter().filter(|text| !text.trim().is_empty());
    filled.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_become_what_their_galaxy_says() {
        for (galaxy, expected) in [
            ("mitre-attack-pattern", Some("attack-pattern")),
            ("mitre-mobile-attack-malware", Some("malware")),
            ("threat-actor", Some("threat-actor")),
            ("ransomware", Some("malware")),
            ("mitre-tool", Some("tool")),
            ("disarm-techniques", Some("attack-pattern")),
            ("disarm-countermeasures", Some("course-of-action")),
            ("surveillance-vendor", None),
        ] {
            assert_eq!(type_of(galaxy), expected, "{galaxy}");
        }
    }
}
