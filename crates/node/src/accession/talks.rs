//! Talks as a record of steps, and what of each step both sides agreed to show.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::Recorded;

/// The two sides of talks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The pledge's steward, or an administrator acting for it.
    Steward,
    /// The party that comes to the pledge.
    Party,
}

/// What of a step is shown to anybody. With topics or words the date is shown too.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// That there was a step on that day.
    pub date: bool,
    /// What it was about.
    pub topics: bool,
    /// The words that say what was done.
    pub words: bool,
}

/// A step of talks, as one side puts it. Until the other agrees only the two see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Random, so that a number does not say how many are hidden.
    pub id: String,
    /// The party that talks with the steward.
    pub party: String,
    /// Which side put it.
    pub by: Side,
    /// The day of the step.
    pub date: Date,
    /// Slugs: the numbers of principles, or free ones.
    pub topics: Vec<String>,
    /// What was done.
    pub words: String,
    /// What its side is willing to show.
    pub show: Shown,
    /// The id of the step that this one corrects. Both stay.
    pub replaces: Option<String>,
}

/// The other side agrees to show a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// The step's id.
    pub step: String,
    /// What it agrees to show.
    pub shown: Shown,
    /// Where the party's agreement is known from, when the steward recorded it.
    pub source: Option<String>,
}

/// What the other side agreed to, with its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// What may be shown.
    pub shown: Shown,
    /// Where that is known from, when the steward recorded it.
    pub source: Option<String>,
    /// Its entry.
    pub recorded: Recorded,
}

/// A step with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRecord {
    /// The step.
    pub step: Step,
    /// Its entry.
    pub recorded: Recorded,
    /// What the other side agreed to, in the order it did.
    pub agreed: Vec<Agreed>,
    /// The steps that correct it.
    pub replaced_by: Vec<String>,
}

/// What a party does not take upon itself, of what it signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservations {
    /// The party's id.
    pub party: String,
    /// The day of the signature.
    pub since: Date,
    /// Where they are known from.
    pub source: String,
    /// By principle.
    pub reservations: Vec<Reservation>,
}

/// A reservation about one principle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The principle's number.
    pub principle: u16,
    /// What is reserved.
    pub words: String,
}

impl Side {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Steward => "steward",
            Side::Party => "party",
        }
    }
}

impl Shown {
    /// All of it.
    pub const ALL: Shown = Shown {
        date: true,
        topics: true,
        words: true,
    };

    /// What both show.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Shown {
            date: self.date && other.date,
            topics: self.topics && other.topics,
            words: self.words && other.words,
        }
    }

    /// What either shows.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Shown {
            date: self.date || other.date,
            topics: self.topics || other.topics,
            words: self.words || other.words,
        }
    }

    /// Whether anything is shown.
    pub fn is_any(self) -> bool {
        self.date
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = [
            (self.date, "date"),
            (self.topics, "topics"),
            (self.words, "words"),
        ];
        let shown: Vec<&str> = fields.iter().filter(|f| f.0).map(|f| f.1).collect();
        if shown.is_empty() {
            return f.write_str("nothing");
        }
        f.write_str(&shown.join(","))
    }
}

impl FromStr for Shown {
    type Err = String;

    /// Takes `nothing`, or a comma-separated list of `date`, `topics`, `words`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut shown = Shown::default();
        if text == "nothing" {
            return Ok(shown);
        }
        for word in text.split(',').map(str::trim) {
            match word {
                "date" => {}
                "topics" => shown.topics = true,
                "words" => shown.words = true,
                other => {
                    return Err(format!(
                        "'{other}' is nothing a step shows: use nothing, or date, topics, words between commas"
                    ));
                }
            }
            shown.date = true;
        }
        Ok(shown)
    }
}

impl StepRecord {
    /// What anybody sees: the fields that both sides agreed to, and no other.
    pub fn public(&self) -> Shown {
        let agreed = self.agreed.iter().map(|agreed| agreed.shown);
        self.step.show.and(agreed.fold(Shown::default(), Shown::or))
    }

    /// The entry since which anybody sees something of it.
    pub fn public_since(&self) -> Option<Recorded> {
        let mut agreed = self.agreed.iter();
        let first = agreed.find(|agreed| self.step.show.and(agreed.shown).is_any())?;
        Some(first.recorded)
    }
}
