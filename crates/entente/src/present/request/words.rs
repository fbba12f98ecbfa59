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
    let dots = |rest: &str| {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        format!("{}{path}", host.replace("[.]", ".").replace('.', "[.]"))
    };
    for (scheme, shown) in [("https://", "hxxps://"), ("http://", "hxxp://")] {
        // What was told so already stays so.
        for scheme in [scheme, shown] {
            let (head, rest) = target.split_at_checked(scheme.len()).unwrap_or_default();
            if head.eq_ignore_ascii_case(scheme) {
                return format!("{shown}{}", dots(rest));
            }
        }
    }
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme =
        scheme.is_some_and(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric()));
    if is_scheme {
        return target.replacen(':', "[:]", 1);
    }
    dots(target)
}

/// A text of one line in which nobody follows an address by mistake: those with a scheme or `www.` are
/// told as [`defanged`] does, and so is a text that is nothing but one address.
pub(crate) fn unlinked(text: &str) -> String {
    let is_one = !text.contains(char::is_whitespace) && !text.contains("://");
    let word = |word: &str| match word.split_once("://") {
        Some((before, _)) => {
            let scheme = before.bytes().rev();
            let scheme = scheme.take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
            let at = before.len() - scheme.count();
            let (head, address) = word.split_at_checked(at).unwrap_or(("", word));
            format!("{head}{}", defanged(address))
        }
        None if is_one && word.contains('.') || word.to_ascii_lowercase().contains("www.") => {
            defanged(word)
        }
        None => word.to_owned(),
    };
    let ends = |c: char| c.is_whitespace() || ",;|<>()\"'".contains(c);
    text.split_inclusive(ends).map(word).collect()
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
    fn nobody_follows_an_address_in_a_title_by_mistake() {
        for (title, shown) in [
            (
                "Phishing: https://login.bank.test/a.html now",
                "Phishing: hxxps://login[.]bank[.]test/a.html now",
            ),
            ("see (HTTP://a.test).", "see (hxxp://a[.]test)."),
            ("at ftp://a.test/x", "at ftp[:]//a.test/x"),
            ("on www.bank.test today", "on www[.]bank[.]test today"),
            ("login.bank.test", "login[.]bank[.]test"),
            (
                "http://a.test,http://b.test\nx",
                "hxxp://a[.]test,hxxp://b[.]test\nx",
            ),
            (
                "Incitement on page 7. Twice.",
                "Incitement on page 7. Twice.",
            ),
            ("://", "://"),
            ("", ""),
        ] {
            assert_eq!(unlinked(title), shown);
            assert_eq!(unlinked(shown), shown, "told once");
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
