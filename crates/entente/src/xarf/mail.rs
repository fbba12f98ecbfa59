//! A report as an e-mail: `multipart/report` with a text for people, a feedback report and the report
//! itself (xarf.org, "Email Transport"; RFC 6522, RFC 5965, RFC 6692).

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::header::{
    ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use node::clock::Instant;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::meaning::meaning_of;
use super::report::hex;
use super::taken::{cut, plain};
use super::written::Written;

/// Octets of a line of a feedback report that are written; RFC 5322 has 998.
const LINE: usize = 900;

/// Between whom a report goes, and when.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) from: Mailbox,
    pub(crate) to: Mailbox,
    pub(crate) date: Instant,
}

/// Why there is no e-mail of a report.
#[derive(Debug, thiserror::Error)]
#[error("no e-mail can be made of it: {0}")]
pub(crate) struct Unmailable(String);

/// The e-mail, as it is sent (RFC 5322). The same report gives the same octets.
///
/// # Errors
/// [`Unmailable`].
pub(crate) fn mail(written: &Written, envelope: &Envelope) -> Result<Vec<u8>, Unmailable> {
    let no = |error: &dyn std::fmt::Display| Unmailable(error.to_string());
    let report = &written.report;
    let id = text(report, "report_id");
    let digest = hex(&Sha256::digest(written.text.as_bytes()));
    let boundary = format!("=_report_{}", digest.get(..32).unwrap_or_default());
    let kind = ContentType::parse(&format!(
        "multipart/report; report-type=feedback-report; boundary=\"{boundary}\""
    ));
    let parts = MultiPart::builder()
        .header(kind.map_err(|error| no(&error))?)
        .singlepart(SinglePart::plain(words(report)))
        .singlepart(feedback(report)?)
        .singlepart(attached(&written.text)?);
    let micros = u64::try_from(envelope.date.0).unwrap_or_default();
    let label = label(report);
    let subject = format!(
        "XARF Abuse Report - {label} from {}",
        text(report, "source_identifier")
    );
    let mut message = Message::builder()
        .from(envelope.from.clone())
        .to(envelope.to.clone())
        .subject(cut(&plain(&subject), 200))
        .message_id(Some(format!("<{id}@{}>", envelope.from.email.domain())))
        .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
        .multipart(parts)
        .map_err(|error| no(&error))?;
    // Nobody's holiday notice answers it (RFC 3834).
    let auto = HeaderName::new_from_ascii_str("Auto-Submitted");
    let value = HeaderValue::new(auto, "auto-generated".into());
    message.headers_mut().insert_raw(value);
    Ok(message.formatted())
}

fn text<'r>(report: &'r Value, name: &str) -> &'r str {
    report.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn label(report: &Value) -> &'static str {
    let meaning = meaning_of(text(report, "category"), text(report, "type"));
    meaning.map_or("Abuse", |meaning| meaning.label)
}

/// What people read: at most ten lines and the description.
fn words(report: &Value) -> String {
    let of = |member: &str, name: &str| {
        report
            .get(member)
            .map_or("", |value| text(value, name))
            .to_owned()
    };
    let mut lines = vec![
        format!("This is a report of abuse by {}.", of("reporter", "org")),
        String::new(),
        format!("- Type: {}", label(report)),
        format!("- Source: {}", text(report, "source_identifier")),
    ];
    let url = ["url", "infringing_url"].map(|name| text(report, name));
    if let Some(url) = url.into_iter().find(|url| !url.is_empty()) {
        lines.push(format!("- URL: {url}"));
    }
    lines.push(format!("- Time: {}", text(report, "timestamp")));
    lines.push(format!("- Report: {}", text(report, "report_id")));
    lines = lines.iter().map(|line| plain(line)).collect();
    let description = text(report, "description");
    if !description.is_empty() {
        lines.push(String::new());
        lines.extend(description.lines().map(plain));
    }
    lines.push(String::new());
    lines.push("All of it, with its evidence, is in the attached report (XARF, xarf.json).".into());
    lines.push(format!(
        "Questions go to {}.",
        plain(&of("reporter", "contact"))
    ));
    lines.join("\r\n") + "\r\n"
}

/// The part that programs read: `Feedback-Type: xarf`, which no reader of RFC 5965 takes for another.
fn feedback(report: &Value) -> Result<SinglePart, Unmailable> {
    let mut lines = vec![
        "Feedback-Type: xarf".to_owned(),
        format!("User-Agent: Entente/{}", env!("CARGO_PKG_VERSION")),
        "Version: 1".to_owned(),
    ];
    let source = text(report, "source_identifier");
    if source.parse::<std::net::IpAddr>().is_ok() {
        lines.push(format!("Source-IP: {source}"));
        if let Some(port) = report.get("source_port").and_then(Value::as_u64) {
            lines.push(format!("Source-Port: {port}"));
        }
    }
    let url = ["url", "infringing_url"].map(|name| text(report, name));
    let short = |url: &&str| !url.is_empty() && url.is_ascii() && url.len() < LINE;
    lines.extend(
        url.iter()
            .find(|url| short(url))
            .map(|url| format!("Reported-URI: {url}")),
    );
    let kind = ContentType::parse("message/feedback-report");
    let kind = kind.map_err(|error| Unmailable(error.to_string()))?;
    // RFC 5965, section 2: always 7bit. Its lines are ASCII, and short enough for RFC 5322.
    let octets = (lines.join("\r\n") + "\r\n").into_bytes();
    let body = Body::dangerous_pre_encoded(octets, ContentTransferEncoding::SevenBit);
    let part = SinglePart::builder()
        .header(kind)
        .header(ContentDisposition::inline());
    Ok(part.body(body))
}

fn attached(report: &str) -> Result<SinglePart, Unmailable> {
    let kind = ContentType::parse("application/json; name=xarf.json");
    let kind = kind.map_err(|error| Unmailable(error.to_string()))?;
    let body = Body::new_with_encoding(report.as_bytes().to_vec(), ContentTransferEncoding::Base64);
    let body = body.map_err(|_| Unmailable("the report cannot be encoded".into()))?;
    let part = SinglePart::builder()
        .header(kind)
        .header(ContentDisposition::attachment("xarf.json"));
    Ok(part.body(body))
}
