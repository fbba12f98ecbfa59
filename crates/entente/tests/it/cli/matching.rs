//! `match`: what is found where, over files of any kind.

use std::io::{BufRead as _, BufReader, Write as _};

use super::{Ended, Place, each};

const LOG: &str = "nothing here\n\
                   GET hxxp://www.evil[.]example/x from 203.0.113.9\n\
                   mail from someone@evil.example\n";

/// A node that knows a domain, about elections, and a network, about censorship.
fn place() -> Place {
    let place = Place::small();
    let import = |list: &[u8], collection: &str, harm: &str| {
        let args = [
            "import",
            "-",
            "--data",
            "d",
            "--collection",
            collection,
            "--harm",
            harm,
        ];
        place
            .run_with_input(&[&args[..], &["--marking", "green"]].concat(), list)
            .ok();
    };
    import(
        b"evil.example # A lure\n",
        "elections",
        "election-interference",
    );
    import(b"203.0.113.0/24\n", "blocks", "censorship");
    place.write("log", LOG.as_bytes());
    place
}

#[test]
fn a_hit_says_where_what_who_which_harm_and_which_marking() {
    let place = place();
    let hits = place.d("match log --json").ok().lines();
    let places: Vec<(u64, u64, &str)> = hits
        .iter()
        .map(|hit| {
            let number = |name: &str| hit[name].as_u64().unwrap();
            (
                number("line"),
                number("column"),
                hit["relation"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(places.len(), 3, "{hits:?}");
    assert!(places.iter().all(|(line, _, _)| [2, 3].contains(line)));
    let network = hits
        .iter()
        .find(|hit| hit["relation"] == "in-network")
        .unwrap();
    assert_eq!(
        (&network["found"], &network["value"]),
        (&"203.0.113.9".into(), &"203.0.113.0/24".into())
    );
    assert_eq!(
        (&network["column"], &network["offset"]),
        (&38.into(), &50.into())
    );
    assert_eq!(
        (&network["file"], &network["kind"]),
        (&"log".into(), &"ipv4".into())
    );
    let signal = &network["signal"];
    assert_eq!(signal["harm"], "censorship");
    assert_eq!(signal["marking"], "TLP:GREEN");
    assert_eq!(signal["publisher"]["name"], "Node operator");
    let lure = hits
        .iter()
        .find(|hit| hit["relation"] == "domain-of-email")
        .unwrap();
    assert_eq!(
        (&lure["line"], &lure["signal"]["name"]),
        (&3.into(), &"A lure".into())
    );
}

#[test]
fn people_read_one_line_a_hit_and_a_summary() {
    let place = place();
    let shown = place.d("match log").ok();
    assert_eq!(shown.out.lines().count(), 3);
    let hit = shown
        .out
        .lines()
        .find(|line| line.contains("in-network"))
        .unwrap();
    assert_eq!(
        hit,
        "2:38 203.0.113.9 → 203.0.113.0/24 (in-network) | 203.0.113.0/24 | published by Node \
         operator | censorship | TLP:GREEN"
            .replace(
                "| 203.0.113.0/24 |",
                &format!("| {} |", indicator_of(&place))
            )
    );
    assert!(shown.err.contains("3 lines, "), "{}", shown.err);
    assert!(
        shown
            .err
            .contains("3 matches: 1 censorship, 2 election-interference"),
        "{}",
        shown.err
    );
}

fn indicator_of(place: &Place) -> String {
    let args = "export --collection blocks --format ndjson --type indicator";
    place.d(args).ok().lines()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn exit_codes_tell_scripts() {
    let place = place();
    place.d("match log --fail-on-match").code(1);
    place.write("clean", b"nothing\n");
    place.d("match clean --fail-on-match").ok();
    place.d("match missing clean").code(3).says("missing");
    place.d("match log --harm hate-speech --fail-on-match").ok();
    place
        .d("match log --collection elections --fail-on-match")
        .code(1);
    place
        .d("match log --collection election")
        .code(3)
        .says("elections");
}

#[test]
fn packed_files_and_stdin_are_matched() {
    let place = place();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(LOG.as_bytes()).unwrap();
    place.write("log.gz", &gzip.finish().unwrap());
    place.write("log.zst", &zstd::encode_all(LOG.as_bytes(), 1).unwrap());
    let files = ["match", "log", "log.gz", "log.zst", "--json"];
    let hits = place.on_d(&files).ok().lines();
    let expected = [["log"; 3], ["log.gz"; 3], ["log.zst"; 3]].concat();
    assert_eq!(each(&hits, "file"), expected);
    let piped = place
        .run_with_input(&["match", "-", "--data", "d"], LOG.as_bytes())
        .ok();
    assert_eq!(piped.out.lines().count(), 3);
}

#[test]
fn binary_input_is_told_and_never_garbles_a_terminal() {
    let place = place();
    let mut binary = vec![0, 1, 2, 0x1b, b'[', b'2', b'J', 0xff];
    binary.extend_from_slice(b"evil.example\0\x1b]0;title\x07 http://evil.example/\x1b[31m\n");
    place.write("bin", &binary);
    let shown = place.d("match bin").ok().says("holds binary data");
    assert!(shown.out.contains("evil.example"));
    assert!(
        !shown.out.chars().any(|c| c.is_control() && c != '\n'),
        "{:?}",
        shown.out
    );
    place.write("utf16", b"\xff\xfee\0v\0i\0l\0");
    place.d("match utf16").code(3).says("iconv");
}

#[test]
fn line_numbers_hold_over_pieces_and_threads() {
    let place = place();
    let mut log = Vec::new();
    let mut expected = Vec::new();
    for line in 1..=20_000_u64 {
        if line % 997 == 0 {
            expected.push(line);
            writeln!(log, "{line} host.evil.example was seen").unwrap();
        } else {
            let filler = "x".repeat(100);
            writeln!(log, "{line} nothing to see here {filler}").unwrap();
        }
    }
    assert!(log.len() > 2 << 20, "several pieces");
    place.write("long", &log);
    for threads in ["1", "3"] {
        let hits = place
            .on_d(&["match", "long", "--json", "--threads", threads])
            .ok()
            .lines();
        let lines: Vec<u64> = hits
            .iter()
            .map(|hit| hit["line"].as_u64().unwrap())
            .collect();
        assert_eq!(lines, expected);
        for hit in hits {
            let offset = usize::try_from(hit["offset"].as_u64().unwrap()).unwrap();
            assert!(log[offset..].starts_with(hit["found"].as_str().unwrap().as_bytes()));
        }
    }
}

#[test]
fn many_files_are_matched_each_to_its_end() {
    let place = place();
    let names: Vec<String> = (0..40).map(|number| format!("log-{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        // Every third file is empty.
        let line: &[u8] = if number % 3 == 0 {
            b""
        } else {
            b"GET http://evil.example/\n"
        };
        place.write(name, line);
    }
    let mut args = vec!["match", "--json", "--threads", "1"];
    args.extend(names.iter().map(String::as_str));
    let files: Vec<serde_json::Value> = place
        .on_d(&args)
        .ok()
        .lines()
        .iter()
        .map(|hit| hit["file"].clone())
        .collect();
    let expected = names
        .iter()
        .enumerate()
        .filter(|(number, _)| number % 3 != 0);
    assert_eq!(
        files,
        expected.map(|(_, name)| name.as_str()).collect::<Vec<_>>()
    );
}

#[test]
fn a_stream_is_matched_as_it_comes() {
    let place = place();
    let mut child = place
        .command(&["match", "-", "--data", "d"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for line in 1..4 {
        writeln!(stdin, "see evil.example").unwrap();
        let mut hit = String::new();
        stdout.read_line(&mut hit).unwrap();
        assert!(hit.starts_with(&format!("{line}:5 evil.example")), "{hit}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn who_reads_our_output_may_stop_reading() {
    let place = place();
    place.write("long", LOG.repeat(20_000).as_bytes());
    let mut child = place
        .command(&["match", "long", "--data", "d"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Nobody reads: the pipe closes at once.
    drop(child.stdout.take());
    let ended = Ended::from(child.wait_with_output().unwrap()).ok();
    assert!(!ended.err.contains("entente:"), "{}", ended.err);
}
