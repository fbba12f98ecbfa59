//! The text of XML parts.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// What a reader of a part is told.
pub(super) enum Piece<'p, 'x> {
    /// An element begins; its name without its prefix.
    Start(&'p str, &'p BytesStart<'x>),
    /// Text, with entities resolved.
    Text(&'p str),
    /// An element ends.
    End(&'p str),
}

/// Reads a part.
///
/// # Errors
/// What is wrong with it; what came before has been told.
pub(super) fn read(
    part: impl BufRead,
    on_piece: &mut dyn FnMut(Piece<'_, '_>),
) -> Result<(), String> {
    let mut reader = Reader::from_reader(part);
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|error| error.to_string())? {
            Event::Start(tag) => on_piece(Piece::Start(local(tag.name().0), &tag)),
            Event::Empty(tag) => {
                let name = local(tag.name().0);
                on_piece(Piece::Start(name, &tag));
                on_piece(Piece::End(name));
            }
            Event::End(tag) => on_piece(Piece::End(local(tag.name().0))),
            Event::Text(text) => on_piece(Piece::Text(&text)),
            Event::CData(text) => on_piece(Piece::Text(&text)),
            Event::GeneralRef(entity) => {
                let written = format!("&{};", &*entity);
                let text = quick_xml::escape::unescape(&written);
                on_piece(Piece::Text(text.as_deref().unwrap_or(" ")));
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// An attribute's value by its name without prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut all = attributes.with_checks(false).flatten();
    let found = all.find(|one| local(one.key.0) == name)?;
    Some(found.value.to_string())
}
