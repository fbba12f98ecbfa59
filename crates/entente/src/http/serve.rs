//! Serving: the listener, its limits, and an orderly end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use node::Node;
use node::log::witness::Witness;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::body::Budget;
use super::pace::Peer;
use super::session::Sessions;
use super::{App, Settings, forward, hma, router};
use crate::dates;
use crate::domains::{self, Domains};
use crate::mail::{self, Mail};
use crate::run::RunFile;
use crate::signed::Replays;
use crate::webhooks::{self, Webhooks};
use crate::witnesses::Witnesses;

/// How a node is served.
pub(crate) struct Options {
    /// The data directory.
    pub(crate) data: PathBuf,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Octets of the largest body.
    pub(crate) max_content_length: usize,
    /// The URL under which clients reach this node, behind a proxy.
    pub(crate) public_url: Option<String>,
    /// How webhooks are delivered.
    pub(crate) webhooks: webhooks::Options,
    /// How mail is sent.
    pub(crate) mail: mail::Options,
    /// How domains are looked at.
    pub(crate) domains: domains::Options,
    /// Whom to ask for cosignatures.
    pub(crate) witnesses: Option<Witnesses>,
    /// This node as a witness for other logs.
    pub(crate) witness: Option<Witness>,
}

/// How often it is looked whether this node leads.
const LOOK: Duration = Duration::from_millis(100);
/// Connections at a time; more wait to be accepted.
const CONNECTIONS: usize = 2048;
/// How long a client may take for a request's head, also between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests may take to finish when the node is told to end.
const FAREWELL: Duration = Duration::from_secs(10);

/// Serves a node until it is told to end by SIGINT, SIGTERM or SIGHUP. `ready` is called with the
/// URL once connections are taken.
///
/// # Errors
/// When the address cannot be listened on, or the data directory not be written.
pub(crate) async fn run(
    node: Arc<Node>,
    options: Options,
    ready: impl FnOnce(&str, Option<&str>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(options.listen).await.with_context(|| {
        format!(
            "cannot listen on {}: choose another with --listen",
            options.listen
        )
    })?;
    let address = listener.local_addr()?;
    let local = format!("http://{address}");
    let url = options.public_url.clone().unwrap_or_else(|| local.clone());
    let secret = node::act::manage::random_text();
    let _run_file = RunFile::write(&options.data, &local, &secret)?;
    let webhooks = Arc::new(Webhooks::open(&options.data, options.webhooks)?);
    let domains = Arc::new(Domains::new(options.domains));
    let mail = mail::Options {
        url: url.clone(),
        ..options.mail
    };
    let mail = Arc::new(Mail::open(&options.data, mail)?);
    let (stop, stopping) = watch::channel(false);
    let app = App {
        node: Arc::clone(&node),
        bodies: Budget::new(options.max_content_length),
        sessions: Arc::new(Sessions::default()),
        webhooks: Arc::clone(&webhooks),
        mail: Arc::clone(&mail),
        domains: Arc::clone(&domains),
        replays: Arc::new(Replays::new(node.now().0 / 1_000_000)),
        private: crate::private::Sets::of(&options.data),
        witness: options.witness.map(Arc::new),
        pace: Arc::default(),
        streams: Arc::default(),
        decoders: Arc::new(Semaphore::new(hma::DECODERS)),
        stopping: stopping.clone(),
        settings: Arc::new(Settings {
            public_url: options.public_url,
            operator_secret: Some(secret),
            cluster_secret: forward::secret(&node),
        }),
    };
    tokio::spawn(take_over(app.clone()));
    if let Some(witnesses) = options.witnesses {
        // Before anything is written: they may know of more than this journal holds.
        let witnesses = witnesses.first(Arc::clone(&node)).await?;
        // It ends with the node; a question that is under way is not waited for.
        tokio::spawn(witnesses.run(Arc::clone(&node), stopping.clone()));
    }
    let link = match node.log().halted() {
        Some(reason) => {
            tracing::error!("{reason}");
            None
        }
        None if !node.leads() => None,
        None => node.first_admin_link().await?,
    };
    let link = link.map(|secret| format!("{url}/admin?link={secret}"));
    ready(&url, link.as_deref())?;
    let looking = domains::run(domains, Arc::clone(&node), stopping.clone());
    let looking = tokio::spawn(looking);
    let mailing = mail::run(mail, Arc::clone(&node), stopping.clone());
    let mailing = tokio::spawn(mailing);
    let dating = tokio::spawn(dates::run(Arc::clone(&node), stopping.clone()));
    let delivering = tokio::spawn(webhooks::run(webhooks, node, stopping));
    accept(listener, router(app), &stop).await;
    looking.await?;
    mailing.await?;
    dating.await?;
    Ok(delivering.await?)
}

/// Whenever this node begins to lead: which signatures of requests the one before took is not known here.
async fn take_over(app: App) {
    let mut led = true;
    while app.node.cluster().is_some() {
        let leads = app.node.leads();
        if leads && !led {
            app.replays.begin(app.node.now().0 / 1_000_000);
        }
        led = leads;
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = super::stopped(&app.stopping) => return,
        }
    }
}

/// Takes connections until the process is told to end, then waits for those that are at work.
async fn accept(listener: TcpListener, router: Router, stop: &watch::Sender<bool>) {
    let mut server = hyper::server::conn::http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(100);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut end = std::pin::pin!(told_to_end());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let (stream, peer) = match accepted {
            Ok((stream, address)) => (stream, Peer(address.ip())),
            Err(error) => {
                // Out of file descriptors, most likely: others have to end first.
                tracing::warn!("a connection was not accepted: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        // Small answers must not wait for more to send.
        drop(stream.set_nodelay(true));
        let inner = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: hyper::Request<_>| {
            request.extensions_mut().insert(peer);
            inner.call(request)
        });
        let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("a connection ended early: {error}");
            }
            drop(place);
        });
    }
    drop(listener);
    stop.send_replace(true);
    if tokio::time::timeout(FAREWELL, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            "some requests were still at work after {} s",
            FAREWELL.as_secs()
        );
    }
}

/// Waits for SIGINT, SIGTERM or, as when a terminal closes, SIGHUP.
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let told = async |kind| match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = told(SignalKind::interrupt()) => {}
        () = told(SignalKind::terminate()) => {}
        () = told(SignalKind::hangup()) => {}
    }
}
