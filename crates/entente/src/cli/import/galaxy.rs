//! Clusters of MISP's galaxies, and MISP's taxonomies, as files of their own.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use stix::build::Draft;

use super::indicator::Template;
use super::taking::Taking;
use crate::cli::input::{Input, without_mark};
use crate::misp::document::Cluster;
use crate::misp::galaxy;
use crate::misp::tag::machine_tag;
use crate::misp::written::{Origin, Written};

/// Octets of the largest file: it is read whole.
const LARGEST: u64 = 256 << 20;

/// A file of clusters.
#[derive(Deserialize)]
struct Galaxy {
    r#type: String,
    values: Vec<Related>,
}

/// A cluster, with how it is tied to others.
#[derive(Deserialize)]
struct Related {
    #[serde(flatten)]
    cluster: Cluster,
    #[serde(default)]
    related: Vec<Tie>,
}

#[derive(Deserialize)]
struct Tie {
    #[serde(rename = "dest-uuid")]
    to: String,
    r#type: String,
}

/// A taxonomy: machine tags by predicate and value.
#[derive(Deserialize)]
struct Taxonomy {
    namespace: String,
    predicates: Vec<Word>,
    #[serde(default)]
    values: Vec<Values>,
}

#[derive(Deserialize)]
struct Values {
    predicate: String,
    #[serde(default)]
    entry: Vec<Word>,
}

#[derive(Deserialize)]
struct Word {
    value: String,
    #[serde(default)]
    expanded: String,
}

/// Takes the clusters of a galaxy that STIX has a type for, and their relationships within the file.
///
/// # Errors
/// When the file is no galaxy, STIX has no type for it, or the node cannot be written.
pub(crate) fn read_galaxy(
    input: Input,
    template: &Template,
    taking: &mut Taking<'_>,
) -> anyhow::Result<()> {
    let name = input.name.clone();
    let galaxy: Galaxy = parse(input)?;
    let origin = Origin {
        created: template.now(),
        creator: template.creator().to_owned(),
    };
    let mut objects = Vec::new();
    let mut ids = HashMap::new();
    for Related { cluster, .. } in &galaxy.values {
        match galaxy::object(&origin, &galaxy.r#type, cluster) {
            Ok(Some(object)) => {
                ids.insert(cluster.uuid.clone(), object.id.clone());
                objects.push(object);
            }
            Ok(None) => bail!(
                "{name}: STIX has no type for the clusters of the galaxy '{}'",
                galaxy.r#type
            ),
            Err(reason) => taking.refuse(&name, 0, &format!("'{}': {reason}", cluster.value)),
        }
    }
    let mut seen = HashSet::new();
    for Related { cluster, related } in &galaxy.values {
        for tie in related {
            let (Some(from), Some(to)) = (ids.get(&cluster.uuid), ids.get(&tie.to)) else {
                continue;
            };
            let draft = Draft::relationship(from, &tie.r#type, to, template.now());
            if seen.insert(draft.id().to_owned()) {
                objects.push(written(template, draft));
            }
        }
    }
    taking.take_event(&name, 0, template, objects)
}

/// Takes a taxonomy: each of its machine tags as a marking definition whose statement is the tag,
/// as MISP itself writes tags in STIX.
///
/// # Errors
/// When the file is no taxonomy, or the node cannot be written.
pub(crate) fn read_taxonomy(
    input: Input,
    template: &Template,
    taking: &mut Taking<'_>,
) -> anyhow::Result<()> {
    let name = input.name.clone();
    let taxonomy: Taxonomy = parse(input)?;
    let mut objects = Vec::new();
    let mut add = |predicate: &Word, value: Option<&Word>| {
        let value_of = value.map(|value| value.value.as_str());
        let tag = machine_tag(&taxonomy.namespace, &predicate.value, value_of);
        let expanded = value.map_or(&predicate.expanded, |value| &value.expanded);
        let draft = Draft::named("marking-definition", &tag, template.now())
            .set("name", expanded.as_str())
            .set("definition_type", "statement")
            .set("definition", serde_json::json!({ "statement": tag }))
            // A marking has no versions (7.2).
            .set("modified", "");
        objects.push(written(template, draft));
    };
    for predicate in &taxonomy.predicates {
        let values = taxonomy.values.iter();
        let values = values.filter(|values| values.predicate == predicate.value);
        let entries: Vec<&Word> = values.flat_map(|values| &values.entry).collect();
        if entries.is_empty() {
            add(predicate, None);
        }
        for entry in entries {
            add(predicate, Some(entry));
        }
    }
    taking.take_event(&name, 0, template, objects)
}

fn written(template: &Template, draft: Draft) -> Written {
    let draft = draft.said_by(Some(template.creator_id()), None);
    Written {
        id: draft.id().to_owned(),
        bytes: draft.bytes(),
        is_constant: true,
    }
}

fn parse<T: for<'de> Deserialize<'de>>(input: Input) -> anyhow::Result<T> {
    let (name, bytes) = input.whole(LARGEST, "is it one of MISP's libraries?")?;
    serde_json::from_slice(without_mark(&bytes)).context(name)
}
