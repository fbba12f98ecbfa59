//! Publishing: parse every object, decide on each in order, write the entries, tell what became of
//! each (TAXII 2.1 §5.4).

use bytes::Bytes;
use stix::{Object, Reason, verdict};

use crate::act::Error;
use crate::batch::fill;
use crate::facts::Facts;
use crate::model::Marking;
use crate::node::Node;
use crate::policy::Caller;
use crate::view::status::{self, Failed, Status};
use crate::writer::{Ask, Candidate};

impl Node {
    /// Checks that a caller may publish into a collection, before its body is read; gives the
    /// collection's TAXII id.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Refused`].
    pub fn may_publish(&self, caller: &Caller, collection: &str) -> Result<String, Error> {
        let directory = self.directory();
        let viewer = self.viewer(caller);
        let (_, settings) = directory
            .collection(collection)
            .ok_or(Error::NotFound("collection"))?;
        let access = viewer.access(settings);
        if !access.known {
            return Err(Error::NotFound("collection"));
        }
        access.write?;
        Ok(settings.id.clone())
    }

    /// Publishes the objects of a TAXII envelope or a STIX bundle. A bad object does not stop the
    /// others: the status names it and why. On `Ok` everything taken is durable.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the container itself cannot be read; [`Error::NotFound`],
    /// [`Error::Refused`], [`Error::Busy`], [`Error::Storage`].
    pub async fn publish(
        &self,
        caller: &Caller,
        collection: &str,
        body: Bytes,
    ) -> Result<Status, Error> {
        let id = self.may_publish(caller, collection)?;
        let rules = self.rules(&id)?;
        // Parsing is work for a core, not for the thread that serves connections.
        let parsed = tokio::task::spawn_blocking(move || parse(&body, rules));
        let (objects, failures) = parsed
            .await
            .map_err(|error| Error::Storage(error.to_string()))??;
        self.hand_over(caller, id, objects, failures).await
    }

    /// Publishes objects given one by one, as an import reads them.
    ///
    /// # Errors
    /// As [`Node::publish`].
    pub async fn publish_objects(
        &self,
        caller: &Caller,
        collection: &str,
        objects: Vec<Bytes>,
    ) -> Result<Status, Error> {
        let id = self.may_publish(caller, collection)?;
        let rules = self.rules(&id)?;
        let (mut taken, mut failures) = (Vec::with_capacity(objects.len()), Vec::new());
        for bytes in objects {
            match candidate(&bytes, rules) {
                Ok(candidate) => taken.push(candidate),
                Err(failed) => failures.push(failed),
            }
        }
        self.hand_over(caller, id, taken, failures).await
    }

    async fn hand_over(
        &self,
        caller: &Caller,
        collection: String,
        objects: Vec<Candidate>,
        failures: Vec<Failed>,
    ) -> Result<Status, Error> {
        let requested = self.now();
        let mut random = [0; 10];
        fill(&mut random);
        let status = Status {
            id: status::new_id(requested, &random),
            requested,
            party: caller.party().unwrap_or_default().to_owned(),
            successes: Vec::with_capacity(objects.len()),
            failures,
        };
        let caller = caller.clone();
        self.ask(|reply| Ask::Publish {
            caller,
            collection,
            objects,
            status,
            reply,
        })
        .await
    }

    fn rules(&self, collection: &str) -> Result<Rules, Error> {
        let directory = self.directory();
        let (_, settings) = directory
            .collection(collection)
            .ok_or(Error::NotFound("collection"))?;
        Ok(Rules {
            default_marking: settings.default_marking,
            strict: settings.strict,
        })
    }
}

/// What a collection asks of the objects it takes.
#[derive(Copy, Clone, Debug)]
struct Rules {
    default_marking: Marking,
    /// Whether they have to hold up to every check of STIX 2.1.
    strict: bool,
}

/// Objects in one envelope: each costs a line in the status, however small it is.
const MOST_OBJECTS: usize = 50_000;

fn parse(body: &Bytes, rules: Rules) -> Result<(Vec<Candidate>, Vec<Failed>), Error> {
    let envelope =
        stix::envelope::split(body).map_err(|malformed| Error::Invalid(malformed.to_string()))?;
    let count = envelope.objects.len();
    if count > MOST_OBJECTS {
        return Err(Error::Invalid(format!(
            "the envelope holds {count} objects: send at most {MOST_OBJECTS} at a time"
        )));
    }
    let (mut taken, mut failures) = (Vec::with_capacity(count), Vec::new());
    for parsed in parse_all(body, &envelope.objects, rules) {
        match parsed {
            Ok(candidate) => taken.push(candidate),
            Err(failed) => failures.push(failed),
        }
    }
    Ok((taken, failures))
}

/// Objects from which on a second thread is worth its start.
const WORTH_A_THREAD: usize = 256;

/// Parses every object, in order; a large envelope on two threads.
fn parse_all(body: &Bytes, objects: &[&[u8]], rules: Rules) -> Vec<Result<Candidate, Failed>> {
    let parse = |objects: &[&[u8]]| -> Vec<Result<Candidate, Failed>> {
        let parsed = objects
            .iter()
            .map(|raw| candidate(&body.slice_ref(raw), rules));
        parsed.collect()
    };
    if objects.len() < WORTH_A_THREAD {
        return parse(objects);
    }
    let (first, second) = objects.split_at(objects.len() / 2);
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| parse(second));
        let mut parsed = parse(first);
        match beside.join() {
            Ok(rest) => parsed.extend(rest),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        parsed
    })
}

fn candidate(bytes: &Bytes, rules: Rules) -> Result<Candidate, Failed> {
    let object = Object::parse(bytes).map_err(|reasons| failed(bytes, &reasons))?;
    if rules.strict {
        let options = verdict::Options {
            mode: verdict::Mode::Strict,
            ..verdict::Options::default()
        };
        let verdict = verdict::check(bytes, &options);
        if !verdict.is_valid() {
            return Err(failed(bytes, &verdict.errors));
        }
    }
    let facts = Facts::of(&object, rules.default_marking);
    Ok(Candidate {
        bytes: bytes.clone(),
        facts,
    })
}

/// The most reasons told for one object.
const MOST_REASONS: usize = 8;

fn failed(bytes: &[u8], reasons: &[Reason]) -> Failed {
    let mut words: Vec<String> = reasons
        .iter()
        .take(MOST_REASONS)
        .map(ToString::to_string)
        .collect();
    if reasons.len() > MOST_REASONS {
        words.push(format!("and {} more", reasons.len() - MOST_REASONS));
    }
    // The id helps the sender to find the object, however wrong the rest is.
    let id = id_of(bytes).unwrap_or_else(|| "unknown".into());
    Failed {
        id,
        version: None,
        reason: words.join("; "),
    }
}

fn id_of(bytes: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        id: String,
    }
    let id = serde_json::from_slice::<OnlyId>(bytes).ok()?.id;
    Some(id.chars().take(100).collect())
}
