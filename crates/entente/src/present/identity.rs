//! Identities: keys, domains, sponsors, signatures, and what they are worth.

use jiff::civil::Date;
use node::Node;
use node::act::identity::domains::Look;
use node::clock::Instant;
use node::directory::Directory;
use node::identity::{self, EnrolledKey, Held, Proven, SignatureState, Vouch, statement};
use node::pledge::Identity as Word;
use serde::{Deserialize, Serialize};

use super::time;

/// A party's identity as of a day: `GET /api/v1/parties/{id}/identity`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the name in JSON")]
pub(crate) struct Identity {
    pub(crate) as_of: Date,
    pub(crate) party: String,
    pub(crate) identity: Word,
    /// Why, in one sentence.
    pub(crate) reason: String,
    /// What it signed last; of several that hold the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<Signature>,
    /// What shows that it is who it says.
    pub(crate) proofs: Vec<Proof>,
    /// The security.txt of each domain that it claims, as it was seen last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) security_txt: Vec<SecurityTxt>,
    pub(crate) keys: Vec<Key>,
    /// Everything it signed, newest first.
    pub(crate) signatures: Vec<Signature>,
}

/// A key of a party.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the name in JSON")]
pub(crate) struct Key {
    /// `name+id`, by which it is named everywhere here.
    pub(crate) key: String,
    pub(crate) party: String,
    /// Its public text: `name+id+base64`.
    pub(crate) vkey: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) label: String,
    /// `live`, `replaced` or `revoked`.
    pub(crate) state: String,
    pub(crate) enrolled: String,
    /// The account that asked.
    pub(crate) by: String,
    /// On whose word: `account`, `administrator`, or the key that signed for it.
    pub(crate) vouched_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaces: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaced_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revoked: Option<Revoked>,
    /// The entry's position, and where its receipt is.
    pub(crate) position: u64,
    pub(crate) receipt: String,
}

/// How a key was revoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Revoked {
    pub(crate) at: String,
    /// From when on what it signed is not its party's.
    pub(crate) since: String,
    pub(crate) reason: String,
    pub(crate) by: String,
    pub(crate) position: u64,
    pub(crate) receipt: String,
}

/// Keys: `GET /api/v1/keys`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Keys {
    pub(crate) keys: Vec<Key>,
}

/// A claim of a domain, with what has to be published.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the name in JSON")]
pub(crate) struct Domain {
    pub(crate) party: String,
    pub(crate) domain: String,
    /// The name of the TXT record, and its text.
    pub(crate) record: String,
    pub(crate) text: String,
    /// Where the key document belongs.
    pub(crate) document: String,
    pub(crate) claimed: String,
    pub(crate) proofs: Vec<Proof>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) security_txt: Option<SecurityTxt>,
    pub(crate) position: u64,
    pub(crate) receipt: String,
}

/// What was seen last of a domain's security.txt (RFC 9116).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SecurityTxt {
    pub(crate) domain: String,
    /// `good`, `missing`, `wrong` or `unreachable`.
    pub(crate) outcome: String,
    pub(crate) words: String,
    /// Whom to tell of a vulnerability: the first that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) contacts: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    /// When this was written down.
    pub(crate) at: String,
    pub(crate) position: u64,
    pub(crate) receipt: String,
}

/// The domains that a party claims: `GET /api/v1/parties/{id}/domains`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Domains {
    pub(crate) domains: Vec<Domain>,
}

/// One thing that shows who a party is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Proof {
    /// `dns-txt`, `well-known` or `sponsor`.
    pub(crate) kind: String,
    /// The domain, or the party that vouches.
    pub(crate) of: String,
    /// `fresh`; `failing`: it was found gone or wrong, and still holds for a while; `lapsed`; or
    /// `unproven`.
    pub(crate) state: String,
    /// What was found, in words.
    pub(crate) words: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) seen: Vec<String>,
    /// True where the resolver says that it checked DNSSEC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dnssec: Option<bool>,
    /// When it was last written down as good, and until when that holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) good: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<String>,
    /// When what it says was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) receipt: Option<String>,
}

/// What a look at a domain found just now: `POST /api/v1/parties/{id}/domains/{domain}/check`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Looked {
    pub(crate) looks: Vec<Seen>,
    /// The claim afterwards.
    pub(crate) domain: Domain,
}

/// One of both.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the name in JSON")]
pub(crate) struct Seen {
    /// `dns-txt` or `well-known`.
    pub(crate) kind: String,
    /// `good`, `missing`, `wrong` or `unreachable`.
    pub(crate) outcome: String,
    pub(crate) words: String,
    pub(crate) seen: Vec<String>,
}

/// A signature under the pledge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Signature {
    pub(crate) party: String,
    pub(crate) key: String,
    pub(crate) pledge: String,
    pub(crate) version: u32,
    pub(crate) text_sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reservations: Vec<Reservation>,
    /// The day in the statement, and its last day.
    pub(crate) date: Date,
    pub(crate) expires: Date,
    /// `valid`, `expired` or `key-revoked`.
    pub(crate) state: String,
    /// When it was accepted, and from which account.
    pub(crate) at: String,
    pub(crate) by: String,
    pub(crate) position: u64,
    pub(crate) receipt: String,
    /// The signed note (C2SP signed-note).
    pub(crate) note: String,
}

/// What a party will not be held to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reservation {
    pub(crate) principle: u16,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) reason: String,
}

/// A signed note that is sent: keys, sponsorships, signatures.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    pub(crate) note: String,
}

/// A domain to be claimed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDomain {
    pub(crate) domain: String,
}

/// A key to be revoked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRevocation {
    pub(crate) reason: String,
    /// RFC 3339 in UTC; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
}

/// Whether a collection takes signed requests alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demand {
    pub(crate) demanded: bool,
}

impl NewRevocation {
    /// From when on.
    ///
    /// # Errors
    /// That the time cannot be read.
    pub(crate) fn since(&self) -> Result<Option<Instant>, node::Error> {
        let parse = |text: &String| {
            stix::Timestamp::parse(text)
                .map(|at| Instant(at.micros()))
                .map_err(|error| node::Error::Invalid(format!("since: '{text}' {error}")))
        };
        self.since.as_ref().map(parse).transpose()
    }
}

/// Where the receipt of an entry is.
pub(crate) fn receipt(position: u64) -> String {
    format!("/log/receipt/{position}")
}

/// The time now, the last entry included.
pub(crate) fn now(node: &Node) -> Instant {
    node.directory().identities().now(node.now())
}

/// The last instant of a day, or now when it is not over.
pub(crate) fn instant_of(node: &Node, day: Date) -> Instant {
    let now = now(node);
    if day >= now.day() {
        return now;
    }
    let end = day.at(23, 59, 59, 999_999_000);
    let end = jiff::tz::TimeZone::UTC.to_timestamp(end);
    end.map_or(now, |end| Instant(end.as_microsecond()))
}

/// A party's identity; none when there is no such party.
pub(crate) fn identity(node: &Node, party: &str, as_of: Option<Date>) -> Option<Identity> {
    let directory = node.directory();
    directory.register().party(party)?;
    let as_of = as_of.unwrap_or_else(|| node.now().day());
    Some(Identity::of(
        &directory,
        party,
        as_of,
        instant_of(node, as_of),
    ))
}

impl Identity {
    /// As of an instant, which is on the day.
    pub(crate) fn of(directory: &Directory, party: &str, as_of: Date, now: Instant) -> Self {
        let standing = directory.standing(party, now);
        let identities = directory.identities();
        let keys = identities.keys_of(party).into_iter();
        let keys = keys
            .filter(|key| key.enrolled.at <= now)
            .map(|key| Key::of(key, now));
        let signed = identities.signatures(party).iter().rev();
        let signed = signed.filter(|held| held.at <= now);
        let signatures = signed.map(|held| {
            let state = identities.signature_state(held, now);
            Signature::of(held, state)
        });
        Identity {
            as_of,
            party: party.to_owned(),
            identity: standing.identity,
            reason: standing.reason.into(),
            signature: standing
                .signature
                .map(|(held, state)| Signature::of(&held, state)),
            proofs: standing.proofs.iter().map(Proof::of).collect(),
            security_txt: SecurityTxt::of(directory, party, now),
            keys: keys.collect(),
            signatures: signatures.collect(),
        }
    }
}

impl Key {
    /// A key at an instant.
    pub(crate) fn of(key: &EnrolledKey, now: Instant) -> Self {
        let Held {
            position,
            at,
            by,
            what,
        } = &key.enrolled;
        let revoked = key.revoked.as_ref().filter(|revoked| revoked.at <= now);
        let replaced = key.replaced.as_ref().filter(|(at, _)| *at <= now);
        Key {
            key: key.name(),
            party: what.party.clone(),
            vkey: what.key.clone(),
            label: what.label.clone(),
            state: key.state(now).as_str().into(),
            enrolled: time(at.0),
            by: by.clone(),
            vouched_by: match &what.vouch {
                Vouch::Account => "account".into(),
                Vouch::Administrator => "administrator".into(),
                Vouch::Key(key) => key.clone(),
            },
            replaces: what.replaces.clone(),
            replaced_by: replaced.map(|(_, by)| by.clone()),
            revoked: revoked.map(|revoked| Revoked {
                at: time(revoked.at.0),
                since: time(revoked.what.since.0),
                reason: revoked.what.reason.clone(),
                by: revoked.by.clone(),
                position: revoked.position,
                receipt: receipt(revoked.position),
            }),
            position: *position,
            receipt: receipt(*position),
        }
    }
}

/// All keys, or those of a party.
pub(crate) fn keys(node: &Node, party: Option<&str>) -> Keys {
    let (directory, now) = (node.directory(), now(node));
    let keys: Vec<&EnrolledKey> = match party {
        Some(party) => directory.identities().keys_of(party),
        None => directory.identities().keys().collect(),
    };
    Keys {
        keys: keys.into_iter().map(|key| Key::of(key, now)).collect(),
    }
}

/// The domains that a party claims, or all.
pub(crate) fn domains(node: &Node, party: Option<&str>) -> Domains {
    let (directory, now) = (node.directory(), now(node));
    let claims = directory.identities().claims();
    let claims = claims.filter(|claim| party.is_none_or(|party| claim.what.party == party));
    Domains {
        domains: claims
            .map(|claim| Domain::of(&directory, claim, now))
            .collect(),
    }
}

impl Domain {
    /// A claim at an instant.
    pub(crate) fn of(
        directory: &Directory,
        claim: &Held<identity::DomainClaim>,
        now: Instant,
    ) -> Self {
        let identity::DomainClaim {
            party,
            domain,
            token,
        } = &claim.what;
        let standing = directory.standing(party, now);
        let its = |proof: &&identity::Proof| matches!(&proof.proven, Proven::Domain { domain: of, .. } if of == domain);
        Domain {
            party: party.clone(),
            domain: domain.clone(),
            record: format!("{}.{domain}", identity::CHALLENGE),
            text: format!("{}{token}", identity::VERIFICATION),
            document: format!("https://{domain}{}", identity::WELL_KNOWN),
            claimed: time(claim.at.0),
            proofs: standing.proofs.iter().filter(its).map(Proof::of).collect(),
            security_txt: SecurityTxt::of(directory, party, now)
                .into_iter()
                .find(|seen| seen.domain == *domain),
            position: claim.position,
            receipt: receipt(claim.position),
        }
    }
}

impl SecurityTxt {
    /// Of each domain that a party claims, as it was seen last at an instant.
    fn of(directory: &Directory, party: &str, now: Instant) -> Vec<Self> {
        let files = directory.commitments().security_txt_of(party);
        let last = files.filter_map(|(_, seen)| seen.iter().rfind(|seen| seen.at <= now));
        let shown = last.map(|seen| SecurityTxt {
            domain: seen.what.domain.clone(),
            outcome: seen.what.outcome.as_str().into(),
            words: seen.what.words.clone(),
            contacts: seen.what.contacts.clone(),
            expires: seen.what.expires.map(|at| time(at.0)),
            at: time(seen.at.0),
            position: seen.position,
            receipt: receipt(seen.position),
        });
        shown.collect()
    }
}

impl Proof {
    fn of(proof: &identity::Proof) -> Self {
        let (kind, of) = match &proof.proven {
            Proven::Domain { domain, method } => (method.as_str(), domain),
            Proven::Sponsor { party } => ("sponsor", party),
        };
        Proof {
            kind: kind.into(),
            of: of.clone(),
            state: proof.state.as_str().into(),
            words: proof.words.clone(),
            seen: proof.seen.clone(),
            dnssec: proof.authenticated,
            good: proof.good.map(|(at, _)| time(at.0)),
            until: proof.good.map(|(_, until)| time(until.0)),
            at: proof.at.map(|at| time(at.0)),
            position: proof.position,
            receipt: proof.position.map(receipt),
        }
    }
}

impl Seen {
    /// What a look found.
    pub(crate) fn of(look: &Look) -> Self {
        Seen {
            kind: look.method.as_str().into(),
            outcome: look.outcome.as_str().into(),
            words: look.words.clone(),
            seen: look.seen.clone(),
        }
    }
}

impl Signature {
    /// A signature in a state.
    pub(crate) fn of(held: &Held<identity::Signature>, state: SignatureState) -> Self {
        let what = &held.what;
        let reservations = what.reservations.iter();
        Signature {
            party: what.party.clone(),
            key: what.key.clone(),
            pledge: what.pledge.clone(),
            version: what.version,
            text_sha256: statement::hex(&what.text),
            domain: what.domain.clone(),
            reservations: reservations
                .map(|reservation| Reservation {
                    principle: reservation.principle,
                    reason: reservation.reason.clone(),
                })
                .collect(),
            date: what.date,
            expires: what.expires,
            state: state.as_str().into(),
            at: time(held.at.0),
            by: held.by.clone(),
            position: held.position,
            receipt: receipt(held.position),
            note: what.note.clone(),
        }
    }
}
