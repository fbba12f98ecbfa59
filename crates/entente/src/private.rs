//! Sets that a node offers for private matching, on disk: the key that answers are made with, and the
//! published outputs. The journal says that a set is offered and how large it is; what is in it stands
//! nowhere.
//!
//! The key lies in the data directory for its owner alone, and is made with the first set. When it is
//! lost, sets are offered anew; when an output file is lost, its set is.

use std::fs;
use std::io::{self, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use matching::oprf::{Content, Element, Error, OfferedSet, ServerKey};
use node::model::PrivateSet;
use sha2::{Digest as _, Sha256};

use crate::key_file::KeyFile;
use crate::present::private::NewSet;

/// The key's name in a data directory.
const KEY: &str = "private-match.key";
/// The folder of published sets.
const FOLDER: &str = "private-match";
/// Elements of one question at most.
pub(crate) const MOST_ELEMENTS: usize = 8192;
/// Elements that a thread works on at once: enough to share the costs of a batch.
pub(crate) const BATCH: usize = 256;

/// The sets of a data directory.
#[derive(Clone, Debug)]
pub(crate) struct Sets {
    key: KeyFile,
    folder: PathBuf,
}

impl Sets {
    pub(crate) fn of(data: &Path) -> Self {
        Sets {
            key: KeyFile::of(data, KEY),
            folder: data.join(FOLDER),
        }
    }

    /// The key of a set; makes the node's key if there is none.
    ///
    /// # Errors
    /// When it can be neither read nor made.
    pub(crate) fn make_key(&self, name: &str) -> io::Result<ServerKey> {
        derive(&self.key.read_or_make()?, name)
    }

    /// The key of a set.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn key(&self, name: &str) -> io::Result<ServerKey> {
        derive(&self.key.read()?, name)
    }

    /// The published outputs of a set.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) fn outputs(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(name))
    }

    /// Puts a set where it is published from.
    ///
    /// # Errors
    /// When it cannot be written; then what was there still is.
    pub(crate) fn write(&self, name: &str, set: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(set)?;
        file.as_file().sync_all()?;
        file.persist(self.path(name)).map_err(|error| error.error)?;
        Ok(())
    }

    /// A set whose outputs lie here, as it is offered.
    ///
    /// # Errors
    /// [`node::Error::Invalid`] for a name that is no slug; [`node::Error::Conflict`] when there are
    /// no outputs, or broken ones.
    pub(crate) fn described(&self, name: &str, new: NewSet) -> Result<PrivateSet, node::Error> {
        // before the name is a part of a path
        if name != node::pledge::slug(name) {
            let words = "name: lower-case letters, digits and hyphens";
            return Err(node::Error::Invalid(words.into()));
        }
        let bytes = self.outputs(name).map_err(|error| missing(name, &error))?;
        let set = OfferedSet::from_bytes(&bytes)
            .map_err(|error| node::Error::Conflict(format!("'{name}': {error}")))?;
        Ok(PrivateSet {
            name: name.to_owned(),
            description: new.description,
            circle: new.circle,
            parties: new.parties,
            daily: new.daily,
            outputs: set.len() as u64,
            digest: Sha256::digest(&bytes).into(),
        })
    }

    /// Names are slugs, so that none leads out of the folder.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.set"))
    }
}

/// What is wrong when outputs cannot be read.
pub(crate) fn missing(name: &str, error: &io::Error) -> node::Error {
    if error.kind() == io::ErrorKind::NotFound {
        node::Error::Conflict(format!(
            "the outputs of '{name}' are not in the data directory: offer it anew"
        ))
    } else {
        node::Error::Storage(error.to_string())
    }
}

fn derive(seed: &[u8; 32], name: &str) -> io::Result<ServerKey> {
    let info = format!("entente/private-match/v1\n{name}");
    ServerKey::derive(seed, info.as_bytes()).map_err(io::Error::other)
}

/// Makes a set of elements, on all processors.
///
/// # Errors
/// [`Error::BadInput`].
pub(crate) fn make(
    key: &ServerKey,
    content: Content,
    elements: &[String],
    told: &(impl Fn(u64) + Sync),
) -> Result<OfferedSet, Error> {
    let inputs = elements.iter().map(|element| content.input(element));
    let inputs: Vec<Vec<u8>> = inputs.chain(OfferedSet::filling(elements.len())).collect();
    let outputs = spread(&inputs, &|_, part| {
        let outputs = key.outputs(part);
        told(part.len() as u64);
        outputs
    })?;
    Ok(OfferedSet::new(content, key.id(), &outputs))
}

/// Evaluates a question, on all processors.
///
/// # Errors
/// [`Error::NotAnElement`].
pub(crate) fn evaluate(key: &ServerKey, blinded: &[Element]) -> Result<Vec<Element>, Error> {
    spread(blinded, &|at, part| {
        key.evaluate(part).map_err(|error| match error {
            Error::NotAnElement(within) => Error::NotAnElement(at + within),
            other => other,
        })
    })
}

/// Does `work` on parts of a list, with the place of each, on all processors; the results are in the
/// list's order.
///
/// # Errors
/// The first of `work`'s.
pub(crate) fn spread<I: Sync, O: Send>(
    items: &[I],
    work: &(impl Fn(usize, &[I]) -> Result<Vec<O>, Error> + Sync),
) -> Result<Vec<O>, Error> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let parts: Vec<(usize, &[I])> = (0..).step_by(BATCH).zip(items.chunks(BATCH)).collect();
    let share = parts.len().div_ceil(threads).max(1);
    let one_thread = |parts: &[(usize, &[I])]| {
        let mut all = Vec::new();
        for (at, part) in parts {
            all.extend(work(*at, part)?);
        }
        Ok(all)
    };
    if parts.len() <= 1 {
        return one_thread(&parts);
    }
    thread::scope(|scope| {
        let running: Vec<_> = parts
            .chunks(share)
            .map(|parts| scope.spawn(move || one_thread(parts)))
            .collect();
        let mut all = Vec::with_capacity(items.len());
        for one in running {
            // `work` does not panic; if it did, the answer is none
            all.extend(one.join().unwrap_or(Err(Error::NoKey))?);
        }
        Ok(all)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_for_its_owner_and_each_set_has_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let sets = Sets::of(folder.path());
        assert!(sets.key("one").is_err());
        let one = sets.make_key("one").unwrap();
        let mode = fs::metadata(folder.path().join(KEY))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(sets.key("one").unwrap().id(), one.id());
        assert_ne!(sets.key("two").unwrap().id(), one.id());
    }

    #[test]
    fn many_threads_give_what_one_gives() {
        let key = ServerKey::derive(&[3; 32], b"x").unwrap();
        let elements: Vec<String> = (0..700).map(|at| format!("domain:{at}.example")).collect();
        let set = make(&key, Content::Values, &elements, &|_| ()).unwrap();
        assert_eq!(
            set,
            OfferedSet::of(&key, Content::Values, &elements).unwrap()
        );
        let good = matching::oprf::Blinds::blind(&["x"], &mut |to| to.fill(1))
            .unwrap()
            .1[0];
        let mut question = vec![good; 600];
        question[555] = [0xff; 32];
        assert_eq!(evaluate(&key, &question), Err(Error::NotAnElement(555)));
    }
}
