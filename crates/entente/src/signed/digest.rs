//! Content-Digest (RFC 9530): a body is what was signed, or it breaks off.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use sfv::{Dictionary, ListEntry, Parser};
use sha2::{Digest as _, Sha256, Sha512};

/// The header's value for a body.
pub(crate) fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(Sha256::digest(body)))
}

/// The digests that a body has to have.
#[derive(Debug)]
pub(crate) struct Wanted {
    sha256: Option<(Vec<u8>, Sha256)>,
    sha512: Option<(Vec<u8>, Sha512)>,
}

impl Wanted {
    /// Reads the header's value; algorithms other than these two are left out.
    ///
    /// # Errors
    /// That it cannot be read, or has neither.
    pub(crate) fn parse(value: &str) -> Result<Self, String> {
        let dictionary: Dictionary = Parser::new(value)
            .parse()
            .map_err(|error| format!("Content-Digest cannot be read: {error}"))?;
        let octets = |name: &str| match dictionary.get(name) {
            Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence().map(<[u8]>::to_vec),
            _ => None,
        };
        let wanted = Wanted {
            sha256: octets("sha-256").map(|octets| (octets, Sha256::new())),
            sha512: octets("sha-512").map(|octets| (octets, Sha512::new())),
        };
        if wanted.sha256.is_none() && wanted.sha512.is_none() {
            return Err("Content-Digest has neither sha-256 nor sha-512".into());
        }
        Ok(wanted)
    }

    fn update(&mut self, octets: &[u8]) {
        if let Some((_, hash)) = &mut self.sha256 {
            hash.update(octets);
        }
        if let Some((_, hash)) = &mut self.sha512 {
            hash.update(octets);
        }
    }

    fn holds(self) -> bool {
        let first = self
            .sha256
            .is_none_or(|(wanted, hash)| *wanted == *hash.finalize());
        first
            && self
                .sha512
                .is_none_or(|(wanted, hash)| *wanted == *hash.finalize())
    }
}

/// A body that breaks off at its end when it is not the one that was signed.
pub(crate) struct Digested {
    body: Body,
    wanted: Option<Wanted>,
}

impl Digested {
    /// The body, to be read to its end.
    pub(crate) fn new(body: Body, wanted: Wanted) -> Self {
        Digested {
            body,
            wanted: Some(wanted),
        }
    }
}

impl http_body::Body for Digested {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(data), Some(wanted)) = (frame.data_ref(), &mut self.wanted) {
                    wanted.update(data);
                }
            }
            Poll::Ready(None) if !self.wanted.take().is_none_or(Wanted::holds) => {
                let words = "it is not the body that was signed (Content-Digest)";
                return Poll::Ready(Some(Err(axum::Error::new(words))));
            }
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        // Who stops here would not hear that it is another body.
        self.wanted.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn read(body: &'static str, digest: &str) -> Result<Bytes, axum::Error> {
        let wanted = Wanted::parse(digest).unwrap();
        let body = Body::new(Digested::new(Body::from(body), wanted));
        body.collect()
            .await
            .map(http_body_util::Collected::to_bytes)
    }

    #[tokio::test]
    async fn only_the_body_that_was_signed_is_read_to_its_end() {
        let digest = content_digest(b"{\"hello\": \"world\"}");
        // RFC 9530, appendix B
        assert_eq!(
            digest,
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
        );
        assert_eq!(
            read("{\"hello\": \"world\"}", &digest).await.unwrap().len(),
            18
        );
        assert!(read("{\"hello\": \"World\"}", &digest).await.is_err());
        assert!(read("", &digest).await.is_err());
        assert!(read("", &content_digest(b"")).await.is_ok());
    }

    #[test]
    fn a_digest_is_one_that_is_known() {
        for wrong in ["", "md5=:AAAA:", "sha-256=abc", "sha-256", "unixsum=30637"] {
            assert!(Wanted::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Wanted::parse("md5=:AAAA:, sha-512=:AAAA:").is_ok());
    }
}
