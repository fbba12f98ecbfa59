use journal::{
    Error, Journal, Position,
    embedded::{Embedded, Options},
};

use crate::fixture::{append, mixed, open};

#[test]
fn a_second_handle_is_refused_and_told_who_holds_it() {
    let directory = tempfile::tempdir().unwrap();
    let journal = open(directory.path());
    append(&journal, &mixed(0, 3));
    let error = Embedded::open(directory.path(), &Options::default())
        .err()
        .expect("refused");
    let Error::Locked { path, pid } = &error else {
        panic!("{error}")
    };
    assert_eq!(
        (path, *pid),
        (&directory.path().join("LOCK"), Some(std::process::id()))
    );
    append(&journal, &mixed(3, 3));
    drop(journal);
    assert_eq!(open(directory.path()).next(), Position(6));
}
