//! What callers may, and what a row is to them.

use super::*;
use crate::model::{Collection, Told};

#[test]
fn what_may_only_be_looked_at_is_not_to_be_blocked() {
    let blocked = Pap::ALL.map(|pap| may_block(Some(pap)));
    assert_eq!(blocked, [true, true, false, false]);
    assert!(may_block(None));
}

/// A directory with the collections 0 (public) and 1 (for members).
fn directory() -> Directory {
    let mut directory = Directory::default();
    for (alias, public) in [("open", true), ("closed", false)] {
        let collection = Collection {
            public,
            ..Collection::new(alias.into(), alias)
        };
        directory.apply(
            0,
            &crate::entry::Entry {
                at: Instant(1),
                actor: crate::entry::Actor {
                    party: OPERATOR.into(),
                    account: OPERATOR.into(),
                },
                act: crate::entry::Act::Collection(collection),
            },
        );
    }
    directory
}

fn member(party: &str, read: bool) -> Caller {
    Caller::Member(Member {
        token: "t".into(),
        party: party.into(),
        account: "a".into(),
        scopes: Scopes {
            read,
            ..Scopes::default()
        },
        collections: Vec::new(),
    })
}

#[test]
fn feedback_is_for_its_author_and_whom_it_is_told_and_no_further_than_its_object() {
    use FeedbackSight::{Counted, Nothing, Whole};
    let directory = directory();
    let sight = |caller: &Caller, collection: u32, object: Option<bool>| {
        let to = [Told {
            collection,
            party: "alpha".into(),
        }];
        let viewer = Viewer::new(&directory, caller, Instant(1));
        viewer.feedback(&directory, "beta", &to, object)
    };
    for concerned in [
        &Caller::Operator,
        &member("alpha", true),
        &member("beta", true),
    ] {
        assert_eq!(sight(concerned, 0, None), Whole);
        assert_eq!(sight(concerned, 0, Some(true)), Whole);
        assert_eq!(sight(concerned, 0, Some(false)), Nothing);
    }
    for other in [
        &member("gamma", true),
        &member("alpha", false),
        &Caller::Anonymous,
    ] {
        assert_eq!(sight(other, 0, None), Nothing);
        assert_eq!(sight(other, 0, Some(true)), Counted);
        assert_eq!(sight(other, 0, Some(false)), Nothing);
    }
    // Told in a collection that it may no longer read.
    assert_eq!(sight(&member("alpha", true), 1, None), Nothing);
    assert_eq!(sight(&Caller::Operator, 1, None), Whole);
}
