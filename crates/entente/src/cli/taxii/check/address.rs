//! Where a server is. An address holds no credentials, so that it can be shown.

use std::fmt;

use ureq::http::Uri;

use super::super::super::Failure;

/// Scheme, host and path of a URL, without credentials and query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    scheme: String,
    host: String,
    port: u16,
    /// From the first slash on.
    pub(super) path: String,
}

impl Address {
    /// The address, and user and password when the URL holds them.
    ///
    /// # Errors
    /// When it is no HTTP URL; the words do not repeat it, as it may hold a password.
    pub(super) fn parse(url: &str) -> Result<(Self, Option<(String, String)>), Failure> {
        let wrong = || Failure::usage("that is no URL of a TAXII server: use https://host/taxii2/");
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let scheme = uri.scheme_str().ok_or_else(wrong)?.to_ascii_lowercase();
        let standard = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err(wrong()),
        };
        let authority = uri.authority().ok_or_else(wrong)?;
        if authority.host().is_empty() {
            return Err(wrong());
        }
        let told = authority.as_str().rsplit_once('@').map(|(userinfo, _)| {
            let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
            (unescaped(user), unescaped(password))
        });
        let address = Address {
            scheme,
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(standard),
            path: if uri.path().is_empty() {
                "/"
            } else {
                uri.path()
            }
            .to_owned(),
        };
        Ok((address, told))
    }

    /// The address that a reference stands for, seen from this one.
    pub(super) fn join(&self, reference: &str) -> Option<Self> {
        if reference.contains("://") {
            return Self::parse(reference).ok().map(|(address, _)| address);
        }
        let path = if let Some(rest) = reference.strip_prefix("//") {
            return Self::parse(&format!("{}://{rest}", self.scheme))
                .ok()
                .map(|(address, _)| address);
        } else if reference.starts_with('/') {
            reference.to_owned()
        } else {
            let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{folder}/{reference}")
        };
        Some(Address {
            path: path.split('#').next().unwrap_or_default().to_owned(),
            ..self.clone()
        })
    }

    /// Whether scheme, host and port are the same (RFC 6454).
    pub(super) fn same_origin(&self, other: &Self) -> bool {
        (&self.scheme, &self.host, self.port) == (&other.scheme, &other.host, other.port)
    }

    /// `https://host:port`, without the standard port.
    pub(super) fn origin(&self) -> String {
        let standard = (self.scheme == "http" && self.port == 80)
            || (self.scheme == "https" && self.port == 443);
        if standard {
            format!("{}://{}", self.scheme, self.host)
        } else {
            format!("{}://{}:{}", self.scheme, self.host, self.port)
        }
    }

    /// Whether what is sent there is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.scheme == "https"
    }

    /// Whether it is on this machine.
    pub(super) fn is_near(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

/// Percent-escapes resolved; a plus sign stays one.
fn unescaped(text: &str) -> String {
    let escaped = text.replace('+', "%2B").replace('&', "%26");
    form_urlencoded::parse(format!("x={escaped}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_a_url_are_taken_and_never_shown() {
        let (address, told) = Address::parse("https://us%65r:p%40ss+w@Host.example/taxii2/?a=b")
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(told, Some(("user".into(), "p@ss+w".into())));
        assert_eq!(address.to_string(), "https://host.example/taxii2/");
        assert!(!format!("{address:?}").contains("p@ss"));
        let wrong = Address::parse("ftp://user:secret@host/").unwrap_err();
        assert!(!wrong.to_string().contains("secret"));
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let of = |url: &str| Address::parse(url).unwrap().0;
        let here = of("http://host.example/a/b/");
        assert!(here.same_origin(&of("http://HOST.example:80/other")));
        for elsewhere in [
            "https://host.example/a/b/",
            "http://host.example:8080/a/b/",
            "http://host.example.evil/",
        ] {
            assert!(!here.same_origin(&of(elsewhere)), "{elsewhere}");
        }
        assert_eq!(here.join("c/").unwrap().path, "/a/b/c/");
        assert_eq!(here.join("/c").unwrap().path, "/c");
        assert_eq!(here.join("//else/c").unwrap(), of("http://else/c"));
    }
}
