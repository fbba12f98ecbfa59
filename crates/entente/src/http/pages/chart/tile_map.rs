//! The map of countries as tiles of one size, coloured by the stance of the state.

use askama::Template;
use node::pledge::{Country, Stance};
use node::register::{CountryAt, Register};

use super::super::country::{COLUMNS, PLACES, ROWS, name};
use super::super::site::Site;
use super::super::text::{counted, dated};

/// Units from one tile to the next; the template draws tiles of 35.
const STEP: u32 = 38;

/// The map, for the day the site shows.
#[derive(Template)]
#[template(path = "chart/tile_map.svg", escape = "html")]
pub(crate) struct TileMap {
    width: u32,
    height: u32,
    tiles: Vec<Tile>,
    /// The stances that occur, as slug and label; `none` for the rest.
    pub(crate) legend: Vec<(&'static str, &'static str)>,
    /// The same data as rows, by name; only countries of which something is known.
    pub(crate) rows: Vec<CountryRow>,
}

struct Tile {
    x: u32,
    y: u32,
    code: &'static str,
    title: String,
    /// The stance's slug, or `none`.
    stance: &'static str,
    count: usize,
    href: Option<String>,
}

/// One row of the map's table.
pub(crate) struct CountryRow {
    pub(crate) name: String,
    pub(crate) href: String,
    /// The state's stance: slug, label and date.
    pub(crate) stance: Option<(&'static str, &'static str, String)>,
    pub(crate) signed: usize,
}

impl TileMap {
    /// The map of `register` on the site's day.
    pub(crate) fn new(site: &Site<'_>, register: &Register) -> Self {
        let countries = register.by_country(site.day);
        let href = |code: &str| format!("/register?country={code}{}", site.and_day());
        let tiles: Vec<Tile> = PLACES
            .iter()
            .map(|place| {
                let country = place
                    .code
                    .parse::<Country>()
                    .ok()
                    .and_then(|c| countries.get(&c));
                Tile {
                    x: u32::from(place.column) * STEP,
                    y: u32::from(place.row) * STEP,
                    code: place.code,
                    title: title(place.name, country),
                    stance: country.and_then(slug).unwrap_or("none"),
                    count: country.map_or(0, |country| country.signed.total()),
                    href: country.map(|_| href(place.code)),
                }
            })
            .collect();
        let mut rows: Vec<CountryRow> = countries
            .iter()
            .map(|(code, country)| CountryRow {
                name: name(code).to_owned(),
                href: href(code.as_str()),
                stance: country
                    .state
                    .and_then(|state| state.stance)
                    .map(|at| (at.stance.as_str(), at.stance.label(), dated(at.first))),
                signed: country.signed.total(),
            })
            .collect();
        rows.sort_by_cached_key(|row| node::pledge::fold(&row.name));
        TileMap {
            width: u32::from(COLUMNS) * STEP,
            height: u32::from(ROWS) * STEP,
            legend: legend(&tiles),
            tiles,
            rows,
        }
    }
}

fn legend(tiles: &[Tile]) -> Vec<(&'static str, &'static str)> {
    let stances = Stance::ALL
        .iter()
        .map(|stance| (stance.as_str(), stance.label()));
    let none = ("none", "State not recorded");
    stances
        .chain([none])
        .filter(|(slug, _)| tiles.iter().any(|tile| tile.stance == *slug))
        .collect()
}

fn slug(country: &CountryAt<'_>) -> Option<&'static str> {
    Some(country.state?.stance?.stance.as_str())
}

fn title(name: &str, country: Option<&CountryAt<'_>>) -> String {
    let Some(country) = country else {
        return format!("{name}: nothing recorded");
    };
    let signed = counted(country.signed.total(), "signatory", "signatories");
    match country.state.and_then(|state| state.stance) {
        Some(at) => {
            let stance = at.stance.label().to_lowercase();
            format!("{name}: {stance}, {}; {signed}", dated(at.first))
        }
        None => format!("{name}: the state not recorded; {signed}"),
    }
}
