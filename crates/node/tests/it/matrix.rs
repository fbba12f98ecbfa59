//! Every role × stance × marking × surface, against an oracle that knows the policy's words and none
//! of its code.
//!
//! The oracle is [`should_see`]: it is written from the table in `docs/operating.md`. One object of each
//! marking lies in each kind of place; each caller asks every surface for each object, and what the
//! surface gives has to be what the oracle says, in both directions: nothing withheld, nothing leaked.

use bytes::Bytes;
use node::accession::Terms;
use node::act::changes::Since;
use node::act::circles::CircleChange;
use node::act::manage::{NewToken, new_collection_id};
use node::act::read::Newest;
use node::model::{Collection, Marking, Scopes};
use node::pledge::{Basis, Kind, Party, Precision, Stance, StanceChange};
use node::{Caller, Error, Node, Query, Versions};

use crate::fixture::{id, indicator, marked, member, node, publish_in};

const MARKINGS: [&str; 5] = ["clear", "green", "amber", "amber+strict", "red"];

/// What a caller's party is to the pledge.
type Standing = (Option<Stance>, Option<Under>);

/// The terms of a party.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Under {
    /// In force, for the place, up to AMBER.
    Here,
    /// In force, for the place, up to AMBER+STRICT.
    HereStrict,
    /// In force, for every collection, up to RED.
    Everything,
    /// In force, for the place, up to GREEN.
    HereGreen,
    /// In force, for another collection, up to RED.
    Elsewhere,
    /// For the place, from tomorrow on.
    Tomorrow,
    /// For the place, until yesterday.
    Over,
    /// For the place, ended today.
    Ended,
}

const STANDINGS: [Standing; 16] = [
    (None, None),
    (Some(Stance::Signed), None),
    (Some(Stance::InTalks), None),
    (Some(Stance::Partner), None),
    (Some(Stance::SittingOut), None),
    (Some(Stance::Withdrawn), None),
    (Some(Stance::Suspended), None),
    (Some(Stance::Partner), Some(Under::Here)),
    (Some(Stance::Partner), Some(Under::HereStrict)),
    (Some(Stance::Partner), Some(Under::Everything)),
    (Some(Stance::Partner), Some(Under::HereGreen)),
    (Some(Stance::Partner), Some(Under::Elsewhere)),
    (Some(Stance::Partner), Some(Under::Tomorrow)),
    (Some(Stance::Partner), Some(Under::Over)),
    (Some(Stance::Partner), Some(Under::Ended)),
    // Terms bind partners alone.
    (Some(Stance::Signed), Some(Under::Over)),
];

/// The most restrictive marking that terms reach in the place: the words of docs/accession.md.
fn reach(under: Under) -> &'static str {
    match under {
        Under::Here => "amber",
        Under::HereStrict => "amber+strict",
        Under::Everything => "red",
        // What anybody registered sees.
        Under::HereGreen | Under::Elsewhere | Under::Tomorrow | Under::Over | Under::Ended => {
            "green"
        }
    }
}

/// Where an object lies.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Place {
    /// A collection that those without an account may know.
    Public,
    /// A collection for members.
    Members,
    /// A collection confined to the circle.
    CircleCollection,
    /// A public collection, the object confined to the circle by its own marking.
    CircleMarking,
    /// A collection for members; a part of the object carries the marking, the whole is CLEAR.
    Granular,
}

const PLACES: [Place; 5] = [
    Place::Public,
    Place::Members,
    Place::CircleCollection,
    Place::CircleMarking,
    Place::Granular,
];

/// What a caller is to the collection and to the circle.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Role {
    Plain,
    Recipient,
    InCircle,
    /// In the circle and a named recipient.
    Both,
    /// In the circle, but with a token for another collection.
    OtherCollection,
    /// In the circle, but with a token that may not read.
    NoRead,
}

const ROLES: [Role; 6] = [
    Role::Plain,
    Role::Recipient,
    Role::InCircle,
    Role::Both,
    Role::OtherCollection,
    Role::NoRead,
];

/// The documented table, in its own words.
fn should_see(place: Place, role: Role, (stance, under): Standing, marking: &str) -> bool {
    use Stance::{InTalks, Partner, Signed, SittingOut};
    if let (Some(Partner), Some(under)) = (stance, under) {
        let rank = |marking| MARKINGS.iter().position(|one| *one == marking);
        let without = should_see(place, role, (stance, None), marking);
        return without && rank(marking) <= rank(reach(under));
    }
    if matches!(role, Role::OtherCollection | Role::NoRead) {
        return false;
    }
    let confined = matches!(place, Place::CircleCollection | Place::CircleMarking);
    let in_circle = matches!(role, Role::InCircle | Role::Both);
    if confined && !in_circle {
        return false;
    }
    let registered = matches!(stance, Some(Signed | InTalks | Partner | SittingOut));
    let public = matches!(place, Place::Public | Place::CircleMarking);
    let recipient = matches!(role, Role::Recipient | Role::Both);
    // Those named may know of a members' collection whatever their stance.
    if !public && !registered && !recipient {
        return false;
    }
    match marking {
        "clear" => true,
        "green" => registered,
        "amber" if confined => registered,
        "amber" => matches!(stance, Some(Signed | Partner)),
        "amber+strict" => {
            (recipient && registered) || (confined && matches!(stance, Some(Signed | Partner)))
        }
        _ => recipient && registered,
    }
}

fn slug(role: Role, (stance, under): Standing) -> String {
    let stance = stance.map_or("none", |stance| stance.as_str());
    let under = under.map_or(String::new(), |under| format!("-{under:?}"));
    format!("{role:?}-{stance}{under}").to_lowercase()
}

/// Terms of a party with the collection `place`, on New Year 2026.
async fn agree(node: &Node, party: &str, under: Under) {
    let (today, year) = (jiff::civil::date(2026, 1, 1), jiff::civil::date(2025, 1, 1));
    let (yesterday, tomorrow) = (today.yesterday().unwrap(), today.tomorrow().unwrap());
    let (from, until) = match under {
        Under::Tomorrow => (tomorrow, None),
        Under::Over => (year, Some(yesterday)),
        _ => (today, Some(today)),
    };
    let collections = match under {
        Under::Everything => Vec::new(),
        Under::Elsewhere => vec!["other".to_owned()],
        _ => vec!["place".to_owned()],
    };
    let terms = Terms {
        id: format!("of-{party}"),
        title: "Terms".into(),
        party: party.to_owned(),
        collections,
        up_to: match under {
            Under::HereStrict => Marking::AmberStrict,
            Under::HereGreen => Marking::Green,
            Under::Everything | Under::Elsewhere => Marking::Red,
            _ => Marking::Amber,
        },
        publish: false,
        from,
        until,
        source: "a letter".into(),
        public: true,
    };
    let id = terms.id.clone();
    node.set_terms(&Caller::Operator, terms).await.unwrap();
    if under == Under::Ended {
        let reason = "for tests".to_owned();
        node.end_terms(&Caller::Operator, &id, None, reason)
            .await
            .unwrap();
    }
}

async fn enrol(node: &Node, role: Role, standing: Standing) -> String {
    let party = slug(role, standing);
    let (stance, _) = standing;
    let facts = Party {
        id: party.clone(),
        name: party.to_uppercase(),
        kind: Kind::CivilSociety,
        country: None,
        listed: None,
    };
    node.add_party(&Caller::Operator, facts).await.unwrap();
    if let Some(stance) = stance {
        let change = StanceChange {
            party: party.clone(),
            stance,
            since: jiff::civil::date(2020, 6, 1),
            basis: Basis::SignedOn,
            precision: Precision::Day,
            source: None,
            note: Some("for tests".into()),
        };
        node.set_stance(&Caller::Operator, change).await.unwrap();
    }
    party
}

/// A caller, with what it is.
struct Asker {
    role: Role,
    standing: Standing,
    caller: Caller,
}

/// A node with one place, its five objects by alpha, and everybody who asks.
async fn furnished(place: Place) -> (Node, Vec<Asker>) {
    let node = node().await;
    let mut parties = Vec::new();
    for role in ROLES {
        for standing in STANDINGS {
            parties.push((role, standing, enrol(&node, role, standing).await));
        }
    }
    let named = |wanted: &[Role]| -> Vec<String> {
        let of = parties.iter().filter(|(role, _, _)| wanted.contains(role));
        of.map(|(_, _, party)| party.clone()).collect()
    };
    let mut inside = named(&[
        Role::InCircle,
        Role::Both,
        Role::OtherCollection,
        Role::NoRead,
    ]);
    inside.push("alpha".into());
    let change = CircleChange {
        add: inside,
        ..CircleChange::default()
    };
    let circle = node
        .set_circle(&Caller::Operator, "ring", change)
        .await
        .unwrap();
    let operator = Caller::Operator;
    let other = Collection::new(new_collection_id(), "other");
    node.set_collection(&operator, other).await.unwrap();
    let settings = Collection {
        public: matches!(place, Place::Public | Place::CircleMarking),
        circle: (place == Place::CircleCollection).then(|| "ring".to_owned()),
        recipients: named(&[Role::Recipient, Role::Both]),
        ..Collection::new(new_collection_id(), "place")
    };
    node.set_collection(&operator, settings).await.unwrap();
    for (_, (_, under), party) in &parties {
        if let Some(under) = under {
            agree(&node, party, *under).await;
        }
    }
    let alpha = member(&node, "alpha", "read,publish").await;
    for (number, marking) in (1..).zip(MARKINGS) {
        let markings = match place {
            Place::CircleMarking => {
                marked(marking).replace("\"]", &format!("\",\"{}\"]", circle.marking))
            }
            Place::Granular => {
                let refs = marked(marking);
                let part = refs.split('"').nth(3).unwrap();
                format!(
                    r#"{},"granular_markings":[{{"marking_ref":"{part}","selectors":["pattern"]}}]"#,
                    marked("clear")
                )
            }
            _ => marked(marking),
        };
        let object = indicator(number, 0, &host(number), &markings);
        let status = publish_in(&node, &alpha, "place", &[object]).await;
        assert_eq!(status.failures, []);
    }
    node.wait_for_index().unwrap();
    let askers = askers(&node, parties).await;
    (node, askers)
}

/// A token for each party, as its role says.
async fn askers(node: &Node, parties: Vec<(Role, Standing, String)>) -> Vec<Asker> {
    let mut askers = Vec::new();
    for (role, standing, party) in parties {
        let new = NewToken {
            party,
            account: "tests".into(),
            scopes: if role == Role::NoRead {
                "publish"
            } else {
                "read"
            }
            .parse::<Scopes>()
            .unwrap(),
            collections: if role == Role::OtherCollection {
                vec!["other".into()]
            } else {
                Vec::new()
            },
            expires: None,
        };
        let (secret, _) = node.create_token(&Caller::Operator, new).await.unwrap();
        let caller = node.authenticate(&secret.text).unwrap();
        askers.push(Asker {
            role,
            standing,
            caller,
        });
    }
    askers
}

fn host(number: u32) -> String {
    format!("h{number}.example")
}

fn ids(node: &Node, caller: &Caller, query: &Query) -> Vec<String> {
    let page = node.objects(caller, "place", query);
    let texts = page.iter().flat_map(|page| page.objects.iter());
    texts
        .map(|found| {
            let object = stix::Object::parse(&found.bytes).unwrap();
            object.id().as_str().to_owned()
        })
        .collect()
}

/// Whether each surface shows the object.
fn surfaces(node: &Node, caller: &Caller, number: u32) -> Vec<(&'static str, bool)> {
    let wanted = id(number);
    let all = Query {
        versions: Versions::All,
        limit: 100,
        ..Query::default()
    };
    let last = Query {
        limit: 100,
        ..Query::default()
    };
    let by_type = Query {
        types: vec!["indicator".into()],
        ..last.clone()
    };
    let by_id = Query {
        ids: node::view::object_key(&wanted).map(|key| vec![key]),
        ..all.clone()
    };
    let newest = Newest {
        limit: 100,
        ..Newest::default()
    };
    let since = Since {
        limit: 100,
        ..Since::default()
    };
    let names = |found: Vec<String>| found.contains(&wanted);
    let manifest = |query: &Query| {
        let listed = node.manifest(caller, "place", query);
        listed.is_ok_and(|(lines, _)| lines.iter().any(|line| line.id == wanted))
    };
    let newest = node.newest(caller, "place", &newest).unwrap_or_default();
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).contains(&wanted);
    let value = host(number);
    let hits = node.lookup(caller, &[value]).unwrap_or_default();
    let changes = node.changes(caller, &since).unwrap().0;
    vec![
        ("objects", names(ids(node, caller, &last))),
        ("all versions", names(ids(node, caller, &all))),
        ("by type", names(ids(node, caller, &by_type))),
        ("by id", names(ids(node, caller, &by_id))),
        ("manifest", manifest(&last)),
        ("versions", manifest(&by_id)),
        ("newest", newest.iter().any(|found| text(&found.bytes))),
        ("find", node.find(caller, &wanted).is_ok()),
        ("lookup", hits.iter().any(|hit| hit.signal.id == wanted)),
        (
            "changes",
            changes.iter().any(|change| change.object == wanted),
        ),
        // Refused because others publish it, or unknown.
        (
            "audience",
            !matches!(node.audience(caller, &wanted), Err(Error::NotFound(_))),
        ),
        (
            "fetches",
            !matches!(node.fetched(caller, &wanted), Err(Error::NotFound(_))),
        ),
    ]
}

#[tokio::test]
async fn every_surface_shows_what_the_table_says() {
    let mut cells = 0;
    for place in PLACES {
        let (node, askers) = furnished(place).await;
        for Asker {
            role,
            standing,
            caller,
        } in &askers
        {
            let mut seen = 0;
            for (number, marking) in (1..).zip(MARKINGS) {
                let expected = should_see(place, *role, *standing, marking);
                seen += u64::from(expected);
                for (surface, shown) in surfaces(&node, caller, number) {
                    assert_eq!(
                        shown, expected,
                        "{place:?} {role:?} {standing:?} {marking}: {surface}"
                    );
                    cells += 1;
                }
            }
            let count = node.count(caller, "place", None).unwrap_or(0);
            assert_eq!(count, seen, "{place:?} {role:?} {standing:?}: count");
            let more = Query {
                versions: Versions::All,
                limit: usize::try_from(seen.max(1)).unwrap(),
                ..Query::default()
            };
            let page = node.objects(caller, "place", &more);
            assert!(
                page.is_ok_and(|page| !page.more) || seen == 0,
                "{place:?} {role:?} {standing:?}: more"
            );
            cells += 2;
        }
        // The publisher and the operator see all of it, those without an account what is CLEAR.
        let alpha = member(&node, "alpha", "read").await;
        for (number, marking) in (1..).zip(MARKINGS) {
            for caller in [&alpha, &Caller::Operator] {
                assert!(
                    surfaces(&node, caller, number)
                        .iter()
                        .all(|(_, shown)| *shown)
                );
            }
            let open = place == Place::Public && marking == "clear";
            for (surface, shown) in surfaces(&node, &Caller::Anonymous, number) {
                assert_eq!(shown, open, "{place:?} anonymous {marking}: {surface}");
            }
            cells += 36;
        }
    }
    assert!(cells >= 2000, "{cells} cells");
    println!("{cells} cells");
}

#[tokio::test]
async fn who_sees_nothing_is_answered_as_if_nothing_was_there() {
    let (node, askers) = furnished(Place::CircleMarking).await;
    for Asker {
        role,
        standing,
        caller,
    } in &askers
    {
        for (number, marking) in (1..).zip(MARKINGS) {
            if should_see(Place::CircleMarking, *role, *standing, marking) {
                continue;
            }
            let (there, nowhere) = (id(number), id(4711));
            let at = format!("{role:?} {standing:?} {marking}");
            let find = |wanted: &str| node.find(caller, wanted).err();
            assert_eq!(find(&there), find(&nowhere), "{at}");
            let audience = |wanted: &str| node.audience(caller, wanted).err();
            assert_eq!(audience(&there), audience(&nowhere), "{at}");
            let fetched = |wanted: &str| node.fetched(caller, wanted).err();
            assert_eq!(fetched(&there), fetched(&nowhere), "{at}");
            let withdrawn = async |wanted: &str| {
                let query = Query::default();
                node.withdraw(caller, "place", wanted, query).await.err()
            };
            assert_eq!(withdrawn(&there).await, withdrawn(&nowhere).await, "{at}");
            let acknowledged = async |wanted: &str| node.acknowledge(caller, wanted).await.err();
            assert_eq!(
                acknowledged(&there).await,
                acknowledged(&nowhere).await,
                "{at}"
            );
        }
    }
}

#[tokio::test]
async fn a_publish_does_not_tell_what_others_hide() {
    let (node, _) = furnished(Place::Members).await;
    // Beta signed: it sees AMBER and less. It sends what alpha published as RED, the same and another
    // content, and hears what it would hear if nothing was there.
    let beta = member(&node, "beta", "read,publish").await;
    let red = 5;
    for (number, rest) in [(red, marked("red")), (4711, marked("red"))] {
        let object = indicator(number, 0, &host(number), &rest);
        let status = publish_in(&node, &beta, "place", std::slice::from_ref(&object)).await;
        assert_eq!(status.failures, [], "{number}");
        assert!(
            status.successes.iter().all(|taken| !taken.known),
            "{number}"
        );
    }
    let other = indicator(red, 7, "other.example", &marked("amber"));
    let status = publish_in(&node, &beta, "place", &[other]).await;
    assert_eq!(status.failures, []);
    // Alpha's readers still have alpha's object as the last version.
    let alpha = member(&node, "alpha", "read").await;
    let last = ids(
        &node,
        &alpha,
        &Query {
            limit: 100,
            ..Query::default()
        },
    );
    assert_eq!(last.iter().filter(|found| **found == id(red)).count(), 1);
    let hits = node.lookup(&alpha, &[host(red)]).unwrap();
    assert!(hits.iter().any(|hit| hit.signal.publisher == "alpha"));
    assert!(
        node.lookup(&alpha, &["other.example".into()])
            .unwrap()
            .is_empty()
    );
    // Beta sees its own, and the version of its own that is last.
    let hits = node.lookup(&beta, &["other.example".into()]).unwrap();
    assert_eq!(hits.len(), 1);
    // A version of what beta does see is refused, and says why.
    let amber = indicator(3, 9, "taken.example", &marked("amber"));
    let status = publish_in(&node, &beta, "place", &[amber]).await;
    assert!(status.failures[0].reason.contains("only its creator"));
}
