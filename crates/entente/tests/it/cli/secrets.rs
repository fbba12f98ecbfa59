//! `secrets`: passages of protected documents, marks in copies, private matching between two sides.

use std::path::Path;

use serde_json::{Value, json};

use super::serving::Serving;
use super::{Place, each};

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef\n";

/// Prose that is the same for a seed and shares nothing with that of others.
fn prose(seed: u64, words: usize) -> String {
    const PARTS: [&str; 16] = [
        "ka", "to", "mi", "re", "su", "la", "ven", "dor", "pi", "que", "zan", "ul", "fe", "gri",
        "ho", "wex",
    ];
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 59).unwrap() % 16
    };
    let mut text = String::new();
    for _ in 0..words {
        for _ in 0..=next() % 3 {
            text.push_str(PARTS[next()]);
        }
        text.push(' ');
    }
    text
}

/// A place with a key, and two documents to protect.
fn place() -> Place {
    let place = Place::bare();
    place.write("key", KEY);
    std::fs::create_dir(place.path("plans")).unwrap();
    place.write("plans/engine.txt", prose(1, 900).as_bytes());
    place.write("plans/prices.txt", prose(2, 900).as_bytes());
    place
}

const PROTECT: &str = "secrets protect plans --out plans.set --key-file key";
const SCAN: &str = "secrets scan leaks --protected plans.set --key-file key --json";

fn run(place: &Place, line: &str) -> super::Ended {
    place.run(&line.split_whitespace().collect::<Vec<_>>())
}

fn bytes(place: &Place, name: &str) -> Vec<u8> {
    std::fs::read(place.path(name)).unwrap()
}

fn text(place: &Place, name: &str) -> String {
    String::from_utf8(bytes(place, name)).unwrap()
}

#[test]
fn a_passage_is_found_with_its_document_its_place_and_its_share() {
    let place = place();
    run(&place, PROTECT)
        .ok()
        .says("2 documents; of the files 2 new");
    std::fs::create_dir(place.path("leaks")).unwrap();
    let engine = prose(1, 900);
    let passage = &engine[2000..2500];
    let leak = format!(
        "{}\n{}\n{}",
        prose(3, 300),
        passage.to_uppercase(),
        prose(4, 300)
    );
    place.write("leaks/a.txt", leak.as_bytes());
    place.write("leaks/b.txt", prose(5, 900).as_bytes());
    let found = run(&place, SCAN).ok();
    let rows = found.lines();
    assert_eq!(rows.len(), 1, "{}", found.out);
    let row = &rows[0];
    assert_eq!(row["file"], "leaks/a.txt");
    assert_eq!(row["document"]["name"], "plans/engine.txt");
    assert_eq!(row["passages"][0]["place"], "line 2");
    let (start, end) = (
        usize::try_from(row["passages"][0]["start"].as_u64().unwrap()).unwrap(),
        usize::try_from(row["passages"][0]["end"].as_u64().unwrap()).unwrap(),
    );
    let shown = &leak[start..end];
    assert!(
        passage.to_uppercase().contains(shown) && shown.len() > 350,
        "{shown}"
    );
    let share = |name: &str| row["share"][name].as_f64().unwrap();
    assert!(share("low") < share("counted") && share("counted") < share("high"));
    found.says("2 texts against 2 protected documents: 1 finding");
    run(&place, &format!("{SCAN} --fail-on-match")).code(1);
    let person = run(&place, SCAN.trim_end_matches(" --json")).ok();
    assert!(person.out.starts_with("leaks/a.txt: "), "{}", person.out);
    assert!(!person.out.contains(&passage[..20]), "no text is printed");
}

#[test]
fn neither_text_nor_name_is_in_a_set_and_a_second_run_reads_what_is_new() {
    let place = place();
    let line = format!("{PROTECT} --names hash");
    run(&place, &line).ok();
    let first = bytes(&place, "plans.set");
    let shown = String::from_utf8_lossy(&first).into_owned();
    assert!(!shown.contains("engine") && !shown.contains(&prose(1, 900)[..8]));
    run(&place, &line)
        .ok()
        .says("0 new, 0 changed, 2 as before");
    assert_eq!(
        bytes(&place, "plans.set"),
        first,
        "the same files give the same set"
    );
    place.write("plans/more.txt", prose(7, 300).as_bytes());
    run(&place, &line)
        .ok()
        .says("1 new, 0 changed, 2 as before");
    let step_by_step = bytes(&place, "plans.set");
    run(&place, &format!("{line} --fresh")).ok().says("3 new");
    assert_eq!(
        bytes(&place, "plans.set"),
        step_by_step,
        "as if made at once"
    );
    place.write("other", b"another key of 26 octets..");
    run(&place, &PROTECT.replace("key-file key", "key-file other"))
        .code(3)
        .says("made with another key");
    run(&place, &format!("{PROTECT} --k 30"))
        .code(3)
        .says("--fresh");
    place.write("plans.set", &first[..first.len() - 9]);
    run(&place, PROTECT).code(3).says("damaged");
}

#[test]
fn what_anybody_may_have_accuses_nobody() {
    let place = place();
    let form = prose(20, 200);
    place.write(
        "plans/engine.txt",
        format!("{form}{}", prose(1, 900)).as_bytes(),
    );
    std::fs::create_dir(place.path("public")).unwrap();
    place.write("public/form.html", format!("<p>{form}</p>").as_bytes());
    std::fs::create_dir(place.path("leaks")).unwrap();
    place.write("leaks/form.txt", form.as_bytes());
    run(&place, PROTECT).ok();
    assert_eq!(run(&place, SCAN).ok().lines().len(), 1);
    run(&place, &format!("{PROTECT} --allow public")).ok();
    assert!(run(&place, SCAN).ok().out.is_empty());
}

#[test]
fn leaks_are_shared_as_stix_that_holds_neither_text_nor_names() {
    let place = Place::new();
    place.write("key", KEY);
    std::fs::create_dir(place.path("plans")).unwrap();
    place.write("plans/engine.txt", prose(1, 900).as_bytes());
    place.write("leak.txt", &prose(1, 900).as_bytes()[1000..1800]);
    run(&place, PROTECT).ok();
    place.d("collection create leaks").ok();
    let scan = "secrets scan leak.txt --protected plans.set --key-file key \
                --seen 2026-01-02T03:04:05Z --data d";
    run(&place, &format!("{scan} --preview leaks"))
        .ok()
        .says("seen by");
    run(
        &place,
        &format!("{scan} --publish leaks --stix bundle.json"),
    )
    .ok()
    .says("published");
    run(&place, &format!("{scan} --publish leaks"))
        .ok()
        .says("3 already there");
    let bundle: Value = serde_json::from_str(&text(&place, "bundle.json")).unwrap();
    let objects = bundle["objects"].as_array().unwrap();
    assert_eq!(
        each(objects, "type"),
        ["incident", "indicator", "relationship"]
    );
    assert_eq!(objects[0]["created"], "2026-01-02T03:04:05.000000Z");
    assert!(!text(&place, "bundle.json").contains("engine"));
    let piped = [
        "secrets",
        "scan",
        "-",
        "--protected",
        "plans.set",
        "--key-file",
        "key",
        "--stix",
        "b",
    ];
    let leak = bytes(&place, "leak.txt");
    place.run_with_input(&piped, &leak).code(2).says("--seen");
}

#[test]
fn a_report_is_one_page_of_its_own() {
    let place = place();
    run(&place, PROTECT).ok();
    std::fs::create_dir(place.path("leaks")).unwrap();
    place.write("leaks/<b>.txt", prose(2, 900).as_bytes());
    place.write("leaks/broken.zip", b"PK\x03\x04 nothing");
    run(&place, &format!("{SCAN} --report report.html --strict")).code(3);
    let page = text(&place, "report.html");
    assert!(page.contains("plans/prices.txt") && page.contains("broken.zip"));
    assert!(
        page.contains("leaks/&#60;b&#62;.txt") && !page.contains("<b>"),
        "{page}"
    );
    assert!(
        !page.contains("://") && !page.contains("<script"),
        "nothing from elsewhere"
    );
}

#[test]
fn a_mark_names_the_copy_that_a_part_comes_from() {
    let place = place();
    place.write("who", "anna@example.org\notto\n\nAnna Żak\n".as_bytes());
    let mark =
        "secrets canary plans/engine.txt --for-file who --out-dir copies --key-file key --json";
    let copies = run(&place, mark).ok().lines();
    assert_eq!(
        each(&copies, "recipient"),
        ["anna@example.org", "otto", "Anna Żak"]
    );
    assert_eq!(
        run(&place, mark).ok().lines(),
        copies,
        "the same serials each time"
    );
    let copy = text(&place, copies[1]["file"].as_str().unwrap());
    assert!(copy.ends_with(&format!(
        "Copy reference: {}\n",
        copies[1]["serial"].as_str().unwrap()
    )));
    let part: String = copy.chars().skip(500).take(900).collect();
    place.write("part.txt", part.as_bytes());
    place.write("line.txt", copies[2]["token"].as_str().unwrap().as_bytes());
    let find = "secrets canary --find part.txt line.txt --for-file who --key-file key --json";
    let found = run(&place, &format!("{find} --fail-on-match"))
        .code(1)
        .says("not who passed it on");
    let rows = found.lines();
    assert_eq!(each(&rows, "copy"), ["otto", "Anna Żak"], "{}", found.out);
    assert_eq!(each(&rows, "form"), ["invisible", "serial"]);
    run(
        &place,
        &find.replace("key-file key", "label other --key-file key"),
    )
    .ok()
    .says("0 marks found");
    // marks do not hide a passage, and a scan finds both
    run(&place, PROTECT).ok();
    let scan = "secrets scan part.txt --protected plans.set --key-file key --for-file who --json";
    let rows = run(&place, scan).ok().lines();
    assert_eq!((rows.len(), &rows[1]["copy"]), (2, &json!("otto")));
    run(
        &place,
        "secrets canary plans.set --for x --out-dir copies --key-file key",
    )
    .code(3)
    .says("text in UTF-8, HTML and DOCX");
}

/// A node that offers sets, and the token of a party that may ask.
fn offering() -> (Place, Serving, String) {
    let place = Place::new();
    place.write(
        "values.txt",
        b"198.51.100.7\nevil.example.com\nhxxps://bad[.]example[.]org/x\n",
    );
    place.write("plan.txt", prose(1, 900).as_bytes());
    place
        .d("secrets offer values.txt --name values --of values --daily 200")
        .ok();
    let token = place.d("token create --party microsoft --scope read").ok();
    let node = Serving::start(&place);
    (place, node, token.out.trim().to_owned())
}

#[test]
fn who_asks_learns_what_matches_and_the_node_records_how_much_was_asked() {
    let (place, node, token) = offering();
    place.d("secrets offer plan.txt --name plans").ok();
    place.write(
        "log",
        b"GET from 198.51.100.7\nnothing\nevil.example.com, good.example.com\n",
    );
    let there = ["--server", &node.url, "--token", &token, "--json"];
    let ask = |words: &[&str]| place.run(&[&["secrets", "ask"], words, &there].concat());
    let rows = ask(&["log", "--set", "values", "--keep", "kept"])
        .ok()
        .lines();
    assert_eq!(each(&rows, "value"), ["198.51.100.7", "evil.example.com"]);
    assert_eq!(each(&rows, "place"), ["line 1", "line 3"]);
    ask(&[
        "log",
        "--set",
        "values",
        "--keep",
        "kept",
        "--fail-on-match",
    ])
    .code(1);
    let part = prose(1, 900);
    place.write(
        "part",
        format!("{}\n{}", prose(9, 50), &part[700..1500]).as_bytes(),
    );
    let rows = ask(&["part", "--set", "plans"]).ok().lines();
    assert_eq!(rows.len(), 1);
    assert!(rows[0]["shared"].as_u64() > Some(20), "{}", rows[0]);
    place.write("none", prose(8, 300).as_bytes());
    assert!(ask(&["none", "--set", "plans"]).ok().out.is_empty());
    // two questions of 64 so far, a third fits, a fourth does not
    ask(&["log", "--set", "values"]).ok();
    ask(&["log", "--set", "values"])
        .code(5)
        .says("has asked about 192");
    let told = place.d("secrets offered --json").ok().lines();
    assert_eq!(each(&told, "name"), ["plans", "values"]);
    assert_eq!(told[1]["asked"][0]["party"], "microsoft");
    assert_eq!(told[1]["asked"][0]["ever"], 192);
    // what was asked stands nowhere in the data directory
    assert_eq!(node.end(), Some(0));
    for needle in ["good.example.com", "evil.example.com"] {
        assert!(!holds(&place.path("d"), needle.as_bytes()), "{needle}");
    }
}

/// Whether any file below holds these octets.
fn holds(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, needle);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn a_set_is_for_those_it_is_offered_to() {
    let (place, node, token) = offering();
    place
        .d("secrets offer values.txt --name others --of values --party google")
        .ok();
    let there = ["--server", &node.url, "--token", &token];
    let ask = |set: &str| {
        place.write("log", b"evil.example.com\n");
        place.run(&[&["secrets", "ask", "log", "--set", set][..], &there].concat())
    };
    // answered like what does not exist
    let (hidden, missing) = (ask("others"), ask("nothing"));
    assert_eq!(
        (hidden.code, hidden.err.clone()),
        (missing.code, missing.err)
    );
    let told = place
        .run(&[&["secrets", "offered", "--json"], &there[..]].concat())
        .ok()
        .lines();
    assert_eq!(each(&told, "name"), ["values"]);
    assert!(told[0].get("asked").is_none() && told[0].get("parties").is_none());
    place
        .run(&["secrets", "offered", "--server", &node.url])
        .code(4);
    // made anew meanwhile: what was kept is not taken for it
    place.write("values.txt", b"evil.example.com\nmore.example.com\n");
    place
        .d("secrets offer values.txt --name values --of values")
        .ok();
    ask("values").ok().says("1 match");
    // An offer that is refused leaves the set as it was.
    let before = bytes(&place, "d/private-match/values.set");
    let refused = place.d("secrets offer values.txt --name values --of values --circle none");
    assert_eq!(refused.code, 5, "{}", refused.err);
    assert_eq!(bytes(&place, "d/private-match/values.set"), before);
    place.d("secrets offer --name values --remove").ok();
    ask("values").code(5);
    place
        .d("secrets offer values.txt --name ../up --of values")
        .code(2);
}

#[test]
fn what_can_be_read_no_more_stays_protected() {
    let place = place();
    run(&place, PROTECT).ok();
    let before = bytes(&place, "plans.set");
    place.write(
        "plans/engine.txt",
        &[0x25, 0x50, 0x44, 0x46, 0, 1, 2, 0xff, 0xfe, 0],
    );
    let ended = run(&place, &format!("{PROTECT} --strict"));
    assert_eq!(ended.code, 3, "{}", ended.err);
    ended.says("2 documents; of the files 0 new, 0 changed, 1 as before, 1 could not be read");
    assert_eq!(bytes(&place, "plans.set"), before);
    assert_eq!(run(&place, PROTECT).code, 0);
}
