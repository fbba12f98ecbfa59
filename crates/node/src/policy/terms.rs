//! What a partner's terms leave of what its stance lets it see and do.
//!
//! Terms bind a party whose stance is `partner`, from the moment it has any: whatever is more restrictive
//! than GREEN it sees in the collections that terms in force name, up to the marking they say, and nowhere
//! else; it publishes where they let it. Terms that are not yet in force or over give nothing, so that
//! what is left is what anybody registered sees. Everything else of the policy holds besides, so terms
//! never widen. A partner without any terms has what the pledge's table gives its stance.

use jiff::civil::Date;

use crate::directory::Directory;
use crate::model::Marking;
use crate::pledge::Stance;

/// What a party's terms in force say; none in it when it has terms and none is in force.
#[derive(Clone, Debug)]
pub(super) struct UnderTerms(Vec<Reach>);

/// How far one agreement reaches.
#[derive(Clone, Debug)]
struct Reach {
    /// Ids of collections; empty means all.
    collections: Vec<String>,
    up_to: Marking,
    publish: bool,
}

impl UnderTerms {
    /// The terms that bind a party on a day; none when it is not bound.
    pub(super) fn of(
        directory: &Directory,
        party: Option<&str>,
        stance: Option<Stance>,
        day: Date,
    ) -> Option<Self> {
        if stance != Some(Stance::Partner) {
            return None;
        }
        let mut all = directory.accession().terms_of(party?).peekable();
        all.peek()?;
        let in_force = all.filter_map(|record| record.in_force(day));
        let reach = in_force.map(|terms| Reach {
            collections: terms.collections.clone(),
            up_to: terms.up_to,
            publish: terms.publish,
        });
        Some(UnderTerms(reach.collect()))
    }

    /// The most restrictive marking that may be seen in a collection: never less than GREEN, which
    /// depends on the stance alone.
    pub(super) fn ceiling(&self, collection: &str) -> Marking {
        let markings = self.reaching(collection).map(|reach| reach.up_to);
        markings.max().unwrap_or(Marking::Green).max(Marking::Green)
    }

    /// Whether they let the party publish into a collection.
    pub(super) fn may_publish(&self, collection: &str) -> bool {
        self.reaching(collection).any(|reach| reach.publish)
    }

    /// Whether they reach this marking everywhere.
    pub(super) fn reach_everywhere(&self, marking: Marking) -> bool {
        let mut everywhere = self.0.iter().filter(|reach| reach.collections.is_empty());
        everywhere.any(|reach| reach.up_to >= marking)
    }

    fn reaching<'a>(&'a self, collection: &'a str) -> impl Iterator<Item = &'a Reach> {
        let all = self.0.iter();
        all.filter(move |reach| {
            reach.collections.is_empty() || reach.collections.iter().any(|id| id == collection)
        })
    }
}
