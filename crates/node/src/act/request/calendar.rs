//! Holidays, which the steward sets, and time zones, which parties set.

use jiff::civil::Date;

use super::check;
use crate::act::Error;
use crate::directory::Directory;
use crate::entry::Act;
use crate::node::Node;
use crate::pledge::Country;
use crate::policy::{Caller, Refusal, Viewer};
use crate::request::calendar::{Holidays, PartyZone, zone};

/// Holidays of a country.
const MOST_DAYS: usize = 1000;

impl Node {
    /// Sets the holidays of a country, in the place of those that were set before: for the steward.
    /// Deadlines that are decided already stay.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Invalid`].
    pub async fn set_holidays(
        &self,
        caller: &Caller,
        country: &str,
        days: Vec<Date>,
        source: Option<String>,
    ) -> Result<Holidays, Error> {
        let holidays = holidays(country, days, source)?;
        let (act, who) = (Act::Holidays(holidays.clone()), caller.clone());
        let decide = move |directory: &Directory, now| {
            let viewer = Viewer::new(directory, &who, now);
            if !viewer.is_steward(directory) {
                return Err(Refusal::NoSide.into());
            }
            viewer.may_speak()?;
            Ok(vec![act])
        };
        self.record(caller, Box::new(decide)).await?;
        Ok(holidays)
    }

    /// Sets the time zone (IANA) in which a party works, or takes it back: for the party, and for who
    /// manages the node. It decides deadlines of what is sent to the party from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown party; [`Error::Refused`]; [`Error::Invalid`] for an unknown
    /// zone.
    pub async fn set_zone(
        &self,
        caller: &Caller,
        party: &str,
        name: Option<&str>,
    ) -> Result<PartyZone, Error> {
        let known = name.map(zone).transpose().map_err(Error::Invalid)?;
        let directory = self.directory();
        let party = directory.party(party).ok_or(Error::NotFound("party"))?;
        let set = PartyZone {
            party: party.id.clone(),
            zone: known.and_then(|zone| zone.iana_name().map(str::to_owned)),
        };
        let (act, who, party) = (
            Act::PartyZone(set.clone()),
            caller.clone(),
            set.party.clone(),
        );
        let decide = move |directory: &Directory, now| {
            Viewer::new(directory, &who, now).acts_for(&party)?;
            Ok(vec![act])
        };
        self.record(caller, Box::new(decide)).await?;
        Ok(set)
    }
}

/// Holidays, checked and in order.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn holidays(
    country: &str,
    mut days: Vec<Date>,
    source: Option<String>,
) -> Result<Holidays, Error> {
    let country: Country = country
        .parse()
        .map_err(|error: crate::pledge::PartyError| Error::Invalid(error.to_string()))?;
    days.sort_unstable();
    days.dedup();
    if days.len() > MOST_DAYS {
        return check::invalid(format!("days: at most {MOST_DAYS}"));
    }
    if let Some(source) = &source {
        check::one_line("source", source, check::MOST_LINE)?;
    }
    Ok(Holidays {
        country: country.as_str().to_owned(),
        days,
        source,
    })
}
