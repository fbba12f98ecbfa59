//! Nodes with three members, and objects to publish.

use bytes::Bytes;
use jiff::civil::date;
use node::act::feedback::NewFeedback;
use node::act::manage::{NewToken, new_collection_id};
use node::clock::{Clock, Instant};
use node::model::{Collection, FeedbackKind, Marking, Scopes};
use node::pledge::{Basis, Kind, Party, PledgeFile, Precision, Stance, StanceChange};
use node::view::status::Status;
use node::{Caller, Node, Query, Versions};

/// 2026-01-01T00:00:00Z.
pub const NEW_YEAR: Instant = Instant(1_767_225_600_000_000);

/// A pledge without parties.
pub const PLEDGE: &str = include_str!("../pledge.toml");

/// A node on `journal` with the pledge, and the parties `alpha` (signed), `beta` (signed), `gamma`
/// (in talks) and `delta` (suspended).
pub async fn furnish(node: &Node) {
    let operator = Caller::Operator;
    let file = PledgeFile::parse(PLEDGE, "test.toml").unwrap();
    node.load_pledge(&operator, file).await.unwrap();
    for (id, stance) in [
        ("operator", None),
        ("alpha", Some(Stance::Signed)),
        ("beta", Some(Stance::Signed)),
        ("gamma", Some(Stance::InTalks)),
        ("delta", Some(Stance::Suspended)),
    ] {
        let party = Party {
            id: id.into(),
            name: id.to_uppercase(),
            kind: Kind::PrivateSector,
            country: None,
            listed: None,
        };
        node.add_party(&operator, party).await.unwrap();
        if let Some(stance) = stance {
            let change = StanceChange {
                party: id.into(),
                stance,
                since: date(2020, 6, 1),
                basis: Basis::SignedOn,
                precision: Precision::Day,
                source: Some("text".into()),
                note: Some("for tests".into()),
            };
            node.set_stance(&operator, change).await.unwrap();
        }
    }
}

pub async fn node() -> Node {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    furnish(&node).await;
    node
}

/// A collection that every member may use.
pub fn collection(alias: &str) -> Collection {
    Collection {
        default_marking: Marking::Green,
        ..Collection::new(new_collection_id(), alias)
    }
}

pub async fn shared(node: &Node) {
    node.set_collection(&Caller::Operator, collection("shared"))
        .await
        .unwrap();
}

/// A caller for a party, with these scopes.
pub async fn member(node: &Node, party: &str, scopes: &str) -> Caller {
    let new = NewToken {
        party: party.into(),
        account: "tests".into(),
        scopes: scopes.parse::<Scopes>().unwrap(),
        collections: Vec::new(),
        expires: None,
    };
    let (secret, _) = node.create_token(&Caller::Operator, new).await.unwrap();
    node.authenticate(&secret.text).unwrap()
}

/// An indicator for `value` with version `minute` of an hour, and more properties in `rest`.
pub fn indicator(number: u32, minute: u32, value: &str, rest: &str) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{number:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:{minute:02}:00.000Z","pattern":"[domain-name:value = '{value}']","pattern_type":"stix","valid_from":"2025-01-01T00:00:00Z"{rest}}}"#
    )
}

pub fn id(number: u32) -> String {
    format!("indicator--{number:08x}-0000-4000-8000-000000000000")
}

/// `"object_marking_refs"` with a TLP 2.0 marking.
pub fn marked(marking: &str) -> String {
    let id = match marking {
        "clear" => stix::Tlp::Clear,
        "green" => stix::Tlp::Green,
        "amber" => stix::Tlp::Amber,
        "amber+strict" => stix::Tlp::AmberStrict,
        _ => stix::Tlp::Red,
    };
    format!(r#","object_marking_refs":["{}"]"#, id.marking_id())
}

/// An opinion on a signal, and more properties in `rest`.
pub fn opinion(number: u32, word: &str, about: &str, rest: &str) -> String {
    format!(
        r#"{{"type":"opinion","spec_version":"2.1","id":"opinion--{number:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","opinion":"{word}","object_refs":["{about}"],"explanation":"We looked."{rest}}}"#
    )
}

/// A sighting of a signal, and more properties in `rest`.
pub fn sighting(number: u32, of: &str, rest: &str) -> String {
    format!(
        r#"{{"type":"sighting","spec_version":"2.1","id":"sighting--{number:08x}-0000-4000-8000-000000000000","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","sighting_of_ref":"{of}"{rest}}}"#
    )
}

/// Feedback without anything but its kind.
pub fn say(kind: FeedbackKind) -> NewFeedback {
    NewFeedback {
        kind,
        count: None,
        first_seen: None,
        last_seen: None,
        explanation: None,
    }
}

pub async fn publish(node: &Node, caller: &Caller, objects: &[String]) -> Status {
    publish_in(node, caller, "shared", objects).await
}

pub async fn publish_in(
    node: &Node,
    caller: &Caller,
    collection: &str,
    objects: &[String],
) -> Status {
    let envelope = format!("{{\"objects\":[{}]}}", objects.join(","));
    node.publish(caller, collection, Bytes::from(envelope))
        .await
        .unwrap()
}

/// All versions of everything that a caller sees in a collection, as text.
pub fn all(node: &Node, caller: &Caller, collection: &str) -> Vec<String> {
    let query = Query {
        versions: Versions::All,
        limit: 100_000,
        ..Query::default()
    };
    let page = node.objects(caller, collection, &query).unwrap();
    page.objects
        .iter()
        .map(|found| String::from_utf8(found.bytes.to_vec()).unwrap())
        .collect()
}
