//! Reads a pledge file and checks every value; what is wrong is refused with line and reason.

use std::collections::HashSet;
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;

use super::file::{
    CalendarRow, FactRow, FigureRow, File, Head, HolidaysRow, IndicatorRow, PartyRow, PrincipleRow,
    SourceRow, StanceRow,
};
use super::{
    Basis, Country, Fact, Figure, Party, PartyError, Pledge, Precision, Principle, Source, Stance,
    StanceChange, VisibilityTable, is_slug,
};
use crate::commitment::indicator::SELF_REPORTED;
use crate::commitment::{Calendar, Measure};
use crate::request::calendar::Holidays;

/// A pledge file, checked: the pledge, its parties and their stances, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PledgeFile {
    /// The pledge itself.
    pub pledge: Pledge,
    /// Its parties, in the file's order.
    pub parties: Vec<Party>,
    /// Every change of a stance, by day; on one day what the file says outright comes before what
    /// follows from a row of the register.
    pub stances: Vec<StanceChange>,
    /// Holidays of countries, which deadlines leave out.
    pub holidays: Vec<Holidays>,
}

/// Why a pledge file is refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {reason}")]
pub struct PledgeError {
    /// The file's name as it was given.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl PledgeFile {
    /// Reads `text`; `file` is the name that errors give.
    ///
    /// # Errors
    /// [`PledgeError`] for the first thing that is wrong: TOML's grammar, an unknown key, a word
    /// outside its vocabulary, a date that no calendar has, a name used twice or never defined, a
    /// day before the pledge was adopted.
    pub fn parse(text: &str, file: &str) -> Result<PledgeFile, PledgeError> {
        read(text).map_err(|wrong| {
            let start = wrong.span.map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            PledgeError {
                file: file.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
                reason: wrong.reason,
            }
        })
    }
}

/// What is wrong, with its place in bytes.
struct Wrong {
    span: Option<Range<usize>>,
    reason: String,
}

/// Refuses `value` for `reason`.
fn wrong<T>(value: &Spanned<T>, reason: String) -> Wrong {
    Wrong {
        span: Some(value.span()),
        reason,
    }
}

fn read(text: &str) -> Result<PledgeFile, Wrong> {
    let file: File = toml::from_str(text).map_err(|e| Wrong {
        span: e.span(),
        reason: e.message().replace('\n', ", "),
    })?;
    let head = file.pledge.get_ref();
    let (adopted, _) = day(&head.adopted, None)?;
    let sources = sources(file.source)?;
    let check = Check {
        adopted,
        sources: sources.iter().map(|source| source.key.clone()).collect(),
        parties: file
            .register
            .parties
            .iter()
            .map(|row| row.id.get_ref().clone())
            .collect(),
    };
    let register = file
        .register
        .source
        .as_ref()
        .map(|key| check.source(key))
        .transpose()?;
    let register_read = file
        .register
        .read
        .as_ref()
        .map(|read| check.day(read))
        .transpose()?;
    let (parties, from_rows) = check.parties(file.register.parties, register.as_deref())?;
    let mut stances = check.stances(file.register.stances)?;
    stances.extend(from_rows);
    stances.sort_by_key(|change| change.since);
    let pledge = Pledge {
        principles: check.principles(file.principle)?,
        figures: file
            .figure
            .iter()
            .map(|row| check.figure(row))
            .collect::<Result<_, _>>()?,
        facts: file
            .fact
            .into_iter()
            .map(|row| check.fact(row))
            .collect::<Result<_, _>>()?,
        visibility: visibility(file.visibility)?,
        calendar: calendar(file.calendar.as_ref())?,
        sources,
        register,
        register_read,
        ..check.head(file.pledge.into_inner())?
    };
    let holidays = file.holidays.iter().map(|row| check.holidays(row));
    Ok(PledgeFile {
        holidays: holidays.collect::<Result<_, _>>()?,
        pledge,
        parties,
        stances,
    })
}

/// A date, or a month or year given as a string; these take effect on their last day.
fn day(value: &Spanned<toml::Value>, adopted: Option<Date>) -> Result<(Date, Precision), Wrong> {
    let refuse = || {
        let reason =
            "a date is written 2018-11-12, or \"2018-11\" or \"2018\" where no more is known";
        wrong(value, reason.to_owned())
    };
    let (date, precision) = match value.get_ref() {
        toml::Value::Datetime(at) => {
            let (Some(date), None, None) = (at.date, at.time, at.offset) else {
                return Err(refuse());
            };
            let year = i16::try_from(date.year).map_err(|_| refuse())?;
            let month = i8::try_from(date.month).map_err(|_| refuse())?;
            let day = i8::try_from(date.day).map_err(|_| refuse())?;
            (
                Date::new(year, month, day).map_err(|_| refuse())?,
                Precision::Day,
            )
        }
        toml::Value::String(text) => partial_day(text).ok_or_else(refuse)?,
        _ => return Err(refuse()),
    };
    match adopted {
        Some(adopted) if date < adopted => Err(wrong(
            value,
            format!("{date} is before the pledge was adopted on {adopted}"),
        )),
        _ => Ok((date, precision)),
    }
}

/// `2018-11` or `2018`: the last day of it.
fn partial_day(text: &str) -> Option<(Date, Precision)> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('-') {
        Some((year, month))
            if year.len() == 4 && month.len() == 2 && digits(year) && digits(month) =>
        {
            let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            Some((first.last_of_month(), Precision::Month))
        }
        None if text.len() == 4 && digits(text) => {
            Some((Date::new(text.parse().ok()?, 12, 31).ok()?, Precision::Year))
        }
        _ => None,
    }
}

fn slug(value: &Spanned<String>, what: &str) -> Result<String, Wrong> {
    if is_slug(value.get_ref()) {
        return Ok(value.get_ref().clone());
    }
    let reason = format!(
        "'{}' is no {what}: use a-z, 0-9 and single hyphens between them",
        value.get_ref()
    );
    Err(wrong(value, reason))
}

fn sources(rows: Vec<SourceRow>) -> Result<Vec<Source>, Wrong> {
    let mut seen = HashSet::new();
    rows.into_iter()
        .map(|row| {
            let key = slug(&row.key, "source key")?;
            if !seen.insert(key.clone()) {
                return Err(wrong(
                    &row.key,
                    format!("the source '{key}' is there twice"),
                ));
            }
            let url = match row.url {
                // Pages link to it, so no other scheme may come in.
                Some(url)
                    if !["http://", "https://"]
                        .iter()
                        .any(|s| url.get_ref().starts_with(s)) =>
                {
                    return Err(wrong(
                        &url,
                        "a source's url starts with https://".to_owned(),
                    ));
                }
                url => url.map(Spanned::into_inner),
            };
            Ok(Source {
                key,
                title: row.title,
                url,
                date: row.date,
            })
        })
        .collect()
}

fn visibility(row: Option<Spanned<super::file::VisibilityRow>>) -> Result<VisibilityTable, Wrong> {
    let Some(row) = row else {
        return Ok(VisibilityTable::default());
    };
    let span = row.span();
    let table = VisibilityTable::from(row.into_inner());
    match table.inverted() {
        None => Ok(table),
        Some((stance, more, less)) => Err(Wrong {
            span: Some(span),
            reason: format!("'{stance}' sees {more} but not {less}, which is less restrictive"),
        }),
    }
}

fn calendar(row: Option<&Spanned<CalendarRow>>) -> Result<Calendar, Wrong> {
    let read = row.map(|row| {
        let calendar = row.get_ref().calendar();
        calendar.map_err(|reason| wrong(row, reason))
    });
    Ok(read.transpose()?.unwrap_or_default())
}

/// A suggested indicator.
fn measure(row: &Spanned<IndicatorRow>) -> Result<Measure, Wrong> {
    let IndicatorRow { name, words, unit } = row.get_ref();
    match (name.as_str(), words, unit) {
        (SELF_REPORTED, Some(description), Some(unit)) => Ok(Measure::SelfReported {
            description: description.clone(),
            unit: unit.clone(),
        }),
        (SELF_REPORTED, ..) => Err(wrong(
            row,
            format!("'{SELF_REPORTED}' says what is measured and in what: give 'words' and 'unit'"),
        )),
        (_, None, None) => {
            let indicator = name.parse().map_err(|reason| wrong(row, reason))?;
            Ok(Measure::Computed(indicator))
        }
        _ => Err(wrong(
            row,
            format!("'words' and 'unit' are for '{SELF_REPORTED}' alone"),
        )),
    }
}

/// What later rows are checked against.
struct Check {
    adopted: Date,
    sources: HashSet<String>,
    parties: HashSet<String>,
}

impl Check {
    fn day(&self, value: &Spanned<toml::Value>) -> Result<Date, Wrong> {
        match day(value, Some(self.adopted))? {
            (date, Precision::Day) => Ok(date),
            _ => Err(wrong(
                value,
                "this date needs its day, as in 2018-11-12".to_owned(),
            )),
        }
    }

    fn source(&self, key: &Spanned<String>) -> Result<String, Wrong> {
        if self.sources.contains(key.get_ref()) {
            return Ok(key.get_ref().clone());
        }
        let reason = format!("no source has the key '{}'", key.get_ref());
        Err(wrong(key, reason))
    }

    fn party(&self, id: &Spanned<String>) -> Result<String, Wrong> {
        if self.parties.contains(id.get_ref()) {
            return Ok(id.get_ref().clone());
        }
        Err(wrong(id, format!("no party has the id '{}'", id.get_ref())))
    }

    /// The head; what other tables hold is filled in by the caller.
    fn head(&self, head: Head) -> Result<Pledge, Wrong> {
        if head.name.get_ref().trim().is_empty() {
            return Err(wrong(&head.name, "a pledge has a name".to_owned()));
        }
        let id = slug(&head.id, "pledge id")?;
        let adopted = self.day(&head.adopted)?;
        let name = head.name.into_inner();
        Ok(Pledge {
            id,
            short_name: head.short_name.unwrap_or_else(|| name.clone()),
            name,
            summary: head.summary,
            disclaimer: head.disclaimer,
            adopted,
            place: head.place,
            steward: head.steward.as_ref().map(|id| self.party(id)).transpose()?,
            binding: head.binding,
            register: None,
            register_read: None,
            principles: Vec::new(),
            sources: Vec::new(),
            figures: Vec::new(),
            facts: Vec::new(),
            visibility: VisibilityTable::default(),
            calendar: Calendar::default(),
        })
    }

    fn principles(&self, rows: Vec<PrincipleRow>) -> Result<Vec<Principle>, Wrong> {
        let mut ids = HashSet::new();
        (1u16..)
            .zip(rows)
            .map(|(expected, row)| {
                if *row.number.get_ref() != expected {
                    let reason = format!(
                        "principles are numbered 1, 2, 3 and so on: expected {expected}, found {}",
                        row.number.get_ref()
                    );
                    return Err(wrong(&row.number, reason));
                }
                let id = slug(&row.id, "principle id")?;
                if !ids.insert(id.clone()) {
                    return Err(wrong(
                        &row.id,
                        format!("the principle '{id}' is there twice"),
                    ));
                }
                let harms = row
                    .harms
                    .iter()
                    .map(|harm| harm.get_ref().parse().map_err(|reason| wrong(harm, reason)))
                    .collect::<Result<_, _>>()?;
                let source = self.source(&row.source)?;
                let indicators = row.indicators.iter().map(measure);
                let indicators = indicators.collect::<Result<_, _>>()?;
                let (title, summary) = (row.title, row.summary);
                Ok(Principle {
                    number: expected,
                    id,
                    title,
                    summary,
                    source,
                    harms,
                    indicators,
                })
            })
            .collect()
    }

    fn holidays(&self, row: &HolidaysRow) -> Result<Holidays, Wrong> {
        let country: Country = row
            .country
            .get_ref()
            .parse()
            .map_err(|error: PartyError| wrong(&row.country, error.to_string()))?;
        let days = row.days.iter().map(|value| match day(value, None)? {
            (date, Precision::Day) => Ok(date),
            _ => Err(wrong(value, "a holiday is one day: 2026-07-14".to_owned())),
        });
        let mut days: Vec<Date> = days.collect::<Result<_, _>>()?;
        days.sort_unstable();
        days.dedup();
        let source = row
            .source
            .as_ref()
            .map(|key| self.source(key))
            .transpose()?;
        Ok(Holidays {
            country: country.as_str().to_owned(),
            days,
            source,
        })
    }

    fn figure(&self, spanned: &Spanned<FigureRow>) -> Result<Figure, Wrong> {
        let row = spanned.get_ref();
        if [row.total, row.states, row.civil_society, row.private_sector] == [None; 4] {
            return Err(wrong(
                spanned,
                "a figure gives at least one number".to_owned(),
            ));
        }
        Ok(Figure {
            day: self.day(&row.day)?,
            source: self.source(&row.source)?,
            total: row.total,
            states: row.states,
            civil_society: row.civil_society,
            private_sector: row.private_sector,
            at_least: row.at_least,
        })
    }

    fn fact(&self, row: FactRow) -> Result<Fact, Wrong> {
        let topic = slug(&row.topic, "topic")?;
        Ok(Fact {
            topic,
            source: self.source(&row.source)?,
            text: row.text,
        })
    }

    /// Parties, and the stances that follow from their rows.
    fn parties(
        &self,
        rows: Vec<PartyRow>,
        register: Option<&str>,
    ) -> Result<(Vec<Party>, Vec<StanceChange>), Wrong> {
        let mut seen = HashSet::new();
        let (mut parties, mut stances) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let listed = row
                .listed
                .as_ref()
                .map(|listed| self.day(listed))
                .transpose()?;
            let signed = row
                .signed
                .as_ref()
                .map(|signed| day(signed, Some(self.adopted)));
            let country = match &row.country {
                None => None,
                Some(code) => Some(
                    code.get_ref()
                        .parse()
                        .map_err(|e: super::PartyError| wrong(code, e.to_string()))?,
                ),
            };
            let at = row.id.span();
            let party = Party {
                id: row.id.into_inner(),
                name: row.name.into_inner(),
                kind: row.kind,
                country,
                listed,
            };
            let refuse = |reason| Wrong {
                span: Some(at.clone()),
                reason,
            };
            party.check().map_err(|e| refuse(e.to_string()))?;
            if !seen.insert(party.id.clone()) {
                return Err(refuse(format!("the party '{}' is there twice", party.id)));
            }
            let dated = match (signed.transpose()?, listed) {
                (Some((since, precision)), _) => Some((since, precision, Basis::SignedOn)),
                (None, Some(listed)) => Some((listed, Precision::Day, Basis::ListedSince)),
                (None, None) => None,
            };
            if let Some((since, precision, basis)) = dated {
                let Some(source) = register.map(str::to_owned) else {
                    let reason =
                        "'listed' and 'signed' are a register's: name it in 'register.source'";
                    return Err(refuse(reason.to_owned()));
                };
                stances.push(StanceChange {
                    party: party.id.clone(),
                    stance: Stance::Signed,
                    since,
                    basis,
                    precision,
                    source: Some(source),
                    note: None,
                });
            }
            parties.push(party);
        }
        Ok((parties, stances))
    }

    fn stances(&self, rows: Vec<StanceRow>) -> Result<Vec<StanceChange>, Wrong> {
        let mut seen = HashSet::new();
        rows.into_iter()
            .map(|row| {
                let (since, precision) = day(&row.since, Some(self.adopted))?;
                let party = self.party(&row.party)?;
                if !seen.insert((party.clone(), since)) {
                    let reason = format!("'{party}' has two stances from {since} on");
                    return Err(wrong(&row.party, reason));
                }
                Ok(StanceChange {
                    party,
                    stance: row.stance,
                    since,
                    basis: row.basis,
                    precision,
                    source: Some(self.source(&row.source)?),
                    note: row.note,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
