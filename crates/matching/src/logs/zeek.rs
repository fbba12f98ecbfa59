//! Zeek's logs: tab-separated under a header, or one JSON object a line.

use std::borrow::Cow;

use super::fields::Fields;
use super::record::{Id, Record, Request};
use super::{Wrong, time};

/// Columns of a log at most.
const MOST: usize = 1000;

/// What the lines that begin with `#` say.
#[derive(Debug)]
pub(super) struct Header {
    names: Vec<String>,
    separator: char,
    set: String,
    empty: String,
    unset: String,
}

impl Default for Header {
    fn default() -> Self {
        Header {
            names: Vec::new(),
            separator: '\t',
            set: ",".into(),
            empty: "(empty)".into(),
            unset: "-".into(),
        }
    }
}

impl Header {
    fn take(&mut self, line: &str) {
        let line = line.trim_end_matches(['\r', '\n']);
        if let Some(separator) = line.strip_prefix("#separator ") {
            let separator = unescaped(separator);
            self.separator = separator.chars().next().unwrap_or('\t');
            return;
        }
        let mut words = line.split(self.separator);
        let name = words.next().unwrap_or_default();
        let mut word = || words.next().unwrap_or_default().to_owned();
        match name {
            "#set_separator" => self.set = word(),
            "#empty_field" => self.empty = word(),
            "#unset_field" => self.unset = word(),
            "#fields" => self.names = words.take(MOST).map(str::to_owned).collect(),
            _ => {}
        }
    }
}

/// Reads a line.
pub(super) fn read(header: &mut Header, line: &str, record: &mut Record) -> Result<(), Wrong> {
    if line.starts_with('#') {
        header.take(line);
        return Ok(());
    }
    if line.trim_start().starts_with('{') {
        return Row::Json(Fields::read(line)?).fill(record);
    }
    if header.names.is_empty() {
        return Err(Wrong::Fields);
    }
    let values: Vec<&str> = line.split(header.separator).take(MOST + 1).collect();
    if values.len() != header.names.len() {
        return Err(Wrong::Columns);
    }
    Row::Columns(header, values).fill(record)
}

enum Row<'a> {
    Columns(&'a Header, Vec<&'a str>),
    Json(Fields<'a>),
}

impl<'a> Row<'a> {
    fn raw(&self, name: &str) -> Option<&'a str> {
        let Row::Columns(header, values) = self else {
            return None;
        };
        let at = header.names.iter().position(|one| one == name)?;
        let value = *values.get(at)?;
        (value != header.unset && value != header.empty && !value.is_empty()).then_some(value)
    }

    fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        match self {
            Row::Columns(..) => self.raw(name).map(unescaped),
            Row::Json(fields) => fields.get(name),
        }
    }

    fn list(&self, name: &str) -> Vec<Cow<'a, str>> {
        match self {
            Row::Columns(header, _) => {
                let value = self.raw(name).unwrap_or_default();
                let items = value.split(header.set.as_str()).take(MOST);
                items
                    .filter(|item| !item.is_empty())
                    .map(unescaped)
                    .collect()
            }
            Row::Json(fields) => fields.list(name),
        }
    }

    fn fill(&self, record: &mut Record) -> Result<(), Wrong> {
        let time = self.get("ts").and_then(|text| time::any(&text));
        let first = time.ok_or(Wrong::Time)?;
        record.at(first);
        if let Some(length) = self.get("duration").and_then(|text| time::duration(&text)) {
            let last = first.micros().saturating_add(length);
            record.last = stix::Timestamp::from_micros(last);
        }
        self.traffic(record);
        self.names(record);
        self.file(record);
        self.mail(record);
        self.certificates(record);
        if let Some(user) = self.get("user").or_else(|| self.get("username")) {
            record.object("user-account", |account| {
                account.text("user_id", &*user);
                account.text("account_login", &*user);
            });
        }
        Ok(())
    }

    /// What carried it: between the two ends of the connection.
    fn traffic(&self, record: &mut Record) {
        let address =
            |record: &mut Record, name: &str| self.get(name).and_then(|text| record.address(&text));
        let source = address(record, "id.orig_h");
        let target = address(record, "id.resp_h");
        if source.is_none() && target.is_none() {
            return;
        }
        let is_web = self.get("method").is_some() || self.get("uri").is_some();
        let application = if self.get("query").is_some() {
            Some("dns")
        } else if is_web {
            Some("http")
        } else if self.get("server_name").is_some() || self.get("cipher").is_some() {
            Some("tls")
        } else if self.get("mailfrom").is_some() {
            Some("smtp")
        } else {
            None
        };
        let transport = self.get("proto").unwrap_or(Cow::Borrowed("tcp"));
        let service = self.get("service").map(|text| text.to_lowercase());
        let services = service.iter().flat_map(|text| text.split(','));
        let mut protocols = vec![&*transport];
        for name in services.chain(application) {
            let name = if name == "ssl" { "tls" } else { name };
            if !protocols.contains(&name) {
                protocols.push(name);
            }
        }
        record.traffic((source, target), |traffic| {
            traffic.number("src_port", self.get("id.orig_p").as_deref());
            traffic.number("dst_port", self.get("id.resp_p").as_deref());
            traffic.texts("protocols", &protocols);
            traffic.number("src_byte_count", self.get("orig_bytes").as_deref());
            traffic.number("dst_byte_count", self.get("resp_bytes").as_deref());
            traffic.number("src_packets", self.get("orig_pkts").as_deref());
            traffic.number("dst_packets", self.get("resp_pkts").as_deref());
            if is_web {
                traffic.request(&self.request());
            }
        });
    }

    fn request(&self) -> Request<'a> {
        let version = self.get("version");
        Request {
            method: self.get("method"),
            target: self.get("uri"),
            version: version.map(|text| Cow::Owned(format!("http/{text}"))),
            host: self.get("host"),
            agent: self.get("user_agent"),
            referer: self.get("referrer"),
        }
    }

    /// Domain names and URLs.
    fn names(&self, record: &mut Record) {
        if let Some(query) = self.get("query") {
            let mut answers: Vec<Id> = Vec::new();
            for answer in self.list("answers") {
                answers.extend(record.host(&answer));
            }
            record.resolved(&query, &answers);
        }
        if let Some(name) = self.get("server_name") {
            record.host(&name);
        }
        if let Some(host) = self.get("host")
            && let Some(uri) = self.get("uri")
        {
            record.host(&host);
            record.url("http", &host, &uri);
        }
        if let Some(referrer) = self.get("referrer").filter(|text| text.contains("://")) {
            record.value("url", &referrer);
        }
    }

    fn file(&self, record: &mut Record) {
        let sums = [
            ("MD5", self.get("md5")),
            ("SHA-1", self.get("sha1")),
            ("SHA-256", self.get("sha256")),
        ];
        let name = self.get("filename");
        let is_file = self.get("fuid").is_some() && self.get("mime_type").is_some();
        if is_file || name.is_some() || sums.iter().any(|(_, sum)| sum.is_some()) {
            record.object("file", |file| {
                file.dictionary("hashes", |hashes| {
                    for (algorithm, sum) in &sums {
                        hashes.text(algorithm, sum.as_deref());
                    }
                });
                file.text("name", name.as_deref());
                file.text("mime_type", self.get("mime_type").as_deref());
                let size = self.get("total_bytes").or_else(|| self.get("seen_bytes"));
                file.number("size", size.as_deref());
            });
        }
        for name in ["tx_hosts", "rx_hosts"] {
            for host in self.list(name) {
                record.address(&host);
            }
        }
        for name in ["orig_filenames", "resp_filenames"] {
            for name in self.list(name) {
                record.object("file", |file| file.text("name", &*name));
            }
        }
    }

    fn mail(&self, record: &mut Record) {
        let from = self.get("from").or_else(|| self.get("mailfrom"));
        let (subject, to) = (self.get("subject"), self.list("to"));
        let recipients = if to.is_empty() {
            self.list("rcptto")
        } else {
            to
        };
        if self.get("mailfrom").is_some() || (from.is_some() && self.get("helo").is_some()) {
            let recipients: Vec<&str> = recipients.iter().map(AsRef::as_ref).collect();
            record.mail(from.as_deref(), &recipients, subject.as_deref());
        }
    }

    fn certificates(&self, record: &mut Record) {
        let subject = self.get("subject").filter(|text| text.contains("CN="));
        let issuer = self.get("issuer");
        let mut sums = self.list("cert_chain_fps").into_iter();
        let first = sums.next();
        if subject.is_some() || issuer.is_some() || first.is_some() {
            record.object("x509-certificate", |certificate| {
                certificate.text("subject", subject.as_deref());
                certificate.text("issuer", issuer.as_deref());
                certificate.dictionary("hashes", |hashes| {
                    hashes.text("SHA-256", first.as_deref());
                });
            });
        }
        for sum in sums {
            record.object("x509-certificate", |certificate| {
                certificate.dictionary("hashes", |hashes| hashes.text("SHA-256", &*sum));
            });
        }
    }
}

/// `\xNN`, as Zeek writes what would be mistaken.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("\\x") {
        return Cow::Borrowed(text);
    }
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = match rest {
            [b'\\', b'x', high, low, ..] => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                digit(high)
                    .zip(digit(low))
                    .map(|(high, low)| high * 16 + low)
            }
            _ => None,
        };
        if let Some(octet) = code.and_then(|code| u8::try_from(code).ok()) {
            octets.push(octet);
            rest = rest.get(4..).unwrap_or_default();
        } else {
            octets.push(*first);
            rest = after;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&octets).into_owned())
}
