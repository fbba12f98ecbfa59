//! Requests as people read them on a terminal.

use std::io;

use crate::cli::Exit;
use crate::cli::output::{FAINT, Out, STRONG, plain, tell};
use crate::present::request::{Case, Evidence, Step, Stepped, left, unlinked};

/// `2026-11-24 02:19 UTC`
pub(super) fn minute(time: &str) -> String {
    format!("{} UTC", time.get(..16).unwrap_or(time).replace('T', " "))
}

/// A case as a row of a list.
pub(super) fn row(case: &Case) -> Vec<String> {
    let by = case
        .waits_for
        .as_ref()
        .and_then(|waits| waits.by.as_deref());
    let by = by.map(minute).unwrap_or_default();
    let late = if case.overdue { " (late)" } else { "" };
    vec![
        case.id.clone(),
        minute(case.sent.as_ref().unwrap_or(&case.opened)),
        format!("{}{late}", case.state),
        case.kind.clone(),
        case.from.name.clone(),
        case.to.name.clone(),
        by,
        case.title.as_deref().map(unlinked).unwrap_or_default(),
    ]
}

/// Text of several lines, each indented.
fn paragraph(out: &mut Out, indent: &str, text: &str) -> io::Result<()> {
    for line in text.lines() {
        let line = format!("{indent}{}", plain(line));
        out.line(line.trim_end())?;
    }
    Ok(())
}

/// A case with its timeline and what may be done next.
pub(super) fn whole(out: &mut Out, case: &Case, flags: &str) -> io::Result<()> {
    let title = case
        .title
        .as_deref()
        .unwrap_or("(what it says is not for you to see)");
    let title = out.paint(STRONG, &plain(&unlinked(title)));
    out.line(&title)?;
    let line = format!(
        "{}: {} asks {} for {} ({}), {}",
        case.id,
        plain(&case.from.name),
        plain(&case.to.name),
        case.kind,
        case.category,
        case.marking
    );
    out.line(&line)?;
    standing(out, case)?;
    facts(out, case)?;
    if let Some(words) = &case.words {
        out.line("")?;
        paragraph(out, "  ", words)?;
    }
    out.line("")?;
    out.line("What was done")?;
    let opened = match (
        &case.sent,
        case.steps.iter().any(|step| step.step == "send"),
    ) {
        (Some(_), false) => "sent",
        _ => "drafted",
    };
    let line = format!(
        "  {}  {opened} by {}",
        minute(&case.opened),
        plain(&case.from.name)
    );
    let entry = out.paint(FAINT, &format!("entry {}", case.position));
    out.line(&format!("{line}  {entry}"))?;
    for step in &case.steps {
        timeline(out, step)?;
    }
    if !case.open.is_empty() {
        out.line("")?;
        out.line("What you may do next")?;
        for open in &case.open {
            out.line(&format!("  {}", command(&case.id, &open.step, flags)))?;
        }
    }
    Ok(())
}

/// Where it stands and whose turn it is.
fn standing(out: &mut Out, case: &Case) -> io::Result<()> {
    let mut line = format!("State: {}", case.state);
    if case.outcome != "open" && case.outcome != case.state {
        line = format!("{line}, {}", case.outcome);
    }
    if let Some(waits) = &case.waits_for {
        line = format!("{line}; it waits for the {}", waits.role);
        if let (Some(by), Some(seconds)) = (&waits.by, waits.seconds_left) {
            line = format!("{line} until {} ({})", minute(by), left(seconds));
        }
    }
    out.line(&line)?;
    if case.overdue {
        out.line("Late: nobody did in time what was to be done")?;
    }
    if case.escalated.is_some() {
        out.line("Before the steward of the pledge")?;
    }
    Ok(())
}

fn facts(out: &mut Out, case: &Case) -> io::Result<()> {
    let mut fact = |name: &str, value: &str| out.line(&format!("  {name:<10} {}", plain(value)));
    if let Some(deadline) = &case.deadline {
        let zone = deadline.zone.as_deref();
        let zone = zone.map_or(String::new(), |zone| format!(", working hours of {zone}"));
        let words = format!(
            "{} ({}{zone})",
            minute(&deadline.answer_by),
            deadline.preset
        );
        let by = deadline.acknowledge_by.as_ref();
        if let Some(by) = by.filter(|_| case.acknowledged.is_none() && case.answered.is_none()) {
            fact("receipt by", &minute(by))?;
        }
        fact("answer by", &words)?;
    }
    if let Some(done_by) = &case.done_by {
        fact("done by", &minute(done_by))?;
    }
    for target in &case.targets {
        fact("target", &defanged(target))?;
    }
    for signal in &case.signals {
        fact("signal", signal)?;
    }
    if let Some(principle) = case.principle {
        fact("principle", &principle.to_string())?;
    }
    if let Some(ground) = &case.ground {
        fact("ground", &format!("{} ({})", ground.reference, ground.kind))?;
        fact("why", &ground.explanation)?;
    }
    if let Some(country) = &case.country {
        fact("country", country)?;
    }
    if let Some(contact) = &case.contact {
        fact("contact", &format!("{} <{}>", contact.name, contact.email))?;
    }
    if case.good_faith {
        fact("good faith", "stated")?;
    }
    for one in &case.evidence {
        fact("evidence", &evidence(one))?;
    }
    if let Some(reference) = &case.reference {
        fact("reference", reference)?;
    }
    if let Some(follows) = &case.follows {
        fact("follows", follows)?;
    }
    Ok(())
}

fn evidence(one: &Evidence) -> String {
    let digest = one.sha256.get(..12).unwrap_or(&one.sha256);
    format!(
        "{} ({}, {} octets, {digest}…)",
        one.name, one.media_type, one.bytes
    )
}

/// An address that nobody follows by mistake: it may be harmful.
pub(super) fn defanged(target: &str) -> String {
    crate::present::request::defanged(target)
}

/// A step as a line, with what it says under it.
fn timeline(out: &mut Out, step: &Step) -> io::Result<()> {
    let account = step.account.as_deref();
    let by = match step.role.as_str() {
        "clock" => "the date".to_owned(),
        "affected" => "whoever it affects".to_owned(),
        role => {
            let account = account.map_or(String::new(), |account| format!(" ({account})"));
            format!("{} as {role}{account}", step.by.name)
        }
    };
    let line = format!(
        "  {}  {} by {}",
        minute(&step.at),
        past(&step.step),
        plain(&by)
    );
    let entry = out.paint(FAINT, &format!("entry {}", step.position));
    out.line(&format!("{line}  {entry}"))?;
    let indent = "                          ";
    if let Some(words) = &step.words {
        paragraph(out, indent, words)?;
    }
    if let Some(deadline) = &step.deadline {
        paragraph(
            out,
            indent,
            &format!("answer by {}", minute(&deadline.answer_by)),
        )?;
    }
    if let Some(by) = &step.by_when {
        paragraph(out, indent, &format!("by {}", minute(by)))?;
    }
    if let Some(expires) = &step.expires {
        paragraph(out, indent, &format!("works until {}", minute(expires)))?;
    }
    if let Some(contact) = &step.contact {
        paragraph(
            out,
            indent,
            &format!("{} <{}>", contact.name, contact.email),
        )?;
    }
    for one in &step.evidence {
        paragraph(out, indent, &evidence(one))?;
    }
    Ok(())
}

/// A step as something that was done.
fn past(step: &str) -> &str {
    crate::present::request::past(step)
}

/// The command that takes a step.
fn command(id: &str, step: &str, flags: &str) -> String {
    let verb = if step == "send" { "send-draft" } else { step };
    let words = match step {
        "send" | "discard" | "link" | "acknowledge" | "accept" | "close" | "escalate" => "",
        _ => " --words TEXT",
    };
    let command = format!("entente request {verb} {id}{words} {flags}");
    command.trim_end().to_owned()
}

/// What a step led to: the state on stdout, what to do next for people.
pub(super) fn stepped(stepped: &Stepped, flags: &str, json: bool) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    let case = &stepped.request;
    let taken = case
        .steps
        .iter()
        .find(|step| step.position == stepped.position);
    let verb = taken.map_or("", |step| step.step.as_str());
    if json {
        out.json(stepped)?;
    } else if let Some(link) = &stepped.contest {
        out.line(link.url.as_ref().unwrap_or(&link.path))?;
    } else {
        out.line(&case.state)?;
    }
    out.flush()?;
    match (&stepped.contest, verb) {
        (Some(link), _) => {
            let until = case
                .contestable_until
                .as_deref()
                .map(minute)
                .unwrap_or_default();
            tell(&format!(
                "give this link to whoever it affects: it is shown once, and works until {until}"
            ));
            if link.url.is_none() {
                tell("it works once a node serves this directory, after the node's address");
            }
        }
        (None, "link") => tell(
            "this link was made before, and its secret is not known any more: make another with \
             a key of its own",
        ),
        _ => tell(&format!("{} is {}", case.id, case.state)),
    }
    let next = case.open.iter().map(|open| open.step.as_str());
    for step in next.filter(|step| !matches!(*step, "note" | "escalate") && *step != verb) {
        tell(&format!("next: {}", command(&case.id, step, flags)));
    }
    Ok(Exit::Done)
}
