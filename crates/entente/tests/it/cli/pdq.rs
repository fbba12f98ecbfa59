//! `pdq`: hashes of images, and which of a list are near.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::Value;

use super::Place;

/// A picture of soft spots, the same for the same seed at every size.
pub(crate) fn picture(seed: u32, width: u32, height: u32) -> DynamicImage {
    let spots = RgbImage::from_fn(12, 12, |x, y| {
        let mix = |word: u32| (word ^ word >> 15).wrapping_mul(0x2c1b_3c6d);
        let [light, ..] = mix(mix(x * 12 + y + seed * 1000)).to_be_bytes();
        image::Rgb([light, light, 255 - light])
    });
    DynamicImage::ImageRgb8(spots).resize_exact(width, height, FilterType::CatmullRom)
}

pub(crate) fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).unwrap();
    file.into_inner()
}

pub(crate) fn png(seed: u32) -> Vec<u8> {
    encoded(&picture(seed, 240, 192), ImageFormat::Png)
}

/// The hash that is printed first.
fn hash_of(place: &Place, file: &str) -> String {
    let ended = place.run(&["pdq", "hash", file]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    ended.out.split('\t').next().unwrap().to_owned()
}

#[test]
fn images_of_every_format_are_hashed_each_on_a_line() {
    let place = Place::bare();
    let image = picture(1, 240, 192);
    let mut names = Vec::new();
    for (name, format) in [
        ("a.png", ImageFormat::Png),
        ("b.jpg", ImageFormat::Jpeg),
        ("c.webp", ImageFormat::WebP),
        ("d.gif", ImageFormat::Gif),
    ] {
        names.push(place.write(name, &encoded(&image, format)));
    }
    let ended = place.run(&[&["pdq", "hash", "--json"], names.as_slice()].concat());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    let rows: Vec<Value> = ended
        .out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(rows.len(), 4);
    for (row, name) in rows.iter().zip(names) {
        assert_eq!(row["file"], name);
        assert!(row["quality"].as_u64().unwrap() >= 50, "{row}");
    }
    assert_eq!(
        rows[0]["hash"], rows[2]["hash"],
        "neither PNG nor this WebP loses anything"
    );
    let ended = place.run(&["pdq", "hash", "a.png", "--dihedral"]);
    let turns: Vec<&str> = ended
        .out
        .lines()
        .map(|l| l.split('\t').nth(2).unwrap())
        .collect();
    assert_eq!(turns.len(), 8);
    assert_eq!(turns[..2], ["original", "rotate-90"]);
    let ended = place.run_with_input(&["pdq", "hash", "-"], &png(1));
    assert_eq!(
        ended.out,
        format!("{}\t100\tstdin\n", rows[0]["hash"].as_str().unwrap())
    );
}

#[test]
fn directories_are_walked_and_what_is_no_image_is_left_out() {
    let place = Place::bare();
    std::fs::create_dir_all(place.path("d/e")).unwrap();
    place.write("d/z.png", &png(1));
    place.write("d/e/a.jpg", &png(2)); // told by its content, not by its name
    place.write("d/notes.txt", b"no image");
    let ended = place.run(&["pdq", "hash", "d"]);
    assert_eq!(ended.code, 0);
    let files: Vec<&str> = ended
        .out
        .lines()
        .map(|l| l.split('\t').nth(2).unwrap())
        .collect();
    assert_eq!(files, ["d/z.png", "d/e/a.jpg"]);
    assert_eq!(ended.err, "1 file in directories left out: no image\n");
}

#[test]
fn an_image_that_says_too_little_is_told() {
    let place = Place::bare();
    let flat = DynamicImage::ImageRgb8(RgbImage::from_pixel(80, 80, image::Rgb([9, 9, 9])));
    place.write("flat.png", &encoded(&flat, ImageFormat::Png));
    let ended = place.run(&["pdq", "hash", "flat.png"]);
    assert_eq!(ended.code, 0);
    assert!(
        ended.err.contains("1 image below quality 50"),
        "{}",
        ended.err
    );
}

/// A PNG whose header is that of another size, with its checksum.
pub(crate) fn lying_png(width: u32, height: u32) -> Vec<u8> {
    let mut file = png(1);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let mut checksum = flate2::Crc::new();
    checksum.update(&file[12..29]);
    file[29..33].copy_from_slice(&checksum.sum().to_be_bytes());
    file
}

#[test]
fn what_is_no_whole_image_is_told_and_the_others_are_hashed() {
    let place = Place::bare();
    let jpeg = encoded(&picture(1, 240, 192), ImageFormat::Jpeg);
    let small = encoded(&picture(1, 40, 4), ImageFormat::Png);
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("empty.png", Vec::new(), "is no image"),
        ("text.jpg", b"hello".to_vec(), "is no image"),
        ("half.png", png(1)[..1000].to_vec(), "is "),
        ("half.jpg", jpeg[..jpeg.len() / 2].to_vec(), "is cut off"),
        ("head.jpg", jpeg[..10].to_vec(), "is "),
        (
            "bomb.png",
            lying_png(60_000, 60_000),
            "60000 × 60000 pixels",
        ),
        ("longer.png", lying_png(300, 5000), "is "),
        ("low.png", small, "40 × 4 pixels is too small"),
        ("absent.png", Vec::new(), "cannot be opened"),
    ];
    place.write("good.png", &png(1));
    let mut args = vec!["pdq", "hash"];
    for (name, content, _) in &cases {
        if *name != "absent.png" {
            place.write(name, content);
        }
        args.push(name);
    }
    args.push("good.png");
    let ended = place.run(&args);
    assert_eq!(ended.code, 3);
    assert_eq!(ended.out.lines().count(), 1, "{}", ended.out);
    let told: Vec<&str> = ended.err.lines().collect();
    assert_eq!(told.len(), 10, "{}", ended.err);
    for ((name, _, words), line) in cases.iter().zip(&told) {
        assert!(line.starts_with(&format!("entente: {name}: ")), "{line}");
        assert!(line.contains(words), "{line}");
    }
    assert_eq!(told[9], "9 images could not be hashed");
}

#[test]
fn near_hashes_of_a_list_are_found_with_their_labels() {
    let place = Place::bare();
    place.write("a.png", &png(1));
    place.write("b.png", &png(2));
    place.write(
        "small.png",
        &encoded(&picture(1, 200, 160), ImageFormat::Png),
    );
    let (a, b) = (hash_of(&place, "a.png"), hash_of(&place, "b.png"));
    place.write(
        "list",
        format!("# seen\n{a} a case\n{b},another\n").as_bytes(),
    );
    let ended = place.run(&["pdq", "match", "small.png", "b.png", "--against", "list"]);
    assert_eq!(ended.code, 0);
    let lines: Vec<&str> = ended.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ended.out);
    assert!(
        lines[0].starts_with(&format!("small.png → {a} (")),
        "{}",
        lines[0]
    );
    assert!(lines[0].ends_with(" | a case"), "{}", lines[0]);
    assert_eq!(lines[1], format!("b.png → {b} (0 bits) | another"));
    assert_eq!(ended.err, "2 images against 2 hashes; 2 matches\n");

    let args = [
        "pdq",
        "match",
        &a,
        "--against",
        "list",
        "--json",
        "--fail-on-match",
    ];
    let ended = place.run(&args);
    assert_eq!(ended.code, 1);
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&found["distance"], &found["line"]), (&0.into(), &2.into()));
    assert_eq!(found["label"], "a case");

    let far = a.replace(['0', '1', '2', '3'], "f");
    let ended = place.run(&["pdq", "match", &far, "--against", "list", "--fail-on-match"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    assert_eq!(ended.err, "1 hash against 2 hashes; no match\n");
}

#[test]
fn turned_images_are_found_when_asked_for() {
    let place = Place::bare();
    let image = picture(3, 240, 240);
    place.write("a.png", &encoded(&image, ImageFormat::Png));
    place.write("turned.png", &encoded(&image.rotate90(), ImageFormat::Png));
    place.write("list", hash_of(&place, "a.png").as_bytes());
    let ended = place.run(&["pdq", "match", "turned.png", "--against", "list"]);
    assert_eq!(ended.out, "");
    let ended = place.run(&[
        "pdq",
        "match",
        "turned.png",
        "--against",
        "list",
        "--dihedral",
    ]);
    assert!(
        ended.out.starts_with("turned.png (rotate-"),
        "{}",
        ended.out
    );
}

#[test]
fn a_column_of_csv_is_a_list() {
    let place = Place::bare();
    place.write("a.png", &png(1));
    let a = hash_of(&place, "a.png");
    place.write(
        "list.csv",
        format!("Case,Perceptual\n\"7, open\",{a}\n").as_bytes(),
    );
    let args = ["pdq", "match", "a.png", "--against", "list.csv"];
    let ended = place.run(&args);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("list.csv line 1"), "{}", ended.err);
    assert!(ended.err.contains("--column"), "{}", ended.err);
    let ended = place.run(&[&args[..], &["--column", "perceptual"]].concat());
    assert_eq!(ended.out, format!("a.png → {a} (0 bits) | 7, open\n"));
    for wrong in [&["--distance", "65"][..], &["-"], &["--distance", "far"]] {
        let ended = place.run(&[&["pdq", "match", "-", "--against", "list.csv"], wrong].concat());
        assert_eq!(ended.code, 2, "{}", ended.err);
    }
}
