//! Ordinary log lines, of kinds that hold much that looks like observables.

use std::fmt::Write as _;

use super::draw::Draw;

const AGENTS: [&str; 8] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/119.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/119.0.6045.109 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36 Edg/118.0.2088.76",
    "curl/8.4.0",
    "python-requests/2.31.0",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.corp.example/about.html)",
];
const PATHS: [&str; 12] = [
    "/",
    "/index.html",
    "/assets/app.9f8e7d6c.js",
    "/assets/style.min.css?v=1.2.3.4",
    "/api/v1/items?page=2&per_page=50&sort=name%20asc",
    "/images/logo-2x.png",
    "/blog/2018/11/12/paris.call.html",
    "/login?next=%2Faccount%2Fsettings",
    "/downloads/report-2018.pdf",
    "/wp-login.php",
    "/search?q=how+to+install+node.js",
    "/.well-known/security.txt",
];
const HOSTS: [&str; 10] = [
    "www.corp.example",
    "mail.corp.example",
    "intranet.corp.example",
    "cdn-7.static.corp.example",
    "shop.corp.example",
    "ns1.corp.example",
    "updates.vendor.test",
    "a1b2.edge.vendor.test",
    "time.vendor.test",
    "pool.news.invalid",
];
const MESSAGES: [&str; 8] = [
    "Accepted publickey for deploy from 10.4.0.7 port 50122 ssh2: ED25519 SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
    "DHCPACK on 10.0.12.9 to 00:1a:2b:3c:4d:5e via eth0",
    "usb 1-1.2: new high-speed USB device number 4 using xhci_hcd",
    "systemd[1]: Started nginx.service - A high performance web server (pid 1.2.3).",
    "kernel: IN=eth0 OUT= MAC=00:1a:2b:3c:4d:5e:6f:70 SRC=10.9.8.7 DST=10.0.0.1 LEN=60 PROTO=TCP SPT=443",
    "app: upgraded libfoo from 1.2.3.4.5 to v2.0.0-rc.1 at 12:34:56.789",
    "backup: wrote C:\\backup\\new\\table.db (d41d8cd9-8f00-b204-e980-0998ecf8427e) in 00:12:34",
    "cron[4242]: (root) CMD (test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily)",
];
const PROGRAMS: [&str; 6] = [
    "C:\\\\Windows\\\\System32\\\\svchost.exe",
    "C:\\\\Program Files\\\\Mozilla Firefox\\\\firefox.exe",
    "C:\\\\Users\\\\Public\\\\updater.exe",
    "/usr/bin/curl",
    "/usr/lib/systemd/systemd-resolved",
    "/opt/agent/bin/agent-2.14.0",
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The clock of a log, which runs on from line to line.
#[derive(Debug, Default)]
pub(super) struct Background {
    millis: u64,
}

impl Background {
    /// Appends an ordinary line; two of three are of a web server.
    pub(super) fn line(&mut self, draw: &mut Draw, out: &mut String) {
        self.millis += draw.below(40) as u64;
        // Writing to a String cannot fail.
        let _ = match draw.below(12) {
            0 => self.dns(draw, "", out),
            1 => self.mail(draw, "", out),
            2 => self.proxy(draw, "", out),
            3 => self.syslog(draw, "", out),
            _ => self.access(draw, "", out),
        };
    }

    /// Appends a line that holds `text`.
    pub(super) fn line_with(&mut self, text: &str, draw: &mut Draw, out: &mut String) {
        self.millis += draw.below(40) as u64;
        let _ = match draw.below(5) {
            0 => self.dns(draw, text, out),
            1 => self.mail(draw, text, out),
            2 => self.proxy(draw, text, out),
            3 => self.syslog(draw, text, out),
            _ => self.access(draw, text, out),
        };
    }

    /// Appends a line of a proxy, a name server or an endpoint, which holds `text` if there is any.
    pub(super) fn security_line(&mut self, text: &str, draw: &mut Draw, out: &mut String) {
        self.millis += draw.below(40) as u64;
        let _ = match draw.below(6) {
            0 => self.dns(draw, text, out),
            1 => self.proxy(draw, text, out),
            2 | 3 => self.squid(draw, text, out),
            _ => self.endpoint(draw, text, out),
        };
    }

    /// A line in the native format of Squid.
    fn squid(&self, draw: &mut Draw, text: &str, out: &mut String) -> std::fmt::Result {
        let (seconds, millis) = (self.millis / 1000, self.millis % 1000);
        let client = draw.below(1 << 24);
        let (a, b, c) = (client >> 16, client >> 8 & 255, client & 255);
        let (took, size) = (draw.below(900), draw.below(90_000));
        write!(
            out,
            "1541{seconds:06}.{millis:03} {took:6} 10.{a}.{b}.{c} TCP_MISS/200 {size} GET "
        )?;
        if text.is_empty() {
            let (host, path) = (draw.of(&HOSTS), draw.of(&PATHS));
            write!(out, "https://n{}.{host}{path}", draw.below(10_000))?;
        } else {
            out.push_str(text);
        }
        write!(out, " - HIER_DIRECT/10.9.{c}.{a} text/html")
    }

    /// What an endpoint agent tells of a connection that a process opened.
    fn endpoint(&self, draw: &mut Draw, text: &str, out: &mut String) -> std::fmt::Result {
        let (day, hour, minute, second, _) = self.time();
        let millis = self.millis % 1000;
        let (pid, port, user) = (draw.below(65_536), draw.below(65_536), draw.below(500));
        let program = draw.of(&PROGRAMS);
        let digest = [draw.next(), draw.next(), draw.next(), draw.next()];
        write!(
            out,
            "{{\"time\":\"2018-11-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z\",\
             \"host\":\"ws-{user:04}\",\"process\":{{\"pid\":{pid},\"path\":\"{program}\",\"sha256\":\"\
             {:016x}{:016x}{:016x}{:016x}\"}},\"user\":\"CORP\\\\user{user}\",\"remote\":\"",
            digest[0], digest[1], digest[2], digest[3]
        )?;
        if text.is_empty() {
            write!(out, "{}", draw.of(&HOSTS))?;
        } else {
            out.push_str(text);
        }
        write!(
            out,
            "\",\"address\":\"10.{}.{}.{}\",\"port\":{port},\"verdict\":\"allow\"}}",
            pid >> 8,
            pid & 255,
            user & 255
        )
    }

    fn time(&self) -> (u64, u64, u64, u64, &'static str) {
        let seconds = self.millis / 1000;
        let day = seconds / 86_400;
        let month = usize::try_from(day / 28 % 12).unwrap_or(0);
        let month = MONTHS.get(month).copied().unwrap_or_default();
        (
            day % 28 + 1,
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60,
            month,
        )
    }

    fn access(&self, draw: &mut Draw, text: &str, out: &mut String) -> std::fmt::Result {
        let (day, hour, minute, second, month) = self.time();
        let client = draw.below(1 << 24);
        let (a, b, c) = (client >> 16, client >> 8 & 255, client & 255);
        let (path, size) = (draw.of(&PATHS), draw.below(90_000));
        let (host, from, agent) = (draw.of(&HOSTS), draw.of(&PATHS), draw.of(&AGENTS));
        write!(
            out,
            "10.{a}.{b}.{c} - - [{day:02}/{month}/2018:{hour:02}:{minute:02}:{second:02} +0100] \
             \"GET {path} HTTP/1.1\" 200 {size} "
        )?;
        if text.is_empty() {
            write!(out, "\"https://{host}{from}\" \"{agent}\"")
        } else {
            write!(out, "\"{text}\" \"{agent}\"")
        }
    }

    fn dns(&self, draw: &mut Draw, text: &str, out: &mut String) -> std::fmt::Result {
        let (day, hour, minute, second, month) = self.time();
        let (client, port) = (draw.below(255), 1024 + draw.below(60_000));
        let name = if text.is_empty() {
            draw.of(&HOSTS)
        } else {
            text
        };
        let record = draw.of(&["A", "AAAA", "MX", "TXT"]);
        write!(
            out,
            "{day:02}-{month}-2018 {hour:02}:{minute:02}:{second:02}.{:03} queries: info: client \
             @0x7f3a10c8 10.0.7.{client}#{port}: query: {name} IN {record} +E(0)K (10.0.0.53)",
            self.millis % 1000
        )
    }

    fn mail(&self, draw: &mut Draw, text: &str, out: &mut String) -> std::fmt::Result {
        let (day, hour, minute, second, month) = self.time();
        let (pid, queue) = (draw.below(32_768), draw.below(1 << 40));
        let host = draw.of(&HOSTS);
        write!(
            out,
            "{month} {day:2} {hour:02}:{minute:02}:{second:02} mx1 postfix/qmgr[{pid}]: {queue:010X}: "
        )?;
        if text.is_empty() {
            write!(
                out,
                "from=<news+{pid}@{host}>, size={queue}, nrcpt=1 (queue active)"
            )
        } else {
            write!(out, "from=<{text}>, size={queue}, nrcpt=1 (queue active)")
        }
    }

    fn proxy(&self, draw: &mut Draw, text: &str, out: &mut String) -> std::fmt::Result {
        let (host, path, agent) = (draw.of(&HOSTS), draw.of(&PATHS), draw.of(&AGENTS));
        let (client, status) = (draw.below(255), draw.of(&[200_u16, 204, 302, 403, 404]));
        let seconds = self.millis / 1000;
        let millis = self.millis % 1000;
        write!(
            out,
            "{{\"ts\":{seconds}.{millis:03},\"client\":\"10.1.1.{client}\",\"method\":\"GET\",\"url\":\""
        )?;
        if text.is_empty() {
            write!(out, "https:\\/\\/{host}{}", path.replace('/', "\\/"))?;
        } else {
            out.push_str(text);
        }
        write!(
            out,
            "\",\"status\":{status},\"agent\":\"{agent}\",\"cache\":\"MISS\"}}"
        )
    }

    fn syslog(&self, draw: &mut Draw, text: &str, out: &mut String) -> std::fmt::Result {
        let (day, hour, minute, second, month) = self.time();
        write!(
            out,
            "<34>{month} {day:2} {hour:02}:{minute:02}:{second:02} host7 "
        )?;
        if text.is_empty() {
            out.write_str(draw.of(&MESSAGES))
        } else {
            write!(out, "filter[77]: verdict=drop object={text} rule=12")
        }
    }
}
