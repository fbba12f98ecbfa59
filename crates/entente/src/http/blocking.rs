//! What blocks: views are read from a database on disk, mail is written down.

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
