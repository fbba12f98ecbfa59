//! How many observations a core matches against 1,000, 10,000 and 100,000 STIX patterns, beside
//! reading their JSON alone, and beside evaluating each pattern by itself. Time is that spent on a
//! processor, so that other work on the machine does not count:
//! `cargo run --release -p entente-matching --example patterns [observations]`.

mod measure;

use std::fmt::Write as _;
use std::hint::black_box;

use matching::patterns::{Bounds, PatternIndex, Scratch, Stream};
use matching::{Kind, Observable, sample};
use stix::pattern::{Observation, compile, observations};

use measure::{processor_seconds, resident};

/// Observations that each pattern is evaluated on by itself.
const ALONE: usize = 10;

fn main() {
    let count: usize = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(200_000);
    let values: Vec<Observable> = sample::observables(2018).take(150_000).collect();
    let lines: Vec<String> = (0..count).map(|number| bundle(number, &values)).collect();
    let octets: usize = lines.iter().map(String::len).sum();
    let reading = best(|| {
        for line in &lines {
            black_box(read(line));
        }
    });
    println!(
        "{count} observations of {} octets; read alone: {:.0} a second",
        octets / count.max(1),
        rate(count, reading)
    );
    println!(
        "{:>9} {:>10} {:>8} {:>10} {:>11} {:>11} {:>9} {:>9} {:>10}",
        "patterns",
        "inserts/s",
        "B each",
        "broad",
        "obs/s",
        "candidates",
        "matches",
        "alone/s",
        "times"
    );
    for size in [1_000, 10_000, 100_000] {
        row(size, &lines, &values);
    }
}

/// Measures one size of index.
fn row(size: usize, lines: &[String], values: &[Observable]) {
    let texts: Vec<String> = (0..size).map(|number| pattern(number, values)).collect();
    let held = resident();
    let start = processor_seconds();
    let mut index = PatternIndex::new();
    for (id, text) in texts.iter().enumerate() {
        if let Err(error) = index.insert(id as u64, text) {
            println!("{}", error.rendering());
        }
    }
    let inserting = processor_seconds() - start;
    let each = resident().saturating_sub(held) / size;
    let mut scratch = Scratch::default();
    let (mut candidates, mut matches) = (0, 0_u64);
    for line in lines.iter().take(10_000) {
        for seen in read(line) {
            candidates += index.candidates(&seen, &mut scratch);
        }
    }
    let seconds = best(|| {
        matches = 0;
        let mut stream = Stream::new(Bounds::default());
        for line in lines {
            for seen in read(line) {
                stream.feed(&index, &seen, &mut scratch, &mut |_| (), &mut |_| {
                    matches += 1;
                });
            }
        }
    });
    let alone: Vec<_> = texts.iter().filter_map(|text| compile(text).ok()).collect();
    let start = processor_seconds();
    for line in lines.iter().take(ALONE) {
        for seen in read(line) {
            for pattern in &alone {
                let _ = black_box(pattern.evaluate([&seen]));
            }
        }
    }
    let alone = rate(ALONE, processor_seconds() - start);
    let together = rate(lines.len(), seconds);
    println!(
        "{size:>9} {:>10.0} {each:>8} {:>10} {together:>11.0} {:>11.2} {matches:>9} {alone:>9.1} {:>10.0}",
        rate(size, inserting),
        index.facts().broad,
        rate(candidates, 1.0) / rate(lines.len().min(10_000), 1.0),
        together / alone,
    );
}

fn read(line: &str) -> Vec<Observation<'_>> {
    let objects = stix::split(line.as_bytes()).map(|bundle| bundle.objects);
    observations(objects.unwrap_or_default())
        .into_iter()
        .flatten()
        .collect()
}

/// A pattern of a mix such as feeds have: mostly one value, some joins, some wildcards and regular
/// expressions, a few over time.
fn pattern(number: usize, values: &[Observable]) -> String {
    let at = |more: usize| values.get((number * 7 + more) % values.len());
    let test = |more: usize| at(more).map(test).unwrap_or_default();
    match number % 100 {
        0..60 => format!("[{}]", test(0)),
        60..70 => format!("[{} OR {} OR {}]", test(0), test(1), test(2)),
        70..78 => format!(
            "[network-traffic:dst_ref.value = '203.0.{}.{}' AND network-traffic:dst_port = {}]",
            number / 250 % 250,
            number % 250,
            443 + number % 4 * 1000
        ),
        78..83 => format!(
            "[ipv4-addr:value ISSUBSET '198.{}.{}.0/24']",
            number / 256 % 256,
            number % 256
        ),
        83..88 => format!("[url:value LIKE '%/gate{number}/%.php']"),
        88..91 => format!(r"[process:command_line MATCHES '(?i)invoke-task{number}\\b.*-enc']"),
        91..93 => format!("[domain-name:value MATCHES '^[a-z]+{number}\\\\.example$']"),
        93..97 => format!("[{}] FOLLOWEDBY [{}] WITHIN 300 SECONDS", test(0), test(1)),
        _ => format!("[{}] REPEATS 5 TIMES WITHIN 60 SECONDS", test(0)),
    }
}

fn test(value: &Observable) -> String {
    let text = value.to_string();
    let path = match value.kind() {
        Kind::Ipv4 => "ipv4-addr:value",
        Kind::Ipv6 => "ipv6-addr:value",
        Kind::Domain => "domain-name:value",
        Kind::Url => "url:value",
        Kind::Email => "email-addr:value",
        Kind::Md5 => "file:hashes.MD5",
        Kind::Sha1 => "file:hashes.'SHA-1'",
        Kind::Sha256 => "file:hashes.'SHA-256'",
        Kind::Sha512 => "file:hashes.'SHA-512'",
    };
    let operator =
        if text.contains('/') && path.ends_with("addr:value") && !path.starts_with("email") {
            "ISSUBSET"
        } else {
            "="
        };
    format!(
        "{path} {operator} '{}'",
        text.replace('\\', "\\\\").replace('\'', "\\'")
    )
}

/// An observation as a bundle: a connection, a lookup, a request, a file or a process. One in a
/// hundred has a value that some pattern names.
fn bundle(number: usize, values: &[Observable]) -> String {
    let time = format!(
        "2024-05-{:02}T{:02}:{:02}:{:02}Z",
        1 + number / 864_000 % 28,
        number / 36_000 % 24,
        number / 600 % 60,
        number / 10 % 60
    );
    let planted = number
        .is_multiple_of(100)
        .then(|| values.get(number * 13 % values.len()))
        .flatten();
    let mut objects = String::new();
    let (client, server) = (number % 254, number * 31 % 65_536);
    let _ = write!(
        objects,
        r#"{{"type":"ipv4-addr","id":"ipv4-addr--1","value":"10.0.7.{client}"}},{{"type":"ipv4-addr","id":"ipv4-addr--2","value":"203.0.{}.{}"}},{{"type":"network-traffic","id":"network-traffic--1","start":"{time}","src_ref":"ipv4-addr--1","dst_ref":"ipv4-addr--2","src_port":{},"dst_port":443,"protocols":["ipv4","tcp","https"],"src_byte_count":{number},"dst_byte_count":9{number}}}"#,
        server / 256,
        server % 256,
        1024 + number % 60_000
    );
    let _ = match number % 4 {
        0 => write!(
            objects,
            r#",{{"type":"domain-name","id":"domain-name--1","value":"host{number}.corp.example","resolves_to_refs":["ipv4-addr--2"]}}"#
        ),
        1 => write!(
            objects,
            r#",{{"type":"url","id":"url--1","value":"https://www{number}.corp.example/assets/app/main.js?build={number}&session=9f8e7d6c"}}"#
        ),
        2 => write!(
            objects,
            r#",{{"type":"file","id":"file--1","name":"report{number}.docx","size":{number},"hashes":{{"MD5":"{number:032x}","SHA-256":"{number:064x}"}}}}"#
        ),
        _ => write!(
            objects,
            r#",{{"type":"process","id":"process--1","pid":{number},"command_line":"C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s task{number}"}}"#
        ),
    };
    if let Some(value) = planted {
        let _ = write!(objects, ",{}", object(value));
    }
    let refs = ["ipv4-addr--1", "ipv4-addr--2", "network-traffic--1"];
    let last = match number % 4 {
        0 => "domain-name--1",
        1 => "url--1",
        2 => "file--1",
        _ => "process--1",
    };
    let refs = refs.join(r#"",""#);
    format!(
        r#"{{"type":"bundle","id":"bundle--{number}","objects":[{objects},{{"type":"observed-data","spec_version":"2.1","id":"observed-data--{number}","created":"{time}","modified":"{time}","first_observed":"{time}","last_observed":"{time}","number_observed":1,"object_refs":["{refs}","{last}","planted--1"]}}]}}"#
    )
}

/// The object that a value is.
fn object(value: &Observable) -> String {
    let text = value.to_string();
    let text = text
        .split('/')
        .next()
        .filter(|_| matches!(value.kind(), Kind::Ipv4 | Kind::Ipv6))
        .unwrap_or(&text)
        .replace('\\', "\\\\")
        .replace('"', "\\\"");
    let (kind, property) = match value.kind() {
        Kind::Ipv4 => ("ipv4-addr", format!(r#""value":"{text}""#)),
        Kind::Ipv6 => ("ipv6-addr", format!(r#""value":"{text}""#)),
        Kind::Domain => ("domain-name", format!(r#""value":"{text}""#)),
        Kind::Url => ("url", format!(r#""value":"{text}""#)),
        Kind::Email => ("email-addr", format!(r#""value":"{text}""#)),
        Kind::Md5 => ("file", format!(r#""hashes":{{"MD5":"{text}"}}"#)),
        Kind::Sha1 => ("file", format!(r#""hashes":{{"SHA-1":"{text}"}}"#)),
        Kind::Sha256 => ("file", format!(r#""hashes":{{"SHA-256":"{text}"}}"#)),
        Kind::Sha512 => ("file", format!(r#""hashes":{{"SHA-512":"{text}"}}"#)),
    };
    format!(r#"{{"type":"{kind}","id":"planted--1",{property}}}"#)
}

/// The shortest of three runs, in seconds.
fn best(mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..3 {
        let start = processor_seconds();
        work();
        best = best.min(processor_seconds() - start);
    }
    best
}

#[expect(clippy::cast_precision_loss, reason = "figures to read")]
fn rate(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds.max(1e-9)
}
