//! Warning lists: loading them, taking them out of use, asking what they hold.

use std::sync::Arc;

use matching::Observable;
use matching::warning::{BUILT_IN, Skipped};

use crate::act::Error;
use crate::act::manage::administering;
use crate::entry::Act;
use crate::model::WarningList;
use crate::node::Node;
use crate::policy::Caller;
use crate::warnings::{KnownList, of_built_in};

/// Lists in use at once: each is asked about each value that a signal hit.
const MOST_LISTS: usize = 500;
/// Characters of a name and of a description.
const LONGEST_NAME: usize = 200;
const LONGEST_DESCRIPTION: usize = 4000;
/// Types of attribute in one list.
const MOST_ATTRIBUTES: usize = 100;

impl Node {
    /// Takes a warning list into use, in place of the one of its name; tells which of its values
    /// cannot be used.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Invalid`].
    pub async fn set_warning_list(
        &self,
        caller: &Caller,
        list: WarningList,
    ) -> Result<(Arc<KnownList>, Skipped), Error> {
        self.viewer(caller).administers()?;
        check(&list)?;
        // Compiling is work for a core, not for the thread that serves connections.
        let compiled = tokio::task::spawn_blocking(move || {
            let compiled = KnownList::compile(&list);
            compiled
                .map(|(known, skipped)| (list, known, skipped))
                .map_err(|unusable| Error::Invalid(unusable.to_string()))
        });
        let (list, known, skipped) = compiled
            .await
            .map_err(|error| Error::Storage(error.to_string()))??;
        let decide = administering(caller, move |directory| {
            let lists = directory.warning_lists();
            if lists.all().len() >= MOST_LISTS && lists.get(&list.name).is_none() {
                return Err(Error::Invalid(format!(
                    "{MOST_LISTS} warning lists are in use, the most that can be: remove one first"
                )));
            }
            Ok(vec![Act::WarningList(list)])
        });
        self.record(caller, decide).await?;
        Ok((Arc::new(known), skipped))
    }

    /// Takes a list that comes with the program into use again.
    ///
    /// # Errors
    /// [`Error::Refused`], or [`Error::NotFound`] when there is none of that name.
    pub async fn restore_warning_list(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<Arc<KnownList>, Error> {
        self.viewer(caller).administers()?;
        let built_in = BUILT_IN.iter().find(|built_in| built_in.name == name);
        let list = of_built_in(built_in.ok_or(Error::NotFound("built-in warning list"))?);
        Ok(self.set_warning_list(caller, list).await?.0)
    }

    /// Takes a warning list out of use, also one that comes with the program.
    ///
    /// # Errors
    /// [`Error::Refused`], or [`Error::NotFound`].
    pub async fn remove_warning_list(&self, caller: &Caller, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        let decide = administering(caller, move |directory| {
            let lists = directory.warning_lists();
            lists.get(&name).ok_or(Error::NotFound("warning list"))?;
            Ok(vec![Act::RemoveWarningList(name)])
        });
        self.record(caller, decide).await
    }

    /// The warning lists in use, by name; those alone that hold a value, if one is named.
    ///
    /// # Errors
    /// [`Error::Refused`], or [`Error::Invalid`] for a value that is no observable.
    pub fn warning_lists(
        &self,
        caller: &Caller,
        value: Option<&str>,
    ) -> Result<Vec<Arc<KnownList>>, Error> {
        self.viewer(caller).administers()?;
        let directory = self.directory();
        let lists = directory.warning_lists();
        let Some(value) = value else {
            return Ok(lists.all().cloned().collect());
        };
        let observable = Observable::guess(value)
            .map_err(|refusal| Error::Invalid(format!("value: {refusal}")))?;
        Ok(lists.holding_observable(&observable).cloned().collect())
    }
}

fn check(list: &WarningList) -> Result<(), Error> {
    let invalid = |words: String| Err(Error::Invalid(words));
    let name = list.name.trim();
    if name != list.name
        || name.is_empty()
        || name.chars().count() > LONGEST_NAME
        || name.chars().any(char::is_control)
    {
        return invalid(format!(
            "name: 1 to {LONGEST_NAME} characters, without control characters, and without white \
             space at its ends"
        ));
    }
    if list.description.chars().count() > LONGEST_DESCRIPTION {
        return invalid(format!(
            "description: at most {LONGEST_DESCRIPTION} characters"
        ));
    }
    if list.attributes.len() > MOST_ATTRIBUTES {
        return invalid(format!("matching_attributes: at most {MOST_ATTRIBUTES}"));
    }
    Ok(())
}
