//! What a digest can be about.

use node::act::news::Topic;
use node::model::Harm;

/// One topic of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// What is recorded about this.
    News(Topic),
    /// Signals: of one collection, of all that may be read when absent.
    Signals(Option<String>),
    /// Signals about one harm.
    Harm(Harm),
    /// What waits for the member's party.
    Inbox,
    /// What others say of its signals.
    Feedback,
    /// What others withdrew that it had fetched.
    Withdrawals,
}

/// Topics of a subscription at most.
const MOST: usize = 20;

impl Wanted {
    /// Reads a topic.
    ///
    /// # Errors
    /// That there is none of this name.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = || {
            format!(
                "topic: '{text}' is none: use register, pledge, identity, requests, commitments, \
                 signals, signals:COLLECTION, harm:HARM; for members inbox, feedback, withdrawals"
            )
        };
        if let Some(name) = text.strip_prefix("signals:") {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let good = !name.is_empty() && name.len() <= 64 && name.chars().all(fits);
            return good
                .then(|| Wanted::Signals(Some(name.to_owned())))
                .ok_or_else(wrong);
        }
        if let Some(name) = text.strip_prefix("harm:") {
            let mut all = Harm::ALL.into_iter();
            return all
                .find(|harm| harm.as_str() == name)
                .map(Wanted::Harm)
                .ok_or_else(wrong);
        }
        match text {
            "signals" => Ok(Wanted::Signals(None)),
            "inbox" => Ok(Wanted::Inbox),
            "feedback" => Ok(Wanted::Feedback),
            "withdrawals" => Ok(Wanted::Withdrawals),
            _ => text.parse().map(Wanted::News).map_err(|_: String| wrong()),
        }
    }

    /// Reads several, in their order, each once.
    ///
    /// # Errors
    /// That there are none or too many, or what is wrong with one.
    pub(crate) fn parse_all<'t>(
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        for text in texts {
            let wanted = Wanted::parse(text)?;
            if !all.contains(&wanted) {
                all.push(wanted);
            }
        }
        if all.is_empty() || all.len() > MOST {
            return Err(format!("topics: name 1 to {MOST}"));
        }
        Ok(all)
    }

    /// As it is written.
    pub(crate) fn text(&self) -> String {
        match self {
            Wanted::News(topic) => topic.to_string(),
            Wanted::Signals(None) => "signals".into(),
            Wanted::Signals(Some(name)) => format!("signals:{name}"),
            Wanted::Harm(harm) => format!("harm:{}", harm.as_str()),
            Wanted::Inbox => "inbox".into(),
            Wanted::Feedback => "feedback".into(),
            Wanted::Withdrawals => "withdrawals".into(),
        }
    }

    /// As people read it.
    pub(crate) fn label(&self) -> String {
        match self {
            Wanted::News(topic) => topic.label().into(),
            Wanted::Signals(None) => "Signals".into(),
            Wanted::Signals(Some(name)) => format!("Signals in {name}"),
            Wanted::Harm(harm) => format!("Signals about {}", harm.as_str().replace('-', " ")),
            Wanted::Inbox => "What waits for you".into(),
            Wanted::Feedback => "Feedback on your signals".into(),
            Wanted::Withdrawals => "Withdrawn by others".into(),
        }
    }

    /// Whether it is for members alone.
    pub(crate) fn is_for_members(&self) -> bool {
        matches!(self, Wanted::Inbox | Wanted::Feedback | Wanted::Withdrawals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_as_they_are_written() {
        for text in [
            "register",
            "pledge",
            "identity",
            "requests",
            "commitments",
            "signals",
            "signals:library",
            "harm:hate-speech",
            "inbox",
            "feedback",
            "withdrawals",
        ] {
            assert_eq!(Wanted::parse(text).unwrap().text(), text);
        }
        for wrong in ["", "news", "signals:", "signals:a b", "harm:none", "harm:"] {
            assert!(Wanted::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            Wanted::parse_all(["inbox", "inbox"]).unwrap(),
            [Wanted::Inbox]
        );
        assert!(Wanted::parse_all([]).is_err());
    }
}
