//! The statement of reasons for whom a decision affects (Digital Services Act, Article 17(3)).

use super::statement::Statement;
use super::words;
use crate::case::CaseFile;
use crate::xarf::plain;

/// A statement as text in Markdown; `link` is where it can be contested.
pub(crate) fn letter(statement: &Statement, file: &CaseFile, link: Option<&str>) -> String {
    let mut lines = vec![
        "# Statement of reasons".to_owned(),
        String::new(),
        format!(
            "{} took the following decision on {} (case {}).",
            quoted(&file.to),
            statement.application_date,
            file.case.request.id
        ),
    ];
    let mut section = |title: &str, words: Vec<String>| {
        lines.extend([String::new(), format!("## {title}"), String::new()]);
        lines.extend(words);
    };
    section("What was decided", decided(statement, file));
    section("Facts and circumstances", facts(statement));
    section("Automated means", automated(statement));
    section("Ground", ground(statement));
    section("What you can do", redress(file, link));
    lines.join("\n") + "\n"
}

fn decided(statement: &Statement, file: &CaseFile) -> Vec<String> {
    let told = decisions(statement);
    let mut lines: Vec<String> = told.into_iter().map(|words| format!("- {words}")).collect();
    lines.push(match until(statement) {
        Some(until) => format!("- It ends on {until}."),
        None => "- It has no end date.".into(),
    });
    lines.push(territory(statement));
    lines.extend([String::new(), "It concerns:".into(), String::new()]);
    let targets = file.case.request.targets.iter();
    lines.extend(targets.map(|target| format!("- `{}`", plain(target).replace('`', "%60"))));
    lines
}

fn facts(statement: &Statement) -> Vec<String> {
    let mut lines = vec![
        quoted(&statement.decision_facts),
        String::new(),
        source(statement).to_owned(),
    ];
    let named = statement.source_identity.iter();
    lines.extend(named.map(|party| format!("The notice came from {}.", quoted(party))));
    lines
}

fn automated(statement: &Statement) -> Vec<String> {
    let found = if statement.automated_detection == "Yes" {
        "The content was found by automated means."
    } else {
        "The content was not found by automated means."
    };
    let decided = match words::said(words::AUTOMATED, &statement.automated_decision) {
        "fully" => "The decision was taken by automated means alone.",
        "partly" => "The decision was taken partly by automated means.",
        _ => "The decision was taken by people.",
    };
    vec![found.into(), decided.into()]
}

fn redress(file: &CaseFile, link: Option<&str>) -> Vec<String> {
    let until = file.case.link.as_ref();
    let until = until.map_or(String::new(), |link| {
        format!(", until {}", link.expires.day())
    });
    let contest = link.map(|link| {
        format!(
            "- You can contest the decision free of charge{until}: <{}>. Somebody who had no part in \
             it will look at it (Article 20).",
            plain(link)
        )
    });
    let mut lines: Vec<String> = contest.into_iter().collect();
    lines.push(
        "- You can turn to a certified body for out-of-court dispute settlement (Article 21)."
            .into(),
    );
    lines.push("- You can go to court.".into());
    lines
}

fn decisions(statement: &Statement) -> Vec<String> {
    let mut told = Vec::new();
    for word in &statement.decision_visibility {
        told.push(match words::said(words::VISIBILITY, word) {
            "removed" => "The content was removed.".to_owned(),
            "disabled" => "Access to the content was disabled.".to_owned(),
            "demoted" => "The content is shown less.".to_owned(),
            "age-restricted" => "The content is shown to adults alone.".to_owned(),
            "interaction-restricted" => "Interaction with the content is restricted.".to_owned(),
            "labelled" => "The content was labelled.".to_owned(),
            _ => quoted(
                statement
                    .decision_visibility_other
                    .as_deref()
                    .unwrap_or_default(),
            ),
        });
    }
    if let Some(word) = &statement.decision_monetary {
        told.push(match words::said(words::MONETARY, word) {
            "suspended" => "Payments were suspended.".to_owned(),
            "terminated" => "Payments were ended.".to_owned(),
            _ => quoted(
                statement
                    .decision_monetary_other
                    .as_deref()
                    .unwrap_or_default(),
            ),
        });
    }
    if let Some(word) = &statement.decision_provision {
        let words = match words::said(words::PROVISION, word) {
            "partly-suspended" => "The service was suspended in part.",
            "suspended" => "The service was suspended.",
            "partly-terminated" => "The service was ended in part.",
            _ => "The service was ended.",
        };
        told.push(words.to_owned());
    }
    if let Some(word) = &statement.decision_account {
        let words = match words::said(words::ACCOUNT, word) {
            "suspended" => "The account was suspended.",
            _ => "The account was closed.",
        };
        told.push(words.to_owned());
    }
    told
}

fn until(statement: &Statement) -> Option<&String> {
    let ends = [
        &statement.end_date_visibility_restriction,
        &statement.end_date_monetary_restriction,
        &statement.end_date_service_restriction,
        &statement.end_date_account_restriction,
    ];
    ends.into_iter().flatten().next()
}

fn territory(statement: &Statement) -> String {
    match statement.territorial_scope.as_slice() {
        [] => "- It applies everywhere.".to_owned(),
        all if all.len() == words::EEA.len() => {
            "- It applies in the European Economic Area.".into()
        }
        some => format!("- It applies in: {}.", some.join(", ")),
    }
}

fn source(statement: &Statement) -> &'static str {
    match words::said(words::SOURCE, &statement.source_type) {
        "notice" => "The decision follows a notice (Article 16).",
        "trusted-flagger" => "The decision follows a notice by a trusted flagger (Article 22).",
        "own-initiative" => "The decision was taken on our own initiative.",
        _ => "The decision follows a notification.",
    }
}

fn ground(statement: &Statement) -> Vec<String> {
    let text = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default());
    let (head, explained) = if statement.illegal_content_legal_ground.is_some() {
        let ground = text(&statement.illegal_content_legal_ground);
        let head = format!("The content is considered illegal under: {ground}");
        (head, text(&statement.illegal_content_explanation))
    } else {
        let ground = text(&statement.incompatible_content_ground);
        let head = format!("The content is considered incompatible with our terms: {ground}");
        (head, text(&statement.incompatible_content_explanation))
    };
    let mut lines = vec![head, String::new(), explained];
    if let Some(url) = &statement.decision_ground_reference_url {
        lines.extend([
            String::new(),
            format!("It can be read at <{}>.", plain(url)),
        ]);
    }
    lines
}

/// Words that somebody wrote: no marks of theirs make headings, links or pictures.
fn quoted(words: &str) -> String {
    let mut safe = String::with_capacity(words.len());
    for line in words.lines() {
        if !safe.is_empty() {
            safe.push('\n');
        }
        for c in plain(line).chars() {
            if "\\`*_[]<>#!|".contains(c) {
                safe.push('\\');
            }
            safe.push(c);
        }
    }
    safe
}
