//! Conditions of the rules on tests of applications: Signal (OONI ts-029), Telegram (ts-020),
//! `WhatsApp` (ts-018), Facebook Messenger (ts-019) and Tor (ts-023). These tests have no control:
//! the services are known to work, so what fails, fails on the way.

use super::super::address::{host, is_bogon};
use super::super::failure::Failure;
use super::super::measurement::{Connect, Measurement, Target, TestKeys};
use super::super::verdict::{Evidence, Mechanism};
use super::super::web::port;

type Saw = Option<Evidence>;

/// Answers of this name are no addresses: it tells probes whether Signal works.
const SIGNAL_UPTIME: &str = "uptime.signal.org";
const TELEGRAM_WEB: &str = "web.telegram.org";
const WHATSAPP_WEB: &str = "web.whatsapp.com";
const WHATSAPP_REGISTRATION: &str = "v.whatsapp.net";

/// A measurement of an application.
pub(super) struct App<'m> {
    measurement: &'m Measurement<'m>,
    keys: &'m TestKeys<'m>,
    connects: Connects,
    /// Requests that failed: host, how, and in which words.
    failed: Vec<(String, Failure, &'m str)>,
}

/// How connects ended.
#[derive(Default)]
struct Connects {
    made: usize,
    failed: usize,
    evidence: Evidence,
}

impl<'m> App<'m> {
    pub(super) fn of(measurement: &'m Measurement<'m>, keys: &'m TestKeys<'m>) -> Self {
        let failed = keys.requests.0.iter().filter_map(|transaction| {
            let text = transaction.failure.get();
            let url = transaction
                .request
                .0
                .as_ref()
                .map_or("", |request| request.url.get());
            Some((host(url).unwrap_or_default(), Failure::of(text)?, text))
        });
        App {
            measurement,
            keys,
            connects: connects(&keys.tcp_connect.0),
            failed: failed.collect(),
        }
    }

    /// The requests to a host that failed for what is between, not by an answer.
    fn failed_at(&self, wanted: &str) -> Option<&(String, Failure, &'m str)> {
        let mut there = self.failed.iter().filter(|(host, ..)| host == wanted);
        there.find(|(_, failure, _)| is_interference(*failure))
    }

    /// Whether a host was asked, and answered.
    fn answered(&self, wanted: &str) -> bool {
        self.keys.requests.0.iter().any(|transaction| {
            let url = transaction
                .request
                .0
                .as_ref()
                .map_or("", |request| request.url.get());
            transaction.failure.some().is_none() && host(url).as_deref() == Some(wanted)
        })
    }
}

fn is_interference(failure: Failure) -> bool {
    !matches!(
        failure,
        Failure::Unknown | Failure::Offline | Failure::Redirect
    )
}

fn mechanism(failure: Failure) -> Mechanism {
    match failure {
        Failure::NoName | Failure::NoResolver => Mechanism::Dns,
        Failure::Refused => Mechanism::Tcp,
        Failure::Certificate | Failure::Tls => Mechanism::Tls,
        _ => Mechanism::Other,
    }
}

fn connects(list: &[Connect<'_>]) -> Connects {
    let mut counted = Connects::default();
    let mut addresses = Vec::new();
    let mut words = Vec::new();
    for connect in list {
        let Some(status) = &connect.status.0 else {
            continue;
        };
        match status.success.0 {
            Some(true) => counted.made += 1,
            Some(false) => {
                counted.failed += 1;
                words.push(status.failure.get());
                addresses.extend(connect.ip.get().parse::<std::net::IpAddr>());
                counted.evidence.port = counted.evidence.port.or(port(connect.port.0));
            }
            None => {}
        }
    }
    let port = counted.evidence.port;
    let saw = Evidence::none().fact(
        "endpoints",
        format!(
            "{} of {} failed",
            counted.failed,
            counted.made + counted.failed
        ),
    );
    counted.evidence = saw.facts("failure", words).at(addresses).port(port);
    counted
}

pub(super) fn bogon(app: &App<'_>) -> Saw {
    let queries = app.keys.queries.0.iter();
    let queries = queries.filter(|query| query.hostname.get() != SIGNAL_UPTIME);
    let found = queries.flat_map(|query| {
        let answers = query
            .answers
            .0
            .iter()
            .flat_map(|answer| [&answer.ipv4, &answer.ipv6]);
        let addresses = answers.filter_map(|text| text.get().parse().ok());
        addresses
            .filter(|address| is_bogon(*address))
            .map(|address| (query.hostname.get(), address))
    });
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return None;
    }
    let saw = Evidence::none().facts("resolver answers", found.iter().map(|(_, address)| address));
    let hosts = found.iter().map(|(host, _)| (*host).to_owned());
    Some(
        saw.at(found.iter().map(|(_, address)| *address))
            .hosts(hosts),
    )
}

pub(super) fn offline(app: &App<'_>) -> Saw {
    let all = app.failed.len() == app.keys.requests.0.len() && !app.failed.is_empty();
    let fits = all
        && app
            .failed
            .iter()
            .all(|(_, failure, _)| *failure == Failure::Offline);
    fits.then(Evidence::none)
}

/// The specification (ts-029, data analysis considerations) names the versions that report
/// blocking where there is none, since Signal changed what it is reached by.
pub(super) fn signal_version(app: &App<'_>) -> Saw {
    let version = version(app.measurement.test_version());
    let annotations = app.measurement.annotations.0.as_ref();
    let engine = annotations.and_then(|notes| notes.engine_version.some());
    let day = app
        .measurement
        .measurement_start_time
        .get()
        .get(..10)
        .unwrap_or_default();
    let is_old_engine = engine.is_some_and(|engine| self::version(engine) < [3, 17, 2]);
    let why = if version < [0, 2, 2] && day >= "2022-10-19" {
        "Signal's authority changed on 2022-10-19; version 0.2.2 knows it"
    } else if is_old_engine && day >= "2023-05-02" {
        "a server that is asked for was given up in May 2023; probe engine 3.17.2 knows it"
    } else if version == [0, 2, 4] || (version < [0, 2, 4] && day >= "2023-11-07") {
        "a server that is asked for was given up on 2023-11-07; version 0.2.5 knows it"
    } else {
        return None;
    };
    Some(
        Evidence::none()
            .fact("version", app.measurement.test_version())
            .fact("why", why),
    )
}

/// The first three numbers of a version.
fn version(text: &str) -> [u32; 3] {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

pub(super) fn signal_fails(app: &App<'_>) -> Saw {
    let is_other = |failure| is_interference(failure) && failure != Failure::Certificate;
    signal(app, is_other)
}

pub(super) fn signal_certificate(app: &App<'_>) -> Saw {
    let saw = signal(app, |failure| failure == Failure::Certificate)?;
    Some(saw.doubt("a probe that does not know Signal's authority fails so, too"))
}

fn signal(app: &App<'_>, fits: impl Fn(Failure) -> bool) -> Saw {
    if app.keys.signal_backend_status.get() != "blocked" {
        return None;
    }
    let failed: Vec<_> = app
        .failed
        .iter()
        .filter(|(_, failure, _)| fits(*failure))
        .collect();
    let text = app.keys.signal_backend_failure.get();
    let said = Failure::of(text).filter(|failure| fits(*failure));
    let first = failed.first().map(|(_, failure, _)| *failure).or(said)?;
    let saw = Evidence::none().facts(
        "failure",
        failed.iter().map(|(.., text)| text).chain([&text]),
    );
    let hosts = failed.iter().map(|(host, ..)| host.clone());
    let asked = app.keys.requests.0.len();
    let saw = saw.fact("servers", format!("{} of {asked} failed", failed.len()));
    Some(saw.hosts(hosts).by(mechanism(first)))
}

pub(super) fn signal_ok(app: &App<'_>) -> Saw {
    (app.keys.signal_backend_status.get() == "ok").then(Evidence::none)
}

pub(super) fn telegram_endpoints(app: &App<'_>) -> Saw {
    let none_made = app.connects.made == 0 && app.connects.failed > 0;
    let said = app.connects.made + app.connects.failed == 0 && app.keys.telegram_tcp_blocking.is();
    let cut = app.keys.telegram_http_blocking.is() && !app.keys.requests.0.is_empty();
    if !(none_made || said || cut) {
        return None;
    }
    let saw = app.connects.evidence.clone();
    Some(if none_made || said {
        saw
    } else {
        saw.by(Mechanism::Http)
    })
}

pub(super) fn telegram_web(app: &App<'_>) -> Saw {
    web_of(
        app,
        TELEGRAM_WEB,
        app.keys.telegram_web_status.get(),
        app.keys.telegram_web_failure.get(),
    )
}

pub(super) fn telegram_ok(app: &App<'_>) -> Saw {
    let is_web_ok = app.keys.telegram_web_status.get() != "blocked" || app.answered(TELEGRAM_WEB);
    (app.connects.made > 0 && is_web_ok).then(|| partly(app))
}

pub(super) fn whatsapp_endpoints(app: &App<'_>) -> Saw {
    let Connects {
        made,
        failed,
        evidence,
    } = &app.connects;
    let said = made + failed == 0 && app.keys.whatsapp_endpoints_status.get() == "blocked";
    (said || (*made == 0 && *failed > 0)).then(|| evidence.clone())
}

pub(super) fn whatsapp_registration(app: &App<'_>) -> Saw {
    let keys = app.keys;
    let (status, failure) = (
        &keys.registration_server_status,
        &keys.registration_server_failure,
    );
    web_of(app, WHATSAPP_REGISTRATION, status.get(), failure.get())
}

/// Only failures on the way count: the page itself answers probes with 400 (ts-018).
pub(super) fn whatsapp_web(app: &App<'_>) -> Saw {
    let keys = app.keys;
    web_of(
        app,
        WHATSAPP_WEB,
        keys.whatsapp_web_status.get(),
        keys.whatsapp_web_failure.get(),
    )
}

pub(super) fn whatsapp_ok(app: &App<'_>) -> Saw {
    let both = app.answered(WHATSAPP_WEB) && app.answered(WHATSAPP_REGISTRATION);
    (app.connects.made > 0 && both).then(|| partly(app))
}

/// A website of a service that fails on the way, as requests show; where there are none, as the
/// probe says.
fn web_of(app: &App<'_>, wanted: &str, status: &str, failure: &str) -> Saw {
    let (how, text) = match app.failed_at(wanted) {
        Some((_, how, text)) if !app.answered(wanted) => (*how, *text),
        None if status == "blocked" && !app.answered(wanted) => (Failure::of(failure)?, failure),
        _ => return None,
    };
    let saw = Evidence::none().failure(text).hosts([wanted.to_owned()]);
    is_interference(how).then(|| saw.by(mechanism(how)).port(Some(443)))
}

/// Says so when a part fails that does not keep the service from working.
fn partly(app: &App<'_>) -> Evidence {
    if app.connects.failed == 0 {
        return Evidence::none();
    }
    let (failed, all) = (app.connects.failed, app.connects.made + app.connects.failed);
    Evidence::none().fact("endpoints", format!("{failed} of {all} failed"))
}

pub(super) fn facebook_tcp(app: &App<'_>) -> Saw {
    app.keys
        .facebook_tcp_blocking
        .is()
        .then(|| app.connects.evidence.clone())
}

pub(super) fn facebook_dns(app: &App<'_>) -> Saw {
    if !app.keys.facebook_dns_blocking.is() {
        return None;
    }
    let answers = app.keys.queries.0.iter().flat_map(|query| &query.answers.0);
    let addresses: Vec<std::net::IpAddr> =
        answers.filter_map(|a| a.ipv4.get().parse().ok()).collect();
    let saw = Evidence::none()
        .facts("resolver answers", &addresses)
        .at(addresses.iter().copied());
    Some(saw.doubt("Facebook is also reached through networks that are not its own"))
}

pub(super) fn facebook_ok(app: &App<'_>) -> Saw {
    let keys = app.keys;
    (keys.facebook_dns_blocking.is_not() && keys.facebook_tcp_blocking.is_not())
        .then(Evidence::none)
}

pub(super) fn tor_all(app: &App<'_>) -> Saw {
    tor(app, |failed, all| failed == all)
}

pub(super) fn tor_most(app: &App<'_>) -> Saw {
    tor(app, |failed, all| failed * 2 >= all)
}

pub(super) fn tor_ok(app: &App<'_>) -> Saw {
    tor(app, |_, _| true)
}

/// Which failures of targets there are. Their addresses are kept out: bridges are secret.
fn tor(app: &App<'_>, fits: fn(usize, usize) -> bool) -> Saw {
    let targets = app
        .keys
        .targets
        .0
        .iter()
        .filter_map(|(_, target)| target.0.as_ref());
    let ended = targets.filter_map(|target| Some((target.target_protocol.get(), ended(target)?)));
    let ended: Vec<(&str, &str)> = ended.collect();
    let failed: Vec<_> = ended.iter().filter(|(_, how)| !how.is_empty()).collect();
    if ended.is_empty() || !fits(failed.len(), ended.len()) {
        return None;
    }
    let saw = Evidence::none().fact(
        "targets",
        format!("{} of {} failed", failed.len(), ended.len()),
    );
    Some(
        saw.facts("kinds", failed.iter().map(|(kind, _)| kind))
            .facts("failure", failed.iter().map(|(_, how)| how)),
    )
}

/// How the use of a target failed, or the empty text when it did not; nothing when it was not
/// tried. Early versions say so only of connects.
fn ended<'t>(target: &'t Target<'_>) -> Option<&'t str> {
    if let Some(how) = target.failure.some() {
        return Some(how);
    }
    let connects = target.tcp_connect.0.iter();
    let mut connects = connects.filter_map(|connect| connect.status.0.as_ref());
    let first = connects.find(|status| status.success.0.is_some())?;
    Some(match first.failure.some() {
        Some(how) if first.success.is_not() => how,
        None if first.success.is_not() => "unknown",
        _ => "",
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every condition")]
pub(super) fn rest(_: &App<'_>) -> Saw {
    Some(Evidence::none())
}
