//! A request as a report.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use node::policy::CaseSight;
use node::request::{Category, Request};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::check::{Fault, check};
use super::meaning::{is_sealed, type_of};
use super::report::Report;
use super::taken::{OWN, cut, host_of, object, source_of};
use crate::case::CaseFile;

/// The version of XARF that is written.
const VERSION: &str = "4.2.0";
/// Characters of a description.
const DESCRIPTION: usize = 1_000;
/// Octets of an item of evidence, and of all of it.
const ITEM: usize = 5_242_880;
const ALL: usize = 15 << 20;
/// The namespace of the ids of reports about requests. Ids depend on it: it never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x7c2b_9a51_0d1e_4e55_8f6a_33c1_92d0_5b7e);

/// What the caller says of the report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Category and type.
    pub(crate) kind: Option<(String, String)>,
    /// Members of the report, over what follows from the request.
    pub(crate) set: Vec<(String, Value)>,
    /// Whether the report is made anew where the request was made of one.
    pub(crate) anew: bool,
}

/// A report and what it does not say.
#[derive(Debug)]
pub(crate) struct Written {
    /// JSON, with its last newline.
    pub(crate) text: String,
    pub(crate) report: Value,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

/// Why there is no report of a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unwritable {
    /// The request says nothing that XARF has words for, or is not seen.
    #[error("{0}")]
    Nothing(String),
    /// The report would not be one.
    #[error("the report lacks something that the request does not say: {}", told(.0))]
    Invalid(Vec<Fault>),
}

fn told(faults: &[Fault]) -> String {
    let each = faults.iter().map(|fault| {
        let name = fault.pointer.trim_start_matches('/');
        format!(
            "{}: {}; give it with --set {name}=VALUE",
            fault.pointer, fault.message
        )
    });
    each.collect::<Vec<_>>().join("\n")
}

/// The report of a request.
///
/// # Errors
/// Any [`Unwritable`].
pub(crate) fn report_of(file: &CaseFile, wanted: &Wanted) -> Result<Written, Unwritable> {
    if file.sight < CaseSight::Whole || file.case.request.title.is_empty() {
        let words = "who does not see all of a request cannot make a report of it";
        return Err(Unwritable::Nothing(words.into()));
    }
    let mut notes = Vec::new();
    let original = if wanted.anew { None } else { original(file) };
    let mut members = match original {
        Some(members) => {
            notes.push(
                "the report that the request was made of; nothing of the case is in it".into(),
            );
            members
        }
        None => made(file, wanted, &mut notes)?,
    };
    if let Some((category, name)) = &wanted.kind {
        members.insert("category".into(), json!(category));
        members.insert("type".into(), json!(name));
    }
    members.extend(wanted.set.iter().cloned());
    members.remove("_internal");
    let report = Value::Object(members);
    let faults = check(&report).faults;
    if !faults.is_empty() {
        return Err(Unwritable::Invalid(faults));
    }
    let text = serde_json::to_string_pretty(&report)
        .map_err(|error| Unwritable::Nothing(error.to_string()))?;
    Ok(Written {
        text: text + "\n",
        report,
        notes,
    })
}

/// The report that the request was made of, where it is attached.
fn original(file: &CaseFile) -> Option<Map<String, Value>> {
    let reference = file.case.request.reference.as_deref()?;
    let attached = file.case.request.evidence.iter();
    let mut reports = attached
        .filter_map(|evidence| file.file(evidence))
        .filter(|bytes| bytes.trim_ascii_start().starts_with(b"{"))
        .filter_map(|bytes| Report::read(bytes).ok());
    let (report, _) = reports.find(|(report, _)| report.text("report_id") == Some(reference))?;
    Some(report.members)
}

fn made(
    file: &CaseFile,
    wanted: &Wanted,
    notes: &mut Vec<String>,
) -> Result<Map<String, Value>, Unwritable> {
    let request = &file.case.request;
    let (category, name) = match &wanted.kind {
        Some((category, name)) => (category.as_str(), name.as_str()),
        None => type_of(request.kind, request.category).map_err(Unwritable::Nothing)?,
    };
    let mut members = object(vec![
        ("xarf_version", json!(VERSION)),
        ("report_id", json!(report_id(request))),
        (
            "timestamp",
            json!(second(file.case.sent.unwrap_or(file.case.opened))),
        ),
        ("category", json!(category)),
        ("type", json!(name)),
    ]);
    let description = description(request);
    if description.chars().count() == DESCRIPTION {
        notes.push(format!("the words are cut to {DESCRIPTION} characters"));
    }
    members.insert("description".into(), json!(description));
    reporter(&mut members, file, wanted, notes)?;
    place(&mut members, request, category, notes);
    if request.category == Category::TradeSecrets && name == "exposed_data" {
        members.insert("data_types".into(), json!(["intellectual_property"]));
    }
    evidence(&mut members, file, is_sealed(category, name), notes);
    members.insert(OWN.into(), own(request));
    notes.push(format!(
        "kind, ground, statement of good faith, country, signals and deadline stand in the member \
         '{OWN}', which is none of XARF's; steps of the case are not in it"
    ));
    Ok(members)
}

/// Who reports: the sender, and the address to ask.
fn reporter(
    members: &mut Map<String, Value>,
    file: &CaseFile,
    wanted: &Wanted,
    notes: &mut Vec<String>,
) -> Result<(), Unwritable> {
    let given = |member: &str| wanted.set.iter().any(|(name, _)| name == member);
    if given("reporter") && given("sender") {
        return Ok(());
    }
    let Some(contact) = &file.case.request.contact else {
        let words = "the request names nobody to ask, and a report has an address: give both with \
                     --set 'reporter={\"org\":…,\"contact\":…,\"domain\":…}' and --set 'sender=…'";
        return Err(Unwritable::Nothing(words.into()));
    };
    let domain = contact
        .email
        .rsplit_once('@')
        .map_or("", |(_, domain)| domain);
    let org: String = file.from.chars().take(200).collect();
    let party = json!({ "org": org, "contact": contact.email, "domain": domain });
    members.insert("reporter".into(), party.clone());
    members.insert("sender".into(), party);
    notes.push(
        "the name of whom to ask is left out: XARF has an organisation and an address".into(),
    );
    Ok(())
}

/// The UUID of a report about a request: that of the report it was made of, or one of its own.
fn report_id(request: &Request) -> String {
    let reference = request.reference.as_deref();
    let own = reference.filter(|text| text.len() == 36 && Uuid::try_parse(text).is_ok());
    own.map_or_else(
        || Uuid::new_v5(&NAMESPACE, request.id.as_bytes()).to_string(),
        str::to_owned,
    )
}

fn description(request: &Request) -> String {
    let words = format!("{}\n\n{}", request.title, request.words);
    if words.chars().count() <= DESCRIPTION {
        return words;
    }
    let kept: String = words.chars().take(DESCRIPTION - 1).collect();
    kept + "…"
}

/// What it is about: a URL where the category has one, and the source.
fn place(
    members: &mut Map<String, Value>,
    request: &Request,
    category: &str,
    notes: &mut Vec<String>,
) {
    let url = request
        .targets
        .iter()
        .find(|target| host_of(target).is_some());
    let source = request.targets.iter().find_map(|target| source_of(target));
    let name = match category {
        "content" => Some("url"),
        "copyright" => Some("infringing_url"),
        _ => None,
    };
    if let (Some(name), Some(url)) = (name, url) {
        members.insert(name.into(), json!(url));
    }
    let from_url = url.and_then(|url| host_of(url)).map(|host| (host, None));
    if let Some((host, port)) = source.or(from_url) {
        members.insert("source_identifier".into(), json!(host));
        if let Some(port) = port {
            members.insert("source_port".into(), json!(port));
        }
    }
    let said = usize::from(name.is_some() && url.is_some()) + usize::from(source.is_some());
    if request.targets.len() > said {
        notes.push(format!(
            "of {} targets {said} are where XARF has a place for them; all are in '{OWN}'",
            request.targets.len()
        ));
    }
}

fn evidence(
    members: &mut Map<String, Value>,
    file: &CaseFile,
    sealed: bool,
    notes: &mut Vec<String>,
) {
    let mut items = Vec::new();
    let mut octets = 0;
    for evidence in &file.case.request.evidence {
        let why = match file.file(evidence) {
            _ if sealed => "payloads of reports of this type are never sent on",
            None => "its bytes are not here",
            Some(bytes) if bytes.len() > ITEM || octets + bytes.len() > ALL => {
                "XARF takes 5 MiB an item and 15 MiB a report"
            }
            Some(_) if items.len() == 50 => "XARF takes 50 items",
            Some(bytes) => {
                octets += bytes.len();
                items.push(json!({
                    "content_type": evidence.media_type,
                    "description": cut(&evidence.name, 500),
                    "payload": BASE64.encode(bytes),
                    "hash": format!("sha256:{}", evidence.digest()),
                    "size": bytes.len(),
                }));
                continue;
            }
        };
        notes.push(format!("{} is left out: {why}", evidence.name));
    }
    if !items.is_empty() {
        members.insert("evidence".into(), Value::Array(items));
    }
}

/// What XARF has no words for.
fn own(request: &Request) -> Value {
    let mut own = object(vec![
        ("request", json!(request.id)),
        ("from", json!(request.from)),
        ("to", json!(request.to)),
        ("kind", json!(request.kind.as_str())),
        ("category", json!(request.category.as_str())),
        ("title", json!(request.title)),
        ("targets", json!(request.targets)),
        ("good_faith", json!(request.good_faith)),
    ]);
    if let Some(ground) = &request.ground {
        let mut told = object(vec![
            ("kind", json!(ground.kind.as_str())),
            ("reference", json!(ground.reference)),
            ("explanation", json!(ground.explanation)),
        ]);
        if let Some(url) = &ground.url {
            told.insert("url".into(), json!(url));
        }
        own.insert("ground".into(), Value::Object(told));
    }
    if let Some(country) = &request.country {
        own.insert("country".into(), json!(country));
    }
    if !request.signals.is_empty() {
        own.insert("signals".into(), json!(request.signals));
    }
    if let Some(deadline) = &request.deadline {
        own.insert("answer_by".into(), json!(second(deadline.answer_by)));
    }
    Value::Object(own)
}

/// An instant to the second.
fn second(at: node::clock::Instant) -> String {
    let text = at.to_micro_string();
    format!("{}Z", text.get(..19).unwrap_or_default())
}
