//! A report as it is read: its text, its members, its evidence.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use serde_json::{Map, Value};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::check::{Fault, Findings, check, kind_of};
use super::rule::Kind;
use super::tables::LARGEST_ITEM;

/// Octets of the largest report: its evidence in base64, and room for the rest.
pub(crate) const LARGEST: usize = 24 << 20;
/// Octets of all evidence of a report (XARF v4 implementer's guide, evidence processing).
const LARGEST_EVIDENCE: usize = 15 << 20;

/// A report that the schemas take, with evidence that can be read.
#[derive(Debug)]
pub(crate) struct Report {
    pub(super) members: Map<String, Value>,
    pub(super) kind: &'static Kind,
    pub(super) evidence: Vec<Item>,
}

/// An item of evidence.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) content_type: String,
    pub(super) description: Option<String>,
    pub(super) bytes: Vec<u8>,
    /// What it says of its own digest, when that is not so.
    pub(super) wrong: Option<String>,
}

/// What a text is as a report.
#[derive(Debug)]
pub(crate) struct Examined {
    /// Its id, category and type, as far as it has them.
    pub(crate) id: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) findings: Findings,
    report: Option<Report>,
}

impl Report {
    /// Reads a report.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn read(text: &[u8]) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let examined = examine(text);
        match examined.report {
            Some(report) => Ok((report, examined.findings.hints)),
            None => Err(examined.findings.faults),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }
}

/// Says what a text is as a report, and what is wrong with it.
pub(crate) fn examine(text: &[u8]) -> Examined {
    let mut examined = Examined {
        id: None,
        category: None,
        kind: None,
        findings: Findings::default(),
        report: None,
    };
    match parse(text) {
        Ok(value) => examined.value(value),
        Err(fault) => examined.findings.faults.push(fault),
    }
    examined
}

fn parse(text: &[u8]) -> Result<Value, Fault> {
    let fault = |rule, message: String| Fault {
        pointer: String::new(),
        rule,
        message,
    };
    if text.len() > LARGEST {
        let words = format!(
            "the report has more than {} MiB: send less evidence",
            LARGEST >> 20
        );
        return Err(fault("size", words));
    }
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| fault("json", format!("it is no JSON: {error}")))?;
    let version = |name: &str| value.get(name).is_some();
    if version("Version") && !version("xarf_version") {
        return Err(Fault {
            pointer: "/Version".into(),
            rule: "version",
            message:
                "this is a report of XARF version 3; version 4 is read here: ask its sender for \
                      version 4, or convert it (xarf-spec, \"v3 Compatibility\")"
                    .into(),
        });
    }
    Ok(value)
}

impl Examined {
    fn value(&mut self, value: Value) {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        (self.id, self.category, self.kind) = (text("report_id"), text("category"), text("type"));
        self.findings = check(&value);
        if !self.findings.faults.is_empty() {
            return;
        }
        let evidence = self.evidence(&value);
        let Value::Object(members) = value else {
            return;
        };
        let kind = kind_of(&members);
        if let (Some(kind), Some(evidence)) = (kind, evidence) {
            self.report = Some(Report {
                members,
                kind,
                evidence,
            });
        }
    }

    /// The evidence, if all of it can be read.
    fn evidence(&mut self, report: &Value) -> Option<Vec<Item>> {
        let items = report.get("evidence").and_then(Value::as_array);
        let mut read = Vec::new();
        let mut octets = 0usize;
        for (at, item) in items.into_iter().flatten().enumerate() {
            let text = |name: &str| item.get(name).and_then(Value::as_str);
            let payload = text("payload").unwrap_or_default();
            let Ok(bytes) = BASE64.decode(payload) else {
                let words =
                    "it is no base64 (RFC 4648, section 4: with padding, without line breaks)";
                self.fault(at, "payload", words.to_owned());
                continue;
            };
            #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
            let too_large = bytes.len() as f64 > LARGEST_ITEM;
            octets = octets.saturating_add(bytes.len());
            if too_large || octets > LARGEST_EVIDENCE {
                let words = "evidence may have 5 MiB an item and 15 MiB a report: send less of it";
                self.fault(at, "payload", words.to_owned());
                continue;
            }
            let wrong = text("hash").and_then(|hash| wrong_digest(hash, &bytes));
            if let Some(is) = &wrong {
                let words = format!(
                    "the payload has another digest: {is}; it was altered, or the digest is wrong"
                );
                self.hint(at, "hash", words);
            }
            let size = item.get("size").and_then(Value::as_u64);
            if size.is_some_and(|size| size != bytes.len() as u64) {
                self.hint(
                    at,
                    "size",
                    format!("the payload has {} octets", bytes.len()),
                );
            }
            read.push(Item {
                content_type: text("content_type").unwrap_or_default().to_owned(),
                description: text("description").map(str::to_owned),
                bytes,
                wrong: wrong.and(text("hash").map(str::to_owned)),
            });
        }
        self.findings.faults.is_empty().then_some(read)
    }

    fn fault(&mut self, at: usize, name: &str, message: String) {
        let (pointer, rule) = (format!("/evidence/{at}/{name}"), "evidence");
        self.findings.faults.push(Fault {
            pointer,
            rule,
            message,
        });
    }

    fn hint(&mut self, at: usize, name: &str, message: String) {
        let (pointer, rule) = (format!("/evidence/{at}/{name}"), "evidence");
        self.findings.hints.push(Fault {
            pointer,
            rule,
            message,
        });
    }
}

/// The digest of octets by the algorithm that a hash names, when it is another.
fn wrong_digest(hash: &str, bytes: &[u8]) -> Option<String> {
    let (algorithm, said) = hash.split_once(':')?;
    let is = match algorithm {
        "md5" => hex(&Md5::digest(bytes)),
        "sha1" => hex(&Sha1::digest(bytes)),
        "sha512" => hex(&Sha512::digest(bytes)),
        _ => hex(&Sha256::digest(bytes)),
    };
    (!is.eq_ignore_ascii_case(said)).then(|| format!("{algorithm}:{is}"))
}

/// Octets as hexadecimal digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| {
        DIGITS
            .get(usize::from(value))
            .copied()
            .map_or('0', char::from)
    };
    let pairs = octets.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    pairs.map(digit).collect()
}
