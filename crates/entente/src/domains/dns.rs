//! Looking names up, in the system's resolver or in one of the operator's own.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long one try may take; there are two.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Looks names up.
#[derive(Clone)]
pub(super) struct Dns(TokioResolver);

/// What was found.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) records: Vec<T>,
    /// Whether the resolver says that it checked DNSSEC (RFC 6840 §5.8).
    pub(super) authenticated: bool,
}

impl Dns {
    /// With the system's resolver, or the one at an address.
    ///
    /// # Errors
    /// When the system's settings cannot be read.
    pub(super) fn new(server: Option<SocketAddr>) -> anyhow::Result<Self> {
        let mut builder = match server {
            None => TokioResolver::builder_tokio()?,
            Some(server) => {
                let mut name_server = NameServerConfig::udp_and_tcp(server.ip());
                for connection in &mut name_server.connections {
                    connection.port = server.port();
                }
                let config = ResolverConfig::from_name_servers(vec![name_server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        let options: &mut ResolverOpts = builder.options_mut();
        options.timeout = TIMEOUT;
        options.attempts = 2;
        // Looks are hours apart, and what changed is what is looked for.
        options.cache_size = 0;
        Ok(Dns(builder.build()?))
    }

    /// The TXT records of a name, each its strings put together (RFC 7208 §3.3 does the same). None
    /// at all when the name has none, or is not there.
    ///
    /// # Errors
    /// Why nothing could be learned.
    pub(super) async fn txt(&self, name: &str) -> Result<Found<String>, String> {
        self.lookup(name, RecordType::TXT, |data| match data {
            RData::TXT(txt) => {
                let octets: Vec<u8> = txt
                    .txt_data
                    .iter()
                    .flat_map(|part| part.iter().copied())
                    .collect();
                Some(String::from_utf8_lossy(&octets).into_owned())
            }
            _ => None,
        })
        .await
    }

    /// The addresses of a name.
    ///
    /// # Errors
    /// Why nothing could be learned.
    pub(super) async fn addresses(&self, name: &str) -> Result<Found<IpAddr>, String> {
        let name = format!("{name}.");
        let v4 = self.lookup(&name, RecordType::A, |data| match data {
            RData::A(a) => Some(IpAddr::V4(a.0)),
            _ => None,
        });
        let v6 = self.lookup(&name, RecordType::AAAA, |data| match data {
            RData::AAAA(a) => Some(IpAddr::V6(a.0)),
            _ => None,
        });
        let (v4, v6) = tokio::join!(v4, v6);
        match (v4, v6) {
            (Ok(mut v4), Ok(v6)) => {
                v4.records.extend(v6.records);
                v4.authenticated &= v6.authenticated;
                Ok(v4)
            }
            (Ok(one), Err(_)) | (Err(_), Ok(one)) if !one.records.is_empty() => Ok(one),
            (Err(words), _) | (_, Err(words)) => Err(words),
        }
    }

    async fn lookup<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Found<T>, String> {
        match self.0.lookup(name, kind).await {
            Ok(found) => Ok(Found {
                records: found
                    .answers()
                    .iter()
                    .filter_map(|record| read(&record.data))
                    .collect(),
                authenticated: found.message().metadata.authentic_data,
            }),
            Err(error) if is_nothing(&error) => Ok(Found {
                records: Vec::new(),
                authenticated: false,
            }),
            Err(error) => Err(format!("the name could not be looked up: {error}")),
        }
    }
}

/// Whether there is no such record, or no such name; a server that fails says neither.
fn is_nothing(error: &NetError) -> bool {
    use hickory_resolver::net::DnsError;
    use hickory_resolver::proto::op::ResponseCode;
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => {
            matches!(
                none.response_code,
                ResponseCode::NoError | ResponseCode::NXDomain
            )
        }
        _ => false,
    }
}
