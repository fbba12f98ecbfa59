//! `export`: byte for byte, and forms that other tools read.

use super::Place;

/// Objects with what a parser would lose: digits, order of keys, white space, unknown properties.
const ODD: &str = concat!(
    r#"{"x_own": 1.50, "type":"identity","spec_version":"2.1","id":"identity--733c5838-34d9-4fbf-949c-62aba761184c","created":"2020-01-01T00:00:00.123456789Z","modified":"2020-01-01T00:00:00.123456789Z","name":"Caf\u00e9  "}"#,
    "\n",
    r#"{"id":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","value":"198.51.100.3","type":"ipv4-addr"}"#,
    "\n",
);

fn place() -> Place {
    let place = Place::small();
    place.write("odd.ndjson", ODD.as_bytes());
    place.d("import odd.ndjson --collection odd").ok();
    place
}

#[test]
fn objects_come_out_as_they_went_in() {
    let place = place();
    assert_eq!(place.d("export --format ndjson").ok().out, ODD);
    let bundle = place.d("export --collection odd").ok();
    for line in ODD.lines() {
        assert!(bundle.out.contains(line), "{line}");
    }
    let bundle = bundle.json();
    assert_eq!(
        (&bundle["type"], bundle["objects"].as_array().unwrap().len()),
        (&"bundle".into(), 2)
    );
    // What was exported imports again, into a place of its own.
    place.d("export -o bundle.json").ok();
    place
        .d("import bundle.json --collection copy")
        .ok()
        .says("2 objects taken");
    assert_eq!(
        place.d("export --collection copy --format ndjson").ok().out,
        ODD
    );
}

#[test]
fn filters_leave_out_what_is_not_asked_for() {
    let place = place();
    let export = |args: &[&str]| {
        place
            .on_d(&[&["export", "--format", "ndjson"], args].concat())
            .ok()
            .lines()
            .len()
    };
    assert_eq!(export(&["--type", "identity"]), 1);
    assert_eq!(export(&["--type", "identity", "--type", "ipv4-addr"]), 2);
    assert_eq!(export(&["--added-after", "2999-01-01"]), 0);
    assert_eq!(export(&["--added-after", "2020-01-01T00:00:00Z"]), 2);
    let empty = place.d("export --type malware").ok().json();
    assert!(
        empty.get("objects").is_none(),
        "an empty list is no list in STIX"
    );
    place.d("export --collection od").code(3).says("odd");
}

#[test]
fn lists_and_csv_hold_what_can_be_matched() {
    let place = place();
    place.write("more.csv", b"value,name\nhttps://evil.example/a#f,=1+1\n");
    place.d("import more.csv --collection more").ok();
    assert_eq!(
        place.d("export --format list").ok().out,
        "198.51.100.3\nhttps://evil.example/a#f\n"
    );
    let csv = place.d("export --format csv --collection more").ok().out;
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0][..3], ["value", "kind", "name"]);
    // A spreadsheet must not run what another party wrote.
    assert_eq!(rows[1][..3], ["https://evil.example/a#f", "url", "'=1+1"]);
    place.write("again.csv", csv.as_bytes());
    place
        .d("import again.csv --collection more")
        .ok()
        .says("1 already here");
}

#[test]
fn exporting_pages_through_more_than_a_page() {
    let place = Place::small();
    let rows = super::addresses(2_500);
    place.write("many.txt", rows.as_bytes());
    place.d("import many.txt --collection feed").ok();
    assert_eq!(place.d("export --format list").ok().out, rows);
}
