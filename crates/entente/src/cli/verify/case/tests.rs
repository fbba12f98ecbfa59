//! Bundles that hold, and those that somebody changed.

use node::act::manage::NewToken;
use node::act::request::{NewEvidence, NewRequest, NewStep};
use node::clock::Clock;
use node::log::note::SigningKey;
use node::log::policy::Policy;
use node::model::{Marking, Scopes};
use node::pledge::{Basis, Kind as PartyKind, Party, PledgeFile, Precision, Stance, StanceChange};
use node::request::deadline::Wanted;
use node::request::{Category, Contact, Ground, GroundKind, Kind, Verb};
use node::{Caller, Node};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::case::archive;
use crate::case::{bundle, countersign};
use crate::xarf::hex;

const NEW_YEAR: node::clock::Instant = node::clock::Instant(1_767_225_600_000_000);
const PLEDGE: &str = include_str!("../../../../../node/tests/pledge.toml");

type Files = Vec<(String, Vec<u8>)>;
/// What a liar changes.
type Change<'c> = &'c dyn Fn(&mut Manifest, &mut Files);

async fn kept(node: &Node, caller: &Caller, name: &str, bytes: &'static [u8]) -> request::Evidence {
    let new = NewEvidence {
        name: name.into(),
        media_type: "application/octet-stream".into(),
        marking: Marking::Amber,
        bytes: bytes.into(),
    };
    node.keep_evidence(caller, new).await.unwrap()
}

/// A node with a takedown that was accepted, done, contested and reversed.
struct Story {
    node: Node,
    id: String,
    callers: Vec<Caller>,
}

async fn caller(node: &Node, party: &str) -> Caller {
    let new = NewToken {
        party: party.into(),
        account: "desk".into(),
        scopes: "read,publish".parse::<Scopes>().unwrap(),
        collections: Vec::new(),
        expires: None,
    };
    let (secret, _) = node.create_token(&Caller::Operator, new).await.unwrap();
    node.authenticate(&secret.text).unwrap()
}

fn takedown(title: &str, marking: Marking) -> NewRequest {
    NewRequest {
        to: "beta".into(),
        kind: Kind::Takedown,
        category: Category::Fraud,
        title: title.into(),
        words: "Please remove <b>what</b> stands there.".into(),
        targets: vec!["https://example.org/7".into(), "192.0.2.7:443".into()],
        signals: Vec::new(),
        principle: Some(1),
        ground: Some(Ground {
            kind: GroundKind::Law,
            reference: "Penal Code, section 263".into(),
            url: None,
            explanation: "It takes credentials.".into(),
        }),
        country: None,
        contact: Some(Contact {
            name: "A. Person".into(),
            email: "person@alpha.example".into(),
        }),
        good_faith: true,
        evidence: Vec::new(),
        marking,
        reference: None,
        follows: None,
        deadline: Wanted::default(),
        draft: false,
    }
}

async fn story(marking: Marking) -> Story {
    let node = Node::in_memory(Clock::manual(NEW_YEAR)).unwrap();
    let file = PledgeFile::parse(PLEDGE, "test.toml").unwrap();
    node.load_pledge(&Caller::Operator, file).await.unwrap();
    let mut callers = Vec::new();
    for id in ["alpha", "beta", "gamma"] {
        let party = Party {
            id: id.into(),
            name: id.to_uppercase(),
            kind: PartyKind::PrivateSector,
            country: None,
            listed: None,
        };
        node.add_party(&Caller::Operator, party).await.unwrap();
        let change = StanceChange {
            party: id.into(),
            stance: Stance::Signed,
            since: "2020-06-01".parse().unwrap(),
            basis: Basis::SignedOn,
            precision: Precision::Day,
            source: Some("text".into()),
            note: Some("for tests".into()),
        };
        node.set_stance(&Caller::Operator, change).await.unwrap();
        callers.push(caller(&node, id).await);
    }
    let (alpha, beta) = (&callers[0], &callers[1]);
    // Another request between the same two: its entries are not this one's.
    node.send_request(alpha, takedown("Another", marking), None)
        .await
        .unwrap();
    let mut new = takedown("Phishing on page 7", marking);
    new.evidence = vec![kept(&node, alpha, "page.png", b"what alpha saw").await];
    let sent = node.send_request(alpha, new, None).await.unwrap();
    let id = sent.case.request.id;
    let step = async |caller: &Caller, verb, words| {
        let new = NewStep::new(verb, words);
        node.step_request(caller, &id, new, None).await.unwrap()
    };
    step(beta, Verb::Accept, Some("It takes credentials.")).await;
    let mut done = NewStep::new(Verb::Done, Some("The page is gone."));
    done.evidence = vec![kept(&node, beta, "log of it", b"what beta did").await];
    node.step_request(beta, &id, done, None).await.unwrap();
    let link = step(beta, Verb::Link, None).await.link.unwrap();
    node.contest(&link, "It was a quotation.".into(), None)
        .await
        .unwrap();
    step(&Caller::Operator, Verb::Reverse, Some("A quotation.")).await;
    Story { node, id, callers }
}

impl Story {
    fn bundle(&self, caller: &Caller) -> Vec<u8> {
        bundle(&self.node, caller, &self.id).unwrap()
    }

    fn check(&self, octets: &[u8], more: &[VerifierKey]) -> Bundle {
        let log = self.node.log().key().verifier().clone();
        let policy = Policy::of_log(log.clone());
        let trusted = Trusted {
            policy: Some(&policy),
            signers: more,
            object: None,
        };
        let known: Vec<VerifierKey> = [log].into_iter().chain(more.iter().cloned()).collect();
        check("case.zip", octets, &trusted, &known)
    }
}

fn members(octets: &[u8]) -> Files {
    let mut found = Vec::new();
    archive::read(octets, |name, member| {
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes)?;
        found.push((name.to_owned(), bytes));
        Ok(())
    })
    .unwrap();
    found
}

/// What an exporter could sign that wants to tell something else: files and manifest agree.
fn forged(
    octets: &[u8],
    key: &SigningKey,
    change: impl FnOnce(&mut Manifest, &mut Files),
) -> Vec<u8> {
    let mut files = members(octets);
    let mut manifest: Manifest = serde_json::from_slice(&files[0].1).unwrap();
    files.drain(..2);
    change(&mut manifest, &mut files);
    files.sort();
    manifest.files = files
        .iter()
        .map(|(path, octets)| crate::case::manifest::File {
            path: path.clone(),
            sha256: hex(&Sha256::digest(octets)),
            bytes: octets.len() as u64,
        })
        .collect();
    let text = serde_json::to_vec(&manifest).unwrap();
    let note = key.sign_note(&statement(&manifest.request, &text)).unwrap();
    let head = [
        (MANIFEST.to_owned(), text),
        (NOTE.to_owned(), note.to_string().into_bytes()),
    ];
    let all: Vec<_> = head.into_iter().chain(files).collect();
    archive::write(&all).unwrap()
}

/// Where a file is.
fn file(files: &Files, name: &str) -> usize {
    files.iter().position(|(known, _)| known == name).unwrap()
}

fn failure(bundle: &Bundle) -> (&'static str, String, String) {
    assert!(!bundle.holds);
    let last = bundle.checks.last().unwrap();
    (last.name, last.place.clone(), last.words.clone())
}

#[tokio::test]
async fn both_sides_export_a_case_that_proves_itself() {
    let story = story(Marking::Amber).await;
    for caller in [&story.callers[0], &story.callers[1], &Caller::Operator] {
        let octets = story.bundle(caller);
        assert_eq!(octets, story.bundle(caller), "the same each time");
        let verdict = story.check(&octets, &[]);
        assert!(verdict.holds, "{:?}", verdict.checks);
        let told = verdict.case.as_ref().unwrap();
        assert_eq!(
            (told.state, told.outcome),
            (Some("closed"), Some("reversed"))
        );
        assert_eq!((told.entries, told.evidence), (6, 2));
        assert!(verdict.hidden.is_empty(), "{:?}", verdict.hidden);
        let names: Vec<String> = members(&octets).into_iter().map(|(name, _)| name).collect();
        for name in ["index.html", "request.json", "xarf.json", "manifest.json"] {
            assert!(names.contains(&name.to_owned()), "{names:?}");
        }
        let read = read(&octets).unwrap();
        assert_eq!(read.case.request.title, "Phishing on page 7");
        assert_eq!(
            read.case.request.contact.unwrap().email,
            "person@alpha.example"
        );
        let files: Vec<&[u8]> = read.files.iter().map(|(_, bytes)| &bytes[..]).collect();
        assert_eq!(files, [&b"what alpha saw"[..], b"what beta did"]);
        assert_eq!(read.steps.len(), 5);
    }
}

#[tokio::test]
async fn a_third_party_exports_what_it_sees_and_is_told_what_is_hidden() {
    let story = story(Marking::Amber).await;
    let octets = story.bundle(&story.callers[2]);
    for (name, member) in members(&octets) {
        let text = String::from_utf8_lossy(&member).into_owned();
        for secret in [
            "Phishing",
            "person@",
            "example.org",
            "quotation",
            "desk",
            "what alpha",
        ] {
            assert!(!text.contains(secret), "{secret} in {name}");
        }
    }
    let verdict = story.check(&octets, &[]);
    assert!(verdict.holds, "{:?}", verdict.checks);
    assert_eq!(verdict.hidden.len(), 6);
    assert_eq!(verdict.case.as_ref().unwrap().state, None);
    assert!(read(&octets).is_err());
    let missing = bundle(&story.node, &story.callers[2], "000000000000").map(|_| ());
    assert!(missing.is_err());
}

#[tokio::test]
async fn what_is_seen_in_words_is_not_proven_and_says_so() {
    let story = story(Marking::Clear).await;
    let octets = story.bundle(&Caller::Anonymous);
    let verdict = story.check(&octets, &[]);
    assert!(verdict.holds, "{:?}", verdict.checks);
    assert_eq!(verdict.hidden.len(), 6);
    let all: Vec<u8> = members(&octets)
        .into_iter()
        .flat_map(|(_, octets)| octets)
        .collect();
    let text = String::from_utf8_lossy(&all);
    assert!(text.contains("Phishing on page 7") && !text.contains("person@"));
    let told = verdict.facts();
    assert!(told.iter().any(|(label, _)| *label == "told"), "{told:?}");
}

#[tokio::test]
async fn what_is_red_is_for_the_two_sides_alone() {
    let story = story(Marking::AmberStrict).await;
    let mut new = takedown("Red", Marking::Red);
    new.kind = Kind::Assistance;
    let sent = story.node.send_request(&story.callers[0], new, None).await;
    let red = Story {
        id: sent.unwrap().case.request.id,
        ..story
    };
    for caller in &red.callers[..2] {
        let octets = red.bundle(caller);
        let verdict = red.check(&octets, &[]);
        assert!(verdict.holds, "{:?}", verdict.checks);
        assert!(verdict.hidden.is_empty());
    }
    assert!(bundle(&red.node, &red.callers[2], &red.id).is_err());
}

#[tokio::test]
async fn nobody_trusts_a_bundle_without_a_key_or_by_another() {
    let story = story(Marking::Amber).await;
    let octets = story.bundle(&story.callers[0]);
    let trusted = Trusted {
        policy: None,
        signers: &[],
        object: None,
    };
    let verdict = check("case.zip", &octets[..], &trusted, &[]);
    assert_eq!(verdict.state(), "NOT PROVEN");
    let other = SigningKey::generate([9; 32], "other.example").unwrap();
    let policy = Policy::of_log(other.verifier().clone());
    let trusted = Trusted {
        policy: Some(&policy),
        ..trusted
    };
    let verdict = check(
        "case.zip",
        &octets[..],
        &trusted,
        &[other.verifier().clone()],
    );
    assert_eq!(failure(&verdict).0, "signature");
}

#[tokio::test]
async fn a_party_signs_it_too() {
    let story = story(Marking::Amber).await;
    let key = SigningKey::generate([5; 32], "alpha.example").unwrap();
    let octets = countersign(&story.bundle(&story.callers[0]), &key).unwrap();
    let verdict = story.check(&octets, &[key.verifier().clone()]);
    assert!(verdict.holds, "{:?}", verdict.checks);
    assert_eq!(verdict.case.unwrap().signed_by.len(), 2);
    assert!(
        story.check(&octets, &[]).holds,
        "the log's signature is still there"
    );
}

#[tokio::test]
async fn no_octet_can_change() {
    let story = story(Marking::Amber).await;
    let octets = story.bundle(&story.callers[0]);
    for at in (0..octets.len()).step_by(61) {
        let mut changed = octets.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(!story.check(&changed, &[]).holds, "octet {at}");
    }
    for at in (0..octets.len()).step_by(997) {
        assert!(!story.check(&octets[..at], &[]).holds, "cut at {at}");
    }
}

#[tokio::test]
async fn an_exporter_that_lies_is_found_out_with_the_place() {
    let story = story(Marking::Amber).await;
    let octets = story.bundle(&story.callers[1]);
    let key = SigningKey::generate([5; 32], "beta.example").unwrap();
    let known = [key.verifier().clone()];
    let tell = |change: Change<'_>| {
        let forged = forged(&octets, &key, |manifest, files| change(manifest, files));
        failure(&story.check(&forged, &known))
    };
    assert!(story.check(&forged(&octets, &key, |_, _| ()), &known).holds);
    // The case told otherwise.
    let (name, place, _) = tell(&|_, files| {
        let at = file(files, "request.json");
        let text = String::from_utf8(files[at].1.clone()).unwrap();
        files[at].1 = text
            .replace("The page is gone.", "Nothing was done.")
            .into_bytes();
    });
    assert_eq!((name, place.as_str()), ("case", "request.json /steps"));
    // A step left out: from the end, and from the middle.
    for (index, steps, wanted) in [(5, 4, "case"), (1, 4, "complete"), (2, 5, "complete")] {
        let (name, _, words) = tell(&|manifest, files| {
            let gone = manifest.entries.remove(index);
            files.retain(|(name, _)| *name != gone.receipt);
            manifest.steps = steps;
        });
        assert_eq!(name, wanted, "{index} {steps} {words}");
    }
    // Entries in another order, twice, or of another request.
    let (name, _, words) = tell(&|manifest, _| manifest.entries.swap(1, 2));
    assert_eq!(name, "entries", "{words}");
    let other = story
        .node
        .requests(&Caller::Operator, &node::act::request::Query::default());
    let other = other.unwrap().cases.last().unwrap().case.position;
    let receipt = story.node.receipt(&story.callers[1], other).unwrap();
    let (name, place, words) = tell(&|manifest, files| {
        let first = &mut manifest.entries[0];
        files.retain(|(name, _)| *name != first.receipt);
        first.position = other;
        first.receipt = format!("entries/{other}.tlog-proof");
        files.push((first.receipt.clone(), receipt.to_string().into_bytes()));
    });
    assert_eq!(
        (name, place),
        ("entries", format!("entries/{other}.tlog-proof"))
    );
    assert!(words.contains("not of this request"), "{words}");
}

/// The receipt of one entry, as if another log had signed the tree.
fn from_another_log(files: &mut Files, name: &str, log: &SigningKey) {
    let at = file(files, name);
    let mut receipt = Receipt::parse(&files[at].1).unwrap();
    let text = receipt.checkpoint.text();
    let (_, rest) = text.split_once('\n').unwrap();
    let text = format!("{}\n{rest}", log.verifier().name());
    receipt.checkpoint = log.sign_note(&text).unwrap();
    files[at].1 = receipt.to_string().into_bytes();
}

#[tokio::test]
async fn a_bundle_is_of_one_log() {
    let story = story(Marking::Amber).await;
    let octets = story.bundle(&story.callers[1]);
    let party = SigningKey::generate([5; 32], "beta.example").unwrap();
    let other = SigningKey::generate([7; 32], "other.example").unwrap();
    let own = story.node.log().key().verifier().clone();
    let mut policy = Policy::of_log(own.clone());
    policy.trust(other.verifier().clone());
    let trusted = Trusted {
        policy: Some(&policy),
        signers: &[],
        object: None,
    };
    let known = [party.verifier().clone(), other.verifier().clone(), own];
    let tell = |key: &SigningKey, change: Change<'_>| {
        let forged = forged(&octets, key, |manifest, files| change(manifest, files));
        failure(&check("case.zip", &forged[..], &trusted, &known))
    };
    // One receipt of another log, and all of them.
    let (name, place, words) = tell(&party, &|manifest, files| {
        from_another_log(files, &manifest.entries[1].receipt, &other);
    });
    assert_eq!(name, "entries", "{words}");
    assert!(
        place.starts_with("entries/") && words.contains("other.example"),
        "{words}"
    );
    let (name, _, words) = tell(&party, &|manifest, files| {
        for entry in &manifest.entries {
            from_another_log(files, &entry.receipt, &other);
        }
    });
    assert_eq!(name, "entries", "{words}");
    assert!(words.contains("manifest names"), "{words}");
    // A log signs for its own entries alone.
    let (name, _, words) = tell(&other, &|_, _| ());
    assert_eq!((name, words.contains("other.example")), ("signature", true));
}

#[tokio::test]
async fn what_nobody_proves_is_named_and_a_report_that_lies_is_found_out() {
    let story = story(Marking::Amber).await;
    let octets = story.bundle(&story.callers[1]);
    let said = |verdict: &Bundle, label: &str| {
        let mut facts = verdict.facts().into_iter();
        facts
            .find(|(known, _)| *known == label)
            .map(|(_, words)| words)
    };
    let verdict = story.check(&octets, &[]);
    assert_eq!(said(&verdict, "no log"), None);
    assert_eq!(
        said(&verdict, "unproven").unwrap(),
        "index.html: as the signer tells it"
    );
    let key = SigningKey::generate([5; 32], "beta.example").unwrap();
    let known = [key.verifier().clone()];
    let verdict = story.check(&forged(&octets, &key, |_, _| ()), &known);
    assert!(verdict.holds && said(&verdict, "no log").is_some());
    let lie = |files: &mut Files| {
        let at = file(files, "xarf.json");
        let text = String::from_utf8(files[at].1.clone()).unwrap();
        assert!(text.contains("Phishing on page 7"));
        files[at].1 = text.replace("Phishing on", "Nothing on").into_bytes();
    };
    let lying = forged(&octets, &key, |_, files| lie(files));
    let (name, place, _) = failure(&story.check(&lying, &known));
    assert_eq!((name, place.as_str()), ("report", "xarf.json /description"));
    // What another version made may be worded in another way: it is named, and not compared.
    let older = forged(&octets, &key, |manifest, files| {
        manifest.exported.program = "entente 0.0.1".into();
        lie(files);
    });
    let verdict = story.check(&older, &known);
    assert!(verdict.holds, "{:?}", verdict.checks);
    assert!(said(&verdict, "unproven").unwrap().contains("xarf.json"));
}

#[tokio::test]
async fn an_exporter_that_hides_or_adds_something_is_found_out_with_the_place() {
    let story = story(Marking::Amber).await;
    let octets = story.bundle(&story.callers[1]);
    let key = SigningKey::generate([5; 32], "beta.example").unwrap();
    let known = [key.verifier().clone()];
    let tell = |change: Change<'_>| {
        let forged = forged(&octets, &key, |manifest, files| change(manifest, files));
        failure(&story.check(&forged, &known))
    };
    // Contents taken away without a word, files that nobody named, evidence that no entry names.
    let (name, ..) = tell(&|manifest, files| {
        let at = file(files, &manifest.entries[1].receipt.clone());
        let mut receipt = Receipt::parse(&files[at].1).unwrap();
        let mut extra: Value = serde_json::from_slice(receipt.extra.as_ref().unwrap()).unwrap();
        extra.as_object_mut().unwrap().remove("content");
        receipt.extra = Some(extra.to_string().into_bytes());
        files[at].1 = receipt.to_string().into_bytes();
    });
    assert_eq!(name, "entries");
    let (name, place, _) = tell(&|_, files| {
        files.push(("evidence/00.png".into(), vec![1, 2, 3]));
    });
    assert_eq!((name, place.as_str()), ("evidence", "evidence/00.png"));
    let (name, place, _) = tell(&|_, files| {
        let at = files
            .iter()
            .position(|(name, _)| name.starts_with("evidence/"))
            .unwrap();
        files[at].1 = b"something else".to_vec();
    });
    assert_eq!(name, "evidence");
    assert!(place.starts_with("evidence/"), "{place}");
    let (name, ..) = tell(&|manifest, _| manifest.evidence[0].name = "other.png".into());
    assert_eq!(name, "evidence");
    let (name, ..) = tell(&|manifest, _| manifest.contacts[0].entry += 1);
    assert_eq!(name, "contacts");
    let (name, ..) = tell(&|manifest, _| manifest.to.id = "gamma".into());
    assert_eq!(name, "entries");
    let (name, ..) = tell(&|manifest, _| manifest.to.name = "Gamma".into());
    assert_eq!(name, "case");
    let (name, ..) = tell(&|manifest, _| manifest.format = "entente-case/v9".into());
    assert_eq!(name, "manifest");
}

#[tokio::test]
async fn what_names_a_case_that_is_hidden_stays_shut() {
    let story = story(Marking::Amber).await;
    let mut hidden = takedown("Red", Marking::Red);
    (hidden.kind, hidden.to) = (Kind::Assistance, "gamma".into());
    let alpha = &story.callers[0];
    let red = story.node.send_request(alpha, hidden, None).await.unwrap();
    let mut new = takedown("It follows", Marking::Amber);
    new.follows = Some(red.case.request.id.clone());
    let sent = story.node.send_request(alpha, new, None).await.unwrap();
    let story = Story {
        id: sent.case.request.id,
        ..story
    };
    let octets = story.bundle(&story.callers[1]);
    let verdict = story.check(&octets, &[]);
    assert!(verdict.holds, "{:?}", verdict.checks);
    assert_eq!(verdict.hidden.len(), 1, "{:?}", verdict.hidden);
    for (name, octets) in members(&octets) {
        let text = String::from_utf8_lossy(&octets).into_owned();
        assert!(!text.contains(&red.case.request.id), "{name}");
    }
    assert!(
        story
            .check(&story.bundle(&story.callers[0]), &[])
            .hidden
            .is_empty()
    );
}
