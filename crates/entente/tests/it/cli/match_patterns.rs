//! `match --patterns`: patterns of files and of the node, against observed data and logs.

use std::io::Write as _;

use super::Place;

const PATTERNS: &str = "\
# what we look for
lure-1 [domain-name:value = 'login.evil.example']
[ipv4-addr:value ISSUBSET '203.0.113.0/24']
\"[url:value LIKE '%/gate.php%']\"
scan [network-traffic:src_ref.value = '10.1.2.3'] REPEATS 3 TIMES WITHIN 10 SECONDS
";

const DNS: &str = "\
#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery
1714521600.0\t10.1.2.3\t1\t192.0.2.53\t53\tudp\tLogin.evil.example
1714521605.0\t10.1.2.3\t1\t192.0.2.53\t53\tudp\twww.example.org
broken line
1714521609.0\t10.1.2.3\t1\t203.0.113.9\t53\tudp\twww.example.org
";

#[test]
fn a_match_says_which_pattern_where_when_and_what() {
    let place = Place::bare();
    place.write("patterns.txt", PATTERNS.as_bytes());
    place.write("dns.log", DNS.as_bytes());
    let ended = place
        .run(&["match", "--patterns", "patterns.txt", "dns.log", "--json"])
        .ok();
    let hits = ended.lines();
    let told: Vec<(&str, u64)> = hits
        .iter()
        .map(|hit| {
            (
                hit["pattern_id"].as_str().unwrap(),
                hit["line"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("lure-1", 2), ("patterns.txt line 3", 5), ("scan", 5)]
    );
    assert_eq!(
        hits[0]["observed"][0]["object"]["value"],
        "login.evil.example"
    );
    assert_eq!(
        hits[0]["observed"][0]["first_observed"],
        "2024-05-01T00:00:00.000000Z"
    );
    let lines: Vec<u64> = hits[2]["observed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|seen| seen["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [2, 3, 5]);
    ended
        .says("another number of columns")
        .says("dns.log:4")
        .says("3 matches of 3 patterns");
    let shown = place
        .run(&[
            "match",
            "--patterns",
            "patterns.txt",
            "dns.log",
            "--fail-on-match",
        ])
        .code(1);
    assert!(
        shown.out.starts_with(
            "dns.log:2 2024-05-01T00:00:00.000000Z domain-name login.evil.example | lure-1 | ["
        ),
        "{}",
        shown.out
    );
    assert!(
        shown.out.contains("dns.log:2 dns.log:3 dns.log:5"),
        "{}",
        shown.out
    );
}

#[test]
fn observed_data_and_logs_of_every_format_are_matched_in_one_go() {
    let place = Place::bare();
    place.write("patterns.txt", PATTERNS.as_bytes());
    place.write(
        "observed.ndjson",
        br#"{"type":"ipv4-addr","id":"ipv4-addr--1","value":"203.0.113.1"}
{"type":"observed-data","id":"observed-data--1","first_observed":"2024-05-01T00:00:00Z","last_observed":"2024-05-01T00:00:00Z","number_observed":1,"object_refs":["ipv4-addr--1"]}
{"type":"observed-data","id":"observed-data--2","first_observed":"soon","last_observed":"2024-05-01T00:00:00Z","number_observed":1,"object_refs":["ipv4-addr--9"]}
{"type":"observed-data","id":"observed-data--3","first_observed":"2024-05-01T00:00:00Z","last_observed":"2024-05-01T00:00:00Z","number_observed":1,"objects":{"0":{"type":"domain-name","value":"login.evil.example"}}}
no json
"#,
    );
    place.write(
        "bundle.json",
        b"{\n  \"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": [\n    {\"type\":\"url\",\"id\":\"url--1\",\"value\":\"http://x.example/gate.php\"},\n    {\"type\":\"observed-data\",\"id\":\"observed-data--4\",\"first_observed\":\"2024-05-01T00:00:00Z\",\"last_observed\":\"2024-05-01T00:00:00Z\",\"number_observed\":1,\"object_refs\":[\"url--1\"]}\n  ]\n}\n",
    );
    place.write(
        "eve.json",
        b"{\"timestamp\":\"2024-05-01T00:00:00.0+0000\",\"event_type\":\"tls\",\"src_ip\":\"192.0.2.1\",\"dest_ip\":\"192.0.2.2\",\"proto\":\"TCP\",\"tls\":{\"sni\":\"login.evil.example\"}}\n",
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed
        .write_all(
            b"203.0.113.9 - - [01/May/2024:00:00:00 +0000] \"GET /gate.php HTTP/1.1\" 200 1\n",
        )
        .unwrap();
    place.write("access.log.gz", &packed.finish().unwrap());
    let files = [
        "observed.ndjson",
        "bundle.json",
        "eve.json",
        "access.log.gz",
    ];
    let args = [
        &["match", "--patterns", "patterns.txt", "--json"][..],
        &files,
    ]
    .concat();
    let ended = place.run(&args).ok();
    let hits = ended.lines();
    let told: Vec<(&str, &str)> = hits
        .iter()
        .map(|hit| {
            (
                hit["file"].as_str().unwrap(),
                hit["pattern_id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("observed.ndjson", "patterns.txt line 3"),
            ("observed.ndjson", "lure-1"),
            ("bundle.json", "patterns.txt line 4"),
            ("eve.json", "lure-1"),
            ("access.log.gz", "patterns.txt line 3"),
        ]
    );
    assert_eq!(hits[0]["observed"][0]["id"], "observed-data--1");
    ended
        .says("is not a timestamp of the form")
        .says("is no STIX object")
        .says("1 reference to objects");
}

#[test]
fn csv_is_mapped_by_column() {
    let place = Place::bare();
    place.write(
        "p",
        b"[network-traffic:dst_ref.value = 'evil.example' AND network-traffic:dst_port = 443]\n",
    );
    place.write("proxy.csv", b"time,client,server,port\n2024-05-01T00:00:00Z,10.0.0.1,evil.example,443\n2024-05-01T00:00:00Z,10.0.0.1,evil.example,80\nx,y\n");
    let maps = [
        "--map",
        "time=observed-data:first_observed",
        "--map",
        "server=network-traffic:dst_ref.value",
        "--map",
        "port=network-traffic:dst_port",
    ];
    let args = [
        &["match", "--patterns", "p", "proxy.csv", "--json"][..],
        &maps,
    ]
    .concat();
    let ended = place.run(&args).ok();
    assert_eq!(ended.lines().len(), 1);
    ended.says("another number of columns");
    place
        .run(&[
            "match",
            "--patterns",
            "p",
            "proxy.csv",
            "--map",
            "x=url:value",
        ])
        .code(3)
        .says("there is no column x");
    place
        .run(&["match", "--patterns", "p", "proxy.csv", "--map", "x=thing"])
        .code(2)
        .says("--map");
    place
        .run(&["match", "--patterns", "p", "proxy.csv", "--format", "csv"])
        .code(2)
        .says("go together");
    place
        .run(&["match", "--patterns", "p", "proxy.csv"])
        .code(3)
        .says("say it with --format");
}

#[test]
fn wrong_patterns_are_shown_and_the_others_matched() {
    let place = Place::bare();
    place.write(
        "p",
        b"[a:b = ]\n[url:value MATCHES '(?=x)']\n[ipv4-addr:value = '203.0.113.9']\nnothing\n",
    );
    place.write(
        "log",
        b"203.0.113.9 - - [01/May/2024:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n",
    );
    let ended = place.run(&["match", "--patterns", "p", "log"]).code(3);
    assert_eq!(ended.out.lines().count(), 1);
    ended
        .says("p line 1")
        .says("look-around is not supported")
        .says("3 patterns could not be taken");
    place.write("none", b"# nothing\n");
    place
        .run(&["match", "--patterns", "none", "log"])
        .code(3)
        .says("there is no pattern");
}

#[test]
fn the_nodes_own_indicators_are_matched_as_far_as_they_are_in_force() {
    let place = Place::small();
    let indicator = |number: u32, more: &str, pattern: &str| {
        format!(
            "{{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--0b8a8b1a-7d4d-4e0e-9f7b-0d8a4b1a7d{number:02}\",\
             \"created\":\"2024-01-01T00:00:00.000Z\",\"modified\":\"2024-01-01T00:00:00.000Z\",\"name\":\"I{number}\",{more}\
             \"pattern\":\"{pattern}\",\"pattern_type\":\"stix\",\"valid_from\":\"2024-01-01T00:00:00Z\"}}"
        )
    };
    let joined = "[ipv4-addr:value = '203.0.113.9' OR ipv4-addr:value = '203.0.113.10'] FOLLOWEDBY [url:value LIKE '%gate%']";
    let list = [
        indicator(10, "", joined),
        indicator(
            11,
            "\"valid_until\":\"2024-02-01T00:00:00Z\",",
            "[ipv4-addr:value = '203.0.113.9']",
        ),
    ]
    .join("\n");
    place
        .run_with_input(
            &[
                "import",
                "-",
                "--data",
                "d",
                "--collection",
                "lures",
                "--harm",
                "election-interference",
            ],
            list.as_bytes(),
        )
        .ok();
    place.write(
        "log",
        b"203.0.113.9 - - [01/May/2024:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n\
          192.0.2.1 - - [01/May/2024:00:00:09 +0000] \"GET / HTTP/1.1\" 200 1 \"http://x.example/gate\" \"-\"\n",
    );
    let ended = place.d("match --patterns node log --json").ok();
    let hits = ended.lines();
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!(hits[0]["name"], "I10");
    assert_eq!(hits[0]["collection"], "lures");
    assert_eq!(hits[0]["harm"], "election-interference");
    assert_eq!(hits[0]["observed"].as_array().unwrap().len(), 2);
    ended.says("1 match does not fire (1 expired)");
    let explained = place.d("match --patterns node log --json --explain").ok();
    assert_eq!(explained.lines()[0]["why"][0], "expired");
    place
        .d("match --patterns node log --collection nowhere")
        .code(3)
        .says("there is no collection");
    place
        .d("match --patterns node log --harm hate-speech")
        .code(3);
}
