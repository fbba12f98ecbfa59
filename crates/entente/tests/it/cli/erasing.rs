//! Erasing on the command line: in a data directory, and through the node that serves it.

use super::Place;
use super::serving::Serving;
use crate::pages::get;

const FEED: &[u8] = b"secret-value.example\nother.example\n";

/// A data directory with two indicators; gives their ids.
fn with_feed() -> (Place, Vec<String>) {
    let place = Place::small();
    place
        .d("collection create library --public --marking clear")
        .ok();
    place.write("feed.txt", FEED);
    place.d("import feed.txt --collection library").ok();
    let exported = place.d("export --format bundle").ok().out;
    let bundle: serde_json::Value = serde_json::from_str(&exported).unwrap();
    let ids = bundle["objects"].as_array().unwrap().iter();
    let named = |value: &str| {
        let object = ids
            .clone()
            .find(|object| object.to_string().contains(value));
        object.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let ids = vec![named("secret-value"), named("other.example")];
    (place, ids)
}

#[test]
fn what_is_erased_is_gone_and_what_stays_is_said() {
    let (place, ids) = with_feed();
    let why = ["--reason", "asked for"];
    place.on_d(&["erase", &ids[0]]).code(2).says("--reason");
    place.on_d(&["erase"]).code(2);
    let look = place.on_d(&["erase", &ids[0], "--dry-run"]).ok();
    assert!(look.out.contains(&ids[0]) && look.out.contains("stays: the leaves"));
    let found = place.d("export --format bundle").ok().out;
    assert!(found.contains("secret-value"), "to look changes nothing");
    let erased = place
        .on_d(&[&["erase", &ids[0], "--json"], &why[..]].concat())
        .ok()
        .json();
    assert_eq!(erased["erased"], true);
    assert_eq!(
        erased["objects"][0]["versions"].as_array().unwrap().len(),
        1
    );
    let found = place.d("export --format bundle").ok().out;
    assert!(!found.contains("secret-value") && found.contains("other.example"));
    place
        .on_d(&[&["erase", &ids[0]], &why[..]].concat())
        .code(3)
        .says("erased already");
    let position = erased["objects"][0]["versions"][0]["position"].to_string();
    let again = place
        .on_d(&["erase", "--position", &position, "--dry-run"])
        .ok();
    assert!(again.out.contains("erased before"));
    place
        .on_d(&[&["erase", "--position", "0"], &why[..]].concat())
        .code(3)
        .says("cannot be erased");
    let listed = place.d("erase --list --json").ok().json();
    assert_eq!(listed["erased"][0]["reason"], "asked for");
    let doctor = place.d("doctor --json").ok().json();
    assert_eq!(
        (&doctor["erased"], &doctor["erased_now"]),
        (&1.into(), &0.into())
    );
}

#[test]
fn two_persons_are_two() {
    let (place, ids) = with_feed();
    place.d("erase --persons two").ok().says("two persons");
    let why = ["--reason", "asked for"];
    place
        .on_d(&[&["erase", &ids[0]], &why[..]].concat())
        .code(4)
        .says("two persons");
    let proposed = place
        .on_d(&[&["erase", &ids[0], "--propose", "--json"], &why[..]].concat())
        .ok()
        .json();
    let id = proposed["proposal"].as_str().unwrap().to_owned();
    place
        .on_d(&["erase", "--confirm", &id])
        .code(4)
        .says("another administrator");
    place.d("erase --persons one").ok().says("one has asked");
    place.d("erase --persons one").code(4);
    let token = place
        .d("token create --party operator --account second --scope administer")
        .ok()
        .out;
    let token = token
        .split_whitespace()
        .find(|word| word.starts_with("ent_"))
        .unwrap();
    let serving = Serving::start(&place);
    let there = ["--server", &serving.url, "--token", token];
    let erased = place
        .run(&[&["erase", "--confirm", &id, "--json"], &there[..]].concat())
        .ok()
        .json();
    assert_eq!(erased["erased"], true);
    place
        .run(&[&["erase", "--persons", "one"], &there[..]].concat())
        .ok()
        .says("one administrator");
    let page = get(&serving, &format!("/signal/{}", ids[0]));
    assert_eq!(page.status, 410);
    assert!(page.body.contains("was erased on") && !page.body.contains("asked for"));
    // Through the node that serves the directory.
    let public = ["--reason", "by order of a court", "--public-reason"];
    place
        .on_d(&[&["erase", &ids[1]], &public[..]].concat())
        .ok()
        .says("erased");
    let page = get(&serving, &format!("/signal/{}", ids[1]));
    assert_eq!(page.status, 410);
    assert!(page.body.contains("by order of a court"));
    let page = get(
        &serving,
        "/signal/indicator--00000000-0000-4000-8000-000000000000",
    );
    assert_eq!(page.status, 404);
}
