//! The security.txt on a domain's web site (RFC 9116).

use std::net::IpAddr;

use node::act::commitment::security::SecurityLook;
use node::clock::Instant;
use node::commitment::SecurityTxt;
use node::commitment::security_txt::{LONGEST, SECURITY_TXT};
use node::identity::Outcome;

use super::fetch::{Failed, Fetched, Wanted, fetch};

/// What the security.txt of a domain says at `now`. Blocks for up to ten seconds, twice that with
/// `private`.
pub(super) fn look(
    domain: &str,
    addresses: &[IpAddr],
    private: bool,
    now: Instant,
) -> SecurityLook {
    let wanted = Wanted {
        path: SECURITY_TXT,
        accept: "text/plain",
        longest: LONGEST as u64,
    };
    match fetch(domain, &wanted, addresses, private) {
        Ok(fetched) => read(domain, &fetched, now),
        Err(Failed::Missing(words)) => found(Outcome::Missing, words),
        Err(Failed::Unreachable(words)) => unreachable(words),
    }
}

/// Nothing could be learned.
pub(super) fn unreachable(words: String) -> SecurityLook {
    found(Outcome::Unreachable, words)
}

fn read(domain: &str, fetched: &Fetched, now: Instant) -> SecurityLook {
    if fetched.media_type != "text/plain" {
        let words = "the file is not served as text/plain (RFC 9116 §3)";
        return found(Outcome::Wrong, words.into());
    }
    let url = format!("https://{domain}{SECURITY_TXT}");
    match SecurityTxt::parse(&fetched.bytes, &url, now) {
        Ok(file) => SecurityLook {
            contacts: file.few_contacts(),
            expires: Some(file.expires),
            ..found(
                Outcome::Good,
                "the file has a contact and has not expired".into(),
            )
        },
        Err(words) => found(Outcome::Wrong, format!("RFC 9116: {words}")),
    }
}

fn found(outcome: Outcome, words: String) -> SecurityLook {
    SecurityLook {
        outcome,
        words,
        contacts: Vec::new(),
        expires: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_stands_where_the_file_should_is_none() {
        let file = |media_type: &str, text: &str| Fetched {
            bytes: text.as_bytes().to_vec(),
            media_type: media_type.into(),
        };
        let good = "Contact: https://alpha.example/report\nExpires: 2099-01-01T00:00:00Z\n";
        let look = |file: &Fetched| read("alpha.example", file, Instant(0)).outcome;
        assert_eq!(look(&file("text/plain", good)), Outcome::Good);
        assert_eq!(look(&file("text/html", good)), Outcome::Wrong);
        assert_eq!(look(&file("text/plain", "<html>")), Outcome::Wrong);
    }

    #[test]
    fn the_node_does_not_go_where_only_it_can() {
        let look = look(
            "alpha.example",
            &["10.0.0.1".parse().unwrap()],
            false,
            Instant(0),
        );
        assert_eq!(look.outcome, Outcome::Unreachable);
    }
}
