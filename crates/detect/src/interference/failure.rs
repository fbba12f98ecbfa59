//! What a failure string says, over all the programs that wrote such strings.
//!
//! Source: OONI's df-007. Probes of today, measurement-kit, and the first ones, whose strings are
//! the names of Twisted's errors.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

/// How an operation failed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The resolver said that there is no such name, or no address, or that it will not say.
    NoName,
    /// The resolver did not answer, or answered that it could not.
    NoResolver,
    Timeout,
    Refused,
    /// The connection was reset, or closed where an answer was due.
    Reset,
    /// The certificate is not the site's, or nobody known vouches for it.
    Certificate,
    /// TLS failed in another way.
    Tls,
    /// The page redirects to what is no address.
    Redirect,
    /// The probe itself had no network.
    Offline,
    /// The probe's own fault, or one that nobody named.
    Unknown,
}

impl Failure {
    /// What the string says; none for the empty string, which is how some write null.
    pub(crate) fn of(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        Some(named(text).unwrap_or_else(|| told(text)))
    }
}

fn named(text: &str) -> Option<Failure> {
    Some(match text {
        "dns_nxdomain_error" | "dns_no_answer" | "dns_refused_error" | "dns_name_error"
        | "dns_lookup_error" | "dns_bogon_error" => Failure::NoName,
        "dns_servfail_error"
        | "dns_server_misbehaving"
        | "dns_temporary_failure"
        | "dns_non_recoverable_failure"
        | "dns_reply_with_wrong_query_id"
        | "dns_name_failure"
        | "android_dns_cache_no_data" => Failure::NoResolver,
        "generic_timeout_error"
        | "tcp_timed_out_error"
        | "deferred_timeout_error"
        | "task_timed_out"
        | "timed_out"
        | "host_unreachable"
        | "connect_error" => Failure::Timeout,
        "connection_refused" | "connection_refused_error" => Failure::Refused,
        "connection_reset"
        | "connection_aborted"
        | "connection_already_closed"
        | "connection_lost_error"
        | "connection_done"
        | "connection_closed"
        | "eof_error"
        | "network_reset"
        | "response_never_received"
        | "broken_pipe" => Failure::Reset,
        "ssl_invalid_hostname" | "ssl_unknown_authority" | "ssl_invalid_certificate" => {
            Failure::Certificate
        }
        "ssl_failed_handshake" | "ssl_error" => Failure::Tls,
        "http_invalid_redirect_url"
        | "http_invalid_redirect_location_host"
        | "http_unexpected_redirect_url" => Failure::Redirect,
        "network_unreachable" | "network_down" | "interrupted" => Failure::Offline,
        _ => return None,
    })
}

/// Of strings that carry the words of an operating system or a library.
fn told(text: &str) -> Failure {
    let has = |word| text.contains(word);
    if text.starts_with("ssl_error") || has("tls:") || has("ssl") {
        let certificate = has("certificate") || has("x509");
        return if certificate {
            Failure::Certificate
        } else {
            Failure::Tls
        };
    }
    if has("no such host") {
        Failure::NoName
    } else if has("connection reset") || has("forcibly closed") || text.ends_with(" EOF") {
        Failure::Reset
    } else if has("i/o timeout") || has("deadline exceeded") || has("timed out") {
        Failure::Timeout
    } else if has("connection refused") || has("actively refused") {
        Failure::Refused
    } else if has("network is unreachable") {
        Failure::Offline
    } else {
        Failure::Unknown
    }
}

/// The string without addresses: some hold those of the probe.
pub(crate) fn scrubbed(text: &str) -> Cow<'_, str> {
    let is_address = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != ']');
        word.parse::<IpAddr>().is_ok() || word.parse::<SocketAddr>().is_ok()
    };
    let separated = text.replace("->", " -> ");
    if !separated.split(' ').any(is_address) {
        return Cow::Borrowed(text);
    }
    let words = separated
        .split(' ')
        .map(|word| if is_address(word) { "[address]" } else { word });
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_all_programs_are_understood() {
        for (text, expected) in [
            ("", None),
            ("connection_reset", Some(Failure::Reset)),
            (
                "ssl_error: error:14007086:SSL routines:certificate verify failed",
                Some(Failure::Certificate),
            ),
            (
                "unknown_failure: read tcp 10.0.0.1:1->[scrubbed]: connection reset by peer",
                Some(Failure::Reset),
            ),
            (
                "unknown_failure 'ascii' codec can't decode byte 0xd9",
                Some(Failure::Unknown),
            ),
            ("tcp_timed_out_error", Some(Failure::Timeout)),
            ("something new", Some(Failure::Unknown)),
        ] {
            assert_eq!(Failure::of(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_of_probes_are_left_out() {
        let text = "unknown_failure: read tcp 192.168.1.5:4711->198.51.100.1:443: reset";
        let scrubbed = scrubbed(text);
        assert_eq!(
            scrubbed,
            "unknown_failure: read tcp [address] -> [address] reset"
        );
        assert!(matches!(
            super::scrubbed("connection_reset"),
            Cow::Borrowed(_)
        ));
    }
}
