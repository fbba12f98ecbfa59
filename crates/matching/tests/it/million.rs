//! A million lines with a thousand planted observables: all found, none invented.

use std::collections::{BTreeMap, BTreeSet};

use matching::sample;
use matching::{Index, LineScanner};

const LINES: u64 = 1_000_000;
const PLANTED: usize = 1_000;

#[test]
fn all_found_none_invented() {
    let observables: Vec<_> = sample::observables(2018).take(PLANTED).collect();
    let mut index = Index::new();
    for (signal, observable) in observables.iter().enumerate() {
        index.insert(observable, signal as u64);
    }
    let mut scanner = LineScanner::new();
    let mut found = BTreeMap::new();
    let mut lines = Vec::new();
    let mut on_hit = |hit: matching::LineHit<'_>| {
        let text = String::from_utf8_lossy(hit.text).into_owned();
        let previous = found.insert((hit.line, hit.hit.signal), (hit.hit.relation, text.clone()));
        assert_eq!(
            previous, None,
            "reported twice in line {}: {text}",
            hit.line
        );
    };
    // Fed in chunks that end anywhere.
    let planted = sample::write_log(1118, LINES, &observables, &mut |line| {
        lines.extend_from_slice(line.as_bytes());
        lines.push(b'\n');
        if lines.len() > 100_000 {
            scanner.feed(&index, &lines, &mut on_hit);
            lines.clear();
        }
    });
    scanner.feed(&index, &lines, &mut on_hit);
    scanner.finish(&index, &mut on_hit);
    assert_eq!(scanner.lines(), LINES);
    assert_eq!(planted.len(), PLANTED);

    let forms: BTreeSet<_> = planted.iter().map(|planted| planted.form).collect();
    assert!(forms.len() >= 20, "{forms:?}");
    for planted in &planted {
        let hit = found.remove(&(planted.line, planted.index as u64));
        let relation = hit.map(|(relation, _)| relation);
        assert_eq!(relation, Some(planted.relation), "missed: {planted:?}");
    }
    assert!(found.is_empty(), "invented: {found:?}");
}
