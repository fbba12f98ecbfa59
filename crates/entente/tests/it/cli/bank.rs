//! `bank`: content in, hits out, decisions back to who published it.

use image::ImageFormat;
use image::imageops::{flip_horizontal, rotate90};
use serde_json::Value;

use super::Place;
use super::pdq::{encoded, picture, png};

const ADD: [&str; 8] = [
    "bank",
    "add",
    "slurs",
    "known.txt",
    "--key-file",
    "key",
    "--data",
    "d",
];
const MATCH: [&str; 7] = [
    "bank",
    "match",
    "posts.txt",
    "--key-file",
    "key",
    "--data",
    "d",
];
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

/// A node with the texts of `known.txt` in the bank `slurs`.
fn with_texts(known: &str) -> Place {
    let place = Place::small();
    place.write("key", KEY);
    place.write("known.txt", known.as_bytes());
    place.run(&ADD).ok();
    place
}

fn rows(out: &str) -> Vec<Value> {
    out.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn texts_are_found_in_other_spellings_and_their_words_stay_here() {
    let place = with_texts("these people are vermin\nthrow them all out\n");
    place.write(
        "posts.txt",
        b"Th3se pe0ple are V-E-R-M-I-N!!\nwe welcome everybody\nthr0w them all ouf\n",
    );
    let ended = place.run(&[&MATCH[..], &["--json"]].concat());
    assert_eq!(ended.code, 0, "{}", ended.err);
    let hits = rows(&ended.out);
    let places: Vec<_> = hits
        .iter()
        .map(|hit| (hit["line"].as_u64(), hit["same"].as_bool()))
        .collect();
    assert_eq!(places, [(Some(1), Some(true)), (Some(3), Some(false))]);
    let ended = place.run(&[&MATCH[..], &["--fail-on-match"]].concat());
    assert_eq!(ended.code, 1);
    // What the node holds does not give the words back.
    let exported = place
        .run(&["export", "--data", "d", "--format", "ndjson", "-o", "-"])
        .out;
    assert!(
        !exported.contains("vermin") && exported.contains("SKELETON-HMAC-64"),
        "{exported}"
    );
}

#[test]
fn adding_the_same_twice_changes_nothing() {
    let place = with_texts("these people are vermin\n");
    let ended = place.run(&ADD);
    assert!(
        ended
            .err
            .contains("0 signals into the bank 'slurs', 1 already there"),
        "{}",
        ended.err
    );
    let listed = place.run(&["bank", "list", "--data", "d", "--json"]).out;
    let bank = &rows(&listed)[0];
    assert_eq!(
        (bank["texts"].as_u64(), bank["images"].as_u64()),
        (Some(1), Some(0))
    );
}

#[test]
fn another_key_matches_nothing_and_is_told() {
    let place = with_texts("these people are vermin\n");
    place.write("other", b"another key of many octets");
    place.write("posts.txt", b"these people are vermin\n");
    let ended = place.run(&[
        "bank",
        "match",
        "posts.txt",
        "--key-file",
        "other",
        "--data",
        "d",
    ]);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    assert!(
        ended
            .err
            .contains("1 text is of the banks under another key"),
        "{}",
        ended.err
    );
    let ended = place.run(&["bank", "match", "posts.txt", "--data", "d"]);
    assert_eq!(ended.code, 2, "texts need a key: {}", ended.err);
}

#[test]
fn images_are_found_turned_and_mirrored() {
    let place = Place::small();
    place.write(
        "known.png",
        &encoded(&picture(1, 512, 512), ImageFormat::Png),
    );
    place.write("other.png", &png(2));
    place
        .run(&[
            "bank",
            "add",
            "memes",
            "known.png",
            "--names",
            "--data",
            "d",
        ])
        .ok();
    let image = picture(1, 512, 512);
    let turned = image::DynamicImage::ImageRgba8(flip_horizontal(&rotate90(&image)));
    place.write("turned.png", &encoded(&turned, ImageFormat::Png));
    let files = ["turned.png", "other.png"];
    let ended = place.run(&[&["bank", "match", "--data", "d", "--json"], &files[..]].concat());
    let hits = rows(&ended.out);
    assert_eq!(hits.len(), 1, "{} {}", ended.out, ended.err);
    assert_eq!(
        (&hits[0]["file"], &hits[0]["name"]),
        (&"turned.png".into(), &"known.png".into())
    );
    assert!(hits[0]["distance"].as_u64().unwrap() <= 31);
    assert_ne!(hits[0]["turn"], "original");
}

#[test]
fn a_person_decides_and_the_publisher_is_told() {
    let place = with_texts("these people are vermin\nthrow them all out\n");
    place.write(
        "posts.txt",
        b"these people are vermin\nthrow them all out\n",
    );
    let ask = [
        "bank",
        "match",
        "posts.txt",
        "--key-file",
        "key",
        "--data",
        "d",
        "--queue",
        "q",
    ];
    assert!(place.run(&ask).err.contains("2 new in the queue"));
    // The same hits do not come twice.
    assert!(place.run(&ask).err.contains("0 new in the queue"));
    let waiting = rows(&place.run(&["bank", "review", "q", "--list", "--json"]).out);
    assert_eq!(waiting.len(), 2);
    let decide = [
        "bank",
        "review",
        "q",
        "--agree",
        "1",
        "--disagree",
        "2",
        "--because",
        "satire",
    ];
    place.run(&[&decide[..], &["--data", "d"]].concat()).ok();
    let inbox = rows(
        &place
            .run(&["feedback", "list", "--data", "d", "--json"])
            .out,
    );
    let told: Vec<_> = inbox
        .iter()
        .map(|said| {
            (
                said["kind"].as_str().unwrap(),
                said["signal"] == waiting[0]["signal"],
            )
        })
        .collect();
    assert_eq!(told, [("agree", true), ("disagree", false)]);
    assert_eq!(inbox[1]["explanation"], "satire");
    let ended = place.run(&["bank", "review", "q", "--agree", "1", "--data", "d"]);
    assert_eq!(ended.code, 2, "it was decided: {}", ended.err);
}

#[test]
fn a_withdrawn_signal_is_hit_no_more() {
    let place = with_texts("these people are vermin\n");
    place.write("posts.txt", b"these people are vermin\n");
    let ask = [
        "bank",
        "match",
        "posts.txt",
        "--key-file",
        "key",
        "--data",
        "d",
        "--json",
    ];
    let hit = rows(&place.run(&ask).out);
    let id = hit[0]["signal"].as_str().unwrap().to_owned();
    let exported = place
        .run(&["export", "--data", "d", "--format", "ndjson", "-o", "-"])
        .out;
    let line = exported
        .lines()
        .find(|line| line.contains(&format!("\"id\":\"{id}\"")))
        .unwrap();
    let mut object: Value = serde_json::from_str(line).unwrap();
    object["revoked"] = true.into();
    object["modified"] = "2099-01-01T00:00:00.000Z".into();
    place.write("revoked.json", object.to_string().as_bytes());
    place
        .run(&[
            "import",
            "revoked.json",
            "--collection",
            "slurs",
            "--data",
            "d",
        ])
        .ok();
    assert_eq!(place.run(&ask).out, "");
}

#[test]
fn a_video_needs_ffmpeg_and_its_frames_are_found() {
    let place = Place::small();
    let have = std::process::Command::new("ffmpeg")
        .arg("-version")
        .output()
        .is_ok();
    if !have {
        place.write(
            "clip.mp4",
            b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom and no more",
        );
        let ended = place
            .command(&["bank", "add", "memes", "clip.mp4", "--data", "d"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(3), "{told}");
        assert!(told.contains("needs the program ffmpeg"), "{told}");
        eprintln!("skipped: no ffmpeg here, so that no frames were looked at");
        return;
    }
    for seed in 1..4 {
        place.write(&format!("f{seed}.png"), &png(seed));
    }
    let made = place.program(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-framerate",
            "1",
            "-i",
            "f%d.png",
            "-r",
            "5",
            "-c:v",
            "mpeg4",
            "-q:v",
            "2",
            "clip.mp4",
        ],
    );
    assert!(made, "ffmpeg makes the clip");
    place
        .run(&["bank", "add", "memes", "clip.mp4", "--data", "d"])
        .ok();
    let ended = place.run(&[
        "bank", "match", "f2.png", "clip.mp4", "--data", "d", "--json",
    ]);
    let hits = rows(&ended.out);
    let kinds: Vec<_> = hits
        .iter()
        .map(|hit| hit["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["image", "video"], "{} {}", ended.out, ended.err);
    assert_eq!(hits[1]["frames"], serde_json::json!([3, 3]));
}
