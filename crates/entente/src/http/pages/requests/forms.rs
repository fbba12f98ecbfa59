//! What a step's form asks for.

/// What was typed into a form that was not taken, and why it was not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    pub(crate) step: String,
    pub(crate) words: String,
    pub(crate) done_by: String,
    pub(crate) problem: String,
}

/// A step's form.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) step: String,
    pub(crate) role: String,
    /// What is done.
    pub(crate) title: &'static str,
    /// What follows from it.
    pub(crate) explains: &'static str,
    /// What the words are, if there are any, and whether they are needed.
    pub(crate) words: Option<(&'static str, bool)>,
    /// Whether it has a date.
    pub(crate) has_date: bool,
    /// Whether files may be attached.
    pub(crate) takes_files: bool,
    /// What is confirmed before something ends.
    pub(crate) confirms: Option<&'static str>,
    /// What was typed and not taken.
    pub(crate) typed: Typed,
}

impl Form {
    /// The form of a step for who takes it in this role.
    pub(crate) fn new(step: &str, role: &str) -> Option<Self> {
        let (title, explains, words, confirms) = shape(step)?;
        Some(Form {
            step: step.to_owned(),
            role: role.to_owned(),
            title,
            explains,
            words,
            has_date: step == "accept",
            takes_files: matches!(step, "answer" | "done" | "note"),
            confirms,
            typed: Typed::default(),
        })
    }

    /// Whether it was sent and not taken.
    pub(crate) fn has_problem(&self) -> bool {
        !self.typed.problem.is_empty()
    }
}

type Shape = (
    &'static str,
    &'static str,
    Option<(&'static str, bool)>,
    Option<&'static str>,
);

/// The steps of parties.
const SHAPES: [(&str, Shape); 16] = [
    (
        "send",
        (
            "Send this draft",
            "The other party sees it, and its time to answer begins.",
            None,
            None,
        ),
    ),
    (
        "discard",
        (
            "Throw this draft away",
            "Nobody else has seen it, and nobody will.",
            None,
            Some("This draft is over for good."),
        ),
    ),
    (
        "acknowledge",
        (
            "Acknowledge",
            "Says that it was received and is being looked at. The deadline stays.",
            Some(("A word to the sender", false)),
            None,
        ),
    ),
    (
        "accept",
        (
            "Accept",
            "Says that it will be done.",
            Some(("A word to the sender", false)),
            None,
        ),
    ),
    (
        "decline",
        (
            "Decline",
            "Says that it will not be done. That is an answer, and counts as one.",
            Some(("Why it will not be done", true)),
            Some("We will not do what is asked."),
        ),
    ),
    (
        "ask",
        (
            "Ask back",
            "The deadline stands still until the sender answers.",
            Some(("What you need to know", true)),
            None,
        ),
    ),
    (
        "answer",
        (
            "Answer the question",
            "The deadline goes on.",
            Some(("Your answer", true)),
            None,
        ),
    ),
    (
        "done",
        (
            "Say that it is done",
            "Afterwards make a link and give it to whoever it affects, so that they can contest it.",
            Some(("What was done", true)),
            None,
        ),
    ),
    (
        "link",
        (
            "Make a link to contest",
            "For whoever it affects: with it they see what was asked and done, and can contest it without an account. It is shown once; an earlier one ends.",
            None,
            None,
        ),
    ),
    (
        "uphold",
        (
            "It stands",
            "You reviewed it, and what was done was right.",
            Some(("Why it stands; whoever contests it reads this", true)),
            Some("I reviewed it myself and did not decide on it before."),
        ),
    ),
    (
        "reverse",
        (
            "It does not stand",
            "You reviewed it, and what was done is to be undone.",
            Some((
                "Why it does not stand; whoever contests it reads this",
                true,
            )),
            Some("I reviewed it myself and did not decide on it before."),
        ),
    ),
    (
        "restore",
        (
            "Say that it is undone",
            "What was removed is back, or what was done is undone.",
            Some(("What was undone", true)),
            None,
        ),
    ),
    (
        "withdraw",
        (
            "Take it back",
            "The request ends.",
            Some(("Why", true)),
            Some("This request is over for good."),
        ),
    ),
    (
        "close",
        (
            "Close the case",
            "Nothing more is done about it.",
            Some(("A last word", false)),
            Some("This case is over for good."),
        ),
    ),
    (
        "note",
        (
            "Add a note",
            "Both sides see it. Nothing else changes.",
            Some(("What is to be known", true)),
            None,
        ),
    ),
    (
        "escalate",
        (
            "Bring it before the steward",
            "The steward of the pledge sees all of it and may add to it.",
            Some(("Why", false)),
            None,
        ),
    ),
];

fn shape(step: &str) -> Option<Shape> {
    let found = SHAPES.iter().find(|(name, _)| *name == step);
    found.map(|(_, shape)| *shape)
}

#[cfg(test)]
mod tests {
    use node::request::Verb;
    use node::request::machine::{Role, TABLE};

    use super::*;

    #[test]
    fn every_step_of_a_party_has_a_form() {
        let parties = [Role::Sender, Role::Recipient, Role::Reviewer, Role::Steward];
        for line in TABLE {
            // One step may have a line for parties, and one for dates.
            let of_step = TABLE.iter().filter(|other| other.verb == line.verb);
            let for_parties = of_step
                .flat_map(|line| line.by)
                .any(|role| parties.contains(role));
            let unseen = line.verb.as_str() == "forget";
            let form = Form::new(line.verb.as_str(), "sender");
            assert_eq!(form.is_some(), for_parties && !unseen, "{}", line.verb);
        }
        assert!(Verb::ALL.len() > 10);
    }
}
