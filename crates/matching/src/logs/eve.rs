//! Suricata's EVE JSON.

use std::borrow::Cow;

use super::fields::Fields;
use super::record::{Id, Record, Request};
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
        record.traffic((source, target), |traffic| {
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
            traffic.request(&self.request());
        });
    }

    fn request(&self) -> Request<'a> {
        Request {
            method: self.get("http.http_method"),
            target: self.get("http.url"),
            version: self.get("http.protocol"),
            host: self.get("http.hostname"),
            agent: self.get("http.http_user_agent"),
            referer: self.get("http.http_refer"),
        }
    }

    fn names(&self, record: &mut Record) {
        if let Some(host) = self.get("http.hostname") {
            record.host(&host);
            if let Some(target) = self.get("http.url") {
                record.url("http", &host, &target);
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
            record.resolved(&name, &answers);
        }
        for question in self.0.objects("dns.queries") {
            if let Some(name) = question.get("rrname") {
                record.resolved(&name, &answers);
            }
        }
        for question in self.0.objects("dns.query") {
            if let Some(name) = question.get("rrname") {
                record.resolved(&name, &answers);
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
            record.mail(from.as_deref(), &to, subject.as_deref());
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
