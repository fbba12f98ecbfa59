//! Attachments and contacts beside the journal: who may, who sees, what is lost and what is forgotten.

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use node::act::request::{NewEvidence, NewStep};
use node::clock::{Clock, Instant};
use node::model::Marking;
use node::request::{Evidence, Verb};
use node::{Caller, Error, EvidenceLimits, Node, Options, Refusal};

use super::{DAY, members, takedown};
use crate::fixture::{NEW_YEAR, member};

fn file(bytes: &'static [u8], marking: Marking) -> NewEvidence {
    NewEvidence {
        name: "page.txt".into(),
        media_type: "text/plain".into(),
        marking,
        bytes: Bytes::from_static(bytes),
    }
}

async fn keep(node: &Node, caller: &Caller, bytes: &'static [u8], marking: Marking) -> Evidence {
    node.keep_evidence(caller, file(bytes, marking))
        .await
        .unwrap()
}

#[tokio::test]
async fn an_attachment_is_its_senders_to_attach_and_its_markings_to_see() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, beta, gamma] = members(&node).await;
    let open = keep(&node, &alpha, b"for all", Marking::Clear).await;
    let amber = keep(&node, &alpha, b"for two", Marking::Amber).await;
    let mut new = takedown(Marking::Clear);
    new.evidence = vec![open.clone(), amber.clone()];
    let theirs = node
        .send_request(&beta, takedown(Marking::Clear), None)
        .await;
    assert!(theirs.is_err(), "beta does not ask itself");
    let mut stolen = new.clone();
    stolen.to = "alpha".into();
    // Whether it is here already is told to nobody: these bytes and bytes nobody has are refused alike.
    let refused = node.send_request(&beta, stolen.clone(), None).await;
    stolen.evidence[0].sha256 = [7; 32];
    let unknown = node.send_request(&beta, stolen, None).await;
    assert_eq!(refused.clone().unwrap_err(), unknown.unwrap_err());
    assert!(matches!(refused, Err(Error::Invalid(_))));
    let case = node.send_request(&alpha, new, None).await.unwrap();
    let id = case.case.request.id;
    for (caller, sees) in [
        (&alpha, true),
        (&beta, true),
        (&gamma, false),
        (&Caller::Anonymous, false),
    ] {
        let first = node.attachment(caller, &id, &open.digest()).unwrap();
        assert_eq!(first.bytes, Bytes::from_static(b"for all"));
        let second = node.attachment(caller, &id, &amber.digest());
        assert_eq!(second.is_ok(), sees);
        let view = node.request_case(caller, &id).unwrap();
        assert_eq!(view.case.request.evidence.len(), if sees { 2 } else { 1 });
    }
    let none = node.attachment(&gamma, &id, &"0".repeat(64)).unwrap_err();
    let hidden = node.attachment(&gamma, &id, &amber.digest()).unwrap_err();
    assert_eq!(none, hidden);
    // The recipient attaches what it found; the same bytes again are its own.
    let found = keep(&node, &beta, b"for two", Marking::Clear).await;
    let step = NewStep {
        evidence: vec![found.clone()],
        ..NewStep::new(Verb::Note, Some("As we saw it."))
    };
    node.step_request(&beta, &id, step, None).await.unwrap();
    node.attachment(&gamma, &id, &found.digest()).unwrap();
    for refused in [
        node.keep_evidence(&Caller::Anonymous, file(b"x", Marking::Clear))
            .await,
        node.keep_evidence(
            &member(&node, "delta", "read,publish").await,
            file(b"x", Marking::Clear),
        )
        .await,
    ] {
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
}

/// How many files of one octet a party may keep.
async fn keep_many(node: &Node, caller: &Caller) -> usize {
    for (count, byte) in [b"1", b"2", b"3", b"4"].into_iter().enumerate() {
        let kept = node.keep_evidence(caller, file(byte, Marking::Clear));
        if kept.await.is_err() {
            return count;
        }
    }
    usize::MAX
}

#[tokio::test]
async fn what_another_node_may_have_taken_is_kept_for_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let node = on_disk(&folder, true);
    members(&node).await;
    let files = folder.path().join("d/evidence");
    std::fs::create_dir_all(&files).unwrap();
    let theirs = files.join("ab".repeat(32));
    std::fs::write(&theirs, b"theirs").unwrap();
    assert_eq!(node.sweep_evidence().unwrap(), 0);
    let now = Duration::from_micros(node.now().0.unsigned_abs());
    let written = UNIX_EPOCH + now - Duration::from_hours(26);
    let file = std::fs::File::options().write(true).open(&theirs).unwrap();
    file.set_modified(written).unwrap();
    assert_eq!(node.sweep_evidence().unwrap(), 1);
    assert!(!theirs.exists());
}

#[tokio::test]
async fn a_token_for_one_collection_forgets_nobody() {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let [alpha, _, gamma] = members(&node).await;
    let sent = node.send_request(&alpha, takedown(Marking::Clear), None);
    let id = sent.await.unwrap().case.request.id;
    let Caller::Member(mut narrow) = gamma else {
        unreachable!()
    };
    narrow.scopes.administer = true;
    narrow.collections = vec!["place".into()];
    let refused = node.forget_contact(&Caller::Member(narrow), &id).await;
    assert_eq!(
        refused.unwrap_err(),
        Error::Refused(Refusal::OtherCollections)
    );
}

/// A node on disk with small limits.
fn on_disk(folder: &tempfile::TempDir, create: bool) -> Node {
    let options = Options {
        evidence: EvidenceLimits {
            file: 100,
            party: 8200,
        },
        ..Options::default()
    };
    let data = folder.path().join("d");
    let opened = if create {
        Node::create(&data, &options)
    } else {
        Node::open(&data, &options)
    };
    opened.unwrap()
}

/// Whether any file of a folder holds these bytes.
fn holds(folder: &std::path::Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, wanted);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

#[tokio::test]
async fn what_is_lost_is_told_and_the_case_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let node = on_disk(&folder, true);
    let [alpha, beta, _] = members(&node).await;
    let kept = keep(&node, &alpha, &[b'a'; 90], Marking::Clear).await;
    let too_large = node
        .keep_evidence(&alpha, file(&[b'a'; 101], Marking::Clear))
        .await;
    assert!(matches!(too_large, Err(Error::Limit(_))));
    keep(&node, &alpha, &[b'b'; 90], Marking::Clear).await;
    // The same again costs nothing.
    keep(&node, &alpha, &[b'b'; 90], Marking::Clear).await;
    let too_much = node
        .keep_evidence(&alpha, file(&[b'c'; 90], Marking::Clear))
        .await;
    assert!(matches!(too_much, Err(Error::Limit(_))));
    let mut new = takedown(Marking::Clear);
    new.evidence = vec![kept.clone()];
    let sent = node.send_request(&alpha, new, Some("k")).await.unwrap();
    assert_eq!(sent.case.request.contact.unwrap().name, "A. Person");
    let id = sent.case.request.id;
    let empty = keep_many(&node, &beta).await;
    assert_eq!(empty, 2, "however small, a file takes its place on a disk");
    drop(node);
    let files = folder.path().join("d/evidence");
    std::fs::write(files.join("0badcafe.part"), b"half").unwrap();
    let node = on_disk(&folder, false);
    assert!(!files.join("0badcafe.part").exists());
    let read = |node: &Node| node.attachment(&beta, &id, &kept.digest());
    assert_eq!(read(&node).unwrap().bytes.len(), 90);
    let too_much = node
        .keep_evidence(&alpha, file(&[b'c'; 90], Marking::Clear))
        .await;
    assert!(
        matches!(too_much, Err(Error::Limit(_))),
        "a start forgets no quota"
    );
    std::fs::write(files.join(kept.digest()), [b'x'; 90]).unwrap();
    let damaged = read(&node).unwrap_err();
    assert!(damaged.to_string().contains("damaged"), "{damaged}");
    std::fs::remove_file(files.join(kept.digest())).unwrap();
    let missing = read(&node).unwrap_err();
    assert!(missing.to_string().contains("missing"), "{missing}");
    node.request_case(&beta, &id).unwrap();
    // Sent anew it is whole again.
    keep(&node, &alpha, &[b'a'; 90], Marking::Clear).await;
    read(&node).unwrap();
}

#[tokio::test]
async fn who_is_forgotten_stands_in_no_file_and_the_log_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let node = on_disk(&folder, true);
    let [alpha, beta, gamma] = members(&node).await;
    let sent = node
        .send_request(&alpha, takedown(Marking::Clear), Some("k"))
        .await
        .unwrap();
    // Sent twice with one key the contact is kept once.
    node.send_request(&alpha, takedown(Marking::Clear), Some("k"))
        .await
        .unwrap();
    let contacts = folder.path().join("d/evidence/contacts");
    assert_eq!(std::fs::read_dir(&contacts).unwrap().count(), 1);
    let id = sent.case.request.id;
    let seen = node.request_case(&beta, &id).unwrap().case.request.contact;
    assert_eq!(seen.unwrap().email, "person@alpha.example");
    assert!(
        node.request_case(&gamma, &id)
            .unwrap()
            .case
            .request
            .contact
            .is_none()
    );
    for caller in [&beta, &gamma] {
        let refused = node.forget_contact(caller, &id).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
    // A refused request keeps nobody.
    let mut refused = takedown(Marking::Clear);
    refused.follows = Some("000000000000".into());
    node.send_request(&alpha, refused, None).await.unwrap_err();
    assert_eq!(std::fs::read_dir(&contacts).unwrap().count(), 1);
    node.forget_contact(&alpha, &id).await.unwrap();
    let view = node.request_case(&alpha, &id).unwrap();
    assert!(view.case.request.contact.is_none() && view.case.forgotten);
    let again = node.forget_contact(&alpha, &id).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    drop(node);
    let data = folder.path().join("d");
    assert!(!holds(&data, b"person@alpha.example"));
    Node::verify(&data, &mut |_| {}).unwrap();
}

#[tokio::test]
async fn what_nobody_names_is_swept_up_after_a_day() {
    let journal: std::sync::Arc<journal::memory::Memory> = std::sync::Arc::default();
    let clock = Clock::Stepping(NEW_YEAR.0.into(), DAY / 48);
    let node = Node::on(journal, clock).unwrap();
    let [alpha, beta, _] = members(&node).await;
    let named = keep(&node, &alpha, b"named", Marking::Clear).await;
    let mut new = takedown(Marking::Clear);
    new.evidence = vec![named.clone()];
    let id = node
        .send_request(&alpha, new, None)
        .await
        .unwrap()
        .case
        .request
        .id;
    let forgotten = keep(&node, &alpha, b"forgotten", Marking::Clear).await;
    assert_eq!(node.sweep_evidence().unwrap(), 0);
    let until = Instant(node.now().0 + DAY + DAY / 12);
    while node.now() < until {}
    assert_eq!(
        node.sweep_evidence().unwrap(),
        2,
        "the bytes, and who sent them"
    );
    node.attachment(&beta, &id, &named.digest()).unwrap();
    let step = NewStep {
        evidence: vec![forgotten],
        ..NewStep::new(Verb::Note, Some("Late."))
    };
    let late = node.step_request(&alpha, &id, step, None).await;
    assert!(matches!(late, Err(Error::Invalid(_))), "{late:?}");
}
