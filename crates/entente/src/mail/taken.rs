//! What the server took and the database does not know of yet: one line in a file, written without
//! waiting for the disk. It outlives the program, so that a message is not sent again because the
//! program was killed between the server's answer and a commit; it need not outlive the machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// The file's name in a data directory.
const NAME: &str = "mail.taken";

/// The file.
#[derive(Debug)]
pub(super) struct Taken(File);

impl Taken {
    /// Opens the file; gives what stands in it: subscriptions, and the times of their digests.
    pub(super) fn open(data: &Path) -> io::Result<(Self, Vec<(String, i64)>)> {
        let path = data.join(NAME);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            read => read.unwrap_or_default(),
        };
        // A line that was cut off says nothing.
        let whole = text.split_inclusive('\n').filter_map(|line| {
            let (id, digest) = line.strip_suffix('\n')?.split_once(' ')?;
            Some((id.to_owned(), digest.parse().ok()?))
        });
        let known = whole.collect();
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok((Taken(file), known))
    }

    /// Notes that a message was taken.
    pub(super) fn note(&self, id: &str, digest: i64) -> io::Result<()> {
        (&self.0).write_all(format!("{id} {digest}\n").as_bytes())
    }

    /// The database knows it all.
    pub(super) fn clear(&self) -> io::Result<()> {
        self.0.set_len(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_found_until_it_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let (taken, known) = Taken::open(folder.path()).unwrap();
        assert_eq!(known, []);
        taken.note("abc", 7).unwrap();
        taken.note("abd", 0).unwrap();
        fs::OpenOptions::new()
            .append(true)
            .open(folder.path().join(NAME))
            .and_then(|mut file| file.write_all(b"abe 1"))
            .unwrap();
        let (taken, known) = Taken::open(folder.path()).unwrap();
        assert_eq!(known, [("abc".to_owned(), 7), ("abd".to_owned(), 0)]);
        taken.clear().unwrap();
        assert_eq!(Taken::open(folder.path()).unwrap().1, []);
    }
}
