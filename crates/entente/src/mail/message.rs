//! Messages as they go out (RFC 5322, MIME), with the headers by which mail programs know a list and
//! let people leave it: RFC 2919, RFC 2369, RFC 8058, RFC 3834.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart, header};
use node::clock::Instant;

use super::digest::Composed;

/// What stands around the content of a message.
#[derive(Clone, Debug)]
pub(super) struct Envelope<'a> {
    pub(super) from: &'a Mailbox,
    pub(super) to: &'a str,
    /// What the message is known by, whenever it is sent: the left part of its id.
    pub(super) id: String,
    pub(super) now: Instant,
    /// The list's name, and its name for programs.
    pub(super) list: (&'a str, &'a str),
    /// Where one click ends the subscription; none for what is no digest.
    pub(super) unsubscribe: Option<String>,
}

/// The message.
///
/// # Errors
/// What cannot be put into one: an address, most likely.
pub(super) fn build(envelope: &Envelope<'_>, composed: Composed) -> Result<Message, String> {
    let Envelope { from, to, now, .. } = envelope;
    let to = to.parse::<Mailbox>().map_err(|error| error.to_string())?;
    let host = from.email.domain().to_owned();
    let seconds = u64::try_from(now.0 / 1_000_000).unwrap_or(0);
    let mut builder = Message::builder()
        .from((*from).clone())
        .to(to)
        .subject(composed.subject)
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(format!("<{}@{host}>", envelope.id)))
        .raw_header(raw("Auto-Submitted", "auto-generated".into())?);
    if let Some(url) = &envelope.unsubscribe {
        let (name, id) = envelope.list;
        builder = builder
            .raw_header(raw("List-Id", format!("{name} <{id}.{host}>"))?)
            .raw_header(raw("List-Unsubscribe", format!("<{url}>"))?)
            .raw_header(raw(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".into(),
            )?)
            .raw_header(raw("Precedence", "list".into())?);
    }
    let text = SinglePart::builder()
        .header(header::ContentType::TEXT_PLAIN)
        .body(composed.text);
    let built = if composed.html.is_empty() {
        builder.singlepart(text)
    } else {
        let html = SinglePart::builder()
            .header(header::ContentType::TEXT_HTML)
            .body(composed.html);
        builder.multipart(MultiPart::alternative().singlepart(text).singlepart(html))
    };
    built.map_err(|error| error.to_string())
}

fn raw(name: &'static str, value: String) -> Result<HeaderValue, String> {
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| error.to_string())?;
    Ok(HeaderValue::new(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(unsubscribe: Option<&str>, html: &str) -> String {
        let from: Mailbox = "Paris Call <node@mail.example>".parse().unwrap();
        let envelope = Envelope {
            from: &from,
            to: "reader@example.org",
            id: "abc.1764316800".into(),
            now: Instant(1_764_316_800_000_000),
            list: ("Paris Call briefings", "briefing"),
            unsubscribe: unsubscribe.map(str::to_owned),
        };
        let composed = Composed {
            subject: "Café\r\nBcc: others@example.org".into(),
            text: "Grüße\n".into(),
            html: html.into(),
        };
        let message = build(&envelope, composed).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn a_digest_names_its_list_and_how_to_leave_it() {
        let message = sent(
            Some("https://node.example/mail/subscription/x"),
            "<p>Grüße</p>",
        );
        for line in [
            "From: \"Paris Call\" <node@mail.example>",
            "To: reader@example.org",
            "Date: Fri, 28 Nov 2025 08:00:00 +0000",
            "Message-ID: <abc.1764316800@mail.example>",
            "Auto-Submitted: auto-generated",
            "List-Id: Paris Call briefings <briefing.mail.example>",
            "List-Unsubscribe: <https://node.example/mail/subscription/x>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Precedence: list",
        ] {
            assert!(
                message.contains(&format!("{line}\r\n")),
                "{line}\n{message}"
            );
        }
        assert!(message.contains("multipart/alternative"));
        assert!(message.is_ascii());
    }

    #[test]
    fn no_header_can_be_smuggled_in() {
        let message = sent(None, "");
        assert!(!message.contains("\r\nBcc:"), "{message}");
        assert!(!message.contains("List-"));
    }
}
