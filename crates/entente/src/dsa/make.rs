//! How a statement is made of a case and of what its author chooses.

use jiff::civil::Date;
use node::clock::Instant;
use node::policy::CaseSight;
use node::request::{GroundKind, Kind, Outcome};

use super::choice::Choices;
use super::statement::Statement;
use super::words::{self, listed};
use crate::case::CaseFile;
use crate::xarf::Fault;

/// A statement in the making, and what is wrong with it so far.
pub(super) struct Make<'m> {
    pub(super) file: &'m CaseFile,
    pub(super) choices: &'m Choices,
    pub(super) faults: Vec<Fault>,
}

impl<'m> Make<'m> {
    pub(super) fn new(file: &'m CaseFile, choices: &'m Choices) -> Self {
        Make {
            file,
            choices,
            faults: Vec::new(),
        }
    }

    /// The statement, and all that is missing or wrong.
    pub(super) fn statement(mut self) -> (Statement, Vec<Fault>) {
        let statement = self.made();
        self.look_through(&statement);
        (statement, self.faults)
    }

    fn made(&mut self) -> Statement {
        self.decided();
        let choices = self.choices;
        let mut statement = Statement {
            puid: self.file.case.request.id.clone(),
            source_type: self.source(),
            ..Statement::default()
        };
        self.decision(&mut statement);
        self.ground(&mut statement);
        self.content(&mut statement);
        let facts = choices.facts.clone().or_else(|| self.said(true));
        let wanted = "--facts TEXT, or what was done as the recipient wrote it in the step 'done'";
        statement.decision_facts = self.needed("decision_facts", facts, wanted);
        let detected = choices.detected_automatically.as_deref();
        statement.automated_detection = self.word(
            "automated_detection",
            detected,
            words::YES_NO,
            "--detected-automatically",
        );
        let decided = choices.decided_automatically.as_deref();
        statement.automated_decision = self.word(
            "automated_decision",
            decided,
            words::AUTOMATED,
            "--decided-automatically",
        );
        let at = self.file.case.done.or(self.file.case.answered);
        statement.application_date = at.map(day).unwrap_or_default();
        if choices.name_source && statement.source_type != "SOURCE_VOLUNTARY" {
            statement.source_identity = Some(self.file.from.clone());
        }
        statement
    }

    /// Whether there is a decision to state reasons for.
    fn decided(&mut self) {
        let case = &self.file.case;
        let why = match case.outcome {
            _ if self.file.sight < CaseSight::Words => "what was decided is not seen by you",
            Outcome::Accepted | Outcome::Done => return,
            Outcome::Reversed => {
                "the decision was reversed: there is nothing left to state reasons for"
            }
            _ => {
                "nothing was decided against anybody: a statement is for what was accepted or done"
            }
        };
        self.fault("", why.to_owned());
    }

    fn source(&mut self) -> String {
        let takedown = self.file.case.request.kind == Kind::Takedown;
        let default = if takedown {
            "notice"
        } else {
            "other-notification"
        };
        let source = self.choices.source.as_deref().unwrap_or(default);
        self.word("source_type", Some(source), words::SOURCE, "--source")
    }

    fn decision(&mut self, statement: &mut Statement) {
        let choices = self.choices;
        statement.decision_visibility = choices
            .visibility
            .iter()
            .map(|word| {
                self.word(
                    "decision_visibility",
                    Some(word),
                    words::VISIBILITY,
                    "--visibility",
                )
            })
            .collect();
        let optional = |make: &mut Self, name, word: &Option<String>, words, flag| {
            word.as_deref()
                .map(|word| make.word(name, Some(word), words, flag))
        };
        statement.decision_monetary = optional(
            self,
            "decision_monetary",
            &choices.monetary,
            words::MONETARY,
            "--monetary",
        );
        statement.decision_provision = optional(
            self,
            "decision_provision",
            &choices.provision,
            words::PROVISION,
            "--provision",
        );
        statement.decision_account = optional(
            self,
            "decision_account",
            &choices.account,
            words::ACCOUNT,
            "--account",
        );
        statement.account_type = optional(
            self,
            "account_type",
            &choices.account_type,
            words::ACCOUNT_TYPE,
            "--account-type",
        );
        self.others(statement);
    }

    /// What 'other' is, that something was done, and when it ends.
    fn others(&mut self, statement: &mut Statement) {
        let choices = self.choices;
        let none = statement.decision_visibility.is_empty()
            && statement.decision_monetary.is_none()
            && statement.decision_provision.is_none()
            && statement.decision_account.is_none();
        if none {
            let words = format!(
                "is missing: say what was done with --visibility ({}), --monetary, --provision or --account",
                listed(words::VISIBILITY)
            );
            self.fault("/decision_visibility", words);
        }
        if statement
            .decision_visibility
            .iter()
            .any(|word| word == "DECISION_VISIBILITY_OTHER")
        {
            let other = choices.visibility_other.clone();
            let said = self.needed(
                "decision_visibility_other",
                other,
                "--visibility-other TEXT",
            );
            statement.decision_visibility_other = Some(said);
        }
        if statement.decision_monetary.as_deref() == Some("DECISION_MONETARY_OTHER") {
            let other = choices.monetary_other.clone();
            let said = self.needed("decision_monetary_other", other, "--monetary-other TEXT");
            statement.decision_monetary_other = Some(said);
        }
        let until = choices.until.map(|date| date.to_string());
        let when = |there: bool| until.clone().filter(|_| there);
        statement.end_date_visibility_restriction = when(!statement.decision_visibility.is_empty());
        statement.end_date_monetary_restriction = when(statement.decision_monetary.is_some());
        statement.end_date_service_restriction = when(statement.decision_provision.is_some());
        statement.end_date_account_restriction = when(statement.decision_account.is_some());
    }

    fn ground(&mut self, statement: &mut Statement) {
        let choices = self.choices;
        let of_request = self.file.case.request.ground.as_ref();
        let kind = choices.ground.as_deref().or_else(|| {
            of_request.map(|ground| match ground.kind {
                GroundKind::Law => "law",
                GroundKind::Policy => "policy",
            })
        });
        statement.decision_ground = self.word("decision_ground", kind, words::GROUND, "--ground");
        let law = statement.decision_ground == "DECISION_GROUND_ILLEGAL_CONTENT";
        let names = if law {
            [
                "illegal_content_legal_ground",
                "illegal_content_explanation",
            ]
        } else {
            [
                "incompatible_content_ground",
                "incompatible_content_explanation",
            ]
        };
        let named = of_request.map_or(String::new(), |ground| {
            format!(
                " (the sender wrote '{}'; the words have to be your own)",
                ground.reference
            )
        });
        let wanted = format!("--reference TEXT: which law or which rule{named}");
        let reference = self.needed(names[0], choices.reference.clone(), &wanted);
        let explanation = choices.explanation.clone().or_else(|| self.said(false));
        let wanted =
            "--explanation TEXT: why it falls under it; or write it when you accept a request";
        let explanation = self.needed(names[1], explanation, wanted);
        if law {
            statement.illegal_content_legal_ground = Some(reference);
            statement.illegal_content_explanation = Some(explanation);
        } else {
            statement.incompatible_content_ground = Some(reference);
            statement.incompatible_content_explanation = Some(explanation);
            let illegal = choices.also_illegal.as_deref();
            statement.incompatible_content_illegal = illegal.map(|word| {
                let name = "incompatible_content_illegal";
                self.word(name, Some(word), words::YES_NO, "--also-illegal")
            });
        }
        if let Some(url) = &choices.reference_url {
            if !(url.starts_with("https://") || url.starts_with("http://")) || url.len() > 500 {
                let words = "is no web address of at most 500 characters: see --reference-url";
                self.fault("/decision_ground_reference_url", words.to_owned());
            }
            statement.decision_ground_reference_url = Some(url.clone());
        }
    }

    fn content(&mut self, statement: &mut Statement) {
        let choices = self.choices;
        let request = &self.file.case.request;
        let category = choices.category.as_deref();
        let category = category.or_else(|| words::category_of(request.category));
        statement.category = self.word("category", category, words::CATEGORY, "--category");
        let name = "category_addition";
        statement.category_addition = choices
            .also_categories
            .iter()
            .map(|word| self.word(name, Some(word), words::CATEGORY, "--also-category"))
            .collect();
        for keyword in &choices.keywords {
            let fits = |b: u8| b.is_ascii_uppercase() || b == b'_';
            if !keyword.starts_with("KEYWORD_") || !keyword.bytes().all(fits) {
                let words = format!(
                    "'{keyword}' is no keyword of the database, as in KEYWORD_PHISHING: see --keyword"
                );
                self.fault("/category_specification", words);
            }
        }
        statement
            .category_specification
            .clone_from(&choices.keywords);
        if choices.content.is_empty() {
            let words = format!("is missing: --content-type ({})", listed(words::CONTENT));
            self.fault("/content_type", words);
        }
        statement.content_type = choices
            .content
            .iter()
            .map(|word| self.word("content_type", Some(word), words::CONTENT, "--content-type"))
            .collect();
        if statement
            .content_type
            .iter()
            .any(|word| word == "CONTENT_TYPE_OTHER")
        {
            let other = choices.content_other.clone();
            let said = self.needed("content_type_other", other, "--content-type-other TEXT");
            statement.content_type_other = Some(said);
        }
        statement.content_language = choices.content_language.as_ref().map(|word| {
            let upper = word.to_ascii_uppercase();
            if upper.len() != 2 || !upper.bytes().all(|b| b.is_ascii_uppercase()) {
                let words =
                    format!("'{word}' is no language of two letters: see --content-language");
                self.fault("/content_language", words);
            }
            upper
        });
        let date = choices
            .content_date
            .filter(|date| *date >= Date::constant(2000, 1, 1));
        let wanted = "--content-date YYYY-MM-DD, when it was posted (2000 or later)";
        statement.content_date = self.needed("content_date", date.map(|d| d.to_string()), wanted);
        statement.territorial_scope = self.territory();
    }

    fn territory(&mut self) -> Vec<String> {
        let country = self.file.case.request.country.as_ref();
        let asked: Vec<&str> = match (&self.choices.territory[..], country) {
            ([], Some(country)) => vec![country],
            ([], None) => return Vec::new(),
            (given, _) => given.iter().map(String::as_str).collect(),
        };
        if asked == ["EEA"] {
            return words::EEA
                .iter()
                .map(|country| (*country).to_owned())
                .collect();
        }
        let strange: Vec<&&str> = asked.iter().filter(|c| !words::EEA.contains(*c)).collect();
        if let Some(country) = strange.first() {
            let words = format!(
                "'{country}' is no country of the European Economic Area, where the database is for: \
                 --territory EEA or its countries"
            );
            self.fault("/territorial_scope", words);
        }
        asked.into_iter().map(str::to_owned).collect()
    }
}

/// The day of an instant, in UTC.
fn day(at: Instant) -> String {
    at.day().to_string()
}
