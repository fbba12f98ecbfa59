//! What is wrong with a statement: what is missing, no word of the database, too long or personal.

use node::request::{Role, Step};

use super::make::Make;
use super::personal::personal;
use super::statement::Statement;
use super::words::{Words, find, listed};
use crate::xarf::Fault;

impl Make<'_> {
    /// What the recipient wrote when it did it, or when it accepted.
    pub(super) fn said(&self, done: bool) -> Option<String> {
        let own = self
            .file
            .steps
            .iter()
            .filter(|record| record.role == Role::Recipient);
        let mut said = own.filter_map(|record| match &record.step {
            Step::Done { words, .. } if done => Some(words.clone()),
            Step::Accept { words, .. } if !done => words.clone(),
            _ => None,
        });
        said.next_back().filter(|words| !words.trim().is_empty())
    }

    pub(super) fn word(
        &mut self,
        name: &str,
        word: Option<&str>,
        words: Words,
        flag: &str,
    ) -> String {
        match word.map(|word| (word, find(words, word))) {
            Some((_, Some(found))) => return found.to_owned(),
            Some((word, None)) => {
                let words = format!("'{word}' is none of {}: see {flag}", listed(words));
                self.fault(&format!("/{name}"), words);
            }
            None => {
                let words = format!("is missing: {flag} ({})", listed(words));
                self.fault(&format!("/{name}"), words);
            }
        }
        String::new()
    }

    pub(super) fn needed(&mut self, name: &str, value: Option<String>, wanted: &str) -> String {
        if value.is_none() {
            self.fault(&format!("/{name}"), format!("is missing: {wanted}"));
        }
        value.unwrap_or_default()
    }

    /// Lengths of the free texts, and personal data in them.
    pub(super) fn look_through(&mut self, statement: &Statement) {
        let texts: [(&str, Option<&String>, usize); 8] = [
            ("decision_facts", Some(&statement.decision_facts), 5_000),
            (
                "decision_visibility_other",
                statement.decision_visibility_other.as_ref(),
                500,
            ),
            (
                "decision_monetary_other",
                statement.decision_monetary_other.as_ref(),
                500,
            ),
            (
                "content_type_other",
                statement.content_type_other.as_ref(),
                500,
            ),
            (
                "illegal_content_legal_ground",
                statement.illegal_content_legal_ground.as_ref(),
                500,
            ),
            (
                "illegal_content_explanation",
                statement.illegal_content_explanation.as_ref(),
                2_000,
            ),
            (
                "incompatible_content_ground",
                statement.incompatible_content_ground.as_ref(),
                500,
            ),
            (
                "incompatible_content_explanation",
                statement.incompatible_content_explanation.as_ref(),
                2_000,
            ),
        ];
        for (name, text, most) in texts {
            let Some(text) = text else { continue };
            let length = text.chars().count();
            if length > most {
                let words = format!("has {length} characters; the database takes {most}");
                self.fault(&format!("/{name}"), words);
            }
            if let Some((what, found)) = personal(text) {
                let words = format!(
                    "has {what} in it ('{found}'): a statement has no personal data; write it without"
                );
                self.fault(&format!("/{name}"), words);
            }
        }
    }

    pub(super) fn fault(&mut self, pointer: &str, message: String) {
        self.faults.push(Fault {
            pointer: pointer.to_owned(),
            rule: "statement",
            message,
        });
    }
}
