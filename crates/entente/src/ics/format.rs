//! iCalendar (RFC 5545): what little of it dates need. Pure.

use jiff::civil::Date;
use node::clock::Instant;

/// Octets of a line, without its end (§3.1).
const LINE: usize = 75;

/// A calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calendar {
    /// What people call it.
    pub(crate) name: String,
    pub(crate) events: Vec<Event>,
}

/// When an event is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// At an instant.
    At(Instant),
    /// All day.
    Day(Date),
}

/// A date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The same as long as it is about the same date of the same thing.
    pub(crate) uid: String,
    /// When what it says was last changed.
    pub(crate) changed: Instant,
    /// Rises whenever it changes.
    pub(crate) sequence: u32,
    pub(crate) when: When,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) url: String,
    /// Whether it is off: done, or not wanted any more.
    pub(crate) cancelled: bool,
    /// Hours before it at which to be reminded.
    pub(crate) alarms: Vec<u32>,
}

impl Calendar {
    /// As it is sent: lines end in CRLF and none is longer than 75 octets.
    pub(crate) fn text(&self) -> String {
        let mut lines = Lines::default();
        lines.put("BEGIN:VCALENDAR");
        lines.put("VERSION:2.0");
        lines.put(concat!(
            "PRODID:-//Entente//entente ",
            env!("CARGO_PKG_VERSION"),
            "//EN"
        ));
        lines.put("CALSCALE:GREGORIAN");
        lines.put("METHOD:PUBLISH");
        // RFC 7986 §5.1 and §5.7, and the name that older programs read.
        lines.put(&format!("NAME:{}", escaped(&self.name)));
        lines.put(&format!("X-WR-CALNAME:{}", escaped(&self.name)));
        lines.put("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
        for event in &self.events {
            event.write(&mut lines);
        }
        lines.put("END:VCALENDAR");
        lines.0
    }
}

impl Event {
    fn write(&self, lines: &mut Lines) {
        lines.put("BEGIN:VEVENT");
        lines.put(&format!("UID:{}", escaped(&self.uid)));
        lines.put(&format!("DTSTAMP:{}", utc(self.changed)));
        lines.put(&format!("LAST-MODIFIED:{}", utc(self.changed)));
        lines.put(&format!("SEQUENCE:{}", self.sequence));
        match self.when {
            When::At(at) => {
                lines.put(&format!("DTSTART:{}", utc(at)));
                lines.put("DURATION:PT15M");
            }
            When::Day(day) => lines.put(&format!(
                "DTSTART;VALUE=DATE:{:04}{:02}{:02}",
                day.year(),
                day.month(),
                day.day()
            )),
        }
        lines.put(&format!("SUMMARY:{}", escaped(&self.summary)));
        if !self.description.is_empty() {
            lines.put(&format!("DESCRIPTION:{}", escaped(&self.description)));
        }
        // A URI has no characters that are escaped.
        lines.put(&format!("URL:{}", self.url));
        lines.put(if self.cancelled {
            "STATUS:CANCELLED"
        } else {
            "STATUS:CONFIRMED"
        });
        lines.put("TRANSP:TRANSPARENT");
        if !self.cancelled {
            for hours in &self.alarms {
                lines.put("BEGIN:VALARM");
                lines.put("ACTION:DISPLAY");
                lines.put(&format!("DESCRIPTION:{}", escaped(&self.summary)));
                lines.put(&format!("TRIGGER:-PT{hours}H"));
                lines.put("END:VALARM");
            }
        }
        lines.put("END:VEVENT");
    }
}

/// Lines of content, folded.
#[derive(Debug, Default)]
struct Lines(String);

impl Lines {
    fn put(&mut self, line: &str) {
        let mut room = LINE;
        for c in line.chars() {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE - 1;
            }
            room -= c.len_utf8();
            self.0.push(c);
        }
        self.0.push_str("\r\n");
    }
}

/// A time in UTC (§3.3.5, form 2).
fn utc(at: Instant) -> String {
    at.to_second_string().replace(['-', ':'], "")
}

/// Text (§3.3.11), without control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            uid: "request-1-answer@node.example".into(),
            changed: Instant(1_764_316_800_000_000),
            sequence: 2,
            when: When::At(Instant(1_764_403_200_000_000)),
            summary: "Answer: takedown, from \"Ruritania\"; soon".into(),
            description: String::new(),
            url: "https://node.example/requests/1".into(),
            cancelled: false,
            alarms: vec![24],
        }
    }

    #[test]
    fn a_calendar_reads_as_the_standard_says() {
        let calendar = Calendar {
            name: "Deadlines".into(),
            events: vec![event()],
        };
        let text = calendar.text().replace("\r\n", "\n");
        assert_eq!(
            text,
            concat!(
                "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Entente//entente ",
                env!("CARGO_PKG_VERSION"),
                "//EN\n\
CALSCALE:GREGORIAN\nMETHOD:PUBLISH\nNAME:Deadlines\nX-WR-CALNAME:Deadlines\n\
REFRESH-INTERVAL;VALUE=DURATION:PT1H\n\
BEGIN:VEVENT\nUID:request-1-answer@node.example\nDTSTAMP:20251128T080000Z\n\
LAST-MODIFIED:20251128T080000Z\nSEQUENCE:2\nDTSTART:20251129T080000Z\nDURATION:PT15M\n\
SUMMARY:Answer: takedown\\, from \"Ruritania\"\\; soon\n\
URL:https://node.example/requests/1\nSTATUS:CONFIRMED\nTRANSP:TRANSPARENT\n\
BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Answer: takedown\\, from \"Ruritania\"\\; soon\n\
TRIGGER:-PT24H\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
            )
        );
    }

    #[test]
    fn what_is_off_is_cancelled_and_reminds_of_nothing() {
        let mut off = event();
        (off.cancelled, off.sequence) = (true, 3);
        let calendar = Calendar {
            name: String::new(),
            events: vec![off],
        };
        let text = calendar.text();
        assert!(text.contains("STATUS:CANCELLED\r\n") && text.contains("SEQUENCE:3\r\n"));
        assert!(!text.contains("VALARM"));
    }

    #[test]
    fn long_lines_are_folded_between_characters_and_unfold_again() {
        let mut long = event();
        long.description = "é€😀\n, ".repeat(60);
        let calendar = Calendar {
            name: "x".repeat(200),
            events: vec![long.clone()],
        };
        let text = calendar.text();
        for line in text.split("\r\n") {
            assert!(line.len() <= LINE, "{line}");
        }
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        let unfolded = text.replace("\r\n ", "");
        let wanted = long.description.replace(',', "\\,").replace('\n', "\\n");
        assert!(unfolded.contains(&format!("DESCRIPTION:{wanted}\r\n")));
    }
}
