//! `/register`: every party on any day, with a map and growth over time.

use std::collections::BTreeMap;

use askama::Template;
use jiff::civil::Date;
use node::pledge::{Country, Identity, Kind, Stance, fold};
use node::register::{Filter, PartyAt, Register};
use serde::Deserialize;

use super::asset;
use super::chart::{GrowthChart, TileMap};
use super::country::name;
use super::home::DayNote;
use super::site::{Here, Site};
use super::text::{Number, counted, dated, query_value};

/// Rows on one page.
const ROWS: usize = 60;

/// The page's parameters as they are sent; empty ones count as left out.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct RegisterQuery {
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) country: String,
    #[serde(default)]
    pub(super) stance: String,
    #[serde(default)]
    pub(super) identity: String,
    #[serde(default)]
    pub(super) q: String,
    #[serde(default)]
    pub(super) page: String,
}

/// The parameters, checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    filter: Filter,
    identity: Option<Identity>,
    /// Counted from 0.
    page: usize,
}

impl RegisterQuery {
    /// Checks every parameter.
    ///
    /// # Errors
    /// What is wrong, in one sentence.
    pub(crate) fn check(&self) -> Result<Asked, String> {
        fn given<T: std::str::FromStr>(text: &str) -> Result<Option<T>, T::Err> {
            if text.is_empty() {
                Ok(None)
            } else {
                text.parse().map(Some)
            }
        }
        let page: Option<usize> = given(&self.page).map_err(|_| "'page' is a number".to_owned())?;
        Ok(Asked {
            filter: Filter {
                kind: given(&self.kind)?,
                country: given(&self.country)
                    .map_err(|e: node::pledge::PartyError| e.to_string())?,
                stance: given(&self.stance)?,
                text: self.q.trim().to_owned(),
            },
            identity: given(&self.identity)?,
            page: page.unwrap_or(1).saturating_sub(1),
        })
    }
}

/// Reads the value of `as-of`: a day up to today; today when it is left out or empty.
///
/// # Errors
/// What is wrong, in one sentence.
pub(crate) fn day(as_of: Option<&str>, today: Date) -> Result<Date, String> {
    let Some(text) = as_of.filter(|text| !text.is_empty()) else {
        return Ok(today);
    };
    match text.parse::<Date>() {
        Ok(day) if day > today => Err(format!(
            "{day} has not come yet: ask for a day up to {today}"
        )),
        Ok(day) => Ok(day),
        Err(_) => Err(format!("'{text}' is no day: write it as in 2018-11-12")),
    }
}

/// The register page.
#[derive(Template)]
#[template(path = "register.html")]
pub(crate) struct RegisterPage<'a> {
    site: Site<'a>,
    asked: Asked,
    menus: [Menu; 4],
    /// How many of what was found have which identity; those that none has are left out.
    identities: Vec<(Identity, Number)>,
    note: Option<DayNote<'a>>,
    rows: Vec<PartyRow<'a>>,
    found: usize,
    first: usize,
    before: Option<String>,
    after: Option<String>,
    map: TileMap,
    growth: GrowthChart,
}

/// One party as a row.
pub(crate) struct PartyRow<'a> {
    pub(crate) at: PartyAt<'a>,
    pub(crate) identity: Identity,
    pub(crate) country: &'a str,
    pub(crate) dated: String,
}

impl<'a> RegisterPage<'a> {
    /// The page for the site's day; `identity` tells what a party's is worth then.
    pub(crate) fn new(
        site: Site<'a>,
        register: &'a Register,
        identity: impl Fn(&str) -> Identity,
        asked: Asked,
    ) -> Self {
        let found = register.find(&asked.filter, site.day);
        let found = found.map(|at| (at, identity(&at.party.id)));
        let wanted = |identity: Identity| asked.identity.is_none_or(|wanted| wanted == identity);
        let mut found: Vec<_> = found.filter(|(_, identity)| wanted(*identity)).collect();
        found.sort_unstable_by_key(|(at, _)| (at.party.kind, at.sort_key()));
        let counted = Identity::ALL.iter().map(|word| {
            let number = found
                .iter()
                .filter(|(_, identity)| identity == word)
                .count();
            (*word, Number(number))
        });
        let identities = counted.filter(|(_, number)| number.0 > 0).collect();
        let pages = found.len().div_ceil(ROWS).max(1);
        let page = asked.page.min(pages - 1);
        let link = |page: usize| address(&asked, &site, page);
        RegisterPage {
            identities,
            menus: menus(&asked, register, site.day),
            note: DayNote::new(site.pledge, register, site.day),
            before: (page > 0).then(|| link(page - 1)),
            after: (page + 1 < pages).then(|| link(page + 1)),
            found: found.len(),
            first: page * ROWS,
            rows: found
                .into_iter()
                .skip(page * ROWS)
                .take(ROWS)
                .map(|(at, identity)| PartyRow::new(at, identity))
                .collect(),
            map: TileMap::new(&site, register),
            growth: GrowthChart::new(&site, register),
            asked,
            site,
        }
    }

    /// What was found, as a sentence.
    fn summary(&self) -> String {
        let found = counted(self.found, "party", "parties");
        if self.found > self.rows.len() {
            let last = self.first + self.rows.len();
            format!("{found}; {}–{} shown", Number(self.first + 1), Number(last))
        } else {
            found
        }
    }
}

impl<'a> PartyRow<'a> {
    fn new(at: PartyAt<'a>, identity: Identity) -> Self {
        PartyRow {
            at,
            identity,
            country: at.party.country.as_ref().map_or("", name),
            dated: at
                .stance
                .map(|stance| dated(stance.first))
                .unwrap_or_default(),
        }
    }
}

/// A menu of the filter.
struct Menu {
    name: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
}

/// One choice of a menu.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

fn menus(asked: &Asked, register: &Register, day: Date) -> [Menu; 4] {
    let filter = &asked.filter;
    let choice = |value: &str, label: &str, chosen| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen,
    };
    let kinds = Kind::ALL
        .iter()
        .map(|kind| choice(kind.as_str(), kind.label(), filter.kind == Some(*kind)));
    // By name: only countries that a party is from.
    let countries: BTreeMap<String, Country> = register
        .as_of(day)
        .filter_map(|at| at.party.country)
        .map(|country| (fold(name(&country)), country))
        .collect();
    let countries = countries.values().map(|country| {
        choice(
            country.as_str(),
            name(country),
            filter.country == Some(*country),
        )
    });
    let stances = Stance::ALL.iter().map(|stance| {
        choice(
            stance.as_str(),
            stance.label(),
            filter.stance == Some(*stance),
        )
    });
    let identities = Identity::ALL
        .iter()
        .map(|word| choice(word.as_str(), word.label(), asked.identity == Some(*word)));
    [
        Menu {
            name: "kind",
            label: "Kind",
            choices: kinds.collect(),
        },
        Menu {
            name: "country",
            label: "Country",
            choices: countries.collect(),
        },
        Menu {
            name: "stance",
            label: "Stance",
            choices: stances.collect(),
        },
        Menu {
            name: "identity",
            label: "Identity",
            choices: identities.collect(),
        },
    ]
}

/// The address of a page of what is asked for.
fn address(asked: &Asked, site: &Site<'_>, page: usize) -> String {
    let filter = &asked.filter;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(asked.identity.map(|word| format!("identity={word}")));
    parts.extend(filter.kind.map(|kind| format!("kind={kind}")));
    parts.extend(filter.country.map(|country| format!("country={country}")));
    parts.extend(filter.stance.map(|stance| format!("stance={stance}")));
    if !filter.text.is_empty() {
        parts.push(format!("q={}", query_value(&filter.text)));
    }
    if site.is_past() {
        parts.push(format!("as-of={}", site.day));
    }
    if page > 0 {
        parts.push(format!("page={}", page + 1));
    }
    format!("/register?{}#parties", parts.join("&"))
}
