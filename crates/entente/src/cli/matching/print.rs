//! What a person, or a program, sees of a hit.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{DecimalBytes, ProgressBar};

use super::scan::Totals;
use crate::cli::output::{FAINT, FOUND, Out, PLACE, STRONG, count, counted, plain, tell};
use crate::present::lookup::{Match, Suppressed, Why};

/// How hits are printed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One JSON object a line.
    Json,
    /// One line a hit, of one file.
    Lines,
    /// One line a hit, each with its file.
    LinesOfFiles,
}

/// What was found so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Hits that fire.
    pub(crate) hits: u64,
    by_harm: BTreeMap<String, u64>,
    suppressed: Suppressed,
}

impl Found {
    fn count(&mut self, hit: &Match) {
        if !hit.fires {
            self.suppressed.count(hit);
            return;
        }
        self.hits += 1;
        let harm = hit.signal.harm.as_deref().unwrap_or("no harm named");
        match self.by_harm.get_mut(harm) {
            Some(number) => *number += 1,
            None => drop(self.by_harm.insert(harm.to_owned(), 1)),
        }
    }
}

/// Prints hits.
pub(crate) struct Printer {
    out: Out,
    style: Style,
    /// Whether to print hits that do not fire as well.
    explains: bool,
    bar: ProgressBar,
    found: Found,
}

impl Printer {
    pub(crate) fn new(out: Out, style: Style, explains: bool, bar: ProgressBar) -> Self {
        Printer {
            out,
            style,
            explains,
            bar,
            found: Found::default(),
        }
    }

    /// Prints hits of one file.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(crate) fn print(&mut self, file: &str, hits: Vec<Match>) -> anyhow::Result<()> {
        if hits.is_empty() {
            return Ok(());
        }
        for mut hit in hits {
            self.found.count(&hit);
            if !hit.fires && !self.explains {
                continue;
            }
            if self.style == Style::Json {
                hit.file = Some(file.to_owned());
                self.out.json(&hit)?;
            } else {
                let line = self.line(file, &hit);
                self.out.line(&line)?;
            }
        }
        // A person waits for lines, and so does the next program of a pipe.
        if self.out.is_terminal() {
            self.bar.suspend(|| self.out.flush())?;
        } else {
            self.out.flush()?;
        }
        Ok(())
    }

    /// `log:12:3 found → published (how) | signal | published by whom | harm | marking`, and why it
    /// does not fire
    fn line(&self, file: &str, hit: &Match) -> String {
        let out = &self.out;
        let place = match self.style {
            Style::LinesOfFiles => format!("{}:{}:{}", plain(file), hit.line, hit.column),
            _ => format!("{}:{}", hit.line, hit.column),
        };
        let signal = &hit.signal;
        let name = signal.name.as_deref().unwrap_or(&signal.id);
        let party = plain(&signal.publisher.name);
        let harm = signal.harm.as_deref().unwrap_or("no harm named");
        let published = if hit.found == hit.value {
            format!("({})", hit.relation)
        } else {
            format!("→ {} ({})", plain(&hit.value), hit.relation)
        };
        let why: Vec<String> = hit.why.iter().map(Why::words).collect();
        let why = if hit.fires {
            String::new()
        } else {
            format!(" | does not fire: {}", plain(&why.join(", ")))
        };
        format!(
            "{} {} {published} | {} | published by {party} | {harm} | {}{why}",
            out.paint(PLACE, &place),
            out.paint(FOUND, &plain(&hit.found)),
            out.paint(STRONG, &plain(name)),
            out.paint(FAINT, &signal.marking),
        )
    }

    /// Hands everything over; gives what was found.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(crate) fn finish(mut self) -> anyhow::Result<Found> {
        self.out.flush()?;
        Ok(self.found)
    }
}

/// Tells what was read and found, and how fast.
pub(crate) fn summarise(found: &Found, totals: &Totals, elapsed: Duration) {
    let lines = counted(totals.lines, "line", "lines");
    let octets = DecimalBytes(totals.octets);
    let speed = speed(totals.octets, elapsed);
    let files = match totals.files {
        0 | 1 => String::new(),
        files => format!(" in {}", counted(files, "file", "files")),
    };
    let mut harms = Vec::new();
    for (harm, number) in &found.by_harm {
        harms.push(format!("{} {harm}", count(*number)));
    }
    let harms = if harms.is_empty() {
        String::new()
    } else {
        format!(": {}", harms.join(", "))
    };
    let hits = match found.hits {
        0 => "no match".to_owned(),
        hits => counted(hits, "match", "matches"),
    };
    let seconds = elapsed.as_secs_f64();
    tell(&format!(
        "{lines}, {octets}{files} in {seconds:.2} s{speed}; {hits}{harms}"
    ));
    if totals.unread > 0 {
        tell(&format!(
            "{} could not be read",
            counted(totals.unread, "file", "files")
        ));
    }
}

/// Tells how many hits did not fire, and why.
pub(crate) fn tell_suppressed(found: &Found, explained: bool) {
    let suppressed = &found.suppressed;
    if suppressed.hits == 0 {
        return;
    }
    let hits = counted(suppressed.hits, "hit does", "hits do");
    let why: Vec<String> = suppressed
        .why
        .iter()
        .map(|(word, number)| format!("{} {}", count(*number), plain(word)))
        .collect();
    let more = if explained {
        ""
    } else {
        "; see which with --explain"
    };
    tell(&format!("{hits} not fire ({}){more}", why.join(", ")));
}

/// ` (250 MB/s)`; nothing for so little that it would say nothing.
fn speed(octets: u64, elapsed: Duration) -> String {
    if octets < 1_000_000 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for a person")]
    let speed = octets as f64 / 1e6 / elapsed.as_secs_f64().max(1e-6);
    format!(" ({speed:.0} MB/s)")
}
