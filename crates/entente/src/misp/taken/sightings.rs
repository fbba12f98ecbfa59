//! Sightings of an indicator: seen by others, or told to be false.

use serde_json::json;
use stix::Timestamp;

use super::super::document::{Organisation, Sighting};
use super::super::tag::Said;
use super::super::written::{self, Written};
use super::{Taker, map};

impl<'a> Taker<'a, '_> {
    pub(super) fn sightings(&mut self, raw: &'a str, sightings: &[Sighting], indicator: &str) {
        for sighting in sightings {
            if let Err(why) = self.sighting(sighting, indicator) {
                self.refuse(raw, &format!("sighting {}", sighting.uuid), &why);
            }
        }
    }

    fn sighting(&mut self, sighting: &Sighting, indicator: &str) -> Result<(), String> {
        let at = self.at(&sighting.date);
        let organisation = sighting.organisation.clone().unwrap_or_default();
        let identity = organisation_of(&organisation, self.origin.created);
        let said = Said::default().or(&self.said);
        match sighting.r#type.0.as_str() {
            "0" | "" => {
                let id = written::id("sighting", &sighting.uuid)?;
                let mut properties = map(json!({
                    "sighting_of_ref": indicator,
                    "first_seen": at.to_string(),
                    "last_seen": at.to_string(),
                    "count": 1,
                }));
                if let Some(identity) = &identity {
                    properties.insert("where_sighted_refs".into(), json!([identity.id]));
                }
                let written = self.origin.constant(id, &said, properties);
                if let Some(identity) = identity {
                    self.keep(identity);
                }
                self.keep(written);
            }
            "1" => {
                let id = written::id("opinion", &sighting.uuid)?;
                let mut properties = map(json!({
                    "opinion": "strongly-disagree",
                    "explanation": "Sighted as a false positive in MISP.",
                    "object_refs": [indicator],
                }));
                if !organisation.name.is_empty() {
                    properties.insert("authors".into(), json!([organisation.name]));
                }
                let written = self.origin.constant(id, &said, properties);
                self.keep(written);
            }
            _ => return Err("STIX has no expiration by others".into()),
        }
        Ok(())
    }
}

/// An organisation that sighted; none when it does not say who it is.
fn organisation_of(organisation: &Organisation, created: Timestamp) -> Option<Written> {
    super::organisation(organisation, created).filter(|_| !organisation.name.is_empty())
}
