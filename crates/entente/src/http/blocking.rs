//! What blocks: views are read from a database on disk, mail is written down.

use std::sync::Arc;

use node::{Caller, Node};

use super::App;
use super::error::Refused;

/// Does what blocks off the threads that serve connections.
///
/// # Errors
/// What the work says; 500 when it ended without a word.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(node::Error::Storage(error.to_string()).into()))
}

/// The same for what a caller reads of the node; what an anonymous one might see with credentials is
/// answered 401.
///
/// # Errors
/// As [`blocking`].
pub(crate) async fn reading<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    work: impl FnOnce(&Node, &Caller) -> Result<T, node::Error> + Send + 'static,
) -> Result<T, Refused> {
    let (node, asks) = (Arc::clone(&app.node), caller.clone());
    let read = blocking(move || Ok(work(&node, &asks)?)).await;
    read.map_err(|refused| refused.for_anonymous(*caller == Caller::Anonymous))
}
