//! Domains that parties claim: their proofs, and the security.txt beside them, are looked at when
//! somebody asks, and again and again while a node is served. What is seen becomes an entry when it is news (`node::act::identity`).

mod dns;
mod fetch;
mod security_txt;
mod well_known;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use node::act::commitment::security::SecurityLook;
use node::act::identity::domains::{Look, Validity};
use node::identity::{DomainClaim, DomainName, Method, Outcome};
use node::{Caller, Node};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::http::stopped;
use dns::Dns;

/// How domains are looked at.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// How long after a look the next one is, about; none for never.
    pub(crate) recheck: Option<Duration>,
    /// How long what was seen holds.
    pub(crate) validity: Validity,
    /// The resolver; the system's own when absent.
    pub(crate) server: Option<SocketAddr>,
    /// Whether documents may be fetched from addresses that are not public, and over plain HTTP.
    pub(crate) private: bool,
    /// The URL of this node, by which documents may name it.
    pub(crate) node_url: Option<String>,
}

impl Default for Options {
    /// Every twelve hours, on the public Internet.
    fn default() -> Self {
        Options {
            recheck: Some(Duration::from_hours(12)),
            validity: Validity::default(),
            server: None,
            private: false,
            node_url: None,
        }
    }
}

/// Looks at a time.
const AT_ONCE: usize = 8;
/// How long a new claim waits for its first look at most: its record is made meanwhile.
const FIRST: Duration = Duration::from_mins(5);

/// Looks at the proofs of domains.
pub(crate) struct Domains {
    options: Options,
    /// Made when it is needed: a system without a resolver can do everything else.
    dns: tokio::sync::OnceCell<Dns>,
    places: Semaphore,
}

impl Domains {
    /// Nothing is looked at yet.
    pub(crate) fn new(options: Options) -> Self {
        Domains {
            options,
            dns: tokio::sync::OnceCell::new(),
            places: Semaphore::new(AT_ONCE),
        }
    }

    /// Looks at a claim's proofs on behalf of a caller, and writes down what is news.
    ///
    /// # Errors
    /// [`node::Error::Refused`], [`node::Error::NotFound`]; [`node::Error::Storage`] when there is no
    /// resolver.
    pub(crate) async fn check(
        &self,
        node: &Arc<Node>,
        caller: &Caller,
        party: &str,
        domain: &str,
    ) -> Result<Vec<Look>, node::Error> {
        node.may_check_domain(caller, party)?;
        let domain: DomainName = domain.parse().map_err(node::Error::Invalid)?;
        let claim = node.domain_claim(party, domain.as_str())?.what;
        let seen = self.look(node, &claim).await?;
        self.write(node, &claim, seen.clone()).await?;
        Ok(seen.proofs)
    }

    /// Writes down what is news.
    async fn write(&self, node: &Node, claim: &DomainClaim, seen: Seen) -> Result<(), node::Error> {
        let validity = self.options.validity;
        node.observe(claim, seen.proofs, validity).await?;
        node.observe_security_txt(claim, seen.security, validity)
            .await
    }

    /// Looks at both proofs of a claim, and at the domain's security.txt.
    async fn look(&self, node: &Arc<Node>, claim: &DomainClaim) -> Result<Seen, node::Error> {
        let _place = self.places.acquire().await.map_err(|_| node::Error::Busy)?;
        let domain: DomainName = claim.domain.parse().map_err(node::Error::Invalid)?;
        let dns = self
            .dns
            .get_or_try_init(async || Dns::new(self.options.server))
            .await;
        let dns = dns.map_err(|error| node::Error::Conflict(format!("no resolver: {error}")))?;
        let challenge = domain.challenge();
        let (txt, addresses) = tokio::join!(dns.txt(&challenge), dns.addresses(&claim.domain));
        let by_record = match txt {
            Ok(found) => Look {
                authenticated: found.authenticated.then_some(true),
                ..Look::at_records(claim, found.records)
            },
            Err(words) => unreachable(Method::DnsTxt, words),
        };
        let (by_document, security) = match addresses {
            Ok(found) => {
                let authenticated = found.authenticated.then_some(true);
                let (look, security) = self.web(node, claim, found.records).await;
                let look = Look {
                    authenticated,
                    ..look
                };
                (look, security)
            }
            Err(words) => nothing(&words),
        };
        Ok(Seen {
            proofs: vec![by_record, by_document],
            security,
        })
    }

    /// Looks at what stands on a domain's web site.
    async fn web(
        &self,
        node: &Arc<Node>,
        claim: &DomainClaim,
        addresses: Vec<IpAddr>,
    ) -> (Look, SecurityLook) {
        let (node, claim) = (Arc::clone(node), claim.clone());
        let (private, url) = (self.options.private, self.options.node_url.clone());
        let work = move || {
            let directory = node.directory();
            let now = directory.identities().now(node.now());
            let is_enrolled = |key: &str| {
                let key = directory.identities().live_key(key, now);
                key.is_some_and(|key| key.party() == claim.party)
            };
            let url = url.as_deref();
            let look = well_known::look(&claim, &addresses, private, url, is_enrolled);
            let security = security_txt::look(&claim.domain, &addresses, private, now);
            (look, security)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| nothing(&error.to_string()))
    }
}

/// What was seen of a claim's domain.
#[derive(Clone)]
struct Seen {
    proofs: Vec<Look>,
    security: SecurityLook,
}

/// Nothing could be learned of the web site.
fn nothing(words: &str) -> (Look, SecurityLook) {
    (
        unreachable(Method::WellKnown, words.to_owned()),
        security_txt::unreachable(words.to_owned()),
    )
}

fn unreachable(method: Method, words: String) -> Look {
    Look {
        method,
        outcome: Outcome::Unreachable,
        words,
        seen: Vec::new(),
        authenticated: None,
        keys: Vec::new(),
    }
}

/// Looks at all claims again and again until `stopping` turns true. What fails is looked at sooner.
pub(crate) async fn run(domains: Arc<Domains>, node: Arc<Node>, stopping: watch::Receiver<bool>) {
    let Some(every) = domains.options.recheck else {
        return stopped(&stopping).await;
    };
    let mut due: HashMap<(String, String), Instant> = HashMap::new();
    let mut written = node.watch();
    loop {
        let directory = node.directory();
        let claims: Vec<DomainClaim> = directory
            .identities()
            .claims()
            .map(|c| c.what.clone())
            .collect();
        let now = Instant::now();
        let mut looks = JoinSet::new();
        for claim in claims {
            let place = (claim.party.clone(), claim.domain.clone());
            let first = now + spread(every.min(FIRST), 0.2, 1.0);
            if *due.entry(place).or_insert(first) <= now {
                let (domains, node) = (Arc::clone(&domains), Arc::clone(&node));
                looks.spawn(async move {
                    let seen = again(&domains, &node, &claim).await;
                    (claim, seen)
                });
            }
        }
        while let Some(done) = tokio::select! {
            done = looks.join_next() => done,
            () = stopped(&stopping) => return,
        } {
            if let Ok((claim, seen)) = done {
                let pause = if seen { every } else { every / 4 };
                let next = Instant::now() + spread(pause, 0.9, 1.1);
                due.insert((claim.party, claim.domain), next);
            }
        }
        let soonest = due.values().min().copied();
        let pause = soonest.unwrap_or(now + FIRST);
        tokio::select! {
            () = tokio::time::sleep_until(pause) => {}
            _ = written.changed() => tokio::time::sleep(Duration::from_millis(200)).await,
            () = stopped(&stopping) => return,
        }
    }
}

/// Looks at a claim; whether something could be learned of both proofs.
async fn again(domains: &Domains, node: &Arc<Node>, claim: &DomainClaim) -> bool {
    let seen = match domains.look(node, claim).await {
        Ok(seen) => seen,
        Err(error) => {
            tracing::warn!(
                "{} of {}: not looked at: {error}",
                claim.domain,
                claim.party
            );
            return false;
        }
    };
    let learned = seen
        .proofs
        .iter()
        .all(|look| look.outcome != Outcome::Unreachable);
    for look in seen
        .proofs
        .iter()
        .filter(|look| look.outcome != Outcome::Good)
    {
        let (method, words) = (look.method.as_str(), &look.words);
        tracing::info!("{} of {}, {method}: {words}", claim.domain, claim.party);
    }
    if let Err(error) = domains.write(node, claim, seen).await {
        tracing::warn!(
            "{} of {}: not written down: {error}",
            claim.domain,
            claim.party
        );
    }
    learned
}

/// A part of a pause, between two fractions of it, by chance: so that not all are due at once.
fn spread(pause: Duration, from: f64, to: f64) -> Duration {
    let mut random = [0; 4];
    // Without chance it is the middle.
    let chance = match getrandom::fill(&mut random) {
        Ok(()) => f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    };
    pause.mul_f64(from + (to - from) * chance)
}
