//! `text`: known texts in other spellings, copies and passages, and keys that stay where they are.

use std::io::Write as _;

use serde_json::json;

use super::{Place, testdata};

const KNOWN: &str =
    "The river rises over the old bridge tonight and nobody in the lower town has been told";
const OTHER: &str =
    "Bread is cheaper on Tuesdays, which is why the queue begins before the shop is even open";

#[test]
fn copies_are_found_inside_other_text_and_shown() {
    let place = Place::bare();
    place.write("known.txt", format!("{OTHER}\n{KNOWN}\n").as_bytes());
    let copy = KNOWN
        .to_uppercase()
        .replace('O', "0")
        .replace("NOBODY", "n\u{200b}obоdy");
    let post = format!("Look what they wrote: {copy}!!! Share it before it is gone.");
    let rows = [
        json!({"id": 7, "text": post}),
        json!({"id": "b", "text": "Nothing of the kind was ever said by anyone we know of"}),
        json!({"id": "c"}),
    ];
    let lines = rows.each_ref().map(ToString::to_string).join("\n");
    place.write("posts.ndjson", lines.as_bytes());
    let asked = ["text", "near", "posts.ndjson", "--against", "known.txt"];
    let ended = place.run(&[&asked[..], &["--json"]].concat()).ok();
    let hits = ended.lines();
    assert_eq!(hits.len(), 1, "{}", ended.out);
    let hit = &hits[0];
    assert_eq!(
        (&hit["file"], &hit["line"], &hit["id"]),
        (&json!("posts.ndjson"), &json!(1), &json!("7"))
    );
    assert_eq!(hit["known"], json!({"file": "known.txt", "line": 2}));
    let place_of = |member: &str| usize::try_from(hit[member].as_u64().unwrap()).unwrap();
    assert_eq!(hit["excerpt"], post[place_of("start")..place_of("end")]);
    assert!(hit["containment"].as_f64().unwrap() > 0.6, "{hit}");
    ended
        .says("posts.ndjson:3: left out: it has no text")
        .says("2 texts against 2 known ones: 1 hit");
    let person = place.run(&asked).ok();
    assert!(person.out.starts_with("posts.ndjson:1 "), "{}", person.out);
    assert!(person.out.contains(" % of known.txt:2 ("), "{}", person.out);
    assert_eq!(
        place.run(&[&asked[..], &["--fail-on-match"]].concat()).code,
        1
    );
    let allowed = [&asked[..], &["--allow", "known.txt", "--fail-on-match"]].concat();
    place.run(&allowed).ok().says("0 hits");
}

#[test]
fn a_file_against_itself_leaves_out_each_text_itself() {
    let place = Place::bare();
    place.write(
        "posts",
        format!("{KNOWN}\n{OTHER}\nAgain: {KNOWN}\nshort\n").as_bytes(),
    );
    let ended = place
        .run(&["text", "near", "posts", "--against", "posts", "--json"])
        .ok();
    let found: Vec<_> = ended
        .lines()
        .iter()
        .map(|hit| (hit["line"].clone(), hit["known"]["line"].clone()))
        .collect();
    assert_eq!(found, [(json!(1), json!(3)), (json!(3), json!(1))]);
    ended.says("2 texts left out: they have fewer than 20 letters");
}

#[test]
fn texts_come_as_csv_as_lines_and_packed() {
    let place = Place::bare();
    place.write(
        "known.csv",
        format!("Number;Message\n1;\"{KNOWN}\"\n").as_bytes(),
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed
        .write_all(format!("id,text\nx,\"{KNOWN}\nand more of it\"\n").as_bytes())
        .unwrap();
    place.write("posts.csv.gz", &packed.finish().unwrap());
    place.write("lines.zst", &zstd::encode_all(KNOWN.as_bytes(), 1).unwrap());
    place.write("known.txt", KNOWN.as_bytes());
    let near = |posts: &str, known: &str, more: &[&str]| {
        let asked = ["text", "near", posts, "--against", known, "--json"];
        place.run(&[&asked[..], more].concat())
    };
    assert_eq!(
        near("posts.csv.gz", "known.txt", &[]).ok().lines()[0]["id"],
        "x"
    );
    assert_eq!(near("lines.zst", "known.txt", &[]).ok().lines().len(), 1);
    let named = ["--columns", "text=message,id=number"];
    assert_eq!(near("known.csv", "known.csv", &named).ok().lines().len(), 0);
    place.write(
        "again.csv",
        format!("number,message\n2,{KNOWN}\n").as_bytes(),
    );
    let hits = near("again.csv", "known.csv", &named).ok().lines();
    assert_eq!(
        (&hits[0]["id"], &hits[0]["known"]["id"]),
        (&json!("2"), &json!("1"))
    );
    let missing = near("again.csv", "known.csv", &["--columns", "text=words"]);
    missing
        .code(2)
        .says("there is no column 'words'; its columns are Number, Message");
    near("gone.csv", "known.txt", &[])
        .code(3)
        .says("cannot open gone.csv");
    near("posts.csv.gz", "known.txt", &["--k", "3"]).code(2);
}

#[test]
fn short_texts_are_matched_by_hashes_alone() {
    let place = Place::bare();
    place.write(
        "known.csv",
        b"id,text\na,We know where you live\nb,Short\nc,Come to the old bridge\n",
    );
    place.write("key", b"a key for tests, and no other use\n");
    place.write("other", b"another key for tests, of no use");
    let plain = place.run(&["text", "skeleton", "known.csv"]).ok();
    assert_eq!(plain.out, "weknowhereyoulive\ncometotheoldbridge\n");
    let plain = plain.says("1 text left out");
    assert!(!plain.err.contains("Short"));
    let published = place
        .run(&["text", "skeleton", "known.csv", "--key-file", "key"])
        .ok();
    assert_eq!(published.lines()[0]["hashes"].as_array().unwrap().len(), 18);
    assert!(!published.out.contains("know\"") && !published.out.contains("weknow"));
    place.write("bank.ndjson", published.out.as_bytes());
    place.write(
        "posts",
        "WE KN0W WHERE YOU LIVE!\nw e knоw wher you live\nWe know where they live\nCome\n"
            .as_bytes(),
    );
    let args = ["text", "match", "posts", "--json", "--bank"];
    for bank in ["bank.ndjson", "known.csv"] {
        let hits = place
            .run(&[&args[..], &[bank, "--key-file", "key"]].concat())
            .ok()
            .lines();
        let found: Vec<_> = hits
            .iter()
            .map(|hit| (&hit["line"], &hit["known"]["id"], &hit["same"]))
            .collect();
        let a = json!("a");
        assert_eq!(
            found,
            [
                (&json!(1), &a, &json!(true)),
                (&json!(2), &a, &json!(false))
            ]
        );
    }
    let ended = place
        .run(&[&args[..], &["bank.ndjson", "--key-file", "other"]].concat())
        .ok();
    assert_eq!(ended.out, "");
    let mut command = place.command(&[&args[..], &["bank.ndjson", "--fail-on-match"]].concat());
    let ended = command
        .env("ENTENTE_TEXT_KEY", "a key for tests, and no other use")
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
}

#[test]
fn keys_are_needed_and_never_shown() {
    let place = Place::bare();
    place.write("text", KNOWN.as_bytes());
    place.write("short", b"too short\n");
    place
        .run(&["text", "fingerprint", "text"])
        .code(2)
        .says("ENTENTE_TEXT_KEY");
    let ended = place
        .run(&["text", "fingerprint", "text", "--key-file", "short"])
        .code(3);
    let ended = ended.says("short: a key has at least 16 bytes, this one has 9");
    assert!(!ended.err.contains("too short"));
    place
        .run(&[
            "text",
            "match",
            "text",
            "--bank",
            "text",
            "--key-file",
            "gone",
        ])
        .code(3);
}

#[test]
fn documents_meet_by_their_fingerprints() {
    let place = Place::bare();
    place.write("key", b"a key for tests, and no other use");
    let long = format!("{KNOWN}. {OTHER}.");
    place.write(
        "one.txt",
        format!("{}{long}", "Before it. ".repeat(30)).as_bytes(),
    );
    place.write(
        "two.txt",
        format!("{}{}", "Otherwise. ".repeat(900), long.to_uppercase()).as_bytes(),
    );
    place.write(
        "three.txt",
        "Of this there is nothing in the rest, or so it is believed by most".as_bytes(),
    );
    let of = |name: &str| {
        let ended = place
            .run(&["text", "fingerprint", name, "--key-file", "key"])
            .ok();
        let lines: Vec<String> = ended.out.lines().map(str::to_owned).collect();
        assert!(
            lines.is_sorted() && lines.iter().all(|line| line.len() == 16),
            "{}",
            ended.out
        );
        lines
    };
    let (one, two, three) = (of("one.txt"), of("two.txt"), of("three.txt"));
    assert!(one.iter().filter(|hash| two.contains(hash)).count() >= 3);
    assert!(!one.iter().any(|hash| three.contains(hash)) && !three.is_empty());
    let asked = [
        "text",
        "fingerprint",
        "one.txt",
        "two.txt",
        "--key-file",
        "key",
        "--json",
    ];
    let rows = place.run(&asked).ok().lines();
    assert_eq!(
        (&rows[1]["file"], &rows[1]["k"], &rows[1]["w"]),
        (&json!("two.txt"), &json!(40), &json!(24))
    );
    assert_eq!(rows[0]["fingerprints"], json!(one));
}

#[test]
fn what_is_no_text_does_no_harm() {
    let place = Place::bare();
    place.write("known", KNOWN.as_bytes());
    let bytes: Vec<u8> = (0..200_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let ended = place
        .run_with_input(&["text", "near", "-", "--against", "known"], &bytes)
        .ok();
    assert_eq!(ended.out, "");
    let marks = "\u{301}".repeat(500_000);
    place
        .run_with_input(&["text", "skeleton", "-"], marks.as_bytes())
        .ok()
        .says("1 text left out");
    let ended = place.run_with_input(
        &["text", "skeleton", "-"],
        b"{\"text\": 5}\n{\"hashes\": [\"x\"]}\n{\n",
    );
    ended
        .ok()
        .says("stdin:1: left out: its text is no string")
        .says("stdin:3: left out: it is not JSON");
    let twice = place.run(&["text", "near", "-", "--against", "-"]);
    twice.code(2).says("name '-' once");
}

#[test]
fn hatecheck_is_matched_as_the_library_does() {
    let Some(folder) = testdata() else { return };
    let place = Place::bare();
    place.write("key", b"a key for tests, and no other use");
    let file = folder.join("hate/hatecheck_test_suite_cases.csv");
    let file = file.to_str().unwrap();
    let ended = place
        .run(&[
            "text",
            "match",
            file,
            "--bank",
            file,
            "--key-file",
            "key",
            "--json",
        ])
        .ok();
    let same: std::collections::HashSet<_> = ended
        .lines()
        .iter()
        .filter(|hit| hit["same"] == true && hit["line"] == hit["known"]["line"])
        .map(|hit| hit["line"].to_string())
        .collect();
    // Each case with six letters is itself.
    assert!(same.len() > 3700, "{}", same.len());
}
