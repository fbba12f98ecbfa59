//! Which version of an object is the first and which the last, for one who does not see all of them.
//!
//! Each caller sees what it would see on a node that was only ever sent what this caller may see: a
//! version that it may not see neither hides nor replaces one that it may. Versions by a party that
//! published none of the earlier ones are no versions of the same object (STIX 2.1 §3.6): such a
//! party did not see the object it took the id of, or it would have been refused.

use super::row::{OPERATOR, Row, SPEC_20};

/// A version of an object in a collection.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    /// Its `date_added`.
    pub(crate) added: i64,
    pub(crate) row: Row,
    /// The parties that publish it besides `row.publisher`.
    pub(crate) also: Vec<u32>,
}

/// The `date_added` of the first and of the last version.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) first: Option<i64>,
    pub(crate) last: Option<i64>,
}

impl Standing {
    /// Among the versions that somebody sees, in any order; of one specification version when
    /// `spec_20` says which. The operator may version what any party published.
    pub(crate) fn of(mut seen: Vec<Version>, spec_20: Option<bool>) -> Self {
        seen.sort_by_key(|version| version.added);
        let mut creators: Vec<u32> = Vec::new();
        let mut ours: Vec<(i64, i64)> = Vec::with_capacity(seen.len());
        for (at, version) in seen.iter().enumerate() {
            let row = &version.row;
            let operator = row.more & OPERATOR != 0;
            if at > 0 && !operator && !creators.contains(&row.publisher) {
                continue;
            }
            creators.push(row.publisher);
            creators.extend(&version.also);
            if spec_20.is_none_or(|want_20| want_20 == (row.flags & SPEC_20 != 0)) {
                // Of the same version twice the one that was here first counts.
                if !ours.iter().any(|(version, _)| *version == row.version) {
                    ours.push((row.version, version.added));
                }
            }
        }
        Standing {
            first: ours.iter().min().map(|(_, added)| *added),
            last: ours.iter().max().map(|(_, added)| *added),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Marking;
    use crate::view::row::{ObjectKey, Origin};

    fn version(added: i64, version: i64, publisher: u32, also: &[u32]) -> Version {
        let row = Row {
            position: 0,
            version,
            key: ObjectKey {
                uuid: [1; 16],
                kind: 2,
            },
            publisher,
            flags: 0,
            more: 0,
            marking: Marking::Green,
            circle: 0,
            harm: 0,
            content: 0,
            origin: Origin {
                creator: 0,
                created: 0,
            },
        };
        Version {
            added,
            row,
            also: also.to_vec(),
        }
    }

    fn standing(versions: &[Version]) -> (Option<i64>, Option<i64>) {
        let Standing { first, last } = Standing::of(versions.to_vec(), None);
        (first, last)
    }

    #[test]
    fn versions_rank_by_version_not_by_arrival() {
        assert_eq!(standing(&[]), (None, None));
        let late = [version(1, 20, 7, &[]), version(2, 10, 7, &[])];
        assert_eq!(standing(&late), (Some(2), Some(1)));
    }

    #[test]
    fn a_party_that_never_published_the_object_cannot_replace_it() {
        let taken = [version(1, 10, 7, &[]), version(2, 20, 8, &[])];
        assert_eq!(standing(&taken), (Some(1), Some(1)));
        let shared = [version(1, 10, 7, &[8]), version(2, 20, 8, &[])];
        assert_eq!(standing(&shared), (Some(1), Some(2)));
        let mut operator = [version(1, 10, 7, &[]), version(2, 20, 0, &[])];
        operator[1].row.more = OPERATOR;
        assert_eq!(standing(&operator), (Some(1), Some(2)));
    }

    #[test]
    fn of_one_version_twice_the_earlier_counts() {
        let twice = [version(1, 10, 7, &[]), version(2, 10, 7, &[])];
        assert_eq!(standing(&twice), (Some(1), Some(1)));
    }
}
