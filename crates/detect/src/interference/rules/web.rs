//! Conditions of the rules on `web_connectivity`. Each gives what it saw, or nothing.
//!
//! A site works for others when the control, OONI's test helper, got the page: only then is a
//! failure of the probe held against the network.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::super::address::{host, is_bogon, is_plain_http, is_same_site};
use super::super::failure::Failure;
use super::super::fingerprint::{Fingerprint, Scope};
use super::super::verdict::{Evidence, Mechanism};
use super::super::web::{ControlFacts, Web};

type Saw = Option<Evidence>;

const FAILURE: &str = "failure";
const ANSWERS: &str = "resolver answers";
const CONTROL_ANSWERS: &str = "control answers";

pub(super) fn known_answer(web: &Web<'_>) -> Saw {
    let saw = known(web, "dns")?.facts(ANSWERS, &web.answers);
    let saw = saw.facts(CONTROL_ANSWERS, control_answers(web));
    Some(saw.at(web.foreign_answers()))
}

pub(super) fn known_header(web: &Web<'_>) -> Saw {
    let saw = known(web, "header")?;
    Some(saw.facts("redirects to", web.redirects().map(|(_, to)| to)))
}

pub(super) fn known_body(web: &Web<'_>) -> Saw {
    let saw = known(web, "body")?.fact("page from", web.page_url());
    let is_over_tls = web.page().is_some() && !is_plain_http(web.page_url());
    Some(if is_over_tls {
        saw.doubt("the page came over TLS with a valid certificate: the site itself may say so")
    } else {
        saw
    })
}

fn known(web: &Web<'_>, place: &str) -> Saw {
    let prints = web.hits.confirmed_in(place);
    if prints.is_empty() {
        return None;
    }
    let mut saw = Evidence::none().facts("fingerprint", &prints);
    saw = noted(saw, web);
    let only_elsewhere = prints.iter().all(|print| !print.countries.is_empty())
        && !prints.iter().any(|print| print.is_of(web.country));
    Some(if only_elsewhere {
        saw.doubt("the fingerprint is known from another country than the probe's")
    } else {
        saw
    })
}

/// Adds what was found and does not count.
fn noted(saw: Evidence, web: &Web<'_>) -> Evidence {
    let mut saw = saw;
    if !web.hits.downgraded.is_empty() {
        let prints: Vec<_> = web.hits.downgraded.iter().map(|(print, _)| print).collect();
        saw = saw.facts("out of scope", prints);
    }
    if let Some(print) = web.hits.as_control {
        saw = saw.fact("on the control's page, too", print.to_string());
    }
    saw
}

pub(super) fn bogon(web: &Web<'_>) -> Saw {
    let bogons = web.bogons();
    if bogons.is_empty() {
        return None;
    }
    let saw = Evidence::none().facts(ANSWERS, &web.answers);
    Some(noted(saw.facts(CONTROL_ANSWERS, control_answers(web)), web).at(bogons))
}

pub(super) fn no_name(web: &Web<'_>) -> Saw {
    no_answer(web, &[Failure::NoName])
}

pub(super) fn no_resolver(web: &Web<'_>) -> Saw {
    no_answer(
        web,
        &[
            Failure::NoResolver,
            Failure::Timeout,
            Failure::Refused,
            Failure::Reset,
        ],
    )
}

fn no_answer(web: &Web<'_>, failures: &[Failure]) -> Saw {
    let (failure, text) = web.no_answer?;
    let control = web.working()?;
    let fits = failures.contains(&failure) && control.names_public_addresses();
    let saw = || {
        Evidence::none()
            .failure(text)
            .facts(CONTROL_ANSWERS, &control.addresses)
    };
    fits.then(saw)
}

pub(super) fn foreign_certificate(web: &Web<'_>) -> Saw {
    let (control, foreign) = (web.working()?, web.foreign_answers());
    let knows_none = !foreign.is_empty() && foreign.len() == web.answers.len();
    if !knows_none || !control.names_public_addresses() {
        return None;
    }
    let text = certificate_failure(web, control)?;
    let saw = Evidence::none().failure(text).facts(ANSWERS, &web.answers);
    Some(saw.facts(CONTROL_ANSWERS, &control.addresses).at(foreign))
}

pub(super) fn other_certificate(web: &Web<'_>) -> Saw {
    let text = certificate_failure(web, web.working()?)?;
    let saw = Evidence::none()
        .failure(text)
        .at(web.answers.iter().copied());
    let saw = saw.doubt("a probe whose clock or list of authorities is old fails so, too");
    Some(saw.port(Some(tls_port(web))))
}

fn certificate_failure<'m>(web: &Web<'m>, control: &ControlFacts<'_>) -> Option<&'m str> {
    failed_handshakes(web, control, &[Failure::Certificate]).or_else(|| {
        let (failure, text) = web.no_page?;
        (failure == Failure::Certificate && web.handshakes().is_empty()).then_some(text)
    })
}

pub(super) fn dead_address(web: &Web<'_>) -> Saw {
    let control = web.working()?;
    let failed = failed_connects(web)?;
    let foreign = web.foreign_answers();
    let is_foreign = !foreign.is_empty() && foreign.len() == web.answers.len();
    let nobody = failed
        .iter()
        .all(|(address, _)| control.connected(*address) != Some(true));
    let fits = is_foreign && nobody && control.names_public_addresses();
    let saw = || {
        endpoints(&failed)
            .facts(CONTROL_ANSWERS, &control.addresses)
            .at(foreign)
    };
    fits.then(saw)
}

pub(super) fn no_connection(web: &Web<'_>) -> Saw {
    let control = web.control.as_ref()?;
    let failed = failed_connects(web)?;
    let others_connect = failed
        .iter()
        .any(|(address, _)| control.connected(*address) == Some(true));
    others_connect.then(|| {
        let saw = endpoints(&failed).at(failed.iter().map(|(address, _)| address.ip()));
        if control.has_page {
            saw
        } else {
            saw.doubt("the control connects, but gets no page")
        }
    })
}

/// All connects, when all of them failed and not for want of a network.
fn failed_connects<'m>(web: &Web<'m>) -> Option<Vec<(SocketAddr, &'m str)>> {
    let connects = web.connects();
    let failed: Vec<_> = connects
        .iter()
        .filter_map(|(at, how)| Some((*at, (*how)?)))
        .collect();
    let is_offline = failed
        .iter()
        .all(|(_, how)| Failure::of(how) == Some(Failure::Offline));
    (!failed.is_empty() && failed.len() == connects.len() && !is_offline).then_some(failed)
}

fn endpoints(failed: &[(SocketAddr, &str)]) -> Evidence {
    let port = failed.first().map(|(address, _)| address.port());
    let saw = Evidence::none().facts("endpoints", failed.iter().map(|(address, _)| address));
    saw.facts(FAILURE, failed.iter().map(|(_, how)| how))
        .port(port)
}

pub(super) fn handshake_reset(web: &Web<'_>) -> Saw {
    handshakes(web, &[Failure::Reset, Failure::Tls, Failure::Refused])
}

pub(super) fn handshake_timeout(web: &Web<'_>) -> Saw {
    handshakes(web, &[Failure::Timeout])
}

fn handshakes(web: &Web<'_>, failures: &[Failure]) -> Saw {
    let text = failed_handshakes(web, web.working()?, failures)?;
    let addresses = web
        .handshakes()
        .into_iter()
        .filter_map(|(at, _)| at.map(|at| at.ip()));
    let saw = Evidence::none()
        .failure(text)
        .fact("server name", &web.host);
    Some(saw.at(addresses).port(Some(tls_port(web))))
}

/// How handshakes failed, when all did, none of them with the control, and one in these ways.
fn failed_handshakes<'m>(
    web: &Web<'m>,
    control: &ControlFacts<'_>,
    failures: &[Failure],
) -> Option<&'m str> {
    let handshakes = web.handshakes();
    let failed_alone = handshakes.iter().all(|(at, how)| {
        let control_fails = at.is_some_and(|at| control.shook_hands(at) == Some(false));
        Failure::of(how).is_some() && !control_fails
    });
    let text = handshakes.iter().map(|(_, how)| *how);
    let mut text = text.filter(|how| Failure::of(how).is_some_and(|f| failures.contains(&f)));
    if failed_alone { text.next() } else { None }
}

fn tls_port(web: &Web<'_>) -> u16 {
    let first = web.handshakes().into_iter().find_map(|(at, _)| at);
    first.map_or(443, |at| at.port())
}

pub(super) fn private_redirect(web: &Web<'_>) -> Saw {
    web.working()?;
    if web.host.parse().is_ok_and(is_bogon) {
        return None;
    }
    let mut redirects = web.redirects();
    let (_, to) = redirects.find(|(_, to)| {
        to.contains("://") && host(to).is_some_and(|host| host.parse().is_ok_and(is_bogon))
    })?;
    let saw = Evidence::none().fact("redirects to", to);
    Some(saw.doubt("a filter of the probe's own network, such as a company's, answers so"))
}

pub(super) fn request_reset(web: &Web<'_>) -> Saw {
    request(web, &[Failure::Reset])
}

pub(super) fn request_timeout(web: &Web<'_>) -> Saw {
    request(web, &[Failure::Timeout])
}

fn request(web: &Web<'_>, failures: &[Failure]) -> Saw {
    web.working()?;
    let (failure, text) = web.no_page?;
    if !failures.contains(&failure) {
        return None;
    }
    let last = web
        .keys
        .requests
        .0
        .first()
        .and_then(|last| last.request.0.as_ref());
    let url = last.map_or(web.url, |request| request.url.get());
    let mut saw = Evidence::none().failure(text).fact("URL", url);
    if host(url).is_some_and(|last| !is_same_site(&last, &web.host)) {
        saw = saw.doubt("it failed at another site, which the first one redirects to");
    }
    let port = if is_plain_http(url) { 80 } else { 443 };
    let is_tls = failure == Failure::Reset && port == 443 && web.handshakes().is_empty();
    let saw = if is_tls { saw.by(Mechanism::Tls) } else { saw };
    Some(saw.at(web.answers.iter().copied()).port(Some(port)))
}

pub(super) fn gone(web: &Web<'_>) -> Saw {
    let control = web.control.as_ref()?;
    let is_substituted = !web.answers.is_empty() && web.page_is_not_over_tls();
    let fits = control.has_no_name() && is_substituted;
    let saw = || {
        let saw = Evidence::none().facts(ANSWERS, &web.answers);
        saw.fact(
            "control",
            first_of(control.dns_failure, control.page_failure),
        )
        .facts("redirects to", web.redirects().map(|(_, to)| to))
    };
    fits.then(saw)
}

pub(super) fn both_fail(web: &Web<'_>) -> Saw {
    let control = web.control.as_ref()?;
    let how = web.no_page.or(web.no_answer).map(|(_, text)| text)?;
    let is_compared = web.keys.control_failure.some().is_none() && control.failed();
    let saw = || {
        let control = first_of(control.page_failure, control.dns_failure);
        Evidence::none()
            .failure(how)
            .fact("control", first_of(control, "no page"))
    };
    is_compared.then(saw)
}

fn first_of<'t>(one: &'t str, other: &'t str) -> &'t str {
    if one.is_empty() { other } else { one }
}

pub(super) fn other_site(web: &Web<'_>) -> Saw {
    web.working()?;
    let page = web.page()?;
    let is_other = web.keys.title_match.is_not() && web.keys.body_length_match.is_not();
    if !is_other || web.hits.false_positive.is_some() {
        return None;
    }
    let last = host(page.request.0.as_ref()?.url.get())?;
    let mut redirects = web.redirects();
    let (from, to) = redirects.find(|(from, to)| {
        let target = to.contains("://").then(|| host(to)).flatten();
        is_plain_http(from) && target.is_some_and(|to| !is_same_site(&to, &web.host))
    })?;
    if is_same_site(&last, &web.host) {
        return None;
    }
    let saw = Evidence::none()
        .fact("asked for", from)
        .fact("redirects to", to);
    Some(saw.doubt("sites move, and redirect to others by the visitor's country"))
}

pub(super) fn page(web: &Web<'_>) -> Saw {
    web.page()?;
    let is_of_site = || host(web.page_url()).is_some_and(|host| is_same_site(&host, &web.host));
    let is_over_tls = !is_plain_http(web.page_url()) && (!is_plain_http(web.url) || is_of_site());
    (is_over_tls || web.is_as_control()).then(|| noted(Evidence::none(), web))
}

pub(super) fn false_positive(web: &Web<'_>) -> Saw {
    let print = web.hits.false_positive?;
    web.page()?;
    Some(Evidence::none().fact("fingerprint", print.to_string()))
}

pub(super) fn filter(web: &Web<'_>) -> Saw {
    downgraded(web, |scope| {
        matches!(scope, Scope::Product | Scope::Institution)
    })
}

pub(super) fn vague(web: &Web<'_>) -> Saw {
    downgraded(web, |_| true)
}

fn downgraded(web: &Web<'_>, fits: fn(Scope) -> bool) -> Saw {
    let hits = web.hits.downgraded.iter().map(|(print, _)| *print);
    let prints: Vec<&Fingerprint> = hits.filter(|print| fits(print.scope)).collect();
    let first = prints.first()?;
    let mut why = format!("not confirmed: scope {}", first.scope.word());
    if !first.countries.is_empty() {
        // writing to a String does not fail
        let _ = write!(why, ", known from {}", first.countries.join(" "));
    }
    Some(Evidence::none().facts("fingerprint", &prints).doubt(why))
}

pub(super) fn same_headers(web: &Web<'_>) -> Saw {
    web.page()?;
    let fits = web.keys.status_code_match.is() && web.keys.headers_match.is();
    fits.then(|| noted(Evidence::none(), web))
}

pub(super) fn other_page(web: &Web<'_>) -> Saw {
    web.working()?;
    web.page()?;
    let keys = web.keys;
    let matches = [keys.body_length_match, keys.headers_match, keys.title_match];
    let is_other = is_plain_http(web.page_url())
        && (keys.status_code_match.is_not() || matches.iter().any(|flag| flag.is_not()))
        && !(keys.status_code_match.is() && matches.iter().any(|flag| flag.is()));
    let word = |flag: super::super::lenient::Flag| match flag.0 {
        Some(true) => "same",
        Some(false) => "other",
        None => "unknown",
    };
    is_other.then(|| {
        let saw = Evidence::none().fact("status", word(keys.status_code_match));
        let saw = saw.fact("length", word(keys.body_length_match));
        let saw = saw
            .fact("headers", word(keys.headers_match))
            .fact("title", word(keys.title_match));
        saw.doubt("pages that change with the visitor's country differ so, too")
    })
}

pub(super) fn offline(web: &Web<'_>) -> Saw {
    let (failure, text) = web.no_page.or(web.no_answer)?;
    let connects = web.connects();
    let none_made = !connects.is_empty()
        && connects
            .iter()
            .all(|(_, how)| how.is_some_and(|how| Failure::of(how) == Some(Failure::Offline)));
    let fits = failure == Failure::Offline || none_made;
    fits.then(|| Evidence::none().failure(text))
}

pub(super) fn no_control(web: &Web<'_>) -> Saw {
    let failed = web.keys.control_failure.get();
    let is_useless = !failed.is_empty() || web.working().is_none();
    (web.page().is_none() && is_useless).then(|| Evidence::none().fact("control", failed))
}

pub(super) fn probe_fault(web: &Web<'_>) -> Saw {
    let (failure, text) = web.no_page.or(web.no_answer)?;
    (failure == Failure::Unknown).then(|| Evidence::none().failure(text))
}

pub(super) fn page_alone(web: &Web<'_>) -> Saw {
    web.page().map(|_| noted(Evidence::none(), web))
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every condition")]
pub(super) fn rest(web: &Web<'_>) -> Saw {
    let how = web.no_page.or(web.no_answer).map_or("", |(_, text)| text);
    Some(Evidence::none().failure(how))
}

fn control_answers<'w>(web: &'w Web<'_>) -> impl Iterator<Item = &'w std::net::IpAddr> {
    web.control.iter().flat_map(|control| &control.addresses)
}
