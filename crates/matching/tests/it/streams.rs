//! Streams of lines: positions, chunks that end anywhere, lines without end.

use matching::{Index, LineHit, LineScanner};
use proptest::prelude::*;

use crate::index_of;

/// Every hit as (line, column, offset, text, signal).
type Hits = Vec<(u64, u64, u64, String, u64)>;

fn feed<'c>(index: &Index, chunks: impl Iterator<Item = &'c [u8]>) -> (Hits, LineScanner) {
    let mut scanner = LineScanner::new();
    let mut hits = Hits::new();
    let mut on_hit = |found: LineHit<'_>| {
        assert_eq!(found.hit.start as u64 + 1, found.column);
        assert_eq!(found.hit.end - found.hit.start, found.text.len());
        let text = String::from_utf8_lossy(found.text).into_owned();
        hits.push((
            found.line,
            found.column,
            found.offset,
            text,
            found.hit.signal,
        ));
    };
    for chunk in chunks {
        scanner.feed(index, chunk, &mut on_hit);
    }
    scanner.finish(index, &mut on_hit);
    (hits, scanner)
}

#[test]
fn lines_columns_and_offsets() {
    let index = index_of(&["evil.example", "198.51.100.7"]);
    let text = b"first\n\nat evil[.]example and 198.51.100.7\r\nlast evil.example";
    let (hits, scanner) = feed(&index, std::iter::once(&text[..]));
    assert_eq!(
        hits,
        [
            (3, 4, 10, "evil[.]example".to_owned(), 0),
            (3, 23, 29, "198.51.100.7".to_owned(), 1),
            (4, 6, 48, "evil.example".to_owned(), 0),
        ]
    );
    assert_eq!((scanner.lines(), scanner.bytes()), (4, text.len() as u64));
    let (_, scanner) = feed(&index, std::iter::once(&b"a\nb\n"[..]));
    assert_eq!((scanner.lines(), scanner.bytes()), (2, 4));
    let (_, scanner) = feed(&index, std::iter::empty());
    assert_eq!((scanner.lines(), scanner.bytes()), (0, 0));
}

#[test]
fn lines_without_end_are_scanned_in_parts() {
    let index = index_of(&["evil.example"]);
    let plain = [
        " ", "a", "=", "%41", "é", "[.]", "\0", ".", "a.", "%2525", "\\\\", "::",
    ];
    for filler in plain.map(str::as_bytes).into_iter().chain([&b"\xff"[..]]) {
        let mut text = filler.repeat((5 << 20) / filler.len());
        // Around every place where a line may be cut, and where the parts overlap.
        let mut expected = Vec::new();
        for at in (1..5).flat_map(|mega| [-65_536, -32_768, -100, -6].map(|by| (mega << 20) + by)) {
            for at in [at, at + 40] {
                let at = usize::try_from(at).unwrap();
                text[at..at + 14].copy_from_slice(b" evil.example ");
                expected.push(at as u64 + 1);
            }
        }
        expected.sort_unstable();
        for size in [1 << 16, 1_000_003, text.len()] {
            let (hits, scanner) = feed(&index, text.chunks(size));
            let offsets: Vec<_> = hits.iter().map(|hit| hit.2).collect();
            let filler = String::from_utf8_lossy(filler);
            assert_eq!(offsets, expected, "{filler:?} in chunks of {size}");
            assert!(hits.iter().all(|hit| hit.0 == 1 && hit.1 == hit.2 + 1));
            assert_eq!(scanner.lines(), 1);
            assert_eq!(scanner.bytes(), text.len() as u64);
        }
    }
}

#[test]
fn binary_data_is_scanned() {
    let index = index_of(&["evil.example"]);
    let mut text: Vec<u8> = (0..100_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3])
        .collect();
    text.extend_from_slice(b"\0evil.example\0");
    let (hits, _) = feed(&index, text.chunks(4096));
    assert_eq!(hits.len(), 1);
}

proptest! {
    #[test]
    fn chunks_may_end_anywhere(
        lines in prop::collection::vec(prop::sample::select(vec![
            "evil.example", "", "a b http://evil.example/x", "198[.]51[.]100[.]7", "x\ny", "é\r", "bob@evil.example,",
        ]), 0..12),
        sizes in prop::collection::vec(1_usize..40, 1..20),
    ) {
        let index = index_of(&["evil.example", "198.51.100.7"]);
        let text = lines.join("\n").into_bytes();
        let (whole, _) = feed(&index, std::iter::once(&text[..]));
        let mut rest = &text[..];
        let mut sizes = sizes.iter().cycle();
        let chunks = std::iter::from_fn(|| {
            let size = (*sizes.next()?).min(rest.len());
            let (chunk, after) = rest.split_at(size);
            rest = after;
            (!chunk.is_empty()).then_some(chunk)
        });
        let (parts, _) = feed(&index, chunks);
        prop_assert_eq!(parts, whole);
    }
}
