//! From frame to frame.

use super::{
    frame::{HEADER, Header, Tables},
    segment::Source,
    window::Window,
};
use crate::Error;

/// The frame at `offset`, or what is wrong with it. Blocks are not looked at.
pub(super) fn frame<'w>(
    source: &Source,
    window: &'w mut Window<'_>,
    offset: u64,
) -> Result<Result<(Header, Tables<'w>), &'static str>, Error> {
    let Some(bytes) = window.bytes(offset, HEADER)? else {
        return Ok(Err("the file ends within a frame header"));
    };
    let Some(header) = Header::decode(bytes, source.salt) else {
        return Ok(Err("a frame header is damaged"));
    };
    let Some(bytes) = window.bytes(offset + HEADER as u64, header.tables_length())? else {
        return Ok(Err("the file ends within the tables of a frame"));
    };
    Ok(Tables::decode(&header, bytes, source.salt)
        .map(|tables| (header, tables))
        .ok_or("the tables of a frame are damaged"))
}
