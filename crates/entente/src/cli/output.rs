//! What goes to stdout and stderr: lines, JSON, tables, colours.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};

use anstream::ColorChoice;
use clap::builder::styling::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// What stands out.
pub(crate) const STRONG: Style = Style::new().bold();
/// What may be overlooked.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// What was found.
pub(crate) const FOUND: Style = AnsiColor::Red.on_default().bold();
/// Where it was found.
pub(crate) const PLACE: Style = AnsiColor::Magenta.on_default();

/// Buffered stdout. Dropping it without [`Out::flush`] loses errors, so every verb flushes.
pub(crate) struct Out {
    stdout: BufWriter<Stdout>,
    styled: bool,
    terminal: bool,
}

impl Out {
    /// Stdout as it is.
    pub(crate) fn new() -> Self {
        let stdout = io::stdout();
        let styled = anstream::AutoStream::choice(&stdout) != ColorChoice::Never;
        let terminal = stdout.is_terminal();
        Out {
            stdout: BufWriter::with_capacity(64 * 1024, stdout),
            styled,
            terminal,
        }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.stdout, "{text}")
    }

    /// Writes a value as one line of JSON.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.stdout, value)?;
        self.stdout.write_all(b"\n")
    }

    /// Text in a style, where styles are shown.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.styled {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// Writes rows: on a terminal as a table with its header, else as columns between tabs, which
    /// `cut` and `awk` read.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(crate) fn table(&mut self, header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
        if !self.terminal {
            for row in rows {
                let cells: Vec<String> = row
                    .iter()
                    .map(|cell| plain(cell).replace('\t', " "))
                    .collect();
                writeln!(self.stdout, "{}", cells.join("\t"))?;
            }
            return Ok(());
        }
        if rows.is_empty() {
            return Ok(());
        }
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic);
        if let Some((width, _)) = terminal_size::terminal_size() {
            table.set_width(width.0);
        }
        table.set_header(header);
        for row in rows {
            table.add_row(row.iter().map(|cell| plain(cell).into_owned()));
        }
        let text = table.to_string();
        // The first column needs no room before it.
        let mut lines = text
            .lines()
            .map(|line| line.strip_prefix(' ').unwrap_or(line));
        if let Some(head) = lines.next() {
            let head = self.paint(STRONG, head.trim_end());
            writeln!(self.stdout, "{head}")?;
        }
        for line in lines {
            writeln!(self.stdout, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Whether a person reads stdout.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Hands everything over.
    ///
    /// # Errors
    /// When stdout takes no more.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

impl io::Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stdout.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

/// Writes a line to stderr; a stderr that is closed keeps nobody from working.
pub(crate) fn tell(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}

/// Characters of a line of an error that are shown.
const LONGEST_ERROR: usize = 2000;

/// Writes an error to stderr. Its words may hold what others wrote.
pub(crate) fn tell_error(error: &anyhow::Error) {
    let words = format!("{error:#}");
    let lines: Vec<String> = words
        .lines()
        .map(|line| plain(line).chars().take(LONGEST_ERROR).collect())
        .collect();
    tell(&format!("entente: {}", lines.join("\n")));
}

/// Whether colours are shown on stderr.
pub(crate) fn stderr_is_styled() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// Text that others wrote, made harmless for a terminal: control characters, and marks that turn
/// the direction of writing, are escaped.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_harmful(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A number with a comma every three digits.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 signal`, `2,000 signals`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_others_wrote_reaches_the_terminal_as_a_command() {
        assert_eq!(plain("a\x1b[31mb\r\n"), "a\\u{1b}[31mb\\r\\n");
        assert_eq!(
            plain("\u{9b}31m \u{202e}gpj.exe"),
            "\\u{9b}31m \\u{202e}gpj.exe"
        );
        assert_eq!(plain("Ünïcode 日本"), "Ünïcode 日本");
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_222_000), "1,222,000");
        assert_eq!(counted(1, "signal", "signals"), "1 signal");
    }
}
