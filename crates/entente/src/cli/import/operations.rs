//! Reports on influence operations as CSV by tactic, technique and procedure, as Meta publishes them:
//! the operation becomes a campaign, its procedures attack patterns, its indicators indicate it, and
//! the accounts among them are accounts. Rows of prose say how a procedure was used.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use serde_json::json;
use stix::Object;
use stix::build::Draft;

use super::indicator::{Row, Template};
use super::taking::Taking;
use crate::cli::table::normal;

/// The kill chain that these tactics are the phases of: that of Meta's "Online Operations Kill Chain"
/// (Nimmo and Hutchins, 2023).
const KILL_CHAIN: &str = "online-operations-kill-chain";
/// Characters of a procedure's description, which is made of rows.
const LONGEST: usize = 8000;

/// Sites on which accounts have addresses, and what STIX calls them (account-type-ov, 10.1).
const PLATFORMS: [(&str, &str); 16] = [
    ("facebook.com", "facebook"),
    ("instagram.com", "instagram"),
    ("linkedin.com", "linkedin"),
    ("medium.com", "medium"),
    ("ok.ru", "ok"),
    ("pinterest.com", "pinterest"),
    ("quora.com", "quora"),
    ("reddit.com", "reddit"),
    ("t.me", "telegram"),
    ("threads.net", "threads"),
    ("tiktok.com", "tiktok"),
    ("tumblr.com", "tumblr"),
    ("twitter.com", "twitter"),
    ("vk.com", "vk"),
    ("x.com", "twitter"),
    ("youtube.com", "youtube"),
];

/// The columns of such a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    tactic: usize,
    procedure: usize,
}

impl Columns {
    /// Finds them in a header; none when it is another one.
    pub(super) fn find(header: &[&str]) -> Option<Self> {
        let at = |name: &str| header.iter().position(|cell| normal(cell) == name);
        at("technique")?;
        Some(Columns {
            tactic: at("tactic")?,
            procedure: at("procedure")?,
        })
    }
}

/// An operation, as its rows come.
pub(super) struct Operation<'t> {
    template: &'t Template,
    columns: Columns,
    name: String,
    campaign: Draft,
    /// By their numbers and names.
    procedures: BTreeMap<String, Procedure>,
}

struct Procedure {
    pattern: Draft,
    prose: String,
}

impl<'t> Operation<'t> {
    pub(super) fn new(file: &str, columns: Columns, template: &'t Template) -> Self {
        let name = title(file);
        let key = format!("{}\n{name}", template.creator());
        let campaign = Draft::named("campaign", &key, template.now()).set("name", name.as_str());
        Operation {
            template,
            columns,
            name,
            campaign: said(template, campaign),
            procedures: BTreeMap::new(),
        }
    }

    /// Takes a row, of which `row` is what every CSV file says.
    ///
    /// # Errors
    /// When the node cannot be written.
    pub(super) fn row(
        &mut self,
        (file, line): (&str, u64),
        cells: &[String],
        row: &Row,
        taking: &mut Taking<'_>,
    ) -> anyhow::Result<()> {
        let cell = |at: usize| cells.get(at).map(|cell| cell.trim()).unwrap_or_default();
        let (tactic, procedure) = (cell(self.columns.tactic), cell(self.columns.procedure));
        if row.value.is_empty() {
            return Ok(());
        }
        let template = self.template;
        let known = (!procedure.is_empty()).then(|| self.procedure(tactic, procedure));
        let Ok(indicator) = template.indicator(row) else {
            // Prose: how the procedure was used.
            let Some(known) = known else {
                taking.refuse(
                    file,
                    line,
                    "it names no procedure, and its indicator is prose",
                );
                return Ok(());
            };
            if known.prose.len() + row.value.len() < LONGEST {
                known.prose.push_str(&row.value);
                known.prose.push('\n');
            }
            return Ok(());
        };
        let Ok(object) = Object::parse(&indicator) else {
            return Ok(());
        };
        let id = object.id().as_str().to_owned();
        taking.send_identity(self.template)?;
        taking.take_made(file, line, Bytes::from(indicator))?;
        take(
            file,
            line,
            &self.relationship(&id, "indicates", self.campaign.id()),
            taking,
        )?;
        if let Some(account) = account(&row.value) {
            let tie = self.relationship(account.id(), "related-to", self.campaign.id());
            let marked = account.said_by(None, self.template.marking());
            take(file, line, &marked, taking)?;
            take(file, line, &tie, taking)?;
        }
        Ok(())
    }

    /// Takes the operation itself, at the end of its rows.
    ///
    /// # Errors
    /// As [`Operation::row`].
    pub(super) fn end(self, file: &str, taking: &mut Taking<'_>) -> anyhow::Result<()> {
        taking.send_identity(self.template)?;
        for procedure in self.procedures.values() {
            let words = procedure.prose.trim();
            let tie = self
                .relationship(self.campaign.id(), "uses", procedure.pattern.id())
                .set("description", words);
            take(file, 0, &procedure.pattern, taking)?;
            take(file, 0, &tie, taking)?;
        }
        let words = format!("An influence operation as reported in {}", self.name);
        take(
            file,
            0,
            &self.campaign.clone().set("description", words),
            taking,
        )
    }

    fn procedure(&mut self, tactic: &str, procedure: &str) -> &mut Procedure {
        let template = self.template;
        self.procedures
            .entry(procedure.to_owned())
            .or_insert_with(|| {
                let (number, name) = numbered(procedure);
                let (_, phase) = numbered(tactic);
                let phases = json!([{
                    "kill_chain_name": KILL_CHAIN,
                    "phase_name": normal(phase).replace('_', "-"),
                }]);
                let reference = json!([{ "source_name": KILL_CHAIN, "external_id": number }]);
                let pattern = Draft::named(
                    "attack-pattern",
                    &format!("{KILL_CHAIN}\n{procedure}"),
                    template.now(),
                )
                .set("name", name)
                .set("kill_chain_phases", phases);
                let pattern = match number {
                    "" => pattern,
                    _ => pattern.set("external_references", reference),
                };
                Procedure {
                    pattern: said(template, pattern),
                    prose: String::new(),
                }
            })
    }

    fn relationship(&self, source: &str, kind: &str, target: &str) -> Draft {
        said(
            self.template,
            Draft::relationship(source, kind, target, self.template.now()),
        )
    }
}

fn take(file: &str, line: u64, draft: &Draft, taking: &mut Taking<'_>) -> anyhow::Result<()> {
    taking.take_made(file, line, Bytes::from(draft.bytes()))
}

fn said(template: &Template, draft: Draft) -> Draft {
    draft.said_by(Some(template.creator_id()), template.marking())
}

/// `0.6.2 Acquiring domains` as `("0.6.2", "Acquiring domains")`; `0. Acquiring assets` likewise.
fn numbered(words: &str) -> (&str, &str) {
    match words.trim().split_once(' ') {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
            (number.trim_end_matches('.'), rest.trim())
        }
        _ => ("", words.trim()),
    }
}

/// The name of a report, of its file: `Q1_2024_CHINA_BASED_CIB_NETWORK.csv` is `Q1 2024 CHINA BASED CIB
/// NETWORK`.
fn title(file: &str) -> String {
    let bare = Path::new(file)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let bare = bare
        .split(".csv")
        .next()
        .unwrap_or_default()
        .replace(['_', '-'], " ");
    let words: Vec<&str> = bare.split_whitespace().collect();
    words.join(" ")
}

/// The account that an address is that of.
fn account(address: &str) -> Option<Draft> {
    let plain = address.trim().replace("[.]", ".").replace("hxxp", "http");
    let rest = plain
        .split_once("://")
        .map_or(plain.as_str(), |(_, rest)| rest);
    let (host, path) = rest.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = ["www.", "m.", "mobile."]
        .iter()
        .find_map(|prefix| host.strip_prefix(prefix))
        .unwrap_or(&host);
    let (_, kind) = PLATFORMS.iter().find(|(site, _)| *site == host)?;
    let mut parts = path.split(['/', '?', '#']).filter(|part| !part.is_empty());
    let mut login = parts.next()?;
    if matches!(
        login,
        "user" | "u" | "c" | "channel" | "in" | "profile" | "company"
    ) {
        login = parts.next()?;
    }
    let is_page = matches!(
        login,
        "watch" | "status" | "groups" | "hashtag" | "search" | "p" | "r" | "share" | "story.php"
    );
    let login = login.trim_start_matches('@');
    (!is_page && !login.is_empty()).then(|| {
        let facts = [("account_type", *kind), ("account_login", login)];
        Draft::observable("user-account", facts)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_told_by_their_addresses() {
        let told = |address: &str| {
            let draft = account(address)?;
            let text = |name| {
                draft
                    .get(name)
                    .and_then(|value| value.as_str())
                    .map(str::to_owned)
            };
            Some((text("account_type")?, text("account_login")?))
        };
        let is = |kind: &str, login: &str| Some((kind.to_owned(), login.to_owned()));
        assert_eq!(
            told("https://medium.com/@some.body"),
            is("medium", "some.body")
        );
        assert_eq!(told("hxxps://t[.]me/via_x"), is("telegram", "via_x"));
        assert_eq!(
            told("https://www.youtube.com/channel/UC1?x=1"),
            is("youtube", "UC1")
        );
        assert_eq!(told("https://example.com/@a"), None);
        assert_eq!(told("https://www.facebook.com/groups/1"), None);
        assert_eq!(told("x.com"), None);
    }

    #[test]
    fn numbers_stand_before_names() {
        assert_eq!(
            numbered("0.6.2 Acquiring domains"),
            ("0.6.2", "Acquiring domains")
        );
        assert_eq!(numbered("0. Acquiring assets"), ("0", "Acquiring assets"));
        assert_eq!(numbered("Acquiring"), ("", "Acquiring"));
        assert_eq!(title("a/Q1_2024_X-BASED CIB.csv.gz"), "Q1 2024 X BASED CIB");
    }

    #[test]
    fn the_header_tells() {
        assert!(Columns::find(&["Tactic ", "Technique", "Procedure", "Indicator"]).is_some());
        assert!(Columns::find(&["indicator_type", "indicator_value"]).is_none());
    }
}
