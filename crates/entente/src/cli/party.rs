//! `entente party`: who takes part, on any day.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use node::pledge::{Country, Identity, Kind, Stance};

use super::output::{FAINT, Out, STRONG, count, plain, tell};
use super::target::Where;
use super::{Exit, calendar, reassign, words};
use crate::present::party::{self, NewParty, NewStance, Parties, PartyHistory};

/// Parties and their stances
#[derive(Debug, Subcommand)]
pub(crate) enum Party {
    List(List),
    Show(Show),
    Add(Add),
    Stance(Record),
    Reassign(reassign::Reassign),
    Zone(calendar::Zone),
}

/// List parties as of a day
///
/// On a terminal a table with a header; elsewhere columns between tabs: id, name, kind, country,
/// stance, since, what that date means, and what the identity is worth.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente party list --data d --as-of 2018-11-12 --stance in-talks
  entente party list --data d --kind state --stance sitting-out --json
  entente party list --data d --search microsoft")]
pub(crate) struct List {
    #[command(flatten)]
    place: Where,
    /// The day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    as_of: Option<Date>,
    /// Only this stance on that day
    #[arg(long, value_parser = words::stance())]
    stance: Option<Stance>,
    /// Only with an identity of this worth on that day
    #[arg(long, value_parser = words::identity())]
    identity: Option<Identity>,
    /// Only this kind of party
    #[arg(long, value_parser = words::kind())]
    kind: Option<Kind>,
    /// Only from this country (two letters)
    #[arg(long, value_name = "CC", value_parser = words::country)]
    country: Option<Country>,
    /// Only names or ids with these words, whatever their case and accents
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Show a party and everything known of its stance
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente party show united-states --data d
  entente party show 'United States' --data d --as-of 2018-11-12 --json")]
pub(crate) struct Show {
    /// The party's id or its whole name
    party: String,
    #[command(flatten)]
    place: Where,
    /// The day; today when absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    as_of: Option<Date>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Add a party to the register, or change its facts
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente party add 'Example Broadcasting' --data d --kind private-sector --country FR
  entente party stance example-broadcasting signed --data d --since 2026-03-01 --source 'letter'")]
pub(crate) struct Add {
    /// Its name
    name: String,
    #[command(flatten)]
    place: Where,
    /// What sort of organisation it is
    #[arg(long, value_parser = words::kind())]
    kind: Kind,
    /// Where it is from (two letters)
    #[arg(long, value_name = "CC", value_parser = words::country)]
    country: Option<Country>,
    /// Its id; made from the name when absent
    #[arg(long)]
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Record a party's stance from a day on
///
/// To withdraw, to suspend, and to lift a suspension take a reason, which everybody sees.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente party stance example-broadcasting signed --data d --since 2026-03-01 --source 'letter'
  entente party stance example-broadcasting suspended --data d --since 2026-06-01 \\
    --source 'decision 12' --reason 'No report was made.'")]
pub(crate) struct Record {
    /// The party's id or its whole name
    party: String,
    /// Its stance from that day on
    #[arg(value_parser = words::stance())]
    stance: Stance,
    #[command(flatten)]
    place: Where,
    /// The first day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = words::day)]
    since: Date,
    /// Where this is known from
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// What a reader should know besides; why, of a withdrawal, a suspension and the end of one
    #[arg(long, value_name = "TEXT", visible_alias = "reason")]
    note: Option<String>,
}

impl Party {
    pub(crate) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Party::List(verb) => verb.run(),
            Party::Show(verb) => verb.run(),
            Party::Add(verb) => verb.run(),
            Party::Stance(verb) => verb.run(),
            Party::Reassign(verb) => verb.run(),
            Party::Zone(verb) => verb.run(),
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<Exit> {
        let ask = party::Ask {
            as_of: self.as_of,
            kind: self.kind,
            country: self.country,
            stance: self.stance,
            identity: self.identity,
            q: self.search,
            limit: None,
            offset: None,
        };
        let found = self.place.open()?.parties(&ask)?;
        let mut out = Out::new();
        if self.json {
            for party in &found.parties {
                out.json(party)?;
            }
        } else {
            let header = [
                "ID",
                "NAME",
                "KIND",
                "COUNTRY",
                "STANCE",
                "SINCE",
                "THE DATE SAYS",
                "IDENTITY",
            ];
            let rows: Vec<Vec<String>> = found.parties.iter().map(row).collect();
            out.table(&header, &rows)?;
        }
        out.flush()?;
        tell(&summary(&found));
        Ok(Exit::Done)
    }
}

fn row(party: &party::Party) -> Vec<String> {
    let absent = || "-".to_owned();
    vec![
        party.id.clone(),
        party.name.clone(),
        party.kind.to_string(),
        party
            .country
            .map_or_else(absent, |country| country.to_string()),
        party
            .stance
            .map_or_else(absent, |stance| stance.to_string()),
        party
            .since
            .map_or_else(absent, |day| words::known_day(day, party.precision)),
        party
            .basis
            .map_or_else(absent, |basis| basis.label().to_owned()),
        party
            .identity
            .map_or_else(absent, |identity| identity.to_string()),
    ]
}

fn summary(found: &Parties) -> String {
    let mut parts = Vec::new();
    for stance in Stance::ALL {
        let number = found
            .parties
            .iter()
            .filter(|party| party.stance == Some(*stance))
            .count();
        if number > 0 {
            parts.push(format!(
                "{} {}",
                count(number as u64),
                stance.label().to_lowercase()
            ));
        }
    }
    let unknown = found
        .parties
        .iter()
        .filter(|party| party.stance.is_none())
        .count();
    if unknown > 0 {
        parts.push(format!(
            "{} of whom nothing is known yet",
            count(unknown as u64)
        ));
    }
    let parties = super::output::counted(found.total as u64, "party", "parties");
    let parts = if parts.is_empty() {
        String::new()
    } else {
        format!(": {}", parts.join(", "))
    };
    let identities = found.identities.iter();
    let identities = identities.map(|(word, number)| format!("{} {word}", count(*number as u64)));
    let identities: Vec<String> = identities.collect();
    let identities = match identities.as_slice() {
        [] => String::new(),
        some => format!("; identities: {}", some.join(", ")),
    };
    format!("{parties} as of {}{parts}{identities}", found.as_of)
}

impl Show {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let found = target.party(&self.party, self.as_of)?;
        let identity = target.identity(&found.party.id, self.as_of)?;
        let mut out = Out::new();
        if self.json {
            let mut shown = serde_json::to_value(&found)?;
            if let Some(members) = shown.as_object_mut() {
                members.insert("evidence".into(), serde_json::to_value(&identity)?);
            }
            out.json(&shown)?;
        } else {
            print(&mut out, &found)?;
            super::identity::print(&mut out, &identity)?;
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

fn print(out: &mut Out, found: &PartyHistory) -> std::io::Result<()> {
    let party = &found.party;
    let country = party
        .country
        .map(|country| format!(", {country}"))
        .unwrap_or_default();
    let name = out.paint(STRONG, &plain(&party.name));
    out.line(&format!(
        "{name} ({}), {}{country}",
        party.id,
        party.kind.singular()
    ))?;
    let as_of = found.as_of;
    match (party.stance, party.since) {
        (Some(stance), Some(since)) => {
            let stance = out.paint(STRONG, stance.label());
            let since = words::known_day(since, party.precision);
            let basis = party
                .basis
                .map(node::pledge::Basis::label)
                .unwrap_or_default();
            out.line(&format!("As of {as_of}: {stance}, {basis} {since}"))?;
        }
        _ => out.line(&format!("As of {as_of}: nothing is known of its stance"))?,
    }
    for change in &found.history {
        let since = words::known_day(change.since, Some(change.precision));
        let (stance, basis) = (change.stance.label(), change.basis.label());
        out.line(&format!("  {since}  {stance} ({basis})"))?;
        if let Some(note) = &change.note {
            out.line(&format!("      {}", plain(note)))?;
        }
        let title = change.source_title.as_ref().or(change.source.as_ref());
        if let Some(title) = title {
            let url = change
                .source_url
                .as_deref()
                .map(|url| format!(" {url}"))
                .unwrap_or_default();
            let source = plain(&format!("{title}{url}")).into_owned();
            let source = out.paint(FAINT, &format!("      source: {source}"));
            out.line(&source)?;
        }
    }
    print_rest(out, found)
}

/// What it holds itself to, and what became of it.
fn print_rest(out: &mut Out, found: &PartyHistory) -> std::io::Result<()> {
    if let Some(version) = found.version {
        out.line(&format!("Holds itself to version {version} of the pledge"))?;
    }
    for adoption in &found.adoptions {
        out.line(&format!(
            "  {}  adopted version {}",
            adoption.date, adoption.version
        ))?;
    }
    for one in &found.reservations {
        let words = plain(&one.words);
        out.line(&format!("Reserves principle {}: {words}", one.principle))?;
    }
    for one in &found.reassignments {
        let end = match (&one.into, &one.names) {
            (Some(into), _) => into.as_str(),
            (None, Some((_, to))) => to.as_str(),
            (None, None) => "",
        };
        let line = format!(
            "  {}  {} {} {end}: {}",
            one.since, one.party, one.becomes, one.reason
        );
        out.line(&plain(&line))?;
    }
    Ok(())
}

impl Add {
    fn run(self) -> anyhow::Result<Exit> {
        let Add {
            name,
            place,
            kind,
            country,
            id,
            json,
        } = self;
        let id = place.open()?.add_party(NewParty {
            id,
            name,
            kind,
            country,
        })?;
        let mut out = Out::new();
        if json {
            out.json(&serde_json::json!({ "id": id }))?;
        } else {
            out.line(&id)?;
        }
        out.flush()?;
        tell("it has no stance yet: record one with 'entente party stance'");
        Ok(Exit::Done)
    }
}

impl Record {
    fn run(self) -> anyhow::Result<Exit> {
        let target = self.place.open()?;
        let party = target.party(&self.party, None)?.party;
        let Record {
            stance,
            since,
            source,
            note,
            ..
        } = self;
        target.set_stance(
            &party.id,
            NewStance {
                stance,
                since,
                source,
                note,
            },
        )?;
        tell(&format!(
            "{} ({}): {} from {since} on",
            plain(&party.name),
            party.id,
            stance.label()
        ));
        Ok(Exit::Done)
    }
}
