//! Where a piece of text stands in its document.

use std::fmt;

/// A place, as a person finds it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// From 1; the offset in octets of the text is that in the file.
    Line(u64),
    /// Octets from the file's beginning.
    Octet(u64),
    /// Of a PDF, from 1.
    Page(u32),
    /// Of a text document, from 1 in each of its parts.
    Paragraph(u32),
    /// Of a presentation, from 1.
    Slide(u32),
    /// Of a workbook: the sheet from 1, and the row as it is numbered there.
    Row { sheet: u32, row: u32 },
    /// Of a message, from 1.
    Part(u32),
    /// A message's header.
    Header,
    /// Addresses that links of a page lead to.
    Links,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(number) => write!(f, "line {number}"),
            Place::Octet(number) => write!(f, "octet {number}"),
            Place::Page(number) => write!(f, "page {number}"),
            Place::Paragraph(number) => write!(f, "paragraph {number}"),
            Place::Slide(number) => write!(f, "slide {number}"),
            Place::Row { sheet, row } => write!(f, "sheet {sheet}, row {row}"),
            Place::Part(number) => write!(f, "part {number}"),
            Place::Header => f.write_str("header"),
            Place::Links => f.write_str("links"),
        }
    }
}
