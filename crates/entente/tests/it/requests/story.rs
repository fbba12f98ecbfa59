//! The story of a takedown across three members on the command line, word for word: A asks B, C helps,
//! B does it, the affected contests, another account of B reverses, B restores.

use std::fmt::Write as _;

use super::members;
use crate::cli::Place;
use crate::cli::serving::Serving;
use crate::pages::ask;

/// The commands of a story and what they said, with ids, times and entries made the same in every run.
struct Story {
    place: Place,
    url: String,
    told: String,
    names: Vec<(String, &'static str)>,
}

impl Story {
    /// Runs `entente …` as who holds a token.
    fn run(&mut self, who: &str, token: &str, line: &[&str]) -> String {
        let mut command = self.place.command(line);
        command.env("ENTENTE_SERVER", &self.url);
        if !token.is_empty() {
            command.env("ENTENTE_TOKEN", token);
        }
        let ended = crate::cli::Ended::from(command.output().unwrap());
        let shown: Vec<String> = line
            .iter()
            .map(|word| {
                if word.contains(' ') {
                    format!("'{word}'")
                } else {
                    (*word).to_owned()
                }
            })
            .collect();
        write!(self.told, "\n{who}$ entente {}\n", shown.join(" ")).unwrap();
        for text in [&ended.out, &ended.err] {
            self.told.push_str(text);
        }
        if ended.code != 0 {
            writeln!(self.told, "[exit {}]", ended.code).unwrap();
        }
        ended.out.trim().to_owned()
    }

    fn name(&mut self, text: &str, name: &'static str) {
        self.names.push((text.to_owned(), name));
    }

    /// What was told, with what differs from run to run replaced.
    fn telling(&self) -> String {
        let mut told = self.told.clone();
        for (text, name) in &self.names {
            told = told.replace(text.as_str(), name);
        }
        told = told.replace(&self.url, "https://node.example");
        let mut out = String::new();
        for line in told.lines() {
            out.push_str(&without_times(line));
            out.push('\n');
        }
        out
    }
}

/// A line with its times and what is left of them replaced: `2026-11-24 02:19 UTC`, `(13 days 23 hours left)`.
fn without_times(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(" UTC") {
        let start = at.saturating_sub(16);
        let is_time = rest.get(start..at).is_some_and(|time| {
            time.starts_with("20") && time.get(10..11) == Some(" ") && time.get(13..14) == Some(":")
        });
        if is_time {
            text.push_str(&rest[..start]);
            text.push_str("<time>");
        } else {
            text.push_str(&rest[..at]);
            text.push_str(" UTC");
        }
        rest = &rest[at + 4..];
    }
    text.push_str(rest);
    if let (Some(from), Some(to)) = (text.find(" ("), text.find(" left)"))
        && from < to
    {
        text.replace_range(from + 2..to, "<time>");
    }
    text
}

#[expect(clippy::too_many_lines, reason = "a story, told in one go")]
#[test]
fn a_takedown_across_three_members_with_a_contest_that_wins() {
    let place = Place::small();
    let [alpha, beta, second, gamma] = members(&place);
    place.write(
        "letter.txt",
        "On page 7 people are called upon to burn down a house.\nPlease remove it.\n".as_bytes(),
    );
    let node = Serving::start(&place);
    let url = node.url.clone();
    let (told, names) = (String::new(), Vec::new());
    let mut story = Story {
        place,
        url,
        told,
        names,
    };
    let it = &mut story;
    it.run(
        "alpha",
        &alpha,
        &[
            "request",
            "send",
            "--to",
            "beta",
            "--kind",
            "takedown",
            "--title",
            "Incitement on page 7",
            "--words",
            "@letter.txt",
        ],
    );
    let id = it.run(
        "alpha",
        &alpha,
        &[
            "request",
            "send",
            "--to",
            "Béta Org",
            "--kind",
            "takedown",
            "--category",
            "hate-speech",
            "--title",
            "Incitement on page 7",
            "--words",
            "@letter.txt",
            "--target",
            "https://example.org/7",
            "--principle",
            "1",
            "--ground-law",
            "Penal Code, section 130",
            "--why",
            "It calls for violence.",
            "--contact",
            "Ana <ana@alpha.example>",
            "--good-faith",
            "--hours",
            "48",
            "--idempotency-key",
            "story-1",
        ],
    );
    it.name(&id, "ID");
    it.run("beta", &beta, &["request", "list", "--waiting"]);
    let ask_back = [
        "request",
        "ask",
        &id,
        "--words",
        "Which of the comments there?",
    ];
    it.run("beta", &beta, &ask_back);
    let assistance = it.run(
        "beta",
        &beta,
        &[
            "request",
            "send",
            "--to",
            "gamma",
            "--kind",
            "assistance",
            "--title",
            "Is this a quotation?",
            "--words",
            "We are asked to remove page 7 and cannot read its language.",
            "--follows",
            &id,
        ],
    );
    it.name(&assistance, "HELP");
    it.run(
        "gamma",
        &gamma,
        &[
            "request",
            "done",
            &assistance,
            "--words",
            "It quotes a speech.",
        ],
    );
    it.run("gamma", &gamma, &["request", "accept", &assistance]);
    it.run(
        "gamma",
        &gamma,
        &[
            "request",
            "done",
            &assistance,
            "--words",
            "We read it as a call, without much context.",
        ],
    );
    it.run(
        "alpha",
        &alpha,
        &["request", "answer", &id, "--words", "The first one."],
    );
    it.run(
        "beta",
        &beta,
        &["request", "accept", &id, "--words", "Today."],
    );
    it.run(
        "beta",
        &beta,
        &[
            "request",
            "done",
            &id,
            "--words",
            "The first comment is gone.",
        ],
    );
    let link = it.run("beta", &beta, &["request", "link", &id]);
    let token = link.rsplit('/').next().unwrap().to_owned();
    it.name(token.split_once('_').unwrap().1, "SECRET");
    let path = format!("/api/v1/contests/{token}");
    let headers = [("Content-Type", "application/json")];
    let said = ask(
        &node,
        "POST",
        &path,
        &headers,
        r#"{"words":"I quoted the speech to warn of it."}"#,
    );
    assert_eq!(said.status, 201, "{}", said.body);
    it.run(
        "beta",
        &beta,
        &["request", "reverse", &id, "--words", "We agree."],
    );
    it.run(
        "alpha",
        &alpha,
        &["request", "uphold", &id, "--words", "No."],
    );
    it.run(
        "beta/bea",
        &second,
        &[
            "request",
            "reverse",
            &id,
            "--words",
            "It is a quotation that warns.",
        ],
    );
    it.run(
        "beta",
        &beta,
        &["request", "restore", &id, "--words", "The comment is back."],
    );
    it.run("alpha", &alpha, &["request", "show", &id]);
    it.run("anybody", "", &["request", "show", &id]);
    it.run("anybody", "", &["request", "list"]);
    let shown = it
        .place
        .run(&["request", "show", &id, "--server", &node.url, "--json"])
        .ok()
        .json();
    let key = ask(&node, "GET", "/log/key", &[], "")
        .body
        .trim()
        .to_owned();
    let mut positions = vec![shown["position"].as_u64().unwrap()];
    positions.extend(
        shown["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["position"].as_u64().unwrap()),
    );
    assert_eq!(positions.len(), 9);
    for position in positions {
        let receipt = it
            .place
            .d(&format!("receipt --position {position}"))
            .ok()
            .out;
        it.place.write("receipt", receipt.as_bytes());
        let verified = it.place.run(&["verify", "receipt", "--key", &key]).ok();
        assert!(verified.out.contains("request"), "{}", verified.out);
    }
    told_before("story.txt", &story.telling());
}

/// Compares with the file of this name beside this one; `ENTENTE_BLESS=1` writes it anew.
fn told_before(name: &str, told: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/requests")
        .join(name);
    if std::env::var_os("ENTENTE_BLESS").is_some() {
        std::fs::write(&path, told).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    let at = wanted
        .lines()
        .zip(told.lines())
        .position(|(wanted, told)| wanted != told);
    let line = |text: &str| {
        at.and_then(|at| text.lines().nth(at))
            .unwrap_or("")
            .to_owned()
    };
    assert!(
        wanted == told,
        "line {at:?} is\n{}\nand was\n{}\nENTENTE_BLESS=1 takes it. All of it:\n{told}",
        line(told),
        line(&wanted)
    );
}
