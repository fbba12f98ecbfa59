//! Charts, drawn on the server as SVG. Each has a table of the same data beside it on its page.

mod growth;
mod months;
mod scale;
mod tile_map;

pub(crate) use growth::GrowthChart;
pub(crate) use months::MonthChart;
pub(crate) use tile_map::TileMap;
