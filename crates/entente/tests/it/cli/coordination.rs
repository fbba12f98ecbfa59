//! `detect coordination`: who shares the same things within seconds, from the forms that exports
//! have; reports, networks and STIX; the counts of other programs.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;

use detect::sample::{Recipe, Sample};

use super::{Place, each, testdata};

fn sample() -> Sample {
    let recipe = Recipe {
        seed: 3,
        rows: 20_000,
    };
    recipe.draw()
}

/// The generated posts as CSV.
fn csv(sample: &Sample) -> String {
    let mut text = String::from("object_id,account_id,content_id,timestamp_share\n");
    for (number, share) in sample.shares.iter().enumerate() {
        let (object, account, time) = (share.object, share.account, share.time);
        let (seconds, millis) = (time / 1000, time % 1000);
        let _ = writeln!(
            text,
            "https://news.example/{object},u{account},c{number},{seconds}.{millis:03}"
        );
    }
    text
}

/// The same as NDJSON with texts, and times in milliseconds.
fn ndjson(sample: &Sample) -> String {
    let rows = sample.shares.iter().map(|share| {
        let text = format!("read https://news.example/{} #Vote", share.object);
        let author = serde_json::json!({"id": format!("u{}", share.account)});
        let row = serde_json::json!({"author": author, "created_at": share.time, "text": text});
        format!("{row}\n")
    });
    rows.collect()
}

const RUN: [&str; 3] = ["detect", "coordination", "posts.csv"];

#[test]
fn planted_groups_are_printed_reported_and_written_as_networks() {
    let sample = sample();
    let place = Place::bare();
    place.write("posts.csv", csv(&sample).as_bytes());
    let asked = [
        &RUN[..],
        &["--json", "--report", "r.html", "--graphml", "g.graphml"],
    ]
    .concat();
    let ended = place.run(&asked).ok().says("posts; ");
    let groups = ended.lines();
    assert!(!groups.is_empty());
    let planted: BTreeSet<String> = sample
        .groups
        .iter()
        .flatten()
        .map(|account| format!("u{account}"))
        .collect();
    let found: Vec<&str> = groups
        .iter()
        .flat_map(|group| group["accounts"].as_array().unwrap())
        .map(|account| account.as_str().unwrap())
        .collect();
    let right = found
        .iter()
        .filter(|account| planted.contains(**account))
        .count();
    assert!(right * 10 >= found.len() * 9, "{right} of {found:?}");
    let pair = &groups[0]["pairs"][0];
    for member in [
        "shared",
        "both",
        "met",
        "hours",
        "by_chance",
        "by_taste",
        "p_chance",
        "q",
    ] {
        assert!(pair[member].is_number(), "{member}: {pair}");
    }
    let report = std::fs::read_to_string(place.path("r.html")).unwrap();
    for part in ["<svg", "How unlikely", "https://news.example/", found[0]] {
        assert!(report.contains(part), "the report has no {part}");
    }
    assert!(!report.contains("<script") && !report.to_lowercase().contains("inauthentic"));
    let network = std::fs::read_to_string(place.path("g.graphml")).unwrap();
    assert_eq!(network.matches("<node ").count(), found.len());
    let text = place.run(&RUN).ok().out;
    assert!(text.contains("strongest pair"), "{text}");
    place
        .run(&[&RUN[..], &["--fail-on-match"]].concat())
        .code(1);
}

#[test]
fn any_form_of_the_same_posts_says_the_same() {
    let sample = sample();
    let place = Place::bare();
    place.write("posts.csv", csv(&sample).as_bytes());
    let expected = place
        .run(&[&RUN[..], &["--layer", "url", "--json"]].concat())
        .ok()
        .lines();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(ndjson(&sample).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let asked = ["detect", "coordination", "-", "--layer", "url", "--json"];
    let others = place.run_with_input(&asked, &packed).ok().lines();
    assert_eq!(each(&others, "first"), each(&expected, "first"));
    let accounts = |groups: &[serde_json::Value]| -> Vec<serde_json::Value> {
        groups
            .iter()
            .map(|group| group["accounts"].clone())
            .collect()
    };
    assert_eq!(accounts(&others), accounts(&expected));
    let renamed = csv(&sample).replace(
        "object_id,account_id,content_id,timestamp_share",
        "What;Who;Id;When",
    );
    place.write("posts.tsv", renamed.replace(',', ";").as_bytes());
    let columns = "object=What,account=Who,content=Id,time=When";
    let asked = [
        "detect",
        "coordination",
        "posts.tsv",
        "--columns",
        columns,
        "--layer",
        "url",
        "--json",
    ];
    assert_eq!(place.run(&asked).ok().lines(), expected);
}

#[test]
fn findings_become_stix_with_hashed_names_and_are_published() {
    let place = Place::new();
    place.write("posts.csv", csv(&sample()).as_bytes());
    let asked = [
        &RUN[..],
        &[
            "--stix",
            "out.json",
            "--layer",
            "url",
            "--platform",
            "example",
        ],
    ]
    .concat();
    place.run(&asked).ok();
    let first = std::fs::read_to_string(place.path("out.json")).unwrap();
    assert!(first.contains("\"campaign\"") && first.contains("T0049.003"));
    assert!(!first.contains("\"u1"), "a name is in it");
    place.run(&["stix", "check", "out.json"]).ok();
    place.d("collection create library").ok();
    let publish = [&RUN[..], &["--layer", "url", "--publish", "library"]].concat();
    place.on_d(&publish).ok().says("to be shared");
    let again = place.on_d(&publish).ok();
    assert!(again.err.contains("to be shared"), "{}", again.err);
    let published = place.d("export --collection library").ok();
    assert!(
        published.out.contains("suspicious-activity"),
        "{}",
        published.out
    );
}

#[test]
fn rows_that_are_no_posts_are_told_and_left_out() {
    let place = Place::bare();
    place.write(
        "posts.csv",
        b"object_id,account_id,timestamp_share\na,u1,soon\na,,5\na,u1,5\n\na\n\xff,\xfe,7\n",
    );
    let ended = place
        .run(&RUN)
        .ok()
        .says("posts.csv:2: left out: 'soon' is no time");
    let ended = ended
        .says("posts.csv:3: left out: it names no account")
        .says("3 rows left out");
    assert!(ended.err.contains("0 groups"), "{}", ended.err);
    place.write("posts.csv", b"words\nx\n");
    place.run(&RUN).code(3).says("--columns account=HEADER");
    place.write("posts.csv", b"");
    place.run(&RUN).ok();
    place.write(
        "posts.csv",
        b"{\"user\":{\"id\":1},\"created_at\":1,\"text\":\"#a\"}\nnot json\n[]\n",
    );
    place.run(&RUN).ok().says("2 rows left out");
}

#[test]
fn a_wrong_command_line_is_told() {
    let place = Place::bare();
    place.write(
        "posts.csv",
        b"object_id,account_id,timestamp_share\na,u1,5\n",
    );
    for (extra, words) in [
        (["--window", "10,10"], "different windows"),
        (["--window", "-1"], "between 0 seconds"),
        (["--fdr", "0"], "rate of false discoveries"),
        (["--layer", "text,url"], "the layer text"),
        (["--columns", "colour=x"], "is no field"),
        (["--columns", "account=nobody"], "no column 'nobody'"),
    ] {
        let flag = format!("{}={}", extra[0], extra[1]);
        place
            .run(&[&RUN[..], &[&flag]].concat())
            .code(2)
            .says(words);
    }
    let twice = [&RUN[..], &["--mode", "toolkit", "--report", "x.html"]].concat();
    place.run(&twice).code(2).says("for --mode null");
}

#[test]
fn coortweet_and_the_toolkit_are_counted_alike() {
    let Some(folder) = testdata() else { return };
    let posts = folder.join("election/russian_coord_tweets.csv");
    let place = Place::bare();
    let run = |mode: &str, window: &str| {
        let posts = posts.to_str().unwrap();
        place
            .run(&[
                "detect",
                "coordination",
                posts,
                "--mode",
                mode,
                "--window",
                window,
                "--json",
            ])
            .ok()
    };
    let ended = run("coortweet", "10").says("447 pairs of posts, 525 accounts, 442 edges");
    assert_eq!(ended.lines().len(), 442);
    run("coortweet", "60").says("3,791 pairs of posts, 2,110 accounts, 3,721 edges");
    let edges = run("toolkit", "60").lines();
    // both directions of a pair; their weights may differ
    let ends: BTreeSet<(&str, &str)> = each(&edges, "from")
        .into_iter()
        .zip(each(&edges, "to"))
        .collect();
    assert!(ends.iter().all(|(from, to)| ends.contains(&(*to, *from))));
}
