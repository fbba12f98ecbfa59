//! `/pledge` and `/principle/{n}`: what was pledged, and where that is known from.

use askama::Template;
use node::model::Marking;
use node::pledge::{Fact, Figure, Pledge, Principle, Source, Stance};
use node::register::{Counts, Register};

use super::asset;
use super::signal::SignalLine;
use super::site::{Here, Site};
use super::text::{self, Number, long_date};

/// The page of the pledge.
#[derive(Template)]
#[template(path = "pledge.html")]
pub(crate) struct PledgePage<'a> {
    site: Site<'a>,
    adopted: String,
    /// The id and name of the party that convenes it.
    steward: Option<(&'a str, &'a str)>,
    topics: Vec<(String, Vec<(&'a Fact, &'a Source)>)>,
    figures: Vec<(&'a Figure, &'a Source)>,
    counts: Counts,
    visibility: Vec<VisibilityRow>,
    read: Option<String>,
}

/// One row of the table of who sees what.
struct VisibilityRow {
    stance: Stance,
    /// Of the markings from CLEAR to AMBER.
    sees: [bool; 3],
    /// Of the markings from GREEN to AMBER+STRICT, what is confined to a circle that the party is in.
    in_circle: [bool; 3],
    publishes: bool,
}

impl<'a> PledgePage<'a> {
    /// The page for the site's day.
    pub(crate) fn new(site: Site<'a>, register: &'a Register) -> Self {
        let pledge = site.pledge;
        let steward = pledge.steward.as_deref().and_then(|id| register.party(id));
        PledgePage {
            adopted: long_date(pledge.adopted),
            steward: steward.map(|party| (party.id.as_str(), party.name.as_str())),
            topics: topics(pledge),
            figures: pledge
                .figures
                .iter()
                .filter_map(|figure| Some((figure, pledge.source(&figure.source)?)))
                .collect(),
            counts: register.counts(site.day),
            visibility: visibility(pledge),
            read: pledge.register_read.map(long_date),
            site,
        }
    }

    /// Entries of the pledge's own register on the site's day.
    fn listed(&self) -> Number {
        Number(self.counts.listed.total())
    }

    /// Those of them that give a day of signing.
    fn dated(&self) -> Number {
        Number(self.counts.dated)
    }
}

/// Facts by topic, in the order in which topics first occur; a topic's slug as words.
fn topics(pledge: &Pledge) -> Vec<(String, Vec<(&Fact, &Source)>)> {
    let mut topics: Vec<(String, Vec<(&Fact, &Source)>)> = Vec::new();
    for fact in &pledge.facts {
        let Some(source) = pledge.source(&fact.source) else {
            continue;
        };
        let words = fact.topic.replace('-', " ");
        match topics.iter_mut().find(|(topic, _)| *topic == words) {
            Some((_, facts)) => facts.push((fact, source)),
            None => topics.push((words, vec![(fact, source)])),
        }
    }
    topics
}

fn visibility(pledge: &Pledge) -> Vec<VisibilityRow> {
    let table = &pledge.visibility;
    Stance::ALL
        .iter()
        .map(|stance| VisibilityRow {
            stance: *stance,
            sees: [Marking::Clear, Marking::Green, Marking::Amber]
                .map(|marking| table.sees(*stance, marking)),
            in_circle: [Marking::Green, Marking::Amber, Marking::AmberStrict]
                .map(|marking| table.sees_in_circle(*stance, marking)),
            publishes: table.may_publish(*stance),
        })
        .collect()
}

/// The page of a principle.
#[derive(Template)]
#[template(path = "principle.html")]
pub(crate) struct PrinciplePage<'a> {
    site: Site<'a>,
    principle: &'a Principle,
    before: Option<&'a Principle>,
    after: Option<&'a Principle>,
    source: Option<&'a Source>,
    signed: Number,
    signals: Vec<SignalLine>,
}

impl<'a> PrinciplePage<'a> {
    /// The page of principle `number`; none when the pledge has no such principle. `signals` are
    /// the newest about its harms that the viewer may see.
    pub(crate) fn new(
        site: Site<'a>,
        register: &Register,
        number: u16,
        signals: Vec<SignalLine>,
    ) -> Option<Self> {
        let pledge = site.pledge;
        let principle = pledge.principle(number)?;
        Some(PrinciplePage {
            before: number
                .checked_sub(1)
                .and_then(|before| pledge.principle(before)),
            after: number
                .checked_add(1)
                .and_then(|after| pledge.principle(after)),
            source: pledge.source(&principle.source),
            signed: Number(register.counts(site.day).of(Stance::Signed).total()),
            principle,
            site,
            signals,
        })
    }
}
