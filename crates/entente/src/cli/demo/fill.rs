//! What the demo's node holds: fictional members, and signals of theirs about every harm.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use matching::{Kind, Observable, sample};
use node::act::manage::{NewToken, new_collection_id};
use node::model::{Collection, Harm, Marking, Scopes};
use node::pledge::{Basis, Kind as PartyKind, Party, Precision, Stance, StanceChange};
use node::{Caller, Node};
use serde::Serialize;
use stix::build::{self, Identity, Indicator};
use stix::{StixIdBuf, Timestamp, Tlp};

use crate::cli::kinds::said;

/// Lines of the log.
const LINES: u64 = 20_000;
/// Signals of each collection.
const SIGNALS: usize = 12;
/// The same demo every time.
const SEED: u64 = 20_181_112;

/// What was made.
pub(crate) struct Filled {
    pub(crate) members: Vec<Member>,
}

/// A fictional member.
#[derive(Debug, Serialize)]
pub(crate) struct Member {
    pub(crate) party: String,
    pub(crate) name: String,
    pub(crate) stance: Stance,
    pub(crate) token: String,
}

/// Who there is: id, name, kind, stance.
const MEMBERS: [(&str, &str, PartyKind, Stance); 3] = [
    (
        "aurelia-broadcasting",
        "Aurelia Broadcasting (fictional)",
        PartyKind::PrivateSector,
        Stance::Signed,
    ),
    (
        "borealis-cert",
        "Borealis CERT (fictional)",
        PartyKind::PublicAuthority,
        Stance::Partner,
    ),
    (
        "meridian-observatory",
        "Meridian Observatory (fictional)",
        PartyKind::CivilSociety,
        Stance::InTalks,
    ),
];

/// A collection of the demo and the signals in it.
struct Topic {
    alias: &'static str,
    title: &'static str,
    harm: Harm,
    marking: Tlp,
    public: bool,
    /// Which of the members publishes.
    publisher: usize,
    kinds: &'static [Kind],
    /// What each signal is called.
    what: &'static str,
}

const TOPICS: [Topic; 5] = [
    Topic {
        alias: "elections",
        title: "Election interference",
        harm: Harm::ElectionInterference,
        marking: Tlp::Amber,
        public: false,
        publisher: 0,
        kinds: &[Kind::Domain, Kind::Url, Kind::Email],
        what: "Invented newsroom, part of a coordinated network",
    },
    Topic {
        alias: "hate-speech",
        title: "Hate speech, known content",
        harm: Harm::HateSpeech,
        marking: Tlp::Green,
        public: false,
        publisher: 0,
        kinds: &[Kind::Url, Kind::Sha256],
        what: "Known content, found illegal by a court",
    },
    Topic {
        alias: "censorship",
        title: "Censorship, measured",
        harm: Harm::Censorship,
        marking: Tlp::Clear,
        public: true,
        publisher: 1,
        kinds: &[Kind::Domain, Kind::Ipv4, Kind::Ipv6],
        what: "Block page that several networks inject",
    },
    Topic {
        alias: "trade-secrets",
        title: "Theft of trade secrets",
        harm: Harm::TradeSecrets,
        marking: Tlp::AmberStrict,
        public: false,
        publisher: 1,
        kinds: &[Kind::Domain, Kind::Sha1, Kind::Email],
        what: "Drop point of a theft of design files",
    },
    Topic {
        alias: "cybercrime",
        title: "Cybercrime",
        harm: Harm::Cybercrime,
        marking: Tlp::Green,
        public: false,
        publisher: 1,
        kinds: &[Kind::Ipv4, Kind::Domain, Kind::Url, Kind::Md5, Kind::Sha512],
        what: "Command and control of a botnet",
    },
];

/// The members, with a token each.
///
/// # Errors
/// The node's.
pub(super) async fn members(node: &Node) -> anyhow::Result<Vec<Member>> {
    let mut members = Vec::new();
    for (id, name, kind, stance) in MEMBERS {
        members.push(enrol(node, id, name, kind, stance).await?);
    }
    Ok(members)
}

/// Fills the node of these members, and writes the log beside it.
///
/// # Errors
/// The node's, and the file's.
pub(crate) async fn fill(node: &Node, members: Vec<Member>, log: &Path) -> anyhow::Result<Filled> {
    let mut observables = sample::observables(SEED);
    let mut planted = Vec::new();
    for topic in &TOPICS {
        let wanted = observables
            .by_ref()
            .filter(|value| topic.kinds.contains(&value.kind()));
        let values: Vec<Observable> = wanted.take(SIGNALS).collect();
        publish(node, topic, &members, &values).await?;
        planted.extend(values);
    }
    if let [_, partner, talking] = members.as_slice() {
        super::accession::fill(node, partner, talking).await?;
    }
    super::requests::fill(node, &members).await?;
    write_log(log, &planted).with_context(|| format!("cannot write {}", log.display()))?;
    Ok(Filled { members })
}

async fn enrol(
    node: &Node,
    id: &str,
    name: &str,
    kind: PartyKind,
    stance: Stance,
) -> anyhow::Result<Member> {
    let party = Party {
        id: id.into(),
        name: name.into(),
        kind,
        country: None,
        listed: None,
    };
    node.add_party(&Caller::Operator, party).await?;
    let change = StanceChange {
        party: id.into(),
        stance,
        since: node.now().day(),
        basis: Basis::Recorded,
        precision: Precision::Day,
        source: Some("invented for this demo".into()),
        note: None,
    };
    node.set_stance(&Caller::Operator, change).await?;
    Ok(Member {
        party: id.into(),
        name: name.into(),
        stance,
        token: token(node, id, "demo").await?,
    })
}

/// A token of a party's account that reads and publishes.
///
/// # Errors
/// The node's.
pub(super) async fn token(node: &Node, party: &str, account: &str) -> anyhow::Result<String> {
    let token = NewToken {
        party: party.into(),
        account: account.into(),
        scopes: Scopes {
            read: true,
            publish: true,
            administer: false,
        },
        collections: Vec::new(),
        expires: None,
    };
    let (secret, _) = node.create_token(&Caller::Operator, token).await?;
    Ok(secret.text)
}

async fn publish(
    node: &Node,
    topic: &Topic,
    members: &[Member],
    values: &[Observable],
) -> anyhow::Result<()> {
    let collection = Collection {
        title: topic.title.into(),
        description: "Generated for this demo; every name and address is invented.".into(),
        public: topic.public,
        default_marking: Marking::from(topic.marking),
        harm: Some(topic.harm),
        // AMBER+STRICT is for those it names.
        recipients: vec![MEMBERS[0].0.into()],
        ..Collection::new(new_collection_id(), topic.alias)
    };
    node.set_collection(&Caller::Operator, collection).await?;
    let publisher = members
        .get(topic.publisher)
        .context("the demo has no such member")?;
    let caller = node.authenticate(&publisher.token)?;
    let now = Timestamp::from_micros(node.now().0);
    let name = publisher.name.as_str();
    let creator = StixIdBuf::parse(build::identity_id(name))?;
    let identity = Identity {
        name,
        identity_class: "organization",
        created: now,
    };
    let mut objects = vec![Bytes::from(build::identity(&identity))];
    for (number, value) in (1..).zip(values) {
        let name = format!("{} ({number})", topic.what);
        objects.push(Bytes::from(build::indicator(&Indicator {
            kind: said(value.kind()),
            value: value.as_str(),
            name: &name,
            description: "Invented for this demo.",
            labels: &[topic.harm.as_str(), "fictional"],
            created: now,
            valid_from: now,
            creator: creator.as_id(),
            marking: Some(topic.marking),
        })));
    }
    let status = node.publish_objects(&caller, topic.alias, objects).await?;
    match status.failures.first() {
        None => Ok(()),
        Some(failed) => anyhow::bail!("{}: {}", failed.id, failed.reason),
    }
}

fn write_log(path: &Path, planted: &[Observable]) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut written = Ok(());
    sample::write_log(SEED, LINES, planted, &mut |line| {
        if written.is_ok() {
            written = writeln!(file, "{line}");
        }
    });
    written?;
    file.flush()
}
