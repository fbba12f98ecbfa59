//! `entente taxii check` on servers with one fault each, on hostile ones, and on a node.

mod server;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::cli::serving::Serving;
use super::cli::{Ended, Place, addresses};
use server::{Fault, PASSWORD, Server, USER};

/// Checks a server as its reader; the credentials must not be in the output.
fn check(server: &Server, more: &[&str]) -> Ended {
    let place = Place::bare();
    let args = [
        "taxii",
        "check",
        &server.url,
        "--user",
        USER,
        "--password",
        PASSWORD,
    ];
    let ended = place.run(&[&args, more].concat());
    for text in [&ended.out, &ended.err] {
        assert!(!text.contains(PASSWORD), "the password is shown: {text}");
        let encoded = "cmVhZGVyOmNvcnJlY3QtaG9yc2U=";
        assert!(!text.contains(encoded), "the password is shown: {text}");
    }
    ended
}

/// The checks that ended so.
fn ended_as(lines: &[Value], verdict: &str) -> BTreeSet<String> {
    let those = lines.iter().filter(|line| line["verdict"] == verdict);
    those
        .map(|line| line["check"].as_str().unwrap().to_owned())
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Exactly these checks fail at a server with this fault and these warn, and each is explained.
fn finds(fault: &Fault, failed: &[&str], warned: &[&str]) -> Vec<Value> {
    let server = Server::start(fault.clone());
    let ended = check(&server, &["--json"]).code(i32::from(!failed.is_empty()));
    let lines = ended.lines();
    for (verdict, names) in [("failed", failed), ("warning", warned)] {
        let found = ended_as(&lines, verdict);
        assert_eq!(found, set(names), "{fault:?}, {verdict}: {}", ended.out);
        for line in lines.iter().filter(|line| line["verdict"] == verdict) {
            for member in ["asked", "came", "section", "rule", "means", "remedy"] {
                let text = line[member].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{fault:?}: no {member}: {line}");
            }
        }
    }
    lines
}

/// What came at a check.
fn came<'l>(lines: &'l [Value], check: &str) -> &'l str {
    let line = lines.iter().find(|line| line["check"] == check).unwrap();
    line["came"].as_str().unwrap()
}

#[test]
fn a_server_without_fault_passes() {
    let server = Server::start(Fault::Nothing);
    let ended = check(&server, &["--json"]).ok();
    let lines = ended.lines();
    assert_eq!(ended_as(&lines, "failed"), set(&[]));
    assert_eq!(ended_as(&lines, "warning"), set(&[]), "{}", ended.out);
    assert_eq!(ended_as(&lines, "skipped"), set(&[]), "{}", ended.out);
    let summary = &lines.last().unwrap()["summary"];
    assert_eq!(summary["failed"], 0);
    assert!(summary["ok"].as_u64().unwrap() > 35, "{summary}");
    let methods = server.seen.lock().unwrap();
    let wrote = methods
        .iter()
        .any(|(line, _)| line.starts_with("POST") || line.starts_with("DELETE"));
    assert!(!wrote, "it wrote without --write");
}

#[test]
fn a_next_that_is_ignored_is_found() {
    let lines = finds(
        &Fault::NextIgnored,
        &["paging-next", "paging-next-manifest"],
        &[],
    );
    assert!(came(&lines, "paging-next").contains("repeated"));
}

#[test]
fn a_next_that_works_once_is_found() {
    finds(
        &Fault::NextForgotten,
        &["next-again", "next-and-added-after"],
        &[],
    );
}

#[test]
fn a_next_that_is_no_text_is_found() {
    let all = [
        "paging-next",
        "paging-next-manifest",
        "next-again",
        "next-and-added-after",
    ];
    let lines = finds(&Fault::NextIsANumber, &all, &[]);
    assert!(came(&lines, "paging-next").contains("'next' is 3"));
    let lines = finds(&Fault::MoreWithoutNext, &[], &all);
    assert!(came(&lines, "paging-next").contains("no 'next'"));
}

#[test]
fn a_date_that_wins_over_next_is_found() {
    finds(&Fault::AddedAfterWins, &["next-and-added-after"], &[]);
}

#[test]
fn repeated_objects_are_found() {
    let lines = finds(
        &Fault::ObjectsRepeat,
        &["paging-next", "paging-next-manifest"],
        &[],
    );
    assert!(
        came(&lines, "paging-next").contains("of 12:"),
        "{}",
        came(&lines, "paging-next")
    );
}

#[test]
fn a_limit_that_is_ignored_is_found() {
    finds(&Fault::LimitIgnored, &["limit"], &[]);
    finds(&Fault::AnyLimitTaken, &["malformed-limit"], &[]);
}

#[test]
fn dates_that_lose_objects_are_found() {
    let lines = finds(
        &Fault::DatesShared,
        &["paging-added-after", "paging-added-after-manifest"],
        &["manifest-dates"],
    );
    assert!(came(&lines, "paging-added-after").contains("lost"));
    finds(
        &Fault::NoDates,
        &[
            "date-headers",
            "manifest-dates",
            "paging-added-after",
            "paging-added-after-manifest",
        ],
        &[],
    );
    finds(&Fault::MillisecondDates, &["date-headers"], &[]);
}

#[test]
fn wrong_media_types_and_error_bodies_are_found() {
    let server = Server::start(Fault::WrongMediaType);
    let lines = check(&server, &["--json"]).code(1).lines();
    assert!(ended_as(&lines, "failed").contains("objects"));
    assert!(came(&lines, "objects").contains("application/json"));
    let lines = finds(
        &Fault::HtmlErrors,
        &[
            "malformed-added-after",
            "malformed-limit",
            "malformed-match-version",
            "malformed-next",
            "unknown-collection",
            "unknown-object",
            "unknown-status",
            "wrong-credentials",
        ],
        &[],
    );
    assert!(came(&lines, "unknown-object").contains("text/html"));
}

#[test]
fn missing_challenges_and_narrow_accepts_are_found() {
    finds(
        &Fault::NoChallenge,
        &["without-credentials", "wrong-credentials"],
        &[],
    );
    let lines = finds(
        &Fault::AnyIsNotAcceptable,
        &["accept-without-version"],
        &["accept-any"],
    );
    assert!(came(&lines, "accept-any").starts_with("no Accept: 406"));
}

#[test]
fn wrong_shapes_are_found() {
    finds(&Fault::EmptyLists, &["empty-list"], &[]);
    finds(&Fault::TypeIgnored, &["empty-list"], &[]);
    let lines = finds(&Fault::NoSizeLimit, &["api-root"], &[]);
    assert!(came(&lines, "api-root").contains("max_content_length"));
    finds(&Fault::RelativeRoot, &[], &["api-roots"]);
}

#[test]
fn pages_without_end_come_to_an_end() {
    let server = Server::start(Fault::PagesWithoutEnd);
    let lines = check(&server, &["--json"]).ok().lines();
    let read = came(&lines, "reads-to-the-end");
    assert!(read.contains("as far as was tried"), "{read}");
    let seen = check(&server, &["--json", "--as", "xsoar"]).ok().lines();
    let usable = seen.iter().find(|line| line["check"] == "usable").unwrap();
    assert_eq!(usable["numbers"]["read_to_the_end"], false);
}

#[test]
fn a_server_that_is_too_slow_or_too_much_ends_in_an_error() {
    let server = Server::start(Fault::SlowLists);
    let ended = check(&server, &["--json", "--timeout", "1"]).code(5);
    assert!(ended.err.contains("answers too slowly"), "{}", ended.err);
    let first = came(&ended.lines(), "objects").to_owned();
    assert!(
        first.contains("not asked") || first.contains("within 1 seconds"),
        "{first}"
    );
    let server = Server::start(Fault::HugeLists);
    let ended = check(&server, &["--json"]).code(5);
    assert!(ended.err.contains("too large"), "{}", ended.err);
}

#[test]
fn credentials_stay_at_their_origin() {
    let elsewhere = Server::start(Fault::Nothing);
    let server = Server::start(Fault::RedirectTo(elsewhere.url.clone()));
    let ended = check(&server, &["--json"]).code(1);
    let told = came(&ended.lines(), "collection-chosen").to_owned();
    assert!(
        told.contains("another origin") && told.contains(&elsewhere.url),
        "{told}"
    );
    let server = Server::start(Fault::RootElsewhere(elsewhere.url.clone()));
    let lines = check(&server, &["--json"]).ok().lines();
    assert_eq!(ended_as(&lines, "warning"), set(&["api-roots"]));
    assert!(
        elsewhere.seen.lock().unwrap().is_empty(),
        "the other origin was asked"
    );
    let server = Server::start(Fault::RedirectsInARound);
    let lines = check(&server, &["--json"]).code(1).lines();
    assert!(came(&lines, "collection-chosen").contains("redirects"));
    let signed = server.seen.lock().unwrap();
    assert!(signed.iter().any(|(_, signature)| signature.is_some()));
}

#[test]
fn credentials_are_in_no_output() {
    // `check` looks into every output; these servers and URLs try to bring them there.
    let server = Server::start(Fault::Echo);
    check(&server, &[]).code(1);
    check(&server, &["--json"]).code(1);
    let place = Place::bare();
    // Nor in the log, however much it says.
    let mut logged = place.command(&["taxii", "check", &server.url, "--user", USER]);
    logged.envs([
        ("ENTENTE_LOG", "trace"),
        ("ENTENTE_TAXII_PASSWORD", PASSWORD),
    ]);
    let logged = Ended::from(logged.output().unwrap()).code(1);
    for secret in [PASSWORD, "cmVhZGVyOmNvcnJlY3QtaG9yc2U="] {
        assert!(!logged.err.contains(secret) && !logged.out.contains(secret));
    }
    let url = server
        .url
        .replace("http://", "http://reader:wrong-battery@");
    let ended = place.run(&["taxii", "check", &url]).code(4);
    assert!(!ended.err.contains("wrong-battery"), "{}", ended.err);
    let url = server
        .url
        .replace("http://", &format!("http://{USER}:{PASSWORD}@"));
    let ended = place.run(&["taxii", "check", &url, "--json"]);
    assert!(!ended.out.contains(PASSWORD), "{}", ended.out);
    assert_eq!(
        ended.lines().last().unwrap()["summary"]["url"],
        format!("{}/", server.url)
    );
}

#[test]
fn what_cannot_be_checked_is_told_by_the_exit_code() {
    let place = Place::bare();
    let nobody = ["taxii", "check", "http://127.0.0.1:9/"];
    place.run(&nobody).code(5).says("no answer");
    place
        .run(&["taxii", "check", "ftp://host/"])
        .code(2)
        .says("no URL");
    place
        .run(&["taxii", "check", "http://h/", "--as", "nobody"])
        .code(2);
    place
        .run(&["taxii", "check", "http://h/", "--password", "p"])
        .code(2)
        .says("--user");
    let server = Server::start(Fault::Nothing);
    let wrong = [
        "taxii",
        "check",
        &server.url,
        "--user",
        USER,
        "--password",
        "wrong-battery",
    ];
    place.run(&wrong).code(4).says("refused");
    place
        .run(&["taxii", "check", &server.url])
        .code(4)
        .says("--user");
    let html = Server::start(Fault::NotTaxii);
    let ended = check(&html, &[]).code(1);
    assert!(
        ended.out.contains("It works!") && ended.out.contains("/taxii2/"),
        "{}",
        ended.out
    );
    let other = check(&server, &["--collection", "nothing", "--json"]).code(1);
    assert!(came(&other.lines(), "collection-chosen").contains("no collection 'nothing'"));
}

#[test]
fn flags_stand_before_the_url_and_both_before_the_environment() {
    let server = Server::start(Fault::Nothing);
    let place = Place::bare();
    let run = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = place.command(&[&["taxii", "check"], args].concat());
        Ended::from(command.envs(variables.to_vec()).output().unwrap())
    };
    let url = server.url.as_str();
    let user = ["--user", USER];
    run(
        &[&[url][..], &user].concat(),
        &[("ENTENTE_TAXII_PASSWORD", PASSWORD)],
    )
    .ok();
    let flags = [&[url][..], &user, &["--password", PASSWORD]].concat();
    run(
        &flags,
        &[
            ("ENTENTE_TAXII_PASSWORD", "wrong"),
            ("ENTENTE_TAXII_TOKEN", "wrong"),
        ],
    )
    .ok();
    let whole = url.replace("http://", &format!("http://{USER}:{PASSWORD}@"));
    run(
        &[&whole],
        &[
            ("ENTENTE_TAXII_TOKEN", "wrong"),
            ("ENTENTE_TAXII_PASSWORD", "wrong"),
        ],
    )
    .ok();
    // A node's own token is for that node, and goes nowhere else.
    run(&[url], &[("ENTENTE_TOKEN", "ent_a_secret")]).code(4);
    let sent = server.seen.lock().unwrap();
    let sent = sent
        .iter()
        .filter_map(|(_, signature)| signature.as_deref());
    assert!(
        !sent
            .into_iter()
            .any(|signature| signature.contains("ent_a_secret"))
    );
}

#[test]
fn a_client_uses_what_it_can_and_the_rest_is_counted() {
    let server = Server::start(Fault::Nothing);
    let counted = |client: &str| -> Value {
        let lines = check(&server, &["--as", client, "--json"]).lines();
        let usable = lines.iter().find(|line| line["check"] == "usable").unwrap();
        usable["numbers"].clone()
    };
    for client in ["sentinel", "xsoar"] {
        let numbers = counted(client);
        assert_eq!(
            (&numbers["objects"], &numbers["usable"]),
            (&12.into(), &9.into()),
            "{client}"
        );
        let skipped: BTreeMap<String, u64> =
            serde_json::from_value(numbers["skipped"].clone()).unwrap();
        let (reason, number) = skipped.iter().next().unwrap();
        assert!(
            reason.contains("more than one comparison"),
            "{client}: {reason}"
        );
        assert_eq!(*number, 3);
    }
    for client in ["opencti", "splunk", "misp"] {
        assert_eq!(counted(client)["usable"], 12, "{client}");
    }
}

#[test]
fn clients_find_the_faults_that_stop_them() {
    for (client, fault, failed) in [
        ("opencti", Fault::NextIsANumber, "opencti-next"),
        ("opencti", Fault::AddedAfterWins, "opencti-both"),
        ("opencti", Fault::NoDates, "opencti-news"),
        ("sentinel", Fault::NoDates, "sentinel-news"),
        ("splunk", Fault::WrongMediaType, "splunk-first"),
        ("opencti", Fault::MoreWithoutNext, "opencti-next"),
        ("misp", Fault::CapitalsMatter, "misp-basic"),
    ] {
        let server = Server::start(fault.clone());
        let ended = check(&server, &["--as", client, "--json"]).code(1);
        let found = ended_as(&ended.lines(), "failed");
        assert!(
            found.contains(failed),
            "{client} at {fault:?}: {}",
            ended.out
        );
    }
}

#[test]
fn a_node_passes_in_general_with_writing_and_as_each_client() {
    let place = Place::small();
    place.write("list.txt", addresses(30).as_bytes());
    place.d("collection create feed --public").ok();
    place.d("import list.txt --collection feed").ok();
    let token = place.on_d(&[
        "token",
        "create",
        "--party",
        "alpha",
        "--scope",
        "read,publish",
    ]);
    let token = token.ok().out.trim().to_owned();
    let node = Serving::start(&place);
    let run = |more: &[&str]| {
        place.run(
            &[
                &["taxii", "check", &node.url, "--token", &token, "--json"],
                more,
            ]
            .concat(),
        )
    };
    let before = run(&[]).ok().lines();
    assert_eq!(ended_as(&before, "warning"), set(&[]));
    let lines = run(&["--write"]).ok().lines();
    let wrote = ended_as(&lines, "ok");
    assert!(
        wrote.contains("write-publish") && wrote.contains("write-delete"),
        "{wrote:?}"
    );
    let after = run(&[]).ok().lines();
    let read = |lines| came(lines, "reads-to-the-end").to_owned();
    assert_eq!(read(&after), read(&before), "something of --write is left");
    for client in ["sentinel", "opencti", "misp", "xsoar", "splunk"] {
        let lines = run(&["--as", client]).ok().lines();
        assert_eq!(ended_as(&lines, "failed"), set(&[]), "{client}");
    }
    // A person reads the same, with the rule and the remedy.
    let told = place.run(&[
        "taxii", "check", &node.url, "--token", &token, "--as", "sentinel",
    ]);
    assert!(told.ok().out.contains("warning  sentinel-reaches"));
}
