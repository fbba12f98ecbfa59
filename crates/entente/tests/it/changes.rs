//! The feed of changes over HTTP.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::cli::Place;
use crate::cli::serving::Serving;
use crate::pages::{Answer, ask};

/// The media type of TAXII 2.1.
const TAXII: &str = "application/taxii+json;version=2.1";
/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A small node with a collection `feed` of this marking; alpha has signed, beta is in talks.
pub(crate) fn place(marking: &str) -> Place {
    let place = Place::small();
    place
        .d(&format!("collection create feed --marking {marking}"))
        .ok();
    place
        .d("party stance beta in-talks --since 2021-01-01")
        .ok();
    place
}

/// A token's text.
pub(crate) fn token(place: &Place, party: &str, scope: &str) -> String {
    let line = format!("token create --party {party} --scope {scope}");
    place.d(&line).ok().out.trim().to_owned()
}

/// A request to the API with a token.
pub(crate) fn call(node: &Serving, method: &str, path: &str, token: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    ask(node, method, path, &headers, body)
}

/// An indicator in the form it was written in: two lines, a number that a float would change.
pub(crate) fn indicator(number: usize) -> String {
    format!(
        "{{\"type\":\"indicator\",\n \"id\":\"{}\",\"spec_version\":\"2.1\",\
         \"created\":\"2025-01-01T00:00:00.000Z\",\"modified\":\"2025-01-01T00:00:00.000Z\",\
         \"pattern\":\"[domain-name:value = 'd{number}.example']\",\"pattern_type\":\"stix\",\
         \"valid_from\":\"2025-01-01T00:00:00Z\",\"x_number\":1.10000000000000000001}}",
        id(number)
    )
}

pub(crate) fn id(number: usize) -> String {
    format!("indicator--{number:08x}-0000-4000-8000-000000000000")
}

/// Publishes indicators into `feed`.
pub(crate) fn publish(node: &Serving, token: &str, numbers: impl IntoIterator<Item = usize>) {
    let objects: Vec<String> = numbers.into_iter().map(indicator).collect();
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", TAXII),
        ("Accept", TAXII),
    ];
    let body = format!("{{\"objects\":[{}]}}", objects.join(","));
    let path = "/taxii2/signals/collections/feed/objects/";
    let answer = ask(node, "POST", path, &headers, &body);
    assert_eq!(answer.status, 202, "{}", answer.body);
    let status: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(status["failure_count"], 0, "{status}");
}

pub(crate) fn withdraw(node: &Serving, token: &str, number: usize) {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Accept", TAXII)];
    let path = format!("/taxii2/signals/collections/feed/objects/{}/", id(number));
    let answer = ask(node, "DELETE", &path, &headers, "");
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn page(node: &Serving, token: &str, query: &str) -> Value {
    let answer = call(node, "GET", &format!("/api/v1/changes?{query}"), token, "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// A stream of events, read line by line.
struct Events {
    lines: BufReader<TcpStream>,
}

/// One event.
#[derive(Debug, PartialEq)]
struct Event {
    id: String,
    kind: String,
    data: String,
}

impl Events {
    /// Follows the feed; `headers` are lines.
    fn open(node: &Serving, query: &str, headers: &str) -> Self {
        let host = node.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // HTTP/1.0: the body comes as it is, until the connection closes.
        let request = format!(
            "GET /api/v1/changes?{query} HTTP/1.0\r\nHost: {host}\r\nAccept: text/event-stream\r\n\
             {headers}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut events = Events {
            lines: BufReader::new(stream),
        };
        let status = events.line().unwrap();
        assert!(status.contains(" 200 "), "{status}");
        while events.line().is_some_and(|line| !line.is_empty()) {}
        events
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).unwrap();
        (read > 0).then(|| {
            line.trim_end_matches('\n')
                .trim_end_matches('\r')
                .to_owned()
        })
    }

    /// The next event; none when the stream ends. Comments are passed over.
    fn next(&mut self) -> Option<Event> {
        let (mut id, mut kind, mut data) = (None, None, None);
        loop {
            let line = self.line()?;
            if let Some(rest) = line.strip_prefix("id: ") {
                id = Some(rest.to_owned());
            } else if let Some(rest) = line.strip_prefix("event: ") {
                kind = Some(rest.to_owned());
            } else if let Some(rest) = line.strip_prefix("data: ") {
                data = Some(rest.to_owned());
            } else if line.is_empty()
                && let (Some(id), Some(kind), Some(data)) = (id.take(), kind.take(), data.take())
            {
                return Some(Event { id, kind, data });
            }
        }
    }
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[test]
fn nothing_is_lost_or_repeated_while_four_write() {
    const WRITERS: usize = 4;
    const EACH: usize = 40;
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let node = Serving::start(&place);
    let mut stream = Events::open(&node, "objects=false", &bearer(&alpha));
    let all = WRITERS * EACH * 2;
    let (paged, streamed) = std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (node, alpha) = (&node, &alpha);
            scope.spawn(move || {
                for turn in 0..EACH {
                    let first = (writer * EACH + turn) * 2;
                    publish(node, alpha, [first, first + 1]);
                }
            });
        }
        let paging = scope.spawn(|| {
            let (mut ids, mut next) = (Vec::new(), String::new());
            while ids.len() < all {
                let read = page(&node, &alpha, &format!("limit=7&objects=false{next}"));
                let changes = read["changes"].as_array().unwrap();
                ids.extend(changes.iter().map(|change| change["object_id"].clone()));
                next = format!("&after={}", read["next"].as_str().unwrap());
            }
            ids
        });
        let streaming: Vec<Event> = (0..all).map(|_| stream.next().unwrap()).collect();
        (paging.join().unwrap(), streaming)
    });
    let different: BTreeSet<String> = paged.iter().map(ToString::to_string).collect();
    assert_eq!((paged.len(), different.len()), (all, all));
    let told: Vec<Value> = streamed
        .iter()
        .map(|e| serde_json::from_str(&e.data).unwrap())
        .collect();
    let ids: Vec<Value> = told
        .iter()
        .map(|change| change["object_id"].clone())
        .collect();
    assert_eq!(
        ids, paged,
        "pages and events tell the same in the same order"
    );
    assert!(
        streamed
            .iter()
            .zip(&told)
            .all(|(e, t)| t["id"] == e.id && e.kind == "added")
    );
    // Taken up in the middle, what comes is the rest.
    let resumed = format!("{}Last-Event-ID: {}\r\n", bearer(&alpha), streamed[99].id);
    let mut rest = Events::open(&node, "objects=false", &resumed);
    for event in &streamed[100..] {
        assert_eq!(rest.next().as_ref(), Some(event));
    }
}

#[test]
fn a_change_carries_its_object_as_it_was_sent_and_a_tombstone_none() {
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let node = Serving::start(&place);
    publish(&node, &alpha, [1, 2]);
    let answer = call(&node, "GET", "/api/v1/changes?limit=1", &alpha, "");
    assert!(answer.body.contains(&indicator(1)), "{}", answer.body);
    let first: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        (&first["more"], &first["changes"][0]["kind"]),
        (&true.into(), &"added".into())
    );
    assert_eq!(first["changes"][0]["marking"], "TLP:GREEN");
    withdraw(&node, &alpha, 1);
    let next = format!("after={}", first["next"].as_str().unwrap());
    let rest = page(&node, &alpha, &next);
    let [added, gone] = rest["changes"].as_array().unwrap().as_slice() else {
        panic!("two are left: {rest}");
    };
    assert_eq!(
        (&added["object_id"], &added["versions"][0]),
        (&id(2).into(), &"2025-01-01T00:00:00.000Z".into())
    );
    assert_eq!(
        (&gone["object_id"], &gone["kind"]),
        (&id(1).into(), &"withdrawn".into())
    );
    assert!(
        gone["object"].is_null() && gone["acknowledge"].as_str().unwrap().starts_with("note--")
    );
    // What was added and is gone is told as gone alone, also to who starts over.
    let over = page(&node, &alpha, "collection=feed&objects=false");
    assert_eq!(over["changes"].as_array().unwrap().len(), 2);
    assert!(over["changes"][0]["object"].is_null());
    // A place is where to go on, also when nothing is there yet.
    let end = over["next"].as_str().unwrap();
    let none = page(&node, &alpha, &format!("after={end}"));
    assert_eq!(
        (&none["next"], &none["changes"]),
        (&end.into(), &Value::Array(Vec::new()))
    );
    let lines = [
        ("Authorization", &format!("Bearer {alpha}")[..]),
        ("Accept", "application/x-ndjson"),
    ];
    let lines = ask(&node, "GET", "/api/v1/changes", &lines, "");
    assert_eq!(lines.body.lines().count(), 2);
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
}

#[test]
fn the_feed_tells_each_what_it_may_see() {
    let place = place("amber");
    place
        .d("collection create open --public --marking clear")
        .ok();
    place.write("list.txt", b"clear.example\n");
    place.d("import list.txt --collection open").ok();
    let (alpha, beta) = (
        token(&place, "alpha", "read,publish"),
        token(&place, "beta", "read"),
    );
    let blind = token(&place, "alpha", "publish");
    let node = Serving::start(&place);
    publish(&node, &alpha, [1]);
    withdraw(&node, &alpha, 1);
    publish(&node, &alpha, [2]);
    let seen = |token: &str| {
        let told = page(&node, token, "objects=false")["changes"].clone();
        let told = told
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["collection"].to_string());
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        seen(&alpha)
            .iter()
            .filter(|name| name.contains("feed"))
            .count(),
        2
    );
    // In talks, beta sees neither what is AMBER nor that it was withdrawn.
    assert!(
        seen(&beta).iter().all(|name| name.contains("open")),
        "{:?}",
        seen(&beta)
    );
    let anonymous = ask(&node, "GET", "/api/v1/changes?objects=false", &[], "");
    assert!(anonymous.body.contains("\"open\"") && !anonymous.body.contains("\"feed\""));
    let named = |collection: &str| {
        let path = format!("/api/v1/changes?collection={collection}");
        ask(&node, "GET", &path, &[], "")
    };
    let (hidden, missing) = (named("feed"), named("nothing"));
    assert_eq!((hidden.status, &hidden.body), (401, &missing.body));
    let refused = call(&node, "GET", "/api/v1/changes", &blind, "");
    assert_eq!(refused.status, 403, "{}", refused.body);
    for wrong in [
        "limit=0",
        "after=x",
        "since=now",
        "objects=1",
        "limit=1&limit=2",
    ] {
        let answer = ask(&node, "GET", &format!("/api/v1/changes?{wrong}"), &[], "");
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
}

#[test]
fn a_stream_ends_with_its_token_and_with_the_node() {
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let brief = token(&place, "alpha", "read");
    let node = Serving::start(&place);
    let mut ends = Events::open(&node, "", &bearer(&brief));
    let mut stays = Events::open(&node, "", &bearer(&alpha));
    publish(&node, &alpha, [1]);
    assert!(ends.next().is_some() && stays.next().is_some());
    let id = brief.split('_').nth(1).unwrap();
    place.d(&format!("token revoke {id}")).ok();
    publish(&node, &alpha, [2]);
    assert_eq!(
        ends.next(),
        None,
        "nothing is told to a token that was revoked"
    );
    assert!(stays.next().is_some());
    assert_eq!(node.end(), Some(0));
    assert_eq!(stays.next(), None);
}

#[test]
fn a_client_that_does_not_read_holds_up_nobody() {
    let place = place("green");
    let alpha = token(&place, "alpha", "read,publish");
    let node = Serving::start(&place);
    let idle: Vec<Events> = (0..8)
        .map(|_| Events::open(&node, "", &bearer(&alpha)))
        .collect();
    let mut reads = Events::open(&node, "objects=false", &bearer(&alpha));
    for turn in 0..20 {
        publish(&node, &alpha, (0..500).map(|number| turn * 500 + number));
    }
    for _ in 0..10_000 {
        assert!(reads.next().is_some());
    }
    drop(idle);
    assert_eq!(node.end(), Some(0));
}
