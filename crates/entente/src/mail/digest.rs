//! What a digest says: from lists of facts to text and HTML. Pure; the same facts give the same octets.

use std::fmt::Write as _;

use askama::Template;

/// A morning briefing or a weekly digest, before it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    /// The pledge's short name.
    pub(crate) pledge: String,
    /// Whether it comes once a week.
    pub(crate) weekly: bool,
    /// The day it is of, where the subscriber is: `28 November 2026`.
    pub(crate) day: String,
    /// On whose behalf it is written: the name of a party; none for what is public.
    pub(crate) party: Option<String>,
    /// Sections without lines are left out before.
    pub(crate) sections: Vec<Section>,
    /// The node's home page.
    pub(crate) home: String,
    /// Where the subscription is seen and ended.
    pub(crate) manage: String,
}

/// One topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// The page where all of it is.
    pub(crate) url: String,
    pub(crate) lines: Vec<Line>,
    /// How many are left out.
    pub(crate) more: usize,
    /// Whether even more than these may be there.
    pub(crate) at_least: bool,
}

/// One piece of news.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// What happened, on one line.
    pub(crate) title: String,
    /// More of it; may be empty.
    pub(crate) detail: String,
    /// The page about it; may be empty.
    pub(crate) url: String,
    /// Its receipt; may be empty.
    pub(crate) receipt: String,
    /// Whether something is late.
    pub(crate) late: bool,
}

/// A message's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Composed {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

#[derive(Template)]
#[template(path = "mail_digest.html")]
struct Page<'a> {
    digest: &'a Digest,
    subject: &'a str,
}

impl Digest {
    /// Whether there is nothing to tell: then nothing is sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.sections.iter().all(|section| section.count() == 0)
    }

    /// The content of the message.
    pub(crate) fn compose(&self) -> Composed {
        let subject = self.subject();
        let html = Page {
            digest: self,
            subject: &subject,
        };
        Composed {
            text: self.text(&subject),
            // Rendering fails only when memory does; then the text stands alone.
            html: html.render().unwrap_or_default(),
            subject,
        }
    }

    fn subject(&self) -> String {
        let parts = self.sections.iter().filter(|section| section.count() > 0);
        let counts: Vec<String> = parts
            .take(3)
            .map(|section| {
                let plus = if section.at_least { "+" } else { "" };
                format!("{} {}{plus}", section.title.to_lowercase(), section.count())
            })
            .collect();
        format!("{} {}: {}", self.pledge, self.name(), counts.join(", "))
    }

    /// `morning briefing` or `weekly digest`.
    pub(crate) fn name(&self) -> &'static str {
        if self.weekly {
            "weekly digest"
        } else {
            "morning briefing"
        }
    }

    /// Whom it is for, in words.
    pub(crate) fn sees(&self) -> String {
        match &self.party {
            Some(party) => format!("What {party} may see."),
            None => "What anybody may see.".into(),
        }
    }

    fn text(&self, subject: &str) -> String {
        // Writing to a text does not fail.
        let mut text = format!("{subject}\n{}. {}\n", self.day, self.sees());
        for section in self.sections.iter().filter(|section| section.count() > 0) {
            let title = section.title.to_uppercase();
            _ = writeln!(text, "\n{title}\n{}", section.url);
            for line in &section.lines {
                let late = if line.late { "LATE: " } else { "" };
                _ = writeln!(text, "\n- {late}{}", line.title);
                for words in line.detail.lines().filter(|words| !words.trim().is_empty()) {
                    _ = writeln!(text, "  {}", words.trim());
                }
                for url in [&line.url, &line.receipt] {
                    if !url.is_empty() {
                        _ = writeln!(text, "  {url}");
                    }
                }
            }
            if section.more > 0 {
                _ = writeln!(text, "\n{}", section.rest());
            }
        }
        let Digest { home, manage, .. } = self;
        // RFC 3676 §4.3: what follows is a signature.
        text + &format!(
            "\n-- \n{} on Entente: {home}\nChange or end this mail: {manage}\n",
            self.pledge
        )
    }
}

impl Section {
    /// How much there is.
    pub(crate) fn count(&self) -> usize {
        self.lines.len() + self.more
    }

    /// `and 12 more`.
    pub(crate) fn rest(&self) -> String {
        let least = if self.at_least { "at least " } else { "" };
        format!("and {least}{} more", self.more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> Digest {
        let line = |title: &str| Line {
            title: title.into(),
            ..Line::default()
        };
        Digest {
            pledge: "Paris Call".into(),
            day: "28 November 2026".into(),
            sections: vec![
                Section {
                    title: "Parties and stances".into(),
                    url: "https://node.example/register".into(),
                    lines: vec![Line {
                        detail: "Since 2026-11-27; announced".into(),
                        url: "https://node.example/party/ruritania".into(),
                        receipt: "https://node.example/log/receipt/17".into(),
                        ..line("Ruritania: Signed, was In talks")
                    }],
                    ..Section::default()
                },
                Section {
                    title: "Signals".into(),
                    url: "https://node.example/collections".into(),
                    lines: vec![line("<script>alert(1)</script> & more")],
                    more: 11,
                    at_least: true,
                },
                Section {
                    title: "Requests".into(),
                    ..Section::default()
                },
            ],
            home: "https://node.example".into(),
            manage: "https://node.example/mail/subscription/x".into(),
            ..Digest::default()
        }
    }

    #[test]
    fn a_briefing_in_plain_text() {
        let composed = digest().compose();
        assert_eq!(
            composed.subject,
            "Paris Call morning briefing: parties and stances 1, signals 12+"
        );
        assert_eq!(
            composed.text,
            "\
Paris Call morning briefing: parties and stances 1, signals 12+
28 November 2026. What anybody may see.

PARTIES AND STANCES
https://node.example/register

- Ruritania: Signed, was In talks
  Since 2026-11-27; announced
  https://node.example/party/ruritania
  https://node.example/log/receipt/17

SIGNALS
https://node.example/collections

- <script>alert(1)</script> & more

and at least 11 more

-- 
Paris Call on Entente: https://node.example
Change or end this mail: https://node.example/mail/subscription/x
"
        );
    }

    #[test]
    fn the_html_holds_no_markup_of_others_and_loads_nothing() {
        let html = digest().compose().html;
        assert!(
            html.contains("&#60;script&#62;alert(1)&#60;/script&#62; &#38; more"),
            "{html}"
        );
        for wrong in ["<script", "<img", "src=", "url(", "@import", "<link"] {
            assert!(!html.contains(wrong), "{wrong}");
        }
        assert!(html.contains("Ruritania: Signed, was In talks"));
        assert!(
            !html.contains("Requests"),
            "a section without lines is left out"
        );
    }

    #[test]
    fn nothing_new_is_no_message() {
        assert!(!digest().is_empty());
        let mut empty = digest();
        empty.sections.iter_mut().for_each(|section| {
            section.lines.clear();
            section.more = 0;
        });
        assert!(empty.is_empty());
    }
}
