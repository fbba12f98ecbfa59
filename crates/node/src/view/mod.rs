//! Views: state computed from the journal, rebuilt at will, never written to directly.
//!
//! Each view has its tables and its cursor in one redb database. A batch of entries is applied to
//! all views in one transaction, so rows and cursors never disagree. Commits do not wait for the
//! disk; [`store::Store::make_durable`] does, now and then. After a crash the views stand at the
//! last durable commit and replay the journal from there.

pub(crate) mod days;
pub(crate) mod directory;
pub(crate) mod objects;
pub mod query;
pub mod row;
pub(crate) mod signals;
pub mod status;
pub mod store;

/// A view's name and version; raising the version rebuilds the view at the next start.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The name by which it is rebuilt.
    pub name: &'static str,
    /// The version of its rows.
    pub version: u64,
}

/// All views, in the order in which an entry is applied to them.
pub const ALL: [Kind; 3] = [directory::KIND, objects::KIND, signals::KIND];

use redb::WriteTransaction;

use crate::directory::Directory;
use crate::entry::{Act, Entry};
use crate::facts::Facts;
use directory::DirectoryView;
use objects::{ObjectsView, Placement};
use row::{ObjectKey, type_code};
use signals::{Signal, SignalsView};

/// What applying an entry means for the match index, which lives in memory.
#[derive(Clone, Debug)]
pub(crate) enum Applied {
    /// The entry at this position says these things can be matched.
    Add(u64, Vec<matching::Observable>),
    /// The entry at this position is no longer shown.
    Remove(u64, Signal),
}

/// All views within one batch.
pub(crate) struct Views<'t> {
    pub(crate) objects: ObjectsView<'t>,
    signals: SignalsView<'t>,
    directory: DirectoryView<'t>,
    /// The position each view has reached, in the order of [`ALL`]: earlier entries are skipped.
    from: [u64; ALL.len()],
}

impl<'t> Views<'t> {
    /// The views, all of them at the journal's end.
    pub(crate) fn open(write: &'t WriteTransaction) -> Result<Self, store::Error> {
        Self::open_behind(write, [0; ALL.len()])
    }

    /// The views, each of them at its own position.
    pub(crate) fn open_behind(
        write: &'t WriteTransaction,
        from: [u64; ALL.len()],
    ) -> Result<Self, store::Error> {
        Ok(Views {
            objects: ObjectsView::open(write)?,
            signals: SignalsView::open(write)?,
            directory: DirectoryView::open(write)?,
            from,
        })
    }

    /// Writes what was gathered over the batch; to be called before its transaction commits.
    pub(crate) fn finish(self) -> Result<(), store::Error> {
        self.objects.finish()
    }

    /// Applies one entry. Pure: what is written depends on the entry, its position and the state
    /// before it alone. `facts` are those of the entry's object, where they are known already.
    pub(crate) fn apply(
        &mut self,
        position: u64,
        entry: &Entry<'_>,
        body: &[u8],
        directory: &Directory,
        facts: Option<&Facts>,
    ) -> Result<Vec<Applied>, store::Error> {
        let [to_directory, to_objects, to_signals] = self.from.map(|from| position >= from);
        match &entry.act {
            Act::Object { collection, bytes } => {
                let derived;
                let facts = match facts {
                    Some(facts) => facts,
                    None => match facts_of(bytes, *collection, directory) {
                        Some(facts) => {
                            derived = facts;
                            &derived
                        }
                        None => return Ok(Vec::new()),
                    },
                };
                let publisher = directory
                    .party_number(&entry.actor.party)
                    .unwrap_or(u32::MAX);
                let to = Placement {
                    collection: *collection,
                    publisher,
                    any_publisher: true,
                };
                if to_objects {
                    self.objects.add(facts, to, entry.at.0, position)?;
                }
                if to_signals {
                    self.signals.add(facts, *collection, entry.at.0, position)?;
                }
                Ok(if facts.observables.is_empty() {
                    Vec::new()
                } else {
                    vec![Applied::Add(position, facts.observables.clone())]
                })
            }
            Act::Withdrawal {
                collection,
                id,
                versions,
            } => {
                if to_objects && let Some(key) = object_key(id) {
                    self.objects
                        .withdraw(key, *collection, versions, entry.at.0)?;
                }
                let mut applied = Vec::new();
                for gone in versions.iter().filter(|_| to_signals) {
                    if let Some(signal) = self.signals.remove(gone.position)? {
                        applied.push(Applied::Remove(gone.position, signal));
                    }
                }
                Ok(applied)
            }
            _ => {
                if to_directory {
                    self.directory.apply(position, body)?;
                }
                Ok(Vec::new())
            }
        }
    }
}

/// The key of a STIX id; none when it is not one.
pub fn object_key(id: &str) -> Option<ObjectKey> {
    let id = stix::StixId::parse(id).ok()?;
    Some(ObjectKey {
        uuid: id.uuid(),
        kind: type_code(id.type_name()),
    })
}

/// The facts of an entry's object. None for an object that today's parser refuses: it was taken by
/// an older one, and is kept in the journal but not shown.
fn facts_of(bytes: &[u8], collection: u32, directory: &Directory) -> Option<Facts> {
    let default = directory.collection_number(collection)?.default_marking;
    let object = stix::Object::parse(bytes).ok()?;
    Some(Facts::of(&object, default))
}
