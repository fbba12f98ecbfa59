//! `/party/{id}`: what is known of one party.

use askama::Template;
use node::account::Fate;
use node::commitment::Keeping;
use node::pledge::{Pledge, Source, StanceChange};
use node::register::{PartyAt, Register};

use super::accession::{PartyAccession, Topic};
use super::asset;
use super::country::name;
use super::history;
use super::party_account::PartyAccount;
use super::signal::SignalLine;
use super::site::{Here, Site};
use super::text::{self, Number, dated};
use crate::present::accession::Step;
use crate::present::identity::Identity;

/// The page of a party.
#[derive(Template)]
#[template(path = "party.html")]
pub(crate) struct PartyPage<'a> {
    site: Site<'a>,
    at: PartyAt<'a>,
    country: Option<&'a str>,
    dated: String,
    history: Vec<Evidence<'a>>,
    /// What it published that the viewer may see, and the newest of it.
    published: Number,
    signals: Vec<SignalLine>,
    member: bool,
    steward: bool,
    /// What its identity is worth, and what that follows from.
    identity: Option<Identity>,
    accession: PartyAccession,
    /// Its requests and promises, where there are any.
    account: Option<PartyAccount>,
}

/// One change of stance, or one more piece of evidence for it.
pub(crate) struct Evidence<'a> {
    pub(crate) change: &'a StanceChange,
    pub(crate) dated: String,
    /// The source, when the change names one of the pledge's.
    pub(crate) source: Option<&'a Source>,
    /// Whether the stance was the same before.
    pub(crate) confirms: bool,
    /// The entry that recorded it, and the day it did.
    pub(crate) position: u64,
    pub(crate) recorded: jiff::civil::Date,
}

/// What the node knows of a party besides the register.
#[derive(Default)]
pub(crate) struct Activity {
    /// Whether it has accounts on this node.
    pub(crate) member: bool,
    /// How many signals of it the viewer may see.
    pub(crate) published: usize,
    /// The newest of them.
    pub(crate) signals: Vec<SignalLine>,
    /// What its identity is worth on the day shown.
    pub(crate) identity: Option<Identity>,
    /// How it came to the pledge.
    pub(crate) accession: PartyAccession,
    /// Its requests and promises, where there are any.
    pub(crate) account: Option<PartyAccount>,
}

impl<'a> PartyPage<'a> {
    /// The page of the party `id`; none when there is no such party.
    pub(crate) fn new(
        site: Site<'a>,
        register: &'a Register,
        id: &str,
        activity: Activity,
    ) -> Option<Self> {
        let at = register.party_at(id, site.day)?;
        Some(PartyPage {
            country: at
                .party
                .country
                .as_ref()
                .map(name)
                .filter(|name| *name != at.party.name),
            dated: at
                .stance
                .map(|stance| dated(stance.first))
                .unwrap_or_default(),
            history: history(site.pledge, register, id, site.day),
            published: Number(activity.published),
            signals: activity.signals,
            member: activity.member,
            identity: activity.identity,
            accession: activity.accession,
            account: activity.account,
            steward: site.pledge.steward.as_deref() == Some(id),
            site,
            at,
        })
    }

    /// What a step of talks is about.
    fn topics<'s>(&'s self, step: &'s Step) -> Vec<Topic<'s>> {
        Topic::all(self.site.pledge, step)
    }
}

/// Newest first; what holds only after `day` is left out.
fn history<'a>(
    pledge: &'a Pledge,
    register: &'a Register,
    id: &str,
    day: jiff::civil::Date,
) -> Vec<Evidence<'a>> {
    let mut before = None;
    let mut lines: Vec<Evidence<'a>> = register
        .recorded(id)
        .take_while(|(change, _)| change.since <= day)
        .map(|(change, recorded)| Evidence {
            position: recorded.position,
            recorded: recorded.day(),
            change,
            dated: dated(change),
            source: change.source.as_deref().and_then(|key| pledge.source(key)),
            confirms: before.replace(change.stance) == Some(change.stance),
        })
        .collect();
    lines.reverse();
    lines
}
