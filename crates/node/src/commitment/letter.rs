//! The words of letters.

use std::fmt::Write as _;

use super::calendar::plus;
use super::{Calendar, Commitment, Letter, State};

/// The words of a letter: what is due, what happens next and when, and how to answer. `pledge` and
/// `party` are the names people read.
pub fn words_of(
    letter: &Letter,
    commitment: &Commitment,
    calendar: &Calendar,
    pledge: &str,
    party: &str,
) -> String {
    let mut words = format!(
        "To {party}, {}.\n\nUnder principle {} of {pledge}, you committed yourselves on {}: \"{}\"\n\n",
        letter.date,
        commitment.principle,
        commitment.date,
        short(&commitment.words),
    );
    // Writing into a string cannot fail.
    let _ = match (letter.due, &letter.reason) {
        (Some(due), _) if due >= letter.date => write!(words, "Your next report is due on {due}."),
        (Some(due), _) => write!(words, "A report was due on {due} and has not come."),
        (None, reason) => write!(
            words,
            "The steward intends to delist this commitment, for this reason: {}",
            reason.as_deref().unwrap_or_default()
        ),
    };
    let _ = match letter.due {
        Some(_) => write!(
            words,
            " If none comes before {}, the commitment will be shown as {} from that day on.",
            letter.on, letter.to
        ),
        None => write!(words, "\n\nOn {} it will be delisted.", letter.on),
    };
    if let (Some(due), Some(after)) = (letter.due, letter.to.next()) {
        let on = plus(due, i32::from(calendar.grace(after)));
        let on = on.max(plus(letter.on, i32::from(calendar.notice)));
        let _ = write!(
            words,
            " After that it would be {after}, not before {on}, with another letter at least {} days \
             before.",
            calendar.notice
        );
    }
    if letter.to == State::Delisted {
        let consequence = if calendar.suspends {
            " A delisting suspends your support of the pledge until the commitment is active again."
        } else {
            " A delisting says that this commitment is not kept; it changes nothing of what you may see or share here."
        };
        words.push_str(consequence);
    }
    let answer = match letter.due {
        Some(_) => {
            "A report makes the commitment active at once, whatever was written before: 'entente commit report"
        }
        None => "The steward may take this letter back. You may answer it: 'entente commit answer",
    };
    let id = match letter.due {
        Some(_) => &letter.commitment,
        None => &letter.id,
    };
    let _ = write!(
        words,
        "\n\n{answer} {id}', or the commitment's page. You may answer this letter once, in your own words; \
         letter and answer are public and stay."
    );
    words
}

/// The first part of words, where they are long.
fn short(words: &str) -> String {
    const MOST: usize = 240;
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    let start: String = line.chars().take(MOST).collect();
    format!("{start} …")
}
