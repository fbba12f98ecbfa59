//! The rules: a table, read from top to bottom; the first that fits a measurement says what it is.

mod apps;
mod web;

use super::fingerprint::{Fingerprints, Scratch};
use super::measurement::{Measurement, TestKeys};
use super::verdict::{Evidence, Mechanism, Triple, Verdict};
use super::web::Web;
use apps::App;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// What it is called, here and in what is shared.
    pub id: &'static str,
    /// Where it looks.
    pub mechanism: Mechanism,
    /// How likely what is, when it fits.
    pub triple: Triple,
    /// What it says, in words.
    pub says: &'static str,
    when: When,
}

/// When a rule fits.
#[derive(Debug)]
enum When {
    /// There is nothing to look at.
    Empty,
    Web(fn(&Web<'_>) -> Option<Evidence>),
    Signal(fn(&App<'_>) -> Option<Evidence>),
    Telegram(fn(&App<'_>) -> Option<Evidence>),
    WhatsApp(fn(&App<'_>) -> Option<Evidence>),
    Facebook(fn(&App<'_>) -> Option<Evidence>),
    Tor(fn(&App<'_>) -> Option<Evidence>),
    /// Any of the tests of applications.
    App(fn(&App<'_>) -> Option<Evidence>),
}

const fn rule(
    id: &'static str,
    mechanism: Mechanism,
    [blocked, down, ok]: [u8; 3],
    when: When,
    says: &'static str,
) -> Rule {
    let triple = Triple { blocked, down, ok };
    Rule {
        id,
        mechanism,
        triple,
        says,
        when,
    }
}

use Mechanism::{Dns, Http, None as Nothing, Other, Tcp, Tls};
use When::{Empty, Facebook, Signal, Telegram, Tor, WhatsApp};

/// The rules, in their order. Of each: id, where it looks, how likely blocked, down and ok are in
/// hundredths, its condition, and what it says. What each rests on stands in docs/interference.md.
#[rustfmt::skip]
pub static RULES: [Rule; 50] = [
    rule("unusable.empty", Nothing, [0, 0, 0], Empty, "the measurement has no results"),

    rule("fingerprint.dns", Dns, [100, 0, 0], When::Web(web::known_answer), "a resolver answers with an address that is known for blocking"),
    rule("fingerprint.header", Http, [100, 0, 0], When::Web(web::known_header), "a response has a header that is known for blocking"),
    rule("fingerprint.body", Http, [100, 0, 0], When::Web(web::known_body), "a response has a body that is known for blocking"),
    rule("dns.bogon", Dns, [95, 5, 0], When::Web(web::bogon), "the resolver answers with an address that no public site has; the control has others"),
    rule("dns.fails", Dns, [90, 10, 0], When::Web(web::no_name), "the resolver says that there is no such name; the control resolves it and gets the page"),
    rule("dns.silent", Dns, [70, 30, 0], When::Web(web::no_resolver), "the resolver does not answer, or cannot; the control resolves the name and gets the page"),
    rule("dns.certificate", Dns, [85, 5, 10], When::Web(web::foreign_certificate), "the resolver answers with addresses the control does not know, and the certificate there is not the site's"),
    rule("dns.dead-address", Dns, [80, 10, 10], When::Web(web::dead_address), "the resolver answers with addresses that nobody can connect to; the control knows others that work"),
    rule("tcp.fails", Tcp, [75, 25, 0], When::Web(web::no_connection), "no connection to the site's addresses; the control connects to them"),
    rule("tls.reset", Tls, [80, 20, 0], When::Web(web::handshake_reset), "the TLS handshake is reset or cut off; the control gets the page"),
    rule("tls.timeout", Tls, [70, 30, 0], When::Web(web::handshake_timeout), "the TLS handshake is not answered; the control gets the page"),
    rule("tls.certificate", Tls, [70, 5, 25], When::Web(web::other_certificate), "the certificate is not the site's; the control gets the page"),
    rule("http.redirect-private", Http, [85, 5, 10], When::Web(web::private_redirect), "the response redirects to an address that no public site has; the control gets the page"),
    rule("http.reset", Http, [80, 20, 0], When::Web(web::request_reset), "the request is reset or cut off; the control gets the page"),
    rule("http.timeout", Http, [65, 35, 0], When::Web(web::request_timeout), "the request is not answered; the control gets the page"),
    rule("down.no-name", Nothing, [5, 90, 5], When::Web(web::gone), "the name does not exist for the control either; what the resolver answers instead is no blocking"),
    rule("down.both", Nothing, [3, 92, 5], When::Web(web::both_fail), "probe and control both fail"),
    rule("http.redirect-elsewhere", Http, [70, 5, 25], When::Web(web::other_site), "a response without TLS redirects to another site, whose page is not what the control gets"),
    rule("ok.page", Nothing, [2, 3, 95], When::Web(web::page), "the page comes over TLS, or is what the control gets"),
    rule("fingerprint.false-positive", Nothing, [5, 25, 70], When::Web(web::false_positive), "the page is known to look like blocking and to be none"),
    rule("fingerprint.filter", Http, [70, 5, 25], When::Web(web::filter), "a fingerprint of a filter, out of the country it is known from: not confirmed"),
    rule("fingerprint.vague", Http, [50, 10, 40], When::Web(web::vague), "words that speak of blocking and do not say whose: not confirmed"),
    rule("ok.headers", Nothing, [5, 5, 90], When::Web(web::same_headers), "status and headers of the page are those the control gets"),
    rule("http.differs", Http, [55, 15, 30], When::Web(web::other_page), "a page without TLS is not what the control gets, in status or length, headers and title"),
    rule("unusable.offline", Nothing, [0, 0, 0], When::Web(web::offline), "the probe had no network"),
    rule("unusable.control", Nothing, [0, 0, 0], When::Web(web::no_control), "the probe fails and the control did not work: there is nothing to compare with"),
    rule("unusable.probe", Nothing, [0, 0, 0], When::Web(web::probe_fault), "the probe fails by a fault of its own, or one that has no name"),
    rule("ok.alone", Nothing, [10, 10, 80], When::Web(web::page_alone), "a page comes; there is no control to compare it with"),
    rule("uncertain.web", Other, [40, 40, 20], When::Web(web::rest), "the probe fails in a way that tells nothing, while the control gets the page"),

    rule("unusable.signal-version", Nothing, [0, 0, 0], Signal(apps::signal_version), "this version of the test is known to be wrong at that time"),
    rule("app.bogon", Dns, [95, 5, 0], When::App(apps::bogon), "the resolver answers with an address that no public service has"),
    rule("unusable.app-offline", Nothing, [0, 0, 0], When::App(apps::offline), "the probe had no network"),
    rule("signal.fails", Other, [75, 25, 0], Signal(apps::signal_fails), "servers of Signal cannot be used"),
    rule("signal.certificate", Tls, [60, 10, 30], Signal(apps::signal_certificate), "servers of Signal show certificates that Signal does not vouch for"),
    rule("signal.ok", Nothing, [3, 3, 94], Signal(apps::signal_ok), "all servers of Signal can be used"),
    rule("telegram.endpoints", Tcp, [80, 20, 0], Telegram(apps::telegram_endpoints), "no access point of Telegram can be used"),
    rule("telegram.web", Other, [60, 25, 15], Telegram(apps::telegram_web), "Telegram's website cannot be used; its access points can"),
    rule("telegram.ok", Nothing, [3, 3, 94], Telegram(apps::telegram_ok), "access points and website of Telegram can be used"),
    rule("whatsapp.endpoints", Tcp, [80, 20, 0], WhatsApp(apps::whatsapp_endpoints), "no endpoint of WhatsApp can be used"),
    rule("whatsapp.registration", Other, [75, 25, 0], WhatsApp(apps::whatsapp_registration), "WhatsApp's registration server cannot be used"),
    rule("whatsapp.web", Other, [65, 25, 10], WhatsApp(apps::whatsapp_web), "WhatsApp's website cannot be used"),
    rule("whatsapp.ok", Nothing, [3, 3, 94], WhatsApp(apps::whatsapp_ok), "endpoints, registration and website of WhatsApp can be used"),
    rule("facebook.tcp", Tcp, [75, 25, 0], Facebook(apps::facebook_tcp), "endpoints of Facebook Messenger cannot be connected to"),
    rule("facebook.dns", Dns, [60, 15, 25], Facebook(apps::facebook_dns), "names of Facebook Messenger resolve to networks that are not Facebook's"),
    rule("facebook.ok", Nothing, [3, 3, 94], Facebook(apps::facebook_ok), "endpoints of Facebook Messenger resolve and can be connected to"),
    rule("tor.all", Tcp, [80, 20, 0], Tor(apps::tor_all), "no directory, relay or bridge of Tor can be used"),
    rule("tor.most", Tcp, [60, 20, 20], Tor(apps::tor_most), "half of Tor's directories, relays and bridges, or more, cannot be used"),
    rule("tor.ok", Nothing, [4, 4, 92], Tor(apps::tor_ok), "most of Tor's directories, relays and bridges can be used"),
    rule("unusable.app", Nothing, [0, 0, 0], When::App(apps::rest), "the test gave no result"),
];

impl Rule {
    /// The rule of this id.
    pub fn named(id: &str) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.id == id)
    }

    /// Its place in the table.
    pub(crate) fn number(&self) -> usize {
        RULES
            .iter()
            .position(|rule| std::ptr::eq(rule, self))
            .unwrap_or(RULES.len())
    }

    /// What a measurement that it fits is, in a word.
    pub fn verdict(&self) -> Verdict {
        let Triple { blocked, down, ok } = self.triple;
        match (blocked, down, ok) {
            (100, ..) => Verdict::Confirmed,
            (50.., ..) => Verdict::Blocked,
            (_, 50.., _) => Verdict::Down,
            (.., 50..) => Verdict::Ok,
            (0, 0, 0) => Verdict::Unusable,
            _ => Verdict::Uncertain,
        }
    }
}

/// A test whose measurements are understood.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `web_connectivity`
    Web,
    /// `signal`
    Signal,
    /// `telegram`
    Telegram,
    /// `whatsapp`
    WhatsApp,
    /// `facebook_messenger`
    Facebook,
    /// `tor`
    Tor,
}

impl Test {
    /// The test of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "web_connectivity" => Test::Web,
            "signal" => Test::Signal,
            "telegram" => Test::Telegram,
            "whatsapp" => Test::WhatsApp,
            "facebook_messenger" => Test::Facebook,
            "tor" => Test::Tor,
            _ => return None,
        })
    }

    /// What its measurements are about, where they have no URL.
    pub fn service(self) -> Option<&'static str> {
        match self {
            Test::Web => None,
            Test::Signal => Some("signal"),
            Test::Telegram => Some("telegram"),
            Test::WhatsApp => Some("whatsapp"),
            Test::Facebook => Some("facebook_messenger"),
            Test::Tor => Some("tor"),
        }
    }
}

/// The first rule that fits, and what it saw.
pub(crate) fn judge<'m>(
    test: Test,
    measurement: &'m Measurement<'m>,
    prints: &'m Fingerprints,
    scratch: &mut Scratch,
) -> Option<(&'static Rule, Evidence)> {
    let Some(keys) = measurement.test_keys.0.as_deref() else {
        let mut rules = RULES.iter();
        let rule = rules.find(|rule| matches!(rule.when, Empty))?;
        return Some((rule, Evidence::none()));
    };
    if test == Test::Web {
        return judge_web(&Web::of(measurement, keys, prints, scratch));
    }
    judge_app(test, measurement, keys)
}

fn judge_web(web: &Web<'_>) -> Option<(&'static Rule, Evidence)> {
    RULES.iter().find_map(|rule| match &rule.when {
        When::Web(fits) => fits(web).map(|evidence| (rule, evidence)),
        _ => None,
    })
}

fn judge_app(
    test: Test,
    measurement: &Measurement<'_>,
    keys: &TestKeys<'_>,
) -> Option<(&'static Rule, Evidence)> {
    let app = App::of(measurement, keys);
    RULES.iter().find_map(|rule| {
        let ((Signal(fits), Test::Signal)
        | (Telegram(fits), Test::Telegram)
        | (WhatsApp(fits), Test::WhatsApp)
        | (Facebook(fits), Test::Facebook)
        | (Tor(fits), Test::Tor)
        | (When::App(fits), _)) = (&rule.when, test)
        else {
            return None;
        };
        fits(&app).map(|evidence| (rule, evidence))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_triples_are_shares_of_a_whole() {
        let ids: HashSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for rule in &RULES {
            let Triple { blocked, down, ok } = rule.triple;
            let sum = blocked + down + ok;
            let unusable = rule.id.starts_with("unusable.");
            assert_eq!(sum, if unusable { 0 } else { 100 }, "{}", rule.id);
            assert_eq!(rule.verdict() == Verdict::Unusable, unusable, "{}", rule.id);
            let confirms = ["fingerprint.dns", "fingerprint.header", "fingerprint.body"];
            assert_eq!(
                rule.verdict() == Verdict::Confirmed,
                confirms.contains(&rule.id)
            );
            let finds = rule.verdict().is_finding();
            assert_eq!(
                finds,
                rule.mechanism != Nothing && rule.id != "uncertain.web",
                "{}",
                rule.id
            );
        }
    }

    #[test]
    fn every_measurement_of_a_known_test_meets_a_rule() {
        let prints = Fingerprints::default();
        for name in [
            "web_connectivity",
            "signal",
            "telegram",
            "whatsapp",
            "facebook_messenger",
            "tor",
        ] {
            for keys in [
                "null",
                "{}",
                "[]",
                "7",
                r#"{"requests":[{}],"queries":[7],"targets":{"a":{}}}"#,
            ] {
                let json = format!(r#"{{"test_name":"{name}","test_keys":{keys}}}"#);
                let read = Measurement::read(&json).unwrap();
                let test = Test::named(read.test_name()).unwrap();
                let judged = judge(test, &read, &prints, &mut Scratch::default());
                assert!(judged.is_some(), "{json}");
            }
        }
    }
}
