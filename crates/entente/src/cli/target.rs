//! Where a verb works: a data directory, or a node that runs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use jiff::civil::Date;
use node::view::object_key;
use node::{Caller, Node, Options, Query, Versions};
use tokio::runtime::Runtime;

use super::client::{Client, encoded, query_of};
use super::{Exit, Failure, guard};
use crate::present::collection::{Collection, Collections, NewCollection};
use crate::present::lookup;
use crate::present::party::{self, NewParty, NewStance, Parties, PartyHistory};
use crate::present::pledge::Pledge;
use crate::present::token::{Issued, NewToken, Tokens};
use crate::present::{self, NodeInfo};
use crate::run;

/// Which node a verb works on.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Where {
    // Read from the environment by hand: a flag outweighs the variable of the other flag.
    #[arg(
        long,
        help_heading = "Which node",
        value_name = "DIR",
        conflicts_with = "server"
    )]
    #[arg(
        help = "The data directory; while a node serves it, the verb goes through that node \
                  [env: ENTENTE_DATA]"
    )]
    data: Option<PathBuf>,
    #[arg(long, help_heading = "Which node", value_name = "URL")]
    #[arg(help = "The URL of a node that runs elsewhere [env: ENTENTE_SERVER]")]
    server: Option<String>,
    #[arg(long, help_heading = "Which node", value_name = "TOKEN")]
    #[arg(
        help = "The token for that node; the variable keeps it out of the list of processes \
                  [env: ENTENTE_TOKEN]"
    )]
    token: Option<String>,
    #[arg(long, help_heading = "Which node", value_name = "FILE")]
    #[arg(conflicts_with_all = ["token", "data"])]
    #[arg(
        help = "Sign requests to that node with this key of a party instead (RFC 9421) \
                  [env: ENTENTE_SIGN_KEY]"
    )]
    sign_key: Option<PathBuf>,
}

/// A node to work on.
pub(crate) enum Target {
    /// Opened here; nobody else uses it meanwhile.
    Local(Box<Local>),
    /// Reached over HTTP.
    Remote(Client),
}

/// A node opened here. The caller is its operator.
pub(crate) struct Local {
    pub(crate) node: Node,
    runtime: Runtime,
}

/// What became of objects that were sent.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// Newly written.
    pub(crate) taken: u64,
    /// The same was here already.
    pub(crate) known: u64,
    pub(crate) refused: Vec<Refused>,
}

/// An object that was refused.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) id: String,
    /// In microseconds since 1970.
    pub(crate) version: Option<i64>,
    pub(crate) reason: String,
}

impl Where {
    /// The data directory that is meant, for verbs that work on nothing else.
    ///
    /// # Errors
    /// When none is named.
    pub(crate) fn directory(&self) -> anyhow::Result<PathBuf> {
        let from_environment = || variable("ENTENTE_DATA").map(PathBuf::from);
        let told = self.data.clone().or_else(from_environment);
        Ok(told
            .ok_or_else(|| Failure::usage("which directory? Give --data DIR (or ENTENTE_DATA)"))?)
    }

    /// How the same node is named on another command line; what is secret is left out.
    pub(crate) fn flags(&self) -> String {
        match (&self.server, &self.data) {
            (Some(url), _) => format!("--server {url}"),
            (None, Some(data)) => format!("--data {}", data.display()),
            (None, None) => String::new(),
        }
    }

    /// Opens the node, without its match index.
    ///
    /// # Errors
    /// When none is named, or it cannot be opened.
    pub(crate) fn open(&self) -> anyhow::Result<Target> {
        self.open_with(&guard::options(false))
    }

    /// Opens the node, with its match index where it is opened here.
    ///
    /// # Errors
    /// As [`Where::open`].
    pub(crate) fn open_to_match(&self) -> anyhow::Result<Target> {
        self.open_with(&guard::options(true))
    }

    /// Opens the node for what a party does: as the party whose token is given, on a data directory too.
    /// The caller is meant for a node that is opened here; without a token it is the operator.
    ///
    /// # Errors
    /// As [`Where::open`], and when the token is none.
    pub(crate) fn open_acting(&self) -> anyhow::Result<(Target, Caller)> {
        let elsewhere = self.server.is_some() || self.sign_key.is_some();
        let from_environment = || {
            variable("ENTENTE_SERVER")
                .is_none()
                .then(|| variable("ENTENTE_TOKEN"))
        };
        let token = self.token.clone().or_else(|| from_environment().flatten());
        let data = self.data.clone().or_else(|| {
            let data = variable("ENTENTE_DATA").filter(|_| variable("ENTENTE_SERVER").is_none());
            data.map(PathBuf::from)
        });
        if let (false, Some(token), Some(data)) = (elsewhere, token, data) {
            let target = Target::local_as(&data, &guard::options(false), Some(&token))?;
            let caller = match &target {
                Target::Local(local) => local.node.authenticate(&token)?,
                Target::Remote(_) => Caller::Operator,
            };
            return Ok((target, caller));
        }
        Ok((self.open()?, Caller::Operator))
    }

    fn open_with(&self, options: &Options) -> anyhow::Result<Target> {
        let token = || self.token.clone().or_else(|| variable("ENTENTE_TOKEN"));
        if let Some(url) = &self.server {
            return self.elsewhere(url, token());
        }
        if self.sign_key.is_some() && variable("ENTENTE_SERVER").is_none() {
            let words = "--sign-key is for a node elsewhere: say which with --server URL";
            return Err(Failure::usage(words).into());
        }
        if self.token.is_some() && (self.data.is_some() || variable("ENTENTE_SERVER").is_none()) {
            let words = "--token is for a node elsewhere: say which with --server URL";
            return Err(Failure::usage(words).into());
        }
        if let Some(data) = &self.data {
            return Target::local(data, options);
        }
        match (variable("ENTENTE_DATA"), variable("ENTENTE_SERVER")) {
            (Some(data), None) => Target::local(Path::new(&data), options),
            (None, Some(url)) => self.elsewhere(&url, token()),
            (Some(_), Some(_)) => Err(Failure::usage(
                "both ENTENTE_DATA and ENTENTE_SERVER are set: say which with --data or --server",
            )
            .into()),
            (None, None) => Err(Failure::usage(
                "which node? Give --data DIR or --server URL (or ENTENTE_DATA, ENTENTE_SERVER)",
            )
            .into()),
        }
    }
}

impl Where {
    /// A node elsewhere: with a key where there is one, else with a token.
    fn elsewhere(&self, url: &str, token: Option<String>) -> anyhow::Result<Target> {
        let key = match (&self.sign_key, &self.token) {
            (Some(file), _) => Some(file.clone()),
            (None, Some(_)) => None,
            (None, None) => variable("ENTENTE_SIGN_KEY").map(PathBuf::from),
        };
        Ok(Target::Remote(match key {
            Some(file) => Client::new(url, None)?.signing(super::party_key::read(&file)?),
            None => Client::new(url, token)?,
        }))
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Target {
    fn local(data: &Path, options: &Options) -> anyhow::Result<Self> {
        Target::local_as(data, options, None)
    }

    /// With a token, through a node that runs as whose it is instead of as the operator.
    fn local_as(data: &Path, options: &Options, token: Option<&str>) -> anyhow::Result<Self> {
        match Node::open(data, options) {
            Ok(node) => Ok(Target::Local(Box::new(Local::new(node)?))),
            Err(error) if error.only_served() => {
                // A running node holds it; its note says where it is.
                let through = run::running(data).and_then(|note| {
                    let client = Client::new(&note.url, Some(note.token)).ok()?;
                    client.get::<NodeInfo>("/api/v1/node", &[]).ok()?;
                    let client = match token {
                        Some(token) => Client::new(&note.url, Some(token.to_owned())).ok()?,
                        None => client,
                    };
                    Some(Target::Remote(client))
                });
                through.ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the node says of itself.
    pub(crate) fn info(&self) -> anyhow::Result<NodeInfo> {
        match self {
            Target::Local(local) => Ok(NodeInfo::of(&local.node, &Caller::Operator)),
            Target::Remote(client) => client.get("/api/v1/node", &[]),
        }
    }

    /// The pledge it runs on.
    pub(crate) fn pledge(&self) -> anyhow::Result<Option<Pledge>> {
        match self {
            Target::Local(local) => Ok(present::pledge::pledge(&local.node)),
            Target::Remote(client) => client.find("/api/v1/pledge", &[]),
        }
    }

    /// Parties as of a day.
    pub(crate) fn parties(&self, ask: &party::Ask) -> anyhow::Result<Parties> {
        match self {
            Target::Local(local) => Ok(party::parties(&local.node, ask)),
            Target::Remote(client) => client.get("/api/v1/parties", &query_of(ask)?),
        }
    }

    /// A party with its history, by its id, its whole name, or the two letters of a state.
    ///
    /// # Errors
    /// When there is none; the words name parties that may be meant.
    pub(crate) fn party(&self, name: &str, as_of: Option<Date>) -> anyhow::Result<PartyHistory> {
        if let Some(found) = self.party_by_id(name, as_of)? {
            return Ok(found);
        }
        if let Some(state) = self.state(name)?
            && let Some(found) = self.party_by_id(&state, as_of)?
        {
            return Ok(found);
        }
        let ask = party::Ask {
            q: Some(name.to_owned()),
            limit: Some(6),
            ..party::Ask::default()
        };
        let like = self.parties(&ask)?.parties;
        let folded = node::pledge::fold(name);
        let same = like
            .iter()
            .find(|party| node::pledge::fold(&party.name) == folded);
        if let Some(same) = same
            && let Some(found) = self.party_by_id(&same.id, as_of)?
        {
            return Ok(found);
        }
        let mut words = format!("there is no party '{name}'");
        if like.is_empty() {
            words.push_str(": see 'entente party list', or add it with 'entente party add'");
        } else {
            let ids: Vec<&str> = like.iter().map(|party| party.id.as_str()).collect();
            words = format!("{words}; do you mean {}?", ids.join(", "));
        }
        Err(Failure::new(Exit::Local, words).into())
    }

    /// The id of the state with this country code; none when it is no code in capital letters.
    fn state(&self, code: &str) -> anyhow::Result<Option<String>> {
        let Ok(country) = code.parse() else {
            return Ok(None);
        };
        let ask = party::Ask {
            kind: Some(node::pledge::Kind::State),
            country: Some(country),
            ..party::Ask::default()
        };
        Ok(self
            .parties(&ask)?
            .parties
            .into_iter()
            .next()
            .map(|state| state.id))
    }

    fn party_by_id(&self, id: &str, as_of: Option<Date>) -> anyhow::Result<Option<PartyHistory>> {
        match self {
            Target::Local(local) => Ok(party::party(&local.node, id, as_of)),
            Target::Remote(client) => {
                let query = query_of(&party::Ask {
                    as_of,
                    ..party::Ask::default()
                })?;
                client.find(&format!("/api/v1/parties/{}", encoded(id)), &query)
            }
        }
    }

    /// Adds a party; gives its id.
    pub(crate) fn add_party(&self, new: NewParty) -> anyhow::Result<String> {
        match self {
            Target::Local(local) => {
                let party = new.settings();
                let id = party.id.clone();
                local.wait(local.node.add_party(&Caller::Operator, party))?;
                Ok(id)
            }
            Target::Remote(client) => {
                let id = new.clone().settings().id;
                client.post::<serde_json::Value>("/api/v1/parties", &new)?;
                Ok(id)
            }
        }
    }

    /// Records a party's stance.
    pub(crate) fn set_stance(&self, party: &str, new: NewStance) -> anyhow::Result<()> {
        match self {
            Target::Local(local) => {
                local.wait(local.node.set_stance(&Caller::Operator, new.change(party)))
            }
            Target::Remote(client) => {
                let path = format!("/api/v1/parties/{}/stances", encoded(party));
                client.post::<serde_json::Value>(&path, &new).map(drop)
            }
        }
    }

    /// The collections that may be known.
    pub(crate) fn collections(&self) -> anyhow::Result<Vec<Collection>> {
        let listed = match self {
            Target::Local(local) => {
                present::collection::collections(&local.node, &Caller::Operator)?
            }
            Target::Remote(client) => client.get::<Collections>("/api/v1/collections", &[])?,
        };
        Ok(listed.collections)
    }

    /// One collection by its id or short name; none when there is no such thing.
    pub(crate) fn find_collection(&self, name: &str) -> anyhow::Result<Option<Collection>> {
        Ok(self
            .collections()?
            .into_iter()
            .find(|c| c.id == name || c.alias == name))
    }

    /// One collection by its id or short name.
    ///
    /// # Errors
    /// When there is none; the words name those there are.
    pub(crate) fn collection(&self, name: &str) -> anyhow::Result<Collection> {
        let all = self.collections()?;
        let names: Vec<String> = all.iter().map(|c| c.alias.clone()).collect();
        all.into_iter()
            .find(|c| c.id == name || c.alias == name)
            .ok_or_else(|| {
                let others = if names.is_empty() {
                    "there are none yet: see 'entente collection create'".to_owned()
                } else {
                    format!("there are {}", names.join(", "))
                };
                Failure::new(
                    Exit::Local,
                    format!("there is no collection '{name}'; {others}"),
                )
                .into()
            })
    }

    /// These collections by their names; all that may be read when none is named.
    ///
    /// # Errors
    /// As [`Target::collection`].
    pub(crate) fn readable(&self, names: &[String]) -> anyhow::Result<Vec<Collection>> {
        if names.is_empty() {
            let mut all = self.collections()?;
            all.retain(|collection| collection.can_read);
            return Ok(all);
        }
        names.iter().map(|name| self.collection(name)).collect()
    }

    /// What single values hit, with the hits that do not fire; each hit's line is the number of its
    /// value, from 1.
    ///
    /// # Errors
    /// When a value is no observable, or the node fails.
    pub(crate) fn explain(&self, values: Vec<String>) -> anyhow::Result<Vec<lookup::Match>> {
        match self {
            Target::Local(local) => {
                let found = local.node.explain(&Caller::Operator, &values)?;
                Ok(found.matches.iter().map(lookup::Match::from).collect())
            }
            Target::Remote(client) => {
                let ask = lookup::Ask::Values {
                    values,
                    explain: true,
                };
                let answer: lookup::Answer = client.post("/api/v1/lookup", &ask)?;
                Ok(answer.matches)
            }
        }
    }

    /// Makes a collection.
    pub(crate) fn create_collection(&self, new: NewCollection) -> anyhow::Result<Collection> {
        match self {
            Target::Local(local) => {
                let settings = new.settings()?;
                let id = settings.id.clone();
                local.wait(local.node.set_collection(&Caller::Operator, settings))?;
                Ok(present::collection::collection(
                    &local.node,
                    &Caller::Operator,
                    &id,
                )?)
            }
            Target::Remote(client) => client.post("/api/v1/collections", &new),
        }
    }

    /// All tokens, without their secrets.
    pub(crate) fn tokens(&self) -> anyhow::Result<Tokens> {
        match self {
            Target::Local(local) => Ok(present::token::tokens(&local.node.directory())),
            Target::Remote(client) => client.get("/api/v1/tokens", &[]),
        }
    }

    /// Issues a token.
    pub(crate) fn create_token(&self, new: NewToken) -> anyhow::Result<Issued> {
        match self {
            Target::Local(local) => {
                let node = &local.node;
                let wanted = new.wanted()?;
                let (secret, token) = local.wait(node.create_token(&Caller::Operator, wanted))?;
                Ok(Issued::of(node, &secret, &token))
            }
            Target::Remote(client) => client.post("/api/v1/tokens", &new),
        }
    }

    /// Revokes a token by its public id.
    pub(crate) fn revoke_token(&self, id: &str) -> anyhow::Result<()> {
        match self {
            Target::Local(local) => local.wait(local.node.revoke_token(&Caller::Operator, id)),
            Target::Remote(client) => client.delete(&format!("/api/v1/tokens/{}", encoded(id))),
        }
    }

    /// Publishes objects; one that is refused does not stop the others.
    pub(crate) fn publish(
        &self,
        collection: &Collection,
        objects: &[Bytes],
    ) -> anyhow::Result<Published> {
        match self {
            Target::Local(local) => local.publish(&collection.id, objects),
            Target::Remote(client) => publish_to(client, &collection.id, objects),
        }
    }

    /// Which of these ids are in a collection.
    pub(crate) fn known(
        &self,
        collection: &Collection,
        ids: &[String],
    ) -> anyhow::Result<HashSet<String>> {
        match self {
            Target::Local(local) => {
                let query = Query {
                    ids: Some(ids.iter().filter_map(|id| object_key(id)).collect()),
                    versions: Versions::default(),
                    limit: ids.len(),
                    ..Query::default()
                };
                let (lines, _) = local
                    .node
                    .manifest(&Caller::Operator, &collection.id, &query)?;
                Ok(lines.into_iter().map(|line| line.id).collect())
            }
            Target::Remote(client) => client.known(&collection.id, ids),
        }
    }
}

impl Local {
    /// A node that was just opened.
    ///
    /// # Errors
    /// When no runtime can be started.
    pub(crate) fn new(node: Node) -> anyhow::Result<Self> {
        Ok(Local {
            node,
            runtime: tokio::runtime::Builder::new_current_thread().build()?,
        })
    }

    /// Waits for an act.
    ///
    /// # Errors
    /// The act's.
    pub(crate) fn wait<T>(
        &self,
        act: impl Future<Output = Result<T, node::Error>>,
    ) -> anyhow::Result<T> {
        Ok(self.runtime.block_on(act)?)
    }

    fn publish(&self, collection: &str, objects: &[Bytes]) -> anyhow::Result<Published> {
        let status = loop {
            let sent = self
                .node
                .publish_objects(&Caller::Operator, collection, objects.to_vec());
            match self.runtime.block_on(sent) {
                Err(node::Error::Busy) => std::thread::sleep(Duration::from_millis(20)),
                other => break other?,
            }
        };
        let known = status.successes.iter().filter(|taken| taken.known).count() as u64;
        let taken = status.successes.len() as u64 - known;
        let refused = status.failures.into_iter().map(|failed| Refused {
            id: failed.id,
            version: failed.version,
            reason: failed.reason,
        });
        Ok(Published {
            taken,
            known,
            refused: refused.collect(),
        })
    }
}

fn publish_to(client: &Client, collection: &str, objects: &[Bytes]) -> anyhow::Result<Published> {
    let octets: usize = objects.iter().map(|object| object.len() + 1).sum();
    let mut envelope = Vec::with_capacity(octets + 16);
    envelope.extend_from_slice(b"{\"objects\":[");
    for (at, object) in objects.iter().enumerate() {
        if at > 0 {
            envelope.push(b',');
        }
        envelope.extend_from_slice(object);
    }
    envelope.extend_from_slice(b"]}");
    let status = client.publish(collection, &envelope)?;
    let is_known = |message: &Option<String>| message.as_deref() == Some("already here");
    let known = status
        .successes
        .iter()
        .filter(|detail| is_known(&detail.message))
        .count() as u64;
    let refused = status.failures.into_iter().map(|detail| Refused {
        id: detail.id,
        version: detail
            .version
            .and_then(|text| stix::Timestamp::parse(&text).ok())
            .map(stix::Timestamp::micros),
        reason: detail
            .message
            .unwrap_or_else(|| "the node gives no reason".into()),
    });
    let taken = status.successes.len() as u64 - known;
    Ok(Published {
        taken,
        known,
        refused: refused.collect(),
    })
}
