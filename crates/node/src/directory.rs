//! The small things that every decision needs, in memory: pledge, register, collections, tokens.
//!
//! A fold over the journal's entries other than objects. The view `directory` keeps those entries,
//! so that a start reads them alone.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::accession::Accession;
use crate::clock::Instant;
use crate::commitment::{Calendar as ReportCalendar, Commitments};
use crate::entry::{Act, Entry, Recorded};
use crate::erasure::Erasures;
use crate::history::History;
use crate::identity::{Identities, Standing};
use crate::model::{AdminLink, Circle, Collection, Scopes, Token, Webhook};
use crate::pledge::{Country, Identity, Party, Pledge, Stance, VisibilityTable, slug};
use crate::policy::{Caller, Member};
use crate::private::PrivateSets;
use crate::register::Register;
use crate::request::calendar::{Calendar, Place};
use crate::warnings::WarningLists;

/// A token with what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token as it was issued.
    pub token: Token,
    /// When it was issued.
    pub issued: Instant,
    /// Who issued it: an account of a party.
    pub issuer: String,
    /// When it was revoked, if it was.
    pub revoked: Option<Instant>,
}

impl IssuedToken {
    /// Whether it still lets anybody in.
    pub fn is_live(&self, now: Instant) -> bool {
        self.revoked.is_none() && self.token.expires.is_none_or(|end| end > now)
    }
}

/// State folded from all entries but objects.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    pledge: Option<Pledge>,
    register: Register,
    collections: Vec<Collection>,
    /// Of each collection the one in which its withdrawals are told.
    companions: Vec<Collection>,
    circles: Vec<Circle>,
    tokens: BTreeMap<String, IssuedToken>,
    admin_links: BTreeMap<String, (AdminLink, bool)>,
    webhooks: BTreeMap<String, Webhook>,
    private: PrivateSets,
    identities: Identities,
    erasures: Erasures,
    party_numbers: HashMap<String, u32>,
    party_ids: Vec<String>,
    warning_lists: WarningLists,
    accession: Accession,
    history: History,
    commitments: Commitments,
    calendar: Calendar,
}

impl Directory {
    /// Applies the entry at a position; objects and withdrawals are none of its concern.
    pub fn apply(&mut self, position: u64, entry: &Entry<'_>) {
        let recorded = Recorded {
            position,
            at: entry.at,
        };
        self.history.apply(recorded, entry);
        self.accession.apply(recorded, entry);
        self.commitments.apply(recorded, entry);
        self.calendar.apply(entry);
        match &entry.act {
            Act::Pledge(pledge) => {
                self.register.apply_pledge(pledge);
                self.pledge = Some((**pledge).clone());
            }
            Act::Party(party) => {
                if !self.party_numbers.contains_key(&party.id) {
                    let number = u32::try_from(self.party_ids.len()).unwrap_or(u32::MAX);
                    self.party_numbers.insert(party.id.clone(), number);
                    self.party_ids.push(party.id.clone());
                }
                self.register.apply_party(party, recorded);
            }
            Act::Stance(change) => self.register.apply_stance(change, recorded),
            Act::Collection(collection) => {
                set(&mut self.collections, collection, |known| &known.id);
                self.companions = self.collections.iter().map(companion).collect();
            }
            Act::Token(_) | Act::RevokeToken(_) | Act::AdminLink(_) | Act::UseAdminLink(_) => {
                self.apply_access(entry);
            }
            Act::Circle(circle) => set(&mut self.circles, circle, |known| &known.id),
            Act::WarningList(list) => self.warning_lists.set(list),
            Act::RemoveWarningList(name) => self.warning_lists.remove(name),
            Act::Webhook(webhook) => {
                self.webhooks.insert(webhook.id.clone(), webhook.clone());
            }
            Act::RemoveWebhook(id) => drop(self.webhooks.remove(id)),
            Act::OfferSet(_) | Act::RemoveSet(_) | Act::PrivateMatch { .. } => {
                self.private.apply(entry);
            }
            Act::Signature(signature) => {
                self.identities.apply(position, entry);
                self.register
                    .apply_stance(&signature.stance_change(position, entry.at), recorded);
            }
            Act::Key(_)
            | Act::RevokeKey(_)
            | Act::Domain(_)
            | Act::Observation(_)
            | Act::Sponsorship(_)
            | Act::SignedPublishes(_) => self.identities.apply(position, entry),
            Act::Amend(amendment) => self.pledge = Some(amendment.pledge.clone()),
            Act::Erasure(_)
            | Act::ErasureProposal(_)
            | Act::ErasureRule { .. }
            | Act::ErasureDeclined(_) => self.erasures.apply(entry),
            // The folds above follow some of them; the rest are none of its concern.
            _ => {}
        }
    }

    /// Applies an entry about who gets in.
    fn apply_access(&mut self, entry: &Entry<'_>) {
        match &entry.act {
            Act::Token(token) => {
                let issuer = format!("{}/{}", entry.actor.party, entry.actor.account);
                let issued = IssuedToken {
                    token: token.clone(),
                    issued: entry.at,
                    issuer,
                    revoked: None,
                };
                self.tokens.insert(token.id.clone(), issued);
            }
            Act::RevokeToken(id) => {
                if let Some(issued) = self.tokens.get_mut(id) {
                    issued.revoked.get_or_insert(entry.at);
                }
            }
            Act::AdminLink(link) => {
                self.admin_links
                    .insert(link.id.clone(), (link.clone(), false));
            }
            Act::UseAdminLink(id) => {
                if let Some((_, used)) = self.admin_links.get_mut(id) {
                    *used = true;
                }
            }
            _ => {}
        }
    }

    /// The pledge this node runs on.
    pub fn pledge(&self) -> Option<&Pledge> {
        self.pledge.as_ref()
    }

    /// Parties and their stances over time.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The pledge's table of who sees which marking.
    pub fn visibility(&self) -> VisibilityTable {
        self.pledge
            .as_ref()
            .map(|pledge| pledge.visibility.clone())
            .unwrap_or_default()
    }

    /// A party's stance on a day.
    pub fn stance(&self, party: &str, day: Date) -> Option<Stance> {
        self.register.stance(party, day)
    }

    /// A party by its id, or by a name that makes the same slug.
    pub fn party(&self, name: &str) -> Option<&Party> {
        self.register
            .party(name)
            .or_else(|| self.register.party(&slug(name)))
    }

    /// A party's number, by which rows name it.
    pub fn party_number(&self, id: &str) -> Option<u32> {
        self.party_numbers.get(id).copied()
    }

    /// How many parties there are.
    pub fn party_count(&self) -> usize {
        self.party_ids.len()
    }

    /// A party's id back from its number.
    pub fn party_id(&self, number: u32) -> Option<&str> {
        self.party_ids.get(number as usize).map(String::as_str)
    }

    /// All collections with their numbers, in the order they were created.
    pub fn collections(&self) -> impl Iterator<Item = (u32, &Collection)> {
        (0u32..).zip(&self.collections)
    }

    /// The companions in which withdrawals are told, with their numbers, in the order of
    /// [`Directory::collections`].
    pub fn companions(&self) -> impl Iterator<Item = (u32, &Collection)> {
        (COMPANION..).zip(&self.companions)
    }

    /// A collection, or a companion, by its TAXII id or its alias.
    pub fn collection(&self, name: &str) -> Option<(u32, &Collection)> {
        self.collections()
            .chain(self.companions())
            .find(|(_, c)| c.id == name || c.alias == name)
    }

    /// A collection, or a companion, by its number.
    pub fn collection_number(&self, number: u32) -> Option<&Collection> {
        if number & COMPANION == 0 {
            self.collections.get(number as usize)
        } else {
            self.companions.get((number ^ COMPANION) as usize)
        }
    }

    /// All circles with their numbers, by which rows name them: from 1 in the order they were made.
    pub fn circles(&self) -> impl Iterator<Item = (u32, &Circle)> {
        (1u32..).zip(&self.circles)
    }

    /// A circle by its id.
    pub fn circle(&self, id: &str) -> Option<(u32, &Circle)> {
        self.circles().find(|(_, circle)| circle.id == id)
    }

    /// The number of the circle that a marking confines to.
    pub fn circle_by_marking(&self, marking: &str) -> Option<u32> {
        self.circles()
            .find(|(_, circle)| circle.marking.eq_ignore_ascii_case(marking))
            .map(|(number, _)| number)
    }

    /// The warning lists in use.
    pub fn warning_lists(&self) -> &WarningLists {
        &self.warning_lists
    }

    /// A circle by its number.
    pub fn circle_number(&self, number: u32) -> Option<&Circle> {
        self.circles.get(number.checked_sub(1)? as usize)
    }

    /// All tokens, revoked and expired ones too.
    pub fn tokens(&self) -> impl Iterator<Item = &IssuedToken> {
        self.tokens.values()
    }

    /// One token by its public id.
    pub fn token(&self, id: &str) -> Option<&IssuedToken> {
        self.tokens.get(id)
    }

    /// The member behind a token's text (`ent_<id>_<secret>`); none when it is unknown, revoked or
    /// expired.
    pub fn authenticate(&self, text: &str, now: Instant) -> Option<Caller> {
        let (id, secret) = split_secret(text, TOKEN_PREFIX)?;
        let issued = self.tokens.get(id)?;
        let right = bool::from(issued.token.hash.ct_eq(&hash_secret(secret)));
        if !right || !issued.is_live(now) {
            return None;
        }
        let token = &issued.token;
        Some(Caller::Member(Member {
            token: token.id.clone(),
            party: token.party.clone(),
            account: token.account.clone(),
            scopes: token.scopes,
            collections: token.collections.clone(),
        }))
    }

    /// All webhooks that are wanted.
    pub fn webhooks(&self) -> impl Iterator<Item = &Webhook> {
        self.webhooks.values()
    }

    /// One webhook by its id.
    pub fn webhook(&self, id: &str) -> Option<&Webhook> {
        self.webhooks.get(id)
    }

    /// The sets that are offered for private matching, and who asked about them.
    pub fn private(&self) -> &PrivateSets {
        &self.private
    }

    /// Keys, domains, sponsors and signatures of parties.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// What a party's identity is worth at an instant, from what was known then.
    pub fn standing(&self, party: &str, now: Instant) -> Standing {
        let listed = self.register.party(party).and_then(|party| party.listed);
        let listed = match listed {
            Some(day) if day <= now.day() => Identity::Listed,
            _ => Identity::Recorded,
        };
        self.identities.standing(party, now, listed)
    }

    /// The version of the pledge that is signed now.
    pub fn pledge_version(&self) -> u32 {
        self.history.versions().last().map_or(1, |last| last.number)
    }

    /// The caller behind a key (`name+id`) that signed a request; none when it is unknown, replaced
    /// or revoked.
    pub fn caller_by_key(&self, name: &str, now: Instant) -> Option<Caller> {
        let key = self.identities.live_key(name, self.identities.now(now))?;
        Some(Caller::Member(Member {
            token: format!("{KEY_PREFIX}{name}"),
            party: key.party().to_owned(),
            account: format!("{KEY_PREFIX}{}", key.verifier.id()),
            scopes: Scopes {
                read: true,
                publish: true,
                administer: false,
            },
            collections: Vec::new(),
        }))
    }

    /// Invitations, talks, terms and reservations.
    pub fn accession(&self) -> &Accession {
        &self.accession
    }

    /// What parties promised, and what became of it.
    pub fn commitments(&self) -> &Commitments {
        &self.commitments
    }

    /// The id of the pledge's steward, when a party is it.
    pub fn steward(&self) -> Option<&str> {
        self.pledge
            .as_ref()
            .and_then(|pledge| pledge.steward.as_deref())
    }

    /// The calendar of reports: what the steward set last, else the pledge's own.
    pub fn report_calendar(&self) -> ReportCalendar {
        let set = self.commitments.calendars().last();
        let own = || self.pledge.as_ref().map(|pledge| pledge.calendar.clone());
        set.map(|set| set.what.calendar.clone())
            .or_else(own)
            .unwrap_or_default()
    }

    /// Versions of the pledge, adoptions and reassignments.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Holidays of countries and time zones of parties.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// When a party works: in its time zone, but for the holidays of its country.
    pub fn place(&self, party: &str) -> Place {
        let country = self.register.party(party).and_then(|party| party.country);
        let country = country.as_ref().map(Country::as_str);
        self.calendar.place(party, country)
    }

    /// What was erased, and what is proposed to be.
    pub fn erasures(&self) -> &Erasures {
        &self.erasures
    }

    /// Whether any administrator token or link was ever issued.
    pub fn has_administrator(&self) -> bool {
        !self.admin_links.is_empty() || self.tokens.values().any(|t| t.token.scopes.administer)
    }

    /// The id of an administrator link that can still be used, from its text (`<id>_<secret>`).
    pub fn admin_link(&self, text: &str, now: Instant) -> Option<&str> {
        let (id, secret) = split_secret(text, ADMIN_LINK_PREFIX)?;
        let (link, used) = self.admin_links.get(id)?;
        let right = bool::from(link.hash.ct_eq(&hash_secret(secret)));
        (right && !used && link.expires > now).then_some(link.id.as_str())
    }
}

/// Replaces what has the same id, or adds it at the end.
fn set<T: Clone>(all: &mut Vec<T>, new: &T, id: impl Fn(&T) -> &str) {
    match all.iter_mut().find(|known| id(known) == id(new)) {
        Some(known) => *known = new.clone(),
        None => all.push(new.clone()),
    }
}

/// The bit that tells the number of a companion from that of its collection.
pub(crate) const COMPANION: u32 = 1 << 31;
/// What the alias of a companion ends in.
pub(crate) const WITHDRAWN: &str = "-withdrawn";

/// The collection in which the withdrawals of another are told: for the same parties.
fn companion(of: &Collection) -> Collection {
    let id = uuid::Uuid::try_parse(&of.id)
        .map(|namespace| uuid::Uuid::new_v5(&namespace, WITHDRAWN.as_bytes()).to_string());
    Collection {
        id: id.unwrap_or_else(|_| format!("{}{WITHDRAWN}", of.id)),
        alias: format!("{}{WITHDRAWN}", of.alias),
        title: format!("{}: withdrawn", of.title),
        description: format!(
            "What was withdrawn from {}, as notes that name it",
            of.title
        ),
        companion_of: Some(of.id.clone()),
        ..of.clone()
    }
}

/// What stands before a key where else a token or an account is named. An account's own name never
/// starts so.
pub const KEY_PREFIX: &str = "key:";
/// What every token's text starts with, so that secret scanners can find leaked ones.
pub const TOKEN_PREFIX: &str = "ent_";
/// What every administrator link's secret starts with.
pub const ADMIN_LINK_PREFIX: &str = "adm_";

/// SHA-256 of a secret of 256 random bits.
pub(crate) fn hash_secret(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn split_secret<'a>(text: &'a str, prefix: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(prefix)?.split_once('_')
}
