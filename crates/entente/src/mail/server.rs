//! The mail server that messages are handed to, and one message on its way (RFC 5321).

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport as _};

/// How long the server may take for each step.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Replies that say that a recipient takes no mail (RFC 5321 §4.2.3). Others of 5yz are about us.
const REFUSES: [u16; 4] = [550, 551, 553, 556];

/// What the operator said of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// `smtp://host[:port]` for STARTTLS, `smtps://host[:port]` for TLS from the start.
    pub(crate) url: String,
    /// Who messages are from: `Name <address>`.
    pub(crate) from: String,
    /// A file with the user's name on its first line and the password on the second.
    pub(crate) credentials: Option<PathBuf>,
    /// A certificate (PEM) to trust besides those of the web; then TLS is spoken on loopback too.
    pub(crate) ca: Option<PathBuf>,
    /// Whether it may be spoken to without TLS.
    pub(crate) plain: bool,
}

/// A server that can be sent to.
#[derive(Clone)]
pub(crate) struct Server {
    transport: SmtpTransport,
    from: Mailbox,
    /// The address as it may be shown.
    shown: String,
}

impl fmt::Debug for Server {
    // lettre would print credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.shown)
    }
}

/// What became of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The server took it.
    Taken,
    /// Its recipient takes no mail; why.
    Refused(String),
    /// Anything else: it is tried again.
    Failed(String),
}

/// An SMTP URL, read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    host: String,
    port: u16,
    implicit: bool,
}

impl Server {
    /// The server that is wanted; nothing is sent yet.
    ///
    /// # Errors
    /// What is wrong with the URL, the sender, or a file. Words never hold a secret.
    pub(crate) fn new(wanted: &Wanted) -> Result<Self, String> {
        let place = Place::parse(&wanted.url)?;
        let from: Mailbox = wanted
            .from
            .parse()
            .map_err(|_| format!("--mail-from: '{}' is no 'Name <user@host>'", wanted.from))?;
        let near = is_loopback(&place.host) && wanted.ca.is_none();
        let tls = if wanted.plain || (near && !place.implicit) {
            Tls::None
        } else {
            let parameters = tls(&place.host, wanted.ca.as_deref())?;
            if place.implicit {
                Tls::Wrapper(parameters)
            } else {
                Tls::Required(parameters)
            }
        };
        let mut builder = SmtpTransport::builder_dangerous(&place.host)
            .port(place.port)
            .timeout(Some(TIMEOUT))
            .tls(tls);
        if let Some(file) = &wanted.credentials {
            builder = builder.credentials(credentials(file)?);
        }
        Ok(Server {
            transport: builder.build(),
            from,
            shown: format!("{}:{}", place.host, place.port),
        })
    }

    /// Who messages are from.
    pub(super) fn from(&self) -> &Mailbox {
        &self.from
    }

    /// `host:port`.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether the server answers, and lets this node in. Blocks.
    ///
    /// # Errors
    /// What it said.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self.transport.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("{} does not answer as a mail server", self.shown)),
            Err(error) => Err(format!("{}: {}", self.shown, words(&error))),
        }
    }

    /// Sends a message once; blocks.
    pub(super) fn send(&self, message: &lettre::Message) -> Sent {
        let Err(error) = self.transport.send(message) else {
            return Sent::Taken;
        };
        let words = words(&error);
        let status = error
            .status()
            .map_or(0, |code| code.to_string().parse().unwrap_or(0));
        // 5.7.x (RFC 3463) is about who sends, not about who is to get it.
        if REFUSES.contains(&status) && !words.contains("5.7.") {
            return Sent::Refused(words);
        }
        Sent::Failed(words)
    }
}

impl Place {
    fn parse(url: &str) -> Result<Self, String> {
        let wrong = || {
            "--smtp-url: use smtp://host[:port] (STARTTLS) or smtps://host[:port], without user and \
             password: these go into --smtp-credentials"
                .to_owned()
        };
        let (implicit, rest) = match url.split_once("://") {
            Some(("smtp", rest)) => (false, rest),
            Some(("smtps", rest)) => (true, rest),
            _ => return Err(wrong()),
        };
        let rest = rest.trim_end_matches('/');
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, Some(port.parse().map_err(|_| wrong())?))
            }
            _ => (rest, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains(['@', '/', '?', ' ']) {
            return Err(wrong());
        }
        Ok(Place {
            host: host.to_owned(),
            port: port.unwrap_or(if implicit { 465 } else { 587 }),
            implicit,
        })
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn tls(host: &str, ca: Option<&Path>) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(file) = ca {
        let pem = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|error| format!("{}: {error}", file.display()))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(|error| format!("TLS: {error}"))
}

/// Reads user and password from their file.
fn credentials(file: &Path) -> Result<Credentials, String> {
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut lines = text.lines().map(str::trim);
    match (lines.next(), lines.next()) {
        (Some(user), Some(password)) if !user.is_empty() && !password.is_empty() => {
            Ok(Credentials::new(user.to_owned(), password.to_owned()))
        }
        _ => Err(format!(
            "{}: put the user's name on the first line and the password on the second",
            file.display()
        )),
    }
}

/// An address of somebody to write to.
///
/// # Errors
/// That it is none, or that it is too long.
pub(super) fn address(text: &str) -> Result<Address, String> {
    let text = text.trim();
    let wrong = || "address: this is no e-mail address: use user@host".to_owned();
    // RFC 5321 §4.5.3.1.3.
    if text.len() > 254 || !text.is_ascii() {
        return Err(wrong());
    }
    let address: Address = text.parse().map_err(|_| wrong())?;
    if address.domain().starts_with('[') || !address.domain().contains('.') {
        return Err(wrong());
    }
    Ok(address)
}

/// An error with what the server said, on one line.
fn words(error: &lettre::transport::smtp::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let more = cause.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        source = cause.source();
    }
    let mut words: String = words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if words.len() > 300 {
        words = words.chars().take(300).collect();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_host_port_and_how_it_is_encrypted() {
        let place = |url: &str| Place::parse(url).map(|p| (p.host, p.port, p.implicit)).ok();
        let of = |host: &str, port, implicit| Some((host.to_owned(), port, implicit));
        assert_eq!(place("smtp://mail.example"), of("mail.example", 587, false));
        assert_eq!(
            place("smtps://mail.example/"),
            of("mail.example", 465, true)
        );
        assert_eq!(place("smtp://[::1]:2525"), of("::1", 2525, false));
        for wrong in [
            "mail.example",
            "http://mail.example",
            "smtp://u:p@mail.example",
            "smtp://",
        ] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials");
        std::fs::write(&file, "node\nverysecret\n").unwrap();
        let server = Server::new(&Wanted {
            url: "smtps://mail.example".into(),
            from: "Node <node@mail.example>".into(),
            credentials: Some(file.clone()),
            ..Wanted::default()
        });
        assert!(!format!("{:?}", server.unwrap()).contains("verysecret"));
        std::fs::write(&file, "node verysecret").unwrap();
        assert!(!credentials(&file).unwrap_err().contains("verysecret"));
    }

    #[test]
    fn addresses_are_checked() {
        for good in ["a@example.org", " first.last+tag@sub.example.org "] {
            assert!(address(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "a",
            "a@b",
            "a@[127.0.0.1]",
            "a b@example.org",
            "a@example.org\r\nBcc: b",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
