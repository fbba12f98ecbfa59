//! `edge` and `match --edge`: what a node says of a log, said without it.

use serde_json::{Value, json};

use super::serving::Serving;
use super::{Place, each};

const LOG: &str = "nothing here\n\
                   GET hxxp://www.evil[.]example/x from 203.0.113.9\n\
                   mail from someone@evil.example, sum 0123456789abcdef0123456789abcdef\n\
                   GET https://files.example/a/b?c=1 and https://files.example/d\n";

/// A node with signals of several kinds about several harms.
fn place() -> Place {
    let place = Place::small();
    let import = |list: &[u8], collection: &str, harm: &str| {
        let args = ["import", "-", "--data", "d", "--marking", "green"];
        let args = [&args[..], &["--collection", collection, "--harm", harm]].concat();
        place.run_with_input(&args, list).ok();
    };
    let elections = b"evil.example # A lure\nhttps://files.example/a/\nhttps://files.example/d\n";
    import(elections, "elections", "election-interference");
    let blocks = b"203.0.113.0/24\n0123456789abcdef0123456789abcdef\nevil.example\n";
    import(blocks, "blocks", "censorship");
    place.write("log", LOG.as_bytes());
    place
}

/// Hits as NDJSON in an order of their own: signals of one value have none.
fn sorted(mut hits: Vec<Value>) -> Vec<String> {
    hits.sort_by_key(ToString::to_string);
    hits.iter().map(ToString::to_string).collect()
}

#[test]
fn a_machine_without_the_node_is_told_the_same() {
    let place = place();
    let there = sorted(place.d("match log --json").ok().lines());
    assert_eq!(there.len(), 8, "{there:#?}");
    let built = place.d("edge build -o signals.edge").ok();
    assert!(built.err.contains("5 values of 6 signals"), "{}", built.err);
    // Whoever builds again holds the same signals, and no half file is ever seen.
    place.d("edge build -o signals.edge").ok();
    let files = std::fs::read_dir(place.path(".")).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    std::fs::remove_dir_all(place.path("d")).unwrap();

    let matched = |args: &str| {
        let line = format!("match log --edge signals.edge {args}");
        place.run(&line.split_whitespace().collect::<Vec<_>>())
    };
    assert_eq!(sorted(matched("--json").ok().lines()), there);
    let people = matched("").ok();
    assert!(
        people
            .err
            .contains("8 matches: 4 censorship, 4 election-interference"),
        "{}",
        people.err
    );
    matched("--fail-on-match").code(1);
    matched("--harm hate-speech --fail-on-match").ok();
    matched("--data d").code(2);
    matched("--collection blocks").code(2);

    let info = place
        .run(&["edge", "info", "signals.edge", "--json"])
        .ok()
        .json();
    let values = json!({"domain": 2, "ipv4": 1, "md5": 1, "url": 2});
    assert_eq!((&info["values"], &info["signals"]), (&values, &json!(6)));
    assert_eq!(info["observables"], 5);
    assert_eq!(
        info["size"],
        std::fs::metadata(place.path("signals.edge")).unwrap().len()
    );
    let shown = place.run(&["edge", "info", "signals.edge"]).ok();
    assert!(shown.out.contains("signals\t6\n"), "{}", shown.out);
}

#[test]
fn a_file_of_one_collection_holds_that_alone() {
    let place = place();
    place
        .d("edge build --collection blocks -o blocks.edge")
        .ok();
    let hits = place
        .run(&["match", "log", "--edge", "blocks.edge", "--json"])
        .ok()
        .lines();
    assert!(
        hits.iter()
            .all(|hit| hit["signal"]["collection"] == "blocks")
    );
    assert_eq!(hits.len(), 4);
    place
        .d("edge build --collection blok -o x.edge")
        .code(3)
        .says("blocks");
    assert!(!place.path("x.edge").exists());
}

/// An indicator of a domain, with more members.
fn indicator(number: u8, domain: &str, more: &Value) -> Value {
    let mut indicator = json!({
        "type": "indicator", "spec_version": "2.1",
        "id": format!("indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd{number:02}"),
        "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
        "valid_from": "2026-01-01T00:00:00Z", "pattern_type": "stix",
        "pattern": format!("[domain-name:value = '{domain}']"),
    });
    for (name, value) in more.as_object().unwrap() {
        indicator[name] = value.clone();
    }
    indicator
}

#[test]
fn what_does_not_fire_or_is_not_to_be_acted_on_stays_out() {
    let place = Place::small();
    let objects = [
        indicator(1, "now.example", &json!({})),
        indicator(2, "gone.example", &json!({"revoked": true})),
        indicator(
            3,
            "over.example",
            &json!({"valid_until": "2026-02-01T00:00:00Z"}),
        ),
        indicator(
            4,
            "later.example",
            &json!({"valid_from": "2999-01-01T00:00:00Z"}),
        ),
        indicator(
            5,
            "until.example",
            &json!({"valid_until": "2999-01-01T00:00:00Z"}),
        ),
        // On a built-in warning list.
        indicator(6, "www.google.com", &json!({})),
    ];
    let bundle = json!({
        "type": "bundle", "id": "bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd99", "objects": objects,
    });
    place.write("bundle.json", bundle.to_string().as_bytes());
    place.d("import bundle.json --collection feed").ok();
    let amber = json!({"Event": {
        "uuid": "8c6af861-7b20-41ef-9b59-6344fd872a80", "info": "To look at alone",
        "date": "2026-02-03", "published": true, "timestamp": "1770200000", "analysis": "2",
        "threat_level_id": "4", "Tag": [{"name": "tlp:green"}, {"name": "PAP:AMBER"}],
        "Orgc": {"name": "Example CERT", "uuid": "8c6af861-7b20-41ef-9b59-6344fd872a8f"},
        "Attribute": [{
            "uuid": "d2a1d9f5-0a65-4d5a-9f6a-0d8f1a3e1001", "type": "domain",
            "category": "Network activity", "value": "amber.example", "to_ids": true,
            "timestamp": "1770200000", "comment": "", "deleted": false,
        }],
    }});
    place.write("event.json", amber.to_string().as_bytes());
    place.d("import event.json --collection misp").ok();
    place.write(
        "log",
        b"now.example gone.example over.example later.example until.example www.google.com \
          amber.example\n",
    );
    let all = place.d("match log --json --explain").ok().lines();
    assert_eq!(all.len(), 7);
    place.d("edge build -o signals.edge").ok();
    let bytes = std::fs::read(place.path("signals.edge")).unwrap();
    for out in [
        "gone.example",
        "over.example",
        "www.google.com",
        "amber.example",
    ] {
        let holds = bytes
            .windows(out.len())
            .any(|window| window == out.as_bytes());
        assert!(!holds, "{out} is in the file");
    }
    let log = ["match", "log", "--edge", "signals.edge", "--json"];
    let hits = place
        .run(&log)
        .ok()
        .says("1 hit does not fire (1 not-yet-valid)")
        .lines();
    assert_eq!(each(&hits, "value"), ["now.example", "until.example"]);
    let explained = place.run(&[&log[..], &["--explain"]].concat()).ok().lines();
    let later = explained.iter().find(|hit| hit["fires"] == false).unwrap();
    assert_eq!(later["value"], "later.example");
    assert_eq!(later["why"][0]["at"], "2999-01-01T00:00:00.000000Z");
}

#[test]
fn a_party_builds_from_elsewhere_what_it_may_see() {
    let place = Place::small();
    place.d("collection create feed --marking amber").ok();
    let token = |party: &str| {
        let line = format!("token create --party {party} --scope read,publish");
        place.d(&line).ok().out.trim().to_owned()
    };
    place
        .d("party stance beta in-talks --since 2021-01-01")
        .ok();
    let (alpha, beta) = (token("alpha"), token("beta"));
    let node = Serving::start(&place);
    let there = |args: &[&str], token: &str| {
        place.run(&[args, &["--server", &node.url, "--token", token]].concat())
    };
    place.write("list.txt", b"evil.example\nhttps://files.example/a/\n");
    place.write("log", b"see evil.example and files.example/a/b\n");
    there(&["import", "list.txt", "--collection", "feed"], &alpha).ok();
    let built = |token: &str| {
        there(&["edge", "build", "-o", "its.edge"], token).ok();
        place
            .run(&["match", "log", "--edge", "its.edge", "--json"])
            .ok()
            .lines()
    };
    let hits = sorted(built(&alpha));
    assert_eq!(
        hits,
        sorted(there(&["match", "log", "--json"], &alpha).ok().lines())
    );
    assert_eq!(hits.len(), 2);
    assert!(built(&beta).is_empty(), "AMBER is not for a party in talks");
    // While it is served, the directory's own file is built through the node.
    place.d("edge build -o own.edge").ok();
    let own = place
        .run(&["match", "log", "--edge", "own.edge", "--json"])
        .ok()
        .lines();
    assert_eq!(sorted(own), hits);
    there(&["edge", "build", "-o", "no.edge"], "ent_wrong_token").code(4);
    assert!(!place.path("no.edge").exists());
}

#[test]
fn a_file_that_is_none_or_damaged_is_named() {
    let place = place();
    place.d("edge build -o signals.edge").ok();
    let log = ["match", "log", "--edge"];
    let fails = |file: &str, words: &str| {
        place.run(&[&log[..], &[file]].concat()).code(3).says(words);
        place.run(&["edge", "info", file]).code(3).says(file);
    };
    fails("missing.edge", "cannot open missing.edge");
    fails("log", "log: this is no edge file");
    let whole = std::fs::read(place.path("signals.edge")).unwrap();
    place.write("cut.edge", &whole[..whole.len() - 1]);
    fails("cut.edge", "it was cut off");
    // What is said of a signal, which is read when it is hit.
    let mut damaged = whole;
    for byte in &mut damaged[600..620] {
        *byte ^= 1;
    }
    place.write("damaged.edge", &damaged);
    fails("damaged.edge", "the checksum of its signals is wrong");
}
