//! `entente request reasons`: statements of reasons (Digital Services Act, Article 17).

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::source::{case_of, put};
use crate::cli::output::{plain, tell};
use crate::cli::target::Where;
use crate::cli::{Exit, Failure};
use crate::dsa::{Choices, batch, csv, letter, statement_of};

/// State the reasons for a decision: for the DSA transparency database, or for whom it affects
///
/// For requests that you accepted or did. What the case does not say is asked for, all at once. Free
/// texts are your own words; e-mail addresses and telephone numbers in them are refused, and nothing of
/// the notifier is in a statement unless --name-source is given. Nothing is sent anywhere.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente request reasons 0a1b2c3d4e5f --data d --visibility removed --content-type text \\
      --content-date 2026-01-15 --reference 'Article 24 of the law of 29 July 1881' \\
      --detected-automatically no --decided-automatically not > statements.json
  entente request reasons case.zip ... --format csv -o statements.csv
  entente request reasons 0a1b2c3d4e5f ... --format letter --contest-link https://node.example/contest/...")]
pub(crate) struct Reasons {
    #[command(flatten)]
    place: Where,
    /// The request's id, or the file of a bundle ('entente request export')
    #[arg(value_name = "ID|FILE.zip")]
    id: String,
    /// json: as the API's 'statements' takes it; csv; letter: for whom it affects, in Markdown
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// The file to write instead of stdout
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where the affected can contest it ('entente request link'); for the letter
    #[arg(long, value_name = "URL")]
    contest_link: Option<String>,
    #[command(flatten)]
    decision: Decision,
    #[command(flatten)]
    ground: Why,
    #[command(flatten)]
    content: What,
    #[command(flatten)]
    source: How,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Json,
    Csv,
    Letter,
}

/// What was decided.
#[derive(Debug, Args)]
#[command(next_help_heading = "The decision")]
struct Decision {
    /// removed, disabled, demoted, age-restricted, interaction-restricted, labelled, other
    #[arg(long, value_name = "WORD,...", value_delimiter = ',')]
    visibility: Vec<String>,
    /// What 'other' is
    #[arg(long, value_name = "TEXT")]
    visibility_other: Option<String>,
    /// suspended, terminated, other
    #[arg(long, value_name = "WORD")]
    monetary: Option<String>,
    /// What 'other' is
    #[arg(long, value_name = "TEXT")]
    monetary_other: Option<String>,
    /// partly-suspended, suspended, partly-terminated, terminated
    #[arg(long, value_name = "WORD")]
    provision: Option<String>,
    /// suspended, terminated
    #[arg(long, value_name = "WORD")]
    account: Option<String>,
    /// business, private
    #[arg(long, value_name = "WORD")]
    account_type: Option<String>,
    /// When it ends; without it, it has no end
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: Option<Date>,
    /// EEA, or countries of it; the request's when absent
    #[arg(long, value_name = "COUNTRY,...", value_delimiter = ',')]
    territory: Vec<String>,
    /// Facts and circumstances; what you wrote in the step 'done' when absent
    #[arg(long, value_name = "TEXT")]
    facts: Option<String>,
}

/// On which ground.
#[derive(Debug, Args)]
#[command(next_help_heading = "The ground")]
struct Why {
    /// law, policy; the request's when absent
    #[arg(long, value_name = "WORD")]
    ground: Option<String>,
    /// Which law and article, or which rule, in your words
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Where it can be read
    #[arg(long, value_name = "URL")]
    reference_url: Option<String>,
    /// Why it falls under it; what you wrote in the step 'accept' when absent
    #[arg(long, value_name = "TEXT")]
    explanation: Option<String>,
    /// yes, no: whether what breaks a rule is illegal too
    #[arg(long, value_name = "WORD")]
    also_illegal: Option<String>,
    /// The database's category, as in speech, fraud, civic-discourse
    #[arg(long, value_name = "WORD")]
    category: Option<String>,
    /// More of them
    #[arg(long, value_name = "WORD,...", value_delimiter = ',')]
    also_category: Vec<String>,
    #[arg(long, value_name = "KEYWORD,...", value_delimiter = ',')]
    #[arg(help = "Keywords of the database, as in KEYWORD_PHISHING")]
    keyword: Vec<String>,
}

/// What was decided on.
#[derive(Debug, Args)]
#[command(next_help_heading = "The content")]
struct What {
    /// app, audio, image, product, synthetic-media, text, video, other
    #[arg(long = "content-type", value_name = "WORD,...", value_delimiter = ',')]
    types: Vec<String>,
    /// What 'other' is
    #[arg(long = "content-type-other", value_name = "TEXT")]
    other: Option<String>,
    /// When it was posted
    #[arg(long = "content-date", value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// Two letters, as in FR
    #[arg(long = "content-language", value_name = "LANGUAGE")]
    language: Option<String>,
}

/// How it came about.
#[derive(Debug, Args)]
#[command(next_help_heading = "How it came about")]
struct How {
    /// notice, trusted-flagger, other-notification, own-initiative; a notice for takedowns when absent
    #[arg(long, value_name = "WORD")]
    source: Option<String>,
    /// Name the party that gave notice: where that is strictly necessary
    #[arg(long)]
    name_source: bool,
    /// yes, no
    #[arg(long, value_name = "WORD")]
    detected_automatically: Option<String>,
    /// not, partly, fully
    #[arg(long, value_name = "WORD")]
    decided_automatically: Option<String>,
}

impl Reasons {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        let file = case_of(&self.place, &self.id)?;
        let (format, out) = (self.format, self.out.clone());
        let link = self.contest_link.clone();
        let statement = match statement_of(&file, &self.choices()) {
            Ok(statement) => statement,
            Err(faults) => {
                for fault in &faults {
                    let words = format!("{} {}", fault.pointer, fault.message);
                    tell(&format!("  {}", plain(words.trim())));
                }
                let words = "the case does not say all that a statement of reasons says";
                return Err(Failure::usage(words).into());
            }
        };
        let octets = match format {
            Format::Json => {
                let mut text = serde_json::to_vec_pretty(&batch(std::slice::from_ref(&statement)))?;
                text.push(b'\n');
                text
            }
            Format::Csv => csv(&[statement]).map_err(|error| anyhow::anyhow!(error))?,
            Format::Letter => letter(&statement, &file, link.as_deref()).into_bytes(),
        };
        put(out.as_ref(), &octets)?;
        Ok(Exit::Done)
    }

    fn choices(self) -> Choices {
        let (decision, ground) = (self.decision, self.ground);
        let (content, source) = (self.content, self.source);
        Choices {
            visibility: decision.visibility,
            visibility_other: decision.visibility_other,
            monetary: decision.monetary,
            monetary_other: decision.monetary_other,
            provision: decision.provision,
            account: decision.account,
            account_type: decision.account_type,
            ground: ground.ground,
            reference: ground.reference,
            reference_url: ground.reference_url,
            explanation: ground.explanation,
            also_illegal: ground.also_illegal,
            category: ground.category,
            also_categories: ground.also_category,
            keywords: ground.keyword,
            content: content.types,
            content_other: content.other,
            content_date: content.date,
            content_language: content.language,
            territory: decision.territory,
            facts: decision.facts,
            source: source.source,
            name_source: source.name_source,
            detected_automatically: source.detected_automatically,
            decided_automatically: source.decided_automatically,
            until: decision.until,
        }
    }
}
