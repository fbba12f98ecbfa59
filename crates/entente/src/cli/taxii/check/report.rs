//! What is told of each check: on a line, or as JSON.

use std::io;

use clap::ValueEnum as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::super::super::output::{FAINT, FOUND, Out, STRONG};
use super::address::Address;
use super::clients::Client;
use super::link::Trouble;

/// Characters of what came that are shown where all is well.
const LONGEST_OK: usize = 80;

/// A rule that servers are held to.
#[derive(Debug)]
pub(super) struct Rule {
    /// Its name, the same in every release.
    pub(super) id: &'static str,
    /// Where it is written.
    pub(super) section: &'static str,
    /// What it says.
    pub(super) says: &'static str,
}

/// How a check ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Ok,
    Warning,
    Failed,
    Skipped,
}

/// What came, when the rule holds.
#[derive(Debug)]
pub(super) struct Held {
    came: String,
    numbers: Option<Value>,
}

/// What came, when it does not hold or was not tried.
#[derive(Debug)]
pub(super) struct Wrong {
    verdict: Verdict,
    came: String,
    means: String,
    remedy: String,
    numbers: Option<Value>,
}

/// How a check ended, with its reasons.
pub(super) type Judged = Result<Held, Wrong>;

/// The rule holds, and this came.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it ends a check, as `Err(Wrong::…)` does"
)]
pub(super) fn held(came: impl Into<String>) -> Judged {
    Ok(Held {
        came: came.into(),
        numbers: None,
    })
}

impl Held {
    pub(super) fn with(mut self, numbers: Value) -> Self {
        self.numbers = Some(numbers);
        self
    }
}

impl Wrong {
    /// The rule is broken: what came, what that means for clients, what the server's owner can do.
    pub(super) fn failed(
        came: impl Into<String>,
        means: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Wrong {
            verdict: Verdict::Failed,
            came: came.into(),
            means: means.into(),
            remedy: remedy.into(),
            numbers: None,
        }
    }

    /// Some clients stumble over it.
    pub(super) fn warning(
        came: impl Into<String>,
        means: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Wrong {
            verdict: Verdict::Warning,
            ..Self::failed(came, means, remedy)
        }
    }

    /// It could not be tried, and why.
    pub(super) fn skipped(why: impl Into<String>) -> Self {
        Wrong {
            verdict: Verdict::Skipped,
            ..Self::failed(why, "", "")
        }
    }

    pub(super) fn with(mut self, numbers: Value) -> Self {
        self.numbers = Some(numbers);
        self
    }

    /// A client that is stood in for comes to its end here.
    pub(super) fn stops_the_client(mut self) -> Self {
        if self.verdict == Verdict::Warning {
            self.verdict = Verdict::Failed;
        }
        self
    }

    /// Of several things that were asked: which.
    pub(super) fn at(mut self, asked: &str) -> Self {
        self.came = format!("{asked}: {}", self.came);
        self
    }

    pub(super) fn is_failure(&self) -> bool {
        self.verdict == Verdict::Failed
    }
}

impl From<Trouble> for Wrong {
    fn from(trouble: Trouble) -> Self {
        let remedy = match &trouble {
            Trouble::Gone => return Wrong::skipped(trouble.to_string()),
            Trouble::Unreachable(_) => "see the server's log; is it running, and is that its port?",
            Trouble::Slow(_) => "make it answer sooner, or give --timeout more seconds",
            Trouble::TooLarge => "serve fewer objects on a page: limit what it gives by itself",
            Trouble::Elsewhere(_) => "give that address instead, if you trust it with the password",
            Trouble::Redirects => "let each address answer by itself, with a slash at its end",
        };
        Wrong::failed(
            trouble.to_string(),
            "a client gets nothing here, and most stop",
            remedy,
        )
    }
}

/// The checks so far.
pub(super) struct Report {
    out: Out,
    json: bool,
    counts: [u32; 4],
}

impl Report {
    pub(super) fn new(out: Out, json: bool) -> Self {
        Report {
            out,
            json,
            counts: [0; 4],
        }
    }

    /// Tries a rule and tells how it ended.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(super) fn check(
        &mut self,
        rule: &Rule,
        asked: &str,
        look: impl FnOnce() -> Judged,
    ) -> io::Result<()> {
        let judged = look();
        let (verdict, came, means, remedy, numbers) = match judged {
            Ok(held) => (Verdict::Ok, held.came, None, None, held.numbers),
            Err(wrong) => {
                let some = |text: String| (!text.is_empty()).then_some(text);
                let (means, remedy) = (some(wrong.means), some(wrong.remedy));
                (wrong.verdict, wrong.came, means, remedy, wrong.numbers)
            }
        };
        if let Some(count) = self.counts.get_mut(verdict as usize) {
            *count += 1;
        }
        if self.json {
            let mut line = json!({
                "check": rule.id, "verdict": verdict, "asked": asked, "came": came,
                "section": rule.section, "rule": rule.says,
            });
            if let Some(members) = line.as_object_mut() {
                let more = [
                    ("means", means.map(Value::from)),
                    ("remedy", remedy.map(Value::from)),
                    ("numbers", numbers),
                ];
                for (name, value) in more {
                    if let Some(value) = value {
                        members.insert(name.into(), value);
                    }
                }
            }
            self.out.json(&line)?;
        } else {
            self.tell(rule, verdict, asked, &came, means, remedy)?;
        }
        // A person watches, or a pipe: each line when it is known.
        self.out.flush()
    }

    fn tell(
        &mut self,
        rule: &Rule,
        verdict: Verdict,
        asked: &str,
        came: &str,
        means: Option<String>,
        remedy: Option<String>,
    ) -> io::Result<()> {
        let (style, word) = match verdict {
            Verdict::Ok => (FAINT, "ok     "),
            Verdict::Warning => (STRONG, "warning"),
            Verdict::Failed => (FOUND, "FAILED "),
            Verdict::Skipped => (FAINT, "skipped"),
        };
        let head = self.out.paint(style, word);
        let mut line = format!("{head}  {}: {}", rule.id, rule.says);
        if verdict == Verdict::Ok {
            let came = self.out.paint(FAINT, &format!("({})", short(came)));
            line = format!("{line} {came}");
            return self.out.line(&line);
        }
        self.out.line(&line)?;
        let asked = (!asked.is_empty()).then(|| asked.to_owned());
        let more = [
            ("asked", asked),
            ("came", Some(came.to_owned())),
            ("means", means),
            ("remedy", remedy),
            ("rule", Some(rule.section.to_owned())),
        ];
        for (name, text) in more {
            if let Some(text) = text {
                let name = self.out.paint(FAINT, &format!("{name:<6}"));
                self.out.line(&format!("         {name} {text}"))?;
            }
        }
        Ok(())
    }

    /// Whether a check failed.
    pub(super) fn failed(&self) -> bool {
        let [_, _, failed, _] = self.counts;
        failed > 0
    }

    /// The sum.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(super) fn end(&mut self, address: &Address, client: Option<Client>) -> io::Result<()> {
        let [ok, warnings, failed, skipped] = self.counts;
        let client = client.and_then(|client| client.to_possible_value());
        let client = client.as_ref().map(clap::builder::PossibleValue::get_name);
        if self.json {
            let sum = json!({"summary": {
                "url": address.to_string(), "as": client,
                "ok": ok, "warnings": warnings, "failed": failed, "skipped": skipped,
            }});
            self.out.json(&sum)?;
        } else {
            let how = client.map_or_else(String::new, |client| format!(", as {client}"));
            self.out.line(&format!(
                "{address}{how}: {ok} ok, {warnings} with a warning, {failed} failed, {skipped} skipped"
            ))?;
        }
        self.out.flush()
    }
}

/// The beginning of what came, where all is well.
fn short(came: &str) -> String {
    match came.char_indices().nth(LONGEST_OK) {
        Some((end, _)) => format!("{}…", came.get(..end).unwrap_or_default()),
        None => came.to_owned(),
    }
}
