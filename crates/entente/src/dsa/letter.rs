//! The statement of reasons for whom a decision affects (Digital Services Act, Article 17(3)).

use std::fmt::Write as _;

use super::statement::Statement;
use super::words;
use crate::case::CaseFile;
use crate::xarf::plain;

/// A statement as text in Markdown; `link` is where it can be contested.
pub(crate) fn letter(statement: &Statement, file: &CaseFile, link: Option<&str>) -> String {
    let mut text = String::new();
    // Writing to a text does not fail.
    let mut line = |words: &str| {
        let _ = writeln!(text, "{words}");
    };
    let case = &file.case;
    line("# Statement of reasons");
    line("");
    line(&format!(
        "{} took the following decision on {} (case {}).",
        plain(&file.to),
        statement.application_date,
        case.request.id
    ));
    line("");
    line("## What was decided");
    line("");
    for words in decisions(statement) {
        line(&format!("- {words}"));
    }
    if let Some(until) = until(statement) {
        line(&format!("- It ends on {until}."));
    } else {
        line("- It has no end date.");
    }
    line(&territory(statement));
    line("");
    line("It concerns:");
    line("");
    for target in &case.request.targets {
        line(&format!("- `{}`", plain(target).replace('`', "%60")));
    }
    line("");
    line("## Facts and circumstances");
    line("");
    line(&quoted(&statement.decision_facts));
    line("");
    line(source(statement));
    if let Some(identity) = &statement.source_identity {
        line(&format!("The notice came from {}.", plain(identity)));
    }
    line("");
    line("## Automated means");
    line("");
    line(if statement.automated_detection == "Yes" {
        "The content was found by automated means."
    } else {
        "The content was not found by automated means."
    });
    line(
        match words::said(words::AUTOMATED, &statement.automated_decision) {
            "fully" => "The decision was taken by automated means alone.",
            "partly" => "The decision was taken partly by automated means.",
            _ => "The decision was taken by people.",
        },
    );
    line("");
    line("## Ground");
    line("");
    ground(statement, &mut line);
    line("");
    line("## What you can do");
    line("");
    if let Some(link) = link {
        let until = case
            .link
            .as_ref()
            .map(|link| link.expires.day().to_string());
        let until = until.map_or(String::new(), |day| format!(", until {day}"));
        line(&format!(
            "- You can contest the decision free of charge{until}: <{}>. Somebody who had no part in \
             it will look at it (Article 20).",
            plain(link)
        ));
    }
    line("- You can turn to a certified body for out-of-court dispute settlement (Article 21).");
    line("- You can go to court.");
    text
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

fn ground(statement: &Statement, line: &mut impl FnMut(&str)) {
    let text = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default());
    if statement.illegal_content_legal_ground.is_some() {
        line(&format!(
            "The content is considered illegal under: {}",
            text(&statement.illegal_content_legal_ground)
        ));
        line("");
        line(&text(&statement.illegal_content_explanation));
    } else {
        line(&format!(
            "The content is considered incompatible with our terms: {}",
            text(&statement.incompatible_content_ground)
        ));
        line("");
        line(&text(&statement.incompatible_content_explanation));
    }
    if let Some(url) = &statement.decision_ground_reference_url {
        line("");
        line(&format!("It can be read at <{}>.", plain(url)));
    }
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
