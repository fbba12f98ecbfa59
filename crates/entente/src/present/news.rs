//! News in words, for feeds and mail.

use node::Node;
use node::act::news::{AboutCommitment, AboutRequest, Did, Fact, What};
use node::directory::Directory;
use node::request::Verb;
use stix::Object;

/// One piece of news as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    /// The position of its entry.
    pub(crate) position: u64,
    /// When it was recorded, in microseconds.
    pub(crate) at: i64,
    /// The topic's slug.
    pub(crate) topic: &'static str,
    /// What happened, on one line.
    pub(crate) title: String,
    /// More of it; may be empty.
    pub(crate) detail: String,
    /// The path of the page about it.
    pub(crate) page: String,
    /// The name of the party that it is about.
    pub(crate) party: String,
}

impl News {
    /// A fact in words.
    pub(crate) fn of(node: &Node, fact: &Fact) -> Self {
        let directory = node.directory();
        let party = name(&directory, &fact.party);
        let (title, detail) = words(&directory, &party, &fact.what);
        let page = match &fact.what {
            What::Version { number, .. } | What::Adopted(number) => {
                format!("/pledge/versions/{number}")
            }
            What::Request(about) => format!("/requests/{}", about.id),
            What::Commitment(about) => format!("/commitment/{}", about.id),
            _ => format!("/party/{}", fact.party),
        };
        News {
            position: fact.recorded.position,
            at: fact.recorded.at.0,
            topic: fact.topic.as_str(),
            title,
            detail,
            page,
            party,
        }
    }

    /// The path of the receipt of its entry.
    pub(crate) fn receipt(&self) -> String {
        format!("/log/receipt/{}", self.position)
    }
}

/// The name of a party, by its id.
pub(crate) fn name(directory: &Directory, id: &str) -> String {
    let party = directory.register().party(id);
    party.map_or(id, |party| &party.name).to_owned()
}

fn words(directory: &Directory, party: &str, what: &What) -> (String, String) {
    let none = String::new();
    match what {
        What::Party => (format!("{party} is listed"), none),
        What::Stance {
            stance,
            before,
            since,
            source,
        } => {
            let source = source
                .as_deref()
                .map_or(none, |source| format!("; {source}"));
            let title = match before {
                Some(before) if before == stance => {
                    format!("{party}: {} is confirmed", stance.label())
                }
                Some(before) => format!("{party}: {}, was {}", stance.label(), before.label()),
                None => format!("{party}: {}", stance.label()),
            };
            (title, format!("Since {since}{source}"))
        }
        What::Invited(stance) => (format!("{party} is invited: {}", stance.label()), none),
        What::Answered(how) => (format!("{party}: the invitation is {how}"), none),
        What::Terms { title, from } => (
            format!("{party}: terms “{title}”"),
            format!("From {from} on"),
        ),
        What::Reserved(principles) => (
            format!("{party} signed with reservations"),
            format!("On {principles} of the principles"),
        ),
        What::Became { how, to } => (format!("{party} is {how}: {}", name(directory, to)), none),
        What::Request(about) => request(&name(directory, &about.from), party, about),
        What::Commitment(about) => commitment(directory, party, about),
        other => more_words(directory, party, other),
    }
}

/// The same of versions, keys and signatures.
fn more_words(directory: &Directory, party: &str, what: &What) -> (String, String) {
    let none = String::new();
    match what {
        What::Version {
            number,
            date,
            changes,
        } => (
            format!("Version {number} of the pledge, of {date}"),
            changes.clone(),
        ),
        What::Adopted(number) => (format!("{party} adopted version {number}"), none),
        What::Key { key, replaces } => {
            let replaces = replaces.as_ref();
            let detail = replaces.map_or(none, |old| format!("In place of {old}"));
            (format!("{party} has a new key, {key}"), detail)
        }
        What::KeyRevoked { key, reason } => {
            (format!("{party}: the key {key} is revoked"), reason.clone())
        }
        What::Domain(domain) => (format!("{party} says that {domain} is its own"), none),
        What::Proof { domain, good } => {
            let how = if *good {
                "is proved"
            } else {
                "is not proved any more"
            };
            (format!("{party}: {domain} {how}"), none)
        }
        What::Signed(version) => (
            format!("{party} signed version {version} with its key"),
            none,
        ),
        What::Sponsored(by) => (format!("{} vouches for {party}", name(directory, by)), none),
        What::Unsponsored(by) => (
            format!(
                "{} does not vouch for {party} any more",
                name(directory, by)
            ),
            none,
        ),
        _ => (party.to_owned(), none),
    }
}

fn request(from: &str, to: &str, about: &AboutRequest) -> (String, String) {
    let kind = about.kind.label().to_lowercase();
    let did = match about.verb {
        Verb::Send => {
            return (format!("{from} asks {to}: {kind}"), about.title.clone());
        }
        Verb::Acknowledge => "acknowledged",
        Verb::Accept => "accepted",
        Verb::Decline => "declined",
        Verb::Ask => "more information is asked for",
        Verb::Answer => "the question is answered",
        Verb::Done => "done",
        Verb::Contest => "contested by whom it affects",
        Verb::Uphold => "the contest is turned down",
        Verb::Reverse => "reversed after a contest",
        Verb::Restore => "what was reversed is restored",
        Verb::Withdraw => "taken back",
        Verb::Escalate => "before the steward",
        Verb::Expire => "nobody answered",
        Verb::Close | Verb::Discard => "closed",
        Verb::Link | Verb::Note | Verb::Remind | Verb::Forget => "noted",
    };
    (
        format!("{from} to {to}, {kind}: {did}"),
        about.title.clone(),
    )
}

fn commitment(directory: &Directory, party: &str, about: &AboutCommitment) -> (String, String) {
    let principle = format!("principle {}", about.principle);
    let title = match &about.did {
        Did::Commit => format!("{party} commits itself under {principle}"),
        Did::Amend => format!("{party} amends a commitment under {principle}"),
        Did::Withdraw => format!("{party} takes back a commitment under {principle}"),
        Did::Report(how_far) => {
            format!("{party} reports under {principle}: {}", how_far.label())
        }
        Did::Review(by, how_far) => format!(
            "{} reviews {party} under {principle}: {}",
            name(directory, by),
            how_far.label()
        ),
        Did::Counter(by) => format!(
            "{} shows evidence against {party} under {principle}",
            name(directory, by)
        ),
        Did::Letter(to) => format!(
            "Letter to {party} under {principle}: {} is next",
            to.label()
        ),
        Did::RevokeLetter => format!("A letter to {party} under {principle} is taken back"),
        Did::Reply => format!("{party} answers under {principle}"),
        Did::Become(to) => format!("{party} under {principle}: {}", to.label()),
    };
    (title, about.words.chars().take(LONGEST_WORDS).collect())
}

/// Characters of the words of others.
const LONGEST_WORDS: usize = 400;
/// Characters of a title.
const LONGEST_TITLE: usize = 200;

/// What a signal is called, and what it says: its name or first value; description and values.
pub(crate) fn signal(bytes: &[u8]) -> Option<(String, String)> {
    let object = Object::parse(bytes).ok()?;
    let said = stix::signal::observables(&object);
    let values: Vec<&str> = said.iter().map(|said| said.value.as_ref()).collect();
    let title = object
        .name()
        .map(String::from)
        .or_else(|| values.first().map(ToString::to_string))
        .unwrap_or_else(|| object.id().to_string());
    let title = title.chars().take(LONGEST_TITLE).collect::<String>();
    let description = object.description().unwrap_or_default();
    let summary = [description.as_ref(), &values.join(" ")].join("\n");
    Some((title, summary.trim().to_owned()))
}
