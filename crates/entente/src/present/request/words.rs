//! Words about requests that the command line and the pages share.

/// A step as something that was done.
pub(crate) fn past(step: &str) -> &str {
    match step {
        "send" => "sent",
        "discard" => "thrown away",
        "acknowledge" => "acknowledged",
        "accept" => "accepted",
        "decline" => "declined",
        "ask" => "asked back",
        "answer" => "answered",
        "done" => "done",
        "link" => "link to contest made",
        "contest" => "contested",
        "uphold" => "upheld",
        "reverse" => "reversed",
        "restore" => "restored",
        "withdraw" => "withdrawn",
        "close" => "closed",
        "note" => "note added",
        "remind" => "reminded",
        "escalate" => "brought before the steward",
        "expire" => "expired without an answer",
        other => other,
    }
}

/// An address that nobody follows by mistake, as it may be harmful: `hxxps://example[.]org/7`. What is no
/// address stays as it is.
pub(crate) fn defanged(target: &str) -> String {
    let rest = |scheme: &str| {
        let head = target.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme)
            .then(|| target.get(scheme.len()..).unwrap_or(""))
    };
    let dots = |rest: &str| {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        format!("{}{path}", host.replace('.', "[.]"))
    };
    if let Some(found) = rest("https://") {
        return format!("hxxps://{}", dots(found));
    }
    if let Some(found) = rest("http://") {
        return format!("hxxp://{}", dots(found));
    }
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme =
        scheme.is_some_and(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric()));
    if is_scheme {
        return target.replacen(':', "[:]", 1);
    }
    dots(target)
}

/// How far away a date is: `13 days 4 hours left`, `2 hours late`.
pub(crate) fn left(seconds: i64) -> String {
    let span = seconds.unsigned_abs();
    let (days, hours, minutes) = (span / 86_400, span / 3600 % 24, span / 60 % 60);
    let part = |number: u64, one: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let parts = if days > 0 {
        [part(days, "day"), part(hours, "hour")]
    } else {
        [part(hours, "hour"), part(minutes, "minute")]
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let span = if parts.is_empty() {
        "less than a minute".to_owned()
    } else {
        parts.join(" ")
    };
    format!("{span} {}", if seconds < 0 { "late" } else { "left" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_follows_a_target_by_mistake() {
        for (target, shown) in [
            ("https://example.org/a.html", "hxxps://example[.]org/a.html"),
            ("HTTP://Example.org?x=1.2", "hxxp://Example[.]org?x=1.2"),
            ("example.org", "example[.]org"),
            ("javascript:alert(1)", "javascript[:]alert(1)"),
            ("account 17", "account 17"),
        ] {
            assert_eq!(defanged(target), shown);
        }
    }

    #[test]
    fn time_left_is_told_in_two_units_at_most() {
        assert_eq!(left(13 * 86_400 + 4 * 3600 + 59), "13 days 4 hours left");
        assert_eq!(left(86_400), "1 day left");
        assert_eq!(left(3 * 60), "3 minutes left");
        assert_eq!(left(-7200), "2 hours late");
        assert_eq!(left(59), "less than a minute left");
    }
}
