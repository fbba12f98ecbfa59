//! The common and the combined log format of web servers, also with the virtual host before it.

use std::borrow::Cow;

use super::record::{Id, Record, Request};
use super::{Wrong, time};

/// The parts of a line.
struct Line<'a> {
    /// The virtual host, with its port.
    site: Option<&'a str>,
    client: &'a str,
    user: &'a str,
    time: stix::Timestamp,
    request: &'a str,
    referer: &'a str,
    agent: &'a str,
}

/// Reads a line.
pub(super) fn read(text: &str, record: &mut Record) -> Result<(), Wrong> {
    let line = Line::read(text).ok_or(Wrong::Combined)?;
    record.at(line.time);
    let client = record.host(line.client);
    let site = line.site.and_then(|site| record.host(site));
    line.traffic(record, client, site);
    if line.user != "-" {
        record.object("user-account", |account| {
            account.text("user_id", line.user);
            account.text("account_login", line.user);
        });
    }
    if let Some((_, target)) = line.words() {
        if let Some((_, rest)) = target.split_once("://") {
            // a proxy's log has the whole URL
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let authority = rest.get(..end).unwrap_or_default();
            let host = authority.rsplit('@').next().unwrap_or_default();
            record.host(host);
            record.value("url", target);
        } else if let Some(site) = line.site {
            let scheme = if site.ends_with(":443") {
                "https"
            } else {
                "http"
            };
            let site = site
                .strip_suffix(":443")
                .or_else(|| site.strip_suffix(":80"))
                .unwrap_or(site);
            record.url(scheme, site, target);
        }
    }
    if line.referer.contains("://") {
        record.value("url", line.referer);
    }
    Ok(())
}

impl<'a> Line<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (head, rest) = text.split_once(" [")?;
        let (clock, rest) = rest.split_once("] \"")?;
        let time = time::common(clock)?;
        let mut words = head.split(' ');
        let mut names: Vec<&str> = words.by_ref().take(5).collect();
        let user = names.pop()?;
        // what the client says it is called, which nobody does
        names.pop()?;
        let client = names.pop()?;
        let site = names.pop();
        if !names.is_empty() || client.is_empty() {
            return None;
        }
        let (request, rest) = quoted(rest)?;
        // status and size stand between request and referer
        let (referer, agent) = match rest.split_once('"') {
            Some((_, rest)) => {
                let (referer, rest) = quoted(rest)?;
                let agent = rest.split_once('"').and_then(|(_, rest)| quoted(rest));
                (referer, agent.map_or("-", |(agent, _)| agent))
            }
            None => ("-", "-"),
        };
        Some(Line {
            site,
            client,
            user,
            time,
            request,
            referer,
            agent,
        })
    }

    /// Method and target.
    fn words(&self) -> Option<(&'a str, &'a str)> {
        let mut words = self.request.split(' ');
        Some((words.next()?, words.next()?))
    }

    fn traffic(&self, record: &mut Record, client: Option<Id>, site: Option<Id>) {
        let words = self.words();
        let known = |text: &'a str| Some(text).filter(|text| *text != "-" && !text.is_empty());
        let request = Request {
            method: words.map(|(method, _)| method.into()),
            target: words.map(|(_, target)| target.into()),
            version: self.request.split(' ').nth(2).map(Cow::Borrowed),
            host: self.site.map(Cow::Borrowed),
            agent: known(self.agent).map(Cow::Borrowed),
            referer: known(self.referer).map(Cow::Borrowed),
        };
        record.traffic((client, site), |traffic| {
            traffic.texts("protocols", &["tcp", "http"]);
            traffic.request(&request);
        });
    }
}

/// Text up to a quote that is not escaped, and what is behind it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find('"')?;
        let before = text.get(..at)?;
        let slashes = before
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        if slashes % 2 == 0 {
            return Some((before, text.get(at + 1..)?));
        }
        from = at + 1;
    }
}
