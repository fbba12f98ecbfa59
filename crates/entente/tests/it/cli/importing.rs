//! `import`: what is taken, what is refused and why, and that twice is once.

use std::io::Write as _;

use serde_json::json;

use super::Place;

const LIST: &str = "# a list\nevil.example\n198.51.100[.]7 # seen in May\n\n13 accounts\n";

#[test]
fn a_list_is_taken_and_what_is_no_indicator_is_named() {
    let place = Place::small();
    place.write("list.txt", LIST.as_bytes());
    let import = ["import", "list.txt", "--collection", "feed", "--json"];
    let first = place.on_d(&import).code(3).says("list.txt:5: ");
    assert_eq!(first.json(), json!({"taken": 2, "known": 0, "refused": 1}));
    assert!(
        first
            .err
            .contains("collection 'feed' is made, default marking TLP:AMBER")
    );
    let again = place.on_d(&[&import[..], &["--keep-going"]].concat()).ok();
    assert_eq!(again.json(), json!({"taken": 0, "known": 2, "refused": 1}));
}

#[test]
fn packed_files_and_stdin_are_the_same_file() {
    let place = Place::small();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(LIST.as_bytes()).unwrap();
    place.write("list.gz", &gzip.finish().unwrap());
    place.write("list.zst", &zstd::encode_all(LIST.as_bytes(), 1).unwrap());
    place
        .d("import list.gz --collection feed")
        .code(3)
        .says("2 objects taken");
    place
        .d("import list.zst --collection feed")
        .code(3)
        .says("2 already here");
    let args = ["import", "-", "--data", "d", "--collection", "feed"];
    place
        .run_with_input(&args, LIST.as_bytes())
        .code(3)
        .says("stdin:5: ");
    let mut broken = zstd::encode_all(LIST.repeat(1000).as_bytes(), 1).unwrap();
    broken.truncate(broken.len() / 2);
    place.write("broken.zst", &broken);
    place
        .d("import broken.zst --collection feed")
        .code(3)
        .says("broken.zst");
    place.write("list.zip", b"PK\x03\x04rest");
    place
        .d("import list.zip --collection feed")
        .code(3)
        .says("ZIP");
}

#[test]
fn csv_columns_are_found_or_named_and_dates_kept() {
    let place = Place::small();
    let typed = "indicator_type,indicator_value,comment,ds\n\
                 domain_name,evil.example,Lure,2021-11-16\n\
                 yara_rule,apex.racecar.app,Game,2021-11-16\n\
                 md5,d41d8cd98f00b204e9800998ecf8427e,\"Two\nlines\",2021-11-16\n\
                 ip,not an address,,2021-11-16\n";
    place.write("typed.csv", typed.as_bytes());
    let taken = place.d("import typed.csv --collection feed").code(3);
    assert!(
        taken
            .err
            .contains("typed.csv:3: no observable is of the kind 'yara_rule'")
    );
    assert!(taken.err.contains("typed.csv:6: "), "{}", taken.err);
    let export = "export --format ndjson --type indicator";
    let objects = place.d(export).ok().lines();
    assert_eq!(objects.len(), 2);
    assert_eq!(
        objects[0]["pattern"],
        "[domain-name:value = 'evil.example']"
    );
    assert_eq!(
        (&objects[0]["name"], &objects[0]["valid_from"]),
        (&"Lure".into(), &"2021-11-16T00:00:00.000000Z".into())
    );
    place.write("named.csv", b"What;Where\nTrap;evil2.example\n");
    place
        .d("import named.csv --collection feed")
        .code(3)
        .says("its columns are What, Where");
    let named = [
        "import",
        "named.csv",
        "--collection",
        "feed",
        "--columns",
        "value=Where,name=What",
    ];
    place.on_d(&named).ok().says("1 object taken");
    let wrong = [
        "import",
        "named.csv",
        "--collection",
        "feed",
        "--columns",
        "value=Wo",
    ];
    place.on_d(&wrong).code(2).says("there is no column 'Wo'");
}

#[test]
fn a_quote_that_is_never_closed_is_told_and_swallows_no_memory() {
    let place = Place::small();
    let rows = format!(
        "value,name\na.example,\"open\n{}",
        "b.example,x\n".repeat(1 << 20)
    );
    place.write("open.csv", rows.as_bytes());
    place
        .d("import open.csv --collection feed")
        .code(3)
        .says("open.csv:2: ");
}

#[test]
fn made_indicators_carry_marking_harm_and_labels() {
    let place = Place::small();
    place.write("list.txt", b"evil.example\n");
    let import = [
        "import",
        "list.txt",
        "--collection",
        "feed",
        "--marking",
        "green",
    ];
    let more = ["--harm", "censorship", "--label", "seen-twice"];
    place.on_d(&[&import[..], &more].concat()).ok();
    let indicator = &place
        .d("export --format ndjson --type indicator")
        .ok()
        .lines()[0];
    assert_eq!(indicator["labels"], json!(["censorship", "seen-twice"]));
    assert_eq!(
        indicator["object_marking_refs"].as_array().unwrap().len(),
        1
    );
    // Who made it is in the collection as well.
    let identity = &place
        .d("export --format ndjson --type identity")
        .ok()
        .lines()[0];
    assert_eq!(identity["id"], indicator["created_by_ref"]);
    assert_eq!(identity["name"], "Node operator");
}

#[test]
fn stix_objects_are_checked_one_by_one() {
    let place = Place::small();
    let good = r#"{"type":"ipv4-addr","id":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","value":"198.51.100.3"}"#;
    let bad = r#"{"type":"indicator","spec_version":"2.1","id":"indicator--1"}"#;
    place.write(
        "lines.ndjson",
        format!("{good}\n\n{bad}\nnot json\n").as_bytes(),
    );
    let lines = place.d("import lines.ndjson --collection feed").code(3);
    assert!(lines.err.contains("lines.ndjson:3: /"), "{}", lines.err);
    assert!(lines.err.contains("lines.ndjson:4: "), "{}", lines.err);
    let bundle = format!("{{\"type\":\"bundle\",\n\"objects\":[\n{good},\n{bad}]}}");
    place.write("bundle.json", bundle.as_bytes());
    let taken = place.d("import bundle.json --collection feed").code(3);
    assert!(taken.err.contains("bundle.json:4: /"), "{}", taken.err);
    assert!(taken.err.contains("0 objects taken") && taken.err.contains("1 already here"));
    place.write("cut.json", &bundle.as_bytes()[..bundle.len() - 9]);
    place
        .d("import cut.json --collection feed")
        .code(3)
        .says("cut.json: ");
    place.write("one.json", good.as_bytes());
    place
        .d("import one.json --collection feed")
        .ok()
        .says("1 already here");
}

#[test]
fn another_version_of_an_object_is_taken_and_a_forged_one_refused() {
    let place = Place::small();
    let version = |modified: &str, name: &str| {
        format!(
            r#"{{"type":"identity","spec_version":"2.1","id":"identity--733c5838-34d9-4fbf-949c-62aba761184c","created":"2020-01-01T00:00:00.000Z","modified":"{modified}","name":"{name}"}}"#
        )
    };
    let import = |text: String| {
        place.run_with_input(
            &["import", "-", "--data", "d", "--collection", "c"],
            text.as_bytes(),
        )
    };
    import(version("2020-01-01T00:00:00.000Z", "One"))
        .ok()
        .says("1 object taken");
    import(version("2021-01-01T00:00:00.000Z", "Two"))
        .ok()
        .says("1 object taken");
    import(version("2021-01-01T00:00:00.000Z", "Other"))
        .code(3)
        .says("stdin:1: identity--733c5838");
    let names = |args: &[&str]| {
        let lines = place
            .on_d(&[&["export", "--format", "ndjson"], args].concat())
            .ok()
            .lines();
        super::each(&lines, "name").join(" ")
    };
    assert_eq!(names(&[]), "Two");
    assert_eq!(names(&["--all-versions"]), "One Two");
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::small();
    place.write("list.txt", LIST.as_bytes());
    let dry = [
        "import",
        "list.txt",
        "--collection",
        "feed",
        "--dry-run",
        "--keep-going",
    ];
    place.on_d(&dry).ok().says("2 objects would be taken");
    assert!(place.d("collection list --json").ok().lines().is_empty());
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_others() {
    let place = Place::small();
    place.write("list.txt", b"evil.example\n");
    let import = [
        "import",
        "missing.txt",
        "list.txt",
        "--collection",
        "feed",
        "--keep-going",
    ];
    place
        .on_d(&import)
        .code(3)
        .says("cannot open missing.txt")
        .says("1 object taken");
}

#[test]
fn twenty_thousand_rows_go_through_in_batches() {
    let place = Place::small();
    let rows = super::addresses(20_000);
    place.write("many.txt", rows.as_bytes());
    let import = ["import", "many.txt", "--collection", "feed"];
    place.on_d(&import).ok().says("20,000 objects taken");
    place.on_d(&import).ok().says("20,000 already here");
}
