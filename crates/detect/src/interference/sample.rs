//! Generated measurements, for benches and tests: the same seed gives the same lines.
//!
//! Probes in four countries measure sixteen sites by the hour, in the shapes of `web_connectivity`
//! 0.4 and 0.5, and now and then an application. Most pages are fine, some sites are down, some
//! controls fail. From an hour on, two sites are blocked in one country each.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// Countries and a network of each.
const PLACES: [(&str, u32); 4] = [
    ("AA", 64_496),
    ("BB", 64_497),
    ("CC", 64_498),
    ("DD", 64_499),
];
const SITES: u64 = 16;
const WORDS: [&str; 16] = [
    "<p>",
    "</p>",
    "<a href=\"/news/",
    "\">",
    "</a>",
    "the ",
    "of ",
    "election ",
    "minister ",
    "<div class=\"item\">",
    "</div>",
    "<img src=\"/i/",
    "street ",
    "water ",
    "\u{e9}t\u{e9} ",
    "&nbsp;",
];
/// 2026-01-01T00:00Z.
const START: u64 = 1_767_225_600;

/// Measurements without end.
#[derive(Clone, Debug)]
pub struct Sample {
    state: u64,
    number: u64,
    body: usize,
    per_hour: u64,
}

/// A generated measurement.
#[derive(Clone, Debug)]
pub struct Made {
    /// A line of JSON, without its end.
    pub line: String,
    /// The rule that fits.
    pub rule: &'static str,
}

impl Sample {
    /// Measurements with pages of about so many octets, so many an hour.
    pub fn new(seed: u64, body: usize, per_hour: u64) -> Self {
        Sample {
            state: seed,
            number: 0,
            body,
            per_hour: per_hour.max(1),
        }
    }

    /// `SplitMix64` (Steele, Lea, Flood 2014).
    fn draw(&mut self, below: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below.max(1)
    }

    fn page(&mut self) -> String {
        let wanted = self.body / 2 + usize::try_from(self.draw(self.body as u64 + 1)).unwrap_or(0);
        let mut page =
            String::from("<!DOCTYPE html><html><head><title>A page</title></head><body>");
        while page.len() < wanted {
            let at = usize::try_from(self.draw(WORDS.len() as u64)).unwrap_or(0);
            page.push_str(WORDS.get(at).copied().unwrap_or_default());
        }
        page
    }

    fn app(head: Value, which: u64) -> Made {
        let name =
            ["signal", "telegram", "whatsapp", "tor"].get(usize::try_from(which % 4).unwrap_or(0));
        let name = name.copied().unwrap_or("tor");
        let ok = json!({"failure": null, "success": true});
        let connect = json!([{"ip": "203.0.113.9", "port": 443, "status": ok}]);
        let asked = |url: &str| json!({"failure": null, "request": {"url": url}, "response": {"code": 200}});
        let keys = match name {
            "signal" => json!({"signal_backend_status": "ok", "signal_backend_failure": null}),
            "telegram" => json!({"telegram_web_status": "ok", "tcp_connect": connect}),
            "whatsapp" => json!({"tcp_connect": connect, "requests": [
                asked("https://web.whatsapp.com/"), asked("https://v.whatsapp.net/v2/register")]}),
            _ => json!({"targets": {"a": {"failure": null, "tcp_connect": connect}}}),
        };
        let rule = match name {
            "signal" => "signal.ok",
            "telegram" => "telegram.ok",
            "whatsapp" => "whatsapp.ok",
            _ => "tor.ok",
        };
        Made {
            line: finished(head, name, "0.5.0", &Value::Null, keys),
            rule,
        }
    }

    /// What happens to a measurement of a site in a country in an hour.
    fn kind(&mut self, place: u64, site: u64, hour: u64) -> Kind {
        match (place, site) {
            (0, 3) if hour >= 48 => return Kind::Bogon,
            (1, 5) if (48..96).contains(&hour) => return Kind::Reset,
            (_, 15) => return Kind::Down,
            _ => {}
        }
        match self.draw(100) {
            0 => Kind::NoControl,
            1 => Kind::Timeout,
            _ => Kind::Page,
        }
    }
}

/// What happens.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Kind {
    Page,
    Bogon,
    Reset,
    Timeout,
    Down,
    NoControl,
}

impl Kind {
    fn rule(self) -> &'static str {
        match self {
            Kind::Page => "ok.page",
            Kind::Bogon => "dns.bogon",
            Kind::Reset => "tls.reset",
            Kind::Timeout => "tcp.fails",
            Kind::Down => "down.both",
            Kind::NoControl => "unusable.control",
        }
    }
}

impl Iterator for Sample {
    type Item = Made;

    fn next(&mut self) -> Option<Made> {
        let number = self.number;
        self.number += 1;
        let (hour, place) = (number / self.per_hour, self.draw(PLACES.len() as u64));
        let (country, network) = *PLACES.get(usize::try_from(place).unwrap_or(0))?;
        let second = START + hour * 3600 + number % self.per_hour * 3600 / self.per_hour;
        let time =
            stix::Timestamp::from_micros(i64::try_from(second).ok()? * 1_000_000).to_string();
        let time = time.get(..19)?.replace('T', " ");
        let head = json!({
            "probe_cc": country, "probe_asn": format!("AS{network}"), "probe_ip": "127.0.0.1",
            "measurement_start_time": time, "test_start_time": time, "software_name": "sample",
            "report_id": format!("sample_{country}_{hour}"), "annotations": {"platform": "linux"},
        });
        if self.draw(20) == 0 {
            let which = self.draw(4);
            return Some(Self::app(head, which));
        }
        let site = self.draw(SITES);
        let kind = self.kind(place, site, hour);
        let is_new = self.draw(2) == 0;
        let host = format!("site{site}.example");
        let url = format!("https://{host}/");
        let page = if kind == Kind::Page {
            self.page()
        } else {
            String::new()
        };
        let keys = web(kind, &host, site, &url, &page, is_new);
        let version = if is_new { "0.5.28" } else { "0.4.2" };
        let line = finished(head, "web_connectivity", version, &url.into(), keys);
        Some(Made {
            line,
            rule: kind.rule(),
        })
    }
}

fn finished(mut head: Value, test: &str, version: &str, input: &Value, keys: Value) -> String {
    if let Some(members) = head.as_object_mut() {
        members.insert("test_name".into(), test.into());
        members.insert("test_version".into(), version.into());
        members.insert("input".into(), input.clone());
        members.insert("test_keys".into(), keys);
    }
    head.to_string()
}

/// `test_keys` of `web_connectivity`, in the shape of 0.5 when it is new, else of 0.4.
fn web(kind: Kind, host: &str, site: u64, url: &str, page: &str, is_new: bool) -> Value {
    let (address, bogus) = (format!("198.51.200.{site}"), "10.10.34.36");
    let answer = if kind == Kind::Bogon { bogus } else { &address };
    let endpoint = format!("{address}:443");
    let tags = if is_new {
        json!(["classic", "depth=0", "fetch_body=true"])
    } else {
        json!(["tcptls_experiment"])
    };
    let failure = match kind {
        Kind::Page => None,
        Kind::Reset => Some("connection_reset"),
        Kind::Down => Some("ssl_invalid_certificate"),
        Kind::Bogon | Kind::Timeout | Kind::NoControl => Some("generic_timeout_error"),
    };
    let tcp_fails = matches!(kind, Kind::Bogon | Kind::Timeout | Kind::NoControl);
    let tcp = tcp_fails.then_some("generic_timeout_error");
    let control_page = match kind {
        Kind::Down => {
            json!({"body_length": -1, "failure": "ssl_error", "status_code": -1, "headers": {}})
        }
        Kind::NoControl => {
            json!({"body_length": 0, "failure": null, "status_code": 0, "headers": null})
        }
        _ => json!({"body_length": 1000, "failure": null, "status_code": 200, "title": "A page"}),
    };
    // What the probe itself would conclude (ts-017).
    let (blocking, accessible) = match kind {
        Kind::Page => (json!(false), json!(true)),
        Kind::Down => (json!(false), json!(false)),
        Kind::Bogon => (json!("dns"), json!(false)),
        Kind::Timeout => (json!("tcp_ip"), json!(false)),
        Kind::Reset => (json!("http-failure"), json!(false)),
        Kind::NoControl => (Value::Null, Value::Null),
    };
    let is_controlled = kind != Kind::NoControl;
    let known = is_controlled.then(|| json!([address]));
    let connected =
        is_controlled.then(|| json!({endpoint.as_str(): {"status": true, "failure": null}}));
    let matches = (kind == Kind::Page).then_some(true);
    let mut keys = json!({
        "control_failure": (kind == Kind::NoControl).then_some("connection_refused"),
        "control": {
            "dns": {"failure": null, "addrs": known},
            "tcp_connect": connected,
            "http_request": control_page,
        },
        "queries": [{"engine": if is_new { "getaddrinfo" } else { "system" }, "hostname": host,
            "query_type": "A", "failure": null, "tags": tags,
            "answers": [{"answer_type": "A", "ipv4": answer, "ttl": null}]}],
        "tcp_connect": [{"ip": answer, "port": 443, "tags": tags,
            "status": {"failure": tcp, "success": tcp.is_none()}}],
        "tls_handshakes": [],
        "requests": [{"failure": failure, "request": {"url": url, "method": "GET"},
            "response": {"body": page, "code": if failure.is_none() { 200 } else { 0 },
                "headers": {"Server": "nginx", "Content-Type": "text/html"}}}],
        "http_experiment_failure": failure,
        "status_code_match": matches, "body_length_match": matches, "title_match": matches,
        "headers_match": matches, "network_events": events(&endpoint, if is_new { 40 } else { 10 }),
        "blocking": blocking, "accessible": accessible,
    });
    if !tcp_fails && let Some(members) = keys.as_object_mut() {
        let handshake =
            json!([{"address": endpoint, "server_name": host, "failure": failure, "tags": tags}]);
        members.insert("tls_handshakes".into(), handshake);
    }
    keys
}

/// What probes send along and no rule reads.
fn events(endpoint: &str, count: usize) -> Value {
    let mut name = String::new();
    let events = (0..count).map(|number| {
        name.clear();
        // writing to a String does not fail
        let _ = write!(name, "0.{number:09}");
        json!({"address": endpoint, "failure": null, "operation": "read", "proto": "tcp",
            "num_bytes": number * 1024, "t": name.parse::<f64>().unwrap_or(0.0), "tags": ["depth=0"]})
    });
    events.collect()
}
