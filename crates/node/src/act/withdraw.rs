//! Withdrawing: versions of an object leave a collection; that they did stays in the journal.

use crate::act::Error;
use crate::node::Node;
use crate::policy::Caller;
use crate::view::query::Query;
use crate::writer::Ask;

impl Node {
    /// Withdraws the versions of an object that the query's version filters let through; gives how
    /// many.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller sees no such version; [`Error::Refused`] when another
    /// party published it.
    pub async fn withdraw(
        &self,
        caller: &Caller,
        collection: &str,
        id: &str,
        query: Query,
    ) -> Result<usize, Error> {
        let (caller, collection, id) = (caller.clone(), collection.to_owned(), id.to_owned());
        self.ask(|reply| Ask::Withdraw {
            caller,
            collection,
            id,
            query,
            reply,
        })
        .await
    }
}
