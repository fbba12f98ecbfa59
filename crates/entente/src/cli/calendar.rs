//! `entente pledge holidays` and `entente party zone`: when parties work, which deadlines follow.

use clap::Args;
use jiff::civil::Date;
use node::pledge::Country;

use super::client::encoded;
use super::output::{Out, counted, plain, tell};
use super::target::{Target, Where};
use super::{Exit, words};
use crate::present::calendar::{self, AllHolidays, Holidays as Set, SetHolidays, SetZone};

/// Show the holidays of countries, or set those of one, for the steward
///
/// Deadlines in working days leave them out. Those that are named take the place of those that were set
/// before; deadlines of what was sent already stay.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente pledge holidays --data d
  entente pledge holidays FR --data d
  entente pledge holidays FR --day 2026-07-14,2026-12-25 --source 'Code du travail, L3133-1' --data d")]
pub(crate) struct Holidays {
    /// Only this country (two letters)
    #[arg(value_name = "CC", value_parser = words::country)]
    country: Option<Country>,
    #[command(flatten)]
    place: Where,
    /// A holiday; repeat for more, or name several between commas
    #[arg(long = "day", value_name = "YYYY-MM-DD", value_parser = words::day)]
    #[arg(value_delimiter = ',', requires = "country")]
    days: Vec<Date>,
    /// Where they are known from
    #[arg(long, value_name = "TEXT", requires = "days")]
    source: Option<String>,
    /// Leave the country without any
    #[arg(long, requires = "country", conflicts_with = "days")]
    none: bool,
    /// Print JSON: one object a country and line
    #[arg(long)]
    json: bool,
}

/// Show the time zone in which a party works, or set it, for the party and who manages the node
///
/// Deadlines of what is sent to it from then on are counted there; in UTC while it has none.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente party zone beta --data d
  entente party zone beta Europe/Paris --server https://node.example
  entente party zone beta --none --data d")]
pub(crate) struct Zone {
    /// The party's id or its whole name
    party: String,
    /// An IANA time zone
    #[arg(value_name = "ZONE")]
    to: Option<String>,
    #[command(flatten)]
    place: Where,
    /// Take it back
    #[arg(long, conflicts_with = "to")]
    none: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Holidays {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let (target, caller) = self.place.open_acting()?;
        let country = self.country.as_ref().map(Country::as_str);
        if let (Some(country), false) = (country, self.days.is_empty() && !self.none) {
            let new = SetHolidays {
                days: self.days,
                source: self.source,
            };
            let set: Set = match &target {
                Target::Local(local) => {
                    let set = local
                        .node
                        .set_holidays(&caller, country, new.days, new.source);
                    Set::from(&local.wait(set)?)
                }
                Target::Remote(client) => {
                    client.put(&format!("/api/v1/holidays/{}", encoded(country)), &new)?
                }
            };
            return print(&[set], self.json);
        }
        let all: AllHolidays = match &target {
            Target::Local(local) => calendar::holidays(&local.node),
            Target::Remote(client) => client.get("/api/v1/holidays", &[])?,
        };
        let mut found = all.holidays;
        found.retain(|one| country.is_none_or(|country| one.country == country));
        print(&found, self.json)
    }
}

fn print(found: &[Set], json: bool) -> anyhow::Result<Exit> {
    let mut out = Out::new();
    if json {
        for one in found {
            out.json(one)?;
        }
    } else {
        let row = |one: &Set, day: &Date| {
            let source = one.source.clone().unwrap_or_else(|| "-".to_owned());
            vec![one.country.clone(), day.to_string(), source]
        };
        let rows = found.iter();
        let rows = rows.flat_map(|one| one.days.iter().map(move |day| row(one, day)));
        out.table(&["COUNTRY", "DAY", "SOURCE"], &rows.collect::<Vec<_>>())?;
    }
    let days: usize = found.iter().map(|one| one.days.len()).sum();
    out.flush()?;
    tell(&counted(days as u64, "holiday", "holidays"));
    Ok(Exit::Done)
}

impl Zone {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let (target, caller) = self.place.open_acting()?;
        let party = target.party(&self.party, None)?.party.id;
        let path = format!("/api/v1/parties/{}/zone", encoded(&party));
        let wanted = self.to;
        if wanted.is_some() || self.none {
            match (&target, wanted) {
                (Target::Local(local), zone) => {
                    let set = local.node.set_zone(&caller, &party, zone.as_deref());
                    local.wait(set).map(drop)?;
                }
                (Target::Remote(client), Some(zone)) => {
                    client
                        .put::<calendar::Zone>(&path, &SetZone { zone })
                        .map(drop)?;
                }
                (Target::Remote(client), None) => client.delete(&path)?,
            }
        }
        let known: calendar::Zone = match &target {
            Target::Local(local) => calendar::zone(&local.node, &party)?,
            Target::Remote(client) => client.get(&path, &[])?,
        };
        let mut out = Out::new();
        match &known.zone {
            _ if self.json => out.json(&known)?,
            Some(zone) => out.line(&plain(zone))?,
            None => tell("it has no time zone: its deadlines are counted in UTC"),
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}
