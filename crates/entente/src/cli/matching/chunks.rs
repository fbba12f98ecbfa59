//! Cutting a stream into pieces that end where lines end, so that pieces can be matched apart.

use std::io::{self, Read};

/// Octets of a piece: about this many, up to a line's end. Few enough to stay in the cache of the
/// processor between being read and being matched.
const PIECE: usize = 256 << 10;
/// Octets of a piece that has no line's end: then it is cut where a word ends.
const LONGEST: usize = 8 << 20;
/// Octets read at once.
const STEP: usize = 256 << 10;
/// A live stream that gives fewer octets at once has no more for now.
const LULL: usize = 16 << 10;
/// Octets at the end of such a piece in which a word's end is looked for.
const WORD: usize = 64 << 10;

/// A piece and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// Line feeds in it.
    pub(crate) line_feeds: u64,
    /// Lines before it.
    pub(crate) lines: u64,
    /// Octets of its first line before it.
    pub(crate) columns: u64,
    /// Octets before it.
    pub(crate) offset: u64,
}

/// The pieces of a stream, in order.
pub(crate) struct Pieces<R> {
    stream: R,
    live: bool,
    /// What was read behind the last cut.
    rest: Vec<u8>,
    at_end: bool,
    lines: u64,
    columns: u64,
    offset: u64,
}

impl<R: Read> Pieces<R> {
    /// The pieces of a stream; of a live one, what has come is not kept waiting for more.
    pub(crate) fn new(stream: R, live: bool) -> Self {
        let (lines, columns, offset) = (0, 0, 0);
        Pieces {
            stream,
            live,
            rest: Vec::new(),
            at_end: false,
            lines,
            columns,
            offset,
        }
    }

    /// The next piece, which takes the buffer with it; none at the stream's end.
    ///
    /// # Errors
    /// When the stream breaks.
    pub(crate) fn next(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        let bytes = &mut *buffer;
        bytes.clear();
        bytes.append(&mut self.rest);
        let mut wanted = PIECE;
        let cut = loop {
            let is_enough = self.fill(bytes, wanted)?;
            if self.at_end {
                break bytes.len();
            }
            if !is_enough {
                continue;
            }
            if let Some(end) = memchr::memrchr(b'\n', bytes) {
                break end + 1;
            }
            if bytes.len() >= LONGEST {
                break word_end(bytes);
            }
            wanted = (bytes.len() * 2).clamp(PIECE, LONGEST);
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        self.rest
            .extend_from_slice(bytes.get(cut..).unwrap_or_default());
        bytes.truncate(cut);
        Ok(Some(self.place(std::mem::take(buffer))))
    }

    /// Reads once, towards `wanted` octets; tells whether there are enough to work on.
    fn fill(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
        let filled = bytes.len();
        bytes.resize(wanted.clamp(filled + 1, filled + STEP), 0);
        let room = bytes.get_mut(filled..).unwrap_or_default();
        let read = loop {
            match self.stream.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        bytes.truncate(filled + *read.as_ref().unwrap_or(&0));
        let read = read?;
        self.at_end = read == 0;
        Ok(bytes.len() >= wanted || (self.live && read < LULL))
    }

    /// Whether the last piece was the stream's last.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at_end
    }

    fn place(&mut self, bytes: Vec<u8>) -> Piece {
        let piece = Piece {
            line_feeds: memchr::memchr_iter(b'\n', &bytes).count() as u64,
            bytes,
            lines: self.lines,
            columns: self.columns,
            offset: self.offset,
        };
        let length = piece.bytes.len() as u64;
        self.offset += length;
        self.lines += piece.line_feeds;
        match memchr::memrchr(b'\n', &piece.bytes) {
            Some(end) => self.columns = length - end as u64 - 1,
            None => self.columns += length,
        }
        piece
    }
}

/// Where the last word of a piece ends; the whole piece, when it is one word.
fn word_end(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(WORD);
    let ends = bytes.get(tail..).unwrap_or_default();
    let last = ends
        .iter()
        .rposition(|byte| byte.is_ascii_whitespace() || *byte == 0);
    last.map_or(bytes.len(), |at| tail + at + 1)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn pieces(text: &[u8]) -> Vec<Piece> {
        let mut pieces = Pieces::new(Cursor::new(text), false);
        std::iter::from_fn(|| pieces.next(&mut Vec::new()).unwrap()).collect()
    }

    #[test]
    fn pieces_end_where_lines_end_and_lose_nothing() {
        let mut text = Vec::new();
        for number in 0..300_000_u32 {
            text.extend_from_slice(format!("line {number}\n").as_bytes());
        }
        text.extend_from_slice(b"no end");
        let pieces = pieces(&text);
        assert!(pieces.len() > 2);
        let (mut lines, mut offset) = (0, 0);
        for piece in &pieces {
            assert_eq!(
                (piece.lines, piece.offset, piece.columns),
                (lines, offset, 0)
            );
            lines += memchr::memchr_iter(b'\n', &piece.bytes).count() as u64;
            offset += piece.bytes.len() as u64;
        }
        assert_eq!((lines, offset), (300_000, text.len() as u64));
        assert_eq!(pieces.concat_bytes(), text);
    }

    #[test]
    fn a_line_without_end_is_cut_between_words() {
        let text = b"word ".repeat(4 << 20);
        let pieces = pieces(&text);
        assert_eq!(pieces.concat_bytes(), text);
        for piece in &pieces {
            assert!(piece.bytes.len() <= LONGEST);
            assert!(piece.bytes.ends_with(b" "));
            assert_eq!((piece.lines, piece.columns), (0, piece.offset));
        }
        assert_eq!(
            super::Pieces::new(Cursor::new(b""), true)
                .next(&mut vec![7])
                .unwrap(),
            None
        );
    }

    trait Concat {
        fn concat_bytes(&self) -> Vec<u8>;
    }

    impl Concat for Vec<Piece> {
        fn concat_bytes(&self) -> Vec<u8> {
            self.iter().flat_map(|piece| piece.bytes.clone()).collect()
        }
    }
}
