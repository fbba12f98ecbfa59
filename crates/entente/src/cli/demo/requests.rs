//! Requests of the demo: one in each of several states, and a contest that won.

use anyhow::Context as _;
use node::act::request::{NewRequest, NewStep};
use node::model::Marking;
use node::request::deadline::Wanted;
use node::request::{Category, Contact, Ground, GroundKind, Kind, Preset, Verb};
use node::{Caller, Node};

use super::fill::{Member, token};

/// What is asked, for the demo.
struct Asked {
    to: usize,
    kind: Kind,
    category: Category,
    title: &'static str,
    words: &'static str,
    targets: &'static [&'static str],
    ground: Option<(GroundKind, &'static str, &'static str)>,
    marking: Marking,
    deadline: Preset,
}

const REMOVED: Asked = Asked {
    to: 0,
    kind: Kind::Takedown,
    category: Category::HateSpeech,
    title: "Example: incitement on page 7",
    words: "Invented for this demo. On page 7 people are called upon to burn down a house. Please remove it.",
    targets: &["https://page-seven.example/7"],
    ground: Some((
        GroundKind::Law,
        "Example Penal Code, section 130",
        "It calls for violence against a group.",
    )),
    marking: Marking::Clear,
    deadline: Preset::Standard,
};

const KEPT: Asked = Asked {
    to: 0,
    kind: Kind::Preservation,
    category: Category::Attacks,
    title: "Example: keep the logs of one server",
    words: "Invented for this demo. Please keep what was logged on 3 March, until we can ask for it.",
    targets: &[],
    ground: None,
    marking: Marking::Amber,
    deadline: Preset::Contact,
};

const SILENT: Asked = Asked {
    to: 0,
    kind: Kind::Information,
    category: Category::ElectionInterference,
    title: "Example: who pays for these advertisements?",
    words: "Invented for this demo. We see the same advertisement under forty names.",
    targets: &["https://forty-names.example/"],
    ground: None,
    marking: Marking::Clear,
    deadline: Preset::Contact,
};

const DECLINED: Asked = Asked {
    to: 1,
    kind: Kind::Referral,
    category: Category::TradeSecrets,
    title: "Example: a drop point in your country",
    words: "Invented for this demo. Design files lie on a server in your country.",
    targets: &["drop-point.example"],
    ground: None,
    marking: Marking::AmberStrict,
    deadline: Preset::Standard,
};

impl Asked {
    fn request(&self, members: &[Member]) -> anyhow::Result<NewRequest> {
        let to = members
            .get(self.to)
            .context("the demo has no such member")?;
        Ok(NewRequest {
            to: to.party.clone(),
            kind: self.kind,
            category: self.category,
            title: self.title.into(),
            words: self.words.into(),
            targets: self.targets.iter().map(|&target| target.into()).collect(),
            signals: Vec::new(),
            principle: None,
            ground: self.ground.map(|(kind, reference, explanation)| Ground {
                kind,
                reference: reference.into(),
                url: None,
                explanation: explanation.into(),
            }),
            country: None,
            contact: Some(Contact {
                name: "A. Person (fictional)".into(),
                email: "a.person@borealis.example".into(),
            }),
            good_faith: true,
            evidence: Vec::new(),
            marking: self.marking,
            reference: None,
            follows: None,
            deadline: Wanted {
                preset: self.deadline,
                ..Wanted::default()
            },
            draft: false,
        })
    }
}

/// Fills the demo's node with requests between its members.
///
/// # Errors
/// The node's.
pub(super) async fn fill(node: &Node, members: &[Member]) -> anyhow::Result<()> {
    let [company, authority, ..] = members else {
        anyhow::bail!("the demo has too few members");
    };
    let (company_id, authority) = (&company.party, node.authenticate(&authority.token)?);
    let company = node.authenticate(&company.token)?;
    let second = node.authenticate(&token(node, company_id, "second-pair-of-eyes").await?)?;
    let send = async |caller: &Caller, asked: &Asked| -> anyhow::Result<String> {
        let sent = node
            .send_request(caller, asked.request(members)?, None)
            .await?;
        Ok(sent.case.request.id)
    };
    let step = async |caller: &Caller, id: &str, verb, words| -> anyhow::Result<()> {
        let new = NewStep::new(verb, words);
        node.step_request(caller, id, new, None).await?;
        Ok(())
    };
    let removed = send(&authority, &REMOVED).await?;
    let why = "I quoted a speech to warn of it.";
    contested(node, &company, &removed, why).await?;
    let why = "It is a quotation that warns of what it quotes.";
    step(&second, &removed, Verb::Reverse, Some(why)).await?;
    step(
        &company,
        &removed,
        Verb::Restore,
        Some("The comment is back."),
    )
    .await?;

    let kept = send(&authority, &KEPT).await?;
    step(&company, &kept, Verb::Ask, Some("Of which server?")).await?;

    let silent = send(&authority, &SILENT).await?;
    step(&company, &silent, Verb::Acknowledge, None).await?;
    let why = "The election is on Sunday.";
    step(&authority, &silent, Verb::Escalate, Some(why)).await?;

    let declined = send(&company, &DECLINED).await?;
    let why = "It is no server of ours, nor in our country.";
    step(&authority, &declined, Verb::Decline, Some(why)).await?;

    let again = send(
        &authority,
        &Asked {
            title: "Example: a copy on page 9",
            ..REMOVED
        },
    )
    .await?;
    let why = "This page is a newspaper's archive.";
    contested(node, &company, &again, why).await?;
    send(
        &authority,
        &Asked {
            title: "Example: another copy on page 12",
            ..REMOVED
        },
    )
    .await?;
    Ok(())
}

/// Does what is asked, and lets whoever it affects contest it.
async fn contested(node: &Node, company: &Caller, id: &str, why: &str) -> anyhow::Result<()> {
    let steps = [
        (Verb::Accept, Some("Today.")),
        (Verb::Done, Some("It is gone.")),
        (Verb::Link, None),
    ];
    let mut link = None;
    for (verb, words) in steps {
        let new = NewStep::new(verb, words);
        link = node.step_request(company, id, new, None).await?.link;
    }
    let link = link.context("the demo made no link")?;
    node.contest(&link, why.into(), None).await?;
    Ok(())
}
