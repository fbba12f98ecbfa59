//! How the demo's members came to the pledge: an invitation, steps of talks, terms of a partner.

use node::accession::{Answered, Shown, Terms};
use node::act::accession::{NewAnswer, NewInvitation, NewStep};
use node::model::Marking;
use node::pledge::Stance;
use node::{Caller, Node};

use super::fill::Member;

/// What the steward and the member in talks did, and the terms of the partner.
///
/// # Errors
/// The node's.
pub(super) async fn fill(node: &Node, partner: &Member, talking: &Member) -> anyhow::Result<()> {
    let steward = Caller::Operator;
    let party = node.authenticate(&talking.token)?;
    let invitation = NewInvitation {
        party: talking.party.clone(),
        date: None,
        words: "The steward invites the observatory to sign.".into(),
        join_as: Stance::Signed,
        public: true,
    };
    let sent = node.invite(&steward, invitation).await?;
    let accepts = NewAnswer {
        answered: Answered::Accepted,
        date: None,
        reason: Some("We measure what the Call protects.".into()),
        source: None,
    };
    node.answer_invitation(&party, &sent.id, accepts).await?;
    let step = |topics: &[&str], words: &str, show, replaces| NewStep {
        party: talking.party.clone(),
        date: None,
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        words: words.into(),
        show,
        replaces,
    };
    let shown = Shown {
        words: false,
        ..Shown::ALL
    };
    let first = step(
        &["2"],
        "First meeting, on measuring interference.",
        shown,
        None,
    );
    let first = node.put_step(&steward, first).await?;
    node.agree_step(&party, &first.id, Shown::ALL, None).await?;
    let words = "The first meeting was on two principles.";
    let second = step(&["2", "3"], words, Shown::ALL, Some(first.id));
    let second = node.put_step(&party, second).await?;
    node.agree_step(&steward, &second.id, Shown::ALL, None)
        .await?;
    let draft = step(&["9"], "A draft of a reservation.", shown, None);
    node.put_step(&party, draft).await?;
    let waits = step(&["9"], "The steward answered the draft.", shown, None);
    node.put_step(&steward, waits).await?;
    let today = node.now().day();
    let terms = Terms {
        id: "other-forms".into(),
        title: "Involved under other forms".into(),
        party: partner.party.clone(),
        collections: Vec::new(),
        up_to: Marking::Amber,
        publish: true,
        from: today,
        until: today.checked_add(jiff::Span::new().years(1)).ok(),
        source: "invented for this demo".into(),
        public: true,
    };
    node.set_terms(&steward, terms).await?;
    Ok(())
}
