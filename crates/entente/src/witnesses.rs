//! Asking witnesses for cosignatures (C2SP tlog-witness), whenever the log has grown.
//!
//! A cosignature is a witness's word that the log only grew since it saw it last. Those of a quorum
//! make the checkpoint that is shown. What a witness says that cannot be is taken for the loss of
//! entries when a quorum says so: a single one cannot stop a node.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use node::Node;
use node::log::note::{Note, Signature};
use node::log::policy::{Party, Policy};
use node::log::proof::prove_consistency;
use node::log::store::Signed;
use node::log::witness::Request;
use tokio::sync::watch;
use ureq::Agent;

use crate::http::stopped;

/// How long a witness may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest pause after witnesses did not answer.
const LONGEST: Duration = Duration::from_mins(5);
/// How often a node that follows looks whether it leads.
const LOOK: Duration = Duration::from_secs(1);
/// Octets of the longest answer that is read.
const ANSWER: u64 = 64 << 10;

/// The witnesses of a policy, and what they saw last.
pub(crate) struct Witnesses {
    policy: Policy,
    /// The least time between two questions.
    pause: Duration,
    agent: Agent,
    /// The size that each witness cosigned last, by its name.
    seen: HashMap<String, u64>,
}

/// What a witness made of a checkpoint.
enum Outcome {
    Cosigned(Vec<Signature>),
    /// It saw this size last.
    Saw(u64),
    /// It knows of a history that is not this log's.
    Disagrees(String),
    Failed(String),
}

impl Witnesses {
    /// The witnesses of a policy, asked at most once in `pause`.
    pub(crate) fn new(policy: Policy, pause: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
            .build();
        Witnesses {
            policy,
            pause,
            agent: config.into(),
            seen: HashMap::new(),
        }
    }

    /// Goes on with the checkpoint that witnesses had seen when the node ended, if the policy still
    /// takes it.
    fn resume(&self, node: &Node) {
        let before = node.log().witnessed_before();
        if let Ok(Some(note)) = before
            && self.policy.accept(&note).is_ok()
            && let Err(error) = node.log().set_witnessed(note)
        {
            tracing::warn!("the checkpoint that witnesses saw last is not shown: {error}");
        }
    }

    /// Shows what witnesses had seen before, and asks them once, for as long as they take to answer:
    /// they may know of more than the journal holds, after a restore.
    ///
    /// # Errors
    /// When the question panicked.
    pub(crate) async fn first(mut self, node: Arc<Node>) -> anyhow::Result<Self> {
        let asked = tokio::task::spawn_blocking(move || {
            self.resume(&node);
            if node.leads() {
                self.round(&node);
            }
            self
        });
        Ok(asked.await?)
    }

    /// Asks whenever the log has grown, until the node is told to end.
    pub(crate) async fn run(mut self, node: Arc<Node>, stopping: watch::Receiver<bool>) {
        let mut entries = node.watch();
        let mut pause = self.pause;
        loop {
            if !node.leads() {
                // Whoever leads asks: it has what it signed.
                tokio::select! {
                    () = tokio::time::sleep(LOOK) => continue,
                    () = stopped(&stopping) => return,
                }
            }
            entries.borrow_and_update();
            let asked = Arc::clone(&node);
            let round = tokio::task::spawn_blocking(move || {
                let done = self.round(&asked);
                (self, done)
            });
            let Ok((witnesses, done)) = round.await else {
                return;
            };
            self = witnesses;
            if node.log().halted().is_some() {
                return;
            }
            pause = if done {
                self.pause
            } else {
                (pause * 2).min(LONGEST)
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stopped(&stopping) => return,
            }
            if done {
                tokio::select! {
                    changed = entries.changed() => if changed.is_err() { return },
                    () = stopped(&stopping) => return,
                }
            }
        }
    }

    /// Asks every witness about the newest checkpoint; whether a quorum cosigned it.
    fn round(&mut self, node: &Node) -> bool {
        let signed = node.log().signed();
        let mut note = signed.note.clone();
        let mut against: Vec<(String, String)> = Vec::new();
        let witnesses: Vec<Party> = self.policy.witnesses().to_vec();
        for witness in &witnesses {
            let Some(url) = &witness.url else { continue };
            match self.ask(node, &signed, &witness.name, url) {
                Outcome::Cosigned(signatures) => {
                    self.seen
                        .insert(witness.name.clone(), signed.checkpoint.size());
                    // One that does not hold counts for nothing, and would spoil the note.
                    let holds = |line: &Signature| {
                        let own = witness.key.is_named_by(line);
                        own && witness.key.verify(note.text(), line).is_some()
                    };
                    if let Some(signature) = signatures.into_iter().find(holds) {
                        drop(note.add(signature));
                    } else {
                        let name = &witness.name;
                        tracing::warn!(
                            "the witness {name} answers without a cosignature of its key"
                        );
                    }
                }
                Outcome::Saw(size) => {
                    let words = format!("{} has seen {size} entries", witness.name);
                    against.push((witness.name.clone(), words));
                }
                Outcome::Disagrees(words) => against.push((witness.name.clone(), words)),
                Outcome::Failed(words) => {
                    tracing::warn!("the witness {} did not cosign: {words}", witness.name);
                }
            }
        }
        self.judge(node, &against);
        self.show(node, note)
    }

    /// Stops the log when a quorum of witnesses knows another one.
    fn judge(&self, node: &Node, against: &[(String, String)]) {
        for (_, words) in against {
            tracing::error!("a witness knows another history of this log: {words}");
        }
        let names: Vec<&str> = against.iter().map(|(name, _)| name.as_str()).collect();
        if names.is_empty() || !self.policy.is_quorum(&names) {
            return;
        }
        let words: Vec<&str> = against.iter().map(|(_, words)| words.as_str()).collect();
        node.log().halt(format!(
            "nothing is written: witnesses know more of this log, or another ({}). The journal was \
             restored from an older copy, or two nodes sign with one key. Restore the newest copy; \
             if that is lost, 'entente log restart' begins a new log",
            words.join("; ")
        ));
    }

    /// Shows a checkpoint that enough have cosigned.
    fn show(&self, node: &Node, note: Note) -> bool {
        if self.policy.accept(&note).is_err() {
            return false;
        }
        match node.log().set_witnessed(note) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!("the cosigned checkpoint is not shown: {error}");
                false
            }
        }
    }

    fn ask(&mut self, node: &Node, signed: &Signed, name: &str, url: &str) -> Outcome {
        let checkpoint = &signed.checkpoint;
        let (size, root) = (checkpoint.size(), checkpoint.root());
        let old = self.seen.get(name).copied().unwrap_or(0);
        match self.send(node, signed, url, old) {
            // What it saw last was not known yet.
            Outcome::Saw(seen) if seen <= size && seen != old => {
                self.seen.insert(name.to_owned(), seen);
                match self.send(node, signed, url, seen) {
                    Outcome::Saw(other) if other <= size => {
                        Outcome::Failed("somebody else asks it for this log".into())
                    }
                    outcome => outcome,
                }
            }
            Outcome::Saw(seen) if seen == size && old == size => {
                Outcome::Disagrees(format!("{name} has seen another root than {root:02x?}"))
            }
            outcome => outcome,
        }
    }

    /// `POST add-checkpoint` with the proof from `old` on.
    fn send(&self, node: &Node, signed: &Signed, url: &str, old: u64) -> Outcome {
        let checkpoint = &signed.checkpoint;
        let (size, root) = (checkpoint.size(), checkpoint.root());
        let proof = match prove_consistency(node.log(), old, size, root) {
            Ok(proof) => proof,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let request = Request {
            old,
            proof,
            checkpoint: signed.note.clone(),
        };
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let sent = self.agent.post(&url).send(request.to_string().as_bytes());
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let status = answer.status().as_u16();
        let mut body = String::new();
        let reader = answer.body_mut().as_reader();
        if let Err(error) = reader.take(ANSWER).read_to_string(&mut body) {
            return Outcome::Failed(error.to_string());
        }
        match status {
            200 => {
                let lines = body.split_inclusive('\n').map(Signature::parse);
                Outcome::Cosigned(lines.filter_map(Result::ok).collect())
            }
            409 => match body.trim_end().parse() {
                Ok(seen) => Outcome::Saw(seen),
                Err(_) => Outcome::Failed("409 without a size".into()),
            },
            422 => Outcome::Disagrees(format!(
                "it did not grow from what {url} saw: {}",
                body.trim_end()
            )),
            other => {
                let words: String = body.chars().take(200).collect();
                Outcome::Failed(format!("status {other}: {words}"))
            }
        }
    }
}
