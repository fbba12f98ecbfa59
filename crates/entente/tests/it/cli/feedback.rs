//! `feedback`: what is said of a signal reaches who published it, here and over a node elsewhere.

use super::serving::Serving;
use super::{Place, each};

/// A node with a signal of alpha about `evil.example`; gives its id and tokens of alpha and beta.
fn place() -> (Place, String, [String; 2]) {
    let place = Place::small();
    place.d("party stance beta signed --since 2021-01-01").ok();
    place.d("collection create feed --marking green").ok();
    let token = |party: &str| {
        let line = format!("token create --party {party} --scope read,publish");
        place.d(&line).ok().out.trim().to_owned()
    };
    let tokens = [token("alpha"), token("beta")];
    place.write("list.txt", b"evil.example\n");
    let node = Serving::start(&place);
    there(
        &place,
        &node,
        &tokens[0],
        "import list.txt --collection feed",
    )
    .ok();
    drop(node);
    place.write("log", b"see evil.example\n");
    let hits = place.d("match log --json").ok().lines();
    let id = hits[0]["signal"]["id"].as_str().unwrap().to_owned();
    (place, id, tokens)
}

fn there(place: &Place, node: &Serving, token: &str, line: &str) -> super::Ended {
    let words: Vec<&str> = line.split_whitespace().collect();
    place.run(&[&words[..], &["--server", &node.url, "--token", token]].concat())
}

#[test]
fn what_a_party_says_from_elsewhere_is_in_the_producers_inbox() {
    let (place, id, [alpha, beta]) = place();
    let node = Serving::start(&place);
    let give = format!("feedback give {id} seen --count 12 --last-seen 2026-01-02 --because mail");
    let given = there(&place, &node, &beta, &give).ok();
    assert!(given.out.starts_with("sighting--"), "{}", given.out);
    let told = there(&place, &node, &alpha, "feedback list --json").ok();
    let items = told.lines();
    assert_eq!(each(&items, "kind"), ["seen"]);
    let item = &items[0];
    assert_eq!(
        (&item["by"]["name"], &item["count"]),
        (&"Béta Org".into(), &12.into())
    );
    assert_eq!(
        (&item["explanation"], &item["signal"]),
        (&"mail".into(), &id.as_str().into())
    );
    assert_eq!(format!("{}\n", item["id"].as_str().unwrap()), given.out);
    // Nothing new after what was read.
    let on = format!(
        "feedback list --json --after {}",
        item["cursor"].as_str().unwrap()
    );
    assert!(there(&place, &node, &alpha, &on).ok().lines().is_empty());
    there(&place, &node, &alpha, &format!("feedback give {id} agree")).ok();
    assert!(
        there(&place, &node, &alpha, &on).ok().lines().is_empty(),
        "its own"
    );
    let lines = there(&place, &node, &alpha, "feedback list").ok();
    assert!(
        lines.out.contains("Béta Org | seen 12 times | "),
        "{}",
        lines.out
    );
    let on_signal = format!("feedback list --signal {id} --json");
    let seen = there(&place, &node, &alpha, &on_signal).ok();
    assert_eq!(
        each(&seen.lines(), "kind"),
        ["agree", "seen"],
        "newest first"
    );
    // As STIX that our own checks take.
    let stix = there(&place, &node, &alpha, "feedback list --stix").ok();
    let objects = stix.lines();
    assert_eq!(each(&objects, "type"), ["identity", "sighting"]);
    assert_eq!(objects[1]["created_by_ref"], objects[0]["id"]);
    assert_eq!(objects[1]["last_seen"], "2026-01-02T00:00:00.000000Z");
    place.write("stix.ndjson", stix.out.as_bytes());
    drop(node);
    let taken = place
        .d("import stix.ndjson --collection back --json")
        .ok()
        .json();
    assert_eq!((&taken["taken"], &taken["refused"]), (&2.into(), &0.into()));
}

#[test]
fn the_operator_gives_and_reads_feedback_on_the_data_directory() {
    let (place, id, _) = place();
    let give = format!("feedback give {id} not-malicious --json");
    let given = place.d(&give).ok().json();
    assert_eq!(
        (&given["kind"], &given["published"]),
        (&"not-malicious".into(), &false.into())
    );
    let said = place.d(&format!("feedback list --signal {id}")).ok();
    said.says("not malicious for 1");
    let opinion = place.d("feedback list --stix").ok().lines();
    assert_eq!(opinion[1]["opinion"], "strongly-disagree");
    assert_eq!(opinion[1]["labels"][0], "not-malicious");
    let missing = "feedback give indicator--00000000-0000-4000-8000-000000000000 seen";
    place.d(missing).code(3).says("no such object");
    place.d(&format!("feedback give {id} lovely")).code(2);
    place
        .d(&format!("feedback give {id} agree --count 3"))
        .code(3)
        .says("count");
    place.d("feedback list --after x").code(3).says("after");
}
