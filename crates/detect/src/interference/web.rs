//! What a `web_connectivity` measurement (OONI ts-017, versions 0.0 to 0.5) shows, laid out so that
//! a rule is one condition.

use std::net::{IpAddr, SocketAddr};

use super::address::{endpoint, host, is_bogon, is_plain_http};
use super::failure::Failure;
use super::fingerprint::{Fingerprint, Fingerprints, Scope, Scratch};
use super::lenient::{Part, Text, Texts};
use super::measurement::{Control, Endpoint, Measurement, Query, TestKeys, Transaction};

/// Engines of lookups that ask others than the system's resolver.
const OTHER_ENGINES: [&str; 6] = ["udp", "tcp", "dot", "doh", "doh3", "odoh"];

/// A measurement of a URL.
pub(crate) struct Web<'m> {
    pub(crate) keys: &'m TestKeys<'m>,
    pub(crate) url: &'m str,
    pub(crate) country: &'m str,
    pub(crate) host: String,
    /// Addresses by the system's resolver.
    pub(crate) answers: Vec<IpAddr>,
    /// How the system's resolver failed, when it gave no address.
    pub(crate) no_answer: Option<(Failure, &'m str)>,
    pub(crate) control: Option<ControlFacts<'m>>,
    /// How fetching the page failed.
    pub(crate) no_page: Option<(Failure, &'m str)>,
    pub(crate) hits: Hits<'m>,
}

/// What the test helper saw.
pub(crate) struct ControlFacts<'m> {
    control: &'m Control<'m>,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) dns_failure: &'m str,
    pub(crate) page_failure: &'m str,
    /// It got a page.
    pub(crate) has_page: bool,
}

/// Fingerprints that the measurement shows.
#[derive(Default)]
pub(crate) struct Hits<'m> {
    /// Those that confirm, with where they were found: `dns`, `header` or `body`.
    pub(crate) confirmed: Vec<(&'m Fingerprint, &'static str)>,
    /// Those out of their scope.
    pub(crate) downgraded: Vec<(&'m Fingerprint, &'static str)>,
    pub(crate) false_positive: Option<&'m Fingerprint>,
    /// Those on a page that the test helper got, too.
    pub(crate) as_control: Option<&'m Fingerprint>,
}

impl<'m> Web<'m> {
    pub(crate) fn of(
        measurement: &'m Measurement<'m>,
        keys: &'m TestKeys<'m>,
        prints: &'m Fingerprints,
        scratch: &mut Scratch,
    ) -> Self {
        let url = measurement.input.get();
        let host = host(url).unwrap_or_default();
        let (answers, failed) = system_lookups(keys, &host);
        let no_answer = answers.is_empty().then_some(failed).flatten();
        let last = keys.requests.0.first();
        let no_page = [
            keys.http_experiment_failure.get(),
            last.map_or("", |l| l.failure.get()),
        ];
        let no_page = no_page
            .into_iter()
            .find_map(|text| Some((Failure::of(text)?, text)));
        let mut web = Web {
            keys,
            url,
            country: measurement.probe_cc.get(),
            answers,
            no_answer: no_answer.or_else(|| {
                let text = keys.dns_experiment_failure.get();
                Some((Failure::of(text)?, text))
            }),
            control: keys.control.0.as_deref().map(ControlFacts::of),
            no_page,
            hits: Hits::default(),
            host,
        };
        if !web.answers.is_empty() {
            web.no_answer = None;
        }
        web.hits = web.look_for(prints, scratch);
        web
    }

    /// The control, when it got a page: then the site works for others.
    pub(crate) fn working(&self) -> Option<&ControlFacts<'m>> {
        self.control.as_ref().filter(|control| control.has_page)
    }

    /// The response that the page is, when one came.
    pub(crate) fn page(&self) -> Option<&'m Transaction<'m>> {
        let last = self.keys.requests.0.first()?;
        let is_page = self.no_page.is_none() && last.response.0.as_ref()?.is_answer();
        is_page.then_some(last)
    }

    /// The URL that the page came from.
    pub(crate) fn page_url(&self) -> &'m str {
        let url = self
            .page()
            .and_then(|page| page.request.0.as_ref()?.url.some());
        url.unwrap_or(self.url)
    }

    /// Whether the page is what the control got: the same status, and its length or title.
    pub(crate) fn is_as_control(&self) -> bool {
        let keys = self.keys;
        keys.status_code_match.is() && (keys.body_length_match.is() || keys.title_match.is())
    }

    /// Whether no page came over TLS, which would prove that the site is there.
    pub(crate) fn page_is_not_over_tls(&self) -> bool {
        self.page().is_none() || is_plain_http(self.page_url())
    }

    /// Addresses that only the probe's resolver knows.
    pub(crate) fn foreign_answers(&self) -> Vec<IpAddr> {
        let known = self
            .control
            .as_ref()
            .map_or(&[][..], |control| &control.addresses);
        let answers = self.answers.iter().copied();
        answers.filter(|address| !known.contains(address)).collect()
    }

    /// Answers that no public site has, unless the control has such, too.
    pub(crate) fn bogons(&self) -> Vec<IpAddr> {
        let is_private_site = self.host.parse().is_ok_and(is_bogon);
        match &self.control {
            Some(control) if !is_private_site && control.names_public_addresses() => self
                .answers
                .iter()
                .copied()
                .filter(|address| is_bogon(*address))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Connects to the site, with how they ended; of redirects, none.
    pub(crate) fn connects(&self) -> Vec<(SocketAddr, Option<&'m str>)> {
        let connects = self
            .keys
            .tcp_connect
            .0
            .iter()
            .filter(|connect| is_first(&connect.tags));
        let connects = connects.filter_map(|connect| {
            let status = connect.status.0.as_ref()?;
            let success = status.success.0?;
            let address = SocketAddr::new(connect.ip.get().parse().ok()?, port(connect.port.0)?);
            Some((address, (!success).then(|| status.failure.get())))
        });
        connects.collect()
    }

    /// TLS handshakes with the site, with how they ended; of redirects, none, and none beside the
    /// page that was asked for.
    pub(crate) fn handshakes(&self) -> Vec<(Option<SocketAddr>, &'m str)> {
        if is_plain_http(self.url) {
            return Vec::new();
        }
        let handshakes = self.keys.tls_handshakes.0.iter().filter(|handshake| {
            let is_beside = handshake
                .tags
                .0
                .iter()
                .any(|tag| tag.get() == "fetch_body=false");
            is_first(&handshake.tags) && !is_beside
        });
        handshakes
            .map(|h| (endpoint(h.address.get()), h.failure.get()))
            .collect()
    }

    /// Where responses redirect to: the URL that was asked, and the one it was sent to. What stands
    /// behind its path is left out: block pages are told there who asked.
    pub(crate) fn redirects(&self) -> impl Iterator<Item = (&'m str, String)> {
        self.keys.requests.0.iter().filter_map(|transaction| {
            let location = transaction.response.0.as_ref()?.header("location")?;
            let from = transaction.request.0.as_ref()?.url.get();
            let end = location.find(['?', '#', ';']).unwrap_or(location.len());
            Some((from, location.get(..end)?.to_owned()))
        })
    }

    fn look_for(&self, prints: &'m Fingerprints, scratch: &mut Scratch) -> Hits<'m> {
        let country = self.country;
        let mut hits = Hits::default();
        if prints.is_empty() {
            return hits;
        }
        for answer in self
            .keys
            .queries
            .0
            .iter()
            .flat_map(|query| &query.answers.0)
        {
            for text in [&answer.ipv4, &answer.ipv6, &answer.hostname] {
                prints
                    .of_answer(text.get())
                    .for_each(|print| hits.add(print, "dns", country));
            }
        }
        for (at, transaction) in self.keys.requests.0.iter().enumerate() {
            let Some(response) = &transaction.response.0 else {
                continue;
            };
            let headers = response.headers();
            let headers: Vec<_> = headers
                .flat_map(|(name, value)| prints.of_header(name, value))
                .collect();
            let body = prints.of_body(response.body.get(), response.headers(), scratch);
            let is_false = |print: &&&Fingerprint| print.scope == Scope::FalsePositive;
            if let Some(known) = headers.iter().chain(&body).find(is_false) {
                hits.false_positive = Some(known);
                continue;
            }
            for print in headers {
                hits.add(print, "header", country);
            }
            if at == 0 && self.is_as_control() {
                hits.as_control = hits.as_control.or(body.first().copied());
                continue;
            }
            for print in body {
                hits.add(print, "body", country);
            }
        }
        hits
    }
}

impl<'m> Hits<'m> {
    fn add(&mut self, print: &'m Fingerprint, place: &'static str, country: &str) {
        let list = if print.confirms(country) {
            &mut self.confirmed
        } else {
            &mut self.downgraded
        };
        if !list.iter().any(|(known, _)| std::ptr::eq(*known, print)) {
            list.push((print, place));
        }
    }

    /// The hits that confirm, in this place.
    pub(crate) fn confirmed_in(&self, wanted: &str) -> Vec<&'m Fingerprint> {
        let there = self.confirmed.iter().filter(|(_, place)| *place == wanted);
        there.map(|(print, _)| *print).collect()
    }
}

impl<'m> ControlFacts<'m> {
    fn of(control: &'m Control<'m>) -> Self {
        let dns = control.dns.0.as_ref();
        let page = control.http_request.0.as_ref();
        let addresses = dns.map_or(&[][..], |dns| &dns.addrs.0);
        let page_failure = page.map_or("", |page| page.failure.get());
        let status = page.and_then(|page| page.status_code.0);
        ControlFacts {
            control,
            addresses: addresses
                .iter()
                .filter_map(|text| text.get().parse().ok())
                .collect(),
            dns_failure: dns.map_or("", |dns| dns.failure.get()),
            page_failure,
            has_page: page_failure.is_empty() && status.is_some_and(|status| status > 0.0),
        }
    }

    /// Whether it knows addresses of the site, and none that no site has.
    pub(crate) fn names_public_addresses(&self) -> bool {
        !self.addresses.is_empty() && !self.addresses.iter().any(|address| is_bogon(*address))
    }

    /// Whether it found that the name does not exist.
    pub(crate) fn has_no_name(&self) -> bool {
        self.addresses.is_empty()
            && [self.dns_failure, self.page_failure]
                .iter()
                .any(|text| Failure::of(text) == Some(Failure::NoName))
    }

    /// Whether it failed to get the page: a status of -1, or a failure.
    pub(crate) fn failed(&self) -> bool {
        let page = self.control.http_request.0.as_ref();
        let status = page.and_then(|page| page.status_code.0);
        !self.page_failure.is_empty() || status.is_some_and(|status| status < 0.0)
    }

    /// Whether it connected to this endpoint.
    pub(crate) fn connected(&self, address: SocketAddr) -> Option<bool> {
        of_endpoint(&self.control.tcp_connect.0, address)
    }

    /// Whether it shook hands with this endpoint.
    pub(crate) fn shook_hands(&self, address: SocketAddr) -> Option<bool> {
        of_endpoint(&self.control.tls_handshake.0, address)
    }
}

fn of_endpoint(members: &[(Text<'_>, Part<Endpoint<'_>>)], address: SocketAddr) -> Option<bool> {
    let found = members
        .iter()
        .find(|(name, _)| endpoint(name.get()) == Some(address));
    let status = found?.1.0.as_ref()?;
    status
        .status
        .0
        .map(|success| success && status.failure.some().is_none())
}

fn system_lookups<'m>(
    keys: &'m TestKeys<'m>,
    host: &str,
) -> (Vec<IpAddr>, Option<(Failure, &'m str)>) {
    let mut answers = Vec::new();
    let mut failed = None;
    let is_ours = |query: &&Query<'_>| {
        let name = query.hostname.get().trim_end_matches('.');
        let is_host = name.is_empty() || name.eq_ignore_ascii_case(host);
        is_host && !OTHER_ENGINES.contains(&query.engine.get())
    };
    for query in keys.queries.0.iter().filter(is_ours) {
        for answer in &query.answers.0 {
            let texts = [answer.ipv4.get(), answer.ipv6.get()];
            answers.extend(texts.iter().filter_map(|text| text.parse::<IpAddr>().ok()));
        }
        let text = query.failure.get();
        failed = failed.or_else(|| Some((Failure::of(text)?, text)));
    }
    answers.sort_unstable();
    answers.dedup();
    (answers, failed)
}

/// Whether an operation is about the URL itself, not about what it redirects to.
fn is_first(tags: &Texts<'_>) -> bool {
    let depth = tags
        .0
        .iter()
        .find_map(|tag| tag.get().strip_prefix("depth="));
    depth.is_none_or(|depth| depth == "0")
}

/// A port, from a number that may be anything.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked"
)]
pub(crate) fn port(number: Option<f64>) -> Option<u16> {
    let number = number.filter(|number| (1.0..=65_535.0).contains(number))?;
    Some(number as u16)
}
