//! Suricata's EVE JSON, and what its mapping shares with others'.

use std::borrow::Cow;

use super::fields::Fields;
use super::record::{Id, Properties, Record, bare_host};
use super::{Wrong, time};

/// Reads a line.
pub(super) fn read(line: &str, record: &mut Record) -> Result<(), Wrong> {
    let fields = Fields::read(line)?;
    let time = fields.get("timestamp").and_then(|text| time::any(&text));
    record.at(time.ok_or(Wrong::Time)?);
    if let Some(start) = fields.get("flow.start").and_then(|text| time::any(&text)) {
        let end = fields.get("flow.end").and_then(|text| time::any(&text));
        record.first = start.min(record.first);
        record.last = end.unwrap_or(record.last).max(record.first);
    }
    let event = Event(fields);
    event.traffic(record);
    event.names(record);
    event.files(record);
    event.mail(record);
    event.certificate(record);
    Ok(())
}

struct Event<'a>(Fields<'a>);

impl<'a> Event<'a> {
    fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.0.get(name)
    }

    fn traffic(&self, record: &mut Record) {
        let address =
            |record: &mut Record, name: &str| self.get(name).and_then(|text| record.address(&text));
        let source = address(record, "src_ip");
        let target = address(record, "dest_ip");
        if source.is_none() && target.is_none() {
            return;
        }
        let transport = self.get("proto").map(|text| text.to_lowercase());
        let event = self.get("event_type");
        let application = self
            .get("app_proto")
            .filter(|name| !matches!(name.as_ref(), "failed" | "unknown"));
        let mut protocols: Vec<&str> = transport.as_deref().into_iter().collect();
        let named = event.as_deref().filter(|name| {
            matches!(
                *name,
                "dns" | "http" | "tls" | "smtp" | "ssh" | "ftp" | "smb"
            )
        });
        for name in application.as_deref().into_iter().chain(named) {
            if !protocols.contains(&name) {
                protocols.push(name);
            }
        }
        let (first, last) = (record.first.to_string(), record.last.to_string());
        record.object("network-traffic", |traffic| {
            traffic.text("start", &*first);
            traffic.text("end", &*last);
            traffic.reference("src_ref", source);
            traffic.reference("dst_ref", target);
            traffic.number("src_port", self.get("src_port").as_deref());
            traffic.number("dst_port", self.get("dest_port").as_deref());
            traffic.texts("protocols", &protocols);
            for (property, name) in [
                ("src_byte_count", "flow.bytes_toserver"),
                ("dst_byte_count", "flow.bytes_toclient"),
                ("src_packets", "flow.pkts_toserver"),
                ("dst_packets", "flow.pkts_toclient"),
            ] {
                traffic.number(property, self.get(name).as_deref());
            }
            traffic.dictionary("extensions", |extensions| {
                extensions.dictionary("http-request-ext", |request| self.request(request));
            });
        });
    }

    fn request(&self, request: &mut Properties<'_>) {
        let method = self.get("http.http_method").map(|text| text.to_lowercase());
        request.text("request_method", method.as_deref());
        request.text("request_value", self.get("http.url").as_deref());
        let version = self.get("http.protocol").map(|text| text.to_lowercase());
        request.text("request_version", version.as_deref());
        request.dictionary("request_header", |header| {
            header.text("Host", self.get("http.hostname").as_deref());
            header.text("User-Agent", self.get("http.http_user_agent").as_deref());
            header.text("Referer", self.get("http.http_refer").as_deref());
        });
    }

    fn names(&self, record: &mut Record) {
        if let Some(host) = self.get("http.hostname") {
            record.host(&host);
            if let Some(target) = self.get("http.url") {
                url(record, "http", &host, &target);
            }
        }
        if let Some(referer) = self
            .get("http.http_refer")
            .filter(|text| text.contains("://"))
        {
            record.value("url", &referer);
        }
        if let Some(name) = self.get("tls.sni") {
            record.host(&name);
        }
        self.questions(record);
    }

    /// Names that were asked for, in the three versions of the format, and what they resolved to.
    fn questions(&self, record: &mut Record) {
        let mut answers: Vec<Id> = Vec::new();
        for answer in self.0.objects("dns.answers") {
            let data = answer.get("rdata");
            let data = data.filter(|_| {
                let kind = answer.get("rrtype");
                kind.is_none_or(|kind| matches!(kind.as_ref(), "A" | "AAAA" | "CNAME"))
            });
            answers.extend(data.and_then(|data| record.host(&data)));
        }
        let name = self.get("dns.rrname");
        if let Some(data) = self.get("dns.rdata") {
            answers.extend(record.host(&data));
        }
        if let Some(name) = name {
            resolved(record, &name, &answers);
        }
        for question in self.0.objects("dns.queries") {
            if let Some(name) = question.get("rrname") {
                resolved(record, &name, &answers);
            }
        }
        for question in self.0.objects("dns.query") {
            if let Some(name) = question.get("rrname") {
                resolved(record, &name, &answers);
            }
        }
    }

    fn files(&self, record: &mut Record) {
        let file = |record: &mut Record, get: &dyn Fn(&str) -> Option<Cow<'a, str>>| {
            if get("filename").is_none() && get("sha256").is_none() && get("md5").is_none() {
                return;
            }
            record.object("file", |file| {
                file.dictionary("hashes", |hashes| {
                    hashes.text("MD5", get("md5").as_deref());
                    hashes.text("SHA-1", get("sha1").as_deref());
                    hashes.text("SHA-256", get("sha256").as_deref());
                });
                file.text("name", get("filename").as_deref());
                file.text("mime_type", get("mimetype").as_deref());
                file.number("size", get("size").as_deref());
            });
        };
        file(record, &|name| self.get(&format!("fileinfo.{name}")));
        for inner in self.0.objects("files") {
            file(record, &|name| inner.get(name));
        }
    }

    fn mail(&self, record: &mut Record) {
        let from = self
            .get("email.from")
            .or_else(|| self.get("smtp.mail_from"));
        let mut to = self.0.list("email.to");
        if to.is_empty() {
            to = self.0.list("smtp.rcpt_to");
        }
        if from.is_some() || !to.is_empty() {
            let to: Vec<&str> = to.iter().map(AsRef::as_ref).collect();
            let subject = self.get("email.subject");
            mail(record, from.as_deref(), &to, subject.as_deref());
        }
    }

    fn certificate(&self, record: &mut Record) {
        let (subject, issuer) = (self.get("tls.subject"), self.get("tls.issuerdn"));
        let sum = self
            .get("tls.fingerprint")
            .map(|text| text.replace(':', ""));
        if subject.is_none() && issuer.is_none() && sum.is_none() {
            return;
        }
        let serial = self.get("tls.serial");
        record.object("x509-certificate", |certificate| {
            certificate.text("subject", subject.as_deref());
            certificate.text("issuer", issuer.as_deref());
            certificate.text("serial_number", serial.as_deref());
            certificate.dictionary("hashes", |hashes| hashes.text("SHA-1", sum.as_deref()));
        });
    }
}

/// A domain name that was asked for, and what it resolved to.
pub(super) fn resolved(record: &mut Record, name: &str, answers: &[Id]) {
    let name = name.strip_suffix('.').unwrap_or(name).to_lowercase();
    if answers.is_empty() {
        record.domain(&name);
    } else if !name.is_empty() {
        record.object("domain-name", |domain| {
            domain.text("value", &*name);
            domain.references("resolves_to_refs", answers);
        });
    }
}

/// The URL of a request; what is one already stays as it is.
pub(super) fn url(record: &mut Record, scheme: &str, host: &str, target: &str) {
    if target.contains("://") {
        record.value("url", target);
    } else if target.starts_with('/') && !bare_host(host).is_empty() {
        record.value("url", &format!("{scheme}://{host}{target}"));
    }
}

/// A message, and the addresses it went between.
pub(super) fn mail(record: &mut Record, from: Option<&str>, to: &[&str], subject: Option<&str>) {
    let from = from.and_then(|text| mailbox(record, text));
    let to: Vec<Id> = to.iter().filter_map(|text| mailbox(record, text)).collect();
    record.object("email-message", |message| {
        message.json("is_multipart", "false");
        message.reference("from_ref", from);
        message.references("to_refs", &to);
        message.text("subject", subject);
    });
}

/// The address in `Name <someone@example.com>`.
fn mailbox(record: &mut Record, text: &str) -> Option<Id> {
    let inner = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(text, |(address, _)| address)
        .trim();
    let is_address = inner.contains('@') && !inner.contains(char::is_whitespace);
    is_address
        .then(|| record.value("email-addr", &inner.to_lowercase()))
        .flatten()
}
