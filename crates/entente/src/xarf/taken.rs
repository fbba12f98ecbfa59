//! A report as a request.

use node::request::{Category, Contact, Ground, GroundKind, Kind};
use serde_json::{Map, Value};

use super::form::is_hostname;
use super::meaning::{Meaning, is_sealed, meaning_of};
use super::report::{Item, Report};
use super::text::{Member, members, written};
use crate::present::request::{defanged, unlinked};

/// Octets of a title.
const TITLE: usize = 280;
/// Octets of what is said of a report's members.
const SAID: usize = 4_000;
/// Items of evidence that become attachments of their own, with the report itself beside them.
const ITEMS: usize = 19;

/// What a report asks for.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) kind: Kind,
    pub(crate) category: Category,
    pub(crate) title: String,
    pub(crate) words: String,
    pub(crate) targets: Vec<String>,
    /// There when another node wrote the report.
    pub(crate) ground: Option<Ground>,
    pub(crate) country: Option<String>,
    pub(crate) contact: Contact,
    /// Its id.
    pub(crate) reference: String,
    pub(crate) attachments: Vec<Attachment>,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

/// A file that comes with a request.
#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

impl Report {
    /// The request that a report is; `text` is what it was read from.
    pub(crate) fn taken(&self, text: &[u8]) -> Option<Taken> {
        let meaning = meaning_of(self.kind.category, self.kind.name)?;
        let mut notes = Vec::new();
        let sealed = is_sealed(meaning.category, meaning.name);
        let attachments = vec![self.itself(text, sealed, &mut notes)];
        let mut taken = self.bare(meaning);
        taken.attachments = attachments;
        let listed = self.attach(&mut taken, sealed, &mut notes);
        taken.words = self.words(meaning, &listed);
        taken.notes = notes;
        Some(taken)
    }

    /// The same without attachments, and without a word on them.
    pub(crate) fn taken_bare(&self) -> Option<Taken> {
        meaning_of(self.kind.category, self.kind.name).map(|meaning| self.bare(meaning))
    }

    fn bare(&self, meaning: &Meaning) -> Taken {
        let targets = self.targets(meaning);
        Taken {
            kind: meaning.kind,
            category: meaning.about,
            title: self.title(meaning, &targets),
            words: self.words(meaning, &[]),
            ground: self.ground(),
            country: self.own("country"),
            contact: Contact {
                name: plain(self.of("reporter", "org")),
                email: self.of("reporter", "contact").to_owned(),
            },
            reference: self.text("report_id").unwrap_or_default().to_owned(),
            targets,
            attachments: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Attaches evidence; gives a line for each item.
    fn attach(&self, taken: &mut Taken, sealed: bool, notes: &mut Vec<String>) -> Vec<String> {
        let attachments = &mut taken.attachments;
        let mut listed = Vec::new();
        for (at, item) in self.evidence.iter().enumerate() {
            let number = at + 1;
            let name = format!("evidence-{number}{}", extension(&item.content_type));
            let described = item.description.as_deref().unwrap_or("no description");
            if sealed {
                let words = format!(
                    "Evidence {number} ({}) was not taken: payloads of reports of this type are never kept",
                    item.content_type
                );
                notes.push(words.clone());
                listed.push(words);
                continue;
            }
            if let Some(said) = &item.wrong {
                let words =
                    format!("{name}: the report gives the digest {said}, which is not its digest");
                notes.push(words.clone());
                listed.push(words);
            }
            if attachments.len() > ITEMS {
                let words = format!("Evidence {number} is in the report alone");
                notes.push(words.clone());
                listed.push(words);
                continue;
            }
            listed.push(format!("{name}: {described} ({})", item.content_type));
            attachments.push(attachment(name, item));
        }
        listed
    }

    /// The report as it is kept: as it came, but for what is never kept.
    fn itself(&self, text: &[u8], sealed: bool, notes: &mut Vec<String>) -> Attachment {
        let mut bytes = text.to_vec();
        let internal = self.members.contains_key("_internal");
        let payloads = sealed && !self.evidence.is_empty();
        if internal {
            notes.push("_internal was left out: it is never kept nor sent on".into());
        }
        if internal || payloads {
            let mut kept = members(text);
            kept.retain(|member| member.name != "_internal");
            if payloads {
                kept.iter_mut()
                    .filter(|member| member.name == "evidence")
                    .for_each(without_payloads);
            }
            bytes = written(&kept).into_bytes();
        }
        Attachment {
            name: "xarf.json".into(),
            media_type: "application/json".into(),
            bytes,
        }
    }

    fn of(&self, member: &str, name: &str) -> &str {
        let value = self.members.get(member).and_then(|value| value.get(name));
        value.and_then(Value::as_str).unwrap_or_default()
    }

    /// URLs first, then the source with its port.
    fn targets(&self, meaning: &Meaning) -> Vec<String> {
        let mut targets = Vec::new();
        let mut add = |text: &str| {
            let target = plain(text);
            if !target.is_empty() && target.len() <= 2_000 && !targets.contains(&target) {
                targets.push(target);
            }
        };
        let named = match meaning.category {
            "content" | "copyright" => &["url", "infringing_url"][..],
            _ => &[],
        };
        named
            .iter()
            .filter_map(|name| self.text(name))
            .for_each(&mut add);
        if meaning.category == "copyright" {
            let linked = self.members.get("linked_content").and_then(Value::as_array);
            for link in linked.into_iter().flatten() {
                link.get("target_url")
                    .and_then(Value::as_str)
                    .into_iter()
                    .for_each(&mut add);
            }
            add(self.of("swarm_info", "magnet_uri"));
            add(self.of("nzb_info", "nzb_url"));
        }
        let source = self.text("source_identifier").unwrap_or_default();
        match self.members.get("source_port").and_then(Value::as_f64) {
            Some(port) if source.contains(':') => add(&format!("[{source}]:{port}")),
            Some(port) => add(&format!("{source}:{port}")),
            None => add(source),
        }
        targets
    }

    fn title(&self, meaning: &Meaning, targets: &[String]) -> String {
        // A title is read everywhere; where it is about stands in the targets.
        let own = self.own("title").map(|title| unlinked(&plain(&title)));
        let title = own.unwrap_or_else(|| {
            let target = targets.first().map_or("", String::as_str);
            format!("{}: {}", meaning.label, defanged(target))
        });
        cut(&title, TITLE)
    }

    /// What a person has to know, without opening the report.
    fn words(&self, meaning: &Meaning, listed: &[String]) -> String {
        let mut lines = Vec::new();
        if let Some(description) = self.text("description").map(str::trim) {
            lines.extend(description.lines().map(plain));
            lines.push(String::new());
        }
        let (reporter, sender) = (self.of("reporter", "org"), self.of("sender", "org"));
        lines.push(format!(
            "Made of a report in XARF {} ({}/{}) by {}{}, of {}.",
            self.text("xarf_version").unwrap_or_default(),
            meaning.category,
            meaning.name,
            plain(reporter),
            if sender == reporter || sender.is_empty() {
                String::new()
            } else {
                format!(", sent by {}", plain(sender))
            },
            self.text("timestamp").unwrap_or_default(),
        ));
        let mut room = SAID;
        for (name, value) in &self.members {
            let of_core = super::tables::CORE.iter().any(|field| field.name == name);
            if of_core
                || matches!(
                    name.as_str(),
                    "category" | "type" | "url" | "infringing_url" | OWN
                )
            {
                continue;
            }
            let Some(said) = said(value) else { continue };
            let line = cut(&format!("{}: {said}", plain(name)), 300);
            room = match room.checked_sub(line.len() + 1) {
                Some(room) => room,
                None => break,
            };
            lines.push(line);
        }
        lines.extend(
            listed
                .iter()
                .take(2 * ITEMS)
                .map(|line| cut(&plain(line), 120)),
        );
        lines.join("\n").trim().to_owned()
    }

    /// What another node wrote of the request that it made the report of.
    fn own(&self, name: &str) -> Option<String> {
        let own = self.members.get(OWN)?.get(name)?;
        own.as_str().map(str::to_owned)
    }

    fn ground(&self) -> Option<Ground> {
        let ground = self.members.get(OWN)?.get("ground")?;
        let text = |name: &str| ground.get(name).and_then(Value::as_str);
        Some(Ground {
            kind: text("kind")?.parse::<GroundKind>().ok()?,
            reference: plain(text("reference")?),
            url: text("url").map(plain),
            explanation: text("explanation")?.to_owned(),
        })
    }
}

/// The member under which a node says what XARF has no words for.
pub(super) const OWN: &str = "entente";

fn attachment(name: String, item: &Item) -> Attachment {
    Attachment {
        name,
        media_type: media_type(&item.content_type),
        bytes: item.bytes.clone(),
    }
}

/// A media type, or that of octets nobody knows.
fn media_type(text: &str) -> String {
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let main = text.split(';').next().unwrap_or_default().trim();
    match main.split_once('/') {
        Some((top, sub)) if main.len() <= 127 && token(top) && token(sub) => {
            main.to_ascii_lowercase()
        }
        _ => "application/octet-stream".into(),
    }
}

fn extension(content_type: &str) -> &'static str {
    match media_type(content_type).as_str() {
        "text/plain" => ".txt",
        "text/csv" => ".csv",
        "text/html" => ".html",
        "application/json" => ".json",
        "application/pdf" => ".pdf",
        "application/zip" => ".zip",
        "message/rfc822" | "text/email" => ".eml",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        _ => ".bin",
    }
}

/// Evidence without what it is: what it was is still told by its digest.
fn without_payloads(member: &mut Member) {
    let Ok(Value::Array(mut items)) = serde_json::from_str(&member.value) else {
        return;
    };
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        item.insert("payload".into(), Value::String(String::new()));
        item.remove("size");
    }
    member.value = Value::Array(items).to_string();
}

/// A value in a line: texts, numbers and lists of them.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(plain(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.into()),
        Value::Array(items) => {
            let said: Option<Vec<String>> = items.iter().take(20).map(said_flat).collect();
            said.filter(|said| !said.is_empty())
                .map(|said| said.join(", "))
        }
        Value::Object(members) => {
            let flat = |(name, value): (&String, &Value)| {
                Some(format!("{} {}", plain(name), said_flat(value)?))
            };
            let said: Vec<String> = members.iter().take(20).filter_map(flat).collect();
            (!said.is_empty()).then(|| said.join(", "))
        }
        Value::Null => None,
    }
}

fn said_flat(value: &Value) -> Option<String> {
    match value {
        Value::Array(_) | Value::Object(_) => None,
        other => said(other),
    }
}

/// One line without control characters.
pub(crate) fn plain(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    line.trim().to_owned()
}

/// At most so many octets, whole characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub('…'.len_utf8());
    let end = (0..=room).rev().find(|at| text.is_char_boundary(*at));
    let kept = text.get(..end.unwrap_or_default()).unwrap_or_default();
    format!("{kept}…")
}

/// The source and its port, of a target that is no URL.
pub(super) fn source_of(target: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = target.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
        return (address.parse::<std::net::Ipv6Addr>().is_ok()).then_some((address, port));
    }
    if target.parse::<std::net::IpAddr>().is_ok() {
        return Some((target, None));
    }
    let (host, port) = match target.rsplit_once(':') {
        Some((host, port)) => (
            host,
            Some(port.parse::<u16>().ok().filter(|port| *port > 0)?),
        ),
        None => (target, None),
    };
    (is_hostname(host) && host.contains('.')).then_some((host, port))
}

/// The host of a URL.
pub(super) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    if let Some(literal) = host.strip_prefix('[') {
        return literal.split_once(']').map(|(address, _)| address);
    }
    let host = host.split(':').next()?;
    (!host.is_empty()).then_some(host)
}

/// The members of a map in a stable order of their own.
pub(super) fn object(pairs: Vec<(&str, Value)>) -> Map<String, Value> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
